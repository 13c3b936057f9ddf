"""The Board's calendar, against a reckoning of its own kind (`oracle`) and against the cases the Board named."""

import datetime as dt
import io
import json

import pytest
from django.core.management import CommandError, call_command
from hypothesis import example, given, settings
from hypothesis import strategies as st

from governance.meetings import calendar
from governance.models import ClosedDay, Terms
from jcb import dates
from tests.governance import oracle
from tests.make import make_terms

YEARS = range(2018, 2036)
OF_2018 = Terms(
    pk=1,
    key="2018",
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
OF_2020 = Terms(
    pk=2,
    key="2020",
    in_force_from=dt.date(2020, 1, 1),
    every_number=6,
    every_unit="weeks",
    length_minutes=120,
    venue_rule="usual",
    venue_first="Kensington Town Hall",
    notice_number=72,
    notice_unit="hours",
)
TEN = dt.time(10)
days = st.dates(dt.date(2018, 1, 8), dt.date(2035, 12, 31))
minutes = st.integers(0, 1439)
near_a_change = st.builds(
    lambda year, month, off: (
        dt.date(year, month, oracle.FORWARD[year] if month == 3 else oracle.BACK[year]) + dt.timedelta(days=off)
    ),
    st.sampled_from(YEARS),
    st.sampled_from([3, 10]),
    st.integers(-8, 8),
)
any_day = st.one_of(days, near_a_change)
thorough = settings(max_examples=400, deadline=None, derandomize=True)


def number(day: dt.date) -> int:
    return oracle.day_number(day.year, day.month, day.day)


def clock(minute: int) -> dt.time:
    return dt.time(minute // 60, minute % 60)


def minute_of(instant: dt.datetime) -> int:
    return int(instant.timestamp()) // 60


def london(*parts) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dates.LONDON)


# Against the oracle ---------------------------------------------------------------------------------------------------


@thorough
@given(any_day, minutes)
@example(dt.date(2020, 3, 29), 90)
@example(dt.date(2020, 10, 25), 90)
def test_an_hour_on_the_london_clock_is_the_instant_that_the_oracle_finds(day, minute):
    assert minute_of(dates.at(day, clock(minute))) == oracle.instant_of(number(day), minute)


@thorough
@given(any_day, minutes, st.integers(1, 400))
def test_hours_of_notice_are_elapsed_hours(day, minute, hours):
    starts = dates.at(day, clock(minute))
    terms = Terms(notice_number=hours, notice_unit="hours")
    assert minute_of(calendar.papers_due(terms, starts)) == oracle.instant_of(number(day), minute) - hours * 60


@thorough
@given(any_day, minutes, st.integers(1, 30))
def test_days_of_notice_keep_the_hour_on_the_clock(day, minute, before):
    starts = dates.at(day, clock(minute))
    terms = Terms(notice_number=before, notice_unit="days")
    shown_on, shown = oracle.shown_at(oracle.instant_of(number(day), minute))
    assert minute_of(calendar.papers_due(terms, starts)) == oracle.instant_of(shown_on - before, shown)


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("month", [3, 10])
def test_every_meeting_within_nine_days_of_a_clock_change_has_the_papers_out_when_the_oracle_says(year, month):
    change = dt.date(year, month, oracle.FORWARD[year] if month == 3 else oracle.BACK[year])
    for off in range(-1, 10):
        day = change + dt.timedelta(days=off)
        for minute in (0, 30, 60, 61, 90, 119, 120, 150, 540, 600, 1020, 1439):
            starts, instant = dates.at(day, clock(minute)), oracle.instant_of(number(day), minute)
            assert minute_of(calendar.papers_due(OF_2020, starts)) == instant - 72 * 60
            shown_on, shown = oracle.shown_at(instant)
            assert minute_of(calendar.papers_due(OF_2018, starts)) == oracle.instant_of(shown_on - 7, shown)


@pytest.mark.parametrize("year", YEARS)
def test_every_day_of_the_year_is_closed_or_open_as_the_oracle_says(year):
    first = dt.date(year, 1, 1)
    for off in range(366):
        day = first + dt.timedelta(days=off)
        assert bool(calendar.closed_because(day)) == oracle.is_closed(number(day)), day


@thorough
@given(any_day, st.integers(1, 15))
def test_working_days_are_counted_back_as_the_oracle_counts_them(day, count):
    assert number(calendar.working_days_before(day, count)) == oracle.open_days_before(number(day), count)


@thorough
@given(any_day, st.integers(0, 60), st.integers(1, 6))
@example(dt.date(2020, 1, 31), 1, 1)
@example(dt.date(2019, 12, 31), 2, 1)
@example(dt.date(2020, 2, 29), 12, 1)
def test_a_monthly_series_never_drifts(first, step, every):
    terms = Terms(every_number=every, every_unit="months")
    expected = oracle.monthly(first.year, first.month, first.day, step * every)
    assert number(calendar.in_series(first, terms, step)) == expected


@thorough
@given(any_day, st.integers(0, 100), st.integers(1, 12))
def test_a_weekly_series_keeps_its_weekday(first, step, every):
    terms = Terms(every_number=every, every_unit="weeks")
    assert number(calendar.in_series(first, terms, step)) == number(first) + 7 * step * every


@thorough
@given(
    st.dates(dt.date(2018, 1, 20), dt.date(2034, 12, 31)), st.sampled_from([OF_2018, OF_2020]), st.integers(480, 1080)
)
@example(dt.date(2020, 12, 31), OF_2018, 600)
@example(dt.date(2019, 12, 25), OF_2020, 600)
def test_a_year_of_meetings_and_their_deadlines_are_as_the_oracle_has_them(first, terms, minute):
    for step, meeting in enumerate(calendar.preview(terms, first, 9, clock(minute))):
        if terms is OF_2018:
            in_series = oracle.monthly(first.year, first.month, first.day, step)
        else:
            in_series = number(first) + 42 * step
        held_on = oracle.next_open(in_series)
        starts = oracle.instant_of(held_on, minute)
        papers = starts - 72 * 60 if terms is OF_2020 else oracle.instant_of(held_on - 7, minute)
        out_on, out_at = oracle.shown_at(papers)
        assert minute_of(meeting.starts_at) == starts
        assert number(meeting.series_on) == in_series
        assert meeting.moved_from == (None if held_on == in_series else meeting.series_on)
        assert minute_of(meeting.deadlines.papers_due_at) == papers
        cleared = oracle.instant_of(oracle.open_days_before(out_on, 1), out_at)
        assert minute_of(meeting.deadlines.clearing_due_at) == cleared
        handed_in = oracle.instant_of(oracle.open_days_before(out_on, 5), out_at)
        assert minute_of(meeting.deadlines.authors_due_at) == handed_in


@thorough
@given(any_day, minutes)
def test_the_last_working_moment_is_as_late_as_it_can_be(day, minute):
    instant = dates.at(day, clock(minute))
    on, shown = oracle.shown_at(oracle.instant_of(number(day), minute))
    if not oracle.is_closed(on) and 540 <= shown <= 1020:
        assert calendar.last_working_moment(instant) is None
        return
    on = on if not oracle.is_closed(on) and shown > 1020 else oracle.open_days_before(on, 1)
    assert minute_of(calendar.last_working_moment(instant)) == oracle.instant_of(on, 1020)


# The cases the Board named --------------------------------------------------------------------------------------------


def test_72_hours_before_the_first_monday_of_summer_time_is_friday_at_nine():
    assert calendar.papers_due(OF_2020, london(2020, 3, 30, 10)) == london(2020, 3, 27, 9)


def test_72_hours_before_the_first_monday_of_winter_time_is_friday_at_eleven():
    assert calendar.papers_due(OF_2020, london(2020, 10, 26, 10)) == london(2020, 10, 23, 11)


def test_seven_days_before_is_the_same_hour_across_both_clock_changes():
    assert calendar.papers_due(OF_2018, london(2020, 3, 30, 10)) == london(2020, 3, 23, 10)
    assert calendar.papers_due(OF_2018, london(2020, 10, 26, 10)) == london(2020, 10, 19, 10)


def test_seven_days_before_an_hour_that_is_skipped_or_doubled_is_the_earlier_instant():
    assert calendar.papers_due(OF_2018, london(2020, 4, 5, 1, 30)) == dt.datetime(2020, 3, 29, 0, 30, tzinfo=dt.UTC)
    assert calendar.papers_due(OF_2018, london(2020, 11, 1, 1, 30)) == dt.datetime(2020, 10, 25, 0, 30, tzinfo=dt.UTC)


def test_a_month_after_the_31st_is_the_last_day_and_the_month_after_that_the_31st_again():
    assert [calendar.in_series(dt.date(2020, 1, 31), OF_2018, n) for n in range(4)] == [
        dt.date(2020, 1, 31),
        dt.date(2020, 2, 29),
        dt.date(2020, 3, 31),
        dt.date(2020, 4, 30),
    ]


def test_a_meeting_on_good_friday_moves_past_easter_and_the_series_goes_on_from_good_friday():
    found = calendar.preview(OF_2018, dt.date(2020, 4, 10), 2, TEN)
    assert [(m.on, m.moved_from, m.reason) for m in found] == [
        (dt.date(2020, 4, 14), dt.date(2020, 4, 10), "Good Friday"),
        (dt.date(2020, 5, 11), dt.date(2020, 5, 10), "Sunday"),
    ]


def test_a_day_that_stands_in_for_a_bank_holiday_is_closed_too():
    assert calendar.closed_because(dt.date(2020, 12, 28)) == "Boxing Day (observed)"
    assert calendar.closed_because(dt.date(2023, 1, 1)) == "Sunday and New Year's Day"


def test_a_closed_day_that_the_board_recorded_moves_a_meeting_with_its_name():
    closed = {dt.date(2020, 1, 6): "A day of mourning"}
    first = calendar.preview(OF_2020, dt.date(2020, 1, 6), 1, TEN, closed)[0]
    assert (first.on, first.reason) == (dt.date(2020, 1, 7), "A day of mourning")


def test_meetings_alternate_and_the_first_is_at_the_council():
    found = calendar.preview(OF_2018, dt.date(2018, 4, 12), 3, TEN)
    assert [m.venue for m in found] == ["The Council", "The CCG", "The Council"]
    assert {m.venue for m in calendar.preview(OF_2020, dt.date(2020, 1, 6), 3, TEN)} == {"Kensington Town Hall"}


def test_exactly_72_hours_is_in_time_and_a_minute_more_is_late():
    due = calendar.papers_due(OF_2020, london(2020, 3, 30, 10))
    minute = dt.timedelta(minutes=1)
    assert calendar.is_in_time(due, due)
    assert not calendar.is_in_time(due, due + minute)
    assert calendar.say_lateness(due, due) == "in time"
    assert calendar.say_lateness(due, due + minute) == "less than an hour late"
    assert calendar.say_lateness(due, due + dt.timedelta(hours=1)) == "1 hour late"
    assert calendar.say_lateness(due, due + dt.timedelta(hours=30)) == "30 hours late"
    assert calendar.days_late(due, due + dt.timedelta(hours=30)) == 1
    assert calendar.days_late(due, due - dt.timedelta(days=3)) == 0
    assert calendar.hours_late(due, due - dt.timedelta(days=3)) == 0


def test_papers_due_in_the_evening_have_the_end_of_that_day_as_last_working_moment():
    assert calendar.last_working_moment(london(2020, 3, 26, 18)) == london(2020, 3, 26, 17)
    assert calendar.last_working_moment(london(2020, 5, 8, 10)) == london(2020, 5, 7, 17)
    assert calendar.last_working_moment(london(2020, 3, 27, 17)) is None
    assert calendar.last_working_moment(london(2020, 3, 27, 9)) is None


def test_authors_have_at_least_the_day_that_the_co_chairs_have():
    terms = Terms(notice_number=72, notice_unit="hours", authors_working_days=0)
    found = calendar.deadlines(terms, london(2020, 3, 30, 10))
    assert found.authors_due_at == found.clearing_due_at == london(2020, 3, 26, 9)


def test_new_terms_in_mid_year_switch_the_rule_from_the_first_date_that_falls_under_them():
    found = list(calendar.span([OF_2018, OF_2020], dt.date(2019, 11, 6), dt.date(2020, 4, 1), TEN))
    assert [(m.on, m.terms.key, m.venue) for m in found] == [
        (dt.date(2019, 11, 6), "2018", "The Council"),
        (dt.date(2019, 12, 6), "2018", "The CCG"),
        (dt.date(2020, 1, 6), "2020", "Kensington Town Hall"),
        (dt.date(2020, 2, 17), "2020", "Kensington Town Hall"),
        (dt.date(2020, 3, 30), "2020", "Kensington Town Hall"),
    ]
    assert [m.length_minutes for m in found] == [90, 90, 120, 120, 120]


def test_a_meeting_moved_past_the_day_new_terms_come_into_force_is_held_under_the_new_ones():
    new_on_new_year = list(calendar.span([OF_2018, OF_2020], dt.date(2019, 12, 31), dt.date(2020, 1, 31), TEN))
    assert [m.terms.key for m in new_on_new_year] == ["2018", "2020"]
    later = Terms(**{**{f.attname: getattr(OF_2020, f.attname) for f in Terms._meta.concrete_fields}, "pk": 3})
    later.in_force_from = dt.date(2020, 4, 14)
    moved = next(calendar.span([OF_2018, later], dt.date(2020, 4, 10), dt.date(2020, 4, 30), TEN))
    assert (moved.on, moved.terms.pk) == (dt.date(2020, 4, 14), 3)


def test_before_any_terms_are_in_force_there_are_no_meetings():
    assert list(calendar.span([OF_2018], dt.date(2018, 1, 8), dt.date(2018, 12, 31), TEN)) == []


def test_alternation_goes_on_from_the_meetings_already_held():
    found = calendar.span([OF_2018], dt.date(2018, 5, 10), dt.date(2018, 6, 30), TEN, turns={OF_2018.pk: 1})
    assert [m.venue for m in found] == ["The CCG", "The Council"]


# The command ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def both_terms(db):
    for terms in (OF_2018, OF_2020):
        fields = {f.attname: getattr(terms, f.attname) for f in Terms._meta.concrete_fields if f.attname != "id"}
        make_terms(**fields)


def run(*arguments) -> str:
    out = io.StringIO()
    call_command("calendar_preview", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_prints_the_year_2020_as_a_list(both_terms):
    found = json.loads(run("--terms=2020", "--from=2020-01-06", "--count=12", "--at=10:00", "--json"))
    assert len(found) == 12
    assert found[2] == {
        "starts_at": "2020-03-30T10:00:00+01:00",
        "venue": "Kensington Town Hall",
        "papers_due_at": "2020-03-27T09:00:00+00:00",
        "moved_from": None,
        "reason": None,
    }


def test_the_command_moves_the_first_meeting_off_a_closed_day_and_says_so(both_terms):
    ClosedDay.objects.create(on=dt.date(2020, 4, 14), name="A day of mourning")
    first, second = json.loads(run("--terms=2018", "--from=2020-04-10", "--count=2", "--json"))
    assert first["starts_at"] == "2020-04-15T10:00:00+01:00"
    assert (first["moved_from"], first["reason"]) == ("2020-04-10", "Good Friday")
    assert (second["starts_at"], second["venue"]) == ("2020-05-11T10:00:00+01:00", "The CCG")
    text = run("--terms=2018", "--from=2020-04-10", "--count=1", "--at=14:30")
    assert "Wednesday 15 April 2020, 14:30, The Council." in text
    assert "Moved from Friday 10 April: Good Friday." in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--terms=2019", "--from=2020-01-06"], "Choose one of these: 2018, 2020."),
        (["--terms=2020", "--from=2020-02-30"], "is not a date"),
        (["--terms=2020", "--from=1066-10-14"], "Give a date from 1990"),
        (["--terms=2020", "--from=2020-01-06", "--count=0"], "from 1 to 600"),
        (["--terms=2020", "--from=2020-01-06", "--count=a dozen"], "from 1 to 600"),
        (["--terms=2020", "--from=2020-01-06", "--at=25:00"], "is not a time"),
    ],
)
def test_the_command_says_what_is_wrong_with_what_was_asked(both_terms, arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        run(*arguments)


def test_the_command_says_how_to_load_the_terms(db):
    with pytest.raises(CommandError, match="load_record"):
        run("--terms=2020", "--from=2020-01-06")
