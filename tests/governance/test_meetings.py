"""What the secretariat does to meetings, what follows from it, who is told, and what the pages say."""

import datetime as dt

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.last_meeting import since
from governance.meetings import calendar, operations, pages
from governance.meetings.calendar import Deadlines
from governance.meetings.operations import Row
from governance.meetings.warnings import about_the_clock, warnings
from governance.models import (
    AgendaItem,
    Caution,
    ClosedDay,
    FrontSheet,
    Highlight,
    Invitation,
    Meeting,
    MeetingChange,
    Pack,
    PackContent,
    Paper,
    PaperVersion,
    Recommendation,
    Round,
)
from jcb import dates, notices
from jcb.models import Notice, Person
from tests.make import (
    make_agenda_item,
    make_area,
    make_deliverable,
    make_document,
    make_forward_item,
    make_interest,
    make_meeting,
    make_membership,
    make_person,
    make_seat,
    make_standing_item,
    make_stored_file,
    make_terms,
    make_theme,
    make_update,
    make_workstream,
)
from workstreams.standing import since_last_meeting, standings

pytestmark = pytest.mark.django_db


def london(*parts) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dates.LONDON)


@pytest.fixture
def of_2018():
    return make_terms(
        key="2018",
        title="Terms of 2018",
        in_force_from=dt.date(2018, 3, 16),
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
        key="2020", title="Terms of 2020", in_force_from=dt.date(2020, 1, 1), venue_first="Kensington Town Hall"
    )


@pytest.fixture
def meeting(of_2020):
    return make_meeting(terms=of_2020)


@pytest.fixture
def next_meeting(of_2020):
    return make_meeting(terms=of_2020, starts_at=london(2020, 11, 9, 10))


def told(rule: str) -> set[Person]:
    return {notice.person for notice in Notice.objects.filter(rule=rule)}


# Planning -------------------------------------------------------------------------------------------------------------


def rows_of(proposed) -> list[Row]:
    return [Row(each.starts_at, each.series_on, each.venue, each.length_minutes) for each in proposed]


def test_a_year_is_planned_under_the_terms_in_force_on_each_day(secretariat, of_2018, of_2020):
    proposed = calendar.span([of_2018, of_2020], dt.date(2019, 11, 6), dt.date(2020, 2, 20), dt.time(10))
    made = operations.plan_meetings(by=secretariat, rows=rows_of(proposed))
    assert [(m.key, m.terms.key, m.venue, m.length_minutes) for m in made] == [
        ("2019-11-06", "2018", "The Council", 90),
        ("2019-12-06", "2018", "The CCG", 90),
        ("2020-01-06", "2020", "Kensington Town Hall", 120),
        ("2020-02-17", "2020", "Kensington Town Hall", 120),
    ]
    assert made[0].papers_due_at == london(2019, 10, 30, 10)
    assert made[2].papers_due_at == london(2020, 1, 3, 10)


def test_a_meeting_says_why_it_is_not_on_its_date_in_the_series(secretariat, of_2018):
    by_rule = calendar.propose(of_2018, dt.date(2018, 3, 30), dt.time(10), 0)
    chosen = Row(london(2018, 5, 3, 10), dt.date(2018, 4, 30), "The CCG", 90)
    as_it_is = Row(london(2018, 5, 30, 10), dt.date(2018, 5, 30), "The Council", 90)
    made = operations.plan_meetings(by=secretariat, rows=[*rows_of([by_rule]), chosen, as_it_is])
    assert [m.moved_because for m in made] == ["Good Friday", "Chosen by the secretariat", ""]
    assert made[0].on == dt.date(2018, 4, 3)


def test_no_two_ordinary_meetings_are_planned_on_one_day(secretariat, of_2020, meeting):
    free = Row(london(2020, 8, 3, 10), dt.date(2020, 8, 3), "Here", 60)
    taken = Row(london(2020, 9, 28, 14), dt.date(2020, 9, 28), "Here", 60)
    with pytest.raises(ValidationError, match="28 September 2020 already"):
        operations.plan_meetings(by=secretariat, rows=[free, taken])
    assert Meeting.objects.count() == 1


def test_nothing_is_planned_before_there_are_terms(secretariat, of_2018):
    with pytest.raises(ValidationError, match="No terms of reference are in force"):
        operations.plan_meetings(
            by=secretariat, rows=[Row(london(2018, 3, 1, 10), dt.date(2018, 3, 1), "The Council", 90)]
        )


def test_a_day_that_had_a_cancelled_meeting_gets_a_key_of_its_own(secretariat, meeting, next_meeting):
    operations.cancel(meeting=meeting, by=secretariat, seen=1, because="Ill.", moved_to=next_meeting)
    again = operations.plan_meetings(
        by=secretariat, rows=[Row(london(2020, 9, 28, 10), dt.date(2020, 9, 28), "Here", 60)]
    )
    assert again[0].key == "2020-09-28-2"


