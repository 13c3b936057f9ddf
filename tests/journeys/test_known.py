"""What is known: a year's figures by spreadsheet, and what families said until it is public with its reply."""

import io
import re

import openpyxl
from playwright.sync_api import expect

from tests.journeys.conftest import PHONE

SOURCE = "School census of January 2020"
ROWS = (
    ("Indicator", "Area", "Period", "As published", "Source", "Looked at"),
    ("Children and young people with a statement or EHC plan", "Kensington and Chelsea", "January 2020", "640", SOURCE, "3 March 2020"),
    ("Children and young people with a statement or EHC plan", "Westminster", "January 2020", "1,104", SOURCE, ""),
    ("Pupils on SEN Support", "Westminster", "January 2020", "11.2", SOURCE, ""),
)  # fmt: skip


def workbook(rows) -> dict:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return {"name": "figures.xlsx", "mimeType": kind, "buffer": out.getvalue()}


def test_a_commissioner_brings_in_a_years_figures_by_spreadsheet(visit):
    visitor = visit("commissioner")
    page = visitor.page
    visitor.go("/needs/")
    page.get_by_role("link", name="Bring in a table of figures").click()
    visitor.look()
    page.get_by_label("A spreadsheet (.xlsx) or a CSV file").set_input_files(
        workbook([*ROWS[:-1], ("Pupils on SEN Support", "Westminster", "January 2020", "11.2 weeks", SOURCE, "")])
    )
    page.get_by_role("button", name="Check it").click()
    expect(page.get_by_role("alert")).to_contain_text("1 row cannot go in")
    expect(page.get_by_role("row", name=re.compile("Row 4"))).to_contain_text("counted in %")
    visitor.look()
    page.get_by_label("A spreadsheet (.xlsx) or a CSV file").set_input_files(workbook(ROWS))
    page.get_by_role("button", name="Check it").click()
    expect(page.get_by_text("3 new, 0 that change, 0 that stand there already")).to_be_visible()
    expect(page.get_by_text(f"New source: {SOURCE}")).to_be_visible()
    visitor.look()
    page.get_by_role("button", name="Bring in the figures").click()
    expect(page.get_by_role("status").first).to_have_text("3 figures entered, 0 changed, 0 as they were.")
    page.get_by_role("link", name="Children and young people with a statement or EHC plan").first.click()
    expect(page.get_by_role("cell", name="1,104")).to_be_visible()
    expect(page.get_by_text("Looked at on 3 March 2020")).to_be_visible()
    page.get_by_role("link", name="Correct figures").click()
    visitor.look()
    page.get_by_role("row", name=re.compile("Westminster.*1,104")).get_by_role("link", name="Correct").click()
    page.get_by_label("Figure, as published").fill("1,114")
    visitor.look()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("cell", name="1,114")).to_be_visible()


def test_the_secretariat_publishes_you_said_we_did(visit):
    commissioner, clerk, parent = visit("commissioner"), visit("secretariat"), visit(size=PHONE)
    parent.go("/board/you-said-we-did/")
    parent.look()
    expect(parent.page.get_by_role("heading", name=re.compile("a wider choice of short breaks"))).to_be_attached()
    expect(parent.page.get_by_text("Clubs open in the holidays too.")).to_have_count(0)

    page = commissioner.page
    commissioner.go("/needs/said/")
    page.get_by_role("article", name="Statement 19").get_by_role("link", name="Statement 19").click()
    page.get_by_role("link", name="Reply to it").click()
    page.get_by_label("We could not, because").check()
    page.get_by_label("In a sentence or two").fill("Open these clubs to every child.")
    page.get_by_role("button", name="Save the reply").click()
    expect(page.get_by_role("alert")).to_contain_text("Say why it could not be done")
    expect(page.get_by_label("In a sentence or two")).to_have_value("Open these clubs to every child.")
    commissioner.look()
    page.get_by_label("Because", exact=True).fill("There is money for those with a plan only.")
    page.get_by_label("When", exact=True).fill("March 2020")
    page.get_by_role("button", name="Save the reply").click()
    expect(page.get_by_role("status").first).to_contain_text("The secretariat reads it before it is public.")
    commissioner.look()

    page = clerk.page
    clerk.go("/needs/said/19/")
    page.get_by_role("link", name="Publish it as it reads now").click()
    expect(page.get_by_text("There is money for those with a plan only.")).to_be_visible()
    clerk.look()
    page.get_by_label("I have read both. They are plain, and nobody can be recognised by them.").check()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("status").first).to_have_text("Published.")
    clerk.go("/needs/heard/")
    clerk.look()

    parent.go("/board/")
    parent.page.get_by_role("link", name=re.compile("You said, we did")).click()
    expect(parent.page.get_by_text("There is money for those with a plan only.")).to_be_visible()
    expect(parent.page.get_by_text(re.compile("we could not do 3"))).to_be_visible()
    parent.look()
    link = parent.page.get_by_role("link", name="Print it (PDF)").get_attribute("href")
    pdf = parent.page.request.get(f"{parent.board.url}{link}")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.body().startswith(b"%PDF")
