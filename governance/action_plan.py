"""The action plan as data: every deliverable of a plan by workstream, as at a day, worked out before a template sees it.

`workstream_blocks` is also the action plan at the end of the whole plan. All values are text as it is printed, so that
the fingerprint of the data is the fingerprint of the words.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace

from django import forms

from jcb import dates
from jcb.models import Person
from workstreams.filters import DeliverableFilter
from workstreams.models import WORST_FIRST, Deliverable, Plan, Status, StatusDefinition, Workstream
from workstreams.standing import SLUG, Standing, Tally, since_last_meeting, standings, with_status

FILTERS = ("workstream", "status", "theme", "owner", "due", "silent", "overdue", "q")
LONG_WORDS = 1_200  # characters; a row with more may go over a page, between two of its paragraphs
PARAGRAPH = 450
SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+")


class FilterRefused(ValueError):
    """A filter that cannot be understood; the text is a sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One deliverable as it is printed. `words` are paragraphs; `note` says what stands behind the status."""

    reference: str
    title: str
    detail: str
    mark: str
    status: str
    note: str
    owner: str
    owner_invented: bool
    agreed: str
    overdue: str
    forecast: str
    forecast_late: bool
    unexplained: bool
    words: tuple[str, ...]
    evidence: str
    updated: str
    invented: bool
    long: bool


@dataclass(frozen=True, slots=True)
class WorkstreamBlock:
    """One workstream with its deliverables. `summary` is Markdown, everything else is plain text."""

    number: int
    name: str
    short_name: str
    summary: str
    model: str
    leads: str
    tally: str
    counts: tuple[int, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class StatusMeaning:
    """What a status means: the key."""

    mark: str
    status: str
    letter: str
    meaning: str


@dataclass(frozen=True, slots=True)
class ActionPlan:
    """The action plan of one plan as at a day, whole or filtered. `counts` follow the order of `statuses`."""

    title: str
    area: str
    edition: str
    period: str
    as_at: str
    past_period: str
    headline: str
    shown: int
    total: int
    filters: tuple[tuple[str, str], ...]
    statuses: tuple[tuple[str, str], ...]
    counts: tuple[int, ...]
    key: tuple[StatusMeaning, ...]
    blocks: tuple[WorkstreamBlock, ...]
    demonstration: bool


def build(plan: Plan, as_at: dt.date, filters: Mapping[str, str] | None = None) -> ActionPlan:
    """The action plan as at the end of a day. `filters` are those of the deliverables list, by their names in the
    address. Raises FilterRefused. Reads the database only; the same record gives the same data."""
    chosen, found = _chosen(plan, as_at, filters or {})
    blocks = _blocks(found, as_at)
    tally = Tally.of(found)
    total = Deliverable.objects.filter(workstream__plan=plan).count()
    return ActionPlan(
        title="Action plan",
        area=plan.area.name,
        edition=dates.say_month(plan.edition_month),
        period=f"{dates.say_month(plan.edition_month)} to {dates.say_month(plan.ends_on)}",
        as_at=dates.say_day(as_at),
        past_period=past_period(plan, as_at),
        headline=tally.headline("deliverables chosen" if chosen else "deliverables"),
        shown=len(found),
        total=total,
        filters=chosen,
        statuses=tuple((SLUG[status], status.label) for status in WORST_FIRST),
        counts=tuple(tally.counts[status] for status in WORST_FIRST),
        key=status_key(),
        blocks=blocks,
        demonstration=any(row.invented or row.owner_invented for block in blocks for row in block.rows),
    )


def workstream_blocks(
    plan: Plan, as_at: dt.date, filters: Mapping[str, str] | None = None
) -> tuple[WorkstreamBlock, ...]:
    """The workstreams that have deliverables to show, in plan order. Raises FilterRefused."""
    return _blocks(_chosen(plan, as_at, filters or {})[1], as_at)


def status_key() -> tuple[StatusMeaning, ...]:
    """What each status means, from the record, worst first."""
    meanings = {row.status: row for row in StatusDefinition.objects.all()}
    return tuple(
        StatusMeaning(SLUG[status], status.label, meanings[status].letter, meanings[status].meaning)
        for status in WORST_FIRST
        if status in meanings
    )


def past_period(plan: Plan, as_at: dt.date) -> str:
    """A sentence where the plan was past its period on the day; otherwise empty."""
    if not plan.is_past_period(as_at):
        return ""
    refresh = f"; the next full refresh is {dates.say_month(plan.next_refresh)}" if plan.next_refresh else ""
    return f"This plan is past its period: it ended on {dates.say_day(plan.ends_on)}{refresh}."


def in_use(filters: Mapping[str, str]) -> dict[str, str]:
    """Only the filters that an action plan knows and that are set, in one order."""
    return {name: filters[name].strip() for name in FILTERS if filters.get(name, "").strip()}


def _chosen(
    plan: Plan, as_at: dt.date, filters: Mapping[str, str]
) -> tuple[tuple[tuple[str, str], ...], list[Standing]]:
    """The filters in words, and how each deliverable that they leave stands."""
    rows = Deliverable.objects.filter(workstream__plan=plan)
    words: tuple[tuple[str, str], ...] = ()
    if wanted := in_use(filters):
        if wanted.get("owner") == "me":
            raise FilterRefused("A document is the same for every reader: name the owner instead of “me”.")
        # The filters ask who reads, to offer only what they may see; every member may see every deliverable.
        reader = SimpleNamespace(user=Person(name="Any member", is_active=True))
        given = DeliverableFilter(wanted, queryset=with_status(rows, as_at), request=reader, day=as_at)
        if not given.form.is_valid():
            raise FilterRefused(_why(given.form, wanted))
        rows = given.qs
        words = tuple((label, value) for _, label, value in given.in_use())
    rows = rows.order_by("workstream__number", "number")
    return words, standings(rows, day=as_at, since=since_last_meeting(as_at))


def _why(form, wanted: Mapping[str, str]) -> str:
    """What is wrong with the first filter that cannot be used, and what can be given instead."""
    name = next(iter(form.errors))
    field = form.fields[name]
    sentence = f"“{wanted[name][:60]}” cannot be used to filter by “{field.label}”."
    if choices := [str(value) for value, _ in getattr(field, "choices", []) if value and value != "me"]:
        return f"{sentence} It can be: {', '.join(choices[:40])}."
    if isinstance(field, forms.DateField):
        return f"{sentence} Give a day as year, month and day, such as 2020-03-12."
    return f"{sentence} {' '.join(form.errors[name])}"


def _blocks(found: list[Standing], as_at: dt.date) -> tuple[WorkstreamBlock, ...]:
    grouped: dict[Workstream, list[Standing]] = {}
    for row in found:
        grouped.setdefault(row.deliverable.workstream, []).append(row)
    streams = Workstream.objects.filter(pk__in=[stream.pk for stream in grouped]).prefetch_related("leads__person")
    leads = {stream.pk: _leads(stream, as_at) for stream in streams}
    return tuple(_block(stream, rows, leads[stream.pk]) for stream, rows in grouped.items())


def _block(stream: Workstream, rows: list[Standing], leads: str) -> WorkstreamBlock:
    tally = Tally.of(rows)
    return WorkstreamBlock(
        number=stream.number,
        name=stream.name,
        short_name=stream.short_name,
        summary=stream.summary,
        model="" if stream.model == Workstream.Model.NOT_STATED else stream.get_model_display(),
        leads=leads,
        tally=tally.in_words,
        counts=tuple(tally.counts[status] for status in WORST_FIRST),
        rows=tuple(_row(row) for row in rows),
    )


def _leads(stream: Workstream, as_at: dt.date) -> str:
    """ "Council lead: Head of Family Services (invented). No NHS lead yet." """
    sentences = []
    for side, words in (("council", "council lead"), ("nhs", "NHS lead")):
        holders = [lead.person for lead in stream.leads.all() if lead.side == side and lead.holds_on(as_at)]
        names = ", ".join(p.name + (" (invented)" if p.is_demonstration else "") for p in holders)
        sentences.append(f"{words[0].upper()}{words[1:]}: {names}." if names else f"No {words} yet.")
    return " ".join(sentences)


def _row(row: Standing) -> Row:
    deliverable, latest = row.deliverable, row.latest
    said = latest.narrative.strip() if latest else ""
    return Row(
        reference=deliverable.reference,
        title=deliverable.title,
        detail=deliverable.detail,
        mark=row.mark,
        status=row.word,
        note=_note(row),
        owner=deliverable.lead.name if deliverable.lead else "No owner yet",
        owner_invented=bool(deliverable.lead and deliverable.lead.is_demonstration),
        agreed=dates.say_day(deliverable.agreed_on),
        overdue=f"{row.overdue_days:,} day{'s' if row.overdue_days != 1 else ''} overdue" if row.overdue_days else "",
        forecast=dates.say_month(row.forecast_on),
        forecast_late=row.forecast_is_late,
        unexplained=row.unexplained,
        words=paragraphs(said),
        evidence=_evidence(latest),
        updated=_updated(latest),
        invented=bool(latest and latest.invented),
        long=len(said) + len(deliverable.detail) + len(deliverable.title) > LONG_WORDS or said.count("\n") > 12,
    )


def _note(row: Standing) -> str:
    if row.date_has_passed:
        return f"Its date has passed; last recorded as {row.said.label.lower()}"
    return "To be confirmed" if row.status is Status.COMPLETE and row.latest.awaits_confirmation else ""


def _evidence(latest) -> str:
    """What a completion rests on: a link, a kept file by its name, or why there is none."""
    if latest is None or latest.status != Status.COMPLETE:
        return ""
    if latest.no_evidence_because:
        return f"No evidence, because: {latest.no_evidence_because}"
    return f"Evidence: {latest.evidence_link or latest.evidence_name or 'a kept file'}"


def _updated(latest) -> str:
    """The date of the words, and that of the last "no change" where they were left to stand."""
    if latest is None:
        return ""
    if latest.no_change_since_id:
        return f"{dates.say_day(latest.words_at)}; no change on {dates.say_day(latest.at)}"
    return dates.say_day(latest.at)


def paragraphs(text: str) -> tuple[str, ...]:
    """A text as paragraphs: at its own line ends, and a long one also between sentences, where a page may end."""
    found: list[str] = []
    for line in filter(None, (part.strip() for part in text.splitlines())):
        if len(text) <= LONG_WORDS:
            found.append(line)
            continue
        group = ""
        for sentence in SENTENCE_ENDS.split(line):
            if group and len(group) + len(sentence) > PARAGRAPH:
                found.append(group)
                group = sentence
            else:
                group = f"{group} {sentence}".strip()
        found.append(group)
    return tuple(found)
