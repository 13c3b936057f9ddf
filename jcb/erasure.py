"""Taking words out of the record for good: a child's name that slipped into a text, or a person's, at their request.

`find` says where certain words stand, and changes nothing. `erase` puts others in their place: in live rows, in the audit
trail, in what is written once and in what was frozen as data, past the guards, in one transaction in which they are taken
down and put up again. Who did it and why is kept as an `Erasure`, which names each changed row and has a digest of what
it says now, so that `verify_record` calls that row erased, and altered only if somebody changes it once more.

A kept file is not rewritten. Those that hold the words are named; a file that has to go is removed, and an `ErasedFile`
says so. Words are found whole, in large or small letters, also joined by hyphens as in an address.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.models import Max, Model, QuerySet

from jcb import access, file_words, files, guards, seals
from jcb.history import refuse
from jcb.models import ErasedFile, Erasure, Person, StoredFile

INSTEAD = "[erased]"
BLOCK, SHORTEST = 1000, 3
MAY_NOT = "The secretariat and the administrator erase what has to go."
TEXTS = (models.CharField, models.TextField, models.JSONField)


@dataclass
class Found:
    """Where the words stand. `rows`: by model, the new values of each row that has them, by its primary key. `files`: the
    kept files that say them; `by_eye`: those that no program can read to the end."""

    rows: dict[type[Model], dict[Any, dict[str, Any]]] = field(default_factory=dict)
    files: list[StoredFile] = field(default_factory=list)
    by_eye: list[StoredFile] = field(default_factory=list)

    def counts(self) -> list[tuple[str, int]]:
        """Table and column, and in how many rows."""
        told: dict[str, int] = {}
        for model, rows in self.rows.items():
            for changes in rows.values():
                for name in changes:
                    place = f"{model._meta.db_table}.{model._meta.get_field(name).column}"
                    told[place] = told.get(place, 0) + 1
        return sorted(told.items())


def find(words: Sequence[str], *, instead: str = INSTEAD) -> Found:
    """Where any of the words stand, and what would stand there instead. Changes nothing."""
    found = Found(_rows_of(words, instead))
    if not words:
        return found
    squeezed = [_squeezed(each) for each in words]
    for stored in StoredFile.objects.filter(erased=None).order_by("pk"):
        try:
            read = file_words.read(stored)
        except FileNotFoundError:
            continue
        if any(each in _squeezed(read.words) for each in squeezed):
            found.files.append(stored)
        elif not read.is_whole:
            found.by_eye.append(stored)
    return found


def erase(
    words: Sequence[str], *, by: Person, because: str, remove: Sequence[StoredFile] = (), instead: str = INSTEAD
) -> Erasure:
    """Put other words in the place of these wherever they stand in the tables, and remove the files named.

    Nobody else may be writing meanwhile: what they save at that moment could be lost, or bring the words back.
    Effects: the rows changed, one `Erasure` and an `ErasedFile` for each file, in one transaction; then the files
    themselves. Refused where the reason has the words, or where there is nothing to erase.
    """
    access.require(access.may_use_admin(by), MAY_NOT)
    if not because.strip():
        refuse("Say why, and who decided it.", "because")
    if words and (_pattern(words).search(because) or _pattern(words).search(instead)):
        refuse("The reason is kept. Say it without the words that are to go.", "because")
    with transaction.atomic():
        found = _rows_of(words, instead)
        if not found and not remove:
            refuse("These words stand nowhere in the tables. Nothing was changed.")
        tables = {model._meta.db_table for model in found}
        guards.take_down(tables=tables)
        for model, rows in found.items():
            for pk, changes in rows.items():
                QuerySet(model).filter(pk=pk).update(**changes)
        last = Erasure.objects.aggregate(last=Max("number"))["last"] or 0
        made = Erasure(number=last + 1, by=by, because=because.strip(), rows=_digests(found))
        made.full_clean()
        made.save()
        for stored in remove:
            ErasedFile(erasure=made, file=stored).save()
        guards.put_up()
    for stored in remove:
        files.remove(stored)
    return made


def _rows_of(words: Sequence[str], instead: str) -> dict[type[Model], dict]:
    if not words:
        return {}
    said = _pattern(words)
    every = (
        model for model in apps.get_models(include_auto_created=True) if model._meta.managed and not model._meta.proxy
    )
    return {model: rows for model in every if (rows := dict(_changes(model, said, instead)))}


def _digests(found: dict[type[Model], dict]) -> dict[str, dict]:
    """What each changed row of a sealed table says now: its columns by table, and a digest by primary key."""
    kept = {}
    for table, model in seals.sealed_models().items():
        if model in found:
            columns = seals.columns_of(model)
            rows = QuerySet(model).filter(pk__in=list(found[model])).values("pk", *columns)
            kept[table] = {"columns": columns, "rows": {str(row.pop("pk")): seals.digest_of(row).hex() for row in rows}}
    return kept


def _changes(model: type[Model], said: re.Pattern, instead: str) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The rows of a model that say it, with the new values."""
    fields = [each for each in model._meta.concrete_fields if isinstance(each, TEXTS) and not each.is_relation]
    if not fields:
        return
    whose = "id" if hasattr(model, "instance_type") else "pk"  # the same for a record and its history
    names = [each.attname for each in fields]
    for row in QuerySet(model).order_by("pk").values(*dict.fromkeys(["pk", whose, *names])).iterator(chunk_size=BLOCK):
        changes = {}
        for each in fields:
            value = row[each.attname]
            new = _without(value, said, _instead_in(each, instead, row[whose]))
            if isinstance(each, models.EmailField) and "@" in (value or "") and "@" not in new:
                new += "@erased.invalid"
            if new != value:
                changes[each.attname] = new[: each.max_length] if isinstance(new, str) and each.max_length else new
        if changes:
            yield row["pk"], changes


def _instead_in(each: models.Field, instead: str, number: Any) -> str:
    """What stands in the place of the words, in a form that the column takes; where values are unique, one for each row."""
    if isinstance(each, models.EmailField | models.SlugField):
        return f"erased-{number}"
    return f"{instead} {number}" if each.unique else instead


def _without(value: Any, said: re.Pattern, instead: str) -> Any:
    if isinstance(value, str):
        return said.sub(instead.replace("\\", r"\\"), value)
    if isinstance(value, dict):
        return {_without(key, said, instead): _without(each, said, instead) for key, each in value.items()}
    if isinstance(value, list):
        return [_without(each, said, instead) for each in value]
    return value


def _pattern(words: Sequence[str]) -> re.Pattern:
    """Any of the words, each whole. Refuses those that would be found everywhere."""
    if any(len(_squeezed(one)) < SHORTEST for one in words):
        refuse(f"Give at least {SHORTEST} letters of each: shorter words stand in too much.", "words")
    each = (r"[\s_.-]+".join(re.escape(part) for part in re.split(r"[\s_-]+", one.strip())) for one in words)
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(each)})(?![^\W_])", re.IGNORECASE)


def _squeezed(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()
