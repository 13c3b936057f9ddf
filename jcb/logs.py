"""The log as JSON lines, in UTC, from which nobody can read what was typed or who was written to.

A line says which code spoke, and for a request its method, its route by name, the status, the milliseconds and the
person's number. What others log is not repeated: an address, a header or the words of an exception may hold anything.
Only the fixed words of a message are kept, before values are put into it, and of an exception its kind and its places.

    {"at": "2026-12-01T02:00:00.123Z", "level": "INFO", "logger": "jcb.requests", "event": "request", "method": "POST",
     "route": "workstreams:deliverable", "status": 302, "ms": 48, "person": 12}
"""

import datetime as dt
import json
import logging
import sys
import traceback
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent
REQUESTS = logging.getLogger("jcb.requests")
SAYS_WHAT_RUNS = ("django_tasks", "django.tasks")  # their values are a task's number, its name and its state
OUR_SENTENCES = (ImproperlyConfigured,)  # written by us for whoever starts the program


class JsonLines(logging.Formatter):
    """One line of JSON for each record."""

    def format(self, record: logging.LogRecord) -> str:
        at = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")
        line = {
            "at": at.replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "event": _fixed_words(record),
            **getattr(record, "said", {}),
        }
        if (request := getattr(record, "request", None)) is not None:
            line["route"] = route_of(request)
        if isinstance(status := getattr(record, "status_code", None), int):
            line["status"] = status
        if record.exc_info and record.exc_info[1]:
            line |= _what_was_raised(record.exc_info[1])
        return json.dumps(line, ensure_ascii=True)


def _fixed_words(record: logging.LogRecord) -> str:
    """The message as it stands in the code. A message without values may have been put together before: only its place
    is told, unless it is one of our own."""
    if record.name.startswith(SAYS_WHAT_RUNS):
        return record.getMessage()
    if isinstance(record.msg, str) and (record.args or record.name == REQUESTS.name):
        return record.msg
    return f"{record.module}:{record.lineno}"


def _what_was_raised(problem: BaseException) -> dict[str, Any]:
    """Kinds and places, without the words: those of a database may quote a row."""
    kinds, seen = [], problem
    while seen is not None and len(kinds) < 5:
        kinds.append(f"{type(seen).__module__}.{type(seen).__qualname__}".removeprefix("builtins."))
        seen = seen.__cause__ or seen.__context__
    frames = [f"{_short(frame.f_code.co_filename)}:{line}" for frame, line in traceback.walk_tb(problem.__traceback__)]
    return {"raised": kinds, "where": frames[-15:]}


def _short(filename: str) -> str:
    path = Path(filename)
    if "site-packages" in path.parts:
        return "/".join(path.parts[path.parts.index("site-packages") + 1 :])
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name


def route_of(request) -> str:
    """An address by its name, without what it names: "workstreams:deliverable". Nothing of one that is none of ours."""
    match = getattr(request, "resolver_match", None)
    return match.view_name if match else "none"


def uncaught(kind, problem, trace) -> None:
    """What a command does with an exception that nobody expected: a line of the log in place of Python's own account."""
    if isinstance(problem, (*OUR_SENTENCES, KeyboardInterrupt)):
        sys.__excepthook__(kind, problem, trace)
    else:
        logging.getLogger(__name__).critical("Not caught: %s", kind.__name__, exc_info=(kind, problem, trace))
