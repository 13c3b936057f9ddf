"""How somebody who was added by the administrator comes to a password, and changes it later."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jcb.people import person_at
from tests.make import make_person

pytestmark = pytest.mark.django_db

WORDS = "four words nobody else has"


@pytest.fixture
def newcomer():
    person = make_person(name="Commissioner for therapies", role="commissioner")
    person.set_unusable_password()
    person.save()
    return person


def link_sent_to(person, client) -> str:
    client.post("/accounts/password/reset/", {"email": person.email})
    return re.search(r"https?://\S+(/accounts/password/reset/key/\S+)", mail.outbox[-1].body)[1]


def test_a_newcomer_chooses_a_password_by_the_link_that_was_sent_and_signs_in(client, newcomer):
    form = client.get(link_sent_to(newcomer, client), follow=True)
    assert "Choose a password" in form.content.decode()
    saved = client.post(form.request["PATH_INFO"], {"password1": WORDS, "password2": WORDS}, follow=True)
    assert "Your password is changed" in saved.content.decode()
    assert client.post("/accounts/login/", {"login": newcomer.email, "password": WORDS}).url == "/"


def test_the_link_works_once(client, newcomer):
    link = link_sent_to(newcomer, client)
    form = client.get(link, follow=True)
    client.post(form.request["PATH_INFO"], {"password1": WORDS, "password2": WORDS})
    assert "This link no longer works" in client.get(link, follow=True).content.decode()


def test_asking_for_a_link_tells_nobody_who_has_a_sign_in(newcomer, settings):
    """With the queue as it is outside tests: what is looked up and sent is looked up and sent by another process."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    make_person(email="left@board.example", is_active=False)
    seen = []
    for email in (newcomer.email, "nobody@board.example", "left@board.example"):
        with CaptureQueriesContext(connection) as queries:
            answer = Client().post("/accounts/password/reset/", {"email": email})
        seen.append((answer.status_code, answer.url, answer.content, len(queries)))
    assert seen[0][:2] == (302, "/accounts/password/reset/done/")
    assert all(other == seen[0] for other in seen)
    assert mail.outbox == []


@pytest.mark.parametrize("why", ["nobody has it", "they left", "people sign in by the directory"])
def test_nothing_is_sent_to_whoever_could_not_use_it(why, client, newcomer, settings):
    settings.LOCAL_PASSWORDS = why != "people sign in by the directory"
    newcomer.is_active = why != "they left"
    newcomer.save()
    email = "nobody@board.example" if why == "nobody has it" else newcomer.email
    client.post("/accounts/password/reset/", {"email": email})
    assert mail.outbox == []


def test_a_mailbox_is_not_filled_with_links_and_the_first_still_works(client, newcomer):
    link = link_sent_to(newcomer, client)
    for n in range(5):
        Client(REMOTE_ADDR=f"192.0.{n}.1").post("/accounts/password/reset/", {"email": newcomer.email})
    assert len(mail.outbox) == 1
    assert "Choose a password" in client.get(link, follow=True).content.decode()


def test_links_are_asked_for_twenty_times_from_one_network(newcomer):
    answers = [
        Client(REMOTE_ADDR="192.0.2.66").post("/accounts/password/reset/", {"email": f"somebody-{n}@board.example"})
        for n in range(21)
    ]
    assert [answer.status_code for answer in answers] == [302] * 20 + [200]
    assert "Too many links were asked for from here" in answers[-1].content.decode()
    link_sent_to(newcomer, Client(REMOTE_ADDR="198.51.100.7"))


def test_an_address_that_somebody_no_longer_has_opens_nothing(client, newcomer):
    """Somebody else may have it by now."""
    former = newcomer.email
    link = link_sent_to(newcomer, client)
    form = client.get(link, follow=True)
    client.post(form.request["PATH_INFO"], {"password1": WORDS, "password2": WORDS})
    newcomer.refresh_from_db()
    newcomer.email = "new-name@board.example"
    newcomer.save()
    mail.outbox.clear()
    cache.clear()
    client.post("/accounts/password/reset/", {"email": former})
    assert mail.outbox == []
    assert client.post("/accounts/login/", {"login": former, "password": WORDS}).status_code == 200
    assert client.post("/accounts/login/", {"login": newcomer.email, "password": WORDS}).url == "/"


def test_a_link_of_somebody_who_left_meanwhile_no_longer_works(client, newcomer):
    link = link_sent_to(newcomer, client)
    newcomer.is_active = False
    newcomer.save()
    assert "This link no longer works" in client.get(link, follow=True).content.decode()


def test_a_link_is_too_old_after_three_days(client, newcomer, settings):
    link = link_sent_to(newcomer, client)
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "This link no longer works" in client.get(link, follow=True).content.decode()


def test_a_letter_that_only_looks_alike_is_another_address(newcomer):
    newcomer.email = "mike@board.example"
    newcomer.save()
    assert person_at("MIKE@board.example") == newcomer
    assert person_at("m\u0131ke@board.example") is None


# Invitations


def test_whoever_is_added_is_sent_a_link_to_choose_a_password(
    sign_in, administrator, client, django_capture_on_commit_callbacks
):
    typed = {"name": "Lead for autism", "email": "autism@board.example", "role": "invited lead"}
    with django_capture_on_commit_callbacks(execute=True):
        sign_in(administrator).post("/admin/jcb/person/add/", typed)
    (letter,) = (letter for letter in mail.outbox if "You are invited" in letter.body)
    assert letter.to == ["autism@board.example"]
    form = client.get(re.search(r"http://testserver(/\S+key\S+)", letter.body)[1], follow=True)
    client.post(form.request["PATH_INFO"], {"password1": WORDS, "password2": WORDS})
    assert client.post("/accounts/login/", {"login": "autism@board.example", "password": WORDS}).url == "/"


@pytest.mark.parametrize("role", ["administrator", "secretariat", "observer"])
def test_only_the_administrator_sends_another_invitation(role, sign_in, newcomer, django_capture_on_commit_callbacks):
    left = make_person(is_active=False)
    keeper = sign_in(make_person(role=role))
    chosen = {"action": "send_invitation", "_selected_action": [newcomer.pk, left.pk], "index": "0"}
    with django_capture_on_commit_callbacks(execute=True):
        keeper.post("/admin/jcb/person/", chosen)
    assert [letter.to for letter in mail.outbox] == ([[newcomer.email]] if role == "administrator" else [])


def test_a_password_is_changed_by_whoever_knows_the_present_one(sign_in, newcomer):
    newcomer.set_password(WORDS)
    newcomer.save()
    mine = sign_in(newcomer)
    new = WORDS + " again"
    refused = mine.post("/accounts/password/change/", {"oldpassword": "a guess", "password1": new, "password2": new})
    assert "Error:" in refused.content.decode()
    mine.post("/accounts/password/change/", {"oldpassword": WORDS, "password1": new, "password2": new})
    newcomer.refresh_from_db()
    assert newcomer.check_password(new)


@pytest.mark.parametrize("password", ["short", "password12345", "commissioner"])
def test_a_weak_password_is_refused(sign_in, newcomer, password):
    newcomer.set_password(WORDS)
    newcomer.save()
    answer = sign_in(newcomer).post(
        "/accounts/password/change/", {"oldpassword": WORDS, "password1": password, "password2": password}
    )
    assert "govuk-error-summary" in answer.content.decode()
    newcomer.refresh_from_db()
    assert newcomer.check_password(WORDS)
