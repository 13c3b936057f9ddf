"""From the log nobody can read what was typed, what was asked for, or who was written to."""

import io
import json
import logging
import sys

import pytest
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError
from django.test import Client
from django.urls import include, path

from jcb import logs
from tests.jcb.test_settings import start
from tests.make import make_deliverable, make_person

pytestmark = pytest.mark.django_db

MARK = "zqx"


@login_not_required
def breaks(request, words=""):
    try:
        raise IntegrityError(f"Key (email)=({request.POST.get('words', '')} {words}) exists.")
    except IntegrityError as problem:
        raise ValueError(f"Not {request.GET.get('q', '')} at all.") from problem


urlpatterns = [path("breaks/<str:words>/", breaks, name="breaks"), path("", include("jcb.urls"))]


@pytest.fixture
def lines():
    """What the log would say, line by line, with every logger as talkative as it can be."""
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.setFormatter(logs.JsonLines())
    root, before = logging.getLogger(), {}
    loggers = [
        root,
        *(logging.getLogger(name) for name in ("jcb.requests", "django", "django.request", "django.security")),
    ]
    for each in loggers:
        before[each] = each.level
        each.setLevel(logging.INFO)
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in said.getvalue().splitlines()]
    root.removeHandler(handler)
    for each, level in before.items():
        each.setLevel(level)


def requests(lines) -> list[dict]:
    return [line for line in lines() if line["logger"] == "jcb.requests"]


def unmarked(lines) -> bool:
    return MARK not in json.dumps(lines()).lower()


def test_a_request_is_one_line_in_utc_with_route_status_time_and_the_persons_number(lines, sign_in, observer):
    deliverable = make_deliverable()
    one = f"/plans/{deliverable.workstream.plan.slug}/1/1/"
    assert sign_in(observer).get(one).status_code == 200
    (line,) = requests(lines)
    assert line.pop("at").endswith("Z")
    assert line.pop("ms") >= 0
    assert line == {
        "level": "INFO",
        "logger": "jcb.requests",
        "event": "request",
        "method": "GET",
        "route": "workstreams:deliverable",
        "status": 200,
        "person": observer.pk,
    }


def test_what_was_typed_is_in_no_line(lines, sign_in, secretariat, caplog):
    """Into forms that take it and forms that refuse it, addresses, query strings and headers."""
    lead = make_person()
    deliverable = make_deliverable(lead=lead)
    one = f"/plans/{deliverable.workstream.plan.slug}/1/1/"
    client = sign_in(secretariat)
    words = {"seen": 0, "status": "at risk", "narrative": f"{MARK} words", "on_behalf_of": lead.pk}
    assert client.post(f"{one}?q={MARK}", words).status_code == 302
    assert client.post(one, {**words, "status": MARK, "forecast_on": MARK}).status_code == 422
    Client().post("/accounts/login/", {"login": f"{MARK}@board.example", "password": MARK})
    client.get(f"/deliverables?q={MARK}", headers={"user-agent": MARK, "referer": f"https://{MARK}.example/"})
    assert client.get(f"/plans/{MARK}/1/1/").status_code == 404
    assert client.get(f"/{MARK}/").status_code == 404
    assert client.get("/", headers={"host": f"{MARK}.example"}).status_code == 400
    Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": MARK}, headers={"referer": f"https://{MARK}/"})
    client.generic(MARK.upper(), "/")
    assert len(requests(lines)) == 9
    assert unmarked(lines)
    assert {line["route"] for line in requests(lines)} >= {"workstreams:deliverable", "account_login", "none"}
    assert MARK in caplog.text  # the control: in a log for people some of it stands


def test_an_exception_is_told_by_its_kind_and_place_and_not_by_its_words(lines, settings, caplog):
    settings.ROOT_URLCONF = __name__
    client = Client(raise_request_exception=False)
    answer = client.post(f"/breaks/{MARK}/?q={MARK}", {"words": f"{MARK}@board.example"})
    assert answer.status_code == 500
    assert MARK not in answer.content.decode()
    (error,) = [line for line in lines() if line["level"] == "ERROR"]
    assert error["raised"] == ["ValueError", "django.db.utils.IntegrityError"]
    assert error["where"][-1].startswith("tests/jcb/test_logs.py:")
    assert (error["route"], error["status"]) == ("breaks", 500)
    assert requests(lines)[0]["status"] == 500
    assert unmarked(lines)
    assert MARK in caplog.text  # the control


def test_who_signs_in_and_who_signs_out_is_told_by_number(lines, client):
    person = make_person(email=f"{MARK}@board.example")
    person.set_password("four words nobody else has")
    person.save()
    client.post("/accounts/login/", {"login": person.email, "password": "four words nobody else has"})
    client.post("/accounts/logout/")
    assert [(line["route"], line["person"]) for line in requests(lines)] == [
        ("account_login", person.pk),
        ("account_logout", person.pk),
    ]
    assert unmarked(lines)


@pytest.mark.parametrize(
    ("logger", "message", "values", "event"),
    [
        ("anything", "Sent to %s", ("zqx@board.example",), "Sent to %s"),
        ("anything", "Sent to zqx@board.example", (), "test_logs:"),
        ("anything", ValueError("zqx"), (), "test_logs:"),
        ("django_tasks", "Task id=%s state=%s", (7, "FAILED"), "Task id=7 state=FAILED"),
    ],
)
def test_only_the_fixed_words_of_a_message_are_kept(logger, message, values, event, lines):
    logging.getLogger(logger).warning(message, *values)
    (line,) = lines()
    assert line["event"].startswith(event)
    assert unmarked(lines)


def test_the_log_is_as_the_environment_says(tmp_path):
    code = (
        "import os, django, logging; os.environ['DJANGO_SETTINGS_MODULE'] = 'jcb.settings'; django.setup(); "
        "from django.test import Client; Client().get('/health/?q=zqx'); logging.getLogger('x').warning('zqx'); "
        "raise ValueError('zqx')"
    )
    ended = start(tmp_path, "-c", code, MODE="demonstration", LOG_FORMAT="json", HTTPS="off")
    told = [json.loads(line) for line in ended.stderr.splitlines()]
    assert [line["logger"] for line in told] == ["jcb.requests", "x", "jcb.logs"]
    assert told[-1]["raised"] == ["ValueError"]
    assert MARK not in ended.stderr
    assert ended.returncode == 1
    plain = start(tmp_path, "-c", code, MODE="demonstration", LOG_FORMAT="line")
    assert "ValueError: zqx" in plain.stderr
    production = "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'jcb.settings'; from django.conf import settings; print(settings.LOG_FORMAT)"
    assert start(tmp_path, "-c", production).stdout.strip() == "json"
    refused = start(tmp_path, LOG_FORMAT="xml")
    assert "LOG_FORMAT is 'xml'. Set it to 'json'" in refused.stderr.splitlines()[-1]


def test_our_own_sentences_are_told_whole(capsys):
    try:
        raise ImproperlyConfigured("SECRET_KEY is not set.")
    except ImproperlyConfigured:
        logs.uncaught(*sys.exc_info())
    assert "SECRET_KEY is not set." in capsys.readouterr().err


def test_no_error_is_sent_by_e_mail():
    """Django's e-mails of errors hold the whole request."""
    assert logging.getLogger("django").handlers == []
