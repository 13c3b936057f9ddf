"""The forward plan as data: for the screen, for print, and for packs.

    build(as_at)           as it is printed, the same for every reader
    build(as_at, person)   as somebody sees it: members also see what became a restricted item

All values are text as it is shown.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from governance.models import AgendaItem, ForwardItem, Meeting, Terms
from jcb import dates
from jcb.models import Person
from workstreams.models import Plan, Theme

Kind = ForwardItem.Kind
NUMBERS = "no one two three four five six seven eight nine ten".split()
GAP, PLANNED, DONE = "gap", "wait", "yes"  # how far a deep dive is: the marks of the screen


@dataclass(frozen=True, slots=True)
class Item:
    """Something planned. `about` is what it belongs to; `label` its number on the agenda, where it stands there."""

    key: str
    title: str
    kind: str
    deep: bool
    minutes: int
    presenter: str
    about: str
    proposed_by: str
    note: str
    label: str
    invented: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A coming meeting, or a month in which no meeting is chosen yet, with what is planned there."""

    key: str
    is_meeting: bool
    name: str
    detail: str
    papers: str
    is_next: bool
    minutes: str
    room: bool
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class DeepDive:
    """A theme and where its deep dive of the year is."""

    theme: str
    theme_pk: int
    where: str
    mark: str
    key: str


@dataclass(frozen=True, slots=True)
class Cycle:
    """The deep dives of one plan in one year of it, and the meetings that are left in that year."""

    plan: str
    year: str
    until: str
    dives: tuple[DeepDive, ...]
    to_come: int
    without_place: int
    meetings_left: int
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FixedDate:
    """What comes in its month: a review, a refresh, a report. `where` says what is planned; `gap` where nothing is."""

    what: str
    when: str
    where: str
    gap: bool
    kind: str
    month: str
    title: str


@dataclass(frozen=True, slots=True)
class ForwardPlan:
    """The forward plan as at the beginning of a day."""

    title: str
    as_at: str
    headline: str
    cycles: tuple[Cycle, ...]
    places: tuple[Place, ...]
    left_behind: tuple[Item, ...]
    parked: tuple[Item, ...]
    fixed: tuple[FixedDate, ...]
    demonstration: bool

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(words for cycle in self.cycles for words in cycle.warnings)


@dataclass(frozen=True, slots=True)
class Year:
    """A year of a plan: twelve months from its edition, the last one cut off at the end of its period."""

    first: dt.date
    last: dt.date

    def holds(self, day: dt.date) -> bool:
        return self.first <= day <= self.last


