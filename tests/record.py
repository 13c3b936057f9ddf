"""The whole record with its demonstration, for tests that read it: loaded once in a run, copied from memory after that."""

from django.db import connection

from governance.record import load_record

NOT_OURS = ("django_", "auth_", "account_")
_tables: dict[str, tuple[list[str], list[tuple]]] = {}


def put_whole_record() -> None:
    """Both plans, the demonstration and their histories, as `load_record` makes them. Call it inside a transaction."""
    with connection.cursor() as cursor:
        if not _tables:
            load_record(demonstration=True)
            for table in connection.introspection.django_table_names(only_existing=True):
                if not table.startswith(NOT_OURS):
                    cursor.execute(f"SELECT * FROM {quoted(table)}")  # noqa: S608 -- a table of our own
                    _tables[table] = [column[0] for column in cursor.description], cursor.fetchall()
            return
        for table, (columns, rows) in _tables.items():
            into = f"{quoted(table)} ({', '.join(map(quoted, columns))})"
            values = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {into} VALUES ({values})", rows)  # noqa: S608 -- as above


def quoted(name: str) -> str:
    return connection.ops.quote_name(name)
