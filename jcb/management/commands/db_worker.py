"""The background worker of django-tasks-db, which first takes up what was left by the one in whose place it comes."""

from django_tasks_db.management.commands import db_worker

from jcb import background


class Command(db_worker.Command):
    def handle(self, *args, worker_id, **options):
        background.take_up_again(worker_id)
        super().handle(*args, worker_id=worker_id, **options)
