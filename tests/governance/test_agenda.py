"""The agenda: what belongs on it, its order, its clock, its numbers, and who sees what of it."""

import contextvars
import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.agendas import build, due, operations
from governance.models import AgendaItem, ForwardItem, FrontSheet, Invitation, Meeting, Pack, StandingItem
from jcb import dates
from jcb.history import Conflict
from jcb.models import Person
from tests.conftest import PERSONAS
from tests.make import (
    make_agenda_item,
    make_deliverable,
    make_document,
    make_forward_item,
    make_meeting,
    make_person,
    make_plan,
    make_standing_item,
    make_terms,
    make_theme,
    make_workstream,
)

pytestmark = pytest.mark.django_db
F = StandingItem.Frequency
SECRET = "Marmalade clause"
WRITERS = {"secretariat"}


def london(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dates.LONDON)


def titles(meeting: Meeting) -> list[str]:
    return [item.title for item in AgendaItem.objects.filter(meeting=meeting).in_order()]


def labels(meeting: Meeting) -> list[str]:
    return [item.label for item in AgendaItem.objects.filter(meeting=meeting).in_order()]


def make_items(meeting: Meeting, *names: str, **given) -> list[AgendaItem]:
    return [make_agenda_item(meeting=meeting, title=name, order=n, **given) for n, name in enumerate(names, start=1)]


@pytest.fixture
def terms(db):
    """Terms with one standing item of every kind, closed by any other business."""
    terms = make_terms()
    for order, (title, frequency, nth, read) in enumerate(
        [
            ("Apologies", F.EVERY, None, False),
            ("Dashboard", F.NTH, 2, False),
            ("Theme deep dive", F.DUE, None, False),
            ("Disputes open", F.NOT_EMPTY, None, False),
            ("You said, we did", F.NTH, 3, True),
            ("Any other business", F.EVERY, None, False),
        ],
        start=1,
    ):
        make_standing_item(
            terms=terms, order=order, title=title, frequency=frequency, every_nth=nth, for_information=read
        )
    return terms


@pytest.fixture
def meeting(terms):
    return make_meeting(terms=terms)


# What belongs on it ---------------------------------------------------------------------------------------------------


def test_an_agenda_starts_from_the_standing_items_that_are_due(terms, meeting, secretariat):
    operations.make_agenda(meeting=meeting, by=secretariat)
    assert titles(meeting) == ["Apologies", "Any other business"]


def test_every_second_and_every_third_are_counted_by_the_meetings_of_those_terms(terms, secretariat):
    make_meeting(starts_at=london(2020, 1, 6, 10))  # under other terms
    meetings = [make_meeting(terms=terms, starts_at=london(2020, month, 6, 10)) for month in range(2, 8)]
    made = [
        {item.title for item in operations.make_agenda(meeting=meeting, by=secretariat)} - {"Apologies"}
        for meeting in meetings
    ]
    assert ["Dashboard" in each for each in made] == [False, True, False, True, False, True]
    assert ["You said, we did" in each for each in made] == [False, False, True, False, False, True]


def test_a_cancelled_and_an_extraordinary_meeting_are_not_counted(terms):
    make_meeting(terms=terms, starts_at=london(2020, 2, 6, 10))
    make_meeting(terms=terms, starts_at=london(2020, 3, 6, 10), state=Meeting.State.CANCELLED)
    extra = make_meeting(terms=terms, starts_at=london(2020, 4, 6, 10), kind=Meeting.Kind.EXTRAORDINARY)
    second = make_meeting(terms=terms, starts_at=london(2020, 5, 6, 10))
    dashboard = terms.standing_items.get(title="Dashboard")
    assert due.place_in_series(second) == 2
    assert due.is_due(dashboard, second, 2, [])
    assert not due.is_due(dashboard, extra, 2, [])


def test_the_deep_dive_is_due_where_the_forward_plan_has_one_and_stands_once_in_its_place(terms, meeting, secretariat):
    theme = make_theme()
    dive = make_forward_item(
        kind=ForwardItem.Kind.DEEP_DIVE, theme=theme, meeting=meeting, title="Deep dive: innovation", minutes=25
    )
    make_forward_item(meeting=meeting, title="Equipment contract")
    operations.make_agenda(meeting=meeting, by=secretariat)
    assert titles(meeting) == ["Apologies", "Deep dive: innovation", "Equipment contract", "Any other business"]
    item = AgendaItem.objects.get(forward=dive)
    assert (item.standing.title, item.theme, item.minutes) == ("Theme deep dive", theme, 25)
    operations.make_agenda(meeting=meeting, by=secretariat)
    assert len(titles(meeting)) == 4, "Made twice, nothing stands twice."


