"""Minutes as documents: an accessible PDF, and a Word document with real headings, header rows and a language."""

import io

import docx
from django.template.loader import render_to_string
from docx.document import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from governance.minutes.pages import Reading
from jcb import dates, pdf

LANGUAGE = "en-GB"
WIDTHS = {2: (40, 112), 3: (26, 92, 34)}  # millimetres, by the number of columns


def as_pdf(reading: Reading) -> bytes:
    """The minutes as PDF/UA. Raises pdf.PdfError with a sentence; call it outside a transaction."""
    return pdf.render_pdf(render_to_string("print/minutes.html", {"minutes": reading})).content


def facts(data: dict) -> list[tuple[str, str]]:
    """What stands at the head of the minutes, as pairs of name and words."""
    rows = [("Chair", data["chair"])] if data["chair"] else []
    for group in data["attendance"]:
        people = [
            person["words"] + "".join(f", {move['words']}" for move in person["moves"]) for person in group["people"]
        ]
        rows.append((group["name"], "; ".join(people)))
    return [*rows, ("Quorum", data["quorum"])]


def as_word(reading: Reading) -> bytes:
    """The minutes as a Word document (.docx). "Unconfirmed" is in the head of every page until they are agreed."""
    data, made = reading.data, docx.Document()
    _prepare(made, reading)
    made.add_paragraph(reading.board)
    made.add_heading(reading.name, level=1)
    made.add_paragraph(f"{data['hours']}, {data['venue']}. {reading.state}")
    for when, words in reading.corrections:
        made.add_paragraph(f"Correction, {when}: {words}")
    if reading.positions:
        made.add_heading("Both positions", level=2)
        made.add_paragraph(reading.positions)
    _table(made, ("Who was there", ""), facts(data))
    if data["interests"]:
        made.add_heading("Interests declared", level=2)
        for row in data["interests"]:
            made.add_paragraph(interest_in_words(row), style="List Bullet")
    if reading.decisions:
        made.add_heading("Decisions at a glance", level=2)
        rows = [(row["ref"], row["text"], row["parties"]) for row in reading.decisions]
        _table(made, ("Ref.", "Decision", "The parties"), rows)
    made.add_heading("Minutes by item", level=2)
    for item in data["items"]:
        _item(made, item)
    others = data["others"]
    if others["decisions"] or others["actions"]:
        made.add_heading("Not on one item", level=3)
        _decisions_and_actions(made, others)
    if data["next"]:
        made.add_heading("Next meeting", level=2)
        made.add_paragraph(data["next"])
    made.add_paragraph(about(reading))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def interest_in_words(row: dict) -> str:
    about = f"item {row['label']}" if row["item"] else "the whole meeting"
    return f"{row['who']}, {about}: {row['kind'].lower()}. {row['text']} {row['managed']}".strip()


def about(reading: Reading) -> str:
    """The last words of a document."""
    said = f"{reading.name}, printed from the Board’s records on {reading.as_at}. {reading.state}"
    if reading.data["invented"]:
        said += " Demonstration: people and what they said are invented."
    return said


def _prepare(made: Document, reading: Reading) -> None:
    core = made.core_properties
    core.title, core.author, core.language = reading.name, reading.board, LANGUAGE
    core.comments, core.subject = "", reading.state
    core.created = core.modified = dates.now().replace(tzinfo=None)
    normal = made.styles["Normal"]
    normal.font.name, normal.font.size = "Arial", Pt(11)
    defaults = made.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    lang = defaults.find(qn("w:lang"))
    if lang is None:
        lang = OxmlElement("w:lang")
        defaults.append(lang)
    lang.set(qn("w:val"), LANGUAGE)
    section = made.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    head = section.header.paragraphs[0]
    head.text = f"{reading.mark}: {reading.name}" if reading.mark else reading.name


def _table(made: Document, header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """A table whose first row is marked as its header, on every page that it runs over."""
    table = made.add_table(rows=1, cols=len(header), style="Table Grid")
    for cell, words in zip(table.rows[0].cells, header, strict=True):
        cell.text = ""
        cell.paragraphs[0].add_run(words or "In words").bold = True
    marks = table.rows[0]._tr.get_or_add_trPr()
    marks.append(OxmlElement("w:tblHeader"))
    for row in rows:
        for cell, words in zip(table.add_row().cells, row, strict=True):
            cell.text = words
    for cells in (row.cells for row in table.rows):
        for cell, width in zip(cells, WIDTHS[len(header)], strict=True):
            cell.width = Mm(width)
    made.add_paragraph()


def _item(made: Document, item: dict) -> None:
    made.add_heading(f"{item['label']}. {item['title']}" if item["label"] else item["title"], level=3)
    for words in item["paragraphs"]:
        made.add_paragraph(words)
    if said := silence(item):
        made.add_paragraph(said)
    if item["odd"]:
        made.add_paragraph(f"{item['odd']}.")
    _decisions_and_actions(made, item)


def silence(item: dict) -> str:
    """What is said of an item of which nothing was minuted."""
    if item["withdrawn"]:
        return f"Withdrawn: {item['withdrawn']}"
    if item["paragraphs"] or item["decisions"] or item["actions"]:
        return ""
    return "Taken as read." if item["as_read"] else "There was nothing to minute." if item["nothing"] else ""


def _decisions_and_actions(made: Document, item: dict) -> None:
    for row in item["decisions"]:
        line = made.add_paragraph()
        line.add_run(f"Decision {row['ref']}. ").bold = True
        line.add_run(f"{row['text']} {row['parties']}. {row['standing']}.")
    if item["actions"]:
        rows = [(row["ref"], f"{row['owner']}: {row['text']}", row["due"]) for row in item["actions"]]
        _table(made, ("Action", "Owner and task", "Due"), rows)
