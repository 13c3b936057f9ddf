"""The child process that turns one HTML document into one PDF; `jcb.pdf` asks for it and nothing else does.

It stands behind the wall of `jcb.walled`. In its folder:

    request.json   {"memory_mb", "seconds", "tagged", "assets": {name: path}}     document.html
    answer.json    {"pages", "anchors": {id: page}, "remarks": […]}               document.pdf
                   or {"failure": one word, "remarks": […]}
"""

import dataclasses
import json
import logging
import mimetypes
import re
import sys
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from xml.etree.ElementTree import Element

import weasyprint
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from jcb import pdf_tags, walled

ASSET = "asset:"
MOST_REMARKS = 20
FOLLOWED_LINKS = ("#", "https://", "http://", "mailto:")

MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
DAY_AND_MONTH = re.compile(rf"\b(\d{{1,2}}) (?=(?:{MONTHS})\b)")
# Controls, halves of surrogate pairs, the byte order mark and non-characters have no place in a text; soft hyphens
# would spoil search and copying; the overrides of direction make a text read otherwise than it is written.
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u202a-\u202e\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
LINE_ENDS = re.compile("[\x85\u2028\u2029]")
# Nobody means a word of 500 letters, and finding the ends of its lines could take a minute: lines may end inside it.
ENDLESS_WORD = re.compile(r"\S{500,}")
LETTERS, MAY_END_HERE = 30, "\u200b"


class Refused(Exception):
    """The document breaks a rule; its one argument is a key of `jcb.pdf.REFUSALS`."""


@dataclasses.dataclass(frozen=True)
class Pages:
    """One finished file: its bytes, the number of its pages, and on which page (from 1) each `id` stands first."""

    content: bytes
    pages: int
    anchors: Mapping[str, int]


class AssetFetcher(URLFetcher):
    """Gives the print assets by name, and nothing else: not a host, not a file, not even `data:`."""

    def __init__(self, assets: Mapping[str, Path]):
        super().__init__(allowed_protocols=(), allow_redirects=False)
        self.assets = assets

    def fetch(self, url, headers=None):
        """The asset of that exact address. Any other address is refused, and the page goes on without it.

        Raises FatalURLFetchingError, which ends the rendering, for an asset that does not exist: a document without
        its stylesheet is no document.
        """
        if not url.startswith(ASSET):
            raise ValueError(f"refused: {url[:100]}")
        path = self.assets.get(url.removeprefix(ASSET))
        if path is None:
            raise FatalURLFetchingError(f"no such asset: {url[:100]}")
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})


def render(*, html: str, assets: Mapping[str, Path], tagged: bool = True) -> Pages:
    """Lay out an HTML document and write it as PDF/UA-1, or as a plain PDF without tags.

    A character that no font has would print as an empty box and break PDF/UA. Only the drawing shows for certain which
    these are (it depends on the fonts and on how characters combine), so a document with such characters is rendered
    once more with their names in their place.

    Raises Refused for a document without title or language, or with characters that cannot be helped.
    """
    source = weasyprint.HTML(string=html, url_fetcher=AssetFetcher(assets))
    root = source.etree_element
    if not root.get("lang"):
        raise Refused("language")
    make_printable(root)
    for _ in range(3):
        document = source.render()
        if not (document.metadata.title or "").strip():
            raise Refused("title")
        content = pdf_tags.write_tagged(document) if tagged else document.write_pdf(pdf_identifier=True)
        missing = {code for font in document.fonts.values() for code in font.missing}
        if not missing:
            return Pages(content, len(document.pages), first_pages(document))
        name_characters(root, missing)
    raise Refused("characters")


def first_pages(document: weasyprint.Document) -> dict[str, int]:
    """On which page, counted from 1, each anchor of the document stands first."""
    found: dict[str, int] = {}
    for number, page in enumerate(document.pages, start=1):
        for anchor in page.anchors:
            found.setdefault(anchor, number)
    return found


