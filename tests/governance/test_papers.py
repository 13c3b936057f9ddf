"""What is taken in as a paper, what is found in it, what is refused, and what becomes of its versions."""

import io
import struct
import zipfile
import zlib

import pikepdf
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from pikepdf import Array, Dictionary, Name, String

from governance.models import Paper, PaperVersion
from governance.papers import intake, office
from governance.papers.operations import clean_name, decide, hand_in, send_back, set_state
from jcb import files
from jcb.findings import Finding
from jcb.history import Conflict
from jcb.models import Notice, Person, StoredFile
from jcb.office_look import BROKEN, look_at_office
from tests.make import make_agenda_item, make_person
from tests.papers import (
    HEAD,
    HEADINGS,
    SHEET,
    WORD,
    action,
    archive,
    cells,
    docx,
    docx_with_styles,
    excel_parts,
    link,
    paragraph,
    pdf,
    relations,
    scan,
    tagged,
    text_note,
    upload,
    word_parts,
    xlsx,
)

TRACKED = '<w:ins w:id="1" w:author="Someone"><w:r><w:t>new words</w:t></w:r></w:ins>'


def refusal(content: bytes) -> str:
    """The sentence with which a file is refused."""
    with pytest.raises(ValidationError) as refused:
        intake.take_in(intake.check(upload(content))[0])
    return " ".join(refused.value.messages)


def sentences(content: bytes) -> list[str]:
    """What is found in an Office file, all of which stops the paper."""
    _, found = look_at_office(content)
    assert all(finding.stops for finding in found)
    return [finding.sentence for finding in found]


# Hostile files: refused, with a sentence


def with_part(name: str, content: str | bytes = b"MZ") -> bytes:
    return docx(more={name: content})


def with_relation(kind: str, target: str, *, outside: bool, part: str = "word/_rels/document.xml.rels") -> bytes:
    return docx(more={part: relations(("r9", kind, target, outside))})


def with_content_type(kind: str) -> bytes:
    return docx(types=f'<Override PartName="/word/x.bin" ContentType="{kind}"/>')


def with_document(xml: str | bytes) -> bytes:
    return docx(more={"word/document.xml": xml})


