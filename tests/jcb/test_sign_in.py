"""How somebody who was added by the administrator comes to a password, and changes it later."""

import re

import pytest
from django.core import mail

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


def test_asking_for_a_link_tells_nobody_who_has_a_sign_in(client, newcomer):
    known = client.post("/accounts/password/reset/", {"email": newcomer.email}, follow=True)
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@board.example"}, follow=True)
    assert known.content == unknown.content


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
