"""The highlight report of a meeting as data: what each workstream's lead says of it, then its deliverables, exceptions first.

Everything is text as it is shown, so that the report on screen, in print and in a pack is the same. A workstream takes
two pages at most: the words of its exceptions share a limit, and what goes as planned has a line each.
"""

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass

from governance.action_plan import StatusMeaning, paragraphs, status_key
from governance.models import Highlight, Meeting, Risk
from governance.risks.pages import lines as risk_lines
from governance.rounds.asking import reported_on
from jcb import dates
from workstreams.models import Status, Workstream
from workstreams.pages import address
from workstreams.standing import SLUG, Standing, Tally, since_last_meeting, standings, worst_first

UNEXPLAINED = "No explanation since the last meeting"
EXCEPTIONS = {Status.OFF_TRACK, Status.AT_RISK}
REASON_LIMIT, PART_LIMIT = 300, 400  # characters of what a lead writes: with the heading, a page at most
CUT = " …"

# The second page, for the deliverables. Where all of these are at their longest, it is just full.
MOST_EXCEPTIONS = 7  # beyond, deliverables are named together in a sentence
WORDS_OF_ALL, WORDS_OF_ONE, WORDS_AT_LEAST = 750, 400, 120  # characters of the words of exceptions
TITLE, TITLE_IN_A_LINE, OWNER = 70, 54, 45  # characters
ROOM, LINE = 165, 6.4  # millimetres for rows, and those of a row that is a line
ROW, ROW_LINE, ROW_CHARACTERS = (
    12,
    4.4,
    42,
)  # millimetres of an exception without words, and for so many characters more
MOST_TOGETHER = 6  # named in a sentence
MOST_RISKS = 3  # of the register, the worst
RISKS, RISK = 12, 11  # millimetres of the heading of the risks, and of each in two lines