def test_what_waits_for_something_to_say_is_due_only_when_there_is_something(terms, meeting, secretariat):
    disputes = terms.standing_items.get(title="Disputes open")
    expected = {each.standing: each.is_due for each in due.missing(meeting, [])[0]}
    assert expected[disputes] is False
    make_forward_item(meeting=meeting, title="Disputes open")
    operations.make_agenda(meeting=meeting, by=secretariat)
    assert AgendaItem.objects.get(meeting=meeting, title="Disputes open").standing == disputes


def test_what_is_taken_as_read_stands_in_a_block_at_the_end(terms, meeting, secretariat):
    operations.make_agenda(meeting=meeting, by=secretariat)
    operations.add_standing(
        meeting=meeting, by=secretariat, standing=terms.standing_items.get(title="You said, we did")
    )
    operations.add_item(meeting=meeting, by=secretariat, item=AgendaItem(title="Therapies"))
    assert titles(meeting) == ["Apologies", "Therapies", "Any other business", "You said, we did"]
    agenda = build.for_person(meeting, secretariat)
    assert [row.title for row in agenda.as_read] == ["You said, we did"]
    assert agenda.as_read[0].minutes == 0


def test_a_standing_item_added_later_goes_to_its_usual_place_and_only_once(terms, meeting, secretariat):
    operations.make_agenda(meeting=meeting, by=secretariat)
    dashboard = terms.standing_items.get(title="Dashboard")
    first = operations.add_standing(meeting=meeting, by=secretariat, standing=dashboard)
    assert operations.add_standing(meeting=meeting, by=secretariat, standing=dashboard) == first
    assert titles(meeting) == ["Apologies", "Dashboard", "Any other business"]


def test_a_standing_item_has_the_minutes_and_presenter_of_the_last_time(terms, meeting, secretariat):
    presenter = make_person()
    make_agenda_item(
        meeting=make_meeting(terms=terms, starts_at=london(2020, 8, 17, 10)),
        title="Apologies and interests",
        standing=terms.standing_items.get(order=1),
        minutes=5,
        purpose="note",
        presenter=presenter,
    )
    operations.make_agenda(meeting=meeting, by=secretariat)
    item = AgendaItem.objects.get(meeting=meeting, standing__order=1)
    assert (item.title, item.minutes, item.purpose, item.presenter) == ("Apologies", 5, "note", presenter)


def test_nothing_is_done_to_the_agenda_of_a_meeting_that_was_held(terms, secretariat):
    held = make_meeting(terms=terms, starts_at=london(2020, 8, 17, 10), state=Meeting.State.HELD)
    with pytest.raises(ValidationError, match="held"):
        operations.make_agenda(meeting=held, by=secretariat)
    assert titles(held) == []


# The clock ------------------------------------------------------------------------------------------------------------


def test_the_clock_runs_from_item_to_item(meeting, secretariat):
    make_items(meeting, "One", "Two", minutes=35)
    make_agenda_item(meeting=meeting, title="Three", order=3, minutes=15)
    rows = build.for_person(meeting, secretariat).business
    assert [(row.starts, row.ends) for row in rows] == [("10:00", "10:35"), ("10:35", "11:10"), ("11:10", "11:25")]


@pytest.mark.parametrize(
    ("minutes", "say", "over"),
    [
        (125, "1 item, 2 hours 5 minutes. That is 5 minutes over.", 5),
        (120, "1 item, 2 hours. That fills the meeting.", 0),
        (60, "1 item, 1 hour. 1 hour is left.", 0),
        (105, "1 item, 1 hour 45 minutes. 15 minutes are left.", 0),
    ],
)
def test_the_time_used_is_said_in_words(meeting, secretariat, minutes, say, over):
    make_items(meeting, "Long", minutes=minutes)
    agenda = build.for_person(meeting, secretariat)
    assert (agenda.say, agenda.over) == (say, over)
    assert agenda.business[0].ends_late is bool(over)


def test_on_the_day_the_clocks_go_back_the_agenda_counts_real_minutes(terms, secretariat):
    night = make_meeting(terms=terms, starts_at=london(2020, 10, 25, 0, 30))
    make_items(night, "One", "Two", minutes=45)
    assert [(row.starts, row.ends) for row in build.for_person(night, secretariat).business] == [
        ("00:30", "01:15"),
        ("01:15", "01:00"),
    ]


# Order ----------------------------------------------------------------------------------------------------------------


def test_an_item_moves_up_and_down_by_one(meeting, secretariat):
    one, two, three = make_items(meeting, "One", "Two", "Three")
    operations.move_item(item=three, by=secretariat, beside=two, after=False)
    assert titles(meeting) == ["One", "Three", "Two"]
    operations.move_item(item=one, by=secretariat, beside=three, after=True)
    assert titles(meeting) == ["Three", "One", "Two"]


def test_the_same_move_asked_for_twice_is_done_once(meeting, secretariat):
    _, two, three = make_items(meeting, "One", "Two", "Three")
    assert operations.move_item(item=three, by=secretariat, beside=two, after=False)
    assert operations.move_item(item=three, by=secretariat, beside=two, after=False) == []
    assert titles(meeting) == ["One", "Three", "Two"]


