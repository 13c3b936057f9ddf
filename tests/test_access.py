"""Who may reach what: one test for each row of tests/access_matrix.py, and what a refusal must not do.

The record of these tests holds a word, `SECRET`, in everything that a member may read and nobody else.
"""

import contextlib
import datetime as dt
import functools
from dataclasses import dataclass

import pytest
from django.contrib import admin
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from jcb import dates, files
from tests.access_matrix import EXEMPT, MATRIX, MAY_ON_SCREEN, SCREEN_PAGES
from tests.addresses import Case, every_case, on_day, rolled_back
from tests.conftest import PERSONAS, make_cast
from tests.make import (
    make_agenda_item,
    make_consideration,
    make_deliverable,
    make_document,
    make_forward_item,
    make_front_sheet,
    make_invitation,
    make_lead,
    make_meeting,
    make_paper_version,
    make_person,
    make_plan,
    make_theme,
    make_update,
    make_workstream,
)
from workstreams.models import ProgressUpdate

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cases", "its_files")]

OWN = ("needs:", "workstreams:", "governance:", "signed_in_", "sign_out_")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
SECRET = "Zanzibar"
REFUSED = {"login", "403", "404", "405"}


@dataclass
class World:
    """A record with something in it for every address, and the ten who ask."""

    cases: dict[tuple[str, str], Case]
    clients: dict[str, Client]

    def ask(self, persona: str, name: str, method: str):
        case = self.case(name, method)
        sent = case.form() if method == "POST" else None
        return getattr(self.clients[persona], method.lower())(case.url(name), sent)

    def case(self, name: str, method: str) -> Case:
        return self.cases.get((name, method)) or self.cases.get((name, "GET")) or self.cases.get((name, "")) or Case()


@pytest.fixture(scope="module")
def cases(standing) -> dict[tuple[str, str], Case]:
    """The record, made once for this file, and what is asked at each address."""
    return every_case(SECRET, make_cast())


@pytest.fixture
def world(cases, cast, sign_in, settings) -> World:
    settings.PDF_SECONDS = 0
    return World(cases, {persona: sign_in(person) for persona, person in cast.items()})


@pytest.fixture(autouse=True)
def quiet(caplog):
    """Refusals are logged, hundreds of them here."""
    caplog.set_level("CRITICAL", logger="django.request")
    caplog.set_level("CRITICAL", logger="django.security")


def cell(answer) -> str:
    """An answer as a cell of the matrix."""
    if answer.status_code == 302:
        path = answer.headers["Location"].partition("?")[0]
        return "login" if path in (reverse("account_login"), reverse("admin:login")) else "302"
    return str(answer.status_code)


def body(answer) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@functools.cache
def _counts_sql() -> str:
    quote = connection.ops.quote_name
    tables = sorted(set(connection.introspection.django_table_names()) - {"django_session"})
    return " UNION ALL ".join(f"SELECT '{table}', count(*) FROM {quote(table)}" for table in tables)  # noqa: S608 -- the names are our own tables


def record() -> dict[str, int]:
    """How many rows everything has, histories included: what a refusal must leave as it was."""
    with connection.cursor() as cursor:
        cursor.execute(_counts_sql())
        return dict(cursor.fetchall())


# The matrix


def names_of_patterns(resolver, namespace="", path=""):
    """(name, path) of every address; without a name, only the path."""
    for entry in resolver.url_patterns:
        here = path + str(entry.pattern)
        if hasattr(entry, "url_patterns"):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from names_of_patterns(entry, inner, here)
        else:
            yield (f"{namespace}{entry.name}" if entry.name else ""), here


def screen_names() -> set[str]:
    labels = (label.replace(".", "_") for label in MAY_ON_SCREEN)
    return {f"admin:{label}_{page}" for label in labels for page in SCREEN_PAGES}


