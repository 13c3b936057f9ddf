"""The application's own processes for tests/jcb/test_migrations.py: `python -m tests.jcb.many_rows WHAT`.

    fill FOLDER       restores a backup without rows, loads the whole record, and copies rows of it until there are 100,000 more
    back APP NAME …   migrates each app back to that migration
    forwards          migrates to the newest, and says what verify_record and check_record find

Each then writes to the file named in STATE what the database holds and how its tables are made, as JSON.
"""

import hashlib
import json
import os
import re
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jcb.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 -- after Django, as all that follow
from django.db import connection, transaction  # noqa: E402 -- as above

from governance.record import check_record, load_record  # noqa: E402 -- as above
from jcb import guards, seals  # noqa: E402 -- as above
from jcb.models import Person  # noqa: E402 -- as above
from tests.make import make_notice  # noqa: E402 -- as above
from tests.record import quoted  # noqa: E402 -- as above

# How many copies of the newest row of a table, and what is different in the copy `n`. Among them is every table with rows
# that a migration after the first ones alters.
COPIES = {
    "jcb_notice": (25_000, {"object_key": "'copy ' || n"}),
    "jcb_personhistory": (10_000, {}),
    "needs_observationhistory": (20_000, {}),
    "needs_statementhistory": (10_000, {}),
    "needs_response": (5_000, {"number": "number + n"}),
    "workstreams_deliverablehistory": (10_000, {}),
    "workstreams_progressupdate": (10_000, {"number": "number + n"}),
    "governance_minuteshistory": (10_000, {}),
}


def fill(folder: str) -> None:
    call_command("restore", folder)
    call_command("createcachetable")  # the tests' own settings do without
    with transaction.atomic():
        load_record(demonstration=True)
        make_notice(person=Person.objects.order_by("pk").first())
        for table, (times, different) in COPIES.items():
            copy(table, times, different)


def back(*targets: str) -> None:
    for app, name in zip(targets[::2], targets[1::2], strict=True):
        call_command("migrate", app, name, interactive=False, accept_loss=True, verbosity=0)


def forwards() -> None:
    call_command("migrate", interactive=False, accept_loss=True, verbosity=0)
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)
    faults, problems = seals.verify().faults, check_record()
    if faults or problems:
        sys.exit("\n".join([*faults, *problems]))


def copy(table: str, times: int, different: dict[str, str]) -> None:
    key = key_of(table)
    different = {key: f"{key} + n", **different}
    with connection.cursor() as cursor:
        columns = columns_of(cursor, table)
        into = ", ".join(map(quoted, columns))
        taken = ", ".join(different.get(name, quoted(name)) for name in columns)
        newest = f"(SELECT max({key}) FROM {table})"  # noqa: S608 -- our own names, as below
        cursor.execute(
            f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {times}) "  # noqa: S608
            f"INSERT INTO {table} ({into}) SELECT {taken} FROM {table} CROSS JOIN numbers WHERE {key} = {newest}"
        )


def state() -> dict:
    with connection.cursor() as cursor:
        tables = sorted(name for name in connection.introspection.table_names(cursor) if name != "django_migrations")
        rows = {table: held(cursor, table) for table in tables}
        made = schema(cursor)
    return {"rows": rows, "schema": made, "missing": [guard.trigger for guard in guards.missing()]}


def held(cursor, table: str) -> dict:
    """How many rows a table has, and a digest of each column of them."""
    columns = columns_of(cursor, table)
    cursor.execute(f"SELECT * FROM {quoted(table)} ORDER BY {quoted(key_of(table))}")  # noqa: S608 -- a table of our own
    rows = cursor.fetchall()
    values = zip(*rows, strict=True) if rows else [()] * len(columns)
    digests = [hashlib.sha256(repr(each).encode()).hexdigest() for each in values]
    return {"number": len(rows), "columns": dict(zip(columns, digests, strict=True))}


def schema(cursor) -> list:
    """Every table, index, constraint and trigger, in the database's own words."""
    if connection.vendor == "sqlite":
        cursor.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name")
        return cursor.fetchall()
    cursor.execute(
        "SELECT 'column', table_name, column_name, data_type || coalesce(character_maximum_length::text, '') || is_nullable "
        "|| coalesce(column_default, '') || coalesce(identity_generation, '') || row_number() OVER "
        "(PARTITION BY table_name ORDER BY ordinal_position) FROM information_schema.columns WHERE table_schema = 'public' "
        "UNION ALL SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' "
        "UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 "
        "UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger "
        "WHERE NOT tgisinternal ORDER BY 1, 2, 3"
    )
    # A restored rule is the same with its casts and brackets in other places.
    return [(*what, re.sub(r"::[a-z ]+(\[\])?|[() ]", "", said)) for *what, said in cursor.fetchall()]


def columns_of(cursor, table: str) -> list[str]:
    return [column.name for column in connection.introspection.get_table_description(cursor, table)]


def key_of(table: str) -> str:
    with connection.cursor() as cursor:
        return connection.introspection.get_primary_key_column(cursor, table) or "rowid"


if __name__ == "__main__":
    {"fill": fill, "back": back, "forwards": forwards}[sys.argv[1]](*sys.argv[2:])
    Path(os.environ["STATE"]).write_text(json.dumps(state()))
