"""Rules that the database itself holds to, as triggers, on SQLite and on PostgreSQL alike.

A check constraint sees one row; these see what was there before, or another row. Every append-only table and every table
of the audit trail is guarded here; a room registers what else it needs. `migrate` takes them down and puts
them up again, because SQLite rebuilds a table to alter it and would lose them without a word.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from django.apps import apps
from django.db import connections
from django.db.models import Model

from jcb.history import AppendOnly
from jcb.models import NEVER_DELETED, Person

NEVER_CHANGED = "These rows are never changed or deleted. Write a new one."
PREFIX = "guard_"


@dataclass(frozen=True, slots=True)
class Guard:
    """What a table refuses: `refused_when` is SQL that both databases read, over NEW and OLD."""

    table: str
    name: str
    on: Literal["INSERT", "UPDATE", "DELETE"]
    refused_when: str = "1 = 1"
    says: str = NEVER_CHANGED

    @property
    def trigger(self) -> str:
        return f"{PREFIX}{self.table}_{self.name}"[:60]


_registered: list[Callable[[], Iterable[Guard]]] = []


def register(guards: Callable[[], Iterable[Guard]]) -> None:
    """Have more guards put up; called where a room's configuration is ready."""
    _registered.append(guards)


def written_once() -> list[type[Model]]:
    """The models whose rows are never changed: what is append-only, and the audit trail."""
    return [model for model in apps.get_models() if issubclass(model, AppendOnly) or hasattr(model, "instance_type")]


def wanted() -> list[Guard]:
    """Every guard of the application: first those of rows that are written once, and of people; then the rooms' own."""
    found = [Guard(Person._meta.db_table, "stays", "DELETE", says=NEVER_DELETED)]
    for model in written_once():
        table = model._meta.db_table
        found += [Guard(table, "kept", "UPDATE"), Guard(table, "stays", "DELETE")]
    for guards in _registered:
        found += guards()
    return found


def put_up(using: str = "default") -> None:
    """Put up what is missing. A table that is not there yet, halfway through a migration, is passed over."""
    connection = connections[using]
    absent = missing(using)
    with connection.cursor() as cursor:
        for guard in absent:
            for statement in _create(connection.vendor, guard):
                cursor.execute(statement)


def missing(using: str = "default") -> list[Guard]:
    """Guards that ought to stand on a table that is there, and do not."""
    connection = connections[using]
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        there = {name for name, _ in _standing(connection, cursor)}
    return [guard for guard in wanted() if guard.trigger not in there and guard.table in tables]


def take_down(using: str = "default", *, tables: Collection[str] | None = None) -> None:
    """Take every guard down, before tables are altered; or those of some tables."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for name, table in _standing(connection, cursor):
            if tables is not None and table not in tables:
                continue
            on = f' ON "{table}"' if connection.vendor == "postgresql" else ""
            cursor.execute(f'DROP TRIGGER "{name}"{on}')


def _standing(connection, cursor) -> list[tuple[str, str]]:
    if connection.vendor == "postgresql":
        cursor.execute(
            "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
            "WHERE NOT tgisinternal AND starts_with(tgname, %s) AND pg_table_is_visible(pg_class.oid)",
            [PREFIX],
        )
    else:
        cursor.execute(
            "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND substr(name, 1, %s) = %s",
            [len(PREFIX), PREFIX],
        )
    return cursor.fetchall()


def _create(vendor: str, guard: Guard) -> list[str]:
    says = guard.says.replace("'", "''")
    if vendor == "postgresql":
        return [
            f'CREATE OR REPLACE FUNCTION "{guard.trigger}"() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN '
            f"IF {guard.refused_when} THEN RAISE EXCEPTION USING MESSAGE = '{says}', "
            "ERRCODE = 'integrity_constraint_violation'; END IF; "
            f"RETURN {'OLD' if guard.on == 'DELETE' else 'NEW'}; END $guard$",
            f'CREATE TRIGGER "{guard.trigger}" BEFORE {guard.on} ON "{guard.table}" '
            f'FOR EACH ROW EXECUTE FUNCTION "{guard.trigger}"()',
        ]
    return [
        f'CREATE TRIGGER "{guard.trigger}" BEFORE {guard.on} ON "{guard.table}" FOR EACH ROW WHEN {guard.refused_when} '
        f"BEGIN SELECT RAISE(ABORT, '{says}'); END"
    ]
