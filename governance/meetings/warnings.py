"""What is worth knowing about the date of a meeting, in sentences. A warning never moves anything.

Made from a meeting or from a proposed one: both say when they start, under which terms, and when papers are due.
"""

import datetime as dt
from collections.abc import Iterable

from governance.meetings import calendar
from governance.meetings.calendar import Closed, Proposed
from governance.models import Caution, Meeting, Terms
from jcb import dates


def warnings(meeting: Meeting | Proposed, closed: Closed, cautions: Iterable[Caution]) -> list[str]:
    """Everything that is odd about a meeting's date and its paper deadline."""
    found = [about_the_day(meeting.on, closed), *about_cautions(meeting.on, cautions)]
    found += [about_the_clock(meeting), about_an_instant(meeting.papers_due_at, closed)]
    return [sentence for sentence in found if sentence]


def about_the_day(day: dt.date, closed: Closed) -> str:
    """A meeting on a day on which nobody works."""
    reason = calendar.closed_because(day, closed)
    if reason in calendar.WEEKEND.values():
        return f"The meeting is on a {reason}."
    return f"{dates.say_weekday(day)} is a closed day: {reason}." if reason else ""


def about_cautions(day: dt.date, cautions: Iterable[Caution]) -> list[str]:
    """School holidays and pre-election periods on the day, and where: one sentence for those of the same days."""
    places: dict[tuple, list[str]] = {}
    for caution in cautions:
        if caution.first_on <= day <= caution.last_on:
            same = (caution.kind, caution.name, caution.first_on, caution.last_on)
            places.setdefault(same, []).extend([caution.area.name] if caution.area else [])
    found = []
    for (kind, name, first, last), areas in places.items():
        where = f" in {', and in '.join(sorted(areas))}" if areas else ""
        what = "school holidays" if kind == Caution.Kind.SCHOOL_HOLIDAY else "pre-election period"
        found.append(f"It falls in the {what}{where}: {name}, {dates.say_day(first)} to {dates.say_day(last)}.")
    return found


def about_the_clock(meeting: Meeting | Proposed) -> str:
    """Hours of notice across a clock change: why the papers are due at another hour than the meeting's."""
    terms = meeting.terms
    due, hour = dates.hour_of(meeting.papers_due_at), dates.hour_of(meeting.starts_at)
    if terms.notice_unit != Terms.Notice.HOURS or meeting.papers_due_at != calendar.papers_due(
        terms, meeting.starts_at
    ):
        return ""
    change = _clock_change(meeting.papers_due_at, meeting.starts_at)
    if change is None:
        return ""
    day, way = change
    instead = f", not {hour:%H:%M}" if terms.notice_number % 24 == 0 else ""
    return f"The clocks go {way} on {dates.say_weekday(day)}, so {terms.notice_number} hours before is {due:%H:%M}{instead}."


def _clock_change(first: dt.datetime, last: dt.datetime) -> tuple[dt.date, str] | None:
    """The day on which the clocks change between two instants, and which way."""
    before, after = (instant.astimezone(dates.LONDON).utcoffset() for instant in (first, last))
    if before == after:
        return None
    day = dates.london_day(first)
    while dates.end_of_day(day).astimezone(dates.LONDON).utcoffset() == before:
        day += calendar.DAY
    return day, "forward" if after > before else "back"


def about_an_instant(instant: dt.datetime, closed: Closed) -> str:
    """A deadline outside working hours, with the last working moment before it."""
    last = calendar.last_working_moment(instant, closed)
    if last is None:
        return ""
    day = dates.london_day(instant)
    reason = calendar.closed_because(day, closed)
    if not reason or reason in calendar.WEEKEND.values():
        odd = f"{dates.say_near(instant)} is outside working hours"
    else:
        odd = f"{dates.say_weekday(day)} is a closed day, {reason}"
    return f"{odd}. The deadline is not moved: aim for {dates.say_near(last)}."


def about_the_terms(meeting: Meeting, versions: Iterable[Terms]) -> str:
    """A meeting planned under terms that are no longer those in force on its day."""
    now = calendar.in_force(versions, meeting.on)
    if now is None or now.pk == meeting.terms_id or meeting.is_over:
        return ""
    return f"It was planned under “{meeting.terms}”, but on its day “{now}” is in force. Change its date or edit it, and it follows them."
