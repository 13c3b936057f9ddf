#!/usr/bin/env python3
"""Makes a fresh clone ready to run: `make setup` and all that follows from it.

Uses the standard library alone, since it runs before anything is installed. Every step first looks whether its inputs
have changed since it last ran, so that a second run does nothing and takes seconds. What a person has changed (`.env`,
the database, uploaded files) is never overwritten.

    bin/setup.py                     everything, the demonstration included
    bin/setup.py --with-tests        also what tests and checks need
    bin/setup.py --without-record    leaves the database alone (tests make their own)
    bin/setup.py --reset             first removes the demonstration's database and files, then loads them again
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
VAR = ROOT / "var"
FRONTEND = VAR / "frontend"
LEFT_OUT = VAR / "left-out.txt"

PYTHON_AT_LEAST = (3, 11)
NODE_AT_LEAST = (20, 19)  # what Sass asks for
NPM_AT_LEAST = (9, 0)
PROBE_SECONDS = 45  # an unreachable registry must end in a sentence within a minute
INSTALL_SECONDS = 900
BUILD_SECONDS = 120
PANGO = ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"]
# LibreOffice without a screen, and fonts as wide as Word's own, so that lines end where the author saw them end.
OFFICE = ["libreoffice-writer-nogui", "libreoffice-calc-nogui"]
OFFICE += ["fonts-liberation", "fonts-crosextra-carlito", "fonts-crosextra-caladea"]
OFFICE_PARTS = ["libswlo.so", "libsclo.so"]  # Writer and Calc, beside the program
BROWSERS = ["chromium", "chromium-browser", "google-chrome"]
# Where Debian and its kin, and where Fedora and its kin, keep the certificates that the machine trusts.
TRUSTED = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"]
FONT_STYLES = ["Regular", "It", "Semibold", "Bold"]

DOT_ENV = """\
# Settings of this machine, made once by "make setup". It is yours to change: set-up never touches it again.
# MODE=demonstration loads invented people and a clock that can be set. With real records, MODE=production.
MODE=demonstration
SECRET_KEY={secret}
ALLOWED_HOSTS=127.0.0.1,localhost
# The database is SQLite in var/db.sqlite3. For PostgreSQL: postgres://person:password@127.0.0.1:5432/board
# DATABASE_URL=sqlite:///var/db.sqlite3
"""


class Stop(Exception):
    """Set-up cannot go on; the message is the whole of what the reader has to know."""


class TookTooLong(Exception):
    """A command was still running at its time limit and has been ended."""


def run(command: list, *, seconds: float, env: dict | None = None, check: bool = True) -> subprocess.CompletedProcess:
    """Runs a command to its end, with what it printed in `stdout`.

    Raises TookTooLong after `seconds`, having ended the command and all it started, and Stop where it failed and
    `check` is set.
    """
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=seconds)
    except BaseException as stopped:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if isinstance(stopped, subprocess.TimeoutExpired):
            raise TookTooLong from None
        raise
    if check and process.returncode:
        raise Stop(f"{Path(str(command[0])).name} failed. It said:\n\n{output.strip()}")
    return subprocess.CompletedProcess(command, process.returncode, output)


def fingerprint(*paths: Path, also: str = "") -> str:
    """One hash over the names and bytes of files and of everything under folders; a missing one counts as empty."""
    total = hashlib.sha256(also.encode())
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                total.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return total.hexdigest()


def is_stamped(stamp: Path, value: str) -> bool:
    return stamp.is_file() and stamp.read_text() == value


def version(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text)[:2])


def python_works(python: Path) -> bool:
    """False also for an environment whose Python has since been upgraded or removed."""
    if not python.exists():
        return False
    look = "import sys, pip; sys.exit(sys.version_info < (%d, %d))" % PYTHON_AT_LEAST
    return run([python, "-c", look], seconds=30, check=False).returncode == 0


# Debian's own packages ------------------------------------------------------------------------------------------------


def by_hand(packages: list[str]) -> str:
    return f"apt-get install --no-install-recommends {' '.join(packages)}"


def apt_install(packages: list[str]) -> bool:
    """Installs Debian packages where this account may; False where it may not, or where they could not be had."""
    if not shutil.which("apt-get"):
        return False
    if os.geteuid() == 0:
        become: list[str] = []
    elif shutil.which("sudo") and run(["sudo", "-n", "true"], seconds=10, check=False).returncode == 0:
        become = ["sudo", "-n"]
    else:
        return False
    apt = [*become, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"]
    patience = ["-o", "Acquire::http::Timeout=15", "-o", "Acquire::https::Timeout=15", "-o", "Acquire::Retries=0"]
    try:
        run([*apt, *patience, "update"], seconds=PROBE_SECONDS, check=False)
        install = [*apt, *patience, "install", "--no-install-recommends", *packages]
        return run(install, seconds=INSTALL_SECONDS, check=False).returncode == 0
    except TookTooLong:
        return False


# The package registries -----------------------------------------------------------------------------------------------


def ask_python_registry(requirements: Path) -> None:
    """One small question with no second try, so that an unreachable registry is known before the long installation."""
    first = re.search(r"^([A-Za-z0-9._-]+==[^ ;\\]+)", requirements.read_text(), re.MULTILINE)
    again = "check the network and run make setup again"
    with tempfile.TemporaryDirectory() as folder:
        command = [PYTHON, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir", "--retries", "0"]
        try:
            answer = run(
                [*command, "--timeout", "20", "--dest", folder, first[1]],
                seconds=PROBE_SECONDS,
                env={"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"},
                check=False,
            )
        except TookTooLong:
            raise Stop(f"The Python package registry did not answer within {PROBE_SECONDS} seconds; {again}.") from None
    if answer.returncode:
        raise Stop(f"The Python package registry could not be reached; {again}.")


def pip_install(requirements: Path) -> None:
    ask_python_registry(requirements)
    # The lock names every package there is to install. Without --no-deps pip would look for the newest of those that
    # another asks for by an extra (pytest-cov asks for coverage[toml]), and refuse it from the day there is a newer one.
    try:
        run(
            [PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps", "-r", requirements],
            seconds=INSTALL_SECONDS,
            env={"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"},
        )
    except TookTooLong:
        raise Stop(
            f"The Python packages were not all here after {INSTALL_SECONDS // 60} minutes; run make setup again."
        ) from None


def node_tools() -> dict[str, str] | None:
    """The environment in which `node` and `npm` are new enough: the machine's, else those in `.venv`, else None."""
    trusted = next((file for file in TRUSTED if Path(file).is_file()), None)
    for path in (os.environ.get("PATH", ""), f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"):
        env = {"PATH": path}
        if trusted and "NODE_EXTRA_CA_CERTS" not in os.environ:
            # Node.js brings its own list, in which the certificate of a council's or a hospital's network is missing.
            env["NODE_EXTRA_CA_CERTS"] = trusted
        if all(
            (tool := shutil.which(name, path=path))
            and (said := run([tool, "--version"], seconds=30, env=env, check=False)).returncode == 0
            and version(said.stdout) >= least
            for name, least in (("node", NODE_AT_LEAST), ("npm", NPM_AT_LEAST))
        ):
            return env
    return None


def npm_ci(env: dict[str, str]) -> None:
    npm = shutil.which("npm", path=env["PATH"])
    again = "check the network and run make setup again"
    pinned = json.loads((ROOT / "package.json").read_text())["devDependencies"]["govuk-frontend"]
    question = [npm, "view", f"govuk-frontend@{pinned}", "version", "--prefer-online"]
    try:
        answer = run(
            [*question, "--fetch-retries=0", "--fetch-timeout=20000"], seconds=PROBE_SECONDS, env=env, check=False
        )
    except TookTooLong:
        raise Stop(f"The npm package registry did not answer within {PROBE_SECONDS} seconds; {again}.") from None
    if answer.returncode:
        raise Stop(f"The npm package registry could not be reached; {again}.")
    try:
        run([npm, "ci", "--fetch-retries=1", "--fetch-timeout=60000"], seconds=INSTALL_SECONDS, env=env)
    except TookTooLong:
        raise Stop(
            f"The front-end packages were not all here after {INSTALL_SECONDS // 60} minutes; run make setup again."
        ) from None


# The steps: each returns what it did in a few words, or None where there was nothing to do --------------------


def python_environment() -> str | None:
    if python_works(PYTHON):
        return None
    try:
        run([sys.executable, "-m", "venv", "--clear", VENV], seconds=120)
    except (Stop, TookTooLong):
        raise Stop(
            "Python could not make a virtual environment. On Debian and Ubuntu its parts are a package of their own; "
            "type:\n\n    apt-get install python3-venv\n\nand run make setup again."
        ) from None
    return "made .venv"


def python_packages(with_tests: bool) -> str | None:
    """The development lock holds the same pins as the core one, so that whoever has it has both."""
    stamp = VENV / "installed.json"
    installed = json.loads(stamp.read_text()) if stamp.is_file() else {}
    core, dev = ROOT / "requirements.txt", ROOT / "requirements-dev.txt"
    wanted = {lock.name: fingerprint(lock) for lock in ([core, dev] if with_tests else [core])}
    if wanted.items() <= installed.items():
        return None
    pip_install(dev if with_tests else core)
    stamp.write_text(json.dumps(wanted))
    return "installed"


def pdf_libraries() -> str | None:
    """WeasyPrint draws pages with Pango, which is a library of the machine and not a Python package."""
    look = "import warnings; warnings.simplefilter('ignore'); import weasyprint.text.ffi as ffi; "
    look += "raise SystemExit(0 if ffi.harfbuzz_subset else 3)"

    def have() -> int:
        return run([PYTHON, "-c", look], seconds=60, check=False).returncode

    if have() == 0:
        return None
    if apt_install(PANGO) and have() == 0:
        return "installed " + ", ".join(PANGO)
    if have() == 3:
        return "found; fonts are embedded by the older way, since libharfbuzz-subset0 is missing"
    if sys.platform == "darwin":
        line = "brew install pango   # then: export DYLD_FALLBACK_LIBRARY_PATH=$(brew --prefix)/lib"
    else:
        line = by_hand(PANGO)
    leave_out("PDF documents", line)
    return "missing"


def office_program() -> str | None:
    """LibreOffice turns Word and Excel papers into pages. It is large: some 100 MB to fetch, 300 MB in place."""

    def have() -> bool:
        program = shutil.which("soffice")
        folder = Path(program).resolve().parent if program else None
        return folder is not None and all((folder / part).is_file() for part in OFFICE_PARTS)

    if have():
        return None
    if sys.platform != "linux":
        return "left out: only on Linux can it be kept from the network; elsewhere papers are handed in as PDF"
    if apt_install(OFFICE) and have():
        return "installed " + ", ".join(OFFICE)
    leave_out("pages from Word and Excel papers, which have to be handed in as PDF", by_hand(OFFICE))
    return "missing"


def frontend_packages() -> str | None:
    stamp = ROOT / "node_modules" / "installed.txt"
    lock = fingerprint(ROOT / "package-lock.json", ROOT / ".npmrc")
    if is_stamped(stamp, lock):
        return None
    env = node_tools()
    if env is None:
        pip_install(ROOT / "requirements-node.txt")
        env = node_tools()
    if env is None:
        least = ".".join(str(number) for number in NODE_AT_LEAST)
        raise Stop(f"No Node.js of version {least} or later was found, and the one from the package does not run here.")
    npm_ci(env)
    stamp.write_text(lock)
    return "installed"


def frontend_files() -> str | None:
    """Style sheet, script and fonts, into a folder that is not part of the repository."""
    fonts = [f"SourceSans3-{style}.ttf" for style in FONT_STYLES]  # in full: what paper is printed with
    fonts += [f"{font}.woff2" for font in fonts]  # the same, compressed: what browsers load
    made = [FRONTEND / "css" / "jcb.css", FRONTEND / "js" / "govuk-frontend.min.js"]
    made += [FRONTEND / "fonts" / font for font in fonts]
    stamp = VAR / "frontend.stamp"
    inputs = fingerprint(
        ROOT / "static" / "scss", ROOT / "package.json", ROOT / "package-lock.json", Path(__file__).resolve()
    )
    if is_stamped(stamp, inputs) and all(file.is_file() for file in made):
        return None
    for folder in ("css", "js", "fonts"):
        (FRONTEND / folder).mkdir(parents=True, exist_ok=True)
    env = node_tools()
    if env is None:
        raise Stop("Node.js, which builds the style sheet, has gone. Remove node_modules and run make setup again.")
    run([shutil.which("npm", path=env["PATH"]), "run", "--silent", "build"], seconds=BUILD_SECONDS, env=env)
    govuk, faces = ROOT / "node_modules" / "govuk-frontend" / "dist" / "govuk", ROOT / "node_modules" / "source-sans"
    for name in ("govuk-frontend.min.js", "govuk-frontend.min.js.map"):  # the script names its map: both or neither
        shutil.copyfile(govuk / name, FRONTEND / "js" / name)
    for font in fonts:
        kept_in = faces / ("WOFF2/TTF" if font.endswith("woff2") else "TTF")
        shutil.copyfile(kept_in / font, FRONTEND / "fonts" / font)
    stamp.write_text(inputs)
    return "built"


def settings_file() -> str | None:
    file = ROOT / ".env"
    if file.exists():
        return None
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(DOT_ENV.format(secret=secrets.token_urlsafe(50)))
    return "wrote .env"


def manage(*arguments: str, seconds: float = INSTALL_SECONDS) -> str:
    try:
        return run([PYTHON, "manage.py", *arguments], seconds=seconds).stdout
    except Stop as stop:
        raise Stop(str(stop).replace("python failed", f"manage.py {arguments[0]} failed", 1)) from None
    except TookTooLong:
        raise Stop(f"manage.py {arguments[0]} was not done after {seconds / 60:.0f} minutes.") from None


def served_files() -> str | None:
    stamp = VAR / "static.stamp"
    inputs = fingerprint(ROOT / "static", FRONTEND, ROOT / "requirements.txt", ROOT / "jcb" / "settings.py")
    if is_stamped(stamp, inputs) and (VAR / "static").is_dir():
        return None
    manage("collectstatic", "--no-input", "--clear", "--ignore", "scss", "--verbosity", "0", seconds=BUILD_SECONDS)
    stamp.write_text(inputs)
    return "collected"


def tables() -> str | None:
    return None if "No migrations to apply" in manage("migrate", "--no-input") else "brought up to date"


def record() -> str:
    said = manage("load_record").strip().splitlines()
    return said[-1].rstrip(".") if said else "loaded"


def past_packs() -> str | None:
    """The demonstration's past meetings have had their packs; they are drawn once, which takes about a minute."""
    if setting("MODE", "production") != "demonstration":
        return None
    return manage("demonstration_packs").strip().splitlines()[-1].rstrip(".") or None


def browser() -> str | None:
    """Only the browser tests need it; the rest of the suite runs without."""

    def missing() -> list[str]:
        driver = run([PYTHON, "-m", "playwright", "--version"], seconds=60, check=False)
        found = {
            "chromium": any(shutil.which(name) for name in BROWSERS),
            "libatomic1": driver.returncode == 0,  # the driver's only need that a bare Debian does not meet
        }
        return [package for package, is_here in found.items() if not is_here]

    packages = missing()
    if not packages:
        return None
    if apt_install(packages) and not missing():
        return "installed " + ", ".join(packages)
    leave_out("the tests in a real browser", by_hand(packages))
    return "missing"


def leave_out(what: str, line: str) -> None:
    """Remembers what this machine cannot do, and how to mend it: said again at the end, and by `make test`."""
    with LEFT_OUT.open("a") as out:
        out.write(f"LEFT OUT: {what}. To have it, type as the administrator of this machine:\n\n    {line}\n\n")


# The demonstration, afresh --------------------------------------------------------------------------------------------


def setting(name: str, otherwise: str) -> str:
    """A setting as the application would read it: the environment first, then `.env`."""
    if name in os.environ:
        return os.environ[name]
    file = ROOT / ".env"
    lines = file.read_text().splitlines() if file.is_file() else []
    return next((line.split("=", 1)[1].strip() for line in lines if line.startswith(f"{name}=")), otherwise)


def reset() -> None:
    """Removes the demonstration's own database and files, and nothing that anyone has pointed the settings at."""
    if (ROOT / ".env").exists() and setting("MODE", "production") != "demonstration":
        raise Stop("MODE is not 'demonstration': these are real records, and nothing was removed.")
    own_places = {"DATABASE_URL": ("", "sqlite:///var/db.sqlite3"), "FILES_ROOT": ("",), "FILES_S3_BUCKET": ("",)}
    for name, own in own_places.items():
        if setting(name, "") not in own:
            raise Stop(f"{name} points outside the demonstration's own folder: nothing was removed.")
    for file in VAR.glob("db.sqlite3*"):
        file.unlink()
    shutil.rmtree(VAR / "files", ignore_errors=True)
    print("Removed the demonstration's database and files.")


# All of it ------------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def one_at_a_time():
    """Two set-ups in one folder would install over each other: the second waits for the first."""
    with (VAR / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up is running in this folder; waiting for it to end.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def set_up(with_tests: bool, with_record: bool) -> None:
    steps = [
        ("Making a Python environment", python_environment),
        ("Installing Python packages", lambda: python_packages(with_tests)),
        ("Looking for the libraries that draw PDF documents", pdf_libraries),
        ("Looking for LibreOffice (the first time about 100 MB are fetched)", office_program),
        ("Installing front-end packages", frontend_packages),
        ("Building style sheet and fonts", frontend_files),
        ("Writing settings", settings_file),
        ("Collecting what the server hands out", served_files),
    ]
    if with_record:
        steps += [("Preparing the database", tables), ("Loading the plans", record)]
        steps += [("Drawing the packs of past meetings (about a minute the first time)", past_packs)]
    if with_tests:
        steps += [("Looking for a browser to test with", browser)]
    LEFT_OUT.write_text("")
    for number, (name, step) in enumerate(steps, start=1):
        print(f"[{number}/{len(steps)}] {name} … ", end="", flush=True)
        started = time.monotonic()
        try:
            done = step() or "nothing to do"
        except BaseException:
            print("stopped", flush=True)
            raise
        print(f"{done} ({time.monotonic() - started:.1f} s)", flush=True)
    if said := LEFT_OUT.read_text():
        print(f"\n{said}", end="", flush=True)


def main() -> int:
    if sys.version_info < PYTHON_AT_LEAST:
        print("This needs Python 3.11 or later; the one that runs it is %d.%d." % sys.version_info[:2], file=sys.stderr)
        return 1
    parser = argparse.ArgumentParser(description="Makes a fresh clone ready to run.")
    parser.add_argument("--with-tests", action="store_true", help="also install what tests and checks need")
    parser.add_argument("--without-record", action="store_true", help="leave the database alone")
    parser.add_argument("--reset", action="store_true", help="load the demonstration afresh")
    asked = parser.parse_args()
    VAR.mkdir(exist_ok=True)
    try:
        with one_at_a_time():
            if asked.reset:
                reset()
            set_up(asked.with_tests, not asked.without_record)
    except Stop as stop:
        print(f"\n{stop}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Run make setup again to go on where it stopped.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
