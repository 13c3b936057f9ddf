"""A handful of people is told nowhere, nor can it be worked out from what is told beside it."""

import itertools
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs.models import Observation
from needs.suppression import NOT_SHOWN, as_may_be_told, beside, withheld
from tests.make import make_area, make_definition, make_indicator, make_yearly

SMALLEST = 5


# The rule itself ------------------------------------------------------------------------------------------------------


def possible(total: int, told: list[int], few: int, others: int) -> list[set[int]]:
    """By trying everything: what each withheld number below the smallest could be, to somebody who knows the rest."""
    rest, found = total - sum(told), [set() for _ in range(few)]
    for numbers in itertools.product(range(1, SMALLEST), repeat=few):
        left = rest - sum(numbers)
        if left >= others * SMALLEST and (others or left == 0):
            for place, number in enumerate(numbers):
                found[place].add(number)
    return found


@settings(max_examples=600, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=6))
def test_no_withheld_part_can_be_worked_out_from_the_whole(numbers):
    total = sum(numbers)
    parts = {place: Decimal(number) for place, number in enumerate(numbers)}
    few = {place for place, number in enumerate(numbers) if 0 < number < SMALLEST}
    if not few or total < SMALLEST:
        return
    more = beside(("whole", Decimal(total)), parts, hidden=few, few=few, smallest=SMALLEST)
    if "whole" in more:
        return
    told = [number for place, number in enumerate(numbers) if place not in few | more]
    assert all(len(each) > 1 for each in possible(total, told, len(few), len(more)))


def test_the_property_can_fail():
    """With nothing else withheld, one part is had by subtraction."""
    assert possible(40, [20, 17], few=1, others=0) == [{3}]


@pytest.mark.parametrize(
    ("total", "numbers", "expected"),
    [
        (40, [3, 12, 25], {1}),  # the next smallest goes with it
        (40, [2, 3, 35], set()),  # two are withheld already, and neither is certain
        (40, [4, 4, 32], {2}),  # two that can only be four each
        (35, [1, 1, 33], {2}),  # two that can only be one each
        (33, [0, 3, 30], {2}),  # a nought hides nothing
        (6, [1, 5], {1, "whole"}),  # too little to hide among
        (1000, [3, 12], set()),  # of many other parts
        (3, [3], {"whole"}),
    ],
)
def test_what_goes_with_a_small_part(total, numbers, expected):
    parts = {place: Decimal(number) for place, number in enumerate(numbers)}
    few = {place for place, number in enumerate(numbers) if 0 < number < SMALLEST}
    assert beside(("whole", Decimal(total)), parts, hidden=few, few=few, smallest=SMALLEST) == expected


# In the records -------------------------------------------------------------------------------------------------------


@pytest.fixture
def people():
    return make_definition(indicator=make_indicator(key="few"), unit="people")


@pytest.fixture
def borough():
    return make_area(name="Our borough", kind="borough")


def told(*rows) -> list[str]:
    fresh = Observation.objects.select_related("definition").filter(pk__in=[row.pk for row in rows]).order_by("pk")
    return [o.as_printed for o in as_may_be_told(fresh, SMALLEST)]


@pytest.mark.django_db
def test_across_the_groups_of_a_place(people, borough):
    rows = [make_yearly(people, borough, 2019, 40)]
    rows += [make_yearly(people, borough, 2019, n, breakdown=f"group {n}") for n in (3, 12, 25)]
    assert told(*rows) == ["40", "fewer than 5", NOT_SHOWN, NOT_SHOWN]


@pytest.mark.django_db
def test_people_are_divided_in_more_ways_than_one(people, borough):
    """By age and by sex: what the one division withholds is not to be had from the other."""
    groups = {"under 5": 3, "5 and over": 97, "boys": 60, "girls": 40}
    rows = [make_yearly(people, borough, 2019, 100)]
    rows += [make_yearly(people, borough, 2019, n, breakdown=group) for group, n in groups.items()]
    assert told(*rows) == ["100", "fewer than 5", *[NOT_SHOWN] * 3]


@pytest.mark.django_db
def test_a_total_two_levels_up_gives_no_part_away(people, borough):
    region = make_area(name="Region", kind="region")
    borough.within = region
    borough.save()
    north, south = (make_area(name=name, kind="part", within=borough) for name in ("North", "South"))
    rows = [make_yearly(people, place, 2019, n) for place, n in ((region, 50), (north, 47), (south, 3))]
    assert told(*rows) == ["50", NOT_SHOWN, "fewer than 5"]


