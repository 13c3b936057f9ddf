"""A background worker that is killed: what it was at is done by the next one of its name, and no letter is sent twice."""

import contextlib
import email
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.service import ROOT, SECONDS, Place, wait_for

SENT_BEFORE, LETTERS = 20, 400  # when the worker is killed, and in all


@contextlib.contextmanager
def worker(here: Place, name: str, *options: str) -> Iterator[subprocess.Popen]:
    """A worker at work; whatever happens, it is ended."""
    command = ["manage.py", "db_worker", f"--worker-id={name}", "--no-startup-delay", "--interval=0.1", *options]
    with (here.folder / f"{name}.log").open("a") as said:
        process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=here.environment, stdout=said, stderr=said)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def work_off_the_queue(here: Place, name: str) -> None:
    with worker(here, name, "--batch") as process:
        assert process.wait(SECONDS) == 0, (here.folder / f"{name}.log").read_text()[-3000:]


def look(here: Place) -> dict:
    return json.loads(here.run("-m", "tests.faults.ledger", "look"))


def letters(here: Place) -> Counter:
    """How often each letter was sent, by its name."""
    texts = [path.read_text() for path in (here.folder / "mail").glob("*")]
    said = [email.message_from_string(text) for all_of_it in texts for text in all_of_it.split("-" * 79 + "\n")]
    return Counter(message["Message-ID"] for message in said if message["Message-ID"])


def test_letters_that_a_killed_worker_did_not_send_are_sent_by_the_next_and_none_twice(here):
    here.run("-m", "tests.faults.ledger", "write")
    with worker(here, "one") as process:
        wait_for(lambda: letters(here).total() >= SENT_BEFORE)
        process.kill()
    sent = letters(here).total()
    assert sent < LETTERS
    work_off_the_queue(here, "two")
    assert letters(here).total() == sent, "A worker took up what another may still be at."
    assert look(here)["tasks"] == ["RUNNING"]
    work_off_the_queue(here, "one")
    found = look(here)
    assert (found["tasks"], found["unsent"], found["faults"]) == (["SUCCESSFUL"], 0, [])
    # A letter is marked before it goes, so that none goes twice: the one that was under way may not have gone.
    assert set(letters(here).values()) == {1}
    assert LETTERS - letters(here).total() in {0, 1}


@pytest.mark.pdf
def test_a_document_that_a_killed_worker_was_making_is_made_by_the_next(here):
    here.run("-m", "tests.faults.ledger", "draw")
    with worker(here, "one") as process:
        wait_for(lambda: children(process.pid))
        drawing = children(process.pid)
        process.kill()
    found = look(here)
    assert (found["tasks"], found["documents"]) == (["RUNNING"], 0)
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in drawing))
    work_off_the_queue(here, "one")
    found = look(here)
    assert (found["tasks"], found["documents"], found["faults"]) == (["SUCCESSFUL"], 1, [])


def children(pid: int) -> list[int]:
    """What a process has started, as far as it runs."""
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
