"""What the pages of meetings show, made from the records before a template sees it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from governance.meetings import calendar
from governance.meetings.calendar import Closed
from governance.meetings.operations import STANDING, closed_days
from governance.meetings.warnings import about_the_terms, warnings
from governance.models import AgendaItem, Caution, ForwardItem, Meeting, Terms
from jcb import access, dates
from jcb.models import Person

MOST_LINES = 6
WIDTH = 1140


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One thing on a meeting's agenda or planned for it."""

    title: str
    deep_dive: bool = False


@dataclass(slots=True)
class Line:
    """A meeting in the list of the year. `note` says how near it is; `odd` what is odd about its date."""

    meeting: Meeting
    state: str
    note: str
    is_next: bool
    papers: str
    odd: list[str]
    items: list[ItemLine] = field(default_factory=list)
    more: int = 0

    @property
    def day(self) -> str:
        return dates.say_weekday(self.meeting.starts_at)

    @property
    def is_cancelled(self) -> bool:
        return self.meeting.state == Meeting.State.CANCELLED

    @property
    def is_held(self) -> bool:
        return self.meeting.state in {Meeting.State.HELD, Meeting.State.AGREED}


@dataclass(frozen=True, slots=True)
class Dot:
    """A meeting on the line of the year: `x` along it, the day of the month in it, a word above it."""

    x: float
    day: int
    word: str
    radius: int
    kind: str
    text: str


def year_page(person: Person, year: int, now: dt.datetime) -> dict:
    """The Board's year: the line, every meeting, and what is odd. The number of queries does not grow with it."""
    meetings = list(_of_year(person, year))
    versions = list(Terms.objects.visible_to(person))
    coming = Meeting.objects.visible_to(person).coming(now).filter(state__in=STANDING).first()
    closed = closed_days()
    cautions = list(Caution.objects.visible_to(person).select_related("area"))
    lines = [_line(meeting, coming, now, closed, cautions, versions) for meeting in meetings]
    _add_items(lines, person)
    years = sorted(
        {dates.london_day(at).year for at in Meeting.objects.visible_to(person).values_list("starts_at", flat=True)}
    )
    return {
        "year": year,
        "lines": lines,
        "headline": headline(coming, now),
        "terms": [terms_in_words(terms) for terms in _terms_of(meetings, versions, year)],
        "picture": picture(lines, year),
        "years": [each for each in years if each != year],
        "may_prepare": access.may_prepare_meetings(person),
    }


def _of_year(person: Person, year: int):
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    rows = Meeting.objects.visible_to(person).select_related("terms", "moved_to")
    return rows.filter(starts_at__gte=dates.start_of_day(first), starts_at__lt=dates.end_of_day(last)).order_by(
        "starts_at"
    )


def _terms_of(meetings: Sequence[Meeting], versions: Sequence[Terms], year: int) -> list[Terms]:
    """The terms that the year's meetings stand under, oldest first; without meetings those in force at its end."""
    used = {meeting.terms for meeting in meetings} or {calendar.in_force(versions, dt.date(year, 12, 31))}
    return sorted(filter(None, used), key=lambda terms: terms.in_force_from)


def terms_in_words(terms: Terms) -> str:
    """ "Terms of reference, 2020: every 6 weeks, 120 minutes, Kensington Town Hall, papers out 72 hours before"."""
    unit = terms.get_every_unit_display()
    every = f"every {unit[:-1]}" if terms.every_number == 1 else f"every {terms.every_number} {unit}"
    where = terms.venue_first
    if terms.venue_rule == Terms.Venue.ALTERNATE:
        where = f"{terms.venue_first} and {terms.venue_second} in turn"
    notice = f"papers out {terms.notice_number} {terms.get_notice_unit_display()} before"
    return f"{terms.title}: {every}, {terms.length_minutes} minutes, {where}, {notice}"


def headline(coming: Meeting | None, now: dt.datetime) -> str:
    """Where the Board stands in its year, in one or two sentences."""
    if coming is None:
        return "No meeting is planned."
    when = f"The next meeting is on {dates.say_near(coming.starts_at)}, {in_days(coming.on, dates.london_day(now))}."
    if coming.state == Meeting.State.PUBLISHED:
        return f"{when} Its pack is published."
    if coming.papers_due_at > now:
        return f"{when} Papers go out on {dates.say_near(coming.papers_due_at)}."
    late = calendar.say_lateness(coming.papers_due_at, now)
    return f"{when} Papers were due out on {dates.say_near(coming.papers_due_at)}: {late}."


def in_days(day: dt.date, today: dt.date) -> str:
    """ "today", "tomorrow", "in 18 days"."""
    ahead = (day - today).days
    return {0: "today", 1: "tomorrow"}.get(ahead, f"in {ahead} days")


