"""The demonstration's year: six meetings held, the next postponed and in preparation, its round open, and a forward plan."""

import datetime as dt

import pytest
from django.db import transaction

from governance.agendas import build, due
from governance.agendas.operations import remove_item
from governance.forward import plan as forward
from governance.meetings import calendar
from governance.meetings.operations import closed_days
from governance.meetings.warnings import warnings
from governance.models import (
    AgendaItem,
    Caution,
    ClosedDay,
    ForwardItem,
    FrontSheet,
    Highlight,
    Invitation,
    Meeting,
    MeetingChange,
    Paper,
    Round,
)
from governance.record import check_record, load_record
from governance.rounds.asking import coming_round, everyone
from jcb import access, dates
from jcb.models import Notice, Person
from tests.conftest import NOW
from tests.record import put_whole_record
from workstreams.models import Workstream

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_record")]

NEXT = "2020-09-14"
HELD = ["2020-01-06", "2020-02-17", "2020-03-30", "2020-05-11", "2020-06-22", "2020-08-03"]
TODAY = dates.london_day(NOW)


@pytest.fixture(scope="module")
def whole_record(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), dates.held_at(NOW), transaction.atomic():
        put_whole_record()
        yield
        transaction.set_rollback(True)


def person(name: str) -> Person:
    return Person.objects.get(email=f"{name}@board.example")


def the_next() -> Meeting:
    return Meeting.objects.get(key=NEXT)


# Meetings


def test_the_year_is_what_the_terms_of_2020_would_have_made_of_it():
    meetings = list(Meeting.objects.order_by("starts_at").select_related("terms"))
    proposed = calendar.preview(meetings[0].terms, dt.date(2020, 1, 6), len(meetings), dt.time(10))
    assert [m.series_on for m in meetings] == [p.series_on for p in proposed]
    assert [m.key for m in meetings] == [p.series_on.isoformat() for p in proposed]
    assert [m.starts_at for m in meetings if m.key != NEXT] == [
        p.starts_at for p in proposed if p.on != the_next().series_on
    ]
    for meeting in meetings:
        due_by = calendar.deadlines(meeting.terms, meeting.starts_at)
        found = (meeting.authors_due_at, meeting.clearing_due_at, meeting.papers_due_at)
        assert found == (due_by.authors_due_at, due_by.clearing_due_at, due_by.papers_due_at), meeting
        assert (meeting.terms.key, meeting.length_minutes, meeting.invented) == ("2020", 120, True)
        assert not calendar.closed_because(meeting.on, closed_days())


def test_what_was_held_was_quorate_and_its_minutes_agreed_but_for_the_last():
    held = Meeting.objects.held(NOW).order_by("starts_at")
    assert [m.key for m in held] == HELD
    assert {m.quorate for m in held} == {True}
    assert [m.state for m in held] == [Meeting.State.AGREED] * 5 + [Meeting.State.HELD]
    assert {m.state for m in Meeting.objects.coming(NOW)} == {Meeting.State.PLANNED}


def test_the_next_meeting_was_postponed_and_says_why():
    meeting = Meeting.objects.coming(NOW).first()
    assert (meeting.key, meeting.on, meeting.series_on) == (NEXT, dt.date(2020, 9, 28), dt.date(2020, 9, 14))
    change = meeting.changes.get()
    assert (change.kind, change.before.split(",")[0]) == (MeetingChange.Kind.POSTPONED, "Monday 14 September 2020")
    assert change.after.startswith(dates.say_instant(meeting.starts_at))
    assert meeting.moved_because in change.because
    assert change.at < NOW


def test_in_spring_and_summer_the_board_met_by_video_and_the_change_is_kept():
    by_video = Meeting.objects.filter(venue="By video").values_list("key", flat=True)
    assert list(by_video) == HELD[2:]
    changed = MeetingChange.objects.filter(kind=MeetingChange.Kind.PLACE)
    assert {c.meeting.key for c in changed} == set(by_video)
    assert all(c.at < c.meeting.starts_at and c.because for c in changed)


