"""What was altered past the application is named: the single row, the single file, and the seal itself.

To alter something the guards are taken down first, as somebody would who owns the database; `tampered` puts them up again.
"""

import contextlib
import datetime as dt
import threading
from decimal import Decimal

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from jcb import dates, files, guards, seals
from jcb.models import Partner, PartnerHistory, Seal, StoredFile
from tests import make

pytestmark = pytest.mark.django_db

NIGHT, DAY = dt.datetime(2026, 12, 1, 2, 0, tzinfo=dt.UTC), "1 December 2026"


@pytest.fixture(autouse=True)
def the_real_clock_stands_still(monkeypatch):
    monkeypatch.setattr(dates, "real_now", lambda: NIGHT)


@pytest.fixture
def partners() -> list[Partner]:
    """Five partners, each with one row of history, sealed."""
    made = [make.make_partner(name=f"Partner {n}", starts_on=dt.date(2013, 4, 1)) for n in range(5)]
    seals.seal()
    return made


def tampered(sql: str, *values) -> None:
    guards.take_down()
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        assert cursor.rowcount == 1
    guards.put_up()


def copy_row(model, number: int, **others) -> None:
    """Slip in a row like another one, past the application."""
    meta = model._meta
    same = [field.column for field in meta.concrete_fields if field.column not in others]
    into, taken = ", ".join([*others, *same]), ", ".join([*["%s"] * len(others), *same])
    sql = f"INSERT INTO {meta.db_table} ({into}) SELECT {taken} FROM {meta.db_table} WHERE {meta.pk.column} = %s"  # noqa: S608 -- our own names
    tampered(sql, *others.values(), number)


def history_of(partner: Partner) -> int:
    return partner.history.get().history_id


def faults(*holds: str) -> list[str]:
    return seals.verify(holds).faults


# Sealing


def test_everything_that_is_written_once_is_sealed_save_for_the_seals():
    tables = set(seals.sealed_models())
    assert {"jcb_partnerhistory", "jcb_storedfile", "workstreams_progressupdate"} <= tables
    assert len(tables) == len(guards.written_once()) - 1
    assert "jcb_seal" not in tables


def test_only_what_is_new_is_sealed(partners):
    before = list(Seal.objects.values_list("digest", flat=True))
    assert seals.seal() == []
    later = make.make_partner()
    (new,) = seals.seal()
    assert (new.table, new.after, new.up_to) == ("jcb_partnerhistory", history_of(partners[-1]), history_of(later))
    assert new.before == before[-1]
    assert faults() == []


