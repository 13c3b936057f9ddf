"""An agenda as data, as one reader may see it: for the screen, for print, and for packs.

    for_person(meeting, person)      what somebody sees
    build(meeting, visible={3, 5})   what an audience sees, named by the primary keys of the items it may see

The clock runs over everything, so that the times are true for every reader. What a reader may not see is "Reserved":
from when until when, and nothing else. Numbers are the same for everybody.
"""

import dataclasses
import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from governance.agendas import due
from governance.budgets.statement import Statement, statement
from governance.models import AgendaItem, Meeting, PanelTheme, Paper
from jcb import dates
from jcb.models import Person

Purpose = AgendaItem.Purpose
GONE = {Paper.State.DEFERRED, Paper.State.WITHDRAWN}
AWAITED = {Paper.State.COMMISSIONED, Paper.State.TO_FOLLOW}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an agenda. A reserved one has times and nothing else."""

    pk: int | None = None
    label: str = ""
    anchor: str = ""
    title: str = ""
    purpose: str = ""
    purpose_words: str = ""
    presenter: str = ""
    minutes: int = 0
    starts: str = ""
    ends: str = ""
    ends_late: bool = False
    about: tuple[str, ...] = ()
    deliverables: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()
    papers_missing: int = 0
    note: str = ""
    guests: tuple[str, ...] = ()
    restricted: bool = False
    reserved: bool = False
    withdrawn: str = ""
    supplement: int = 0
    taken_as_read: bool = False
    invented: bool = False
    linked: bool = False
    page: str = ""
    budgets: Statement | None = None


@dataclass(frozen=True, slots=True)
class Agenda:
    """The agenda of a meeting. `used` and `allowed` are minutes; `say` is the state in a sentence for who prepares,
    `hours` the same for who reads; `tally` counts the items seen by purpose."""

    key: str
    meeting: str
    hours: str
    venue: str
    say: str
    used: int
    allowed: int
    over: int
    frozen: bool
    tally: tuple[tuple[int, str], ...]
    business: tuple[Row, ...]
    as_read: tuple[Row, ...]
    demonstration: bool
    paged: bool = False

    @property
    def items(self) -> list[Row]:
        """Every line that the reader may see the title of."""
        return [row for row in (*self.business, *self.as_read) if not row.reserved]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is reserved."""
        return not any(row.reserved for row in (*self.business, *self.as_read))


def for_person(meeting: Meeting, person: Person, *, everything: bool = False) -> Agenda:
    """The agenda as a person may see it; `everything` adds what was withdrawn before it had a number."""
    seen = AgendaItem.objects.filter(meeting=meeting).visible_to(person)
    return build(meeting, set(seen.values_list("pk", flat=True)), everything=everything)


def build(meeting: Meeting, visible: Collection[int], *, everything: bool = False) -> Agenda:
    """The agenda for an audience that may see the items with these primary keys. Reads the database only."""
    items = _items(meeting, everything)
    rows, at = [], meeting.starts_at.astimezone(dt.UTC)  # elapsed minutes, also across a change of the clocks
    end = meeting.ends_at
    counted = 0
    for item in items:
        counted += not item.is_withdrawn
        ends = at + dt.timedelta(minutes=0 if item.is_withdrawn else item.minutes)
        label = item.label or ("" if item.is_withdrawn else str(counted))
        rows.append(
            _row(item, label, at, ends, ends > end) if item.pk in visible else _reserved(item, at, ends, ends > end)
        )
        at = ends
    used = (at - meeting.starts_at) // dt.timedelta(minutes=1)
    shown = [row for row in rows if not row.reserved and not row.withdrawn]
    return Agenda(
        key=meeting.key,
        meeting=f"{dates.say_weekday(meeting.starts_at)} {meeting.on.year}",
        hours=f"{_hour(meeting.starts_at)} to {_hour(end)}",
        venue=meeting.venue,
        say=_say(len(shown), used, meeting.length_minutes),
        used=used,
        allowed=meeting.length_minutes,
        over=max(used - meeting.length_minutes, 0),
        frozen=any(item.number for item in items),
        tally=tuple((sum(row.purpose == each for row in shown), each.label.lower()) for each in Purpose),
        business=_merged(row for row in rows if not row.taken_as_read),
        as_read=_merged(row for row in rows if row.taken_as_read),
        demonstration=any(row.invented for row in shown),
    )


def linked(agenda: Agenda, pages: Mapping[str, str]) -> Agenda:
    """The same agenda with links to the items that stand in a document, by their anchors, and on which page; the page
    may be empty where it is not known yet."""

    def found(rows: tuple[Row, ...]) -> tuple[Row, ...]:
        return tuple(
            dataclasses.replace(row, linked=True, page=pages[row.anchor]) if row.anchor in pages else row
            for row in rows
        )

    return dataclasses.replace(
        agenda, business=found(agenda.business), as_read=found(agenda.as_read), paged=any(pages.values())
    )