def test_only_the_secretariat_changes_meetings(cast, meeting):
    for name, person in cast.items():
        if name == "secretariat":
            continue
        with pytest.raises(PermissionDenied):
            operations.move_place(meeting=meeting, by=person, seen=1, venue="Elsewhere", because="So.")
        with pytest.raises(PermissionDenied):
            operations.plan_meetings(by=person, rows=[])
    assert Meeting.objects.get().version == 1


# Changing -------------------------------------------------------------------------------------------------------------


def test_an_extraordinary_meeting_is_called_and_told_once(secretariat, observer, of_2020, meeting):
    called = operations.call_extraordinary(
        by=secretariat, starts_at=london(2020, 9, 14, 9), venue="By video", length_minutes=60, because="Schools reopen."
    )
    assert called.kind == Meeting.Kind.EXTRAORDINARY
    assert called.papers_due_at == london(2020, 9, 11, 9)
    assert told("meeting called") == {observer}
    assert called.changes.get().kind == MeetingChange.Kind.CALLED


def test_an_extraordinary_meeting_of_the_past_is_recorded_and_nobody_is_told(secretariat, observer, of_2020):
    operations.call_extraordinary(
        by=secretariat, starts_at=london(2020, 9, 1, 9), venue="By video", length_minutes=60, because="It was urgent."
    )
    assert not Notice.objects.exists()


def test_a_postponed_meeting_has_the_deadlines_of_its_new_day(secretariat, meeting):
    Round.objects.create(
        meeting=meeting, opened_at=london(2020, 9, 1, 9), opened_by=secretariat, closes_at=meeting.authors_due_at
    )
    moved = operations.postpone(
        meeting=meeting, by=secretariat, seen=1, starts_at=london(2020, 10, 26, 10), because="The chairs are away."
    )
    assert moved.papers_due_at == london(2020, 10, 23, 11)
    assert (moved.sequence, moved.version, moved.key) == (1, 2, "2020-09-28")
    assert moved.series_on == dt.date(2020, 9, 28)
    assert Round.objects.get().closes_at == moved.authors_due_at
    change = moved.changes.get()
    assert change.before.startswith("Monday 28 September 2020, 10:00")
    assert change.after.startswith("Monday 26 October 2020, 10:00")


def test_a_meeting_postponed_into_new_terms_follows_them(secretariat, of_2018, of_2020):
    meeting = make_meeting(terms=of_2018, starts_at=london(2019, 12, 6, 10))
    with dates.held_at(london(2019, 11, 20, 10)):
        moved = operations.postpone(
            meeting=meeting, by=secretariat, seen=1, starts_at=london(2020, 1, 6, 10), because="Elections."
        )
    assert (moved.terms, moved.length_minutes, moved.venue) == (of_2020, 120, "Kensington Town Hall")
    assert moved.papers_due_at == london(2020, 1, 3, 10)


def test_a_place_chosen_by_hand_stays_when_a_meeting_is_postponed(secretariat, of_2018, of_2020):
    meeting = make_meeting(terms=of_2018, starts_at=london(2019, 12, 6, 10), venue="A school")
    with dates.held_at(london(2019, 11, 20, 10)):
        moved = operations.postpone(
            meeting=meeting, by=secretariat, seen=1, starts_at=london(2020, 1, 6, 10), because="Elections."
        )
    assert moved.venue == "A school"


def test_postponing_to_the_same_hour_or_onto_another_meeting_is_refused(secretariat, meeting, next_meeting):
    for starts_at, sentence in ((meeting.starts_at, "already"), (london(2020, 11, 9, 15), "another meeting")):
        with pytest.raises(ValidationError, match=sentence):
            operations.postpone(meeting=meeting, by=secretariat, seen=1, starts_at=starts_at, because="So.")


def test_moving_to_another_place_is_told_and_kept(secretariat, observer, meeting):
    moved = operations.move_place(meeting=meeting, by=secretariat, seen=1, venue="A school", because="Repairs.")
    assert (moved.venue, moved.sequence) == ("A school", 1)
    assert told("meeting place") == {observer}
    assert "A school" in Notice.objects.get().text
    with pytest.raises(ValidationError, match="where the meeting is already"):
        operations.move_place(meeting=moved, by=secretariat, seen=2, venue="A school", because="So.")


def test_who_saves_second_is_told_and_nothing_is_overwritten(secretariat, meeting):
    operations.move_place(meeting=meeting, by=secretariat, seen=1, venue="A school", because="Repairs.")
    with pytest.raises(ValidationError, match="Somebody changed this meeting"):
        operations.move_place(meeting=meeting, by=secretariat, seen=1, venue="A library", because="Repairs.")
    assert Meeting.objects.get().venue == "A school"


def test_an_edited_meeting_keeps_its_deadlines_unless_they_are_given(secretariat, council_member, meeting):
    edited = operations.edit_meeting(
        meeting=meeting, by=secretariat, seen=1, length_minutes=120, chair=council_member, note="Bring the map."
    )
    assert (edited.papers_due_at, edited.sequence) == (meeting.papers_due_at, 0)
    due = Deadlines(london(2020, 9, 17, 9), london(2020, 9, 23, 9), london(2020, 9, 24, 17))
    edited = operations.edit_meeting(
        meeting=meeting, by=secretariat, seen=2, length_minutes=90, chair=None, note="", deadlines=due
    )
    assert (edited.papers_due_at, edited.length_minutes, edited.sequence) == (due.papers_due_at, 90, 1)


