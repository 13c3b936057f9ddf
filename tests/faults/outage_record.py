"""A small record for tests/faults/test_outages.py: `python -m tests.faults.outage_record`, with its settings, does what
each line that it reads says, and answers with a line of JSON.

prepare   fills an empty database, and prints who can sign in, by the key of a session, and where things are
look      prints what is in the record: words of progress, names of files, notices that wait
hasten    has what waits for later done now
"""

import datetime as dt
import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jcb.settings")
django.setup()

from django.conf import settings  # noqa: E402 -- after Django, as all that follow
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402 -- as above
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402 -- as above
from django.core.management import call_command  # noqa: E402 -- as above
from django.db import connection, transaction  # noqa: E402 -- as above
from django.db.migrations.loader import MigrationLoader  # noqa: E402 -- as above
from django.db.migrations.recorder import MigrationRecorder  # noqa: E402 -- as above
from django.test import override_settings  # noqa: E402 -- as above
from django_tasks_db.models import DBTaskResult  # noqa: E402 -- as above

from governance.models import Pack, PaperVersion  # noqa: E402 -- as above
from jcb import dates, files, sessions  # noqa: E402 -- as above
from jcb.models import Document, Notice, Person, StoredFile  # noqa: E402 -- as above
from tests.make import (  # noqa: E402 -- as above
    PASSWORD,
    make_agenda_item,
    make_deliverable,
    make_front_sheet,
    make_meeting,
    make_paper,
    make_person,
)  # fmt: skip
from workstreams.models import ProgressUpdate  # noqa: E402 -- as above


def prepare() -> dict:
    # The tables are made from the models: that the migrations make the same ones is checked elsewhere, and takes longer.
    none = {app.split(".")[-1]: None for app in [*settings.INSTALLED_APPS, "admin", "account"]}
    with override_settings(MIGRATION_MODULES=none):
        call_command("migrate", run_syncdb=True, verbosity=0)
    recorder = MigrationRecorder(connection)
    with transaction.atomic():
        for migration in MigrationLoader(None).disk_migrations:
            recorder.record_applied(*migration)
        lead = make_person(role="commissioner", name="Commissioner for play", password=PASSWORD)
        secretary = make_person(role="secretariat", name="Secretary for play")
        member = make_person(role="board member", name="Director for play")
        deliverable = make_deliverable(lead=lead)
        meeting = make_meeting(starts_at=dates.now() + dt.timedelta(days=30))
        item = make_agenda_item(meeting=meeting, purpose="decide")
        make_front_sheet(item=item, recommendations=("agree it",))
        paper = make_paper(item=item, author=member)
        stream = deliverable.workstream
        return {
            "people": {
                part: {"email": person.email, "session": _session(person)}
                for part, person in (("lead", lead), ("secretary", secretary), ("member", member))
            },
            "deliverable": f"/plans/{stream.plan.slug}/{stream.number}/{deliverable.number}/",
            "plan": f"/plans/{stream.plan.slug}",
            "meeting": f"/meetings/{meeting.key}",
            "item": item.pk,
            "paper": paper.order,
        }


def _session(person: Person) -> str:
    """A session whose last request was long enough ago that the next one has it noted."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session[sessions.STARTED] = session[sessions.SEEN] = int(dates.real_now().timestamp()) - 2 * sessions.NOTED_EVERY
    session.save()
    return session.session_key


def look() -> dict:
    kept = {files.path_of(row).name for row in StoredFile.objects.all()}
    there = {path.name for path in settings.FILES_ROOT.iterdir()} if settings.FILES_ROOT.exists() else set()
    return {
        "words": list(ProgressUpdate.objects.order_by("number").values_list("narrative", flat=True)),
        "evidence": ProgressUpdate.objects.exclude(evidence=None).count(),
        "versions": PaperVersion.objects.count(),
        "packs": Pack.objects.count(),
        "documents": Document.objects.count(),
        "rows without their file": sorted(kept - there),
        "files without a row": sorted(there - kept),
        "unsent": Notice.objects.unsent().count(),
        "later": DBTaskResult.objects.filter(status="READY", args_kwargs__kwargs__tried__gte=1).count(),
        "sent": Notice.objects.exclude(sent_at=None).count(),
    }


def hasten() -> None:
    for row in DBTaskResult.objects.filter(status="READY"):
        row.run_after = dates.real_now()
        row.save(update_fields=["run_after"])


if __name__ == "__main__":
    for line in sys.stdin:
        answer = {"prepare": prepare, "look": look, "hasten": hasten}[line.strip()]()
        connection.close()
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()