def test_a_long_table_is_sealed_in_blocks(monkeypatch, partners):
    monkeypatch.setattr(seals, "BLOCK", 3)
    for _ in range(7):
        make.make_partner()
    made = seals.seal()
    assert [len(seal.rows) // 40 for seal in made] == [3, 3, 1]
    found = seals.verify()
    assert (found.faults, found.rows, found.seals, found.unsealed) == ([], 12, 4, 0)


def test_a_seal_is_itself_never_changed(partners):
    refused = pytest.raises(IntegrityError, match="never changed or deleted")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM jcb_seal")


def test_what_was_written_since_the_last_seal_is_counted(partners):
    make.make_partner()
    assert seals.verify().unsealed == 1


def test_two_who_seal_at_once_do_not_both_do_it(partners, monkeypatch):
    make.make_partner()
    monkeypatch.setattr(seals, "seal_digest", lambda seal: Seal.objects.get(number=1).digest)
    with pytest.raises(CommandError, match="Another run is sealing"), transaction.atomic():
        call_command("seal_record")


@pytest.mark.parametrize(
    ("model", "columns", "digest"),
    [
        (
            "jcb.PartnerHistory",
            ["name", "starts_on", "ends_on", "is_party", "note", "version", "successor_id"],
            "cc7f99dd81667a133b8e3eb21c815b495f9e782677bcf3987b33471678cd456c",
        ),
        (
            "needs.IndicatorHistory",
            ["name", "target"],
            "944454754d9e464c82fdca061b37bd4a245a533c88049e0b58ca7c8707abef7f",
        ),
        (
            "jcb.StoredFile",
            ["sha256", "size", "at", "by_id"],
            "dde8814bc9e27db8a5d8a081f473d1289c3def9d4c884ccd04de278b11e1115d",
        ),
        ("jcb.Seal", ["columns", "after", "at"], "710f1823a136c6da88674335d30b3264bb0f588330620e12a9311cbe52d80a2a"),
    ],
)
def test_what_a_row_says_has_one_form_on_every_database(model, columns, digest):
    """The digests are written down here: both databases have to come to them, with what they give back for the same rows."""
    make.make_partner(name="Zoë’s “partner”\n2", starts_on=dt.date(2013, 4, 1), is_party=True)
    make.make_indicator(name="One", target=Decimal("12.50"))
    make.make_stored_file(sha256="a" * 64, size=2**40, at=dt.datetime(2020, 7, 1, 12, 0, 0, 5, tzinfo=dates.LONDON))
    Seal.objects.create(number=1, columns=["é", {"b": 1.5, "a": [None, True]}], up_to=1, rows=b"", at=NIGHT)
    model = apps.get_model(model)
    ((_, found),) = seals._digests(model, columns, None, 2**40)
    assert found.hex() == digest


def test_decimals_instants_and_what_json_holds_are_read_alike():
    london = dt.datetime(2020, 7, 1, 12, 0, tzinfo=dates.LONDON)
    utc = dt.datetime(2020, 7, 1, 11, 0, tzinfo=dt.UTC)
    assert seals.digest_of({"a": Decimal("1.50"), "b": london}) == seals.digest_of({"b": utc, "a": Decimal("1.5000")})
    assert seals.digest_of({"a": Decimal("0.00")}) == seals.digest_of({"a": Decimal("0E-4")})
    assert seals.digest_of({"a": Decimal("100")}) == seals.digest_of({"a": Decimal("1E+2")})
    assert seals.digest_of({"a": True}) != seals.digest_of({"a": 1})
    assert seals.digest_of({"a": None}) != seals.digest_of({"a": ""})


# Rows


def test_one_altered_field_of_one_row_is_named(partners):
    row = history_of(partners[2])
    tampered("UPDATE jcb_partnerhistory SET name = 'Another name' WHERE history_id = %s", row)
    assert f"jcb_partnerhistory: row {row} was altered since seal 1 of {DAY}." in faults()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("starts_on", "2013-04-02"),
        ("ends_on", "2026-01-01"),
        ("is_party", False),
        ("note", " "),
        ("version", 2),
        ("history_type", "~"),
        ("history_date", "2020-09-10 09:00:00.000001+00:00"),
        ("history_user_id", 1),
    ],
)
def test_whatever_was_altered_in_a_row_shows(column, value, partners):
    if column == "history_user_id":
        value = make.make_person().pk
        seals.seal()
    row = history_of(partners[0])
    tampered(f"UPDATE jcb_partnerhistory SET {column} = %s WHERE history_id = %s", value, row)  # noqa: S608 -- from the list above
    assert f"jcb_partnerhistory: row {row} was altered since seal 1 of {DAY}." in faults()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite takes what is no date for one")
def test_a_row_that_cannot_be_read_any_more_is_named_and_hides_no_other(partners):
    broken, altered = history_of(partners[1]), history_of(partners[3])
    tampered("UPDATE jcb_partnerhistory SET starts_on = '2013-13-45' WHERE history_id = %s", broken)
    tampered("UPDATE jcb_partnerhistory SET note = 'x' WHERE history_id = %s", altered)
    tampered("UPDATE jcb_partner SET starts_on = '2013-13-45' WHERE id = %s", partners[4].pk)
    assert [fault for fault in faults() if "jcb_partnerhistory" in fault] == [
        f"jcb_partnerhistory: row {broken} was altered since seal 1 of {DAY}.",
        f"jcb_partnerhistory: row {altered} was altered since seal 1 of {DAY}.",
    ]
    assert f"jcb_partner: row {partners[4].pk} is not as its history has it (it cannot be read)." in faults()
    seals.seal(again="jcb_partnerhistory")  # it is no better for a seal on it
    assert f"jcb_partnerhistory: row {broken} was altered since seal 2 of {DAY}." in faults()


def test_a_row_that_was_taken_away_is_named(partners):
    row = history_of(partners[2])
    tampered("DELETE FROM jcb_partnerhistory WHERE history_id = %s", row)
    assert f"jcb_partnerhistory: row {row} was taken away since seal 1 of {DAY}." in faults()


