"""On PostgreSQL the application's own role cannot change history: not with SQL, not by taking guards down.

A database of its own is served by such a role, as in production: everything here signs in as it does.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from psycopg import sql

from jcb import grants, guards, seals
from tests.databases import acting_as, database, made_role, may_make_roles

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120  # for a process, on a machine that has other things to do
WORDS, EMAIL = "four words nobody else has", "first@board.example"
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has roles")


@dataclass(frozen=True)
class Served:
    """A database, the address at which its owner signs in, and that of the role which serves the application."""

    owner: str
    role: str
    folder: Path

    def run(self, *words: str, url: str = "") -> str:
        """What tests/jcb/serving.py does, in production's mode, as the role unless said otherwise."""
        own = {
            "DATABASE_URL": url or self.role,
            "FILES_ROOT": str(self.folder / "files"),
            "EMAIL_URL": f"filemail://{self.folder / 'mail'}",
            "MODE": "production",
            "HTTPS": "false",
            "ALLOWED_HOSTS": "testserver",
            "SECOND_STEP_ROLES": "",
            "DJANGO_SUPERUSER_PASSWORD": WORDS,
        }
        ended = subprocess.run(
            [sys.executable, "-m", "tests.jcb.serving", *words],
            cwd=ROOT,
            env={**os.environ, **own},
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr[-3000:]
        return ended.stdout


@pytest.fixture(scope="module")
def served(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    with django_db_blocker.unblock():
        if not may_make_roles():
            pytest.skip("These tests may not make a role on this server.")
        template = connection.settings_dict["NAME"]
        connections.close_all()  # a database is copied while nobody is in it
        with database(folder, template) as owner:
            name = urlsplit(owner).path[1:]
            role, place = f"serves_{name}"[-60:], urlsplit(owner)
            netloc = f"{role}:{role}@{place.netloc.rpartition('@')[2]}"
            with contextlib.closing(psycopg.connect(owner, autocommit=True)) as session:
                named = sql.Identifier(role)
                session.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(named, sql.Literal(role)))
                try:
                    made = Served(owner, place._replace(netloc=netloc).geturl(), folder)
                    # The tests' own cache needs no table; in production `migrate` makes it.
                    said = made.run("run", "createcachetable", f"grant_to {role}", url=owner)
                    assert f"{role} may serve the application" in said
                    first = f"createsuperuser --email {EMAIL} --name Administrator --noinput"
                    made.run("run", first, "seal_record")
                    yield made
                finally:
                    session.execute(sql.SQL("DROP OWNED BY {}").format(named))
                    session.execute(sql.SQL("DROP ROLE {}").format(named))


@on_postgresql
def test_the_application_works_as_a_role_that_owns_nothing(served):
    said = served.run("sign-in", EMAIL, WORDS)
    assert said.split() == [
        *("/accounts/login/", "200", "/accounts/login/", "302", "/accounts/password/change/", "302"),
        *("/admin/needs/source/add/", "302", "/accounts/password/reset/", "302", "/accounts/logout/", "302"),
    ]
    tidying = ("prune_db_task_results --min-age-days 0", "clearsessions", "forget_sign_ins")
    by_night = ("remind", "seal_record", "verify_record", f"backup {served.folder / 'backup'}")
    said = served.run("run", "db_worker --batch --no-startup-delay", *tidying, *by_night)
    assert len(list((served.folder / "mail").iterdir())) == 2  # that the password was changed, and the link
    for words in ("Forgotten: 2.", "rows sealed", "Nothing was altered.", "rows and 0 files"):
        assert words in said
    assert "grant_to" not in said
    assert "and could change history" in served.run("run", "verify_record", url=served.owner)


COUNT = "SELECT count(*) FROM jcb_personhistory"
FORBIDDEN = [
    "UPDATE jcb_personhistory SET name = 'Somebody else'",
    "DELETE FROM jcb_personhistory",
    "TRUNCATE jcb_personhistory",
    "SELECT * FROM jcb_personhistory FOR UPDATE",
    "ALTER TABLE jcb_personhistory DISABLE TRIGGER ALL",
    "DROP TRIGGER guard_jcb_personhistory_kept ON jcb_personhistory",
    "DROP FUNCTION guard_jcb_personhistory_kept() CASCADE",
    "CREATE OR REPLACE FUNCTION guard_jcb_personhistory_kept() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE TRIGGER mine BEFORE INSERT ON jcb_personhistory FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE RULE mine AS ON INSERT TO jcb_personhistory DO INSTEAD NOTHING",
    "ALTER TABLE jcb_personhistory OWNER TO CURRENT_USER",
    "ALTER TABLE jcb_personhistory RENAME TO another",
    "DROP TABLE jcb_personhistory",
    "SELECT setval(pg_get_serial_sequence('jcb_personhistory', 'history_id'), 1)",
    "UPDATE jcb_seal SET digest = ''",
    "DELETE FROM jcb_seal",
    "TRUNCATE jcb_seal",
    "ALTER TABLE jcb_seal DISABLE TRIGGER ALL",
    "DELETE FROM jcb_person",
    "UPDATE jcb_storedfile SET size = 1",
    "UPDATE workstreams_progressupdate SET narrative = ''",
    "DELETE FROM django_migrations",
    "SET session_replication_role = replica",
    "CREATE TABLE mine (a int)",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
]


@on_postgresql
@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_applications_role_cannot_change_history_nor_take_guards_down(statement, served):
    with contextlib.closing(psycopg.connect(served.role)) as session:
        (before,) = session.execute(COUNT).fetchone()
        session.commit()
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.IntegrityConstraintViolation)):
            session.execute(statement)
        session.rollback()
        assert session.execute(COUNT).fetchone() == (before,)
        assert before


