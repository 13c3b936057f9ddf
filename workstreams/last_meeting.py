"""The seam between progress and the Board's meetings: what is new is what came since the last
one, and a round asks for updates before the next."""

import datetime as dt

from django.utils.module_loading import import_string

FINDER = "governance.last_meeting.since"
ASKER = "governance.rounds.asking.my_part"


def last_meeting(day: dt.date) -> dt.datetime | None:
    """The instant of the last meeting held by the end of a day. Meetings sit to the right of this room, so the finder is
    looked up."""
    return import_string(FINDER)(day)


def asked_of(person, day: dt.date):
    """A person's part of the open reporting round, in words; None where nothing is asked of them."""
    return import_string(ASKER)(person, day)
