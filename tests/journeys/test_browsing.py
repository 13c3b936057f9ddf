"""Browse: sign in, home, plan, workstream, deliverable, list, CSV, an earlier day, themes."""

import csv
import re

from playwright.sync_api import expect

from tests.make import PASSWORD

READS_ONLY = True
NEW = "kensington-and-chelsea-2020"


def _sign_in(visitor):
    page = visitor.page
    page.get_by_label("E-mail address").fill(visitor.board.cast["commissioner"]["email"])
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()


def test_commissioner_browses_from_the_sign_in_to_one_deliverable(visit):
    visitor = visit()
    page = visitor.page
    visitor.go("/")
    assert visitor.path.startswith("/accounts/login/"), "Nothing is shown to somebody who has not signed in."
    visitor.look()
    _sign_in(visitor)

    expect(page.get_by_role("heading", level=1)).to_have_text("Your round for Monday 28 September")
    expect(page.get_by_role("heading", name="What needs you")).to_be_visible()
    page.get_by_role("link", name="See the plan of Kensington and Chelsea").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kensington and Chelsea, January 2020")
    page.get_by_role("link", name="Emotional health and wellbeing").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Emotional health and wellbeing")
    page.get_by_role("link", name=re.compile("^3.1 ")).click()
    expect(page.get_by_text("Deliverable 3.1,")).to_be_visible()
    expect(page.get_by_role("heading", name="Log", exact=True)).to_be_visible()
    page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name="Deliverables").click()
    expect(page.get_by_role("heading", name="62 deliverables")).to_be_visible()


def test_list_is_filtered_at_once_and_the_address_says_how(visit):
    visitor = visit("member")
    page = visitor.page
    visitor.go("/deliverables/")
    page.get_by_label("Plan", exact=True).select_option(label="Kensington and Chelsea, January 2020")
    expect(page.get_by_role("heading", name="35 of 62 deliverables")).to_be_visible()
    page.get_by_label("Status", exact=True).select_option(label="Complete")
    expect(page.get_by_role("link", name="Remove filter: Status: Complete")).to_be_visible()
    expect(page).to_have_url(re.compile(r"plan=kensington-and-chelsea-2020.*status=complete"))
    visitor.look()

    page.get_by_role("link", name="Remove filter: Plan").click()
    expect(page.get_by_role("link", name="Remove filter: Plan")).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("link", name="Remove filter: Plan")).to_be_visible()
    expect(page.get_by_label("Plan", exact=True)).to_have_value(NEW)
    page.get_by_role("link", name="Due", exact=True).click()
    expect(page.get_by_role("columnheader", name="Due")).to_have_attribute("aria-sort", "ascending")


def test_list_is_downloaded_as_it_is_filtered(visit, tmp_path):
    visitor = visit("member")
    visitor.go(f"/deliverables/?plan={NEW}&status=complete")
    shown = visitor.page.locator("tbody tr").count()
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("link", name="Download this list (CSV)").click()
    kept = tmp_path / "list.csv"
    download.value.save_as(kept)
    with kept.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert download.value.suggested_filename == "deliverables-2020-09-10.csv"
    assert len(rows) == shown > 0
    assert {row["Status"] for row in rows} == {"Complete"}


def test_an_earlier_day_is_chosen_shown_and_left_again(visit):
    visitor = visit("member")
    page = visitor.page
    visitor.go(f"/plans/{NEW}/")
    page.get_by_label("As it was on").fill("2020-03-12")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("As at 12 March 2020.")).to_be_visible()
    visitor.look()
    page.get_by_role("link", name=re.compile("^3. Emotional")).click()
    expect(page.get_by_text("As at 12 March 2020.")).to_be_visible()
    page.get_by_role("link", name=re.compile("^3.1 ")).click()
    expect(page.get_by_text("As at 12 March 2020.")).to_be_visible()
    expect(page.get_by_text("Log progress")).to_have_count(0)
    page.get_by_role("link", name="Show today").click()
    expect(page.get_by_text("As at 12 March 2020.")).to_have_count(0)


def test_theme_matrix_leads_to_what_a_workstream_has_considered(visit):
    visitor = visit("member")
    page = visitor.page
    visitor.go(f"/plans/{NEW}/")
    page.get_by_role("link", name="5 themes, and what is considered").click()
    matrix = page.get_by_role("table", name="Workstreams by themes")
    assert matrix.get_by_role("row").count() == 8, "Seven workstreams and the heads."
    assert matrix.get_by_role("cell").count() == 35
    matrix.get_by_role("link", name=re.compile("^1. ")).click()
    expect(page.get_by_role("heading", name="Themes considered")).to_be_visible()