@pytest.mark.django_db
def test_what_a_source_withheld_is_not_given_back(people, borough):
    north, south = (make_area(name=name, kind="part", within=borough) for name in ("North", "South"))
    rows = [make_yearly(people, borough, 2019, 30), make_yearly(people, south, 2019, 27)]
    few = make_yearly(people, north, 2019, None, as_printed="fewer than 5", high=4, qualifier="in words")
    assert told(*rows, few) == ["30", NOT_SHOWN, "fewer than 5"]


@pytest.mark.django_db
def test_across_the_parts_of_a_borough_and_the_boroughs_of_both(people, borough):
    both = make_area(name="Both together", kind="region")
    borough.within = both
    borough.save()
    other = make_area(name="Other borough", kind="borough", within=both)
    north, south = (make_area(name=name, kind="part", within=borough) for name in ("North", "South"))
    rows = [make_yearly(people, place, 2019, n) for place, n in ((both, 100), (borough, 42), (other, 58))]
    rows += [make_yearly(people, place, 2019, n) for place, n in ((north, 2), (south, 40))]
    assert told(*rows) == ["100", "42", "58", "fewer than 5", NOT_SHOWN]


@pytest.mark.django_db
def test_of_a_region_that_has_other_boroughs_nothing_can_be_subtracted(people, borough):
    london = make_area(name="London", kind="region")
    borough.within = london
    borough.save()
    other = make_area(name="Other borough", kind="borough", within=london)
    rows = [make_yearly(people, place, 2019, n) for place, n in ((london, 9000), (borough, 3), (other, 58))]
    assert told(*rows) == ["9000", "fewer than 5", "58"]


@pytest.mark.django_db
def test_what_is_withheld_in_a_row_is_safe_in_its_column(people, borough):
    """Two parts by two groups: one small cell takes three others with it, or it could be had the other way round."""
    parts = [make_area(name=name, kind="part", within=borough) for name in ("North", "South")]
    numbers = {(0, "girls"): 3, (0, "boys"): 30, (1, "girls"): 40, (1, "boys"): 50}
    rows = [make_yearly(people, parts[p], 2019, n, breakdown=group) for (p, group), n in numbers.items()]
    rows += [make_yearly(people, parts[0], 2019, 33), make_yearly(people, parts[1], 2019, 90)]
    rows += [make_yearly(people, borough, 2019, n, breakdown=g) for g, n in (("girls", 43), ("boys", 80))]
    rows += [make_yearly(people, borough, 2019, 123)]
    assert told(*rows) == ["fewer than 5", *[NOT_SHOWN] * 3, "33", "90", "43", "80", "123"]


@pytest.mark.django_db
def test_a_share_of_a_handful_is_withheld_with_it(people, borough):
    share = make_definition(indicator=people.indicator, number=2, unit="percent")
    rows = [make_yearly(people, borough, 2019, 3), make_yearly(share, borough, 2019, 5)]
    rows += [make_yearly(share, borough, 2018, 6)]
    assert told(*rows) == ["fewer than 5", NOT_SHOWN, "6"]


@pytest.mark.django_db
def test_a_part_is_withheld_though_it_is_asked_about_alone(people, borough):
    make_yearly(people, borough, 2019, 40)
    rows = [make_yearly(people, borough, 2019, n, breakdown=f"group {n}") for n in (3, 12, 25)]
    assert told(rows[1]) == [NOT_SHOWN]


@pytest.mark.django_db
def test_numbers_that_count_no_people_are_told(borough):
    sites = make_definition(indicator=make_indicator(key="sites"), unit="count")
    assert told(make_yearly(sites, borough, 2019, 2)) == ["2"]


@pytest.mark.django_db
def test_queries_do_not_grow_with_the_values(people, borough, django_assert_num_queries):
    for year in range(1990, 2020):
        make_yearly(people, borough, year, 40)
        for n in (3, 12, 25):
            make_yearly(people, borough, year, n, breakdown=f"group {n}")
    rows = list(Observation.objects.select_related("definition"))
    with django_assert_num_queries(2):
        assert len([o for o in as_may_be_told(rows, SMALLEST) if o.value is None]) == 90


@pytest.mark.django_db
def test_a_file_a_page_and_a_chart_withhold_the_same(cast, sign_in, people, borough):
    client = sign_in(cast["board member, council side"])
    make_yearly(people, borough, 2019, 6171)
    for n in (3, 1214, 4954):
        make_yearly(people, borough, 2019, n, breakdown=f"group of {'some' if n == 3 else n % 100}")
    make_yearly(people, borough, 2018, 5252)
    for address in ("/needs/indicators/few/", "/needs/indicators/few/figures.csv"):
        page = client.get(address).content.decode()
        assert "fewer than 5" in page
        assert NOT_SHOWN in page
        assert "5252" in page
        assert "4954" not in page
        assert "4,954" not in page
        assert "1214" not in page
        assert "1,214" not in page
    assert withheld([people.indicator_id], smallest=SMALLEST)
