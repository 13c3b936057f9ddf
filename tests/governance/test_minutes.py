"""Minutes: written by two people, checked, commented on, disputed, agreed, corrected, exported."""

import datetime as dt
import io

import docx
import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from docx.oxml.ns import qn

from governance.families import operations as families
from governance.meetings.operations import mark_held
from governance.minutes import carried, operations, pages
from governance.models import Minute, Minutes
from jcb import dates
from jcb.history import Conflict
from tests.make import (
    make_action,
    make_agenda_item,
    make_decision,
    make_interest,
    make_meeting,
    make_minute,
    make_minutes,
    make_person,
    make_terms,
)
from tests.pdftext import text_of
from tests.verapdf import judge

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2020, 9, 10, 12, tzinfo=dates.LONDON)
FIRST, SECOND = "Waits are still long.", "One referral point was agreed."


@pytest.fixture(autouse=True)
def clock():
    with dates.held_at(NOON):
        yield


@pytest.fixture
def clerk():
    return make_person(role="secretariat")


@pytest.fixture
def chair():
    return make_person(role="board member", name="Chair of the council")


@pytest.fixture
def meeting(chair):
    """A meeting that began two hours ago, with an open item and a restricted one."""
    row = make_meeting(
        terms=make_terms(in_force_from=dt.date(2020, 1, 1)), starts_at=NOON - dt.timedelta(hours=2), chair=chair
    )
    make_agenda_item(meeting=row, order=1, title="Autism pathway")
    make_agenda_item(meeting=row, order=2, title="Costs of one placement", restricted=True)
    return row


@pytest.fixture
def written(meeting, clerk):
    first, second = meeting.items.in_order()
    operations.write(by=clerk, item=first, text=f"{FIRST}\n\n{SECOND}", nothing_to_minute=False, seen=0)
    operations.write(by=clerk, item=second, text="The price of a place was named.", nothing_to_minute=False, seen=0)
    return Minutes.objects.get(meeting=meeting)


@pytest.fixture
def out(written, clerk, chair):
    mark_held(meeting=written.meeting, by=clerk, seen=1, quorate=True)
    row = operations.check(by=chair, minutes=written, seen=1)
    return operations.circulate(by=clerk, minutes=row, seen=2)


def refused(call, **given) -> str:
    with pytest.raises(ValidationError) as refusal:
        call(**given)
    return " ".join(refusal.value.messages)


def later(meeting):
    return make_meeting(terms=meeting.terms, starts_at=meeting.starts_at + dt.timedelta(minutes=90))


# The room -------------------------------------------------------------------------------------------------------------


def test_two_minute_takers_on_one_item_both_keep_their_words(meeting, clerk, sign_in):
    item = meeting.items.first()
    client, where = sign_in(clerk), f"/meetings/{meeting.key}/room/{item.pk}/"
    other = make_person(role="secretariat", name="Clerk B")
    assert client.post(where, {"text": FIRST, "seen": 0, "then": "stay"}).status_code == 302
    operations.write(by=other, item=item, text="Clerk B’s words.", nothing_to_minute=False, seen=1)
    reply = client.post(where, {"text": "Clerk A’s words.", "seen": 1, "then": "stay"})
    page = reply.content.decode()
    assert reply.status_code == 409
    assert "Clerk B changed these words since you opened the item" in page
    assert "Clerk B’s words." in page
    assert "Clerk A’s words." in page
    assert 'name="seen" value="2"' in page
    assert Minute.objects.get(item=item).text == "Clerk B’s words."
    assert client.post(where, {"text": "Both.", "seen": 2}).status_code == 302
    assert Minute.objects.get(item=item).text == "Both."


def test_the_first_words_on_an_item_by_two_people_are_a_conflict_too(meeting, clerk):
    item = meeting.items.first()
    operations.write(by=clerk, item=item, text=FIRST, nothing_to_minute=False, seen=0)
    with pytest.raises(Conflict):
        operations.write(by=clerk, item=item, text=SECOND, nothing_to_minute=False, seen=0)
    operations.write(by=clerk, item=item, text=FIRST, nothing_to_minute=False, seen=0)  # the same words: sent twice
    assert Minute.objects.count() == 1


def test_saving_goes_on_to_the_next_item_and_the_room_opens_at_what_is_missing(meeting, clerk, sign_in):
    first, second = meeting.items.in_order()
    client = sign_in(clerk)
    saved = client.post(f"/meetings/{meeting.key}/room/{first.pk}/", {"text": FIRST, "seen": 0, "then": "next"})
    assert saved.url == f"/meetings/{meeting.key}/room/{second.pk}/"
    assert client.get(f"/meetings/{meeting.key}/room/").url == saved.url
    assert "1 item with nothing minuted yet." in client.get(saved.url).content.decode()


