"""What was backed up comes back as it was, and what is not whole comes back not at all."""

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path

import pytest
from django.conf import settings as project
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from jcb import backup, files, guards, seals
from jcb.models import Partner, Seal, StoredFile
from tests import make
from tests.databases import database

LATE = "0" * 64 + ".pdf"


@pytest.fixture
def record(transactional_db) -> list[StoredFile]:
    """A record with a few rows of history, two kept files, and a seal on it: committed, since another reads it."""
    for n in range(3):
        make.make_partner(name=f"Partner {n}")
    kept = [files.keep(f"%PDF-1.7 paper {n}".encode() * 1000, extension="pdf", by=None) for n in range(2)]
    seals.seal()
    return kept


@pytest.fixture
def made(record, tmp_path) -> Path:
    folder = tmp_path / "backup"
    folder.mkdir()  # an empty folder is taken
    backup.make(folder)
    return folder


@pytest.fixture
def by_hand(tmp_path) -> Path:
    """A backup as it looks from outside, without a record behind it."""
    folder = tmp_path / "backup"
    (folder / backup.FILES).mkdir(parents=True)
    database, kept = folder / backup.DATABASE[connection.vendor], b"%PDF-1.7 paper" * 100
    database.write_bytes(b"rows " * 1000)
    name = f"{hashlib.sha256(kept).hexdigest()}.pdf"
    (folder / backup.FILES / name).write_bytes(kept)
    manifest = backup.Manifest(
        at="2026-12-01T02:15:00Z",
        database={"kind": connection.vendor, "name": database.name, **backup._described(database)},
        files={name: backup._described(folder / backup.FILES / name)},
        migrations=[["jcb", "0001_initial"]],
        tables={},
        seal={},
        made_by={},
    )
    (folder / backup.MANIFEST).write_text(json.dumps(asdict(manifest)))
    rewritten(folder)
    backup.check(folder)
    return folder


@contextlib.contextmanager
def empty_place(tmp_path: Path, name: str = "restored"):
    """The environment of the application with an empty database and no files. Yields it."""
    folder = tmp_path / name
    folder.mkdir()
    with database(folder) as url:
        yield {
            **os.environ,
            "DATABASE_URL": url,
            "FILES_ROOT": str(folder / "files"),
            "MODE": "demonstration",
            "SECRET_KEY": "only for this test",
        }


def manage(place: dict[str, str], *words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", *words],
        cwd=project.BASE_DIR,
        env=place,
        capture_output=True,
        text=True,
        timeout=180,
    )


def rewritten(made: Path, **changes) -> None:
    """A manifest with something else in it, and its hash as it ought to be."""
    text = json.dumps({**json.loads((made / backup.MANIFEST).read_text()), **changes}).encode()
    (made / backup.MANIFEST).write_bytes(text)
    (made / backup.MANIFEST_HASH).write_text(hashlib.sha256(text).hexdigest())


# There and back

LOOK = """
import django; django.setup()
from django.db import DatabaseError, connection
from jcb import guards
from jcb.models import Partner, StoredFile
from jcb import files
assert guards.missing() == [], guards.missing()
for sql in ("UPDATE jcb_storedfile SET size = 2", "DELETE FROM jcb_partnerhistory", "DELETE FROM jcb_seal"):
    try:
        connection.cursor().execute(sql)
    except DatabaseError:
        pass
    else:
        raise SystemExit(f"{sql} was not refused.")
print(sorted(Partner.objects.values_list("name", flat=True)))
print(sorted(len(files.path_of(kept).read_bytes()) for kept in StoredFile.objects.all()))
Partner.objects.create(key="next", name="Next", short_name="Next", side="other", kind="other")
"""


