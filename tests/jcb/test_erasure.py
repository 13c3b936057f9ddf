"""What has to go is gone from every table and file, everything else stays as it was, and that it went is on record."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import connection

from governance.models import Minutes, Pack
from governance.record import check_record
from jcb import backup, erasure, files, guards, seals
from jcb.models import ErasedFile, Erasure, Notice, Person, StoredFile
from needs.models import Statement
from tests import make
from tests.jcb.test_seals import tampered
from tests.papers import docx, paragraph, pdf, scan, tagged
from tests.record import quoted
from workstreams.models import ProgressUpdate

pytestmark = pytest.mark.django_db
NAME = "Ottilie Quarrendon"
WHY = "As the data protection officer decided on 7 September 2020."


def paper(words: str) -> bytes:
    """A PDF that says it, in pieces, as word processors write them."""

    def say(made) -> None:
        half = len(words) // 2
        made.pages[0].obj.Contents = made.make_stream(
            f"BT /F1 12 Tf 72 720 Td [({words[:half]}) -20 ({words[half:]})] TJ ET".encode()
        )

    return pdf(say)


@pytest.fixture
def clerk() -> Person:
    return make.make_person(role="secretariat", name="Board secretary")


@pytest.fixture
def spread(clerk) -> list[StoredFile]:
    """The name in a live row and its history, in rows that are written once, in frozen data, and in two kept files."""
    statement = make.make_statement(
        text=f"The mother of {NAME} said: too late.", heard_through="ottilie quarrendon’s school"
    )
    statement.text = f"{NAME.upper()} waited."
    statement.version += 1
    statement.save()
    make.make_statement(text="Somebody else waited. Quarrendon Road is a street.")
    make.make_update(narrative=f"Seen with {NAME}.")
    make.make_notice(person=clerk, subject=f"About {NAME}", text=f"Dear all, {NAME}\nis seen.")
    make.make_minutes(data={"items": {"1": {f"{NAME}": [f"on {NAME}", 3, None]}}})
    make.make_person(name=NAME, email="ottilie-quarrendon@board.example")
    kept = [
        files.keep(docx(paragraph(f"A plan for {NAME}.")), extension="docx", by=clerk),
        files.keep(paper(f"A plan for {NAME}."), extension="pdf", by=clerk),
        files.keep(paper("A plan for everybody."), extension="pdf", by=clerk),
    ]
    make.make_document(file=kept[1])
    seals.seal()
    return kept


def everything() -> dict[str, list[str]]:
    """Every row of every table, as text."""
    held = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT * FROM {quoted(table)}")  # noqa: S608 -- a table of our own
            held[table] = sorted(repr(row) for row in cursor.fetchall())
    return held


def says(text: str) -> bool:
    return "quarrendon" in text.casefold() and "quarrendon road" not in text.casefold()


@pytest.fixture
def erased(spread, clerk) -> tuple[Erasure, dict, dict]:
    before = everything()
    made = erasure.erase([NAME], by=clerk, because=WHY, remove=spread[:2])
    return made, before, everything()


def test_the_words_are_in_no_table_and_no_file_afterwards(spread, erased):
    _, before, after = erased
    assert sum(says(row) for rows in before.values() for row in rows) >= 8
    assert [row for rows in after.values() for row in rows if says(row)] == []
    there = [each.name for each in files.path_of(spread[0]).parent.iterdir()]
    assert there == [files.path_of(spread[2]).name]
    found = erasure.find([NAME])
    assert (found.rows, found.files) == ({}, [])


def test_nothing_else_changed(erased):
    _, before, after = erased
    own = {"jcb_erasure", "jcb_erasedfile", "sqlite_sequence"}
    for table, rows in before.items():
        if table not in own:
            assert len(after[table]) == len(rows), table
            assert set(rows) - set(after[table]) == {row for row in rows if says(row)}, table


def test_what_was_around_the_words_still_stands(erased):
    statement = Statement.objects.order_by("pk").first()
    assert statement.text == "[erased] waited."
    assert [row.text for row in statement.history.order_by("history_id")] == [
        "The mother of [erased] said: too late.",
        "[erased] waited.",
    ]
    assert Minutes.objects.get().data == {"items": {"1": {"[erased]": ["on [erased]", 3, None]}}}
    assert ProgressUpdate.objects.get().narrative == "Seen with [erased]."
    assert Notice.objects.get().text == "Dear all, [erased]\nis seen."


def test_it_is_called_erased_and_by_whom_and_the_record_is_otherwise_whole(spread, erased):
    made, _, _ = erased
    found = seals.verify()
    assert found.faults == []
    assert any(
        note.startswith("needs_statementhistory: words in rows") and note.endswith("by Board secretary.")
        for note in found.notes
    )
    assert any(note.startswith(f"The file {files.path_of(spread[0]).name} was erased on") for note in found.notes)
    assert (made.because, made.by.name, made.files.count()) == (WHY, "Board secretary", 2)
    assert guards.missing() == []
    seals.seal()
    assert seals.verify().faults == []


def test_the_record_is_as_whole_as_it_was(spread, clerk):
    before = check_record()
    erasure.erase([NAME], by=clerk, because=WHY)
    assert check_record() == before


def test_whoever_alters_an_erased_row_afterwards_is_found(erased):
    row = ProgressUpdate.objects.get()
    tampered("UPDATE workstreams_progressupdate SET narrative = 'Other words' WHERE id = %s", row.pk)
    (fault,) = seals.verify().faults
    assert f"workstreams_progressupdate: row {row.pk} was altered" in fault


def test_a_file_that_is_there_again_is_found(spread, clerk):
    content = files.path_of(spread[1]).read_bytes()
    erasure.erase([NAME], by=clerk, because=WHY, remove=spread[:2])
    files.keep(content, extension="pdf", by=clerk)
    (fault,) = seals.verify().faults
    assert fault.endswith("by Board secretary, and is there.")


def test_an_erased_file_is_handed_out_to_nobody_and_is_missed_by_no_backup(spread, erased, rf):
    answer = files.download(rf.get("/"), StoredFile.objects.get(pk=spread[0].pk), name="plan.docx")
    assert answer.status_code == 404
    assert "The file was erased" in answer.content.decode()
    assert [name for name, *_ in backup._moment(connection).files] == [files.path_of(spread[2]).name]


def test_a_published_pack_that_brings_the_words_is_named_and_its_data_is_cleared(clerk, capsys):
    kept = files.keep(paper(f"A pack about {NAME}."), extension="pdf", by=clerk)
    pack = make.make_pack(document=make.make_document(file=kept), data={"items": [f"About {NAME}"]})
    call_command("erase", NAME)
    said = capsys.readouterr().out
    assert f"The file {kept.sha256}.pdf says it (" in said
    assert f"pack {pack.pk}" in said
    erasure.erase([NAME], by=clerk, because=WHY)
    assert Pack.objects.get().data == {"items": ["About [erased]"]}


@pytest.mark.pdf
def test_the_words_of_every_kind_of_file_are_read_and_what_cannot_be_read_is_named(clerk):
    own = files.keep(tagged("<h1>Plan</h1><p>A plan for <b>Ottilie</b> Quarrendon.</p>"), extension="pdf", by=clerk)
    picture = files.keep(scan(), extension="pdf", by=clerk)
    broken = files.keep(b"%PDF-1.7 and nothing more", extension="pdf", by=clerk)
    other = files.keep(paper("A plan for everybody."), extension="pdf", by=clerk)
    found = erasure.find([NAME])
    assert found.files == [own]
    assert found.by_eye == [picture, broken]
    assert other not in found.by_eye


def test_an_address_stays_one_and_a_second_erasure_of_a_row_is_called_so_too(spread, clerk):
    erasure.erase([NAME], by=clerk, because=WHY)
    gone = Person.objects.get(name="[erased]")
    assert gone.email == f"erased-{gone.pk}@board.example"
    erasure.erase([gone.email, "waited"], by=clerk, because=WHY)
    gone.refresh_from_db()
    assert gone.email == f"erased-{gone.pk}@erased.invalid"
    assert Statement.objects.order_by("pk").first().text == "[erased] [erased]."
    assert seals.verify().faults == []


def test_a_file_that_the_store_does_not_give_up_is_named(spread, clerk, monkeypatch):
    def refuse(stored):
        raise OSError("the file store answers AccessDenied")

    monkeypatch.setattr(files, "remove", refuse)
    with pytest.raises(CommandError, match="could not be taken out of the store") as said:
        call_command(
            "erase", "--file", spread[1].sha256[:12], "--by", clerk.email, "--because", WHY, "--do-it", verbosity=0
        )
    assert files.name_of(spread[1]) in str(said.value)
    assert ErasedFile.objects.get().file == spread[1]


def test_a_file_may_go_without_any_words(spread, clerk):
    before = everything()
    made = erasure.erase([], by=clerk, because=WHY, remove=spread[:1])
    assert (made.rows, made.files.count()) == ({}, 1)
    assert everything()["needs_statement"] == before["needs_statement"]
    assert not files.path_of(spread[0]).exists()


# What is refused


def refused(call: Callable, **given) -> str:
    before = everything()
    with pytest.raises(ValidationError) as refusal:
        call(**given)
    assert everything() == before
    assert guards.missing() == []
    return " ".join(refusal.value.messages)


def test_the_reason_is_kept_and_may_not_say_the_words(spread, clerk):
    assert "without the words" in refused(erasure.erase, words=[NAME], by=clerk, because=f"{NAME} asked for it.")
    assert "Say why" in refused(erasure.erase, words=[NAME], by=clerk, because=" ")


def test_words_that_stand_nowhere_are_not_erased(spread, clerk):
    assert "stand nowhere" in refused(erasure.erase, words=["Nobody of that name"], by=clerk, because=WHY)


def test_nobody_else_erases(spread, council_member):
    before = everything()
    with pytest.raises(PermissionDenied):
        erasure.erase([NAME], by=council_member, because=WHY)
    assert everything().keys() == before.keys()
    assert not Erasure.objects.exists()


def test_if_it_fails_halfway_everything_is_as_it_was_the_guards_too(spread, clerk, monkeypatch):
    def fails(*args):
        raise RuntimeError("The power went.")

    monkeypatch.setattr(erasure, "_digests", fails)
    before = everything()
    with pytest.raises(RuntimeError):
        erasure.erase([NAME], by=clerk, because=WHY, remove=spread[:1])
    assert everything() == before
    assert guards.missing() == []
    assert files.path_of(spread[0]).exists()


# The command


def test_the_command_says_first_and_does_it_only_when_told(spread, clerk, capsys):
    before = everything()
    call_command("erase", NAME, file=[spread[0].sha256[:12]])
    said = capsys.readouterr().out
    assert everything() == before
    assert "needs_statementhistory.text: in 2 rows" in said
    assert "needs_statement.text: in 1 rows" in said
    assert f"The file {files.path_of(spread[1]).name} says it (document" in said
    assert f"The file {files.path_of(spread[0]).name} goes" in said
    assert "Nothing was changed." in said
    call_command("erase", NAME, file=[spread[0].sha256[:12]], by=clerk.email, because=WHY, do_it=True)
    assert "Erasure 1 is done and kept." in capsys.readouterr().out
    assert ErasedFile.objects.get().file == spread[0]
    assert not any(says(row) for rows in everything().values() for row in rows)


@pytest.mark.parametrize(
    ("words", "given", "sentence"),
    [
        ([], {}, "Say which words"),
        (["  "], {}, "at least 3 letters"),
        ([NAME, "- A -"], {}, "at least 3 letters"),
        ([NAME], {"file": ["ab"]}, "names no kept file"),
        ([NAME], {"do_it": True}, "Say with --by"),
    ],
)
def test_the_command_refuses_what_it_cannot_do(spread, words, given, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("erase", *words, **given)
