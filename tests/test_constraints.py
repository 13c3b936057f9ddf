"""Every rule the database keeps, each with a write that it refuses. A rule without a line in the table fails."""

import datetime as dt

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from governance.models import (
    ActionHelper,
    CalendarFeed,
    Circulation,
    Clause,
    Confirmation,
    DateChange,
    InterestsReturn,
    Invitation,
    ItemDeliverable,
    Ladder,
    MinuteCorrection,
    ReportsTo,
    Rung,
    TermsParty,
    TermsReview,
    ThemeConsidered,
)
from jcb.models import ActsFor, BoardSettings, Clock
from needs.models import ActionTaken, ConsultationPoint, StatementArea
from tests import make
from workstreams.models import (
    Alias,
    Commitment,
    Principle,
    SectionIndicator,
    SectionSource,
    VisionOutcome,
)

pytestmark = pytest.mark.django_db

ROOMS = ("jcb", "needs", "workstreams", "governance")
EARLY, LATE = dt.date(2020, 1, 1), dt.date(2020, 6, 30)


def like(row: models.Model, **changes) -> models.Model:
    """Another row like this one, not yet saved: its own key and single unique values are new, the rest is the same."""
    new = type(row)()
    for field in row._meta.concrete_fields:
        if field.primary_key:
            continue
        value = getattr(row, field.attname)
        if field.unique and value is not None:
            n = make.next_number() + 1000
            value = f"fresh-{n}" if isinstance(value, str) else n
        setattr(new, field.attname, value)
    for name, value in changes.items():
        setattr(new, name, value)
    return new


def its_own_successor():
    row = like(make.make_partner(), pk=999_999)
    row.successor_id = row.pk
    return row


def commitment():
    principle = Principle.objects.create(plan=make.make_plan(), order=1, title="Fair")
    return Commitment.objects.create(principle=principle, order=1, text="We ask first.")


def rung():
    ladder = Ladder.objects.create(key="ladder", title="Ladder", in_force_from=EARLY, stands_in="Clause 6")
    return Rung.objects.create(ladder=ladder, order=1, key="board", name="Board", who="The Board", text="They meet.")


def planned(**changes):
    return like(make.make_meeting(), **changes)


def too_late(deadline: str):
    """A meeting one of whose deadlines comes a year too late."""
    return planned(**{deadline: make.dates.at(dt.date(2021, 9, 1), dt.time(9))})


def numbered():
    return make.make_agenda_item(number=7)


def sending():
    person = make.make_person()
    return Circulation.objects.create(pack=make.make_pack(), person=person, address=person.email)


def another_attendance(**changes):
    return like(make.make_attendance(), person=make.make_person(), **changes)


def another_decision(**changes):
    return like(make.make_decision(), number=make.next_number(), **changes)


def between_meetings(**changes):
    return like(make.make_decision(basis="chairs"), number=make.next_number(), **changes)


def another_agreement(**changes):
    return like(make.make_agreement(), number=make.next_number(), **changes)


def another_stance(**changes):
    return like(make.make_stance(), partner=make.make_partner(), **changes)


def another_action(**changes):
    return like(make.make_action(), number=make.next_number(), **changes)


def date_change():
    decision, deliverable = make.make_decision(), make.make_deliverable()
    return DateChange.objects.create(
        decision=decision, deliverable=deliverable, before_on=EARLY, after_on=LATE, by=decision.by
    )


def confirmation():
    extension = make.make_extension()
    return Confirmation.objects.create(extension=extension, party=extension.party, by=extension.by)


def other_minutes(came_to: str, **changes):
    """Minutes that came to a state, of another meeting, but for the changes."""
    return like(make.make_minutes(state=came_to), **{"meeting": make.make_held_meeting(), **changes})


def other_summary(state: str, **changes):
    return like(make.make_family_summary(state=state), **{"meeting": make.make_held_meeting(), **changes})


