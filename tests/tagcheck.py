"""What veraPDF does not see: whether the tags of a PDF are whole and are those of its HTML.

A table over three pages must be one table to a screen reader. veraPDF passes a file with three, and one with text that
hangs on nothing, so the tags are counted here against the HTML, and every mark is followed both ways.
"""

import io
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pikepdf

SAME = {"/Table": ("table",), "/L": ("ul", "ol", "dl"), "/TR": ("tr",), "/TH": ("th",), "/TD": ("td",)}
FIGURES = ("svg", "img")


@dataclass
class Tags:
    """The structure tree of a PDF, counted. The lists after `count` name faults and are empty in a good file."""

    count: Counter = field(default_factory=Counter)
    unresolved_headers: set = field(default_factory=set)
    repeated_ids: list = field(default_factory=list)
    wrong_parents: list = field(default_factory=list)
    marks_without_element: set = field(default_factory=set)
    elements_without_mark: set = field(default_factory=set)
    figures_without_words: int = 0


def read_tags(content: bytes) -> Tags:
    """Count the tags of a PDF and follow what they point at."""
    tags, ids, headers, in_tree = Tags(), set(), set(), set()

    def walk(element, parent, page):
        if parent is not None and element.get("/P") is not None and element.P.objgen != parent.objgen:
            tags.wrong_parents.append(str(element.S))
        tags.count[str(element.S)] += 1
        if "/ID" in element:
            if bytes(element.ID) in ids:
                tags.repeated_ids.append(bytes(element.ID))
            ids.add(bytes(element.ID))
        for attributes in _list(element.get("/A")):
            if isinstance(attributes, pikepdf.Dictionary) and "/Headers" in attributes:
                headers.update(bytes(header) for header in attributes.Headers)
        if str(element.S) == "/Figure" and not str(element.get("/Alt", "")).strip():
            tags.figures_without_words += 1
        page = element.get("/Pg", page)
        for kid in _list(element.get("/K")):
            if isinstance(kid, int):
                in_tree.add((page.objgen, kid, element.objgen))
            elif isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                walk(kid, element, page)
            elif isinstance(kid, pikepdf.Dictionary) and "/MCID" in kid:
                in_tree.add((kid.get("/Pg", page).objgen, int(kid.MCID), element.objgen))

    with pikepdf.open(io.BytesIO(content)) as pdf:
        root = pdf.Root.StructTreeRoot
        for top in _list(root.K):
            walk(top, None, None)
        on_pages = set(_marks_of_pages(pdf, _numbers(root.ParentTree)))
    tags.unresolved_headers = headers - ids
    tags.marks_without_element = on_pages - in_tree
    tags.elements_without_mark = in_tree - on_pages
    return tags


def faults(content: bytes, html: str) -> list[str]:
    """What is wrong with a PDF's tags beside the HTML it was made from; empty when nothing is."""
    tags, elements = read_tags(content), count_elements(html)
    found = []
    for tag, names in SAME.items():
        wanted = sum(elements[name] for name in names)
        if tags.count[tag] != wanted:
            found.append(f"{tags.count[tag]} {tag} in the tags, {wanted} {'/'.join(names)} in the HTML")
    for level in range(1, 7):
        if tags.count[f"/H{level}"] != elements[f"h{level}"]:
            found.append(f"{tags.count[f'/H{level}']} /H{level} in the tags, {elements[f'h{level}']} in the HTML")
    pictures = sum(elements[name] for name in FIGURES)
    if tags.count["/Figure"] != pictures:
        found.append(f"{tags.count['/Figure']} /Figure in the tags, {pictures} pictures in the HTML")
    for name in (
        "unresolved_headers",
        "repeated_ids",
        "wrong_parents",
        "marks_without_element",
        "elements_without_mark",
        "figures_without_words",
    ):
        if fault := getattr(tags, name):
            found.append(f"{name.replace('_', ' ')}: {str(fault)[:200]}")
    return found


def count_elements(html: str) -> Counter:
    """How many elements of each name there are in some HTML."""
    counted: Counter = Counter()

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            counted[tag] += 1

    Reader().feed(html)
    return counted


def _list(value) -> list:
    if value is None:
        return []
    return list(value) if isinstance(value, pikepdf.Array) else [value]


def _numbers(node) -> dict:
    """A number tree as a dictionary."""
    found = {}
    flat = _list(node.get("/Nums"))
    for place in range(0, len(flat), 2):
        found[int(flat[place])] = flat[place + 1]
    for kid in _list(node.get("/Kids")):
        found |= _numbers(kid)
    return found


def _marks_of_pages(pdf, parents: dict):
    """(page, number of the mark, element) for each mark that the parent tree leads to an element."""
    for page in pdf.pages:
        if (key := page.obj.get("/StructParents")) is None:
            continue
        for number, element in enumerate(parents[int(key)]):
            if isinstance(element, pikepdf.Dictionary):
                yield page.obj.objgen, number, element.objgen
