"""The child process that joins papers into a pack; `governance.packs.merge` starts it and nothing else does.

It stands behind the wall of `jcb.walled`. In its folder:

    request.json   {"memory_mb", "seconds", "base", "items": [per page], "foot", "typeface", "papers": [{…}]}
    answer.json    {"labels": [per page], "first_pages": {key: page}}          pack.pdf
                   or {"failure": one word, "paper": key or null, "detail"}
    now.txt        the key of the paper that is being joined, should the child be stopped

The base is our own tagged document. Each paper stands after a page of it, in the page order and in the tags alike. What
is dropped of a paper: everything that runs, opens files or plays, comments, private data of programs, stray marks.
"""

import dataclasses
import gc
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, OutlineItem, String

from governance.packs.labels import item_and_page, with_papers
from governance.packs.stamp import Foot, Stamp
from governance.packs.structure import (
    ReadingOrder,
    Renaming,
    Unreadable,
    is_tagged,
    kids,
    name_tree,
    number_tree,
    write_name_tree,
)
from jcb import walled
from jcb.pdf_drawings import annotations, contents, drawings_within, unmark

FOLLOWED = (b"http://", b"https://", b"mailto:")
# Of a page: what runs, what shows it by itself, and what programs left there for themselves.
DROPPED_FROM_PAGES = (
    "/AA",
    "/B",
    "/Dur",
    "/Trans",
    "/PieceInfo",
    "/Metadata",
    "/Thumb",
    "/PresSteps",
    "/SeparationInfo",
)
DROPPED_FROM_LINKS = ("/AA", "/PA", "/Popup", "/IRT")
UNTAGGED = "{title}, page {page} of {pages}. This paper came without tags, so its words cannot be read aloud here. The secretariat can send an accessible copy."
DEEPEST_OUTLINE = 12

Target = tuple[int, list]  # index of a page in its file, and how it is to be shown


class PaperFailed(Exception):
    """A paper cannot be joined; its one argument is a key of `governance.packs.merge.FAILURES`."""


@dataclasses.dataclass
class Paper:
    """A paper to be joined: the request's words, and what is learnt on the way."""

    key: str
    path: str
    title: str
    after: int
    item: str
    language: str
    first: int = 0  # the page of the pack, from 1, on which it begins
    pages: int = 0
    part: Object | None = None
    outline: list[OutlineItem] = dataclasses.field(default_factory=list)


class Destinations:
    """Where links and bookmarks of a file lead, by name or outright."""

    def __init__(self, pdf: pikepdf.Pdf):
        self.pages = {page.obj.objgen: index for index, page in enumerate(pdf.pages)}
        names = pdf.Root.get("/Names", {})
        self.named = {name: self._outright(to) for name, to in name_tree(names.get("/Dests"))}
        for name, to in pdf.Root.get("/Dests", {}).items():
            self.named[str(name)[1:].encode()] = self._outright(to)

    def of(self, item: Object) -> Target | None:
        """Where a link or the dictionary of a bookmark leads, if it leads to a page of the file."""
        if "/Dest" in item:
            return self.find(item.Dest)
        action = item.get("/A")
        if isinstance(action, Dictionary) and action.get("/S") == Name.GoTo and "/D" in action:
            return self.find(action.D)
        return None

    def find(self, destination: Object) -> Target | None:
        if isinstance(destination, Array):
            return self._outright(destination)
        if isinstance(destination, String):
            return self.named.get(bytes(destination))
        if isinstance(destination, Name):
            return self.named.get(str(destination)[1:].encode())
        return None

    def _outright(self, to: Object) -> Target | None:
        to = to.get("/D") if isinstance(to, Dictionary) else to
        if not isinstance(to, Array) or not len(to):
            return None
        page, *shown = to
        if isinstance(page, int):  # some programs write the number of the page
            index = page if 0 <= page < len(self.pages) else None
        else:
            index = self.pages.get(page.objgen) if isinstance(page, Dictionary) else None
        if index is None:
            return None
        if any(isinstance(each, pikepdf.Object) and not isinstance(each, Name) for each in shown):
            shown = [Name.Fit]
        return index, shown


