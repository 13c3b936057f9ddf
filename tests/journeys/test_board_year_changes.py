"""What a year brings that nobody planned: a meeting is cancelled after its pack went out, and the terms change half-way."""

import re

import pytest
from playwright.sync_api import expect

from jcb import pdf
from tests.journeys.board_year import MAKING, choose, follow, press, said, see, set_clock
from tests.papers import scan

CANCELLED, TAKES_OVER = "/meetings/2020-09-14/", "/meetings/2020-10-26/"
AUTISM, PAPER = "Autism: buying 60 assessments elsewhere", "Buying autism assessments: options and cost"
BECAUSE = "Both co-chairs are ill."


@pytest.mark.pdf
@pytest.mark.skipif(not pdf.is_available(), reason=pdf.UNAVAILABLE)
def test_meeting_is_cancelled_by_keyboard_and_what_waited_for_it_goes_to_another(visit, document_worker):
    secretary, member = visit("secretariat"), visit("member")
    page = secretary.page
    set_clock(secretary, "2020-09-24")
    secretary.go(f"{CANCELLED}agenda/")
    follow(secretary, re.compile(AUTISM), "papers", PAPER)
    choose(page, "options.pdf", scan(pages=2))
    said(page, "Handed in as version 1.")
    secretary.go(f"{CANCELLED}pack/publish/")
    press(secretary, "Publish and send")
    said(page, "The e-mails are on their way.", MAKING)
    member.go("/meetings/calendar/")
    see(member, "Your calendar address")
    press(member, "Make my calendar address")
    address = member.page.get_by_label("In your calendar").input_value()
    member.look()
    before = _event(member.context.request.get(address).text(), "2020-09-14")
    assert "STATUS:CONFIRMED" in before
    assert AUTISM in before

    secretary.go(CANCELLED)
    secretary.skip()
    secretary.enter(page.get_by_role("link", name="Cancel it"))
    see(secretary, "Cancel the meeting")
    secretary.enter(page.get_by_role("button", name="Cancel it and tell everyone"))
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    secretary.look()
    secretary.reach(page.get_by_label("Which meeting takes what was planned for it?"))
    page.keyboard.type("Monday 26")
    secretary.write(page.get_by_label("Why"), BECAUSE)
    secretary.enter(page.get_by_role("button", name="Cancel it and tell everyone"))
    said(page, "The meeting is cancelled, and everyone concerned is told.")
    expect(page.get_by_role("main")).to_contain_text("What was published for it stays here.")
    secretary.look()

    follow(secretary, "meeting of 26 October 2020")
    items = page.get_by_role("region", name="On the agenda")
    expect(items).to_contain_text(AUTISM)
    expect(items).to_contain_text("Deep dive: Evaluation")
    see(secretary, "Monday 26 October 2020, 10:00")
    follow(secretary, "Agenda", re.compile(AUTISM), "papers")
    see(secretary, "1 paper for this item")
    expect(page.get_by_role("listitem").filter(has_text=PAPER)).to_contain_text("Version 1, 2 pages")

    member.go(f"{CANCELLED}pack/read/")
    expect(member.page.get_by_role("main")).to_contain_text(AUTISM)
    told = member.board.letters("member", "The meeting of Monday 28 September 2020")
    assert len(told) == 1, "Everyone is told once."
    for words in ("is cancelled", BECAUSE, "goes to the meeting of Monday 26 October 2020", "What was published"):
        assert words in " ".join(told[0].get_content().split())
    after = _event(member.context.request.get(address).text(), "2020-09-14")
    assert "STATUS:CANCELLED" in after
    assert "Passed on to the meeting of Monday 26 October 2020" in after
    assert _sequence(after) > _sequence(before), "A calendar takes the entry only where its number has grown."
    member.go("/meetings/")
    expect(member.page.get_by_role("listitem").filter(has_text="Monday 28 September")).to_contain_text("Cancelled")
    member.look()


def _event(calendar: str, key: str) -> str:
    """One event of a calendar, its folded lines joined and its commas plain."""
    plain = calendar.replace("\r\n ", "").replace("\\,", ",")
    return next(event for event in plain.split("BEGIN:VEVENT") if f"UID:{key}@" in event)


def _sequence(event: str) -> int:
    return int(re.search(r"SEQUENCE:(\d+)", event)[1])


def test_terms_change_in_mid_year_and_later_meetings_follow_them(visit, document_worker):
    secretary = visit("secretariat")
    page = secretary.page
    secretary.go("/terms/")
    follow(secretary, "Start a new version")
    see(secretary, "Start a new version")
    press(secretary, "Start it")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Give the version a title.")
    secretary.look()
    page.get_by_label("Title").fill("Terms of reference, April 2021")
    page.get_by_label("Short name").fill("2021")
    page.get_by_label("In force from").fill("2021-04-01")
    press(secretary, "Start it")
    said(page, "“Terms of reference, April 2021” start as a copy. Change now what is to be different.")
    expect(page.get_by_role("region", name="The Board acts for")).to_contain_text("NHS North West London")
    see(secretary, "Terms of reference, April 2021")

    follow(secretary, "Change rules and purpose")
    page.get_by_label("Length in minutes").fill("90")
    page.get_by_label("Usual or first place").fill("Westminster City Hall")
    page.get_by_label("Papers go out before the meeting").fill("7")
    page.get_by_label("Days or hours").select_option(label="days")
    see(secretary, "Change rules and purpose")
    press(secretary, "Save")
    said(
        page,
        "Saved: Terms of reference, April 2021. 3 coming meetings changed with it, and everyone concerned is told.",
    )
    follow(secretary, "Change clauses")
    box = page.get_by_label("Principles")
    box.fill(f"{box.input_value()}\n\nFamilies see what the Board decides within a week.")
    see(secretary, "Change clauses")
    press(secretary, "Save")
    said(page, "1 clause changed.")

    follow(secretary, "What changed between these and Terms of reference, 2020")
    expect(page.locator("ins", has_text="Families see what the Board decides within a week.")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Westminster City Hall")
    expect(page.get_by_role("region", name="Purpose and membership")).to_have_text(
        re.compile(r"^\s*Purpose and membership\s+3 points say the same\.\s*$")
    )
    see(secretary, "What changed")

    secretary.go("/meetings/2021-04-12/")
    expect(page.get_by_role("main")).to_contain_text("Westminster City Hall, until 11:30")
    expect(page.get_by_role("main")).to_contain_text("Papers go out on Monday 5 April, 10:00.")
    expect(page.get_by_role("link", name="Terms of reference, April 2021")).to_be_visible()
    secretary.look()
    secretary.go("/meetings/2021-03-01/")
    expect(page.get_by_role("main")).to_contain_text("Kensington Town Hall, until 12:00")
    expect(page.get_by_role("link", name="Terms of reference, 2020")).to_be_visible()
    (told,) = secretary.board.letters("member", "Terms of reference, April 2021: what changes for coming meetings")
    said_to_all = " ".join(told.get_content().split())
    assert "Monday 12 April 2021, 10:00: 90 minutes, Westminster City Hall." in said_to_all
    assert "1 March" not in said_to_all
    secretary.go("/terms/")
    see(secretary, "Terms of reference")
