"""How deliverables stand on a day: status, lateness and silence, in Python and in the database alike."""

import datetime as dt

import pytest
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from jcb import dates
from tests.make import make_board_settings, make_deliverable, make_person, make_plan, make_update, make_workstream
from workstreams.models import FINISHED, WORST_FIRST, Deliverable, Plan, ProgressUpdate, Status
from workstreams.standing import Tally, effective, since_last_meeting, standings, with_status, worst_first

pytestmark = pytest.mark.django_db

TODAY = dt.date(2020, 9, 10)
MORNING = dt.time(9, tzinfo=dt.UTC)


def standing(deliverable, day=TODAY):
    (row,) = standings(Deliverable.objects.filter(pk=deliverable.pk), day=day, since=since_last_meeting(day))
    return row


def in_the_database(deliverable, day):
    """What filters and orders go by."""
    names = ("status", "agreed", "rank", "last_at")
    rows = with_status(Deliverable.objects.filter(pk=deliverable.pk), day)
    return rows.annotate(**{name: F(name) for name in names}).get()


def said(deliverable, status, on, **given):
    return make_update(deliverable=deliverable, status=status, at=dt.datetime.combine(on, MORNING), **given)


# Plans and their dates


def test_kensington_and_chelseas_period_ends_in_july_2021_and_its_refresh_leaves_a_gap():
    plan = make_plan(edition_month=dt.date(2020, 1, 1), next_refresh=dt.date(2022, 1, 1))
    assert plan.ends_on == dt.date(2021, 7, 31)
    assert not plan.is_past_period(dt.date(2021, 7, 31))
    assert plan.is_past_period(dt.date(2021, 8, 1))
    assert plan.gap_months == [dt.date(2021, month, 1) for month in (8, 9, 10, 11, 12)]


def test_westminsters_period_ends_in_october_2019_and_nothing_follows_it():
    plan = make_plan(edition_month=dt.date(2018, 4, 1))
    assert plan.ends_on == dt.date(2019, 10, 31)
    assert plan.gap_months == []


def test_a_refresh_in_the_month_after_the_period_leaves_no_gap():
    assert make_plan(edition_month=dt.date(2020, 1, 1), next_refresh=dt.date(2021, 8, 1)).gap_months == []


def test_a_deliverable_without_a_date_of_its_own_is_due_at_the_end_of_the_period():
    assert make_deliverable().agreed_on == dt.date(2021, 7, 31)
    assert make_deliverable(own_due_on=dt.date(2020, 6, 30)).agreed_on == dt.date(2020, 6, 30)


# Status


def test_without_an_update_a_deliverable_is_not_started():
    row = standing(make_deliverable())
    assert (row.status, row.word, row.latest, row.silent_weeks) == (Status.NOT_STARTED, "Not started", None, None)


def test_past_its_agreed_date_it_is_off_track_whatever_was_last_said():
    late = make_deliverable(own_due_on=dt.date(2020, 8, 31))
    said(late, Status.ON_TRACK, dt.date(2020, 8, 20))
    row = standing(late)
    assert (row.status, row.said, row.date_has_passed) == (Status.OFF_TRACK, Status.ON_TRACK, True)
    assert (row.overdue_days, row.unexplained) == (10, False)


@pytest.mark.parametrize("status", sorted(FINISHED))
def test_what_is_finished_is_never_late(status):
    done = make_deliverable(own_due_on=dt.date(2020, 6, 30))
    said(done, status, dt.date(2020, 8, 20), no_evidence_because="It runs.")
    row = standing(done)
    assert (row.status, row.overdue_days, row.silent_weeks) == (status, 0, None)


@pytest.mark.parametrize(("on", "days"), [(dt.date(2020, 6, 30), 0), (dt.date(2020, 7, 1), 1), (TODAY, 72)])
def test_days_overdue_count_from_the_day_after_the_agreed_date(on, days):
    row = standing(make_deliverable(own_due_on=dt.date(2020, 6, 30)), on)
    assert row.overdue_days == days
    assert row.status == (Status.OFF_TRACK if days else Status.NOT_STARTED)


@pytest.fixture
def stream():
    return make_workstream()


@pytest.fixture
def person():
    return make_person()


statuses = some.sampled_from(list(Status))
days = some.dates(dt.date(2020, 1, 1), dt.date(2021, 12, 31))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    due=some.none() | days,
    log=some.lists(
        some.tuples(statuses, some.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2021, 12, 31))), max_size=4
    ),
    day=days,
)
def test_the_database_and_python_say_the_same_of_every_deliverable(stream, person, due, log, day):
    deliverable = make_deliverable(workstream=stream, own_due_on=due)
    for status, at in sorted(log, key=lambda each: each[1]):
        make_update(
            deliverable=deliverable, status=status, at=at.replace(tzinfo=dt.UTC), by=person, no_evidence_because="None."
        )
    row = standing(deliverable, day)
    found = in_the_database(deliverable, day)
    assert found.status == row.status
    assert found.agreed == deliverable.agreed_on
    assert found.rank == WORST_FIRST.index(row.status)
    assert found.last_at == (row.latest.at if row.latest else None)
    assert row.status == effective(row.said, deliverable.agreed_on, day)
    assert not (day > deliverable.agreed_on and row.status in {Status.ON_TRACK, Status.AT_RISK, Status.NOT_STARTED})