def test_a_meeting_planned_under_old_terms_follows_the_new_ones_when_it_is_edited(secretariat, of_2018, meeting):
    early = make_meeting(terms=of_2018, starts_at=london(2020, 10, 5, 10))
    edited = operations.edit_meeting(meeting=early, by=secretariat, seen=1, length_minutes=90, chair=None, note="")
    assert edited.terms == meeting.terms
    assert edited.papers_due_at == london(2020, 10, 2, 10)


def test_an_adjourned_meeting_says_when_it_goes_on(secretariat, observer, meeting):
    resumes = london(2020, 10, 5, 10)
    with pytest.raises(ValidationError, match="after it began"):
        operations.adjourn(
            meeting=meeting, by=secretariat, seen=1, resumes_at=london(2020, 9, 28, 9), because="The fire alarm."
        )
    with dates.held_at(london(2020, 9, 28, 11)):
        adjourned = operations.adjourn(
            meeting=meeting, by=secretariat, seen=1, resumes_at=resumes, because="The fire alarm."
        )
        assert told("meeting adjourned") == {observer}
        assert "adjourned until Monday 5 October, 10:00" in pages.state_in_words(adjourned, dates.now())
    assert (adjourned.resumes_at, adjourned.sequence) == (resumes, 1)


def test_a_meeting_is_marked_as_held_once_it_has_begun(secretariat, council_member, meeting):
    with pytest.raises(ValidationError, match="once it has begun"):
        operations.mark_held(meeting=meeting, by=secretariat, seen=1, quorate=True)
    with dates.held_at(london(2020, 9, 28, 12)):
        held = operations.mark_held(meeting=meeting, by=secretariat, seen=1, quorate=True, chair=council_member)
    assert (held.state, held.quorate, held.chair) == (Meeting.State.HELD, True, council_member)
    with pytest.raises(ValidationError, match="cannot be cancelled"):
        operations.cancel(meeting=held, by=secretariat, seen=2, because="So.", moved_to=None)
    assert not Notice.objects.exists()


def test_a_meeting_without_a_quorum_says_who_was_missing(secretariat, meeting):
    with dates.held_at(london(2020, 9, 28, 12)):
        with pytest.raises(ValidationError, match="who was missing"):
            operations.mark_held(meeting=meeting, by=secretariat, seen=1, quorate=False)
        held = operations.mark_held(
            meeting=meeting, by=secretariat, seen=1, quorate=False, because="Nobody from the NHS side."
        )
    assert held.changes.get().kind == MeetingChange.Kind.INQUORATE
    assert pages.how_far(held, dates.now()) == "Minutes not yet agreed, no quorum"


# Cancelling -----------------------------------------------------------------------------------------------------------


def test_a_cancelled_meeting_passes_on_what_waits_for_it(secretariat, meeting, next_meeting):
    item = make_agenda_item(meeting=meeting, title="Autism strategy", order=4)
    paper = Paper.objects.create(item=item, title="The strategy")
    dive = make_forward_item(meeting=meeting, kind="deep dive", theme=make_theme(), title="Deep dive: co-production")
    done = make_forward_item(meeting=meeting, done=True)
    standing = make_standing_item(terms=meeting.terms)
    routine = make_agenda_item(meeting=meeting, standing=standing, title="Apologies")
    make_agenda_item(meeting=next_meeting, order=7)
    Round.objects.create(
        meeting=meeting, opened_at=london(2020, 9, 1, 9), opened_by=secretariat, closes_at=meeting.authors_due_at
    )
    cancelled = operations.cancel(
        meeting=meeting, by=secretariat, seen=1, because="Too few can come.", moved_to=next_meeting
    )
    for row in (item, paper, dive, done, routine):
        row.refresh_from_db()
    assert (cancelled.state, cancelled.moved_to, cancelled.sequence) == ("cancelled", next_meeting, 1)
    assert (item.meeting, item.order, item.version) == (next_meeting, 8, 2)
    assert paper.item.meeting == dive.meeting == next_meeting
    assert done.meeting == routine.meeting == meeting
    asked = Round.objects.get()
    assert (asked.meeting, asked.closes_at) == (next_meeting, next_meeting.authors_due_at)
    change = cancelled.changes.get()
    assert change.after == "Passed on to 9 November 2020: 1 agenda item with the papers, 1 planned item"


def publish(meeting, items, by) -> Pack:
    document = make_document(kind="pack")
    pack = Pack.objects.create(
        meeting=meeting, number=1, audience="all", audience_in_words="The Board", document=document, by=by
    )
    for number, item in enumerate(items, start=1):
        item.number = number
        item.save()
        PackContent.objects.create(pack=pack, item=item, label=str(number), first_page=number)
    meeting.state = Meeting.State.PUBLISHED
    meeting.save()
    return pack


