"""The Board's year as its secretariat goes through it: terms, calendar, forward plan, agenda, round, papers, pack, supplement."""

import io
import re

import pikepdf
import pytest
from playwright.sync_api import Page, expect

from governance.papers import office
from jcb import pdf
from tests.journeys.board_year import MAKING, choose, follow, press, said, see, set_clock
from tests.journeys.conftest import PHONE, Visitor
from tests.papers import HEADINGS, docx_with_styles, paragraph, scan
from tests.papers import pdf as plain_pdf

pytestmark = [
    pytest.mark.pdf,
    pytest.mark.office,
    pytest.mark.skipif(not pdf.is_available(), reason=pdf.UNAVAILABLE),
    pytest.mark.skipif(not office.is_available(), reason=office.UNAVAILABLE),
]
MEETING = "/meetings/2020-10-26/"
EQUIPMENT = "Occupational therapy equipment: funding it for good"
WAITS = "Mental health: waits since schools went back"
AUTUMN = "Report to the Children and Families Act Executive Board, autumn"
DIVE = "Deep dive: Innovation"
PRICE = "Price of the therapies contract"
LATE = "Winter: more places for assessments"
ASKED = "Agree that equipment is paid for from the pooled budget."


def test_secretariat_takes_the_board_from_its_terms_to_a_supplement(visit, document_worker):
    secretary = visit("secretariat")
    looks_at_the_terms_in_force(secretary)
    plans_a_year_of_meetings(secretary)
    spreads_the_deep_dives_and_parks_an_idea(secretary)

    set_clock(secretary, "2020-10-05")
    records_that_the_last_meeting_was_held(secretary)
    makes_the_agenda_by_keyboard(secretary)
    adds_a_restricted_item_with_one_invitation(secretary)
    opens_the_round(secretary)
    lead_answers(visit("commissioner"))
    lead_writes_highlights(visit("therapies"))
    sees_who_has_answered(secretary)

    types_a_front_sheet(secretary)
    asks_the_lead_for_a_paper(secretary)
    author_hands_in_word(visit("commissioner"))
    hands_in_the_other_papers(secretary)

    set_clock(secretary, "2020-10-22")
    builds_a_draft_and_looks_at_it(secretary)
    publishes(secretary)
    pack_came_round(visit, secretary)

    set_clock(secretary, "2020-10-24")
    sends_a_late_item_as_a_supplement(visit, secretary)


# What is done again and again -----------------------------------------------------------------------------------------


def open_item(visitor: Visitor, title: str) -> None:
    visitor.go(f"{MEETING}agenda/")
    follow(visitor, re.compile(re.escape(title)))
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(title)


def word(*paragraphs: str) -> bytes:
    """A paper as an author types it in Word: a heading and paragraphs."""
    head, *rest = paragraphs
    return docx_with_styles(paragraph(head, style="Heading1") + "".join(paragraph(text) for text in rest), HEADINGS)


def ask_for_a_paper(visitor: Visitor, item: str, title: str, author: str = "") -> None:
    open_item(visitor, item)
    follow(visitor, "papers")
    page = visitor.page
    page.get_by_label("Title").fill(title)
    if author:
        page.get_by_label("Author").select_option(label=author)
    press(visitor, "Ask for it")
    follow(visitor, title)
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


# The steps ------------------------------------------------------------------------------------------------------------