def test_a_record_is_restored_into_an_empty_place_with_its_files_its_seals_and_its_guards(made, record, tmp_path):
    with empty_place(tmp_path) as place:
        ended = manage(place, "restore", str(made))
        assert ended.returncode == 0, ended.stderr
        digest = Seal.objects.last().digest
        assert f"verify_record --holds {digest}" in ended.stdout
        verified = manage(place, "verify_record", "--holds", digest)
        assert verified.returncode == 0, verified.stderr
        assert "Nothing was altered." in verified.stdout
        looked = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", LOOK],
            cwd=project.BASE_DIR,
            env={**place, "DJANGO_SETTINGS_MODULE": "jcb.settings"},
            capture_output=True,
            text=True,
        )
        assert looked.returncode == 0, looked.stderr
        assert looked.stdout.splitlines() == ["['Partner 0', 'Partner 1', 'Partner 2']", "[16000, 16000]"]
        again = manage(place, "restore", str(made))
        assert again.returncode != 0
        assert "The database has tables already" in again.stderr
    assert {path.name for path in (tmp_path / "restored").iterdir()} <= {
        "files",
        "board.sqlite3",
        "board.sqlite3-wal",
        "board.sqlite3-shm",
    }


def test_the_manifest_says_what_is_in_the_backup_and_of_which_moment(made, record):
    manifest = backup.check(made)
    assert manifest.at.endswith("Z")
    assert manifest.tables["jcb_partner"] == manifest.tables["jcb_partnerhistory"] == 3
    assert manifest.tables["jcb_storedfile"] == 2
    assert ["jcb", "0001_initial"] in manifest.migrations
    assert manifest.seal == {"number": Seal.objects.last().number, "digest": Seal.objects.last().digest}
    assert set(manifest.files) == {f"{kept.sha256}.pdf" for kept in record}
    assert all(described["sha256"] == name.partition(".")[0] for name, described in manifest.files.items())
    assert manifest.made_by["release"] == project.RELEASE
    assert manifest.damaged == []
    assert backup.unapplied(manifest) == []


def test_a_backup_is_read_by_its_owner_alone(made):
    assert made.stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o077 == 0 for path in made.rglob("*"))


def test_while_others_write_the_backup_is_of_one_moment(record, tmp_path):
    """Files and rows go on coming all the time: every file that a row names is there, and every count is that of the dump."""
    done = threading.Event()

    def write(writer: int) -> None:
        n = 0
        while not done.is_set():
            n += 1
            files.keep(f"%PDF-1.7 {writer} {n}".encode(), extension="pdf", by=None)
            with transaction.atomic():
                make.make_partner(name=f"{writer} {n}")
        connection.close()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for writer in writers:
        writer.start()
    try:
        made = []
        for number in range(4):
            before = StoredFile.objects.count()
            made.append(backup.make(tmp_path / f"backup {number}"))
            assert len(made[-1].files) == made[-1].tables["jcb_storedfile"] >= before
            assert made[-1].tables["jcb_partner"] == made[-1].tables["jcb_partnerhistory"]
            assert made[-1].damaged == []
    finally:
        done.set()
        for writer in writers:
            writer.join()
    assert made[-1].tables["jcb_storedfile"] < StoredFile.objects.count()  # they did write meanwhile
    with empty_place(tmp_path) as place:
        ended = manage(place, "restore", str(tmp_path / "backup 3"))
        assert ended.returncode == 0, ended.stderr
        assert manage(place, "verify_record").returncode == 0


# What is refused


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def kept_file(made: Path) -> Path:
    return min((made / "files").iterdir())


@pytest.mark.parametrize(
    ("harm", "named"),
    [
        (lambda made: flip(made / backup.DATABASE[connection.vendor]), "database.* was altered"),
        (lambda made: flip(kept_file(made)), r"files/[0-9a-f]{64}\.pdf was altered"),
        (lambda made: kept_file(made).unlink(), r"files/[0-9a-f]{64}\.pdf is missing"),
        (lambda made: (made / backup.DATABASE[connection.vendor]).unlink(), "database.* is missing"),
        (lambda made: (made / "files" / LATE).write_bytes(b"x"), "files/0+.pdf is no part of it"),
        (lambda made: flip(made / backup.MANIFEST), "manifest.json was altered"),
        (lambda made: (made / backup.MANIFEST).unlink(), "holds no manifest.json"),
        (lambda made: (made / backup.MANIFEST_HASH).unlink(), "holds no manifest.sha256"),
        (lambda made: rewritten(made, format=2), "of another format"),
        (lambda made: rewritten(made, files={}), r"files/[0-9a-f]{64}\.pdf is no part of it"),
        (lambda made: rewritten(made, migrations=[["jcb", "9999_later"]]), "of newer software, with jcb 9999_later"),
    ],
)
def test_a_backup_that_is_not_whole_is_refused_by_name(harm, named, by_hand, settings, tmp_path):
    harm(by_hand)
    settings.FILES_ROOT = tmp_path / "nothing"
    with pytest.raises(backup.BackupError, match=named):
        backup.restore(by_hand)
    assert not (tmp_path / "nothing").exists()


