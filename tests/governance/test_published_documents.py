"""Both published plans and their action plans, drawn from the whole record: nothing missing, nothing that breaks a rule."""

import datetime as dt

import pytest
from django.db import transaction

from governance import documents
from jcb import dates, pdf
from tests.pdftext import bookmarks_of, text_of
from tests.record import put_whole_record
from tests.tagcheck import faults
from tests.verapdf import judge
from workstreams.models import Plan

# No test here may be transactional: the record lies in one transaction around them all.
pytestmark = [pytest.mark.pdf, pytest.mark.django_db]

HELD = ("kensington-and-chelsea-2020", "westminster-2018")
EACH = [(slug, kind) for slug in HELD for kind in ("plan", "action-plan")]
MARCH = dt.date(2020, 3, 12)


@pytest.fixture(scope="module")
def record(django_db_setup, django_db_blocker):
    """The whole record with its demonstration, for the tests of this module that read it."""
    with django_db_blocker.unblock(), dates.held_at(dt.datetime(2020, 9, 10, 9, 0, tzinfo=dt.UTC)):
        around = transaction.atomic()
        # The renderer refuses to work inside a transaction, except in one that a test put around everything.
        around._from_testcase = True
        with around:
            put_whole_record()
            yield
            transaction.set_rollback(True)


@pytest.fixture(scope="module")
def drawn(record):
    """Every document of the record as at 12 March 2020: its data, HTML and PDF."""
    found = {}
    for slug in HELD:
        for kind in documents.KINDS:
            data = documents.build(kind, Plan.objects.select_related("area").get(slug=slug), MARCH)
            html = documents.document_html(data, kind)
            found[slug, kind] = data, html, pdf.render_pdf(html)
    return found


@pytest.mark.parametrize("which", EACH, ids="/".join)
def test_a_published_document_breaks_no_rule_of_pdf_ua(drawn, which):
    assert judge(drawn[which][2].content) == []


@pytest.mark.parametrize("which", EACH, ids="/".join)
def test_a_published_document_has_the_tags_of_its_html(drawn, which):
    assert faults(drawn[which][2].content, drawn[which][1]) == []


@pytest.mark.parametrize("which", EACH, ids="/".join)
def test_a_published_document_says_what_it_is(drawn, which):
    data, _, made = drawn[which]
    pages = text_of(made.content)
    sha256 = documents.data_sha256(data)
    assert len(pages) == made.pages
    assert sha256[:12] in pages[-1]
    assert f"Page {made.pages} of {made.pages}" in pages[-1]
    assert "12 March 2020" in pages[0]
    assert len(bookmarks_of(made.content)) >= 7


@pytest.mark.parametrize("slug", HELD)
def test_every_deliverable_is_in_both_documents_by_its_reference(drawn, slug):
    action_plan = drawn[slug, "action-plan"][0]
    for kind in documents.KINDS:
        printed = " ".join(text_of(drawn[slug, kind][2].content))
        for block in action_plan.blocks:
            for row in block.rows:
                assert f"{row.reference} {row.title.split()[0]}" in printed