def test_school_holidays_and_the_weeks_before_an_election_warn_and_the_clock_change_too():
    def said(key):
        meeting = Meeting.objects.select_related("terms").get(key=key)
        return " ".join(warnings(meeting, closed_days(), Caution.objects.select_related("area")))

    assert "Autumn half-term 2020" in said("2020-10-26")
    assert "11:00, not 10:00" in said("2020-10-26")
    assert "Mayor of London and London Assembly" in said("2021-04-12")
    assert "Easter 2021" in said("2021-04-12")
    assert said("2020-12-07") == ""


def test_the_one_off_bank_holidays_need_no_closed_days():
    assert not ClosedDay.objects.exists()
    for day in ((2020, 5, 8), (2022, 6, 3), (2022, 9, 19), (2023, 5, 8)):
        assert calendar.closed_because(dt.date(*day)), day


# Agendas


@pytest.mark.parametrize("key", HELD)
def test_a_past_agenda_has_what_was_due_numbered_without_gaps_within_its_two_hours(key):
    meeting = Meeting.objects.get(key=key)
    items = list(AgendaItem.objects.filter(meeting=meeting).in_order())
    assert [item.number for item in items] == list(range(1, len(items) + 1))
    on_it = {item.standing.title for item in items if item.standing}
    place = due.place_in_series(meeting)
    planned = list(ForwardItem.objects.filter(meeting=meeting))
    wanted = {s.title for s in meeting.terms.standing_items.all() if due.is_due(s, meeting, place, planned)}
    assert on_it == wanted
    assert {item.forward_id for item in items} - {None} == {row.pk for row in planned}
    assert sum(item.minutes for item in items) <= meeting.length_minutes


def test_the_next_agenda_is_in_preparation_and_has_everything_that_is_due():
    items = list(AgendaItem.objects.filter(meeting=the_next()).in_order())
    expected, planned = due.missing(the_next(), items)
    assert ([each.standing.title for each in expected if each.is_due], planned) == ([], [])
    assert {item.number for item in items} == {None}
    assert build.for_person(the_next(), person("secretariat")).over == 5


@pytest.mark.parametrize("key", ["2020-06-22", NEXT])
def test_an_observer_does_not_see_the_restricted_item_and_an_invited_lead_sees_their_own(key):
    meeting = Meeting.objects.get(key=key)
    restricted = AgendaItem.objects.get(meeting=meeting, restricted=True)
    agenda = build.for_person(meeting, person("observer"))
    assert restricted.title not in {row.title for row in agenda.items}
    assert sum(row.reserved for row in agenda.business) == 1
    seen = AgendaItem.objects.filter(meeting=meeting).visible_to(person("local.offer"))
    assert [item.invitations.get().person.name for item in seen] == ["Lead for the Local Offer"]


def test_whoever_is_invited_or_presents_may_be():
    people = [i.person for i in Invitation.objects.select_related("person")]
    people += [i.presenter for i in AgendaItem.objects.exclude(presenter=None).select_related("presenter")]
    assert all(access.may_be_invited(each) for each in people)


def test_front_sheets_ask_for_decisions_and_those_of_past_meetings_were_cleared_in_time():
    sheets = list(FrontSheet.objects.select_related("item__meeting"))
    assert len(sheets) == 6
    for sheet in sheets:
        numbers = list(sheet.recommendations.values_list("number", flat=True))
        assert numbers == list(range(1, len(numbers) + 1)) != []
        if sheet.item.meeting.is_over:
            assert sheet.cleared_at <= sheet.item.meeting.clearing_due_at
    assert sum(sheet.cleared_at is None for sheet in sheets) == 2
    assert {paper.item.meeting.key for paper in Paper.objects.select_related("item__meeting")} == {NEXT}


# The forward plan


def test_each_theme_has_its_deep_dive_three_taken_and_two_to_come():
    made = forward.build(TODAY)
    (cycle,) = made.cycles
    assert [dive.mark for dive in cycle.dives].count(forward.DONE) == 3
    assert [dive.mark for dive in cycle.dives].count(forward.PLANNED) == 2
    assert (cycle.warnings, made.left_behind) == ((), ())
    assert len(made.parked) == 3
    assert not any(fixed.gap for fixed in made.fixed if fixed.kind)


