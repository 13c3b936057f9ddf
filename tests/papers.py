"""Papers for tests, made of nothing: Word, Excel and PDF files that hold just what a test is about."""

import functools
import io
import zipfile
from collections.abc import Callable

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from jcb.pdf import render_pdf

PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TYPE = "application/vnd.openxmlformats-officedocument"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


def upload(content: bytes, name: str = "paper") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def picture(kind: str = "PNG", size: tuple[int, int] = (2, 2)) -> bytes:
    """A picture, "PNG" or "JPEG"."""
    out = io.BytesIO()
    Image.new("1" if kind == "PNG" else "L", size).save(out, kind)
    return out.getvalue()


def archive(parts: dict[str, str | bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


def relations(*rows: tuple[str, str, str, bool]) -> str:
    """Relationships, each (identifier, last word of the type, target, leads outside)."""
    inner = "".join(
        f'<Relationship Id="{key}" Type="{OFFICE}/{kind}" Target="{target}"{" TargetMode=" + chr(34) + "External" + chr(34) if outside else ""}/>'
        for key, kind, target, outside in rows
    )
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{inner}</Relationships>'


def _types(main: str, kind: str) -> str:
    return (
        f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/{main}" ContentType="{kind}"/>'
        "{more}</Types>"
    )


def paragraph(words: str, *, style: str = "", run: str = "") -> str:
    look = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{look}<w:r>{f'<w:rPr>{run}</w:rPr>' if run else ''}<w:t>{words}</w:t></w:r></w:p>"


def word_parts(body: str = "", *, rows=(), types: str = "", more: dict | None = None) -> dict[str, str | bytes]:
    """The parts of a Word document with that body; `rows` are the relationships of its text."""
    body = body or paragraph("Three therapists start in October.")
    parts = {
        "[Content_Types].xml": _types("word/document.xml", f"{TYPE}.wordprocessingml.document.main+xml").format(
            more=types
        ),
        "_rels/.rels": relations(("r1", "officeDocument", "word/document.xml", False)),
        "word/document.xml": f'{HEAD}<w:document xmlns:w="{WORD}" xmlns:r="{OFFICE}"><w:body>{body}</w:body></w:document>',
    }
    if rows:
        parts["word/_rels/document.xml.rels"] = relations(*rows)
    return parts | (more or {})


def docx(body: str = "", **given) -> bytes:
    return archive(word_parts(body, **given))


STYLES_TYPE = f'<Override PartName="/word/styles.xml" ContentType="{TYPE}.wordprocessingml.styles+xml"/>'


def docx_with_styles(body: str, styles: str) -> bytes:
    return docx(
        body,
        rows=[("s1", "styles", "styles.xml", False)],
        types=STYLES_TYPE,
        more={"word/styles.xml": f'{HEAD}<w:styles xmlns:w="{WORD}">{styles}</w:styles>'},
    )


HEADINGS = "".join(
    f'<w:style w:type="paragraph" w:styleId="Heading{n}"><w:name w:val="heading {n}"/>'
    f'<w:pPr><w:outlineLvl w:val="{n - 1}"/></w:pPr></w:style>'
    for n in (1, 2, 3)
)


def excel_parts(
    sheets: dict[str, str] | None = None, *, states: dict[str, str] | None = None, rows=(), more: dict | None = None
) -> dict[str, str | bytes]:
    """The parts of a workbook: the XML within `worksheet` by the sheet's name, and which sheets are hidden."""
    sheets = sheets or {"Costs": cells(("A1", "61"))}
    states = states or {}
    listed, linked, types, parts = "", list(rows), "", {}
    for number, (name, inner) in enumerate(sheets.items(), start=1):
        state = f' state="{states[name]}"' if name in states else ""
        listed += f'<sheet name="{name}" sheetId="{number}"{state} r:id="rId{number}"/>'
        linked.append((f"rId{number}", "worksheet", f"worksheets/sheet{number}.xml", False))
        types += (
            f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{TYPE}.spreadsheetml.worksheet+xml"/>'
        )
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'{HEAD}<worksheet xmlns="{SHEET}" xmlns:r="{OFFICE}">{inner}</worksheet>'
        )
    main = f"{TYPE}.spreadsheetml.sheet.main+xml"
    return {
        "[Content_Types].xml": _types("xl/workbook.xml", main).format(more=types),
        "_rels/.rels": relations(("r1", "officeDocument", "xl/workbook.xml", False)),
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{SHEET}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(*linked),
        **parts,
        **(more or {}),
    }


def cells(*given: tuple[str, str], row: str = "", before: str = "") -> str:
    inner = "".join(f'<c r="{place}"><v>{value}</v></c>' for place, value in given)
    return f'{before}<sheetData><row r="1"{row}>{inner}</row></sheetData>'


def xlsx(sheets: dict[str, str] | None = None, **given) -> bytes:
    return archive(excel_parts(sheets, **given))


# PDF


def pdf(change: Callable[[pikepdf.Pdf], None] | None = None, *, pages: int = 1, **saving) -> bytes:
    """A plain PDF without tags, with words on each page; `change` may do anything to it before it is saved."""
    made = pikepdf.new()
    font = made.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    for number in range(1, pages + 1):
        made.add_blank_page(page_size=(595, 842))
        page = made.pages[-1].obj
        page.Resources = Dictionary(Font=Dictionary(F1=font))
        page.Contents = made.make_stream(f"BT /F1 12 Tf 72 720 Td (Page {number} of the paper) Tj ET".encode())
    if change:
        change(made)
    out = io.BytesIO()
    made.save(out, **saving)
    return out.getvalue()


def scan(pages: int = 1) -> bytes:
    """Pages that are pictures and nothing else."""

    def into_pictures(made: pikepdf.Pdf) -> None:
        picture = made.make_stream(
            bytes([200] * 100),
            Type=Name.XObject,
            Subtype=Name.Image,
            Width=10,
            Height=10,
            ColorSpace=Name.DeviceGray,
            BitsPerComponent=8,
        )
        for page in made.pages:
            page.obj.Resources = Dictionary(XObject=Dictionary(Im1=picture))
            page.obj.Contents = made.make_stream(b"q 595 0 0 842 0 0 cm /Im1 Do Q")

    return pdf(into_pictures, pages=pages)


@functools.cache
def tagged(body: str = "", *, title: str = "Speech and language", language: str = "en-GB") -> bytes:
    """A tagged paper as our own engine makes it."""
    body = body or (
        "<h1>Speech and language</h1><p>Three therapists start. <a href='#end'>The end</a></p>"
        "<h2>Figures</h2><table><thead><tr><th scope='col'>Year</th><th scope='col'>Children</th></tr></thead>"
        "<tbody><tr><th scope='row'>2019</th><td>617</td></tr></tbody></table>"
        "<h2 id='end' style='break-before: page'>Next</h2><ul><li>Recruit</li></ul>"
    )
    return render_pdf(f"<html lang='{language}'><head><title>{title}</title></head><body>{body}</body></html>").content


def action(**given) -> Dictionary:
    return Dictionary(Type=Name.Action, **given)


def link(made: pikepdf.Pdf, **given) -> None:
    """Put a link on the first page."""
    annotation = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([72, 700, 200, 720]), **given)
    made.pages[0].obj.Annots = Array([made.make_indirect(annotation)])


def text_note(made: pikepdf.Pdf) -> None:
    """Put a comment on the first page."""
    annotation = Dictionary(
        Type=Name.Annot, Subtype=Name.Text, Rect=Array([9, 9, 30, 30]), Contents=String("Not so sure")
    )
    made.pages[0].obj.Annots = Array([made.make_indirect(annotation)])
