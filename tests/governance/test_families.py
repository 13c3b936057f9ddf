"""The summary for families: from agreed minutes, without restricted items, approved, public, switched off."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from governance.families import operations
from governance.models import FamilySummary
from jcb import dates
from jcb.models import BoardSettings
from tests.make import (
    make_action,
    make_agenda_item,
    make_decision,
    make_held_meeting,
    make_minute,
    make_minutes,
    make_person,
)
from tests.pdftext import text_of
from tests.verapdf import judge

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2020, 9, 10, 12, tzinfo=dates.LONDON)


@pytest.fixture(autouse=True)
def clock():
    with dates.held_at(NOON):
        yield


@pytest.fixture
def clerk():
    return make_person(role="secretariat")


@pytest.fixture
def minutes(clerk):
    """Agreed minutes of a meeting with an open item and a restricted one, each with a decision and an action."""
    row = make_minutes(meeting=make_held_meeting(starts_at=NOON - dt.timedelta(days=60)), state="agreed")
    for order, title, restricted in ((1, "Autism waits", False), (2, "Price of one placement", True)):
        item = make_agenda_item(meeting=row.meeting, order=order, title=title, restricted=restricted)
        make_minute(minutes=row, item=item, text=f"Talk of {title}.", by=clerk)
        make_decision(meeting=row.meeting, item=item, text=f"Decision on {title}.")
        make_action(meeting=row.meeting, item=item, text=f"Act on {title}.")
    return row


def refused(call, **given) -> str:
    with pytest.raises(ValidationError) as refusal:
        call(**given)
    return " ".join(refusal.value.messages)


def test_the_draft_leaves_restricted_items_out(minutes, clerk):
    row = operations.begin(by=clerk, meeting=minutes.meeting)
    for words in ("Talk of Autism waits.", "Decision on Autism waits.", "Act on Autism waits."):
        assert words in row.text
    assert "placement" not in row.text
    assert operations.begin(by=clerk, meeting=minutes.meeting) == row


def test_there_is_none_before_the_minutes_are_agreed(clerk):
    row = make_minutes(state="circulated")
    said = refused(operations.begin, by=clerk, meeting=row.meeting)
    assert said == "The summary for families is drafted once the minutes are agreed."


def test_nobody_outside_reads_it_before_it_is_approved_and_published(minutes, clerk, client, sign_in):
    row = operations.begin(by=clerk, meeting=minutes.meeting)
    where = f"/board/{row.meeting.key}/"
    assert client.get(where).status_code == 404
    assert sign_in(make_person(role="observer")).get(f"/meetings/{row.meeting.key}/families/").status_code == 200
    assert (
        row.text
        not in sign_in(make_person(role="observer")).get(f"/meetings/{row.meeting.key}/families/").content.decode()
    )
    assert refused(operations.publish, by=clerk, summary=row, seen=1) == (
        "A member of the Board approves the summary before it is public."
    )
    with pytest.raises(PermissionDenied):
        operations.approve(by=clerk, summary=row, seen=1)
    row = operations.approve(by=make_person(role="board member"), summary=row, seen=1)
    assert client.get(where).status_code == 404
    operations.publish(by=clerk, summary=row, seen=2)
    page = client.get(where).content.decode()
    assert "Decision on Autism waits." in page
    assert "<h2" in page
    assert row.title in client.get("/board/").content.decode()


def test_the_pdf_beside_it_is_accessible(minutes, clerk, client):
    row = operations.begin(by=clerk, meeting=minutes.meeting)
    row = operations.approve(by=make_person(role="board member"), summary=row, seen=1)
    operations.publish(by=clerk, summary=row, seen=2)
    content = client.get(f"/board/{row.meeting.key}.pdf").content
    assert judge(content) == []
    assert "Decision on Autism waits." in " ".join(text_of(content))


def test_a_change_after_approval_has_to_be_approved_again(minutes, clerk):
    row = operations.begin(by=clerk, meeting=minutes.meeting)
    row = operations.approve(by=make_person(role="board member"), summary=row, seen=1)
    row = operations.edit(by=clerk, summary=row, seen=2, title="What we did", text="Plain words.")
    assert (row.state, row.approved_by) == ("draft", None)
    assert refused(operations.edit, by=clerk, summary=row, seen=2, title="x", text="y").startswith(
        "Somebody changed this"
    )


def test_words_of_a_restricted_item_or_about_a_child_are_refused(minutes, clerk):
    row = operations.begin(by=clerk, meeting=minutes.meeting)
    give = {"by": clerk, "summary": row, "seen": 1, "title": "What we did"}
    assert "restricted" in refused(operations.edit, **give, text="We spoke of the price of  one placement.")
    assert "one child" in refused(operations.edit, **give, text="Child B has a place now.")
    assert FamilySummary.objects.get().version == 1


def test_the_public_pages_can_be_switched_off(minutes, clerk, client, sign_in):
    row = operations.begin(by=clerk, meeting=minutes.meeting)
    row = operations.approve(by=make_person(role="board member"), summary=row, seen=1)
    operations.publish(by=clerk, summary=row, seen=2)
    settings = BoardSettings.current()
    settings.public_pages = False
    settings.save()
    for where in ("/board/", f"/board/{row.meeting.key}/", f"/board/{row.meeting.key}.pdf"):
        assert client.get(where).status_code == 404
    assert sign_in(make_person(role="observer")).get(f"/board/{row.meeting.key}/").status_code == 200


def test_a_published_summary_is_withdrawn_before_it_is_changed(minutes, clerk, client):
    row = operations.begin(by=clerk, meeting=minutes.meeting)
    row = operations.approve(by=make_person(role="board member"), summary=row, seen=1)
    row = operations.publish(by=clerk, summary=row, seen=2)
    assert refused(operations.edit, by=clerk, summary=row, seen=3, title="x", text="y").startswith(
        "This summary is public."
    )
    assert refused(operations.publish, by=clerk, summary=row, seen=3) == "This summary is public already."
    operations.withdraw(by=clerk, summary=row, seen=3)
    assert client.get(f"/board/{row.meeting.key}/").status_code == 404
