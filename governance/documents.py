"""The documents of a plan: made from the record once, kept, and served again until the record changes.

    document = find_or_make("action-plan", plan, as_at, {"status": "at risk"})

A document is built as frozen data first. The hash of the data is its fingerprint: the same data is the same document,
and is not drawn again.
"""

import dataclasses
import datetime as dt
import functools
import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import caches
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django_tasks import task

from governance import action_plan, plan_document
from jcb import dates, files, outages, pdf
from jcb.freshness import record_stamp
from jcb.models import Document
from jcb.people import SERVER, stand_in
from workstreams.models import Plan

LOG = logging.getLogger(__name__)
AUDIENCE = "members"
STAMP_LASTS = 7 * 24 * 3600  # seconds; a stamp that has gone costs one building of the data, nothing else


@dataclass(frozen=True)
class Kind:
    """A kind of document: its names, how its data is built, and the templates of its pages."""

    key: str
    name: str
    about: str
    takes_filters: bool
    usual_seconds: int
    builder: Callable[[Plan, dt.date, Mapping[str, str]], Any]
    template: str
    body: str

    def file_name(self, plan_slug: str, as_at: dt.date) -> str:
        return f"{self.key}-{plan_slug}-{as_at.isoformat()}.pdf"


KINDS = {
    kind.key: kind
    for kind in (
        Kind(
            "plan",
            "The whole plan",
            "Every chapter and appendix, with the action plan. A4 portrait.",
            False,
            8,
            lambda plan, as_at, filters: plan_document.build(plan, as_at),
            "print/plan.html",
            "print/_plan_body.html",
        ),
        Kind(
            "action-plan",
            "The action plan",
            "Every deliverable by workstream, with status, owner, dates and latest update. A4 landscape.",
            True,
            3,
            action_plan.build,
            "print/action_plan.html",
            "print/_action_plan_body.html",
        ),
    )
}


def build(kind: str, plan: Plan, as_at: dt.date, filters: Mapping[str, str] | None = None):
    """The data of a document: a frozen dataclass. Raises action_plan.FilterRefused."""
    return KINDS[kind].builder(plan, as_at, filters or {})


def data_sha256(data) -> str:
    """The fingerprint of a document: SHA-256 of its data as canonical JSON, and of the layout it is poured into.

    With the layout, the same fingerprint means the same pages, and a new layout is not hidden by what was kept.
    """
    text = json.dumps([data, layout()], default=_plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@functools.cache
def layout() -> str:
    """A short text that changes with the print templates, the print style sheet and the version of the renderer."""
    digest = hashlib.sha256(version("weasyprint").encode())
    folders = (settings.BASE_DIR / "templates" / "print", settings.BASE_DIR / "static" / "print")
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _plain(value):
    if dataclasses.is_dataclass(value):
        # With its name, so that two kinds of data with the same fields are told apart.
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return {"": type(value).__name__, **fields}
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)


def context(data) -> dict:
    """What the templates of a document are given: the data, its fingerprint, and the part of it that is printed."""
    sha256 = data_sha256(data)
    return {"document": data, "fingerprint": sha256, "mark": sha256[:12]}


def document_html(data, kind: str) -> str:
    """A document's data as the HTML that is drawn."""
    return render_to_string(KINDS[kind].template, context(data))


def subject(plan_slug: str, filters: Mapping[str, str]) -> str:
    """What a document is about, as it is kept: the plan, and its filters as in an address."""
    chosen = action_plan.in_use(filters)
    return f"{plan_slug}?{urlencode(chosen)}" if chosen else plan_slug


def about(plan: Plan, rows: QuerySet[Document]) -> QuerySet[Document]:
    """Of some documents, those about a plan, filtered or not, with their files."""
    return rows.filter(Q(subject=plan.slug) | Q(subject__startswith=f"{plan.slug}?")).select_related("file")


def made(kind: str, plan: Plan, as_at: dt.date, filters: Mapping[str, str] | None = None) -> Document | None:
    """The document where it has been made from the record as it is now; otherwise None. Raises FilterRefused."""
    return _looked_up(kind, plan, as_at, filters or {})[0]


