"""The forward plan: what is planned for which meeting, the deep dives of the year, and what comes in its month."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.forward import operations
from governance.forward.plan import build, year_of
from governance.models import ForwardItem, Meeting, ReportsTo
from jcb import dates, pdf
from jcb.models import Person
from tests.conftest import PERSONAS
from tests.make import (
    make_agenda_item,
    make_area,
    make_forward_item,
    make_meeting,
    make_person,
    make_plan,
    make_terms,
    make_theme,
    make_workstream,
)

pytestmark = pytest.mark.django_db
Kind = ForwardItem.Kind
TODAY = dt.date(2020, 9, 10)
DAYS = ((9, 28), (11, 9), (12, 7))  # three meetings are left in 2020
FORWARD = "/meetings/forward/"


@pytest.fixture
def plan(db):
    """The live plan of January 2020, with five themes; its first year is 2020."""
    plan = make_plan(area=make_area(name="Kensington"), next_refresh=dt.date(2022, 1, 1))
    for name in ("Co-production", "Preparing for adulthood", "Vulnerable groups", "Evaluation", "Innovation"):
        make_theme(plan=plan, short_name=name)
    return plan


@pytest.fixture
def terms(db):
    return make_terms(in_force_from=dt.date(2020, 1, 1), review_months=12)


@pytest.fixture
def meetings(terms):
    return [
        make_meeting(terms=terms, starts_at=dt.datetime(2020, month, day, 10, tzinfo=dates.LONDON))
        for month, day in DAYS
    ]


def make_dive(theme, **given) -> ForwardItem:
    return make_forward_item(kind=Kind.DEEP_DIVE, theme=theme, title=f"Deep dive: {theme.short_name}", **given)


def held_on(terms, month: int, day: int) -> Meeting:
    starts_at = dt.datetime(2020, month, day, 10, tzinfo=dates.LONDON)
    return make_meeting(terms=terms, starts_at=starts_at, state=Meeting.State.HELD)


def theme_of(plan, name: str):
    return plan.themes.get(short_name=name)


def where_of(forward, name: str) -> str:
    return next(dive.where for cycle in forward.cycles for dive in cycle.dives if dive.theme == name)


# Meetings and months --------------------------------------------------------------------------------------------------


def test_every_coming_meeting_is_there_with_what_is_planned_for_it(meetings, terms):
    held_on(terms, 8, 17)
    make_forward_item(meeting=meetings[1], title="Equipment contract", minutes=20)
    forward = build(TODAY)
    assert [place.name for place in forward.places] == [
        "Monday 28 September",
        "Monday 9 November",
        "Monday 7 December",
    ]
    assert [item.title for item in forward.places[1].items] == ["Equipment contract"]
    assert forward.places[1].minutes == "20 of 120 minutes planned"
    assert [place.is_next for place in forward.places] == [True, False, False]


def test_a_cancelled_meeting_is_not_coming_and_its_items_are_left_behind(meetings):
    make_forward_item(meeting=meetings[1], title="Equipment contract")
    meetings[1].state = Meeting.State.CANCELLED
    meetings[1].save()
    forward = build(TODAY)
    assert len(forward.places) == 2
    assert [item.title for item in forward.left_behind] == ["Equipment contract"]


def test_an_item_can_have_a_month_before_it_has_a_meeting(meetings):
    make_forward_item(month=dt.date(2020, 10, 1), title="Budgets")
    make_forward_item(month=dt.date(2020, 8, 1), title="Gone by")
    make_forward_item(title="Market statement")
    forward = build(TODAY)
    assert [place.name for place in forward.places][:2] == ["Monday 28 September", "October 2020"]
    assert [item.title for item in forward.left_behind] == ["Gone by"]
    assert [item.title for item in forward.parked] == ["Market statement"]


def test_what_was_taken_or_given_up_is_not_shown(meetings):
    make_forward_item(meeting=meetings[0], done=True)
    make_forward_item(done=True)
    forward = build(TODAY)
    assert not forward.parked
    assert not any(place.items for place in forward.places)


def test_what_stands_on_the_agenda_says_so(meetings):
    row = make_forward_item(meeting=meetings[0])
    item = make_agenda_item(meeting=meetings[0], forward=row)
    assert build(TODAY).places[0].items[0].label == "on the agenda"
    item.number = 7
    item.save()
    assert build(TODAY).places[0].items[0].label == "item 7"


# Deep dives -----------------------------------------------------------------------------------------------------------


def test_the_year_of_a_plan_ends_with_its_period(plan):
    assert year_of(plan, dt.date(2020, 1, 1)).last == dt.date(2020, 12, 31)
    second = year_of(plan, dt.date(2021, 1, 1))
    assert (second.first, second.last) == (dt.date(2021, 1, 1), dt.date(2021, 7, 31))
    assert year_of(plan, dt.date(2021, 8, 1)).last == dt.date(2021, 12, 31)


def test_fewer_meetings_left_than_deep_dives_is_a_warning(plan, meetings):
    forward = build(TODAY)
    (cycle,) = forward.cycles
    assert (cycle.to_come, cycle.meetings_left, cycle.without_place) == (5, 3, 5)
    assert forward.headline.startswith("There are fewer meetings left in the plan’s year than deep dives to come.")
    assert (
        "Five deep dives are still to come, and three meetings are left until 31 December 2020." in forward.warnings[0]
    )


def test_as_many_meetings_as_deep_dives_is_no_warning(plan, meetings, terms):
    for place, theme in enumerate(plan.themes.all()):
        make_dive(theme, meeting=held_on(terms, 3 + place, 2) if place < 2 else meetings[place - 2])
    forward = build(TODAY)
    assert (forward.cycles[0].to_come, forward.cycles[0].meetings_left) == (3, 3)
    assert forward.warnings == ()
    assert forward.headline.startswith("Every deep dive of the year has its place.")
    assert where_of(forward, "Co-production") == "taken on 2 March 2020"
    assert where_of(forward, "Innovation") == "7 December 2020"


def test_one_deep_dive_without_a_place_is_named_with_the_meetings_that_have_room(plan, meetings, terms):
    themes = list(plan.themes.all())
    for place, theme in enumerate(themes[:3]):
        make_dive(theme, meeting=held_on(terms, 3 + place, 2))
    make_dive(themes[3], meeting=meetings[0])
    make_dive(themes[4])
    forward = build(TODAY)
    assert forward.warnings == (
        "Innovation has no place yet. There is room on Monday 9 November and Monday 7 December.",
    )
    assert where_of(forward, "Innovation") == "parked"
    assert [place.room for place in forward.places] == [False, True, True]


def test_meetings_after_the_plans_year_and_extraordinary_ones_are_not_left(plan, meetings, terms):
    make_meeting(terms=terms, starts_at=dt.datetime(2021, 1, 18, 10, tzinfo=dates.LONDON))
    make_meeting(
        terms=terms,
        starts_at=dt.datetime(2020, 10, 5, 10, tzinfo=dates.LONDON),
        kind=Meeting.Kind.EXTRAORDINARY,
    )
    assert build(TODAY).cycles[0].meetings_left == 3


def test_a_deep_dive_of_last_year_does_not_count_for_this_one(plan, terms):
    make_dive(theme_of(plan, "Innovation"), meeting=held_on(terms, 3, 2))
    forward = build(dt.date(2021, 2, 1))
    assert forward.cycles[0].to_come == 5
    assert where_of(forward, "Innovation") == "not planned"


def test_the_deep_dives_are_spread_over_the_meetings_that_are_free(plan, terms, secretariat):
    coming = [
        make_meeting(terms=terms, starts_at=dt.datetime(2020, month, 21, 10, tzinfo=dates.LONDON))
        for month in (9, 10, 11, 12)
    ]
    themes = list(plan.themes.all())
    for place, theme in enumerate(themes[:2]):
        make_dive(theme, meeting=held_on(terms, 3 + place, 2))
    kept = make_dive(themes[2], meeting=coming[1])
    parked = make_dive(themes[3])
    placed = operations.spread_deep_dives(by=secretariat)
    assert [(row.theme, row.meeting) for row in placed] == [(themes[3], coming[0]), (themes[4], coming[3])]
    kept.refresh_from_db()
    parked.refresh_from_db()
    assert kept.meeting == coming[1]
    assert parked.meeting == placed[0].meeting
    assert build(TODAY).warnings == ()
    assert operations.spread_deep_dives(by=secretariat) == [], "Pressed twice, it is done once."


def test_with_too_few_meetings_as_many_are_placed_as_there_are(plan, meetings, secretariat):
    assert len(operations.spread_deep_dives(by=secretariat)) == 3
    assert ForwardItem.objects.filter(kind=Kind.DEEP_DIVE).count() == 3
    assert build(TODAY).cycles[0].without_place == 2


@pytest.mark.parametrize(
    ("places", "number", "chosen"),
    [
        (7, 2, [1, 5]),
        (3, 3, [0, 1, 2]),
        (2, 5, [0, 1]),
        (0, 3, []),
        (5, 0, []),
        (4, 2, [1, 3]),
        (9, 5, [0, 2, 4, 6, 8]),
    ],
)
def test_places_are_chosen_evenly(places, number, chosen):
    assert operations.evenly(list(range(places)), number) == chosen


# Reviews, reports, refreshes ------------------------------------------------------------------------------------------


def fixed_of(forward, word: str):
    return next(row for row in forward.fixed if word in row.what)


def test_the_review_of_the_terms_is_due_a_year_after_they_came_into_force_or_were_reviewed(terms):
    row = fixed_of(build(TODAY), "Review")
    assert (row.when, row.where, row.gap) == ("due by 31 January 2021", "not planned yet", True)
    make_forward_item(kind=Kind.REVIEW, title="Review", meeting=held_on(terms, 6, 22))
    assert fixed_of(build(TODAY), "Review").when == "due by 30 June 2021"
    assert fixed_of(build(dt.date(2021, 7, 1)), "Review").when == "was due by 30 June 2021"


def test_reports_to_parent_bodies_and_the_refresh_show_where_they_are_planned(plan, terms, meetings):
    ReportsTo.objects.create(terms=terms, body="Health and Wellbeing Board")
    assert fixed_of(build(TODAY), "Health and Wellbeing Board").gap
    make_forward_item(kind=Kind.REPORT, title="Report to the Health and Wellbeing Board", meeting=meetings[1])
    make_forward_item(kind=Kind.REFRESH, title="Refresh of the plan of Kensington", month=dt.date(2022, 1, 1))
    forward = build(TODAY)
    assert fixed_of(forward, "Health and Wellbeing Board").where == "planned: 9 November 2020"
    refresh = fixed_of(forward, "Refresh")
    assert (refresh.when, refresh.where) == (
        "in January 2022",
        "planned: some time in January 2022, no meeting chosen yet",
    )
    assert fixed_of(forward, "ends its period").when == "on 31 July 2021"


# Changing it ----------------------------------------------------------------------------------------------------------


def form_of(row: ForwardItem, **given) -> dict:
    place = f"meeting {row.meeting_id}" if row.meeting_id else f"month {row.month:%Y-%m}" if row.month else "parked"
    return {
        "seen": row.version,
        "title": row.title,
        "kind": row.kind,
        "theme": row.theme_id or "",
        "workstream": row.workstream_id or "",
        "minutes": row.minutes,
        "presenter": row.presenter_id or "",
        "note": row.note,
        "place": place,
        **given,
    }


def test_the_secretariat_plans_an_item_for_a_meeting_a_month_or_later(meetings, secretariat, sign_in):
    browser = sign_in(secretariat)
    for place in (f"meeting {meetings[1].pk}", "month 2020-10", "parked"):
        posted = {"title": "Equipment", "kind": "item", "minutes": "20", "place": place}
        assert browser.post(f"{FORWARD}add/", posted).status_code == 302
    rows = list(ForwardItem.objects.order_by("pk"))
    assert [(row.meeting, row.month) for row in rows] == [
        (meetings[1], None),
        (None, dt.date(2020, 10, 1)),
        (None, None),
    ]
    assert len({row.key for row in rows}) == 3


def test_an_item_is_moved_by_choosing_another_place(meetings, secretariat, sign_in):
    row, browser = make_forward_item(meeting=meetings[0]), sign_in(secretariat)
    address = reverse("governance:forward_item", args=[row.key])
    for place, expected in (
        (f"meeting {meetings[2].pk}", (meetings[2], None)),
        ("month 2020-11", (None, dt.date(2020, 11, 1))),
        ("parked", (None, None)),
    ):
        row.refresh_from_db()
        assert browser.post(address, form_of(row, place=place)).status_code == 302
        row.refresh_from_db()
        assert (row.meeting, row.month) == expected
    assert row.history.count() == 4


@pytest.mark.parametrize("place", ["", "meeting 99999", "meeting x", "month 2020-13", "month 1999-01", "month", "\0"])
def test_a_place_that_is_none_is_refused(meetings, secretariat, sign_in, place):
    row = make_forward_item(meeting=meetings[0])
    answer = sign_in(secretariat).post(reverse("governance:forward_item", args=[row.key]), form_of(row, place=place))
    assert answer.status_code == 422
    row.refresh_from_db()
    assert row.meeting == meetings[0]


def test_a_meeting_that_was_held_takes_nothing_more(terms, secretariat):
    with pytest.raises(ValidationError, match="still to come"):
        operations.plan_item(by=secretariat, item=ForwardItem(title="Late", meeting=held_on(terms, 8, 17)))


def test_a_deep_dive_needs_its_theme(meetings, secretariat, sign_in):
    posted = {"title": "Deep dive", "kind": "deep dive", "minutes": "20", "place": "parked"}
    answer = sign_in(secretariat).post(f"{FORWARD}add/", posted)
    assert answer.status_code == 422
    assert "Choose the theme of the deep dive." in answer.content.decode()


def test_moving_on_from_a_meeting_whose_agenda_has_it_says_so(meetings, secretariat, sign_in):
    row = make_forward_item(meeting=meetings[0])
    make_agenda_item(meeting=meetings[0], forward=row)
    answer = sign_in(secretariat).post(
        reverse("governance:forward_item", args=[row.key]), form_of(row, place="parked"), follow=True
    )
    assert "still stands on the agenda of 28 September 2020" in answer.content.decode()


def test_two_who_change_different_things_are_merged_and_the_same_thing_shows_both(meetings, secretariat, sign_in):
    row, browser = make_forward_item(meeting=meetings[0]), sign_in(secretariat)
    address, opened = reverse("governance:forward_item", args=[row.key]), form_of(row)
    assert browser.post(address, opened | {"title": "Theirs"}).status_code == 302
    assert browser.post(address, opened | {"place": f"meeting {meetings[1].pk}"}).status_code == 302
    row.refresh_from_db()
    assert (row.title, row.meeting) == ("Theirs", meetings[1])
    answer = browser.post(address, opened | {"place": f"meeting {meetings[2].pk}", "title": "Mine"})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Theirs" in page
    assert "Mine" in page
    row.refresh_from_db()
    assert (row.title, row.meeting) == ("Theirs", meetings[1])
    mine = opened | {"place": f"meeting {meetings[2].pk}", "title": "Mine", "seen": row.version}
    assert browser.post(address, mine).status_code == 302
    row.refresh_from_db()
    assert (row.title, row.meeting) == ("Mine", meetings[2])


def test_a_form_without_its_version_is_out_of_step(secretariat, sign_in):
    row = make_forward_item()
    for seen in ("", "x", "0", "9" * 30):
        answer = sign_in(secretariat).post(
            reverse("governance:forward_item", args=[row.key]), form_of(row, seen=seen, title="Changed")
        )
        assert answer.status_code == 422
    row.refresh_from_db()
    assert row.title != "Changed"


def test_the_forum_representative_proposes_an_idea_by_name(forum_representative, sign_in, observer):
    browser = sign_in(forum_representative)
    assert "Propose an item" in browser.get(FORWARD).content.decode()
    answer = browser.post(f"{FORWARD}add/", {"title": "Dental checks in special schools", "note": "Families asked."})
    assert answer.status_code == 302
    row = ForwardItem.objects.get()
    assert (row.kind, row.proposed_by, row.is_parked) == (Kind.IDEA, forum_representative, True)
    page = sign_in(observer).get(FORWARD).content.decode()
    assert "Dental checks in special schools" in page
    assert f"Proposed by {forum_representative}" in page
    assert browser.post(f"{FORWARD}add/", {"title": ""}).status_code == 422
    assert browser.post(f"{FORWARD}add/", {"title": "x" * 151}).status_code == 422


PROPOSE = {
    "board member, council side",
    "board member, NHS side",
    "commissioner of the owning partner",
    "commissioner of another partner",
    "forum representative",
    "secretariat",
}


@pytest.mark.parametrize("persona", PERSONAS)
def test_everyone_reads_some_propose_and_the_secretariat_changes(meetings, plan, cast, sign_in, persona):
    row, person = make_forward_item(meeting=meetings[0]), cast[persona]
    browser, item = sign_in(person), reverse("governance:forward_item", args=[row.key])
    add = browser.post(f"{FORWARD}add/", {"title": "An idea", "kind": "idea", "minutes": "15", "place": "parked"})
    others = [browser.post(item, form_of(row, title="Changed")), browser.post(f"{FORWARD}spread/")]
    reads = [browser.get(FORWARD).status_code, browser.get(item).status_code]
    if person is None:
        assert {add.status_code, *reads, *(answer.status_code for answer in others)} == {302}
        return
    assert reads == [200, 200]
    assert add.status_code == (302 if persona in PROPOSE else 403)
    assert {answer.status_code for answer in others} == {302 if persona == "secretariat" else 403}
    row.refresh_from_db()
    assert (row.title == "Changed") is (persona == "secretariat")
    if persona != "secretariat":
        assert not ForwardItem.objects.filter(kind=Kind.DEEP_DIVE).exists()
        with pytest.raises(PermissionDenied):
            operations.plan_item(by=person, item=ForwardItem(title="Mine"))


# On the screen and in print -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "kind=nonsense",
        "theme=abc",
        "theme=99999999999999",
        "month=2020-99",
        "meeting=none",
        "title=%00",
        "kind=review&month=2021-01",
    ],
)
def test_a_link_into_the_form_never_breaks_it(plan, secretariat, sign_in, query):
    assert sign_in(secretariat).get(f"{FORWARD}add/?{query}").status_code == 200


def test_an_empty_record_has_an_empty_forward_plan(observer, sign_in):
    page = sign_in(observer).get(FORWARD).content.decode()
    assert "No meeting is planned" in page


@pytest.mark.parametrize("persona", ["observer", "secretariat"])
def test_the_page_asks_as_many_questions_at_three_items_as_at_one(plan, terms, cast, sign_in, persona):
    browser, counts = sign_in(cast[persona]), []
    for months in ((10,), (11, 12)):
        for month in months:
            meeting = make_meeting(terms=terms, starts_at=dt.datetime(2020, month, 9, 10, tzinfo=dates.LONDON))
            stream = make_workstream()
            for place in ({"meeting": meeting}, {"month": dt.date(2021, month, 1)}, {}):
                row = make_forward_item(
                    presenter=make_person(), proposed_by=make_person(), workstream=stream, theme=make_theme(), **place
                )
                make_agenda_item(meeting=meeting, forward=row)
        browser.get(FORWARD)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(FORWARD).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] < 30


def test_print_is_the_same_for_every_reader_and_has_nothing_restricted(plan, meetings, council_member):
    open_row = make_forward_item(meeting=meetings[0], title="Open")
    shut = make_forward_item(meeting=meetings[0], title="Marmalade clause")
    make_agenda_item(meeting=meetings[0], forward=open_row)
    make_agenda_item(meeting=meetings[0], forward=shut, restricted=True)
    html = render_to_string("print/_forward_plan.html", {"forward": build(TODAY)})
    assert "Open" in html
    assert "Marmalade" not in html
    assert "Marmalade" in str(build(TODAY, council_member))


@pytest.mark.skipif(not pdf.is_available(), reason=pdf.UNAVAILABLE)
def test_the_forward_plan_comes_as_a_pdf(plan, meetings, observer, sign_in):
    make_forward_item(meeting=meetings[0], title="Equipment contract")
    make_forward_item(title="Market statement", proposed_by=make_person(role=Person.Role.FORUM))
    answer = sign_in(observer).get(f"{FORWARD}print/")
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF")
    assert answer["Content-Disposition"] == 'attachment; filename="forward-plan-2020-09-10.pdf"'
