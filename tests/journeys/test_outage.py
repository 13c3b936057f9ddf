"""The database is away while somebody saves: they are told, and send it again from there, or put their words back."""

import json

from playwright.sync_api import expect

from tests.faults.outage_site import away

SETTINGS = {"LOG_FORMAT": "json"}
PLAN = "/plans/kensington-and-chelsea-2020"
WORDS = "A long afternoon’s work in three sentences."
MORE = "And a second thought, an hour later."


def _save(page, words: str) -> None:
    page.get_by_label("What has happened since").fill(words)
    page.get_by_role("button", name="Save update").click()


def _kept(page) -> list[str]:
    found = page.evaluate("() => Object.entries(localStorage)")
    return [json.loads(value)["text"] for key, value in found if key.startswith("jcb:")]


def test_words_are_sent_again_or_offered_back_after_an_outage(visit):
    visitor = visit("commissioner", expects=("503",))
    page, url = visitor.page, visitor.board.environment["DATABASE_URL"]
    visitor.go(f"{PLAN}/2/1/")
    with away(url):
        _save(page, WORDS)
        expect(page.get_by_role("heading", level=1)).to_have_text("The record cannot be reached just now")
        expect(page.locator(".govuk-inset-text")).to_have_text(WORDS)
        visitor.look()
        page.get_by_role("button", name="Send it again").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("The record cannot be reached just now")
        assert _kept(page) == [WORDS]
    visitor.enter(page.get_by_role("button", name="Send it again"))
    expect(page.get_by_text("Saved: 2.1 is on track.")).to_be_visible()
    assert not _kept(page)

    # That page says that something was saved, which the next words were not.
    with away(url):
        _save(page, MORE)
        expect(page.get_by_role("heading", level=1)).to_have_text("The record cannot be reached just now")
    page.go_back()
    expect(page.get_by_label("What has happened since")).to_be_visible()
    assert _kept(page) == [MORE]
    visitor.go(f"{PLAN}/2/1/")
    page.get_by_role("button", name="Put it back").click()
    expect(page.get_by_label("What has happened since")).to_have_value(MORE)
