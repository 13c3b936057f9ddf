"""What was written, row by row, held against what the audit trail says of it.

    before = rows()
    client.post(…)
    written = Written(before, rows())
    written.faults(by=secretary)          sentences, none where the trail is complete; by the label of each model:
    written.labels()                      {"needs.Source", "needs.SourceHistory"}

A change of a record is one row of its history: by whoever asked, with what the record says now, and after one that says
what it said before. A row that is written once names its writer itself, or belongs to one that does.
"""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Model

from jcb import seals
from jcb.history import AppendOnly
from jcb.models import Person

Row = dict[str, Any]
Rows = dict[str, dict[Any, Row]]  # by the model's label and the row's number

LOGS = [model for model in apps.get_models() if issubclass(model, AppendOnly)]
RECORDS = seals.recorded_models()
# Where a row that is written once says who wrote it, if not in a column of its own called `by`.
WRITER = {
    "jcb.Document": ("file", "jcb.StoredFile"),
    "governance.PackContent": ("pack", "governance.Pack"),
    "governance.Circulation": ("pack", "governance.Pack"),
}
# Seals are made by the seal of the night, and hold each other; nobody is their writer.
WITHOUT_WRITER = {"jcb.Seal"}


def rows(*more: type[Model]) -> Rows:
    """Every row of every record, history and log, and of `more` models, as they stand."""
    found = {}
    with connection.cursor() as cursor:
        for model in [*RECORDS, *(record.history.model for record in RECORDS), *LOGS, *_between(), *more]:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608 -- our own table
            names = [column[0] for column in cursor.description]
            number = names.index(model._meta.pk.column)
            found[model._meta.label] = {row[number]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}
    return found


def _between() -> list[type[Model]]:
    """The tables of what records have many of. Nothing is written to them after the record was loaded."""
    return [field.remote_field.through for model in RECORDS for field in model._meta.many_to_many]


@dataclass
class Written:
    """The difference of two looks at all rows."""

    before: Rows
    after: Rows

    def of(self, label: str) -> dict[Any, str]:
        """The rows of a model that were made (+), changed (~) or taken away (-), as its history would say it."""
        was, now = self.before[label], self.after[label]
        made = dict.fromkeys(now.keys() - was.keys(), "+")
        gone = dict.fromkeys(was.keys() - now.keys(), "-")
        return made | gone | {number: "~" for number in was.keys() & now.keys() if was[number] != now[number]}

    def labels(self) -> set[str]:
        return {label for label in self.after if self.of(label)}

    def faults(self, by: Person | set[int]) -> list[str]:
        """Where the trail is not complete: `by` is who alone may have written, or the numbers of several."""
        writers = {by.pk} if isinstance(by, Person) else by
        found = [fault for model in RECORDS for fault in self._of_record(model, writers)]
        found += [fault for model in LOGS for fault in self._of_log(model, writers)]
        return found + [f"{each._meta.label} was written to." for each in _between() if self.of(each._meta.label)]

    def _of_record(self, model: type[Model], writers: set[int]) -> list[str]:
        label, trail = model._meta.label, model.history.model
        kept, lines, found = trail._meta.label, {}, []
        for number, how in self.of(kept).items():
            if how == "+":
                line = self.after[kept][number]
                lines.setdefault(line[_number_of(model)], []).append(line)
            else:
                found.append(f"{kept} {number} is no longer what it was.")
        changed = self.of(label)
        for number in changed.keys() | lines.keys():
            said = lines.get(number, [])
            if [line["history_type"] for line in said] != [changed.get(number)]:
                types = "".join(line["history_type"] for line in said) or "nothing"
                found.append(f"{label} {number}: {changed.get(number, 'not')} changed, and its history says {types}.")
                continue
            found += [f"{label} {number}: {fault}" for fault in self._of_line(model, number, said[0], writers)]
        return found

    def _of_line(self, model: type[Model], number, line: Row, writers: set[int]) -> list[str]:
        label, found = model._meta.label, []
        was, now = self.before[label].get(number), self.after[label].get(number)
        names = [field.column for field in model.history.model.tracked_fields]
        if line["history_user_id"] not in writers:
            found.append(f"its history names {line['history_user_id']} as the writer.")
        found += [f"its history has another {name}." for name in names if line[name] != (now or was)[name]]
        if was and now and any(was[name] != now[name] for name in names) and was["version"] + 1 != now["version"]:
            found.append(f"its version went from {was['version']} to {now['version']}.")
        if was:
            trail = self.before[model.history.model._meta.label].values()
            last = max((row for row in trail if row[_number_of(model)] == number), key=lambda row: row["history_id"])
            found += [f"before, its history had another {name}." for name in names if last[name] != was[name]]
        return found

    def _of_log(self, model: type[Model], writers: set[int]) -> list[str]:
        label, found = model._meta.label, []
        for number, how in self.of(label).items():
            if how != "+":
                found.append(f"{label} {number} is no longer what it was.")
            elif label not in WITHOUT_WRITER and (writer := self.writer_of(label, number)) not in writers:
                found.append(f"{label} {number}: {writer} is its writer.")
        return found

    def writer_of(self, label: str, number) -> int | None:
        """The number of whoever wrote a row of a log; None where it names nobody."""
        row = self.after[label][number]
        if label in WRITER:
            link, other = WRITER[label]
            return self.writer_of(other, row[f"{link}_id"])
        return row["by_id"]


def unnamed() -> dict[str, int]:
    """How many rows of the trail and of the logs name nobody as their writer, by the model's label."""
    every = rows()
    looked, found = Written({}, every), {}
    for model in RECORDS:
        label = model.history.model._meta.label
        found[label] = sum(line["history_user_id"] is None for line in every[label].values())
    for label in {model._meta.label for model in LOGS} - WITHOUT_WRITER:
        found[label] = sum(looked.writer_of(label, number) is None for number in every[label])
    return {label: many for label, many in found.items() if many}


def _number_of(model: type[Model]) -> str:
    return model._meta.pk.column
