"""The child process that reads the words of a PDF; `jcb.file_words` starts it and nothing else does.

It stands behind the wall of `jcb.walled`. In its folder: request.json {"memory_mb", "seconds"} and paper.pdf;
answer.json {"words": what the file says, "unread": whether it has pages without any, or could not be read}.
"""

import contextlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Stream, String

from jcb import walled

DEEPEST = 4


def read(file: Path) -> dict:
    said, unread = [], False
    with pikepdf.open(file) as pdf:
        for page in pdf.pages:
            words = list(_drawn(page.obj, page))
            unread = unread or not "".join(words).strip()
            said += words
        for each in pdf.objects:
            if isinstance(each, Stream) and each.get("/Subtype") == "/Form":
                with contextlib.suppress(pikepdf.PdfError):
                    said += [*_drawn(each, each), " "]
            if isinstance(each, Stream) and each.get("/Subtype") == "/XML":
                said.append(each.read_bytes().decode("utf-8", "replace"))
            said += [f" {words}" for words in _strings(each, 0)]
    return {"words": "".join(said), "unread": unread}


def _drawn(holder, content) -> Iterator[str]:
    """What a page or a drawing in it writes, in the order of its instructions."""
    fonts = {}
    for name, font in holder.get("/Resources", {}).get("/Font", {}).items():
        table = font.ToUnicode.read_bytes().decode("latin-1") if "/ToUnicode" in font else ""
        fonts[name] = _to_unicode(table), 2 if font.get("/Subtype") == "/Type0" else 1
    current = ({}, 1)
    for operands, operator in pikepdf.parse_content_stream(content):
        match str(operator):
            case "Tf":
                current = fonts.get(str(operands[0]), current)
            case "TJ":
                yield from (_decoded(bytes(part), *current) for part in operands[0] if isinstance(part, String))
            case "Tj" | "'" | '"':
                yield _decoded(bytes(operands[-1]), *current)
            case "Td" | "TD" | "Tm" | "T*" | "ET":
                yield " "


def _decoded(raw: bytes, characters: dict[int, str], step: int) -> str:
    if not characters:
        return raw.decode("latin-1")
    return "".join(characters.get(int.from_bytes(raw[at : at + step], "big"), "") for at in range(0, len(raw), step))


def _to_unicode(table: str) -> dict[int, str]:
    """What a font's codes stand for, by its own table."""
    found = {}
    for part in re.findall(r"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        for code, words in re.findall(r"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>", part):
            found[int(code, 16)] = _said(words)
    for part in re.findall(r"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for first, last, words in re.findall(r"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>", part):
            for code in range(int(first, 16), min(int(last, 16), int(first, 16) + 0xFFFF) + 1):
                found[code] = chr(min(int(words, 16) + code - int(first, 16), 0x10FFFF))
        for first, row in re.findall(r"<([0-9a-fA-F]+)>\s*<[0-9a-fA-F]+>\s*\[(.*?)\]", part, re.DOTALL):
            for place, words in enumerate(re.findall(r"<([0-9a-fA-F]+)>", row)):
                found[int(first, 16) + place] = _said(words)
    return found


def _said(words: str) -> str:
    return bytes.fromhex(words if len(words) % 2 == 0 else f"0{words}").decode("utf-16-be", "replace")


def _strings(each, depth: int) -> list[str]:
    """Bookmarks, descriptions and whatever else is written in the file beside its pages."""
    if isinstance(each, String):
        return [str(each)]
    if depth > DEEPEST or not isinstance(each, Dictionary | Array | Stream):
        return []
    inner = list(each) if isinstance(each, Array) else [value for _, value in each.items()]
    return [
        text
        for value in inner
        if not (isinstance(value, pikepdf.Object) and value.is_indirect)
        for text in _strings(value, depth + 1)
    ]


def main(folder: Path) -> None:
    request = json.loads((folder / "request.json").read_text())
    walled.lock_down(memory_mb=request["memory_mb"], seconds=request["seconds"])
    try:
        answer = read(folder / "paper.pdf")
    except Exception:  # whatever a file provokes: it was not read
        answer = {"words": "", "unread": True}
    (folder / "answer.json").write_text(json.dumps(answer))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
