"""The performance dashboard: what it says of each indicator, what moved since the Board last met, and where it goes."""

import datetime as dt

import pytest

from governance.dashboard.contents import build
from governance.models import Meeting
from governance.packs.audiences import audiences
from governance.packs.contents import as_if_published, next_edition
from governance.packs.contents import build as build_pack
from governance.packs.frozen import fingerprint, frozen
from jcb import dates
from needs.models import Observation
from tests.conftest import NOW
from tests.governance.board import Board, bytes_of, published
from tests.governance.packtext import breaks_rules, page_words, text_of
from tests.make import (
    make_agenda_item,
    make_area,
    make_definition,
    make_held_meeting,
    make_indicator,
    make_meeting,
    make_person,
    make_standing_item,
    make_terms,
    make_yearly,
)

pytestmark = pytest.mark.django_db
LONDON = dates.LONDON


@pytest.fixture
def client(cast, sign_in):
    return sign_in(cast["board member, council side"])


@pytest.fixture
def borough():
    return make_area(name="Our borough", kind="borough")


def words(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def make_chosen(unit="weeks", **given):
    """A definition of an indicator that is on the dashboard."""
    return make_definition(indicator=make_indicator(on_dashboard=True, **given), unit=unit)


def recorded(definition, area, at: dt.datetime, *, year=2019, value=28) -> Observation:
    """A figure that a person entered at an instant."""
    row = Observation(
        key=f"recorded-{Observation.objects.count()}",
        definition=definition,
        area=area,
        period_start=dt.date(year, 1, 1),
        period_end=dt.date(year, 12, 31),
        as_printed=f"{value} weeks",
        value=value,
    )
    row._history_date, row._history_user = at, make_person()
    row.save()
    return row


def days_before(days: int) -> dt.datetime:
    return NOW - dt.timedelta(days=days)


# What it says ---------------------------------------------------------------------------------------------------------


def test_it_shows_the_chosen_indicators_with_figure_change_verdict_target_and_sparkline(client, borough):
    waits = make_chosen(name="Weeks of waiting", good_direction="down", target=13, frequency="Quarterly")
    for year, value in ((2017, 40), (2018, 38), (2019, 28)):
        make_yearly(waits, borough, year, value)
    make_yearly(make_definition(indicator=make_indicator(name="Not chosen")), borough, 2019, 7)
    page = words(client.get("/needs/dashboard/"))
    for expected in (
        "Weeks of waiting",
        "Our borough",
        "−10 (−26.3%)",
        "Better",
        "15 weeks above the target of 13 weeks",
        "Overdue: collected quarterly",
        "1 figure is better than before, none is worse. 1 figure misses its target.",
        "<title>Weeks of waiting: 2017, 40; 2018, 38; 2019, 28. Target: 13 weeks.</title>",
    ):
        assert expected in page
    assert "Not chosen" not in page


def test_definitions_are_not_compared_and_nobody_calls_it_better_or_worse(client, borough):
    old = make_chosen(good_direction="down")
    make_yearly(old, borough, 2018, 38)
    make_yearly(make_definition(indicator=old.indicator, number=2, unit="weeks"), borough, 2019, 28)
    page = words(client.get("/needs/dashboard/"))
    assert "Definition changed: not comparable" in page
    assert "−10" not in page
    assert "No figure can be called better or worse than the one before it." in page


def test_boroughs_that_are_counted_by_different_definitions_say_which(client, borough):
    old = make_chosen()
    make_yearly(old, borough, 2018, 61)
    new = make_definition(indicator=old.indicator, number=2, unit="weeks")
    make_yearly(new, make_area(name="Their borough", kind="borough"), 2019, 33)
    page = words(client.get("/needs/dashboard/"))
    assert "By definition 1" in page
    assert "By definition 2" in page


def test_a_handful_of_people_and_its_change_are_not_said(client, borough):
    few = make_chosen(unit="people", good_direction="up", target=10)
    make_yearly(few, borough, 2018, 12)
    make_yearly(few, borough, 2019, 3)
    page = words(client.get("/needs/dashboard/"))
    assert "fewer than 5" in page
    assert "−9" not in page
    assert "7 below" not in page


def test_a_borough_without_a_counted_figure_says_so(client, borough):
    people = make_chosen(unit="people", target=700)
    make_yearly(people, borough, 2019, 617, is_projection=True)
    page = words(client.get("/needs/dashboard/"))
    assert "No figure yet" in page
    assert "Target: 700" in page
    assert "617" not in page
    assert "No indicator on the dashboard has a figure yet." in page


def test_without_a_chosen_indicator_it_says_what_to_do(client):
    page = words(client.get("/needs/dashboard/"))
    assert "No indicator is chosen for the dashboard yet." in page
    assert "The secretariat chooses indicators" in page
    assert "<table" not in page


def test_every_target_met_is_said():
    waits = make_chosen(good_direction="down", target=13)
    make_yearly(waits, make_area(kind="borough"), 2019, 12)
    assert build(NOW).headline.endswith("Every figure with a target meets it.")


def test_an_observer_reads_it(sign_in, observer, borough):
    make_yearly(make_chosen(name="Weeks of waiting"), borough, 2019, 28)
    assert "Weeks of waiting" in words(sign_in(observer).get("/needs/dashboard/"))


# What moved -----------------------------------------------------------------------------------------------------------


def test_before_the_first_meeting_nothing_is_told_apart_as_new(borough):
    recorded(make_chosen(), borough, days_before(1))
    make_held_meeting(state=Meeting.State.CANCELLED, quorate=None)
    found = build(NOW)
    assert found.since == "No meeting has been held yet, so nothing is told apart as new."
    assert found.moved == ()


def test_what_was_recorded_since_the_last_held_meeting_is_what_moved(borough):
    held = {"terms": make_terms()}
    make_held_meeting(starts_at=dt.datetime(2020, 6, 1, 10, tzinfo=LONDON), **held)
    make_held_meeting(starts_at=dt.datetime(2020, 8, 17, 10, tzinfo=LONDON), **held)
    make_meeting(starts_at=dt.datetime(2020, 9, 7, 10, tzinfo=LONDON), state=Meeting.State.CANCELLED, **held)
    waits = make_chosen(name="Weeks of waiting", good_direction="down")
    recorded(waits, borough, days_before(90), year=2018, value=38)
    recorded(make_chosen(name="Between the meetings"), borough, days_before(60))
    assert build(NOW).since == "Nothing new was recorded since the meeting of 17 August 2020."
    recorded(waits, borough, days_before(10))
    found = build(NOW)
    assert found.since == "1 figure is new or corrected since the meeting of 17 August 2020."
    assert found.moved == (
        "Weeks of waiting, Our borough: 28 weeks (2019), new; better than before: it was 38 weeks (2018).",
    )
    assert [(row.name, row.moved) for row in found.rows] == [("Between the meetings", ""), ("Weeks of waiting", "new")]


def test_the_page_lists_what_moved(client, borough):
    make_held_meeting()
    recorded(make_chosen(name="Weeks of waiting"), borough, days_before(10))
    page = words(client.get("/needs/dashboard/"))
    assert "What moved" in page
    assert "Weeks of waiting, Our borough: 28 weeks (2019), new. It is the first." in page


# Where it goes --------------------------------------------------------------------------------------------------------


def make_board(secretariat, **given) -> Board:
    meeting = make_meeting(terms=make_terms(), **given)
    board = Board(meeting, secretariat)
    title = "Performance dashboard"
    board.add("dashboard", title=title, standing=make_standing_item(terms=meeting.terms, title=title), minutes=10)
    return board


def pack_data(board: Board, at: dt.datetime = NOW):
    with as_if_published(board.meeting):
        [audience] = audiences(board.meeting)
        return build_pack(board.meeting, audience, next_edition(board.meeting, kind="pack", at=at))


def test_the_page_of_the_standing_item_shows_it(sign_in, observer, secretariat, borough):
    make_yearly(make_chosen(name="Weeks of waiting"), borough, 2019, 28)
    board = make_board(secretariat)
    address = f"/meetings/{board.meeting.key}/agenda/{board.items['dashboard'].pk}/"
    for person in (observer, secretariat):
        page = words(sign_in(person).get(address))
        assert "The dashboard as at 10 September 2020" in page
        assert "Weeks of waiting" in page
    other = make_agenda_item(meeting=board.meeting, title="Therapies")
    assert "The dashboard as at" not in words(
        sign_in(observer).get(f"/meetings/{board.meeting.key}/agenda/{other.pk}/")
    )


def test_the_page_of_a_past_meetings_item_shows_it_as_it_stood_then(sign_in, observer, secretariat, borough):
    waits = make_chosen()
    recorded(waits, borough, days_before(90), year=2018, value=38)
    recorded(waits, borough, days_before(10), value=28)
    board = make_board(
        secretariat, starts_at=dt.datetime(2020, 8, 17, 10, tzinfo=LONDON), state=Meeting.State.HELD, quorate=True
    )
    page = words(sign_in(observer).get(f"/meetings/{board.meeting.key}/agenda/{board.items['dashboard'].pk}/"))
    assert "The dashboard as at 17 August 2020" in page
    assert "38 weeks" in page
    assert "28 weeks" not in page
    assert "No meeting has been held yet" in page  # before this one


def test_a_pack_keeps_the_dashboard_with_the_item_that_brings_it(secretariat, borough):
    waits = make_chosen(name="Weeks of waiting")
    make_yearly(waits, borough, 2019, 28)
    board = make_board(secretariat)
    data = pack_data(board)
    assert [item.brings for item in data.items] == ["dashboard"]
    assert [row.name for row in data.dashboard.rows] == ["Weeks of waiting"]
    before = fingerprint(frozen(data))
    make_yearly(waits, borough, 2018, 38)
    assert fingerprint(frozen(pack_data(board))) != before  # it is among what is fingerprinted
    without = Board(make_meeting(starts_at=dt.datetime(2020, 11, 9, 10, tzinfo=LONDON)), secretariat)
    without.add("one", title="Therapies")
    assert pack_data(without).dashboard is None


@pytest.mark.pdf
def test_the_published_pack_prints_it_as_a_table_with_pictures_and_is_pdf_ua(
    sign_in, observer, secretariat, borough, settings, tmp_path
):
    settings.FILES_ROOT = tmp_path
    make_held_meeting()
    waits = make_chosen(name="Weeks of waiting", good_direction="down", target=13)
    for year, value in ((2016, 41), (2017, 40), (2018, 38)):
        make_yearly(waits, borough, year, value)
    recorded(waits, borough, days_before(10))
    make_chosen(name="Nothing known")
    board = make_board(secretariat)
    [pack] = published(board)
    content = bytes_of(pack)
    said = " ".join(" ".join(page_words(content)).split())
    for expected in (
        "The indicators that the Board watches",
        "Weeks of waiting",
        "28 weeks",
        "Better",
        "No figure yet",
    ):
        assert expected in said
    assert "Weeks of waiting: 2016, 41; 2017, 40" in text_of(content)  # what a picture says to those who hear it
    assert breaks_rules(content) == []
    make_yearly(waits, borough, 2020, 99)  # what is published stays
    page = words(sign_in(observer).get(f"/meetings/{board.meeting.key}/pack/read/"))
    assert "Weeks of waiting" in page
    assert "<title>Weeks of waiting: 2016, 41; 2017, 40; 2018, 38; 2019, 28 weeks. Target: 13 weeks.</title>" in page
    assert ">99<" not in page


@pytest.mark.pdf
def test_it_is_printed_as_a_pdf_that_is_pdf_ua(sign_in, observer, borough):
    make_yearly(make_chosen(name="Weeks of waiting", target=13, good_direction="down"), borough, 2019, 28)
    answer = sign_in(observer).get("/needs/dashboard/print/")
    assert answer["Content-Type"] == "application/pdf"
    assert "performance-dashboard-2020-09-10.pdf" in answer["Content-Disposition"]
    assert breaks_rules(answer.content) == []
    assert "15 weeks above" in " ".join(page_words(answer.content))


@pytest.mark.parametrize("number", [3, 60])
def test_many_indicators_take_no_more_queries(client, borough, django_assert_max_num_queries, number):
    make_held_meeting()
    for n in range(number):
        waits = make_chosen(name=f"Indicator {n}")
        for year in (2017, 2018, 2019):
            make_yearly(waits, borough, year, 20 + n)
    with django_assert_max_num_queries(14):
        page = words(client.get("/needs/dashboard/"))
    assert page.count("<title>Indicator ") == number
