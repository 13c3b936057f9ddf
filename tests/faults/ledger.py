"""The application's own processes for tests/faults: `python -m tests.faults.ledger WHAT`. What they print is JSON.

    prepare N         fills an empty database with N people who are signed in and lead something; prints them
    look              prints every update that is there, what is left to do, and what is wrong with the record
    race              lets twenty processes log progress at once; prints how often each kind of thing happened
    race unprepared   the same with the options that SQLite has where nobody chose any
    write             writes a few hundred letters, which a worker is to send
    draw              asks for a document, which a worker is to make

Each has a database of its own, which the environment names.
"""

import json
import multiprocessing
import os
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jcb.settings")
django.setup()

from django.conf import settings  # noqa: E402 -- after Django, as all that follow
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402 -- as above
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402 -- as above
from django.core.management import call_command  # noqa: E402 -- as above
from django.db import OperationalError, connection, transaction  # noqa: E402 -- as above
from django.urls import reverse  # noqa: E402 -- as above
from django_tasks_db.models import DBTaskResult  # noqa: E402 -- as above

from governance.documents import make_document  # noqa: E402 -- as above
from jcb import background, dates, notices, seals, sessions  # noqa: E402 -- as above
from jcb.models import Document, Notice, Person  # noqa: E402 -- as above
from tests.make import make_deliverable, make_person, make_plan, make_workstream  # noqa: E402 -- as above
from workstreams.models import Deliverable, Plan, ProgressUpdate  # noqa: E402 -- as above
from workstreams.operations import ProgressConflict, log_progress  # noqa: E402 -- as above

PROCESSES, SAVES = 20, 20  # of a race: how many write, and how often each
LETTERS, TO = 400, 10  # in all, and to how many people
forked = multiprocessing.get_context("fork")
gate = forked.Barrier(PROCESSES)
SHARED = 10  # every tenth person is the deputy of the one before, and writes about the same


def prepare(people: str) -> None:
    # The tables are made from the models: that the migrations make the same ones is checked elsewhere, and takes longer.
    settings.MIGRATION_MODULES = {app.split(".")[-1]: None for app in [*settings.INSTALLED_APPS, "admin", "account"]}
    call_command("migrate", run_syncdb=True, verbosity=0)
    writers, plan = [], make_plan()
    with transaction.atomic():
        workstream = make_workstream(plan=plan)
        for place in range(1, int(people) + 1):
            person = make_person()
            if place % SHARED:
                deliverable = make_deliverable(workstream=workstream, lead=person)
            else:
                deliverable.deputy = person
                deliverable.save()
            writers.append({"session": session_of(person), "address": address_of(deliverable)})
    json.dump(writers, sys.stdout)


def session_of(person: Person) -> str:
    """A sign-in as signing in leaves it."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session[sessions.STARTED] = session[sessions.SEEN] = int(dates.real_now().timestamp())
    session.save()
    return session.session_key


def address_of(deliverable: Deliverable) -> str:
    stream = deliverable.workstream
    return reverse("workstreams:deliverable", args=[stream.plan.slug, stream.number, deliverable.number])


def look() -> None:
    rows = ProgressUpdate.objects.select_related("deliverable__workstream__plan", "evidence")
    found = [
        {
            "address": address_of(row.deliverable),
            "number": row.number,
            "words": row.narrative,
            "file": row.evidence.sha256 if row.evidence else "",
        }
        for row in rows.order_by("deliverable", "number")
    ]
    seals.seal()
    said = {
        "rows": found,
        "tasks": list(DBTaskResult.objects.values_list("status", flat=True)),
        "unsent": Notice.objects.unsent().count(),
        "documents": Document.objects.count(),
        "faults": [*seals.verify().faults, *database_faults()],
    }
    json.dump(said, sys.stdout)


def database_faults() -> list[str]:
    """What the database itself finds wrong; every link between rows leads somewhere."""
    faults = []
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA integrity_check")
            faults += [said for (said,) in cursor if said != "ok"]
        connection.check_constraints()
    return faults


def race(options: str = "") -> None:
    if options:
        connection.settings_dict["OPTIONS"] = {}
    connection.close()  # each process opens its own
    with ProcessPoolExecutor(PROCESSES, forked) as at_once:
        said = sum(at_once.map(log_often, range(PROCESSES)), Counter())
    json.dump({"saved": said["saved"], "refused": said["refused"], "conflicts": said["conflicts"]}, sys.stdout)


def log_often(place: int) -> Counter:
    """Save so many updates, about something that others may write about too."""
    gate.wait()
    said, deliverables = Counter(), list(Deliverable.objects.order_by("pk")[:PROCESSES])
    deliverable = deliverables[place % len(deliverables)]
    while said["saved"] + said["refused"] < SAVES:
        last = deliverable.updates.order_by("-number").first()
        given = {"seen": last.number if last else 0, "narrative": f"Process {place}, update {said['saved'] + 1}"}
        try:
            log_progress(deliverable=deliverable, by=deliverable.lead, status="off track", **given)
        except ProgressConflict:
            said["conflicts"] += 1
        except OperationalError:
            said["refused"] += 1
        else:
            said["saved"] += 1
    return said


def write() -> None:
    people = Person.objects.order_by("pk")[:TO]
    with transaction.atomic():
        for number in range(LETTERS // TO):
            notices.tell(people, rule="letter", object_key=f"letter {number}", subject="A letter", text="It is short.")


def draw() -> None:
    slug = Plan.objects.get().slug
    background.start(make_document, kind="action-plan", plan_slug=slug, as_at=dates.today().isoformat(), filters={})


if __name__ == "__main__":
    what, *given = sys.argv[1:]
    {"prepare": prepare, "look": look, "race": race, "write": write, "draw": draw}[what](*given)
