"""What a pack is made of, as data, before a page is drawn.

    with as_if_published(meeting):
        data = build(meeting, audience, edition)

An edition is a version of the pack or a supplement to it. Everything a reader of an audience gets is in the data, and
nothing else is: it is built from the items that the audience may see.
"""

import contextlib
import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from governance.agendas import build as agendas
from governance.agendas.operations import freeze_numbers, next_supplement
from governance.dashboard import contents as dashboards
from governance.forward import plan as forward_plan
from governance.meetings import calendar
from governance.minutes import carried
from governance.models import AgendaItem, FrontSheet, Meeting, Pack, Paper, PaperVersion
from governance.packs.audiences import Audience, on_agenda
from governance.packs.frozen import frozen
from governance.papers import front_sheets
from governance.rounds import highlight as highlights
from jcb import dates

State = Paper.State
MINUTES, FORWARD, HIGHLIGHT, DASHBOARD = "minutes", "forward", "highlight", "dashboard"
# Which standing items bring a part of the pack with them, by words of their titles.
BRINGS = {
    "minutes and actions": MINUTES,
    "forward plan": FORWARD,
    "workstream reports": HIGHLIGHT,
    "progress on the work programme": HIGHLIGHT,
    "performance dashboard": DASHBOARD,
}
TO_FOLLOW = "This paper is to follow. It will be sent as a supplement, or tabled at the meeting."
BY_MOUTH = "A report by word of mouth: there is no paper."
TABLED = "This paper will be tabled at the meeting."
SCAN = "Its pages are pictures or have no tags, so a screen reader cannot read them. The secretariat can say what to ask for."


@dataclass(frozen=True, slots=True)
class Edition:
    """Which version or supplement is made, as published at which instant, and the clerk's words on what changed."""

    kind: str
    number: int
    at: dt.datetime
    words: str = ""

    @property
    def is_supplement(self) -> bool:
        return self.kind == Pack.Kind.SUPPLEMENT


@dataclass(frozen=True, slots=True)
class PackPaper:
    """A paper in a pack. `printed`: its pages follow; `page`: a page says why they do not; `words`: what is said of it."""

    key: str
    order: int
    title: str
    author: str
    version: int = 0
    version_pk: int | None = None
    pages: int = 0
    tagged: bool = False
    sha256: str = ""
    printed: bool = False
    page: bool = False
    words: str = ""


