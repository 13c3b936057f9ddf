"""The application in its own processes, on a database and disks of its own that a test can take away."""

import contextlib
import html.parser
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
from psycopg import sql

ROOT = Path(__file__).resolve().parents[2]
HOME = "127.0.0.1"
SECONDS = 60  # for an answer, on a machine that has other things to do
# Root may write where nobody may. Without these two rights it is kept out like everybody else.
AS_ANYBODY = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()


@dataclass
class Site:
    """A web server of two processes with a worker beside it, and the record that they serve."""

    url: str
    environment: dict[str, str]
    folder: Path
    record: dict
    keeper: subprocess.Popen
    web: subprocess.Popen
    worker: subprocess.Popen

    def visitor(self, part: str | None = None) -> "Visitor":
        session = requests.Session()
        if part:
            session.cookies.set("sessionid", self.record["people"][part]["session"])
        return Visitor(self.url, session)

    def look(self) -> dict:
        """What is in the record."""
        return _ask(self.keeper, "look")

    def hasten(self) -> None:
        """Have the worker do now what it was to do later."""
        _ask(self.keeper, "hasten")

    def processes(self) -> set[int]:
        """Which processes answer, and which one works in the background."""
        children = Path(f"/proc/{self.web.pid}/task/{self.web.pid}/children").read_text().split()
        return {*map(int, children), self.worker.pid}

    def log(self) -> str:
        return (self.folder / "site.log").read_text()


@dataclass
class Visitor:
    """A browser without scripts: reads pages, and posts the forms that it finds on them."""

    url: str
    session: requests.Session

    def get(self, path: str) -> requests.Response:
        return self.session.get(self.url + path, timeout=SECONDS)

    def form(self, path: str, having: str) -> tuple[str, dict[str, str]]:
        """The address and the fields of the form on a page that has a field of some name."""
        answer = self.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return form_in(answer.text, having, path)

    def post(self, form: tuple[str, dict], files: dict | None = None, **typed: str) -> requests.Response:
        address, fields = form
        return self.session.post(
            self.url + address,
            data=fields | typed,
            files=files,
            timeout=SECONDS,
            headers={"Referer": self.url + address},
        )


class _Forms(html.parser.HTMLParser):
    def __init__(self, page: str):
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self._inside = self._area = self._select = None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.forms.append((given.get("action") or "", {}))
            self._inside = self.forms[-1][1]
        elif self._inside is None:
            return
        elif tag == "input" and (name := given.get("name")):
            if given.get("type") in {"radio", "checkbox"} and "checked" not in given:
                self._inside.setdefault(name, "")
            elif given.get("type") != "file":
                self._inside[name] = given.get("value") or ""
        elif tag == "textarea":
            self._area = given["name"]
            self._inside[self._area] = ""
        elif tag == "select":
            self._select = given["name"]
            self._inside[self._select] = ""
        elif tag == "option" and self._select and "selected" in given:
            self._inside[self._select] = given.get("value") or ""
        elif tag == "button" and (name := given.get("name")):
            self._inside.setdefault(name, given.get("value") or "")

    def handle_endtag(self, tag):
        if tag == "form":
            self._inside = None
        elif tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data):
        if self._area is not None:
            self._inside[self._area] += data if self._inside[self._area] else data.removeprefix("\n")


def form_in(page: str, having: str, path: str) -> tuple[str, dict[str, str]]:
    """The form of a page with a field of some name: its address, and what a browser would send untouched."""
    found = [(action or path, fields) for action, fields in _Forms(page).forms if having in fields]
    assert found, f"{path} has no form with {having}: {page[:2000]}"
    return found[0]