# As at


@pytest.mark.parametrize(
    ("last_of_the_day", "day"),
    [
        (dt.datetime(2020, 7, 1, 22, 59, 59, 999_999, tzinfo=dt.UTC), dt.date(2020, 7, 1)),
        (dt.datetime(2020, 1, 15, 23, 59, 59, 999_999, tzinfo=dt.UTC), dt.date(2020, 1, 15)),
        (dt.datetime(2020, 3, 29, 22, 59, 59, 999_999, tzinfo=dt.UTC), dt.date(2020, 3, 29)),
        (dt.datetime(2020, 10, 25, 23, 59, 59, 999_999, tzinfo=dt.UTC), dt.date(2020, 10, 25)),
    ],
    ids=["summer", "winter", "the day the clocks go forward", "the day the clocks go back"],
)
def test_a_day_ends_at_midnight_in_london(last_of_the_day, day):
    deliverable = make_deliverable()
    make_update(deliverable=deliverable, status=Status.ON_TRACK, at=last_of_the_day)
    make_update(deliverable=deliverable, status=Status.AT_RISK, at=last_of_the_day + dt.timedelta(microseconds=1))
    assert standing(deliverable, day).status == Status.ON_TRACK
    assert standing(deliverable, day + dt.timedelta(days=1)).status == Status.AT_RISK
    assert standing(deliverable, day - dt.timedelta(days=1)).status == Status.NOT_STARTED
    assert in_the_database(deliverable, day).status == Status.ON_TRACK
    assert in_the_database(deliverable, day + dt.timedelta(days=1)).status == Status.AT_RISK
    assert [update.status for update in ProgressUpdate.objects.as_at(day)] == [Status.ON_TRACK]


def test_as_at_a_day_a_later_completion_has_not_happened():
    late = make_deliverable(own_due_on=dt.date(2020, 6, 30))
    said(late, Status.COMPLETE, dt.date(2020, 8, 1), no_evidence_because="It runs.")
    assert standing(late, dt.date(2020, 7, 31)).status == Status.OFF_TRACK
    assert standing(late, dt.date(2020, 8, 1)).status == Status.COMPLETE


# Words since the last meeting


@pytest.mark.parametrize(
    ("day", "starts"),
    [
        (dt.date(2020, 9, 10), dt.datetime(2020, 7, 29, 23, tzinfo=dt.UTC)),
        (dt.date(2020, 4, 10), dt.datetime(2020, 2, 28, 0, tzinfo=dt.UTC)),
        (dt.date(2020, 11, 10), dt.datetime(2020, 9, 28, 23, tzinfo=dt.UTC)),
    ],
    ids=["summer", "over the clocks going forward", "over the clocks going back"],
)
def test_since_the_last_meeting_means_from_the_start_of_the_day_six_weeks_before(day, starts):
    assert since_last_meeting(day) == starts
    assert dates.london_day(starts) == day - dt.timedelta(weeks=6)


def test_the_board_sets_how_many_weeks_count():
    make_board_settings(weeks_since_last_meeting=4)
    assert dates.london_day(since_last_meeting(TODAY)) == dt.date(2020, 8, 13)


def test_off_track_without_any_word_is_unexplained():
    assert standing(make_deliverable(own_due_on=dt.date(2020, 8, 31))).unexplained


@pytest.mark.parametrize(
    ("on", "unexplained"), [(dt.date(2020, 7, 29), True), (dt.date(2020, 7, 30), False)], ids=["before", "since"]
)
def test_off_track_is_explained_by_words_since_the_last_meeting_only(on, unexplained):
    deliverable = make_deliverable()
    said(deliverable, Status.OFF_TRACK, on)
    assert standing(deliverable).unexplained is unexplained


def test_an_update_without_words_explains_nothing():
    late = make_deliverable(own_due_on=dt.date(2020, 8, 31))
    said(late, Status.ON_TRACK, dt.date(2020, 8, 20), narrative="")
    assert standing(late).unexplained


def test_old_words_that_were_said_to_stand_explain_nothing():
    deliverable = make_deliverable()
    old = said(deliverable, Status.OFF_TRACK, dt.date(2020, 6, 1))
    said(deliverable, Status.OFF_TRACK, dt.date(2020, 9, 1), no_change_since=old)
    assert standing(deliverable).unexplained


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.OFF_TRACK])
def test_only_what_is_off_track_can_be_unexplained(status):
    deliverable = make_deliverable()
    said(deliverable, status, dt.date(2020, 1, 5), no_evidence_because="It runs.")
    assert not standing(deliverable).unexplained


