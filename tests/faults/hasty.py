"""The application with its order of writes spoilt in one place, which a test of it has to notice: for gunicorn,
`tests.faults.hasty:answer_first` answers a save and writes it a moment later; `tests.faults.hasty:row_first` writes the
row of a file, and the file a moment later."""

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor

from jcb.wsgi import application  # isort: skip -- it sets Django up for all that follow

from django.db import connection

from jcb import files
from jcb.models import StoredFile
from workstreams import views
from workstreams.models import ProgressUpdate

MOMENT = 0.5  # seconds
later = ThreadPoolExecutor(1)
save, keep = views.log_progress, files.keep


def a_moment_later(work, *args, **given) -> None:
    def done() -> None:
        time.sleep(MOMENT)
        work(*args, **given)
        connection.close()

    later.submit(done)


def answer_first(environ, start_response):
    views.log_progress = lambda **given: a_moment_later(save, **given) or ProgressUpdate(status=given["status"])
    return application(environ, start_response)


def row_first(environ, start_response):
    files.keep = _row_and_then_file
    return application(environ, start_response)


def _row_and_then_file(content: bytes, *, extension: str, by) -> StoredFile:
    row = StoredFile(
        sha256=hashlib.sha256(content).hexdigest(),
        extension=extension,
        media_type=files.MEDIA_TYPES[extension],
        size=len(content),
        by=by,
    )
    row.save()
    a_moment_later(keep, content, extension=extension, by=by)
    return row
