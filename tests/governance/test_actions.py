"""Actions: numbered for good, carried until the Board closes them, told to whoever answers for them."""

import datetime as dt

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError

from governance.actions import operations
from governance.models import Action, Membership
from jcb import dates
from jcb.models import Notice, Person
from tests.make import (
    make_action,
    make_agenda_item,
    make_decision,
    make_held_meeting,
    make_meeting,
    make_person,
    make_seat,
    make_terms,
)

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2020, 9, 10, 12, tzinfo=dates.LONDON)
DUE = dt.date(2020, 10, 1)


@pytest.fixture(autouse=True)
def clock():
    with dates.held_at(NOON):
        yield


@pytest.fixture
def clerk():
    return make_person(role="secretariat")


@pytest.fixture
def item():
    """An item of a meeting that began two hours ago."""
    return make_agenda_item(meeting=make_meeting(starts_at=NOON - dt.timedelta(hours=2)))


def record(clerk, item, **given) -> Action:
    return operations.record_action(
        **{
            "by": clerk,
            "meeting": item.meeting,
            "item": item,
            "text": "Write.",
            "owner": make_person(),
            "due_on": DUE,
            **given,
        }
    )


def test_numbers_follow_each_other_in_the_month_of_the_meeting(clerk, item):
    assert [record(clerk, item).ref for _ in range(3)] == ["2020-09/01", "2020-09/02", "2020-09/03"]


def test_an_action_is_not_due_before_its_meeting_and_not_asked_of_who_has_left(clerk, item):
    with pytest.raises(ValidationError, match="Choose a date on that day or after it"):
        record(clerk, item, due_on=dt.date(2020, 9, 9))
    with pytest.raises(ValidationError, match="has left"):
        record(clerk, item, owner=make_person(is_active=False))
    with pytest.raises(PermissionDenied):
        record(make_person(role="board member"), item)
    assert not Action.objects.exists()


def test_somebody_without_an_account_can_own_one_and_cannot_sign_in(sign_in, clerk, item):
    sent = {
        "text": "Send the figures.",
        "name": "Head of a school",
        "email": "head@school.example",
        "due_on": "2020-10-01",
    }
    where = f"/meetings/{item.meeting.key}/agenda/{item.pk}/act/"
    assert sign_in(clerk).post(where, sent).status_code == 302
    owner = Action.objects.get().owner
    assert (owner.email, owner.is_active, owner.by_email_only) == ("head@school.example", False, True)
    sign_in(clerk).post(where, sent)
    assert Person.objects.filter(email="head@school.example").count() == 1


def test_the_owner_proposes_and_the_board_closes(clerk, item):
    action = record(clerk, item)
    with pytest.raises(PermissionDenied):
        operations.say(by=make_person(), action=action, seen=1, text="Done.")
    action = operations.say(by=action.owner, action=action, seen=1, text="The letters are out.", done=True)
    assert action.state == Action.State.PROPOSED
    with pytest.raises(PermissionDenied):
        operations.close(by=action.owner, action=action, seen=2, meeting=item.meeting)
    action = operations.close(by=clerk, action=action, seen=2, meeting=item.meeting)
    assert (action.state, action.closed_on) == (Action.State.CLOSED, NOON.date())
    with pytest.raises(ValidationError, match="closed this action"):
        operations.say(by=action.owner, action=action, seen=3, text="More.")
    assert operations.reopen(by=clerk, action=action, seen=3, text="Not all went out.").state == Action.State.OPEN


def test_who_helps_says_how_it_stands_but_does_not_propose_that_it_is_done(clerk, item):
    helper = make_person()
    action = record(clerk, item, helpers=[helper])
    with pytest.raises(ValidationError, match="Its owner proposes"):
        operations.say(by=helper, action=action, seen=1, text="Done.", done=True)
    assert operations.say(by=helper, action=action, seen=1, text="Half of it.").state == Action.State.OPEN


