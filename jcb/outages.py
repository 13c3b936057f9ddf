"""When something that the service stands on is out: no room on a disk, a database that is read-only or away.

An outage is told from a fault of ours by the numbers that the system and the databases give, never by words, which may
quote a row. One page answers it, with 503 and the time after which to ask again. The page asks for no database, session
or person, and hands back what was sent, so that nothing typed is lost; the log has the kind of outage and nothing typed.
"""

import errno
import functools
import logging
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_deny

LOG = logging.getLogger(__name__)
RETRY_AFTER = 60  # seconds
SENTENCE = 3  # words from which on something was typed and not chosen
SECRETS = "/accounts/"  # below it passwords and codes are typed, which no page hands back


@dataclass(frozen=True, slots=True)
class Outage:
    """What is out: a word for the log, a heading and a sentence for whoever is told. `reads` says whether pages can
    still be read."""

    word: str
    heading: str
    sentence: str
    reads: bool = True


FULL = Outage("full", "There is no room to save", "A disk of this service is full, so nothing new can be kept on it.")
READ_ONLY = Outage("read-only", "Nothing can be saved just now", "The record can be read, but not be written to.")
AWAY = Outage("away", "The record cannot be reached just now", "The database of this service does not answer.", False)
STORE_AWAY = Outage("store away", "Files cannot be kept just now", "Where files are kept does not answer.")

OF_FILES = {
    errno.EHOSTUNREACH: STORE_AWAY,  # as a bucket's failures are told (jcb/file_bucket.py)
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.EFBIG: FULL,
    errno.EROFS: READ_ONLY,
}
OF_SQLITE = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_BUSY: AWAY,
    sqlite3.SQLITE_LOCKED: AWAY,
    sqlite3.SQLITE_IOERR: AWAY,
    sqlite3.SQLITE_CANTOPEN: AWAY,
    sqlite3.SQLITE_NOTADB: AWAY,
}
# PostgreSQL's own numbers, or what they begin with.
OF_POSTGRES = {
    "53100": FULL,
    "25006": READ_ONLY,
    "08": AWAY,  # the connection
    "3D": AWAY,  # there is no such database
    "53": AWAY,  # too little of something else than room
    "57P": AWAY,  # it was shut down, or is starting
    "58": AWAY,  # the disk below it
}


class NotWritten(Exception):
    """Something could not be written, and whoever tried does not know why."""


def what_is_out(problem: BaseException | None) -> Outage | None:
    """The outage behind an exception; None where it is something else."""
    return next(filter(None, map(_outage, _chain(problem))), None)


def _chain(problem: BaseException | None) -> Iterator[BaseException]:
    while problem is not None:
        yield problem
        problem = problem.__cause__ or problem.__context__


def _outage(problem: BaseException) -> Outage | None:
    match problem:
        case NotWritten():
            return READ_ONLY
        case sqlite3.Error():
            return OF_SQLITE.get(getattr(problem, "sqlite_errorcode", 0) & 0xFF)
        case psycopg.Error(sqlstate=str(state)):
            return next(filter(None, (OF_POSTGRES.get(state[:length]) for length in (5, 3, 2))), None)
        case psycopg.OperationalError() | psycopg.InterfaceError():
            return AWAY  # a connection that is gone, or never came about, has no number
        case OSError():
            return OF_FILES.get(problem.errno)
    return None


def let_go() -> None:
    """Close the connection to the database, so that the next one finds it as it then is: one that was opened read-only
    stays so."""
    if not connection.in_atomic_block:
        connection.close()


def told(work):
    """For work in the background whose answer may be {"problem": a sentence}: an outage of files becomes one. One of the
    database is the worker's to wait for, which has nowhere to write the answer."""

    @functools.wraps(work)
    def tried(**arguments):
        try:
            return work(**arguments)
        except OSError as problem:
            outage = what_is_out(problem)
            if outage is None:
                raise
            LOG.exception("Background work ended: %s", outage.word)
            return {"problem": f"{outage.sentence} Nothing was kept. Tell whoever runs the service, and try again."}

    return tried


@xframe_options_deny
@never_cache
def error_page(request: HttpRequest) -> HttpResponse:
    """What is answered where a page could not be made; called while the exception is handled."""
    outage = what_is_out(sys.exc_info()[1])
    if outage is None:
        return render(None, "500.html", status=500)
    LOG.error("Not answered: %s", outage.word, extra={"said": {"out": outage.word}})
    let_go()
    sent = _sent(request)
    page = {
        "outage": outage,
        "is_post": request.method == "POST",
        "address": request.get_full_path(),
        "sent": sent,
        "words": [value for _, value in sent if len(value.split()) >= SENTENCE],
        "files": bool(sent and request.FILES),
    }
    answer = render(None, "503.html", page, status=503)
    answer["Retry-After"] = RETRY_AFTER
    return answer


def _sent(request: HttpRequest) -> list[tuple[str, str]]:
    """What was sent, name by name, and nothing else: with the form's own token, so that a form of another site that
    came this far is refused when it is sent again. Nothing where it could not be read, or is secret."""
    if request.method != "POST" or request.path.startswith(SECRETS):
        return []
    return [(name, value) for name, values in request.POST.lists() for value in values]
