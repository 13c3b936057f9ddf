"""Nothing is lost by a migration unless somebody was told what, and agreed."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings as project
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunPython, RunSQL

from jcb.losses import LOSES
from tests.databases import database

ROOMS = ("jcb", "needs", "workstreams", "governance")
HEAD = """
from django.db import migrations as m, models
def fill(apps, editor):
    book = apps.get_model("shelf", "Book")
    for number in range(12):
        book.objects.create(title="T" * (number + 1), note="" if number % 2 else "words", place=number)
    apps.get_model("shelf", "Lamp").objects.create()
class Migration(m.Migration):
"""
# An application of its own, with a history such as ours may come to have.
MIGRATIONS = {
    "0001_made": """
    operations = [
        m.CreateModel("Book", [("id", models.BigAutoField(primary_key=True)), ("title", models.CharField(max_length=50)),
            ("note", models.TextField()), ("place", models.IntegerField(null=True)), ("empty", models.TextField(default=""))]),
        m.CreateModel("Lamp", [("id", models.BigAutoField(primary_key=True))]),
        m.CreateModel("Bare", [("id", models.BigAutoField(primary_key=True))]),
        m.RunPython(fill, m.RunPython.noop),
    ]""",
    "0002_nothing_lost": """
    dependencies = [("shelf", "0001_made")]
    operations = [
        m.RenameModel("Book", "Volume"), m.RenameField("Volume", "note", "remark"), m.AlterModelTable("Lamp", "shelf_light"),
        m.AddField("Volume", "extra", models.TextField(default="")), m.RemoveField("Volume", "extra"),
        m.AlterField("Volume", "title", models.CharField(max_length=60)), m.DeleteModel("Bare"), m.RemoveField("Volume", "empty"),
        m.CreateModel("Passing", [("id", models.BigAutoField(primary_key=True))]), m.DeleteModel("Passing"),
    ]""",
    "0003_lost": """
    dependencies = [("shelf", "0002_nothing_lost")]
    operations = [
        m.RemoveField("Volume", "remark"), m.AlterField("Volume", "place", models.TextField(null=True)), m.DeleteModel("Lamp"),
        m.AlterField("Volume", "title", models.CharField(max_length=20)),
        m.RunSQL("DELETE FROM shelf_volume WHERE id > 3", "", hints={"loses": "all volumes but three go"}),
        m.RunPython(m.RunPython.noop, m.RunPython.noop, hints={"loses": ""}),
    ]""",
    "0004_narrower": """
    dependencies = [("shelf", "0003_lost")]
    operations = [
        m.RunSQL("UPDATE shelf_volume SET title = substr(title, 1, 2)", "", hints={"loses": "titles are cut short"}),
        m.AlterField("Volume", "title", models.CharField(max_length=2)),
    ]""",
}
Manage = Callable[..., subprocess.CompletedProcess]


@pytest.fixture
def manage(tmp_path) -> Iterator[Manage]:
    """manage.py with one more application, on an empty database."""
    there = tmp_path / "code" / "shelf" / "migrations"
    there.mkdir(parents=True)
    for folder in (there, there.parent):
        (folder / "__init__.py").touch()
    for name, text in MIGRATIONS.items():
        (there / f"{name}.py").write_text(HEAD + text)
    (tmp_path / "code" / "more.py").write_text(
        "from jcb.settings import *\nINSTALLED_APPS = [*INSTALLED_APPS, 'shelf']\n"
    )
    with database(tmp_path) as url:
        own = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "more", "PYTHONPATH": str(tmp_path / "code")}
        place = {**os.environ, **own, "MODE": "demonstration", "SECRET_KEY": "only for this test"}

        def run(*words: str) -> subprocess.CompletedProcess:
            return subprocess.run(
                [sys.executable, "-W", "ignore", "manage.py", *words],
                cwd=Path(project.BASE_DIR),
                env=place,
                capture_output=True,
                text=True,
                timeout=300,
            )

        yield run


FORWARDS = [
    "shelf.0003_lost: shelf_book.note goes, and with it what it says in 6 rows",
    "shelf.0003_lost: shelf_book.place becomes TextField, and holds something in 12 rows",
    "shelf.0003_lost: the table shelf_lamp goes, and with it 1 rows",
    "shelf.0003_lost: all volumes but three go",
    "shelf.0004_narrower: titles are cut short",
    "shelf.0004_narrower: shelf_book.title gets narrower, and holds more than 2 characters in 10 rows",
]


def said(ended: subprocess.CompletedProcess) -> list[str]:
    return [line.strip() for line in ended.stderr.splitlines() if line.startswith("  ")]


def test_what_would_be_lost_is_counted_and_said_and_nothing_is_done_until_somebody_agrees(manage):
    assert manage("migrate", "shelf", "0001").returncode == 0
    planned = manage("migrate", "shelf", "--plan")
    assert (planned.returncode, said(planned)) == (0, FORWARDS)
    refused = manage("migrate", "shelf")
    assert refused.returncode == 1
    assert said(refused) == FORWARDS
    assert "Nothing was changed." in refused.stderr
    agreed = manage("migrate", "shelf", "--accept-loss")
    assert agreed.returncode == 0, agreed.stderr
    assert said(agreed) == FORWARDS
    # Three volumes are left, and what went before is there no more: going back loses those.
    back = manage("migrate", "shelf", "zero")
    assert (back.returncode, said(back)) == (
        1,
        [
            "shelf.0003_lost: shelf_volume.place becomes IntegerField, and holds something in 3 rows",
            "shelf.0001_made: the table shelf_volume goes, and with it 3 rows",
        ],
    )


def test_in_an_empty_database_there_is_nothing_to_lose(manage):
    ended = manage("migrate", "shelf")
    assert (ended.returncode, said(ended)) == (0, [])


def test_each_data_migration_of_ours_says_what_it_loses():
    ours = [
        (migration, operation)
        for migration in MigrationLoader(None).disk_migrations.values()
        if migration.app_label in ROOMS
        for operation in migration.operations
        if isinstance(operation, RunPython | RunSQL)
    ]
    assert ours
    assert {app.label for app in apps.get_app_configs()} >= set(ROOMS)
    assert [str(migration) for migration, operation in ours if LOSES not in operation.hints] == []
    assert [str(migration) for migration, operation in ours if not operation.reversible] == []
