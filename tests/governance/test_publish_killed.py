"""Publishing that is killed in the middle leaves the old state or the new, and doing it again sends nothing twice.

The queue is run by a process of its own, as in production, on a database of its own, and is ended by SIGKILL: at named
points by itself (`tests/governance/publishing.py`), and from outside while it is somewhere.
"""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.databases import database
from tests.governance.publishing import ITEMS, PACKS, PEOPLE, POINTS

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED_FROM = list(POINTS).index("before the e-mails are queued")
BY_CHANCE = 2  # rounds in which it is killed somewhere
SECONDS = 120  # for a process, on a machine that has other things to do
pytestmark = pytest.mark.pdf


@dataclass(frozen=True)
class Board:
    """A database with a meeting whose pack is queued for publishing, and the folders beside it."""

    url: str
    folder: Path

    def start(self, *words: str) -> subprocess.Popen:
        own = {
            "DATABASE_URL": self.url,
            "FILES_ROOT": str(self.folder / "files"),
            "EMAIL_URL": f"filemail://{self.folder / 'mail'}",
            "DRAWN": str(self.folder.parent / "drawn"),
            "MODE": "demonstration",
            "DOCUMENTS_AHEAD": "false",
        }
        return subprocess.Popen(
            [sys.executable, "-m", "tests.governance.publishing", *words],
            cwd=ROOT,
            env={**os.environ, **own},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str) -> str:
        process = self.start(*words)
        said, problem = process.communicate(timeout=SECONDS)
        assert process.returncode == 0, problem[-3000:]
        return said


@pytest.fixture(scope="module")
def queued(tmp_path_factory) -> Iterator[Board]:
    """The meeting before anything was published; each test has a copy."""
    folder = tmp_path_factory.mktemp("killed") / "queued"
    (folder.parent / "drawn").mkdir()
    folder.mkdir()
    with database(folder) as url:
        board = Board(url, folder)
        board.run("prepare")
        yield board


@contextlib.contextmanager
def copied(queued: Board, name: str) -> Iterator[Board]:
    folder = queued.folder.parent / name.replace(" ", "-")
    folder.mkdir()
    with database(folder, queued.url.rpartition("/")[2]) as url:
        if url.startswith("sqlite"):
            for each in queued.folder.glob("board.sqlite3*"):
                shutil.copyfile(each, folder / each.name)
        yield Board(url, folder)


def killed_and_done_again(queued: Board, name: str, kill) -> dict:
    """How things stood after the kill, and after everything was done again."""
    with copied(queued, name) as board:
        kill(board)
        return json.loads(board.run("again"))


def at(point: str):
    def kill(board: Board) -> None:
        process = board.start("work", point)
        _, problem = process.communicate(timeout=SECONDS)
        assert process.returncode == -signal.SIGKILL, f"{point}: it was not killed. {problem[-3000:]}"

    return kill


def is_old(found: dict) -> bool:
    rows = ("packs", "contents", "documents", "notices", "circulations", "letters")
    return all(found[name] == 0 for name in rows) and found["state"] == "planned" and found["numbers"] == [None] * ITEMS


def is_new(found: dict) -> bool:
    return (
        (found["packs"], found["documents"], found["notices"]) == (PACKS, PACKS, PEOPLE)
        and found["contents"] == 2 * ITEMS - 1
        and found["state"] == "published"
        and found["numbers"] == [1, 2, 3]
    )


def check(name: str, found: dict) -> None:
    before, after = found["before"], found["after"]
    assert is_old(before) or is_new(before), f"{name}: half of it is there: {before}"
    assert before["lost"] == after["lost"] == [], name
    assert is_new(after), f"{name}: {after}"
    assert (after["unsent"], after["circulations"]) == (0, PEOPLE), f"{name}: {after}"
    assert after["letters"] == PEOPLE == len(after["mails"]), f"{name}: {after}"
    if is_new(before):
        assert after["of packs"] == before["of packs"], f"{name}: what was published was made again"


def test_a_publication_that_is_killed_left_the_old_state_or_the_new_and_can_be_done_again(queued):
    with ThreadPoolExecutor(2) as several:
        done = several.map(lambda point: killed_and_done_again(queued, point, at(point)), POINTS)
        found = dict(zip(POINTS, done, strict=True))
    for place, point in enumerate(POINTS):
        check(point, found[point])
        assert is_new(found[point]["before"]) == (place >= PUBLISHED_FROM), point
        # Nobody can know whether an e-mail left that is not recorded: it goes again, as the same message.
        copies = [2, 1, 1, 1] if point == "once an e-mail went and is not recorded" else [1] * PEOPLE
        assert sorted(found[point]["after"]["mails"].values(), reverse=True) == copies, point


def test_a_publication_that_is_killed_anywhere_left_the_old_state_or_the_new(queued):
    with copied(queued, "whole") as board:
        began = time.monotonic()
        board.run("work")
        whole = time.monotonic() - began

    def somewhere(board: Board) -> None:
        process = board.start("work")
        time.sleep(random.uniform(0.4, 0.95) * whole)  # noqa: S311 -- no secret hangs on when it is killed
        process.kill()
        process.communicate(timeout=SECONDS)

    for number in range(BY_CHANCE):
        check(f"by chance {number}", killed_and_done_again(queued, f"by chance {number}", somewhere))
