"""The trail is complete: whatever a request writes, each row of it has one line that says who, and what it says now.

For every address that takes a form, somebody who may sends one that is right, and all rows of the record are looked at
before and after (`tests/trail.py`); what follows in the background is done as well. An address that was not seen to
write fails, unless it is named here with a reason.
"""

import contextlib
import datetime as dt
import io
import re
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib import admin
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from governance.documents import make_document
from governance.models import Pack
from governance.papers.operations import turn_into_pages
from jcb import files, guards, seals
from jcb.history import BypassForbidden, attributed_to
from jcb.models import Person
from jcb.people import SERVER, stand_in
from needs.models import Source
from tests.access_matrix import MATRIX, MAY_ON_SCREEN
from tests.addresses import Case, every_case
from tests.conftest import PERSONAS, make_cast
from tests.databases import acting_as, made_role, may_make_roles
from tests.jcb.test_admin import CHANGED, LINES, NEVER_DELETED, NEW, SCREENS, address, as_shown
from tests.jcb.test_second_step import code_of, past_the_password, with_app
from tests.make import make_notice, make_paper, make_person, make_source
from tests.papers import pdf
from tests.trail import LOGS, RECORDS, Written, rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cases", "its_files")]

WORDS = "four words nobody else has"
POSTS = [name for name, method in MATRIX if method == "POST"]
WRITING = {"POST", "PUT", "PATCH", "DELETE"}

# Addresses of which a right form writes no record: what is written instead, if anything, and why that is no record.
NO_RECORD = {
    "governance:clock": ("jcb.Clock", "where the demonstration's clock stands"),
    "governance:nudge": ("jcb.Notice", "an e-mail to those who have not answered"),
    "governance:paper_remind": ("jcb.Notice", "an e-mail to the author"),
    "unsent_mail": ("jcb.Notice", "that an e-mail which waited has gone"),
    "account_login": ("sessions.Session", "who is signed in where"),
    "account_logout": ("sessions.Session", "who is signed in where"),
    "account_reset_password": (None, "an e-mail to whoever has the address"),
    "account_reauthenticate": ("sessions.Session", "when somebody last gave their password"),
    "sign_out_there": ("sessions.Session", "who is signed in where"),
    "sign_out_elsewhere": ("sessions.Session", "who is signed in where"),
    "mfa_authenticate": ("sessions.Session", "who is signed in where"),
    "mfa_reauthenticate": ("sessions.Session", "when somebody last gave a code"),
    "mfa_activate_totp": ("mfa.Authenticator", "how somebody signs in; they are told of it"),
    "mfa_deactivate_totp": ("mfa.Authenticator", "how somebody signs in; they are told of it"),
    "mfa_generate_recovery_codes": ("mfa.Authenticator", "how somebody signs in; they are told of it"),
    "mfa_edit_webauthn": ("mfa.Authenticator", "what somebody calls their passkey"),
    "mfa_remove_webauthn": ("mfa.Authenticator", "how somebody signs in; they are told of it"),
}
# The e-mails of a pack go in the name of whoever published it, also those that another secretary lets go later.
FOR_ANOTHER = {"governance:pack_sent"}
# Addresses that answer nobody with more than "no": allauth has them, and we do not offer them.
CLOSED = {"account_signup", "account_email", "account_confirm_email", "account_confirm_login_code"}
# Addresses that are not asked here, each with the reason. The browser's journeys do.
EXEMPT = {
    "mfa_add_webauthn": "needs a passkey that answers, which only a browser has",
    "mfa_login_webauthn": "needs a passkey that answers, which only a browser has",
    "mfa_reauthenticate_webauthn": "needs a passkey that answers, which only a browser has",
}


@pytest.fixture(scope="module")
def cases(standing) -> dict[tuple[str, str], Case]:
    """The record, made once for this file, and what is sent to each address."""
    return every_case("Zanzibar", make_cast())


@pytest.fixture(scope="module")
def role(standing) -> str:
    """On PostgreSQL, the role that serves the application in production (`grant_to`): all of this is written by it."""
    return made_role() if may_make_roles() else ""


@pytest.fixture(autouse=True)
def quick(settings, caplog):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    caplog.set_level("CRITICAL", logger="django.request")


@dataclass
class Asked:
    """Somebody about to send a form."""

    client: Client
    by: Person
    address: str
    sent: dict


