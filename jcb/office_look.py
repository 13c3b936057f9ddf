"""What a Word or Excel file holds that its reader may not see: tracked changes, comments, hidden text and sheets, links.

    kind, findings = look_at_office(content)     # or ValidationError with a sentence

The parts of the file are read as a stream, never as a tree, and none is trusted: a document type or an entity ends the
reading, and so does nesting or length beyond measure. Macros, embedded files and remote templates are refused.
"""

import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from xml.parsers import expat

from django.core.exceptions import ValidationError

from jcb.findings import Finding, count

DEEPEST = 256  # elements within elements; Word itself goes to some 60
MOST_XML = 60 * 1024 * 1024  # bytes of all parts that are read
MOST_UNPACKED = 200 * 1024 * 1024  # bytes of all parts; a small archive can unpack into something enormous
MOST_ENTRIES = 5_000
DIRECTORY_ENTRY = b"PK\x01\x02"
CHUNK = 1 << 16

MACRO_PARTS = re.compile(r"macroEnabled|vbaProject|macrosheet|ms-office\.activeX|intlMacrosheet", re.IGNORECASE)
CARRYING = {
    "oleObject", "package", "vbaProject", "wordVbaData", "control", "aFChunk", "activeXControlBinary", "xlMacrosheet",
    "xlIntlMacrosheet", "ctrlProp", "attachedToolbars",
}  # fmt: skip
REMOTE = re.compile(
    r"^(?:https?|ftp|s?mb|webdav)s?:|^(?:file:)?[/\\\\]{2}[^/\\\\]", re.IGNORECASE
)  # file:///… is nearby
FETCHING_FIELDS = re.compile(r"\b(INCLUDETEXT|INCLUDEPICTURE|LINK|IMPORT|DATABASE|RD)\b", re.IGNORECASE)
DDE = re.compile(r"\bDDE(?:AUTO)?\b", re.IGNORECASE)
FETCHING_FORMULAS = re.compile(r"\b(?:WEBSERVICE|IMAGE|RTD|STOCKHISTORY)\s*\(", re.IGNORECASE)
DDE_FORMULA = re.compile(r"^\s*=?\s*[\w.]+\|[^!]*!")
ON = {None, "1", "true", "on"}

INSERTED, DELETED = {"ins", "moveTo", "cellIns"}, {"del", "moveFrom", "cellDel"}
REFORMATTED = {
    "rPrChange", "pPrChange", "tblPrChange", "trPrChange", "tcPrChange", "sectPrChange", "tblGridChange",
    "numberingChange", "cellMerge",
}  # fmt: skip
WORD_TEXT_PARTS = re.compile(r"^word/(?:document|header\d*|footer\d*|footnotes|endnotes)\.xml$")

CARRYING_NAMES = ("vbaproject", "/embeddings/", "activex", "oleobject", "/macrosheets/")

TOO_FAR = "The file unpacks into something too large. Save a smaller copy, or give a link instead."
TWICE = "The file holds two parts of one name. Save it again and choose the new copy."
OTHER_ARCHIVE = "This archive is no Word document and no spreadsheet. Save it as a PDF, a .docx or an .xlsx."
BROKEN = "The file is damaged and cannot be read. Save it again and choose the new copy."
TOO_MUCH = "The file is nested too deeply or too long to be looked through. Save it as a PDF and choose that."
DOCTYPE = "The file has a document type or entities inside, which Word and Excel never write. Save it again from Word or Excel, or as a PDF."
CARRIES = "The file carries macros, controls or another file inside. Save it without them, or as a PDF."
REMOTE_TEMPLATE = (
    "The file fetches its template from another computer. Save it as a PDF, or attach it to the normal template first."
)
FETCHES_PROGRAM = "The file asks another program for its content (DDE). Save it as a PDF and choose that."


def look_at_office(content: bytes) -> tuple[str, list[Finding]]:
    """Say what an Office file is, "docx" or "xlsx", and what was found in it.

    Raises ValidationError, with a sentence, for any other archive and for what is refused.
    """
    if content.count(DIRECTORY_ENTRY) > MOST_ENTRIES:  # before the directory is read: each entry costs memory
        raise ValidationError(TOO_FAR)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            package = Package(archive)
            package.insist_on_honesty()
            package.refuse_what_carries()
            if "word/document.xml" in package.names:
                return "docx", look_at_word(package)
            if "xl/workbook.xml" in package.names:
                return "xlsx", look_at_excel(package)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        KeyError,
        expat.ExpatError,
        ValueError,
    ) as problem:
        raise ValidationError(BROKEN) from problem
    raise ValidationError(OTHER_ARCHIVE)


