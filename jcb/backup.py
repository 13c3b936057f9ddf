"""The whole record in one folder: the database, the kept files that it names, and a manifest of both.

    manifest.json                      what is in the folder, and how the database stood
    manifest.sha256                    the manifest's own hash
    database.sqlite3 or database.dump  by SQLite's backup, or by pg_dump
    files/<sha256>.<extension>         as in the store of kept files, be it a folder or a bucket

One moment, without stopping anybody: the database is read first, as it stood at an instant, and the files after it. A
file is in its store before the row that names it is committed, is named by the hash of its bytes and is never changed or
deleted. So every file that the database of that instant names is there a minute later, and the same; files that came
since are simply not named. The other way round, a row could name a file that came after the files were copied.

A backup is made, and a record restored, under a temporary name and renamed once it is whole and on the disk. Whatever
bears its proper name is complete.
"""

import contextlib
import hashlib
import json
import os
import platform
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import django
from django.conf import settings
from django.core.files import File
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.migrations.loader import MigrationLoader
from django.db.utils import ConnectionHandler

from jcb import dates, files, guards
from jcb.file_store import InFolder

FORMAT = 1
MANIFEST, MANIFEST_HASH, FILES = "manifest.json", "manifest.sha256", "files"
DATABASE = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
DATED, DATED_GLOB = "%Y-%m-%dT%H%M%SZ", "????-??-??T??????Z"
PIECE = 1 << 20
INSTALL = (
    "Install PostgreSQL's client programs: apt-get install postgresql-client, of the server's version or a later one."
)


class BackupError(Exception):
    """Nothing was backed up or restored; the message is the whole of what the reader has to know."""


@dataclass(frozen=True)
class Moment:
    """How a database stood at one instant: what a restored one is held against."""

    migrations: list[list[str]]
    tables: dict[str, int]
    files: list[tuple[str, str, int]]  # name, SHA-256, bytes
    seal: dict[str, Any]


@dataclass
class Manifest:
    """What is in a backup. `damaged`: kept files that were missing or altered already when it was made."""

    at: str
    database: dict[str, Any]
    files: dict[str, dict[str, Any]]
    migrations: list[list[str]]
    tables: dict[str, int]
    seal: dict[str, Any]
    made_by: dict[str, str]
    damaged: list[str] = field(default_factory=list)
    format: int = FORMAT

    @property
    def size(self) -> int:
        return self.database["size"] + sum(each["size"] for each in self.files.values())


# Making one


