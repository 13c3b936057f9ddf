"""The terms of reference: what is in force, who sits where, what changed, a new version, and meetings that follow it."""

import datetime as dt

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.forms.models import model_to_dict
from django.test.utils import CaptureQueriesContext

from governance.forward.plan import review_due
from governance.meetings import calendar
from governance.models import Clause, Meeting, MeetingChange, Membership, Round, Seat, Terms, TermsReview
from governance.terms import operations, pages
from governance.terms.comparison import compare, paired
from governance.terms.forms import MOST
from governance.terms.operations import edit_arrangements, fingerprint, record_review, reword, start_version, texts_of
from jcb import dates
from jcb.history import BypassForbidden
from jcb.models import Notice
from tests.conftest import PERSONAS
from tests.make import (
    make_clause,
    make_meeting,
    make_membership,
    make_partner,
    make_party,
    make_person,
    make_reports_to,
    make_seat,
    make_standing_item,
    make_terms,
)

pytestmark = pytest.mark.django_db
TODAY = dt.date(2020, 9, 10)


def london(*parts) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dates.LONDON)


@pytest.fixture
def of_2018():
    return make_terms(
        key="2018",
        title="Terms of 2018",
        in_force_from=dt.date(2018, 3, 16),
        dated_on=dt.date(2018, 3, 16),
        every_number=1,
        every_unit="months",
        length_minutes=90,
        venue_rule="alternate",
        venue_first="The Council",
        venue_second="The CCG",
        notice_number=7,
        notice_unit="days",
    )


@pytest.fixture
def of_2020():
    return make_terms(
        key="2020",
        title="Terms of 2020",
        in_force_from=dt.date(2020, 1, 1),
        in_force_assumed=True,
        venue_first="Kensington Town Hall",
    )


@pytest.fixture
def both(of_2018, of_2020):
    """Both versions, with a principle that stays, one that is reworded, and a responsibility that is new."""
    for terms in (of_2018, of_2020):
        make_clause(terms=terms, order=1, text="Mutual trust is the footing.")
    make_clause(terms=of_2018, order=2, text="Parties are open with each other about what they know.")
    make_clause(terms=of_2020, order=2, text="Parties are open with each other about what they intend.")
    make_clause(terms=of_2020, kind=Clause.Kind.RESPONSIBILITY, order=1, text="Scan the horizon.")
    return of_2018, of_2020


# On screen ------------------------------------------------------------------------------------------------------------


def test_the_list_says_which_version_is_in_force_and_when_its_review_is_due(both, sign_in, observer):
    page = sign_in(observer).get("/terms/").content.decode()
    assert "“Terms of 2020” are in force." in page
    assert "Their review is due by 31 January 2021." in page
    assert "From 1 January 2020 (assumed: the document has no date)" in page
    assert "From 16 March 2018 to 31 December 2019" in page
    assert "/terms/2018/compare/2020/" in page


def test_a_version_says_its_rules_its_clauses_and_whom_it_reports_to(of_2020, sign_in, observer):
    make_reports_to(terms=of_2020, body="Health and Wellbeing Board")
    make_standing_item(terms=of_2020, title="Personal and pooled budgets", frequency="every nth", every_nth=3)
    make_clause(terms=of_2020, kind=Clause.Kind.DISPUTE, text="The Board works by consensus.")
    page = sign_in(observer).get("/terms/2020/").content.decode()
    for words in (
        "Every 6 weeks",
        "2 hours",
        "Usually Kensington Town Hall",
        "72 hours before the meeting",
        "5 working days before the papers go out",
        "1 from the council side and 1 from the NHS side",
        "At least every 12 months",
        "Every 3rd meeting",
        "Health and Wellbeing Board",
        "The Board works by consensus.",
    ):
        assert words in page