def _line(meeting, coming, now, closed, cautions, versions) -> Line:
    is_next = meeting == coming
    odd = []
    if not meeting.is_over:
        odd = [*warnings(meeting, closed, cautions), about_the_terms(meeting, versions)]
    return Line(
        meeting=meeting,
        state=how_far(meeting, now),
        note=f"Next, {in_days(meeting.on, dates.london_day(now))}" if is_next else "",
        is_next=is_next,
        papers="" if meeting.is_over else f"Papers out {dates.say_near(meeting.papers_due_at)}",
        odd=[moved_in_words(meeting), *filter(None, odd)] if moved_in_words(meeting) else list(filter(None, odd)),
    )


def state_in_words(meeting: Meeting, now: dt.datetime) -> str:
    """How far a meeting is, in a few words."""
    if meeting.state == Meeting.State.CANCELLED:
        to = f", passed on to {dates.say_weekday(meeting.moved_to.starts_at)}" if meeting.moved_to else ""
        return f"Cancelled{to}"
    words = meeting.get_state_display()
    if meeting.quorate is False:
        words += ", without a quorum"
    if meeting.resumes_at and meeting.resumes_at > now:
        words += f", adjourned until {dates.say_near(meeting.resumes_at)}"
    if meeting.state in STANDING and meeting.starts_at < now:
        words += ", not yet marked as held"
    return words


def how_far(meeting: Meeting, now: dt.datetime) -> str:
    """The same beside a mark that says already whether it was held or cancelled."""
    if meeting.state == Meeting.State.CANCELLED:
        to = meeting.moved_to
        return f"Passed on to {dates.say_weekday(to.starts_at)}" if to else "Nothing was passed on"
    if meeting.state not in {Meeting.State.HELD, Meeting.State.AGREED}:
        return state_in_words(meeting, now)
    words = "Minutes agreed" if meeting.state == Meeting.State.AGREED else "Minutes not yet agreed"
    return f"{words}, no quorum" if meeting.quorate is False else words


def moved_in_words(meeting: Meeting) -> str:
    """Why a meeting is not on its date in the series; empty where it is."""
    if not meeting.moved_because or meeting.on == meeting.series_on:
        return ""
    return f"Moved from {dates.say_weekday(meeting.series_on)}: {meeting.moved_because}"


def _add_items(lines: list[Line], person: Person) -> None:
    """What is on each agenda that the person may see, then what is planned and not on it yet: two queries."""
    by_meeting = {line.meeting.pk: line for line in lines}
    deep = ForwardItem.Kind.DEEP_DIVE
    items = (
        AgendaItem.objects.visible_to(person)
        .filter(meeting__in=by_meeting, standing=None, withdrawn_because="")
        .in_order()
    )
    taken = set()
    for item in items.select_related("forward"):
        taken.add(item.forward_id)
        is_deep = bool(item.forward and item.forward.kind == deep)
        by_meeting[item.meeting_id].items.append(ItemLine(item.title, is_deep))
    planned = (
        ForwardItem.objects.visible_to(person).filter(meeting__in=by_meeting, done=False).exclude(pk__in=taken - {None})
    )
    for item in planned.order_by("title"):
        by_meeting[item.meeting_id].items.append(ItemLine(item.title, item.kind == deep))
    for line in lines:
        line.items.sort(key=lambda item: not item.deep_dive)
        line.more = max(len(line.items) - MOST_LINES, 0)
        del line.items[MOST_LINES:]


def picture(lines: list[Line], year: int) -> dict:
    """The line of the year, drawn: months, dots, and the whole of it in a sentence."""
    length = (dt.date(year + 1, 1, 1) - dt.date(year, 1, 1)).days

    def along(day: dt.date) -> float:
        return round((day - dt.date(year, 1, 1)).days / length * WIDTH, 1)

    starts = [dt.date(year, month, 1) for month in range(1, 13)]
    months = [
        {
            "x": along(first),
            "middle": round((along(first) + along(dates.add_months(first, 1))) / 2, 1),
            "name": f"{first:%b}",
        }
        for first in starts
    ]
    dots: list[Dot] = []
    for line in lines:
        kind, word = _dot(line)
        day, radius = line.meeting.on, 17 if line.is_next else 13
        text = "c-t c-m c-b c-w" if kind == "c-kf" else "c-t c-m c-b"
        # Two within days of each other stand side by side.
        free = dots[-1].x + dots[-1].radius + radius + 2 if dots else 0
        dots.append(Dot(max(along(day), free), day.day, word, radius, kind, text))
    return {"months": months, "dots": dots, "says": _year_in_words(lines, year)}


def _dot(line: Line) -> tuple[str, str]:
    if line.is_cancelled:
        return "c-box c-dash", "cancelled"
    if line.is_held:
        return "c-kf", "held"
    return ("c-kf", "next") if line.is_next else ("c-boxb", "")


def _year_in_words(lines: list[Line], year: int) -> str:
    standing = [line for line in lines if not line.is_cancelled]
    if not standing:
        return f"No meetings in {year}."
    many = f"{len(standing)} meeting{'' if len(standing) == 1 else 's'} in {year}"
    if len(standing) > 1:
        first, last = (dates.say_day(line.meeting.starts_at).rsplit(" ", 1)[0] for line in (standing[0], standing[-1]))
        many += f", from {first} to {last}"
    held = sum(line.is_held for line in lines)
    coming = next((line for line in lines if line.is_next), None)
    parts = [f"{many}.", f"{held} held." if held else ""]
    parts.append(f"The next is {coming.day}." if coming else "")
    cancelled = len(lines) - len(standing)
    parts.append(f"{cancelled} cancelled." if cancelled else "")
    return " ".join(filter(None, parts))


