"""The reporting round: who is asked and told, who has answered, the reminders, the highlights and their report."""

import datetime as dt
import threading

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext

from governance.home import home_page
from governance.models import Highlight, Meeting, Round
from governance.rounds import asking, operations, reminders
from governance.rounds.highlight import PART_LIMIT, REASON_LIMIT, UNEXPLAINED, build, cut
from governance.rounds.operations import nudge, open_round, write_highlight
from governance.rounds.pages import round_page
from jcb import dates, pdf
from jcb.history import Conflict
from jcb.models import Notice, Person
from tests.conftest import NOW, PERSONAS
from tests.make import (
    make_area,
    make_deliverable,
    make_highlight,
    make_lead,
    make_meeting,
    make_person,
    make_plan,
    make_round,
    make_terms,
    make_update,
    make_workstream,
)
from workstreams.models import ProgressUpdate, Status

pytestmark = pytest.mark.django_db
TODAY = dt.date(2020, 9, 10)
ROUND = "/meetings/2020-09-28/round/"
REPORT = "/meetings/2020-09-28/highlight/"


def london(*parts) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dates.LONDON)


@pytest.fixture
def plan(db):
    return make_plan(area=make_area(name="Kensington"), slug="kensington")


@pytest.fixture
def meeting(db):
    """Monday 28 September; papers out Friday 25, 10:00; authors' deadline Friday 18, 10:00."""
    return make_meeting(terms=make_terms(in_force_from=dt.date(2020, 1, 1)))


@pytest.fixture
def stream(plan):
    return make_workstream(plan=plan, short_name="Autism")


@pytest.fixture
def leader(stream):
    """The council lead of the workstream."""
    person = make_person(name="Autism lead")
    make_lead(workstream=stream, person=person)
    return person


@pytest.fixture
def owner(db):
    return make_person(name="Commissioner for equipment")


@pytest.fixture
def own(stream, owner):
    return make_deliverable(workstream=stream, lead=owner, short_title="Equipment")


@pytest.fixture
def shared(stream, leader):
    """Owned by nobody, so the workstream's lead answers for it."""
    return make_deliverable(workstream=stream, short_title="Waiting times")


def notices(rule: str) -> dict[str, str]:
    return {row.person.name: row.text for row in Notice.objects.filter(rule=rule).select_related("person")}


# Opening --------------------------------------------------------------------------------------------------------------


