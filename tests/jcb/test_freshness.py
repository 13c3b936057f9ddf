"""A page that nobody changed is not made again; one that anybody changed is."""

import contextlib
import contextvars
import datetime as dt
import threading
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.urls import reverse

from jcb import dates
from jcb.freshness import record_stamp
from jcb.history import AppendOnly, Record
from jcb.models import Partner
from tests.make import make_lead, make_notice, make_partner, make_plan, make_stored_file, make_update

pytestmark = [pytest.mark.django_db, pytest.mark.still]
PAGE = "/deliverables/"


def test_the_stamp_changes_with_every_change_of_a_record_and_with_nothing_else():
    partner, plan = make_partner(), make_plan()
    before = record_stamp()
    make_notice(person=make_lead().person)
    with_notice = record_stamp()
    partner.name = "Another name"
    partner.save()
    changed = record_stamp()
    make_update()
    logged = record_stamp()
    plan.title = "Another title"
    plan.save()
    assert len({before, with_notice, changed, logged, record_stamp()}) == 5
    assert record_stamp() == record_stamp()


def test_a_deletion_changes_the_stamp():
    partner = make_partner()
    before = record_stamp()
    partner.delete()
    assert record_stamp() != before


def test_a_new_release_changes_the_stamp(settings):
    before = record_stamp()
    settings.RELEASE = "2"
    assert record_stamp() != before


def test_the_stamp_takes_one_query_and_looks_at_every_record(django_assert_num_queries):
    with django_assert_num_queries(1) as asked:
        record_stamp()
    for model in apps.get_models():
        if issubclass(model, Record):
            assert f'"{model.history.model._meta.db_table}"' in asked[0]["sql"]
        elif issubclass(model, AppendOnly):
            assert f'"{model._meta.db_table}"' in asked[0]["sql"]


only_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")


@contextlib.contextmanager
def somebody_writing() -> Iterator[None]:
    """Somebody else has written a record and not yet committed it; they do at the end."""
    written, commit = threading.Event(), threading.Event()

    def write():
        try:
            with transaction.atomic():
                make_partner()
                written.set()
                commit.wait(30)
        finally:
            connection.close()

    writer = threading.Thread(target=contextvars.copy_context().run, args=(write,))
    writer.start()
    try:
        assert written.wait(30)
        yield
    finally:
        commit.set()
        writer.join(30)


@only_postgresql
@pytest.mark.django_db(transaction=True)
def test_while_somebody_who_began_earlier_still_writes_there_is_no_stamp():
    with somebody_writing():
        make_partner()
        assert record_stamp() is None
    assert record_stamp()


@only_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_lower_number_that_is_committed_later_changes_the_stamp():
    mine = make_partner()
    with contextlib.ExitStack() as theirs:
        with transaction.atomic():
            Partner.objects.select_for_update().get(pk=mine.pk)  # my transaction begins before theirs
            theirs.enter_context(somebody_writing())
            make_partner()  # a higher number than theirs, and committed first
        between = record_stamp()
    assert between is None or between != record_stamp()


needs_a_stamp = pytest.mark.skipif(
    connection.vendor == "postgresql", reason="a test's own transaction is in flight, so there is no stamp"
)


@needs_a_stamp
def test_a_reader_who_has_the_page_is_told_that_nothing_changed(observer, sign_in):
    client = sign_in(observer)
    first = client.get(PAGE)
    assert first.status_code == 200
    again = client.get(PAGE, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@needs_a_stamp
def test_a_reader_who_lost_the_page_gets_the_same_again_without_it_being_made_again(
    observer, secretariat, sign_in, django_assert_max_num_queries
):
    client = sign_in(observer)
    first = client.get(PAGE)
    with django_assert_max_num_queries(4):
        again = client.get(PAGE)
    assert (again.status_code, again.content) == (200, first.content)
    assert again["ETag"] == first["ETag"]
    assert again["Content-Security-Policy"] == first["Content-Security-Policy"]
    assert observer.name in again.content.decode()
    assert observer.name not in sign_in(secretariat).get(PAGE).content.decode()


@needs_a_stamp
@pytest.mark.parametrize("write", [make_update, make_partner, make_lead, make_stored_file])
def test_after_a_change_the_page_is_made_again(write, observer, sign_in):
    client = sign_in(observer)
    tag = client.get(PAGE)["ETag"]
    write()
    assert client.get(PAGE, headers={"If-None-Match": tag}).status_code == 200


@needs_a_stamp
def test_another_person_another_filter_and_another_day_have_a_page_of_their_own(observer, secretariat, sign_in, clock):
    tag = sign_in(observer).get(PAGE)["ETag"]
    assert sign_in(secretariat).get(PAGE, headers={"If-None-Match": tag}).status_code == 200
    assert sign_in(observer).get(PAGE + "?q=x", headers={"If-None-Match": tag}).status_code == 200
    with dates.held_at(clock + dt.timedelta(days=1)):
        assert sign_in(observer).get(PAGE, headers={"If-None-Match": tag}).status_code == 200


def test_no_page_of_a_signed_in_person_is_kept_on_the_way(observer, sign_in):
    assert sign_in(observer).get(PAGE)["Cache-Control"] == "private, no-cache"


def test_someone_signed_out_gets_no_page_however_fresh(observer, sign_in):
    client = sign_in(observer)
    tag = client.get(PAGE).headers.get("ETag", '"x"')
    assert sign_in(None).get(PAGE, headers={"If-None-Match": tag}).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_a_page_that_was_read_before_is_not_confirmed_to_someone_who_was_deactivated(sign_in, observer):
    client = sign_in(observer)
    mark = {"If-None-Match": client.get(PAGE).headers["ETag"]}
    assert client.get(PAGE, headers=mark).status_code == 304
    observer.is_active = False
    observer.save()
    assert client.get(PAGE, headers=mark).headers["Location"].startswith(reverse("account_login"))