def test_a_move_leaves_a_history_row_for_each_item_that_moved(meeting, secretariat):
    one, two, _ = make_items(meeting, "One", "Two", "Three")
    operations.move_item(item=two, by=secretariat, beside=one, after=False)
    assert [item.history.count() for item in AgendaItem.objects.order_by("pk")] == [2, 2, 1]


def test_a_move_beside_an_item_that_has_gone_is_refused(meeting, secretariat):
    one, two = make_items(meeting, "One", "Two")
    operations.remove_item(item=one, by=secretariat)
    with pytest.raises(ValidationError, match="changed since"):
        operations.move_item(item=two, by=secretariat, beside=one, after=False)


def test_what_is_taken_as_read_stays_in_its_block(meeting, secretariat):
    one = make_agenda_item(meeting=meeting, order=1)
    read = make_agenda_item(meeting=meeting, order=2, taken_as_read=True)
    with pytest.raises(ValidationError):
        operations.move_item(item=read, by=secretariat, beside=one, after=False)


@pytest.mark.django_db(transaction=True)
def test_two_people_who_press_the_same_button_at_once_move_the_item_by_one():
    secretariat = make_person(role=Person.Role.SECRETARIAT)
    meeting = make_meeting()
    one, two, three = make_items(meeting, "One", "Two", "Three")
    for _ in range(5):
        _at_once(lambda _: operations.move_item(item=three, by=secretariat, beside=two, after=False))
        assert titles(meeting) == ["One", "Three", "Two"]
        _at_once(lambda _: operations.move_item(item=three, by=secretariat, beside=two, after=True))
        assert titles(meeting) == ["One", "Two", "Three"]
    assert one.order == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_who_move_different_items_at_once_both_get_their_way():
    secretariat = make_person(role=Person.Role.SECRETARIAT)
    meeting = make_meeting()
    one, two, three, four = make_items(meeting, "One", "Two", "Three", "Four")
    pairs = [(two, one), (four, three)]
    _at_once(lambda n: operations.move_item(item=pairs[n][0], by=secretariat, beside=pairs[n][1], after=False))
    assert titles(meeting) == ["Two", "One", "Four", "Three"]
    orders = AgendaItem.objects.filter(meeting=meeting).order_by("order").values_list("order", flat=True)
    assert list(orders) == [1, 2, 3, 4]


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_two_moves_at_once_would_lose_one():
    """The negative control: both read the order before either writes it."""
    meeting = make_meeting()
    make_items(meeting, "One", "Two", "Three", "Four")
    read = threading.Barrier(2, timeout=30)

    def swap(n):
        items = list(AgendaItem.objects.filter(meeting=meeting).order_by("order"))
        read.wait()
        items.insert(2 * n, items.pop(2 * n + 1))
        items.insert(1, items.pop(2)) if n else None
        for order, item in enumerate(items, start=1):
            item.order = order
            item.save()

    _at_once(swap)
    orders = list(AgendaItem.objects.filter(meeting=meeting).values_list("title", flat=True).order_by("order", "pk"))
    assert orders != ["Two", "Four", "One", "Three"], "Both moves cannot have been kept: each wrote the whole order."


def _at_once(work, number: int = 2) -> list:
    gate = threading.Barrier(number, timeout=30)

    def one(place):
        try:
            gate.wait()
            return work(place)
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        running = [pool.submit(contextvars.copy_context().run, one, place) for place in range(number)]
        return [each.result(timeout=60) for each in running]


# Numbers --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def published(terms, meeting, secretariat):
    """Numbers are frozen: 1 Apologies, 2 Therapies, 3 Any other business, 4 You said (taken as read)."""
    operations.make_agenda(meeting=meeting, by=secretariat)
    operations.add_item(meeting=meeting, by=secretariat, item=AgendaItem(title="Therapies"))
    operations.add_standing(meeting=meeting, by=secretariat, standing=terms.standing_items.get(order=5))
    operations.freeze_numbers(meeting)
    return meeting


def item_of(meeting: Meeting, title: str) -> AgendaItem:
    return AgendaItem.objects.get(meeting=meeting, title=title)


def test_numbers_run_until_they_are_frozen_in_the_visible_order(published, secretariat):
    assert labels(published) == ["1", "2", "3", "4"]
    other = make_meeting(starts_at=london(2020, 11, 9, 10))
    make_items(other, "One", "Two")
    assert [row.label for row in build.for_person(other, secretariat).business] == ["1", "2"]
    assert labels(other) == ["", ""]


def test_a_late_item_takes_the_number_it_follows_with_a_letter(published, secretariat):
    therapies = item_of(published, "Therapies")
    late = operations.add_item(meeting=published, by=secretariat, item=AgendaItem(title="Late"), after=therapies)
    later = operations.add_item(meeting=published, by=secretariat, item=AgendaItem(title="Later"), after=therapies)
    after_that = operations.add_item(meeting=published, by=secretariat, item=AgendaItem(title="Last"), after=late)
    assert [late.label, later.label, after_that.label] == ["2A", "2B", "2C"]
    assert labels(published) == ["1", "2", "2A", "2B", "2C", "3", "4"]


