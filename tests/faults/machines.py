"""Fills an empty database for tests/faults/test_two_machines.py: `python -m tests.faults.machines`.

The clock of the demonstration is set to the day on which everything in the tests happens, and runs on from there.
"""

import datetime as dt
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jcb.settings")
django.setup()

from django.conf import settings  # noqa: E402 -- after Django, as all that follow
from django.core.management import call_command  # noqa: E402 -- as above
from django.db import transaction  # noqa: E402 -- as above

from jcb import dates  # noqa: E402 -- as above
from jcb.models import Clock  # noqa: E402 -- as above
from tests.conftest import NOW  # noqa: E402 -- as above
from tests.make import (  # noqa: E402 -- as above
    make_agenda_item,
    make_area,
    make_deliverable,
    make_front_sheet,
    make_meeting,
    make_person,
    make_plan,
    make_round,
    make_workstream,
)

WORDS = "four words nobody else has"
MEETING, PLAN = "2020-09-28", "kensington"
SECRETARIAT, COMMISSIONER, OBSERVER, DIRECTOR = (
    f"{part}@board.example" for part in ("secretariat", "commissioner", "observer", "director")
)
LEADS = 12  # who are asked for words in a round that closes soon
CLOSES = dt.datetime(2020, 9, 14, 10, tzinfo=dates.LONDON)


def fill() -> None:
    Clock.set(NOW)
    secretary = make_person(role="secretariat", name="Board secretary", email=SECRETARIAT, password=WORDS)
    owner = make_person(role="commissioner", name="Commissioner", email=COMMISSIONER, password=WORDS)
    make_person(role="observer", name="Observer", email=OBSERVER, password=WORDS)
    make_person(role="board member", name="Director", email=DIRECTOR, password=WORDS)
    stream = make_workstream(plan=make_plan(area=make_area(name="Kensington"), slug=PLAN))
    make_deliverable(workstream=stream, lead=owner)
    for number in range(LEADS):
        make_deliverable(
            workstream=stream, lead=make_person(name=f"Lead {number}", email=f"lead-{number}@board.example")
        )
    meeting = make_meeting()
    for order, restricted in enumerate((False, True), start=1):
        item = make_agenda_item(meeting=meeting, order=order, restricted=restricted, purpose="decide")
        make_front_sheet(item=item, recommendations=("agree it",))
    later = make_meeting(starts_at=dt.datetime(2020, 10, 26, 10, tzinfo=dates.LONDON), terms=meeting.terms)
    make_round(meeting=later, opened_by=secretary, opened_at=NOW - dt.timedelta(days=7), closes_at=CLOSES)


if __name__ == "__main__":
    # The tables are made from the models: that the migrations make the same ones is checked elsewhere, and takes longer.
    # What has no models is made by migrations: the table of the cache, and everything else is there by then.
    real, settings.MIGRATION_MODULES = (
        settings.MIGRATION_MODULES,
        {app.split(".")[-1]: None for app in [*settings.INSTALLED_APPS, "admin", "account"]},
    )
    call_command("migrate", run_syncdb=True, verbosity=0)
    settings.MIGRATION_MODULES = real
    call_command("migrate", fake=True, verbosity=0)  # so that the machines find themselves ready
    with dates.held_at(NOW), transaction.atomic():
        fill()