def test_every_lead_is_told_once_what_is_asked_of_them_and_by_when(
    meeting, own, shared, owner, leader, secretariat, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        asked_in, is_new = open_round(meeting=meeting, by=secretariat)
    assert is_new
    assert (asked_in.opened_at, asked_in.closes_at) == (NOW, london(2020, 9, 18, 10))
    told = notices(operations.OPENED)
    assert set(told) == {owner.name, leader.name}
    assert "Due Friday 18 September, 10:00" in told[owner.name]
    assert "- 1.1 Equipment" in told[owner.name]
    assert "Waiting times" not in told[owner.name]
    assert "- 1.2 Waiting times" in told[leader.name]
    assert "- 1. Autism" in told[leader.name]
    assert sorted(message.to[0] for message in mail.outbox) == sorted([owner.email, leader.email])


def test_opening_it_twice_does_nothing(meeting, own, secretariat, sign_in):
    client = sign_in(secretariat)
    assert client.post(f"{ROUND}open/").status_code == 302
    before = Round.objects.get().version
    again = client.post(f"{ROUND}open/", follow=True).content.decode()
    assert "was open already" in again
    assert (Round.objects.get().version, Notice.objects.count()) == (before, 1)


def test_a_round_is_refused_once_the_authors_deadline_has_passed_or_the_pack_is_out(
    meeting, secretariat, council_member
):
    with dates.held_at(london(2020, 9, 18, 10)), pytest.raises(ValidationError, match="Change that deadline first"):
        open_round(meeting=meeting, by=secretariat)
    with pytest.raises(PermissionDenied):
        open_round(meeting=meeting, by=council_member)
    meeting.state = Meeting.State.PUBLISHED
    meeting.save()
    with pytest.raises(ValidationError, match="is pack published"):
        open_round(meeting=meeting, by=secretariat)
    assert not Round.objects.exists()


def test_who_cannot_log_is_not_asked_and_what_nobody_can_answer_is_listed(meeting, stream, own, leader, secretariat):
    own.lead = make_person(role=Person.Role.OBSERVER)
    own.save()
    lonely = make_deliverable(workstream=make_workstream(plan=stream.plan), short_title="Lonely")
    asked_in = make_round(meeting=meeting)
    whole = asking.everyone(asked_in, TODAY)
    assert [(part.person, [row.deliverable for row in part.rows]) for part in whole.asked] == [(leader, [own])]
    assert [row.deliverable for row in whole.nobody] == [lonely]
    assert round_page(meeting, NOW)["nobody"] == ["2.1 Lonely"]


def test_what_is_finished_is_not_asked_for_but_finishing_it_is_an_answer(meeting, own, shared, owner):
    make_update(deliverable=own, status=Status.COMPLETE, no_evidence_because="None", at=london(2020, 8, 1, 9))
    asked_in = make_round(meeting=meeting)
    assert asking.everyone(asked_in, TODAY).of(owner) is None
    make_update(deliverable=own, status=Status.COMPLETE, no_evidence_because="None", at=london(2020, 9, 8, 9))
    assert asking.everyone(asked_in, TODAY).of(owner).is_done


# Answers --------------------------------------------------------------------------------------------------------------


def test_an_answer_is_any_update_from_the_opening_to_the_close(meeting, own, owner):
    asked_in = make_round(meeting=meeting)
    make_update(deliverable=own, at=asked_in.opened_at - dt.timedelta(seconds=1))
    assert asking.everyone(asked_in, TODAY).of(owner).waiting
    make_update(deliverable=own, at=asked_in.opened_at)
    part = asking.everyone(asked_in, TODAY).of(owner)
    assert (len(part.answered), len(part.late), part.waiting) == (1, 0, [])


def test_an_update_at_the_close_or_later_is_late(meeting, own, owner):
    asked_in = make_round(meeting=meeting)
    make_update(deliverable=own, at=asked_in.closes_at)
    with dates.held_at(london(2020, 9, 21, 9)):
        part = asking.everyone(asked_in, dates.today()).of(owner)
        (line,) = [line for line in round_page(meeting, dates.now())["lines"] if line.person == owner]
    assert (len(part.answered), len(part.late), part.is_done) == (0, 1, True)
    assert (line.answered, line.late) == (1, 1)


def test_the_secretariat_sees_lead_by_lead_who_has_answered(meeting, own, shared, owner, leader, secretariat, sign_in):
    make_round(meeting=meeting)
    make_update(deliverable=own, at=london(2020, 9, 8, 9))
    page = sign_in(secretariat).get(ROUND).content.decode()
    assert "1 of 2 leads has answered everything. 1 of 2 deliverables has no update yet." in page
    assert "Due Friday 18 September, 10:00" in page
    assert page.index(leader.name) < page.index(owner.name)  # who has not answered comes first
    assert "Not yet: 1. Autism" in page
    assert "Not needed" in page
    assert page.count("Nudge<span") == 1


def test_the_round_asks_as_many_questions_with_three_leads_as_with_one(meeting, stream, secretariat, sign_in):
    make_round(meeting=meeting)
    client = sign_in(secretariat)

    def add():
        make_deliverable(workstream=stream, lead=make_person())
        make_lead(workstream=stream, person=make_person())
        make_deliverable(workstream=make_workstream(plan=stream.plan))

    def questions() -> list[int]:
        found = []
        for address in (ROUND, REPORT, "/"):
            client.get(address)
            with CaptureQueriesContext(connection) as asked:
                assert client.get(address).status_code == 200
            found.append(len(asked))
        return found

    add()
    first = questions()
    add()
    add()
    assert questions() == first


# Nudging --------------------------------------------------------------------------------------------------------------


def test_a_lead_is_nudged_once_a_day_at_most_and_only_while_something_waits(
    meeting, own, shared, owner, leader, secretariat, sign_in
):
    asked_in = make_round(meeting=meeting)
    make_update(deliverable=own, at=london(2020, 9, 8, 9))
    client = sign_in(secretariat)
    page = client.post(f"{ROUND}nudge/", {"person": leader.pk}, follow=True).content.decode()
    assert f"Nudged by e-mail: {leader.name}." in page
    assert "Thursday 10 September" in page
    assert "Nudge<span" not in page
    again = client.post(f"{ROUND}nudge/", {"person": "everyone"}, follow=True).content.decode()
    assert "Nobody was told" in again
    told = notices(operations.NUDGED)
    assert list(told) == [leader.name]
    assert "Waiting times" in told[leader.name]
    with dates.held_at(london(2020, 9, 11, 9)):
        assert nudge(asked_in=asked_in, by=secretariat) == [leader]
    assert client.post(f"{ROUND}nudge/", {"person": "x"}).status_code == 404
    assert client.post(f"{ROUND}nudge/", {"person": "999999999"}).status_code == 404


def test_nobody_is_nudged_once_the_pack_is_out(meeting, own, secretariat, sign_in):
    asked_in = make_round(meeting=meeting)
    meeting.state = Meeting.State.PUBLISHED
    meeting.save()
    asked_in.refresh_from_db()
    with pytest.raises(ValidationError, match="nobody is nudged"):
        nudge(asked_in=asked_in, by=secretariat)
    page = sign_in(secretariat).post(f"{ROUND}nudge/", {"person": "everyone"}, follow=True).content.decode()
    assert "nobody is nudged" in page
    assert not Notice.objects.exists()


def test_without_a_round_there_is_nothing_to_nudge(meeting, secretariat, sign_in):
    client = sign_in(secretariat)
    assert client.post(f"{ROUND}nudge/", {"person": "everyone"}).status_code == 404
    assert "No round is open for this meeting." in client.get(ROUND).content.decode()
    with dates.held_at(london(2020, 9, 21, 9)):
        assert "too late to open one" in client.get(ROUND).content.decode()
        assert "Change that deadline first" in client.post(f"{ROUND}open/", follow=True).content.decode()
    meeting.state = Meeting.State.PUBLISHED
    meeting.save()
    assert "none can be opened" in client.get(ROUND).content.decode()


# On the home page and my round ----------------------------------------------------------------------------------------


def test_a_lead_sees_the_clock_and_what_is_still_to_write(meeting, own, shared, leader, sign_in):
    make_round(meeting=meeting)
    client = sign_in(leader)
    home = client.get("/").content.decode()
    assert "Your round for Monday 28 September" in home
    assert "1 of your 1 deliverables still needs an update" in home
    assert "Due Friday 18 September, 10:00" in home
    assert "Highlights to write" in home
    mine = client.get("/round/").content.decode()
    assert "Due Friday 18 September, 10:00" in mine
    assert f'href="{REPORT}kensington/1/"' in mine


def test_what_is_answered_no_longer_waits(meeting, own, owner, sign_in):
    make_round(meeting=meeting)
    make_update(deliverable=own, at=london(2020, 9, 8, 9))
    page = home_page(owner, TODAY)
    assert page["needs"] == []
    assert page["part"].sentence.startswith("All your deliverables are answered")
    with dates.held_at(london(2020, 9, 21, 9)):
        assert home_page(owner, dates.today())["part"].clock == "Was due Friday 18 September, 10:00"


def test_without_a_round_my_round_is_as_it_was(meeting, own, owner, sign_in):
    assert "Due " not in sign_in(owner).get("/round/").content.decode()
    (need,) = home_page(owner, TODAY)["needs"]
    assert (need.what, need.clock) == ("Updates to write", "")


def test_the_secretariat_is_reminded_to_open_the_round_and_then_sees_how_far_it_is(meeting, own, secretariat):
    needs = {need.what: need for need in home_page(secretariat, TODAY)["needs"]}
    assert needs["Open the reporting round"].url == ROUND
    make_round(meeting=meeting)
    needs = {need.what: need for need in home_page(secretariat, TODAY)["needs"]}
    assert needs["Leads who have not finished the round"].number == 1
    assert "Updates to ask for" not in needs


def test_who_only_reads_is_asked_for_nothing(meeting, own, observer, sign_in):
    make_round(meeting=meeting)
    assert asking.my_part(observer, TODAY) is None
    assert "Nothing. You read here" in sign_in(observer).get("/").content.decode()


# Reminders ------------------------------------------------------------------------------------------------------------


def told_on(*parts) -> list[str]:
    with dates.held_at(london(*parts)):
        return [f"{notice.rule}: {notice.person.name}" for notice in reminders.remind()]


def test_leads_are_reminded_three_working_days_and_one_before_the_round_closes(meeting, own, owner):
    make_round(meeting=meeting)
    assert told_on(2020, 9, 14, 7) == []
    assert told_on(2020, 9, 15, 7) == [f"round closes in 3 working days: {owner.name}"]
    assert told_on(2020, 9, 15, 8) == []
    assert told_on(2020, 9, 16, 7) == []
    assert told_on(2020, 9, 17, 7) == [f"round closes in 1 working day: {owner.name}"]
    assert told_on(2020, 9, 18, 7) == []
    assert told_on(2020, 9, 18, 11) == []


def test_a_day_left_out_is_made_good_and_who_has_answered_is_left_alone(meeting, own, owner, shared, leader):
    make_round(meeting=meeting)
    make_highlight(meeting=meeting, workstream=own.workstream)
    make_update(deliverable=own, at=london(2020, 9, 8, 9))
    assert told_on(2020, 9, 16, 7) == [f"round closes in 3 working days: {leader.name}"]
    assert told_on(2020, 9, 18, 7) == [f"round closes in 1 working day: {leader.name}"]


def test_who_was_asked_on_the_day_of_a_reminder_needs_none(meeting, own):
    make_round(meeting=meeting, opened_at=london(2020, 9, 17, 6))
    assert told_on(2020, 9, 17, 7) == []


def test_a_round_whose_deadline_moved_is_reminded_of_anew(meeting, own, owner):
    asked_in = make_round(meeting=meeting)
    assert len(told_on(2020, 9, 17, 7)) == 1
    asked_in.closes_at = london(2020, 9, 25, 10)
    asked_in.save()
    assert told_on(2020, 9, 22, 7) == [f"round closes in 3 working days: {owner.name}"]


def test_a_red_row_without_words_is_told_to_its_lead_one_working_day_before_papers_go_out(meeting, own, owner):
    make_update(deliverable=own, status=Status.OFF_TRACK, narrative="No supplier.", at=london(2020, 6, 1, 9))
    assert told_on(2020, 9, 23, 7) == []
    assert told_on(2020, 9, 24, 7) == [f"{reminders.RED}: {owner.name}"]
    assert told_on(2020, 9, 24, 7) == []
    assert told_on(2020, 9, 25, 7) == []
    text = notices(reminders.RED)[owner.name]
    assert "- 1.1 Equipment" in text
    assert "go out on Friday 25 September, 10:00" in text
    assert "“No explanation since the last meeting”" in text
    assert told_on(2020, 9, 25, 11) == []


def test_a_row_that_turns_red_meanwhile_is_told_by_itself_and_words_make_it_unnecessary(meeting, own, stream, owner):
    make_update(deliverable=own, status=Status.OFF_TRACK, narrative="No supplier.", at=london(2020, 6, 1, 9))
    assert len(told_on(2020, 9, 24, 7)) == 1
    make_deliverable(workstream=stream, lead=owner, short_title="Due", own_due_on=dt.date(2020, 9, 24))
    explained = make_deliverable(workstream=stream, lead=owner, short_title="Said", own_due_on=dt.date(2020, 9, 24))
    make_update(deliverable=explained, status=Status.OFF_TRACK, narrative="Late.", at=london(2020, 9, 24, 9))
    assert told_on(2020, 9, 25, 7) == [f"{reminders.RED}: {owner.name}"]
    text = Notice.objects.filter(rule=reminders.RED).latest("pk").text
    assert "1.2 Due" in text
    assert "Said" not in text
    assert "Equipment" not in text


def test_many_red_rows_are_told_in_several_notices_and_never_twice(meeting, stream, owner):
    for _ in range(reminders.MOST_ROWS + 1):
        make_deliverable(workstream=stream, lead=owner, own_due_on=dt.date(2020, 9, 1))
    assert len(told_on(2020, 9, 24, 7)) == 2
    assert told_on(2020, 9, 24, 8) == []


def test_the_command_may_be_ended_halfway_and_run_again(meeting, own, owner, shared, leader, capsys, monkeypatch):
    make_round(meeting=meeting)
    told = []

    def ended(people, **words):
        if told:
            raise KeyboardInterrupt
        told.extend(people)
        return real(people, **words)

    real = reminders.tell
    with dates.held_at(london(2020, 9, 15, 7)):
        with monkeypatch.context() as patched:
            patched.setattr(reminders, "tell", ended)
            with pytest.raises(KeyboardInterrupt):
                call_command("remind")
        call_command("remind")
        call_command("remind")
    assert len(told) == 1
    assert Notice.objects.count() == 2
    said = capsys.readouterr().out
    assert "1 told." in said
    assert "Nobody has to be told today." in said


def test_what_an_earlier_run_left_unsent_is_sent(owner, django_capture_on_commit_callbacks):
    Notice.objects.create(rule="x", object_key="y", person=owner, on=TODAY, subject="Left", text="Unsent.")
    with django_capture_on_commit_callbacks(execute=True):
        assert reminders.remind() == []
    assert [message.subject for message in mail.outbox] == ["Left"]


def test_nobody_is_reminded_of_a_cancelled_meeting(meeting, own):
    make_round(meeting=meeting)
    make_deliverable(workstream=own.workstream, lead=own.lead, own_due_on=dt.date(2020, 9, 1))
    meeting.state = Meeting.State.CANCELLED
    meeting.save()
    assert told_on(2020, 9, 17, 7) == []
    assert told_on(2020, 9, 24, 7) == []


# Highlights -----------------------------------------------------------------------------------------------------------

WRITTEN = {"status": "at risk", "reason": "One post is empty.", "done": "", "next": "", "risks": "", "wanted": ""}


def test_a_lead_writes_the_highlights_and_they_stand_in_the_report(meeting, shared, leader, sign_in):
    client = sign_in(leader)
    address = f"{REPORT}kensington/1/"
    assert client.get(address).context["form"].initial["status"] == Status.NOT_STARTED
    assert client.post(address, WRITTEN | {"wanted": "Agree to advertise."}).status_code == 302
    row = Highlight.objects.get()
    assert (row.by, row.status, row.reason) == (leader, Status.AT_RISK, "One post is empty.")
    page = client.get(REPORT).content.decode()
    for words in ("One post is empty.", "Help or decisions wanted", "Agree to advertise.", "Change the highlights"):
        assert words in page


def test_the_second_of_two_leads_who_write_first_sees_both_texts(meeting, shared, leader, nhs_lead, sign_in):
    address = f"{REPORT}kensington/1/"
    assert sign_in(leader).post(address, WRITTEN).status_code == 302
    answer = sign_in(nhs_lead).post(address, WRITTEN | {"reason": "Two posts are empty."})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "One post is empty." in page
    assert "Two posts are empty." in page
    assert f'name="seen" value="{Highlight.objects.get().version}"' in page
    saved = sign_in(nhs_lead).post(address, WRITTEN | {"reason": "Two posts are empty.", "seen": 1})
    assert saved.status_code == 302
    assert (Highlight.objects.get().by, Highlight.objects.get().reason) == (nhs_lead, "Two posts are empty.")


@pytest.fixture
def nhs_lead(stream):
    person = make_person(name="NHS lead of autism")
    make_lead(workstream=stream, person=person, side="nhs")
    return person


def test_two_who_change_one_box_collide_and_two_who_change_different_ones_do_not(meeting, shared, leader, nhs_lead):
    row = make_highlight(meeting=meeting, workstream=shared.workstream, by=leader)
    mine = Highlight.objects.get(pk=row.pk)
    mine.done = "Mine."
    write_highlight(highlight=mine, by=leader, seen=1, changed=["done"])
    theirs = Highlight.objects.get(pk=row.pk)
    theirs.next = "Theirs."
    saved = write_highlight(highlight=theirs, by=nhs_lead, seen=1, changed=["next"])
    assert (saved.done, saved.next, saved.by) == ("Mine.", "Theirs.", nhs_lead)
    theirs.done = "Something else."
    with pytest.raises(Conflict):
        write_highlight(highlight=theirs, by=nhs_lead, seen=1, changed=["done"])
    with pytest.raises(ValueError, match="Not edited here"):
        write_highlight(highlight=theirs, by=nhs_lead, seen=1, changed=["meeting"])


def test_the_form_shows_both_texts_to_the_second_who_changes_a_box(meeting, shared, leader, sign_in):
    row = make_highlight(meeting=meeting, workstream=shared.workstream, by=leader)
    client = sign_in(leader)
    given = {name: getattr(row, name) for name in operations.EDITABLE} | {"seen": 1}
    address = f"{REPORT}kensington/1/"
    assert client.post(address, given | {"done": "First."}).status_code == 302
    answer = client.post(address, given | {"done": "Second."})
    assert answer.status_code == 409
    assert "First." in answer.content.decode()


def test_highlights_are_refused_without_a_reason_when_too_long_or_once_the_meeting_is_over(
    meeting, shared, leader, sign_in
):
    client = sign_in(leader)
    address = f"{REPORT}kensington/1/"
    refused = client.post(address, WRITTEN | {"reason": "", "done": "x" * (PART_LIMIT + 1)})
    assert refused.status_code == 422
    assert "Say why, in a sentence or two." in refused.content.decode()
    assert f"Keep it under {PART_LIMIT} characters" in refused.content.decode()
    meeting.state = Meeting.State.HELD
    meeting.save()
    answer = client.post(address, WRITTEN)
    assert answer.status_code == 422
    assert "Write the highlights for the next one." in answer.content.decode()
    assert "Write the highlights<" not in client.get(REPORT).content.decode()
    assert client.get(f"{REPORT}kensington/99999999999/").status_code == 404
    assert client.get(f"{REPORT}kensington/7/").status_code == 404
    assert not Highlight.objects.exists()


# The report -----------------------------------------------------------------------------------------------------------


def test_exceptions_come_first_and_off_track_without_words_says_exactly_that(meeting, stream, own, owner):
    make_update(deliverable=own, status=Status.ON_TRACK, at=london(2020, 9, 8, 9))
    risky = make_deliverable(workstream=stream, short_title="Risky")
    make_update(deliverable=risky, status=Status.AT_RISK, narrative="One tender failed.", at=london(2020, 9, 8, 9))
    silent = make_deliverable(workstream=stream, short_title="Silent")
    make_update(deliverable=silent, status=Status.OFF_TRACK, narrative="Old words.", at=london(2020, 6, 1, 9))
    make_meeting(terms=meeting.terms, starts_at=london(2020, 8, 17, 10), state=Meeting.State.HELD)
    report = build(meeting, TODAY)
    (found,) = report.streams
    assert report.since == "17 August 2020"
    assert [(row.title, row.unexplained) for row in found.exceptions] == [("Silent", True), ("Risky", False)]
    assert [line.title for line in found.lines] == ["Equipment"]
    html = render_to_string("print/highlight.html", {"report": report})
    assert html.count(UNEXPLAINED) == 1
    assert "One tender failed." in html
    assert "No highlights were written for this meeting." in html


def test_the_report_of_a_meeting_counts_from_the_meeting_before_it_even_once_it_was_held(meeting, own):
    make_meeting(terms=meeting.terms, starts_at=london(2020, 8, 17, 10), state=Meeting.State.HELD)
    meeting.state = Meeting.State.HELD
    meeting.save()
    with dates.held_at(london(2020, 10, 5, 9)):
        assert build(meeting, dt.date(2020, 9, 28)).since == "17 August 2020"


def test_the_report_is_as_at_its_day_and_only_of_live_plans(meeting, own):
    make_update(deliverable=own, status=Status.OFF_TRACK, narrative="Late.", at=london(2020, 9, 12, 9))
    make_deliverable(workstream=make_workstream(plan=make_plan(state="past")))
    assert [stream.off_track for stream in build(meeting, TODAY).streams] == [0]
    assert [stream.off_track for stream in build(meeting, dt.date(2020, 9, 12)).streams] == [1]
    assert build(meeting, TODAY) == build(meeting, TODAY)


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        ("Short.", 90, "Short."),
        ("one two three four five", 15, "one two three …"),
        ("x" * 100, 90, "x" * 88 + " …"),
    ],
)
def test_words_are_cut_between_words(text, limit, kept):
    assert cut(text, limit)[0] == kept
    assert len(kept) <= max(limit, len(text))


