"""My round: every deliverable I lead on one page, saved together or one at a time."""

import re

from playwright.sync_api import expect


def _row(page, reference: str):
    return page.get_by_role("group", name=re.compile(f"^{re.escape(reference)} "))


def test_refused_row_blocks_only_itself(visit):
    visitor = visit("commissioner")
    page = visitor.page
    visitor.go("/")
    page.get_by_role("link", name="Do my round").click()
    expect(page.locator("fieldset")).to_have_count(8)
    _row(page, "2.1").get_by_label("What has happened").fill("Two schools have begun.")
    _row(page, "2.2").get_by_label("Status now").select_option(label="Off track")
    _row(page, "2.3").get_by_label("What has happened").fill("The offer is on the web.")
    page.get_by_role("button", name="Save all").last.click()

    summary = page.locator(".govuk-error-summary")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("2 saved, 1 needs a word from you")
    expect(_row(page, "2.1")).to_contain_text("Saved")
    expect(_row(page, "2.1").get_by_label("What has happened")).to_have_value("")
    expect(_row(page, "2.2")).to_contain_text("Not saved. What you typed is kept")
    expect(_row(page, "2.2").get_by_label("Status now")).to_have_value("off track")
    visitor.look()
    summary.get_by_role("link", name=re.compile("Say why it is off track")).click()
    page.keyboard.type("The supplier has withdrawn.")
    _row(page, "2.2").get_by_role("button", name="Save this one").click()
    expect(_row(page, "2.2")).to_contain_text("Was Off track")
    expect(_row(page, "2.2")).to_contain_text("The supplier has withdrawn.")


def test_words_in_other_rows_stay_when_one_row_is_saved(visit):
    visitor = visit("deputy")
    page = visitor.page
    visitor.go("/round/")
    _row(page, "3.1").get_by_label("What has happened").fill("Half a sentence, not yet")
    _row(page, "3.2").get_by_role("button", name="No change").click()
    expect(_row(page, "3.2")).to_contain_text("Saved")
    expect(_row(page, "3.1").get_by_label("What has happened")).to_have_value("Half a sentence, not yet")


def test_round_is_done_by_keyboard_and_nothing_hides_behind_the_save_bar(visit):
    visitor = visit("commissioner")
    page = visitor.page
    visitor.go("/round/")
    visitor.skip()
    visitor.write(_row(page, "3.3").get_by_label("What has happened"), "Two more groups for young adults.")
    visitor.reach(_row(page, "5.1").get_by_label("What has happened"))
    visitor.reach(page.get_by_role("button", name="Save all").last)
    visitor.press("Enter")
    expect(page.get_by_text("1 saved.")).to_be_visible()
    expect(_row(page, "3.3")).to_contain_text("Two more groups for young adults.")


def test_somebody_who_leads_nothing_is_told_so(visit):
    visitor = visit("member")
    visitor.go("/round/")
    expect(visitor.page.get_by_text("You do not lead any deliverable or workstream today")).to_be_visible()
    visitor.look()