def find_or_make(kind: str, plan: Plan, as_at: dt.date, filters: Mapping[str, str] | None = None) -> Document:
    """The document as the record is now: the one already made, or a new one.

    Effects where it is new: a kept file and a `Document` row. Raises FilterRefused, or jcb.pdf.PdfError with a sentence
    for the reader; call it outside transactions, since drawing takes seconds.
    """
    found, data = _looked_up(kind, plan, as_at, filters or {})
    return found or _make(kind, plan, as_at, filters or {}, data)


def _looked_up(kind: str, plan: Plan, as_at: dt.date, filters: Mapping[str, str]) -> tuple[Document | None, Any]:
    """The row and nothing, or nothing and the data. An unchanged record is known by its stamp, without building."""
    key = _stamped(kind, plan, as_at, filters)
    kept = _kept(kind, plan, filters)
    if (
        key
        and (pk := caches["documents"].get(key))
        and (row := kept.filter(pk=pk, as_at=as_at).first())
        and files.is_there(row.file)
    ):
        return row, None
    data = build(kind, plan, as_at, filters)
    row = kept.filter(data_sha256=data_sha256(data)).first()
    if row is None or not files.is_there(row.file):
        return None, data
    if key:
        caches["documents"].set(key, row.pk, STAMP_LASTS)
    return row, None


def _stamped(kind: str, plan: Plan, as_at: dt.date, filters: Mapping[str, str]) -> str | None:
    stamp = record_stamp()
    asked = repr((kind, subject(plan.slug, filters), as_at, layout()))
    return f"document-{stamp}-{hashlib.sha256(asked.encode()).hexdigest()[:24]}" if stamp else None


def _kept(kind: str, plan: Plan, filters: Mapping[str, str]):
    return Document.objects.select_related("file").filter(
        kind=kind, subject=subject(plan.slug, filters), audience=AUDIENCE
    )


def _make(kind: str, plan: Plan, as_at: dt.date, filters: Mapping[str, str], data) -> Document:
    """Draw a document and keep it. Two who make the same one at once end with the same row."""
    rendered = pdf.render_pdf(document_html(data, kind))
    stored = files.keep(rendered.content, extension="pdf", by=stand_in(SERVER))
    kept, sha256 = _kept(kind, plan, filters), data_sha256(data)
    try:
        with transaction.atomic():
            Document(
                kind=kind,
                subject=subject(plan.slug, filters),
                audience=AUDIENCE,
                as_at=as_at,
                data_sha256=sha256,
                file=stored,
                pages=rendered.pages,
                replaces=kept.filter(as_at=as_at).order_by("-pk").first(),
            ).save(force_insert=True)
    except IntegrityError:
        LOG.info("%s was made by another at the same time.", kind)
    return kept.get(data_sha256=sha256)


@task()
@outages.told
def make_document(kind: str, plan_slug: str, as_at: str, filters: dict[str, str]) -> dict:
    """Make one document in the background. Returns {"document": its number} or {"problem": a sentence}."""
    try:
        plan = Plan.objects.held().select_related("area").get(slug=plan_slug)
        return {"document": find_or_make(kind, plan, dt.date.fromisoformat(as_at), filters).pk}
    except (pdf.PdfError, action_plan.FilterRefused) as problem:
        return {"problem": str(problem)}


def make_due(plan_slug: str) -> None:
    """Make a plan's documents as at today (every held plan's, for no name), after its record changed and before anyone
    asks. Never raises: what cannot be made is logged, and whoever asks for it is told. Does nothing where PDF files
    cannot be made."""
    if not (settings.DOCUMENTS_AHEAD and pdf.is_available()):
        return
    plans = Plan.objects.held().select_related("area")
    for plan in plans.filter(slug=plan_slug) if plan_slug else plans:
        for kind in KINDS:
            try:
                find_or_make(kind, plan, dates.today())
            except Exception:
                LOG.exception("%s of %s was not made ahead.", KINDS[kind].name, plan)
