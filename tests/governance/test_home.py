"""The first screen: what needs the reader, what is late, what changed since the last meeting, where everything stands."""

import datetime as dt
import re

import pytest

from jcb import dates
from jcb.models import Person
from tests.conftest import PERSONAS
from tests.make import (
    make_board_settings,
    make_deliverable,
    make_lead,
    make_partner,
    make_person,
    make_plan,
    make_update,
    make_workstream,
)
from tests.reading import between, queries_of, words
from workstreams.models import Plan, Status

pytestmark = pytest.mark.django_db

JULY = dt.datetime(2020, 7, 1, 9, tzinfo=dt.UTC)
AUGUST = dt.datetime(2020, 8, 20, 9, tzinfo=dt.UTC)
AUGUST_31 = dt.date(2020, 8, 31)
NEEDS, CHANGED = "What needs you", "Changed since"


@pytest.fixture
def stream():
    return make_workstream()


@pytest.fixture
def lead(council):
    return make_person(name="Commissioner for therapies", partner=council)


def needs_of(client) -> str:
    return between(client.get("/"), NEEDS, "Workstreams,")


def changes(client) -> str:
    """What changed, without the word that a screen reader says for the arrow."""
    return re.sub(r"→ \W*\w+ ", "→ ", between(client.get("/"), CHANGED, "newest first"))


# What needs me


def test_a_lead_is_asked_for_explanations_and_updates_of_what_they_lead_and_of_nothing_else(sign_in, lead, stream):
    make_deliverable(workstream=stream, lead=lead, short_title="Late one", own_due_on=AUGUST_31)
    make_update(deliverable=make_deliverable(workstream=stream, lead=lead, short_title="Silent one"), at=JULY)
    make_update(deliverable=make_deliverable(workstream=stream, lead=lead, short_title="Told one"), at=AUGUST)
    make_deliverable(workstream=stream, lead=make_person(), short_title="Somebody else’s", own_due_on=AUGUST_31)
    answer = sign_in(lead).get("/")
    needs = between(answer, NEEDS, "Your deliverables")
    assert "1 Off track without an explanation 1.1 Late one" in needs
    assert "2 Updates to write No update since 30 July 2020: 1.1 Late one; 1.2 Silent one" in needs
    assert "Told one" not in needs
    assert "Somebody else’s" not in needs
    assert answer.content.decode().count('href="/round/"') >= 2
    for mine in ("Late one", "Silent one", "Told one"):
        assert mine in between(answer, "Your deliverables", "Workstreams,")


def test_a_lead_who_has_reported_everything_is_left_in_peace(sign_in, lead, stream):
    make_update(deliverable=make_deliverable(workstream=stream, lead=lead), at=AUGUST)
    needs = between(sign_in(lead).get("/"), NEEDS, "Your deliverables")
    assert "Nothing today. Everything that is yours has been reported since 30 July 2020." in needs


def test_an_update_of_the_first_hour_of_the_six_weeks_counts_and_one_of_the_last_hour_before_does_not(
    sign_in, lead, stream
):
    midnight = dt.datetime(2020, 7, 29, 23, tzinfo=dt.UTC)
    inside, outside = (make_deliverable(workstream=stream, lead=lead, short_title=name) for name in ("In", "Out"))
    make_update(deliverable=inside, at=midnight)
    make_update(deliverable=outside, at=midnight - dt.timedelta(seconds=1))
    needs = between(sign_in(lead).get("/"), NEEDS, "Your deliverables")
    assert "1 Updates to write No update since 30 July 2020: 1.2 Out" in needs


def test_the_board_sets_since_when(sign_in, lead, stream):
    make_board_settings(weeks_since_last_meeting=12)
    make_update(deliverable=make_deliverable(workstream=stream, lead=lead), at=JULY)
    assert "reported since 18 June 2020" in words(sign_in(lead).get("/"))


