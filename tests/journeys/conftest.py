"""Real people's journeys: a real Chromium, a real web server, a real database with the whole record in it.

The record is loaded once and kept under `var/journeys` until a line of code or of a fixture changes. A module gets a
copy of it with a web server of its own, so that what one journey writes no other one meets; modules that say
`READS_ONLY = True` share one copy. Nothing but this machine is reached, and a message in the browser's console fails
the journey.
"""

import email.policy
import fcntl
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path

import environ
import psycopg
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, Response, expect, sync_playwright
from psycopg import sql

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "var" / "journeys"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
MISSING = "Chromium is not here, so nothing was tried in a real browser. Install it: apt-get install chromium"
HOME = "127.0.0.1"
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
SECONDS = 30  # for a page, on a machine that has other things to do
expect.set_options(timeout=SECONDS * 1000)
# An answer that refuses something is a message of the browser's, and is what the journey is about.
REFUSAL = re.compile(r"Failed to load resource: the server responded with a status of (400|403|404|409|422) ")
AXE_OPTIONS = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
    "preload": False,  # it would copy our style sheets into the page, which the page forbids
}
# Colours are the same at every width, and looking at them takes longer than everything else together.
AXE_WITHOUT_COLOURS = {**AXE_OPTIONS, "rules": {"target-size": {"enabled": True}, "color-contrast": {"enabled": False}}}


def pytest_collection_modifyitems(items):
    """Everything in this folder is a browser test, and is left out with its reason where there is no browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason=MISSING))


# The record, loaded once ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stored:
    """The loaded record: where its database is, and what the cast signs in with."""

    url: str
    cast: dict[str, dict[str, str]]


@dataclass(frozen=True)
class Board:
    """A copy of the record that is being served."""

    url: str
    cast: dict[str, dict[str, str]]
    environment: dict[str, str]
    folder: Path

    def letters(self, part: str, about: str, *, at_least: int = 1) -> list[Message]:
        """The e-mails to one of the cast whose subject begins with some words, waiting for so many of them."""
        until = time.monotonic() + SECONDS
        while True:
            found = [
                letter
                for letter in self._outbox()
                if letter["To"] == self.cast[part]["email"] and _subject(letter).startswith(about)
            ]
            if len(found) >= at_least:
                return found
            if time.monotonic() > until:
                pytest.fail(f"{part} was not sent “{about} …”, but: {[_subject(each) for each in self._outbox()]}")
            time.sleep(0.2)

    def _outbox(self) -> list[Message]:
        """Every e-mail that left: the server of e-mail writes them to files, with a line between two."""
        files = sorted((self.folder / "mail").glob("*.log"))
        texts = [text for file in files for text in file.read_text().split(f"\n{'-' * 79}\n")]
        return [email.message_from_string(text, policy=email.policy.default) for text in texts if text.strip()]


def _subject(letter: Message) -> str:
    return " ".join(letter["Subject"].split())


def _database_url() -> str:
    return os.environ.get("DATABASE_URL", "")


def _settings(database: str, files: Path) -> dict[str, str]:
    """The environment of the application's own processes; none of the test runner's settings are in it."""
    own = {"DATABASE_URL": database, "FILES_ROOT": str(files), "MODE": "demonstration", "HTTPS": "false"}
    return {**os.environ, **own, "DJANGO_SETTINGS_MODULE": "jcb.settings"}


def _fingerprint() -> str:
    """Changes with anything that the loaded record is made from."""
    digest = hashlib.sha256()
    for folder in ("jcb", "needs", "workstreams", "governance", "fixtures", "tests"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".yaml"} and not path.name.startswith(("test_", "conftest")):
                digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@contextmanager
def _alone() -> Iterator[None]:
    """One process at a time: the workers of a run share what is kept."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _postgres(url: str):
    """A connection to the server of a PostgreSQL address, and the name of the database in it."""
    place = environ.Env.db_url_config(url)
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    given = {name: place[key] for name, key in names.items() if place.get(key)}
    with closing(psycopg.connect(dbname=place["NAME"], autocommit=True, **given)) as connection:
        yield connection, place["NAME"]


def _make_database(url: str, name: str, template: str = "template0") -> str:
    """A new PostgreSQL database beside the one of `url`. Returns its address."""
    with _postgres(url) as (connection, present):
        _drop(connection, name)
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
        return f"{url.rsplit(present, 1)[0]}{name}"