@pytest.mark.parametrize("number", ["that of one that was never there", "below the first"])
def test_a_row_that_was_slipped_in_under_an_old_number_is_named(number, partners):
    if number == "below the first":
        row = -5
    else:  # numbers that were given up leave gaps
        row = history_of(partners[-1]) + 1
        make.make_partner(name="Later")
        tampered("UPDATE jcb_partnerhistory SET history_id = history_id + 5 WHERE name = %s", "Later")
        seals.seal()
    copy_row(PartnerHistory, history_of(partners[0]), history_id=row, history_type="~")
    assert any(fault.startswith(f"jcb_partnerhistory: row {row} was slipped in") for fault in faults())


def test_neighbours_are_named_together(partners):
    guards.take_down()
    first, last = history_of(partners[1]), history_of(partners[3])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE jcb_partnerhistory SET note = 'x' WHERE history_id BETWEEN %s AND %s", [first, last])
    guards.put_up()
    assert f"jcb_partnerhistory: rows {first} to {last} were altered since seal 1 of {DAY}." in faults()


def test_a_record_changed_past_the_application_is_not_as_its_history_has_it(partners):
    tampered("UPDATE jcb_partner SET name = 'Another name', note = 'x' WHERE id = %s", partners[1].pk)
    assert faults() == [f"jcb_partner: row {partners[1].pk} is not as its history has it (name, note)."]


def test_a_record_taken_away_or_made_past_the_application_is_named(partners):
    tampered("DELETE FROM jcb_partner WHERE id = %s", partners[1].pk)
    copy_row(Partner, partners[0].pk, id=99999, key="new", name="New")
    assert faults() == [
        "jcb_partner: row 99999 is not as its history has it (it has none).",
        f"jcb_partner: row {partners[1].pk} was taken away, and its history does not say so.",
    ]


def test_a_record_deleted_by_the_application_is_no_fault(partners):
    partners[0].delete()
    assert faults() == []


def test_a_guard_that_was_taken_down_is_named(partners):
    guards.take_down()
    assert (
        "jcb_partnerhistory is without its guard guard_jcb_partnerhistory_kept. Run migrate, which puts it up."
        in faults()
    )
    guards.put_up()
    assert faults() == []


# The chain


@pytest.fixture
def chain(partners) -> list[Seal]:
    """Three seals, each of one table on one night."""
    for _ in range(2):
        make.make_partner()
        seals.seal()
    return list(Seal.objects.order_by("number"))


def test_an_altered_seal_is_named_itself_and_not_the_rows_under_it(chain):
    rows = bytearray(chain[1].rows)
    rows[-1] ^= 1
    tampered("UPDATE jcb_seal SET rows = %s WHERE number = 2", bytes(rows))
    assert faults() == ["jcb_seal: seal 2 was altered."]


@pytest.mark.parametrize(
    ("column", "value"), [("up_to", 99999), ("columns", '["name"]'), ("at", "2020-01-01 00:00+00:00")]
)
def test_whatever_was_altered_in_a_seal_shows(column, value, chain):
    tampered(f'UPDATE jcb_seal SET "{column}" = %s WHERE number = 3', value)  # noqa: S608 -- from the list above
    assert "jcb_seal: seal 3 was altered." in faults()


def test_a_seal_made_anew_over_an_altered_row_does_not_fit_the_next_one(chain):
    row = chain[1].up_to
    tampered("UPDATE jcb_partnerhistory SET name = 'Another name' WHERE history_id = %s", row)
    tampered(
        "UPDATE jcb_partner SET name = 'Another name' WHERE id = (SELECT id FROM jcb_partnerhistory WHERE history_id = %s)",
        row,
    )
    forged = chain[1]
    ((number, digest),) = seals._digests(PartnerHistory, forged.columns, forged.after, forged.up_to)
    forged.rows = number.to_bytes(seals.NUMBER, signed=True) + digest
    tampered("UPDATE jcb_seal SET rows = %s, digest = %s WHERE number = 2", forged.rows, seals.seal_digest(forged))
    assert faults() == ["jcb_seal: seal 3 does not follow seal 2, which was altered or replaced."]


def test_a_seal_that_was_taken_away_is_missed(chain):
    tampered("DELETE FROM jcb_seal WHERE number = 2")
    assert "jcb_seal: seal 2 is missing." in faults()


