"""Whatever watches over the service gets a word, and nobody else learns anything from it."""

import pytest
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jcb import health

pytestmark = pytest.mark.django_db


def said(answer) -> tuple[int, str]:
    return answer.status_code, answer.content.decode()


def test_the_process_says_that_it_is_alive_and_asks_nothing_of_the_database(client):
    with CaptureQueriesContext(connection) as queries:
        assert said(client.get("/health/")) == (200, "alive")
    assert len(queries) == 0


def test_it_is_ready_when_everything_is_there(client, settings):
    with CaptureQueriesContext(connection) as queries:
        assert said(client.get("/ready/")) == (200, "ready")
    assert len(queries) <= 2
    assert list(settings.FILES_ROOT.iterdir()) == []


@pytest.mark.parametrize("address", ["/health/", "/ready/"])
def test_neither_page_is_kept_or_knows_who_asks(address, sign_in, secretariat):
    client = sign_in(secretariat)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Type"] == "text/plain"
    assert "Vary" not in answer
    assert not answer.cookies
    assert not any("django_session" in query["sql"] for query in queries)
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options"):
        assert answer[name]


@pytest.mark.parametrize("address", ["/health/", "/ready/"])
def test_they_are_asked_past_the_proxy_by_any_name_and_only_to_look(address, settings):
    settings.SECURE_SSL_REDIRECT, settings.ALLOWED_HOSTS = True, ["board.example"]
    client = Client(headers={"host": "10.0.0.7:8000"})
    assert client.get(address).status_code == 200
    assert client.head(address).status_code == 200
    assert client.post(address).status_code == 405
    assert client.get("/help/").status_code == 400  # the control: no other page is


def test_it_is_not_ready_without_its_database(client, monkeypatch, caplog):
    def gone(self):
        raise DatabaseError("connection to board at 10.0.0.5 failed for person zqx")

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", gone)
    assert said(client.get("/ready/")) == (503, "database")
    assert said(client.get("/health/")) == (200, "alive")
    assert "does not answer" in caplog.text


def test_it_is_not_ready_before_its_migrations_are_applied(client, monkeypatch):
    later = health._migrations() | {("jcb", "9999_later")}
    monkeypatch.setattr(health, "_migrations", lambda: later)
    assert said(client.get("/ready/")) == (503, "migrations")


def test_it_is_not_ready_where_files_cannot_be_kept(client, settings, tmp_path, caplog):
    (tmp_path / "a file").write_bytes(b"")
    settings.FILES_ROOT = tmp_path / "a file" / "files"
    assert said(client.get("/ready/")) == (503, "files")
    assert "cannot be written" in caplog.text