# What each rule refuses: a row that breaks this rule and no other.
REFUSED = {
    # Areas, partners, people, documents
    "partner_ends_after_it_starts": lambda: like(make.make_partner(), starts_on=LATE, ends_on=EARLY),
    "partner_not_its_own_successor": its_own_successor,
    "one_acting_arrangement": lambda: like(
        ActsFor.objects.create(agent=make.make_partner(), principal=make.make_partner())
    ),
    "one_document_per_data": lambda: like(make.make_document()),
    "one_notice_a_day": lambda: like(make.make_notice()),
    "one_row_of_board_settings": lambda: BoardSettings(pk=2),
    "one_clock": lambda: Clock(pk=2, shown=make.dates.now(), set_at=make.dates.now()),
    # What we know
    "one_definition_per_number": lambda: like(make.make_definition()),
    "observation_low_to_high": lambda: like(make.make_observation(), area=make.make_area(), low=2, high=1),
    "observation_period_runs_forward": lambda: like(
        make.make_observation(), area=make.make_area(), period_start=LATE, period_end=EARLY
    ),
    "observation_has_a_figure": lambda: like(make.make_observation(), area=make.make_area(), value=None),
    "one_value_of_an_area_and_period": lambda: like(make.make_observation()),
    "one_jsna_theme_per_number": lambda: like(make.make_jsna_theme()),
    "one_finding_per_number": lambda: like(make.make_finding()),
    "one_action_taken_per_number": lambda: like(
        ActionTaken.objects.create(finding=make.make_finding(), number=1, text="Done.")
    ),
    "one_statement_per_area": lambda: like(
        StatementArea.objects.create(statement=make.make_statement(), area=make.make_area())
    ),
    "could_not_says_why": lambda: like(make.make_response(), number=9, kind="we could not", because=""),
    "one_response_per_number": lambda: like(make.make_response()),
    "one_moderation_per_number": lambda: like(make.make_moderation()),
    "one_note_per_principle": lambda: like(
        make.make_engagement(followed=(make.make_principle(),)).followed.get(), how="Again."
    ),
    "one_consultation_point_per_number": lambda: like(
        ConsultationPoint.objects.create(area=make.make_area(), number=1, text="Listen.", consultation="Spring")
    ),
    # What we do about it
    "one_plan_per_area_and_month": lambda: like(make.make_plan(), state="draft"),
    "one_live_plan_per_area": lambda: like(make.make_plan(), edition_month=LATE),
    "plan_period_short_to_long": lambda: like(make.make_plan(), area=make.make_area(), months_min=19),
    "one_section_per_key": lambda: like(make.make_section(), order=9999),
    "one_section_per_place": lambda: like(make.make_section(), key="another"),
    "one_citation_per_section": lambda: like(
        SectionSource.objects.create(section=make.make_section(), source=make.make_source())
    ),
    "one_indicator_per_section": lambda: like(
        SectionIndicator.objects.create(section=make.make_section(), indicator=make.make_indicator())
    ),
    "one_outcome_per_place": lambda: like(VisionOutcome.objects.create(plan=make.make_plan(), order=1, text="Well.")),
    "one_principle_per_place": lambda: like(Principle.objects.create(plan=make.make_plan(), order=1, title="Fair")),
    "one_commitment_per_place": lambda: like(commitment()),
    "one_strategy_per_place": lambda: like(make.make_strategy()),
    "one_service_per_place": lambda: like(make.make_service()),
    "one_theme_per_place": lambda: like(make.make_theme(), key="another"),
    "one_theme_per_key": lambda: like(make.make_theme(), order=9999),
    "one_workstream_per_number": lambda: like(make.make_workstream()),
    "one_alias_per_name": lambda: like(
        Alias.objects.create(workstream=make.make_workstream(), name="SLCN", where="Section 3")
    ),
    "new_has_no_before": lambda: like(make.make_lineage(), kind="new"),
    "moved_or_closed_has_no_after": lambda: like(make.make_lineage(), kind="closed"),
    "lead_ends_after_it_starts": lambda: like(make.make_lead(), from_on=LATE, until_on=EARLY),
    "one_deliverable_per_number": lambda: like(make.make_deliverable()),
    "one_milestone_per_place": lambda: like(make.make_milestone()),
    "one_update_per_number": lambda: like(make.make_update()),
    "risk_has_words": lambda: like(make.make_update(), number=2, status="at risk", narrative=""),
    "complete_has_evidence": lambda: like(make.make_update(), number=2, status="complete"),
    "one_consideration_per_cell": lambda: like(make.make_consideration()),
    "one_achievement_per_place": lambda: like(make.make_achievement()),
    "thread_from_one_need": lambda: like(make.make_thread(), statement=make.make_statement()),
    "thread_to_one_answer": lambda: like(make.make_thread(), theme=make.make_theme()),
    "measure_of_one_thing": lambda: like(make.make_measure(), deliverable=make.make_deliverable()),
    # How it is overseen
    "one_party_per_terms": lambda: like(
        TermsParty.objects.create(terms=make.make_terms(), partner=make.make_partner(), order=1)
    ),
    "one_clause_per_place": lambda: like(
        Clause.objects.create(terms=make.make_terms(), kind="review", order=1, text="Yearly.")
    ),
    "one_line_per_body": lambda: like(ReportsTo.objects.create(terms=make.make_terms(), body="A board")),
    "one_standing_item_per_place": lambda: like(make.make_standing_item()),
    "nth_has_a_number": lambda: like(make.make_standing_item(), order=9999, frequency="every nth"),
    "one_seat_per_place": lambda: like(make.make_seat()),
    "membership_ends_after_it_starts": lambda: like(make.make_membership(), from_on=LATE, until_on=EARLY),
    "one_rung_per_place": lambda: like(rung()),
    "one_terms_review_a_day": lambda: like(
        TermsReview.objects.create(terms=make.make_terms(), on=EARLY, outcome="They stay.", by=make.make_person())
    ),
    # When it meets
    "caution_ends_after_it_starts": lambda: like(make.make_caution(), first_on=LATE, last_on=EARLY),
    "one_caution_of_a_name_and_day": lambda: like(make.make_caution(area=make.make_area())),
    "one_caution_of_both_boroughs": lambda: like(make.make_caution()),
    "meeting_deadlines_in_order": lambda: too_late("authors_due_at"),
    "only_cancelled_meetings_pass_on": lambda: planned(moved_to=make.make_meeting()),
    "quorum_is_known_once_held": lambda: planned(quorate=True),
    "one_calendar_address_in_use": lambda: like(
        CalendarFeed.objects.create(person=make.make_person(), secret_sha256="0" * 64)
    ),
    # What it takes
    "deep_dive_has_a_theme": lambda: like(make.make_forward_item(), kind="deep dive"),
    "forward_item_in_one_place": lambda: like(make.make_forward_item(month=EARLY), meeting=make.make_meeting()),
    "one_item_per_frozen_number": lambda: like(numbered()),
    "suffix_follows_a_number": lambda: like(make.make_agenda_item(), suffix="A"),
    "one_link_per_item_and_deliverable": lambda: like(
        ItemDeliverable.objects.create(item=make.make_agenda_item(), deliverable=make.make_deliverable())
    ),
    "one_invitation_per_item": lambda: like(
        Invitation.objects.create(item=make.make_agenda_item(), person=make.make_person())
    ),
    "round_closes_after_it_opens": lambda: like(
        make.make_round(), meeting=make.make_meeting(), closes_at=make.dates.at(EARLY, dt.time(9))
    ),
    "one_highlight_per_meeting": lambda: like(make.make_highlight()),
    # What it reads
    "cleared_by_someone_at_some_time": lambda: like(
        make.make_front_sheet(), item=make.make_agenda_item(), cleared_by=make.make_person()
    ),
    "one_recommendation_per_number": lambda: like(
        make.make_front_sheet(recommendations=("Agree it.",)).recommendations.get()
    ),
    "one_theme_per_front_sheet": lambda: like(
        ThemeConsidered.objects.create(front_sheet=make.make_front_sheet(), theme=make.make_theme())
    ),
    "one_paper_per_place": lambda: like(make.make_paper()),
    "one_version_per_number": lambda: like(make.make_paper_version()),
    "one_pack_per_audience": lambda: like(make.make_pack()),
    "later_packs_say_what_changed": lambda: like(make.make_pack(), number=2),
    "one_sending_per_person": lambda: like(sending()),
    # In the room
    "no_account_no_sign_in": lambda: like(make.make_person(), email="b@board.example", by_email_only=True),
    "one_attendance_per_person": lambda: like(make.make_attendance()),
    "attends_for_a_seat_or_beside": lambda: like(make.make_attendance(), person=make.make_person(), seat=None),
    "one_movement_per_item": lambda: like(make.make_movement()),
    "one_interest_per_number": lambda: like(make.make_interest()),
    "withheld_is_an_item": lambda: like(make.make_interest(), number=2, item=None, withholds=True),
    "one_register_entry_per_number": lambda: like(make.make_registered_interest()),
    "interest_ends_after_it_starts": lambda: like(
        make.make_registered_interest(), number=2, held_from=LATE, held_until=EARLY
    ),
    "one_interests_return_a_day": lambda: like(
        InterestsReturn.objects.create(person=make.make_person(), on=EARLY, by=make.make_person())
    ),
    # What it decided
    "one_decision_per_number": lambda: like(make.make_decision()),
    "decided_at_a_meeting_or_could_not_wait": lambda: another_decision(meeting=None),
    "other_decisions_are_ratified": lambda: another_decision(ratification="waiting"),
    "ratified_at_a_meeting": lambda: another_decision(basis="inquorate", ratification="ratified"),
    "one_stance_per_party": lambda: like(make.make_stance()),
    "a_condition_has_words": lambda: another_stance(kind="subject to"),
    "a_reservation_names_body_and_date": lambda: another_stance(kind="reserves", parent_body="Cabinet"),
    "an_answer_has_words_and_a_date": lambda: another_stance(answer="Yes."),
    "one_date_per_decision": lambda: like(date_change()),
    # What is to be done
    "one_action_per_number": lambda: like(make.make_action()),
    "closed_on_a_day": lambda: another_action(state="closed"),
    "one_helper_per_action": lambda: like(
        ActionHelper.objects.create(action=make.make_action(), person=make.make_person())
    ),
    "one_action_update_per_number": lambda: like(make.make_action_update()),
    "an_action_update_has_words": lambda: like(make.make_action_update(), number=2, text=""),
    # What was said
    "minutes_are_checked_first": lambda: other_minutes("circulated", checked_by=None),
    "minutes_are_circulated_first": lambda: other_minutes("circulated", circulated_at=None),
    "minutes_agreed_on_a_day": lambda: other_minutes("agreed", agreed_on=None),
    "minutes_agreed_at_a_meeting": lambda: other_minutes("agreed", agreed_how="meeting"),
    "both_positions_are_recorded": lambda: other_minutes("agreed", state="not agreed"),
    "one_comment_per_number": lambda: like(make.make_minute_comment()),
    "a_refused_comment_has_an_answer": lambda: like(make.make_minute_comment(), number=2, outcome="kept"),
    "one_correction_per_number": lambda: like(
        MinuteCorrection.objects.create(
            minutes=make.make_minutes(), number=1, text="It was May.", by=make.make_person()
        )
    ),
    "summaries_are_approved_first": lambda: other_summary("approved", approved_by=None),
    "public_since_an_instant": lambda: other_summary("public", published_at=None),
    # Who hears of it
    "one_body_meeting_a_day": lambda: like(make.make_body_meeting()),
    "papers_before_the_body_meets": lambda: like(make.make_body_meeting(), on=EARLY, papers_due_on=LATE),
    "one_report_per_body": lambda: like(make.make_upward_report()),
    "sent_by_someone_at_some_time": lambda: like(
        make.make_upward_report(), body=make.make_parent_body(), sent_at=make.dates.now()
    ),
    # What threatens it
    "appraised_from_a_day_to_a_later_one": lambda: like(
        make.make_appraisal(), number=7001, last_on=dt.date(1998, 1, 1)
    ),
    "what_is_kept_is_kept_until_a_day": lambda: like(make.make_appraisal(), number=7002, decision="keep"),
    "one_risk_per_number": lambda: like(make.make_risk()),
    "escalated_to_someone_on_a_day": lambda: like(make.make_risk(), number=2, escalated_to="Cabinet"),
    "an_escalation_is_answered_on_a_day": lambda: like(
        make.make_risk(), number=2, escalated_to="Cabinet", escalated_on=EARLY, answer="They act."
    ),
    "one_score_per_number": lambda: like(make.make_risk_score()),
    "risk_scores_from_1_to_5": lambda: like(make.make_risk_score(), number=2, likelihood=6),
    # What the partners pay
    "agreement_ends_after_it_starts": lambda: another_agreement(ends_on=dt.date(2019, 3, 31)),
    "an_ended_agreement_has_a_last_day": lambda: another_agreement(status="ended"),
    "pooled_money_has_a_host": lambda: another_agreement(kind="pooled", basis="s75"),
    "agreement_rests_on_a_power_for_it": lambda: another_agreement(basis="s75"),
    "one_place_per_partner_of_an_agreement": lambda: like(make.make_agreement_party(), order=2),
    "one_partner_per_place_of_an_agreement": lambda: like(make.make_agreement_party(), partner=make.make_partner()),
    "risk_is_shared_in_per_cent": lambda: like(
        make.make_agreement_party(), order=2, partner=make.make_partner(), percent=101
    ),
    "one_row_per_year_of_an_agreement": lambda: like(make.make_agreement_year()),
    "budgets_are_not_negative": lambda: like(make.make_agreement_year(), year=2021, agreed=-1),
    "one_contribution_per_party_and_year": lambda: like(make.make_contribution()),
    "contributions_are_not_negative": lambda: like(
        make.make_contribution(), party=make.make_agreement_party(), amount=-1
    ),
    "one_review_per_number": lambda: like(make.make_agreement_review()),
    "the_next_review_comes_later": lambda: like(make.make_agreement_review(), number=2, next_on=dt.date(2020, 3, 2)),
    # What the partners cannot agree on
    "a_dispute_ends_on_a_day": lambda: like(make.make_dispute(), state="withdrawn"),
    "a_dispute_ends_after_it_was_raised": lambda: like(
        make.make_dispute(), state="withdrawn", ended_on=dt.date(2018, 12, 31)
    ),
    "a_resolution_has_terms": lambda: like(make.make_dispute(), state="settled", ended_on=LATE),
    "one_party_per_dispute": lambda: like(make.make_dispute_party(), order=2),
    "one_party_per_place": lambda: like(make.make_dispute_party(), partner=make.make_partner()),
    "one_party_per_representative": lambda: like(make.make_representation()),
    "representation_ends_after_it_starts": lambda: like(
        make.make_representation(), person=make.make_person(), until_on=dt.date(2019, 2, 28)
    ),
    "one_event_per_number": lambda: like(make.make_dispute_event()),
    "one_referral_per_rung": lambda: like(make.make_dispute_event(kind="referral"), number=2),
    "no_referral_before_the_rung_is_open": lambda: like(
        make.make_dispute_event(), number=2, kind="referral", on=EARLY, open_from=LATE
    ),
    "one_extension_per_number": lambda: like(make.make_extension()),
    "an_extension_is_longer": lambda: like(make.make_extension(), number=2, last_day=dt.date(2019, 4, 1)),
    "one_confirmation_per_party": lambda: like(confirmation(), by=make.make_person()),
    "one_confirmation_per_person": lambda: like(confirmation(), party=make.make_dispute_party()),
    "one_statement_per_number": lambda: like(make.make_case_statement()),
    "released_by_someone_at_some_time": lambda: like(
        make.make_case_statement(), number=2, released_at=make.dates.now()
    ),
    # How families are put right
    "decided_after_it_was_opened": lambda: like(make.make_redress_case(), decided_on=dt.date(2019, 2, 28)),
    "a_reply_follows_a_decision": lambda: like(make.make_redress_case(), reply_due_on=LATE),
}