def make(folder: Path) -> Manifest:
    """Make a backup of the database and its files. Raises BackupError.

    Effects: the folder, which must not be there yet, or be empty. A kept file that is missing or altered does not keep
    the rest from being backed up: the manifest names it as damaged.
    """
    folder = folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BackupError(f"{folder} is there already. Name a folder that is not, so that no backup is written over.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _half(folder) as half:
        half.mkdir(mode=0o700)
        at = dates.real_now()
        database = half / DATABASE[connection.vendor]
        moment = _dump_sqlite(database) if connection.vendor == "sqlite" else _dump_postgresql(database)
        manifest = Manifest(
            at=at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            database={"kind": connection.vendor, "name": database.name, **_described(database)},
            files={},
            migrations=moment.migrations,
            tables=moment.tables,
            seal=moment.seal,
            made_by={
                "release": settings.RELEASE,
                "Django": django.get_version(),
                "Python": platform.python_version(),
            },
        )
        _copy_kept(moment, half / FILES, manifest)
        text = json.dumps(asdict(manifest), indent=1, sort_keys=True).encode()
        _write(half / MANIFEST, text)
        _write(half / MANIFEST_HASH, f"{hashlib.sha256(text).hexdigest()}  {MANIFEST}\n".encode())
        _flush_folder(half)
        half.replace(folder)
        _flush_folder(folder.parent)
    return manifest


def dated(folder: Path) -> Path:
    """A folder inside that one, named by the instant in UTC."""
    return folder / dates.real_now().strftime(DATED)


def made_in(folder: Path) -> list[Path]:
    """The dated backups in a folder, the newest first. What is not whole has no proper name, and is not among them."""
    return sorted((path.parent for path in folder.glob(f"{DATED_GLOB}/{MANIFEST}")), reverse=True)


def keep_newest(folder: Path, number: int) -> list[Path]:
    """Remove all but the newest dated backups in a folder, and return those removed."""
    old = made_in(folder)[number:]
    for path in old:
        shutil.rmtree(path)
    return old


def _copy_kept(moment: Moment, into: Path, manifest: Manifest) -> None:
    into.mkdir(mode=0o700)
    for name, sha256, size in moment.files:
        try:
            with files.store().open(name) as kept:
                found = _copy(kept, into / name)
        except FileNotFoundError:
            manifest.damaged.append(name)
            continue
        manifest.files[name] = found
        if found != {"sha256": sha256, "size": size}:
            manifest.damaged.append(name)
    _flush_folder(into)


def _dump_sqlite(target: Path) -> Moment:
    """By SQLite's own backup, in one step: a copy of the file alone would miss what stands in its write-ahead log."""
    name = connection.settings_dict["NAME"]
    if not Path(name).is_file():
        raise BackupError(f"There is no database at {name}. Run migrate first, or set DATABASE_URL.")
    with (
        contextlib.closing(sqlite3.connect(name, timeout=60)) as source,
        contextlib.closing(sqlite3.connect(target)) as to,
    ):
        source.backup(to)
        to.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
    _flush(target)
    with _another(NAME=str(target), OPTIONS={}) as copy:
        return _moment(copy)


def _dump_postgresql(target: Path) -> Moment:
    """By pg_dump, from a snapshot that we hold meanwhile, so that what we count is what it writes."""
    program = _program("pg_dump")
    with _another() as holding, holding.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={target}"]
        _run(program, *options, connection.settings_dict["NAME"])
        moment = _moment(holding)
    _flush(target)
    return moment


def _moment(database) -> Moment:
    """How a database stands, by plain SQL: it may be of an earlier version of this software than we are."""
    with database.cursor() as cursor:
        there = sorted(database.introspection.table_names(cursor))
        tables = {}
        for table in there:
            cursor.execute(f"SELECT count(*) FROM {database.ops.quote_name(table)}")  # noqa: S608 -- a table that is there, quoted
            tables[table] = cursor.fetchone()[0]
        migrations, kept, last = [], [], None
        if "django_migrations" in there:
            cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
            migrations = [list(row) for row in cursor.fetchall()]
        if "jcb_storedfile" in there:
            left = " WHERE id NOT IN (SELECT file_id FROM jcb_erasedfile)" if "jcb_erasedfile" in there else ""
            cursor.execute(f"SELECT sha256, extension, size FROM jcb_storedfile{left} ORDER BY sha256")  # noqa: S608 -- fixed words
            kept = [(f"{sha256}.{extension}", sha256, size) for sha256, extension, size in cursor.fetchall()]
        if "jcb_seal" in there:
            cursor.execute("SELECT number, digest FROM jcb_seal ORDER BY number DESC LIMIT 1")
            last = cursor.fetchone()
    return Moment(migrations, tables, kept, dict(zip(("number", "digest"), last, strict=True)) if last else {})


# Looking at one


def check(folder: Path) -> Manifest:
    """What a backup holds, once everything in it has been read and agrees. Raises BackupError with what does not."""
    manifest = read_manifest(folder)
    expected = {MANIFEST, MANIFEST_HASH, manifest.database["name"]} | {f"{FILES}/{name}" for name in manifest.files}
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}
    wrong = [f"{name} is missing" for name in sorted(expected - found)]
    wrong += [f"{name} is no part of it" for name in sorted(found - expected)]
    for name, described in [
        (manifest.database["name"], manifest.database),
        *((f"{FILES}/{name}", described) for name, described in sorted(manifest.files.items())),
    ]:
        if name in found and _described(folder / name) != {key: described[key] for key in ("sha256", "size")}:
            wrong.append(f"{name} was altered")
    if wrong:
        raise BackupError(f"The backup in {folder} is not whole: {'; '.join(wrong)}. Take another one.")
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """The manifest alone. Raises BackupError where there is none, or where it is not as it was written."""
    try:
        text = (folder / MANIFEST).read_bytes()
        noted = (folder / MANIFEST_HASH).read_text(encoding="ascii", errors="replace").split()[:1]
    except OSError as problem:
        name = Path(problem.filename or MANIFEST).name
        raise BackupError(
            f"{folder} holds no {name}, so it is no backup, or not a whole one. Take another one."
        ) from problem
    if noted != [hashlib.sha256(text).hexdigest()]:
        raise BackupError(f"The backup in {folder} is not whole: {MANIFEST} was altered. Take another one.")
    said = json.loads(text)
    if said.get("format") != FORMAT:
        raise BackupError(
            f"The backup in {folder} is of another format than this software reads. Use the one that made it."
        )
    return Manifest(**said)


