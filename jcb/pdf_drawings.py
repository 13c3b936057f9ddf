"""What is drawn on the pages of a PDF: its streams, the drawings within, and the marks that programs leave in them.

Shared by the workers that look at papers and that join them; uses no settings and no database.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import pikepdf
from pikepdf import Array, Dictionary, Name, Object

MARKS = {"BDC", "BMC", "EMC", "DP", "MP"}
ANY_MARK = re.compile(rb"(?<![^\s>)\]])(?:BDC|BMC|DP|MP)(?!\S)")
BRACKET = re.compile(rb"(?<![^\s>)\]])(q|Q|BDC|BMC|EMC|BT|ET)(?![^\s/\[(<])")
WORDS = re.compile(rb"(?:[)\]>]|\s)\s*(?:Tj|TJ|'|\")(?!\w)")
# What opens something on a page, and what closes it.
PAIRS = ((("q",), "Q"), (("BDC", "BMC"), "EMC"), (("BT",), "ET"))


def annotations(page: Object) -> list[Object]:
    found = page.get("/Annots", [])
    return [each for each in found if isinstance(each, Dictionary)] if isinstance(found, Array) else []


def contents(page: Object) -> list[Object]:
    """The streams of a page."""
    found = page.get("/Contents")
    if isinstance(found, Array):
        return [each for each in found if isinstance(each, pikepdf.Stream)]
    return [found] if isinstance(found, pikepdf.Stream) else []


def drawings_within(pages: Sequence[Object]) -> Iterator[Object]:
    """The drawings that pages place on themselves, and those within these, each once."""
    seen = set()
    waiting = [page.get("/Resources") for page in pages]
    while waiting:
        resources = waiting.pop()
        placed = resources.get("/XObject") if isinstance(resources, Dictionary) else None
        for drawing in (placed or {}).values():
            if isinstance(drawing, pikepdf.Stream) and drawing.objgen not in seen:
                seen.add(drawing.objgen)
                yield drawing
                waiting.append(drawing.get("/Resources"))


def unmark(pdf: pikepdf.Pdf, page: Object, seen: set) -> None:
    """Take the left-over marks out of a page without tags, where they would clash with ours."""
    for item in [page, *annotations(page), *drawings_within([page])]:
        for key in ("/StructParents", "/StructParent"):
            if key in item:
                del item[key]
    for drawing in drawings_within([page]):
        if drawing.objgen not in seen and drawing.get("/Subtype") == Name.Form:
            seen.add(drawing.objgen)
            if ANY_MARK.search(drawing.read_bytes()):
                drawing.write(pikepdf.unparse_content_stream(without_marks(drawing)))
    if any(ANY_MARK.search(each.read_bytes()) for each in contents(page)):
        page.Contents = pdf.make_stream(pikepdf.unparse_content_stream(without_marks(pikepdf.Page(page))))


def without_marks(drawing) -> list:
    return [each for each in pikepdf.parse_content_stream(drawing) if str(each.operator) not in MARKS]


def balance(page: Object) -> tuple[bytes, bytes]:
    """What has to go before and behind a page's drawing so that all it opens is closed again.

    Counted quickly first; a page that does not add up so is read properly.
    """
    counted: Counter[bytes] = Counter()
    for each in contents(page):
        counted.update(BRACKET.findall(each.read_bytes()))
    if all(sum(counted[o.encode()] for o in opening) == counted[closing.encode()] for opening, closing in PAIRS):
        return b"", b""
    depths = {closing: 0 for _, closing in PAIRS}
    missing = {closing: 0 for _, closing in PAIRS}
    for instruction in pikepdf.parse_content_stream(pikepdf.Page(page)):
        operator = str(instruction.operator)
        for opening, closing in PAIRS:
            if operator in opening:
                depths[closing] += 1
            elif operator == closing:
                if depths[closing]:
                    depths[closing] -= 1
                else:
                    missing[closing] += 1
    opened = ["q"] * missing["Q"] + ["/Span BMC"] * missing["EMC"]
    closed = ["ET"] * depths["ET"] + ["EMC"] * depths["EMC"] + ["Q"] * depths["Q"]
    return " ".join(opened).encode(), " ".join(closed).encode()


def has_words(item: Object) -> bool:
    """Whether a page shows any text, by itself or in a drawing on it; a scan has none."""
    return any(WORDS.search(each.read_bytes()) for each in [*contents(item), *_forms([item])])


def fonts_left_out(pages: Sequence[Object]) -> set[str]:
    """The names of the fonts that a file uses without bringing them along."""
    missing = set()
    for item in [*pages, *_forms(pages)]:
        resources = item.get("/Resources")
        fonts = resources.get("/Font") if isinstance(resources, Dictionary) else None
        for font in (fonts or {}).values():
            if not isinstance(font, Dictionary) or font.get("/Subtype") == Name.Type3:
                continue
            inner = font.get("/DescendantFonts", [font])[0]
            described = inner.get("/FontDescriptor")
            if described is None or not any(key in described for key in ("/FontFile", "/FontFile2", "/FontFile3")):
                missing.add(str(font.get("/BaseFont", "a font"))[1:].split("+")[-1])
    return missing


def _forms(pages: Sequence[Object]) -> Iterator[Object]:
    return (each for each in drawings_within(pages) if each.get("/Subtype") == Name.Form)
