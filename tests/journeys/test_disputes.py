"""Disputes climb the ladder: to a failed mediation; resolved after a longer period; under the terms of 2020; by succession."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import PHONE

COUNCIL, NHS = "Royal Borough of Kensington and Chelsea", "Central London CCG"
PLAN, TERMS = "Dispute ladder of the 2018 plan", "Dispute ladder of the 2020 terms"


@pytest.fixture
def chairs(visit):
    """Those who stand for the two sides, each at a browser of their own."""
    return visit("council chair"), visit("nhs chair")


def raise_one(visitor, subject: str, on: str, *, ladder=PLAN, because="", parties=(COUNCIL, NHS)) -> str:
    """Raise a dispute on screen; returns its address."""
    page = visitor.page
    visitor.go("/disputes/")
    page.get_by_role("link", name="Raise a dispute").click()
    page.get_by_label("Subject").fill(subject)
    page.get_by_label("Clause or decision").fill("Section 3, equipment")
    page.get_by_label("Raised on").fill(on)
    for number, party, person in (
        (1, parties[0], "Co-chair for the councils"),
        (2, parties[1], "Co-chair for the NHS"),
    ):
        page.locator(f"#id_party_{number}").select_option(label=party)
        page.locator(f"#id_person_{number}").select_option(label=person)
    page.get_by_label("Ladder", exact=True).select_option(label=ladder)
    page.get_by_label("Why another ladder").fill(because)
    page.get_by_role("button", name="Raise it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(subject)
    return visitor.path


def refer(visitor, where: str, on: str) -> None:
    page = visitor.page
    visitor.go(where)
    page.get_by_role("link", name=re.compile("^Refer it to rung|^Start court")).click()
    page.get_by_label("Day of the written referral").fill(on)
    page.get_by_role("button", name="Record the referral").click()


def record(visitor, where: str, what: str, on: str, words: str = "") -> None:
    page = visitor.page
    visitor.go(where)
    page.get_by_role("link", name="Record what happened").click()
    page.get_by_label("What happened").select_option(label=what)
    page.get_by_label("On", exact=True).fill(on)
    page.get_by_label("In a sentence").fill(words)
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_role("status").first).to_have_text("Recorded.")


def test_a_dispute_climbs_to_a_failed_mediation_with_interim_relief_on_the_way(chairs, visit):
    council, nhs = chairs
    page = council.page
    where = raise_one(council, "Who pays for equipment", "2019-11-04")
    council.look()
    refer(council, where, "2019-11-11")
    expect(page.get_by_text("Rung 2, Executive.")).to_be_visible()
    record(nhs, where, "Interim relief asked for", "2019-11-20", "An injunction about the contract.")
    refer(council, where, "2019-12-09")
    expect(page.locator(".govuk-error-summary")).to_contain_text("It is open from 10 December 2019.")
    council.look()
    page.get_by_label("Day of the written referral").fill("2019-12-10")
    page.get_by_role("button", name="Record the referral").click()
    expect(page.get_by_text("Rung 3, Political.")).to_be_visible()
    refer(council, where, "2020-01-08")
    record(council, where, "Mediation starts", "2020-02-24")
    expect(page.get_by_text("Statements by: Monday 10 February 2020.")).to_be_visible()
    record(nhs, where, "Mediation failed", "2020-02-26")
    record(nhs, where, "Proceedings issued", "2020-03-02")
    expect(nhs.page.locator(".jcb-log__item").first).to_contain_text("Early")
    refer(council, where, "2020-03-12")
    expect(page.locator(".jcb-rung--here")).to_contain_text("5. Court")
    council.look()

    stranger = visit("observer", size=PHONE)
    stranger.go("/disputes/")
    expect(stranger.page.get_by_text("open between partners")).to_be_visible()
    expect(stranger.page.get_by_text("Who pays for equipment")).to_have_count(0)
    stranger.look()


def test_a_dispute_is_resolved_at_rung_two_after_a_longer_period_that_all_confirmed(chairs):
    council, nhs = chairs
    page = council.page
    where = raise_one(council, "One point of referral", "2020-08-10", because="A matter under Westminster’s plan.")
    refer(council, where, "2020-08-17")
    page.get_by_role("link", name="Propose a longer period").click()
    page.get_by_label("The new last day").fill("2020-10-30")
    page.get_by_role("button", name="Propose this day").click()
    expect(page.get_by_text("Until Friday 30 October 2020. Confirmed by Royal Borough")).to_be_visible()
    council.look()
    nhs.go(where)
    nhs.skip()
    nhs.enter(nhs.page.get_by_role("button", name="Confirm Friday 30 October 2020 for your party"))
    expect(nhs.page.get_by_text("All parties have confirmed: the period lasts until 30 October 2020.")).to_be_visible()
    nhs.page.get_by_role("link", name="Record that it is resolved").click()
    nhs.page.get_by_label("What was agreed").fill("One point of referral from January.")
    nhs.page.get_by_label(f"Who agreed for {COUNCIL}").fill("Director of Children’s Services")
    nhs.page.get_by_label(f"Who agreed for {NHS}").fill("Managing Director")
    nhs.look()
    nhs.page.get_by_role("button", name="Record the resolution").click()
    expect(nhs.page.get_by_text("Resolved on 10 September 2020.")).to_be_visible()
    nhs.look()
    nhs.go("/meetings/forward/")
    expect(nhs.page.get_by_role("link", name=re.compile("^Resolution of dispute 2020-"))).to_be_visible()


def test_a_dispute_under_the_terms_of_2020_has_no_periods(chairs):
    council, _ = chairs
    where = raise_one(council, "Sharing the school nursing team", "2020-07-06", ladder=TERMS)
    refer(council, where, "2020-07-13")
    page = council.page
    expect(page.get_by_text("Rung 2, Executive. The clause states no period for it.")).to_be_visible()
    expect(page.get_by_role("link", name="Propose a longer period")).to_have_count(0)
    expect(page.locator(".jcb-rung")).to_have_count(2)
    council.look()


def test_a_dispute_ends_by_succession_once_both_sides_are_one_body(chairs):
    council, _ = chairs
    page = council.page
    where = raise_one(council, "Two ways to count waits", "2020-07-20", ladder=TERMS, parties=("West London CCG", NHS))
    page.get_by_role("link", name="Record that the parties became one body").click()
    page.get_by_role("button", name="End the dispute").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("were not yet one body")
    council.go("/clock/")
    page.get_by_label("Day").fill("2021-04-02")
    page.get_by_role("button", name=re.compile("clock", re.IGNORECASE)).first.click()
    council.go(f"{where}succession/")
    page.get_by_label("The parties became one body on").fill("2021-04-01")
    page.get_by_role("button", name="End the dispute").click()
    expect(page.get_by_text("Ended by succession on 1 April 2021.")).to_be_visible()
    council.look()