class Pack:
    """The document in the making: the base, with one paper after another put in."""

    def __init__(self, base: str, papers: Sequence[Paper]):
        self.pdf = pikepdf.open(base)
        self.root = self.pdf.Root.StructTreeRoot
        self.parents: dict[int, Object] = dict(number_tree(self.root.ParentTree))
        self.order = ReadingOrder(self.pdf)
        self.ids = dict(self.order.ids)
        self.next_key = max(self.parents, default=-1) + 1
        self.base_pages = len(self.pdf.pages)
        self.papers = papers
        self.destinations = {
            name: to for name, to in name_tree(self.pdf.Root.get("/Names", {}).get("/Dests")) if to is not None
        }
        self.before: dict[int, list[Object]] = {}  # number of a page → drawings before what is on it
        self.behind: dict[int, list[Object]] = {}
        self.shared: dict[bytes, Object] = {}
        # Learnt before anything is put in: afterwards the pages have other numbers.
        self.places = [self.order.place_after(paper.after) for paper in papers]
        self.levels = [self.order.level_at(paper.after) for paper in papers]

    # One paper

    def put_in(self, number: int) -> None:
        """Put in the paper of that place in the list, with its pages, tags, links, layers and bookmarks."""
        paper = self.papers[number]
        with open_paper(paper.path) as source:
            paper.pages = len(source.pages)
            paper.first = paper.after + 1 + sum(each.pages for each in self.papers[:number])
            leads = Destinations(source)
            links = [[leads.of(annotation) for annotation in annotations(page.obj)] for page in source.pages]
            for index, page in enumerate(source.pages):
                self.pdf.pages.insert(paper.first - 1 + index, page)
            pages = [self.pdf.pages[paper.first - 1 + index].obj for index in range(paper.pages)]
            paper.part = self.pdf.make_indirect(
                Dictionary(
                    Type=Name.StructElem,
                    S=Name.Part,
                    K=Array(),
                    T=String(paper.title),
                    Lang=String(str(source.Root.get("/Lang", "")) or paper.language),
                )
            )
            tagged = is_tagged(source)
            gone = set()
            for page, row in zip(pages, links, strict=True):
                gone |= self._clean(page, row, pages, paper)
            if tagged:
                self._tags(source, paper, pages, number, gone)
            else:
                self._picture_pages(paper, pages)
            self._tag_stray_links(paper, pages)
            self._layers(source)
            for name, target in leads.named.items():
                if target:
                    self.destinations[f"paper-{number + 1}-".encode() + name] = self._destination(target, pages)
            outline = source.open_outline(max_depth=DEEPEST_OUTLINE)  # not as a context: that would write it back
            paper.outline = [*self._bookmarks(outline.root, leads, pages)]

    def _clean(self, page: Object, targets: list[Target | None], pages: list[Object], paper: Paper) -> set:
        """Leave links that lead somewhere good, and nothing else beside what is drawn. Returns what was left out."""
        for key in DROPPED_FROM_PAGES:
            if key in page:
                del page[key]
        page.Tabs = Name.S
        kept, gone = Array(), set()
        for annotation, target in zip(annotations(page), targets, strict=True):
            if annotation.get("/Subtype") != Name.Link:
                gone.add(annotation.objgen)
                continue
            if not annotation.is_indirect:
                annotation = self.pdf.make_indirect(annotation)
            self._mend_link(annotation, target, pages, paper)
            kept.append(annotation)
        if len(kept):
            page.Annots = kept
        elif "/Annots" in page:
            del page["/Annots"]
        return gone - {(0, 0)}

    def _mend_link(self, link: Object, target: Target | None, pages: list[Object], paper: Paper) -> None:
        action = link.get("/A")
        address = action.get("/URI") if isinstance(action, Dictionary) and action.get("/S") == Name.URI else None
        for key in ("/A", "/Dest", *DROPPED_FROM_LINKS):
            if key in link:
                del link[key]
        words = "Link"
        if target:
            link.Dest = self._destination(target, pages)
            words = f"Page {paper.first + target[0]} of the pack"
        elif isinstance(address, String) and bytes(address).lower().startswith(FOLLOWED):
            # Written anew, since an action can have others behind it.
            link.A = Dictionary(S=Name.URI, URI=address)
            words = str(address)
        if not str(link.get("/Contents", "")).strip():
            link.Contents = String(words)

    def _destination(self, target: Target, pages: list[Object]) -> Object:
        index, shown = target
        return Array([pages[index], *shown])

    def _tags(self, source: pikepdf.Pdf, paper: Paper, pages: list[Object], number: int, gone: set) -> None:
        """Bring over the paper's own tags, under its part."""
        base = self.next_key
        shift_keys(pages, base)
        tree = self.pdf.copy_foreign(source.Root.StructTreeRoot)
        for key, owner in number_tree(tree.get("/ParentTree")):
            self.parents[key + base] = owner
            self.next_key = max(self.next_key, key + base + 1)
        found = []
        for top in kids(tree):
            inner = [top]
            if top.get("/S") == Name.Document:  # a part holds no document
                inner = kids(top)
                if "/Lang" in top:
                    paper.part.Lang = top.Lang
            for each in inner:
                if isinstance(each, Dictionary):
                    each.P = paper.part
                found.append(each)
        paper.part.K = Array(found)
        roles = {str(role): str(meant) for role, meant in tree.get("/RoleMap", {}).items()}
        Renaming(
            prefix=f"paper-{number + 1}-".encode(),
            level=self.levels[number],
            roles=roles,
            types=self._join_map("/RoleMap", tree, number),
            classes=self._join_map("/ClassMap", tree, number),
            gone=gone,
        ).apply(paper.part, self.ids, thorough=bool(gone) or "/IDTree" in tree)

    def _join_map(self, key: str, tree: Object, number: int) -> dict[str, str]:
        """Take over a role or class map; what means something else here gets another name, and these are returned."""
        renamed = {}
        for name, meaning in tree.get(key, {}).items():
            if key not in self.root:
                self.root[key] = Dictionary()
            ours = self.root[key]
            if name in ours and ours[name].unparse(resolved=True) != meaning.unparse(resolved=True):
                renamed[name] = f"{name}-paper-{number + 1}"
            ours[renamed.get(name, name)] = meaning
        return renamed

    def _picture_pages(self, paper: Paper, pages: list[Object]) -> None:
        """Each page of a paper without tags becomes one picture with words in its stead."""
        seen: set = set()
        for index, page in enumerate(pages):
            unmark(self.pdf, page, seen)
            figure = self.pdf.make_indirect(
                Dictionary(
                    Type=Name.StructElem,
                    S=Name.Figure,
                    P=paper.part,
                    Pg=page,
                    K=Array([0]),
                    A=Dictionary(O=Name.Layout, BBox=page.get("/CropBox", page.get("/MediaBox"))),
                    Alt=String(UNTAGGED.format(title=paper.title, page=index + 1, pages=paper.pages)),
                )
            )
            paper.part.K.append(figure)
            self.before[page.objgen] = [self._drawing(b"/Figure <</MCID 0>> BDC\n")]
            self.behind[page.objgen] = [self._drawing(b"\nEMC\n")]
            page.StructParents = self._own(Array([figure]))

    def _tag_stray_links(self, paper: Paper, pages: list[Object]) -> None:
        """Every link has to be in the tags: one that is not is read at the end of its paper."""
        for page in pages:
            for link in page.get("/Annots", []):
                if "/StructParent" in link and int(link.StructParent) in self.parents:
                    continue
                element = self.pdf.make_indirect(
                    Dictionary(Type=Name.StructElem, S=Name.Link, P=paper.part, Pg=page, Alt=link.Contents)
                )
                element.K = Array([Dictionary(Type=Name.OBJR, Obj=link, Pg=page)])
                paper.part.K.append(element)
                link.StructParent = self._own(element)

    def _own(self, owner: Object) -> int:
        """A new key of the parent tree, which leads to that owner."""
        self.parents[self.next_key] = owner
        self.next_key += 1
        return self.next_key - 1

    def _layers(self, source: pikepdf.Pdf) -> None:
        """What the paper hides in layers stays hidden."""
        theirs = source.Root.get("/OCProperties")
        if not isinstance(theirs, Dictionary) or not len(theirs.get("/OCGs", [])):
            return
        copied = self.pdf.copy_foreign(theirs if theirs.is_indirect else source.make_indirect(theirs))
        if "/OCProperties" not in self.pdf.Root:
            self.pdf.Root.OCProperties = Dictionary(OCGs=Array(), D=Dictionary(Name=String("Layers"), OFF=Array()))
        ours = self.pdf.Root.OCProperties
        shown = copied.get("/D", {})
        hidden = list(shown.get("/OFF", []))
        if shown.get("/BaseState") == Name.OFF:
            on = {each.objgen for each in shown.get("/ON", [])}
            hidden = [each for each in copied.OCGs if each.objgen not in on]
        for each in copied.OCGs:
            ours.OCGs.append(each)
        for each in hidden:
            ours.D.OFF.append(each)

    def _bookmarks(
        self, rows: Sequence[OutlineItem], leads: Destinations, pages: list[Object]
    ) -> Iterator[OutlineItem]:
        for row in rows:
            target = leads.of(row.obj) if row.obj is not None else None
            item = OutlineItem(row.title, self._destination(target or (0, [Name.Fit]), pages))
            item.children = list(self._bookmarks(row.children, leads, pages))
            yield item

    # The whole

    def finish(self, items: Sequence[str], foot: str, typeface: Path) -> list[str]:
        """Hang the parts into the tags, write the feet and the bookmarks. Returns the label of each page."""
        self._hang_parts()
        self.root.ParentTree = self.pdf.make_indirect(
            Dictionary(Nums=Array([x for key in sorted(self.parents) for x in (key, self.parents[key])]))
        )
        self.root.ParentTreeNextKey = self.next_key
        if self.ids:
            self.root.IDTree = write_name_tree(self.pdf, self.ids)
        elif "/IDTree" in self.root:
            del self.root["/IDTree"]
        if self.destinations:
            if "/Names" not in self.pdf.Root:
                self.pdf.Root.Names = Dictionary()
            self.pdf.Root.Names.Dests = write_name_tree(self.pdf, self.destinations)
        put_in = [(paper.after, paper.item, paper.pages) for paper in self.papers]
        labels = item_and_page(with_papers(items, put_in))
        self._label_pages(labels)
        self._bookmark(labels)
        self._stamp(labels, foot, typeface)
        return labels

    def _hang_parts(self) -> None:
        """Each part to its place, the last first, so that papers of one place keep their order."""
        for paper, (parent, kid) in reversed(list(zip(self.papers, self.places, strict=True))):
            siblings = kids(parent)
            at = 0
            if kid is not None:
                at = 1 + next(
                    place
                    for place, each in enumerate(siblings)
                    if isinstance(each, Dictionary) and each.objgen == kid.objgen
                )
            paper.part.P = parent
            parent.K = Array([*siblings[:at], paper.part, *siblings[at:]])

    def _label_pages(self, labels: Sequence[str]) -> None:
        """What a reader's program calls the pages: "7.3" where there is an item, and the plain number elsewhere."""
        ranges = Array()
        before = None
        for index, label in enumerate(labels):
            item, _, number = label.rpartition(".")
            if item != before:
                prefix = {"P": String(f"{item}.")} if item else {}
                start = int(number) if item else index + 1
                ranges.extend([index, Dictionary(S=Name.D, St=start, **prefix)])
                before = item
        self.pdf.Root.PageLabels = self.pdf.make_indirect(Dictionary(Nums=ranges))

    def _bookmark(self, labels: Sequence[str]) -> None:
        """The base's bookmarks, with each paper's below that of its divider, and both page numbers on all."""
        at = {page.obj.objgen: number for number, page in enumerate(self.pdf.pages, start=1)}

        def page_of(row: OutlineItem) -> int:
            to = row.destination
            return at.get(to[0].objgen, 0) if isinstance(to, Array) and len(to) and is_page(to[0]) else 0

        with self.pdf.open_outline(max_depth=DEEPEST_OUTLINE) as outline:
            rows = list(flattened(outline.root))
            for paper in self.papers:
                divider = max(
                    (row for row in rows if 0 < page_of(row) < paper.first), key=page_of, default=None
                )  # the first of several on one page: an item's bookmark holds its paper's
                own = paper.outline or [
                    OutlineItem(paper.title, Array([self.pdf.pages[paper.first - 1].obj, Name.Fit]))
                ]
                (outline.root if divider is None else divider.children).extend(own)
            for row in flattened(outline.root):
                if number := page_of(row):
                    label = f"{labels[number - 1]}, " if labels[number - 1] else ""
                    row.title = f"{row.title} ({label}page {number})"

    def _stamp(self, labels: Sequence[str], words: str, typeface: Path) -> None:
        total = len(labels)
        feet = [Foot(label, words, f"Page {number} of {total}") for number, label in enumerate(labels, start=1)]
        stamp = Stamp(self.pdf, typeface, feet)
        theirs = {paper.first + index for paper in self.papers for index in range(paper.pages)}
        for number, (page, foot) in enumerate(zip(self.pdf.pages, feet, strict=True), start=1):
            is_theirs = number in theirs
            if is_theirs:  # little space is theirs to give: the meeting is named on our own pages
                foot = dataclasses.replace(foot, words="")
            drawing = stamp.drawing(page.obj, foot, on_white=is_theirs)
            before = [*self.before.get(page.obj.objgen, []), self._drawing(b"q\n")]
            behind = [self._drawing(b"\nQ\n"), *self.behind.get(page.obj.objgen, [])]
            page.obj.Contents = Array([*before, *contents(page.obj), *behind, self.pdf.make_stream(drawing)])

    def _drawing(self, content: bytes) -> Object:
        """A piece of drawing that many pages share."""
        if content not in self.shared:
            self.shared[content] = self.pdf.make_stream(content)
        return self.shared[content]