# The same rules from their other side.
REFUSED_TOO = [
    ("new_has_no_before", lambda: like(make.make_lineage(), before=None)),
    ("moved_or_closed_has_no_after", lambda: like(make.make_lineage(), after=None)),
    ("nth_has_a_number", lambda: like(make.make_standing_item(), order=9999, every_nth=2)),
    ("nth_has_a_number", lambda: like(make.make_standing_item(), order=9999, frequency="every nth", every_nth=1)),
    ("risk_has_words", lambda: like(make.make_update(), number=2, status="off track", narrative="")),
    ("thread_from_one_need", lambda: like(make.make_thread(), finding=None)),
    ("thread_to_one_answer", lambda: like(make.make_thread(), workstream=None)),
    ("measure_of_one_thing", lambda: like(make.make_measure(), workstream=None)),
    ("meeting_deadlines_in_order", lambda: too_late("clearing_due_at")),
    ("meeting_deadlines_in_order", lambda: too_late("papers_due_at")),
    ("quorum_is_known_once_held", lambda: planned(state="cancelled", quorate=False)),
    (
        "cleared_by_someone_at_some_time",
        lambda: like(make.make_front_sheet(), item=make.make_agenda_item(), cleared_at=make.dates.now()),
    ),
    ("later_packs_say_what_changed", lambda: like(make.make_pack(), kind="supplement")),
    ("attends_for_a_seat_or_beside", lambda: another_attendance(capacity="in attendance")),
    ("decided_at_a_meeting_or_could_not_wait", lambda: between_meetings(could_not_wait="")),
    ("decided_at_a_meeting_or_could_not_wait", lambda: between_meetings(meeting=make.make_held_meeting())),
    ("other_decisions_are_ratified", lambda: between_meetings(ratification="not needed")),
    ("ratified_at_a_meeting", lambda: between_meetings(ratified_at=make.make_held_meeting())),
    ("a_reservation_names_body_and_date", lambda: another_stance(kind="reserves", answer_due_on=LATE)),
    ("an_answer_has_words_and_a_date", lambda: another_stance(effective_on=LATE)),
    ("closed_on_a_day", lambda: another_action(closed_on=LATE)),
    ("minutes_agreed_on_a_day", lambda: other_minutes("agreed", agreed_how="")),
    ("minutes_agreed_on_a_day", lambda: other_minutes("circulated", agreed_on=LATE)),
    ("risk_scores_from_1_to_5", lambda: like(make.make_risk_score(), number=2, impact=0)),
    (
        "what_is_kept_is_kept_until_a_day",
        lambda: like(make.make_appraisal(), number=7003, keep_until=LATE),
    ),
    ("pooled_money_has_a_host", lambda: another_agreement(kind="lead", basis="s75")),
    ("agreement_rests_on_a_power_for_it", lambda: another_agreement(kind="to nhs", basis="s256")),
    ("agreement_rests_on_a_power_for_it", lambda: another_agreement(kind="to council", basis="s76")),
    (
        "risk_is_shared_in_per_cent",
        lambda: like(make.make_agreement_party(), order=2, partner=make.make_partner(), percent=-1),
    ),
    ("budgets_are_not_negative", lambda: like(make.make_agreement_year(), year=2021, forecast=-1)),
    ("budgets_are_not_negative", lambda: like(make.make_agreement_year(), year=2021, actual=-1)),
    ("a_dispute_ends_on_a_day", lambda: like(make.make_dispute(), ended_on=LATE)),
    (
        "released_by_someone_at_some_time",
        lambda: like(make.make_case_statement(), number=2, released_by=make.make_person()),
    ),
]

