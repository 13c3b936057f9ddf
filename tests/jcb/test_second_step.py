"""A second step of signing in: who has to have one, that each kind works, and that none works twice."""

import base64
import hmac
import re
import struct
import time

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from jcb import second_step, sessions
from jcb.models import Notice, Person
from jcb.people import take_second_step_off
from tests.make import make_person

pytestmark = pytest.mark.django_db

WORDS = "four words nobody else has"
STEPS = "/accounts/second-step/"
ALLOWED = {"mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "account_logout"}


def code_of(secret: str, *, at: float | None = None) -> str:
    """What an authenticator app shows: RFC 6238, written out here rather than asked of the library that is tested."""
    counter = struct.pack(">Q", int((at or time.time()) // 30))
    digest = hmac.new(base64.b32decode(secret.replace(" ", "")), counter, "sha1").digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


@pytest.fixture(autouse=True)
def quick(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def secretary(quick):
    return make_person(name="Board secretary", role="secretariat", email="secretary@board.example", password=WORDS)


def past_the_password(person: Person, client: Client | None = None) -> tuple[Client, object]:
    client = client or Client()
    return client, client.post("/accounts/login/", {"login": person.email, "password": WORDS})


def with_app(person: Person) -> tuple[Client, str, list[str]]:
    """Somebody who has set up an app as one does on the page: their browser, the key and the recovery codes."""
    client, _ = past_the_password(person)
    page = client.get(f"{STEPS}totp/activate/", follow=True)
    assert "Confirm that it is you" in page.content.decode()
    page = client.post(page.request["PATH_INFO"] + "?" + page.request["QUERY_STRING"], {"password": WORDS}, follow=True)
    secret = re.search(r'jcb-key">([A-Z2-7 ]+)<', page.content.decode())[1]
    done = client.post(f"{STEPS}totp/activate/", {"code": code_of(secret, at=time.time() - 30)}, follow=True)
    codes = re.findall(r"<li>(\d{8})</li>", done.content.decode())
    return client, secret, codes


def offers(answer) -> str:
    return answer.content.decode()


def test_an_app_is_set_up_with_a_real_code_and_asked_for_from_then_on(secretary):
    _, secret, codes = with_app(secretary)
    assert len(codes) == 10
    client, answer = past_the_password(secretary)
    assert answer.url == reverse("mfa_authenticate")
    assert client.get("/plans/").status_code == 302, "The password alone opens nothing."
    refused = client.post(answer.url, {"code": "000000"})
    assert "That code is not right" in offers(refused)
    assert client.post(answer.url, {"code": code_of(secret)}).url == "/"
    assert client.get("/plans/").status_code == 200


def test_a_code_works_once(secretary):
    _, secret, _ = with_app(secretary)
    code = code_of(secret)
    first, answer = past_the_password(secretary)
    assert first.post(answer.url, {"code": code}).url == "/"
    second, answer = past_the_password(secretary)
    assert "That code is not right" in offers(second.post(answer.url, {"code": code}))


def test_a_code_of_a_minute_ago_or_of_the_next_minute_is_no_code(secretary):
    _, secret, _ = with_app(secretary)
    client, answer = past_the_password(secretary)
    for away in (-90, 90):
        assert "That code is not right" in offers(
            client.post(answer.url, {"code": code_of(secret, at=time.time() + away)})
        )


def test_a_recovery_code_works_once(secretary):
    _, _, codes = with_app(secretary)
    first, answer = past_the_password(secretary)
    assert first.post(answer.url, {"code": codes[0]}).url == "/"
    again, answer = past_the_password(secretary)
    assert "That code is not right" in offers(again.post(answer.url, {"code": codes[0]}))
    assert again.post(answer.url, {"code": codes[1]}).url == "/"


def test_codes_are_tried_ten_times_and_thirty_from_all_networks_together(secretary):
    """The password is known: guessing the code is all that is left. The owner's own browser is not kept out by it."""
    mine, secret, _ = with_app(secretary)
    mine.post("/accounts/logout/")
    looked_at = 0
    for network in range(6):
        attacker = Client(REMOTE_ADDR=f"192.0.{network}.1")
        _, answer = past_the_password(secretary, attacker)
        for guess in range(12):
            looked_at += "That code is not right" in offers(attacker.post(answer.url, {"code": f"{guess:06}"}))
    assert looked_at == 30
    _, answer = past_the_password(secretary, mine)
    assert mine.post(answer.url, {"code": code_of(secret)}).url == "/"


def test_secrets_are_unreadable_where_they_are_kept(secretary):
    _, secret, codes = with_app(secretary)
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret.replace(" ", "") not in kept
    assert not any(code in kept for code in codes)


def test_secrets_are_read_with_a_former_key_and_without_any_nothing_is_let_in(settings):
    kept = second_step.SecondStep().encrypt("a secret")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, which is as long as such a key has to be 0123456789"
    assert second_step.SecondStep().decrypt(kept) == "a secret"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(ValidationError, match="Ask the administrator"):
        second_step.SecondStep().decrypt(kept)


# Who has to have one


def test_whose_role_needs_a_second_step_reaches_nothing_but_the_way_to_one(settings, cast, sign_in):
    settings.SECOND_STEP_ROLES = ["secretariat", "administrator"]
    for persona, person in cast.items():
        client = sign_in(person)
        led = {path: client.get(path) for path in ("/", "/plans/", "/admin/", "/help/", "/accounts/sessions/")}
        if persona in settings.SECOND_STEP_ROLES:
            assert {answer.url for answer in led.values()} == {STEPS}
            assert client.post("/clock/", {"day": "2020-09-11", "hour": "10:00"}).url == STEPS
            assert "Your role needs a second step" in offers(client.get(STEPS))
            for name in ALLOWED:
                assert client.get(reverse(name)).status_code == 200, name
        elif person:
            assert led["/"].status_code == 200, persona
        else:
            assert led["/help/"].status_code == 200
            assert "/accounts/login/" in led["/"].url


def test_once_it_is_set_up_everything_is_open(settings, secretary):
    settings.SECOND_STEP_ROLES = ["secretariat"]
    client, _, _ = with_app(secretary)
    assert client.get("/plans/").status_code == 200
    client.post(f"{STEPS}totp/deactivate/")
    assert client.get("/plans/").url == STEPS


def test_a_new_role_needs_it_at_the_next_request(settings, sign_in, observer):
    settings.SECOND_STEP_ROLES = ["secretariat"]
    client = sign_in(observer)
    assert client.get("/plans/").status_code == 200
    observer.role = Person.Role.SECRETARIAT
    observer.save()
    assert client.get("/plans/").url == STEPS


# Who is told


def test_whoever_changes_their_second_step_hears_of_it(secretary, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        with_app(secretary)
    notice = Notice.objects.get(person=secretary)
    assert "an authenticator app was added" in notice.text
    assert "If this was not you" in notice.text


def test_an_administrator_takes_off_a_lost_second_step_and_both_are_told(secretary, administrator, observer):
    client, _, _ = with_app(observer_with_password(observer))
    assert client.get("/plans/").status_code == 200
    before = observer.history.count()
    assert take_second_step_off(person=observer, by=administrator)
    assert not Authenticator.objects.filter(user=observer).exists()
    assert client.get("/plans/").status_code == 302, "They are signed out."
    assert observer.history.count() == before + 1
    told = Notice.objects.filter(subject__startswith="A change of").values_list("person__name", "text")
    assert {name for name, _ in told} == {observer.name, secretary.name}
    assert all("Second step of signing in: taken off" in text for _, text in told)
    assert past_the_password(observer)[1].url == "/"
    assert not take_second_step_off(person=observer, by=administrator), "There is nothing left to take."


def observer_with_password(observer: Person) -> Person:
    observer.set_password(WORDS)
    observer.save()
    return observer


@pytest.mark.parametrize("role", ["administrator", "secretariat", "observer"])
def test_only_the_administrator_takes_a_second_step_off(role, sign_in, observer):
    with_app(observer_with_password(observer))
    keeper = sign_in(make_person(role=role))
    keeper.post("/admin/jcb/person/", {"action": "second_step_off", "_selected_action": [observer.pk], "index": "0"})
    assert Authenticator.objects.filter(user=observer).exists() == (role != "administrator")


def test_signed_in_places_are_gone_with_the_second_step(secretary, administrator):
    with_app(secretary)
    take_second_step_off(person=secretary, by=administrator)
    assert sessions.places_of(secretary, None) == []
