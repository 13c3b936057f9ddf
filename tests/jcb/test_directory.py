"""Signing in by an organisation's own directory, against a certified OpenID Connect provider that runs on this machine."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.conf import settings as project
from django.test import Client

from jcb.models import Person
from tests.make import make_person

NODE = shutil.which("node", path=f"{os.environ.get('PATH', '')}{os.pathsep}{Path(sys.prefix) / 'bin'}")
PROVIDER = Path(project.BASE_DIR, "node_modules", "oidc-provider")
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        not (NODE and PROVIDER.is_dir()), reason="Node.js or its packages are not here. Run: make setup"
    ),
]

START = "/accounts/oidc/directory/login/"
BACK = f"http://testserver{START}callback/"
WORDS = "four words nobody else has"
ID, SECRET = "board", "a secret that opens nothing"


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The address of a directory that is running."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    command = [NODE, "tests/oidc_provider.mjs", str(port), ID, SECRET, BACK]
    process = subprocess.Popen(
        command, cwd=project.BASE_DIR, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout.readline().strip() == "ready"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(15)
        process.stdout.close()


@pytest.fixture
def directory(provider, settings) -> str:
    """The application as it is with OIDC_SERVER_URL and the rest in its environment."""
    settings.DIRECTORY, settings.DIRECTORY_NAME = provider, "the council’s sign-in"
    app = {
        "provider_id": "directory",
        "name": settings.DIRECTORY_NAME,
        "client_id": ID,
        "secret": SECRET,
        "settings": {"server_url": provider, "oauth_pkce_enabled": True},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    return provider


@pytest.fixture
def director(directory) -> Person:
    return make_person(name="Director", role="board member", email="director@board.example", password=WORDS)


def through_the_directory(client: Client, email: str, start: str = START) -> str:
    """Press "Sign in by …", type a name there and agree. Returns the address that leads back here."""
    away = client.get(start)
    assert away.status_code == 302
    return at_the_directory(away.url, email)


def at_the_directory(address: str, email: str) -> str:
    with requests.Session() as browser:
        for _ in range(20):
            answer = browser.get(address, allow_redirects=False, timeout=30)
            while answer.is_redirect:
                address = urljoin(address, answer.headers["Location"])
                if address.startswith(BACK):
                    return address.removeprefix("http://testserver")
                answer = browser.get(address, allow_redirects=False, timeout=30)
            form = answer.text
            sent = {"prompt": re.search(r'name="prompt" value="(\w+)"', form)[1], "login": email, "password": "any"}
            action = urljoin(address, re.search(r'<form[^>]*action="([^"]+)"', form)[1])
            answer = browser.post(action, sent, allow_redirects=False, timeout=30)
            address = urljoin(action, answer.headers["Location"])
    raise AssertionError("The directory did not lead back.")


def test_somebody_who_is_here_signs_in_by_the_address_that_the_directory_vouches_for(director):
    client = Client()
    back = through_the_directory(client, director.email, f"{START}?next=/plans/")
    assert client.get(back).url == "/plans/"
    page = client.get("/plans/")
    assert page.status_code == 200
    assert page.wsgi_request.user == director


def test_the_request_carries_a_proof_key_and_no_secret(director):
    asked = parse_qs(urlsplit(Client().get(START).url).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert set(asked["scope"][0].split()) == {"openid", "profile", "email"}
    assert SECRET not in str(asked)


def test_nothing_of_the_directory_is_kept_and_a_password_stays(director):
    client = Client()
    client.get(through_the_directory(client, director.email))
    assert not SocialAccount.objects.exists()
    assert not SocialToken.objects.exists()
    director.refresh_from_db()
    assert director.check_password(WORDS)


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        ("stranger@board.example", "nobody with your e-mail address may sign in here"),
        ("left@board.example", "nobody with your e-mail address may sign in here"),
        ("unconfirmed@board.example", "did not confirm your e-mail address"),
    ],
)
def test_nobody_comes_to_be_by_signing_in(email, sentence, director):
    make_person(email="left@board.example", is_active=False)
    make_person(email="unconfirmed@board.example")
    before = Person.objects.count()
    client = Client()
    answer = client.get(through_the_directory(client, email))
    assert answer.status_code == 403
    assert sentence in answer.content.decode()
    assert Person.objects.count() == before
    assert client.get("/plans/").status_code == 302


def test_an_answer_that_belongs_to_another_browser_signs_nobody_in(director):
    """Somebody hands a director the end of a sign-in that they began themselves."""
    theirs, hers = Client(), Client()
    back = through_the_directory(theirs, director.email)
    assert hers.get(back).status_code == 403
    assert hers.get("/plans/").status_code == 302
    assert theirs.get(back).status_code == 302
    assert theirs.get(back).status_code in {302, 403}, "A second time the same answer is worth nothing."


def test_turning_back_at_the_directory_is_no_fault(director):
    client = Client()
    state = parse_qs(urlsplit(client.get(START).url).query)["state"][0]
    answer = client.get(f"{START}callback/?error=access_denied&state={state}", follow=True)
    assert answer.status_code == 200
    assert "Sign in" in answer.content.decode()


def test_the_directory_is_a_second_step_of_its_own(director, settings):
    settings.SECOND_STEP_ROLES = ["board member"]
    client = Client()
    client.get(through_the_directory(client, director.email))
    assert client.get("/plans/").status_code == 200


def test_local_passwords_can_be_switched_off(director, settings):
    settings.LOCAL_PASSWORDS = False
    client = Client()
    page = client.get("/accounts/login/").content.decode()
    assert "Sign in by the council’s sign-in" in page
    assert 'type="password"' not in page
    refused = client.post("/accounts/login/", {"login": director.email, "password": WORDS})
    assert refused.status_code == 200
    assert client.get("/plans/").status_code == 302
    client.get(through_the_directory(client, director.email))
    assert client.get("/plans/").status_code == 200


def test_a_directory_that_does_not_answer_is_a_sentence(director, settings):
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:9"
    answer = Client().get(START)
    assert answer.status_code == 503
    assert "The council’s sign-in does not answer at the moment" in answer.content.decode()