def test_a_meeting_is_not_closed_with_items_unminuted(meeting, clerk):
    first, second = meeting.items.in_order()
    said = refused(mark_held, meeting=meeting, by=clerk, seen=1, quorate=True)
    assert said.startswith("Nothing is minuted yet of: Autism pathway; Costs of one placement.")
    operations.write(by=clerk, item=first, text="", nothing_to_minute=True, seen=0)
    make_decision(meeting=meeting, item=second)
    assert mark_held(meeting=meeting, by=clerk, seen=1, quorate=True).state == "held"


def test_only_the_secretariat_is_in_the_room(meeting, sign_in):
    item = meeting.items.first()
    for role in ("board member", "commissioner", "observer"):
        assert sign_in(make_person(role=role)).get(f"/meetings/{meeting.key}/room/{item.pk}/").status_code == 403


# From draft to agreed -------------------------------------------------------------------------------------------------


def test_the_chair_of_that_meeting_checks_and_nobody_else(written, clerk, chair):
    for other in (clerk, make_person(role="board member")):
        with pytest.raises(PermissionDenied):
            operations.check(by=other, minutes=written, seen=1)
    assert "Minutes go round once the chair has checked them" in refused(
        operations.circulate, by=clerk, minutes=written, seen=1
    )
    row = operations.check(by=chair, minutes=written, seen=1)
    item = written.meeting.items.first()
    said = refused(operations.write, by=clerk, item=item, text="Other words.", nothing_to_minute=False, seen=1)
    assert said.startswith("The chair has checked these words.")
    assert operations.back_to_draft(by=clerk, minutes=row, seen=2).checked_by is None


def test_a_draft_is_read_by_the_clerk_and_the_chair_alone(written, clerk, chair, sign_in):
    where = f"/meetings/{written.meeting.key}/minutes/"
    for person, sees in ((clerk, True), (chair, True), (make_person(role="board member"), False)):
        assert (FIRST in sign_in(person).get(where).content.decode()) is sees
    assert (
        sign_in(make_person(role="board member")).get(f"/meetings/{written.meeting.key}/minutes.pdf").status_code == 404
    )


def test_circulated_minutes_leave_restricted_items_out_for_those_who_do_not_see_them(out, sign_in):
    where = f"/meetings/{out.meeting.key}/minutes/"
    member = sign_in(make_person(role="board member")).get(where).content.decode()
    forum = sign_in(make_person(role="forum representative")).get(where).content.decode()
    assert "The price of a place was named." in member
    assert FIRST in forum
    assert "Costs of one placement" not in forum
    assert "The price" not in forum
    assert "Unconfirmed" in forum


def test_everyone_concerned_is_told_of_circulated_minutes(written, clerk, chair, django_capture_on_commit_callbacks):
    member = make_person(role="board member")
    said = refused(operations.circulate, by=clerk, minutes=operations.check(by=chair, minutes=written, seen=1), seen=2)
    assert said == "Close the meeting before its minutes go round."
    mark_held(meeting=written.meeting, by=clerk, seen=1, quorate=True)
    with django_capture_on_commit_callbacks(execute=True):
        row = operations.back_to_draft(by=clerk, minutes=written, seen=2)
        row = operations.check(by=chair, minutes=row, seen=3)
        operations.circulate(by=clerk, minutes=row, seen=4)
    assert member.notices.get(rule="minutes").subject == "Minutes of 10 September 2020 for comment"
    assert "17 September 2020" in member.notices.get(rule="minutes").text
    assert mail.outbox is not None


def test_a_disputed_paragraph_is_settled_before_the_minutes_are_agreed(out, clerk, sign_in):
    meeting, minute = out.meeting, Minute.objects.get(text__startswith=FIRST)
    member = make_person(role="board member")
    where = f"/meetings/{meeting.key}/minutes/{minute.item_id}/2/comment/"
    assert SECOND in sign_in(member).get(where).content.decode()
    assert sign_in(member).post(where, {"text": "It was not agreed."}).status_code == 302
    comment = minute.comments.get()
    assert (comment.paragraph, comment.words) == (2, SECOND)
    next_one = later(meeting)
    give = {"by": clerk, "minutes": out, "how": "meeting", "meeting": next_one}
    assert refused(operations.agree, **give, seen=3).startswith("1 comment is not settled.")
    row = operations.answer_comment(by=clerk, comment=comment, seen=1, outcome="disputed", answer="For the meeting.")
    assert refused(operations.agree, **give, seen=3).startswith("1 comment is not settled.")
    new = "One referral point was supported by most."
    operations.answer_comment(by=clerk, comment=row, seen=2, outcome="taken", wording=new)
    with dates.held_at(NOON + dt.timedelta(hours=1)):
        agreed = operations.agree(**give, seen=3)
        assert agreed.is_confirmed
        meeting.refresh_from_db()
        assert meeting.state == "agreed"
        assert pages.state_in_words(agreed) == f"Agreed on 10 September 2020 at the meeting of {next_one}."
        said = refused(operations.agree, **give, seen=4)
        assert said.startswith("These minutes were agreed on 10 September 2020")
        item = minute.item
        minute.refresh_from_db()
        said = refused(operations.write, by=clerk, item=item, text="x", nothing_to_minute=False, seen=minute.version)
        assert said.startswith("These minutes were agreed on 10 September 2020")
    page = sign_in(member).get(f"/meetings/{meeting.key}/minutes/").content.decode()
    assert new in page
    assert "Unconfirmed" not in page


