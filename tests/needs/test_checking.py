"""The consistency checker finds what the papers got wrong in the loaded plans, and follows the figures when they change."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from needs.checking import doubts
from needs.models import Observation, PublishedClaim, Source
from tests.make import make_area, make_claim, make_definition, make_indicator, make_observation, make_source
from tests.record import put_whole_record

pytestmark = pytest.mark.django_db
ON = dt.date(2020, 9, 10)

# The cases of DOMAIN.md: kind, the figure (its key), what the paper said, and what its own figures give.
KNOWN = {
    ("change", "population-0-25", "westminster", "+1200", "+2792"),
    ("change", "population-0-25", "westminster", "+2095", "+4095"),
    ("comparison", "ehc-plans", "kensington-and-chelsea", "around the same", "617 against 300: +317"),
    ("comparison", "pupils-with-sen-share", "kensington-and-chelsea", "higher", "12.7% against 14.9%: -2.2"),
    ("comparison", "obesity-10-11", "kensington-and-chelsea", "significantly higher", "23.6% against 23.2%: +0.4"),
    ("share", "sen-support-share", "kensington-and-chelsea", "share of pupils with SEN", "81.9%"),
    (
        "share",
        "early-years-ehc-plan",
        "kensington-and-chelsea",
        "1.5% of children in funded early education",
        "no whole number of 156",
    ),
    (
        "share",
        "early-years-sen-support",
        "kensington-and-chelsea",
        "8.1% of children in funded early education",
        "13 of 156 is 8.3%",
    ),
    ("area", "pupils-with-sen", "kensington-and-chelsea", "Kensington and Chelsea", "Westminster (E09000033)"),
    ("definition", "ehc-mainstream-share", "london", "same measure", "definitions 2 and 1"),
    ("unit", "exclusions-sen-support-secondary", "westminster", "%", "percentage points"),
    ("unit", "exclusions-sen-support-secondary", "kensington-and-chelsea", "%", "percentage points"),
}


def asked(capsys, *options) -> list[dict]:
    call_command("check_figures", "--json", "--on", ON.isoformat(), *options)
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def loaded():
    put_whole_record()


def put(key: str, value: str) -> None:
    row = Observation.objects.get(key=key)
    row.value = Decimal(value)
    row.save()


def test_it_finds_the_known_cases_in_the_loaded_plans_and_says_nothing_of_sound_figures(loaded, capsys):
    found = asked(capsys)
    assert {(d["kind"], d["indicator"], d["area"], d["stated"], d["computed"]) for d in found} == KNOWN
    assert all(set(d) == {"kind", "indicator", "area", "period", "stated", "computed", "note"} for d in found)


@pytest.mark.parametrize(
    ("key", "sound", "kind", "area"),
    [
        ("w-population-2021", "72890", "change", "westminster"),
        ("k-ehc-plans-2019", "310", "comparison", "kensington-and-chelsea"),
        ("k-england-sen-share", "12.1", "comparison", "kensington-and-chelsea"),
        ("k-london-obesity-10-11", "20", "comparison", "kensington-and-chelsea"),
        ("k-funded-early-education", "2100", "share", "kensington-and-chelsea"),
    ],
)
def test_a_figure_that_is_put_right_is_no_longer_in_doubt(loaded, capsys, key, sound, kind, area):
    before = [d for d in asked(capsys) if (d["kind"], d["area"]) == (kind, area)]
    put(key, sound)
    after = [d for d in asked(capsys) if (d["kind"], d["area"]) == (kind, area)]
    assert len(after) < len(before)


@pytest.mark.parametrize(
    ("key", "wrong", "kind"),
    [
        ("k-population-2021", "43900", "change"),
        ("k-population-2025", "44000", "change"),
        ("k-autism-wait-cheyne-under-5-2019", "39", "change"),
        ("w-ehc-plans-2018", "1500", "comparison"),
        ("w-ehc-plans-2018", "1500", "share"),
        ("w-sen-share", "14.2", "comparison"),
        ("k-employment", "5.5", "comparison"),
        ("w-funded-early-education", "150", "share"),
    ],
)
def test_a_sound_figure_that_is_changed_is_found(loaded, capsys, key, wrong, kind):
    was = {tuple(d.values()) for d in asked(capsys)}
    put(key, wrong)
    new = [d for d in asked(capsys) if tuple(d.values()) not in was]
    assert kind in {d["kind"] for d in new}


def test_a_source_not_looked_at_for_a_year_is_one_row(capsys):
    make_source(title="A table", accessed_on=dt.date(2019, 9, 11))
    make_source(title="An older table", accessed_on=dt.date(2019, 9, 9))
    make_source(title="A page without a day", accessed_on=None, address="https://example.org/table")
    make_source(title="The plan itself", accessed_on=None, address="")
    assert {(d["kind"], d["stated"], d["note"]) for d in asked(capsys)} == {
        ("source_age", "looked at on 2019-09-09", "An older table: look at it again."),
        ("source_age", "no day on which it was looked at", "A page without a day: look at it again."),
    }


def test_the_age_counts_from_today_where_no_day_is_given(capsys):
    make_source(title="A table", accessed_on=dt.date(2019, 1, 1))
    call_command("check_figures")
    assert "617 days ago" not in (said := capsys.readouterr().out)
    assert "618 days ago" in said
    assert said.endswith("1 found.\n")


def test_a_day_that_is_none_is_refused():
    with pytest.raises(CommandError, match="Give it as 2020-03-12"):
        call_command("check_figures", "--on", "12 March")


# The rules, on figures of our own


@pytest.fixture
def figure():
    """Make a figure of an indicator; the same unit and definition unless told otherwise."""
    kept = {}

    def make(value, *, unit="people", area=None, year=2019, **given):
        if unit not in kept:
            kept[unit] = make_definition(indicator=make_indicator(), unit=unit)
        return make_observation(
            definition=given.pop("definition", kept[unit]),
            area=area or make_area(),
            value=value if value is None else Decimal(value),
            period_start=dt.date(year, 1, 1),
            period_end=dt.date(year, 12, 31),
            **given,
        )

    return make


def claim(kind, one, other=None, stated="", value=None):
    return make_claim(
        kind=kind, observation=one, against=other, stated=stated, stated_value=None if value is None else Decimal(value)
    )


def said() -> list[str]:
    return [doubt.computed for doubt in doubts(ON) if doubt.kind != "source_age"]


@pytest.mark.parametrize(
    ("new", "old", "stated", "value", "answer"),
    [
        ("110", "100", "+10", "10", []),
        ("110", "100", "+10%", "10", []),
        ("110.4", "100", "+10%", "10", []),
        ("110.6", "100", "+10%", "10", ["+10.6%"]),
        ("90", "100", "-10", "-10", []),
        ("90", "100", "+10", "10", ["\u221210"]),
        ("90", "100", "fell", None, []),
        ("110", "100", "fell", None, ["+10"]),
        ("90", "100", "rose", None, ["\u221210"]),
        ("110", "0", "+10%", "10", []),
        (None, "100", "+10", "10", []),
    ],
)
def test_a_change(figure, new, old, stated, value, answer):
    extra = {"qualifier": "in words", "as_printed": "more"} if new is None else {}
    claim("change", figure(new, **extra), figure(old, year=2018), stated, value)
    assert said() == answer


@pytest.mark.parametrize(
    ("one", "other", "stated", "right"),
    [
        ("12", "10", "higher", True),
        ("10", "10", "higher", False),
        ("9", "10", "above", False),
        ("9", "10", "lower than London", True),
        ("11", "10", "below", False),
        ("10.9", "10", "in line", True),
        ("11.1", "10", "in line", False),
        ("10.4", "10", "significantly higher", False),
        ("10.6", "10", "significantly higher", True),
        ("9.6", "10", "significantly lower", False),
        ("10.1", "10", "slightly higher", True),
        ("12", "10", "in another league", True),
    ],
)
def test_a_comparison(figure, one, other, stated, right):
    claim("comparison", figure(one, unit="percent"), figure(other, unit="percent"), stated)
    assert (said() == []) == right


def test_figures_in_two_units_are_not_compared(figure):
    claim("comparison", figure("5", unit="weeks"), figure("9", unit="percent"), "higher")
    assert said() == []


def test_an_area_is_right_where_the_code_is_its_own_or_that_of_what_it_lies_in(figure):
    borough = make_area(code="E09000033")
    part = make_area(kind="part", within=borough)
    right = make_source(address="https://example.org/?area=E09000033", accessed_on=ON)
    wrong = make_source(address="https://example.org/?area=E09000020", accessed_on=ON)
    for place in (borough, part):
        claim("area", figure("1", area=place, source=right))
    assert said() == []
    claim("area", figure("1", area=part, breakdown="girls", source=wrong))
    assert said() == ["another place (E09000020)"]


def test_nothing_of_the_known_cases_is_written_into_the_checker(loaded):
    row = PublishedClaim.objects.get(key="w-population-rise-to-2021")
    row.stated, row.stated_value = "+2792", Decimal(2792)
    row.save()
    assert len([d for d in doubts(ON) if d.kind == "change"]) == 1


def test_it_asks_the_database_as_often_for_one_claim_as_for_all(loaded, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        assert doubts(ON)
    assert Source.objects.count() > 20


def test_what_would_tell_of_a_handful_is_not_worked_out():
    people = make_definition(indicator=make_indicator(), unit="people")
    claim = make_claim(
        observation=make_observation(definition=people, value=3, as_printed="3"),
        against=make_observation(definition=people, value=9, as_printed="9", period_start=dt.date(2017, 1, 1)),
        stated="+9",
        stated_value=9,
    )
    found = [doubt for doubt in doubts(ON) if doubt.kind == "change"]
    assert [(doubt.stated, doubt.computed) for doubt in found] == [("+9", "not shown")]
    assert claim.observation.value == 3
