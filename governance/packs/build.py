"""A pack as one PDF: our own pages drawn from its data, then the papers joined in by `governance.packs.merge`.

    built = draw(data)
    built.content, built.places["item-7"].words     "7.1, page 12"

Page numbers in the contents are known only once the papers' pages are counted in, so the pages are drawn until nothing
changes: twice, as a rule. A paper that cannot be joined becomes a page that says so.
"""

import dataclasses
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.template.loader import render_to_string

from governance.agendas.build import linked
from governance.models import PaperVersion
from governance.packs.contents import PackData, PackItem, PackPaper
from governance.packs.frozen import fingerprint, frozen
from governance.packs.labels import item_and_page, with_papers
from governance.packs.merge import Paper, PaperRefused, merge_pack
from jcb import files
from jcb.pdf import RenderedPdf, render_pdf

LOG = logging.getLogger(__name__)
MOST_DRAWINGS = 5
WIDEST = "00.00, page 000"  # stands in the contents until the numbers are known
LOST = "The file of this paper is missing. The secretariat hands it in again."
FAILED = "This paper could not be put into the pack. {why}"
BOARD = "Children’s Joint Commissioning Board"
LOOSE = {"forward": "forward-plan", "highlight": "highlight-report"}
NAMES = {
    "changes": "What changed",
    "agenda": "Agenda",
    "highlight-report": "Highlight report",
    "forward-plan": "Forward plan",
    "about": "About this pack",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: the label of its first page, "7.3", the page in the whole, and how many pages it has."""

    label: str
    page: int
    pages: int

    @property
    def words(self) -> str:
        return f"{self.label}, page {self.page}" if self.label else f"page {self.page}"

    @property
    def span(self) -> str:
        """ "7.3" or "7.3 to 7.8"."""
        if not self.label or self.pages < 2:
            return self.label
        item, _, first = self.label.rpartition(".")
        return f"{self.label} to {item}.{int(first) + self.pages - 1}"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of our own pages that begins on a new page. `joined` is the paper whose pages come after it."""

    anchor: str
    label: str = ""
    item: PackItem | None = None
    paper: PackPaper | None = None
    joined: PackPaper | None = None


@dataclass(frozen=True, slots=True)
class BuiltPack:
    """A finished pack. `data` is what it was made of, as JSON keeps it, with where everything stands, and `fingerprint` is
    printed on it; `problems` are the papers that could not be joined, with the sentence that stands in their place."""

    content: bytes
    pages: int
    places: Mapping[str, Place]
    data: dict
    fingerprint: str
    problems: Mapping[str, str]


def draw(data: PackData) -> BuiltPack:
    """Draw a pack. Takes seconds, and writes nothing; not to be called within a database transaction.

    Raises jcb.pdf.PdfError or governance.packs.merge.MergeFailed with a sentence where there can be no pack at all.
    """
    printed = {paper.version_pk: paper for item in data.items for paper in item.papers if paper.printed}
    versions = list(PaperVersion.objects.filter(pk__in=printed).select_related("pages"))
    with files.at_hand(version.pages for version in versions) as found:
        paths = {printed[each.pk].key: found[each.pages_id] for each in versions if each.pages_id in found}
        problems = {printed[each.pk].key: LOST for each in versions if each.pages_id not in found}
        return _joined(data, paths, problems)


def _joined(data: PackData, paths: Mapping[str, Path], problems: dict[str, str]) -> BuiltPack:
    """The pack with the papers whose pages lie at these paths, and the sentence in place of each that cannot be joined."""
    while True:
        shown = _with_problems(data, problems)
        sections = _sections(shown)
        base, places, items, papers = _laid_out(shown, sections, paths)
        try:
            merged = merge_pack(base=base.content, items=items, papers=papers, foot=f"{BOARD}, {data.when}")
        except PaperRefused as refused:
            if refused.paper in problems:
                raise
            LOG.warning("A paper could not be put into the pack of %s: %s", data.meeting, refused)
            problems[refused.paper] = FAILED.format(why=refused)
            continue
        kept = frozen(shown) | {"places": frozen(dict(places)), "pages": merged.pages}
        return BuiltPack(merged.content, merged.pages, places, kept, fingerprint(frozen(shown)), problems)


def _with_problems(data: PackData, problems: Mapping[str, str]) -> PackData:
    """The same pack with a page that says so in place of each paper that cannot be joined."""

    def mended(paper: PackPaper) -> PackPaper:
        if paper.key not in problems:
            return paper
        return dataclasses.replace(paper, printed=False, page=True, words=problems[paper.key])

    items = tuple(dataclasses.replace(item, papers=tuple(map(mended, item.papers))) for item in data.items)
    return dataclasses.replace(data, items=items)


def _sections(data: PackData) -> list[Section]:
    """Everything that begins on a new page, in order. An item's first paper follows its front sheet; each further one
    has a divider of its own, and one that is not printed a page that says why."""
    sections = [Section("agenda"), Section("contents")]
    if data.changes or data.words:
        sections.insert(0, Section("changes"))
    for item in data.items:
        first, *further = [paper for paper in item.papers if paper.printed or paper.page] or [None]
        joined = first if first and first.printed else None
        sections.append(Section(item.row.anchor, item.row.label, item, joined=joined))
        for paper in [first, *further] if first and not joined else further:
            joined = paper if paper.printed else None
            sections.append(Section(paper.key, item.row.label, item, paper=paper, joined=joined))
    return [*sections, *(Section(LOOSE[part]) for part in data.loose), Section("about")]


def _laid_out(
    data: PackData, sections: Sequence[Section], paths: Mapping
) -> tuple[RenderedPdf, dict[str, Place], list[str], list[Paper]]:
    """Draw our own pages until every number in them is true."""
    numbers: dict[str, Place] = {}
    for _ in range(MOST_DRAWINGS):
        base = render_pdf(html(data, sections, numbers))
        places, items, papers = _placed(base, sections, paths)
        if places == numbers:
            return base, places, items, papers
        numbers = places
    LOG.warning("The page numbers of the pack of %s did not come to rest.", data.meeting)
    return base, places, items, papers


def _placed(
    base: RenderedPdf, sections: Sequence[Section], paths: Mapping
) -> tuple[dict[str, Place], list[str], list[Paper]]:
    """Where everything stands once the papers are put in, which item each of our own pages belongs to, and the papers
    with the page that each comes after."""
    starts = [base.anchors[section.anchor] for section in sections]
    ends = [*(start - 1 for start in starts[1:]), base.pages]
    items = [""] * (starts[0] - 1)
    papers, put_in, added = [], [], 0
    at: dict[str, tuple[int, int]] = {}
    for section, start, end in zip(sections, starts, ends, strict=True):
        items += [section.label] * (end - start + 1)
        at[section.anchor] = (start + added, end - start + 1)
        if (paper := section.joined) is not None:
            papers.append(Paper(paper.key, paths[paper.key], paper.title, end, section.label))
            put_in.append((end, section.label, paper.pages))
            at[f"{paper.key}-pages"] = (end + added + 1, paper.pages)
            added += paper.pages
    labels = item_and_page(with_papers(items, put_in))
    places = {anchor: Place(labels[page - 1], page, pages) for anchor, (page, pages) in at.items()}
    return places, items, papers


def html(data: PackData, sections: Sequence[Section], places: Mapping[str, Place]) -> str:
    """Our own pages as HTML, with the numbers as far as they are known."""
    pages = {item.row.anchor: "000" for item in data.items}
    pages |= {anchor: str(place.page) for anchor, place in places.items() if anchor in pages}
    shown = dataclasses.replace(data, agenda=linked(data.agenda, pages))
    context = {
        "pack": frozen(shown),
        "sections": [_section(section) for section in sections],
        "contents": [_line(row, places) for row in _contents(sections)],
        "fingerprint": fingerprint(frozen(data)),
        "board": BOARD,
    }
    return render_to_string("print/pack.html", context)


def _section(section: Section) -> dict:
    return {
        "anchor": section.anchor,
        "item": frozen(section.item),
        "paper": frozen(section.paper),
        "joined": frozen(section.joined),
    }


def _contents(sections: Sequence[Section]) -> list[tuple[str, str, str, int]]:
    """The lines of the contents: (what stands there, where a link leads, words, level)."""
    lines = []
    for section in sections:
        if section.anchor == "contents":
            continue
        if section.item is None:
            lines.append((section.anchor, section.anchor, NAMES[section.anchor], 1))
        elif section.paper is None:
            lines.append((section.anchor, section.anchor, f"{section.label} {section.item.row.title}", 1))
        elif section.joined is None:
            lines.append((section.anchor, section.anchor, section.paper.title, 2))
        if section.joined is not None:
            lines.append((f"{section.joined.key}-pages", section.anchor, section.joined.title, 2))
    return lines


def _line(row: tuple[str, str, str, int], places: Mapping[str, Place]) -> dict:
    key, leads, words, level = row
    numbers = places[key].words if key in places else WIDEST
    return {"anchor": leads, "words": words, "level": level, "numbers": numbers}