@pytest.mark.pdf
@pytest.mark.skipif(not pdf.is_available(), reason=pdf.UNAVAILABLE)
def test_no_workstream_takes_more_than_two_pages_however_much_is_said(meeting, plan, leader, stream, observer, sign_in):
    words = "The supplier withdrew and the families who wait were told so in writing. "
    full = {"done": PART_LIMIT, "next": PART_LIMIT, "risks": PART_LIMIT, "wanted": PART_LIMIT, "reason": REASON_LIMIT}
    third = make_workstream(
        plan=plan, name="A workstream with a name that goes on for as long as names may go on, " * 2
    )
    for each, status, many in ((stream, Status.OFF_TRACK, 12), (third, Status.ON_TRACK, 30)):
        make_highlight(meeting=meeting, workstream=each, **{name: (words * 9)[:limit] for name, limit in full.items()})
        for n in range(many):
            row = make_deliverable(
                workstream=each, own_due_on=dt.date(2020, 12, 31), short_title=f"{n} " + "Equipment for schools " * 4
            )
            said = (words * 60)[:4_900] if n % 2 else "\n".join("many short lines".split() * 40)
            make_update(
                deliverable=row,
                status=status,
                narrative=said,
                forecast_on=dt.date(2021, 3, 31),
                at=london(2020, 9, 8 if n % 3 else 1, 9),
            )
    last = make_workstream(plan=plan, short_name="Last")
    answer = sign_in(observer).get(f"{REPORT}print/")
    assert answer["Content-Type"] == "application/pdf"
    rendered = pdf.render_pdf(render_to_string("print/highlight.html", {"report": build(meeting, TODAY)}))
    assert not last.deliverables.exists()
    starts = [rendered.anchors[f"highlight-kensington-{n}"] for n in (1, 2)]
    assert starts[0] == 2
    assert starts[1] - starts[0] <= 2
    assert rendered.pages + 1 - starts[1] <= 2


