"""Migrations, back and forwards again, on a copy with the whole record and 100,000 rows more, and the tables as before.

The copy is a restored backup of the tests' own database, which all migrations made. They are undone past every one that could
lose something on the way forwards, and every one that changes rows. Before those are only new tables, columns and constraints;
going back to the first of all takes minutes more.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as project

from jcb import backup
from tests.databases import database
from tests.jcb.many_rows import COPIES

BACK = ("needs", "0003", "governance", "0005", "jcb", "0005")
# What did not exist at that time. Everything else has to come back as it was.
TABLES_THEN_GONE = {
    "jcb_erasure",
    "jcb_erasedfile",
    "governance_appraisal",
    "needs_engagement",
    "needs_engagementhistory",
    "needs_moderation",
    "needs_principlefollowed",
    "needs_principlefollowedhistory",
    "governance_agreement",
    "governance_agreementhistory",
    "governance_agreementparty",
    "governance_agreementpartyhistory",
    "governance_agreementreview",
    "governance_agreementyear",
    "governance_agreementyearhistory",
    "governance_contribution",
    "governance_contributionhistory",
}
COLUMNS_THEN_GONE = {
    ("needs_response", "on"),
    ("needs_response", "invented"),
    ("governance_minutes", "data"),
    ("governance_minuteshistory", "data"),
}

pytestmark = pytest.mark.django_db  # so that there is a database to copy


@pytest.fixture(scope="module")
def empty(django_db_setup, django_db_blocker, tmp_path_factory) -> Path:
    """A backup of the tests' own database, without rows."""
    folder = tmp_path_factory.mktemp("migrations")
    with django_db_blocker.unblock():
        backup.make(folder / "backup")
    return folder


def done(url: str, folder: Path, *words: str) -> dict:
    """What the database holds after a process of the application did something to it."""
    own = {
        "DATABASE_URL": url,
        "FILES_ROOT": str(folder / "files"),
        "STATE": str(folder / "state.json"),
        "MODE": "demonstration",
        "SECRET_KEY": "only for this test",
        "DOCUMENTS_AHEAD": "false",
    }
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.jcb.many_rows", *words],
        cwd=Path(project.BASE_DIR),
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        timeout=1200,
    )
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-3000:]
    return json.loads((folder / "state.json").read_text())


def surviving(rows: dict) -> dict:
    """Number of rows and a digest of each column, without what going back loses by nature."""
    return {
        table: (
            held["number"],
            {name: digest for name, digest in held["columns"].items() if (table, name) not in COLUMNS_THEN_GONE},
        )
        for table, held in rows.items()
        if table not in TABLES_THEN_GONE
    }


def test_a_hundred_thousand_rows_go_back_and_forwards_again_and_come_out_as_they_were(empty):
    assert sum(times for times, _ in COPIES.values()) >= 100_000
    with database(empty) as url:
        before = done(url, empty, "fill", str(empty / "backup"))
        assert sum(held["number"] for held in before["rows"].values()) > 100_000
        then = done(url, empty, "back", *BACK)
        assert set(before["rows"]) - set(then["rows"]) == TABLES_THEN_GONE
        for table, (number, _) in surviving(then["rows"]).items():
            assert number == before["rows"][table]["number"], table
        after = done(url, empty, "forwards")
    assert after["schema"] == before["schema"]
    assert (before["missing"], after["missing"]) == ([], [])
    assert surviving(after["rows"]) == surviving(before["rows"])
    assert all(after["rows"][table]["number"] == 0 for table in TABLES_THEN_GONE)
