"""What a request asks for: the day a page is to be shown as at."""

import datetime as dt
from dataclasses import dataclass

from django.http import HttpRequest

from jcb import dates

EARLIEST = dt.date(2018, 1, 1)


@dataclass(frozen=True)
class AskedDay:
    """The day a page shows. `problem` is a sentence where the day asked for cannot be shown and today is shown instead."""

    day: dt.date
    today: dt.date
    problem: str = ""

    @property
    def is_past(self) -> bool:
        return self.day < self.today

    @property
    def query(self) -> str:
        """What to add to a link so that it shows the same day."""
        return f"?as_at={self.day.isoformat()}" if self.is_past else ""


def day_named(text: str, today: dt.date) -> AskedDay:
    """The day named by `text` (2020-03-12); today where it is empty, later than today, or no date at all."""
    if not text:
        return AskedDay(today, today)
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return AskedDay(
            today,
            today,
            "That is not a date. Give it as year, month and day, such as 2020-03-12. This page shows today.",
        )
    if day > today:
        return AskedDay(today, today, f"{dates.say_day(day)} has not come yet. This page shows today.")
    if day < EARLIEST:
        return AskedDay(today, today, f"The record begins on {dates.say_day(EARLIEST)}. This page shows today.")
    return AskedDay(day, today)


def asked_day(request: HttpRequest) -> AskedDay:
    """The day of `?as_at=` in a request."""
    return day_named(request.GET.get("as_at", "").strip()[:40], dates.today())