def test_every_address_is_in_the_matrix():
    listed = {name for name, _ in MATRIX} | screen_names()
    named, nameless = set(), set()
    screens = {f"{label.replace('.', '/')}/" for label in MAY_ON_SCREEN}
    for name, path in names_of_patterns(get_resolver()):
        if name:
            named.add(name)
        else:
            for screen in screens:
                path = path.replace(screen, "<screen>/")
            nameless.add(path.replace("^", ""))
    assert named - listed == set(), "These addresses have no row in tests/access_matrix.py."
    assert listed - named == set(), "These rows have no address any more."
    assert nameless == set(EXEMPT)
    assert len(EXEMPT) <= 5


def test_every_screen_of_the_reference_records_is_in_the_matrix():
    assert {model._meta.label_lower for model in admin.site._registry} == set(MAY_ON_SCREEN)


@pytest.mark.parametrize(("name", "method"), MATRIX, ids=lambda part: str(part))
def test_each_persona_gets_what_the_matrix_says_and_a_refusal_changes_and_shows_nothing(name, method, world):
    expected, found = MATRIX[name, method], {}
    for persona in PERSONAS:
        before = record()
        # What is made of a document while one waits is made outside a transaction; looking changes nothing anyhow.
        with rolled_back() if method == "POST" else contextlib.nullcontext():
            answer = world.ask(persona, name, method)
            found[persona] = cell(answer)
            shown = body(answer)
            if found[persona] in REFUSED and name != "account_logout":
                assert record() == before, f"{persona} changed the record."
                assert SECRET.encode() not in shown, f"{persona} saw what is not theirs."
                assert SECRET not in answer.headers.get("Location", "")
            if method == "GET":
                assert record() == before, f"{persona} changed the record by looking."
                head = world.ask(persona, name, "HEAD")
                assert cell(head) == found[persona]
                assert body(head) == b""
            if method == "POST":
                transaction.set_rollback(True)
    assert found == expected


OF_THE_BOARD = (
    "meetings", "meeting", "forward", "forward_item", "agenda", "agenda_item", "highlight", "all_terms", "terms",
    "compare_terms",
)  # fmt: skip
OF_THE_SECRETARIAT = (
    "edit_meeting", "front_sheet", "front_sheet_read", "papers", "paper", "paper_original", "paper_pages", "round",
    "write_highlight", "edit_terms",
)  # fmt: skip


def test_members_see_what_the_signed_out_do_not(world):
    """The control of the test above: the word it looks for is there for those who may read."""
    for name, method in MATRIX:
        if (
            name.startswith("workstreams:")
            and method == "GET"
            and name not in {"workstreams:round", "workstreams:statuses"}
        ):
            assert SECRET.encode() in body(world.ask("observer", name, method)), name
    for persona, names in (("observer", OF_THE_BOARD), ("secretariat", OF_THE_SECRETARIAT)):
        for name in names:
            assert SECRET.encode() in body(world.ask(persona, f"governance:{name}", "GET")), name


@pytest.mark.parametrize("label", MAY_ON_SCREEN)
def test_only_those_whom_the_matrix_names_open_a_screen_of_the_reference_records(label, world):
    name = f"admin:{label.replace('.', '_')}"
    opened = {"changelist": reverse(f"{name}_changelist"), "add": reverse(f"{name}_add")}
    others = {page: reverse(f"{name}_{page}", args=[1]) for page in ("change", "delete", "history")}
    before = record()
    for persona in PERSONAS:
        may, client = MAY_ON_SCREEN[label].get(persona), world.clients[persona]
        if may:
            assert client.get(opened["changelist"], follow=True).status_code == 200
            assert client.get(opened["add"]).status_code == (200 if may == "add" else 403)
            continue
        for address in (opened | others).values():
            for answer in (client.get(address), client.post(address, {"name": "x", "post": "yes"})):
                assert cell(answer) == ("login" if persona == "signed out" else "403"), f"{persona}, {address}"
                assert SECRET.encode() not in answer.content
    assert record() == before


@pytest.mark.parametrize("name", sorted({name for name, _ in MATRIX if name.startswith(OWN)}))
def test_a_method_without_a_row_is_not_allowed(name, world):
    allowed = {method for listed, method in MATRIX if listed == name}
    allowed |= {"HEAD"} if "GET" in allowed else set()
    before = record()
    for method in METHODS:
        if method not in allowed:
            assert cell(world.ask("observer", name, method)) == "405", method
            assert cell(world.ask("administrator", name, method)) == "405", method
            public = MATRIX[name, "GET" if "GET" in allowed else "POST"]["signed out"] != "login"
            assert cell(world.ask("signed out", name, method)) == ("405" if public else "login"), method
    assert record() == before