def test_what_was_published_stays_and_the_next_meeting_gets_a_copy(secretariat, invited_lead, meeting, next_meeting):
    item = make_agenda_item(meeting=meeting, title="Autism strategy", restricted=True)
    Invitation.objects.create(item=item, person=invited_lead)
    sheet = FrontSheet.objects.create(item=item, summary="What it is about.")
    Recommendation.objects.create(front_sheet=sheet, number=1, text="Agree the strategy.")
    paper = Paper.objects.create(item=item, title="The strategy", state=Paper.State.CLEARED)
    PaperVersion.objects.create(
        paper=paper, number=1, original=make_stored_file(), original_name="strategy.pdf", by=secretariat
    )
    pack = publish(meeting, [item], secretariat)
    operations.cancel(meeting=meeting, by=secretariat, seen=1, because="Snow.", moved_to=next_meeting)
    item.refresh_from_db()
    assert (item.meeting, item.number) == (meeting, 1)
    assert pack.contents.get().item == item
    copy = next_meeting.items.get()
    assert (copy.title, copy.number, copy.restricted, copy.version) == ("Autism strategy", None, True, 1)
    assert copy.invitations.get().person == invited_lead
    assert copy.front_sheet.recommendations.get().text == "Agree the strategy."
    assert copy.papers.get().versions.get().original == paper.versions.get().original
    assert copy.history.count() == 1


def test_what_is_withheld_from_somebody_is_withheld_in_the_copy_too(secretariat, council_member, meeting, next_meeting):
    item = make_agenda_item(meeting=meeting, restricted=True)
    make_interest(item=item, person=council_member, withholds=True)
    make_interest(item=item)
    make_interest(item=make_agenda_item(meeting=next_meeting))
    publish(meeting, [item], secretariat)
    operations.cancel(meeting=meeting, by=secretariat, seen=1, because="Snow.", moved_to=next_meeting)
    copy = next_meeting.items.get(restricted=True)
    assert not AgendaItem.objects.visible_to(council_member).filter(pk=copy.pk).exists()
    assert copy.interests.get().person == council_member
    assert item.interests.count() == 2


def test_cancelling_tells_every_member_deputy_invited_person_and_observer_once(
    secretariat,
    council_member,
    observer,
    forum_representative,
    invited_lead,
    administrator,
    meeting,
    next_meeting,
    django_capture_on_commit_callbacks,
):
    seat = make_seat(terms=meeting.terms)
    deputy = make_person(role="commissioner")
    make_membership(seat=seat, person=council_member)
    make_membership(seat=seat, person=deputy, capacity="deputy decides")
    make_membership(seat=seat, person=make_person(role="commissioner"), until_on=dt.date(2020, 1, 31))
    presenter = make_person(role="commissioner")
    gone = make_person(role="observer", is_active=False)
    item = make_agenda_item(meeting=meeting, title="A private matter", restricted=True, presenter=presenter)
    Invitation.objects.create(item=item, person=invited_lead)
    make_agenda_item(meeting=next_meeting)
    with django_capture_on_commit_callbacks(execute=True):
        operations.cancel(meeting=meeting, by=secretariat, seen=1, because="Snow.", moved_to=next_meeting)
    expected = {council_member, deputy, presenter, invited_lead, observer, forum_representative}
    assert told("meeting cancelled") == expected
    assert gone not in expected
    assert Notice.objects.count() == len(expected)
    assert {m.to[0] for m in mail.outbox} == {person.email for person in expected}
    assert len(mail.outbox) == len(expected)
    assert not any("private" in m.body + m.subject for m in mail.outbox)
    assert "is cancelled" in mail.outbox[0].subject
    assert "Monday 9 November 2020, 10:00" in mail.outbox[0].body
    assert notices.send_notices.func() == 0
    assert len(mail.outbox) == len(expected)


def test_a_meeting_with_items_is_cancelled_only_in_favour_of_another(secretariat, meeting, next_meeting):
    make_agenda_item(meeting=meeting)
    over = make_meeting(terms=meeting.terms, starts_at=london(2020, 8, 3, 10), state="cancelled")
    for wrong in (None, over, meeting):
        with pytest.raises(ValidationError, match="Choose"):
            operations.cancel(meeting=meeting, by=secretariat, seen=1, because="Snow.", moved_to=wrong)
    assert Meeting.objects.get(pk=meeting.pk).state == Meeting.State.PLANNED


def test_an_empty_meeting_is_cancelled_with_nothing_to_pass_on(secretariat, meeting):
    cancelled = operations.cancel(meeting=meeting, by=secretariat, seen=1, because="Nothing to do.", moved_to=None)
    assert cancelled.moved_to is None
    assert pages.how_far(cancelled, dates.now()) == "Nothing was passed on"


def test_places_go_on_alternating_by_meetings_held_when_one_is_cancelled(secretariat, of_2018):
    with dates.held_at(london(2018, 9, 1, 10)):
        proposed = calendar.span([of_2018], dt.date(2018, 9, 12), dt.date(2018, 12, 31), dt.time(10))
        first, second, third, fourth = operations.plan_meetings(by=secretariat, rows=rows_of(proposed))
        operations.move_place(meeting=fourth, by=secretariat, seen=1, venue="A school", because="A visit.")
        operations.cancel(meeting=second, by=secretariat, seen=1, because="Ill.", moved_to=None)
    for meeting in (first, third, fourth):
        meeting.refresh_from_db()
    assert [m.venue for m in (first, third, fourth)] == ["The Council", "The CCG", "A school"]
    assert third.changes.get().because == "The places alternate."


