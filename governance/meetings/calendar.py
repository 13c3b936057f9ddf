"""The arithmetic of the Board's calendar: the series, the days it is moved to, the places, and the three deadlines.

Pure: nothing here reads the clock or the database. Hours are elapsed hours, subtracted in UTC; days keep the hour on the
London clock (DOMAIN, "Counting time"). `closed` are days on which nobody works beside weekends and England's bank holidays.
"""

import datetime as dt
import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import holidays

from governance.models import Terms
from jcb import dates

Closed = Mapping[dt.date, str]
NONE_CLOSED: Closed = {}
OPENS, CLOSES = dt.time(9), dt.time(17)
WEEKEND = {5: "Saturday", 6: "Sunday"}
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


# Working days ---------------------------------------------------------------------------------------------------------


@functools.cache
def _bank_holidays(year: int) -> Closed:
    return dict(holidays.country_holidays("GB", subdiv="ENG", years=year, observed=True))


def closed_because(day: dt.date, closed: Closed = NONE_CLOSED) -> str:
    """Why nobody works on a day: "Sunday", "Good Friday", "Sunday and New Year's Day"; empty on a working day."""
    holiday = closed.get(day) or _bank_holidays(day.year).get(day, "")
    return " and ".join(filter(None, [WEEKEND.get(day.weekday(), ""), holiday]))


def next_working_day(day: dt.date, closed: Closed = NONE_CLOSED) -> dt.date:
    """The day itself where it is a working day, else the first working day after it."""
    while closed_because(day, closed):
        day += DAY
    return day


def working_days_before(day: dt.date, number: int, closed: Closed = NONE_CLOSED) -> dt.date:
    """The day so many working days before; the day itself is not counted."""
    for _ in range(number):
        day -= DAY
        while closed_because(day, closed):
            day -= DAY
    return day


def last_working_moment(instant: dt.datetime, closed: Closed = NONE_CLOSED) -> dt.datetime | None:
    """The last moment before an instant at which somebody is at work; None where the instant is in working hours."""
    day, hour = dates.london_day(instant), dates.hour_of(instant)
    if closed_because(day, closed) or hour < OPENS:
        return dates.at(working_days_before(day, 1, closed), CLOSES)
    return dates.at(day, CLOSES) if hour > CLOSES else None


# The series -----------------------------------------------------------------------------------------------------------


def in_series(first: dt.date, terms: Terms, number: int) -> dt.date:
    """The date of meeting `number` of a series (the first is 0), always counted from the first date, so never drifting."""
    steps = terms.every_number * number
    if terms.every_unit == Terms.Every.MONTHS:
        return dates.add_months(first, steps)
    return first + dt.timedelta(weeks=steps)


def place(terms: Terms, turn: int) -> str:
    """Where a meeting is, when `turn` meetings were held before it: the usual place, or each of two in turn."""
    if terms.venue_rule == Terms.Venue.ALTERNATE and turn % 2:
        return terms.venue_second
    return terms.venue_first


# The three instants ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The three instants before a meeting, in UTC."""

    authors_due_at: dt.datetime
    clearing_due_at: dt.datetime
    papers_due_at: dt.datetime


def deadlines(terms: Terms, starts_at: dt.datetime, closed: Closed = NONE_CLOSED) -> Deadlines:
    """When authors hand in, when both co-chairs have cleared, and when papers go out for a meeting."""
    papers = papers_due(terms, starts_at)
    day, hour = dates.london_day(papers), dates.hour_of(papers)
    authors = working_days_before(day, max(terms.authors_working_days, 1), closed)
    return Deadlines(
        authors_due_at=dates.at(authors, hour),
        clearing_due_at=dates.at(working_days_before(day, 1, closed), hour),
        papers_due_at=papers,
    )