def field(instruction: str) -> bytes:
    return docx(
        f'<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>{instruction}</w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    )


def lying_directory() -> bytes:
    """An archive whose directory says that a part of two megabytes has ten bytes."""
    lying = bytearray(docx(more={"word/media/image1.bin": b"\0" * 2_000_000}))
    size = struct.pack("<L", 2_000_000)
    while (place := lying.find(size)) != -1:
        lying[place : place + 4] = struct.pack("<L", 10)
    return bytes(lying)


def two_of_one_name() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in word_parts().items():
            made.writestr(name, content)
        made.writestr("WORD/document.xml", "<other/>")
    return out.getvalue()


def pdf_bomb() -> bytes:
    """A PDF of some megabytes whose page unpacks into gigabytes."""
    squeeze = zlib.compressobj(9)
    first = squeeze.compress(b" " * (1 << 20)) + squeeze.flush(zlib.Z_FULL_FLUSH)
    again = squeeze.compress(b" " * (1 << 20)) + squeeze.flush(zlib.Z_FULL_FLUSH)

    def put(made):
        made.pages[0].obj.Contents = pikepdf.Stream(made, first + again * 3_000, Filter=Name.FlateDecode)

    return pdf(put, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
NESTED = "<w:tbl><w:tr><w:tc>" * 200 + "</w:tc></w:tr></w:tbl>" * 200

HOSTILE = {
    # PDF
    "a script when it opens": (lambda: pdf(lambda p: setattr(p.Root, "OpenAction", action(S=Name.JavaScript, JS=String("x")))), "script"),
    "a script by name": (lambda: pdf(lambda p: setattr(p.Root, "Names", Dictionary(JavaScript=Dictionary(Names=Array([]))))), "script"),
    "a script behind a link": (lambda: pdf(lambda p: link(p, A=action(S=Name.URI, URI=String("https://x"), Next=action(S=Name.JavaScript, JS=String("x"))))), "script"),
    "a program behind a link": (lambda: pdf(lambda p: link(p, A=action(S=Name.Launch, F=String("calc.exe")))), "script"),
    "a page that acts": (lambda: pdf(lambda p: setattr(p.pages[0].obj, "AA", Dictionary(O=action(S=Name.Named)))), "script"),
    "a form that sends itself": (lambda: pdf(lambda p: link(p, A=action(S=Name.SubmitForm, F=String("https://x")))), "script"),
    "a file inside a PDF": (lambda: pdf(lambda p: p.attachments.__setitem__("a.exe", b"MZ")), "another file"),
    "a form in XML": (lambda: pdf(lambda p: setattr(p.Root, "AcroForm", Dictionary(Fields=Array([]), XFA=Array([])))), "a form"),
    "fields to fill in": (lambda: pdf(lambda p: setattr(p.Root, "AcroForm", Dictionary(Fields=Array([p.make_indirect(Dictionary(T=String("a")))])))), "fields to fill in"),
    "a film": (lambda: pdf(lambda p: setattr(p.pages[0].obj, "Annots", Array([p.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.RichMedia))]))), "another file"),
    "a PDF with a password": (lambda: pdf(encryption=pikepdf.Encryption(user="secret", owner="secret")), "password"),
    "a PDF that forbids changes": (lambda: pdf(encryption=pikepdf.Encryption(user="", owner="secret")), "security settings"),
    "half a PDF": (lambda: pdf(pages=5)[:700], "damaged"),
    "a PDF in name only": (lambda: b"%PDF-1.7\nhello", "damaged"),
    "a PDF without pages": (lambda: pdf(pages=0), "no pages"),
    "a PDF of too many pages": (lambda: pdf(pages=intake.MOST_PAGES + 1), "a paper may have 300"),
    "a page as large as a wall": (lambda: pdf(lambda p: setattr(p.pages[0].obj, "MediaBox", Array([0, 0, 9_000, 9_000]))), "larger than A1"),
    "a PDF that unpacks into gigabytes": (pdf_bomb, "unpacks into something too large"),
    # Word and Excel
    "macros": (lambda: with_part("word/vbaProject.bin"), "macros"),
    "macros under another name": (lambda: with_relation("vbaProject", "x.bin", outside=False), "macros"),
    "a document that says it has macros": (lambda: with_content_type("application/vnd.ms-word.document.macroEnabled.main+xml"), "macros"),
    "macros of old Excel": (lambda: xlsx(more={"xl/macrosheets/sheet1.xml": "<x/>"}), "macros"),
    "an object inside": (lambda: with_part("word/embeddings/oleObject1.bin"), "another file"),
    "an object under another name": (lambda: with_relation("oleObject", "x.bin", outside=False), "another file"),
    "a page of another format inside": (lambda: with_relation("aFChunk", "x.htm", outside=False), "another file"),
    "a control": (lambda: with_part("word/activeX/activeX1.xml"), "controls"),
    "a template on another computer": (lambda: with_relation("attachedTemplate", "https://x.example/a.dotm", outside=True, part="word/_rels/settings.xml.rels"), "template from another computer"),
    "another program asked by a field": (lambda: field("DDEAUTO c:\\cmd.exe x"), "DDE"),
    "another program asked by a formula": (lambda: xlsx({"A": "<sheetData><row><c><f>cmd|'/c calc'!A0</f></c></row></sheetData>"}), "DDE"),
    "another program asked by a link": (lambda: xlsx(more={"xl/externalLinks/externalLink1.xml": f'<externalLink xmlns="{SHEET}"><ddeLink/></externalLink>'}), "DDE"),
    "a document type": (lambda: with_document('<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>'), "document type"),
    "a document type in another alphabet": (lambda: with_document('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "b">]><x/>'.encode("utf-16")), "document type"),
    "entities without end": (lambda: with_document(f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]><x>&l8;</x>'), "document type"),
    "tables in tables in tables": (lambda: docx(NESTED), "nested too deeply"),
    "a small file that unpacks into much": (lambda: with_part("word/media/image1.bin", b"\0" * (210 * 1024 * 1024)), "unpacks into something too large"),
    "parts without number": (lambda: archive({f"word/{n}.xml": b"" for n in range(5_100)}, method=zipfile.ZIP_STORED), "unpacks into something too large"),
    "a directory that lies": (lying_directory, "damaged"),
    "two parts of one name": (two_of_one_name, "two parts of one name"),
    "XML that breaks off": (lambda: with_document("<w:document>"), "damaged"),
    "half a Word document": (lambda: docx()[:-40], "damaged"),
    # Disguised
    "an old Word document, or a locked one": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "of the old kind"),
    "an archive of anything": (lambda: archive({"[Content_Types].xml": "<x/>", "a.txt": "a"}), "no Word document"),
    "a program": (lambda: b"MZ\x90\x00" + b"\0" * 100, "This kind of file cannot be a paper"),
    "a web page": (lambda: b"<!doctype html><script>alert(1)</script>", "This kind of file cannot be a paper"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n", "This kind of file cannot be a paper"),
    "nothing": (lambda: b"", "is empty"),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_or_broken_paper_is_refused_with_a_sentence_that_says_what_to_do(what):
    made, words = HOSTILE[what]
    sentence = refusal(made())
    assert words in sentence
    assert sentence.endswith(".")


def test_the_size_of_a_paper_is_limited_before_it_is_read(settings):
    settings.UPLOAD_MEGABYTES = 0
    assert "larger than 0 MB" in refusal(pdf())


# Clean controls


@pytest.mark.pdf
def test_a_tagged_pdf_is_taken_in_without_a_word():
    taken = intake.take_in(tagged())
    assert (taken.extension, taken.page_count, taken.is_tagged, taken.findings) == ("pdf", 2, True, ())
    assert taken.pages is taken.original


def test_clean_word_and_excel_papers_have_nothing_to_find():
    assert look_at_office(docx()) == ("docx", [])
    assert look_at_office(xlsx()) == ("xlsx", [])


def test_links_that_a_reader_can_follow_are_no_finding():
    assert sentences(with_relation("hyperlink", "https://board.example/", outside=True)) == []


# What is found in a PDF


def test_a_scan_is_accepted_with_a_warning_that_says_what_to_ask_for():
    taken = intake.take_in(scan(pages=2))
    assert not taken.stops
    assert taken.sentences == [
        "It is a scan: its pages are pictures, which nobody can search and no screen reader can read. "
        "Ask the author for the file that it was printed from."
    ]


def test_a_pdf_without_tags_is_accepted_with_a_warning_and_so_are_fonts_left_out():
    taken = intake.take_in(pdf())
    assert not taken.stops
    assert not taken.is_tagged
    untagged, fonts = taken.sentences
    assert "has no tags" in untagged
    assert "Document structure tags for accessibility" in untagged
    assert "Helvetica" in fonts


def test_comments_on_a_pdf_stop_it():
    taken = intake.take_in(pdf(text_note))
    assert taken.stops
    assert taken.sentences[0].startswith("It has 1 comment or mark on its pages")


def test_hidden_layers_of_a_pdf_stop_it():
    def hide(made):
        layer = made.make_indirect(Dictionary(Type=Name.OCG, Name=String("Draft")))
        made.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))

    taken = intake.take_in(pdf(hide))
    assert taken.stops
    assert taken.sentences[0].startswith("It has 1 hidden layer.")