def test_a_seat_shows_who_holds_it_on_a_day_its_deputies_and_since_when_it_is_vacant(of_2020):
    seat = make_seat(terms=of_2020, order=1, position="Deputy Managing Director", co_chair=True)
    empty = make_seat(terms=of_2020, order=2, position="Representative from Finance")
    member = make_membership(seat=seat, from_on=dt.date(2020, 1, 1), until_on=dt.date(2020, 6, 30))
    deputy = make_membership(seat=seat, capacity=Membership.As.DEPUTY_SPEAKS, from_on=dt.date(2020, 3, 1))
    comes = make_membership(seat=empty, from_on=dt.date(2020, 10, 1))
    in_may, vacant_in_may = pages.seat_lines(of_2020, dt.date(2020, 5, 1))
    assert [(each.name, each.since) for each in in_may.holders] == [(member.person.name, "1 January 2020")]
    assert [(each.name, each.may) for each in in_may.deputies] == [(deputy.person.name, "may speak, not decide")]
    assert not in_may.vacant
    assert vacant_in_may.vacant == f"Vacant from the start; {comes.person} comes on 1 October 2020"
    assert pages.seat_lines(of_2020, TODAY)[0].vacant == "Vacant since 1 July 2020"
    assert pages.seat_lines(of_2020, dt.date(2020, 6, 30))[0].vacant == ""


def test_the_day_asked_for_stays_within_the_time_the_terms_were_in_force(both, observer):
    earlier, later = both
    page = pages.terms_page(earlier, observer, TODAY, TODAY)
    assert page["day"] == dt.date(2019, 12, 31)
    assert page["state"] == "No longer in force"
    assert pages.terms_page(later, observer, dt.date(2019, 5, 1), TODAY)["day"] == dt.date(2020, 1, 1)


def test_a_party_that_was_succeeded_keeps_its_name_and_says_what_it_is_called_now(of_2020, observer):
    now = make_partner(name="NHS North West London CCG", starts_on=dt.date(2021, 4, 1))
    then = make_partner(name="Central London CCG", ends_on=dt.date(2021, 3, 31), successor=now)
    make_party(terms=of_2020, partner=then)
    seat = make_seat(terms=of_2020, partner=then)
    assert pages.parties(of_2020, dt.date(2021, 3, 31)) == [("Central London CCG", "")]
    assert pages.parties(of_2020, dt.date(2021, 4, 1)) == [("Central London CCG", "NHS North West London CCG")]
    assert (
        pages.seat_lines(of_2020, dt.date(2021, 4, 1))[0].partner == "Central London CCG, now NHS North West London CCG"
    )
    assert seat.partner == then