# One paper's pages


def open_paper(path: str) -> pikepdf.Pdf:
    """Open a paper, or raise PaperFailed for one that cannot be joined honestly."""
    try:
        pdf = pikepdf.open(path)
    except pikepdf.PasswordError as error:
        raise PaperFailed("locked") from error
    except pikepdf.PdfError as error:
        raise PaperFailed("broken") from error
    if pdf.is_encrypted:
        raise PaperFailed("secured")
    form = pdf.Root.get("/AcroForm")
    if isinstance(form, Dictionary) and (len(form.get("/Fields", [])) or "/XFA" in form):
        raise PaperFailed("form")
    if not len(pdf.pages):
        raise PaperFailed("empty")
    return pdf


def is_page(item) -> bool:
    return isinstance(item, Dictionary) and item.get("/Type") == Name.Page


def flattened(rows: Sequence[OutlineItem]) -> Iterator[OutlineItem]:
    for row in rows:
        yield row
        yield from flattened(row.children)


def shift_keys(pages: Sequence[Object], by: int) -> None:
    """Move the keys with which pages, links and drawings point into the parent tree."""
    for page in pages:
        _shift(page, by)
        for annotation in annotations(page):
            _shift(annotation, by)
    for drawing in drawings_within(pages):
        _shift(drawing, by)


