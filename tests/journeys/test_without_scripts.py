"""Everything works in a browser that runs no scripts."""

import re

from playwright.sync_api import expect

from tests.make import PASSWORD

DELIVERABLE = "/plans/kensington-and-chelsea-2020/2/1/"


def test_commissioner_signs_in_filters_and_logs_progress_without_scripts(visit):
    visitor = visit(scripts=False)
    page = visitor.page
    visitor.go("/deliverables/")
    page.get_by_label("E-mail address").fill(visitor.board.cast["commissioner"]["email"])
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()

    expect(page.get_by_role("heading", name="62 deliverables")).to_be_visible()
    page.get_by_label("Owner", exact=True).select_option(label="Me")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name=re.compile("^8 of 62 deliverables"))).to_be_visible()
    page.get_by_role("link", name=re.compile("^2.1 ")).click()

    page.get_by_label("At risk").check()
    page.get_by_role("button", name="Save update").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    page.get_by_role("link", name="Say why it is at risk.").click()
    page.get_by_label("What has happened since").fill("The contract waits for a signature.")
    page.get_by_role("button", name="Save update").click()
    expect(page.get_by_text("Saved: 2.1 is at risk.")).to_be_visible()
    expect(page.locator("#main-content .jcb-log__item").first).to_contain_text("The contract waits for a signature.")


def test_menu_of_a_phone_is_open_without_scripts(visit):
    visitor = visit("member", scripts=False, size={"width": 320, "height": 700})
    visitor.go("/")
    for words in ("Home", "Plans", "Deliverables"):
        expect(visitor.page.get_by_role("navigation", name="Menu").get_by_role("link", name=words)).to_be_visible()
    visitor.fits(320)


def test_my_round_is_saved_without_scripts(visit):
    visitor = visit("deputy", scripts=False)
    page = visitor.page
    visitor.go("/round/")
    row = page.get_by_role("group", name=re.compile("^3.3 "))
    row.get_by_label("What has happened").fill("The pilot has begun.")
    page.get_by_role("button", name="Save all").last.click()
    expect(page.get_by_text("1 saved.")).to_be_visible()