def test_the_pages_ask_as_many_questions_with_three_seats_as_with_one(of_2020, sign_in, observer):
    client = sign_in(observer)

    def questions(address: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    def add():
        seat = make_seat(terms=of_2020, partner=make_partner(successor=make_partner(), ends_on=dt.date(2020, 2, 1)))
        make_membership(seat=seat)
        make_party(terms=of_2020, partner=make_partner())

    add()
    first = [questions(address) for address in ("/terms/", "/terms/2020/")]
    add()
    add()
    assert [questions(address) for address in ("/terms/", "/terms/2020/")] == first


# What changed ---------------------------------------------------------------------------------------------------------


def test_the_change_is_shown_clause_by_clause_with_the_words_marked(both, sign_in, observer):
    page = sign_in(observer).get("/terms/2020/compare/2018/").content.decode()  # whichever way round it is asked for
    assert "From <a" in page
    assert "Parties are open with each other about what they <del>know.</del> <ins>intend.</ins>" in page
    assert "<ins>Scan the horizon.</ins>" in page
    assert "<del>every month</del>" not in page
    assert "every <del>month</del> <ins>6 weeks</ins>" in page
    assert "struck through" in page
    assert sign_in(observer).get("/terms/2020/compare/2020/").status_code == 404
    assert sign_in(observer).get("/terms/2020/compare/1999/").status_code == 404


def test_what_says_the_same_is_only_counted(both):
    comparison = compare(*both)
    principles = next(part for part in comparison.parts if part.title == "Principles")
    assert (principles.same, [each.state for each in principles.differences]) == (1, ["changed"])
    assert comparison.headline.startswith("Of ")
    assert compare(both[1], both[1]).headline == "The two versions say the same."


def test_a_clause_is_found_again_where_one_was_put_before_it():
    before = ["The Board meets monthly in turn.", "Minutes are taken by the secretariat."]
    after = ["Papers are short.", "The Board meets monthly in turn.", "Minutes are taken by the clerk."]
    assert sorted(paired(before, after)) == [(0, 1), (1, 2)]
    assert paired(["One thing."], ["Quite another matter altogether"]) == []


# A new version --------------------------------------------------------------------------------------------------------


def test_a_new_version_starts_as_a_copy_of_the_last_and_seats_go_on(both, secretariat):
    last = both[1]
    make_standing_item(terms=last, title="Horizon scanning")
    make_reports_to(terms=last)
    make_party(terms=last)
    seat = make_seat(terms=last, position="Head of commissioning", co_chair=True)
    stays, left = make_membership(seat=seat), make_membership(seat=seat, until_on=dt.date(2020, 3, 1))
    new, followed = start_version(
        by=secretariat, key="2020b", title="Terms of October", in_force_from=dt.date(2020, 10, 1)
    )
    assert followed == []
    assert (new.in_force_from, new.in_force_assumed, new.dated_on, new.every_number) == (
        dt.date(2020, 10, 1),
        False,
        None,
        6,
    )
    assert texts_of(new) == texts_of(last)
    assert [item.title for item in new.standing_items.all()] == ["Horizon scanning"]
    assert (new.reports_to.count(), new.parties.count()) == (1, 1)
    (copy,) = new.seats.all()
    assert (copy.position, copy.co_chair) == ("Head of commissioning", True)
    (goes_on,) = copy.memberships.all()
    assert (goes_on.person, goes_on.from_on, goes_on.until_on) == (stays.person, dt.date(2020, 10, 1), None)
    stays.refresh_from_db()
    left.refresh_from_db()
    assert (stays.until_on, left.until_on) == (dt.date(2020, 9, 30), dt.date(2020, 3, 1))
    assert compare(last, new).headline == "The two versions say the same."


def test_parties_that_were_merged_by_its_date_are_one(of_2020, secretariat):
    merged = make_partner(name="NHS North West London CCG", starts_on=dt.date(2021, 4, 1))
    for place, name in enumerate(("Central London CCG", "West London CCG"), start=1):
        party = make_partner(name=name, ends_on=dt.date(2021, 3, 31), successor=merged)
        make_party(terms=of_2020, partner=party, order=place)
    make_party(terms=of_2020, order=3)
    new, _ = start_version(by=secretariat, key="2021", title="Terms of 2021", in_force_from=dt.date(2021, 5, 1))
    assert [row.partner == merged for row in new.parties.all()] == [True, False]
    assert of_2020.parties.count() == 3
    parties = next(part for part in compare(of_2020, new).parts if part.title == "Parties")
    assert [(each.state, each.words[0][1]) for each in parties.differences] == [
        ("new", "NHS North West London CCG"),
        ("gone", "Central London CCG"),
        ("gone", "West London CCG"),
    ], "No name is told as another one reworded."


def test_a_new_version_comes_after_the_last_and_is_the_secretariats_to_start(of_2020, secretariat, council_member):
    with pytest.raises(ValidationError, match="Choose a later day"):
        start_version(by=secretariat, key="x", title="X", in_force_from=dt.date(2020, 1, 1))
    with pytest.raises(PermissionDenied):
        start_version(by=council_member, key="x", title="X", in_force_from=dt.date(2020, 12, 1))
    assert Terms.objects.count() == 1


def test_without_any_terms_there_is_nothing_to_start_from(secretariat, sign_in):
    with pytest.raises(ValidationError, match="no terms of reference to start from"):
        start_version(by=secretariat, key="x", title="X", in_force_from=dt.date(2020, 12, 1))
    assert "No terms of reference are in force." in sign_in(secretariat).get("/terms/").content.decode()


def test_the_form_refuses_a_short_name_that_is_taken(of_2020, secretariat, sign_in):
    client = sign_in(secretariat)
    for key in ("2020", "new", "Two Words"):
        data = {"title": "Again", "key": key, "in_force_from": "2020-12-01"}
        assert client.post("/terms/new/", data).status_code == 422
    answer = client.post("/terms/new/", {"title": "Earlier", "key": "old", "in_force_from": "2019-12-01"})
    assert answer.status_code == 422
    assert "Choose a later day" in answer.content.decode()
    assert Terms.objects.count() == 1


# Meetings follow ------------------------------------------------------------------------------------------------------


def test_meetings_from_its_date_on_follow_a_new_version_and_earlier_ones_do_not(of_2020, secretariat):
    before = make_meeting(terms=of_2020, starts_at=london(2020, 9, 28, 10))
    after = make_meeting(terms=of_2020, starts_at=london(2020, 11, 9, 10))
    published = make_meeting(terms=of_2020, starts_at=london(2020, 12, 7, 10), state=Meeting.State.PUBLISHED)
    new, _ = start_version(by=secretariat, key="new-terms", title="New", in_force_from=dt.date(2020, 10, 1))
    for meeting in (before, after, published):
        meeting.refresh_from_db()
    assert (before.terms, after.terms, published.terms) == (of_2020, new, of_2020)
    assert (after.version, after.sequence) == (2, 0)
    assert not Notice.objects.exists()


def test_a_longer_notice_moves_deadlines_and_the_round_and_everyone_is_told_once(
    of_2020, secretariat, council_member, django_capture_on_commit_callbacks
):
    meeting = make_meeting(terms=of_2020, starts_at=london(2020, 11, 9, 10))
    asked = Round.objects.create(
        meeting=meeting, opened_at=dates.now(), opened_by=secretariat, closes_at=meeting.authors_due_at
    )
    new, _ = start_version(by=secretariat, key="new-terms", title="New", in_force_from=dt.date(2020, 10, 1))
    new.notice_number, new.notice_unit, new.length_minutes = 7, "days", 150
    with django_capture_on_commit_callbacks(execute=True):
        saved, told = edit_arrangements(
            by=secretariat, terms=new, seen=1, changed=["notice_number", "notice_unit", "length_minutes"]
        )
    meeting.refresh_from_db()
    asked.refresh_from_db()
    assert meeting.papers_due_at == calendar.papers_due(saved, meeting.starts_at) == london(2020, 11, 2, 10)
    assert (meeting.length_minutes, meeting.sequence) == (150, 1)
    assert asked.closes_at == meeting.authors_due_at == london(2020, 10, 26, 10)
    assert told == [
        "Monday 9 November 2020, 10:00: 150 minutes, Kensington Town Hall. Papers go out on Monday 2 November, 10:00."
    ]
    (notice,) = Notice.objects.filter(person=council_member)
    assert told[0] in notice.text
    assert len(mail.outbox) == Notice.objects.count()


def test_what_somebody_set_by_hand_stays(of_2020, secretariat):
    meeting = make_meeting(terms=of_2020, starts_at=london(2020, 11, 9, 10), length_minutes=45, venue="A school")
    meeting.papers_due_at = london(2020, 11, 6, 17)
    meeting.save()
    new, _ = start_version(by=secretariat, key="new-terms", title="New", in_force_from=dt.date(2020, 10, 1))
    new.notice_number, new.length_minutes, new.venue_first = 96, 100, "Westminster City Hall"
    _, told = edit_arrangements(
        by=secretariat, terms=new, seen=1, changed=["notice_number", "length_minutes", "venue_first"]
    )
    meeting.refresh_from_db()
    assert (meeting.papers_due_at, meeting.length_minutes, meeting.venue) == (london(2020, 11, 6, 17), 45, "A school")
    assert told == []


def test_a_change_of_place_is_kept_and_places_alternate_again(of_2020, secretariat):
    meetings = [make_meeting(terms=of_2020, starts_at=london(2020, *day, 10)) for day in ((10, 5), (11, 9), (12, 7))]
    new, _ = start_version(by=secretariat, key="new-terms", title="New", in_force_from=dt.date(2020, 10, 1))
    new.venue_rule, new.venue_first, new.venue_second = "alternate", "The Council", "The CCG"
    edit_arrangements(by=secretariat, terms=new, seen=1, changed=["venue_rule", "venue_first", "venue_second"])
    for meeting in meetings:
        meeting.refresh_from_db()
    assert [meeting.venue for meeting in meetings] == ["The Council", "The CCG", "The Council"]
    assert MeetingChange.objects.filter(kind="place").count() == 3


def test_moving_its_date_moves_meetings_and_seats(of_2020, secretariat):
    meeting = make_meeting(terms=of_2020, starts_at=london(2020, 10, 19, 10))
    stays = make_membership(seat=make_seat(terms=of_2020))
    new, _ = start_version(by=secretariat, key="new-terms", title="New", in_force_from=dt.date(2020, 10, 1))
    new.in_force_from = dt.date(2020, 11, 1)
    new, _ = edit_arrangements(by=secretariat, terms=new, seen=1, changed=["in_force_from"])
    meeting.refresh_from_db()
    stays.refresh_from_db()
    assert meeting.terms == of_2020
    assert stays.until_on == dt.date(2020, 10, 31)
    assert Membership.objects.get(seat__terms=new).from_on == dt.date(2020, 11, 1)
    new.in_force_from = dt.date(2019, 1, 1)
    with pytest.raises(ValidationError, match="same side"):
        edit_arrangements(by=secretariat, terms=new, seen=2, changed=["in_force_from"])


# Editing --------------------------------------------------------------------------------------------------------------


def test_terms_under_which_a_meeting_was_held_keep_what_was_agreed(of_2020, secretariat, sign_in):
    make_meeting(terms=of_2020, starts_at=london(2020, 8, 17, 10), state=Meeting.State.HELD)
    of_2020.length_minutes = 60
    with pytest.raises(ValidationError, match="Start a new version"):
        edit_arrangements(by=secretariat, terms=of_2020, seen=1, changed=["length_minutes"])
    with pytest.raises(ValidationError, match="Start a new version"):
        reword(by=secretariat, terms=of_2020, seen={}, clauses={"principle": ["Another."]})
    client = sign_in(secretariat)
    page = client.get("/terms/2020/edit/").content.decode()
    assert "Length in minutes" not in page
    assert "Quorum, council side" in page
    given = {"authors_working_days": 7, "quorum_council": 2, "quorum_nhs": 1, "quorum_note": "", "review_months": 12}
    assert client.post("/terms/2020/edit/", {**given, "seen": 1}).status_code == 302
    of_2020.refresh_from_db()
    assert (of_2020.authors_working_days, of_2020.quorum_council, of_2020.length_minutes) == (7, 2, 120)
    assert client.get("/terms/2020/clauses/").status_code == 302
    with pytest.raises(ValueError, match="Not edited here"):
        edit_arrangements(by=secretariat, terms=of_2020, seen=1, changed=["key"])


@pytest.mark.parametrize("name", MOST)
def test_a_figure_that_no_calendar_can_be_reckoned_with_is_refused_in_words(name, of_2020, secretariat, sign_in):
    make_meeting(terms=of_2020)
    client = sign_in(secretariat)
    given = {key: value for key, value in model_to_dict(of_2020).items() if value not in (None, False)}
    for figure in (MOST[name] + 1, "1" * 19):
        answer = client.post("/terms/2020/edit/", {**given, "seen": 1, name: figure})
        assert answer.status_code == 422
        assert f"Give a whole number, {MOST[name]} at most." in answer.content.decode()
    assert client.post("/terms/2020/edit/", {**given, "seen": 1, name: MOST[name]}).status_code == 302


def test_the_rules_of_a_new_version_are_edited_and_the_second_of_two_sees_both_texts(of_2020, secretariat, sign_in):
    client = sign_in(secretariat)
    page = client.get("/terms/2020/edit/")
    given = {name: "" if value is None else value for name, value in page.context["form"].initial.items()}
    given["in_force_assumed"] = "on"
    alternating = {**given, "venue_rule": "alternate"}
    refused = client.post("/terms/2020/edit/", alternating)
    assert refused.status_code == 422
    assert "since the two alternate" in refused.content.decode()
    assert client.post("/terms/2020/edit/", {**given, "purpose": "To plan as one."}).status_code == 302
    answer = client.post("/terms/2020/edit/", {**given, "purpose": "To buy as one."})
    assert answer.status_code == 409
    assert "To plan as one." in answer.content.decode()
    assert "To buy as one." in answer.content.decode()


def test_text_of_several_lines_that_nobody_touched_is_not_a_change(of_2020, secretariat, sign_in):
    of_2020.purpose = "To plan.\n\nTo buy."
    of_2020.save()
    client = sign_in(secretariat)
    form = client.get("/terms/2020/edit/").context["form"]
    given = {name: "" if value is None else value for name, value in form.initial.items()}
    as_sent = {**given, "in_force_assumed": "on", "purpose": "To plan.\r\n\r\nTo buy.", "length_minutes": 90}
    assert client.post("/terms/2020/edit/", as_sent).status_code == 302
    of_2020.refresh_from_db()
    assert (of_2020.length_minutes, of_2020.purpose) == (90, "To plan.\n\nTo buy.")


def test_clauses_are_reworded_added_and_taken_out_with_their_history(of_2020, secretariat, sign_in):
    for place, text in enumerate(("First.", "Second.", "Third."), start=1):
        make_clause(terms=of_2020, order=place, text=text)
    client = sign_in(secretariat)
    given = client.get("/terms/2020/clauses/").context["form"].initial
    form = client.get("/terms/2020/clauses/").context["form"]
    given = {name: field.initial or "" for name, field in form.fields.items()}
    answer = client.post(
        "/terms/2020/clauses/", {**given, "principle": "First.\r\n \r\nThird\r\nof all.", "dispute": "By consensus."}
    )
    assert answer.status_code == 302
    assert texts_of(of_2020)["principle"] == ["First.", "Third of all."]
    assert texts_of(of_2020)["dispute"] == ["By consensus."]
    assert Clause.history.filter(text="Third.", history_type="-").count() == 1
    # Another page was opened before that, and says something else of the same clauses.
    answer = client.post("/terms/2020/clauses/", {**given, "principle": "Mine."})
    assert answer.status_code == 422
    assert "Somebody changed these clauses" in answer.content.decode()
    assert "Third of all." in answer.content.decode()
    assert texts_of(of_2020)["principle"] == ["First.", "Third of all."]
    seen = {kind: fingerprint(texts) for kind, texts in texts_of(of_2020).items()}
    assert reword(by=secretariat, terms=of_2020, seen=seen, clauses={"principle": ["Mine."]}) == 2


# Reviews --------------------------------------------------------------------------------------------------------------


def test_a_review_is_recorded_for_good_and_the_next_counts_from_it(of_2020, secretariat, sign_in):
    client = sign_in(secretariat)
    answer = client.post("/terms/2020/review/", {"on": "2020-08-17", "outcome": "They stay as they are."})
    assert answer.status_code == 302
    review = TermsReview.objects.get()
    assert (review.by, review.on) == (secretariat, dt.date(2020, 8, 17))
    assert review_due(of_2020, [], TODAY) == dt.date(2021, 8, 31)
    page = client.get("/terms/").content.decode()
    assert "Their review is due by 31 August 2021." in page
    assert "They stay as they are." in page
    review.outcome = "Something else."
    with pytest.raises(BypassForbidden):
        review.save()
    again = client.post("/terms/2020/review/", {"on": "2020-08-17", "outcome": "Twice."})
    assert again.status_code == 422
    assert "recorded already" in again.content.decode()


def test_a_review_is_neither_in_the_future_nor_before_the_terms(of_2020, secretariat, sign_in):
    for day in (dt.date(2019, 12, 31), dt.date(2020, 9, 11)):
        with pytest.raises(ValidationError, match="to today"):
            record_review(by=secretariat, terms=of_2020, on=day, outcome="Looked at.")
    answer = sign_in(secretariat).post("/terms/2020/review/", {"on": "2020-09-11", "outcome": "Looked at."})
    assert answer.status_code == 422


def test_a_review_that_is_late_says_so(of_2020, observer):
    assert pages.review_in_words(of_2020, observer, dt.date(2021, 2, 1)) == "Their review was due by 31 January 2021."


# Who may --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PERSONAS)
def test_everyone_signed_in_reads_the_terms_and_only_the_secretariat_keeps_them(name, of_2020, cast, sign_in):
    client = sign_in(cast[name])
    reads, keeps = name != "signed out", name == "secretariat"
    for address in ("/terms/", "/terms/2020/"):
        assert client.get(address).status_code == (200 if reads else 302)
    for address in ("/terms/new/", "/terms/2020/edit/", "/terms/2020/clauses/", "/terms/2020/review/"):
        assert client.get(address).status_code == (200 if keeps else 403 if reads else 302)
        if not keeps:
            assert client.post(address, {"title": "X"}).status_code == (403 if reads else 302)
    assert (Terms.objects.count(), Clause.objects.count(), Seat.objects.count()) == (1, 0, 0)
    assert client.get("/terms/1999/").status_code == (404 if reads else 302)


def test_the_year_leads_to_the_terms(of_2020, sign_in, observer):
    page = sign_in(observer).get("/meetings/").content.decode()
    assert page.count('href="/terms/"') == 2
    assert "Their review is due by 31 January 2021." in page


def test_settled_means_held_or_published(of_2020):
    make_meeting(terms=of_2020)
    assert not operations.is_settled(of_2020)
    make_meeting(terms=of_2020, starts_at=london(2020, 8, 17, 10), state=Meeting.State.PUBLISHED)
    assert operations.is_settled(of_2020)
    assert make_person().is_active
