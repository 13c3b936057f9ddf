"""Has anything changed? One query says so, and a page or a document that nobody changed is not made again.

Every editable row leaves a history row and every log row has a rising number, so the highest number of each table is a
stamp of the whole record. On PostgreSQL a number can be taken before it is committed, and a higher one be seen first:
while a transaction older than the last one committed is in flight there is no stamp, and the page is simply made. Those
in flight that are newer are told apart by the end of the snapshot, which moves when they commit.
"""

import functools
import hashlib

from django.apps import apps
from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.http import HttpResponse
from django.views.decorators.http import condition

from jcb import dates
from jcb.history import AppendOnly, Record

PAGE_LASTS = 15 * 60  # seconds that a made page is kept


@functools.cache
def _stamp_sql() -> str:
    tables = []
    for model in apps.get_models():
        if issubclass(model, AppendOnly):
            tables.append(model._meta)
        elif issubclass(model, Record) or model._meta.label == settings.AUTH_USER_MODEL:
            tables.append(model.history.model._meta)
    quote = connection.ops.quote_name
    parts = [f"(SELECT max({quote(t.pk.column)}) FROM {quote(t.db_table)})" for t in tables]  # noqa: S608 -- names of our own models, quoted
    if connection.vendor == "postgresql":
        parts.append("pg_snapshot_xmax(pg_current_snapshot())::text")
        parts.append("(SELECT pg_snapshot_xmin(s) = pg_snapshot_xmax(s) FROM pg_current_snapshot() AS s)")
    return "SELECT " + ", ".join(parts)


def record_stamp() -> str | None:
    """A short text that changes whenever the record does; None while that cannot be told. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_stamp_sql())
        numbers = cursor.fetchone()
    if connection.vendor == "postgresql" and not numbers[-1]:
        return None
    return hashlib.sha256(repr((numbers, settings.RELEASE)).encode()).hexdigest()[:20]


def _etag(request, *args, **kwargs) -> str | None:
    if "_messages" in request.session:
        return None
    stamp = record_stamp()
    if stamp is None:
        return None
    htmx = [request.headers.get(name) for name in ("HX-Request", "HX-Boosted")]
    who_and_what = (request.user.pk, request.get_full_path(), *htmx)
    asked = (stamp, *who_and_what, dates.today(), dates.shift())
    request.page_mark = f'"{hashlib.sha256(repr(asked).encode()).hexdigest()[:32]}"'
    return request.page_mark


def unless_unchanged(view):
    """Answer 304 to a reader who has this very page already, and hand the same page out again to one who lost it: one
    query after the sign-in. For GET pages without forms that post."""
    checked = condition(etag_func=_etag)(_kept_for_its_reader(view))

    @functools.wraps(view)
    def answered(request, *args, **kwargs):
        response = checked(request, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    return answered


def _kept_for_its_reader(view):
    """Keep a made page for a while under its mark: the mark names the reader, the address and the state of the record."""

    @functools.wraps(view)
    def made_or_kept(request, *args, **kwargs):
        mark = getattr(request, "page_mark", None)
        if mark is None or request.method != "GET":
            return view(request, *args, **kwargs)
        if kept := caches["pages"].get(mark):
            content, headers = kept
            return HttpResponse(content, headers=headers)
        response = view(request, *args, **kwargs)
        if response.status_code == 200 and not response.streaming and not response.cookies:
            caches["pages"].set(mark, (response.content, dict(response.headers)), PAGE_LASTS)
        return response

    return made_or_kept