@dataclass(frozen=True, slots=True)
class PackItem:
    """An item in a pack: its line of the agenda, its front sheet, its papers, and the part of the pack it brings."""

    pk: int
    row: agendas.Row
    sheet: front_sheets.Sheet | None
    papers: tuple[PackPaper, ...]
    brings: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What changed since the last edition, in a sentence; `restricted` ones are not named in e-mail."""

    words: str
    restricted: bool = False


@dataclass(frozen=True, slots=True)
class PackData:
    """A pack for an audience, whole."""

    meeting: str
    name: str
    title: str
    when: str
    hours: str
    venue: str
    circulated: str
    in_time: bool
    audience: str
    version: str
    words: str
    changes: tuple[Change, ...]
    is_supplement: bool
    agenda: agendas.Agenda
    items: tuple[PackItem, ...]
    forward: forward_plan.ForwardPlan | None
    highlight: highlights.Report | None
    last: carried.Carried | None
    dashboard: dashboards.Dashboard | None
    as_at: str
    demonstration: bool

    @property
    def loose(self) -> tuple[str, ...]:
        """The parts that stand at the end, because no item brings them."""
        brought = {item.brings for item in self.items}
        there = ((HIGHLIGHT, self.highlight), (FORWARD, self.forward))
        return tuple(part for part, data in there if data is not None and part not in brought)


@contextlib.contextmanager
def as_if_published(meeting: Meeting) -> Iterator[None]:
    """Inside, numbers are as they will be once they are frozen; afterwards, as they were."""
    with transaction.atomic():
        freeze_numbers(meeting)
        yield
        transaction.set_rollback(True)


def next_edition(meeting: Meeting, *, kind: str, at: dt.datetime, words: str = "") -> Edition:
    """The version or supplement that comes next."""
    if kind == Pack.Kind.SUPPLEMENT:
        return Edition(kind, next_supplement(meeting), at, words)
    last = Pack.objects.filter(meeting=meeting, kind=Pack.Kind.PACK).order_by("-number").first()
    return Edition(kind, last.number + 1 if last else 1, at, words)


def build(meeting: Meeting, audience: Audience, edition: Edition) -> PackData:
    """The data of a pack. Reads the database only; call it within `as_if_published`, or once numbers are frozen."""
    visible = set(audience.items)
    agenda = agendas.build(meeting, visible)
    items = _items(meeting, visible, agenda)
    before = earlier_items(meeting, edition.at)
    changes = tuple(
        Change(words, item.row.restricted)
        for item in items
        for words in what_changed(before.get(item.pk), frozen(item), item.row.label)
    )
    if edition.is_supplement:
        agenda = _only_seen(agenda)
    forward, highlight, last, dashboard = None, None, None, None
    if any(item.brings == MINUTES for item in items):
        last = carried.for_pack(meeting, edition.at)
    if _has(FORWARD, meeting, audience, edition, items):
        forward = forward_plan.build(dates.london_day(edition.at))
    if _has(HIGHLIGHT, meeting, audience, edition, items):
        highlight = highlights.build(meeting, dates.london_day(edition.at))
    if any(item.brings == DASHBOARD for item in items):
        dashboard = dashboards.build(edition.at)
    late = calendar.say_lateness(meeting.papers_due_at, edition.at)
    in_time = calendar.is_in_time(meeting.papers_due_at, edition.at)
    return PackData(
        meeting=meeting.key,
        name=f"Supplement {edition.number}" if edition.is_supplement else "Meeting pack",
        title=_title(edition),
        when=agenda.meeting,
        hours=agenda.hours,
        venue=meeting.venue,
        circulated=f"{late[:1].upper()}{late[1:]}: {dates.say_instant(edition.at)} (due {dates.say_instant(meeting.papers_due_at)})",
        in_time=in_time,
        audience=audience.words,
        version=_version(edition, items),
        words=edition.words,
        changes=changes if edition.is_supplement or edition.number > 1 else (),
        is_supplement=edition.is_supplement,
        agenda=agenda,
        items=items,
        forward=forward,
        highlight=highlight if highlight and highlight.streams else None,
        last=last,
        dashboard=dashboard,
        as_at=dates.say_day(edition.at),
        demonstration=any(item.row.invented for item in items)
        or any(part is not None and part.demonstration for part in (forward, highlight)),
    )


def _has(part: str, meeting: Meeting, audience: Audience, edition: Edition, items: Sequence[PackItem]) -> bool:
    """Whether a part is in a pack: with the item that brings it, for those who see that item; where no item on the
    agenda brings it, at the end, for members and for those who see what is not restricted."""
    if any(item.brings == part for item in items):
        return True
    if edition.is_supplement or any(brings(item) == part for item in on_agenda(meeting)):
        return False
    return audience.is_board or audience.is_open


def _title(edition: Edition) -> str:
    if edition.is_supplement:
        return f"Supplement {edition.number} to the meeting pack"
    return "Meeting pack" if edition.number == 1 else f"Meeting pack, version {edition.number}"


def _version(edition: Edition, items: Sequence[PackItem]) -> str:
    papers = sum(paper.printed for item in items for paper in item.papers)
    number = f"Supplement {edition.number}" if edition.is_supplement else str(edition.number)
    return f"{number}, with {papers} paper{'' if papers == 1 else 's'}"


def _only_seen(agenda: agendas.Agenda) -> agendas.Agenda:
    """A supplement names its own items and says nothing of the rest of the meeting, not even when it is reserved."""
    return dataclasses.replace(
        agenda,
        over=0,
        business=tuple(row for row in agenda.business if not row.reserved),
        as_read=tuple(row for row in agenda.as_read if not row.reserved),
    )


def _items(meeting: Meeting, visible: set[int], agenda: agendas.Agenda) -> tuple[PackItem, ...]:
    rows = {row.pk: row for row in agenda.items}
    sheets = {
        sheet.item_id: sheet
        for sheet in FrontSheet.objects.filter(item__in=visible).select_related("author", "cleared_by", "item")
    }
    latest: dict[int, PaperVersion] = {}
    for version in PaperVersion.objects.filter(paper__item__in=visible).select_related("pages").order_by("number"):
        latest[version.paper_id] = version
    papers: dict[int, list[PackPaper]] = {}
    for paper in Paper.objects.filter(item__in=visible).select_related("author").order_by("item", "order"):
        papers.setdefault(paper.item_id, []).append(_paper(paper, latest.get(paper.pk)))
    return tuple(
        PackItem(
            pk=item.pk,
            row=rows[item.pk],
            sheet=front_sheets.build(sheets[item.pk]) if item.pk in sheets and not item.is_withdrawn else None,
            papers=() if item.is_withdrawn else tuple(papers.get(item.pk, ())),
            brings="" if item.is_withdrawn else brings(item),
        )
        for item in on_agenda(meeting)
        if item.pk in visible
    )


def brings(item: AgendaItem) -> str:
    """The part of the pack that a standing item brings with it; empty for most."""
    title = item.standing.title.lower() if item.standing else ""
    return next((part for words, part in BRINGS.items() if words in title), "")


def _paper(paper: Paper, version: PaperVersion | None) -> PackPaper:
    said = {
        "key": f"paper-{paper.pk}",
        "order": paper.order,
        "title": paper.title,
        "author": paper.author.name if paper.author else "",
    }
    if paper.state in {State.VERBAL, State.TABLED}:
        return PackPaper(**said, words=BY_MOUTH if paper.state == State.VERBAL else TABLED)
    if paper.state in {State.DEFERRED, State.WITHDRAWN}:
        return PackPaper(**said, words=f"This paper is {paper.get_state_display().lower()}.")
    if is_printed(paper, version):
        return PackPaper(
            **said,
            version=version.number,
            version_pk=version.pk,
            pages=version.page_count,
            tagged=version.is_tagged,
            sha256=version.pages.sha256,
            printed=True,
            words="" if version.is_tagged else SCAN,
        )
    return PackPaper(**said, page=True, words=TO_FOLLOW)


def is_printed(paper: Paper, version: PaperVersion | None) -> bool:
    """Whether a paper goes into the pack as it is: it has come, it has pages, and nothing in it waits for the clerk."""
    come = paper.state in {State.RECEIVED, State.CLEARED}
    return bool(come and version and version.pages_id and not version.blocked)


# What changed ---------------------------------------------------------------------------------------------------------


def earlier_items(meeting: Meeting, before: dt.datetime) -> Mapping[int, dict]:
    """The items of a meeting as they were last published, as frozen data, by primary key."""
    found: dict[int, dict] = {}
    for data in Pack.objects.filter(meeting=meeting).order_by("pk").values_list("data", flat=True):
        for item in data.get("items", []):
            found[item["pk"]] = item
    return found


def what_changed(before: dict | None, now: dict, label: str) -> list[str]:
    """Sentences on what is different in an item since it was last published. Both are frozen `PackItem`s."""
    named = f"Item {label}"
    if before is None:
        return [f"{named} is new: {now['row']['title']}."]
    sentences = []
    if now["row"]["withdrawn"] != before["row"]["withdrawn"]:
        return [f"{named} is withdrawn." if now["row"]["withdrawn"] else f"{named} is on the agenda again."]
    if any(now["row"][name] != before["row"][name] for name in ("title", "purpose", "presenter", "minutes")):
        sentences.append(f"{named}: its title, purpose, presenter or minutes are changed.")
    if now["sheet"] != before["sheet"]:
        sentences.append(f"{named}: the front sheet is {'changed' if before['sheet'] else 'new'}.")
    were = {paper["key"]: paper for paper in before["papers"]}
    for paper in now["papers"]:
        was = were.pop(paper["key"], None)
        if was and (was["version_pk"], was["words"]) == (paper["version_pk"], paper["words"]):
            continue
        if paper["printed"]:
            how = (
                f"version {paper['version']} takes the place of version {was['version']}"
                if was and was["printed"]
                else "has come"
            )
            sentences.append(f"{named}: “{paper['title']}” {how}.")
        else:
            sentences.append(f"{named}: “{paper['title']}”. {paper['words']}")
    sentences += [f"{named}: “{paper['title']}” is gone." for paper in were.values()]
    return sentences


def changed_items(meeting: Meeting, at: dt.datetime) -> set[int]:
    """The items that a supplement would hold: new ones, and those of which something came or changed since they were
    last published. Call it within `as_if_published`, or once numbers are frozen."""
    before = earlier_items(meeting, at)
    everything = {item.pk for item in on_agenda(meeting)}
    agenda = agendas.build(meeting, everything)
    return {
        item.pk
        for item in _items(meeting, everything, agenda)
        if what_changed(before.get(item.pk), frozen(item), item.row.label)
    }
