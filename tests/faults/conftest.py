"""A record of which every test has a copy, in a place of its own."""

import json
import os
from collections.abc import Iterator

import pytest

from tests.faults.service import Place, place

POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")
PEOPLE = 200 if POSTGRES else 20


@pytest.fixture(scope="package")
def prepared(tmp_path_factory) -> Iterator[tuple[Place, list[dict]]]:
    """A record in which nobody wrote yet, and who may write in it."""
    with place(tmp_path_factory.mktemp("faults") / "prepared") as empty:
        yield empty, json.loads(empty.run("-m", "tests.faults.ledger", "prepare", str(PEOPLE)))


@pytest.fixture
def people(prepared) -> list[dict]:
    """Their sessions and the addresses of what they write about: `Writer` takes both."""
    return prepared[1]


@pytest.fixture
def here(prepared, tmp_path) -> Iterator[Place]:
    with place(tmp_path / "here", prepared[0]) as copy:
        yield copy
