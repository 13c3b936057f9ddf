"""Fill the floor: 5 plans of 60 deliverables with 30 updates each, and a signed-in session, whose key is printed."""

import datetime as dt
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "floor.settings")
django.setup()

from core.models import Deliverable, Organisation, Plan, Progress, Workstream  # noqa: E402 -- after Django
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402 -- after Django
from django.contrib.auth.models import User  # noqa: E402 -- after Django
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402 -- after Django
from django.core.management import call_command  # noqa: E402 -- after Django
from django.utils import timezone  # noqa: E402 -- after Django

NOTE = "the working group met and agreed the next steps for the review, with further detail to come to the board."

call_command("migrate", verbosity=0)  # what our tables refer to comes first
call_command("migrate", run_syncdb=True, verbosity=0)
people = [User.objects.create_user(f"u{i}", first_name=f"First{i}", last_name=f"O'Last{i}") for i in range(20)]
bodies = [Organisation.objects.create(name=f"Organisation & Partners {i}") for i in range(8)]
now = timezone.now()
for k in range(5):
    plan = Plan.objects.create(name=f"Commissioning Plan {k}", organisation=bodies[k])
    streams = [Workstream.objects.create(plan=plan, name=f"Workstream {k}.{i}", order=i) for i in range(8)]
    rows = Deliverable.objects.bulk_create(
        Deliverable(
            plan=plan,
            workstream=streams[i % 8],
            reference=f"D{k}.{i}",
            title=f"Deliverable {i}: redesign of the pathway for service {i}",
            lead=people[i % 20],
            organisation=bodies[i % 8],
            due=dt.date(2026, 1, 1) + dt.timedelta(days=i * 5),
            status=["red", "amber", "green"][i % 3],
            order=i,
        )
        for i in range(60)
    )
    Progress.objects.bulk_create(
        Progress(
            deliverable=row,
            author=people[(i + j) % 20],
            at=now - dt.timedelta(days=j),
            status="amber",
            note=f"Update {j}: {NOTE}",
        )
        for i, row in enumerate(rows)
        for j in range(30)
    )
session = SessionStore()
session[SESSION_KEY] = str(people[0].pk)
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session[HASH_SESSION_KEY] = people[0].get_session_auth_hash()
session.save()
print(session.session_key)