@pytest.mark.parametrize("name", sorted({name for name, _ in MATRIX if not name.startswith((*OWN, "health", "ready"))}))
def test_a_method_without_a_row_changes_and_shows_nothing_on_pages_that_are_not_ours(name, world):
    """allauth and Django answer some methods as another one, or with the way elsewhere: nothing comes of it, whoever asks."""
    listed = {method for each, method in MATRIX if each == name}
    before = record()
    for method in METHODS:
        for persona in ("signed out", "observer", "administrator") if method not in listed | {"HEAD"} else ():
            answer = world.ask(persona, name, method)
            assert answer.status_code < 500, f"{persona}, {method}"
            assert SECRET.encode() not in body(answer), f"{persona}, {method}"
    assert record() == before


@pytest.mark.parametrize("name", sorted({name for name, method in MATRIX if name.startswith(OWN) and method == "POST"}))
def test_nothing_is_written_for_a_page_of_somebody_elses_site(name, world, secretariat):
    """A form that does not come from our own pages carries no token."""
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(secretariat)
    case, before = world.case(name, "POST"), record()
    assert strict.post(case.url(name), case.sent).status_code == 403
    assert record() == before


PUBLIC = {
    "governance:feed",
    "governance:board", "governance:public_summary", "governance:public_pdf",
    "governance:you_said", "governance:you_said_pdf",
    "governance:help", "governance:accessibility", "governance:privacy", "health", "ready",
    "account_login", "account_signup", "account_inactive", "account_confirm_email", "account_email_verification_sent",
    "account_reset_password", "account_reset_password_done", "account_reset_password_from_key",
    "account_reset_password_from_key_done", "openid_connect_login", "openid_connect_callback",
}  # fmt: skip


def test_only_the_pages_about_this_service_and_those_of_signing_in_are_public(world):
    assert {name for name, method in MATRIX if MATRIX[name, method]["signed out"] != "login"} == PUBLIC
    for name in PUBLIC:
        assert SECRET.encode() not in body(world.ask("signed out", name, "GET"))


def test_the_signed_out_are_led_to_the_page_they_asked_for(world):
    answer = world.ask("signed out", "workstreams:deliverable", "GET")
    assert answer.headers["Location"] == "/accounts/login/?next=/plans/kensington/1/2/"


def test_the_signed_out_cannot_tell_what_exists_from_what_does_not():
    client = Client()
    there = make_deliverable()
    paths = [f"/plans/{there.workstream.plan.slug}/1/1/", "/plans/nowhere/1/1/"]
    answers = []
    for path in paths:
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(path)
        answers.append((answer.status_code, answer.headers["Location"].replace(path, ""), answer.content, len(queries)))
    assert answers[0] == answers[1]


# What belongs elsewhere does not exist here


