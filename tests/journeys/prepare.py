"""Loads a database for the journeys and prints who can sign in: `python -m tests.journeys.prepare` with its settings.

The record with its demonstration, and beside it a small cast of the journeys' own, whose rows no change of the
demonstration moves. Each of the cast is signed in already, by a session whose key is printed with their name.
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
from django.db import transaction  # noqa: E402 -- as above

from governance.record import load_record  # noqa: E402 -- as above
from jcb import dates  # noqa: E402 -- as above
from jcb.models import Person  # noqa: E402 -- as above
from tests.make import PASSWORD, make_person, make_update  # noqa: E402 -- as above
from workstreams.models import Deliverable, Status  # noqa: E402 -- as above

CAST = {
    "commissioner": (Person.Role.COMMISSIONER, "Commissioner for play"),
    "deputy": (Person.Role.COMMISSIONER, "Deputy commissioner for play"),
    "member": (Person.Role.BOARD_MEMBER, "Director for play"),
    "secretariat": (Person.Role.SECRETARIAT, "Secretary for play"),
    "administrator": (Person.Role.ADMINISTRATOR, "Administrator for play"),
    "observer": (Person.Role.OBSERVER, "Observer of play"),
}
# Of the demonstration's own people, those whom the journeys need, since they lead a workstream or chair the Board.
PRESENT = {
    "therapies": "therapies@board.example",
    "council chair": "cochair.council@board.example",
    "nhs chair": "cochair.nhs@board.example",
}
NEW, OLD = "kensington-and-chelsea-2020", "westminster-2018"
LED = [(NEW, 2, 1), (NEW, 2, 2), (NEW, 2, 3), (NEW, 3, 1), (NEW, 3, 2), (NEW, 3, 3), (OLD, 5, 1), (OLD, 5, 2)]
WRITTEN_AT = dt.datetime(2020, 7, 20, 9, 0, tzinfo=dates.LONDON)  # before the last meeting, six weeks before the clock
WORDS = "The first families have been invited."


def prepare() -> dict[str, dict[str, str]]:
    """Fill an empty database. Returns what the cast signs in with: by part, e-mail address, name and session key."""
    # The tables are made from the models: that the migrations make the same ones is checked elsewhere, and takes longer.
    settings.MIGRATION_MODULES = {app.split(".")[-1]: None for app in [*settings.INSTALLED_APPS, "admin", "account"]}
    call_command("migrate", run_syncdb=True, verbosity=0)
    passwords = {"commissioner": PASSWORD}
    with transaction.atomic():
        load_record(demonstration=True)
        people = {
            # One of them signs in by form; a password takes a second to make, so that nobody else has one.
            part: make_person(role=role, name=name, email=f"{part}@play.example", password=passwords.get(part))
            for part, (role, name) in CAST.items()
        }
        people |= {part: Person.objects.get(email=email) for part, email in PRESENT.items()}
        for plan, stream, number in LED:
            _lead(Deliverable.objects.get_by_natural_key(plan, stream, number), people)
        return {
            part: {"email": person.email, "name": person.name, "session": _session(person)}
            for part, person in people.items()
        }


def _lead(deliverable: Deliverable, people: dict[str, Person]) -> None:
    """The cast leads it, and its last words are from before the last meeting."""
    deliverable.lead, deliverable.deputy = people["commissioner"], people["deputy"]
    deliverable.save()
    late = deliverable.agreed_on < WRITTEN_AT.date()
    last = deliverable.updates.order_by("-at").first()
    at = max(WRITTEN_AT, last.at + dt.timedelta(minutes=1)) if last else WRITTEN_AT
    status = Status.OFF_TRACK if late else Status.ON_TRACK
    make_update(deliverable=deliverable, by=people["commissioner"], at=at, status=status, narrative=WORDS)


def _session(person: Person) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return session.session_key


if __name__ == "__main__":
    json.dump(prepare(), sys.stdout)
