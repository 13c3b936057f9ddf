"""Print: preview, download with its progress, an earlier day, a document that was made already."""

import pytest
from playwright.sync_api import expect

from jcb import pdf

PLAN = "/plans/kensington-and-chelsea-2020"
pytestmark = [pytest.mark.pdf, pytest.mark.skipif(not pdf.is_available(), reason=pdf.UNAVAILABLE)]
DRAWING = 90_000  # milliseconds for a whole plan, on a machine that has other things to do


def _content(download, tmp_path) -> bytes:
    kept = tmp_path / "document.pdf"
    download.value.save_as(kept)
    return kept.read_bytes()


def test_action_plan_is_read_then_made_then_downloaded(visit, request, tmp_path):
    visitor = visit("member")
    page = visitor.page
    visitor.go(f"{PLAN}/")
    page.get_by_role("link", name="Read the action plan on screen").click()
    expect(page.get_by_role("article", name="The action plan")).to_contain_text("The early intervention offer")
    page.get_by_role("link", name="Download as PDF").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_text("Waiting for its turn")).to_be_visible()
    visitor.look()

    with page.expect_download(timeout=DRAWING) as download:
        request.getfixturevalue("document_worker")
    assert download.value.suggested_filename == "action-plan-kensington-and-chelsea-2020-2020-09-10.pdf"
    assert _content(download, tmp_path).startswith(b"%PDF")
    expect(page.get_by_text("The document is ready")).to_be_visible()

    visitor.go(f"{PLAN}/documents/")
    expect(page.get_by_role("table")).to_contain_text("The action plan")
    with page.expect_download() as again:
        page.get_by_role("link", name="Download the action plan (PDF)").click()
    assert _content(again, tmp_path).startswith(b"%PDF"), "What was made already is there at once."


def test_whole_plan_is_printed_by_keyboard_alone(visit, document_worker, tmp_path):
    visitor = visit("member")
    page = visitor.page
    visitor.go(f"{PLAN}/")
    visitor.skip()
    with page.expect_download(timeout=DRAWING) as download:
        visitor.enter(page.get_by_role("link", name="Print the whole plan"))
    assert download.value.suggested_filename == "plan-kensington-and-chelsea-2020-2020-09-10.pdf"
    assert _content(download, tmp_path).startswith(b"%PDF")


def test_document_of_an_earlier_day_says_so_on_screen_and_in_its_name(visit, document_worker, tmp_path):
    visitor = visit("member")
    page = visitor.page
    visitor.go("/plans/westminster-2018/documents/action-plan/?as_at=2020-03-12&status=complete")
    expect(page.get_by_text("As at 12 March 2020.", exact=True)).to_be_visible()
    with page.expect_download(timeout=DRAWING) as download:
        page.get_by_role("link", name="Download as PDF").click()
    assert download.value.suggested_filename == "action-plan-westminster-2018-2020-03-12.pdf"
    assert _content(download, tmp_path).startswith(b"%PDF")


def test_document_is_made_and_downloaded_without_scripts(visit, document_worker, tmp_path):
    visitor = visit("member", scripts=False)
    page = visitor.page
    visitor.go(f"{PLAN}/documents/action-plan/?status=at+risk")
    with page.expect_download(timeout=DRAWING) as download:
        page.get_by_role("link", name="Download as PDF").click()
    assert _content(download, tmp_path).startswith(b"%PDF")


def test_filter_that_does_not_exist_is_refused_with_a_way_on(visit):
    visitor = visit("member")
    page = visitor.page
    page.goto(f"{visitor.board.url}{PLAN}/documents/action-plan/?status=perhaps")
    expect(page.get_by_role("heading", level=1)).to_have_text("The action plan cannot be made")
    visitor.look()
    page.get_by_role("link", name="Take the filters off").click()
    expect(page.get_by_role("article", name="The action plan")).to_be_visible()
