"""Databases of their own, for tests that start the application's own processes."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import environ
import psycopg
from psycopg import sql


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