# Who may --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PERSONAS)
def test_everyone_reads_the_report_leads_write_and_the_secretariat_sees_who_answered(
    name, meeting, shared, cast, sign_in
):
    client = sign_in(cast[name])
    reads, prepares = name != "signed out", name == "secretariat"
    expected = {True: 200, False: 403 if reads else 302}
    assert client.get(REPORT).status_code == (200 if reads else 302)
    assert client.get(ROUND).status_code == expected[prepares]
    assert client.get(f"{REPORT}kensington/1/").status_code == expected[prepares]
    if not prepares:
        for address in (f"{ROUND}open/", f"{ROUND}nudge/", f"{REPORT}kensington/1/"):
            assert client.post(address, {**WRITTEN, "person": "everyone"}).status_code == (403 if reads else 302)
    assert client.get("/meetings/2020-01-01/highlight/").status_code == (404 if reads else 302)
    assert [model.objects.count() for model in (Round, Highlight, ProgressUpdate)] == [0, 0, 0]


@pytest.mark.django_db(transaction=True)
def test_two_who_open_a_round_at_once_open_one_and_tell_each_lead_once(meeting, own, secretariat):
    def both():
        try:
            with dates.held_at(NOW):
                barrier.wait(timeout=20)
                answers.append(open_round(meeting=meeting, by=secretariat)[1])
        finally:
            connection.close()

    barrier, answers = threading.Barrier(2), []
    threads = [threading.Thread(target=both) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False, True]
    assert (Round.objects.count(), Notice.objects.filter(rule=operations.OPENED).count()) == (1, 1)