def test_the_second_lead_is_asked_to_confirm_what_the_first_proposed_and_the_first_is_not(sign_in, lead, stream):
    done = make_deliverable(workstream=stream, lead=lead, short_title="Done one")
    make_update(deliverable=done, by=lead, status=Status.COMPLETE, no_evidence_because="It runs.", at=AUGUST)
    other = make_lead(workstream=stream, side="nhs").person
    make_lead(workstream=stream, person=lead)
    answer = sign_in(other).get("/")
    assert "1 Proposed as complete Confirm or answer: 1.1 Done one" in words(answer)
    assert f'href="/plans/{stream.plan.slug}/1/1/">Proposed as complete' in answer.content.decode()
    assert "Proposed as complete" not in words(sign_in(lead).get("/"))


def test_the_secretariat_is_shown_what_to_chase_for_everybody(sign_in, secretariat, lead, stream):
    make_deliverable(workstream=stream, lead=lead, short_title="Late one", own_due_on=AUGUST_31)
    for number in range(4):
        make_update(deliverable=make_deliverable(workstream=stream, short_title=f"No owner {number}"), at=JULY)
    done = make_deliverable(workstream=stream, lead=lead, short_title="Done one")
    make_update(deliverable=done, by=lead, status=Status.COMPLETE, no_evidence_because="It runs.", at=AUGUST)
    needs = needs_of(sign_in(secretariat))
    assert "1 Off track without an explanation 1.1 Late one Prints as exactly that" in needs
    assert "1 Proposed as complete Confirm or answer: 1.6 Done one" in needs
    assert (
        "5 Updates to ask for No update since 30 July 2020: 1.1 Late one; 1.2 No owner 0; 1.3 No owner 1; and 2 more"
        in needs
    )
    assert "4 Deliverables without an owner" in needs


@pytest.mark.parametrize(
    ("what", "query"),
    [
        ("Updates to ask for", "?silent=2020-07-30"),
        ("Deliverables without an owner", "?owner=none"),
        ("Off track without an explanation", "?status=off+track"),
    ],
)
def test_what_the_secretariat_is_shown_leads_to_the_list_of_exactly_those(sign_in, secretariat, stream, what, query):
    make_deliverable(workstream=stream, own_due_on=AUGUST_31)
    make_update(deliverable=make_deliverable(workstream=stream, lead=make_person()), at=AUGUST)
    client = sign_in(secretariat)
    assert f'href="/deliverables/{query}">{what}</a>' in client.get("/").content.decode().replace("&amp;", "&")
    assert "1 of 2 deliverables" in words(client.get(f"/deliverables/{query}"))


def test_a_board_member_sees_what_is_off_track_for_the_board(sign_in, council_member, stream):
    make_update(
        deliverable=make_deliverable(workstream=stream, short_title="Red one"), status=Status.OFF_TRACK, at=AUGUST
    )
    make_update(
        deliverable=make_deliverable(workstream=stream, short_title="Amber one"), status=Status.AT_RISK, at=AUGUST
    )
    needs = needs_of(sign_in(council_member))
    assert "1 Off track: the Board’s attention 1.1 Red one" in needs
    assert "Amber one" not in needs


@pytest.mark.parametrize("persona", ["invited lead", "forum representative", "observer", "administrator"])
def test_who_only_reads_is_asked_for_nothing_even_as_lead_by_name(sign_in, cast, stream, persona):
    make_deliverable(workstream=stream, lead=cast[persona], own_due_on=AUGUST_31)
    answer = sign_in(cast[persona]).get("/")
    assert "Nothing. You read here, and others report." in between(answer, NEEDS, "Workstreams,")
    assert "Your deliverables" not in words(answer)


# What changed


