"""Short series of figures: which figures count, what a change means, what is not told, and how they are drawn."""

import datetime as dt

import pytest

from jcb import dates
from jcb.models import Area
from needs.figures import MINUS
from needs.models import Definition, Observation
from needs.pictures import sparkline
from needs.series import (
    BETTER,
    BROKEN,
    DESCRIBES,
    INEXACT,
    MOST_POINTS,
    MOST_VALUES,
    SAME,
    WORSE,
    latest_series,
    months_between,
    recorded_since,
)
from tests.make import make_area, make_definition, make_indicator, make_observation, make_person, make_yearly

pytestmark = pytest.mark.django_db
DAY = dt.date(2020, 9, 10)
SINCE = dt.datetime(2020, 8, 17, 9, tzinfo=dt.UTC)


@pytest.fixture
def borough():
    return make_area(name="Our borough", kind="borough")


@pytest.fixture
def other():
    return make_area(name="Their borough", kind="borough")


def series(definition, *boroughs, **given):
    asked = {"day": DAY, "smallest": 5, **given}
    return latest_series([definition.indicator], boroughs=boroughs, **asked)[definition.indicator_id]


def make_measured(unit="weeks", **given) -> Definition:
    return make_definition(indicator=make_indicator(**given), unit=unit)


@pytest.mark.parametrize(
    ("good", "before", "after", "change", "verdict"),
    [
        ("down", 38, 28, f"{MINUS}10 ({MINUS}26.3%)", BETTER),
        ("down", 28, 38, "+10 (+35.7%)", WORSE),
        ("up", 28, 38, "+10 (+35.7%)", BETTER),
        ("up", 38, 28, f"{MINUS}10 ({MINUS}26.3%)", WORSE),
        ("neither", 38, 28, f"{MINUS}10 ({MINUS}26.3%)", DESCRIBES),
        ("up", 38, 38, "0", SAME),
        ("neither", 38, 38, "0", SAME),
    ],
)
def test_a_change_is_computed_and_called_by_the_direction_that_is_good(borough, good, before, after, change, verdict):
    waits = make_measured(good_direction=good)
    make_yearly(waits, borough, 2018, before)
    make_yearly(waits, borough, 2019, after)
    [found] = series(waits, borough)
    assert (found.change, found.verdict) == (change, verdict)
    assert (found.last.figure, found.before.figure) == (str(after), str(before))


def test_a_change_is_never_computed_across_definitions(borough):
    old = make_measured(good_direction="down")
    new = make_definition(indicator=old.indicator, number=2, unit="weeks")
    make_yearly(old, borough, 2018, 38)
    make_yearly(new, borough, 2019, 28)
    [found] = series(old, borough)
    assert (found.last.figure, found.change, found.verdict) == ("28", "", BROKEN)


@pytest.mark.parametrize(
    "given", [{"value": None, "qualifier": "in words", "as_printed": "over a year"}, {"qualifier": "over"}]
)
def test_no_change_is_computed_from_a_figure_that_is_no_exact_number(borough, given):
    waits = make_measured(good_direction="down")
    make_yearly(waits, borough, 2018, 38)
    make_yearly(waits, borough, 2019, **{"value": 40, **given})
    [found] = series(waits, borough)
    assert (found.change, found.verdict) == ("", INEXACT)


def test_a_change_of_an_approximate_figure_says_about(borough):
    plans = make_measured(unit="people", good_direction="neither")
    make_yearly(plans, borough, 2018, 300, qualifier="about")
    make_yearly(plans, borough, 2019, 310)
    assert series(plans, borough)[0].change == "about +10 (+3.3%)"


def test_a_handful_of_people_is_not_told_and_no_change_gives_it_away(borough):
    few = make_measured(unit="people", good_direction="up", target=20)
    make_yearly(few, borough, 2017, 12)
    make_yearly(few, borough, 2018, 3)
    make_yearly(few, borough, 2019, 12)
    [found] = series(few, borough)
    assert found.before.figure == "fewer than 5"
    assert (found.change, found.verdict) == ("", INEXACT)
    make_yearly(few, borough, 2020, 4)
    [found] = series(few, borough)
    assert (found.last.figure, found.last.value) == ("fewer than 5", None)
    assert (found.change, found.verdict, found.against) == ("", INEXACT, "Target: 20")
    assert ">4<" not in sparkline(found)
    assert "2020, fewer than 5" in sparkline(found)


def test_what_a_handful_could_be_worked_out_from_is_not_told_either(borough):
    people = make_measured(unit="people", good_direction="up")
    for year in (2018, 2019):
        make_yearly(people, borough, year, 40)
        for part, value in (("North", 3), ("South", 12), ("West", 25)):
            place = Area.objects.filter(name=part).first() or make_area(name=part, kind="part", within=borough)
            make_yearly(people, place, year, value + (year == 2019 and value > 3))
    [own] = series(people, borough)
    assert own.last.figure == "40"
    south = series(people, Area.objects.get(name="South"))[0]
    assert (south.last.figure, south.last.value, south.change, south.verdict) == ("not shown", None, "", INEXACT)


