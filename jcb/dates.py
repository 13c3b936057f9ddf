"""The only clock in the house, and what the Board does with dates.

Instants are aware and in UTC; days are London days. In demonstration mode the clock is set by a row
(`jcb.Clock`) and runs on from there, so that the invented year can be looked at from any day in it.
"""

import calendar
import contextlib
import contextvars
import datetime as dt
import zoneinfo
from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.utils import timezone

LONDON = zoneinfo.ZoneInfo("Europe/London")
_held: contextvars.ContextVar[dt.datetime | None] = contextvars.ContextVar("held_instant", default=None)
_shift: contextvars.ContextVar[list[dt.timedelta] | None] = contextvars.ContextVar("clock_shift", default=None)


def now() -> dt.datetime:
    """The present instant, aware, in UTC."""
    if held := _held.get():
        return held
    return real_now() + shift()


def shift() -> dt.timedelta:
    """How far the demonstration's clock was set from the real one; nothing outside it, and where the clock is held."""
    if _held.get() or not settings.DEMONSTRATION:
        return dt.timedelta()
    read = _shift.get()
    if read is None:
        return apps.get_model("jcb", "Clock").shift()
    if not read:
        read.append(apps.get_model("jcb", "Clock").shift())
    return read[0]


def real_now() -> dt.datetime:
    """The present instant outside the demonstration's story: for setting its clock, for seals and backups, and for how long
    a sign-in lasts."""
    return timezone.now()


def today() -> dt.date:
    """Today's date in London."""
    return london_day(now())


def london_day(instant: dt.datetime) -> dt.date:
    """The London date on which an aware instant falls."""
    return instant.astimezone(LONDON).date()


def start_of_day(day: dt.date) -> dt.datetime:
    """The first instant of a London day, in UTC."""
    return dt.datetime.combine(day, dt.time(), tzinfo=LONDON).astimezone(dt.UTC)


def end_of_day(day: dt.date) -> dt.datetime:
    """The first instant after a London day, in UTC: a row belongs to the day when it is earlier than this."""
    return start_of_day(day + dt.timedelta(days=1))


def at(day: dt.date, hour: dt.time) -> dt.datetime:
    """The instant, in UTC, of an hour on the London clock. Where the clocks skip or double it: the earlier instant."""
    readings = (dt.datetime.combine(day, hour.replace(fold=fold), tzinfo=LONDON) for fold in (0, 1))
    return min(reading.astimezone(dt.UTC) for reading in readings)


def hour_of(instant: dt.datetime) -> dt.time:
    """What the London clock shows at an instant."""
    return instant.astimezone(LONDON).time().replace(fold=0)


def hours_before(instant: dt.datetime, hours: int) -> dt.datetime:
    """So many elapsed hours before an instant, in UTC: 72 hours before Monday 30 March 2020 10:00 is Friday 09:00."""
    return instant.astimezone(dt.UTC) - dt.timedelta(hours=hours)


@contextlib.contextmanager
def held_at(instant: dt.datetime) -> Iterator[None]:
    """Stop the clock at an instant, for one document or one test."""
    token = _held.set(instant.astimezone(dt.UTC))
    try:
        yield
    finally:
        _held.reset(token)


@contextlib.contextmanager
def one_reading() -> Iterator[None]:
    """Read the demonstration clock's row at most once for everything inside, such as one request."""
    token = _shift.set([])
    try:
        yield
    finally:
        _shift.reset(token)


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day so many months on; a month after the 31st is the last day of the next month."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(years, month + 1, min(day.day, calendar.monthrange(years, month + 1)[1]))


def last_of_month(day: dt.date) -> dt.date:
    """The last day of the month: a month named as a date means this day."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def financial_year(day: dt.date) -> int:
    """The year in which the financial year of a day begins: it runs from 1 April to 31 March."""
    return day.year - (day.month < 4)


def year_starts(year: int) -> dt.date:
    """The first day of the financial year that begins in a year."""
    return dt.date(year, 4, 1)


def year_ends(year: int) -> dt.date:
    """The last day of the financial year that begins in a year."""
    return dt.date(year + 1, 3, 31)


def say_financial_year(year: int) -> str:
    """ "2019/20", of the financial year that begins in 2019."""
    return f"{year}/{(year + 1) % 100:02}"


def say_day(day: dt.date | dt.datetime | None) -> str:
    """A date in words, "12 March 2020"; empty for no date. Instants are said by their London day."""
    if day is None:
        return ""
    if isinstance(day, dt.datetime):
        day = london_day(day)
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"


def say_month(day: dt.date | None) -> str:
    """A month in words, "July 2021"; empty for no date."""
    return f"{calendar.month_name[day.month]} {day.year}" if day else ""


def say_instant(instant: dt.datetime) -> str:
    """An instant in words on the London clock, "Thursday 10 September 2020, 10:00"."""
    local = instant.astimezone(LONDON)
    return f"{calendar.day_name[local.weekday()]} {say_day(local.date())}, {local:%H:%M}"


def say_weekday(day: dt.date | dt.datetime) -> str:
    """A date near enough to need no year, "Monday 30 March"; instants are said by their London day."""
    if isinstance(day, dt.datetime):
        day = london_day(day)
    return f"{calendar.day_name[day.weekday()]} {day.day} {calendar.month_name[day.month]}"


def say_near(instant: dt.datetime) -> str:
    """An instant near enough to need no year, "Friday 27 March, 09:00"."""
    return f"{say_weekday(instant)}, {hour_of(instant):%H:%M}"