def test_a_late_item_without_a_chosen_place_comes_before_any_other_business(published, secretariat):
    assert operations.add_item(meeting=published, by=secretariat, item=AgendaItem(title="Late")).label == "2A"


def test_a_late_item_in_a_supplement_takes_the_next_number(published, secretariat):
    first = operations.add_item(meeting=published, by=secretariat, item=AgendaItem(title="Late"), supplement=True)
    assert (first.label, first.in_supplement) == ("5", 1)
    Pack.objects.create(
        meeting=published,
        kind=Pack.Kind.SUPPLEMENT,
        number=1,
        audience="a",
        audience_in_words="Members",
        document=make_document(),
        what_changed="An item more.",
        by=secretariat,
    )
    second = operations.add_item(meeting=published, by=secretariat, item=AgendaItem(title="Later"), supplement=True)
    assert (second.label, second.in_supplement) == ("6", 2)
    assert labels(published) == ["1", "2", "3", "5", "6", "4"], "What is taken as read stays at the end."


def test_a_label_never_changes_whatever_comes_after(published, secretariat):
    therapies = item_of(published, "Therapies")
    late = operations.add_item(meeting=published, by=secretariat, item=AgendaItem(title="Late"), after=therapies)
    before = dict(AgendaItem.objects.values_list("title", "pk"))
    was = {item.pk: item.label for item in AgendaItem.objects.all()}
    operations.withdraw_item(item=therapies, by=secretariat, because="Not ready.")
    operations.add_item(meeting=published, by=secretariat, item=AgendaItem(title="Later"), after=therapies)
    operations.add_standing(
        meeting=published, by=secretariat, standing=published.terms.standing_items.get(title="Dashboard")
    )
    operations.freeze_numbers(published)
    now = {item.pk: item.label for item in AgendaItem.objects.all()}
    assert {pk: now[pk] for pk in was} == was
    assert now[late.pk] == "2A"
    assert before["Late"] == late.pk
    for refused in (
        lambda: operations.move_item(item=late, by=secretariat, beside=therapies, after=False),
        lambda: operations.edit_item(item=late, by=secretariat, seen=late.version, changed=["taken_as_read"]),
    ):
        with pytest.raises(ValidationError, match="frozen"):
            refused()


def test_an_item_that_another_meeting_passed_on_gets_a_late_label_at_the_next_publication(published):
    make_agenda_item(meeting=published, title="Passed on", order=3)
    operations.freeze_numbers(published)
    assert item_of(published, "Passed on").label in {"2A", "3A"}
    assert item_of(published, "Any other business").label == "3"


def test_twenty_eight_late_items_after_one_all_have_a_label(published, secretariat):
    therapies = item_of(published, "Therapies")
    made = [
        operations.add_item(meeting=published, by=secretariat, item=AgendaItem(title=f"Late {n}"), after=therapies)
        for n in range(28)
    ]
    assert [made[0].label, made[25].label, made[26].label, made[27].label] == ["2A", "2Z", "2AA", "2AB"]


# Removing and withdrawing ---------------------------------------------------------------------------------------------


def test_before_publication_an_item_can_be_removed_with_what_hangs_on_it(meeting, secretariat):
    one, two = make_items(meeting, "One", "Two")
    operations.invite(item=one, by=secretariat, person=make_person())
    operations.link_deliverable(item=one, by=secretariat, deliverable=make_deliverable())
    operations.remove_item(item=one, by=secretariat)
    assert titles(meeting) == ["Two"]
    two.refresh_from_db()
    assert two.order == 1
    assert AgendaItem.history.filter(title="One", history_type="-").exists()


def test_a_published_item_is_not_removed_but_said_to_be_withdrawn(published, secretariat):
    therapies = item_of(published, "Therapies")
    with pytest.raises(ValidationError, match="withdrawn"):
        operations.remove_item(item=therapies, by=secretariat)
    with pytest.raises(ValidationError, match="why"):
        operations.withdraw_item(item=therapies, by=secretariat, because=" ")
    operations.withdraw_item(item=therapies, by=secretariat, because="The contract is not ready.")
    row = next(row for row in build.for_person(published, secretariat).business if row.title == "Therapies")
    assert (row.label, row.withdrawn) == ("2", "The contract is not ready.")
    assert row.starts == row.ends, "It takes no time."
    operations.reinstate_item(item=therapies, by=secretariat)
    assert not item_of(published, "Therapies").is_withdrawn