@pytest.fixture
def ask(cases, cast, sign_in) -> Callable[[str], Asked]:
    """What is sent to an address, by somebody who may."""

    def asked(name: str) -> Asked:
        if name in SIGNING_IN:
            return SIGNING_IN[name](make_person(name="Board secretary", role="secretariat", password=WORDS))
        case = cases.get((name, "POST")) or cases.get((name, "")) or Case()
        by = cast[case.writer or writer_of(name)]
        return Asked(sign_in(by), by, case.url(name), case.form())

    return asked


@pytest.fixture
def written(role, django_capture_on_commit_callbacks) -> Callable[[Asked], tuple[object, Written]]:
    """Send a form, and do what follows of it in the background: the answer, and what was written."""

    def done(asked: Asked):
        before = rows(*OTHERS)
        with acting_as(role), django_capture_on_commit_callbacks(execute=True):
            answer = asked.client.post(asked.address, asked.sent)
        return answer, Written(before, rows(*OTHERS))

    return done


OTHERS = [
    model
    for model in apps.get_models(include_auto_created=True)
    if model not in [*RECORDS, *LOGS] and not hasattr(model, "instance_type")
]
OF_THE_RECORD = {model._meta.label for model in [*RECORDS, *LOGS]}


def writer_of(name: str) -> str:
    """The persona who sends the form of an address: the first who may, the secretariat before all."""
    answered = MATRIX[name, "POST"]
    return next(each for each in ("secretariat", *PERSONAS) if answered[each] in ("200", "302"))


# Signing in: each of these gets somebody as far as the form


def _signed_in(person: Person) -> Client:
    return past_the_password(person)[0]


def _sends(route: str, **sent) -> Callable[[Person], Asked]:
    return lambda person: Asked(_signed_in(person), person, reverse(route), sent)


def _with_app(name: str, *, again: bool = False, code: bool = False) -> Callable[[Person], Asked]:
    """Of somebody who has an app; `again`: they come with their password alone; `code`: they send a code of it."""

    def asked(person: Person) -> Asked:
        client, secret, _ = with_app(person)
        if again:
            client, _ = past_the_password(person)
        return Asked(client, person, reverse(name), {"code": code_of(secret, at=time.time())} if code else {})

    return asked


def _app_to_be(person: Person) -> Asked:
    client = _signed_in(person)
    page = client.get(reverse("mfa_activate_totp"), follow=True)
    page = client.post(page.request["PATH_INFO"] + "?" + page.request["QUERY_STRING"], {"password": WORDS}, follow=True)
    secret = re.search(r'jcb-key">([A-Z2-7 ]+)<', page.content.decode())[1]
    return Asked(client, person, reverse("mfa_activate_totp"), {"code": code_of(secret)})


def _passkey(route: str, **sent) -> Callable[[Person], Asked]:
    def asked(person: Person) -> Asked:
        client, key = _signed_in(person), {"name": "Laptop", "credential": {}}
        client.post(reverse("account_reauthenticate"), {"password": WORDS})
        row = Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data=key)
        return Asked(client, person, reverse(route, args=[row.pk]), sent)

    return asked


def _link(person: Person) -> Asked:
    client = Client()
    client.post(reverse("account_reset_password"), {"email": person.email})
    link = re.search(r"https?://\S+(/accounts/password/reset/key/\S+)", mail.outbox[-1].body)[1]
    form = client.get(link, follow=True)
    return Asked(client, person, form.request["PATH_INFO"], {"password1": f"{WORDS}!", "password2": f"{WORDS}!"})


def _without_password(person: Person) -> Asked:
    person.set_unusable_password()
    person.save()
    client = Client()
    client.force_login(person)
    return Asked(client, person, reverse("account_set_password"), {"password1": WORDS, "password2": WORDS})


def _elsewhere(person: Person) -> Asked:
    there, here = _signed_in(person), _signed_in(person)
    for client in (there, here):
        client.get("/")
    row = UserSession.objects.get(session_key=there.session.session_key)
    return Asked(here, person, reverse("sign_out_there", args=[row.pk]), {})


def _everywhere_else(person: Person) -> Asked:
    asked = _elsewhere(person)
    return Asked(asked.client, person, reverse("sign_out_elsewhere"), {})


def _waiting_mail(person: Person) -> Asked:
    make_notice()
    return Asked(_signed_in(person), person, reverse("unsent_mail"), {})