@on_postgresql
def test_it_cannot_become_the_owner(served):
    with contextlib.closing(psycopg.connect(served.role)) as session:
        owner = session.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'jcb_seal'").fetchone()[0]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(owner)))


@pytest.fixture
def role(db) -> str:
    if not may_make_roles():
        pytest.skip("These tests may not make a role on this server.")
    return made_role()


@on_postgresql
def test_what_is_written_once_is_only_added_to_and_every_table_of_ours_has_its_rights(role):
    there = grants.rights()
    assert {there[model._meta.db_table] for model in guards.written_once()} == {"SELECT, INSERT"}
    assert there["jcb_seal"] == "SELECT, INSERT"
    assert there["jcb_person"] == "SELECT, INSERT, UPDATE"
    assert there["django_migrations"] == "SELECT"
    assert {model._meta.db_table for model in seals.recorded_models()} - {"jcb_person"} <= {
        table for table, much in there.items() if much == "SELECT, INSERT, UPDATE, DELETE"
    }
    assert {model._meta.db_table for model in apps.get_models(include_auto_created=True)} <= there.keys()
    for table, allowed in there.items():
        with connection.cursor() as cursor:
            if table not in connection.introspection.table_names(cursor):
                continue
            cursor.execute(
                "SELECT privilege_type FROM information_schema.role_table_grants WHERE grantee = %s AND table_name = %s",
                [role, table],
            )
            assert {right for (right,) in cursor.fetchall()} == set(allowed.split(", ")), table


@on_postgresql
def test_what_was_given_by_hand_before_is_taken_away(role):
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("GRANT ALL ON jcb_seal TO {}").format(sql.Identifier(role)))
        grants.grant_to(role)
        cursor.execute("SELECT has_table_privilege(%s, 'jcb_seal', 'UPDATE, DELETE, TRUNCATE, TRIGGER')", [role])
        assert cursor.fetchone() == (False,)


@on_postgresql
def test_what_everybody_has_is_no_way_round(role):
    with connection.cursor() as cursor:
        cursor.execute("GRANT UPDATE ON jcb_seal TO PUBLIC")
    with pytest.raises(CommandError, match=r"would still have UPDATE .* on jcb_seal"):
        call_command("grant_to", role)


@on_postgresql
@pytest.mark.parametrize(
    ("options", "why"), [("SUPERUSER", "is a superuser"), ("IN ROLE CURRENT_USER", "is a superuser|owns the tables")]
)
def test_a_role_that_would_have_power_all_the_same_is_refused(options, why, db):
    if not may_make_roles():
        pytest.skip("These tests may not make a role on this server.")
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE powerful_one {options}")
    with pytest.raises(CommandError, match=why):
        call_command("grant_to", "powerful_one")


@on_postgresql
def test_there_has_to_be_such_a_role(db):
    with pytest.raises(CommandError, match="There is no role called nobody_of_that_name"):
        call_command("grant_to", "nobody_of_that_name")


@on_postgresql
def test_in_production_an_owner_is_told_and_a_role_that_owns_nothing_is_not(role, settings):
    assert grants.remark() == ""  # the demonstration's own matter
    settings.DEMONSTRATION = False
    assert "could change history" in grants.remark()
    with acting_as(role):
        assert grants.remark() == ""


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite")
def test_sqlite_has_no_roles(db, settings):
    settings.DEMONSTRATION = False
    assert grants.remark() == ""
    with transaction.atomic(), pytest.raises(CommandError, match="Only PostgreSQL has roles"):
        call_command("grant_to", "anybody")
