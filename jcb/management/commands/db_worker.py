"""django-tasks' own worker, which here waits where the database is away, and takes up again what it had begun."""

import logging
import time

from django_tasks_db.management.commands import db_worker

from jcb import background, outages

LOG = logging.getLogger(__name__)
PAUSE = 5  # seconds


class Command(db_worker.Command):
    def handle(self, *args, **options):
        """Work until it is asked to stop; an outage of the database is waited for, except by a worker that is to end
        when the queue is empty."""
        while True:
            try:
                background.take_up_again(options["worker_id"])
                return super().handle(*args, **options)
            except Exception as problem:
                outage = outages.what_is_out(problem)
                if options["batch"] or outage is None:
                    raise
                LOG.warning("The worker waits: %s", outage.word, extra={"said": {"out": outage.word}})
                outages.let_go()
                time.sleep(PAUSE)
