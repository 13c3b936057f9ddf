"""What migrations would take away for good, counted before any of them runs.

A table or a column that goes, a field that gets narrower, and what a data migration says of itself: each `RunPython` and
`RunSQL` of ours names in `hints={"loses": "…"}` what it destroys, or that it is nothing (`""`). Only what holds something
counts, and only what is in the database now: in an empty one there is nothing to lose.
"""

from collections.abc import Iterator

from django.db import connections, models
from django.db.migrations import operations as ops
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.state import ModelState, ProjectState

LOSES = "loses"
WIDER = {  # every value of the first kind is one of the second
    ("BigAutoField", "BigIntegerField"),
    ("CharField", "TextField"),
    ("EmailField", "CharField"),
    ("ForeignKey", "OneToOneField"),
    ("IntegerField", "BigIntegerField"),
    ("OneToOneField", "ForeignKey"),
    ("PositiveIntegerField", "PositiveBigIntegerField"),
    ("PositiveSmallIntegerField", "PositiveIntegerField"),
    ("SlugField", "CharField"),
    ("URLField", "CharField"),
}
Target = tuple[str, str | None]


def losses(targets: list[Target] | None = None, using: str = "default") -> list[str]:
    """What migrating to these targets would lose, a sentence each; without targets: to the newest of every app.

    A target is an app and the name of a migration, or None for going back before the first. Nothing is changed.
    """
    return list(_Losses(using).of(targets)) if connections[using].introspection.table_names() else []


class _Losses:
    """Walks a plan of migrations step by step, beside what the database holds now."""

    def __init__(self, using: str):
        self.connection = connections[using]
        self.executor = MigrationExecutor(self.connection)
        self.called = {}  # table, and column by its table: what the plan calls it by then, and what it is called now

    def of(self, targets: list[Target] | None) -> Iterator[str]:
        loader = self.executor.loader
        for migration, backwards in self.executor.migration_plan(
            loader.graph.leaf_nodes() if targets is None else targets
        ):
            state = loader.project_state((migration.app_label, migration.name), at_end=False)
            steps = _steps(migration, state)
            for operation, before, after in reversed(steps) if backwards else steps:
                held, left = (after, before) if backwards else (before, after)
                for said in self._lost(operation, held, left, backwards):
                    yield f"{migration.app_label}.{migration.name}: {said}"

    def _lost(self, operation, held: ProjectState, left: ProjectState, backwards: bool) -> Iterator[str]:
        if isinstance(operation, ops.RunPython | ops.RunSQL):
            if not backwards and (said := operation.hints.get(LOSES)):
                yield said
            return
        gone = [model for key, model in held.models.items() if key not in left.models]
        if isinstance(operation, ops.RenameModel):
            new = next(model for key, model in left.models.items() if key not in held.models)
            self.called[_table(new)] = self._now(_table(gone[0]))
            return
        for model in gone:
            yield from self._goes(_table(model))
        for key, model in held.models.items():
            if key in left.models:
                yield from self._lost_of(operation, model, left.models[key])

    def _lost_of(self, operation, held: ModelState, left: ModelState) -> Iterator[str]:
        """Of one model before and after an operation."""
        if _table(held) != _table(left):
            self.called[_table(left)] = self._now(_table(held))
        gone = [name for name in held.fields if name not in left.fields]
        if isinstance(operation, ops.RenameField) and gone:
            new = next(name for name in left.fields if name not in held.fields)
            column = self._now(_table(held), _column(gone[0], held.fields[gone[0]]))
            self.called[self._now(_table(held)), _column(new, left.fields[new])] = column
            return
        for name in gone:
            field = held.fields[name]
            if field.many_to_many:
                yield from self._goes(f"{_table(held)}_{name}")
            else:
                yield from self._goes(_table(held), _column(name, field), words=_is_text(field))
        for name, field in held.fields.items():
            if name in left.fields and field is not left.fields[name]:
                yield from self._narrower(_table(held), _column(name, field), field, left.fields[name])

    def _goes(self, table: str, column: str = "", *, words: bool = False) -> Iterator[str]:
        place, number = self._count(table, column, "{} <> ''" if words else "")
        if number and column:
            yield f"{place} goes, and with it what it says in {number:,} rows"
        elif number:
            yield f"the table {place} goes, and with it {number:,} rows"

    def _narrower(self, table: str, column: str, held: models.Field, left: models.Field) -> Iterator[str]:
        kinds = held.get_internal_type(), left.get_internal_type()
        if kinds[0] != kinds[1] and kinds not in WIDER:
            place, number = self._count(table, column)
            if number:
                yield f"{place} becomes {kinds[1]}, and holds something in {number:,} rows"
        limit = left.max_length if _is_text(held) and _is_text(left) else None
        if limit and limit < (held.max_length or limit + 1):
            place, number = self._count(table, column, f"LENGTH({{}}) > {int(limit)}")
            if number:
                yield f"{place} gets narrower, and holds more than {limit} characters in {number:,} rows"

    def _now(self, table: str, column: str = "") -> str:
        """What a table, or a column of it, is called in the database before any of the plan."""
        now = self.called.get(table, table)
        return self.called.get((now, column), column) if column else now

    def _count(self, table: str, column: str, condition: str = "") -> tuple[str, int]:
        """What is called so in the plan, and in how many rows it is; in none where only the plan makes it."""
        table, column = self._now(table), self._now(table, column) if column else ""
        quoted = self.connection.ops.quote_name
        with self.connection.cursor() as cursor:
            reading = self.connection.introspection
            if table not in reading.table_names(cursor):
                return table, 0
            if column and column not in {each.name for each in reading.get_table_description(cursor, table)}:
                return column, 0
            which = [f"{quoted(column)} IS NOT NULL"] if column else []
            which += [condition.format(quoted(column))] if condition else []
            where = f" WHERE {' AND '.join(which)}" if which else ""
            cursor.execute(f"SELECT count(*) FROM {quoted(table)}{where}")  # noqa: S608 -- names of migrations, quoted
            return f"{table}.{column}" if column else table, cursor.fetchone()[0]


def _steps(migration: Migration, state: ProjectState) -> list[tuple]:
    """Each operation that reaches the database, with the state before and after it."""
    steps = []
    for operation in migration.operations:
        before, after = state.clone(), state
        operation.state_forwards(migration.app_label, after)
        if isinstance(operation, ops.SeparateDatabaseAndState):
            for each in operation.database_operations:
                done = before.clone()
                each.state_forwards(migration.app_label, done)
                steps.append((each, before, done))
                before = done
        else:
            steps.append((operation, before, after.clone()))
    return steps


def _table(model: ModelState) -> str:
    return model.options.get("db_table") or f"{model.app_label}_{model.name_lower}"


def _column(name: str, field: models.Field) -> str:
    return field.db_column or (f"{name}_id" if field.remote_field else name)


def _is_text(field: models.Field) -> bool:
    return isinstance(field, models.CharField | models.TextField)