def test_weeks_of_silence_count_from_the_last_update():
    deliverable = make_deliverable()
    said(deliverable, Status.ON_TRACK, dt.date(2020, 6, 18))
    assert standing(deliverable).silent_weeks == 12


# Forecast


def test_a_forecast_after_the_agreed_date_is_late_until_it_is_done():
    deliverable = make_deliverable(own_due_on=dt.date(2020, 12, 31))
    said(deliverable, Status.AT_RISK, dt.date(2020, 9, 1), forecast_on=dt.date(2021, 1, 31))
    assert standing(deliverable).forecast_is_late
    said(deliverable, Status.AT_RISK, dt.date(2020, 9, 2), forecast_on=dt.date(2020, 12, 31))
    assert not standing(deliverable).forecast_is_late
    said(
        deliverable,
        Status.COMPLETE,
        dt.date(2020, 9, 3),
        forecast_on=dt.date(2021, 1, 31),
        no_evidence_because="It runs.",
    )
    assert not standing(deliverable).forecast_is_late


# Many at once


def test_how_rows_stand_takes_as_many_queries_for_three_as_for_one(django_assert_num_queries):
    stream = make_workstream()
    since = since_last_meeting(TODAY)
    for total in (1, 3):
        while stream.deliverables.count() < total:
            make_update(deliverable=make_deliverable(workstream=stream))
        with django_assert_num_queries(2):
            rows = standings(stream.deliverables.all(), day=TODAY, since=since)
            assert [(row.word, row.deliverable.agreed_on) for row in rows] == [
                ("On track", dt.date(2021, 7, 31))
            ] * total


def tally_of(*wanted: Status) -> Tally:
    stream = make_workstream()
    for status in wanted:
        said(make_deliverable(workstream=stream), status, dt.date(2020, 9, 1), no_evidence_because="It runs.")
    return Tally.of(standings(stream.deliverables.all(), day=TODAY, since=since_last_meeting(TODAY)))


@pytest.mark.parametrize(
    ("wanted", "headline"),
    [
        ((), "There are no deliverables yet."),
        ((Status.ON_TRACK, Status.NOT_STARTED), "None of 2 deliverables is off track or at risk."),
        ((Status.AT_RISK, Status.ON_TRACK), "None of 2 deliverables is off track. 1 is at risk."),
        ((Status.OFF_TRACK, Status.AT_RISK, Status.AT_RISK), "1 of 3 deliverables is off track. 2 are at risk."),
        ((Status.COMPLETE, Status.CLOSED), "All 2 deliverables are finished."),
    ],
)
def test_a_headline_says_the_worst_first(wanted, headline):
    assert tally_of(*wanted).headline() == headline


def test_a_headline_says_how_many_are_without_an_explanation():
    stream = make_workstream()
    make_deliverable(workstream=stream, own_due_on=dt.date(2020, 8, 31))
    rows = standings(stream.deliverables.all(), day=TODAY, since=since_last_meeting(TODAY))
    assert Tally.of(rows).headline() == "1 of 1 deliverables is off track, without an explanation."
    make_deliverable(workstream=stream, own_due_on=dt.date(2020, 8, 31))
    said(make_deliverable(workstream=stream), Status.OFF_TRACK, dt.date(2020, 9, 1))
    rows = standings(stream.deliverables.all(), day=TODAY, since=since_last_meeting(TODAY))
    assert Tally.of(rows).headline() == "3 of 3 deliverables are off track, 2 of them without an explanation."
    assert Tally.of(rows).in_words == "3 off track"


def test_a_tally_counts_each_status_once_and_says_them_worst_first():
    tally = tally_of(*Status)
    assert [words for _, _, words in tally.parts] == [status.label.lower() for status in WORST_FIRST]
    assert (tally.total, tally.unfinished) == (6, 4)


def test_rows_of_attention_come_first_and_then_in_plan_order():
    stream = make_workstream()
    for status in (Status.COMPLETE, Status.AT_RISK, Status.OFF_TRACK, Status.AT_RISK):
        said(make_deliverable(workstream=stream), status, dt.date(2020, 9, 1), no_evidence_because="It runs.")
    rows = worst_first(standings(stream.deliverables.all(), day=TODAY, since=since_last_meeting(TODAY)))
    assert [row.deliverable.number for row in rows] == [3, 2, 4, 1]


def test_plans_without_a_date_of_their_own_keep_their_own_periods():
    make_plan(edition_month=dt.date(2018, 4, 1))
    westminsters = make_deliverable(workstream=make_workstream(plan=Plan.objects.get()))
    kensingtons = make_deliverable()
    agreed = dict(with_status(Deliverable.objects.all(), TODAY).values_list("pk", F("agreed")))
    assert agreed == {westminsters.pk: dt.date(2019, 10, 31), kensingtons.pk: dt.date(2021, 7, 31)}
