"""The application served by its own web workers, as in production, so that a test can end them."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.databases import database

ROOT = Path(__file__).resolve().parents[2]
HOME = "127.0.0.1"
SECONDS = 600  # for a process, on a machine that has other things to do


@dataclass(frozen=True)
class Place:
    """A database and the folders beside it."""

    url: str
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """As in production; HTTPS would be ended by a proxy."""
        own = {
            "DATABASE_URL": self.url,
            "FILES_ROOT": str(self.folder / "files"),
            "EMAIL_URL": f"filemail://{self.folder / 'mail'}",
            "MODE": "production",
            "ALLOWED_HOSTS": HOME,
            "HTTPS": "false",
        }
        # Counting covered lines would take half the time of a save, and these are counted elsewhere.
        given = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
        return given | own

    def run(self, *words: str) -> str:
        """What a program of ours printed: `run("-m", "tests.faults.ledger", "look")`."""
        command = [sys.executable, *words]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout


@contextlib.contextmanager
def place(folder: Path, like: Place | None = None) -> Iterator[Place]:
    """A place with a database of its own: an empty one, or a copy of another that nobody uses meanwhile."""
    folder.mkdir()
    with database(folder, like.url.rpartition("/")[2] if like else "template0") as url:
        if like and url.startswith("sqlite"):
            for each in like.folder.glob("board.sqlite3*"):
                shutil.copyfile(each, folder / each.name)
        yield Place(url, folder)


@dataclass(frozen=True)
class Service:
    """A web server: where it answers, the process that starts its workers, and what it logged."""

    port: int
    master: subprocess.Popen
    log: Path

    def workers(self) -> list[int]:
        """The processes that answer requests, youngest last."""
        said = Path(f"/proc/{self.master.pid}/task/{self.master.pid}/children").read_text()
        return sorted(map(int, said.split()))

    def kill(self, pids: list[int]) -> int:
        """End workers as a machine out of memory does; returns how many were still there."""
        ended = 0
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                ended += 1
        return ended

    def raised(self) -> list[str]:
        """The lines of its log that tell of an exception, and those that are no line of a log."""
        found = []
        for line in self.log.read_text().splitlines():
            try:
                said = json.loads(line)
            except ValueError:
                found.append(line)
            else:
                if "raised" in said:
                    found.append(line)
        return found


@contextlib.contextmanager
def served(
    here: Place, *options: str, application: str = "jcb.wsgi:application", **environment: str
) -> Iterator[Service]:
    """Serve a place by gunicorn with the configuration that is shipped; `options` say otherwise."""
    if not (ROOT / "var" / "static" / "staticfiles.json").is_file():
        pytest.fail("What the server hands out has not been collected. Run: make setup")
    log = here.folder / "server.log"
    # The socket is ours first, so that no other process can take the port meanwhile.
    with socket.create_server((HOME, 0), backlog=2048) as door, log.open("w") as said:
        command = ["-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", f"--bind=fd://{door.fileno()}"]
        master = subprocess.Popen(
            [sys.executable, *command, *options, application],
            cwd=ROOT,
            env=here.environment | environment,
            stderr=said,
            stdout=said,
            pass_fds=[door.fileno()],
        )
        port = door.getsockname()[1]
    service = Service(port, master, log)
    try:
        wait_until_it_answers(service)
        yield service
    finally:
        master.terminate()
        try:
            master.wait(SECONDS)
        except subprocess.TimeoutExpired:
            master.kill()
            master.wait()


def wait_until_it_answers(service: Service) -> None:
    """The socket takes connections from the beginning; the first worker answers when it has loaded the application."""
    try:
        with socket.create_connection((HOME, service.port), timeout=SECONDS) as first:
            first.sendall(b"GET /health/ HTTP/1.0\r\n\r\n")
            said = first.recv(64)
    except OSError as problem:
        said = str(problem).encode()
    assert b" 200 " in said, service.log.read_text()[-3000:]


def wait_for(what, seconds: int = SECONDS) -> None:
    """Wait until something holds."""
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "It did not come about."
        time.sleep(0.05)