SIGNING_IN = {
    "unsent_mail": _waiting_mail,
    "account_login": lambda person: Asked(
        Client(), person, reverse("account_login"), {"login": person.email, "password": WORDS}
    ),
    "account_logout": _sends("account_logout"),
    "account_reset_password": lambda person: Asked(
        Client(), person, reverse("account_reset_password"), {"email": person.email}
    ),
    "account_reset_password_from_key": _link,
    "account_reauthenticate": _sends("account_reauthenticate", password=WORDS),
    "account_change_password": _sends(
        "account_change_password", oldpassword=WORDS, password1=f"{WORDS}!", password2=f"{WORDS}!"
    ),
    "account_set_password": _without_password,
    "sign_out_there": _elsewhere,
    "sign_out_elsewhere": _everywhere_else,
    "mfa_authenticate": _with_app("mfa_authenticate", again=True, code=True),
    "mfa_reauthenticate": _with_app("mfa_reauthenticate", code=True),
    "mfa_activate_totp": _app_to_be,
    "mfa_deactivate_totp": _with_app("mfa_deactivate_totp"),
    "mfa_generate_recovery_codes": _with_app("mfa_generate_recovery_codes"),
    "mfa_edit_webauthn": _passkey("mfa_edit_webauthn", name="Old laptop"),
    "mfa_remove_webauthn": _passkey("mfa_remove_webauthn"),
}


# Addresses


@pytest.mark.pdf
@pytest.mark.parametrize("name", [name for name in POSTS if name not in CLOSED | EXEMPT.keys()])
def test_every_row_that_an_address_writes_has_one_line_that_names_who_asked(name, ask, written):
    asked = ask(name)
    answer, wrote = written(asked)
    assert answer.status_code in (200, 302)
    writers = {asked.by.pk} | (set(Pack.objects.values_list("by", flat=True)) if name in FOR_ANOTHER else set())
    assert wrote.faults(writers) == []
    touched = wrote.labels() & OF_THE_RECORD
    if name not in NO_RECORD:
        assert touched, "This form wrote nothing. Send one that does, or name the address in NO_RECORD."
        return
    instead, _ = NO_RECORD[name]
    assert not touched
    assert instead in wrote.labels() or (instead is None and mail.outbox)


@pytest.mark.parametrize("name", sorted(CLOSED))
def test_what_is_not_offered_writes_nothing(name, secretariat, sign_in, written):
    case = Case(("some-key",)) if name == "account_confirm_email" else Case()
    sent = {"email": "new@board.example", "password1": WORDS, "password2": WORDS}
    for client in (Client(), sign_in(secretariat)):
        _, wrote = written(Asked(client, secretariat, case.url(name), sent))
        assert not wrote.labels() & OF_THE_RECORD


def test_every_address_that_takes_a_form_is_among_these():
    assert {method for _, method in MATRIX if method in WRITING} == {"POST"}
    assert len(EXEMPT) <= 5
    assert set(EXEMPT) | CLOSED | NO_RECORD.keys() <= set(POSTS)
    assert not NO_RECORD.keys() & (EXEMPT.keys() | CLOSED)


# Screens of the reference records


@pytest.fixture
def keeper(administrator, sign_in) -> Client:
    return sign_in(administrator)


def named(model) -> str:
    return model._meta.model_name


def test_every_screen_and_every_table_on_one_is_among_these():
    may = {label: words["administrator"] for label, words in MAY_ON_SCREEN.items()}
    assert {model._meta.label_lower for model in CHANGED} == {label for label, much in may.items() if much != "see"}
    assert {model._meta.label_lower for model in NEW} == {label for label, much in may.items() if much == "add"}
    tables = [
        (prefix_of(model, inline), model) for model, screen in admin.site._registry.items() for inline in screen.inlines
    ]
    assert sorted(tables, key=str) == sorted(((table, model) for table, (model, *_) in LINES.items()), key=str)


@pytest.mark.parametrize("model", NEW, ids=named)
def test_a_new_row_of_a_screen_has_one_line_that_names_who_made_it(model, keeper, administrator, written):
    sent = as_shown(keeper.get(address(model, "add"))) | NEW[model]()
    answer, wrote = written(Asked(keeper, administrator, address(model, "add"), sent))
    assert answer.status_code == 302, answer.context["errors"]
    assert wrote.faults(administrator) == []
    assert list(wrote.of(model._meta.label).values()) == ["+"]


@pytest.mark.parametrize("model", CHANGED, ids=named)
def test_a_change_on_a_screen_has_one_line_that_names_who_made_it(model, keeper, administrator, written):
    row = SCREENS[model][0]()
    where = address(model, "change", row.pk)
    sent = as_shown(keeper.get(where)) | CHANGED[model]()
    answer, wrote = written(Asked(keeper, administrator, where, sent))
    assert answer.status_code == 302, answer.context["errors"]
    assert wrote.faults(administrator) == []
    assert wrote.of(model._meta.label) == {row.pk: "~"}