# Restoring one


def restore(folder: Path, *, accept_damage: bool = False) -> Manifest:
    """Restore a backup into an empty database and an empty folder of files. Raises BackupError.

    Nothing is written before the whole backup has been read and agrees. `accept_damage`: restore a backup that was made
    when kept files were missing or altered already. Effects: the store of kept files and the database, whose guards stand.
    """
    folder = folder.absolute()
    manifest = check(folder)
    _insist_it_fits(manifest)
    if manifest.damaged and not accept_damage:
        raise BackupError(
            f"When this backup was made, kept files were missing or altered already: {', '.join(manifest.damaged)}. "
            "Take an earlier backup, or restore this one with --accept-damage."
        )
    _insist_on_empty()
    with _files_of(folder / FILES, manifest) as put_files:
        if connection.vendor == "sqlite":
            _restore_sqlite(folder, manifest, put_files)
        else:
            _restore_postgresql(folder, manifest, put_files)
    guards.put_up()
    return manifest


def _restore_sqlite(folder: Path, manifest: Manifest, put_files: Callable[[], None]) -> None:
    """Files first and the database last, since it is the database that says what there is."""
    name = Path(connection.settings_dict["NAME"]).absolute()
    name.parent.mkdir(parents=True, exist_ok=True)
    with _half(name) as copy:
        with (folder / manifest.database["name"]).open("rb") as dump:
            _copy(dump, copy)
        with _another(NAME=str(copy), OPTIONS={}) as restored:
            with restored.cursor() as cursor:
                cursor.execute("PRAGMA integrity_check")
                if cursor.fetchone()[0] != "ok":
                    raise BackupError(f"{manifest.database['name']} is damaged. Take another backup.")
            _insist_on_the_same(manifest, _moment(restored))
        connections.close_all()
        put_files()
        for beside in ("-wal", "-shm"):  # of the empty database that was there
            name.with_name(name.name + beside).unlink(missing_ok=True)
        copy.replace(name)
        _flush_folder(name.parent)


def _restore_postgresql(folder: Path, manifest: Manifest, put_files: Callable[[], None]) -> None:
    """In one transaction: all of it or nothing. It is committed before the files are in their place, and what fails
    between the two is said."""
    database = connection.settings_dict["NAME"]
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", f"--dbname={database}"]
    _run(_program("pg_restore"), *options, str(folder / manifest.database["name"]))
    _insist_on_the_same(manifest, _moment(connection))
    put_files()


@contextlib.contextmanager
def _files_of(folder: Path, manifest: Manifest) -> Iterator[Callable[[], None]]:
    """What puts the files of a backup into their place once the database is right: into a folder all at once, since
    they were copied beside it before; into a bucket one by one."""
    if not isinstance(files.store(), InFolder):
        yield lambda: _send(folder, manifest)
        return
    root = settings.FILES_ROOT.absolute()
    root.parent.mkdir(parents=True, exist_ok=True)
    with _half(root) as half:
        half.mkdir(mode=0o700)
        for name, described in manifest.files.items():
            with (folder / name).open("rb") as kept:
                if _copy(kept, half / name) != described:
                    raise BackupError(f"{FILES}/{name} was altered while it was restored. Take another backup.")
        _flush_folder(half)
        yield lambda: _rename(half, root)


def _send(folder: Path, manifest: Manifest) -> None:
    for name in manifest.files:
        try:
            with (folder / name).open("rb") as kept:
                files.store().save(name, File(kept))
        except OSError as problem:
            raise BackupError(
                f"{files.store().place} did not take {name} ({problem.strerror}). Empty it and the database, and restore "
                "again."
            ) from problem


def _rename(half: Path, root: Path) -> None:
    try:
        half.replace(root)
    except OSError as problem:
        raise BackupError(
            f"FILES_ROOT, {root}, cannot be put in its place ({problem.strerror}). Let it name a folder inside a disk, "
            "not the disk itself; empty the database and restore again."
        ) from problem
    _flush_folder(root.parent)


def _insist_it_fits(manifest: Manifest) -> None:
    kind = manifest.database["kind"]
    if kind != connection.vendor:
        raise BackupError(
            f"This is a backup of {kind}, and DATABASE_URL names {connection.vendor}. Set it accordingly."
        )
    known = MigrationLoader(None).disk_migrations
    if newer := [f"{app} {name}" for app, name in manifest.migrations if (app, name) not in known]:
        raise BackupError(
            f"The backup is of newer software, with {', '.join(newer)}. Install that, and restore with it."
        )


