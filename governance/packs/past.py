"""The demonstration's past meetings get the packs that were published for them, each as at the day it went out.

They are drawn from the record like any other pack, with the clock held at that day, and no e-mail is sent for them.
"""

import datetime as dt
from collections.abc import Iterator

from governance.models import Meeting
from governance.packs.publish import publish
from jcb import access, dates
from jcb.history import attributed_to
from jcb.models import Person

BEFORE_THE_DEADLINE = dt.timedelta(hours=18)


def without_pack():
    """Invented meetings that were held, had an agenda, and have no pack."""
    held = Meeting.objects.filter(invented=True, state__in=[Meeting.State.HELD, Meeting.State.AGREED])
    return held.filter(packs=None, items__isnull=False).distinct().order_by("starts_at")


def publish_past() -> Iterator[Meeting]:
    """Publish the missing packs of past meetings, one after the other; each meeting is given back once it has its own.

    Effects: as `publish`, at an instant before the meeting's deadline.
    """
    by = Person.objects.filter(role=access.SECRETARIAT, is_demonstration=True, is_active=True).order_by("pk").first()
    for meeting in without_pack() if by else ():
        with dates.held_at(meeting.papers_due_at - BEFORE_THE_DEADLINE), attributed_to(by):
            publish(meeting=meeting, by=by, number=1, already_sent=True)
        yield meeting