def year_of(plan: Plan, day: dt.date) -> Year:
    """The year of a plan in which a day falls. Past the plan's period years go on by twelve months."""
    months = max((day.year - plan.edition_month.year) * 12 + day.month - plan.edition_month.month, 0)
    first = dates.add_months(plan.edition_month, months // 12 * 12)
    last = dates.add_months(first, 12) - dt.timedelta(days=1)
    return Year(first, last if plan.is_past_period(day) else min(last, plan.ends_on))


def build(as_at: dt.date, person: Person | None = None) -> ForwardPlan:
    """The forward plan as at a day, for a person, or as it is printed. Reads the database only."""
    rows = ForwardItem.objects.visible_to(person) if person else ForwardItem.objects.unrestricted()
    rows = rows.select_related("theme", "workstream__plan__area", "presenter", "proposed_by", "meeting")
    everything = list(rows.order_by("pk"))
    now = dates.start_of_day(as_at)
    meetings = list(Meeting.objects.coming(now))
    labels = _labels(person)
    open_rows = [row for row in everything if not row.done]
    items = {row.pk: _item(row, labels) for row in open_rows}
    coming = {meeting.pk for meeting in meetings}
    gone, month = [], as_at.replace(day=1)
    for row in open_rows:
        at_a_cancelled = row.meeting and row.meeting.state == Meeting.State.CANCELLED
        if at_a_cancelled or (row.month and row.month < month):
            gone.append(row)
    plans = _plans()
    cycles = tuple(_cycle(plan, everything, meetings, as_at) for plan in plans)
    room = {
        meeting.pk
        for plan, cycle in zip(plans, cycles, strict=True)
        if cycle.without_place
        for meeting in _free(left_in(year_of(plan, as_at), meetings), everything)
    }
    return ForwardPlan(
        title="Forward plan",
        as_at=dates.say_day(as_at),
        headline=_headline(cycles, meetings, sum(row.meeting_id in coming for row in open_rows)),
        cycles=cycles,
        places=_places(meetings, open_rows, items, month, as_at, room),
        left_behind=tuple(items[row.pk] for row in gone),
        parked=tuple(items[row.pk] for row in open_rows if row.is_parked),
        fixed=tuple(_fixed(everything, as_at)),
        demonstration=any(item.invented for item in items.values()),
    )


def count(number: int) -> str:
    """A number in words up to ten, in figures beyond."""
    return NUMBERS[number] if number < len(NUMBERS) else f"{number:,}"


def _plans() -> list[Plan]:
    """The live plans that have themes, with them."""
    return list(
        Plan.objects.filter(state=Plan.State.LIVE, themes__isnull=False)
        .distinct()
        .select_related("area")
        .prefetch_related("themes")
        .order_by("edition_month", "pk")
    )


def _labels(person: Person | None) -> dict[int, str]:
    """The agenda number of each forward item that stands on an agenda; empty words before numbers are frozen."""
    rows = AgendaItem.objects.visible_to(person) if person else AgendaItem.objects.filter(restricted=False)
    rows = rows.filter(forward__isnull=False, withdrawn_because="")
    return {
        forward: f"{number}{suffix}" if number else ""
        for forward, number, suffix in rows.values_list("forward", "number", "suffix")
    }


def _item(row: ForwardItem, labels: dict[int, str]) -> Item:
    about = []
    if row.workstream:
        about.append(f"Workstream {row.workstream.number}: {row.workstream.short_name}")
    if row.theme and row.kind != Kind.DEEP_DIVE:
        about.append(f"Theme: {row.theme.short_name}")
    label = labels.get(row.pk)
    return Item(
        key=row.key,
        title=row.title,
        kind="" if _says_its_kind(row) else row.get_kind_display(),
        deep=row.kind == Kind.DEEP_DIVE,
        minutes=row.minutes,
        presenter=row.presenter.name if row.presenter else "",
        about="; ".join(about),
        proposed_by=row.proposed_by.name if row.proposed_by else "",
        note=row.note,
        label="" if label is None else (f"item {label}" if label else "on the agenda"),
        invented=row.invented,
    )


def _says_its_kind(row: ForwardItem) -> bool:
    return row.kind == Kind.ITEM or (row.kind == Kind.DEEP_DIVE and "deep dive" in row.title.casefold())


# Meetings and months --------------------------------------------------------------------------------------------------


def _places(meetings, rows, items, month: dt.date, as_at: dt.date, room: set[int]) -> tuple[Place, ...]:
    """Coming meetings and the months with something in them, in their order; a month stands at its beginning."""
    by_meeting: dict[int, list[ForwardItem]] = {}
    by_month: dict[dt.date, list[ForwardItem]] = {}
    for row in rows:
        if row.meeting_id:
            by_meeting.setdefault(row.meeting_id, []).append(row)
        elif row.month and row.month >= month:
            by_month.setdefault(row.month.replace(day=1), []).append(row)
    found = [
        (meeting.on, _meeting(meeting, by_meeting.get(meeting.pk, []), items, place == 0, as_at, meeting.pk in room))
        for place, meeting in enumerate(meetings)
    ]
    found += [
        (
            first,
            Place(
                key=f"{first:%Y-%m}",
                is_meeting=False,
                name=dates.say_month(first),
                detail="No meeting chosen yet",
                papers="",
                is_next=False,
                minutes="",
                room=False,
                items=tuple(items[row.pk] for row in planned),
            ),
        )
        for first, planned in by_month.items()
    ]
    return tuple(place for _, place in sorted(found, key=lambda pair: (pair[0], pair[1].is_meeting)))


def _meeting(
    meeting: Meeting, planned: Sequence[ForwardItem], items, is_next: bool, as_at: dt.date, room: bool
) -> Place:
    planned = sorted(planned, key=lambda row: (row.kind != Kind.DEEP_DIVE, row.pk))
    minutes = sum(row.minutes for row in planned)
    year = "" if meeting.on.year == as_at.year else f" {meeting.on.year}"
    return Place(
        key=meeting.key,
        is_meeting=True,
        name=f"{dates.say_weekday(meeting.starts_at)}{year}",
        detail=f"{dates.hour_of(meeting.starts_at):%H:%M} to {dates.hour_of(meeting.ends_at):%H:%M}, {meeting.venue}",
        papers=f"Papers out {dates.say_near(meeting.papers_due_at)}",
        is_next=is_next,
        minutes=f"{minutes} of {meeting.length_minutes} minutes planned" if minutes else "",
        room=room,
        items=tuple(items[row.pk] for row in planned),
    )


def say_place(row: ForwardItem, as_at: dt.date) -> str:
    """Where an item is planned: "28 September 2020", "some time in October 2020", "parked"."""
    if row.meeting:
        if row.meeting.state == Meeting.State.CANCELLED:
            return f"no meeting: that of {dates.say_day(row.meeting.starts_at)} is cancelled"
        return dates.say_day(row.meeting.starts_at)
    if row.month:
        passed = ", which has passed" if row.month < as_at.replace(day=1) else ", no meeting chosen yet"
        return f"some time in {dates.say_month(row.month)}{passed}"
    return "parked"


# Deep dives -----------------------------------------------------------------------------------------------------------


def left_in(year: Year, meetings: Iterable[Meeting]) -> list[Meeting]:
    """Of the coming meetings, those in which a deep dive of this year can be: ordinary ones in the year."""
    return [meeting for meeting in meetings if meeting.kind == Meeting.Kind.ORDINARY and year.holds(meeting.on)]


def _free(meetings: Iterable[Meeting], rows: Iterable[ForwardItem]) -> list[Meeting]:
    """Of some meetings, those that have no deep dive yet."""
    taken = {row.meeting_id for row in rows if row.kind == Kind.DEEP_DIVE and not row.done}
    return [meeting for meeting in meetings if meeting.pk not in taken]


def dive_of(theme: Theme, rows: Iterable[ForwardItem], year: Year, as_at: dt.date) -> ForwardItem | None:
    """The deep dive of a theme that counts for a year of its plan: one at a meeting of the year, else one in a month of
    it, else one that has no place. One taken in another year does not count."""
    own = [row for row in rows if row.kind == Kind.DEEP_DIVE and row.theme_id == theme.pk]
    held = [row for row in own if _is_at(row) and year.holds(row.meeting.on)]
    in_month = [row for row in own if row.month and year.holds(row.month)]
    placeless = [row for row in own if not _is_at(row) and not (row.month and row.month > year.last) and not row.done]
    return next(iter([*held, *in_month, *placeless]), None)


def has_place(row: ForwardItem | None, as_at: dt.date) -> bool:
    """Whether an item has a meeting, or a month that has not passed."""
    return row is not None and bool(_is_at(row) or (row.month and row.month >= as_at.replace(day=1)))


def is_taken(row: ForwardItem, as_at: dt.date) -> bool:
    """Whether an item was taken, or given up: it was at a meeting before the day, or is marked so."""
    return row.done or bool(_is_at(row) and row.meeting.on < as_at)


def _is_at(row: ForwardItem) -> bool:
    return row.meeting is not None and row.meeting.state != Meeting.State.CANCELLED


def _cycle(plan: Plan, rows: Sequence[ForwardItem], meetings: Sequence[Meeting], as_at: dt.date) -> Cycle:
    year = year_of(plan, as_at)
    dives = [(theme, dive_of(theme, rows, year, as_at)) for theme in plan.themes.all()]
    to_come = [(theme, row) for theme, row in dives if row is None or not is_taken(row, as_at)]
    nowhere = [theme for theme, row in to_come if not has_place(row, as_at)]
    left = left_in(year, meetings)
    return Cycle(
        plan=f"{plan.area}, {dates.say_month(plan.edition_month)}",
        year=f"{dates.say_month(year.first)} to {dates.say_month(year.last)}",
        until=dates.say_day(year.last),
        dives=tuple(_dive(theme, row, as_at) for theme, row in dives),
        to_come=len(to_come),
        without_place=len(nowhere),
        meetings_left=len(left),
        warnings=tuple(_warnings(to_come, nowhere, left, _free(left, rows), year)),
    )


def _dive(theme: Theme, row: ForwardItem | None, as_at: dt.date) -> DeepDive:
    if row is None:
        where, mark = "not planned", GAP
    elif is_taken(row, as_at):
        where, mark = f"taken on {say_place(row, as_at)}" if _is_at(row) else "taken or given up", DONE
    else:
        where, mark = say_place(row, as_at), PLANNED if has_place(row, as_at) else GAP
    return DeepDive(theme.short_name, theme.pk, where, mark, row.key if row else "")


def _warnings(to_come, nowhere: Sequence[Theme], left: Sequence[Meeting], free: Sequence[Meeting], year: Year):
    """Too few meetings for the deep dives to come; deep dives without a place, and where there is room."""
    if len(left) < len(to_come):
        yield (
            f"{_many(len(to_come), 'deep dive', 'is', 'are')} still to come, and "
            f"{_many(len(left), 'meeting', 'is', 'are').lower()} left until {dates.say_day(year.last)}. "
            "Take two at one meeting, or call another."
        )
    if nowhere:
        names = _listed([theme.short_name for theme in nowhere])
        begun = f"{names} {'has' if len(nowhere) == 1 else 'have'} no place yet."
        days = _listed([dates.say_weekday(each.starts_at) for each in free])
        yield f"{begun} There is room on {days}." if free else begun


def _listed(words: Sequence[str]) -> str:
    """ "One", "One and two", "One, two and three"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _many(number: int, noun: str, one: str = "", more: str = "") -> str:
    """ "Three deep dives", "One meeting is"."""
    words = f"{count(number)} {noun}{'' if number == 1 else 's'} {one if number == 1 else more}".strip()
    return words[0].upper() + words[1:]


def _headline(cycles: Sequence[Cycle], meetings: Sequence[Meeting], planned: int) -> str:
    """The state in a sentence or two, worst first."""
    if not meetings:
        return "No meeting is planned, so nothing can be placed."
    short = [cycle for cycle in cycles if cycle.meetings_left < cycle.to_come]
    nowhere = sum(cycle.without_place for cycle in cycles)
    if short:
        say = "There are fewer meetings left in the plan’s year than deep dives to come."
    elif nowhere:
        say = f"{_many(nowhere, 'deep dive', 'has', 'have')} no place yet."
    elif cycles:
        say = "Every deep dive of the year has its place."
    else:
        say = ""
    items = f"{_many(planned, 'item', 'is', 'are')} planned for {_many(len(meetings), 'coming meeting').lower()}."
    return f"{say} {items}".strip()


# Reviews, reports and refreshes ---------------------------------------------------------------------------------------


def _fixed(rows: Sequence[ForwardItem], as_at: dt.date) -> Iterable[FixedDate]:
    """The review of the terms, the reports to parent bodies, the end and the refresh of each live plan."""
    terms = Terms.objects.in_force(as_at).prefetch_related("reports_to", "reviews").first()
    if terms:
        due = review_due(terms, rows, as_at)
        row = _next(rows, Kind.REVIEW, as_at)
        yield _fixed_date("Review of the terms of reference", "due by", due, Kind.REVIEW, row, as_at)
        for line in terms.reports_to.all():
            row = _next([r for r in rows if line.body.casefold() in r.title.casefold()], Kind.REPORT, as_at)
            yield _fixed_date(f"Report to the {line.body}", "", None, Kind.REPORT, row, as_at)
    for plan in Plan.objects.filter(state=Plan.State.LIVE).select_related("area").order_by("edition_month", "pk"):
        ends = "ended" if plan.is_past_period(as_at) else "ends"
        what = f"The plan of {plan.area} {ends} its period"
        yield FixedDate(what, f"on {dates.say_day(plan.ends_on)}", "", False, "", "", "")
        if plan.next_refresh:
            row = _next([r for r in rows if _is_about(r, plan)], Kind.REFRESH, as_at)
            what = f"Refresh of the plan of {plan.area}"
            yield _fixed_date(what, "in", plan.next_refresh, Kind.REFRESH, row, as_at)


def _is_about(row: ForwardItem, plan: Plan) -> bool:
    """A refresh names its borough in its title, or is about a workstream or theme of the plan."""
    of = (row.workstream and row.workstream.plan_id) or (row.theme and row.theme.plan_id)
    return of == plan.pk if of else plan.area.name.casefold() in row.title.casefold()


def review_due(terms: Terms, rows: Iterable[ForwardItem], as_at: dt.date) -> dt.date:
    """The last day by which the terms are to be reviewed: so many months after they came into force, or after the last
    review, whether a meeting took it or it is recorded as held."""
    reviews = [r.meeting.on for r in rows if r.kind == Kind.REVIEW and r.meeting and is_taken(r, as_at) and _is_at(r)]
    reviews += [review.on for review in terms.reviews.all() if review.on <= as_at]
    last = max([terms.in_force_from, *(day for day in reviews if day >= terms.in_force_from)])
    return dates.last_of_month(dates.add_months(last, terms.review_months))


def _next(rows: Iterable[ForwardItem], kind: str, as_at: dt.date) -> ForwardItem | None:
    """The first item of a kind that is still to be taken: at a meeting, in a month, or parked."""
    found = [row for row in rows if row.kind == kind and not is_taken(row, as_at)]
    placed = [row for row in found if has_place(row, as_at)]
    return min(placed, key=lambda row: row.meeting.on if row.meeting else row.month, default=next(iter(found), None))


def _fixed_date(what: str, preposition: str, day: dt.date | None, kind: str, row, as_at: dt.date) -> FixedDate:
    when = ""
    if day:
        when = f"{preposition} {dates.say_month(day) if preposition == 'in' else dates.say_day(day)}"
        if day < as_at:
            when = f"was {when}"
    return FixedDate(
        what=what,
        when=when,
        where=f"planned: {say_place(row, as_at)}" if row else "not planned yet",
        gap=not has_place(row, as_at),
        kind=kind,
        month=f"{day:%Y-%m}" if day and day >= as_at.replace(day=1) else "",
        title=what,
    )