def _insist_on_empty() -> None:
    if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
        tables = []
    else:
        tables = connection.introspection.table_names()
    if tables:
        raise BackupError(
            f"The database has tables already, {tables[0]} among them. Restore into an empty one, so that nothing is lost."
        )
    if not files.store().is_empty():
        raise BackupError(f"{files.store().place} is not empty. Restore into an empty one, so that nothing is lost.")


def _insist_on_the_same(manifest: Manifest, moment: Moment) -> None:
    wrong = [
        f"{table} has {moment.tables.get(table, 0)} rows and had {rows}"
        for table, rows in manifest.tables.items()
        if moment.tables.get(table) != rows
    ]
    wrong += [f"{table} was not there" for table in moment.tables if table not in manifest.tables]
    if moment.migrations != manifest.migrations:
        wrong.append("other migrations were applied")
    if moment.seal != manifest.seal:
        wrong.append("another seal is the last")
    named = {name for name, _, _ in moment.files}
    wrong += [f"the file {name} is not in it" for name in sorted(named - set(manifest.files) - set(manifest.damaged))]
    if wrong:
        raise BackupError(f"What was restored is not what was backed up: {'; '.join(wrong)}.")


def unapplied(manifest: Manifest) -> list[str]:
    """Migrations that this software has and the backup had not: `migrate` applies them after a restore."""
    applied = {tuple(each) for each in manifest.migrations}
    return [
        f"{app} {name}" for app, name in sorted(MigrationLoader(None).disk_migrations) if (app, name) not in applied
    ]


# Databases and programs


@contextlib.contextmanager
def _another(**changes) -> Iterator[Any]:
    """A connection of its own, to the same database or to another one with the same settings."""
    own = ConnectionHandler({DEFAULT_DB_ALIAS: {**connection.settings_dict, **changes}})[DEFAULT_DB_ALIAS]
    try:
        yield own
    finally:
        own.close()


def _program(name: str) -> str:
    """One of PostgreSQL's programs: where the shell finds it, or where Debian keeps those of the newest version."""
    kept = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    found = shutil.which(name) or (str(kept[-1]) if kept else None)
    if found is None:
        raise BackupError(f"{name} is not here. {INSTALL}")
    return found


def _run(program: str, *options: str) -> None:
    """Run one of PostgreSQL's programs on our database. The password goes by the environment, where nobody else reads it."""
    place = connection.settings_dict
    _, own = connection.client.settings_to_cmd_args_env(place, [])
    named = {"PGHOST": place["HOST"], "PGPORT": place["PORT"], "PGUSER": place["USER"], "PGPASSWORD": place["PASSWORD"]}
    own = {**{name: str(value) for name, value in named.items() if value}, **(own or {})}
    ended = subprocess.run(  # noqa: S603 -- our own words and names from the settings, without a shell
        [program, *options], env={**os.environ, **own}, capture_output=True, text=True, check=False
    )
    if ended.returncode != 0:
        said = ended.stderr.strip()
        raise BackupError(
            f"{Path(program).name} failed: {said}" + (f" {INSTALL}" if "version mismatch" in said else "")
        )


# Files


@contextlib.contextmanager
def _half(path: Path) -> Iterator[Path]:
    """A temporary name beside `path`, for what is not whole yet. What still bears it at the end is removed."""
    half = path.with_name(f".{path.name}.{os.getpid()}.half")
    try:
        yield half
    finally:
        if half.is_dir():
            shutil.rmtree(half)
        else:
            half.unlink(missing_ok=True)


def _copy(read: BinaryIO, target: Path) -> dict[str, Any]:
    """Copy a file to the disk, readable by its owner alone, and describe what was copied."""
    hashed, size = hashlib.sha256(), 0
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as write:
        while piece := read.read(PIECE):
            hashed.update(piece)
            size += len(piece)
            write.write(piece)
        write.flush()
        os.fsync(write.fileno())
    return {"sha256": hashed.hexdigest(), "size": size}


def _described(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {"sha256": hashlib.file_digest(file, "sha256").hexdigest(), "size": path.stat().st_size}


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    _flush(path)


def _flush(path: Path) -> None:
    """To the disk, and readable by its owner alone."""
    path.chmod(0o600)
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _flush_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