def say_minutes(minutes: int) -> str:
    """ "2 hours 5 minutes", "1 hour", "45 minutes"."""
    hours, rest = divmod(minutes, 60)
    words = [f"{hours} hour{'' if hours == 1 else 's'}"] if hours else []
    if rest or not hours:
        words.append(f"{rest} minute{'' if rest == 1 else 's'}")
    return " ".join(words)


def anchor(label: str) -> str:
    """Where an item stands in a pack: "item-7a"."""
    return f"item-{re.sub(r'[^a-z0-9]', '', label.lower())}"


def _items(meeting: Meeting, everything: bool) -> list[AgendaItem]:
    rows = AgendaItem.objects.filter(meeting=meeting).in_order()
    rows = rows.select_related("presenter", "workstream", "theme", "standing", "forward").prefetch_related(
        "deliverable_links__deliverable__workstream", "invitations__person", "papers"
    )
    return [item for item in rows if everything or item.number or not item.is_withdrawn]


def _say(number: int, used: int, allowed: int) -> str:
    begun = f"{number} item{'' if number == 1 else 's'}, {say_minutes(used)}."
    if used > allowed:
        return f"{begun} That is {say_minutes(used - allowed)} over."
    if used == allowed:
        return f"{begun} That fills the meeting."
    left = allowed - used
    return f"{begun} {say_minutes(left)} {'is' if left in (1, 60) else 'are'} left."


def _hour(instant: dt.datetime) -> str:
    return f"{dates.hour_of(instant):%H:%M}"


def _row(item: AgendaItem, label: str, starts: dt.datetime, ends: dt.datetime, late: bool) -> Row:
    papers = [paper for paper in item.papers.all() if paper.state not in GONE]
    deliverables = sorted(
        (link.deliverable for link in item.deliverable_links.all()), key=lambda d: (d.workstream.number, d.number)
    )
    return Row(
        pk=item.pk,
        label=label,
        anchor=anchor(label) if label else "",
        title=item.title,
        purpose=item.purpose,
        purpose_words=item.get_purpose_display(),
        presenter=item.presenter.name if item.presenter else "",
        minutes=item.minutes,
        starts=_hour(starts),
        ends=_hour(ends),
        ends_late=late and not item.is_withdrawn,
        about=tuple(_about(item)),
        deliverables=tuple(f"{each.reference} {each.short_title}" for each in deliverables),
        papers=tuple(paper.title for paper in papers),
        papers_missing=sum(paper.state in AWAITED for paper in papers),
        note=item.note,
        guests=tuple(sorted(invitation.person.name for invitation in item.invitations.all())),
        restricted=item.restricted,
        withdrawn=item.withdrawn_because,
        supplement=item.in_supplement or 0,
        taken_as_read=item.taken_as_read,
        invented=item.invented,
        budgets=statement(item.meeting.on) if due.is_about(item.standing, due.BUDGETS) else None,
    )


def _about(item: AgendaItem) -> Iterable[str]:
    """What an item belongs to, in words."""
    if item.standing_id:
        yield "Standing item"
    if item.workstream:
        yield f"Workstream {item.workstream.number}: {item.workstream.short_name}"
    if item.theme:
        yield f"Theme: {item.theme.short_name}"
    if due.is_about(item.standing, due.PANEL):
        for theme in PanelTheme.objects.filter(meeting=item.meeting_id).order_by("noticed_on", "key"):
            yield f"From the panel: {theme.title}" + (f". {theme.text}" if theme.text else "")
    if due.is_about(item.standing, due.DISPUTES):
        count = due.disputes_open(item.meeting)
        yield f"{count} dispute{'' if count == 1 else 's'} open" if count else "No dispute is open"


def _reserved(item: AgendaItem, starts: dt.datetime, ends: dt.datetime, late: bool) -> Row:
    return Row(
        starts=_hour(starts),
        ends=_hour(ends),
        ends_late=late,
        minutes=0 if item.is_withdrawn else item.minutes,
        reserved=True,
        taken_as_read=item.taken_as_read,
    )


def _merged(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Reserved lines that follow each other are one, and those without time none: how many there are is not said."""
    found: list[Row] = []
    for row in rows:
        if row.reserved and not row.minutes:
            continue
        if row.reserved and found and found[-1].reserved:
            last = found.pop()
            row = Row(
                starts=last.starts,
                ends=row.ends,
                ends_late=row.ends_late,
                minutes=last.minutes + row.minutes,
                reserved=True,
                taken_as_read=row.taken_as_read,
            )
        found.append(row)
    return tuple(found)