def test_a_page_that_leaves_open_what_it_opened_is_mended_and_the_original_kept():
    def leave_open(made):
        made.pages[0].obj.Contents = made.make_stream(b"q 2 0 0 2 0 0 cm BT /F1 9 Tf (words) Tj ET")

    content = pdf(leave_open)
    taken = intake.take_in(content)
    assert taken.original == content
    with pikepdf.open(io.BytesIO(taken.pages)) as mended:
        operators = [str(each.operator) for each in pikepdf.parse_content_stream(mended.pages[0])]
    assert operators.count("q") == operators.count("Q") == 1


# What is found in Word


def test_tracked_changes_stop_a_word_paper_and_are_counted():
    body = f"<w:p>{TRACKED}<w:del w:id='2'><w:r><w:delText>old</w:delText></w:r></w:del></w:p>"
    (sentence,) = sentences(docx(body + "<w:p><w:pPr><w:pPrChange w:id='3'/></w:pPr></w:p>"))
    assert sentence.startswith("It has 3 tracked changes (1 insertion, 1 deletion, 1 change of format).")


def test_comments_stop_a_word_paper():
    comments = f'{HEAD}<w:comments xmlns:w="{WORD}"><w:comment w:id="1"/><w:comment w:id="2"/></w:comments>'
    (sentence,) = sentences(docx(more={"word/comments.xml": comments}))
    assert sentence.startswith("It has 2 comments.")


HIDING = '<w:style w:type="character" w:styleId="Aside"><w:rPr><w:vanish/></w:rPr></w:style>'
BASED = '<w:style w:type="paragraph" w:styleId="Note"><w:basedOn w:val="Aside"/></w:style>'