def test_an_item_with_a_front_sheet_is_withdrawn_and_its_sheet_kept(meeting, secretariat):
    (one,) = make_items(meeting, "One")
    FrontSheet.objects.create(item=one, summary="What is asked.")
    with pytest.raises(ValidationError, match="kept"):
        operations.remove_item(item=one, by=secretariat)
    operations.withdraw_item(item=one, by=secretariat, because="Not ready.")
    assert FrontSheet.objects.get().item == one
    operations.freeze_numbers(meeting)
    assert labels(meeting) == [""], "What was withdrawn before publication has no number."
    assert build.build(meeting, {one.pk}).business == ()


# Who sees what --------------------------------------------------------------------------------------------------------


@pytest.fixture
def sealed(meeting, cast):
    """Item 1 open, item 2 restricted with markers wherever a marker can stand, item 3 open."""
    plan = make_plan()
    stream = make_workstream(plan=plan, short_name=f"{SECRET} stream")
    theme = make_theme(plan=plan)  # its name is no secret: the forward plan shows the deep dive of every theme
    presenter = make_person(name=f"{SECRET} presenter")
    forward = make_forward_item(title=f"{SECRET} planned", meeting=meeting, note=SECRET)
    first = make_agenda_item(meeting=meeting, title="Open one", order=1, minutes=10)
    hidden = make_agenda_item(
        meeting=meeting,
        title=f"{SECRET} title",
        order=2,
        minutes=25,
        note=f"{SECRET} note",
        restricted=True,
        workstream=stream,
        theme=theme,
        presenter=presenter,
        forward=forward,
        purpose="decide",
    )
    deliverable = make_deliverable(workstream=stream, short_title=f"{SECRET} deliverable")
    operations.link_deliverable(item=hidden, by=cast["secretariat"], deliverable=deliverable)
    operations.invite(item=hidden, by=cast["secretariat"], person=make_person(name=f"{SECRET} guest"))
    last = make_agenda_item(meeting=meeting, title="Open two", order=3, minutes=10)
    return SimpleNamespace(meeting=meeting, first=first, hidden=hidden, last=last, forward=forward)


MEMBERS = {"board member, council side", "board member, NHS side", "secretariat"}


@pytest.mark.parametrize("persona", PERSONAS[1:])
def test_a_restricted_item_does_not_exist_for_those_who_may_not_see_it(sealed, cast, sign_in, persona):
    browser = sign_in(cast[persona])
    key = sealed.meeting.key
    # The forms of who prepares offer every workstream, theme and person: they are for the secretariat alone.
    pages = [
        reverse("governance:agenda", args=[key]),
        reverse("governance:forward"),
        reverse("governance:meeting", args=[key]),
    ]
    if persona != "invited lead":
        pages.append(reverse("governance:agenda_item", args=[key, sealed.first.pk]))
    found = [SECRET in browser.get(page).content.decode() for page in pages]
    answers = [
        browser.get(reverse("governance:agenda_item", args=[key, sealed.hidden.pk])).status_code,
        browser.get(reverse("governance:forward_item", args=[sealed.forward.key])).status_code,
    ]
    if persona in MEMBERS:
        assert any(found)
        assert answers == [200, 200]
    else:
        assert not any(found)
        assert answers == [404, 404]


@pytest.mark.parametrize("persona", sorted(set(PERSONAS[1:]) - MEMBERS))
def test_a_hidden_item_and_a_missing_one_answer_alike(sealed, cast, sign_in, persona):
    browser = sign_in(cast[persona])
    answers = []
    for pk in (sealed.hidden.pk, 10**6, 10**30):
        address = f"/meetings/{sealed.meeting.key}/agenda/{pk}/"
        with CaptureQueriesContext(connection) as queries:
            answer = browser.get(address)
        answers.append((answer.status_code, answer.content.replace(address.encode(), b""), len(queries)))
    assert answers[0] == answers[1]
    assert answers[2][0] == 404


def test_times_and_numbers_stay_true_around_what_is_reserved(sealed, observer):
    rows = build.for_person(sealed.meeting, observer).business
    assert [(row.label, row.title, row.starts, row.ends) for row in rows] == [
        ("1", "Open one", "10:00", "10:10"),
        ("", "", "10:10", "10:35"),
        ("3", "Open two", "10:35", "10:45"),
    ]
    assert rows[1] == build.Row(starts="10:10", ends="10:35", minutes=25, reserved=True)
    assert build.for_person(sealed.meeting, observer).tally[0] == (0, "to decide")


def test_reserved_items_that_follow_each_other_are_one_and_those_without_time_none(meeting, observer):
    make_items(meeting, "One", "Two", restricted=True, minutes=10)
    make_agenda_item(meeting=meeting, order=3, restricted=True, taken_as_read=True, minutes=0)
    agenda = build.for_person(meeting, observer)
    assert [(row.starts, row.ends, row.reserved) for row in agenda.business] == [("10:00", "10:20", True)]
    assert agenda.as_read == ()


