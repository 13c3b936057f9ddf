"""The named cast, the clock they live by, and how they sign in.

Everything happens on Thursday 10 September 2020 at 10:00 unless a test says `with dates.held_at(…)`. A module that
wants the real clock overrides the fixture `clock`.
"""

import datetime as dt
import os

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client, TransactionTestCase
from django.utils.text import slugify

from jcb import dates, guards
from jcb.models import Partner, Person
from tests.make import make_partner, make_person

NOW = dt.datetime(2020, 9, 10, 10, 0, tzinfo=dates.LONDON)

# The ten of SECURITY.md, in its order. A matrix of rules names them so.
PERSONAS = (
    "signed out",
    "board member, council side",
    "board member, NHS side",
    "commissioner of the owning partner",
    "commissioner of another partner",
    "invited lead",
    "forum representative",
    "observer",
    "secretariat",
    "administrator",
)


def pytest_collection_modifyitems(items):
    """On PostgreSQL the other worker's writes are on the same server, and while somebody writes nothing is unchanged."""
    if connection.vendor == "postgresql" and "PYTEST_XDIST_WORKER" in os.environ:
        for item in items:
            if item.get_closest_marker("still"):
                item.add_marker(pytest.mark.skip(reason="runs by itself afterwards: another worker is writing"))


@pytest.fixture(scope="session", autouse=True)
def emptied_between_tests():
    """A test that commits is tidied up by emptying the tables, which SQLite's guards would refuse; they come back after."""
    empty = TransactionTestCase._fixture_teardown

    def without_guards(case):
        if connection.vendor == "sqlite":
            guards.take_down()
        empty(case)
        guards.put_up()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", without_guards)
        yield


@pytest.fixture(autouse=True)
def clock():
    """The clock stands still, so that a date in a test is a date for good."""
    with dates.held_at(NOW):
        yield NOW


@pytest.fixture(autouse=True)
def nothing_remembered():
    """What one test's database held is nothing to the next: pages and documents are remembered by the state of it."""
    for cache in caches.all(initialized_only=True):
        cache.clear()


@pytest.fixture(autouse=True)
def files_of_this_test(settings, tmp_path):
    """Files are kept in a folder of the test's own."""
    settings.FILES_ROOT = tmp_path / "files"
    return settings.FILES_ROOT


@pytest.fixture
def sign_in():
    """A browser in which somebody has signed in: `sign_in(observer).get("/")`. Nobody, for None."""

    def signed_in(person: Person | None) -> Client:
        client = Client()
        if person is not None:
            client.force_login(person)
        return client

    return signed_in


@pytest.fixture
def council(db) -> Partner:
    """The partner that owns what the owning commissioner may log on."""
    return make_partner(key="the-council", name="The Council", short_name="Council")


@pytest.fixture
def nhs(db) -> Partner:
    return make_partner(
        key="the-nhs", name="The NHS commissioner", short_name="NHS", side="nhs", kind=Partner.Kind.COMMISSIONER
    )


@pytest.fixture
def council_member(council) -> Person:
    return _person(Person.Role.BOARD_MEMBER, "Director of Children’s Services", partner=council)


@pytest.fixture
def nhs_member(nhs) -> Person:
    return _person(Person.Role.BOARD_MEMBER, "Managing Director", partner=nhs)


@pytest.fixture
def owning_commissioner(council) -> Person:
    return _person(Person.Role.COMMISSIONER, "Commissioner for therapies", partner=council)


@pytest.fixture
def other_commissioner(nhs) -> Person:
    return _person(Person.Role.COMMISSIONER, "Commissioner for community health", partner=nhs)


@pytest.fixture
def invited_lead(db) -> Person:
    return _person(Person.Role.INVITED_LEAD, "Lead for short breaks")


@pytest.fixture
def forum_representative(db) -> Person:
    return _person(Person.Role.FORUM, "Forum representative")


@pytest.fixture
def observer(db) -> Person:
    return _person(Person.Role.OBSERVER, "Observer")


@pytest.fixture
def secretariat(db) -> Person:
    return _person(Person.Role.SECRETARIAT, "Board secretary")


@pytest.fixture
def administrator(db) -> Person:
    return _person(Person.Role.ADMINISTRATOR, "Administrator of the record")


@pytest.fixture
def cast(
    council_member,
    nhs_member,
    owning_commissioner,
    other_commissioner,
    invited_lead,
    forum_representative,
    observer,
    secretariat,
    administrator,
) -> dict[str, Person | None]:
    """All ten by the names in `PERSONAS`; nobody stands for "signed out"."""
    people = (
        None,
        council_member,
        nhs_member,
        owning_commissioner,
        other_commissioner,
        invited_lead,
        forum_representative,
        observer,
        secretariat,
        administrator,
    )
    return dict(zip(PERSONAS, people, strict=True))


def _person(role: str, name: str, **given) -> Person:
    return make_person(role=role, name=name, email=f"{slugify(name)}@board.example", **given)