def make_printable(root: Element) -> None:
    """What every printed text needs, in one place. Changes the tree.

    A day never parts from its month; characters that no text should hold go; links are plain text (WeasyPrint writes
    an element inside a link as a second, untagged link, which breaks PDF/UA) and lead only where a reader expects.
    """
    _rewrite(root, lambda text: UNPRINTABLE.sub("", LINE_ENDS.sub("\n", text)))
    _rewrite(root.find("body"), lambda text: DAY_AND_MONTH.sub("\\1\u00a0", text))
    _rewrite(root.find("body"), lambda text: ENDLESS_WORD.sub(_with_line_ends, text))
    for link in root.iter("a"):
        if not link.get("href", "").lower().startswith(FOLLOWED_LINKS):
            link.attrib.pop("href", None)
        if len(link):
            text = " ".join("".join(link.itertext()).split())
            for child in list(link):
                link.remove(child)
            link.text = text


def _with_line_ends(word: re.Match) -> str:
    letters = word.group()
    return MAY_END_HERE.join(letters[place : place + LETTERS] for place in range(0, len(letters), LETTERS))


def name_characters(root: Element, codes: set[int]) -> None:
    """Write the name of each given character in its place, such as "[grinning face]" or "[U+4E2D]". Changes the tree."""
    names = {code: character_name(chr(code)) for code in codes}
    _rewrite(root.find("body"), lambda text: text.translate(names))


def _rewrite(top: Element, change: Callable[[str], str]) -> None:
    """Change every text at and below an element, and the attributes that are printed or read out."""
    for element in top.iter():
        element.text = change(element.text or "")
        element.tail = change(element.tail or "")
        for name, value in element.attrib.items():
            if name == "alt" or name.startswith("data-"):
                element.set(name, change(value))


def character_name(character: str) -> str:
    """A symbol by its Unicode name, everything else by its number: letters have names that help nobody."""
    name = unicodedata.name(character, "")
    if name and unicodedata.category(character).startswith("S"):
        return f"[{name.lower()}]"
    return f"[U+{ord(character):04X}]"


class Remarks(logging.Handler):
    """Keeps the first remarks of WeasyPrint, such as an address that was refused or a CSS rule it does not know.

    What it says of characters without a shape is left out: they are named in the text.
    """

    def __init__(self):
        super().__init__(level=logging.WARNING)
        self.kept: list[str] = []

    def emit(self, record):
        remark = record.getMessage()[:300]
        if len(self.kept) < MOST_REMARKS and not remark.startswith(".notdef"):
            self.kept.append(remark)


def work(folder: Path) -> None:
    """Answer the request in the folder; whatever goes wrong is told by one word in the answer."""
    request = json.loads((folder / "request.json").read_text())
    remarks = Remarks()
    weasyprint.LOGGER.handlers = [remarks]
    walled.lock_down(memory_mb=request["memory_mb"], seconds=request["seconds"])
    try:
        done = render(
            html=(folder / "document.html").read_text(encoding="utf-8", errors="replace"),
            assets={name: Path(path) for name, path in request["assets"].items()},
            tagged=request["tagged"],
        )
        (folder / "document.pdf").write_bytes(done.content)
        answer = {"pages": done.pages, "anchors": done.anchors}
    except Refused as refused:
        answer = {"refusal": refused.args[0]}
    except MemoryError:
        answer = {"failure": "memory"}
    except RecursionError:
        answer = {"failure": "depth"}
    except (Exception, FatalURLFetchingError) as error:  # whatever a document provokes is told, never thrown
        answer = {"failure": "broken"}
        remarks.kept.append(f"{type(error).__name__}: {error}"[:300])
    (folder / "answer.json").write_text(json.dumps(answer | {"remarks": remarks.kept}))


if __name__ == "__main__":
    work(Path(sys.argv[1]))
