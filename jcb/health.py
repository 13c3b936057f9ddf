"""Is it alive, and is it ready? Two addresses for whatever watches over the service: a word each, and nothing more.

`/health/` answers while the process does, and asks nothing of the database. `/ready/` says with 503 and one word what is
missing: the database, migrations that were not applied, or the folder or bucket of kept files. E-mail is not asked for: without it
people can still work, and what is to be sent waits.
"""

import functools
import logging

from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from django.views.decorators.clickjacking import xframe_options_deny
from django.views.decorators.http import require_safe

from jcb import files

ADDRESSES = {"/health/", "/ready/"}
LOG = logging.getLogger(__name__)


@login_not_required
@xframe_options_deny
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """The process is there and answers."""
    return _word("alive")


@login_not_required
@xframe_options_deny
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Everything is there that somebody at work needs."""
    lacking = what_is_missing()
    return _word(lacking or "ready", status=503 if lacking else 200)


def _word(word: str, status: int = 200) -> HttpResponse:
    return HttpResponse(word, status=status, content_type="text/plain", headers={"Cache-Control": "no-store"})


def what_is_missing() -> str:
    """The word for what is missing first, or nothing. The log has the kind of problem."""
    try:
        applied = MigrationRecorder(connection).applied_migrations()
    except Error:
        LOG.exception("Not %s: the database does not answer.", "ready")
        return "database"
    if _migrations() - set(applied):
        return "migrations"
    try:
        files.store().check()
    except OSError:
        LOG.exception("Not %s: kept files cannot be written.", "ready")
        return "files"
    return ""


@functools.cache
def _migrations() -> set[tuple[str, str]]:
    """The migrations of this software; looked for once, since they come with the code."""
    return set(MigrationLoader(None).disk_migrations)
