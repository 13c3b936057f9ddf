"""The one door to background work. Tests run it at once; `make run` starts a `db_worker` for it."""

import time
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

UNFINISHED = (TaskResultStatus.READY, TaskResultStatus.RUNNING)


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
    where the same task with the same arguments is waiting already."""
    transaction.on_commit(lambda: _waiting(task, arguments).exists() or task.enqueue(**arguments))


def start(task, **arguments) -> Job:
    """Queue a task now, or find the same task with the same arguments where it is queued or running already."""
    if row := _queued(task, arguments, UNFINISHED).order_by("enqueued_at").first():
        return _job(row)
    return _job(task.enqueue(**arguments))


def _waiting(task, arguments: dict):
    return _queued(task, arguments, (TaskResultStatus.READY,))


def _queued(task, arguments: dict, states):
    same = {"args": [], "kwargs": arguments}
    return DBTaskResult.objects.filter(task_path=task.module_path, status__in=states, args_kwargs=same)


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
