"""Who is asked for what in a reporting round, and what has been answered.

An answer is any progress update between the round's opening and its close; nothing else is kept of it. A deliverable is
asked of its lead, or, where it has none who may log on it, of its workstream's leads. Highlights are asked of the
workstream's leads.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.urls import reverse

from governance.models import Highlight, Meeting, Round
from jcb import access, dates
from jcb.models import Person
from workstreams.models import FINISHED, Deliverable, Plan, ProgressUpdate, Workstream
from workstreams.standing import Standing, since_last_meeting, standings

OPEN_STATES = (Meeting.State.PLANNED, Meeting.State.PUBLISHED)


@dataclass(slots=True)
class Asked:
    """One person's part of a round."""

    person: Person
    rows: list[Standing] = field(default_factory=list)
    answered: list[Standing] = field(default_factory=list)
    late: list[Standing] = field(default_factory=list)
    streams: list[Workstream] = field(default_factory=list)
    written: list[Workstream] = field(default_factory=list)

    @property
    def waiting(self) -> list[Standing]:
        """What has no answer yet, in time or late."""
        done = {row.deliverable.pk for row in (*self.answered, *self.late)}
        return [row for row in self.rows if row.deliverable.pk not in done]

    @property
    def unwritten(self) -> list[Workstream]:
        return [stream for stream in self.streams if stream not in self.written]

    @property
    def is_done(self) -> bool:
        return not (self.waiting or self.unwritten)


@dataclass(slots=True)
class Everyone:
    """A whole round: each who is asked, by name, and what nobody can be asked for."""

    asked: list[Asked]
    nobody: list[Standing]
    answered: int
    total: int

    def of(self, person: Person) -> Asked | None:
        return next((each for each in self.asked if each.person.pk == person.pk), None)


def coming_round(day: dt.date) -> Round | None:
    """The round of the next meeting that has one: it is shown until the meeting."""
    rows = Round.objects.filter(meeting__state__in=OPEN_STATES, meeting__starts_at__gte=dates.start_of_day(day))
    return rows.select_related("meeting").order_by("meeting__starts_at").first()


def reported_on() -> QuerySet[Deliverable]:
    """The deliverables of live plans, plan by plan."""
    rows = Deliverable.objects.filter(workstream__plan__state=Plan.State.LIVE)
    return rows.order_by("-workstream__plan__edition_month", "workstream__plan", "workstream__number", "number")


def how_they_stand(day: dt.date) -> list[Standing]:
    """Every deliverable of a live plan at the end of a day, with its workstream's leads."""
    rows = reported_on().prefetch_related("workstream__leads__person")
    return standings(rows, day=day, since=since_last_meeting(day))


def everyone(asked_in: Round, day: dt.date, found: list[Standing] | None = None) -> Everyone:
    """Who is asked in a round and who has answered, as at the end of a day: the same number of queries at any size.
    `found` is `how_they_stand(day)` where that is at hand."""
    found = how_they_stand(day) if found is None else found
    first = first_answers(asked_in)
    highlights = set(Highlight.objects.filter(meeting=asked_in.meeting_id).values_list("workstream", flat=True))
    people: dict[int, Asked] = {}
    nobody, total, answered = [], 0, 0
    for row in found:
        at = first.get(row.deliverable.pk)
        if row.status in FINISHED and at is None:
            continue
        total += 1
        answered += at is not None
        answerers = who_answers(row.deliverable, day)
        if not answerers:
            nobody.append(row)
        for person in answerers:
            part = people.setdefault(person.pk, Asked(person))
            part.rows.append(row)
            if at is not None:
                (part.answered if at < asked_in.closes_at else part.late).append(row)
    for stream in dict.fromkeys(row.deliverable.workstream for row in found):
        for person in _leads(stream, day):
            part = people.setdefault(person.pk, Asked(person))
            if stream not in part.streams:
                part.streams.append(stream)
                if stream.pk in highlights:
                    part.written.append(stream)
    return Everyone(sorted(people.values(), key=lambda part: part.person.name), nobody, answered, total)


