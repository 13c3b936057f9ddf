"""Better tags from WeasyPrint: one structure element for one HTML element, however many pages it crosses.

WeasyPrint writes a table, list, section, paragraph or link that is broken by a page or a line as one structure element
for each piece, so that a screen reader announces a three-page table as three tables. Which pieces belong together is
known only while the tags are being built: there each piece still has its HTML element. So the private function that
builds them is watched, and before the file is written

* the pieces of one element become one element; text keeps its page and its number there, so no page changes;
* an element that was written twice, one inside the other (WeasyPrint does so around absolutely placed parts), is one;
* a table head that is printed again, and the running head and foot, become artefacts (page furniture), as PDF/UA asks;
* list items get the body that PDF/UA asks for, header cells their scope, elements with `lang` their language, and
  pictures their true place on the page.

Nothing is guessed from the look of the pages. veraPDF alone cannot tell whether the result is whole; `tests/tagcheck.py`
can. The watched function is private, so WeasyPrint is pinned exactly and a test fails when the function changes shape.
"""

import contextlib
from collections import defaultdict
from collections.abc import Iterator

import pydyf
import weasyprint
from weasyprint.formatting_structure import boxes
from weasyprint.pdf import tags

PRIVATE_FUNCTION = "_build_box_tree"
JOINABLE = {
    f"/{name}"
    for name in (
        "Table THead TBody TFoot TR TH TD Caption L LI LBody P BlockQuote Sect Div Part Art H1 H2 H3 H4 H5 H6 Link"
    ).split()
}
PIXELS_TO_POINTS = 0.75


def write_tagged(document: weasyprint.Document) -> bytes:
    """The laid-out document as a PDF/UA-1 file with joined tags.

    The same document gives the same bytes: no clock and no random number goes into the file, and its identifier is
    made of its content.
    """
    with _origins_recorded() as origins:
        return document.write_pdf(
            pdf_variant="pdf/ua-1",
            pdf_identifier=True,
            finisher=lambda _document, pdf: TagTree(pdf, origins).mend(),
        )


class Origins:
    """Where the structure elements came from, by number.

    `html` has the HTML element of each, or None for boxes that CSS made up (`::before`, `::marker`); `furniture` are
    those in the margins of pages.
    """

    def __init__(self):
        self.html: dict = {}
        self.furniture: set[int] = set()


@contextlib.contextmanager
def _origins_recorded() -> Iterator[Origins]:
    """While this lasts, the origin of each new structure element is recorded."""
    origins = Origins()
    original = getattr(tags, PRIVATE_FUNCTION)
    margins = 0

    def watched(box, *args):
        nonlocal margins
        box = getattr(box, "_box", box)  # an absolutely placed box is wrapped in a placeholder
        generated = box.element is None or "::" in (box.element_tag or "")
        margins += isinstance(box, boxes.MarginBox)
        for element in original(box, *args):
            origins.html.setdefault(element.number, None if generated else box.element)
            if margins:
                origins.furniture.add(element.number)
            yield element
        margins -= isinstance(box, boxes.MarginBox)

    setattr(tags, PRIVATE_FUNCTION, watched)
    try:
        yield origins
    finally:
        setattr(tags, PRIVATE_FUNCTION, original)


