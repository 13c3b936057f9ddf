"""A start that would be unsafe does not happen, and says in a sentence how to mend it."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from jcb import checks
from tests.make import make_person

KEY = "a long text that is only for this test and opens nothing at all 0123456789"


def start(tmp_path, *command: str, **environment: str) -> subprocess.CompletedProcess:
    """The project's own command with an environment of its own; what is empty counts as not set, whatever `.env` says."""
    given = {"SECRET_KEY": KEY, "DATABASE_URL": f"sqlite:///{tmp_path / 'start.sqlite3'}", "MODE": "production"}
    return subprocess.run(
        [sys.executable, "-W", "ignore", *(command or ("manage.py", "check"))],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], **given, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set. Put a long random text in .env or the environment"),
        ({"MODE": "debug"}, "MODE is 'debug'. Set it to 'production' or 'demonstration'"),
        ({"MODE": "Production"}, "MODE is 'Production'. Set it to"),
        ({"LOCAL_PASSWORDS": "off"}, "LOCAL_PASSWORDS is off and nobody could sign in. Set OIDC_SERVER_URL"),
        ({"OIDC_SERVER_URL": "https://directory.example"}, "OIDC_CLIENT_ID is not set."),
    ],
)
def test_it_refuses_to_start_with(environment, sentence, tmp_path):
    ended = start(tmp_path, **environment)
    assert ended.returncode != 0
    assert sentence in ended.stderr.splitlines()[-1]


def test_a_proper_environment_starts(tmp_path):
    ended = start(tmp_path)
    assert ended.returncode == 0, ended.stderr


SAY = (
    "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'jcb.settings'; django.setup(); "
    "from django.conf import settings as s; print({})"
)


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({"MODE": "production"}, (False, False, True, True)),
        ({"MODE": "demonstration"}, (False, True, False, False)),
        ({"MODE": "production", "HTTPS": "off"}, (False, False, False, False)),
    ],
)
def test_nothing_is_shown_to_strangers_unless_told_otherwise(environment, wanted, tmp_path):
    words = "(s.DEBUG, s.DEMONSTRATION, s.SESSION_COOKIE_SECURE, s.SECURE_SSL_REDIRECT)"
    assert start(tmp_path, "-c", SAY.format(words), **environment).stdout.strip() == str(wanted)


@pytest.mark.parametrize("given", [True, False], ids=["where it is told", "in var, where it is told nothing"])
def test_e_mail_goes_into_files_in_one_place_wherever_the_process_was_started(given, tmp_path):
    folder = tmp_path / "mail" if given else settings.BASE_DIR / "var" / "mail"
    environment = {"EMAIL_URL": f"filemail://{folder}"} if given else {}
    assert start(tmp_path, "-c", SAY.format("s.EMAIL_FILE_PATH"), **environment).stdout.strip() == str(folder)


def test_production_answers_to_no_name_until_it_is_given_one(tmp_path):
    assert start(tmp_path, "-c", SAY.format("s.ALLOWED_HOSTS"), ALLOWED_HOSTS="").stdout.strip() in {"[]", "['']"}


def test_production_settings_pass_djangos_own_examination(tmp_path):
    ended = start(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "WARNING", ALLOWED_HOSTS="board.example")
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({"MODE": "production"}, ["secretariat", "administrator"]),
        ({"MODE": "production", "SECOND_STEP_ROLES": "board member"}, ["board member"]),
        ({"MODE": "demonstration"}, []),
    ],
)
def test_those_who_keep_the_record_need_a_second_step_unless_told_otherwise(environment, wanted, tmp_path):
    assert start(tmp_path, "-c", SAY.format("s.SECOND_STEP_ROLES"), **environment).stdout.strip() == str(wanted)


def test_a_role_that_is_none_is_not_left_without_a_second_step_by_a_slip(settings):
    settings.SECOND_STEP_ROLES = ["secretariat", "administrators"]
    (problem,) = checks.second_step_roles(None)
    assert "administrators" in problem.msg


def test_a_proxy_of_ours_is_believed_and_nobody_else(tmp_path):
    for environment, wanted in (({}, "0"), ({"BEHIND_PROXY": "true"}, "1"), ({"PROXIES": "2"}, "2")):
        assert start(tmp_path, "-c", SAY.format("s.PROXIES"), **environment).stdout.strip() == wanted


MAKE_SOMEONE_INVENTED = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "jcb.settings"
django.setup()
from django.db import connection
from jcb.models import Partner, Person
with connection.schema_editor() as tables:
    for model in (Partner, Person, Person.history.model):
        tables.create_model(model)
Person.objects.create_user(email="someone@board.example", name="Someone", is_demonstration=True)
"""


def test_production_does_not_serve_a_database_with_invented_people(tmp_path):
    made = start(tmp_path, "-c", MAKE_SOMEONE_INVENTED, MODE="demonstration")
    assert made.returncode == 0, made.stderr
    ended = start(tmp_path, "-c", "import jcb.wsgi")
    assert ended.returncode != 0
    assert "MODE is 'production' and 1 demonstration people could sign in." in ended.stderr
    assert "Use a database of its own for real records" in ended.stderr
    assert start(tmp_path, "-c", "import jcb.wsgi", MODE="demonstration").returncode == 0


@pytest.mark.django_db
def test_the_check_counts_only_invented_people_who_could_sign_in(settings):
    settings.DEMONSTRATION = False
    make_person(is_demonstration=True, is_active=False)
    make_person()
    assert checks.no_invented_people(None, ["default"]) == []
    make_person(is_demonstration=True)
    assert [problem.id for problem in checks.no_invented_people(None, ["default"])] == ["jcb.E001"]
    with pytest.raises(ImproperlyConfigured, match="1 demonstration people could sign in"):
        checks.insist()
    settings.DEMONSTRATION = True
    assert checks.no_invented_people(None, ["default"]) == []


@pytest.mark.django_db
def test_nothing_inline_and_nothing_from_elsewhere_may_run(client):
    policy = client.get("/accounts/login/")["Content-Security-Policy"]
    for rule in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ):
        assert rule in policy
    assert "unsafe" not in policy
