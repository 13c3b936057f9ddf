"""Pages from HTML: whole tags, no fetching, limits, and a sentence where there is no PDF."""

import contextlib
import http.server
import logging
import threading

import pikepdf
import pytest
from django.db import transaction

from jcb import pdf
from tests.pdftext import addresses_of, lines_of, text_of
from tests.tagcheck import faults, read_tags
from tests.verapdf import judge

pytestmark = pytest.mark.pdf


def page(body: str, *, title: str = "A document", lang: str = ' lang="en-GB"') -> str:
    return (
        f'<!doctype html><html{lang}><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="description" content="For a test."><link rel="stylesheet" href="asset:print.css"></head>'
        f'<body data-doc="A document" data-asat="as at 12 March 2020">{body}</body></html>'
    )


def long_table(rows: int) -> str:
    lines = "".join(f'<tr><th scope="row">{n}</th><td>Something about number {n}.</td></tr>' for n in range(rows))
    head = '<thead><tr><th scope="col">Number</th><th scope="col">About</th></tr></thead>'
    return f"<table><caption>A table over several pages</caption>{head}<tbody>{lines}</tbody></table>"


WHOLE = page(
    "<h1>A document</h1>"
    '<section class="chapter"><h2 id="one"><span class="no">1</span> First chapter</h2>'
    '<p class="src">A figure with its source. <span class="side">The source, beside it</span></p>'
    "<ul><li>Alone</li><li><p>In a paragraph</p></li><li>With others<ul><li>Inside</li></ul></li></ul>"
    f"{long_table(150)}<ol>{'<li>One of many, over the end of a page.</li>' * 90}</ol>"
    '<p lang="fr">Une phrase française.</p><p><a href="https://www.example.org/">A <strong>link</strong></a></p>'
    '<figure><svg viewBox="0 0 100 20"><title>A bar of 40</title><rect width="40" height="9"/></svg></figure></section>'
)


@pytest.fixture(scope="module")
def whole():
    return pdf.render_pdf(WHOLE)


def test_a_document_breaks_no_rule_of_pdf_ua(whole):
    assert judge(whole.content) == []


def test_a_table_or_list_over_several_pages_is_one_to_a_screen_reader(whole):
    assert whole.pages > 5
    assert faults(whole.content, WHOLE) == []
    assert read_tags(whole.content).count["/Table"] == 1


def test_an_untagged_file_is_found_out():
    plain = pdf.render_pdf(WHOLE, tagged=False)
    assert judge(plain.content)


def test_a_document_with_a_heading_level_left_out_is_found_out():
    skipped = pdf.render_pdf(page("<h1>One</h1><h4>Four</h4>"))
    assert [each.rule for each in judge(skipped.content)] == ["7.4.2-1"]


def test_the_same_html_gives_the_same_bytes(whole):
    assert pdf.render_pdf(WHOLE).content == whole.content


def test_anchors_say_on_which_page_a_chapter_begins(whole):
    assert whole.anchors["one"] == 2


def test_a_day_does_not_part_from_its_month():
    narrow = '<table><colgroup><col class="mm-18"><col></colgroup><tr><td>On 12 March 2020</td><td></td></tr></table>'
    made = pdf.render_pdf(page(f"<h1>One</h1>{narrow}"))
    assert lines_of(made.content)[0][1:4] == ["On", "12 March", "2020"]


@contextlib.contextmanager
def listening():
    """A web server on this machine, and the list of what was asked of it."""
    asked = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_renderer_fetches_nothing_even_where_markup_got_through(tmp_path, caplog):
    secret = tmp_path / "secret.txt"
    secret.write_text("a secret of this machine")
    with listening() as (server, asked), caplog.at_level(logging.WARNING):
        made = pdf.render_pdf(
            page(
                f'<h1>One</h1><link rel="stylesheet" href="{server}/a.css"><style>@import url({server}/b.css);'
                f"@font-face {{ font-family: X; src: url({server}/c.ttf) }} p {{ background: url({server}/d.png) }}</style>"
                f'<p>Words<img alt="e" src="{server}/e.png"><object data="{server}/f.svg"></object>'
                f'<img alt="g" src="file://{secret}"><embed src="{server}/h.svg"></p>'
                f'<link rel="attachment" href="file://{secret}"><a rel="attachment" href="file://{secret}">i</a>'
                f'<svg viewBox="0 0 9 9"><title>j</title><image href="{server}/j.png"/><use href="{server}/k.svg#a"/></svg>'
            )
        )
    assert asked == []
    assert "a secret of this machine" not in " ".join(text_of(made.content))
    assert b"a secret of this machine" not in made.content
    with pikepdf.Pdf.open(_file(made.content, tmp_path)) as opened:
        assert not opened.attachments
    assert "refused" in caplog.text


