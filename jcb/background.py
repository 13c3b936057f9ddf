"""The one door to background work. Tests run it at once; `make run` starts a `db_worker` for it."""

from django.db import transaction


def after_commit(task, **arguments) -> None:
    """Queue a django-tasks task once the present transaction has been committed; nothing is queued if it fails."""
    transaction.on_commit(lambda: task.enqueue(**arguments))
