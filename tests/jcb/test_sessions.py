"""How long somebody stays signed in, where they are, and what ends it: always at the next request."""

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from jcb import dates, sessions
from jcb.models import Person
from tests.make import make_person

pytestmark = pytest.mark.django_db

WORDS = "four words nobody else has"
HOUR = 60 * 60
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1"
PAGE = "/accounts/sessions/"


@pytest.fixture(autouse=True)
def quick(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def member(quick):
    return make_person(name="Director", role="board member", email="director@board.example", password=WORDS)


def at(person: Person, agent: str = FIREFOX) -> Client:
    """A browser in which somebody signed in by the form."""
    client = Client(headers={"User-Agent": agent})
    assert client.post("/accounts/login/", {"login": person.email, "password": WORDS}).status_code == 302
    return client


def ago(client: Client, **seconds: int) -> None:
    """Let what a session noted have happened so much earlier."""
    session = client.session
    for name, by in seconds.items():
        session[name] -= by
    session.save()


def is_in(client: Client) -> bool:
    answer = client.get("/plans/")
    assert answer.status_code == 200 or answer.url == "/accounts/login/?next=/plans/"
    return answer.status_code == 200


# Time


@pytest.mark.parametrize(("idle", "stays"), [(HOUR - 30, True), (HOUR, False)])
def test_a_session_ends_an_hour_after_its_last_request(member, idle, stays):
    client = at(member)
    ago(client, seen=idle)
    assert is_in(client) is stays


@pytest.mark.parametrize(("since", "stays"), [(12 * HOUR - 30, True), (12 * HOUR, False)])
def test_a_session_ends_twelve_hours_after_its_start_however_busy(member, since, stays):
    client = at(member)
    ago(client, started=since)
    assert is_in(client) is stays


def test_every_request_keeps_a_session_going(member):
    client = at(member)
    for _ in range(3):
        ago(client, seen=HOUR - 60, started=HOUR - 60)
        assert is_in(client)


def test_a_session_that_ended_is_gone_and_not_only_turned_away(member):
    client = at(member)
    ago(client, seen=2 * HOUR)
    key = client.cookies["sessionid"].value
    assert not is_in(client)
    assert not Session.objects.filter(pk=key).exists()


def test_both_limits_are_settings(member, settings):
    settings.IDLE_SECONDS, settings.SESSION_SECONDS = 600, 1200
    idle, long = at(member), at(member)
    ago(idle, seen=600)
    ago(long, started=1200)
    assert not is_in(idle)
    assert not is_in(long)


def test_what_was_typed_too_late_leads_to_signing_in_and_back_to_its_page(member):
    client = at(member)
    ago(client, seen=HOUR)
    page = reverse("governance:enter_interest")
    answer = client.post(page, {"words": "Some"})
    assert (answer.status_code, answer.url) == (302, f"/accounts/login/?next={page}")


def test_the_last_request_is_noted_once_a_minute(member):
    """Reading seldom writes."""
    client = at(member)
    noted = client.session[sessions.SEEN]
    ago(client, seen=30)
    is_in(client)
    assert client.session[sessions.SEEN] == noted - 30
    ago(client, seen=40)
    is_in(client)
    assert client.session[sessions.SEEN] >= noted


# What somebody may, at the next request


def test_who_is_deactivated_is_out_at_the_next_request(member):
    client = at(member)
    assert is_in(client)
    member.is_active = False
    member.save()
    assert not is_in(client)
    assert client.get(PAGE).status_code == 302


def test_another_role_holds_from_the_next_request(member):
    client = at(member)
    assert client.get("/admin/").status_code == 403
    member.role = Person.Role.SECRETARIAT
    member.save()
    assert client.get("/admin/").status_code == 200
    member.role = Person.Role.OBSERVER
    member.save()
    assert client.get("/admin/").status_code == 403


def test_a_new_password_ends_every_session_but_the_one_that_chose_it(member):
    here, there = at(member), at(member, PHONE)
    new = WORDS + " again"
    here.post("/accounts/password/change/", {"oldpassword": WORDS, "password1": new, "password2": new})
    assert is_in(here)
    assert not is_in(there)


# Where


def test_the_page_says_where_somebody_is_signed_in_and_which_one_is_this(member):
    here, _there = at(member), at(member, PHONE)
    page = here.get(PAGE).content.decode()
    assert "Firefox on a Windows computer" in page
    assert "Safari on an iPhone" in page
    assert page.count("This one") == 1
    assert page.count("Sign out there") == 1
    assert "60 minutes after the last page" in page
    assert "12 hours after it began" in page


def test_a_session_is_ended_from_another(member):
    here, there = at(member), at(member, PHONE)
    (place,) = (place for place in sessions.places_of(member, here.session.session_key) if not place.is_here)
    assert "That device is signed out." in here.post(f"{PAGE}{place.pk}/end/", follow=True).content.decode()
    assert is_in(here)
    assert not is_in(there)


def test_all_others_are_ended_at_once(member):
    here, *others = at(member), at(member), at(member, PHONE)
    here.post(f"{PAGE}end/")
    assert is_in(here)
    assert not any(is_in(other) for other in others)
    assert "Sign out everywhere else" not in here.get(PAGE).content.decode()


def test_nobody_ends_or_sees_anothers_session(member, sign_in, administrator):
    mine = at(member)
    (place,) = sessions.places_of(member, None)
    for persona in (administrator, make_person()):
        other = sign_in(persona)
        assert other.post(f"{PAGE}{place.pk}/end/").status_code == 404
        assert "Firefox" not in other.get(PAGE).content.decode()
    assert is_in(mine)


def test_of_the_address_on_the_network_only_the_network_is_kept(member):
    client = Client(REMOTE_ADDR="203.0.113.77")
    client.post("/accounts/login/", {"login": member.email, "password": WORDS})
    assert list(sessions.UserSession.objects.values_list("ip", flat=True)) == ["203.0.113.0"]


def test_the_page_asks_as_much_of_the_database_for_three_sessions_as_for_one(member, django_assert_max_num_queries):
    here, counts = at(member), []
    here.get(PAGE)  # the word that they signed in is read once
    for _ in range(2):
        with django_assert_max_num_queries(9) as asked:
            here.get(PAGE)
        counts.append(len(asked))
        at(member), at(member, PHONE)
    assert counts[0] == counts[1]


def test_what_ran_out_is_not_listed(member):
    here, there = at(member), at(member, PHONE)
    ago(there, seen=HOUR)
    assert "iPhone" not in here.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on a Windows computer"),
        (PHONE, "Safari on an iPhone"),
        ("Mozilla/5.0 (Macintosh) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on a Mac"),
        (
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
            "Chrome on an Android device",
        ),
        ("<script>alert(1)</script>", "A browser"),
        ("", "A browser"),
    ],
)
def test_a_device_is_said_in_words(agent, words):
    assert sessions.device_in_words(agent) == words


def test_devices_are_forgotten_once_their_sign_in_is_no_more_and_not_before(member):
    here, there = at(member), at(member, PHONE)
    Session.objects.filter(session_key=there.session.session_key).update(expire_date=dates.real_now())
    call_command("forget_sign_ins")
    assert UserSession.objects.count() == 2  # it has run out, but its session is still there
    call_command("clearsessions")
    call_command("forget_sign_ins")
    assert [row.session_key for row in UserSession.objects.all()] == [here.session.session_key]
    assert is_in(here)
