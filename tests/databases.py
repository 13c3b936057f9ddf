"""Databases of their own, for tests that start the application's own processes."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import environ
import psycopg
from django.db import connection as ours
from psycopg import sql

from jcb import grants


@contextlib.contextmanager
def database(folder: Path, template: str = "template0") -> Iterator[str]:
    """A new database where the tests have theirs. Yields its address, and drops it afterwards where that is needed."""
    base = os.environ.get("DATABASE_URL", "")
    if not base.startswith("postgres"):
        yield f"sqlite:///{folder / 'board.sqlite3'}"
        return
    place = environ.Env.db_url_config(base)
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    given = {name: place[key] for name, key in names.items() if place.get(key)}
    name = f"{place['NAME']}_own_{os.getpid()}_{folder.name}"[-60:].replace("-", "_").replace(" ", "_")
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with contextlib.closing(psycopg.connect(dbname=place["NAME"], autocommit=True, **given)) as connection:
        connection.execute(drop)
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(made.format(sql.Identifier(name), sql.Identifier(template)))
        try:
            yield f"{base.rsplit(place['NAME'], 1)[0]}{name}"
        finally:
            connection.execute(drop)


def may_make_roles() -> bool:
    """Whether the tests are on a PostgreSQL where they may make a role beside their own."""
    if ours.vendor != "postgresql":
        return False
    with ours.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
        return cursor.fetchone()[0]


def made_role() -> str:
    """A role that may serve the application and owns nothing. It is gone when the transaction is rolled back."""
    role = f"serves_{ours.settings_dict['NAME']}"
    with ours.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
        cursor.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(role)))
    grants.grant_to(role)
    return role


@contextlib.contextmanager
def acting_as(role: str) -> Iterator[None]:
    """Let the database answer as if this role were signed in; no role: as it is."""
    if not role:
        yield
        return
    with ours.cursor() as cursor:
        cursor.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
    try:
        yield
    finally:
        with ours.cursor() as cursor:
            cursor.execute("RESET ROLE")
