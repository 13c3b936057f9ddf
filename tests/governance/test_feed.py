"""A person's own calendar: the address that opens it, what stands in it, and that it is written as RFC 5545 asks."""

import datetime as dt
import hashlib
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from governance.meetings import feed, operations
from governance.models import CalendarFeed, Invitation, Meeting
from jcb import dates
from tests.make import make_agenda_item, make_meeting, make_terms


def london(*parts) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dates.LONDON)


@pytest.fixture
def terms(db):
    return make_terms(venue_first="Kensington Town Hall", in_force_from=dt.date(2020, 1, 1))


@pytest.fixture
def meeting(terms):
    return make_meeting(terms=terms)


def events(text: str) -> dict[str, dict[str, str]]:
    """The events of a calendar by their UID, read by hand: lines unfolded, then split."""
    plain = text.replace("\r\n ", "")
    found = {}
    for block in re.findall(r"BEGIN:VEVENT\r\n(.*?)END:VEVENT\r\n", plain, re.DOTALL):
        event = dict(line.split(":", 1) for line in block.strip().split("\r\n"))
        found[event["UID"]] = event
    return found


def calendar_of(person) -> str:
    return feed.calendar_text(person, site="https://board.example", now=dates.now())


# The address ----------------------------------------------------------------------------------------------------------


def test_an_address_is_made_shown_once_and_opens_the_calendar_without_signing_in(sign_in, observer, meeting):
    client = sign_in(observer)
    page = client.post("/meetings/calendar/").content.decode()
    address = re.search(r"http://testserver(/calendar/[\w-]+\.ics)", page)[1]
    assert address not in client.get("/meetings/calendar/").content.decode()
    answer = Client().get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "UID:2020-09-28@" in answer.content.decode()
    assert Client().post(address).status_code == 405


def test_only_the_hash_of_the_secret_is_kept(observer):
    secret = feed.make_address(by=observer)
    row = CalendarFeed.objects.get()
    assert row.secret_sha256 == hashlib.sha256(secret.encode()).hexdigest()
    assert len(secret) >= 43
    assert row.works


def test_a_new_address_revokes_the_former(observer):
    first, second = feed.make_address(by=observer), feed.make_address(by=observer)
    assert feed.person_behind(first) is None
    assert feed.person_behind(second) == observer


def test_unknown_revoked_and_deactivated_answer_alike(sign_in, observer, invited_lead, meeting):
    revoked, deactivated = feed.make_address(by=observer), feed.make_address(by=invited_lead)
    client = sign_in(observer)
    assert client.post("/meetings/calendar/", {"revoke": "yes"}).status_code == 302
    assert client.post("/meetings/calendar/", {"revoke": "yes"}).status_code == 302
    invited_lead.is_active = False
    invited_lead.save()
    answers = []
    for secret in ("unknown", revoked, deactivated, "ä" * 300):
        with CaptureQueriesContext(connection) as caught:
            answer = Client().get(f"/calendar/{secret}.ics")
        answers.append((answer.status_code, answer.content, len(caught)))
    assert answers[0][0] == 404
    assert answers == [answers[0]] * 4


def test_nobody_makes_an_address_without_signing_in(db):
    assert Client().post("/meetings/calendar/").status_code == 302
    assert not CalendarFeed.objects.exists()


# What stands in it ----------------------------------------------------------------------------------------------------


def test_an_event_has_its_instants_in_utc(observer, terms):
    make_meeting(terms=terms, starts_at=london(2020, 9, 28, 10))
    event = events(calendar_of(observer))["2020-09-28@joint-commissioning-board"]
    assert (event["DTSTART"], event["DTEND"]) == ("20200928T090000Z", "20200928T110000Z")
    assert event["DTSTAMP"] == "20200910T090000Z"
    assert (event["SEQUENCE"], event["STATUS"]) == ("0", "CONFIRMED")
    assert event["URL"] == "https://board.example/meetings/2020-09-28/"
    assert event["DESCRIPTION"] == "Papers out Friday 25 September 2020\\, 10:00."


