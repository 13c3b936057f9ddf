"""Seals on what is written once: they show which single row was altered, taken away or slipped in by other means.

Each night the new rows of every append-only table and of every audit trail are sealed, in blocks: a digest of each row,
so that the row can be named, and a digest of the block with that of the seal before it. Seals are a chain, rows are not:
whoever writes a row waits for nobody. What a row says is put into one form on SQLite and on PostgreSQL alike, so that a
record may move from one to the other under its seals.

Somebody who rewrites rows and every seal after them leaves a chain that holds. The newest digest is therefore printed,
and every backup names the one it holds: `verify` can be told to insist on a digest that was noted elsewhere.
"""

import datetime as dt
import hashlib
import itertools
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Max, Model, QuerySet

from jcb import dates, files, grants, guards
from jcb.history import Record
from jcb.models import ErasedFile, Erasure, Person, Seal, StoredFile

BLOCK = 1000  # rows in one seal, and in memory
NUMBER = 8  # bytes of a row's number in a seal
SHA256 = 32
UNREAD = bytes(SHA256)  # in place of a digest: the row cannot be read any more
UNREADABLE = (ValueError, TypeError, ArithmeticError)  # what a value raises that was altered beyond its kind
WAIT = 60  # seconds for somebody who is writing


@dataclass
class Verdict:
    """What was held against what, and what does not agree: a sentence each. `notes` are worth knowing and no fault."""

    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seals: int = 0
    rows: int = 0
    records: int = 0
    unsealed: int = 0
    files: int = 0
    bytes: int = 0


def sealed_models() -> dict[str, type[Model]]:
    """What is sealed, by table: all that is written once, save for the seals, which hold each other."""
    return {model._meta.db_table: model for model in guards.written_once() if model is not Seal}


def recorded_models() -> list[type[Model]]:
    """The models whose rows people edit: an audit trail keeps how each stood."""
    return [model for model in apps.get_models() if issubclass(model, Record) or model is Person]


# What a row says


def digest_of(values: dict[str, Any]) -> bytes:
    """The SHA-256 of what a row says. Raises ValueError for a value that has no one form."""
    said = json.dumps(values, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=_one_form)
    return hashlib.sha256(said.encode()).digest()