# The round


def test_the_round_of_the_next_meeting_is_open_and_partly_answered():
    asked_in = coming_round(TODAY)
    assert (asked_in.meeting, asked_in.closes_at) == (the_next(), the_next().authors_due_at)
    assert asked_in.is_open(NOW)
    whole = everyone(asked_in, TODAY)
    assert 0 < whole.answered < whole.total
    assert any(part.is_done for part in whole.asked) or any(part.answered for part in whole.asked)


def test_highlights_are_written_by_who_may_before_their_round_closed():
    rows = Highlight.objects.select_related("meeting__round", "workstream", "by")
    for row in rows:
        assert access.may_write_highlight(row.by, row.workstream, dates.london_day(row.at)), row
        assert row.meeting.round.opened_at <= row.at < row.meeting.round.closes_at, row
    of_august = {row.workstream for row in rows if row.meeting.key == "2020-08-03"}
    assert set(Workstream.objects.filter(plan__slug="kensington-and-chelsea-2020")) <= of_august
    assert (
        0 < Highlight.objects.filter(meeting=the_next()).count() < Workstream.objects.filter(plan__state="live").count()
    )


# Loading and checking


def test_all_of_it_is_marked_as_invented_and_nobody_was_told():
    for model in (Meeting, AgendaItem, ForwardItem, FrontSheet, Paper, Round, Highlight):
        assert model.objects.exists()
        assert not model.objects.filter(invented=False).exists(), model
    assert not Notice.objects.exists()


def test_what_people_did_to_the_agenda_since_is_left_alone_by_another_load():
    gone = AgendaItem.objects.get(meeting=the_next(), title="Forward plan")
    remove_item(item=gone, by=person("secretariat"))
    before = AgendaItem.objects.count(), Highlight.objects.count(), MeetingChange.objects.count(), Round.objects.count()
    assert load_record(demonstration=True).made == 0
    after = AgendaItem.objects.count(), Highlight.objects.count(), MeetingChange.objects.count(), Round.objects.count()
    assert after == before
    assert check_record() == []


def change(row, **values) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def held(key: str) -> Meeting:
    return Meeting.objects.get(key=key)


FAULTS = {
    "two meetings on one day": (
        lambda: change(held("2020-10-26"), starts_at=held("2020-12-07").starts_at),
        "Two ordinary meetings are on 7 December 2020.",
    ),
    "a meeting held in the future": (
        lambda: change(held("2020-10-26"), state="held"),
        "The meeting of 26 October 2020 is said to be held, and is still to come.",
    ),
    "a meeting out of order": (
        lambda: change(held("2020-10-26"), series_on=dt.date(2020, 8, 3)),
        "The meeting of 26 October 2020 is out of its order in the series.",
    ),
    "a gap in the numbers": (
        lambda: change(AgendaItem.objects.get(meeting__key="2020-01-06", number=3), number=30),
        "The agenda of 2020-01-06 has gaps in its numbers: 1, 2, 4,",
    ),
    "a theme without a deep dive": (
        lambda: change(ForwardItem.objects.get(key="deep-dive-innovation-2020"), kind="item", theme=None),
        "No deep dive is planned for the theme Innovation.",
    ),
    "a meeting without an agenda": (
        lambda: [
            change(item, number=None)
            for item in AgendaItem.objects.filter(meeting__key="2020-01-06").order_by("number")
        ],
        "The meeting of 6 January 2020 was held without an agenda.",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_check_notices(fault):
    make_it, sentence = FAULTS[fault]
    make_it()
    problems = check_record()
    assert any(sentence in problem for problem in problems), problems


# What is seen of it


@pytest.mark.parametrize("name", ["secretariat", "cochair.nhs", "autism", "local.offer", "forum", "observer"])
def test_the_pages_of_the_year_open_for_everyone_who_may_read_them(client, name):
    client.force_login(person(name))
    for path in ("/", "/meetings/", "/meetings/forward/", "/meetings/2020-08-03/", f"/meetings/{NEXT}/"):
        assert client.get(path).status_code == 200, path
