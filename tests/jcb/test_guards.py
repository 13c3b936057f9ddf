"""The database itself refuses to change what is written once, whichever way the change comes."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from jcb import guards
from jcb.history import AppendOnly
from jcb.models import Partner, PartnerHistory, StoredFile
from tests import make

pytestmark = pytest.mark.django_db


def guarded() -> set[str]:
    with connection.cursor() as cursor:
        return {name for name, _ in guards._standing(connection, cursor)}


def test_every_append_only_table_and_every_audit_trail_is_guarded():
    there = guarded()
    kept = [model for model in apps.get_models() if issubclass(model, AppendOnly) or hasattr(model, "instance_type")]
    assert len(kept) > 40
    for model in kept:
        table = model._meta.db_table
        assert {f"guard_{table}_kept"[:60], f"guard_{table}_stays"[:60]} <= there, model


def test_no_two_guards_share_a_name():
    names = [guard.trigger for guard in guards.wanted()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("change", [lambda rows: rows.update(name="Another name"), lambda rows: rows.delete()])
def test_the_audit_trail_is_neither_changed_nor_deleted(change):
    partner = make.make_partner(name="The name it had")
    rows = QuerySet(PartnerHistory).filter(id=partner.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        change(rows)
    assert [row.name for row in rows] == ["The name it had"]
    assert Partner.objects.get(pk=partner.pk).name == "The name it had"


def test_plain_sql_is_refused_as_well():
    kept = make.make_stored_file()
    refused = pytest.raises(IntegrityError, match="never changed or deleted")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE jcb_storedfile SET size = 2 WHERE id = %s", [kept.pk])
    assert StoredFile.objects.get(pk=kept.pk).size == kept.size


def test_they_come_back_after_a_migration():
    guards.take_down()
    assert not guarded()
    call_command("migrate", verbosity=0)
    assert guarded() == {guard.trigger for guard in guards.wanted()}