# What the same rules let pass: a rule that refuses everything is no rule.
ALLOWED = {
    "partner_ends_after_it_starts": lambda: like(make.make_partner(), starts_on=EARLY, ends_on=EARLY),
    "observation_low_to_high": lambda: like(make.make_observation(), area=make.make_area(), value=None, low=1, high=1),
    "observation_has_a_figure": lambda: like(
        make.make_observation(), area=make.make_area(), value=None, qualifier="in words"
    ),
    "could_not_says_why": lambda: like(
        make.make_response(), number=9, kind="we could not", because="There was no money."
    ),
    "one_live_plan_per_area": lambda: like(make.make_plan(), edition_month=LATE, state="draft"),
    "new_has_no_before": lambda: like(make.make_lineage(), kind="new", before=None),
    "moved_or_closed_has_no_after": lambda: like(make.make_lineage(), kind="moved", after=None),
    "lead_ends_after_it_starts": lambda: like(make.make_lead(), from_on=EARLY, until_on=EARLY),
    "complete_has_evidence": lambda: like(
        make.make_update(), number=2, status="complete", no_evidence_because="Seen at the Board."
    ),
    "nth_has_a_number": lambda: like(make.make_standing_item(), order=9999, frequency="every nth", every_nth=2),
    "caution_ends_after_it_starts": lambda: like(make.make_caution(), first_on=EARLY, last_on=EARLY),
    "only_cancelled_meetings_pass_on": lambda: planned(state="cancelled", moved_to=make.make_meeting()),
    "quorum_is_known_once_held": lambda: planned(state="held", quorate=False),
    "one_calendar_address_in_use": lambda: like(
        CalendarFeed.objects.create(person=make.make_person(), secret_sha256="0" * 64), revoked_at=make.dates.now()
    ),
    "one_item_per_frozen_number": lambda: like(numbered(), suffix="A"),
    "deep_dive_has_a_theme": lambda: like(make.make_forward_item(), kind="deep dive", theme=make.make_theme()),
    "later_packs_say_what_changed": lambda: like(make.make_pack(), number=2, what_changed="A paper came."),
    "no_account_no_sign_in": lambda: like(
        make.make_person(), email="b@board.example", is_active=False, by_email_only=True
    ),
    "attends_for_a_seat_or_beside": lambda: another_attendance(capacity="in attendance", seat=None),
    "decided_at_a_meeting_or_could_not_wait": between_meetings,
    "other_decisions_are_ratified": lambda: between_meetings(
        ratification="ratified", ratified_at=make.make_held_meeting()
    ),
    "a_reservation_names_body_and_date": lambda: another_stance(
        kind="reserves", parent_body="Cabinet", answer_due_on=LATE
    ),
    "an_answer_has_words_and_a_date": lambda: another_stance(answer="Yes.", answered_on=EARLY),
    "closed_on_a_day": lambda: another_action(state="closed", closed_on=LATE),
    "both_positions_are_recorded": lambda: other_minutes("agreed", state="not agreed", positions="One; the other."),
    "what_is_kept_is_kept_until_a_day": lambda: like(
        make.make_appraisal(), number=7004, decision="keep", keep_until=LATE
    ),
    "escalated_to_someone_on_a_day": lambda: like(
        make.make_risk(), number=2, escalated_to="Cabinet", escalated_on=EARLY
    ),
    "agreement_ends_after_it_starts": lambda: another_agreement(status="ended", ends_on=dt.date(2019, 3, 31)),
    "pooled_money_has_a_host": lambda: another_agreement(kind="pooled", basis="s10", host=make.make_partner()),
    "the_next_review_comes_later": lambda: like(make.make_agreement_review(), number=2, next_on=dt.date(2020, 3, 3)),
}


