"""Guessing passwords, codes and links is slow from anywhere, and keeps nobody out of their own account."""

import re

import pytest
from django.core import mail
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from jcb import throttle
from tests.make import make_person

pytestmark = pytest.mark.django_db

WORDS = "four words nobody else has"
HOME, OFFICE, STRANGE = "198.51.100.7", "203.0.113.9", "192.0.2.66"
LOGIN = "/accounts/login/"
SHARED = "django.core.cache.backends.db.DatabaseCache"


@pytest.fixture(autouse=True)
def quick(settings):
    """A password is checked a thousand times here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def director(quick):
    return make_person(name="Director", role="board member", email="director@board.example", password=WORDS)


def tries(client, email: str, password: str, *, network: str, **headers):
    return client.post(LOGIN, {"login": email, "password": password}, REMOTE_ADDR=network, **headers)


def is_in(answer) -> bool:
    return answer.status_code == 302 and answer.url == "/"


def is_throttled(answer) -> bool:
    return throttle.TOO_MANY in answer.content.decode()


def wear_out(email: str, *, network: str, times: int = 11) -> list:
    return [tries(Client(), email, f"guess {n}", network=network) for n in range(times)]


def test_ten_wrong_tries_are_looked_at_and_no_more(director):
    answers = wear_out(director.email, network=STRANGE, times=12)
    assert [is_throttled(answer) for answer in answers] == [False] * 10 + [True] * 2
    assert not is_in(tries(Client(), director.email, WORDS, network=STRANGE)), "The right password would be seen too."


def test_five_hundred_tries_with_forged_headers_are_counted_as_one_network_and_she_signs_in_all_the_same(director):
    at_home = Client()
    assert is_in(tries(at_home, director.email, WORDS, network=HOME))
    at_home.post("/accounts/logout/")
    attacker = [
        tries(
            Client(),
            director.email,
            f"guess {n}",
            network=STRANGE,
            headers={"X-Forwarded-For": f"10.{n % 250}.{n // 250}.1"},
        )
        for n in range(500)
    ]
    assert [is_throttled(answer) for answer in attacker].count(False) == 10
    assert is_in(tries(at_home, director.email, WORDS, network=HOME))
    at_home.post("/accounts/logout/")
    # Also where the attacker sits beside her, and has worn out all that her network has.
    wear_out(director.email, network=HOME, times=30)
    assert is_in(tries(at_home, director.email, WORDS, network=HOME))
    # And from a browser that nobody knows yet, wherever the attacker is not.
    assert is_in(tries(Client(), director.email, WORDS, network=OFFICE))


def test_a_whole_network_is_throttled_that_tries_one_account_after_another(director):
    for n in range(60):
        tries(Client(), f"somebody-{n}@board.example", "a guess", network=STRANGE)
    assert is_throttled(tries(Client(), director.email, WORDS, network="192.0.2.67"))  # the machine next door
    assert is_in(tries(Client(), director.email, WORDS, network=OFFICE))


def test_signing_in_to_ones_own_account_does_not_give_a_network_its_guesses_back(director):
    make_person(email="attacker@board.example", password=WORDS)
    for n in range(60):
        if n % 5 == 0:
            tries(Client(), "attacker@board.example", WORDS, network=STRANGE)
        tries(Client(), f"somebody-{n}@board.example", "a guess", network=STRANGE)
    assert is_throttled(tries(Client(), director.email, "a guess", network=STRANGE))


def test_a_known_browser_has_ten_guesses_too(director):
    stolen = Client()
    tries(stolen, director.email, WORDS, network=HOME)
    stolen.post("/accounts/logout/")
    answers = [tries(stolen, director.email, f"guess {n}", network=OFFICE) for n in range(11)]
    assert [is_throttled(answer) for answer in answers] == [False] * 10 + [True]


def test_a_browser_known_for_one_account_is_unknown_for_another(director):
    make_person(email="attacker@board.example", password=WORDS)
    attacker = Client()
    tries(attacker, "attacker@board.example", WORDS, network=STRANGE)
    attacker.post("/accounts/logout/")
    (cookie,) = (name for name in attacker.cookies if name.startswith("known_"))
    attacker.cookies[throttle._cookie(director.email)] = attacker.cookies[cookie].value
    wear_out(director.email, network=STRANGE)
    assert is_throttled(tries(attacker, director.email, "a guess", network=STRANGE))


def test_the_cookie_of_a_known_browser_is_out_of_reach_of_scripts_and_names_nobody(director):
    client = Client()
    tries(client, director.email, WORDS, network=HOME)
    (cookie,) = (morsel for name, morsel in client.cookies.items() if name.startswith("known_"))
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert "director" not in cookie.OutputString()


def test_whoever_follows_a_link_is_known_at_that_browser_however_worn_out_its_network_is(director):
    wear_out(director.email, network=HOME, times=11)
    at_home = Client(REMOTE_ADDR=HOME)
    at_home.post("/accounts/password/reset/", {"email": director.email})
    link = re.search(r"https?://\S+?(/accounts/password/reset/key/\S+)", mail.outbox[-1].body)[1]
    form = at_home.get(link, follow=True)
    at_home.post(form.request["PATH_INFO"], {"password1": WORDS + "!", "password2": WORDS + "!"})
    assert is_in(tries(at_home, director.email, WORDS + "!", network=HOME))


def test_wrong_and_unknown_and_deactivated_are_answered_alike(director):
    make_person(email="left@board.example", password=WORDS, is_active=False)
    seen = []
    for email, password in (
        (director.email, "a guess"),
        ("nobody@board.example", "a guess"),
        ("left@board.example", "a guess"),
        ("left@board.example", WORDS),
    ):
        client = Client()
        client.get(LOGIN)
        with CaptureQueriesContext(connection) as queries:
            answer = tries(client, email, password, network=HOME)
        text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode()).replace(email, "")
        seen.append((answer.status_code, text, len(queries)))
    assert seen[0][0] == 200
    assert all(other == seen[0] for other in seen)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "remote", "network"),
    [
        (0, "", "203.0.113.9", "203.0.113.0"),
        (0, "10.1.2.3", "203.0.113.9", "203.0.113.0"),
        (1, "10.1.2.3, 203.0.113.9", "127.0.0.1", "203.0.113.0"),
        (2, "10.1.2.3, 203.0.113.9, 10.0.0.1", "127.0.0.1", "203.0.113.0"),
        (2, "203.0.113.9", "127.0.0.1", "127.0.0.0"),
        (1, "", "127.0.0.1", "127.0.0.0"),
        (1, "nonsense\x00", "127.0.0.1", throttle.NOWHERE),
        (0, "", "", throttle.NOWHERE),
        (0, "", "2001:db8:1:2:3::4", "2001:db8:1::"),
        (0, "", "::ffff:203.0.113.9", "203.0.113.0"),
    ],
)
def test_a_network_is_read_from_what_our_own_proxies_wrote(proxies, forwarded, remote, network, settings):
    settings.PROXIES = proxies
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    assert throttle.network_of(RequestFactory().get("/", REMOTE_ADDR=remote, **headers)) == network


def test_processes_count_in_one_table_which_migrate_makes(director, settings):
    """Outside the tests the cache is this one; a second process has nothing but the table in common with the first."""
    settings.CACHES = {**settings.CACHES, "default": {"BACKEND": SHARED, "LOCATION": "shared_cache"}}
    call_command("migrate", verbosity=0)
    wear_out(director.email, network=STRANGE)
    del caches["default"]
    assert is_throttled(tries(Client(), director.email, WORDS, network=STRANGE))
    assert is_in(tries(Client(), director.email, WORDS, network=OFFICE))