@pytest.mark.parametrize("model", sorted(NEW.keys() - NEVER_DELETED, key=named), ids=named)
def test_what_is_deleted_on_a_screen_leaves_one_line_that_names_who_did_it(model, keeper, administrator, written):
    row = SCREENS[model][0]()
    answer, wrote = written(Asked(keeper, administrator, address(model, "delete", row.pk), {"post": "yes"}))
    assert answer.status_code == 302
    assert wrote.faults(administrator) == []
    assert wrote.of(model._meta.label) == {row.pk: "-"}


@pytest.mark.parametrize("table", LINES)
def test_each_line_of_a_table_on_a_screen_has_a_history_of_its_own(table, keeper, administrator, written):
    model, new, changed = LINES[table]
    where = address(model, "change", SCREENS[model][0]().pk)
    (inline,) = (each for each in admin.site._registry[model].inlines if prefix_of(model, each) == table)
    for how, typed in (("+", new), ("~", changed), ("-", lambda: {"DELETE": "on"})):
        if how == "-" and not inline.may_delete:
            continue
        sent = as_shown(keeper.get(where)) | {f"{table}-0-{name}": value for name, value in typed().items()}
        answer, wrote = written(Asked(keeper, administrator, where, sent | {f"{table}-TOTAL_FORMS": "1"}))
        assert answer.status_code == 302, answer.context["errors"]
        assert wrote.faults(administrator) == []
        assert list(wrote.of(inline.model._meta.label).values()) == [how]


def prefix_of(model, inline) -> str:
    """How the boxes of a table on a screen are called."""
    links = (field for field in inline.model._meta.fields if field.related_model is model)
    (link,) = (field for field in links if inline.fk_name in (None, field.name))
    return link.remote_field.get_accessor_name()


def test_a_second_step_that_is_taken_off_leaves_a_line_with_the_person(keeper, administrator, written):
    person = make_person(password=WORDS)
    with_app(person)
    sent = {"action": "second_step_off", "_selected_action": [person.pk], "index": "0"}
    _, wrote = written(Asked(keeper, administrator, address(Person, "changelist"), sent))
    assert wrote.faults(administrator) == []
    assert wrote.of("jcb.Person") == {person.pk: "~"}


# Who is behind what no request did


def test_what_is_done_in_the_background_names_whoever_asked_for_it(secretariat):
    paper = make_paper()
    original = files.keep(pdf(), extension="pdf", by=secretariat)
    before = rows()
    done = turn_into_pages.call(
        paper=paper.pk, by=secretariat.pk, seen=0, original=original.pk, name="A paper.pdf", asked="once"
    )
    wrote = Written(before, rows())
    assert done == {"paper": paper.pk, "version": 1}
    assert wrote.labels() >= {"governance.Paper", "governance.PaperVersion"}
    assert wrote.faults(secretariat) == []


@pytest.mark.pdf
def test_a_document_that_nobody_asked_for_by_name_is_kept_in_the_servers():
    server, before = stand_in(SERVER), rows()
    make_document.call(kind="action-plan", plan_slug="kensington", as_at="2020-09-10", filters={})
    wrote = Written(before, rows())
    assert wrote.labels() == {"jcb.Document", "jcb.StoredFile"}
    assert wrote.faults(server) == []