def test_a_postponed_meeting_keeps_its_uid_and_raises_its_sequence(secretariat, observer, meeting):
    operations.postpone(meeting=meeting, by=secretariat, seen=1, starts_at=london(2020, 10, 26, 10), because="A clash.")
    event = events(calendar_of(observer))["2020-09-28@joint-commissioning-board"]
    assert (event["DTSTART"], event["SEQUENCE"]) == ("20201026T100000Z", "1")


def test_a_cancelled_meeting_says_so_and_where_its_items_went(secretariat, observer, meeting, terms):
    other = make_meeting(terms=terms, starts_at=london(2020, 11, 9, 10))
    operations.cancel(meeting=meeting, by=secretariat, seen=1, because="Snow.", moved_to=other)
    event = events(calendar_of(observer))["2020-09-28@joint-commissioning-board"]
    assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", "1")
    assert event["SUMMARY"].startswith("Cancelled: ")
    assert "Monday 9 November 2020" in event["DESCRIPTION"]


def test_an_adjourned_meeting_has_a_second_event(secretariat, observer, meeting):
    operations.adjourn(meeting=meeting, by=secretariat, seen=1, resumes_at=london(2020, 10, 5, 10), because="Alarm.")
    second = events(calendar_of(observer))["2020-09-28-resumed@joint-commissioning-board"]
    assert second["DTSTART"] == "20201005T090000Z"
    assert second["SUMMARY"].endswith("continued")


def test_meetings_of_more_than_a_year_ago_are_left_out(observer, terms):
    make_meeting(terms=terms, starts_at=london(2019, 9, 2, 10), state="held", quorate=True)
    assert events(calendar_of(observer)) == {}


def test_a_published_agenda_shows_what_its_reader_may_see_and_no_restricted_title(cast, meeting):
    make_agenda_item(meeting=meeting, title="Open matter", number=1)
    make_agenda_item(meeting=meeting, title="Canary", number=2, restricted=True)
    make_agenda_item(meeting=meeting, title="Given up", number=3, withdrawn_because="No time.")
    Invitation.objects.create(item=make_agenda_item(meeting=meeting, title="Short breaks"), person=cast["invited lead"])
    assert "Open matter" not in calendar_of(cast["secretariat"])
    meeting.state = Meeting.State.PUBLISHED
    meeting.save()
    for name, person in cast.items():
        text = calendar_of(person).replace("\r\n ", "") if person else ""
        assert "Canary" not in text
        assert "Given up" not in text
        assert ("1. Open matter" in text) == (name not in {"signed out", "invited lead"}), name
    assert "Short breaks" in calendar_of(cast["invited lead"])


# How it is written ----------------------------------------------------------------------------------------------------


def test_a_calendar_is_lines_of_at_most_75_octets_that_end_as_they_should(observer, meeting):
    meeting.venue = "Kensington Town Hall; Hornton Street, room “Châtelaine” \\ second floor, behind the café " * 1
    meeting.state = Meeting.State.PUBLISHED
    meeting.save()
    make_agenda_item(meeting=meeting, title="Überblick: " + "wörter " * 18)
    text = calendar_of(observer)
    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    event = events(text)["2020-09-28@joint-commissioning-board"]
    assert event["LOCATION"].startswith("Kensington Town Hall\\; Hornton Street\\, room “Châtelaine” \\\\ second floor")


@given(st.text(max_size=400))
def test_any_text_survives_escaping_and_folding(text):
    written = feed.folded(f"SUMMARY:{feed.escaped(text)}")
    assert all(len(line.encode("utf-8")) <= 75 for line in written.split("\r\n"))
    read = written.replace("\r\n ", "").removeprefix("SUMMARY:")
    plain = re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], read)
    expected = text.replace("\r\n", "\n").replace("\r", "\n")
    assert plain == "".join(c for c in expected if c in "\n\t" or (c >= " " and c != "\x7f"))