def test_what_leads_wrote_for_a_cancelled_meeting_goes_along_where_nothing_is_in_its_place(
    secretariat, owning_commissioner, meeting, next_meeting
):
    streams = [make_workstream(), make_workstream()]
    made = [make_highlight(meeting, stream, owning_commissioner) for stream in streams]
    there = make_highlight(next_meeting, streams[1], owning_commissioner)
    operations.cancel(meeting=meeting, by=secretariat, seen=1, because="Snow.", moved_to=next_meeting)
    assert [Highlight.objects.get(pk=row.pk).meeting for row in (*made, there)] == [next_meeting, meeting, next_meeting]


def make_highlight(meeting, workstream, by) -> Highlight:
    return Highlight.objects.create(
        meeting=meeting, workstream=workstream, status="on track", reason="All is well.", by=by
    )


def test_an_open_round_of_a_postponed_meeting_closes_at_its_own_hour_where_that_was_chosen(secretariat, meeting):
    chosen = london(2020, 9, 15, 12)
    Round.objects.create(meeting=meeting, opened_at=london(2020, 9, 1, 9), opened_by=secretariat, closes_at=chosen)
    operations.postpone(
        meeting=meeting, by=secretariat, seen=1, starts_at=london(2020, 10, 26, 10), because="The chairs are away."
    )
    assert Round.objects.get().closes_at == chosen


def test_a_meeting_with_agreed_minutes_is_not_adjourned(secretariat, of_2020):
    agreed = make_meeting(terms=of_2020, starts_at=london(2020, 8, 3, 10), state="agreed", quorate=True)
    with pytest.raises(ValidationError, match="cannot be adjourned"):
        operations.adjourn(meeting=agreed, by=secretariat, seen=1, resumes_at=london(2020, 10, 5, 10), because="So.")
    assert pages.how_far(agreed, dates.now()) == "Minutes agreed"


# Warnings -------------------------------------------------------------------------------------------------------------


def said(meeting, cautions=()) -> list[str]:
    return warnings(meeting, operations.closed_days(), cautions)


def test_a_clock_change_is_explained(of_2020):
    spring = make_meeting(terms=of_2020, starts_at=london(2020, 3, 30, 10))
    autumn = make_meeting(terms=of_2020, starts_at=london(2020, 10, 26, 10))
    assert said(spring) == ["The clocks go forward on Sunday 29 March, so 72 hours before is 09:00, not 10:00."]
    assert said(autumn) == ["The clocks go back on Sunday 25 October, so 72 hours before is 11:00, not 10:00."]


def test_papers_due_on_a_bank_holiday_have_a_day_to_aim_for(of_2020):
    meeting = make_meeting(terms=of_2020, starts_at=london(2020, 5, 11, 10))
    assert said(meeting) == [
        "Friday 8 May is a closed day, May Day. The deadline is not moved: aim for Thursday 7 May, 17:00."
    ]


def test_papers_due_at_a_weekend_have_a_moment_to_aim_for(of_2020):
    meeting = make_meeting(terms=of_2020, starts_at=london(2020, 9, 15, 10))
    assert said(meeting) == [
        "Saturday 12 September, 10:00 is outside working hours. The deadline is not moved: aim for Friday 11 September, 17:00."
    ]


def test_a_meeting_on_a_closed_day_or_a_weekend_is_pointed_out(of_2018):
    ClosedDay.objects.create(on=dt.date(2018, 6, 6), name="A day of mourning")
    closed = make_meeting(terms=of_2018, starts_at=london(2018, 6, 6, 10))
    weekend = make_meeting(terms=of_2018, starts_at=london(2018, 6, 9, 10))
    assert said(closed)[0] == "Wednesday 6 June is a closed day: A day of mourning."
    assert said(weekend)[0] == "The meeting is on a Saturday."


def test_school_holidays_and_elections_warn_and_move_nothing(meeting):
    areas = [make_area(name="Westminster"), make_area(name="Kensington and Chelsea")]
    period = {"first_on": dt.date(2020, 9, 28), "last_on": dt.date(2020, 10, 9)}
    found = [Caution.objects.create(kind="school holiday", name="Autumn break", area=area, **period) for area in areas]
    found.append(Caution.objects.create(kind="pre-election", name="By-election", **period))
    found.append(
        Caution.objects.create(
            kind="pre-election", name="Another", first_on=dt.date(2020, 9, 29), last_on=dt.date(2020, 10, 9)
        )
    )
    assert said(meeting, found) == [
        "It falls in the school holidays in Kensington and Chelsea, and in Westminster: Autumn break, 28 September 2020 to 9 October 2020.",
        "It falls in the pre-election period: By-election, 28 September 2020 to 9 October 2020.",
    ]


