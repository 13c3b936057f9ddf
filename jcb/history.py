"""What every editable and every append-only row has in common: a version and an audit trail, or no way to change.

`Record` is for rows that people edit: a version number for the conflict check, and django-simple-history's trail from
one factory, so that a seal or a trigger is added in one place. `AppendOnly` is for rows that are themselves the
history people read.
"""

import contextlib
from collections.abc import Iterator, Sequence

from django.core.exceptions import ValidationError
from django.db import models, transaction
from simple_history.models import HistoricalRecords


def history(**options) -> HistoricalRecords:
    """The audit trail of one model; options are HistoricalRecords' own (name many-to-many fields in `m2m_fields`)."""
    return HistoricalRecords(inherit=True, custom_model_name=lambda name: f"{name}History", **options)


class BypassForbidden(TypeError):
    """A write was tried that would leave no trace: `.update()`, a bulk write or a queryset delete."""


class AuditedQuerySet(models.QuerySet):
    """Refuses the writes that django-simple-history does not see."""

    def _refuse(self, *args, **kwargs):
        raise BypassForbidden("This write would leave no history. Save or delete the rows one by one.")

    update = bulk_create = bulk_update = delete = _refuse
    update.alters_data = True


class LogQuerySet(models.QuerySet):
    """Rows that are written once: no query changes or deletes them. They may be written many at a time."""

    def _refuse(self, *args, **kwargs):
        raise BypassForbidden("These rows are never changed or deleted. Write a new one.")

    update = bulk_update = delete = _refuse
    update.alters_data = True


class Record(models.Model):
    """A row that people edit: it knows its version, and who changed what is kept."""

    version = models.PositiveIntegerField(default=1, editable=False)
    history = history()

    class Meta:
        abstract = True


class AppendOnly(models.Model):
    """A row that is written once: what it says, by whom and when, never changes."""

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise BypassForbidden(f"{self._meta.verbose_name} rows are never changed; write a new one.")
        return super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise BypassForbidden(f"{self._meta.verbose_name} rows are never deleted.")


class Conflict(Exception):
    """Somebody else changed the same fields since the form was opened. Nothing was written.

    `theirs` is the row as it stands; `fields` are the names both changed.
    """

    def __init__(self, theirs: models.Model, fields: list[str]):
        super().__init__("Somebody else changed this record since you opened it.")
        self.theirs, self.fields = theirs, fields


def save_seen(row: Record, *, seen: int, changed: list[str], along: Sequence[str] = ()) -> Record:
    """Save the changed fields of a row that was opened at version `seen`, and return the row as it now stands.

    The save is merged when none of the changed fields was changed by anyone since; otherwise `Conflict` is raised and
    nothing is written. The fields `along` go with any change, such as who wrote it and when: two people differ in them
    without disagreeing. Effects: one update of the row (version + 1) and one history row, in one transaction.
    """
    with transaction.atomic():
        current = type(row)._default_manager.select_for_update().get(pk=row.pk)
        if current.version != seen:
            both = changed_by_both(current, row, opened=as_opened(current, seen), changed=changed)
            if both:
                raise Conflict(current, both)
        for name in [*changed, *along]:
            setattr(current, current._meta.get_field(name).attname, _value(row, name))
        current.version += 1
        current.full_clean()
        current.save()
    row.version = current.version
    return current


def as_opened(row: Record, seen: int) -> models.Model | None:
    """The history row that shows a record as it stood at version `seen`; None where its history has none."""
    return row.history.filter(version=seen).order_by("history_id").last()


def changed_by_both(current: Record, typed: Record, *, opened: models.Model | None, changed: list[str]) -> list[str]:
    """Of the fields one person changed, those that somebody else set to something else since `opened`.

    Where nobody can tell how the record stood then, every change that differs from the present counts.
    """
    differ = [name for name in changed if _value(current, name) != _value(typed, name)]
    return [name for name in differ if opened is None or _value(current, name) != _value(opened, name)]


def _value(row, name):
    return getattr(row, type(row)._meta.get_field(name).attname)


@contextlib.contextmanager
def attributed_to(person) -> Iterator[None]:
    """Name the person behind history rows written outside a request: imports, commands and background work."""

    class Request:
        user = person

    before = getattr(HistoricalRecords.context, "request", None)
    HistoricalRecords.context.request = Request()
    try:
        yield
    finally:
        if before is None:
            del HistoricalRecords.context.request
        else:
            HistoricalRecords.context.request = before


def refuse(message: str, field: str | None = None):
    """Raise a ValidationError with one sentence that says what to do, on a field where there is one."""
    raise ValidationError({field: message} if field else message)