def test_the_first_due_date_stays_beside_the_present_one(sign_in, clerk, item):
    action = record(clerk, item)
    operations.change_due(by=clerk, action=action, seen=1, due_on=dt.date(2020, 11, 2), text="The school was shut.")
    page = sign_in(clerk).get("/meetings/actions/2020-09/1/").content.decode()
    assert "2 November 2020; first due 1 October 2020" in page


def test_a_seat_that_changed_hands_is_pointed_out_and_the_action_is_passed_on_with_a_word(
    sign_in, clerk, item, django_capture_on_commit_callbacks
):
    action = record(clerk, item)
    seat, follower = make_seat(terms=make_terms()), make_person(name="Next therapist")
    day = dt.date(2020, 9, 5)
    Membership.objects.create(seat=seat, person=action.owner, from_on=dt.date(2020, 1, 1), until_on=day)
    Membership.objects.create(seat=seat, person=follower, from_on=day + dt.timedelta(days=1))
    assert "Next therapist holds it now." in sign_in(clerk).get("/meetings/actions/2020-09/1/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        operations.pass_on(by=clerk, action=action, seen=1, owner=follower, text="The seat changed hands.")
    assert [message.to for message in mail.outbox] == [[follower.email]]


def test_owners_are_told_once_present_or_not_with_an_account_or_without(
    clerk, item, django_capture_on_commit_callbacks
):
    outside = operations.person_without_account(by=clerk, name="Head of a school", email="head@school.example")
    inside, helper = make_person(), make_person()
    record(clerk, item, owner=outside)
    record(clerk, item, owner=inside, helpers=[helper])
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            operations.tell_owners(item.meeting)
    assert sorted(message.to[0] for message in mail.outbox) == sorted([outside.email, inside.email, helper.email])
    assert Notice.objects.filter(rule="action").count() == 3


def test_the_register_carries_what_is_not_closed_and_hides_what_is_restricted(sign_in, clerk):
    closed = make_action(
        text="An old matter", series="2020-08", number=1, state="closed", closed_on=dt.date(2020, 9, 1)
    )
    hidden = make_agenda_item(meeting=make_held_meeting(), restricted=True, title="A closed item")
    owner = make_person()
    make_action(item=hidden, text="A closed matter", series="2020-08", number=2, owner=owner)
    make_action(text="A matter of mine", series="2020-08", number=3, owner=owner, due_on=dt.date(2020, 9, 1))
    page = sign_in(clerk).get("/meetings/actions/").content.decode()
    assert closed.text not in page
    assert "9 days overdue" in page
    assert closed.text in sign_in(clerk).get("/meetings/actions/?state=all").content.decode()
    mine = sign_in(owner).get("/meetings/actions/?whose=me").content.decode()
    assert "A closed matter" in mine
    assert "A closed item" not in mine
    for where in ("/meetings/actions/?state=all", "/meetings/actions/register.csv?state=all"):
        assert "A closed matter" not in sign_in(make_person(role="observer")).get(where).content.decode()


def test_an_action_from_a_decision_on_a_restricted_item_is_hidden_like_it(sign_in):
    hidden = make_decision(item=make_agenda_item(meeting=make_held_meeting(), restricted=True))
    make_action(item=None, meeting=hidden.meeting, decision=hidden, text="A closed matter")
    for role, sees in (("board member", True), ("observer", False)):
        page = sign_in(make_person(role=role)).get("/meetings/actions/").content.decode()
        assert ("A closed matter" in page) is sees


def test_the_end_of_a_meeting_tells_owners_and_turns_decisions_without_a_quorum_into_recommendations(
    sign_in, clerk, item, django_capture_on_commit_callbacks
):
    action, decision = record(clerk, item), make_decision(item=item)
    sent = {"seen": item.meeting.version, "quorate": "no", "because": "The NHS side was missing."}
    with django_capture_on_commit_callbacks(execute=True):
        assert sign_in(clerk).post(f"/meetings/{item.meeting.key}/held/", sent).status_code == 302
    message = next(message for message in mail.outbox if message.to == [action.owner.email])
    assert message.subject == "Action 2020-09/01, due on 1 October 2020"
    decision.refresh_from_db()
    assert (decision.basis, decision.ratification) == ("inquorate", "waiting")