def test_minutes_that_are_not_agreed_keep_both_positions_and_may_be_agreed_later(out, clerk):
    give = {"by": clerk, "minutes": out, "how": "correspondence", "on": NOON.date()}
    assert refused(operations.not_agreed, **give, seen=3, positions=" ") == "Record both positions."
    row = operations.not_agreed(**give, seen=3, positions="The council: agreed. The NHS: not agreed.")
    assert pages.reading(row, clerk).positions == "The council: agreed. The NHS: not agreed."
    assert pages.reading(row, clerk).mark == "Unconfirmed"
    assert operations.agree(**give, seen=4).is_confirmed


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"how": "meeting"}, "Say which meeting agreed the minutes."),
        ({"how": "correspondence"}, "Give the day on which the last party answered."),
        ({"how": "correspondence", "on": dt.date(2020, 9, 1)}, "Choose a day between their circulation and today."),
        ({"how": "word of mouth"}, "Say how they were agreed: at a meeting or by correspondence."),
    ],
)
def test_how_minutes_were_agreed_is_said_in_full(out, clerk, given, said):
    assert refused(operations.agree, by=clerk, minutes=out, seen=3, **given) == said


def test_minutes_are_not_agreed_at_their_own_meeting(out, clerk):
    said = refused(operations.agree, by=clerk, minutes=out, seen=3, how="meeting", meeting=out.meeting)
    assert said == "Minutes are agreed at a later meeting than their own."


def test_agreed_minutes_stay_as_they_were_and_corrections_are_dated_notes(out, clerk, sign_in):
    meeting, item = out.meeting, out.meeting.items.first()
    decision = make_decision(meeting=meeting, item=item, text="Fund eight sessions.")
    row = operations.agree(by=clerk, minutes=out, seen=3, how="correspondence", on=NOON.date())
    decision.text = "Fund nine sessions."
    decision.save()
    reading = pages.reading(row, clerk)
    assert reading.data["items"][0]["decisions"][0]["text"] == "Fund eight sessions."
    client = sign_in(clerk)
    reply = client.post(
        f"/meetings/{meeting.key}/minutes/correct/", {"item": item.pk, "text": "It was nine."}, follow=True
    )
    page = reply.content.decode()
    assert "Correction, 10 September 2020." in page
    assert "It was nine." in page
    assert f"Correct decision {decision.ref} too" in page


def test_a_correction_waits_until_the_minutes_are_agreed(out, clerk):
    said = refused(operations.correct, by=clerk, minutes=out, text="Other words.")
    assert said == "These minutes are not agreed yet: change their words instead."


def test_comments_close_after_their_last_day(out, clerk):
    minute = Minute.objects.get(text__startswith=FIRST)
    give = {"minute": minute, "paragraph": 1, "text": "Shorter in one borough."}
    with dates.held_at(NOON + dt.timedelta(days=8)):
        said = refused(operations.comment, by=make_person(role="board member"), **give)
        assert said == "Comments were asked for until 17 September 2020. Raise it at the meeting that agrees them."
        assert operations.comment(by=clerk, **give).number == 1


# Documents ------------------------------------------------------------------------------------------------------------


def test_the_pdf_is_accessible_and_unconfirmed_on_every_page_until_agreed(out, clerk, sign_in):
    item = out.meeting.items.first()
    make_decision(meeting=out.meeting, item=item)
    make_action(meeting=out.meeting, item=item)
    first = Minute.objects.get(item=item)
    first.text = "\n\n".join(f"{FIRST} {SECOND} " * 8 for _ in range(12))
    first.save()
    content = sign_in(clerk).get(f"/meetings/{out.meeting.key}/minutes.pdf").content
    assert judge(content) == []
    texts = text_of(content)
    assert len(texts) > 1
    assert all("Unconfirmed" in text for text in texts)