def papers_due(terms: Terms, starts_at: dt.datetime) -> dt.datetime:
    """When papers go out: so many elapsed hours before, or the same hour on the London clock so many days before."""
    if terms.notice_unit == Terms.Notice.HOURS:
        return starts_at.astimezone(dt.UTC) - terms.notice_number * HOUR
    return dates.at(dates.london_day(starts_at) - terms.notice_number * DAY, dates.hour_of(starts_at))


def is_in_time(due_at: dt.datetime, happened_at: dt.datetime) -> bool:
    """Exactly at the deadline is in time."""
    return happened_at <= due_at


def hours_late(due_at: dt.datetime, happened_at: dt.datetime) -> int:
    """Whole elapsed hours after a deadline; 0 in time and in the first hour after it."""
    return max((happened_at - due_at) // HOUR, 0)


def days_late(due_at: dt.datetime, happened_at: dt.datetime) -> int:
    """London days after the day of a deadline; 0 in time and on that day."""
    return max((dates.london_day(happened_at) - dates.london_day(due_at)).days, 0)


def say_lateness(due_at: dt.datetime, happened_at: dt.datetime) -> str:
    """ "in time", "less than an hour late", "3 hours late"."""
    if is_in_time(due_at, happened_at):
        return "in time"
    hours = hours_late(due_at, happened_at)
    return f"{hours} hour{'' if hours == 1 else 's'} late" if hours else "less than an hour late"


# A calendar -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Proposed:
    """A meeting that the rules propose. `reason` says why it is not on its date in the series; empty where it is."""

    terms: Terms
    series_on: dt.date
    starts_at: dt.datetime
    venue: str
    deadlines: Deadlines
    reason: str

    @property
    def on(self) -> dt.date:
        return dates.london_day(self.starts_at)

    @property
    def moved_from(self) -> dt.date | None:
        return self.series_on if self.reason else None

    @property
    def length_minutes(self) -> int:
        return self.terms.length_minutes

    @property
    def papers_due_at(self) -> dt.datetime:
        return self.deadlines.papers_due_at


def propose(terms: Terms, series_on: dt.date, hour: dt.time, turn: int, closed: Closed = NONE_CLOSED) -> Proposed:
    """A meeting under these terms on a date of the series, or on the next working day after it."""
    starts_at = dates.at(next_working_day(series_on, closed), hour)
    return Proposed(
        terms=terms,
        series_on=series_on,
        starts_at=starts_at,
        venue=place(terms, turn),
        deadlines=deadlines(terms, starts_at, closed),
        reason=closed_because(series_on, closed),
    )


def preview(terms: Terms, first: dt.date, count: int, hour: dt.time, closed: Closed = NONE_CLOSED) -> list[Proposed]:
    """So many meetings of a series under one version of the terms, from its first date on."""
    return [propose(terms, in_series(first, terms, n), hour, n, closed) for n in range(count)]


def in_force(versions: Iterable[Terms], day: dt.date) -> Terms | None:
    """The terms in force on a day, out of the versions given."""
    begun = [terms for terms in versions if terms.in_force_from <= day]
    return max(begun, key=lambda terms: terms.in_force_from, default=None)


def span(
    versions: Sequence[Terms],
    first: dt.date,
    last: dt.date,
    hour: dt.time,
    closed: Closed = NONE_CLOSED,
    turns: Mapping[int, int] | None = None,
) -> Iterator[Proposed]:
    """Every meeting from a first date to a last, each under the terms in force on its day.

    Where new terms come into force on the way, their rule counts on from the first date that falls under them. `turns`
    says how many meetings came before under each version, by its primary key.
    """
    turns = dict(turns or {})
    terms, start, number = None, first, 0
    while True:
        series_on = in_series(start, terms, number) if terms else first
        if series_on > last:
            return
        now = in_force(versions, next_working_day(series_on, closed))
        if now is None:
            return
        if now != terms:
            terms, start, number = now, series_on, 0
        turn = turns.get(terms.pk, 0)
        yield propose(terms, series_on, hour, turn, closed)
        turns[terms.pk] = turn + 1
        number += 1