def test_the_end_of_the_chain_is_missed_by_whoever_noted_its_digest(chain):
    tampered("DELETE FROM jcb_seal WHERE number = 3")
    assert faults() == []
    assert faults(chain[2].digest) == [f"No seal has the digest {chain[2].digest}: the chain was cut or made anew."]
    assert faults(chain[1].digest) == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite takes what is no JSON for it")
def test_a_seal_that_cannot_be_read_any_more_is_named(chain):
    with contextlib.suppress(IntegrityError):
        tampered("UPDATE jcb_seal SET at = 'never, and 13 o’clock' WHERE number = 2")
        assert "jcb_seal: seal 2 was altered." in faults()


def test_a_column_added_later_leaves_old_seals_as_they_are_and_one_taken_away_is_said(chain, monkeypatch):
    whole = seals.columns_of(PartnerHistory)
    monkeypatch.setattr(seals, "columns_of", lambda model: [*whole, "added_later"])
    assert faults() == []
    monkeypatch.setattr(seals, "columns_of", lambda model: [name for name in whole if name != "note"])
    (first, *others) = faults()
    assert first.startswith("jcb_partnerhistory no longer has note, so it cannot be held against seal 1.")
    assert len(others) == 2
    seals.seal(again="jcb_partnerhistory")
    found = seals.verify()
    assert found.faults == []
    assert found.notes == [f"jcb_partnerhistory was sealed again from its first row on {DAY}."]


# While others write


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="on SQLite a number is taken and committed by one at a time"
)
def test_a_row_on_its_way_with_a_lower_number_is_waited_for(monkeypatch):
    """Another has taken a number and not committed it when a higher one is there already: that must be no fault later."""
    taken, go_on = threading.Event(), threading.Event()

    def slowly():
        with transaction.atomic():
            make.make_partner(name="The slow one")
            taken.set()
            go_on.wait(30)
        connection.close()

    slow = threading.Thread(target=slowly)
    slow.start()
    taken.wait(30)
    make.make_partner(name="The quick one")
    monkeypatch.setattr(seals, "WAIT", 0.2)
    with pytest.raises(seals.StillWriting, match="jcb_partnerhistory"):
        seals.seal()
    assert not Seal.objects.filter(table="jcb_partnerhistory").exists()
    monkeypatch.setattr(seals, "WAIT", 30)
    threading.Timer(0.3, go_on.set).start()
    seals.seal()
    slow.join()
    found = seals.verify()
    assert (found.faults, found.unsealed) == ([], 0)


# Files


@pytest.fixture
def kept() -> StoredFile:
    return files.keep(b"%PDF-1.7 what was published", extension="pdf", by=None)


def test_a_file_of_which_one_byte_was_altered_is_named(kept):
    files.keep(b"%PDF-1.7 another", extension="pdf", by=None)
    path = files.path_of(kept)
    path.chmod(0o600)
    path.write_bytes(b"%PDF-1.7 what was publishex")
    (fault,) = faults()
    assert fault.startswith(f"The file {kept.sha256}.pdf was altered: its SHA-256 is now ")


def test_a_file_that_is_missing_is_named(kept):
    files.path_of(kept).unlink()
    assert faults() == [f"The file {kept.sha256}.pdf is missing."]


def test_a_file_that_cannot_be_read_is_named(kept):
    path = files.path_of(kept)
    path.unlink()
    path.mkdir()
    (fault,) = faults()
    assert fault.startswith(f"The file {kept.sha256}.pdf cannot be read")


# The commands


def test_the_commands_say_what_they_did(partners, kept, capsys):
    call_command("seal_record")
    last = Seal.objects.last()
    assert f"1 rows sealed in 1 seals. Seal {last.number}: {last.digest}" in capsys.readouterr().out
    call_command("seal_record")
    assert "Nothing new to seal." in capsys.readouterr().out
    call_command("verify_record", holds=[last.digest.upper()])
    said = capsys.readouterr()
    assert "6 rows under 2 seals, 5 records and 1 files" in said.out
    assert "Nothing was altered." in said.out
    assert said.err == ""


def test_a_fault_ends_in_failure(kept, capsys):
    files.path_of(kept).unlink()
    with pytest.raises(SystemExit) as ended:
        call_command("verify_record")
    assert ended.value.code == 1
    assert f"The file {kept.sha256}.pdf is missing." in capsys.readouterr().err


def test_a_table_that_is_not_sealed_cannot_be_sealed_again():
    with pytest.raises(CommandError):
        call_command("seal_record", "--again", "jcb_partner")