class Package:
    """The parts of an Office file, each read as a stream of events, with one limit on them all."""

    def __init__(self, archive: zipfile.ZipFile):
        self.archive = archive
        self.names = archive.namelist()
        self.left = MOST_XML

    def insist_on_honesty(self) -> None:
        """Unpack every part once and count, since the archive's own directory may lie; no two have one name."""
        lowered = {name.lower() for name in self.names}
        if len(lowered) < len(self.names):
            raise ValidationError(TWICE)
        if any(mark in name for name in lowered for mark in CARRYING_NAMES):
            raise ValidationError(CARRIES)
        left = MOST_UNPACKED
        for entry in self.archive.infolist():
            with self.archive.open(entry) as part:
                while chunk := part.read(CHUNK):
                    left -= len(chunk)
                    if left < 0:
                        raise ValidationError(TOO_FAR)

    def read(self, name: str, reader: "Reader") -> "Reader":
        """Let a reader hear every element of a part, from first to last."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse_doctype
        parser.StartElementHandler = reader.start
        parser.EndElementHandler = reader.end
        parser.CharacterDataHandler = reader.text
        with self.archive.open(name) as part:
            while chunk := part.read(CHUNK):
                self.left -= len(chunk)
                if self.left < 0:
                    raise ValidationError(TOO_MUCH)
                parser.Parse(chunk, False)
        parser.Parse(b"", True)
        return reader

    def matching(self, pattern: str) -> Iterator[str]:
        return (name for name in self.names if re.match(pattern, name, re.IGNORECASE))

    def relations(self) -> Iterator[tuple[str, str, str, bool, str]]:
        """(part they belong to, identifier, last word of the type, leads outside, target) of every relationship."""
        for name in self.names:
            if name.lower().endswith(".rels"):
                owner = re.sub(r"_rels/([^/]*)\.rels$", r"\1", name, flags=re.IGNORECASE)
                for row in self.read(name, Relations()).rows:
                    yield owner, *row

    def refuse_what_carries(self) -> None:
        """Refuse macros, embedded files, controls and remote templates, by what the file says its parts are."""
        if "[Content_Types].xml" not in self.names:
            raise ValidationError(BROKEN)
        for said in self.read("[Content_Types].xml", ContentTypes()).said:
            if MACRO_PARTS.search(said):
                raise ValidationError(CARRIES)
        for _, _, kind, outside, target in self.relations():
            if kind in CARRYING and not (outside and kind in {"oleObject", "package"}):
                raise ValidationError(CARRIES)
            if kind == "attachedTemplate" and outside and REMOTE.match(target):
                raise ValidationError(REMOTE_TEMPLATE)

    def outside_links(self) -> int:
        """How much the file would fetch from elsewhere. A link that a reader can follow does not count."""
        return sum(outside and kind != "hyperlink" for _, _, kind, outside, _ in self.relations())


def _refuse_doctype(*_arguments) -> None:
    raise ValidationError(DOCTYPE)


class Reader:
    """Hears the elements of one part. Names come without their namespace, attributes likewise."""

    def __init__(self):
        self.path: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.path) >= DEEPEST:
            raise ValidationError(TOO_MUCH)
        name = name.rpartition(" ")[2]
        self.path.append(name)
        self.opened(name, {key.rpartition(" ")[2]: value for key, value in attributes.items()})

    def end(self, _name: str) -> None:
        self.closed(self.path.pop())

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def closed(self, name: str) -> None:
        """An element ends."""

    def text(self, words: str) -> None:
        """Words within the present element."""


class ContentTypes(Reader):
    def __init__(self):
        super().__init__()
        self.said: list[str] = []

    def opened(self, name, attributes):
        self.said.append(attributes.get("ContentType", ""))


class Relations(Reader):
    def __init__(self):
        super().__init__()
        self.rows: list[tuple[str, str, bool, str]] = []

    def opened(self, name, attributes):
        if name == "Relationship":
            self.rows.append(
                (
                    attributes.get("Id", ""),
                    attributes.get("Type", "").rpartition("/")[2],
                    attributes.get("TargetMode", "").lower() == "external",
                    attributes.get("Target", ""),
                )
            )


class Counted(Reader):
    """Counts the elements of the given names."""

    def __init__(self, *names: str):
        super().__init__()
        self.names, self.count = set(names), 0

    def opened(self, name, attributes):
        self.count += name in self.names


# Word


class WordStyles(Reader):
    """The styles that hide their text, with those that are based on them."""

    def __init__(self):
        super().__init__()
        self.own: set[str] = set()
        self.based_on: dict[str, str] = {}
        self.style = ""

    def opened(self, name, attributes):
        if name == "style":
            self.style = attributes.get("styleId", "")
        elif name == "basedOn":
            self.based_on[self.style] = attributes.get("val", "")
        elif name == "vanish" and attributes.get("val") in ON:
            self.own.add(self.style)

    @property
    def hiding(self) -> set[str]:
        found = set(self.own)
        for style in self.based_on:
            line, now = [], style
            while now in self.based_on and now not in line:
                line.append(now)
                now = self.based_on[now]
                if now in self.own:
                    found.add(style)
        return found


class WordText(Reader):
    """Counts tracked changes and pieces of hidden text, and notes what fields would fetch."""

    def __init__(self, hiding: set[str]):
        super().__init__()
        self.hiding = hiding
        self.found: Counter[str] = Counter()
        self.fallback = 0  # within what older programs are shown instead: it says everything twice
        self.paragraph_hides = self.run_hides = self.run_has_words = False
        self.field = ""

    def opened(self, name, attributes):
        if name == "Fallback" or self.fallback:
            self.fallback += 1
            return
        if name in INSERTED:
            self.found["inserted"] += 1
        elif name in DELETED:
            self.found["deleted"] += 1
        elif name in REFORMATTED:
            self.found["reformatted"] += 1
        elif name == "p":
            self.paragraph_hides = False
        elif name == "pStyle":
            self.paragraph_hides = attributes.get("val") in self.hiding
        elif name == "r":
            self.run_hides, self.run_has_words = self.paragraph_hides, False
        elif name == "rStyle" and "r" in self.path[-3:]:
            self.run_hides = self.run_hides or attributes.get("val") in self.hiding
        elif name == "vanish" and self.path[-3:-1] == ["r", "rPr"]:
            self.run_hides = attributes.get("val") in ON
        elif name == "fldSimple":
            self._heard_field(attributes.get("instr", ""))
        elif name == "fldChar" and attributes.get("fldCharType") == "begin":
            self.field = ""
        elif name == "fldChar":
            self._heard_field(self.field)
            self.field = ""
        elif name in {"object", "OLEObject", "altChunk"}:
            self.found["object"] += 1

    def closed(self, name):
        if self.fallback:
            self.fallback -= 1
        elif name == "r" and self.run_hides and self.run_has_words:
            self.found["hidden"] += 1

    def text(self, words):
        if self.fallback or not words.strip():
            return
        if self.path[-1] in {"t", "delText"}:
            self.run_has_words = True
        elif self.path[-1] in {"instrText", "delInstrText"}:
            self.field = (self.field + words)[-2_000:]

    def _heard_field(self, instruction: str) -> None:
        if DDE.search(instruction):
            raise ValidationError(FETCHES_PROGRAM)
        if FETCHING_FIELDS.match(instruction.strip()):
            self.found["fetched"] += 1


def look_at_word(package: Package) -> list[Finding]:
    hiding = package.read("word/styles.xml", WordStyles()).hiding if "word/styles.xml" in package.names else set()
    found: Counter[str] = Counter()
    for name in package.names:
        if WORD_TEXT_PARTS.match(name):
            found += package.read(name, WordText(hiding)).found
    if found["object"]:
        raise ValidationError(CARRIES)
    comments = sum(package.read(name, Counted("comment")).count for name in package.matching(r"word/comments\.xml$"))
    findings = []
    if changes := found["inserted"] + found["deleted"] + found["reformatted"]:
        findings.append(
            Finding(
                f"It has {count(changes, 'tracked change')} ({count(found['inserted'], 'insertion')}, "
                f"{count(found['deleted'], 'deletion')}, {count(found['reformatted'], 'change')} of format). "
                "Ask the author to accept or reject them (in Word: Review, Accept all changes).",
                stops=True,
            )
        )
    if comments:
        findings.append(
            Finding(
                f"It has {count(comments, 'comment')}. Ask the author to delete them (in Word: Review, Delete all comments).",
                stops=True,
            )
        )
    if found["hidden"]:
        findings.append(
            Finding(
                f"It has hidden text in {count(found['hidden'], 'place')}. Ask the author to delete it or to show it "
                "(in Word: File, Info, Inspect document).",
                stops=True,
            )
        )
    if outside := package.outside_links() + found["fetched"]:
        findings.append(_fetches(outside))
    return findings


def _fetches(outside: int) -> Finding:
    return Finding(
        f"It fetches {count(outside, 'part')} from outside the file, which were left out of the pages. Ask the author "
        "to put them into the file.",
        stops=True,
        fetches=True,
    )


# Excel


class Sheets(Reader):
    """The sheets of a workbook: name, identifier of its part, and whether it is hidden."""

    def __init__(self):
        super().__init__()
        self.rows: list[tuple[str, str, bool]] = []

    def opened(self, name, attributes):
        if name == "sheet" and self.path[-2:-1] == ["sheets"]:
            hidden = attributes.get("state", "visible") != "visible"
            self.rows.append((attributes.get("name", "?"), attributes.get("id", ""), hidden))


class Sheet(Reader):
    """Counts what stands in hidden rows and columns of a sheet, and notes what formulas would fetch."""

    def __init__(self):
        super().__init__()
        self.hidden_columns: list[tuple[int, int]] = []
        self.row_hidden = False
        self.cell_hidden = self.cell_counted = False
        self.column = 0
        self.formula = ""
        self.found: Counter[str] = Counter()

    def opened(self, name, attributes):
        if name == "col" and attributes.get("hidden") in {"1", "true"}:
            self.hidden_columns.append((int(attributes.get("min", 0)), int(attributes.get("max", 0))))
        elif name == "row":
            self.row_hidden = attributes.get("hidden") in {"1", "true"}
            self.column = 0
        elif name == "c":
            self.column = column_number(attributes.get("r", "")) or self.column + 1
            outside = any(first <= self.column <= last for first, last in self.hidden_columns)
            self.cell_hidden, self.cell_counted = self.row_hidden or outside, False
        elif name == "f":
            self.formula = ""
        elif name in {"oleObject", "control"}:
            raise ValidationError(CARRIES)

    def closed(self, name):
        if name in {"v", "is"} and self.cell_hidden and not self.cell_counted:
            self.found["hidden"] += 1
            self.cell_counted = True
        elif name == "f":
            if DDE_FORMULA.match(self.formula):
                raise ValidationError(FETCHES_PROGRAM)
            self.found["fetched"] += bool(FETCHING_FORMULAS.search(self.formula))

    def text(self, words):
        if self.path[-1] == "f":
            self.formula = (self.formula + words)[:10_000]


def column_number(reference: str) -> int:
    """The number of a cell's column: 28 for "AB7"; 0 where it is not said."""
    number = 0
    for letter in reference[:3]:
        if not ("A" <= letter <= "Z"):
            break
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def look_at_excel(package: Package) -> list[Finding]:
    sheets = package.read("xl/workbook.xml", Sheets()).rows
    parts = {
        identifier: target.lstrip("/").removeprefix("xl/")
        for owner, identifier, kind, _, target in package.relations()
        if owner.lower() == "xl/workbook.xml" and kind in {"worksheet", "chartsheet", "dialogsheet"}
    }
    findings = []
    hidden = [name for name, _, is_hidden in sheets if is_hidden]
    if hidden:
        names = ", ".join(f"“{name[:40]}”" for name in hidden[:5]) + (" and others" if len(hidden) > 5 else "")
        findings.append(
            Finding(
                f"It has {count(len(hidden), 'hidden sheet')}: {names}. Ask the author to delete or to show "
                f"{'it' if len(hidden) == 1 else 'them'}.",
                stops=True,
            )
        )
    fetched = 0
    for name, identifier, is_hidden in sheets:
        part = f"xl/{parts.get(identifier, '')}"
        if part not in package.names:
            continue
        sheet = package.read(part, Sheet())
        fetched += sheet.found["fetched"]
        if sheet.found["hidden"] and not is_hidden:
            findings.append(
                Finding(
                    f"Sheet “{name[:40]}” has {count(sheet.found['hidden'], 'filled cell')} in hidden rows or columns. "
                    "Ask the author to delete or to show them.",
                    stops=True,
                )
            )
    comments = sum(
        package.read(part, Counted("comment")).count
        for part in package.matching(r"xl/(?:comments/)?comments?\d*\.xml$")
    ) or sum(
        package.read(part, Counted("threadedComment")).count
        for part in package.matching(r"xl/threadedComments/.*\.xml$")
    )
    if comments:
        findings.append(
            Finding(
                f"It has {count(comments, 'comment')}. Ask the author to delete them (in Excel: Review, Delete).",
                stops=True,
            )
        )
    if any(package.matching(r"xl/revisions/.*\.xml$")):
        findings.append(
            Finding(
                "It keeps a log of tracked changes. Ask the author to save it without sharing and tracking.", stops=True
            )
        )
    for part in package.matching(r"xl/externalLinks/[^/]*\.xml$"):
        if package.read(part, Counted("ddeLink", "oleLink")).count:
            raise ValidationError(FETCHES_PROGRAM)
    connections = sum(
        package.read(part, Counted("connection")).count for part in package.matching(r"xl/connections\.xml$")
    )
    if outside := package.outside_links() + fetched + connections:
        findings.append(_fetches(outside))
    return findings