def test_everything_is_browsed_by_keyboard_alone(visit):
    visitor = visit()
    page = visitor.page
    visitor.go("/")
    visitor.write(page.get_by_label("E-mail address"), visitor.board.cast["commissioner"]["email"])
    visitor.write(page.get_by_label("Password"), PASSWORD)
    visitor.enter(page.get_by_role("button", name="Continue"))

    expect(page.get_by_role("heading", level=1)).to_have_text("Your round for Monday 28 September")
    visitor.skip()
    visitor.enter(page.get_by_role("link", name="See the plan of Kensington and Chelsea"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Kensington and Chelsea, January 2020")
    visitor.skip()
    visitor.enter(page.get_by_role("link", name="Emotional health and wellbeing").first)
    expect(page.get_by_role("heading", level=1)).to_have_text("Emotional health and wellbeing")
    visitor.skip()
    visitor.enter(page.get_by_role("link", name=re.compile("^3.1 ")))
    expect(page.get_by_text("Deliverable 3.1,")).to_be_visible()
    visitor.enter(page.get_by_role("navigation", name="Menu").get_by_role("link", name="Deliverables"))

    expect(page.get_by_role("heading", name="62 deliverables")).to_be_visible()
    visitor.skip()
    visitor.reach(page.get_by_label("Status", exact=True))
    page.keyboard.type("Comp")
    visitor.enter(page.get_by_role("button", name="Show"))
    chip = page.get_by_role("link", name="Remove filter: Status: Complete")
    expect(chip).to_be_visible()
    visitor.enter(chip)
    expect(page.get_by_role("heading", name="62 deliverables")).to_be_visible()

    visitor.enter(page.get_by_role("navigation", name="Menu").get_by_role("link", name="Plans"))
    visitor.enter(page.get_by_role("link", name="Kensington and Chelsea, January 2020"))
    visitor.enter(page.get_by_role("link", name="5 themes, and what is considered"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Themes: what each workstream has considered")
    visitor.skip()
    visitor.reach(page.get_by_role("button", name="Show"))
    visitor.enter(page.get_by_role("link", name="Sign out"))
    visitor.enter(page.get_by_role("main").get_by_role("button", name="Sign out"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_menu_of_a_phone_opens_and_closes_by_keyboard(visit):
    visitor = visit("member", size={"width": 390, "height": 844})
    page = visitor.page
    visitor.go("/")
    menu = page.get_by_role("button", name="Menu")
    plans = page.get_by_role("navigation", name="Menu").get_by_role("link", name="Plans")
    expect(plans).to_be_hidden()
    visitor.reach(menu)
    visitor.press("Enter")
    expect(menu).to_have_attribute("aria-expanded", "true")
    expect(plans).to_be_visible()
    assert visitor.contrasts() == [], "What only a phone shows can be read."
    visitor.enter(plans)
    expect(page.get_by_role("heading", level=1)).to_have_text("Plans")


def test_home_answers_on_the_first_screen_of_a_phone(visit):
    visitor = visit("member", size={"width": 390, "height": 844})
    visitor.go("/")
    say = visitor.page.locator(".jcb-headline__say").bounding_box()
    needs = visitor.page.get_by_role("heading", name="What needs you").bounding_box()
    assert say["y"] + say["height"] < 844, "How the programme stands is said before anybody scrolls."
    assert needs["y"] < 844, "What needs me begins before anybody scrolls."


def test_paper_has_no_menus_and_keeps_the_marks(visit):
    visitor = visit("commissioner")
    page = visitor.page
    page.emulate_media(media="print")
    for path in ("/", f"/plans/{NEW}/", f"/plans/{NEW}/3/1/", "/deliverables/"):
        visitor.go(path)
        for part in (".govuk-service-navigation", ".govuk-breadcrumbs", ".govuk-footer", ".jcb-filters", "button"):
            for found in page.locator(part).all():
                expect(found).to_be_hidden()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        mark = page.locator(".jcb-status").first
        assert mark.evaluate("e => getComputedStyle(e, '::before').printColorAdjust") == "exact"


def test_from_what_a_parent_said_to_a_deliverables_latest_update_and_back_in_six_presses(visit):
    visitor = visit("member")
    page = visitor.page
    visitor.go("/")
    page.get_by_role("navigation", name="Menu").get_by_role("link", name="Needs").click()
    page.get_by_role("link", name="What families said").click()
    said = page.get_by_role("article").filter(has_text="We wait too long")
    said.get_by_role("link", name=re.compile(r"^5\.4 ")).click()
    expect(page.get_by_role("heading", name="Log", exact=True)).to_be_visible()  # three presses
    expect(page.locator(".jcb-log__item").first).to_be_visible()
    page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name="Autism", exact=False).click()
    page.get_by_role("link", name="Golden thread").click()
    page.get_by_role("link", name=re.compile("^We wait too long")).click()
    expect(page).to_have_url(re.compile(r"/needs/said/#s\d+$"))
    visitor.look()
