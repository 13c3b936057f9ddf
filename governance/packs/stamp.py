"""The line at the foot of every page of a pack: item and page on the left, "Page n of m" on the right.

It is marked as a pagination artefact, outside everything else on the page, so that it is no part of the tags. Its font
is embedded with the characters it needs. On papers it stands on white, over whatever is there.
"""

import dataclasses
import hashlib
import io
from collections.abc import Iterable
from pathlib import Path

import pikepdf
from fontTools import subset
from fontTools.ttLib import TTFont
from pikepdf import Array, Dictionary, Name, Object, String

SIZE, LABEL_SIZE = 8.5, 10.5  # points
LEFT, RIGHT, FOOT = 68, 62, 26  # points from the edges of the page as it is looked at
GAP = 8
INK = "0.094 0.133 0.173 rg"
# How the page as it is looked at lies on the page as it is written, for each way a page can be turned.
TURNED = {
    0: lambda x0, y0, x1, y1: (1, 0, 0, 1, x0, y0),
    90: lambda x0, y0, x1, y1: (0, 1, -1, 0, x1, y0),
    180: lambda x0, y0, x1, y1: (-1, 0, 0, -1, x1, y1),
    270: lambda x0, y0, x1, y1: (0, -1, 1, 0, x0, y1),
}
BEGIN = b"/Artifact <</Type /Pagination /Subtype /Footer /Attached [/Bottom]>> BDC\n"
END = b"\nEMC\n"


@dataclasses.dataclass(frozen=True)
class Foot:
    """What stands at the foot of one page."""

    label: str
    words: str
    number: str

    @property
    def characters(self) -> str:
        return self.label + self.words + self.number