@dataclass(frozen=True, slots=True)
class Row:
    """A deliverable that is off track or at risk, with its words; cut where they are longer than the report has room."""

    url: str
    reference: str
    title: str
    mark: str
    status: str
    owner: str
    dates: str
    unexplained: bool
    words: str
    is_cut: bool
    updated: str
    invented: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A deliverable that needs no words here."""

    url: str
    reference: str
    title: str
    mark: str
    status: str
    updated: str


@dataclass(frozen=True, slots=True)
class Stream:
    """A workstream in the report. `status` is what its lead says; empty where nothing was written."""

    anchor: str
    number: int
    name: str
    plan: str
    plan_slug: str
    leads: str
    mark: str
    status: str
    reason: tuple[str, ...]
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    written: str
    invented: bool
    tally: str
    off_track: int
    at_risk: int
    unexplained: int
    total: int
    exceptions: tuple[Row, ...]
    more_exceptions: str
    lines: tuple[Line, ...]
    more_lines: str
    register: tuple[str, ...] = ()

    @property
    def is_cut(self) -> bool:
        return any(row.is_cut for row in self.exceptions)


@dataclass(frozen=True, slots=True)
class Report:
    """The highlight report of one meeting as at the end of a day."""

    meeting: str
    as_at: str
    since: str
    headline: str
    streams: tuple[Stream, ...]
    unwritten: int
    several_plans: bool
    key: tuple[StatusMeaning, ...]
    demonstration: bool


def build(meeting: Meeting, as_at: dt.date) -> Report:
    """The report as at the end of a day. Reads the database only; the same record gives the same data."""
    since = since_meeting_before(meeting, as_at)
    found = standings(reported_on().prefetch_related("workstream__leads__person"), day=as_at, since=since)
    grouped: dict[Workstream, list[Standing]] = {}
    for row in found:
        grouped.setdefault(row.deliverable.workstream, []).append(row)
    risky = _risks(grouped)
    said = {row.workstream_id: row for row in Highlight.objects.filter(meeting=meeting).select_related("by")}
    streams = tuple(
        _stream(stream, rows, said.get(stream.pk), as_at, risky.get(stream.pk, ())) for stream, rows in grouped.items()
    )
    return Report(
        meeting=f"{dates.say_weekday(meeting.starts_at)} {meeting.on.year}",
        as_at=dates.say_day(as_at),
        since=dates.say_day(since),
        headline=Tally.of(found).headline(),
        streams=streams,
        unwritten=sum(not stream.status for stream in streams),
        several_plans=len({stream.plan_slug for stream in streams}) > 1,
        key=status_key(),
        demonstration=any(stream.invented or any(row.invented for row in stream.exceptions) for stream in streams),
    )


def since_meeting_before(meeting: Meeting, as_at: dt.date) -> dt.datetime:
    """When the meeting before this one began: what "since the last meeting" counts from in its report."""
    before = Meeting.objects.held(meeting.starts_at).exclude(pk=meeting.pk).values_list("starts_at", flat=True).first()
    return before or since_last_meeting(min(as_at, meeting.on - dt.timedelta(days=1)))


def _risks(streams: Iterable[Workstream]) -> dict[int, tuple[str, ...]]:
    """The worst open risks of each workstream on the register, in words."""
    rows = Risk.objects.filter(workstream__in=streams, state=Risk.State.OPEN).select_related("workstream", "owner")
    found: dict[int, list[str]] = {}
    for line in risk_lines(rows.prefetch_related("scores")):
        words = f"{line.ref} {cut(line.risk.title, TITLE)[0]}: {line.words}"
        if line.escalated:
            words += ", escalated" if not line.risk.answer else ", escalated and answered"
        found.setdefault(line.risk.workstream_id, []).append(words)
    return {pk: tuple(words[:MOST_RISKS]) for pk, words in found.items()}


def _stream(
    stream: Workstream, rows: list[Standing], said: Highlight | None, as_at: dt.date, risks: tuple[str, ...]
) -> Stream:
    ordered = worst_first(rows)
    exceptions = [row for row in ordered if row.status in EXCEPTIONS]
    rest = [row for row in ordered if row.status not in EXCEPTIONS]
    shown, more = exceptions[:MOST_EXCEPTIONS], exceptions[MOST_EXCEPTIONS:]
    limit, most_lines = room_for(len(shown), len(risks))
    tally = Tally.of(rows)
    return Stream(
        anchor=f"{stream.plan.slug}-{stream.number}",
        number=stream.number,
        name=stream.name,
        plan=stream.plan.area.name,
        plan_slug=stream.plan.slug,
        leads=_leads(stream, as_at),
        mark=SLUG[Status(said.status)] if said else "",
        status=said.get_status_display() if said else "",
        reason=_said(said, "reason", REASON_LIMIT),
        parts=tuple(
            (words, _said(said, name, PART_LIMIT))
            for name, words in (
                ("done", "Done"),
                ("next", "Next"),
                ("risks", "Risks"),
                ("wanted", "Help or decisions wanted"),
            )
            if said and getattr(said, name).strip()
        ),
        written=f"{said.by.name}{' (invented)' if said.invented else ''}, {dates.say_day(said.at)}" if said else "",
        invented=bool(said and said.invented),
        tally=tally.in_words,
        off_track=tally.counts[Status.OFF_TRACK],
        at_risk=tally.counts[Status.AT_RISK],
        unexplained=tally.unexplained,
        total=tally.total,
        exceptions=tuple(_row(row, limit) for row in shown),
        more_exceptions=_together(more),
        lines=tuple(_line(row) for row in rest[:most_lines]),
        more_lines=_together(rest[most_lines:]),
        register=risks,
    )


def _leads(stream: Workstream, as_at: dt.date) -> str:
    """ "Strategic Commissioner (Therapies), council; Programme Manager, NHS", or that there is none."""
    holding = [lead for lead in stream.leads.all() if lead.holds_on(as_at)]
    sides = {"council": "council", "nhs": "NHS"}
    return "; ".join(f"{lead.person.name}, {sides[lead.side]}" for lead in holding) or "No lead yet"


def _said(said: Highlight | None, name: str, limit: int) -> tuple[str, ...]:
    """What a lead wrote, in paragraphs. Many short ones take as much room as long ones, so the last hold the rest."""
    if said is None:
        return ()
    lines = [" ".join(line.split()) for line in getattr(said, name).splitlines() if line.strip()]
    most = max(limit // 100, 1)
    text = "\n".join([*lines[: most - 1], " ".join(lines[most - 1 :])])
    return paragraphs(cut(text, limit)[0])


def room_for(exceptions: int, risks: int = 0) -> tuple[int, int]:
    """How many characters of words each of so many exceptions has beside so many risks, and how many lines there are for
    the others."""
    room = ROOM - RISKS * bool(risks) - RISK * risks
    if not exceptions:
        return 0, int(room // LINE)
    limit = min(max(WORDS_OF_ALL // exceptions, WORDS_AT_LEAST), WORDS_OF_ONE)
    taken = exceptions * (ROW + ROW_LINE * math.ceil(limit / ROW_CHARACTERS))
    return limit, max(int((room - taken) // LINE), 0)


def cut(text: str, limit: int) -> tuple[str, bool]:
    """A text of at most so many characters, cut between words, and whether it was cut."""
    if len(text) <= limit:
        return text, False
    kept = text[: limit - len(CUT)]
    in_a_word = not text[len(kept)].isspace()
    at_word = kept.rsplit(" ", 1)[0] if in_a_word and " " in kept[limit // 2 :] else kept
    return at_word.rstrip() + CUT, True


def _row(row: Standing, limit: int) -> Row:
    deliverable, latest = row.deliverable, row.latest
    words, is_cut = cut(" ".join(latest.narrative.split()), limit) if latest else ("", False)
    when = f"Due {dates.say_day(deliverable.agreed_on)}"
    if row.overdue_days:
        when += f", {row.overdue_days:,} day{'' if row.overdue_days == 1 else 's'} overdue"
    if row.forecast_on:
        when += f"; forecast {dates.say_month(row.forecast_on)}"
    return Row(
        url=address(deliverable),
        reference=deliverable.reference,
        title=cut(deliverable.short_title, TITLE)[0],
        mark=row.mark,
        status=row.word,
        owner=cut(deliverable.lead.name, OWNER)[0] if deliverable.lead else "No owner yet",
        dates=when,
        unexplained=row.unexplained,
        words=words,
        is_cut=is_cut,
        updated=dates.say_day(latest.words_at) if latest else "",
        invented=bool(latest and latest.invented),
    )


def _line(row: Standing) -> Line:
    return Line(
        url=address(row.deliverable),
        reference=row.deliverable.reference,
        title=cut(row.deliverable.short_title, TITLE_IN_A_LINE)[0],
        mark=row.mark,
        status=row.word,
        updated=dates.say_day(row.latest.at) if row.latest else "No update yet",
    )


def _together(rows: list[Standing]) -> str:
    """ "3.11 off track (no explanation since the last meeting); 3.12 at risk"."""
    found = []
    for row in rows[:MOST_TOGETHER]:
        note = f" ({UNEXPLAINED[:1].lower()}{UNEXPLAINED[1:]})" if row.unexplained else ""
        found.append(f"{row.deliverable.reference} {row.word.lower()}{note}")
    if len(rows) > MOST_TOGETHER:
        found.append(f"and {len(rows) - MOST_TOGETHER} more")
    return "; ".join(found)