@dataclass(frozen=True, slots=True)
class Instant:
    """One of the instants of a meeting, and the last working moment where it falls outside working hours."""

    name: str
    when: str
    last: str
    is_past: bool


def instants(meeting: Meeting, now: dt.datetime, closed: Closed) -> list[Instant]:
    """The three deadlines of a meeting, in their order."""
    found = (
        ("Papers due from authors", meeting.authors_due_at),
        ("Cleared by both co-chairs", meeting.clearing_due_at),
        ("Papers out to members", meeting.papers_due_at),
    )
    return [_instant(name, at, now, closed) for name, at in found]


def _instant(name: str, at: dt.datetime, now: dt.datetime, closed: Closed) -> Instant:
    last = calendar.last_working_moment(at, closed)
    return Instant(name, dates.say_instant(at), dates.say_near(last) if last else "", at < now)


def detail_page(meeting: Meeting, person: Person, now: dt.datetime) -> dict:
    """One meeting: when, where, by when, with which items, what was changed, and what may be done to it."""
    closed = closed_days()
    cautions = Caution.objects.visible_to(person).select_related("area")
    versions = list(Terms.objects.visible_to(person))
    odd = [] if meeting.is_over else [*warnings(meeting, closed, cautions), about_the_terms(meeting, versions)]
    items = AgendaItem.objects.visible_to(person).filter(meeting=meeting).in_order().select_related("presenter")
    planned = ForwardItem.objects.visible_to(person).filter(meeting=meeting, done=False)
    on_agenda = [item.forward_id for item in items if item.forward_id]
    return {
        "meeting": meeting,
        "title": dates.say_instant(meeting.starts_at),
        "state": state_in_words(meeting, now),
        "headline": detail_headline(meeting, now),
        "ends": f"{dates.hour_of(meeting.ends_at):%H:%M}",
        "resumes": dates.say_instant(meeting.resumes_at) if meeting.resumes_at else "",
        "moved": moved_in_words(meeting),
        "instants": instants(meeting, now, closed),
        "odd": list(filter(None, odd)),
        "items": items,
        "planned": planned.exclude(pk__in=on_agenda).order_by("title"),
        "changes": [(change, dates.say_instant(change.at)) for change in _changes(meeting, person)],
        "took_over": meeting.took_over.order_by("starts_at"),
        "may_prepare": access.may_prepare_meetings(person),
        "room_open": meeting.starts_at <= now and meeting.state != Meeting.State.CANCELLED,
        "verbs": verbs(meeting, now) if access.may_prepare_meetings(person) else [],
    }


def detail_headline(meeting: Meeting, now: dt.datetime) -> str:
    """Where one meeting stands, in a sentence."""
    if meeting.is_over:
        return f"{state_in_words(meeting, now)}."
    if meeting.starts_at <= now:
        return "It has begun, and is not marked as held yet."
    ahead = in_days(meeting.on, dates.london_day(now))
    if meeting.state == Meeting.State.PUBLISHED:
        return f"It is {ahead}, and its pack is published."
    if meeting.papers_due_at > now:
        return f"It is {ahead}. Papers go out on {dates.say_near(meeting.papers_due_at)}."
    return f"It is {ahead}. Papers were due out on {dates.say_near(meeting.papers_due_at)}."


def _changes(meeting: Meeting, person: Person):
    rows = meeting.changes.model.objects.visible_to(person).filter(meeting=meeting)
    return rows.select_related("by").order_by("-at", "-pk")


def verbs(meeting: Meeting, now: dt.datetime) -> list[tuple[str, str]]:
    """What may be done to a meeting as it stands: the name in the address and the words on the page."""
    begun = meeting.starts_at <= now
    found = []
    if meeting.state in STANDING:
        found = [("edit", "Edit length, chair and deadlines"), ("postpone", "Change the day or the hour")]
        found += [("place", "Move it to another place"), ("cancel", "Cancel it")]
        if begun:
            found.insert(0, ("held", "Mark it as held"))
    if meeting.state == Meeting.State.HELD or (meeting.state in STANDING and begun):
        found.append(("adjourn", "Adjourn it"))
    return found


def taken_days(person: Person, days: list[dt.date]) -> set[dt.date]:
    """The days, of those given, on which a meeting stands already."""
    if not days:
        return set()
    rows = Meeting.objects.visible_to(person).filter(state__in=[*STANDING, Meeting.State.HELD, Meeting.State.AGREED])
    span = rows.filter(starts_at__gte=dates.start_of_day(min(days)), starts_at__lt=dates.end_of_day(max(days)))
    return {dates.london_day(at) for at in span.values_list("starts_at", flat=True)} & set(days)
