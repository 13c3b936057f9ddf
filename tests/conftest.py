"""The named cast, the clock they live by, and how they sign in.

Everything happens on Thursday 10 September 2020 at 10:00 unless a test says `with dates.held_at(…)`. A module that
wants the real clock overrides the fixture `clock`.
"""

import datetime as dt
import os

import pytest
from django.core.cache import caches
from django.db import connection, transaction
from django.test import Client, TransactionTestCase, override_settings
from django.utils.text import slugify

from jcb import dates, guards, sessions
from jcb.models import Partner, Person
from tests.addresses import rolled_back
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


# Files whose tests share something that takes a minute or more to make. They go first: a worker that has run out of
# tests takes over the last half of another's, and would have to make it again, or would still be at it when all else is done.
FIRST = ("test_canary", "test_publish_killed", "test_killed")


def pytest_collection_modifyitems(items):
    """Long ones first. On PostgreSQL the other worker's writes are on the same server, and while somebody writes nothing
    is unchanged."""
    items.sort(key=lambda item: FIRST.index(item.path.stem) if item.path.stem in FIRST else len(FIRST))
    if connection.vendor == "postgresql" and "PYTEST_XDIST_WORKER" in os.environ:
        for item in items:
            if item.get_closest_marker("still"):
                item.add_marker(pytest.mark.skip(reason="runs by itself afterwards: another worker is writing"))


FUZZED, FUZZED_AT_LEAST = "fuzzed requests", 5_000  # in a whole run, on each database


def pytest_terminal_summary(terminalreporter):
    """Say how many generated requests were sent, whichever worker sent them."""
    sent = _fuzzed(terminalreporter)
    if sent:
        terminalreporter.write_line(f"{sent:,} generated requests")


def pytest_sessionfinish(session):
    """A whole run that sent fewer than it promises has failed."""
    config = session.config
    whole = config.args == config.getini("testpaths") and not config.option.keyword and not config.option.markexpr
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if whole and reporter and not hasattr(config, "workerinput") and _fuzzed(reporter) < FUZZED_AT_LEAST:
        reporter.write_line(f"\nFewer than {FUZZED_AT_LEAST:,} generated requests were sent.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _fuzzed(reporter) -> int:
    return sum(
        value
        for reports in reporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == FUZZED and report.when == "teardown"
    )


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


@pytest.fixture(scope="module")
def standing(django_db_setup, django_db_blocker, tmp_path_factory):
    """A record that stands for all tests of a file, each of which is undone by itself: what a fixture of the file makes
    after this one. Yields the folder of its files. No test of such a file may commit."""
    folder = tmp_path_factory.mktemp("standing")
    with django_db_blocker.unblock(), override_settings(FILES_ROOT=folder), dates.held_at(NOW), rolled_back():
        yield folder
        transaction.set_rollback(True)


@pytest.fixture
def its_files(standing, settings):
    """The files of a record that stands for the whole file of tests."""
    settings.FILES_ROOT = standing


@pytest.fixture
def sign_in():
    """A browser in which somebody has signed in: `sign_in(observer).get("/")`. Nobody, for None."""

    def signed_in(person: Person | None) -> Client:
        client = Client()
        if person is not None:
            client.force_login(person)
            session = client.session  # as signing in leaves it, so that the first page has nothing to note
            session[sessions.STARTED] = session[sessions.SEEN] = int(dates.real_now().timestamp())
            session.save()
        return client

    return signed_in


@pytest.fixture
def council(db) -> Partner:
    """The partner that owns what the owning commissioner may log on."""
    return _partner("the-council")


@pytest.fixture
def nhs(db) -> Partner:
    return _partner("the-nhs")


@pytest.fixture
def council_member(council) -> Person:
    return _person("board member, council side")


@pytest.fixture
def nhs_member(nhs) -> Person:
    return _person("board member, NHS side")


@pytest.fixture
def owning_commissioner(council) -> Person:
    return _person("commissioner of the owning partner")


@pytest.fixture
def other_commissioner(nhs) -> Person:
    return _person("commissioner of another partner")


@pytest.fixture
def invited_lead(db) -> Person:
    return _person("invited lead")


@pytest.fixture
def forum_representative(db) -> Person:
    return _person("forum representative")


@pytest.fixture
def observer(db) -> Person:
    return _person("observer")


@pytest.fixture
def secretariat(db) -> Person:
    return _person("secretariat")


@pytest.fixture
def administrator(db) -> Person:
    return _person("administrator")


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


PARTNERS = {
    "the-council": {"name": "The Council", "short_name": "Council"},
    "the-nhs": {
        "name": "The NHS commissioner", "short_name": "NHS", "side": "nhs", "kind": Partner.Kind.COMMISSIONER,
    },
}  # fmt: skip
ROLES = {
    "board member, council side": (Person.Role.BOARD_MEMBER, "Director of Children’s Services", "the-council"),
    "board member, NHS side": (Person.Role.BOARD_MEMBER, "Managing Director", "the-nhs"),
    "commissioner of the owning partner": (Person.Role.COMMISSIONER, "Commissioner for therapies", "the-council"),
    "commissioner of another partner": (Person.Role.COMMISSIONER, "Commissioner for community health", "the-nhs"),
    "invited lead": (Person.Role.INVITED_LEAD, "Lead for short breaks", None),
    "forum representative": (Person.Role.FORUM, "Forum representative", None),
    "observer": (Person.Role.OBSERVER, "Observer", None),
    "secretariat": (Person.Role.SECRETARIAT, "Board secretary", None),
    "administrator": (Person.Role.ADMINISTRATOR, "Administrator of the record", None),
}


def make_cast() -> dict[str, Person | None]:
    """All ten for a record that a file's tests share (`standing`); the fixtures above find them in it."""
    return {persona: _person(persona) if persona in ROLES else None for persona in PERSONAS}


def _person(persona: str) -> Person:
    role, name, partner = ROLES[persona]
    email = f"{slugify(name)}@board.example"
    if there := Person.objects.filter(email=email).first():
        return there
    return make_person(role=role, name=name, email=email, partner=_partner(partner) if partner else None)


def _partner(key: str) -> Partner:
    return Partner.objects.filter(key=key).first() or make_partner(key=key, **PARTNERS[key])