def _file(content: bytes, folder):
    path = folder / "made.pdf"
    path.write_bytes(content)
    return path


def test_a_link_leads_only_where_a_reader_expects():
    made = pdf.render_pdf(
        page(
            '<h1>One</h1><p><a href="javascript:alert(1)">a</a> <a href="file:///etc/passwd">b</a> '
            '<a href="data:text/html,x">c</a> <a href="https://www.example.org/">d</a></p>'
        )
    )
    assert addresses_of(made.content) == ["https://www.example.org/"]
    assert "a b c d" in " ".join(" ".join(text_of(made.content)).split())


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("\x00nul and \x1bescape", "nul and escape"),
        ("a soft\u00adhyphen", "a softhyphen"),
        ("\u202edetrevni", "detrevni"),
        ("\ud800 half a pair", "half a pair"),
        ("smile \U0001f600", "smile \U0001f600"),
        ("unicorn \U0001f984", "unicorn [unicorn face]"),
        ("中文", "[U+4E2D][U+6587]"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_text_that_no_font_or_file_can_hold_is_printed_as_text_or_named(typed, printed):
    escaped = typed.replace("<", "&lt;")
    made = pdf.render_pdf(page(f"<h1>One</h1><p>{escaped}</p>"))
    assert printed in " ".join(" ".join(text_of(made.content)).split())
    assert judge(made.content) == []


def test_a_word_without_end_is_printed_to_its_last_letter():
    made = pdf.render_pdf(page(f"<h1>One</h1><p>{'a' * 20_000}b</p>"))
    printed = "".join("".join(lines) for lines in lines_of(made.content)).replace("\u200b", "")
    assert printed.count("a") >= 20_000
    assert "aaab" in printed


def test_text_from_right_to_left_is_printed_and_stays_text():
    made = pdf.render_pdf(page("<h1>One</h1><p>مرحبا بالعالم — שלום</p>"))
    assert any("\u0590" <= letter <= "\u06ff" or "\ufb50" <= letter <= "\ufeff" for letter in text_of(made.content)[0])
    assert judge(made.content) == []


def test_a_child_that_takes_too_long_is_stopped(settings):
    settings.PDF_SECONDS = 1
    with pytest.raises(pdf.RenderFailed, match="not ready after 1 second, and was stopped"):
        pdf.render_pdf(page(f"<h1>One</h1>{long_table(5000)}"))


def test_a_child_that_wants_too_much_memory_is_stopped(settings):
    settings.PDF_MEMORY_MB = 160
    with pytest.raises(pdf.RenderFailed, match="memory"):
        pdf.render_pdf(page(f"<h1>One</h1>{long_table(5000)}"))


def test_a_document_that_is_too_long_is_refused_unread():
    with pytest.raises(pdf.RenderRefused, match="The document is too long: 5,000,"):
        pdf.render_pdf(page("x" * pdf.LONGEST))


@pytest.mark.parametrize(
    ("html", "sentence"),
    [
        (page("<h1>One</h1>", title=" "), "The document has no title."),
        (page("<h1>One</h1>", lang=""), "The document does not say what language it is in."),
    ],
)
def test_a_document_without_title_or_language_is_refused(html, sentence):
    with pytest.raises(pdf.RenderRefused) as refused:
        pdf.render_pdf(html)
    assert str(refused.value) == sentence


@pytest.mark.django_db(transaction=True)
def test_nothing_is_drawn_inside_a_transaction():
    with transaction.atomic(), pytest.raises(RuntimeError):
        pdf.render_pdf(WHOLE)


@pytest.fixture
def forget_pango():
    pdf._pango_loads.cache_clear()
    yield
    pdf._pango_loads.cache_clear()


def test_without_pango_there_is_a_sentence_that_says_what_to_do(forget_pango, monkeypatch, tmp_path):
    (tmp_path / "libpango-1.0.so.0").touch()  # a library that cannot be loaded
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    assert not pdf.is_available()
    with pytest.raises(pdf.RenderRefused) as refused:
        pdf.render_pdf(WHOLE)
    assert str(refused.value) == pdf.UNAVAILABLE


def test_without_the_typeface_there_is_the_same_sentence(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    assert not pdf.is_available()
    with pytest.raises(pdf.RenderRefused) as refused:
        pdf.render_pdf(WHOLE)
    assert str(refused.value) == pdf.UNAVAILABLE