class Stamp:
    """Writes feet in one font, embedded with just the characters that they need."""

    def __init__(self, pdf: pikepdf.Pdf, typeface: Path, feet: Iterable[Foot]):
        font = TTFont(typeface)
        there = font.getBestCmap()
        # What the typeface does not have is left out: an empty box would break PDF/UA.
        characters = sorted({c for foot in feet for c in foot.characters if ord(c) in there} | {" "})
        data = _subset(font, characters)
        font = TTFont(io.BytesIO(data))
        there = font.getBestCmap()
        self.glyphs = {c: font.getGlyphID(there[ord(c)]) for c in characters}
        per_em = 1000 / font["head"].unitsPerEm
        self.widths = {c: font["hmtx"][there[ord(c)]][0] * per_em for c in characters}
        digest = hashlib.sha256("".join(characters).encode()).digest()
        tag = "".join(chr(ord("A") + byte % 26) for byte in digest[:6])
        # The name carries the subset: a paper may be part of another pack, and have been stamped with other characters.
        self.key = Name(f"/JcbStamp{tag}")
        self.font = self._embed(pdf, font, data, f"/{tag}+SourceSans3-Stamp", per_em)

    def drawing(self, page: Object, foot: Foot, *, on_white: bool) -> bytes:
        """The drawing of one foot, to stand after everything else on the page. Adds the font to the page."""
        self._add_to(page)
        box = page.get("/CropBox", page.get("/MediaBox"))
        x0, y0, x1, y1 = _upright(box)
        turn = int(page.get("/Rotate", 0)) % 360
        width = (x1 - x0) if turn in (0, 180) else (y1 - y0)
        matrix = TURNED.get(turn, TURNED[0])(x0, y0, x1, y1)
        parts = []
        x = LEFT
        for text, size in ((foot.label, LABEL_SIZE), (foot.words, SIZE)):
            if text:
                parts.append(self._text(text, x, size, on_white))
                x += self._width(text, size) + GAP
        parts.append(self._text(foot.number, width - RIGHT - self._width(foot.number, SIZE), SIZE, on_white))
        placed = " ".join(f"{number:g}" for number in matrix)
        return BEGIN + f"q {placed} cm {' '.join(parts)} Q".encode() + END

    def _text(self, text: str, x: float, size: float, on_white: bool) -> str:
        width = self._width(text, size)
        white = f"1 1 1 rg {x - 3:.2f} {FOOT - 4} {width + 6:.2f} {size + 4:.2f} re f " if on_white else ""
        glyphs = "".join(f"{self.glyphs[c]:04X}" for c in text if c in self.glyphs)
        return f"{white}{INK} BT {self.key} {size} Tf {x:.2f} {FOOT} Td <{glyphs}> Tj ET"

    def _width(self, text: str, size: float) -> float:
        return sum(self.widths.get(c, 0) for c in text) * size / 1000

    def _add_to(self, page: Object) -> None:
        if "/Resources" not in page:
            page.Resources = Dictionary()
        if "/Font" not in page.Resources:
            page.Resources.Font = Dictionary()
        page.Resources.Font[self.key] = self.font

    def _embed(self, pdf: pikepdf.Pdf, font: TTFont, data: bytes, name: str, per_em: float) -> Object:
        """The font as PDF objects: glyphs by number, with exact widths and the way back to characters."""
        order = sorted(self.glyphs, key=self.glyphs.get)
        head, lines = font["head"], font["hhea"]
        described = pdf.make_indirect(
            Dictionary(
                Type=Name.FontDescriptor,
                FontName=Name(name),
                Flags=4,
                FontBBox=Array([round(edge * per_em) for edge in (head.xMin, head.yMin, head.xMax, head.yMax)]),
                ItalicAngle=0,
                Ascent=round(lines.ascent * per_em),
                Descent=round(lines.descent * per_em),
                CapHeight=660,
                StemV=80,
                FontFile2=pdf.make_stream(data, Length1=len(data)),
            )
        )
        glyphs = pdf.make_indirect(
            Dictionary(
                Type=Name.Font,
                Subtype=Name.CIDFontType2,
                BaseFont=Name(name),
                CIDSystemInfo=Dictionary(Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0),
                FontDescriptor=described,
                DW=500,
                CIDToGIDMap=Name.Identity,
                W=Array([x for c in order for x in (self.glyphs[c], Array([round(self.widths[c], 2)]))]),
            )
        )
        return pdf.make_indirect(
            Dictionary(
                Type=Name.Font,
                Subtype=Name.Type0,
                BaseFont=Name(name),
                Encoding=Name("/Identity-H"),
                DescendantFonts=Array([glyphs]),
                ToUnicode=pdf.make_stream(_way_back({c: self.glyphs[c] for c in order})),
            )
        )


def _upright(box: Object) -> tuple[float, float, float, float]:
    """A box by its lower left and upper right corner, whichever two corners the file names."""
    a, b, c, d = (float(edge) for edge in box)
    return min(a, c), min(b, d), max(a, c), max(b, d)


def _subset(font: TTFont, characters: list[str]) -> bytes:
    for table in ("GSUB", "GPOS", "GDEF", "DSIG", "kern"):
        if table in font:
            del font[table]
    worker = subset.Subsetter(subset.Options(layout_features=[], notdef_outline=True, hinting=False))
    worker.populate(text="".join(characters))
    worker.subset(font)
    font["head"].modified = font["head"].created  # no clock goes into the file
    font.recalcTimestamp = False
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def _way_back(glyphs: dict[str, int]) -> bytes:
    """The table from glyphs to characters, with which text can be searched and copied."""
    rows = list(glyphs.items())
    blocks = []
    for start in range(0, len(rows), 100):  # a block holds at most a hundred
        block = rows[start : start + 100]
        lines = "\n".join(f"<{glyph:04X}> <{c.encode('utf-16-be').hex().upper()}>" for c, glyph in block)
        blocks.append(f"{len(block)} beginbfchar\n{lines}\nendbfchar")
    return "\n".join(
        [
            "/CIDInit /ProcSet findresource begin",
            "12 dict begin",
            "begincmap",
            "/CMapName /Stamp def",
            "/CMapType 2 def",
            "1 begincodespacerange",
            "<0000> <FFFF>",
            "endcodespacerange",
            *blocks,
            "endcmap",
            "end",
            "end",
        ]
    ).encode()
