"""Web workers that are killed while people write: what was acknowledged is there, whole and once, and nobody is refused.

The application is served by its own worker processes, as in production, on a database of its own. People post the form of
progress over HTTP, some with a file; in each round workers are ended by SIGKILL while they do.
"""

import hashlib
import json
import logging
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import papers
from tests.faults.conftest import PEOPLE, POSTGRES
from tests.faults.service import Place, Service, served
from tests.faults.writers import Tally, Writer

ROUNDS = 20
SAVES = 1 if POSTGRES else 3  # of each of 200 or 20 people in a round
ALL_AT_ONCE = 7  # in every seventh round all workers are killed
WITH_FILE = 3  # every third person hands in a file
PICTURE = papers.picture("JPEG")
LOG = logging.getLogger(__name__)
dice = random.Random()  # noqa: S311 -- no secret hangs on when a worker is killed


def write(writer: Writer, name: str, *, with_file: bool) -> None:
    words = f"{name}: the group met, and what it agreed goes to the Board."
    writer.log(words, PICTURE + words.encode() if with_file else b"")


def one_round(service: Service, writers: list[Writer], number: int, saves: int, *, everybody: bool) -> int:
    """Let everybody write, and kill workers somewhere in the middle; returns how many."""
    tally = writers[0].tally
    before, wanted = len(tally.saved), len(writers) * saves

    def writes(place: int) -> None:
        for save in range(saves):
            name = f"Person {place + 1}, round {number + 1}, update {save + 1}"
            write(writers[place], name, with_file=place % WITH_FILE == 0)

    with ThreadPoolExecutor(len(writers)) as at_once:
        writing = [at_once.submit(writes, place) for place in range(len(writers))]
        tally.wait_for(before + dice.randint(wanted // 10, wanted * 2 // 3))
        there = service.workers()
        killed = service.kill(there if everybody else [dice.choice(there)])
        for each in writing:
            each.result()
    return killed


def problems(here: Place, service: Service, tally: Tally) -> dict[str, list]:
    """What is wrong with what is there, against what people were told; empty where all is well."""
    said = json.loads(here.run("-m", "tests.faults.ledger", "look"))
    there = {row["words"]: (row["address"], row["file"]) for row in said["rows"]}
    numbers: dict[str, list[int]] = {}
    for row in said["rows"]:
        numbers.setdefault(row["address"], []).append(row["number"])
    found = {
        "lost": [words for words in tally.saved if words not in there],
        "twice": [words for words, times in Counter(row["words"] for row in said["rows"]).items() if times > 1],
        "torn": [words for words, row in there.items() if tally.saved.get(words) != row],
        "gaps": [address for address, taken in numbers.items() if taken != list(range(1, len(taken) + 1))],
        "without file": [words for words, (_, sha256) in there.items() if sha256 and not is_whole(here, sha256)],
        "faults": said["faults"],
        "refused": tally.refused,
        "raised": service.raised(),
    }
    return {kind: which for kind, which in found.items() if which}


def is_whole(here: Place, sha256: str) -> bool:
    path = Path(here.folder / "files" / f"{sha256}.jpg")
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def test_in_twenty_rounds_of_killed_workers_nothing_acknowledged_is_lost_and_nobody_is_refused(here, people):
    tally, killed = Tally(), 0
    with served(here) as service:
        writers = [Writer(service.port, tally, **each) for each in people]
        for number in range(ROUNDS):
            everybody = number % ALL_AT_ONCE == ALL_AT_ONCE - 1
            killed += one_round(service, writers, number, SAVES, everybody=everybody)
            assert not tally.refused
        for writer in writers:
            writer.look()
    LOG.info("%s workers killed; %s", killed, tally)
    pages = {writer.address: writer.page for writer in writers}
    assert problems(here, service, tally) == {}
    assert [words for words, (address, _) in tally.saved.items() if words not in pages[address]] == []
    assert len(tally.saved) == ROUNDS * PEOPLE * SAVES
    assert killed >= ROUNDS
    assert tally.broken, "Nobody noticed that workers were killed, so that nothing was tried."


def killed_once(here: Place, people: list[dict], application: str) -> dict[str, list]:
    """One round in which all workers are killed, of an application that does things in the wrong order."""
    tally = Tally()
    with served(here, "--workers=1", application=f"tests.faults.hasty:{application}") as service:
        # Everybody has a deliverable of their own, so that nobody's number is taken.
        own = {each["address"]: each for each in people[:10]}.values()
        one_round(service, [Writer(service.port, tally, **each) for each in own], 0, 2, everybody=True)
    return problems(here, service, tally)


@pytest.mark.skipif(
    POSTGRES, reason="The order of writes is the application's, whatever the database: shown on SQLite."
)
def test_an_answer_that_comes_before_the_save_is_caught(here, people):
    assert "lost" in killed_once(here, people, "answer_first")


@pytest.mark.skipif(
    POSTGRES, reason="The order of writes is the application's, whatever the database: shown on SQLite."
)
def test_a_row_that_comes_before_its_file_is_caught(here, people):
    assert "without file" in killed_once(here, people, "row_first")


# Twenty processes at once


def raced(here: Place, *options: str) -> dict[str, int]:
    return json.loads(here.run("-m", "tests.faults.ledger", "race", *options))


def test_of_twenty_processes_that_write_at_once_none_is_refused(here):
    said = raced(here)
    found = json.loads(here.run("-m", "tests.faults.ledger", "look"))
    assert (said["saved"], said["refused"], found["faults"]) == (20 * 20, 0, [])
    assert len({row["words"] for row in found["rows"]}) == len(found["rows"]) == said["saved"]


@pytest.mark.skipif(POSTGRES, reason="It is SQLite that has one writer at a time.")
def test_with_the_options_that_sqlite_has_by_itself_writers_are_refused(here):
    assert raced(here, "unprepared")["refused"]
