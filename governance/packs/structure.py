"""The parts of a PDF that hold its tags, read and written: trees of numbers, trees of names, structure elements.

A structure element is a dictionary with a type (`S`), a parent (`P`) and kids (`K`): numbers of marked text on its page,
or references to other elements, marked text and annotations. The parent tree leads back from a page's marks to elements.
"""

import dataclasses
from collections.abc import Iterator, Mapping

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, String

CONTAINERS = {"/Div", "/Part", "/Art", "/Sect", "/NonStruct", "/Document"}
HEADINGS = {f"/H{level}": level for level in range(1, 7)}
LOWEST_HEADING = 6
IDENTIFIED = {"/TD", "/TH", "/Note"}  # cells name their headers by identifiers, and notes have to have one
# Lines of text and what is within them: they hold no headings and no tables.
LINES = {"/P", "/Lbl", "/Span", "/Link", "/Quote", "/Code", "/Reference"}
DEEPEST = 200  # levels of any tree; real ones have a dozen
MOST_ELEMENTS = 1_000_000


class Unreadable(Exception):
    """The tags of a file lead in a circle or are beyond all measure."""


def number_tree(node: Object | None, depth: int = 0) -> Iterator[tuple[int, Object]]:
    """The numbers of a tree and what stands under each."""
    if node is None:
        return
    if depth > DEEPEST:
        raise Unreadable
    flat = node.get("/Nums", [])
    for place in range(0, len(flat) - 1, 2):
        yield int(flat[place]), flat[place + 1]
    for kid in node.get("/Kids", []):
        yield from number_tree(kid, depth + 1)


def name_tree(node: Object | None, depth: int = 0) -> Iterator[tuple[bytes, Object]]:
    """The names of a tree and what stands under each."""
    if node is None:
        return
    if depth > DEEPEST:
        raise Unreadable
    flat = node.get("/Names", [])
    for place in range(0, len(flat) - 1, 2):
        yield bytes(flat[place]), flat[place + 1]
    for kid in node.get("/Kids", []):
        yield from name_tree(kid, depth + 1)


def write_name_tree(pdf: pikepdf.Pdf, named: Mapping[bytes, Object]) -> Object:
    """A new tree of names, in one node."""
    return pdf.make_indirect(
        Dictionary(Names=Array([x for name in sorted(named) for x in (String(name), named[name])]))
    )


def is_tagged(pdf: pikepdf.Pdf) -> bool:
    """Whether a file says that it is tagged and has what that needs."""
    marked = pdf.Root.get("/MarkInfo", {}).get("/Marked", False)
    tree = pdf.Root.get("/StructTreeRoot")
    return bool(marked and isinstance(tree, Dictionary) and tree.get("/K") is not None and "/ParentTree" in tree)


def kids(element: Object) -> list:
    found = element.get("/K")
    if found is None:
        return []
    return list(found) if isinstance(found, Array) else [found]


def is_element(kid) -> bool:
    return isinstance(kid, Dictionary) and "/S" in kid


def resolved(role: str, roles: Mapping[str, str]) -> str:
    """A type of element as its role map says it is to be understood."""
    for _ in range(DEEPEST):
        if role not in roles:
            break
        role = roles[role]
    return role


