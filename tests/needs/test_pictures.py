"""Charts say everything that they show, honestly, and stand on figures that are worked out and not typed."""

import datetime as dt
import re
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from needs import pictures
from needs.figures import Figure, figures, say_period
from needs.models import Definition
from tests.make import (
    make_area,
    make_claim,
    make_definition,
    make_indicator,
    make_source,
    make_yearly,
)

pytestmark = pytest.mark.django_db
SVG = "{http://www.w3.org/2000/svg}"
YEAR_2020 = dt.date(2020, 12, 31)


@pytest.fixture
def borough():
    return make_area(name="Our borough")


@pytest.fixture
def london():
    return make_area(name="London", kind="region")


def read(indicator, area, *, as_at=YEAR_2020, edition=dt.date(2020, 1, 1), smallest=5) -> list[Figure]:
    cited = {}
    return figures(
        indicator,
        area=area,
        edition=edition,
        as_at=as_at,
        smallest=smallest,
        cite=lambda source: cited.setdefault(source.pk, len(cited) + 1),
    )


def drawn(figure: Figure) -> ElementTree.Element:
    return ElementTree.fromstring(pictures.chart(figure))  # noqa: S314 -- our own picture


def texts(picture: ElementTree.Element) -> list[str]:
    return [each.text for each in picture.iter(f"{SVG}text")]


def lines_of(picture: ElementTree.Element) -> list[dict]:
    """The lines between two points: paths of one straight stroke that is neither scale nor target."""
    return [p.attrib for p in picture.iter(f"{SVG}path") if re.fullmatch(r"M[\d. ]+L[\d. ]+", p.get("d"))]


def test_three_years_are_a_line_and_its_title_says_every_value(borough):
    definition = make_definition()
    for year, value in ((2018, 100), (2019, 110), (2020, 90)):
        make_yearly(definition, borough, year, value)
    (figure,) = read(definition.indicator, borough)
    picture = drawn(figure)
    title = picture.find(f"{SVG}title").text
    assert figure.shape == "lines"
    assert title.startswith(f"Line chart: {definition.indicator.name}")
    assert "Our borough: 2018, 100; 2019, 110; 2020, 90." in title
    assert len(lines_of(picture)) == 2


def test_change_is_computed_from_the_first_value(borough):
    definition = make_definition()
    for year, value in ((2018, 71690), (2021, 74482), (2025, 75785)):
        make_yearly(definition, borough, year, value, is_projection=year > 2020)
    (figure,) = read(definition.indicator, borough)
    assert [value.change for value in figure.values] == ["", "+2,792 (+3.9%)", "+4,095 (+5.7%)"]


def test_a_change_of_percentages_is_in_points(borough):
    definition = make_definition(unit=Definition.Unit.PERCENT)
    for year, value in ((2018, "12.5"), (2019, "12"), (2020, "14.25")):
        make_yearly(definition, borough, year, Decimal(value))
    (figure,) = read(definition.indicator, borough)
    assert [value.change for value in figure.values] == ["", "−0.5 points", "+1.75 points"]


def test_what_is_projected_is_dashed_and_hollow(borough):
    definition = make_definition()
    for year, value in ((2019, 100), (2021, 110), (2025, 120)):
        make_yearly(definition, borough, year, value, is_projection=year > 2020)
    (figure,) = read(definition.indicator, borough)
    picture = drawn(figure)
    assert all("stroke-dasharray" in line for line in lines_of(picture))
    assert [c.get("fill") == "#ffffff" for c in picture.iter(f"{SVG}circle")] == [False, True, True]
    assert "(projected)" in picture.find(f"{SVG}title").text


