"""What may be logged, by whom, and what is refused: DOMAIN "Status" and "Who may log progress", a sentence a test."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from jcb import access, dates
from jcb.models import Person, StoredFile
from tests.make import (
    make_board_settings,
    make_deliverable,
    make_lead,
    make_partner,
    make_person,
    make_update,
    make_workstream,
)
from workstreams.models import ProgressUpdate, Status
from workstreams.operations import WORDS_LIMIT, ProgressConflict, confirm_complete, log_progress, say_no_change

pytestmark = pytest.mark.django_db

TODAY = dt.date(2020, 9, 10)
WORDS = "Three therapists start in October."


@pytest.fixture
def lead(council) -> Person:
    return make_person(name="Lead for therapies", partner=council)


@pytest.fixture
def deliverable(lead, council):
    return make_deliverable(lead=lead, partner=council)


def log(deliverable, by, seen=0, status=Status.ON_TRACK, narrative=WORDS, **given):
    return log_progress(deliverable=deliverable, by=by, seen=seen, status=status, narrative=narrative, **given)


def refused(call, *args, field=None, **given) -> str:
    """The sentence of a refusal, on the field it should be on; the log is as it was."""
    before = list(ProgressUpdate.objects.values_list("pk", flat=True)), StoredFile.objects.count()
    with pytest.raises(ValidationError) as refusal:
        call(*args, **given)
    assert (list(ProgressUpdate.objects.values_list("pk", flat=True)), StoredFile.objects.count()) == before
    if field:
        return " ".join(refusal.value.message_dict[field])
    return " ".join(refusal.value.messages)


def forbidden(call, *args, **given) -> None:
    """A 403, and the log is as it was."""
    before = ProgressUpdate.objects.count()
    with pytest.raises(PermissionDenied):
        call(*args, **given)
    assert ProgressUpdate.objects.count() == before


# Who may log progress


def test_the_lead_of_a_deliverable_logs_progress(deliverable, lead):
    update = log(deliverable, lead, forecast_on=dt.date(2020, 12, 31))
    assert update.number == 1
    assert update.by == lead
    assert update.at == dates.now()
    assert (update.status, update.narrative, update.forecast_on) == ("on track", WORDS, dt.date(2020, 12, 31))


def test_the_named_deputy_logs_progress():
    deputy = make_person()
    assert log(make_deliverable(deputy=deputy), deputy).by == deputy


def test_a_lead_of_the_workstream_logs_progress(deliverable):
    held = make_lead(workstream=deliverable.workstream)
    assert log(deliverable, held.person).by == held.person


@pytest.mark.parametrize(
    ("from_on", "until_on", "may"),
    [
        (TODAY, None, True),
        (dt.date(2018, 1, 1), TODAY, True),
        (TODAY + dt.timedelta(days=1), None, False),
        (dt.date(2018, 1, 1), TODAY - dt.timedelta(days=1), False),
    ],
)
def test_a_lead_of_the_workstream_logs_on_the_days_they_hold_it(deliverable, from_on, until_on, may):
    held = make_lead(workstream=deliverable.workstream, from_on=from_on, until_on=until_on)
    if may:
        log(deliverable, held.person)
    else:
        forbidden(log, deliverable, held.person)


def test_the_lead_of_another_workstream_does_not_log(deliverable):
    elsewhere = make_lead(workstream=make_workstream(plan=deliverable.workstream.plan))
    forbidden(log, deliverable, elsewhere.person)


def test_a_commissioner_of_the_partner_that_owns_it_logs_progress(deliverable, owning_commissioner):
    assert log(deliverable, owning_commissioner).by == owning_commissioner


def test_a_commissioner_cannot_log_progress_on_another_partners_deliverable(deliverable, other_commissioner):
    forbidden(log, deliverable, other_commissioner)


@pytest.mark.parametrize(
    ("day", "may"), [(dt.date(2021, 3, 31), False), (dt.date(2021, 4, 1), True), (dt.date(2022, 7, 1), True)]
)
def test_what_an_organisation_owned_passes_to_its_successor_on_its_day(day, may):
    successor = make_partner(starts_on=dt.date(2021, 4, 1))
    owned = make_deliverable(partner=make_partner(ends_on=dt.date(2021, 3, 31), successor=successor))
    merged = make_partner(ends_on=dt.date(2021, 3, 31), successor=successor)
    for partner in (successor, merged):
        assert access.may_log_progress(make_person(partner=partner), owned, day) is may
    assert not access.may_log_progress(make_person(partner=make_partner()), owned, day)


def test_a_commissioner_without_a_partner_does_not_log_on_a_deliverable_without_one():
    forbidden(log, make_deliverable(partner=None), make_person(partner=None))


def test_a_board_member_logs_on_what_they_lead(council_member):
    assert log(make_deliverable(lead=council_member), council_member).by == council_member


def test_a_board_member_does_not_log_on_what_their_organisation_owns(deliverable, council_member):
    assert council_member.partner == deliverable.partner
    forbidden(log, deliverable, council_member)


@pytest.mark.parametrize("role", ["observer", "invited lead", "forum representative", "administrator"])
def test_who_only_reads_writes_nothing_even_where_named_as_lead(role):
    reader = make_person(role=role)
    deliverable = make_deliverable(lead=reader, deputy=reader)
    make_lead(workstream=deliverable.workstream, person=reader)
    make_update(deliverable=deliverable, status=Status.COMPLETE, no_evidence_because="It is a service.")
    forbidden(log, deliverable, reader, seen=1)
    forbidden(say_no_change, deliverable=deliverable, by=reader, seen=1)
    forbidden(confirm_complete, deliverable=deliverable, by=reader, seen=1)


def test_who_may_not_log_is_refused_before_anything_is_said_of_the_log(observer, deliverable):
    forbidden(say_no_change, deliverable=deliverable, by=observer, seen=0)
    forbidden(confirm_complete, deliverable=deliverable, by=observer, seen=0)


def test_a_lead_who_was_deactivated_logs_nothing(deliverable, lead):
    lead.is_active = False
    lead.save()
    forbidden(log, deliverable, lead)


# The secretariat, on behalf of a named person


def test_the_secretariat_logs_for_a_named_person_and_both_names_are_kept(deliverable, lead, secretariat):
    update = log(deliverable, secretariat, on_behalf_of=lead)
    assert (update.by, update.on_behalf_of, update.said_by) == (secretariat, lead, lead)


def test_the_secretariat_names_the_person_it_writes_for(deliverable, secretariat):
    assert "Choose the person" in refused(log, deliverable, secretariat, field="on_behalf_of")


def test_the_secretariat_writes_for_nobody_who_may_not_log_themselves(deliverable, secretariat, other_commissioner):
    said = refused(log, deliverable, secretariat, on_behalf_of=other_commissioner, field="on_behalf_of")
    assert "may not log progress" in said


def test_the_secretariat_writes_for_nobody_who_has_left(deliverable, secretariat, lead):
    lead.is_active = False
    lead.save()
    refused(log, deliverable, secretariat, on_behalf_of=lead, field="on_behalf_of")


def test_nobody_else_writes_on_behalf_of_another(deliverable, lead, owning_commissioner):
    assert "Only the secretariat" in refused(
        log, deliverable, owning_commissioner, on_behalf_of=lead, field="on_behalf_of"
    )


# Status


@pytest.mark.parametrize("status", [Status.AT_RISK, Status.OFF_TRACK])
@pytest.mark.parametrize("words", ["", "   \n "])
def test_at_risk_and_off_track_need_words(deliverable, lead, status, words):
    said = refused(log, deliverable, lead, status=status, narrative=words, field="narrative")
    assert said == f"Say why it is {status.label.lower()}."


@pytest.mark.parametrize("status", [Status.NOT_STARTED, Status.ON_TRACK])
def test_other_statuses_need_no_words(deliverable, lead, status):
    assert log(deliverable, lead, status=status, narrative="").status == status


@pytest.mark.parametrize("status", [Status.NOT_STARTED, Status.ON_TRACK, Status.AT_RISK])
def test_past_its_agreed_date_and_not_complete_is_never_on_track(lead, status):
    late = make_deliverable(lead=lead, own_due_on=TODAY - dt.timedelta(days=1))
    said = refused(log, late, lead, status=status, field="status")
    assert said.startswith("Its agreed date, 9 September 2020, has passed.")


def test_on_its_agreed_date_a_deliverable_may_still_be_on_track(lead):
    assert log(make_deliverable(lead=lead, own_due_on=TODAY), lead).status == Status.ON_TRACK


def test_past_its_agreed_date_a_deliverable_is_off_track_or_complete(lead):
    late = make_deliverable(lead=lead, own_due_on=dt.date(2020, 6, 30))
    log(late, lead, status=Status.OFF_TRACK)
    assert log(late, lead, seen=1, status=Status.COMPLETE, no_evidence_because="It is a service.").number == 2


def test_the_agreed_date_is_judged_by_the_london_day(lead):
    due = make_deliverable(lead=lead, own_due_on=dt.date(2020, 7, 1))
    with dates.held_at(dt.datetime(2020, 7, 1, 22, 59, tzinfo=dt.UTC)):
        assert log(due, lead).number == 1
    with dates.held_at(dt.datetime(2020, 7, 1, 23, 1, tzinfo=dt.UTC)):
        refused(log, due, lead, seen=1, field="status")


def test_a_status_that_does_not_exist_is_refused(deliverable, lead):
    with pytest.raises(ValueError, match="splendid"):
        log(deliverable, lead, status="splendid")
    assert not ProgressUpdate.objects.exists()


# Complete: proposed by one, confirmed by another


def test_completion_needs_evidence_or_a_reason(deliverable, lead):
    said = refused(log, deliverable, lead, status=Status.COMPLETE, field="evidence_link")
    assert said == "Give a link or a file as evidence, or say why there is none."
    refused(log, deliverable, lead, status=Status.COMPLETE, no_evidence_because="  ", field="evidence_link")


def test_a_link_a_file_or_a_reason_is_enough_for_completion(lead):
    for evidence in (
        {"evidence_link": "https://board.example/contract"},
        {"evidence_upload": (b"%PDF-1.7 something", "pdf"), "evidence_name": "contract.pdf"},
        {"no_evidence_because": "The service runs."},
    ):
        assert log(make_deliverable(lead=lead), lead, status=Status.COMPLETE, **evidence).awaits_confirmation


def test_a_file_is_kept_with_the_update_and_by_whom(deliverable, lead):
    update = log(deliverable, lead, evidence_upload=(b"%PDF-1.7 the contract", "pdf"), evidence_name="contract.pdf")
    assert (update.evidence.by, update.evidence.extension, update.evidence_name) == (lead, "pdf", "contract.pdf")


def test_an_address_that_is_no_link_is_refused(deliverable, lead):
    refused(log, deliverable, lead, evidence_link="javascript:alert(1)", field="evidence_link")


def proposed(deliverable, by, **given):
    return make_update(
        deliverable=deliverable, by=by, status=Status.COMPLETE, evidence_link="https://board.example/contract", **given
    )


def test_completion_that_one_lead_proposed_is_confirmed_by_the_other(deliverable, lead):
    other = make_lead(workstream=deliverable.workstream, side="nhs").person
    proposal = proposed(deliverable, lead, forecast_on=dt.date(2020, 9, 1))
    confirmed = confirm_complete(deliverable=deliverable, by=other, seen=1, narrative="Seen and agreed.")
    assert (confirmed.confirms, confirmed.by, confirmed.status) == (proposal, other, Status.COMPLETE)
    assert confirmed.evidence_link == proposal.evidence_link
    assert proposal.awaits_confirmation
    assert not confirmed.awaits_confirmation


def test_who_proposed_completion_cannot_confirm_it(deliverable):
    held = make_lead(workstream=deliverable.workstream).person
    proposed(deliverable, held)
    forbidden(confirm_complete, deliverable=deliverable, by=held, seen=1)


def test_who_had_the_secretariat_propose_completion_cannot_confirm_it(deliverable, secretariat):
    held = make_lead(workstream=deliverable.workstream).person
    proposed(deliverable, secretariat, on_behalf_of=held)
    forbidden(confirm_complete, deliverable=deliverable, by=held, seen=1)


def test_the_secretariat_records_that_the_board_confirmed(deliverable, lead, secretariat):
    proposed(deliverable, secretariat, on_behalf_of=lead)
    confirmed = confirm_complete(deliverable=deliverable, by=secretariat, seen=1)
    assert (confirmed.by, confirmed.on_behalf_of) == (secretariat, None)


def test_a_commissioner_or_a_board_member_who_leads_nothing_confirms_nothing(
    deliverable, lead, owning_commissioner, council_member
):
    proposed(deliverable, lead)
    forbidden(confirm_complete, deliverable=deliverable, by=owning_commissioner, seen=1)
    forbidden(confirm_complete, deliverable=deliverable, by=council_member, seen=1)


def test_a_completion_is_confirmed_once(deliverable, lead, secretariat):
    proposed(deliverable, lead)
    confirm_complete(deliverable=deliverable, by=secretariat, seen=1)
    said = refused(confirm_complete, deliverable=deliverable, by=secretariat, seen=2)
    assert "no completion to confirm" in said


def test_what_is_not_proposed_as_complete_is_not_confirmed(deliverable, lead, secretariat):
    make_update(deliverable=deliverable, by=lead)
    refused(confirm_complete, deliverable=deliverable, by=secretariat, seen=1)
    refused(confirm_complete, deliverable=deliverable, by=secretariat, seen=0)


def test_a_completion_that_was_taken_back_meanwhile_is_not_confirmed(deliverable, lead, secretariat):
    proposed(deliverable, lead)
    log(deliverable, lead, seen=1, status=Status.AT_RISK)
    with pytest.raises(ProgressConflict) as conflict:
        confirm_complete(deliverable=deliverable, by=secretariat, seen=1)
    assert [update.number for update in conflict.value.theirs] == [2]
    assert deliverable.updates.count() == 2


# Closed by decision


def test_the_secretariat_records_for_the_board_that_a_decision_closed_it(deliverable, secretariat):
    update = log(deliverable, secretariat, status=Status.CLOSED, narrative="Closed by the Board, 3 September 2020.")
    assert (update.by, update.on_behalf_of) == (secretariat, None)


def test_nobody_else_closes_a_deliverable(deliverable, lead):
    assert "Only a Board decision" in refused(log, deliverable, lead, status=Status.CLOSED, field="status")


def test_a_closing_names_the_decision(deliverable, secretariat):
    said = refused(log, deliverable, secretariat, status=Status.CLOSED, narrative=" ", field="narrative")
    assert "Name the decision" in said


def test_what_a_decision_closed_is_opened_again_by_the_secretariat_only(deliverable, lead, secretariat):
    make_update(deliverable=deliverable, status=Status.CLOSED, by=secretariat)
    assert "A Board decision closed it" in refused(log, deliverable, lead, seen=1, field="status")
    assert log(deliverable, secretariat, seen=1, on_behalf_of=lead).number == 2


# Forecast


def test_the_forecast_is_the_leads_and_may_be_later_than_the_agreed_date(lead):
    deliverable = make_deliverable(lead=lead, own_due_on=dt.date(2020, 12, 31))
    update = log(deliverable, lead, forecast_on=dt.date(2021, 3, 31))
    assert update.forecast_on == dt.date(2021, 3, 31)
    assert deliverable.agreed_on == dt.date(2020, 12, 31)


def test_a_forecast_is_today_or_later(deliverable, lead):
    said = refused(log, deliverable, lead, forecast_on=TODAY - dt.timedelta(days=1), field="forecast_on")
    assert said.startswith("The forecast has passed.")
    assert log(deliverable, lead, forecast_on=TODAY).forecast_on == TODAY


def test_a_forecast_is_at_most_ten_years_away(deliverable, lead):
    said = refused(log, deliverable, lead, forecast_on=dt.date(2030, 9, 11), field="forecast_on")
    assert said.endswith("Check the year.")
    assert log(deliverable, lead, forecast_on=dt.date(2030, 9, 10)).number == 1


def test_a_finished_deliverable_may_keep_a_forecast_that_has_passed(deliverable, lead):
    past = dt.date(2020, 8, 31)
    update = log(deliverable, lead, status=Status.COMPLETE, no_evidence_because="It runs.", forecast_on=past)
    assert update.forecast_on == past


# Words


def test_words_have_a_limit_and_the_refusal_says_both_numbers(deliverable, lead):
    log(deliverable, lead, narrative="x" * WORDS_LIMIT)
    said = refused(log, deliverable, lead, seen=1, narrative="x" * (WORDS_LIMIT + 1), field="narrative")
    assert said.startswith("Keep it under 5,000 characters; this has 5,001.")


def test_a_character_that_no_database_keeps_is_refused(deliverable, lead):
    refused(log, deliverable, lead, narrative="a\x00b", field="narrative")


# No change


def test_no_change_repeats_what_was_said_and_the_words_keep_their_date(deliverable, lead):
    with dates.held_at(dt.datetime(2020, 7, 1, 9, tzinfo=dt.UTC)):
        first = log(deliverable, lead, status=Status.AT_RISK, forecast_on=dt.date(2020, 12, 31))
    again = say_no_change(deliverable=deliverable, by=lead, seen=1)
    assert (again.number, again.status, again.narrative) == (2, Status.AT_RISK, WORDS)
    assert (again.forecast_on, again.no_change_since) == (dt.date(2020, 12, 31), first)
    assert (again.at, again.words_at) == (dates.now(), first.at)
    third = say_no_change(deliverable=deliverable, by=lead, seen=2)
    assert third.words_at == first.at


def test_after_two_rounds_of_no_change_new_words_are_asked_for(deliverable, lead):
    log(deliverable, lead)
    for seen in (1, 2):
        say_no_change(deliverable=deliverable, by=lead, seen=seen)
    said = refused(say_no_change, deliverable=deliverable, by=lead, seen=3, field="narrative")
    assert said == "“No change” was used twice in a row. Say in a few words where it stands now."
    log(deliverable, lead, seen=3, narrative="The posts are filled.")
    assert say_no_change(deliverable=deliverable, by=lead, seen=4).narrative == "The posts are filled."


@pytest.mark.parametrize(("limit", "words"), [(1, "once"), (3, "3 times")])
def test_the_board_sets_how_often_nothing_may_have_changed(deliverable, lead, limit, words):
    make_board_settings(no_change_limit=limit)
    log(deliverable, lead)
    for seen in range(1, limit + 1):
        say_no_change(deliverable=deliverable, by=lead, seen=seen)
    assert f"used {words} in a row" in refused(say_no_change, deliverable=deliverable, by=lead, seen=limit + 1)


def test_without_a_first_update_there_is_nothing_to_repeat(deliverable, lead):
    assert "no words to repeat" in refused(say_no_change, deliverable=deliverable, by=lead, seen=0)


def test_no_change_cannot_keep_a_deliverable_on_track_past_its_date(lead):
    late = make_deliverable(lead=lead, own_due_on=dt.date(2020, 8, 31))
    make_update(deliverable=late, status=Status.ON_TRACK, at=dt.datetime(2020, 8, 1, 9, tzinfo=dt.UTC))
    refused(say_no_change, deliverable=late, by=lead, seen=1, field="status")


def test_no_change_asks_for_a_new_forecast_when_the_old_one_has_passed(deliverable, lead):
    make_update(deliverable=deliverable, forecast_on=dt.date(2020, 8, 31))
    refused(say_no_change, deliverable=deliverable, by=lead, seen=1, field="forecast_on")


@pytest.mark.parametrize("status", [Status.COMPLETE, Status.CLOSED])
def test_of_what_is_finished_nobody_has_to_say_that_nothing_changed(deliverable, lead, status):
    make_update(deliverable=deliverable, status=status, no_evidence_because="It runs.")
    assert "finished" in refused(say_no_change, deliverable=deliverable, by=lead, seen=1)


# Correction


def test_a_correction_is_a_new_row_that_says_what_it_corrects(deliverable, lead):
    first = log(deliverable, lead)
    fixed = log(deliverable, lead, seen=1, narrative="Two therapists start in October.", corrects=first)
    first.refresh_from_db()
    assert (fixed.number, fixed.corrects, first.narrative) == (2, first, WORDS)


def test_a_correction_belongs_to_its_own_deliverable(deliverable, lead):
    elsewhere = make_update()
    assert "another deliverable" in refused(log, deliverable, lead, corrects=elsewhere)


# Two at once, and a page that is out of step


def test_the_second_of_two_who_save_gets_what_the_first_wrote(deliverable, lead, owning_commissioner):
    first = log(deliverable, lead)
    with pytest.raises(ProgressConflict) as conflict:
        log(deliverable, owning_commissioner, narrative="Two therapists start.")
    assert conflict.value.theirs == [first]
    assert list(deliverable.updates.all()) == [first]


def test_all_that_was_not_seen_comes_back_newest_first(deliverable, lead, owning_commissioner):
    for seen in (0, 1, 2):
        log(deliverable, lead, seen=seen)
    with pytest.raises(ProgressConflict) as conflict:
        log(deliverable, owning_commissioner, seen=1)
    assert [update.number for update in conflict.value.theirs] == [3, 2]


def test_a_file_that_came_with_a_conflict_is_not_kept(deliverable, lead):
    log(deliverable, lead)
    with pytest.raises(ProgressConflict):
        log(deliverable, lead, evidence_upload=(b"%PDF-1.7 late", "pdf"), evidence_name="late.pdf")
    assert not StoredFile.objects.exists()


def test_a_file_that_came_with_a_refusal_is_not_kept(deliverable, lead):
    refused(log, deliverable, lead, narrative="", status=Status.AT_RISK, evidence_upload=(b"%PDF-", "pdf"))


def test_a_number_that_the_log_has_not_reached_is_refused(deliverable, lead):
    assert "out of step" in refused(log, deliverable, lead, seen=7)


def test_an_update_never_changes_and_never_goes(deliverable, lead):
    update = log(deliverable, lead)
    update.narrative = "Something else."
    with pytest.raises(TypeError, match="never changed"):
        update.save()
    with pytest.raises(TypeError, match="never deleted"):
        update.delete()


def test_a_partner_that_owns_a_deliverable_is_its_own_and_no_namesake(deliverable):
    namesake = make_partner(name="The Council of elsewhere")
    forbidden(log, deliverable, make_person(partner=namesake))
