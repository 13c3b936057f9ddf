"""What was typed survives an expired sign-in, a lost network and a refusal; signing out clears it."""

import json

from playwright.sync_api import expect

from tests.make import PASSWORD

PLAN = "/plans/kensington-and-chelsea-2020"
WORDS = "A long afternoon’s work in three sentences."


def _box(page):
    return page.get_by_label("What has happened since")


def _kept(page) -> dict[str, str]:
    """What this browser keeps of ours."""
    kept = page.evaluate("() => Object.fromEntries(Object.entries(localStorage))")
    return {key: value for key, value in kept.items() if key.startswith("jcb:")}


def _sign_in(visitor):
    visitor.page.get_by_label("E-mail address").fill(visitor.board.cast["commissioner"]["email"])
    visitor.page.get_by_label("Password").fill(PASSWORD)
    visitor.page.get_by_role("button", name="Continue").click()


def test_words_are_offered_back_after_the_sign_in_ran_out(visit):
    visitor = visit("commissioner")
    page = visitor.page
    visitor.go(f"{PLAN}/2/1/")
    _box(page).fill(WORDS)
    visitor.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Save update").click()
    expect(page.get_by_text("your words are kept in this browser")).to_be_visible()
    _sign_in(visitor)

    expect(page.get_by_text("Deliverable 2.1,")).to_be_visible()
    expect(_box(page)).to_have_value("")
    expect(page.get_by_text("You typed something here that was not saved")).to_be_visible()
    visitor.look()
    page.get_by_role("button", name="Put it back").click()
    expect(_box(page)).to_have_value(WORDS)
    expect(_box(page)).to_be_focused()
    page.get_by_role("button", name="Save update").click()
    expect(page.get_by_text("Saved: 2.1 is on track.")).to_be_visible()
    assert not _kept(page), "What the server has is no longer kept here."
    page.reload()
    expect(page.get_by_text("You typed something here")).to_have_count(0)


def test_words_are_offered_back_after_the_network_was_lost(visit):
    visitor = visit("commissioner")
    page = visitor.page
    visitor.go(f"{PLAN}/2/2/")
    _box(page).fill(WORDS)
    visitor.context.set_offline(True)
    page.get_by_role("button", name="Save update").click()
    expect(page.get_by_role("alert")).to_contain_text("There is no network, so nothing was sent.")
    visitor.context.set_offline(False)
    visitor.go(f"{PLAN}/2/2/")
    page.get_by_role("button", name="Put it back").click()
    expect(_box(page)).to_have_value(WORDS)


def test_words_are_offered_back_after_the_tab_was_closed(visit):
    visitor = visit("commissioner")
    visitor.go(f"{PLAN}/2/3/")
    _box(visitor.page).press_sequentially("Half a thou")
    visitor.page.close()
    visitor.page = visitor.context.new_page()
    visitor.go(f"{PLAN}/2/3/")
    visitor.page.get_by_role("button", name="Put it back").click()
    expect(_box(visitor.page)).to_have_value("Half a thou")


def test_words_stay_in_the_box_after_a_refusal_and_are_offered_to_nobody_twice(visit):
    visitor = visit("commissioner")
    page = visitor.page
    visitor.go(f"{PLAN}/3/1/")
    page.get_by_label("Complete").check()
    _box(page).fill(WORDS)
    page.get_by_role("button", name="Save update").click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    expect(_box(page)).to_have_value(WORDS)
    expect(page.get_by_text("You typed something here")).to_have_count(0)


def test_words_can_be_thrown_away(visit):
    visitor = visit("commissioner")
    page = visitor.page
    visitor.go(f"{PLAN}/3/2/")
    _box(page).fill(WORDS)
    page.reload()
    visitor.enter(page.get_by_role("button", name="Throw it away"))
    expect(page.get_by_text("You typed something here")).to_have_count(0)
    assert not _kept(page)


def test_words_of_one_row_stay_kept_when_only_another_row_was_saved(visit):
    visitor = visit("deputy")
    page = visitor.page
    visitor.go("/round/")
    page.get_by_role("group", name="3.1").get_by_label("What has happened").fill(WORDS)
    page.get_by_role("group", name="3.2").get_by_role("button", name="No change").click()
    expect(page.get_by_role("group", name="3.2")).to_contain_text("Saved")
    visitor.go("/round/")
    page.get_by_role("group", name="3.1").get_by_role("button", name="Put it back").click()
    expect(page.get_by_role("group", name="3.1").get_by_label("What has happened")).to_have_value(WORDS)


def test_words_of_a_saved_row_are_not_offered_back_because_another_was_refused(visit):
    visitor = visit("commissioner")
    page = visitor.page
    visitor.go("/round/")
    page.get_by_role("group", name="5.1").get_by_label("What has happened").fill(WORDS)
    page.get_by_role("group", name="5.2").get_by_label("Status now").select_option(label="Complete")
    page.get_by_role("group", name="5.2").get_by_label("What has happened").fill("All is done.")
    page.get_by_role("button", name="Save all").last.click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("1 saved, 1 needs a word from you")
    visitor.go("/round/")
    expect(page.get_by_role("group", name="5.1").get_by_text("You typed something here")).to_have_count(0)
    expect(page.get_by_role("group", name="5.2").get_by_text("You typed something here")).to_be_visible()


def test_signing_out_clears_what_was_typed_and_touches_nobody_elses(visit):
    visitor = visit("secretariat")
    page = visitor.page
    visitor.go(f"{PLAN}/3/3/")
    page.get_by_text("Log progress", exact=True).click()
    _box(page).fill(WORDS)
    assert WORDS in json.loads(next(iter(_kept(page).values())))["text"]
    page.evaluate("() => localStorage.setItem('jcb:0:/round/:x', JSON.stringify({text: 'theirs'}))")
    visitor.go("/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert set(_kept(page)) == {"jcb:0:/round/:x"}
