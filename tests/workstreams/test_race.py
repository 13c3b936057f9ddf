"""Several people at once on the real database: what was acknowledged is in the record, whoever else was writing.

Each race has its negative control: the same writers with a plain check and save, which loses what it acknowledged.
"""

import contextlib
import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from jcb.history import Conflict, save_seen
from tests.make import make_deliverable, make_person
from workstreams.models import Deliverable, ProgressUpdate
from workstreams.operations import ProgressConflict, log_progress

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS, SAVES = 6, 40


@pytest.fixture(autouse=True)
def documents_are_made_later(settings):
    """As in service: a save queues the making of documents, and does not wait for it."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


def at_once(work, number: int) -> list:
    """What `work(0)`, `work(1)` … return, each in a thread with a connection of its own, all let go together."""
    gate = threading.Barrier(number, timeout=30)

    def one(place):
        try:
            gate.wait()
            return work(place)
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        # The test's clock is part of the context, and a thread begins with an empty one.
        running = [pool.submit(contextvars.copy_context().run, one, place) for place in range(number)]
        return [each.result(timeout=120) for each in running]


def saved_or_not(**given) -> ProgressUpdate | ProgressConflict:
    try:
        return log_progress(status="on track", **given)
    except ProgressConflict as conflict:
        return conflict


def test_of_two_who_save_at_once_one_lands_and_the_other_sees_what_the_first_wrote():
    people = [make_person(), make_person()]
    for _ in range(10):
        deliverable = make_deliverable(lead=people[0], deputy=people[1])

        def save(place, deliverable=deliverable):
            return saved_or_not(deliverable=deliverable, by=people[place], seen=0, narrative=f"Words of {place}.")

        landed, refused = sorted(at_once(save, 2), key=lambda answer: isinstance(answer, ProgressConflict))
        assert isinstance(landed, ProgressUpdate)
        assert isinstance(refused, ProgressConflict)
        assert refused.theirs == [landed]
        assert [update.narrative for update in deliverable.updates.all()] == [landed.narrative]


def test_of_six_who_log_forty_times_each_nobody_loses_a_word():
    person = make_person()
    deliverable = make_deliverable(lead=person)

    def save_forty(place):
        acknowledged, seen, conflicts = [], 0, 0
        while len(acknowledged) < SAVES:
            words = f"Writer {place}, save {len(acknowledged)}."
            answer = saved_or_not(deliverable=deliverable, by=person, seen=seen, narrative=words)
            if isinstance(answer, ProgressUpdate):
                acknowledged.append((answer.number, words))
                seen = answer.number
            else:
                conflicts += 1
                seen = answer.theirs[0].number
        return acknowledged, conflicts

    answers = at_once(save_forty, WRITERS)
    acknowledged = sorted(each for mine, _ in answers for each in mine)
    kept = list(deliverable.updates.order_by("number").values_list("number", "narrative"))
    assert kept == acknowledged
    assert [number for number, _ in kept] == list(range(1, WRITERS * SAVES + 1))
    assert sum(conflicts for _, conflicts in answers) > 0, "Nobody met anybody: this was no race."


def test_of_six_who_edit_one_record_forty_times_each_nobody_loses_a_line():
    deliverable = make_deliverable(lead=make_person())

    def save_forty(place):
        acknowledged, conflicts = [], 0
        while len(acknowledged) < SAVES:
            mine, line = Deliverable.objects.get(pk=deliverable.pk), f"{place}.{len(acknowledged)}"
            mine.difference += f"{line}\n"
            with contextlib.suppress(Conflict):
                save_seen(mine, seen=mine.version, changed=["difference"])
                acknowledged.append(line)
                continue
            conflicts += 1
        return acknowledged, conflicts

    answers = at_once(save_forty, WRITERS)
    deliverable.refresh_from_db()
    lines = deliverable.difference.split()
    assert sorted(lines) == sorted(line for mine, _ in answers for line in mine)
    assert deliverable.version == WRITERS * SAVES + 1
    versions = list(deliverable.history.order_by("history_id").values_list("version", flat=True))
    assert versions == list(range(1, WRITERS * SAVES + 2))
    assert sum(conflicts for _, conflicts in answers) > 0, "Nobody met anybody: this was no race."


def test_people_who_edit_different_fields_of_one_record_are_merged():
    deliverable = make_deliverable()
    fields = ["title", "short_title", "detail", "difference"]

    def save(place):
        mine = Deliverable.objects.get(pk=deliverable.pk, version=1)
        both_have_read.wait()
        setattr(mine, fields[place], f"By {place}")
        save_seen(mine, seen=1, changed=[fields[place]])

    both_have_read = threading.Barrier(len(fields), timeout=30)
    at_once(save, len(fields))
    deliverable.refresh_from_db()
    assert [getattr(deliverable, name) for name in fields] == ["By 0", "By 1", "By 2", "By 3"]
    assert deliverable.version == 5


def check_then_save(pk: int, line: str, all_have_checked: threading.Barrier) -> bool:
    """What a form does that compares the version it was opened at and then saves, without a lock between the two."""
    mine = Deliverable.objects.get(pk=pk)
    opened_at, mine.difference = mine.version, mine.difference + f"{line}\n"
    unchanged = Deliverable.objects.get(pk=pk).version == opened_at
    all_have_checked.wait()
    if unchanged:
        mine.version += 1
        mine.save()
    all_have_checked.wait()
    return unchanged


def test_a_plain_check_and_save_loses_lines_that_it_acknowledged():
    deliverable = make_deliverable()
    together = threading.Barrier(WRITERS, timeout=60)

    def save_forty(place):
        lines = [f"{place}.{number}" for number in range(SAVES)]
        return [line for line in lines if check_then_save(deliverable.pk, line, together)]

    acknowledged = [line for mine in at_once(save_forty, WRITERS) for line in mine]
    deliverable.refresh_from_db()
    lost = set(acknowledged) - set(deliverable.difference.split())
    assert len(acknowledged) == WRITERS * SAVES
    assert len(lost) >= (WRITERS - 1) * SAVES, "The control shows no loss: the races above prove nothing."


def test_numbers_without_the_check_of_the_last_one_seen_collide():
    """The log's negative control: who numbers by what they read and writes without asking again meets the same number."""
    person, deliverable = make_person(), make_deliverable()
    together = threading.Barrier(WRITERS, timeout=30)

    def naive_number(place):
        last = deliverable.updates.order_by("-number").first()
        together.wait()
        return last.number + 1 if last else 1

    ProgressUpdate.objects.create(deliverable=deliverable, number=1, status="on track", by=person)
    assert at_once(naive_number, WRITERS) == [2] * WRITERS
