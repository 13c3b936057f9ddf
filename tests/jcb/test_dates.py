"""The Board's clock: London days, elapsed hours, months. Checked against the law of the clock change, not against zoneinfo."""

import calendar
import datetime as dt

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from jcb import dates
from jcb.models import Clock
from tests.make import make_person

UTC = dt.UTC
YEARS = range(2018, 2036)
DAYS = st.dates(dt.date(2018, 1, 1), dt.date(2035, 12, 31))
INSTANTS = st.datetimes(dt.datetime(2018, 1, 1), dt.datetime(2035, 12, 31), timezones=st.just(UTC))


def last_sunday(year: int, month: int) -> dt.date:
    last = dt.date(year, month, calendar.monthrange(year, month)[1])
    return last - dt.timedelta(days=(last.weekday() + 1) % 7)


def is_summer(instant: dt.datetime) -> bool:
    """Summer time by the rule itself: from 01:00 UTC on March's last Sunday to 01:00 UTC on October's (the oracle)."""
    at = instant.astimezone(UTC).replace(tzinfo=None)
    one = dt.time(1)
    spring = dt.datetime.combine(last_sunday(at.year, 3), one)
    autumn = dt.datetime.combine(last_sunday(at.year, 10), one)
    return spring <= at < autumn


def on_the_wall(instant: dt.datetime) -> dt.datetime:
    """What a London clock shows, by the oracle."""
    return instant.astimezone(UTC).replace(tzinfo=None) + dt.timedelta(hours=is_summer(instant))


def london(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dates.LONDON)


# Hours


def test_72_hours_before_the_monday_after_the_clocks_go_forward_is_an_hour_earlier_on_the_wall():
    assert dates.hours_before(london(2020, 3, 30, 10), 72) == london(2020, 3, 27, 9)


def test_72_hours_before_the_monday_after_the_clocks_go_back_is_an_hour_later_on_the_wall():
    assert dates.hours_before(london(2020, 10, 26, 10), 72) == london(2020, 10, 23, 11)


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize(("month", "shift"), [(3, -1), (10, 1)])
@pytest.mark.parametrize("days_after", [0, 1, 2, 3])
def test_72_hours_are_elapsed_hours_across_every_change_of_the_clock(year, month, shift, days_after):
    meeting_day = last_sunday(year, month) + dt.timedelta(days=days_after)
    meeting = dt.datetime.combine(meeting_day, dt.time(10), tzinfo=dates.LONDON)
    out_by = dates.hours_before(meeting, 72)
    assert (meeting.astimezone(UTC) - out_by).total_seconds() == 72 * 3600
    same_hour = dt.datetime.combine(meeting_day - dt.timedelta(days=3), dt.time(10))
    crossed = days_after < 3  # three days on, all 72 hours lie after the change
    assert on_the_wall(out_by) == same_hour + dt.timedelta(hours=shift if crossed else 0)


@given(INSTANTS, st.integers(0, 2000))
def test_hours_before_are_exactly_so_many_and_in_utc(instant, hours):
    earlier = dates.hours_before(instant.astimezone(dates.LONDON), hours)
    assert earlier.tzinfo is UTC
    assert instant.timestamp() - earlier.timestamp() == hours * 3600


# Days


@given(INSTANTS)
def test_an_instant_falls_on_the_day_a_london_wall_clock_shows(instant):
    assert dates.london_day(instant) == on_the_wall(instant).date()


@given(DAYS)
def test_a_day_ends_at_london_midnight_and_the_next_begins(day):
    end = dates.end_of_day(day)
    assert end.tzinfo is UTC
    assert on_the_wall(end) == dt.datetime.combine(day + dt.timedelta(days=1), dt.time())
    assert dates.london_day(end - dt.timedelta(microseconds=1)) == day
    assert dates.london_day(end) == day + dt.timedelta(days=1)


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize(("month", "hours"), [(3, 23), (10, 25)])
def test_the_days_on_which_the_clocks_change_have_23_and_25_hours(year, month, hours):
    day = last_sunday(year, month)
    length = dates.end_of_day(day) - dates.end_of_day(day - dt.timedelta(days=1))
    assert length == dt.timedelta(hours=hours)


def test_half_past_midnight_in_summer_belongs_to_the_new_day_though_utc_says_otherwise():
    assert dates.london_day(dt.datetime(2020, 7, 31, 23, 30, tzinfo=UTC)) == dt.date(2020, 8, 1)


# Months