@pytest.mark.parametrize(
    ("good", "unit", "value", "said", "misses"),
    [
        ("down", "weeks", 28, "15 weeks above the target of 13 weeks", True),
        ("down", "weeks", 13, "Meets the target of 13 weeks", False),
        ("up", "percent", "12.5", "0.5 points below the target of 13%", True),
        ("up", "percent", 14, "Meets the target of 13%", False),
        ("neither", "people", 14, "1 above the target of 13", False),
        ("neither", "people", 13, "At the target of 13", False),
    ],
)
def test_a_figure_says_how_far_it_is_from_its_target(borough, good, unit, value, said, misses):
    aimed = make_measured(unit=unit, good_direction=good, target=13)
    make_yearly(aimed, borough, 2019, value)
    [found] = series(aimed, borough)
    assert (found.against, found.misses) == (said, misses)


def test_a_target_of_another_unit_is_no_target_of_an_older_figure(borough):
    old = make_measured(unit="percent", target=13)
    make_definition(indicator=old.indicator, number=2, unit="weeks")
    make_yearly(old, borough, 2018, 38)
    [found] = series(old, borough)
    assert (found.target, found.against) == (None, "")


def test_without_a_target_or_a_figure_before_nothing_is_said_of_them(borough):
    waits = make_measured(good_direction="down")
    make_yearly(waits, borough, 2019, 28)
    [found] = series(waits, borough)
    assert (found.against, found.misses, found.change, found.verdict, found.before) == ("", False, "", "", None)


def test_projections_and_figures_of_a_time_to_come_do_not_count(borough, other):
    people = make_measured(unit="people")
    make_yearly(people, borough, 2019, 617, is_projection=True)
    make_yearly(people, borough, 2021, 700)
    assert series(people, borough)[0].last is None
    assert [(each.name, each.last) for each in series(people, borough, other)] == [
        ("Our borough", None),
        ("Their borough", None),
    ]


def test_a_boroughs_own_figure_stands_for_it_and_else_its_parts_and_providers_do(borough, other):
    waits = make_measured()
    part = make_area(name="North of theirs", kind="part", within=other)
    both = make_area(name="A service for both", kind="provider")
    make_yearly(waits, borough, 2019, 20)
    make_yearly(waits, borough, 2019, 21, breakdown="under 5")
    make_yearly(waits, part, 2019, 30)
    make_yearly(waits, both, 2019, 25, breakdown="under 5")
    make_yearly(waits, make_area(name="England", kind="country"), 2019, 99)
    assert [each.name for each in series(waits, borough)] == ["Our borough"]
    assert [each.name for each in series(waits, borough, other)] == [
        "Our borough",
        "A service for both, under 5",
        "North of theirs",
    ]


def test_parts_that_were_counted_by_an_older_definition_only_are_left_out(borough):
    old = make_measured()
    new = make_definition(indicator=old.indicator, number=2, unit="weeks")
    make_yearly(old, make_area(name="Old part", kind="part", within=borough), 2017, 41)
    make_yearly(new, make_area(name="New part", kind="part", within=borough), 2019, 28)
    assert [each.name for each in series(old, borough)] == ["New part"]


@pytest.mark.parametrize(
    ("frequency", "year", "overdue"),
    [
        ("Yearly", 2018, ""),  # the figure of 2019 may take until the end of 2020
        ("Yearly", 2017, "Overdue: collected yearly"),
        ("Quarterly", 2019, "Overdue: collected quarterly"),
        ("With each needs assessment", 2014, ""),
        ("", 2014, ""),
    ],
)
def test_a_figure_older_than_its_frequency_suggests_is_overdue(borough, frequency, year, overdue):
    waits = make_measured(frequency=frequency)
    make_yearly(waits, borough, year, 28)
    assert series(waits, borough)[0].overdue == overdue


def test_frequencies_are_understood():
    words = ("Monthly", "Quarterly", "Every half-year", "Termly", "Annually", "Each course")
    assert [months_between(each) for each in words] == [1, 3, 6, 4, 12, 0]


# When it was recorded


def recorded(at: dt.datetime, by=None, **given) -> Observation:
    """A figure whose history says when it was entered, and by whom."""
    row = Observation(
        **{
            "key": f"recorded-{Observation.objects.count()}",
            "as_printed": "28",
            "value": 28,
            "period_start": dt.date(2019, 1, 1),
            "period_end": dt.date(2019, 12, 31),
            "breakdown": f"group {Observation.objects.count()}",
            **given,
        }
    )
    again(row, at, by)
    return row


def again(row: Observation, at: dt.datetime, by=None) -> None:
    row._history_date, row._history_user = at, by
    row.save()


