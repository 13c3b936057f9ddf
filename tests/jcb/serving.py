"""What the application does as itself, without the tests' settings: run by tests/jcb/test_grants.py as the role that
serves it.

    python -m tests.jcb.serving sign-in EMAIL PASSWORD      somebody signs in, chooses another password, writes, asks for an e-mail
    python -m tests.jcb.serving run "seal_record" "…"       commands, one after the other
"""

import os
import shlex
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jcb.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402 -- after Django, as all that follow
from django.test import Client  # noqa: E402


def sign_in(email: str, password: str) -> None:
    client, another = Client(), f"{password}!"
    for sent, address in (
        ({"login": email, "password": "not it"}, "/accounts/login/"),  # counted in the table that all processes share
        ({"login": email, "password": password}, "/accounts/login/"),
        ({"oldpassword": password, "password1": another, "password2": another}, "/accounts/password/change/"),
        ({"title": "Census", "key": "census"}, "/admin/needs/source/add/"),
        ({"email": email}, "/accounts/password/reset/"),  # queued
        ({}, "/accounts/logout/"),
    ):
        answer = client.post(address, sent)
        sys.stdout.write(f"{address} {answer.status_code}\n")


def run(*commands: str) -> None:
    for command in commands:
        call_command(*shlex.split(command))


if __name__ == "__main__":
    {"sign-in": sign_in, "run": run}[sys.argv[1]](*sys.argv[2:])
