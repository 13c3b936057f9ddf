"""On PostgreSQL: what the role that serves the application may do, which is less than what the owner of the tables may.

An owner can take guards down and change history; triggers do not hold those who may drop them. So the tables belong to
one role, which migrates and restores, and the web server and the workers sign in as another, which may add to what is
written once and neither change nor empty it.
"""

from django.apps import apps
from django.conf import settings
from django.core.cache.backends.db import BaseDatabaseCache
from django.db import connection, transaction
from django.utils.module_loading import import_string

from jcb import guards
from jcb.models import Person

READ = "SELECT"
ADD = "SELECT, INSERT"
KEEP = "SELECT, INSERT, UPDATE"
ALL = "SELECT, INSERT, UPDATE, DELETE"
EVERY = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
REMARK = (
    "The application signs in to PostgreSQL as {role}, who {why} and could change history. Make a role for it and run "
    "grant_to, as the README says under Production."
)


class Refused(Exception):
    """These rights cannot be given, or would not hold; the message says what to do."""


def rights() -> dict[str, str]:
    """What the application needs to do with each of its tables, and no more."""
    tables = dict.fromkeys((model._meta.db_table for model in apps.get_models(include_auto_created=True)), ALL)
    tables |= {
        cache["LOCATION"]: ALL
        for cache in settings.CACHES.values()
        if issubclass(import_string(cache["BACKEND"]), BaseDatabaseCache)
    }
    tables |= {Person._meta.db_table: KEEP, "django_migrations": READ}
    return tables | {model._meta.db_table: ADD for model in guards.written_once()}


def grant_to(role: str) -> int:
    """Give a role what the application needs, and take from it whatever else it had on our tables. Returns on how many
    tables; run again, it changes nothing. Effects: all or nothing. Raises Refused.
    """
    if connection.vendor != "postgresql":
        raise Refused(
            "Only PostgreSQL has roles. On SQLite the file’s owner owns everything; seals show what they change."
        )
    if why := power(role):
        raise Refused(f"{role} {why}, so that no right that is taken away would be gone. Choose another role.")
    quote, there = connection.ops.quote_name, rights()
    with transaction.atomic(), connection.cursor() as cursor:
        known = set(connection.introspection.table_names(cursor))
        cursor.execute("SELECT current_schema(), current_database()")
        schema, database = map(quote, cursor.fetchone())
        to = quote(role)
        for what in (f"ALL TABLES IN SCHEMA {schema}", f"ALL SEQUENCES IN SCHEMA {schema}", f"SCHEMA {schema}"):
            cursor.execute(f"REVOKE ALL ON {what} FROM {to}")
        cursor.execute(f"GRANT CONNECT ON DATABASE {database} TO {to}")
        cursor.execute(f"GRANT USAGE ON SCHEMA {schema} TO {to}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {to}")
        for table in sorted(known & there.keys()):
            cursor.execute(f"GRANT {there[table]} ON {quote(table)} TO {to}")
        if too_much := _beyond(cursor, role, sorted(known)):
            raise Refused(f"{role} would still have {too_much}: from everybody (PUBLIC), or from a role it belongs to.")
    return len(known & there.keys())


def _beyond(cursor, role: str, tables: list[str]) -> str:
    """A right that a role has all the same and must not have, in words; nothing, where it has none."""
    allowed = rights()
    for table in tables:
        others = [each for each in EVERY if each not in allowed.get(table, "")]
        cursor.execute(
            "SELECT has_table_privilege(%s, %s, %s)", [role, connection.ops.quote_name(table), ", ".join(others)]
        )
        if cursor.fetchone()[0]:
            return f"{' or '.join(others)} on {table}"
    cursor.execute("SELECT has_schema_privilege(%s, current_schema(), 'CREATE')", [role])
    return "CREATE in the schema" if cursor.fetchone()[0] else ""


def power(role: str | None = None) -> str:
    """Why a role (the present one, where none is named) could change history whatever it was granted, as the rest of a
    sentence; nothing, where it could not. Raises Refused where there is no such role. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, EXISTS (SELECT FROM pg_class WHERE relnamespace = current_schema()::regnamespace "
            "AND relkind IN ('r', 'p') AND pg_has_role(pg_roles.oid, relowner, 'MEMBER')) "
            "FROM pg_roles WHERE rolname = COALESCE(%s, current_user)",
            [role],
        )
        found = cursor.fetchone()
    if found is None:
        raise Refused(f"There is no role called {role}. Make it first: CREATE ROLE … LOGIN PASSWORD …")
    superuser, owner = found
    return "is a superuser" if superuser else "owns the tables" if owner else ""


def remark() -> str:
    """What is to be said where real records are served by a role that could change history; nothing otherwise."""
    if settings.DEMONSTRATION or connection.vendor != "postgresql" or not (why := power()):
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return REMARK.format(role=cursor.fetchone()[0], why=why)