def _shift(item: Object, by: int) -> None:
    for key in ("/StructParents", "/StructParent"):
        if key in item:
            item[key] = int(item[key]) + by


# The child


def work(folder: Path, at_paper: Callable[[str], None]) -> tuple[dict, Pack]:
    """Join what the request in the folder names, and return the answer, with the pack as it was written."""
    request = json.loads((folder / "request.json").read_text())
    walled.lock_down(memory_mb=request["memory_mb"], seconds=request["seconds"])
    pikepdf.settings.set_flate_compression_level(1)  # most is packed already; the tags grow by a twentieth
    gc.disable()  # tens of thousands of tags pass by, and none of them in a circle: looking for one costs a tenth
    papers = [Paper(**each) for each in request["papers"]]
    pack = Pack(request["base"], papers)
    for number, paper in enumerate(papers):
        at_paper(paper.key)
        pack.put_in(number)
    at_paper("")
    labels = pack.finish(request["items"], request["foot"], Path(request["typeface"]))
    pack.pdf.save(folder / "pack.pdf", object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    return {"labels": labels, "first_pages": {paper.key: paper.first for paper in papers}}, pack


def main(folder: Path) -> Pack | None:
    """Answer the request in the folder; whatever goes wrong is told by one word in the answer.

    Returns the pack, if there is one: to clear away its tens of thousands of objects takes time that nobody need wait.
    """
    now, pack = "", None

    def at_paper(key: str) -> None:
        nonlocal now
        now = key
        (folder / "now.txt").write_text(key)

    try:
        answer, pack = work(folder, at_paper)
    except PaperFailed as failed:
        answer = {"failure": failed.args[0], "paper": now, "detail": ""}
    except Exception as error:  # whatever a paper provokes is told, never thrown
        word = {MemoryError: "memory", RecursionError: "depth", Unreadable: "tags"}.get(type(error), "unjoined")
        answer = {"failure": word, "paper": now, "detail": f"{type(error).__name__}: {error}"[:300]}
    (folder / "answer.json").write_text(json.dumps(answer))
    return pack


if __name__ == "__main__":
    finished = main(Path(sys.argv[1]))
    os._exit(0)  # without clearing up, see `main`