def test_a_deadline_set_by_hand_is_not_explained_by_the_clock(of_2020):
    meeting = make_meeting(terms=of_2020, starts_at=london(2020, 3, 30, 10), papers_due_at=london(2020, 3, 27, 12))
    assert about_the_clock(meeting) == ""


# The pages ------------------------------------------------------------------------------------------------------------


def test_the_year_shows_every_meeting_with_state_deadline_and_what_is_odd(sign_in, observer, of_2020):
    make_meeting(terms=of_2020, starts_at=london(2020, 2, 17, 10), state="held", quorate=True)
    make_meeting(terms=of_2020, starts_at=london(2020, 10, 26, 10))
    make_meeting(terms=of_2020, starts_at=london(2020, 12, 7, 10), state="cancelled")
    make_meeting(terms=of_2020, starts_at=london(2021, 1, 18, 10))
    page = sign_in(observer).get("/meetings/").content.decode()
    assert (
        "The next meeting is on Monday 26 October, 10:00, in 46 days. Papers go out on Friday 23 October, 11:00."
        in page
    )
    assert "The clocks go back on Sunday 25 October" in page
    assert (
        "2 meetings in 2020, from 17 February to 26 October. 1 held. The next is Monday 26 October. 1 cancelled."
        in page
    )
    assert "Monday 18 January" not in page
    assert 'href="?year=2021"' in page
    assert "Plan meetings" not in page


@pytest.mark.parametrize("asked", ["2017", "2036"])
def test_a_year_outside_the_record_is_not_found(sign_in, observer, asked):
    assert sign_in(observer).get(f"/meetings/?year={asked}").status_code == 404


@pytest.mark.parametrize("asked", ["", "x", "20200", "２０２０", "-1"])
def test_a_year_that_is_none_shows_this_year(sign_in, observer, asked):
    assert "year, 2020" in sign_in(observer).get("/meetings/", {"year": asked}).content.decode()


def test_an_empty_year_says_what_to_do(sign_in, secretariat):
    page = sign_in(secretariat).get("/meetings/").content.decode()
    assert "No meeting is planned." in page
    assert "Plan a year of meetings" in page


def test_restricted_items_are_on_nobodys_page_who_may_not_see_them(sign_in, cast, meeting):
    make_agenda_item(meeting=meeting, title="Canary", restricted=True)
    sees = {"board member, council side", "board member, NHS side", "secretariat"}
    for name, person in cast.items():
        if person is None:
            continue
        client = sign_in(person)
        for address in ("/meetings/", f"/meetings/{meeting.key}/"):
            assert ("Canary" in client.get(address).content.decode()) == (name in sees), (name, address)


def test_only_the_secretariat_reaches_the_forms(sign_in, cast, meeting):
    addresses = ["/meetings/generate/", "/meetings/call/"]
    verbs = ("edit", "postpone", "place", "cancel", "adjourn", "held")
    addresses += [f"/meetings/{meeting.key}/{verb}/" for verb in verbs]
    for name, person in cast.items():
        client = sign_in(person)
        for address in addresses:
            expected = 200 if name == "secretariat" else 302 if person is None else 403
            assert client.get(address).status_code == expected, (name, address)
            if name != "secretariat":
                assert client.post(address, {"seen": 1}).status_code == expected, (name, address)
    assert Meeting.objects.get().version == 1


def queries(client, address) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


def test_the_year_asks_as_many_questions_for_one_meeting_as_for_three(sign_in, secretariat, of_2020):
    client = sign_in(secretariat)
    days = [(2020, 9, 28), (2020, 11, 9), (2020, 12, 21)]
    make_agenda_item(meeting=make_meeting(terms=of_2020, starts_at=london(*days[0], 10)))
    client.get("/meetings/")
    before = queries(client, "/meetings/")
    for day in days[1:]:
        meeting = make_meeting(terms=of_2020, starts_at=london(*day, 10))
        make_agenda_item(meeting=meeting)
        make_forward_item(meeting=meeting)
    assert queries(client, "/meetings/") == before


def test_a_meetings_page_shows_the_three_instants_and_the_last_working_moment(sign_in, observer, of_2020):
    meeting = make_meeting(terms=of_2020, starts_at=london(2020, 9, 15, 10))
    page = sign_in(observer).get(f"/meetings/{meeting.key}/").content.decode()
    for words in (
        "Monday 7 September 2020, 10:00",
        "Friday 11 September 2020, 10:00",
        "Saturday 12 September 2020, 10:00",
        "Outside working hours: by Friday 11 September, 17:00",
        "It is in 5 days.",
    ):
        assert words in page
    assert "Change this meeting" not in page