@given(DAYS, st.integers(-240, 240))
def test_months_are_added_one_at_a_time_and_the_day_never_runs_over(day, months):
    year, month = day.year, day.month
    for _ in range(abs(months)):  # the oracle counts on its fingers
        month += 1 if months > 0 else -1
        if month == 13:
            year, month = year + 1, 1
        elif month == 0:
            year, month = year - 1, 12
    wanted = day.day
    while True:
        try:
            expected = dt.date(year, month, wanted)
            break
        except ValueError:
            wanted -= 1
    assert dates.add_months(day, months) == expected


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (dt.date(2020, 1, 31), 1, dt.date(2020, 2, 29)),
        (dt.date(2021, 1, 31), 1, dt.date(2021, 2, 28)),
        (dt.date(2020, 1, 1), 18, dt.date(2021, 7, 1)),
        (dt.date(2020, 12, 31), 2, dt.date(2021, 2, 28)),
        (dt.date(2020, 3, 31), -1, dt.date(2020, 2, 29)),
        (dt.date(2020, 3, 12), 0, dt.date(2020, 3, 12)),
    ],
)
def test_a_month_after_the_31st_is_the_last_day_of_the_next_month(day, months, expected):
    assert dates.add_months(day, months) == expected


@given(DAYS)
def test_the_last_of_a_month_is_the_day_before_the_next_one(day):
    last = dates.last_of_month(day)
    assert (last.year, last.month) == (day.year, day.month)
    assert (last + dt.timedelta(days=1)).day == 1


# Words


def test_days_months_and_instants_are_said_in_words():
    assert dates.say_day(dt.date(2020, 3, 12)) == "12 March 2020"
    assert dates.say_day(dt.datetime(2020, 7, 31, 23, 30, tzinfo=UTC)) == "1 August 2020"
    assert dates.say_month(dt.date(2021, 7, 31)) == "July 2021"
    assert dates.say_instant(dt.datetime(2020, 9, 10, 9, 0, tzinfo=UTC)) == "Thursday 10 September 2020, 10:00"
    assert dates.say_day(None) == dates.say_month(None) == ""


# The clock itself


def test_a_held_clock_stands_still_and_lets_go(clock):
    assert dates.now() == clock
    with dates.held_at(london(2021, 7, 31, 23, 59)):
        assert dates.today() == dt.date(2021, 7, 31)
        with dates.held_at(london(2021, 8, 1)):
            assert dates.today() == dt.date(2021, 8, 1)
        assert dates.today() == dt.date(2021, 7, 31)
    assert dates.now() == clock


class TestTheDemonstrationsClock:
    """Set to an instant, it runs on from there; outside the demonstration nothing but the real clock is read."""

    @pytest.fixture
    def clock(self):
        """The running clock, in place of the one that stands still."""

    @pytest.mark.django_db
    def test_it_runs_on_from_where_it_was_set(self, settings):
        settings.DEMONSTRATION = True
        Clock.set(london(2020, 9, 10, 10))
        shown = dates.now()
        assert dt.timedelta() <= shown - london(2020, 9, 10, 10) < dt.timedelta(seconds=30)
        assert dates.now() >= shown

    @pytest.mark.django_db
    def test_it_can_be_set_again_and_there_is_one_row(self, settings):
        settings.DEMONSTRATION = True
        Clock.set(london(2020, 9, 10, 10))
        Clock.set(london(2019, 1, 1, 12))
        assert Clock.objects.count() == 1
        assert dates.today() == dt.date(2019, 1, 1)

    @pytest.mark.django_db
    def test_set_to_another_hour_every_page_is_made_again(self, settings, client):
        if connection.vendor == "postgresql":
            pytest.skip("a test's own transaction is in flight, so nothing is answered as unchanged")
        settings.DEMONSTRATION = True
        Clock.set(london(2020, 9, 10, 10))
        client.force_login(make_person(role="observer"))
        mark = {"If-None-Match": client.get("/deliverables/")["ETag"]}
        assert client.get("/deliverables/", headers=mark).status_code == 304
        Clock.set(london(2020, 9, 10, 16))
        assert client.get("/deliverables/", headers=mark).status_code == 200

    @pytest.mark.django_db
    def test_never_set_it_shows_the_real_time(self, settings):
        settings.DEMONSTRATION = True
        assert abs(dates.now() - dates.real_now()) < dt.timedelta(seconds=30)

    @pytest.mark.django_db
    def test_real_records_never_follow_it(self, settings):
        settings.DEMONSTRATION = False
        Clock.set(london(2019, 1, 1, 12))
        assert abs(dates.now() - dates.real_now()) < dt.timedelta(seconds=30)

    @pytest.mark.django_db
    def test_it_is_read_once_in_a_request(self, settings, django_assert_num_queries):
        settings.DEMONSTRATION = True
        with django_assert_num_queries(1), dates.one_reading():
            for _ in range(5):
                dates.today()

    @pytest.mark.django_db
    def test_with_real_records_it_is_not_read_at_all(self, settings, django_assert_num_queries):
        settings.DEMONSTRATION = False
        with django_assert_num_queries(0), dates.one_reading():
            dates.now()