def test_an_invited_lead_sees_the_item_they_are_invited_to_and_no_other(sealed, invited_lead, secretariat, sign_in):
    operations.invite(item=sealed.last, by=secretariat, person=invited_lead)
    agenda = build.for_person(sealed.meeting, invited_lead)
    assert [(row.title, row.starts) for row in agenda.business] == [("", "10:00"), ("Open two", "10:35")]
    browser = sign_in(invited_lead)
    page = browser.get(reverse("governance:agenda", args=[sealed.meeting.key])).content.decode()
    assert "Open two" in page
    assert "Open one" not in page
    assert "Nothing to decide in the part you see." in page
    operations.take_back_invitation(item=sealed.last, by=secretariat, person=invited_lead)
    assert not Invitation.objects.filter(person=invited_lead).exists()
    assert browser.get(reverse("governance:agenda_item", args=[sealed.meeting.key, sealed.last.pk])).status_code == 404


def test_an_administrator_is_never_invited_and_never_presents(sealed, administrator, secretariat):
    with pytest.raises(ValidationError):
        operations.invite(item=sealed.hidden, by=secretariat, person=administrator)
    sealed.hidden.presenter = administrator
    with pytest.raises(ValidationError):
        operations.edit_item(item=sealed.hidden, by=secretariat, seen=sealed.hidden.version, changed=["presenter"])


def test_what_hangs_on_a_restricted_item_is_as_hidden_as_the_item(sealed, observer, council_member):
    for rows in (Invitation.objects, type(sealed.hidden.deliverable_links.first()).objects):
        assert rows.visible_to(observer).count() == 0
        assert rows.visible_to(council_member).count() == 1


def test_print_and_packs_have_what_their_audience_may_see(sealed):
    agenda = build.build(sealed.meeting, {sealed.first.pk, sealed.last.pk})
    html = render_to_string("print/_agenda.html", {"agenda": build.linked(agenda, {"item-1": "1.1", "item-3": "3.1"})})
    assert SECRET not in html
    assert '<a href="#item-3">Open two</a>' in html
    assert "#item-2" not in html
    assert "10:10 to 10:35" in html


@pytest.mark.parametrize("persona", PERSONAS)
def test_only_the_secretariat_changes_an_agenda(sealed, cast, sign_in, persona):
    browser = sign_in(cast[persona])
    key, pk = sealed.meeting.key, sealed.first.pk
    if persona == "invited lead":
        Invitation.objects.create(item=sealed.first, person=cast[persona])
    addresses = [
        reverse("governance:agenda", args=[key]),
        reverse("governance:agenda_fill", args=[key]),
        reverse("governance:agenda_add", args=[key]),
        *[
            reverse(f"governance:{name}", args=[key, pk])
            for name in ("agenda_item_invite", "agenda_item_link", "agenda_item", "agenda_item_remove")
        ],
    ]
    answers = {browser.post(address, {"title": "Changed"}).status_code for address in addresses}
    if persona == "secretariat":
        assert answers <= {302, 422}
    elif persona == "signed out":
        assert answers == {302}
    else:
        assert answers == {403}
    if persona not in WRITERS:
        assert titles(sealed.meeting) == ["Open one", f"{SECRET} title", "Open two"]
        if cast[persona]:
            with pytest.raises(PermissionDenied):
                operations.make_agenda(meeting=sealed.meeting, by=cast[persona])


# On the screen --------------------------------------------------------------------------------------------------------


def form_of(item: AgendaItem, **given) -> dict:
    return {
        "seen": item.version,
        "title": item.title,
        "purpose": item.purpose,
        "minutes": item.minutes,
        "note": item.note,
        "presenter": item.presenter_id or "",
        "workstream": item.workstream_id or "",
        "theme": item.theme_id or "",
        **({"restricted": "on"} if item.restricted else {}),
        **({"taken_as_read": "on"} if item.taken_as_read else {}),
        **given,
    }


def lines_of(*items: AgendaItem, **minutes) -> dict:
    """What the builder's form posts: every line with what was seen."""
    posted = {}
    for item in items:
        posted |= {
            f"item-{item.pk}-minutes": item.minutes,
            f"item-{item.pk}-was": item.minutes,
            f"item-{item.pk}-seen": item.version,
        }
    return posted


def test_the_secretariat_makes_the_agenda_with_one_press(meeting, secretariat, sign_in):
    browser = sign_in(secretariat)
    page = browser.get(reverse("governance:agenda", args=[meeting.key])).content.decode()
    assert "2 standing items that are due are not on it yet" in page
    assert "Make the agenda" in page
    browser.post(reverse("governance:agenda_fill", args=[meeting.key]), {"all": "1"})
    assert titles(meeting) == ["Apologies", "Any other business"]


