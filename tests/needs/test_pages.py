"""Indicators on screen: what is said of them, what is left unsaid, and how often the database is asked."""

import datetime as dt

import pytest

from jcb import dates
from needs import pages
from needs.models import Indicator, Observation
from tests.make import (
    make_area,
    make_definition,
    make_indicator,
    make_measure,
    make_source,
    make_yearly,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cast, sign_in):
    return sign_in(cast["board member, council side"])


@pytest.fixture
def borough():
    return make_area(name="Our borough", kind="borough")


def words(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_says_each_boroughs_latest_counted_figure(client, borough):
    waits = make_definition(indicator=make_indicator(name="Weeks of waiting"), unit="weeks")
    make_yearly(waits, borough, 2017, 21)
    make_yearly(waits, borough, 2019, 17)
    make_yearly(waits, borough, 2025, 9, is_projection=True)
    make_yearly(waits, borough, 2019, 99, breakdown="under 5")
    page = words(client.get("/needs/"))
    assert "Weeks of waiting" in page
    assert ">17<" in page
    assert ">21<" not in page
    assert ">9<" not in page


def test_a_handful_of_people_is_said_nowhere(client, borough):
    indicator = make_indicator(key="few")
    make_yearly(make_definition(indicator=indicator, unit="people"), borough, 2019, 3)
    for address in ("/needs/", "/needs/indicators/few/", "/needs/indicators/few/figures.csv"):
        page = words(client.get(address))
        assert "fewer than 5" in page
        assert ">3<" not in page
        assert ",3," not in page


def test_an_indicator_shows_both_boroughs_with_charts_a_table_and_its_sources(client, borough):
    other, indicator = make_area(name="The other borough", kind="borough"), make_indicator(key="plans", name="Plans")
    definition = make_definition(indicator=indicator, unit="people")
    source = make_source(title="A published table", accessed_on=dt.date(2019, 12, 9))
    for year, ours, theirs in ((2017, 600, 1000), (2018, 610, 1010), (2019, 617, 1013)):
        make_yearly(definition, borough, year, ours, source=source)
        make_yearly(definition, other, year, theirs)
    make_measure(indicator=indicator)
    page = words(client.get("/needs/indicators/plans/"))
    assert page.count("<svg") == 2  # one for a desk, one for a phone
    assert "+17 (+2.8%)" in page
    assert "+13 (+1.3%)" in page
    assert "Looked at on 9 December 2019" in page
    assert "What it measures" in page


def test_the_headline_says_what_misses_the_target(client, borough):
    indicator = make_indicator(key="waits", good_direction="down", target=13, target_note="Guideline: 13 weeks")
    definition = make_definition(indicator=indicator, unit="weeks")
    make_yearly(definition, borough, 2018, 43)
    assert "Every latest figure misses the target" in words(client.get("/needs/indicators/waits/"))
    make_yearly(definition, borough, 2019, 12)
    assert "Every latest figure meets the target" in words(client.get("/needs/indicators/waits/"))
    make_yearly(definition, make_area(name="The other borough", kind="borough"), 2019, 28)
    assert "1 of 2 miss the target" in words(client.get("/needs/indicators/waits/"))


def test_an_indicator_without_a_figure_says_so(client):
    make_indicator(key="none-yet")
    assert "No figure has been recorded yet." in words(client.get("/needs/indicators/none-yet/"))


def test_an_unknown_indicator_is_not_found(client):
    assert client.get("/needs/indicators/nothing/").status_code == 404


def test_a_cell_that_a_spreadsheet_would_run_is_text(client, borough):
    indicator = make_indicator(key="risky")
    make_yearly(make_definition(indicator=indicator), borough, 2019, 617, note="=1+1")
    assert "'=1+1" in words(client.get("/needs/indicators/risky/figures.csv"))


def test_without_any_indicator_the_list_says_what_to_do(client):
    assert "No indicator has been recorded yet" in words(client.get("/needs/"))


def many(definition, areas, count):
    rows = [
        Observation(
            key=f"many-{definition.pk}-{n}",
            definition=definition,
            area=areas[n % len(areas)],
            period_start=dt.date(1900 + n // len(areas) // 12, n // len(areas) % 12 + 1, 1),
            period_end=dates.last_of_month(dt.date(1900 + n // len(areas) // 12, n // len(areas) % 12 + 1, 1)),
            as_printed=str(100 + n),
            value=100 + n,
        )
        for n in range(count)
    ]
    for row in rows:
        row.save_base(raw=True)


def test_more_figures_take_no_more_queries_and_the_page_keeps_to_the_latest(
    client, borough, django_assert_max_num_queries
):
    indicator = make_indicator(key="long")
    definition = make_definition(indicator=indicator)
    many(definition, [borough, make_area(name="The other borough", kind="borough")], pages.MOST_VALUES + 30)
    with django_assert_max_num_queries(12):
        page = words(client.get("/needs/indicators/long/"))
    assert "All of them are in the file to download" in page
    assert page.count('data-label="As published"') == pages.MOST_VALUES
    assert len(words(client.get("/needs/indicators/long/figures.csv")).splitlines()) == pages.MOST_VALUES + 31
    for n in range(20):
        make_definition(indicator=make_indicator(key=f"more-{n}"))
    with django_assert_max_num_queries(10):
        page = words(client.get("/needs/"))
    assert Indicator.objects.count() == 21