def test_what_a_person_entered_since_is_new_and_what_they_put_right_is_corrected(borough):
    waits, commissioner = make_measured(), make_person()
    before, after = SINCE - dt.timedelta(days=9), SINCE + dt.timedelta(days=9)
    known = recorded(before, commissioner, definition=waits, area=borough)
    fresh = recorded(after, commissioner, definition=waits, area=borough)
    mended = recorded(before, commissioner, definition=waits, area=borough)
    mended.value, mended.as_printed = 29, "29"
    again(mended, after, commissioner)
    noted = recorded(before, commissioner, definition=waits, area=borough)
    noted.note = "Looked at again."
    again(noted, after, commissioner)
    asked = [known.pk, fresh.pk, mended.pk, noted.pk]
    assert recorded_since(asked, SINCE) == {fresh.pk: "new", mended.pk: "corrected"}


def test_what_was_loaded_with_the_plans_is_new_by_its_period(borough):
    importer = make_person(email="import@board.invalid")
    old = recorded(SINCE + dt.timedelta(days=9), importer, definition=make_measured(), area=borough)
    later = {"period_start": dt.date(2020, 8, 1), "period_end": dt.date(2020, 8, 31)}
    late = recorded(SINCE + dt.timedelta(days=9), None, definition=make_measured(), area=borough, **later)
    assert recorded_since([old.pk, late.pk], SINCE) == {late.pk: "new"}


def test_as_at_a_past_instant_what_somebody_entered_later_is_left_out(borough):
    waits, later = make_measured(), SINCE + dt.timedelta(days=9)
    recorded(later, None, definition=waits, area=borough, breakdown="")
    this_year = {"breakdown": "", "period_start": dt.date(2020, 1, 1), "period_end": dt.date(2020, 6, 30)}
    recorded(later, make_person(), definition=waits, area=borough, as_printed="31", **this_year)
    assert series(waits, borough)[0].last.figure == "31"
    assert series(waits, borough, recorded_by=SINCE)[0].last.figure == "28"


# Pictures and size


def test_a_line_joins_figures_of_one_definition_and_one_or_two_are_dots(borough):
    old = make_measured(good_direction="down", target=13)
    make_yearly(old, borough, 2014, 40)
    picture = sparkline(series(old, borough)[0])
    assert picture.count("<circle") == 2  # its own, under the full dot of the latest
    assert "<title>" in picture
    assert "Target: 13 weeks." in picture
    make_yearly(old, borough, 2015, 38)
    assert "L" not in "".join(part for part in sparkline(series(old, borough)[0]).split('"') if part.startswith("M"))
    make_yearly(old, borough, 2016, 36)
    assert joins(old, borough) == [3]
    new = make_definition(indicator=old.indicator, number=2, unit="weeks")
    for year, value in ((2017, 20), (2018, 19)):
        make_yearly(new, borough, year, value)
    assert joins(old, borough) == [3, 2]
    assert "The definition changes" in sparkline(series(old, borough)[0])


def joins(definition, borough) -> list[int]:
    """How many figures each line of a sparkline joins."""
    paths = [part for part in sparkline(series(definition, borough)[0]).split('"') if part.startswith("M")]
    return [path.count("L") + 1 for path in paths if "L" in path]


def test_figures_in_words_have_no_picture(borough):
    waits = make_measured()
    make_yearly(waits, borough, 2019, None, qualifier="in words", as_printed="over a year")
    assert sparkline(series(waits, borough)[0]) == ""


def test_a_flat_line_and_noughts_can_be_drawn(borough):
    none = make_measured(unit="percent")
    for year in (2017, 2018, 2019):
        make_yearly(none, borough, year, 0)
    assert "NaN" not in sparkline(series(none, borough)[0])


def test_a_series_keeps_to_its_latest_figures_and_a_long_definition_is_cut(borough, other):
    long = make_measured()
    for n in range(MOST_VALUES + 20):
        start = dates.add_months(dt.date(2005, 1, 1), n)
        end = dates.last_of_month(start)
        make_observation(definition=long, area=borough, period_start=start, period_end=end, value=n, as_printed=str(n))
    make_yearly(long, other, 1990, 7)
    [found] = series(long, borough)
    assert [point.figure for point in found.points] == [str(n) for n in range(MOST_VALUES + 8, MOST_VALUES + 20)]
    assert len(found.points) == MOST_POINTS
    assert [each.last.figure for each in series(long, borough, other)] == [str(MOST_VALUES + 19), "7"]


@pytest.mark.parametrize("number", [3, 60])
def test_many_indicators_take_no_more_queries(borough, other, django_assert_num_queries, number):
    found = [make_measured(name=f"Indicator {n}") for n in range(number)]
    for definition in found:
        for year in (2017, 2018, 2019):
            make_yearly(definition, borough, year, 20 + year)
    with django_assert_num_queries(3):
        latest_series([each.indicator for each in found], boroughs=[borough, other], day=DAY, smallest=5)