def test_the_secretary_plans_a_year_row_by_row(sign_in, secretariat, meeting):
    client = sign_in(secretariat)
    address = "/meetings/generate/?first=2020-09-28&at=10:00&until=2021-02-28"
    page = client.get(address)
    text = page.content.decode()
    assert text.count("Length in minutes") == 4
    assert "There is a meeting on this day already." in text
    posted = {"form-TOTAL_FORMS": 4, "form-INITIAL_FORMS": 4}
    for number, form in enumerate(page.context["rows"]):
        for name in ("series_on", "day", "hour", "venue", "length"):
            value = form.initial[name]
            posted[f"form-{number}-{name}"] = value.isoformat() if hasattr(value, "isoformat") else value
        if form.initial["take"]:
            posted[f"form-{number}-take"] = "on"
    posted["form-1-venue"] = "A school"
    posted["form-2-day"] = ""
    refused = client.post(address, posted)
    assert refused.status_code == 422
    assert "Choose a day." in refused.content.decode()
    del posted["form-2-take"]
    saved = client.post(address, posted)
    assert (saved.status_code, saved["Location"]) == (302, "/meetings/?year=2020")
    assert [(m.key, m.venue) for m in Meeting.objects.exclude(pk=meeting.pk)] == [
        ("2020-11-09", "A school"),
        ("2021-02-01", "Kensington Town Hall"),
    ]


def test_planning_nothing_or_a_day_that_is_taken_says_so(sign_in, secretariat, meeting):
    client = sign_in(secretariat)
    row = {"series_on": "2020-09-28", "day": "2020-09-28", "hour": "10:00", "venue": "Here", "length": "60"}
    posted = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1} | {f"form-0-{name}": row[name] for name in row}
    assert "Tick the meetings to plan" in client.post("/meetings/generate/", posted).content.decode()
    answer = client.post("/meetings/generate/", posted | {"form-0-take": "on"})
    assert answer.status_code == 422
    assert "already" in answer.content.decode()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("first=2020-09-28&at=10:00&until=2020-01-01", "Choose a last day"),
        ("first=2020-09-28&at=10:00&until=2030-01-01", "at most two years later"),
        ("first=soon&at=10:00&until=2020-12-31", "Give the day as day, month and year."),
        ("first=1850-01-01&at=10:00&until=2020-12-31", "Choose a day from"),
    ],
)
def test_a_span_that_makes_no_sense_is_answered_with_a_sentence(sign_in, secretariat, of_2020, asked, words):
    answer = sign_in(secretariat).get(f"/meetings/generate/?{asked}")
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_span_before_all_terms_proposes_nothing(sign_in, secretariat, of_2020):
    page = sign_in(secretariat).get("/meetings/generate/?first=2018-01-08&at=10:00&until=2018-12-31")
    assert "No terms of reference are in force on these days" in page.content.decode()


def test_the_next_span_goes_on_from_the_last_meeting(sign_in, secretariat, meeting):
    page = sign_in(secretariat).get("/meetings/generate/")
    assert page.context["span"].initial["first"] == dt.date(2020, 11, 9)


def test_each_change_is_made_from_its_form(sign_in, secretariat, council_member, meeting, next_meeting):
    client, address = sign_in(secretariat), f"/meetings/{meeting.key}/"
    edit = {
        "seen": 1,
        "length": 90,
        "chair": council_member.pk,
        "note": "Bring the map.",
        "authors_due_at": "2020-09-17T09:00",
        "clearing_due_at": "2020-09-23T09:00",
        "papers_due_at": "2020-09-24T17:00",
    }
    steps = [
        ("edit/", edit),
        ("postpone/", {"seen": 2, "day": "2020-09-29", "hour": "09:30", "because": "A clash."}),
        ("place/", {"seen": 3, "venue": "A school", "because": "Repairs."}),
    ]
    for verb, posted in steps:
        answer = client.post(address + verb, posted)
        assert (answer.status_code, answer.get("Location")) == (302, address), answer.content.decode()
    meeting.refresh_from_db()
    assert (meeting.starts_at, meeting.venue) == (london(2020, 9, 29, 9, 30), "A school")
    assert (meeting.chair, meeting.length_minutes) == (council_member, 90)
    stale = client.post(address + "cancel/", {"seen": 3, "because": "All are ill.", "moved_to": next_meeting.pk})
    assert stale.status_code == 422
    assert "Somebody changed this meeting" in stale.content.decode()
    assert "All are ill." in stale.content.decode()
    assert 'name="seen" value="4"' in stale.content.decode()
    assert (
        client.post(
            address + "cancel/", {"seen": 4, "because": "All are ill.", "moved_to": next_meeting.pk}
        ).status_code
        == 302
    )
    page = client.get(address).content.decode()
    assert "Cancelled, passed on to Monday 9 November." in page
    assert "What was published for it stays here." in page


def test_held_and_adjourned_are_recorded_from_their_forms(sign_in, secretariat, meeting):
    client, address = sign_in(secretariat), f"/meetings/{meeting.key}/"
    with dates.held_at(london(2020, 9, 28, 12)):
        assert "Mark it as held" in client.get(address).content.decode()
        assert "not marked as held yet" in client.get(address).content.decode()
        assert (
            client.post(
                address + "adjourn/", {"seen": 1, "day": "2020-10-05", "hour": "10:00", "because": "The alarm."}
            ).status_code
            == 302
        )
        assert client.post(address + "held/", {"seen": 2, "quorate": "", "because": ""}).status_code == 422
        assert client.post(address + "held/", {"seen": 2, "quorate": "no", "because": ""}).status_code == 422
        assert (
            client.post(address + "held/", {"seen": 2, "quorate": "no", "because": "No NHS side."}).status_code == 302
        )
        page = client.get(address).content.decode()
    assert "without a quorum, adjourned until Monday 5 October, 10:00" in page


