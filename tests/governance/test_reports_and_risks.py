"""Reports upward, the register of risks, the panel's themes, and interests."""

import datetime as dt

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError

from governance.agendas import due
from governance.agendas import operations as agendas
from governance.agendas.build import for_person
from governance.interests import operations as interests
from governance.interests import pages as interest_pages
from governance.meetings.operations import cancel
from governance.models import AgendaItem, BodyMeeting, Interest, StandingItem
from governance.panel import operations as panel
from governance.risks import operations as risks
from governance.risks import pages as risk_pages
from governance.rounds import highlight
from governance.upward import operations as upward
from jcb import dates
from tests.make import (
    make_agenda_item,
    make_body_meeting,
    make_decision,
    make_deliverable,
    make_held_meeting,
    make_lead,
    make_meeting,
    make_membership,
    make_parent_body,
    make_person,
    make_terms,
)
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
def meeting():
    return make_held_meeting(starts_at=NOON - dt.timedelta(days=10))


def refused(call, **given) -> str:
    with pytest.raises(ValidationError) as refusal:
        call(**given)
    return " ".join(refusal.value.messages)


# Upward ---------------------------------------------------------------------------------------------------------------


def test_a_report_is_drafted_edited_sent_as_one_page_and_recorded(
    meeting, clerk, sign_in, django_capture_on_commit_callbacks
):
    body = make_parent_body(name="Health and Wellbeing Board", email="hwb@board.example", paper_days=10)
    nearest = upward.keep_date(by=clerk, body=body, on=dt.date(2020, 10, 20))
    assert nearest.papers_due_on == dt.date(2020, 10, 10)
    make_decision(meeting=meeting, item=make_agenda_item(meeting=meeting, order=1), text="Fund eight sessions.")
    hidden = make_agenda_item(meeting=meeting, order=2, title="Price of a place", restricted=True)
    make_decision(meeting=meeting, item=hidden, text="Pay the price.")
    client, where = sign_in(clerk), f"/meetings/{meeting.key}/reports/"
    assert "20 October 2020, papers due 10 October 2020" in client.get(where).content.decode()
    client.post(where, {"body": body.key})
    page = client.get(f"{where}{body.key}/").content.decode()
    assert "Fund eight sessions." in page
    assert "Pay the price." not in page
    edited = {
        "alert": "Waits are long.",
        "advise": "",
        "assure": "Most is on track.",
        "for_meeting": nearest.pk,
        "seen": 1,
    }
    assert client.post(f"{where}{body.key}/", edited).status_code == 302
    content = client.get(f"{where}{body.key}.pdf").content
    assert judge(content) == []
    row = body.reports.get()
    assert (row.for_meeting, row.version) == (nearest, 2)
    observer = sign_in(make_person(role="observer"))
    assert observer.get(f"{where}{body.key}/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_sent_report_reaches_the_body_with_its_page_and_stays_as_it_was(clerk, sign_in):
    meeting = make_held_meeting(starts_at=NOON - dt.timedelta(days=10))
    body = make_parent_body(name="Health and Wellbeing Board", email="hwb@board.example")
    row = upward.begin(by=clerk, meeting=meeting, body=body)
    row = upward.edit(by=clerk, report=row, seen=1, alert="Waits are long.", advise="", assure="")
    client, where = sign_in(clerk), f"/meetings/{meeting.key}/reports/{body.key}"
    page = client.post(f"{where}/send/", {"seen": 2}, follow=True).content.decode()
    assert "The report is on its way to hwb@board.example." in page
    upward.send_reports.func()
    message = next(each for each in mail.outbox if each.to == ["hwb@board.example"])
    name, content, kind = message.attachments[0]
    assert (name, kind) == (f"report-{meeting.key}.pdf", "application/pdf")
    assert judge(content) == []
    said = refused(upward.edit, by=clerk, report=row, seen=3, alert="Other.", advise="", assure="")
    assert said == "This report was sent on 10 September 2020 and stays as it was sent."
    assert b"".join(client.get(f"{where}.pdf").streaming_content) == content
    assert sign_in(make_person(role="observer")).get(f"{where}/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_report_of_two_pages_is_not_sent(clerk):
    meeting = make_held_meeting(starts_at=NOON - dt.timedelta(days=10))
    row = upward.begin(by=clerk, meeting=meeting, body=make_parent_body(email="hwb@board.example"))
    long = "\n".join(["A line that goes on about waits and what is done about them."] * 60)
    row = upward.edit(by=clerk, report=row, seen=1, alert=long, advise="", assure="")
    assert refused(upward.send, by=clerk, report=row, seen=2).startswith("The report runs to ")
    row.refresh_from_db()
    assert row.state == "draft"


def test_a_report_waits_for_the_meeting_and_for_an_address(clerk):
    planned = make_meeting(starts_at=NOON + dt.timedelta(days=10))
    body = make_parent_body(email="")
    assert refused(upward.begin, by=clerk, meeting=planned, body=body).startswith("A report is written on a meeting")
    held = make_held_meeting(starts_at=NOON - dt.timedelta(days=10))
    row = upward.begin(by=clerk, meeting=held, body=body)
    row = upward.edit(by=clerk, report=row, seen=1, alert="x", advise="", assure="")
    assert refused(upward._opened_now, by=clerk, report=row, seen=2).startswith("No e-mail address is kept for")


# Risks ----------------------------------------------------------------------------------------------------------------


def test_a_risk_is_scored_with_a_trend_escalated_answered_and_reported(clerk, sign_in):
    deliverable = make_deliverable()
    stream = deliverable.workstream
    row = risks.add(by=clerk, workstream=stream, kind="risk", title="Two therapists leave", likelihood=3, impact=4)
    assert risk_pages.line(row).words == "12 of 25, medium, new"
    risks.score(by=clerk, risk=row, likelihood=4, impact=4, note="One has left.")
    row = risk_pages.visible(clerk).get()
    assert risk_pages.line(row).words == "16 of 25, high, rising"
    assert refused(risks.answer, by=clerk, risk=row, seen=1, answer="Yes", answered_on=NOON.date()) == (
        "This risk was not escalated to anybody. Record that first."
    )
    row = risks.escalate(
        by=clerk, risk=row, seen=1, escalated_to="CFA Executive Board", escalated_on=dt.date(2020, 9, 1)
    )
    assert refused(risks.answer, by=clerk, risk=row, seen=2, answer="Yes", answered_on=dt.date(2020, 8, 1)) == (
        "Choose a day between the escalation and today."
    )
    risks.answer(by=clerk, risk=row, seen=2, answer="It funds one post.", answered_on=dt.date(2020, 9, 9))
    client = sign_in(make_person(role="observer"))
    page = client.get(f"/meetings/risks/{stream.plan.slug}/{stream.number}/1/").content.decode()
    assert "It funds one post." in page
    assert "Escalated to CFA Executive Board on 1 September 2020; answered on 9 September 2020" in page
    assert "Two therapists leave" in client.get("/meetings/risks/register.csv").content.decode()
    report = highlight.build(make_meeting(starts_at=NOON + dt.timedelta(days=4)), NOON.date())
    said = next(each for each in report.streams if each.number == stream.number)
    assert said.register == (f"{row.ref} Two therapists leave: 16 of 25, high, rising, escalated and answered",)


def test_risks_are_kept_by_the_leads_of_their_workstream(sign_in):
    stream = make_deliverable().workstream
    lead = make_lead(workstream=stream, person=make_person(role="commissioner")).person
    give = {"workstream": stream, "kind": "issue", "title": "No room", "likelihood": 5, "impact": 2}
    assert risks.add(by=lead, **give).ref == f"R{stream.number}.1"
    with pytest.raises(PermissionDenied):
        risks.add(by=make_person(role="commissioner"), **give)
    where = f"/meetings/risks/{stream.plan.slug}/{stream.number}/add/"
    page = sign_in(lead).post(where, {"kind": "risk", "title": "Child B waits", "likelihood": 9, "impact": ""})
    assert page.status_code == 422
    assert "Child B waits" in page.content.decode()


# Panel themes ---------------------------------------------------------------------------------------------------------


def test_themes_of_the_panel_bring_their_item_to_the_agenda_and_move_with_a_cancelled_meeting(clerk):
    terms = make_terms(in_force_from=dt.date(2020, 1, 1))
    standing = StandingItem.objects.create(
        terms=terms, order=1, title="High Cost Placement Panel themes", frequency="when not empty"
    )
    first = make_meeting(terms=terms, starts_at=NOON + dt.timedelta(days=10))
    second = make_meeting(terms=terms, starts_at=NOON + dt.timedelta(days=50))
    assert [each.is_due for each in due.missing(first, [])[0]] == [False]
    theme = panel.keep(by=clerk, noticed_on=NOON.date(), title="Places far from home", text="More than last year.")
    assert [each.is_due for each in due.missing(first, [])[0]] == [True]
    agendas.make_agenda(meeting=first, by=clerk)
    theme.refresh_from_db()
    assert theme.meeting == first
    assert AgendaItem.objects.get(meeting=first).standing == standing
    assert "From the panel: Places far from home. More than last year." in for_person(first, clerk).business[0].about
    cancel(meeting=first, by=clerk, seen=1, because="Floods.", moved_to=second)
    theme.refresh_from_db()
    assert theme.meeting == second


def test_a_theme_is_never_a_case(clerk):
    give = {"by": clerk, "noticed_on": NOON.date(), "title": "Places far from home"}
    assert "nothing here may identify a child" in refused(panel.keep, **give, text="Child A moved.")
    assert panel.keep(**give).key != panel.keep(**give).key


# Interests ------------------------------------------------------------------------------------------------------------


def test_a_declared_interest_withholds_an_item_from_one_person(clerk, sign_in):
    meeting = make_meeting(starts_at=NOON + dt.timedelta(days=4))
    item = make_agenda_item(meeting=meeting, title="Equipment contract")
    member = make_person(role="board member")
    client = sign_in(member)
    where = f"/meetings/{meeting.key}/interests/declare/?item={item.pk}"
    client.post(where, {"item": item.pk, "kind": "financial", "text": "I hold shares in a supplier."})
    row = Interest.objects.get(person=member)
    assert client.get(f"/meetings/{meeting.key}/agenda/{item.pk}/").status_code == 200
    said = refused(interests.manage, by=clerk, interest=row, seen=1, managed="withheld", withholds=False)
    assert said == "To keep the paper from this person, tick that the item is withheld too."
    interests.manage(by=clerk, interest=row, seen=1, managed="withheld", withholds=True)
    assert client.get(f"/meetings/{meeting.key}/agenda/{item.pk}/").status_code == 404
    page = client.get(f"/meetings/{meeting.key}/attendance/").content.decode()
    assert "I hold shares in a supplier." in page
    assert "An item that you do not see" in page
    assert "Equipment contract" not in page


def test_the_register_is_kept_apart_and_says_what_is_late(clerk, sign_in):
    member, other = make_person(role="board member"), make_person(role="commissioner")
    make_membership(person=member, from_on=dt.date(2019, 1, 1))
    row = interests.register(
        by=member, person=member, kind="personal", text="A brother runs a school.", held_from=dt.date(2020, 8, 1)
    )
    assert interests.days_late(row) == 12
    with pytest.raises(PermissionDenied):
        interests.register(by=other, person=member, kind="personal", text="x", held_from=NOON.date())
    page = sign_in(member).get("/meetings/interests/").content.decode()
    assert "12 days after the 28 days" in page
    assert "Confirmation was due on 1 January 2019" in page
    assert "A brother runs a school." not in sign_in(other).get("/meetings/interests/").content.decode()
    assert "Confirm your interests" in sign_in(member).get("/").content.decode()
    interests.confirm(by=member, person=member)
    assert "Confirm your interests" not in sign_in(member).get("/").content.decode()
    assert interest_pages.is_due(member) is False
    assert "recorded for today already" in refused(interests.confirm, by=member, person=member)
    with dates.held_at(NOON + dt.timedelta(days=370)):
        assert interest_pages.is_due(member) is True


def test_bodies_keep_their_own_dates(clerk):
    body = make_parent_body(paper_days=5)
    late = refused(upward.keep_date, by=clerk, body=body, on=dt.date(2020, 10, 20), papers_due_on=dt.date(2020, 10, 21))
    assert late == "Papers are due on or before the day of the meeting. Check both dates."
    make_body_meeting(body=body, on=dt.date(2020, 11, 1))
    assert BodyMeeting.objects.count() == 1
