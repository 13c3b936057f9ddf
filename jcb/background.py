"""The one door to background work. Tests run it at once; `make run` starts a `db_worker` for it.

A worker that is killed leaves its task marked as running, and the queue knows of no end to that. So the worker that comes
in its place takes it up again; every task of ours may be done twice.
"""

import contextlib
import datetime as dt
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from jcb import dates

UNFINISHED = (TaskResultStatus.READY, TaskResultStatus.RUNNING)
LONGEST = dt.timedelta(hours=1)  # no work of ours takes that long
WAITS = (1, 2, 5, 10, 20, 30, 60)  # minutes until something is tried again: the last one from then on
MOST_TRIES = 80  # which is some three days
MOST_BEGUN = 3  # work that was ended in the middle so often is not begun once more


class EndedInTheMiddle(Exception):
    """Whoever was at this work was ended each time that it was begun."""


@dataclass(frozen=True, slots=True)
class Job:
    """How far a piece of background work is. `seconds` since it was asked for; `answer` is what it returned."""

    id: str
    waiting: bool
    running: bool
    failed: bool
    seconds: int
    answer: Any = None

    @property
    def finished(self) -> bool:
        return not (self.waiting or self.running)


def after_commit(task, **arguments) -> None:
    """Queue a django-tasks task once the present transaction has been committed; nothing is queued if it fails, or
    where the same task with the same arguments is waiting already. What was saved is saved, though the queue be out."""
    transaction.on_commit(lambda: _waiting(task, arguments).exists() or task.enqueue(**arguments), robust=True)


def start(task, **arguments) -> Job:
    """Queue a task now, or find the same task with the same arguments where it is queued or running already."""
    take_up_again()
    if row := _queued(task, arguments, UNFINISHED).order_by("enqueued_at").first():
        return _job(row)
    return _job(task.enqueue(**arguments))


def take_up_again(worker: str = "") -> int:
    """Queue anew what was begun and will not be ended; returns how many pieces of work.

    That is what runs in the name of a worker which begins only now, and what was begun so long ago that whoever was at it
    cannot be there any more. Work that was begun too often is given up, and told as failed.
    """
    left = 0
    with transaction.atomic():
        for row in DBTaskResult.objects.running().select_for_update(skip_locked=True):
            # Workers live in real time, whatever the demonstration's clock shows.
            is_old = (row.started_at or row.enqueued_at).timestamp() < time.time() - LONGEST.total_seconds()
            if row.worker_ids[-1:] != [worker] and not is_old:
                continue
            left += 1
            if len(row.worker_ids) >= MOST_BEGUN:
                row.set_failed(EndedInTheMiddle())
            else:
                row.status = TaskResultStatus.READY
                row.save(update_fields=["status"])
    return left


def _waiting(task, arguments: dict):
    return _queued(task, arguments, (TaskResultStatus.READY,))


def _queued(task, arguments: dict, states):
    same = {"args": [], "kwargs": arguments}
    return DBTaskResult.objects.filter(task_path=task.module_path, status__in=states, args_kwargs=same)


@contextlib.contextmanager
def tried_again(task, tried: int, **arguments) -> Iterator[None]:
    """Where what stands below fails, queue the task for later with the same arguments and `tried` one more: after a
    minute, then less and less often, for some three days. The failure is raised all the same."""
    try:
        yield
    except Exception:
        if tried < MOST_TRIES and task.get_backend().supports_defer and not _comes_later(task, arguments):
            wait = dt.timedelta(minutes=WAITS[min(tried, len(WAITS) - 1)])
            task.using(run_after=dates.real_now() + wait).enqueue(**arguments, tried=tried + 1)
        raise


def _comes_later(task, arguments: dict) -> bool:
    """Whether a further try of a task with these arguments is queued."""
    queued = [row.args_kwargs["kwargs"] for row in _further_tries() if row.task_path == task.module_path]
    return any(each | {"tried": 0} == arguments | {"tried": 0} for each in queued)


def further_tries() -> list[dt.datetime]:
    """When what failed is tried again, soonest first."""
    return sorted(row.run_after for row in _further_tries())


def try_now() -> None:
    """Have the worker try again now what it was to try later."""
    for row in _further_tries():
        row.run_after = dates.real_now()
        row.save(update_fields=["run_after"])


def _further_tries() -> list[DBTaskResult]:
    ready = DBTaskResult.objects.filter(status=TaskResultStatus.READY)
    return [row for row in ready if row.args_kwargs["kwargs"].get("tried")]


def job(task, named: str) -> Job | None:
    """How far a task that was started is; None where there is none of that name."""
    try:
        wanted = uuid.UUID(named)
    except ValueError:
        return None
    row = DBTaskResult.objects.filter(task_path=task.module_path, pk=wanted).first()
    return _job(row) if row else None


def _job(result) -> Job:
    """A job from a row of the queue, or from what the backend of the tests returns: they share these names."""
    done = result.status == TaskResultStatus.SUCCESSFUL
    # How long somebody has waited is real time, whatever the demonstration's clock shows.
    return Job(
        id=str(result.id),
        waiting=result.status == TaskResultStatus.READY,
        running=result.status == TaskResultStatus.RUNNING,
        failed=result.status == TaskResultStatus.FAILED,
        seconds=max(round(time.time() - result.enqueued_at.timestamp()), 0),
        answer=result.return_value if done else None,
    )