def _drop(connection, name: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _stored() -> Stored:
    """The loaded record, from the last run where nothing has changed since."""
    base, stamp = _database_url(), _fingerprint()
    on_postgres = base.startswith("postgres")
    note = FOLDER / ("postgres.json" if on_postgres else "sqlite.json")
    with _alone():
        kept = json.loads(note.read_text()) if note.is_file() else {}
        if kept.get("stamp") == stamp and kept.get("base") == base and _is_there(kept["url"], on_postgres):
            return Stored(kept["url"], kept["cast"])
        if on_postgres:
            with _postgres(base) as (_, present):
                url = _make_database(base, f"{present}_journeys")
        else:
            for old in FOLDER.glob("record.sqlite3*"):
                old.unlink()
            url = f"sqlite:///{FOLDER / 'record.sqlite3'}"
        made = subprocess.run(
            [sys.executable, "-m", "tests.journeys.prepare"],
            cwd=ROOT,
            env=_settings(url, FOLDER / "files"),
            capture_output=True,
            text=True,
            timeout=300,
        )
        if made.returncode:
            pytest.fail(f"The record could not be loaded for the journeys:\n{made.stderr[-3000:]}")
        cast = json.loads(made.stdout)
        note.write_text(json.dumps({"stamp": stamp, "base": base, "url": url, "cast": cast}))
        return Stored(url, cast)


def _is_there(url: str, on_postgres: bool) -> bool:
    if not on_postgres:
        return Path(url.removeprefix("sqlite:///")).is_file()
    with _postgres(_database_url()) as (connection, _):
        name = environ.Env.db_url_config(url)["NAME"]
        return bool(connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone())


@contextmanager
def _copied(stored: Stored, folder: Path) -> Iterator[str]:
    """A copy of the loaded record for one module. Yields its address."""
    if stored.url.startswith("postgres"):
        name = f"{environ.Env.db_url_config(stored.url)['NAME']}_{os.getpid()}_{folder.name}"[-60:]
        with _alone():
            url = _make_database(_database_url(), name, environ.Env.db_url_config(stored.url)["NAME"])
        try:
            yield url
        finally:
            with _postgres(_database_url()) as (connection, _):
                _drop(connection, name)
    else:
        copy = folder / "board.sqlite3"
        shutil.copyfile(stored.url.removeprefix("sqlite:///"), copy)
        yield f"sqlite:///{copy}"


@contextmanager
def running(board_environment: dict[str, str], log: Path, *arguments: str, **options) -> Iterator[subprocess.Popen]:
    """A process of the application, ended in order when it is no longer needed."""
    with log.open("a") as said:
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=board_environment, stdout=said, stderr=said, **options
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def _serving(folder: Path, own_settings: dict[str, str]) -> Iterator[Board]:
    """A web server of the application on a free port, with a copy of the record."""
    if not (ROOT / "var" / "static" / "staticfiles.json").is_file():
        pytest.fail("What the server hands out has not been collected. Run: make setup")
    stored = _stored()
    with _copied(stored, folder) as database:
        # Plans that are drawn whenever something changes would hold up what the journey waits for.
        own = {"EMAIL_URL": f"filemail://{folder / 'mail'}", "DOCUMENTS_AHEAD": "false", **own_settings}
        environment = _settings(database, folder / "files") | own
        # The socket is ours first, so that no other process can take the port meanwhile.
        door = socket.create_server((HOME, 0), backlog=128)
        url = f"http://{HOME}:{door.getsockname()[1]}"
        command = ("-m", "gunicorn", "jcb.wsgi:application", f"--bind=fd://{door.fileno()}", "--threads=8")
        quiet = ("--log-level=warning", "--no-control-socket", "--graceful-timeout=2")
        log = folder / "server.log"
        with running(environment, log, *command, *quiet, pass_fds=[door.fileno()]):
            door.close()
            try:
                urllib.request.urlopen(f"{url}/accounts/login/", timeout=60).close()  # noqa: S310 -- our own address
            except OSError as problem:
                pytest.fail(f"The web server did not answer ({problem}):\n{log.read_text()[-3000:]}")
            yield Board(url, stored.cast, environment, folder)
        assert "Traceback" not in log.read_text(), log.read_text()[-5000:]


@pytest.fixture(scope="package")
def shared_board(tmp_path_factory) -> Iterator[Board]:
    """One copy for all who only read."""
    with _serving(tmp_path_factory.mktemp("shared"), {}) as board:
        yield board


@pytest.fixture(scope="module")
def board(request, tmp_path_factory) -> Iterator[Board]:
    """The copy of this module, served with what the module says in `SETTINGS`."""
    if getattr(request.module, "READS_ONLY", False):
        yield request.getfixturevalue("shared_board")
        return
    name = request.module.__name__.rsplit(".", 1)[-1].removeprefix("test_")
    with _serving(tmp_path_factory.mktemp(name), getattr(request.module, "SETTINGS", {})) as board:
        yield board


@pytest.fixture(scope="module")
def document_worker(board) -> Iterator[None]:
    """What makes documents and sends e-mail beside the web server."""
    with running(board.environment, board.folder / "worker.log", "manage.py", "db_worker", "--no-startup-delay"):
        yield


# The browser ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Ends with this folder, not with the run: while it is there, Django takes every other test for asynchronous."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def browser(playwright) -> Iterator[Browser]:
    """One browser for all journeys of a worker; it can reach this machine and nothing else."""
    options = [f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {HOME}, EXCLUDE localhost"]
    if os.geteuid() == 0:
        options.append("--no-sandbox")  # Chromium's own does not work for root; the only pages here are ours
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
    yield browser
    browser.close()


@dataclass
class Visitor:
    """Somebody at a browser of their own: `go` somewhere, `look` at the page, `reach` a control by keyboard."""

    board: Board
    context: BrowserContext
    page: Page
    scripts: bool = True
    heard: list[str] = field(default_factory=list)
    expects: tuple[str, ...] = ()

    def go(self, path: str) -> Response:
        answer = self.page.goto(self.board.url + path)
        assert answer is not None
        assert answer.ok, f"{path} answered {answer.status}."
        return answer

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.board.url)

    def look(self) -> None:
        """Nothing on this page breaks WCAG 2.2 AA or has to be scrolled sideways, on a desk or on a phone."""
        before = self.page.viewport_size
        expect(self.page.get_by_role("heading", level=1)).to_have_count(1)
        assert self.page.title().endswith(" – Joint Commissioning Board"), f"{self.path}: {self.page.title()}"
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        for size, options in ((WIDE, AXE_OPTIONS), (PHONE, AXE_WITHOUT_COLOURS)):
            self.page.set_viewport_size(size)
            found = self.page.evaluate(AXE, options)
            assert not found, f"{self.path} at {size['width']} pixels:\n{_say_violations(found)}"
            self.fits(size["width"])
        self.page.set_viewport_size(before)

    def contrasts(self) -> list[dict]:
        """What cannot be told from its background at the present width."""
        self.page.evaluate(AXE_SCRIPT)
        return self.page.evaluate(AXE, {"runOnly": ["color-contrast"], "resultTypes": ["violations"]})

    def fits(self, width: int) -> None:
        needed = self.page.evaluate("() => document.documentElement.scrollWidth")
        assert needed <= width, f"{self.path} is {needed} pixels wide on a screen of {width}: {self._widest(width)}"

    def _widest(self, width: int) -> list[str]:
        return self.page.evaluate(
            """(width) => [...document.querySelectorAll('main *, header *, footer *')]
                .filter(e => e.getBoundingClientRect().right > width + 0.5)
                .map(e => `${e.tagName.toLowerCase()}.${e.getAttribute('class') || ''}`).slice(0, 6)""",
            width,
        )

    # By keyboard

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def reach(self, target: Locator, *, backwards: bool = False, most: int = 250) -> None:
        """Press Tab until the target has the focus; at each stop the focus can be seen."""
        key = "Shift+Tab" if backwards else "Tab"
        wanted = target.element_handle()
        for _ in range(most):
            self.press(key)
            state = self.page.evaluate(FOCUS, wanted)
            if state["gone"]:  # the part of the page that held it was replaced meanwhile
                wanted = target.element_handle()
                state = self.page.evaluate(FOCUS, wanted)
            assert state["seen"], f"{self.path}: the focus on {state['on']} cannot be seen: {state['why']}."
            if state["there"]:
                return
        pytest.fail(f"{self.path}: {target} was not reached by {most} presses of {key}; the last was {state['on']}.")

    def enter(self, target: Locator) -> None:
        """Reach a link or button and press Enter."""
        self.reach(target)
        self.press("Enter")

    def write(self, target: Locator, words: str) -> None:
        """Reach a box and type into it, over what stands there."""
        self.reach(target)
        self.press("Control+a")
        self.page.keyboard.type(words)

    def skip(self) -> None:
        """The first stop of every page leads past its menu."""
        self.press("Tab")
        assert self.page.evaluate("() => document.activeElement.textContent.trim()") == "Skip to main content"
        self.press("Enter")
        assert self.page.evaluate("() => document.activeElement.closest('#main-content') !== null") or (
            self.page.evaluate("() => location.hash") == "#main-content"
        )


AXE = "(options) => axe.run(document, options).then(r => r.violations)"

# What has the focus, whether it is the wanted element, and whether a person can see that it has it: an outline, a
# shadow or the focus colour on it (or on the mark before the label of a radio or checkbox), not hidden behind anything.
FOCUS = """(wanted) => {
  const element = document.activeElement
  const on = `${element.tagName.toLowerCase()} "${(element.textContent || element.name || '').trim().slice(0, 60)}"`
  const choice = element.matches('input[type=radio], input[type=checkbox]')
  const label = choice && element.labels[0]
  const marks = [getComputedStyle(element), getComputedStyle(element, '::before')]
  if (label) marks.push(getComputedStyle(label), getComputedStyle(label, '::before'))
  const marked = marks.some(s => (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 &&
    s.outlineColor !== 'rgba(0, 0, 0, 0)') ||
    s.boxShadow !== 'none' || s.backgroundColor === 'rgb(255, 221, 0)')
  const box = (label || element).getBoundingClientRect()
  const inset = (a, b) => [a + 2, (a + b) / 2, b - 2]
  const shown = inset(box.left, box.right).some(x => inset(box.top, box.bottom).some(y => {
    const top = document.elementFromPoint(x, y)
    return top && (top === element || element.contains(top) || top.contains(element) && top !== document.body &&
      top !== document.documentElement || label && (label === top || label.contains(top)))
  }))
  const calendar = element.matches('input[type=date]') && !element.matches(':focus')  // the browser's own button in it
  const body = element === document.body
  return {on, there: element === wanted, gone: !wanted.isConnected, seen: body || calendar || (marked && shown),
          why: marked ? 'it is hidden behind something or outside the window' : 'nothing marks it'}
}"""


def _say_violations(found: list[dict]) -> str:
    lines = []
    for problem in found:
        for node in problem["nodes"][:5]:
            why = "; ".join(check["message"] for check in [*node["any"], *node["all"], *node["none"]])
            lines.append(f"  {problem['id']}: {node['html'][:200]}\n      {why}")
    return "\n".join(lines)


@pytest.fixture
def visit(board, browser) -> Iterator[Callable[..., Visitor]]:
    """`visit("commissioner")`: one of the cast, signed in; `visit()`: somebody who is not."""
    visitors: list[Visitor] = []

    def arrive(part: str | None = None, *, scripts: bool = True, size=WIDE, expects: tuple[str, ...] = ()) -> Visitor:
        context = browser.new_context(java_script_enabled=scripts, viewport=size, locale="en-GB", base_url=board.url)
        context.set_default_timeout(SECONDS * 1000)
        if part:
            context.add_cookies([{"name": "sessionid", "value": board.cast[part]["session"], "url": board.url}])
        page = context.new_page()
        visitor = Visitor(board, context, page, scripts, expects=expects)
        context.on("request", lambda asked: _listen_for_strangers(visitor, asked.url))
        context.on("console", lambda message: _listen(visitor, message.type, message.text))
        context.on("weberror", lambda problem: visitor.heard.append(f"script error: {problem.error}"))
        visitors.append(visitor)
        return visitor

    yield arrive
    for visitor in visitors:
        visitor.context.close()
    heard = [words for visitor in visitors for words in visitor.heard]
    assert not heard, "The browser complained:\n" + "\n".join(heard)


def _listen_for_strangers(visitor: Visitor, url: str) -> None:
    if not url.startswith((visitor.board.url, "data:", "blob:", "about:")):
        visitor.heard.append(f"another address was asked for: {url}")


def _listen(visitor: Visitor, kind: str, text: str) -> None:
    if kind in {"error", "warning"} and not REFUSAL.match(text) and not any(word in text for word in visitor.expects):
        visitor.heard.append(f"{kind}: {text}")