def until(is_so: Callable[[], bool], seconds: float = SECONDS) -> None:
    """Wait until something is so, or fail."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "It never came to be so."
        time.sleep(0.1)


def _ask(keeper: subprocess.Popen, what: str) -> Any:
    """Have something done in the record, past the site."""
    keeper.stdin.write(f"{what}\n")
    keeper.stdin.flush()
    answer = keeper.stdout.readline()
    assert answer, f"The record could not be reached to {what}: see site.log."
    return json.loads(answer)


@contextlib.contextmanager
def serving(url: str, folder: Path, files: Path, **own: str) -> Iterator[Site]:
    """A site on an empty database, as in production."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "jcb.settings",
        "DATABASE_URL": url,
        "FILES_ROOT": str(files),
        "MODE": "production",
        "HTTPS": "false",
        "ALLOWED_HOSTS": HOME,
        "SECOND_STEP_ROLES": "",
        "LOG_FORMAT": "json",
        "DOCUMENTS_AHEAD": "false",
        "EMAIL_URL": f"filemail://{folder / 'mail'}",
        **own,
    }
    python, pipes = [*AS_ANYBODY, sys.executable], {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with contextlib.ExitStack() as stack:
        log = stack.enter_context((folder / "site.log").open("w"))
        said = {"cwd": ROOT, "env": environment, "stderr": log}
        keeper = stack.enter_context(_running([*python, "-m", "tests.faults.outage_record"], **pipes, **said))
        record = _ask(keeper, "prepare")
        door = stack.enter_context(socket.create_server((HOME, 0), backlog=128))
        gunicorn = ["-m", "gunicorn", "--config=deploy/gunicorn.conf.py", f"--bind=fd://{door.fileno()}", "--workers=2"]
        web = _running([*python, *gunicorn, "jcb.wsgi:application"], pass_fds=[door.fileno()], stdout=log, **said)
        worker = _running(
            [*python, "manage.py", "db_worker", "--no-startup-delay", "--worker-id=1"], stdout=log, **said
        )
        site = Site(
            f"http://{HOME}:{door.getsockname()[1]}",
            environment,
            folder,
            record,
            keeper,
            stack.enter_context(web),
            stack.enter_context(worker),
        )
        until(lambda: site.visitor().get("/ready/").text == "ready")
        yield site


@contextlib.contextmanager
def _running(command: list[str], **how) -> Iterator[subprocess.Popen]:
    """A process, ended in order when it is no longer needed."""
    with subprocess.Popen(command, **how) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A disk with room for so much; a plain folder where this process may not make one (`needs_a_disk`)."""
    folder.mkdir()
    options = f"size={megabytes}m,mode=0755"
    mount = ["mount", "-t", "tmpfs", "-o", options, "none", str(folder)]
    made = bool(shutil.which("mount")) and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield folder
    finally:
        if made:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def needs_a_disk(folder: Path) -> None:
    if not folder.is_mount():
        pytest.skip("A full disk was not tried: no disk can be made here, which takes root and the right to mount.")


@contextlib.contextmanager
def filled(disk: Path) -> Iterator[None]:
    """No room is left on a disk."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as out:
        for size in (1 << 16, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while out.write(b"x" * size):
                    pass
    try:
        yield
    finally:
        filler.unlink()


# The database is taken away -------------------------------------------------------------------------------------------


@contextlib.contextmanager
def away(url: str) -> Iterator[None]:
    """Nobody reaches the database: its file is elsewhere, or its server lets nobody in."""
    if url.startswith("sqlite"):
        names = [Path(url.removeprefix("sqlite:///") + end) for end in ("", "-wal", "-shm")]
        moved = [(name, name.rename(f"{name}.moved")) for name in names if name.exists()]
        try:
            yield
        finally:
            for name, elsewhere in moved:
                elsewhere.rename(name)
        return
    with _server(url) as (server, name):
        server.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        _end_connections(server, url)
        try:
            yield
        finally:
            server.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))


@contextlib.contextmanager
def read_only(url: str) -> Iterator[None]:
    """The database can be read and not be written."""
    if url.startswith("sqlite"):
        file = Path(url.removeprefix("sqlite:///"))
        names = [each for each in file.parent.glob(f"{file.name}*") if each.is_file()]
        before = {each: each.stat().st_mode for each in (*names, file.parent)}
        for each in names:
            each.chmod(0o444)
        file.parent.chmod(0o555)
        try:
            yield
        finally:
            for each, mode in before.items():
                each.chmod(mode)
        return
    with _server(url) as (server, name):
        server.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name))
        _end_connections(server, url)
        try:
            yield
        finally:
            server.execute(sql.SQL("ALTER DATABASE {} RESET default_transaction_read_only").format(name))


@contextlib.contextmanager
def _server(url: str) -> Iterator[tuple[psycopg.Connection, sql.Identifier]]:
    """A connection to the server of a database, past it, and the name of the database."""
    with contextlib.closing(psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)) as server:
        yield server, sql.Identifier(url.rpartition("/")[2])


def _end_connections(server: psycopg.Connection, url: str) -> None:
    ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    server.execute(ending, [url.rpartition("/")[2]])