def test_a_backup_of_another_kind_of_database_is_refused(by_hand):
    manifest = json.loads((by_hand / backup.MANIFEST).read_text())
    rewritten(by_hand, database={**manifest["database"], "kind": "another"})
    with pytest.raises(backup.BackupError, match="This is a backup of another"):
        backup.restore(by_hand)


def test_nothing_is_restored_over_a_record_or_over_files(made, tmp_path, settings):
    with pytest.raises(CommandError, match="The database has tables already"):
        call_command("restore", str(made))
    settings.FILES_ROOT = tmp_path / "others"
    settings.FILES_ROOT.mkdir()
    (settings.FILES_ROOT / "a").write_bytes(b"a")
    with empty_place(tmp_path) as place:
        ended = manage({**place, "FILES_ROOT": str(settings.FILES_ROOT)}, "restore", str(made))
    assert ended.returncode != 0
    assert "is not empty. Restore into an empty one" in ended.stderr


def test_a_manifest_that_does_not_agree_with_its_database_is_refused(made, tmp_path):
    """The counts that the manifest names are those of the restored database, or it is not put in its place."""
    manifest = json.loads((made / backup.MANIFEST).read_text())
    rewritten(made, tables={**manifest["tables"], "jcb_partner": 4})
    with empty_place(tmp_path) as place:
        ended = manage(place, "restore", str(made))
    assert ended.returncode != 0
    assert "What was restored is not what was backed up: jcb_partner has 3 rows and had 4." in ended.stderr
    assert not (tmp_path / "restored" / "files").exists()
    assert not (tmp_path / "restored" / "board.sqlite3").exists()


# What is damaged already


@pytest.mark.parametrize("harm", [Path.unlink, flip])
def test_a_damaged_file_keeps_nothing_else_from_being_backed_up_and_is_named_from_then_on(
    harm, record, tmp_path, capsys
):
    harm(files.path_of(record[0]))
    name = f"{record[0].sha256}.pdf"
    with pytest.raises(SystemExit) as ended:
        call_command("backup", str(tmp_path / "backup"))
    assert ended.value.code == 1
    assert f"The kept file {name} is missing or was altered." in capsys.readouterr().err
    assert backup.check(tmp_path / "backup").damaged == [name]
    with empty_place(tmp_path) as place:
        refused = manage(place, "restore", str(tmp_path / "backup"))
        assert refused.returncode != 0
        assert f"missing or altered already: {name}" in refused.stderr
        accepted = manage(place, "restore", str(tmp_path / "backup"), "--accept-damage")
        assert accepted.returncode == 0, accepted.stderr
        assert name in accepted.stdout
        assert name in manage(place, "verify_record").stderr


# Half of one


@pytest.mark.parametrize("at", ["_dump_sqlite", "_dump_postgresql", "_copy", "_write"])
def test_a_backup_that_is_broken_off_leaves_nothing_that_looks_like_one(at, record, tmp_path, monkeypatch):
    if at.startswith("_dump") and not at.endswith(connection.vendor):
        pytest.skip("the other database's")

    def broken(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, at, broken)
    with pytest.raises(CommandError, match="No space left"):
        call_command("backup", str(tmp_path / "place" / "backup"))
    assert list((tmp_path / "place").iterdir()) == []