def _one_form(value: Any) -> str:
    """Instants in UTC to the microsecond, days as 2020-03-12, decimals without the zeros that one database adds."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    raise ValueError(f"{type(value).__name__} has no one form.")


def columns_of(model: type[Model]) -> list[str]:
    """What is read of a row."""
    return sorted(field.attname for field in model._meta.concrete_fields)


def _digests(model: type[Model], columns: list[str], after: int | None, up_to: int) -> Iterator[tuple[int, bytes]]:
    """Number and digest of each row, in their order, a block in memory at a time."""
    rows = QuerySet(model).filter(pk__lte=up_to).order_by("pk")
    while block := _block(rows if after is None else rows.filter(pk__gt=after), columns, BLOCK):
        yield from block
        after = block[-1][0]


def _block(rows: QuerySet, columns: list[str], most: int) -> list[tuple[int, bytes]]:
    """A row that was altered so that it cannot be read must not keep the others from being looked at."""
    try:
        return [(row.pop("pk"), digest_of(row)) for row in rows.values("pk", *columns)[:most]]
    except UNREADABLE:
        numbers = list(rows.values_list("pk", flat=True)[:most])
        return [pair for number in numbers for pair in _one(rows.filter(pk=number), columns, number)]


def _one(row: QuerySet, columns: list[str], number: int) -> list[tuple[int, bytes]]:
    try:
        return [(number, digest_of(values)) for values in row.values(*columns)]
    except UNREADABLE:
        return [(number, UNREAD)]


# Sealing


class StillWriting(Exception):
    """Somebody has been writing to a table for too long; the message names it. The next run seals it."""


def seal(*, again: str = "") -> list[Seal]:
    """Seal what was written since the last seal, and return the seals made: none where nothing is new.

    `again` names a table to be sealed from its first row, after a migration changed what its rows say. Each seal is a
    transaction of its own, so that nobody waits and a run that is ended leaves a chain that holds. Raises StillWriting.
    """
    sealed = dict(Seal.objects.order_by("number").values_list("table", "up_to"))
    sealed.pop(again, None)
    made, waiting = [], []
    for table, model in sealed_models().items():
        try:
            made += _seal_table(model, sealed.get(table))
        except StillWriting:
            waiting.append(table)
    if waiting:
        raise StillWriting(f"Somebody is writing to {', '.join(waiting)}. Run it again later.")
    return made


def _seal_table(model: type[Model], after: int | None) -> list[Seal]:
    up_to = _settled(model, after)
    if up_to is None:
        return []
    columns, made = columns_of(model), []
    for block in _blocks(_digests(model, columns, after, up_to)):
        made.append(_append(model._meta.db_table, columns, after, block))
        after = made[-1].up_to
    return made


def _blocks(rows: Iterator[tuple[int, bytes]]) -> Iterator[list[tuple[int, bytes]]]:
    while block := list(itertools.islice(rows, BLOCK)):
        yield block


def _append(table: str, columns: list[str], after: int | None, block: list[tuple[int, bytes]]) -> Seal:
    """One seal at the end of the chain. Of two runs at once, the second finds its number taken and ends."""
    with transaction.atomic():
        last = Seal.objects.order_by("number").last()
        new = Seal(
            number=last.number + 1 if last else 1,
            table=table,
            columns=columns,
            after=after,
            up_to=block[-1][0],
            rows=b"".join(number.to_bytes(NUMBER, signed=True) + digest for number, digest in block),
            at=dates.real_now(),
            before=last.digest if last else "",
        )
        new.digest = seal_digest(new)
        new.save()
    return new


def seal_digest(seal: Seal) -> str:
    """What a seal's own digest ought to be."""
    said = {name: getattr(seal, name) for name in ("number", "table", "columns", "after", "up_to", "at", "before")}
    return digest_of({**said, "rows": hashlib.sha256(seal.rows).hexdigest()}).hex()


def _settled(model: type[Model], after: int | None) -> int | None:
    """The highest number at or below which no row can appear any more; None where nothing is new. Raises StillWriting.

    On PostgreSQL a number is taken before it is committed: a lower one may still be on its way when a higher one is
    seen. Whoever has taken one holds a lock on the table until it is committed or given up, so we wait for those who do.
    """
    newest = QuerySet(model).order_by("pk").values_list("pk", flat=True).last()
    if newest is None or (after is not None and newest <= after):
        return None
    if connection.vendor == "postgresql":
        writing, until = _writing(model), time.monotonic() + WAIT
        while writing := writing & _writing(model):
            if time.monotonic() > until:
                raise StillWriting(model._meta.db_table)
            time.sleep(0.05)
    return newest