class TagTree:
    """The structure tree of a PDF that is about to be written, and the HTML element behind each of its elements.

    A structure element is a dictionary with a type (`S`), a parent (`P`), a page (`Pg`) and kids (`K`): numbers of
    marked text on that page, or references to other elements and to link annotations.
    """

    def __init__(self, pdf: pydyf.PDF, origins: Origins):
        self.pdf = pdf
        self.origins = origins
        self.objects = {each.number: each for each in pdf.objects}
        self.root = self._at(pdf.catalog["StructTreeRoot"])
        self.document = self._at(self.root["K"][0])
        self.first_piece: dict[int, int] = {}  # later piece → first piece of the same HTML element
        self.later_pieces: dict[int, list[int]] = defaultdict(list)  # and the other way round
        self.doubles: set[int] = set()  # elements inside another of the same type and HTML element
        self.artefacts: dict[bytes, set[int]] = defaultdict(set)  # page → numbers of text that left the tree

    def mend(self) -> None:
        """Join what was broken and add what WeasyPrint leaves out."""
        self._find_pieces()
        self._leave_repeated_heads_whole()
        header_ids = self._ids_of_repeated_header_cells()
        self._settle(self.document)
        self._give_items_bodies()
        for number in self.origins.furniture:
            self._drop(self.objects[number])
        self._repoint_headers(header_ids)
        self._repoint_parent_tree()
        self._turn_into_artefacts()
        self._describe()

    # Walking

    def _at(self, reference):
        """The object that a reference such as b"12 0 R" names; None for anything that is no reference."""
        if isinstance(reference, bytes | bytearray):
            return self.objects.get(int(bytes(reference).split()[0]))
        return None

    def _kids(self, element) -> Iterator:
        """The structure elements directly inside an element."""
        for kid in element["K"]:
            found = self._at(kid)
            if found is not None and "S" in found:
                yield found

    def _with_descendants(self, element) -> Iterator:
        yield element
        for kid in self._kids(element):
            yield from self._with_descendants(kid)

    def _has_ancestor_among(self, element, numbers: set[int]) -> bool:
        parent = self._at(element.get("P"))
        while parent is not None and "S" in parent:
            if parent.number in numbers:
                return True
            parent = self._at(parent.get("P"))
        return False

    # Joining

    def _find_pieces(self) -> None:
        """Pieces are elements of one type from one HTML element, none inside another (that would be a wrapper)."""
        groups = defaultdict(list)
        for number in sorted(self.origins.html):  # numbers rise from page to page
            element, html = self.objects[number], self.origins.html[number]
            if html is not None and element["S"] in JOINABLE and number not in self.origins.furniture:
                groups[id(html), element["S"]].append(number)
        for numbers in groups.values():
            together = set(numbers)
            self.doubles.update(n for n in numbers if self._at(self.objects[n]["P"]).number in together)
            first, *later = [n for n in numbers if not self._has_ancestor_among(self.objects[n], together)]
            for number in later:
                self.first_piece[number] = first
                self.later_pieces[first].append(number)

    def _leave_repeated_heads_whole(self) -> None:
        """Nothing of a table head that is printed again may be carried over into the first one."""
        for number in self.first_piece:
            if self.objects[number]["S"] == "/THead":
                for element in self._with_descendants(self.objects[number]):
                    carried = self.later_pieces.get(self.first_piece.get(element.number), [])
                    if element.number in carried:
                        carried.remove(element.number)

    def _ids_of_repeated_header_cells(self) -> dict[bytes, pydyf.String]:
        """The identifier of each header cell printed again → that of the same cell printed first."""
        found = {}
        for number, first in self.first_piece.items():
            again, cell = self.objects[number], self.objects[first]
            if again["S"] == "/TH" and "ID" in again and "ID" in cell:
                found[again["ID"].data] = cell["ID"]
        return found

    def _settle(self, element) -> None:
        """Give an element the kids of all its pieces, in order, and go on with them."""
        kids = pydyf.Array()
        for piece in [element, *(self.objects[n] for n in self.later_pieces.get(element.number, []))]:
            self._take_over(piece, element, kids)
        element["K"] = kids
        for kid in self._kids(element):
            self._settle(kid)

    def _take_over(self, piece, element, kids: pydyf.Array) -> None:
        """Give the kids of one piece, or of a double inside it, to the element."""
        for kid in piece["K"]:
            if isinstance(kid, int) and piece["Pg"] != element["Pg"]:
                # Text of a link that runs on to the next page: the number alone would mean this page.
                kid = pydyf.Dictionary({"Type": "/MCR", "Pg": piece["Pg"], "MCID": kid})
            found = self._at(kid)
            if found is None or "S" not in found:
                kids.append(kid)
            elif found.number in self.doubles:
                self.first_piece[found.number] = element.number
                self._take_over(found, element, kids)
            elif found.number not in self.first_piece:
                found["P"] = element.reference
                kids.append(kid)
            elif found["S"] == "/THead":
                self._drop(found)

    def _give_items_bodies(self) -> None:
        """A list item holds a label and a body; WeasyPrint leaves out the body where the item holds paragraphs."""
        for element in list(self._with_descendants(self.document)):
            if element["S"] != "/LI" or all(kid["S"] in ("/Lbl", "/LBody") for kid in self._kids(element)):
                continue
            body = pydyf.Dictionary({"Type": "/StructElem", "S": "/LBody", "Pg": element["Pg"], "P": element.reference})
            self.pdf.add_object(body)
            self.objects[body.number] = body
            labels, rest = pydyf.Array(), pydyf.Array()
            for reference in element["K"]:
                kid = self._at(reference) or {}
                if kid.get("S") == "/Lbl":
                    labels.append(reference)
                else:
                    rest.extend(kid["K"] if kid.get("S") == "/LBody" else [reference])
            body["K"] = rest
            for kid in self._kids(body):
                kid["P"] = body.reference
            element["K"] = pydyf.Array([*labels, body.reference])

    def _drop(self, top) -> None:
        """Note all text of an element that leaves the tree: page furniture, which nobody need hear on every page."""
        for element in self._with_descendants(top):
            self.artefacts[bytes(element["Pg"])].update(kid for kid in element["K"] if isinstance(kid, int))

    # What points at the elements that are gone

    def _repoint_headers(self, header_ids: dict[bytes, pydyf.String]) -> None:
        for element in self._with_descendants(self.document):
            attributes = element.get("A")
            if attributes is not None and "Headers" in attributes:
                attributes["Headers"] = pydyf.Array(
                    [header_ids.get(identifier.data, identifier) for identifier in attributes["Headers"]]
                )

    def _repoint_parent_tree(self) -> None:
        """The parent tree leads from marked text and from link annotations to their element."""
        entries = self._at(self.root["ParentTree"])["Nums"]
        for position in range(1, len(entries), 2):  # key, value, key, value …
            if isinstance(entries[position], list):
                entries[position] = pydyf.Array([self._first(reference) for reference in entries[position]])
            else:
                entries[position] = self._first(entries[position])

    def _first(self, reference):
        element = self._at(reference)
        if element is None or element.number not in self.first_piece:
            return reference
        return self.objects[self.first_piece[element.number]].reference

    def _turn_into_artefacts(self) -> None:
        """Mark dropped text as an artefact on its page and take it out of the parent tree."""
        entries = self._at(self.root["ParentTree"])["Nums"]
        for page_number, page_reference in enumerate(self.pdf.page_references):
            dropped = self.artefacts.get(bytes(page_reference))
            if not dropped:
                continue
            for number in dropped:
                entries[2 * page_number + 1][number] = "null"
            drawing = self._at(self._at(page_reference)["Contents"]).stream
            for i, operand in enumerate(drawing):  # tag, {MCID}, BDC
                if isinstance(operand, dict) and operand.get("MCID") in dropped and drawing[i + 1] == b"BDC":
                    drawing[i - 1 : i + 1] = ["/Artifact", pydyf.Dictionary({"Type": "/Pagination"})]

    # What WeasyPrint leaves out

    def _describe(self) -> None:
        for number, html in self.origins.html.items():
            if html is None:
                continue
            element = self.objects[number]
            if element["S"] == "/TH":
                element["A"]["Scope"] = "/Row" if html.get("scope") == "row" else "/Column"
            if html.get("lang"):
                element["Lang"] = pydyf.String(html.get("lang"))
            if element["S"] == "/Figure":
                page_height = self._at(element["Pg"])["MediaBox"][3]
                left, top, right, bottom = (PIXELS_TO_POINTS * edge for edge in element["A"]["BBox"])
                element["A"]["BBox"] = pydyf.Array((left, page_height - bottom, right, page_height - top))
