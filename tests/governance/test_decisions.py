"""Decisions: what is recorded at a meeting and between meetings, what each party said, and when a decision stands."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from governance.decisions import operations
from governance.decisions.operations import Said
from governance.models import Attendance, Decision, Stance
from jcb import dates, pdf
from tests.make import (
    make_agenda_item,
    make_attendance,
    make_decision,
    make_deliverable,
    make_held_meeting,
    make_meeting,
    make_partner,
    make_person,
    make_plan,
    make_seat,
    make_stance,
    make_terms,
    make_workstream,
)
from tests.verapdf import judge
from workstreams.pages import address as deliverable_address

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
def council():
    return make_partner(name="Council of the north", key="north", side="council", is_party=True)


@pytest.fixture
def nhs():
    return make_partner(name="Group of the south", key="south", side="nhs", is_party=True, ends_on=dt.date(2021, 3, 31))


@pytest.fixture
def item():
    """An item of a meeting that began two hours ago."""
    terms = make_terms(in_force_from=dt.date(2020, 1, 1))
    return make_agenda_item(meeting=make_meeting(terms=terms, starts_at=NOON - dt.timedelta(hours=2)))


def arrive(item, partner, side, **given) -> Attendance:
    seat = make_seat(terms=item.meeting.terms, side=side, partner=partner)
    return make_attendance(meeting=item.meeting, seat=seat, **given)


def decide(clerk, item, said, **given) -> Decision:
    return operations.record_decision(by=clerk, meeting=item.meeting, item=item, text="Fund it.", said=said, **given)


def test_all_parties_present_agree_in_one_step_and_the_recommendation_is_decided(sign_in, clerk, council, nhs, item):
    arrive(item, council, "council")
    arrive(item, nhs, "nhs", mode=Attendance.Mode.ONLINE)
    answer = sign_in(clerk).post(
        f"/meetings/{item.meeting.key}/agenda/{item.pk}/agree/", {"text": "Fund it."}, follow=True
    )
    decision = Decision.objects.get()
    assert decision.ref == "2020-09/D1"
    assert decision.basis == Decision.Basis.MEETING
    assert {row.partner: row.kind for row in decision.stances.all()} == {council: "agrees", nhs: "agrees"}
    assert "Decision 2020-09/D1 is recorded." in answer.content.decode()


def test_a_party_for_which_nobody_may_decide_is_absent_and_the_meeting_without_it_only_recommends(
    clerk, council, nhs, item
):
    arrive(item, council, "council")
    arrive(item, nhs, "nhs", capacity=Attendance.As.DEPUTY_SPEAKS)
    decision = decide(clerk, item, operations.agreed_by_all_present(item.meeting, item))
    assert decision.stances.get(partner=nhs).kind == Stance.Kind.ABSENT
    assert decision.basis == Decision.Basis.INQUORATE
    assert decision.is_provisional


def test_where_no_attendance_is_kept_a_meeting_decides_and_all_agree(clerk, council, nhs, item):
    decision = decide(clerk, item, operations.agreed_by_all_present(item.meeting, item))
    assert decision.basis == Decision.Basis.MEETING
    assert {row.kind for row in decision.stances.all()} == {"agrees"}


def test_who_left_before_an_item_does_not_count_for_it(clerk, council, nhs, item):
    arrive(item, council, "council")
    online = arrive(item, nhs, "nhs", mode=Attendance.Mode.ONLINE)
    later = make_agenda_item(meeting=item.meeting, order=item.order + 1)
    online.movements.create(item=later, kind="left")
    there = {each: operations.agreed_by_all_present(item.meeting, each)[nhs.pk].kind for each in (item, later)}
    assert there == {item: "agrees", later: "absent"}


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (Said("subject to"), "Say what the agreement of Group of the south is subject to."),
        (Said("reserves", answer_due_on=dt.date(2020, 10, 1)), "Name the body to which Group of the south puts it."),
        (Said("reserves", parent_body="Its board"), "Give the date on which Group of the south expects the answer."),
        (Said("reserves", parent_body="Its board", answer_due_on=dt.date(2020, 9, 1)), "before the decision"),
        (None, "Say what Group of the south said."),
    ],
)
def test_what_a_party_said_is_whole_or_nothing_is_recorded(clerk, council, nhs, item, said, sentence):
    stances = {council.pk: Said("agrees")} | ({nhs.pk: said} if said else {})
    with pytest.raises(ValidationError, match=sentence):
        decide(clerk, item, stances)
    assert not Decision.objects.exists()


def test_a_party_that_is_not_in_force_is_refused_and_its_successor_named(clerk, council, nhs, item):
    gone = make_partner(name="Older group", side="nhs", is_party=True, ends_on=dt.date(2020, 3, 31), successor=nhs)
    everyone = {each.pk: Said("agrees") for each in (council, nhs, gone)}
    with pytest.raises(ValidationError, match=r"Older group was not a party .* Record Group of the south instead"):
        decide(clerk, item, everyone)
    assert not Decision.objects.exists()


def test_only_the_secretariat_records_and_only_what_was_decided_already(clerk, council, nhs, item):
    agreed = {council.pk: Said("agrees"), nhs.pk: Said("agrees")}
    with pytest.raises(PermissionDenied):
        decide(make_person(role="board member"), item, agreed)
    coming = make_agenda_item(meeting=make_meeting(terms=item.meeting.terms, starts_at=NOON + dt.timedelta(days=9)))
    with pytest.raises(ValidationError, match="The meeting begins on"):
        decide(clerk, coming, agreed)
    with pytest.raises(ValidationError, match="could not wait"):
        operations.record_decision(by=clerk, text="Fund it.", said=agreed, basis="chairs")


def test_a_decision_between_meetings_is_provisional_until_a_meeting_with_a_quorum_ratifies_it(clerk, council, nhs):
    agreed = {council.pk: Said("agrees"), nhs.pk: Said("agrees")}
    decision = operations.record_decision(
        by=clerk,
        text="Extend it.",
        said=agreed,
        basis="chairs",
        could_not_wait="It ended.",
        decided_on=dt.date(2020, 8, 1),
    )
    assert operations.why_not_final(decision) == "it waits for a meeting to ratify it"
    short = make_held_meeting(starts_at=dt.datetime(2020, 8, 10, 10, tzinfo=dates.LONDON), quorate=False)
    whole = make_held_meeting(starts_at=dt.datetime(2020, 8, 24, 10, tzinfo=dates.LONDON), quorate=True)
    with pytest.raises(ValidationError, match="no quorum"):
        operations.ratify(by=clerk, decision=decision, seen=1, meeting=short, ratified=True)
    decision = operations.ratify(by=clerk, decision=decision, seen=1, meeting=whole, ratified=True)
    assert operations.why_not_final(decision) == ""
    with pytest.raises(ValidationError, match="not waiting"):
        operations.ratify(by=clerk, decision=decision, seen=2, meeting=whole, ratified=True)


def test_a_reservation_is_followed_up_until_its_answer_and_a_date_changes_only_then(sign_in, clerk, council, nhs, item):
    decision = make_decision(item=item, decided_on=item.meeting.on)
    make_stance(decision=decision, partner=council)
    reserved = make_stance(
        decision=decision, partner=nhs, kind="reserves", parent_body="Its board", answer_due_on=dt.date(2020, 9, 30)
    )
    plan = make_plan(edition_month=dt.date(2020, 1, 1))
    deliverable = make_deliverable(workstream=make_workstream(plan=plan))
    first = deliverable.agreed_on
    to = {"by": clerk, "decision": decision, "deliverable": deliverable, "after_on": dt.date(2021, 9, 30)}
    with pytest.raises(ValidationError, match="reserves; its answer is expected on 30 September 2020"):
        operations.change_date(**to, seen=1)
    operations.answer_reservation(
        by=clerk, stance=reserved, seen=1, answer="Yes.", answered_on=NOON.date(), effective_on=dt.date(2020, 10, 1)
    )
    change = operations.change_date(**to, seen=1)
    deliverable.refresh_from_db()
    assert (change.before_on, deliverable.agreed_on) == (first, dt.date(2021, 9, 30))
    with pytest.raises(ValidationError, match="already"):
        operations.change_date(**to, seen=2)
    page = sign_in(clerk).get(deliverable_address(deliverable)).content.decode()
    assert f"First agreed date {dates.say_day(first)}." in page
    assert "A decision of the Board changed it to 30 September 2021, 10 September 2020." in page


def test_two_who_save_a_decision_at_once_lose_nothing(sign_in, clerk, item):
    decision = make_decision(item=item, series="2020-09", number=4)
    client, where = sign_in(clerk), "/meetings/decisions/2020-09/4/correct/"
    assert client.post(where, {"seen": 1, "text": "Mine."}).status_code == 302
    answer = client.post(where, {"seen": 1, "text": "Theirs."})
    assert answer.status_code == 422
    assert "Somebody changed this since you opened it." in answer.content.decode()
    assert "Theirs." in answer.content.decode()
    decision.refresh_from_db()
    assert decision.text == "Mine."


def test_the_register_finds_and_hides(sign_in, clerk, council):
    make_decision(text="Buy eight sessions", series="2020-08", number=1)
    hidden = make_agenda_item(meeting=make_held_meeting(), restricted=True)
    make_decision(item=hidden, text="A closed matter", series="2020-08", number=2)
    for role, sees in (("secretariat", True), ("board member", True), ("observer", False), ("administrator", False)):
        client = sign_in(make_person(role=role))
        for where in ("/meetings/decisions/", "/meetings/decisions/register.csv", "/meetings/decisions/?q=closed"):
            assert ("A closed matter" in client.get(where).content.decode()) is sees, (role, where)
        assert client.get("/meetings/decisions/2020-08/2/").status_code == (200 if sees else 404)
    found = sign_in(clerk).get("/meetings/decisions/?q=2020-08/D1").content.decode()
    assert "Buy eight sessions" in found
    assert "A closed matter" not in found


def test_does_not_agree_offers_a_dispute_that_is_joined_to_the_decision(sign_in, clerk, council, nhs, item):
    decision = make_decision(item=item, series="2020-09", number=7)
    make_stance(decision=decision, partner=nhs, kind="does not agree", words="Too dear.")
    client = sign_in(clerk)
    assert "/disputes/raise/?decision=2020-09/D7" in client.get("/meetings/decisions/2020-09/7/").content.decode()
    form = client.get("/disputes/raise/?decision=2020-09/D7").context["form"]
    assert form.initial["about"] == "Decision 2020-09/D7 of the Board"


@pytest.mark.pdf
def test_the_extract_is_pdf_ua(sign_in, clerk, council, nhs, item):
    if not pdf.is_available():
        pytest.skip(pdf.UNAVAILABLE)
    decision = make_decision(item=item, series="2020-09", number=7, text="Fund eight sessions.")
    make_stance(decision=decision, partner=nhs, kind="subject to", words="One year only.")
    answer = sign_in(clerk).get("/meetings/decisions/2020-09/7/extract.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert judge(answer.content) == []