def _writing(model: type[Model]) -> set[str]:
    """The transactions of others that write to a table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT virtualtransaction FROM pg_locks WHERE mode = 'RowExclusiveLock' AND relation = to_regclass(%s) "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND pid <> pg_backend_pid()",
            [f'"{model._meta.db_table}"'],
        )
        return {each for (each,) in cursor.fetchall()}


# Verifying


def verify(holds: Iterable[str] = ()) -> Verdict:
    """Hold the guards, the chain of seals, every sealed row, every editable row and every kept file against what they
    ought to be.

    `holds`: digests noted elsewhere, which have to be in the chain. Nothing is changed.
    """
    found = Verdict()
    for guard in guards.missing():
        found.faults.append(f"{guard.table} is without its guard {guard.trigger}. Run migrate, which puts it up.")
    if remark := grants.remark():
        found.notes.append(remark)
    for digest in holds:
        if not Seal.objects.filter(digest=digest).exists():
            found.faults.append(f"No seal has the digest {digest}: the chain was cut or made anew.")
    _verify_seals(found)
    for model in recorded_models():
        _verify_records(found, model)
    _verify_files(found)
    return found


def _verify_seals(found: Verdict) -> None:
    """Each seal against its own digest and the seal before it, and then the rows it was put on against it."""
    models, up_to, last = sealed_models(), {}, None
    begins = dict(Seal.objects.filter(after=None).order_by("number").values_list("table", "number"))
    for number, seal in _seals():
        found.seals += 1
        if seal is None or seal.digest != seal_digest(seal):
            found.faults.append(f"jcb_seal: seal {number} was altered.")
        else:
            _verify_place(found, seal, last, up_to.get(seal.table))
            if seal.number >= begins.get(seal.table, 0):
                _verify_block(found, seal, models.get(seal.table))
        if seal is not None:
            up_to[seal.table] = seal.up_to
        last = number, seal.digest if seal else ""
    for table, model in models.items():
        rows = QuerySet(model).all()
        found.unsealed += (rows.filter(pk__gt=up_to[table]) if table in up_to else rows).count()


def _seals() -> Iterator[tuple[int, Seal | None]]:
    """Every seal by its number, one in memory at a time; None for one that cannot be read any more."""
    for pk, number in Seal.objects.order_by("number").values_list("pk", "number"):
        try:
            yield number, Seal.objects.get(pk=pk)
        except UNREADABLE:
            yield number, None


def _verify_place(found: Verdict, seal: Seal, last: tuple[int, str] | None, reached: int | None) -> None:
    """That a seal follows the one before it in the chain, and begins where its table was sealed up to."""
    before, digest = last or (0, "")
    if seal.number > before + 1:
        missing = f"{before + 1} to {seal.number - 1} are" if seal.number > before + 2 else f"{before + 1} is"
        found.faults.append(f"jcb_seal: seal {missing} missing.")
    elif seal.before != digest:
        found.faults.append(
            f"jcb_seal: seal {seal.number} does not follow seal {before}, which was altered or replaced."
        )
    elif seal.after not in (None, reached):
        found.faults.append(f"jcb_seal: seal {seal.number} does not begin where {seal.table} was sealed up to.")
    if seal.after is None and reached is not None:
        found.notes.append(f"{seal.table} was sealed again from its first row on {dates.say_day(seal.at)}.")


def _verify_block(found: Verdict, seal: Seal, model: type[Model] | None) -> None:
    """The rows that a seal was put on against what they said then."""
    if model is None:
        found.notes.append(f"{seal.table} was sealed and is no longer part of this software.")
        return
    if gone := set(seal.columns) - set(columns_of(model)):
        found.faults.append(
            f"{seal.table} no longer has {', '.join(sorted(gone))}, so it cannot be held against seal {seal.number}. "
            f"If a migration did that, run seal_record --again {seal.table}."
        )
        return
    sealed = _rows_of(seal)
    found.rows += len(sealed)
    altered, added = [], []
    for number, digest in _digests(model, seal.columns, seal.after, seal.up_to):
        was = sealed.pop(number, None)
        if was is None:
            added.append(number)
        elif was != digest or digest == UNREAD:
            altered.append(number)
    _tell_erased(found, seal.table, model, altered)
    for numbers, happened in ((altered, "altered"), (list(sealed), "taken away"), (added, "slipped in")):
        for first, last in _stretches(numbers):
            rows = f"row {first} was" if first == last else f"rows {first} to {last} were"
            found.faults.append(
                f"{seal.table}: {rows} {happened} since seal {seal.number} of {dates.say_day(seal.at)}."
            )


def _tell_erased(found: Verdict, table: str, model: type[Model], altered: list[int]) -> None:
    """Take off the list of altered rows those that say what an erasure left them saying, and tell of it."""
    for erasure in Erasure.objects.order_by("number").select_related("by") if altered else ():
        about = erasure.rows.get(table, {})
        left = {number: about["rows"][str(number)] for number in altered if str(number) in about.get("rows", {})}
        if not left or set(about["columns"]) - set(columns_of(model)):
            continue
        now = _block(QuerySet(model).filter(pk__in=list(left)), about["columns"], len(left))
        as_left = [number for number, digest in now if digest.hex() == left[number]]
        altered[:] = [number for number in altered if number not in as_left]
        for first, last in _stretches(sorted(as_left)):
            rows = f"row {first}" if first == last else f"rows {first} to {last}"
            found.notes.append(f"{table}: words in {rows} were erased on {dates.say_day(erasure.at)} by {erasure.by}.")


def _rows_of(seal: Seal) -> dict[int, bytes]:
    step = NUMBER + SHA256
    pieces = (seal.rows[at : at + step] for at in range(0, len(seal.rows), step))
    return {int.from_bytes(piece[:NUMBER], signed=True): bytes(piece[NUMBER:]) for piece in pieces}


def _stretches(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Numbers that follow each other without a gap, as (first, last)."""
    for _, run in itertools.groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        together = [number for _, number in run]
        yield together[0], together[-1]


