"""When the Board last met: what "since the last meeting" counts from."""

import datetime as dt

from governance.models import Meeting
from jcb import dates


def since(day: dt.date) -> dt.datetime | None:
    """The instant at which the last meeting held before the end of a London day began; None before the first."""
    return Meeting.objects.held(dates.end_of_day(day)).values_list("starts_at", flat=True).first()
