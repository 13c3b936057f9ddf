#!/usr/bin/env python
"""Proves that a backup can be restored: `make drill`, and once a week in production.

    .venv/bin/python bin/drill.py                     makes a backup of the present database and files
    .venv/bin/python bin/drill.py /var/backups/jcb    takes the newest of those that `backup --dated` put there

It is restored into an empty place of its own, every row and file of it is held against its seal and its hash, and how
long each step took is printed. A backup that the drill made is then altered by one byte, and has to be refused. On
PostgreSQL the place is a new database on the same server, so the role needs the right to make one. Nothing is left
behind, and any failure ends with status 1.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jcb.settings")

import django  # noqa: E402 -- after the path to our own code

django.setup()

from django.db import connection  # noqa: E402 -- after Django, as all that follow

from jcb import backup  # noqa: E402 -- as above

GOAL_MINUTES = 30  # from an empty machine's database to one that is verified

IN_A_FOLDER = {"FILES_S3_BUCKET": "", "AWS_ENDPOINT_URL_S3": ""}  # a bucket has no empty place to restore into


class Failed(Exception):
    """The drill did not succeed; the message says at what."""


def manage(*words: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def step(name: str, *words: str, **environment: str) -> float:
    """One step that has to succeed. Returns its seconds."""
    began = time.monotonic()
    ended = manage(*words, **environment)
    seconds = time.monotonic() - began
    print(f"{name}: {seconds:.1f} s", flush=True)
    for line in ended.stdout.strip().splitlines():
        print(f"    {line}")
    if ended.returncode != 0:
        raise Failed(f"{name}: manage.py {words[0]} ended with {ended.returncode}.")
    return seconds


@contextlib.contextmanager
def empty_database(folder: Path) -> Iterator[str]:
    """The address of an empty database of the same kind as ours, which is gone afterwards."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder / 'restored.sqlite3'}"
        return
    name = f"{connection.settings_dict['NAME']}_drill_{os.getpid()}"
    quoted = connection.ops.quote_name(name)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {quoted} TEMPLATE template0")
    try:
        yield urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")


def backup_to_restore(given: Path | None, folder: Path) -> Path:
    if given is None:
        step("Seal what is new", "seal_record")
        step("Back up", "backup", str(folder / "backup"))
        return folder / "backup"
    if (given / backup.MANIFEST).is_file():
        return given
    if not (made := backup.made_in(given)):
        raise Failed(f"There is no backup in {given}.")
    return made[0]


def refused_when_altered(made: Path, folder: Path, url: str) -> None:
    """One byte in the middle of a file, and it must not be restored; the file has to be named."""
    manifest = backup.read_manifest(made)
    names = [manifest.database["name"], *(f"{backup.FILES}/{name}" for name in list(manifest.files)[:1])]
    for name in names:
        with (made / name).open("r+b") as file:
            file.seek((made / name).stat().st_size // 2)
            byte = file.read(1)[0]
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([byte ^ 1]))
        ended = manage("restore", str(made), DATABASE_URL=url, FILES_ROOT=str(folder / "nothing"), **IN_A_FOLDER)
        if ended.returncode == 0 or f"{name} was altered" not in ended.stdout or (folder / "nothing").exists():
            raise Failed(f"A backup with a byte altered in {name} was not refused: {ended.stdout}")
    print(f"With one byte altered it is refused, by name: {', '.join(names)}")


def drill(given: Path | None) -> None:
    print(f"The database is {connection.vendor}.")
    with tempfile.TemporaryDirectory(prefix="jcb-drill-") as temporary:
        folder = Path(temporary)
        taken = backup_to_restore(given, folder)
        manifest = backup.read_manifest(taken)
        holds = ["--holds", manifest.seal["digest"]] if manifest.seal else []
        with empty_database(folder) as url:
            there = {"DATABASE_URL": url, "FILES_ROOT": str(folder / "files"), **IN_A_FOLDER}
            seconds = step(f"Restore what was backed up at {manifest.at}", "restore", str(taken), **there)
            if backup.unapplied(manifest):
                seconds += step(
                    "Apply what is newer than the backup",
                    "migrate",
                    "--no-input",
                    "--accept-loss",
                    "--verbosity=0",
                    **there,
                )
            seconds += step("Hold every row and file against its seal", "verify_record", *holds, **there)
        if given is None:
            with empty_database(folder / "other") as url:
                refused_when_altered(taken, folder, url)
        rows = [(table, number) for table, number in manifest.tables.items() if number]
        print(f"The same number of rows in each of {len(manifest.tables)} tables; the longest:")
        for table, number in sorted(rows, key=lambda pair: -pair[1])[:8]:
            print(f"    {table:<40} {number:>10,}")
        if seconds > GOAL_MINUTES * 60:
            raise Failed(f"It took {seconds / 60:.0f} minutes, and may take {GOAL_MINUTES}.")
        print(f"The drill succeeded: restored and verified in {seconds:.1f} s.")


def main() -> int:
    parser = argparse.ArgumentParser(description="Proves that a backup can be restored.")
    parser.add_argument(
        "folder", nargs="?", type=Path, help="a backup, or a folder of dated ones; without it one is made"
    )
    try:
        drill(parser.parse_args().folder)
    except (Failed, backup.BackupError) as problem:
        print(f"THE DRILL FAILED. {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
