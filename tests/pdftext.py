"""The words of a PDF that we made, as a reader copies them: by the code tables of its fonts."""

import io
import re

import pikepdf

PAIR = re.compile(r"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")


def text_of(content: bytes) -> list[str]:
    """The text of each page, in the order in which it is drawn, with one space between two lines."""
    return [" ".join(lines) for lines in lines_of(content)]


def lines_of(content: bytes) -> list[list[str]]:
    """The lines of each page, every kind of space as one; a line can be several runs of text."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return [list(_runs(page)) for page in pdf.pages]


def addresses_of(content: bytes) -> list[str]:
    """Where the links of a PDF lead."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return [
            str(note.A.URI)
            for page in pdf.pages
            for note in page.get("/Annots", [])
            if "/A" in note and "/URI" in note.A
        ]


def bookmarks_of(content: bytes) -> list[tuple[int, str]]:
    """The bookmarks of a PDF, each with its level from 0."""
    found: list[tuple[int, str]] = []

    def walk(items, level):
        for item in items:
            found.append((level, item.title))
            walk(item.children, level + 1)

    with pikepdf.open(io.BytesIO(content)) as pdf, pdf.open_outline() as outline:
        walk(outline.root, 0)
    return found


def _runs(page):
    fonts = {name: _codes(font) for name, font in page.resources.get("/Font", {}).items()}
    codes: dict[int, str] = {}
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) == "Tf":
            codes = fonts[str(operands[0])]
        elif str(operator) in ("Tj", "TJ"):
            parts = operands[0] if isinstance(operands[0], pikepdf.Array) else [operands[0]]
            line = "".join(_read(bytes(part), codes) for part in parts if isinstance(part, pikepdf.String))
            yield " ".join(line.split())


def _read(glyphs: bytes, codes: dict[int, str]) -> str:
    return "".join(codes[int.from_bytes(glyphs[place : place + 2])] for place in range(0, len(glyphs), 2))


def _codes(font) -> dict[int, str]:
    table = bytes(font.ToUnicode.read_bytes()).decode("ascii")
    chars = "".join(re.findall(r"beginbfchar(.*?)endbfchar", table, re.DOTALL))
    return {int(glyph, 16): bytes.fromhex(words).decode("utf-16-be") for glyph, words in PAIR.findall(chars)}