def test_the_word_document_has_headings_header_rows_and_a_language(out, clerk, sign_in):
    make_action(meeting=out.meeting, item=out.meeting.items.first())
    content = sign_in(clerk).get(f"/meetings/{out.meeting.key}/minutes.docx").content
    made = docx.Document(io.BytesIO(content))
    heads = [(p.style.name, p.text) for p in made.paragraphs if p.style.name.startswith("Heading")]
    assert heads[0] == ("Heading 1", "Minutes of Thursday 10 September 2020")
    assert ("Heading 3", "1. Autism pathway") in heads
    assert all(table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None for table in made.tables)
    assert made.core_properties.language == "en-GB"
    assert 'w:val="en-GB"' in made.styles.element.xml
    assert "Unconfirmed" in made.sections[0].header.paragraphs[0].text
    assert FIRST in [p.text for p in made.paragraphs]


def test_the_last_agreed_minutes_are_exported_from_the_command_line(tmp_path, out, clerk, capsys):
    operations.agree(by=clerk, minutes=out, seen=3, how="correspondence", on=NOON.date())
    make_minute(minutes=make_minutes(meeting=later(out.meeting), state="circulated"))
    where = tmp_path / "minutes.docx"
    call_command("export", "minutes", "latest", output=where, audience="board")
    assert FIRST in [p.text for p in docx.Document(where).paragraphs]
    where = tmp_path / "open.docx"
    call_command("export", "minutes", out.meeting.key, output=where, audience="open")
    words = " ".join(p.text for p in docx.Document(where).paragraphs)
    assert FIRST in words
    assert "The price of a place" not in words


# Into the next meeting ------------------------------------------------------------------------------------------------


def test_the_next_pack_has_the_last_minutes_and_open_actions_without_anything_restricted(out, clerk):
    first, second = out.meeting.items.in_order()
    done = make_action(meeting=out.meeting, item=first, text="Write to schools.")
    make_action(meeting=out.meeting, item=second, text="Pay the price.")
    coming = make_meeting(terms=out.meeting.terms, starts_at=NOON + dt.timedelta(days=30))
    said = carried.for_pack(coming, NOON + dt.timedelta(days=20))
    assert said.words == "Out for comment until 17 September 2020; not agreed yet."
    assert [item["title"] for item in said.reading.data["items"]] == ["Autism pathway"]
    assert [row.text for row in said.actions] == ["Write to schools."]
    assert said.actions[0].came_from == "Meeting of 10 September 2020, Autism pathway"
    member = [row.text for row in carried.for_agenda(coming, make_person(role="board member"))]
    forum = [row.text for row in carried.for_agenda(coming, make_person(role="forum representative"))]
    assert member == ["Write to schools.", "Pay the price."]
    assert forum == ["Write to schools."]
    done.state, done.closed_on, done.closed_at_meeting = "closed", coming.on, coming
    done.save()
    assert [row.text for row in carried.for_pack(coming, NOON).actions] == ["Write to schools."]
    later_still = make_meeting(terms=out.meeting.terms, starts_at=NOON + dt.timedelta(days=60))
    assert carried.for_pack(later_still, NOON + dt.timedelta(days=50)).actions == ()


def test_a_pack_says_where_minutes_are_not_out_yet(written, clerk):
    mark_held(meeting=written.meeting, by=clerk, seen=1, quorate=True)
    coming = make_meeting(terms=written.meeting.terms, starts_at=NOON + dt.timedelta(days=30))
    said = carried.for_pack(coming, NOON + dt.timedelta(days=20))
    assert (said.words, said.reading) == ("The minutes of the meeting of 10 September 2020 are not out yet.", None)


def test_an_item_withheld_from_anybody_is_not_in_the_minutes_of_a_pack(out):
    first = out.meeting.items.first()
    make_interest(item=first, withholds=True)
    coming = make_meeting(terms=out.meeting.terms, starts_at=NOON + dt.timedelta(days=30))
    assert carried.for_pack(coming, NOON + dt.timedelta(days=20)).reading.data["items"] == []


def test_a_restricted_decision_on_an_open_item_is_in_no_minutes_but_the_boards(out, clerk):
    item = out.meeting.items.first()
    secret = make_decision(meeting=out.meeting, item=item, text="Pay the price.", restricted=True)
    make_action(meeting=out.meeting, item=item, decision=secret, text="Transfer the price.")
    row = operations.agree(by=clerk, minutes=out, seen=3, how="correspondence", on=NOON.date())
    member, observer = make_person(role="board member"), make_person(role="observer")
    assert [each["text"] for each in pages.reading(row, member).decisions] == ["Pay the price."]
    shown = pages.reading(row, observer)
    assert shown.decisions == []
    assert "price" not in str(shown.data)
    coming = make_meeting(terms=out.meeting.terms, starts_at=NOON + dt.timedelta(days=30))
    assert "price" not in str(carried.for_pack(coming, NOON + dt.timedelta(days=20)))
    assert "price" not in families.begin(by=clerk, meeting=out.meeting).text
