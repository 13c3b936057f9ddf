"""An outage is told from a fault by numbers, and its page hands back what was sent and nothing that is secret."""

import errno
import sqlite3

import psycopg
import pytest
from django.core.management import call_command
from django.db import IntegrityError, OperationalError, ProgrammingError
from django.test import RequestFactory
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from governance import documents
from jcb import background, notices, outages
from jcb.sqlite3.base import DatabaseWrapper
from tests.make import make_notice, make_person

QUEUE = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


def raised(outer: Exception, inner: Exception) -> Exception:
    outer.__cause__ = inner
    return outer


def of_sqlite(number: int) -> sqlite3.Error:
    problem = sqlite3.OperationalError("words of no account")
    problem.sqlite_errorcode = number
    return problem


def of_postgres(state: str) -> psycopg.Error:
    return psycopg.errors.lookup(state)("words of no account")


@pytest.mark.parametrize(
    ("problem", "outage"),
    [
        (OSError(errno.ENOSPC, "x"), outages.FULL),
        (OSError(errno.EDQUOT, "x"), outages.FULL),
        (OSError(errno.EROFS, "x"), outages.READ_ONLY),
        (OSError(errno.EHOSTUNREACH, "x"), outages.STORE_AWAY),
        (raised(OperationalError(), of_sqlite(sqlite3.SQLITE_FULL)), outages.FULL),
        (raised(OperationalError(), of_sqlite(sqlite3.SQLITE_READONLY_DBMOVED)), outages.READ_ONLY),
        (raised(OperationalError(), of_sqlite(sqlite3.SQLITE_BUSY)), outages.AWAY),
        (raised(OperationalError(), of_sqlite(sqlite3.SQLITE_CANTOPEN)), outages.AWAY),
        (raised(OperationalError(), of_postgres("53100")), outages.FULL),
        (raised(OperationalError(), of_postgres("25006")), outages.READ_ONLY),
        (raised(OperationalError(), of_postgres("57P01")), outages.AWAY),
        (raised(OperationalError(), of_postgres("08006")), outages.AWAY),
        (raised(OperationalError(), psycopg.OperationalError("the connection is closed")), outages.AWAY),
        (raised(ValueError(), raised(OperationalError(), of_postgres("53100"))), outages.FULL),
        (None, None),
        (ValueError("database or disk is full"), None),
        (OSError(errno.ENOENT, "x"), None),
        (raised(OperationalError(), of_sqlite(sqlite3.SQLITE_ERROR)), None),  # no such table
        (raised(ProgrammingError(), of_postgres("42P01")), None),
        (raised(OperationalError(), of_postgres("57014")), None),  # it was told to stop
        (raised(IntegrityError(), of_postgres("23505")), None),
    ],
)
def test_what_is_out(problem, outage):
    assert outages.what_is_out(problem) is outage


def page_of(problem: Exception, request) -> str:
    try:
        raise problem
    except Exception:
        answer = outages.error_page(request)
    return f"{answer.status_code} {answer.content.decode()}"


def test_what_was_sent_is_handed_back_as_it_came_and_markup_stays_words():
    request = RequestFactory().post("/x/?a=1", {"narrative": "\nTwo <b>bold</b> & long\nlines", "seen": "3"})
    page = page_of(OSError(errno.ENOSPC, "x"), request)
    assert page.startswith("503")
    assert 'action="/x/?a=1"' in page
    assert "<b>bold" not in page
    assert (
        '<textarea name="narrative" hidden readonly>\n\nTwo &lt;b&gt;bold&lt;/b&gt; &amp; long\nlines</textarea>'
        in page
    )
    assert '<textarea name="seen" hidden readonly>\n3</textarea>' in page


@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/password/change/", "/accounts/second-step/totp/"])
def test_nothing_secret_is_handed_back(address):
    page = page_of(OSError(errno.ENOSPC, "x"), RequestFactory().post(address, {"password": "one two three four"}))
    assert page.startswith("503")
    assert "one two three" not in page


def test_a_fault_of_ours_is_not_called_an_outage():
    page = page_of(ValueError("x"), RequestFactory().post("/x/", {"narrative": "one two three four"}))
    assert page.startswith("500")
    assert "Something went wrong" in page
    assert "one two" not in page


@pytest.mark.django_db
def test_a_database_in_a_file_that_is_gone_is_not_made_anew_and_another_in_its_place_is_found(tmp_path):
    file = tmp_path / "board.sqlite3"
    settings = {"NAME": file, "OPTIONS": {}, "TIME_ZONE": None, "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": True}
    database = DatabaseWrapper(settings | {"AUTOCOMMIT": True, "ATOMIC_REQUESTS": False})
    with database.cursor() as cursor:
        cursor.execute("CREATE TABLE of_the_first (a)")
    assert database.is_usable()
    file.rename(tmp_path / "elsewhere.sqlite3")
    assert not database.is_usable()
    database.close()
    with pytest.raises(OperationalError) as gone:
        database.ensure_connection()
    assert outages.what_is_out(gone.value) is outages.AWAY
    assert not file.exists()
    (tmp_path / "elsewhere.sqlite3").rename(file)
    database.ensure_connection()
    assert database.introspection.table_names() == ["of_the_first"]
    database.close()


# What a worker had begun ----------------------------------------------------------------------------------------------


def begun(*workers: str) -> DBTaskResult:
    job = background.start(documents.make_document, kind="plan", plan_slug="no", as_at="2020-03-12", filters={})
    row = DBTaskResult.objects.get(pk=job.id)
    row.status, row.worker_ids = TaskResultStatus.RUNNING, list(workers)
    row.save()
    return row


def work(name: str) -> None:
    call_command("db_worker", "--batch", "--no-startup-delay", "--interval=0", f"--worker-id={name}")


@pytest.mark.django_db(transaction=True)
def test_a_worker_takes_up_again_what_it_had_begun_and_nobody_elses(settings):
    settings.TASKS = QUEUE
    row = begun("first")
    work("second")
    row.refresh_from_db()
    assert row.status == TaskResultStatus.RUNNING
    work("first")
    row.refresh_from_db()
    assert row.worker_ids == ["first", "first"]
    assert row.status == TaskResultStatus.FAILED  # there is no such plan


@pytest.mark.django_db(transaction=True)
def test_what_was_ended_in_the_middle_again_and_again_is_given_up(settings):
    settings.TASKS = QUEUE
    row = begun(*["first"] * background.MOST_BEGUN)
    work("first")
    row.refresh_from_db()
    assert row.status == TaskResultStatus.FAILED
    assert row.worker_ids == ["first"] * background.MOST_BEGUN


# E-mail that cannot be sent -------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_what_could_not_be_sent_is_queued_once_for_later_and_listed_without_its_words(settings, sign_in, secretariat):
    settings.TASKS = QUEUE
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = (
        "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1", 1,
    )  # fmt: skip
    person = make_person(name="Lead for play", email="lead@play.example")
    make_notice(person=person, subject="A dispute about zqx")
    client = sign_in(secretariat)
    assert "Nothing waits" in client.get("/mail/").content.decode()
    for _ in range(2):
        background.start(notices.send_notices)
        work("first")
    assert len(background.further_tries()) == 1
    page = client.get("/mail/").content.decode()
    assert "Lead for play" in page
    assert "lead@play.example" in page
    assert "zqx" not in page
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    client.post("/mail/")
    work("first")
    assert background.further_tries() == []
    assert "Nothing waits" in client.get("/mail/").content.decode()
