"""What stands between the secretariat and a pack: what blocks, what could be better, and what is ready.

Nothing here hinders publishing: what is missing is printed as missing.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse

from governance.agendas import build as agendas
from governance.agendas.operations import next_supplement
from governance.meetings import calendar
from governance.meetings.warnings import about_the_clock
from governance.models import AgendaItem, FrontSheet, Meeting, Pack, Paper, PaperVersion, Round
from governance.packs.audiences import on_agenda
from governance.packs.contents import DASHBOARD, FORWARD, HIGHLIGHT, MINUTES, brings, is_printed
from governance.papers import commissioning
from governance.rounds import asking
from jcb import dates

State = Paper.State
BLOCK, WARN, READY = "block", "warn", "ready"
MINUTES_A_DAY = 24 * 60
BROUGHT = {
    MINUTES: "minutes of the last meeting and open actions",
    FORWARD: "forward plan",
    HIGHLIGHT: "highlight report",
    DASHBOARD: "performance dashboard",
}
SILENT = "If they stay silent, the highlight report prints “no update”."


@dataclass(frozen=True, slots=True)
class Line:
    """One thing on the list. `address` is where it is put right; `remind` the address that reminds its author."""

    how: str
    words: str
    more: str = ""
    address: str = ""
    link: str = ""
    remind: str = ""


@dataclass(frozen=True, slots=True)
class Checklist:
    """The list in its three parts, with the headline and the clock in words."""

    headline: str
    clock: str
    why: str
    is_late: bool
    blocking: tuple[Line, ...]
    better: tuple[Line, ...]
    ready: tuple[Line, ...]
    missing: tuple[str, ...]

    @property
    def parts(self) -> int:
        return len(self.blocking) + len(self.ready) + len(self.better)

    @property
    def done(self) -> int:
        return len(self.ready) + len(self.better)

    @property
    def share(self) -> float:
        return round(100 * self.done / max(self.parts, 1), 1)


def build(meeting: Meeting, now: dt.datetime) -> Checklist:
    """The list for a meeting. Reads the database only."""
    items = on_agenda(meeting)
    agenda = agendas.build(meeting, {item.pk for item in items})
    lines = [*_about_agenda(meeting, agenda), *_about_round(meeting, now), *_about_items(meeting, items, agenda)]
    blocking = tuple(line for line in lines if line.how == BLOCK)
    return Checklist(
        headline=_headline(meeting, len(blocking), now),
        clock=_clock(meeting, now),
        why=" ".join(
            filter(
                None, [about_the_clock(meeting), f"Exactly {dates.hour_of(meeting.papers_due_at):%H:%M} is in time."]
            )
        ),
        is_late=not meeting.packs.exists() and meeting.papers_due_at < now,
        blocking=blocking,
        better=tuple(line for line in lines if line.how == WARN),
        ready=tuple(line for line in lines if line.how == READY),
        missing=tuple(_missing(items)),
    )


def _headline(meeting: Meeting, blocking: int, now: dt.datetime) -> str:
    things = f"{blocking} thing{'' if blocking == 1 else 's'} stand{'s' if blocking == 1 else ''}"
    if last := meeting.packs.filter(kind=Pack.Kind.PACK).order_by("number").first():
        return f"The pack is published: {calendar.say_lateness(meeting.papers_due_at, last.published_at)}"
    if meeting.papers_due_at < now:
        late = calendar.say_lateness(meeting.papers_due_at, now)
        return f"The pack is {late}" + (f", and {things} in its way" if blocking else "")
    return f"{things} between you and an on-time pack" if blocking else "Nothing stands between you and an on-time pack"


def _clock(meeting: Meeting, now: dt.datetime) -> str:
    due = dates.say_near(meeting.papers_due_at)
    first = meeting.packs.filter(kind=Pack.Kind.PACK).order_by("number").first()
    if first:
        return f"Circulated {dates.say_near(first.published_at)}. It was due {due}."
    if meeting.papers_due_at < now:
        return f"It was due {due}."
    return f"Circulate by {due}. You have {say_left(meeting.papers_due_at - now)}."


def say_left(left: dt.timedelta) -> str:
    """ "2 days 23 hours", "3 hours", "20 minutes"."""
    minutes = left // dt.timedelta(minutes=1)
    if minutes < 60:
        return f"{minutes} minute{'' if minutes == 1 else 's'}"
    days, rest = divmod(minutes, MINUTES_A_DAY)
    hours = rest // 60
    words = [f"{days} day{'' if days == 1 else 's'}"] if days else []
    if hours or not days:
        words.append(f"{hours} hour{'' if hours == 1 else 's'}")
    return " ".join(words)


def _about_agenda(meeting: Meeting, agenda: agendas.Agenda) -> Iterator[Line]:
    address = reverse("governance:agenda", args=[meeting.key])
    if not agenda.items:
        yield Line(BLOCK, "The agenda is empty", "A pack needs at least one item.", address, "Make the agenda")
        return
    if agenda.over:
        used, allowed = agendas.say_minutes(agenda.used), agendas.say_minutes(agenda.allowed)
        more = f"{used} in a meeting of {allowed}."
        minutes = f"{agenda.over} minute{'' if agenda.over == 1 else 's'}"
        yield Line(BLOCK, f"The agenda runs {minutes} over", more, address, "Open the agenda")
    else:
        yield Line(READY, "Cover and timed agenda", "", address, "Agenda")


def _about_round(meeting: Meeting, now: dt.datetime) -> Iterator[Line]:
    """What the leads have still to say, and what is printed if they stay silent."""
    address = reverse("governance:round", args=[meeting.key])
    opened = Round.objects.filter(meeting=meeting).select_related("meeting").first()
    if opened is None:
        if asking.reported_on().exists():
            yield Line(WARN, "No reporting round is open for this meeting", SILENT, address, "Open one")
        return
    whole = asking.everyone(opened, dates.london_day(now))
    silent = whole.total - whole.answered
    unexplained = {row.deliverable.reference for part in whole.asked for row in part.waiting if row.unexplained}
    if silent:
        leads = sum(bool(part.waiting) for part in whole.asked)
        more = f"{leads} lead{'' if leads == 1 else 's'}. {SILENT}"
        if unexplained:
            named = ", ".join(sorted(unexplained))
            more += f" Off track without an explanation, and printed as exactly that: {named}."
        words = f"{silent} deliverable{'' if silent == 1 else 's'} without an update"
        yield Line(BLOCK, words, more, address, "See who")
    unwritten = len({stream.pk for part in whole.asked for stream in part.unwritten})  # two leads share one
    if unwritten:
        words = f"{unwritten} workstream{'' if unwritten == 1 else 's'} without highlights"
        yield Line(WARN, words, "The report says that nothing was written.", address, "See who")
    if not silent and not unwritten:
        yield Line(READY, "Highlight report: everyone has answered")


def _about_items(meeting: Meeting, items: Sequence[AgendaItem], agenda: agendas.Agenda) -> Iterator[Line]:
    rows = {row.pk: row for row in agenda.items}
    sheets = {sheet.item_id: sheet for sheet in FrontSheet.objects.filter(item__in=items)}
    asked = set(FrontSheet.objects.filter(item__in=items, recommendations__isnull=False).values_list("item", flat=True))
    latest = {row.paper_id: row for row in PaperVersion.objects.filter(paper__item__in=items).order_by("number")}
    papers: dict[int, list[Paper]] = {}
    for paper in Paper.objects.filter(item__in=items).select_related("author", "item__meeting").order_by("order"):
        papers.setdefault(paper.item_id, []).append(paper)
    for item in items:
        if item.is_withdrawn:
            continue
        named = f"Item {rows[item.pk].label}"
        own = papers.get(item.pk, [])
        lines = [
            *_about_sheet(meeting, item, named, sheets.get(item.pk), item.pk in asked, bool(own)),
            *(line for paper in own for line in _about_paper(meeting, paper, named, latest.get(paper.pk))),
        ]
        if not rows[item.pk].presenter and not item.standing_id:
            address = reverse("governance:agenda_item", args=[meeting.key, item.pk])
            lines.append(Line(WARN, f"{named}: nobody presents it", item.title, address, "Name somebody"))
        yield from lines
        if not any(line.how == BLOCK for line in lines):
            yield Line(READY, f"{named}: {item.title}", _in_it(item, sheets.get(item.pk), own, latest))


def _in_it(item: AgendaItem, sheet: FrontSheet | None, papers: Sequence[Paper], latest) -> str:
    parts = ["front sheet"] if sheet else []
    parts += [BROUGHT[brings(item)]] if brings(item) else []
    for paper in papers:
        version = latest.get(paper.pk)
        if is_printed(paper, version):
            parts.append(
                f"{paper.title}, {version.page_count} page{'' if version.page_count == 1 else 's'}, version {version.number}"
            )
        else:
            parts.append(f"{paper.title}: {paper.get_state_display().lower()}")
    said = "; ".join(parts)
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def _about_sheet(
    meeting: Meeting, item: AgendaItem, named: str, sheet: FrontSheet | None, asks: bool, has_papers: bool
) -> Iterator[Line]:
    address = reverse("governance:front_sheet", args=[meeting.key, item.pk])
    # What is asked about the minutes needs no words: that they are agreed.
    decides = item.purpose == AgendaItem.Purpose.DECIDE and brings(item) != MINUTES
    if decides and not asks:
        yield Line(
            BLOCK,
            f"{named}: it does not say what is to be decided",
            item.title,
            address,
            "Write what the Board is asked",
        )
    elif sheet is None and has_papers:
        yield Line(WARN, f"{named}: the paper has no front sheet", item.title, address, "Write the front sheet")
    if sheet is not None and not sheet.cleared_by_id:
        yield Line(WARN, f"{named}: the front sheet is not cleared", item.title, address, "Open the front sheet")


def _about_paper(meeting: Meeting, paper: Paper, named: str, version: PaperVersion | None) -> Iterator[Line]:
    place = [meeting.key, paper.item_id, paper.order]
    address = reverse("governance:paper", args=place)
    if paper.state == State.COMMISSIONED:
        said = [str(paper.author) if paper.author else "No author is named"]
        if last := commissioning.reminded_on(paper):
            said.append(f"reminded {last}")
        remind = reverse("governance:paper_remind", args=place) if paper.author else ""
        yield Line(
            BLOCK, f"{named}: no paper yet", f"{paper.title}. {', '.join(said)}.", address, "Open the paper", remind
        )
    elif version is not None and version.blocked and paper.state in {State.RECEIVED, State.CLEARED}:
        more = f"{paper.title}. {version.findings[0] if version.findings else ''}"
        yield Line(BLOCK, f"{named}: something hidden was found in the paper", more, address, "Decide about it")
    elif is_printed(paper, version):
        if not version.is_tagged:
            more = version.findings[0] if version.findings else "It has no tags."
            yield Line(
                WARN, f"{named}: the paper cannot be read aloud", f"{paper.title}. {more}", address, "Open the paper"
            )
        if paper.state != State.CLEARED:
            yield Line(WARN, f"{named}: the paper is not cleared", paper.title, address, "Open the paper")
    elif paper.state in {State.TO_FOLLOW, State.TABLED}:
        yield Line(
            WARN, f"{named}: the paper is {paper.get_state_display().lower()}", paper.title, address, "Open the paper"
        )


def _missing(items: Sequence[AgendaItem]) -> Iterator[str]:
    """What a reader of the pack would not find in it, if it were published now."""
    latest = {row.paper_id: row for row in PaperVersion.objects.filter(paper__item__in=items).order_by("number")}
    for paper in Paper.objects.filter(item__in=items, item__withdrawn_because="").order_by("item__order", "order"):
        if paper.state in {State.VERBAL, State.TABLED, State.DEFERRED, State.WITHDRAWN}:
            continue
        if not is_printed(paper, latest.get(paper.pk)):
            yield paper.title


def follows(meeting: Meeting) -> str:
    """In what the missing papers can follow."""
    return f"supplement {next_supplement(meeting)}"
