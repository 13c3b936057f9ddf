"""The reference records, by people who have never seen Django: a partner, a new person, the history."""

import re

from playwright.sync_api import expect


def test_secretariat_changes_a_partner_and_the_history_says_so(visit):
    visitor = visit("secretariat")
    page = visitor.page
    visitor.go("/")
    page.get_by_role("link", name="Reference records").click()
    visitor.look()
    page.get_by_role("main").get_by_role("link", name="Partners", exact=True).click()
    visitor.look()
    page.get_by_role("link", name="NHS North West London CCG").first.click()
    visitor.look()
    page.get_by_label("Short name").fill("NWL CCG")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text(re.compile("changed successfully|was saved|Saved"))).to_be_visible()
    page.get_by_role("link", name="NHS North West London CCG").first.click()
    page.get_by_role("link", name="History").click()
    expect(page.get_by_role("main")).to_contain_text("Secretary for play")
    expect(page.get_by_role("main")).to_contain_text("NWL CCG")
    visitor.look()


def test_administrator_adds_a_person_by_keyboard_alone(visit):
    visitor = visit("administrator")
    page = visitor.page
    visitor.go("/admin/")
    visitor.enter(page.get_by_role("main").get_by_role("link", name="People", exact=True))
    visitor.enter(page.get_by_role("link", name=re.compile("^Add person", re.IGNORECASE)))
    visitor.look()
    visitor.write(page.get_by_label("Name", exact=False).first, "Commissioner for sport")
    visitor.write(page.get_by_label(re.compile("^E-mail address")), "sport@play.example")
    visitor.reach(page.get_by_label(re.compile("^Role")))
    page.keyboard.type("Comm")
    visitor.enter(page.get_by_role("button", name="Save", exact=True))
    expect(page.get_by_role("main")).to_contain_text("Commissioner for sport")


def test_secretariat_may_look_at_people_and_change_none(visit):
    visitor = visit("secretariat")
    page = visitor.page
    visitor.go("/admin/jcb/person/")
    expect(page.get_by_role("link", name=re.compile("^Add person", re.IGNORECASE))).to_have_count(0)
    page.get_by_role("link", name="Director for play").click()
    expect(page.get_by_role("button", name="Save", exact=True)).to_have_count(0)
    visitor.look()