def test_each_missing_item_is_added_with_one_press(terms, meeting, secretariat, sign_in):
    browser, address = sign_in(secretariat), reverse("governance:agenda_fill", args=[meeting.key])
    forward = make_forward_item(meeting=meeting, title="Equipment")
    elsewhere = make_forward_item(title="Elsewhere")
    browser.post(address, {"standing": terms.standing_items.get(title="Disputes open").pk})
    browser.post(address, {"forward": forward.key})
    assert set(titles(meeting)) == {"Disputes open", "Equipment"}
    assert browser.post(address, {"forward": elsewhere.key}).status_code == 404
    assert browser.post(address, {"standing": make_standing_item().pk}).status_code == 404
    assert len(titles(meeting)) == 2


def test_a_move_button_works_without_script_and_keeps_typed_minutes(meeting, secretariat, sign_in):
    one, two = make_items(meeting, "One", "Two")
    posted = lines_of(one, two) | {f"item-{one.pk}-minutes": "45", "move": f"{two.pk} before {one.pk}"}
    answer = sign_in(secretariat).post(reverse("governance:agenda", args=[meeting.key]), posted)
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"#item-{two.pk}")
    assert titles(meeting) == ["Two", "One"]
    one.refresh_from_db()
    assert one.minutes == 45


@pytest.mark.parametrize("words", ["", "1", "x before y", "99999 before 1", "1 under 2", "1 before 2 3", "\0 after \0"])
def test_a_move_that_makes_no_sense_changes_nothing(meeting, secretariat, sign_in, words):
    items = make_items(meeting, "One", "Two")
    browser = sign_in(secretariat)
    answer = browser.post(reverse("governance:agenda", args=[meeting.key]), lines_of(*items) | {"move": words})
    assert answer.status_code == 302
    assert titles(meeting) == ["One", "Two"]


@pytest.mark.parametrize("minutes", ["", "ten", "-1", "301", "1.5"])
def test_minutes_that_are_no_number_are_refused_on_their_field(meeting, secretariat, sign_in, minutes):
    one, two = make_items(meeting, "One", "Two")
    posted = lines_of(one, two) | {f"item-{one.pk}-minutes": minutes}
    answer = sign_in(secretariat).post(reverse("governance:agenda", args=[meeting.key]), posted)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f'href="#id_item-{one.pk}-minutes"' in page
    assert "whole number from 0 to 300" in page


def test_of_two_who_set_the_same_minutes_the_second_is_told_and_loses_nothing(meeting, secretariat, sign_in):
    one, two = make_items(meeting, "One", "Two")
    browser, address = sign_in(secretariat), reverse("governance:agenda", args=[meeting.key])
    stale = lines_of(one, two)
    browser.post(address, stale | {f"item-{one.pk}-minutes": "20"})
    answer = browser.post(address, stale | {f"item-{one.pk}-minutes": "15", f"item-{two.pk}-minutes": "30"})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert 'value="15"' in page
    assert "set 20 minutes" in page
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.minutes, two.minutes) == (20, 30), "What nobody else touched was saved."


def test_an_item_is_added_where_it_was_asked_for(meeting, secretariat, sign_in):
    one, _two = make_items(meeting, "One", "Two")
    address = reverse("governance:agenda_add", args=[meeting.key])
    posted = {"title": "New", "purpose": "decide", "minutes": "15", "where": str(one.pk)}
    assert sign_in(secretariat).post(address, posted).status_code == 302
    assert titles(meeting) == ["One", "New", "Two"]


def test_a_late_item_is_added_with_its_number_on_the_screen(published, secretariat, sign_in):
    therapies = item_of(published, "Therapies")
    browser, address = sign_in(secretariat), reverse("governance:agenda_add", args=[published.key])
    page = browser.get(address).content.decode()
    assert "After item 2, Therapies" in page
    assert "In supplement 1" in page
    posted = {"title": "Late", "purpose": "decide", "minutes": "15"}
    browser.post(address, posted | {"where": str(therapies.pk)})
    browser.post(address, posted | {"title": "Later", "where": "supplement"})
    assert (item_of(published, "Late").label, item_of(published, "Later").label) == ("2A", "5")
    page = browser.get(reverse("governance:agenda", args=[published.key])).content.decode()
    assert "2A. Late" in page
    assert "In supplement 1." in page
    assert 'name="move"' not in page


def test_a_title_that_is_missing_is_asked_for_on_its_field(meeting, secretariat, sign_in):
    address = reverse("governance:agenda_add", args=[meeting.key])
    answer = sign_in(secretariat).post(address, {"title": " ", "purpose": "decide", "minutes": "15"})
    assert answer.status_code == 422
    assert "Give the item a title." in answer.content.decode()


def test_two_who_change_different_fields_of_an_item_are_merged(meeting, secretariat, sign_in):
    (one,) = make_items(meeting, "One")
    browser, address = sign_in(secretariat), reverse("governance:agenda_item", args=[meeting.key, one.pk])
    opened = form_of(one)
    assert browser.post(address, opened | {"title": "First"}).status_code == 302
    assert browser.post(address, opened | {"minutes": 45}).status_code == 302
    one.refresh_from_db()
    assert (one.title, one.minutes) == ("First", 45)