def test_what_stands_otherwise_than_before_the_last_meeting_is_named_with_both_statuses(sign_in, observer, stream):
    for name, before, after in (
        ("Worse", Status.ON_TRACK, Status.OFF_TRACK),
        ("Same", Status.ON_TRACK, Status.ON_TRACK),
        ("Done", Status.AT_RISK, Status.COMPLETE),
    ):
        deliverable = make_deliverable(workstream=stream, short_title=name)
        make_update(deliverable=deliverable, status=before, at=JULY)
        make_update(deliverable=deliverable, status=after, at=AUGUST, no_evidence_because="It runs.")
    said = changes(sign_in(observer))
    assert said.startswith("Changed since 30 July 2020")
    assert "1.1 Worse On track → Off track" in said
    assert "1.3 Done At risk → Complete" in said
    assert "Same" not in said
    assert "3 deliverables updated" in said


def test_a_date_that_passed_is_a_change_too_and_without_words_it_is_said_so(sign_in, observer, stream):
    make_deliverable(workstream=stream, short_title="Late one", own_due_on=AUGUST_31)
    assert "1.1 Late one Not started → Off track No explanation yet" in changes(sign_in(observer))


def test_when_nothing_changed_it_is_said(sign_in, observer, stream):
    make_update(deliverable=make_deliverable(workstream=stream), at=JULY)
    assert "No status has changed. 0 deliverables updated" in changes(sign_in(observer))


def test_only_the_worst_few_changes_are_named(sign_in, observer, stream):
    for number in range(10):
        make_deliverable(workstream=stream, short_title=f"Late {number}", own_due_on=AUGUST_31)
    assert changes(sign_in(observer)).count("Late ") == 6


# Where each workstream stands


def test_every_workstream_of_a_live_plan_is_shown_with_its_state_in_words(sign_in, observer, stream):
    make_update(deliverable=make_deliverable(workstream=stream), status=Status.AT_RISK, at=AUGUST)
    make_deliverable(workstream=stream)
    earlier = make_plan(edition_month=dt.date(2018, 1, 1), state=Plan.State.PAST)
    make_deliverable(workstream=make_workstream(plan=earlier, name="Of a former plan"))
    page = words(sign_in(observer).get("/"))
    assert f"{stream.plan.area.name}: None of 2 deliverables is off track. 1 is at risk." in page
    assert "1 at risk" in between(page, f"1. {stream.name}", "Changed since")
    assert "Of a former plan" not in page


def test_a_plan_past_its_period_says_so(sign_in, observer, stream):
    make_deliverable(workstream=stream)
    with dates.held_at(dt.datetime(2021, 8, 1, 9, tzinfo=dt.UTC)):
        assert "Past its period since 31 July 2021" in words(sign_in(observer).get("/"))


def test_without_a_live_plan_home_says_what_to_do(sign_in, observer):
    assert "No live plan is recorded yet." in words(sign_in(observer).get("/"))


# Queries


def test_home_takes_as_many_queries_for_three_of_everything_as_for_one_whoever_looks(sign_in, cast, lead):
    def add(workstreams: int) -> None:
        for _ in range(workstreams):
            stream = make_workstream(plan=plan)
            for person in (cast["commissioner of the owning partner"], cast["board member, council side"]):
                make_lead(workstream=stream, person=person)
                make_update(deliverable=make_deliverable(workstream=stream, lead=person), by=lead, at=JULY)
                make_deliverable(workstream=stream, lead=person, partner=make_partner(), own_due_on=AUGUST_31)
            done = make_deliverable(workstream=stream, lead=lead)
            make_update(deliverable=done, by=lead, status=Status.COMPLETE, no_evidence_because="It runs.", at=AUGUST)

    plan = make_plan()
    add(1)
    clients = {persona: sign_in(cast[persona]) for persona in PERSONAS[1:]}
    once = {persona: queries_of(client, "/") for persona, client in clients.items()}
    add(2)
    assert {persona: queries_of(client, "/") for persona, client in clients.items()} == once
    assert max(once.values()) <= 18


@pytest.mark.parametrize("role", Person.Role.values)
def test_nobodys_home_breaks_over_an_empty_record(sign_in, role):
    assert sign_in(make_person(role=role)).get("/").status_code == 200