def our_constraints() -> dict[str, models.BaseConstraint]:
    return {
        constraint.name: constraint
        for model in apps.get_models()
        if model._meta.app_label in ROOMS
        for constraint in model._meta.constraints
    }


def refuses(name: str, row: models.Model) -> None:
    """The row breaks this rule alone, in words before it is saved and in the database when it is."""
    for constraint in row._meta.constraints:
        if constraint.name == name:
            with pytest.raises(ValidationError):
                constraint.validate(type(row), row)
        else:
            constraint.validate(type(row), row)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_every_constraint_has_a_write_that_it_refuses():
    assert set(REFUSED) == set(our_constraints())


@pytest.mark.parametrize("name", REFUSED)
def test_the_database_refuses(name):
    refuses(name, REFUSED[name]())


@pytest.mark.parametrize(("name", "broken"), REFUSED_TOO)
def test_the_database_refuses_from_the_other_side(name, broken):
    refuses(name, broken())


@pytest.mark.parametrize("name", ALLOWED)
def test_the_same_rule_lets_pass_what_is_sound(name):
    row = ALLOWED[name]()
    row.save(force_insert=True)
    assert row.pk


@pytest.mark.parametrize(
    "name", [name for name, c in our_constraints().items() if isinstance(c, models.CheckConstraint)]
)
def test_a_refusal_is_a_sentence_for_people(name):
    constraint = our_constraints()[name]
    if name.startswith("one_"):
        return  # the single row of its kind; no form can make a second
    assert constraint.violation_error_message.endswith(".")
    assert "constraint" not in constraint.violation_error_message.lower()