@dataclasses.dataclass
class Renaming:
    """What has to change in a paper's elements so that they can stand among others.

    `prefix` keeps identifiers apart; headings come below `level`, in unbroken steps; `types` and `classes` are names that
    mean something else in the document; `gone` are annotations that are left out.
    """

    prefix: bytes
    level: int
    roles: Mapping[str, str]
    types: Mapping[str, str]
    classes: Mapping[str, str]
    gone: set
    _names: dict[bytes, String] = dataclasses.field(default_factory=dict)

    def apply(self, top: Object, ids: dict[bytes, Object], *, thorough: bool) -> None:
        """Walk the elements below `top` once, in reading order, and collect those with an identifier in `ids`.

        Most elements of a paper are lines of text with nothing in them that has to change; these are passed over unless
        `thorough`. This is the most expensive loop of a merge: it asks each element as little as it can.
        """
        last, walked = self.level, 0
        passed_over = frozenset() if thorough else LINES - self.roles.keys()
        special = {*HEADINGS, "/H", *self.roles, *self.types}
        gone, classes = self.gone, self.classes

        def walk(parent: Object, inner: Object, depth: int) -> None:
            nonlocal last, walked
            walked += 1
            if depth > DEEPEST or walked > MOST_ELEMENTS:
                raise Unreadable
            for kid in inner if isinstance(inner, Array) else (inner,):
                if kid.__class__ is int:
                    continue
                role = kid.get("/S")
                if role is None:
                    if gone and "/Obj" in kid and kid.Obj.objgen in gone:
                        self._without(parent)
                    continue
                role = str(role)
                if role in passed_over:
                    continue
                if thorough or role in IDENTIFIED:
                    identifier, attributes = kid.get("/ID"), kid.get("/A")
                    if identifier is not None:
                        named = bytes(identifier)
                        kid.ID = self._renamed(named)
                        ids[self.prefix + named] = kid
                    if attributes is not None:
                        self._rename_headers(attributes)
                if classes and "/C" in kid:
                    kid.C = self._renamed_classes(kid.C)
                if role in special:
                    if level := self._heading(role):
                        last = min(level + self.level, last + 1, LOWEST_HEADING)
                        kid.S = Name(f"/H{last}")
                    elif role in self.types:
                        kid.S = Name(self.types[role])
                below = kid.get("/K")
                if below is not None and below.__class__ is not int:
                    walk(kid, below, depth + 1)

        walk(top, top.K, 0)

    def _heading(self, role: str) -> int:
        """The level of a heading; 0 for anything else. A heading without a level is one of the first."""
        understood = resolved(role, self.roles)
        return 1 if understood == "/H" else HEADINGS.get(understood, 0)

    def _renamed(self, identifier: bytes) -> String:
        """The identifier as it is called here; most are named again and again, by each cell of a row or column."""
        if identifier not in self._names:
            self._names[identifier] = String(self.prefix + identifier)
        return self._names[identifier]

    def _rename_headers(self, attributes: Object) -> None:
        for each in attributes if isinstance(attributes, Array) else (attributes,):
            if isinstance(each, Dictionary) and (headers := each.get("/Headers")) is not None:
                each["/Headers"] = Array([self._renamed(bytes(header)) for header in headers])

    def _renamed_classes(self, classes: Object) -> Object:
        if isinstance(classes, Array):
            return Array([self._renamed_classes(each) if isinstance(each, Name) else each for each in classes])
        return Name(self.classes.get(str(classes), str(classes)))

    def _without(self, element: Object) -> None:
        """Take the annotations that are gone out of an element."""
        element.K = Array(
            [
                kid
                for kid in kids(element)
                if not (isinstance(kid, Dictionary) and "/Obj" in kid and kid.Obj.objgen in self.gone)
            ]
        )


class ReadingOrder:
    """Where on the base's pages its elements stand: which comes last before a page's end, and under which heading."""

    def __init__(self, pdf: pikepdf.Pdf):
        self.pages = {page.obj.objgen: number for number, page in enumerate(pdf.pages, start=1)}
        self.spans: dict[tuple, tuple[int | None, int | None]] = {}
        self.headings: list[tuple[int, int]] = []  # (page, level)
        self.ids: dict[bytes, Object] = {}
        self.top = kids(pdf.Root.StructTreeRoot)[0]
        self._measure(self.top, None)

    def _measure(self, element: Object, page: int | None) -> tuple[int | None, int | None]:
        """First and last page of an element and of everything in it."""
        page = self.pages.get(element.Pg.objgen) if "/Pg" in element else page
        if level := HEADINGS.get(str(element.S)):
            self.headings.append((page or 0, level))
        if "/ID" in element:
            self.ids[bytes(element.ID)] = element
        touched = [page]
        for kid in kids(element):
            if is_element(kid):
                touched += self._measure(kid, page)
            elif isinstance(kid, Dictionary) and "/Pg" in kid:
                touched.append(self.pages.get(kid.Pg.objgen))
        numbers = [number for number in touched if number is not None]
        self.spans[element.objgen] = (min(numbers), max(numbers)) if numbers else (None, None)
        return self.spans[element.objgen]

    def place_after(self, page: int) -> tuple[Object, Object | None]:
        """(parent, kid): an element right after this kid of that parent is read after all that is on or before a page."""
        parent = self.top
        while True:
            last = None
            for kid in kids(parent):
                if is_element(kid) and (first := self.spans[kid.objgen][0]) is not None and first <= page:
                    last = kid
            if last is None or self.spans[last.objgen][1] <= page or str(last.S) not in CONTAINERS:
                return parent, last
            parent = last

    def level_at(self, page: int) -> int:
        """The level of the last heading on or before a page; 0 where there is none."""
        return next((level for on, level in reversed(self.headings) if on <= page), 0)
