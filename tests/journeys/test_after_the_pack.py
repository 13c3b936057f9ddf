"""After the pack: a whole meeting in the room, its minutes until they are agreed, an action until it is closed, a decision
between meetings, and what families read."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.journeys.board_year import follow, press, said, see, set_clock

MEETING, LATER, LAST = "/meetings/2020-09-14/", "/meetings/2020-10-26/", "/meetings/2020-12-07/"
DEPUTY, TALK = "Commissioner for early years", "Waits are down at one clinic."
TEN_MINUTES = 600  # seconds within which owners hear of their actions


@pytest.fixture
def people(visit):
    return visit("secretariat"), visit("council chair"), visit("nhs chair"), visit("therapies")


def into(visitor, title: str) -> None:
    """Open an item in the room."""
    visitor.page.get_by_role("navigation", name="Items").get_by_role("link", name=title, exact=True).click()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(title)


def test_a_whole_meeting_and_its_minutes_from_draft_to_agreed(people, board, document_worker):
    secretary, council, _, owner = people
    page = secretary.page
    set_clock(secretary, "2020-09-28")
    page.get_by_label("Time").fill("10:30")
    press(secretary, "Set the clock")

    # An item that nobody expected is tabled, and somebody has an interest.
    secretary.go(f"{MEETING}agenda/add/")
    page.get_by_label("Title", exact=True).fill("A tabled paper on transport")
    page.get_by_label("What it is for").select_option(label="To note")
    page.locator("main form button[type=submit]").first.click()
    secretary.go(f"{MEETING}attendance/")
    for label in page.get_by_role(
        "combobox", name=re.compile("^(Head of Children’s|Assistant Director|Designated)")
    ).all():
        label.select_option(label="In the room")
    page.get_by_role("combobox", name=re.compile("deputy who may only speak")).select_option(label="In the room")
    page.get_by_role("combobox", name=re.compile(r"^Strategic Commissioner \(Therapies\)")).select_option(
        label="Online"
    )
    press(secretary, "Save the attendance list")
    said(page, "Quorum: council side")
    secretary.look()
    follow(secretary, "Declare an interest")
    page.get_by_label("Whose interest").select_option(label="Commissioner for therapies")
    page.get_by_label("Item", exact=True).select_option(label="School equipment: one way to order it")
    page.get_by_label("Kind").select_option(label="Financial")
    page.get_by_label("What the interest is").fill("Holds shares in a supplier.")
    press(secretary, "Declare it")
    said(page, "The interest is declared")

    # The room, item by item, by keyboard; somebody online leaves.
    secretary.go(f"{MEETING}room/")
    see(secretary, "Apologies and interests")
    titles = [link.inner_text() for link in page.get_by_role("navigation", name="Items").get_by_role("listitem").all()]
    into(secretary, "Autism: buying 60 assessments elsewhere")
    secretary.write(page.get_by_label("Key discussion"), TALK)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Health visiting: a new date for the contract")
    said(page, "Saved: Autism: buying 60 assessments elsewhere.")
    into(secretary, "Autism: buying 60 assessments elsewhere")
    follow(secretary, "Record a decision, party by party")
    page.get_by_label("What was decided").fill("Buy 60 assessments for the autumn and winter.")
    reserving = page.get_by_label("Position of West London CCG")
    for position in page.get_by_label(re.compile("^Position of ")).all():
        position.select_option(label="Agrees")
    reserving.select_option(label="Reserves its position")
    group = page.get_by_label("If it reserves: the body it must be put to").all()
    names = [each.inner_text() for each in page.locator("label").filter(has_text="Position of ").all()]
    at = next(n for n, name in enumerate(names) if "West London" in name and "Central" not in name)
    page.get_by_text(re.compile("^Words, condition or reservation")).nth(at).click()
    group[at].fill("Governing body")
    page.get_by_label("If it reserves: the answer is expected on").nth(at).fill("2020-10-13")
    press(secretary, "Record the decision")
    said(page, "Decision 2020-09/D1 is recorded. It is not final")
    expect(page.get_by_role("heading", level=1)).to_have_text("Autism: buying 60 assessments elsewhere")
    follow(secretary, "Record an action")
    page.get_by_label("What is to be done").fill("Place the order for the assessments.")
    page.get_by_label("Who answers for it").select_option(label="Commissioner for therapies")
    page.get_by_label("Due").fill("2020-11-30")
    press(secretary, "Record the action")
    said(page, "Action 2020-09/01 is recorded for Commissioner for therapies.")
    secretary.look()
    page.get_by_label("Who", exact=True).select_option(label="Commissioner for therapies")
    page.get_by_label("What", exact=True).select_option(label="Left before this item")
    press(secretary, "Record that they came or left")
    said(page, "left before this item")
    expect(page.get_by_role("region", name="Who is there")).to_contain_text("Not there for this item")

    # The meeting is not closed before everything is minuted.
    secretary.go(f"{MEETING}held/")
    page.get_by_label("Was there a quorum?").select_option(label="Yes")
    press(secretary, "Save")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Nothing is minuted yet of: Apologies and interests")
    secretary.go(f"{MEETING}room/")
    for _ in titles:
        heading = page.get_by_role("heading", level=1).inner_text()
        if heading.startswith("School equipment"):
            page.get_by_label("Key discussion").fill("One way to order was supported.")
        elif not heading.startswith("Autism"):
            page.get_by_label("There is nothing to minute").check()
        page.get_by_role("button", name=re.compile("^Save")).first.click()
        said(page, "Saved: ")
        secretary.go(f"{MEETING}room/")
        if page.get_by_role("link", name="Close the meeting").count():
            break
    follow(secretary, "Close the meeting")
    page.get_by_label("Was there a quorum?").select_option(label="Yes")
    closed_at = time.monotonic()
    press(secretary, "Save")
    said(page, "The meeting is marked as held.")
    letter = board.letters("therapies", "Action 2020-09/01")[0]
    assert time.monotonic() - closed_at < TEN_MINUTES
    assert "Place the order for the assessments." in letter.get_content()

    # Checked by the chair, sent round, disputed, agreed.
    council.go(f"{MEETING}minutes/")
    see(council, "Minutes")
    expect(council.page.get_by_text("Unconfirmed")).to_be_visible()
    follow(council, "Record that you checked them as the chair")
    press(council, "I have checked them")
    secretary.go(f"{MEETING}minutes/")
    follow(secretary, "Send them round for comment")
    press(secretary, "Send them round")
    said(page, "They are out for comment")
    owner.go(f"{MEETING}minutes/")
    owner.look()
    owner.page.get_by_role("link", name=re.compile("^Comment on paragraph 1 of Autism")).click()
    owner.page.get_by_label("Your comment").fill("They are down at two clinics.")
    press(owner, "Send the comment")
    secretary.go(f"{MEETING}minutes/")
    follow(secretary, re.compile("^Answer comment 1"))
    page.get_by_label("Disputed, for the meeting").check()
    page.get_by_label("Answer", exact=True).fill("The meeting settles it.")
    press(secretary, "Save")
    set_clock(secretary, "2020-10-26")
    page.get_by_label("Time").fill("10:30")
    press(secretary, "Set the clock")
    secretary.go(f"{MEETING}minutes/agree/")
    page.get_by_label("At a meeting").check()
    page.get_by_label("At which meeting").select_option(label="26 October 2020")
    press(secretary, "They were agreed")
    expect(page.locator(".govuk-error-summary")).to_contain_text("1 comment is not settled.")
    secretary.go(f"{MEETING}minutes/")
    follow(secretary, re.compile("^Answer comment 1"))
    page.get_by_label("Taken in", exact=True).check()
    page.get_by_label("Taken in: the paragraph as it reads now").fill("Waits are down at two clinics.")
    press(secretary, "Save")
    secretary.go(f"{MEETING}minutes/agree/")
    page.get_by_label("At a meeting").check()
    page.get_by_label("At which meeting").select_option(label="26 October 2020")
    press(secretary, "They were agreed")
    said(page, "Agreed.")
    expect(page.get_by_role("main")).to_contain_text("Agreed on 26 October 2020 at the meeting of 26 October 2020.")
    expect(page.get_by_role("main")).to_contain_text("Waits are down at two clinics.")
    expect(page.get_by_text("Unconfirmed")).to_have_count(0)
    secretary.look()


def test_an_action_is_carried_across_a_cancelled_meeting_until_the_board_closes_it(people):
    secretary, _, _, owner = people
    page, number = secretary.page, "2020-02/01"
    set_clock(secretary, "2020-10-20")
    secretary.go(LATER)
    follow(secretary, "Cancel it")
    takes = page.get_by_label("Which meeting takes what was planned for it?")
    takes.select_option(value=takes.locator("option", has_text="7 December 2020").get_attribute("value"))
    page.get_by_label("Why").fill("The hall is flooded.")
    press(secretary, "Cancel it and tell everyone")
    secretary.go(f"{LAST}agenda/")
    carried = page.get_by_role("region", name="Actions carried to this meeting")
    expect(carried).to_contain_text(number)
    expect(carried).to_contain_text("Meeting of 17 February 2020, School equipment: who pays for re-use")
    secretary.look()
    owner.go("/meetings/actions/2020-02/1/")
    follow(owner, "Say how it stands")
    owner.page.get_by_label(re.compile("^How")).first.fill("All three options are costed.")
    owner.page.get_by_role("checkbox").check()
    press(owner, "Save")
    expect(owner.page.get_by_role("main")).to_contain_text("Proposed done")
    set_clock(secretary, "2020-12-07")
    page.get_by_label("Time").fill("12:00")
    press(secretary, "Set the clock")
    secretary.go("/meetings/actions/2020-02/1/")
    follow(secretary, "Record that the Board closed it")
    page.get_by_label(re.compile("meeting", re.IGNORECASE)).first.select_option(label="7 December 2020")
    press(secretary, "Close it")
    expect(page.get_by_role("main")).to_contain_text("Closed on 7 December 2020")


def test_a_decision_between_meetings_is_ratified_by_the_next(people):
    secretary = people[0]
    page = secretary.page
    set_clock(secretary, "2020-09-12")
    secretary.go("/meetings/decisions/")
    follow(secretary, re.compile("between meetings"))
    page.get_by_label("What was decided").fill("Keep the helpline open until November.")
    page.get_by_label("How it was decided").select_option(index=1)
    page.get_by_label("Why it could not wait").fill("The contract ends this week.")
    page.get_by_label("Decided on").fill("2020-09-11")
    for position in page.get_by_label(re.compile("^Position of ")).all():
        position.select_option(label="Agrees")
    press(secretary, "Record the decision")
    said(page, "It is provisional until a meeting ratifies it.")
    where = secretary.path
    set_clock(secretary, "2020-09-28")
    page.get_by_label("Time").fill("11:00")
    press(secretary, "Set the clock")
    secretary.go(where if "/decisions/2020" in where else "/meetings/decisions/2020-09/1/")
    follow(secretary, "Record that a meeting took it up")
    page.get_by_label("Which meeting took it up").select_option(label="28 September 2020")
    page.get_by_label("What it said").select_option(label="Ratified")
    page.locator("main form button[type=submit]").first.click()
    expect(page.get_by_role("main")).to_contain_text(re.compile("[Rr]atified.*28 September 2020", re.DOTALL))
    secretary.look()


def test_families_read_what_the_board_did_once_it_is_approved_and_published(people, visit, browser, board):
    secretary, council, _, _ = people
    where, title = "/meetings/2020-06-22/families/", "What the Board did in June"
    secretary.go(where)
    see(secretary, title)
    secretary.page.get_by_label("Title").fill("What the Board did in June 2020")
    press(secretary, "Save")
    said(secretary.page, "A member of the Board approves it before it is public.")
    council.go(where)
    press(council, "Approve it for publication")
    said(council.page, "Approved.")
    secretary.go(where)
    press(secretary, "Publish it")
    said(secretary.page, "It is public now.")
    outside = browser.new_context().new_page()
    outside.goto(f"{board.url}/board/")
    outside.get_by_role("link", name="What the Board did in June 2020").click()
    expect(outside.get_by_role("heading", level=1)).to_have_text("What the Board did in June 2020")
    expect(outside.get_by_role("main")).to_contain_text("Health visiting goes on as it is for six more months.")
    expect(outside.get_by_role("main")).not_to_contain_text("price")
    outside.context.close()
    secretary.go("/board/2020-06-22/")
    secretary.look()


def test_what_is_typed_in_the_room_survives_a_lost_network(people):
    secretary = people[0]
    page = secretary.page
    secretary.go("/meetings/2020-08-03/room/")
    into(secretary, "Horizon scanning")
    box = page.get_by_label("Key discussion")
    box.fill("Typed while the network was going.")
    secretary.context.set_offline(True)
    press(secretary, re.compile("^Save"))
    expect(page.get_by_role("alert")).to_contain_text("There is no network, so nothing was sent.")
    expect(box).to_have_value("Typed while the network was going.")
    secretary.context.set_offline(False)
    page.reload()
    expect(box).not_to_have_value("Typed while the network was going.")
    press(secretary, "Put it back")
    expect(box).to_have_value("Typed while the network was going.")
    press(secretary, re.compile("^Save$"))
    said(page, "Saved: Horizon scanning.")
    page.reload()
    expect(page.get_by_text("You typed something here that was not saved")).to_have_count(0)
    expect(box).to_have_value("Typed while the network was going.")