def foreign_and_missing() -> list[tuple[str, str]]:
    """Pairs of addresses: one names a record that exists, but not there; the other names none."""
    here, elsewhere = make_plan(slug="here"), make_plan(slug="elsewhere")
    for plan, streams in ((here, 1), (elsewhere, 2)):
        for _ in range(streams):
            stream = make_workstream(plan=plan)
            make_update(deliverable=make_deliverable(workstream=stream, title=SECRET), narrative=SECRET)
    last = stream.deliverables.get()
    make_deliverable(workstream=stream, title=SECRET)
    kept = files.keep(SECRET.encode(), extension="pdf", by=None)
    make_update(deliverable=last, evidence=kept, evidence_name=SECRET)
    make_consideration(workstream=stream, theme=make_theme(plan=elsewhere, name=SECRET))
    printed = make_document(kind="action-plan", subject="elsewhere", file=kept)
    there, here_item = make_meeting(starts_at=on_day(2020, 11, 9)), make_agenda_item(meeting=make_meeting())
    elsewhere_item = make_agenda_item(meeting=there, title=SECRET)
    make_paper_version(item=elsewhere_item, title=SECRET)
    agenda = f"/meetings/{here_item.meeting.key}/agenda"
    known_by_name = make_plan(slug="by-name", text_held=False, title=SECRET)
    return [
        ("/plans/here/2/", "/plans/here/3/"),
        ("/plans/here/1/2/", "/plans/here/1/3/"),
        ("/plans/here/1/1/updates/1/evidence/", "/plans/here/1/1/updates/3/evidence/"),
        ("/plans/here/1/1/updates/2/evidence/", "/plans/here/1/1/updates/3/evidence/"),
        (f"/plans/{known_by_name.slug}/documents/", "/plans/nowhere/documents/"),
        (
            f"/plans/here/documents/action-plan.pdf?fingerprint={printed.data_sha256}",
            f"/plans/here/documents/action-plan.pdf?fingerprint={'0' * 64}",
        ),
        (f"{agenda}/{elsewhere_item.pk}/", f"{agenda}/999999/"),
        (f"{agenda}/{elsewhere_item.pk}/front-sheet/", f"{agenda}/999999/front-sheet/"),
        (f"{agenda}/{elsewhere_item.pk}/papers/1/", f"{agenda}/999999/papers/1/"),
        (f"{agenda}/{elsewhere_item.pk}/papers/1/1/pages/", f"{agenda}/999999/papers/1/1/pages/"),
    ]


def test_a_record_that_belongs_elsewhere_is_answered_as_one_that_does_not_exist(cast, sign_in):
    for foreign, missing in foreign_and_missing():
        for persona in ("observer", "commissioner of another partner", "administrator"):
            client, answers = sign_in(cast[persona]), []
            for address in (foreign, missing):
                with CaptureQueriesContext(connection) as queries:
                    answer = client.get(address)
                answers.append((answer.status_code, answer.content, len(queries)))
            assert answers[0] == answers[1], f"{persona} can tell {foreign} from {missing}"
            assert answers[0][0] == 404
            assert SECRET.encode() not in answers[0][1]


@pytest.mark.parametrize("page", ["", "no-change/", "confirm/"])
def test_writing_to_what_belongs_elsewhere_is_not_found_and_writes_nothing(page, secretariat, sign_in):
    foreign_and_missing()
    before, client, answers = record(), sign_in(secretariat), []
    for number in (2, 3):
        with CaptureQueriesContext(connection) as queries:
            answer = client.post(f"/plans/here/1/{number}/{page}", {"seen": 0, "status": "on track"})
        answers.append((answer.status_code, answer.content, len(queries)))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404
    assert record() == before


# Restricted items

OF_AN_ITEM = sorted(
    name
    for name, _ in MATRIX
    if name.startswith(("governance:agenda_item", "governance:front_sheet", "governance:paper"))
)
SEES_RESTRICTED = ("board member, council side", "board member, NHS side", "secretariat")
CONCEALED = "Quagmire"


@pytest.fixture
def restricted(world):
    """A restricted item with everything an item can have, at a meeting of its own."""
    meeting = make_meeting(starts_at=on_day(2020, 11, 23))
    planned = make_forward_item(title=f"{CONCEALED} plan", meeting=meeting)
    item = make_agenda_item(
        meeting=meeting, title=f"{CONCEALED} item", note=CONCEALED, restricted=True, forward=planned
    )
    make_front_sheet(item=item, summary=f"{CONCEALED} summary")
    make_paper_version(item=item, author=make_person(), original_name=f"{CONCEALED}.pdf")
    return item


def address_of(name: str, item, *, missing: bool = False) -> str:
    args = [item.meeting.key, item.pk + 1_000 * missing]
    if name.startswith("governance:paper") and name != "governance:papers":
        args.append(1)
    if name in ("governance:paper_original", "governance:paper_pages"):
        args.append(1)
    return reverse(name, args=args)