def test_what_is_typed_at_the_server_is_kept_in_its_name(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", WORDS)
    monkeypatch.setattr("getpass.getpass", lambda prompt: f"{WORDS}!")
    before, email = rows(), "first@board.example"
    call_command("createsuperuser", email=email, name="First administrator", interactive=False, verbosity=0)
    made = rows()
    call_command("changepassword", email, stdout=io.StringIO())
    person, server = Person.objects.get(email=email), Person.objects.get(email=SERVER)
    assert person.check_password(f"{WORDS}!")
    assert not server.is_active
    wrote, again = Written(before, made), Written(made, rows())
    assert wrote.of("jcb.Person") == {person.pk: "+", server.pk: "+"}
    assert again.of("jcb.Person") == {person.pk: "~"}
    assert wrote.faults(server) == again.faults(server) == []


def test_a_password_that_is_hashed_anew_at_sign_in_is_kept_in_its_owners_name(settings, written):
    person = make_person(password=WORDS)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher", *settings.PASSWORD_HASHERS]
    answer, wrote = written(
        Asked(Client(), person, reverse("account_login"), {"login": person.email, "password": WORDS})
    )
    assert answer.status_code == 302
    assert wrote.of("jcb.Person") == {person.pk: "~"}
    assert wrote.faults(person) == []


@pytest.mark.parametrize("command", ["remind", "clearsessions", "forget_sign_ins", "check_record", "verify_record"])
def test_what_runs_by_the_clock_changes_nothing_of_the_record(command):
    before = rows()
    with contextlib.suppress(SystemExit):  # the record of these tests is not whole
        call_command(command, stdout=io.StringIO(), stderr=io.StringIO())
    assert Written(before, rows()).labels() & OF_THE_RECORD == set()


# People


def test_a_person_is_deactivated_and_never_deleted(administrator):
    """One on whom nothing stands: whoever did anything is held by that, too."""
    person = make_person()
    with pytest.raises(BypassForbidden, match="deactivated, never deleted"):
        person.delete()
    with pytest.raises(IntegrityError, match="deactivated, never deleted"), transaction.atomic():
        QuerySet(Person).filter(pk=person.pk).delete()
    refused = pytest.raises(IntegrityError, match="deactivated, never deleted")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM jcb_person WHERE id = %s", [person.pk])
    person.is_active = False
    person.save()
    assert Person.objects.filter(pk=person.pk, is_active=False).exists()


# Whatever is altered past the application is named, in every table


def altered(model, names: list[str]) -> int:
    """Alter one row past the application, in the first column of `names` that it has; the row's number."""
    table, key = model._meta.db_table, model._meta.pk.column
    column = next(name for name in names if name in {field.column for field in model._meta.concrete_fields})
    was, number = QuerySet(model).order_by("pk").values_list(column, "pk").first()
    other = was + dt.timedelta(days=1) if isinstance(was, dt.date) else was + 1
    with connection.cursor() as cursor:
        cursor.execute(f'UPDATE "{table}" SET "{column}" = %s WHERE "{key}" = %s', [other, number])  # noqa: S608 -- our own names
    return number


STAMPS = ["history_date", "at", "made_at", "published_at", "sent_at", "on", "first_page"]


def test_one_altered_row_is_named_in_every_table_that_is_sealed_and_no_other():
    seals.seal()
    before, filled = set(seals.verify().faults), [model for model in seals.sealed_models().values() if has_rows(model)]
    guards.take_down()
    rows = {model._meta.db_table: altered(model, STAMPS) for model in filled}
    guards.put_up()
    found = [fault.partition(" since seal")[0] for fault in seals.verify().faults if fault not in before]
    assert found == [f"{table}: row {number} was altered" for table, number in rows.items()]
    assert len(rows) > 60


def test_one_record_changed_without_a_line_is_named_in_every_table_and_no_other():
    before, filled = set(seals.verify().faults), [model for model in RECORDS if has_rows(model)]
    guards.take_down()
    rows = {model._meta.db_table: altered(model, ["version"]) for model in filled}
    guards.put_up()
    found = [fault for fault in seals.verify().faults if fault not in before]
    assert found == [f"{table}: row {number} is not as its history has it (version)." for table, number in rows.items()]
    assert len(rows) > 50


def has_rows(model) -> bool:
    return QuerySet(model).exists()


# The look at the rows itself


@pytest.mark.parametrize(
    ("done", "fault"),
    [
        (lambda row: row.save(), "not changed, and its history says ~"),
        (lambda row: (renamed(row, "A"), renamed(row, "B")), "~ changed, and its history says ~~"),
        (lambda row: QuerySet(Source).filter(pk=row.pk).update(title="A"), "~ changed, and its history says nothing"),
        (
            lambda row: QuerySet(Source).filter(pk=row.pk)._raw_delete("default"),
            "- changed, and its history says nothing",
        ),
        (lambda row: QuerySet(Source).bulk_create([Source(key="new", title="A")]), "+ changed, and its history says n"),
        (lambda row: renamed(row, "A", by=make_person()), "as the writer"),
        (lambda row: renamed(row, "A", by=None), "names None as the writer"),
        (lambda row: renamed(row, "A", raised=False), "its version went from 1 to 1"),
    ],
)
def test_a_trail_that_is_not_complete_is_named(done, fault, secretariat):
    row = make_source()
    before = rows()
    with attributed_to(secretariat):
        done(row)
    assert any(fault in each for each in Written(before, rows()).faults(secretariat))


def renamed(row: Source, title: str, raised: bool = True, **by) -> None:
    row.title, row.version = title, row.version + raised
    with attributed_to(by["by"]) if by else contextlib.nullcontext():
        row.save()