def test_a_changed_definition_breaks_the_line(borough):
    indicator = make_indicator()
    first = make_definition(indicator=indicator, number=1)
    second = make_definition(indicator=indicator, number=2, from_period=dt.date(2019, 6, 1))
    for year, value in ((2015, 100), (2017, 110)):
        make_yearly(first, borough, year, value)
    for year, value in ((2020, 50), (2021, 55)):
        make_yearly(second, borough, year, value)
    (figure,) = read(indicator, borough, as_at=dt.date(2022, 1, 1))
    picture = drawn(figure)
    assert figure.shape == "lines"
    assert len(lines_of(picture)) == 2  # and none from 2017 to 2020
    assert "definition changes" in texts(picture)
    assert "are not joined" in picture.find(f"{SVG}title").text


def test_a_line_that_does_not_begin_at_nought_does_not_make_much_of_little():
    scale = pictures.nice_scale(43_616, 44_110, 0, 100, from_zero=False)
    assert scale.high - scale.low >= 44_110 / 10
    assert abs(scale.at(43_616) - scale.at(44_110)) < 15


def test_bars_begin_at_nought(borough, london):
    definition = make_definition(unit=Definition.Unit.PERCENT)
    make_yearly(definition, borough, 2019, Decimal("23.6"), as_printed="23.6%")
    make_yearly(definition, london, 2019, Decimal("23.2"), as_printed="23.2%")
    make_yearly(definition, make_area(name="England", kind="country"), 2019, Decimal("20.2"), as_printed="20.2%")
    (figure,) = read(definition.indicator, borough)
    picture = drawn(figure)
    bars = [float(r.get("width")) for r in picture.iter(f"{SVG}rect") if r.get("height") == "6.4"]
    assert figure.shape == "bars"
    assert [value.area for value in figure.values] == ["Our borough", "London", "England"]
    assert bars[0] / bars[2] == pytest.approx(23.6 / 20.2, rel=0.01)
    assert {"23.6%", "23.2%", "20.2%"} <= set(texts(picture))


def test_bars_against_a_guideline_say_how_far_they_are_from_it(borough):
    indicator = make_indicator(target=13, target_note="NICE guideline: an assessment starts within 13 weeks")
    definition = make_definition(indicator=indicator, unit=Definition.Unit.WEEKS)
    for part, value in (("under 5", 28), ("5 and over", 43), ("all", 10)):
        make_yearly(definition, borough, 2019, value, breakdown=part, as_printed=f"{value} weeks")
    (figure,) = read(indicator, borough)
    picture = drawn(figure)
    assert {value.part: value.over_target for value in figure.values} == {
        "under 5": "+15",
        "5 and over": "+30",
        "all": "−3",
    }
    assert "NICE guideline: 13 weeks" in texts(picture)
    assert "Compared with: NICE guideline" in picture.find(f"{SVG}title").text


def test_a_range_shows_its_sure_part_and_its_possible_part(borough):
    definition = make_definition()
    make_yearly(definition, borough, 2019, None, low=20, high=30, as_printed="20 to 30")
    make_yearly(definition, borough, 2018, 20)
    make_yearly(definition, borough, 2018, 10, breakdown="part")
    (figure,) = read(definition.indicator, borough)
    (sure,) = [r for r in drawn(figure).iter(f"{SVG}rect") if r.get("height") == "5.9"]
    assert sure.get("fill") == "#ffffff"
    assert "20 to 30" in texts(drawn(figure))


def test_more_than_the_figure_has_an_open_end_and_its_own_words(borough):
    definition = make_definition(unit=Definition.Unit.WEEKS)
    make_yearly(definition, borough, 2017, None, low=52, qualifier="over", as_printed="over a year")
    make_yearly(definition, borough, 2018, 41)
    make_yearly(definition, borough, 2019, 30, breakdown="part")
    (figure,) = read(definition.indicator, borough)
    assert "over a year" in texts(drawn(figure))
    assert any("l3.4 3.2" in p.get("d") for p in drawn(figure).iter(f"{SVG}path"))


def test_words_alone_are_no_picture(borough):
    definition = make_definition()
    make_yearly(definition, borough, 2019, None, qualifier="in words", as_printed="rising")
    (figure,) = read(definition.indicator, borough)
    assert figure.shape == "words"
    assert pictures.chart(figure) == ""