@pytest.mark.parametrize(
    "content",
    [
        docx(paragraph("secret", run="<w:vanish/>")),
        docx(paragraph("secret", run='<w:vanish w:val="true"/>')),
        docx_with_styles(paragraph("secret", run='<w:rStyle w:val="Aside"/>'), HIDING),
        docx_with_styles(paragraph("secret", style="Note"), HIDING + BASED),
        docx(
            more={"word/footer1.xml": f'{HEAD}<w:ftr xmlns:w="{WORD}">{paragraph("secret", run="<w:vanish/>")}</w:ftr>'}
        ),
    ],
    ids=["the run", "the run in words", "its style", "a style on a style", "the foot of the page"],
)
def test_hidden_text_stops_a_word_paper_wherever_it_is_hidden(content):
    (sentence,) = sentences(content)
    assert sentence.startswith("It has hidden text in 1 place.")


@pytest.mark.parametrize("run", ['<w:vanish w:val="0"/>', '<w:vanish w:val="false"/>', "<w:webHidden/>"])
def test_text_that_is_not_hidden_is_no_finding(run):
    assert sentences(docx(paragraph("plain", run=run))) == []


def test_a_style_that_nothing_uses_is_no_finding():
    assert sentences(docx_with_styles(paragraph("plain"), HIDING)) == []


def test_what_older_programs_would_show_is_not_counted_twice():
    fallback = f"<mc:AlternateContent xmlns:mc='m'><mc:Choice>{TRACKED}</mc:Choice><mc:Fallback>{TRACKED}</mc:Fallback></mc:AlternateContent>"
    (sentence,) = sentences(docx(f"<w:p>{fallback}</w:p>"))
    assert sentence.startswith("It has 1 tracked change ")


@pytest.mark.parametrize(
    "content",
    [
        with_relation("image", "https://x.example/pixel.png", outside=True),
        with_relation("attachedTemplate", "file:///Templates/Board.dotx", outside=True, part="word/_rels/settings.xml.rels"),
        field("INCLUDETEXT \\\\server\\share\\budget.docx"),
        xlsx(more={"xl/externalLinks/_rels/externalLink1.xml.rels": relations(("r1", "externalLinkPath", "file:///budget.xlsx", True))}),
        xlsx(more={"xl/connections.xml": f'<connections xmlns="{SHEET}"><connection id="1"/></connections>'}),
        xlsx({"A": "<sheetData><row><c><f>_xlfn.WEBSERVICE(A1)</f></c></row></sheetData>"}),
    ],
    ids=["picture", "template nearby", "field", "workbook", "connection", "formula"],
)  # fmt: skip
def test_what_would_be_fetched_from_elsewhere_stops_a_paper(content):
    (sentence,) = sentences(content)
    assert sentence.startswith("It fetches 1 part from outside the file")


# What is found in Excel


def test_hidden_sheets_stop_a_workbook_and_are_named():
    sheets = {"Costs": cells(("A1", "61")), "Budget": cells(("A1", "1")), "Pay": cells(("A1", "2"))}
    (sentence,) = sentences(xlsx(sheets, states={"Budget": "hidden", "Pay": "veryHidden"}))
    assert sentence.startswith("It has 2 hidden sheets: “Budget”, “Pay”.")


def test_filled_cells_in_hidden_rows_and_columns_stop_a_workbook():
    hidden_row = cells(("A1", "1"), ("B1", "2"), row=' hidden="1"')
    hidden_column = cells(("A1", "1"), ("B1", "2"), before='<cols><col min="2" max="9" hidden="1"/></cols>')
    (sentence,) = sentences(xlsx({"Costs": hidden_row}))
    assert sentence.startswith("Sheet “Costs” has 2 filled cells in hidden rows or columns.")
    (sentence,) = sentences(xlsx({"Costs": hidden_column}))
    assert sentence.startswith("Sheet “Costs” has 1 filled cell in hidden rows or columns.")


def test_hidden_columns_in_which_nothing_stands_are_no_finding():
    assert sentences(xlsx({"A": cells(("A1", "1"), before='<cols><col min="4" max="16384" hidden="1"/></cols>')})) == []


def test_comments_and_logs_of_changes_stop_a_workbook():
    comments = f'<comments xmlns="{SHEET}"><commentList><comment ref="A1"/></commentList></comments>'
    noted, logged = sentences(
        xlsx(more={"xl/comments1.xml": comments, "xl/revisions/revisionLog1.xml": "<revisions/>"})
    )
    assert noted.startswith("It has 1 comment.")
    assert logged.startswith("It keeps a log of tracked changes.")