def _verify_records(found: Verdict, model: type[Model]) -> None:
    """Each editable row against the newest row of its own history: what was changed past the application differs."""
    names = sorted(field.attname for field in model.history.model.tracked_fields)
    table, reached = model._meta.db_table, None
    numbers = QuerySet(model).order_by("pk").values_list("pk", flat=True)
    while block := list((numbers if reached is None else numbers.filter(pk__gt=reached))[:BLOCK]):
        found.records += len(block)
        # Somebody may have saved between the two readings: what differs is looked at once more.
        suspect = _unlike_history(model, names, block)
        for number, fields in _unlike_history(model, names, list(suspect)).items() if suspect else ():
            found.faults.append(f"{table}: row {number} is not as its history has it ({', '.join(fields)}).")
        reached = block[-1]
    there = QuerySet(model).values("pk")
    lost = _newest(model).exclude(history_type="-").exclude(id__in=there).order_by("id").values_list("id", flat=True)
    for number in lost:
        found.faults.append(f"{table}: row {number} was taken away, and its history does not say so.")


def _newest(model: type[Model], numbers: list[int] | None = None) -> QuerySet:
    """The newest history row of each record; of some of them, where their numbers are given."""
    rows = QuerySet(model.history.model)
    every = rows.order_by() if numbers is None else rows.filter(id__in=numbers).order_by()
    return rows.filter(pk__in=every.values("id").annotate(newest=Max("history_id")).values("newest"))


def _unlike_history(model: type[Model], names: list[str], numbers: list[int]) -> dict[int, list[str]]:
    """Records that are not as their newest history row has them, each with the names of what differs."""
    try:
        kept = {row["id"]: row for row in _newest(model, numbers).exclude(history_type="-").values(*names)}
        rows = list(QuerySet(model).filter(pk__in=numbers).order_by("pk").values(*names))
    except UNREADABLE:
        if len(numbers) == 1:
            return {numbers[0]: ["it cannot be read"]}
        return {number: said for each in numbers for number, said in _unlike_history(model, names, [each]).items()}
    differ = {}
    for row in rows:
        was = kept.get(row["id"])
        if fields := [name for name in names if row[name] != was[name]] if was else ["it has none"]:
            differ[row["id"]] = fields
    return differ


def _verify_files(found: Verdict) -> None:
    """Every kept file against its name, which is the hash of its bytes."""
    erased = {each.file_id: each.erasure for each in ErasedFile.objects.select_related("erasure__by")}
    for stored in StoredFile.objects.order_by("pk").iterator(chunk_size=BLOCK):
        found.files += 1
        name = files.name_of(stored)
        if erasure := erased.get(stored.pk):
            said = f"The file {name} was erased on {dates.say_day(erasure.at)} by {erasure.by}"
            if files.is_there(stored):
                found.faults.append(f"{said}, and is there.")
            else:
                found.notes.append(f"{said}.")
            continue
        try:
            with files.opened(stored) as kept:
                sha256 = hashlib.file_digest(kept, "sha256").hexdigest()
                found.bytes += kept.tell()
        except OSError as problem:
            why = "is missing" if isinstance(problem, FileNotFoundError) else f"cannot be read ({problem.strerror})"
            found.faults.append(f"The file {name} {why}.")
            continue
        if sha256 != stored.sha256:
            found.faults.append(f"The file {name} was altered: its SHA-256 is now {sha256}.")
