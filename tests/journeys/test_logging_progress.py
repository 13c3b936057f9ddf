"""Log progress on one deliverable: quickly, refused, corrected, repeated, with evidence; two people at once."""

import re

import pytest
from playwright.sync_api import expect

from tests import papers

PLAN = "/plans/kensington-and-chelsea-2020"
A_PICTURE = papers.picture()


def _newest(page):
    return page.locator(".jcb-log__item").first


def test_progress_is_logged_in_three_steps(visit):
    visitor = visit("commissioner")
    page = visitor.page
    visitor.go(f"{PLAN}/2/1/")
    page.get_by_label("On track").check()  # one
    page.get_by_label("What has happened since").fill("Every school has had a visit.")  # two
    page.get_by_role("button", name="Save update").click()  # three
    expect(page.get_by_role("status").first).to_have_text("Saved: 2.1 is on track.")
    expect(_newest(page)).to_contain_text("Every school has had a visit.")
    expect(_newest(page)).to_contain_text("Commissioner for play")
    visitor.look()


def test_refusal_keeps_every_word_and_leads_to_what_is_missing(visit):
    visitor = visit("commissioner")
    page = visitor.page
    visitor.go(f"{PLAN}/2/2/")
    page.get_by_label("Complete").check()
    page.get_by_label("What has happened since").fill("All year groups are covered.")
    page.get_by_role("button", name="Save update").click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.get_by_label("Complete")).to_be_checked()
    expect(page.get_by_label("What has happened since")).to_have_value("All year groups are covered.")
    visitor.look()
    page.get_by_role("link", name="Give a link or a file as evidence, or say why there is none.").click()
    expect(page.get_by_label("Evidence: a link")).to_be_focused()
    page.get_by_label("or why there is none").fill("The count is in the school census.")
    page.get_by_role("button", name="Save update").click()
    expect(page.get_by_text("Saved: 2.2 is complete.")).to_be_visible()
    expect(page.get_by_text("To be confirmed")).to_be_visible()


def test_correction_stands_in_the_log_beside_what_it_corrects(visit):
    visitor = visit("commissioner")
    page = visitor.page
    visitor.go(f"{PLAN}/2/3/")
    before = page.locator(".jcb-log__item").count()
    page.get_by_role("link", name=re.compile("^Correct this")).first.click()
    expect(page.get_by_text("You are correcting the update of")).to_be_visible()
    visitor.look()
    page.get_by_label("What has happened since").fill("Twelve families have been invited, not all.")
    page.get_by_role("button", name="Save update").click()
    expect(_newest(page)).to_contain_text("Corrects the update of")
    expect(page.locator(".jcb-log__item").nth(1)).to_contain_text("Corrected on 10 September 2020.")
    assert page.locator(".jcb-log__item").count() == before + 1


def test_no_change_is_one_press_and_its_words_keep_their_date(visit):
    visitor = visit("deputy")
    page = visitor.page
    visitor.go(f"{PLAN}/3/1/")
    page.get_by_role("button", name="No change: the last words stand").click()
    expect(page.get_by_text("Saved: 3.1, no change.")).to_be_visible()
    expect(_newest(page)).to_contain_text("No change. The words of")


def test_file_is_kept_as_evidence_and_comes_back_as_it_was(visit, tmp_path):
    visitor = visit("commissioner")
    page = visitor.page
    visitor.go(f"{PLAN}/3/2/")
    page.get_by_label("What has happened since").fill("The group met for the first time.")
    page.get_by_label("or a file").set_input_files(
        {"name": "attendance.png", "mimeType": "image/png", "buffer": A_PICTURE}
    )
    page.get_by_role("button", name="Save update").click()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("^attendance.png")).click()
    kept = tmp_path / "attendance.png"
    download.value.save_as(kept)
    assert kept.read_bytes() == A_PICTURE


def test_file_that_is_not_what_its_name_says_is_refused_in_words(visit):
    visitor = visit("commissioner")
    page = visitor.page
    visitor.go(f"{PLAN}/3/2/")
    page.get_by_label("or a file").set_input_files(
        {"name": "minutes.pdf", "mimeType": "application/pdf", "buffer": b"<script>alert(1)</script>"}
    )
    page.get_by_role("button", name="Save update").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("This kind of file cannot be kept.")


@pytest.mark.parametrize("size", [{"width": 1280, "height": 900}, {"width": 390, "height": 844}], ids=["desk", "phone"])
def test_progress_is_logged_by_keyboard_alone(visit, size):
    visitor = visit("commissioner", size=size)
    page = visitor.page
    visitor.go(f"{PLAN}/3/3/")
    visitor.skip()
    visitor.reach(page.get_by_role("radio", checked=True))
    while not page.get_by_label("At risk").is_checked():
        visitor.press("ArrowDown")
    visitor.reach(page.get_by_role("button", name="Save update"))
    visitor.press("Enter")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    visitor.enter(page.get_by_role("link", name="Say why it is at risk."))
    expect(page.get_by_label("What has happened since")).to_be_focused()
    page.keyboard.type("The post is empty until November.")
    visitor.reach(page.get_by_label("Forecast", exact=True))
    page.keyboard.type("December 2020")
    visitor.enter(page.get_by_role("button", name="Save update"))
    expect(page.get_by_text("Saved: 3.3 is at risk.")).to_be_visible()
    expect(_newest(page)).to_contain_text("The post is empty until November.")


def test_second_of_two_sees_both_texts_and_chooses(visit):
    first, second = visit("commissioner"), visit("deputy")
    for visitor in (first, second):
        visitor.go("/plans/westminster-2018/5/1/")
    first.page.get_by_label("What has happened since").fill("The model is agreed with both hospitals.")
    first.page.get_by_role("button", name="Save update").click()
    expect(first.page.get_by_text("Saved: 5.1 is off track.")).to_be_visible()

    page = second.page
    page.get_by_label("What has happened since").fill("The model is agreed with one hospital.")
    page.get_by_role("button", name="Save update").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Someone else saved while you were writing")
    theirs = page.get_by_role("region", name="Saved by Commissioner for play")
    mine = page.get_by_role("region", name="Yours, not yet in the log")
    expect(theirs).to_contain_text("The model is agreed with both hospitals.")
    expect(mine).to_contain_text("The model is agreed with one hospital.")
    second.look()
    second.write(page.get_by_label("What has happened since"), "Agreed with one hospital; the other signs on Friday.")
    second.enter(page.get_by_role("button", name="Save as the newer update"))
    expect(page.get_by_text("Saved: 5.1 is off track.")).to_be_visible()
    expect(_newest(page)).to_contain_text("Agreed with one hospital; the other signs on Friday.")
    expect(page.locator(".jcb-log__item").nth(1)).to_contain_text("The model is agreed with both hospitals.")


def test_second_of_two_may_leave_the_first_text_as_it_stands(visit):
    first, second = visit("commissioner"), visit("deputy")
    for visitor in (first, second):
        visitor.go("/plans/westminster-2018/5/2/")
        visitor.page.get_by_label("What has happened since").fill(f"Written by {len(visitor.board.cast)} of them.")
    first.page.get_by_role("button", name="Save update").click()
    expect(first.page.get_by_text("Saved: 5.2 is off track.")).to_be_visible()
    second.page.get_by_role("button", name="Save update").click()
    second.page.get_by_role("link", name="Keep theirs: do not add mine").click()
    expect(_newest(second.page)).to_contain_text("Commissioner for play")