def looks_at_the_terms_in_force(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/")
    page.get_by_role("navigation", name="Menu").get_by_role("link", name="Meetings").click()
    see(visitor, "The Board’s year, 2020")
    follow(visitor, "Terms of reference")
    expect(page.get_by_text("“Terms of reference, 2020” are in force.")).to_be_visible()
    visitor.look()
    follow(visitor, "Terms of reference, 2020")
    see(visitor, "Terms of reference, 2020")
    expect(page.get_by_role("table", name="Core members")).to_contain_text("Vacant since")


def plans_a_year_of_meetings(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/meetings/")
    follow(visitor, "Plan meetings")
    page.get_by_label("First meeting").fill("2021-08-30")
    page.get_by_label("At", exact=True).fill("10:00")
    page.get_by_label("Up to").fill("2022-07-31")
    press(visitor, "Propose meetings")
    first = page.get_by_role("group", name="Tuesday 31 August 2021, 10:00")
    expect(first).to_contain_text("Moved from Monday 30 August: Late Summer Bank Holiday.")
    expect(first).to_contain_text("It falls in the school holidays")
    visitor.look()
    page.get_by_role("group", name="Monday 22 November 2021, 10:00").get_by_label("Place").fill("By video")
    page.get_by_role("group", name="Tuesday 4 January 2022, 10:00").get_by_label("Plan it").uncheck()
    press(visitor, "Plan the ticked meetings")
    said(page, "7 meetings planned.")
    see(visitor, "The Board’s year, 2021")
    expect(page.get_by_role("listitem").filter(has_text="Monday 22 November")).to_contain_text("By video")


def spreads_the_deep_dives_and_parks_an_idea(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/meetings/forward/")
    see(visitor, "Forward plan")
    follow(visitor, DIVE)
    page.get_by_label("When").select_option(label="Parked for later")
    see(visitor, DIVE)
    press(visitor, "Save")
    expect(page.get_by_role("main")).to_contain_text("Innovation has no place yet. There is room on Monday 26 October")
    visitor.look()
    press(visitor, "Spread the deep dives")
    said(page, "Placed: Innovation on 7 December 2020.")
    follow(visitor, DIVE)
    page.get_by_label("When").select_option(label="Monday 26 October 2020")
    press(visitor, "Save")
    page.get_by_role("button", name="Add an item", exact=True).click()
    page.get_by_label("Title").fill("A room where families can wait")
    page.get_by_label("What it is", exact=True).select_option(label="Idea")
    press(visitor, "Put it on the forward plan")
    said(page, "On the forward plan now: A room where families can wait.")
    expect(page.get_by_role("region", name="Parked for later")).to_contain_text("A room where families can wait")


def records_that_the_last_meeting_was_held(visitor: Visitor) -> None:
    """Nothing was said worth minuting: that is said item by item, and the meeting is closed."""
    page = visitor.page
    visitor.go("/meetings/2020-09-14/room/")
    while not page.get_by_role("link", name="Close the meeting").count():
        page.get_by_label("There is nothing to minute").check()
        press(visitor, re.compile("^Save"))
        said(page, "Saved: ")
        visitor.go("/meetings/2020-09-14/room/")
    visitor.go("/meetings/")
    follow(visitor, "Monday 28 September", re.compile("held"))
    page.get_by_label("Was there a quorum?").select_option(label="Yes")
    visitor.look()
    press(visitor, "Save")
    said(page, "The meeting is marked as held.")
    see(visitor, "Monday 28 September 2020, 10:00")


def makes_the_agenda_by_keyboard(visitor: Visitor) -> None:
    """From the standing items that are due and what was planned; the order is changed, and nothing but keys is touched."""
    page = visitor.page
    visitor.go(MEETING)
    see(visitor, "Monday 26 October 2020, 10:00")
    visitor.skip()
    visitor.enter(page.get_by_role("main").get_by_role("link", name="Agenda", exact=True))
    see(visitor, "Build the agenda")
    visitor.enter(page.get_by_role("button", name="Make the agenda"))
    said(page, "items are on the agenda now.")
    visitor.enter(page.get_by_role("button", name=f"Move {WAITS} up"))
    said(page, f"Moved up: {WAITS}.")
    titles = page.get_by_role("rowheader")
    order = titles.all_inner_texts()
    visitor.enter(page.get_by_role("button", name=f"Move {WAITS} down"))
    said(page, f"Moved down: {WAITS}.")
    assert _places(titles.all_inner_texts())[WAITS] == _places(order)[WAITS] + 1
    visitor.look()


def _places(texts: list[str]) -> dict[str, int]:
    names = [text.split("\n")[0] for text in texts]
    return {name.partition(". ")[2] if name[0].isdigit() else name: place for place, name in enumerate(names)}


def adds_a_restricted_item_with_one_invitation(visitor: Visitor) -> None:
    page = visitor.page
    follow(visitor, "Add an item")
    page.get_by_label("Title").fill(PRICE)
    page.get_by_label("What it is for").select_option(label="To discuss")
    page.get_by_label("Minutes allowed").fill("10")
    page.get_by_label("Presenter").select_option(label="Director for play")
    page.get_by_label("Restricted").check()
    see(visitor, "Add an item")
    press(visitor, "Add to the agenda")
    said(page, f"On the agenda now: {PRICE}.")
    follow(visitor, re.compile(PRICE))
    page.get_by_label("Invite somebody").select_option(label="Deputy commissioner for play")
    press(visitor, "Invite")
    said(page, "Deputy commissioner for play is invited to this item, and sees no other through it.")
    see(visitor, PRICE)

    open_item(visitor, EQUIPMENT)
    page.get_by_label("What it is for").select_option(label="To decide")
    page.get_by_label("Presenter").select_option(label="Commissioner for play")
    press(visitor, "Save")
    said(page, f"Saved: {EQUIPMENT}.")


def opens_the_round(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go(MEETING)
    follow(visitor, "Reporting round, lead by lead")
    see(visitor, "Reporting round")
    press(visitor, "Open the round")
    expect(page.get_by_role("row", name=re.compile("Commissioner for play"))).to_contain_text("0 of 8")
    visitor.look()


def lead_answers(visitor: Visitor) -> None:
    asked = visitor.board.letters("commissioner", "Your update for the meeting of Monday 26 October")
    assert "My round" in asked[0].get_content()
    page = visitor.page
    visitor.go("/")
    expect(page.get_by_role("region", name="Your reporting round")).to_contain_text("26 October")
    visitor.look()
    follow(visitor, "Do my round")
    row = page.get_by_role("group", name=re.compile("^2.1 "))
    row.get_by_label("What has happened").fill("Every school has a named therapist.")
    press(visitor, re.compile("^Save all"))
    expect(page.get_by_text("1 saved.")).to_be_visible()


def lead_writes_highlights(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go(f"{MEETING}highlight/")
    follow(visitor, re.compile("^Write the highlights"))
    page.get_by_label("Why", exact=True).fill("Two posts are empty, and the waiting list grows.")
    page.get_by_label("Done since the last meeting").fill("The advice line answers on five days.")
    visitor.look()
    press(visitor, "Save")
    said(page, "Saved: the highlights of")
    see(visitor, "Highlight report")


def sees_who_has_answered(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go(f"{MEETING}round/")
    row = page.get_by_role("row", name=re.compile("Commissioner for play"))
    expect(row).to_contain_text("1 of 8")
    row.get_by_role("button", name=re.compile("^Nudge")).click()
    said(page, "Nudged by e-mail: Commissioner for play.")
    nudged = visitor.board.letters("commissioner", "Still waiting for your update")[0].get_content()
    assert "2.2 " in nudged
    assert "2.1 " not in nudged, "What was answered is not asked for again."


def types_a_front_sheet(visitor: Visitor) -> None:
    page = visitor.page
    open_item(visitor, EQUIPMENT)
    follow(visitor, "Front sheet", "Write the front sheet")
    page.get_by_label("Recommendation 1").fill(ASKED)
    page.get_by_label("Recommendation 2").fill("Note that the store moves in March.")
    page.get_by_label("Summary").fill(
        "Chairs and frames are bought twice, by two bodies. One budget would buy them once."
    )
    page.get_by_label("Money").fill("The pooled budget has £61,000 for it.")
    page.get_by_label("Risk").fill("The store’s lease ends in March.")
    see(visitor, "Front sheet")
    press(visitor, "Save the front sheet")
    expect(page.get_by_text("The Board is asked for 2 things.")).to_be_visible()
    see(visitor, EQUIPMENT)


def asks_the_lead_for_a_paper(visitor: Visitor) -> None:
    ask_for_a_paper(visitor, EQUIPMENT, "Equipment: one budget", author="Commissioner for play")


def author_hands_in_word(visitor: Visitor) -> None:
    """The author finds the item on the agenda, since they present it."""
    page = visitor.page
    visitor.go(f"{MEETING}agenda/")
    follow(visitor, re.compile(re.escape(EQUIPMENT)), "papers", "Equipment: one budget")
    choose(page, "equipment.docx", word("One budget for equipment", "Frames and chairs are bought once."))
    said(page, "Handed in as version 1.", MAKING)
    expect(page.get_by_role("list").filter(has_text="Version 1")).to_contain_text("equipment.docx")
    visitor.look()


def hands_in_the_other_papers(visitor: Visitor) -> None:
    page = visitor.page
    ask_for_a_paper(visitor, AUTUMN, "Autumn report")
    choose(page, "scanned.pdf", scan(pages=2))
    said(page, "Handed in as version 1.")
    expect(page.get_by_text("It is a scan")).to_contain_text("Ask the author for the file that it was printed from.")
    visitor.look()

    ask_for_a_paper(visitor, PRICE, "What the therapies cost")
    locked = plain_pdf(encryption=pikepdf.Encryption(owner="keep", user="out"))
    choose(page, "locked.pdf", locked)
    expect(page.locator(".govuk-error-summary")).to_contain_text(
        "The PDF is locked with a password. Save a copy without one and choose that."
    )
    visitor.look()
    choose(page, "price.docx", word("What the therapies cost", "The price rises by 3%."))
    said(page, "Handed in as version 1.", MAKING)

    ask_for_a_paper(visitor, WAITS, "Waits in September")
    choose(page, "waits.docx", word("Waits in September", "Most children are seen within 18 weeks."))
    said(page, "Handed in as version 1.", MAKING)


def builds_a_draft_and_looks_at_it(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go(f"{MEETING}pack/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("between you and an on-time pack")
    visitor.look()
    press(visitor, "Build a draft")
    expect(page.get_by_role("progressbar")).to_be_visible()
    visitor.look()
    expect(page.get_by_role("heading", level=1)).to_have_text("The draft is ready", timeout=MAKING)
    visitor.look()
    board, observers = (
        _download(page, page.get_by_role("link", name=re.compile(f"draft for {audience}")))
        for audience in ("the Board", "observers")
    )
    assert PRICE in _outline(board)
    assert PRICE not in _outline(observers)
    assert re.search(EQUIPMENT, _outline(board))
    assert len(board.pages) > len(observers.pages)


def _download(page: Page, link) -> pikepdf.Pdf:
    with page.expect_download() as download:
        link.click()
    return pikepdf.open(io.BytesIO(download.value.path().read_bytes()))


def _outline(document: pikepdf.Pdf) -> str:
    with document.open_outline() as outline:
        return "\n".join(entry.title for entry in outline.root)


def publishes(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go(f"{MEETING}pack/")
    press(visitor, re.compile("^Publish"))
    expect(page.get_by_role("main")).to_contain_text("The cover will say “in time”")
    expect(page.get_by_role("main")).to_contain_text("Deputy commissioner for play")
    visitor.look()
    press(visitor, "Publish and send")
    said(page, "Published: 2 packs. The e-mails are on their way.", MAKING)
    visitor.look()


def pack_came_round(visit, secretary: Visitor) -> None:
    """Each is told once what they may know, follows the link, and reads what they may see."""
    board = secretary.board
    (mine,) = board.letters("commissioner", "Pack for 26 October 2020")
    text = mine.get_body(("plain",)).get_content()
    for words in ("Monday 26 October 2020", "10:00 to 12:00", "Kensington Town Hall", "Decisions wanted", ASKED):
        assert words in text
    assert re.search(f"You present\n- \\d+ {re.escape(EQUIPMENT)}", text)
    assert ASKED in mine.get_body(("html",)).get_content()
    assert not list(mine.iter_attachments())
    for part in ("member", "deputy", "observer"):
        (letter,) = board.letters(part, "Pack for 26 October 2020")
        assert PRICE not in letter.as_string()
        assert "You present" not in letter.as_string()

    link = re.search(f"Read it on a phone or a computer: {re.escape(board.url)}(\\S+)", text)[1]
    for part, sees in (("commissioner", False), ("deputy", True), ("member", True)):
        reader = visit(part, size=PHONE)
        reader.go(link)
        main = reader.page.get_by_role("main")
        expect(main).to_contain_text("Circulated in time")
        expect(main).to_contain_text("Page 9.2, version 1, Commissioner for play.")
        expect(main.get_by_role("heading", name=re.compile(PRICE))).to_have_count(int(sees))
    reader.look()
    whole = _download(reader.page, reader.page.get_by_role("link", name=re.compile("^The whole pack as a PDF")))
    assert PRICE in _outline(whole)

    secretary.go(f"{MEETING}pack/")
    follow(secretary, re.compile("^Sent to"))
    see(secretary, "Sent to everyone it is for")


def sends_a_late_item_as_a_supplement(visit, secretary: Visitor) -> None:
    page = secretary.page
    secretary.go(f"{MEETING}agenda/")
    follow(secretary, "Add an item")
    page.get_by_label("Title").fill(LATE)
    page.get_by_label("Where it goes").select_option(label="In supplement 1, with the next number")
    page.get_by_label("What it is for").select_option(label="To decide")
    secretary.look()
    press(secretary, "Add to the agenda")
    said(page, f"On the agenda now: {LATE}, as item ")
    open_item(secretary, LATE)
    follow(secretary, "Front sheet", "Write the front sheet")
    page.get_by_label("Recommendation 1").fill("Pay for 20 more assessments before January.")
    page.get_by_label("Summary").fill("Winter came early, and the list is long.")
    press(secretary, "Save the front sheet")

    secretary.go(f"{MEETING}pack/")
    follow(secretary, "Publish supplement 1: only what is new")
    page.get_by_label("What changed").fill("One item came late.")
    secretary.look()
    press(secretary, "Publish supplement 1")
    said(page, "Published: ", MAKING)
    (letter,) = secretary.board.letters("observer", "Supplement 1 to the pack for 26 October 2020")
    text = letter.get_body(("plain",)).get_content()
    for words in ("What changed", "One item came late.", LATE, "Pay for 20 more assessments before January."):
        assert words in text
    reader = visit("observer", size=PHONE)
    reader.go(f"{MEETING}pack/read/")
    main = reader.page.get_by_role("main")
    expect(main).to_contain_text("One item came late.")
    expect(main.get_by_role("heading", name=re.compile(LATE))).to_be_visible()
    expect(main.get_by_role("heading", name=re.compile(re.escape(EQUIPMENT)))).to_be_visible()
    expect(main).not_to_contain_text(PRICE)
    reader.look()
