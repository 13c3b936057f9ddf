"""Somebody types, is called away, and comes back after the sign-in ran out: here by itself, and after seconds."""

from playwright.sync_api import expect

from tests.make import PASSWORD

SETTINGS = {"IDLE_SECONDS": "20"}
PLAN = "/plans/kensington-and-chelsea-2020"
WORDS = "A long afternoon’s work in three sentences."


def test_words_are_offered_back_after_an_hour_away(visit):
    visitor = visit("commissioner")
    page = visitor.page
    visitor.go(f"{PLAN}/2/1/")
    page.get_by_label("What has happened since").fill(WORDS)
    page.wait_for_timeout(21_000)
    page.get_by_role("button", name="Save update").click()
    expect(page.get_by_text("your words are kept in this browser")).to_be_visible()
    page.get_by_label("E-mail address").fill(visitor.board.cast["commissioner"]["email"])
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("You typed something here that was not saved")).to_be_visible()
    page.get_by_role("button", name="Put it back").click()
    page.get_by_role("button", name="Save update").click()
    expect(page.get_by_text("Saved: 2.1 is on track.")).to_be_visible()