def test_a_workbook_whose_main_part_is_missing_is_damaged():
    parts = excel_parts()
    del parts["[Content_Types].xml"]
    with pytest.raises(ValidationError) as refused:
        look_at_office(archive(parts))
    assert refused.value.messages == [BROKEN]


# Pages from Word and Excel


@pytest.mark.office
def test_a_word_paper_becomes_tagged_pages_and_the_original_is_kept():
    content = docx_with_styles(
        paragraph("Therapies", style="Heading1") + paragraph("Three start.") + paragraph("Money", style="Heading2"),
        HEADINGS,
    )
    taken = intake.take_in(content)
    assert taken.original == content
    assert (taken.extension, taken.page_count, taken.is_tagged, taken.stops) == ("docx", 1, True, False)
    with pikepdf.open(io.BytesIO(taken.pages)) as pages:
        assert "/AcroForm" not in pages.Root


@pytest.mark.office
def test_an_excel_paper_becomes_pages_without_its_hidden_sheet_and_says_when_they_have_no_tags():
    sheets = {"Costs": cells(("A1", "61")), "Pay": cells(("A1", "2"))}
    taken = intake.take_in(xlsx(sheets, states={"Pay": "hidden"}))
    assert (taken.page_count, taken.stops) == (1, True)
    assert taken.is_tagged != (intake.NO_TAGS_FROM_EXCEL in taken.sentences)


@pytest.mark.office
def test_a_paper_that_takes_too_long_to_become_pages_is_refused(settings):
    settings.OFFICE_SECONDS = 0
    assert "was not turned into pages within 0 seconds" in refusal(docx())