def first_answers(asked_in: Round) -> dict[int, dt.datetime]:
    """When each deliverable was first updated since the round opened, by its primary key."""
    rows = ProgressUpdate.objects.filter(at__gte=asked_in.opened_at).order_by("-at")
    return dict(rows.values_list("deliverable", "at"))


def who_answers(deliverable: Deliverable, day: dt.date) -> list[Person]:
    """Who is asked for a deliverable: its lead, or its workstream's leads; only people who may log on it."""
    lead = deliverable.lead
    if lead and access.may_log_progress(lead, deliverable, day):
        return [lead]
    return [
        person for person in _leads(deliverable.workstream, day) if access.may_log_progress(person, deliverable, day)
    ]


def _leads(stream: Workstream, day: dt.date) -> list[Person]:
    holding = {lead.person for lead in stream.leads.all() if lead.holds_on(day)}
    return sorted((p for p in holding if access.may_write_highlight(p, stream, day)), key=lambda p: p.name)


def named(rows: Iterable[Standing], *, areas: bool) -> list[str]:
    """Deliverables by reference and short title, with the borough where there are several plans."""
    found = []
    for row in rows:
        deliverable = row.deliverable
        area = f" ({deliverable.workstream.plan.area.name})" if areas else ""
        found.append(f"{deliverable.reference} {deliverable.short_title}{area}")
    return found


def stream_named(stream: Workstream, *, areas: bool) -> str:
    return f"{stream.number}. {stream.short_name}" + (f" ({stream.plan.area.name})" if areas else "")


def several_plans() -> bool:
    return Plan.objects.filter(state=Plan.State.LIVE).count() > 1


# What one person sees of it -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MyPart:
    """What the home page and my round say of an open round to one person."""

    meeting: str
    clock: str
    is_past: bool
    waiting: tuple[str, ...]
    total: int
    to_write: tuple[tuple[str, str], ...]
    opened_at: dt.datetime

    @property
    def sentence(self) -> str:
        """ "5 of your 8 deliverables still need an update for the meeting of Monday 28 September."."""
        parts = []
        if self.total:
            left = len(self.waiting)
            need = "need" if left != 1 else "needs"
            parts.append(
                f"{left} of your {self.total} deliverables still {need} an update for the meeting of {self.meeting}."
                if left
                else f"All your deliverables are answered for the meeting of {self.meeting}. Thank you."
            )
        return " ".join(parts)


def my_part(person: Person, day: dt.date) -> MyPart | None:
    """A person's part of the round of the next meeting; None where there is no round or nothing is asked of them."""
    if person.role in access.WRITES_NOTHING or (asked_in := coming_round(day)) is None:
        return None
    part = everyone(asked_in, day).of(person)
    return part and part_in_words(asked_in, part, day)


def part_in_words(asked_in: Round, part: Asked, day: dt.date) -> MyPart:
    areas = several_plans()
    return MyPart(
        meeting=dates.say_weekday(asked_in.meeting.starts_at),
        clock=due_in_words(asked_in, day),
        is_past=is_past(asked_in, day),
        waiting=tuple(named(part.waiting, areas=areas)),
        total=len(part.rows),
        to_write=tuple(
            (stream_named(stream, areas=areas), highlight_address(asked_in.meeting, stream))
            for stream in part.unwritten
        ),
        opened_at=asked_in.opened_at,
    )


def highlight_address(meeting: Meeting, stream: Workstream) -> str:
    return reverse("governance:write_highlight", args=[meeting.key, stream.plan.slug, stream.number])


def is_past(asked_in: Round, day: dt.date) -> bool:
    """Whether the last day of a round has passed: pages are kept for a day, so the hour does not decide."""
    return dates.london_day(asked_in.closes_at) < day


def due_in_words(asked_in: Round, day: dt.date) -> str:
    """ "Due Friday 18 September, 10:00"; "Was due …" from the day after."""
    return f"{'Was due' if is_past(asked_in, day) else 'Due'} {dates.say_near(asked_in.closes_at)}"