def test_only_what_is_of_the_same_time_and_measure_is_compared(borough, london):
    indicator = make_indicator()
    definition = make_definition(indicator=indicator, number=1)
    other = make_definition(indicator=indicator, number=2)
    make_yearly(definition, borough, 2019, 10)
    make_yearly(definition, london, 2019, 11)
    make_yearly(definition, london, 2017, 12)
    make_yearly(other, london, 2019, 51)
    make_yearly(definition, make_area(name="The other borough"), 2019, 9)
    (figure,) = read(indicator, borough)
    assert [(value.area, value.figure) for value in figure.values] == [("Our borough", "10"), ("London", "11")]


def test_a_value_of_a_later_day_is_not_in_an_earlier_document(borough):
    definition = make_definition()
    make_yearly(definition, borough, 2018, 10)
    make_yearly(definition, borough, 2020, 12)
    make_yearly(definition, borough, 2025, 14, is_projection=True)
    (figure,) = read(definition.indicator, borough, as_at=dt.date(2019, 6, 30))
    assert [value.figure for value in figure.values] == ["10", "14"]


def test_a_handful_of_people_is_not_told_by_number(borough):
    definition = make_definition()
    make_yearly(definition, borough, 2019, 3)
    (figure,) = read(definition.indicator, borough)
    assert [value.figure for value in figure.values] == ["fewer than 5"]
    assert "3" not in repr(figure.values[0].value)


def test_what_was_published_of_a_figure_stands_beside_what_the_figures_give(borough):
    definition = make_definition()
    start = make_yearly(definition, borough, 2018, 71690)
    later = make_yearly(definition, borough, 2021, 74482, is_projection=True)
    make_claim(observation=later, against=start, stated="+1200", stated_value=1200, said_in="A plan, section 4")
    (figure,) = read(definition.indicator, borough)
    assert figure.values[1].notes == ("A plan, section 4 says “+1200”; the figures give +2,792.",)


def test_a_note_that_many_values_share_is_written_once(borough):
    definition = make_definition()
    for year in (2018, 2019, 2020):
        make_yearly(definition, borough, year, 10, note="The year is assumed.")
    (figure,) = read(definition.indicator, borough)
    assert figure.shared == (("a", "The year is assumed."),)
    assert all(value.marks == ("a",) and not value.notes for value in figure.values)


def test_two_units_share_no_axis(borough):
    indicator = make_indicator()
    for number, unit in ((1, Definition.Unit.PEOPLE), (2, Definition.Unit.PERCENT)):
        make_yearly(make_definition(indicator=indicator, number=number, unit=unit), borough, 2019, 10)
    assert [figure.unit for figure in read(indicator, borough)] == ["people", "percent"]


def test_hostile_names_stay_text(borough):
    area = make_area(name='</title><script>alert("1")</script>', within=borough, kind="part")
    definition = make_definition()
    for year in (2018, 2019, 2020):
        make_yearly(definition, area, year, year)
    (figure,) = read(definition.indicator, borough)
    assert "<script" not in pictures.chart(figure)
    assert '</title><script>alert("1")</script>' in drawn(figure).find(f"{SVG}title").text


def test_a_source_is_cited_by_number(borough):
    definition, source = make_definition(), make_source()
    make_yearly(definition, borough, 2019, 10, source=source)
    (figure,) = read(definition.indicator, borough)
    assert figure.values[0].source == 1


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ((2019, 1, 1), (2019, 12, 31), "2019"),
        ((2019, 9, 1), (2019, 9, 30), "September 2019"),
        ((2017, 4, 1), (2017, 6, 30), "April to June 2017"),
        ((2017, 9, 1), (2018, 8, 31), "September 2017 to August 2018"),
        ((2019, 7, 29), (2019, 7, 29), "29 July 2019"),
        ((2019, 7, 1), (2019, 7, 14), "1 July 2019 to 14 July 2019"),
    ],
)
def test_a_period_is_said_as_people_say_it(start, end, words):
    assert say_period(dt.date(*start), dt.date(*end)) == words