def test_two_who_change_the_same_field_both_see_both_texts(meeting, secretariat, sign_in):
    (one,) = make_items(meeting, "One")
    browser, address = sign_in(secretariat), reverse("governance:agenda_item", args=[meeting.key, one.pk])
    opened = form_of(one)
    browser.post(address, opened | {"title": "Theirs <b>"})
    answer = browser.post(address, opened | {"title": "Mine"})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Theirs &lt;b&gt;" in page
    assert "Mine" in page
    one.refresh_from_db()
    assert one.title == "Theirs <b>"
    assert browser.post(address, opened | {"title": "Mine", "seen": one.version}).status_code == 302
    one.refresh_from_db()
    assert one.title == "Mine"


def test_an_item_that_moved_while_its_form_was_open_is_saved_all_the_same(meeting, secretariat):
    one, two = make_items(meeting, "One", "Two")
    seen = one.version
    operations.move_item(item=two, by=secretariat, beside=one, after=False)
    one.title = "First"
    operations.edit_item(item=one, by=secretariat, seen=seen, changed=["title"])
    assert titles(meeting) == ["Two", "First"]
    one.title = "Other"
    with pytest.raises(Conflict):
        operations.edit_item(item=one, by=secretariat, seen=seen, changed=["title"])


def test_guests_and_deliverables_are_put_to_an_item_and_taken_off(meeting, secretariat, invited_lead, sign_in):
    (one,) = make_items(meeting, "One")
    deliverable = make_deliverable()
    browser = sign_in(secretariat)
    invite = reverse("governance:agenda_item_invite", args=[meeting.key, one.pk])
    link = reverse("governance:agenda_item_link", args=[meeting.key, one.pk])
    for _ in range(2):
        browser.post(invite, {"person": invited_lead.pk})
        browser.post(link, {"deliverable": deliverable.pk})
    row = build.for_person(meeting, secretariat).business[0]
    assert row.guests == (invited_lead.name,)
    assert row.deliverables == (f"{deliverable.reference} {deliverable.short_title}",)
    browser.post(invite, {"take_back": invited_lead.pk})
    browser.post(link, {"unlink": deliverable.pk})
    browser.post(invite, {"person": "no number"})
    browser.post(link, {"deliverable": "9" * 40})
    row = build.for_person(meeting, secretariat).business[0]
    assert (row.guests, row.deliverables) == ((), ())


def test_removing_and_withdrawing_on_the_screen(published, secretariat, sign_in):
    browser, therapies = sign_in(secretariat), item_of(published, "Therapies")
    address = reverse("governance:agenda_item_remove", args=[published.key, therapies.pk])
    assert (
        "Withdraw this item"
        in browser.get(reverse("governance:agenda_item", args=[published.key, therapies.pk])).content.decode()
    )
    browser.post(address, {"what": "remove"})
    browser.post(address, {"what": "withdraw", "because": "Not ready."})
    assert item_of(published, "Therapies").withdrawn_because == "Not ready."
    page = browser.get(reverse("governance:agenda", args=[published.key])).content.decode()
    assert "Withdrawn" in page
    assert "Not ready." in page
    browser.post(address, {"what": "reinstate"})
    assert not item_of(published, "Therapies").is_withdrawn


def test_a_reader_has_no_buttons(meeting, observer, sign_in):
    make_items(meeting, "One")
    page = sign_in(observer).get(reverse("governance:agenda", args=[meeting.key])).content.decode()
    assert "1. One" in page
    assert "<form" not in page


def test_what_people_type_is_escaped(meeting, secretariat, sign_in):
    make_items(meeting, "<script>alert(1)</script>", note="<img src=x>")
    for name in ("agenda", "meeting"):
        page = sign_in(secretariat).get(reverse(f"governance:{name}", args=[meeting.key])).content.decode()
        assert "<script>alert" not in page


@pytest.mark.parametrize("persona", ["observer", "secretariat", "invited lead"])
@pytest.mark.parametrize("name", ["agenda", "agenda_item"])
def test_pages_ask_as_many_questions_at_three_items_as_at_one(terms, cast, sign_in, persona, name):
    person = cast[persona]
    browser, counts = sign_in(person), []
    for month, number in ((10, 1), (11, 3)):
        meeting = make_meeting(terms=terms, starts_at=london(2020, month, 9, 10))
        stream = make_workstream()
        for order in range(1, number + 1):
            item = make_agenda_item(
                meeting=meeting, order=order, presenter=make_person(), workstream=stream, theme=make_theme()
            )
            operations.invite(
                item=item, by=cast["secretariat"], person=person if persona == "invited lead" else make_person()
            )
            operations.link_deliverable(
                item=item, by=cast["secretariat"], deliverable=make_deliverable(workstream=stream)
            )
            make_forward_item(meeting=meeting)
        address = reverse("governance:agenda", args=[meeting.key])
        if name == "agenda_item":
            address = f"{address}{meeting.items.first().pk}/"
        browser.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(address).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] < 30