def test_without_libreoffice_the_author_is_asked_for_a_pdf(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert refusal(docx()) == office.UNAVAILABLE


# Versions


pytestmark = pytest.mark.django_db


@pytest.fixture
def author(db) -> Person:
    return make_person(name="Commissioner for therapies")


@pytest.fixture
def paper(author) -> Paper:
    return Paper.objects.create(item=make_agenda_item(), title="Therapies", author=author)


@pytest.mark.pdf
def test_an_author_hands_in_a_paper_and_it_is_received(paper, author):
    content = tagged()
    version = hand_in(paper=paper, by=author, seen=0, upload=upload(content, "C:\\papers\\Therapies final.PDF"))
    assert (version.number, version.original_name, version.page_count) == (1, "Therapies final.pdf", 2)
    assert (version.is_tagged, version.findings, version.blocked) == (True, [], False)
    assert version.pages == version.original
    assert files.path_of(version.original).read_bytes() == content
    paper.refresh_from_db()
    assert paper.state == Paper.State.RECEIVED


def test_a_second_version_leaves_the_first_as_it_was(paper, author, secretariat):
    content = pdf()
    first = hand_in(paper=paper, by=author, seen=0, upload=upload(content, "a.pdf"))
    second = hand_in(paper=paper, by=secretariat, seen=1, upload=upload(pdf(pages=2), "a.pdf"))
    assert paper.latest == second
    assert files.path_of(first.original).read_bytes() == content
    assert PaperVersion.objects.get(number=1).page_count == 1


def test_somebody_who_did_not_see_the_latest_version_is_stopped(paper, author, secretariat):
    hand_in(paper=paper, by=author, seen=0, upload=upload(pdf(), "a.pdf"))
    with pytest.raises(ValidationError, match="Another version was handed in"):
        hand_in(paper=paper, by=secretariat, seen=0, upload=upload(pdf(pages=2), "a.pdf"))
    assert PaperVersion.objects.count() == 1


def test_nothing_is_written_when_a_paper_is_refused(paper, author):
    with pytest.raises(ValidationError):
        hand_in(paper=paper, by=author, seen=0, upload=upload(b"MZ", "a.pdf"))
    paper.refresh_from_db()
    assert (paper.state, paper.version) == (Paper.State.COMMISSIONED, 1)
    assert not PaperVersion.objects.exists()
    assert not StoredFile.objects.exists()


def test_only_the_author_and_the_secretariat_hand_in(paper, cast):
    allowed = set()
    for persona, person in cast.items():
        try:
            hand_in(paper=paper, by=person, seen=paper.versions.count(), upload=upload(scan(), "a.pdf"))
            allowed.add(persona)
        except PermissionDenied:
            pass
    assert allowed == {"secretariat"}


def test_a_withdrawn_paper_takes_no_versions(paper, secretariat):
    set_state(paper=paper, by=secretariat, state=Paper.State.WITHDRAWN, seen=1)
    paper.refresh_from_db()
    with pytest.raises(ValidationError, match="was withdrawn"):
        hand_in(paper=paper, by=secretariat, seen=0, upload=upload(pdf(), "a.pdf"))


@pytest.fixture
def stopped(paper, author) -> PaperVersion:
    """A paper with a comment on it, which stops it."""
    version = hand_in(paper=paper, by=author, seen=0, upload=upload(pdf(text_note), "a.pdf"))
    assert version.blocked
    return version


def test_the_clerk_lets_a_paper_through_and_the_record_shows_who_and_why(stopped, secretariat):
    version = decide(version=stopped, by=secretariat, words="The note is the legend of the map.")
    assert (version.number, version.blocked, version.by) == (2, False, secretariat)
    assert version.findings == stopped.findings
    assert version.pages == stopped.pages
    assert version.clerk_decided == "The note is the legend of the map."
    assert PaperVersion.objects.get(number=1).blocked


def test_a_decision_needs_words_and_the_secretariat_and_the_latest_version(stopped, author, secretariat):
    with pytest.raises(ValidationError, match="Say why"):
        decide(version=stopped, by=secretariat, words=" ")
    with pytest.raises(PermissionDenied):
        decide(version=stopped, by=author, words="It is mine.")
    passed = decide(version=stopped, by=secretariat, words="Fine.")
    with pytest.raises(ValidationError, match="later version"):
        decide(version=stopped, by=secretariat, words="Again.")
    with pytest.raises(ValidationError, match="nothing to decide"):
        decide(version=passed, by=secretariat, words="Again.")


def test_a_paper_that_is_sent_back_is_commissioned_again_and_its_author_told_once(stopped, secretariat, author):
    paper = send_back(version=stopped, by=secretariat, words="Please take the notes out.")
    send_back(version=stopped, by=secretariat, words="Please take the notes out.")
    assert paper.state == Paper.State.COMMISSIONED
    notice = Notice.objects.get()
    assert notice.person == author
    assert notice.text.startswith("Please take the notes out.\n\nIt has 1 comment")
    assert paper.history.first().history_change_reason == "Please take the notes out."


def test_a_paper_is_cleared_only_when_it_is_there_and_nothing_stops_it(paper, author, secretariat):
    with pytest.raises(ValidationError, match="cannot become"):
        set_state(paper=paper, by=secretariat, state=Paper.State.CLEARED, seen=1)
    with pytest.raises(ValidationError, match="Nothing has been handed in"):
        set_state(paper=paper, by=secretariat, state=Paper.State.RECEIVED, seen=1)
    stopped = hand_in(paper=paper, by=author, seen=0, upload=upload(pdf(text_note), "a.pdf"))
    with pytest.raises(ValidationError, match="Decide about that first"):
        set_state(paper=paper, by=secretariat, state=Paper.State.CLEARED, seen=2)
    decide(version=stopped, by=secretariat, words="Fine.")
    assert set_state(paper=paper, by=secretariat, state=Paper.State.CLEARED, seen=2).state == Paper.State.CLEARED


def test_two_people_who_set_different_states_do_not_undo_each_other(paper, secretariat):
    set_state(paper=paper, by=secretariat, state=Paper.State.TO_FOLLOW, seen=1)
    with pytest.raises(Conflict):
        set_state(paper=paper, by=secretariat, state=Paper.State.VERBAL, seen=1)


def test_only_the_secretariat_sets_the_state(paper, author):
    with pytest.raises(PermissionDenied):
        set_state(paper=paper, by=author, state=Paper.State.VERBAL, seen=1)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\temp\\report.docx", "report.pdf"),
        ("no\u202egpj.exe", "nogpj.pdf"),
        ("\x00\n", "paper.pdf"),
        ("", "paper.pdf"),
        ("a" * 300 + ".pdf", "a" * 146 + ".pdf"),
    ],
)
def test_a_file_keeps_its_name_but_no_folders_and_no_tricks(given, shown):
    assert clean_name(given, "pdf") == shown


def test_what_stops_is_said_first():
    taken = intake.TakenPaper(b"", "pdf", b"", 1, True, (Finding("It is grey."), Finding("It is secret.", stops=True)))
    assert taken.sentences == ["It is secret.", "It is grey."]
