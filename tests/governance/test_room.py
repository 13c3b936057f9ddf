"""The room: who is there, the quorum as it changes, and two minute-takers at once."""

import datetime as dt

import pytest

from governance.models import Attendance
from jcb import dates
from tests.make import (
    make_agenda_item,
    make_attendance,
    make_meeting,
    make_membership,
    make_partner,
    make_person,
    make_seat,
    make_terms,
)

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2020, 9, 10, 12, tzinfo=dates.LONDON)


@pytest.fixture(autouse=True)
def clock():
    with dates.held_at(NOON):
        yield


@pytest.fixture
def meeting():
    """A meeting that began two hours ago, under terms with a seat for each side."""
    return make_meeting(terms=make_terms(in_force_from=dt.date(2020, 1, 1)), starts_at=NOON - dt.timedelta(hours=2))


def sits(meeting, side, **given):
    seat = make_seat(terms=meeting.terms, side=side, partner=make_partner(side=side))
    return make_membership(seat=seat, from_on=dt.date(2020, 1, 1), **given)


def test_the_quorum_changes_as_people_come_and_go(sign_in, meeting):
    council, nhs = sits(meeting, "council"), sits(meeting, "nhs")
    client, where = sign_in(make_person(role="secretariat")), f"/meetings/{meeting.key}/attendance/"
    said = {f"was_{each.pk}": "expected" for each in (council, nhs)}
    one = {**said, f"mode_{council.pk}": "in the room", f"mode_{nhs.pk}": "expected"}
    assert (
        "No quorum: council side 1 of 1 needed, NHS side 0 of 1."
        in client.post(where, one, follow=True).content.decode()
    )
    both = {**said, f"was_{council.pk}": "in the room", f"mode_{council.pk}": "in the room", f"mode_{nhs.pk}": "online"}
    assert (
        "Quorum: council side 1 of 1 needed, NHS side 1 of 1." in client.post(where, both, follow=True).content.decode()
    )
    first, second = (make_agenda_item(meeting=meeting, order=order) for order in (1, 2))
    moved = {"attendance": Attendance.objects.get(person=nhs.person).pk, "kind": "left", "item": second.pk}
    assert "No quorum" in client.post(f"{where}move/", moved, follow=True).content.decode()
    page = client.get(where).content.decode()
    assert f"Left before this item: {second.title}" in page
    assert first.title not in page.partition("Somebody came or left")[0]


def test_the_second_minute_taker_is_told_what_the_first_one_said_and_nothing_is_lost(sign_in, meeting):
    council, nhs = sits(meeting, "council"), sits(meeting, "nhs")
    make_attendance(meeting=meeting, person=council.person, seat=council.seat, mode="apologies")
    sent = {f"was_{each.pk}": "expected" for each in (council, nhs)}
    sent |= {f"mode_{each.pk}": "in the room" for each in (council, nhs)}
    page = sign_in(make_person(role="secretariat")).post(f"/meetings/{meeting.key}/attendance/", sent, follow=True)
    assert f"{council.person}: somebody set “Sent apologies” since you opened this page." in page.content.decode()
    assert {row.person: row.mode for row in Attendance.objects.all()} == {
        council.person: "apologies",
        nhs.person: "in the room",
    }


def test_a_deputy_who_only_speaks_is_there_and_counts_for_nothing(sign_in, meeting):
    deputy = sits(meeting, "nhs", capacity="deputy speaks")
    sent = {f"was_{deputy.pk}": "expected", f"mode_{deputy.pk}": "in the room"}
    page = sign_in(make_person(role="secretariat")).post(f"/meetings/{meeting.key}/attendance/", sent, follow=True)
    assert "NHS side 0 of 1" in page.content.decode()
    assert Attendance.objects.get().capacity == Attendance.As.DEPUTY_SPEAKS


def test_who_came_for_a_restricted_item_does_not_name_it_to_others(sign_in, meeting):
    row = make_attendance(meeting=meeting)
    row.movements.create(item=make_agenda_item(meeting=meeting, restricted=True, title="A closed item"), kind="left")
    where = f"/meetings/{meeting.key}/attendance/"
    assert "A closed item" in sign_in(make_person(role="board member")).get(where).content.decode()
    assert "A closed item" not in sign_in(make_person(role="observer")).get(where).content.decode()