def test_no_backup_is_written_over(by_hand):
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", str(by_hand))
    backup.check(by_hand)


def test_dated_backups_are_kept_so_many_of_the_newest(record, tmp_path, capsys):
    for day in (1, 2, 3):
        (tmp_path / f"2026-11-0{day}T021500Z").mkdir()
        (tmp_path / f"2026-11-0{day}T021500Z" / backup.MANIFEST).write_text("{}")
    (tmp_path / "something else").mkdir()
    call_command("backup", str(tmp_path), dated=True, keep=2)
    (new,) = [path for path in backup.made_in(tmp_path) if path.name > "2026-11-03T021500Z"]
    assert {path.name for path in tmp_path.iterdir()} >= {"something else", "2026-11-03T021500Z", new.name}
    assert [path.name for path in backup.made_in(tmp_path)] == [new.name, "2026-11-03T021500Z"]
    assert "2026-11-01T021500Z was removed." in capsys.readouterr().out
    for wrong in ({"dated": True, "keep": 0}, {"keep": 2}):
        with pytest.raises(CommandError, match="--keep goes with --dated"):
            call_command("backup", str(tmp_path), **wrong)


def test_the_seal_that_a_backup_names_has_to_be_in_the_chain(record, tmp_path, capsys):
    """Whoever makes the chain anew would have to reach the backups as well."""
    call_command("backup", str(tmp_path / "kept"), dated=True)
    call_command("verify_record", backups=tmp_path / "kept")
    digest = Seal.objects.last().digest
    guards.take_down()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM jcb_seal")
    guards.put_up()
    seals.seal()
    call_command("verify_record")
    capsys.readouterr()
    with pytest.raises(SystemExit):
        call_command("verify_record", backups=tmp_path / "kept")
    assert f"No seal has the digest {digest}" in capsys.readouterr().err


# Programs and databases that are not there


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite")
def test_a_database_that_is_not_there_is_no_backup(tmp_path, monkeypatch, db):
    monkeypatch.setitem(connection.settings_dict, "NAME", str(tmp_path / "none.sqlite3"))
    with pytest.raises(backup.BackupError, match="There is no database at"):
        backup.make(tmp_path / "backup")
    assert not (tmp_path / "none.sqlite3").exists()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite")
def test_a_copy_of_the_file_alone_would_miss_rows_and_the_backup_does_not(record, tmp_path):
    """The control: what was just saved stands in the write-ahead log, and not yet in the file."""
    make.make_partner(name="Just saved")
    shutil.copyfile(connection.settings_dict["NAME"], tmp_path / "copied.sqlite3")
    backup.make(tmp_path / "backup")
    found = {}
    for name in ("copied.sqlite3", "backup/database.sqlite3"):
        with (
            contextlib.closing(sqlite3.connect(tmp_path / name)) as copy,
            contextlib.suppress(sqlite3.OperationalError),
        ):
            found[name] = copy.execute("SELECT count(*) FROM jcb_partner WHERE name = 'Just saved'").fetchone()[0]
    assert found.get("copied.sqlite3", 0) == 0
    assert found["backup/database.sqlite3"] == Partner.objects.filter(name="Just saved").count() == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="of PostgreSQL")
def test_what_pg_dump_says_is_passed_on_and_the_password_is_on_no_command_line(monkeypatch, db):
    with pytest.raises(backup.BackupError, match=r"pg_dump failed: .*no_such_option"):
        backup._run(backup._program("pg_dump"), "--no_such_option")
    given = {}
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "a secret")
    monkeypatch.setattr(
        backup.subprocess,
        "run",
        lambda words, env, **_: given.update(words=words, env=env) or subprocess.CompletedProcess(words, 0),
    )
    backup._run("pg_dump", "board")
    assert "a secret" not in given["words"]
    assert given["env"]["PGPASSWORD"] == "a secret"


def test_a_program_that_is_missing_is_named_with_what_to_install():
    with pytest.raises(backup.BackupError, match=r"pg_nothing is not here\. Install PostgreSQL's client programs"):
        backup._program("pg_nothing")
