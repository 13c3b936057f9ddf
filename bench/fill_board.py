"""Fill our own database for the benchmark: 60 deliverables, so many updates, and as many observations. Prints a session's key, as JSON with the
number of queries that the list takes at 6 and at 60 rows.

    python bench/fill_board.py 1800            60 rows with 30 updates each, as the floor has
    python bench/fill_board.py record          the published plans and the demonstration instead
"""

import datetime as dt
import json
import os
import sys
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jcb.settings")
django.setup()

from django.conf import settings  # noqa: E402 -- after Django
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402 -- after Django
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402 -- after Django
from django.core.management import call_command  # noqa: E402 -- after Django
from django.db import connection, models  # noqa: E402 -- after Django
from django.test import Client  # noqa: E402 -- after Django
from django.test.utils import CaptureQueriesContext  # noqa: E402 -- after Django

from governance.record import load_record  # noqa: E402 -- after Django
from jcb import dates  # noqa: E402 -- after Django
from jcb.models import Area, Partner, Person  # noqa: E402 -- after Django
from needs.models import Definition, Indicator, Observation, Source  # noqa: E402 -- after Django
from workstreams.models import Deliverable, Plan, ProgressUpdate, Workstream  # noqa: E402 -- after Django

NOTE = "the working group met and agreed the next steps for the review, with further detail to come to the board."
STATUSES = ["off track", "at risk", "on track"]
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def fill(total: int) -> Person:
    """One plan of 60 deliverables with `total` updates, and as many rows in the audit trail."""
    area = Area(key="borough", name="A borough", kind="borough")
    area.save()
    bodies = [Partner(key=f"p{i}", name=f"Organisation & Partners {i}", short_name=f"P{i}", side="council", kind="council")
              for i in range(8)]  # fmt: skip
    people = [Person(email=f"p{i}@board.example", name=f"First{i} O'Last{i}", role="commissioner") for i in range(20)]
    plan = Plan(slug="bench", title="Commissioning plan", area=area, edition_month=START.date(), state="live")
    streams = [Workstream(plan=plan, number=i + 1, name=f"Workstream {i}", short_name=f"W{i}") for i in range(8)]
    rows = [
        Deliverable(
            workstream=streams[i % 8],
            number=i // 8 + 1,
            title=f"Deliverable {i}: redesign of the pathway for service {i}",
            short_title=f"Redesign {i}",
            lead=people[i % 20],
            partner=bodies[i % 8],
            own_due_on=START.date() + dt.timedelta(days=30 + i * 5),
        )
        for i in range(60)
    ]
    for row in [*bodies, *people, plan, *streams, *rows]:
        row.save()
    ProgressUpdate.objects.bulk_create(
        (
            ProgressUpdate(
                deliverable=rows[n % 60],
                number=n // 60 + 1,
                status=STATUSES[n % 3],
                narrative=f"Update {n}: {NOTE}",
                by=people[n % 20],
                at=START + dt.timedelta(minutes=n),
            )
            for n in range(total)
        ),
        batch_size=5_000,
    )
    trail = Deliverable.history.model
    first = trail.objects.first()
    fields = {f.attname: getattr(first, f.attname) for f in trail._meta.concrete_fields if not f.primary_key}
    trail.objects.bulk_create((trail(**fields) for _ in range(total)), batch_size=5_000)
    observe(area, total)
    return people[0]


def observe(borough: Area, total: int) -> None:
    """About `total` observations: half of one indicator with a chart, the rest of twenty others. Of each month there is
    the borough and its wards, whose numbers add up to it, a few of them small."""
    wards = [Area(key=f"w{n}", name=f"Ward {n}", kind="part", within=borough) for n in range(24)]
    source = Source(key="census", title="School census", accessed_on=START.date())
    for row in [*wards, source]:
        row.save()
    rows = []
    for n in range(21):
        indicator = Indicator(key=f"indicator-{n}", name=f"Indicator {n}", good_direction="down", order=n)
        indicator.save()
        definition = Definition(indicator=indicator, text="Children counted.", unit="people" if n % 2 else "weeks")
        definition.save()
        for month in range(max(1, (total // 2 if n == 0 else total // 40) // 25)):
            first = dates.add_months(dt.date(1990, 1, 1), month)
            numbers = [(month * 7 + ward * 13 + n) % 300 + (ward > 1) * 6 for ward in range(24)]
            for place, number in [(borough, sum(numbers)), *zip(wards, numbers, strict=True)]:
                rows.append(Observation(
                    key=f"{n}-{place.key}-{month}", definition=definition, area=place, value=number, source=source,
                    period_start=first, period_end=dates.last_of_month(first), as_printed=str(number),
                ))  # fmt: skip
    models.QuerySet(Observation).bulk_create(rows, batch_size=2_000)


def session_of(person: Person) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return session.session_key


def queries(person: Person, address: str) -> int:
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(person)
    client.get(address)
    address += "&anew=1" if "?" in address else "?anew=1"  # nothing that was kept is used
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


call_command("migrate", verbosity=0)
if sys.argv[1] == "record":
    load_record(demonstration=settings.DEMONSTRATION)
    reader = Person.objects.filter(is_active=True, role=Person.Role.BOARD_MEMBER).order_by("pk").first()
else:
    reader = fill(int(sys.argv[1]))
if connection.vendor == "postgresql":
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
counted = {"6": queries(reader, "/deliverables/?due=2026-03-01"), "60": queries(reader, "/deliverables/")}
print(json.dumps({"session": session_of(reader), "queries": counted}))