def test_deadlines_out_of_order_or_missing_are_refused_in_words(sign_in, secretariat, meeting):
    client, address = sign_in(secretariat), f"/meetings/{meeting.key}/edit/"
    posted = {
        "seen": 1,
        "length": 90,
        "authors_due_at": "2020-09-25T09:00",
        "clearing_due_at": "2020-09-23T09:00",
        "papers_due_at": "2020-09-24T17:00",
    }
    assert "out of order" in client.post(address, posted).content.decode()
    assert "leave all three" in client.post(address, posted | {"papers_due_at": ""}).content.decode()
    assert "Give it as day and time" in client.post(address, posted | {"papers_due_at": "soon"}).content.decode()
    assert "Choose a day from" in client.post(address, posted | {"papers_due_at": "1066-10-14T09:00"}).content.decode()


def test_an_extraordinary_meeting_is_called_from_its_form(sign_in, secretariat, of_2020):
    client = sign_in(secretariat)
    posted = {"day": "2020-09-14", "hour": "09:00", "venue": "By video", "length": 60, "because": "Urgent."}
    assert client.post("/meetings/call/", posted).status_code == 302
    assert client.post("/meetings/call/", posted | {"day": "2018-01-02"}).status_code == 422
    assert "Extraordinary meeting" in client.get("/meetings/2020-09-14/").content.decode()


def test_a_meeting_planned_under_old_terms_says_so(sign_in, secretariat, of_2018, of_2020):
    make_meeting(terms=of_2018, starts_at=london(2020, 10, 5, 10))
    assert "on its day “Terms of 2020” is in force" in sign_in(secretariat).get("/meetings/").content.decode()


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (london(2020, 9, 27, 9), "tomorrow. Papers were due out on Friday 25 September, 10:00: 47 hours late."),
        (london(2020, 9, 28, 9), "today. Papers were due out"),
    ],
)
def test_the_headline_says_when_papers_are_late(meeting, now, words):
    assert words in pages.headline(meeting, now)


def test_the_headline_of_a_published_meeting_says_so(meeting):
    meeting.state = Meeting.State.PUBLISHED
    assert pages.headline(meeting, dates.now()).endswith("Its pack is published.")
    assert "its pack is published" in pages.detail_headline(meeting, dates.now())


# Since the last meeting -----------------------------------------------------------------------------------------------


def test_since_the_last_meeting_counts_from_when_it_began(of_2020):
    assert since(dates.today()) is None
    assert since_last_meeting(dates.today()) == dates.start_of_day(dt.date(2020, 7, 30))
    make_meeting(terms=of_2020, starts_at=london(2020, 6, 22, 10), state="agreed", quorate=True)
    make_meeting(terms=of_2020, starts_at=london(2020, 8, 3, 10), state="held", quorate=False)
    make_meeting(terms=of_2020, starts_at=london(2020, 9, 1, 10), state="cancelled")
    make_meeting(terms=of_2020, starts_at=london(2020, 9, 2, 10))
    assert since_last_meeting(dates.today()) == london(2020, 8, 3, 10)
    assert since(dt.date(2020, 8, 3)) == london(2020, 8, 3, 10)
    assert since(dt.date(2020, 8, 2)) == london(2020, 6, 22, 10)


def test_a_red_row_is_unexplained_when_its_words_are_older_than_the_last_meeting(of_2020, owning_commissioner):
    row = make_deliverable()
    make_update(deliverable=row, status="off track", at=london(2020, 8, 20, 10), by=owning_commissioner)
    today = dates.today()
    rows = type(row).objects.filter(pk=row.pk)
    assert not standings(rows, day=today, since=since_last_meeting(today))[0].unexplained
    make_meeting(terms=of_2020, starts_at=london(2020, 9, 7, 10), state="held", quorate=True)
    assert standings(rows, day=today, since=since_last_meeting(today))[0].unexplained


def test_home_and_deliverable_pages_count_from_the_last_meeting(sign_in, owning_commissioner, of_2020):
    row = make_deliverable(lead=owning_commissioner)
    client = sign_in(owning_commissioner)
    address = f"/plans/{row.workstream.plan.slug}/{row.workstream.number}/{row.number}/"
    assert "30 July 2020" in client.get("/").content.decode()
    make_meeting(terms=of_2020, starts_at=london(2020, 9, 7, 10), state="held", quorate=True)
    assert "Changed since 7 September 2020" in client.get("/").content.decode()
    assert "What has happened since 7 September 2020?" in client.get(address).content.decode()
    assert "since 7 September 2020" in client.get("/round/").content.decode()


def test_items_withdrawn_from_an_agenda_stay_with_the_cancelled_meeting(secretariat, meeting, next_meeting):
    gone = make_agenda_item(meeting=meeting, withdrawn_because="Its author asked.")
    operations.cancel(meeting=meeting, by=secretariat, seen=1, because="Snow.", moved_to=next_meeting)
    assert AgendaItem.objects.get(pk=gone.pk).meeting == meeting
