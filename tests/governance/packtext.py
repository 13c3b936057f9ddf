"""What a pack says: the words of its pages, and everything else in the file that can be read out."""

import contextlib
import io
import re

import pikepdf
import pytest
from pikepdf import Array, Dictionary


def text_of(content: bytes) -> str:
    """Everything a PDF says: words of pages, bookmarks, metadata, descriptions, names, as far as it can be read out."""
    with pikepdf.open(io.BytesIO(content)) as opened:
        assert "/EmbeddedFiles" not in opened.Root.get("/Names", {})
        assert "/AF" not in opened.Root
        said = []
        for each in opened.objects:
            if isinstance(each, pikepdf.Stream):
                with contextlib.suppress(pikepdf.PdfError):
                    said.append(each.read_bytes().decode("latin-1"))
            said += _strings(each, 0)
    return "\n".join(said) + "\n".join(page_words(content))


def _strings(each, depth: int) -> list[str]:
    if isinstance(each, pikepdf.String):
        return [str(each)]
    if depth > 4 or not isinstance(each, Dictionary | Array | pikepdf.Stream):
        return []
    inner = list(each) if isinstance(each, Array) else [value for _, value in each.items()]
    return [
        text
        for value in inner
        if not (isinstance(value, pikepdf.Object) and value.is_indirect)
        for text in _strings(value, depth + 1)
    ]


def page_words(content: bytes) -> list[str]:
    with pikepdf.open(io.BytesIO(content)) as opened:
        return [_page_words(page) for page in opened.pages]


def _page_words(page) -> str:
    maps = {}
    for name, font in page.obj.get("/Resources", {}).get("/Font", {}).items():
        if "/ToUnicode" in font:
            maps[name] = _to_unicode(font.ToUnicode.read_bytes().decode("latin-1"))
    said, current = [], {}
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) == "Tf":
            current = maps.get(str(operands[0]), {})
        elif str(operator) in ("Tj", "TJ"):
            parts = operands[0] if str(operator) == "TJ" else [operands[0]]
            said += [_decoded(bytes(part), current) for part in parts if isinstance(part, pikepdf.String)]
            if str(operator) == "TJ":
                said.append("")
        elif str(operator) in ("Td", "TD", "Tm", "T*", "ET"):
            said.append(" ")
    return " ".join("".join(said).split())


def _decoded(raw: bytes, characters: dict[int, str]) -> str:
    if not characters:
        return raw.decode("latin-1")
    return "".join(characters.get(int.from_bytes(raw[at : at + 2], "big"), "") for at in range(0, len(raw), 2))


def _to_unicode(table: str) -> dict[int, str]:
    found = {}
    for part in re.findall(r"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        for code, words in re.findall(r"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>", part):
            found[int(code, 16)] = bytes.fromhex(words).decode("utf-16-be", "replace")
    for part in re.findall(r"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for first, last, words in re.findall(r"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>", part):
            for code in range(int(first, 16), int(last, 16) + 1):
                found[code] = chr(int(words, 16) + code - int(first, 16))
    return found


def bookmarks(content: bytes) -> list[str]:
    """The bookmarks of the top level."""
    with pikepdf.open(io.BytesIO(content)) as opened, opened.open_outline() as outline:
        return [row.title for row in outline.root]


def breaks_rules(content: bytes) -> list[str]:
    """The rules of PDF/UA-1 that a pack breaks, by veraPDF."""
    verapdf = pytest.importorskip("tests.verapdf")
    return [f"{each.rule}: {each.message} at {each.where}" for each in verapdf.judge(content)]