@pytest.mark.parametrize("name", dict.fromkeys(OF_AN_ITEM))
def test_a_restricted_item_is_answered_as_one_that_does_not_exist(name, world, restricted):
    methods = [method for listed, method in MATRIX if listed == name]
    for persona in PERSONAS:
        if persona in SEES_RESTRICTED or persona == "signed out":
            continue
        for method in methods:
            before, answers, client = record(), [], world.clients[persona]
            for address in (address_of(name, restricted), address_of(name, restricted, missing=True)):
                answer = getattr(client, method.lower())(address, {"what": "withdraw", "because": "x"})
                answers.append((answer.status_code, body(answer).replace(address.encode(), b"")))
            assert answers[0] == answers[1], f"{persona} can tell that it exists: {method}"
            assert answers[0][0] == 404
            assert record() == before


@pytest.mark.parametrize(
    "path",
    ["/meetings/2020-11-23/", "/meetings/2020-11-23/agenda/", "/meetings/forward/", "/meetings/forward/items/{}/"],
)
def test_no_page_names_a_restricted_item_to_who_may_not_see_it(path, world, restricted):
    for persona in PERSONAS:
        answer = world.clients[persona].get(path.format(restricted.forward.key))
        assert (CONCEALED.encode() in answer.content) == (persona in SEES_RESTRICTED), persona


def test_whoever_is_invited_to_a_restricted_item_sees_it_and_no_other(world, restricted, cast):
    make_invitation(item=restricted, person=cast["invited lead"])
    client = world.clients["invited lead"]
    assert CONCEALED in client.get("/meetings/2020-11-23/agenda/").content.decode()
    assert CONCEALED in client.get(address_of("governance:agenda_item", restricted)).content.decode()
    assert client.post(address_of("governance:agenda_item_invite", restricted), {}).status_code == 403
    other = make_agenda_item(meeting=restricted.meeting)
    assert client.get(address_of("governance:agenda_item", other)).status_code == 404


# Leaving and moving take effect at once


def test_someone_who_was_deactivated_is_signed_out_at_the_next_request(world, owning_commissioner):
    persona = "commissioner of the owning partner"
    assert cell(world.ask(persona, "workstreams:deliverable", "GET")) == "200"
    owning_commissioner.is_active = False
    owning_commissioner.save()
    before = record()
    for name, method in MATRIX:
        if name.startswith(OWN) and MATRIX[name, method]["signed out"] == "login":
            answer = world.ask(persona, name, method)
            assert cell(answer) == "login"
            assert SECRET.encode() not in answer.content
    assert record() == before


def test_a_commissioner_who_moves_to_another_partner_cannot_log_from_the_next_request(world, owning_commissioner, nhs):
    owning_commissioner.partner = nhs
    owning_commissioner.save()
    assert cell(world.ask("commissioner of the owning partner", "workstreams:deliverable", "POST")) == "403"
    assert not ProgressUpdate.objects.filter(number=2).exists()


def test_a_lead_whose_days_are_over_cannot_log_from_midnight_in_london(sign_in):
    person, deliverable = make_person(), make_deliverable()
    make_lead(workstream=deliverable.workstream, person=person, until_on=dt.date(2020, 9, 10))
    path, client = f"/plans/{deliverable.workstream.plan.slug}/1/1/", sign_in(person)
    with dates.held_at(dt.datetime(2020, 9, 10, 22, 59, tzinfo=dt.UTC)):
        assert cell(client.post(path, {"seen": 0, "status": "on track"})) == "302"
    with dates.held_at(dt.datetime(2020, 9, 10, 23, 0, tzinfo=dt.UTC)):
        assert cell(client.post(path, {"seen": 1, "status": "on track"})) == "403"


def test_real_records_have_no_clock_to_set(settings, sign_in, administrator):
    settings.DEMONSTRATION = False
    client = sign_in(administrator)
    assert client.get("/clock/").status_code == 404
    assert client.post("/clock/", {"day": "2020-09-11", "hour": "10:00"}).status_code == 404
    assert b"The clock stands at" not in client.get("/").content


def test_a_refusal_to_who_may_read_says_who_may_and_that_nothing_was_changed(world):
    answer = world.ask("observer", "workstreams:deliverable", "POST")
    text = answer.content.decode()
    assert "only its lead, deputy, workstream leads, owning partner or the secretariat can log progress on it" in text
    assert "Nothing was changed." in text
