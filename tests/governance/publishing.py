"""The application's own processes for tests/governance/test_publish_killed.py: `python -m tests.governance.publishing WHAT`.

    prepare           fills an empty database with a meeting, and queues the publishing of its pack
    work [POINT]      runs the queue as in production; the process kills itself at a named point
    again             says how things stand, does what the secretariat would do then, and says how they stand after it

The clock stands still, so that the same pages come out each time; what is drawn once is kept in a folder beside the
database and drawn no more.
"""

import collections
import email
import hashlib
import json
import os
import pickle
import signal
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jcb.settings")
django.setup()

from django.conf import settings  # noqa: E402 -- after Django, as all that follow
from django.core.management import call_command  # noqa: E402 -- as above
from django.db import transaction  # noqa: E402 -- as above

from governance.models import AgendaItem, Circulation, Meeting, Pack, PackContent  # noqa: E402 -- as above
from governance.packs import build, circulation, publish  # noqa: E402 -- as above
from jcb import background, dates, files, notices  # noqa: E402 -- as above
from jcb.models import Document, Notice, Person, StoredFile  # noqa: E402 -- as above
from tests.conftest import NOW  # noqa: E402 -- as above
from tests.make import make_agenda_item, make_front_sheet, make_meeting, make_person  # noqa: E402 -- as above

SITE = "https://board.example"
PEOPLE, PACKS, ITEMS = 4, 2, 3  # who are sent something, for how many audiences, and what is on the agenda
PARTS = ("content", "pages", "anchors")  # of a drawn document

# Where the process can be killed: the module, the name in it, at which call, and whether before or after it.
POINTS = {
    "while the second audience is drawn": (publish, "draw", 2, "before"),
    "while a file is written": (os, "replace", 1, "before"),
    "between two packs": (publish, "_record_pack", 1, "after"),
    "at the end of the transaction": (circulation, "tell_of", 2, "after"),
    "before the e-mails are queued": (background, "_waiting", 1, "before"),
    "once an e-mail is marked as sent": (notices, "_claim", 2, "after"),
    "once an e-mail went and is not recorded": (circulation, "_sent", 2, "before"),
    "between two e-mails": (circulation, "_sent", 2, "after"),
}


def prepare() -> None:
    # The tables are made from the models: that the migrations make the same ones is checked elsewhere, and takes longer.
    settings.MIGRATION_MODULES = {app.split(".")[-1]: None for app in [*settings.INSTALLED_APPS, "admin", "account"]}
    call_command("migrate", run_syncdb=True, verbosity=0)
    with transaction.atomic():
        secretary = make_person(role="secretariat", name="Board secretary")
        for role in ("board member", "board member", "observer", "forum representative"):
            make_person(role=role)
        meeting = make_meeting()
        for order, restricted in enumerate((False, True, False), start=1):
            item = make_agenda_item(meeting=meeting, order=order, restricted=restricted, purpose="decide")
            make_front_sheet(item=item, recommendations=("agree it",))
    queue(meeting, secretary, "once")


def queue(meeting: Meeting, by: Person, asked: str) -> None:
    """What the button does."""
    publish.publish_pack.enqueue(
        meeting=meeting.key, by=by.pk, kind=Pack.Kind.PACK, number=1, words="", site=SITE, asked=asked
    )


def work() -> None:
    call_command("db_worker", batch=True, startup_delay=False, interval=0.1, reload=False, verbosity=0)


def kill_at(point: str) -> None:
    """Let this process be killed where the point says, as a machine that loses its power would stop it."""
    place, name, wanted, when = POINTS[point]
    real, calls = getattr(place, name), 0

    def doomed(*args, **given):
        nonlocal calls
        calls += 1
        if calls == wanted and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = real(*args, **given)
        if calls == wanted:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    setattr(place, name, doomed)


def draw_once() -> None:
    """Keep what is drawn, since the same pages are drawn again after every kill."""
    folder, real = Path(os.environ["DRAWN"]), build.render_pdf

    def drawn(html: str):
        kept = folder / hashlib.sha256(html.encode()).hexdigest()
        if not kept.exists():
            half = kept.with_suffix(f".{os.getpid()}")
            made = real(html)
            half.write_bytes(pickle.dumps({name: getattr(made, name) for name in PARTS}))
            half.rename(kept)
        return build.RenderedPdf(**pickle.loads(kept.read_bytes()))  # noqa: S301 -- written by ourselves, above

    build.render_pdf = drawn


def again() -> None:
    """Look, publish again where it was not published, send to whoever got nothing, and look again."""
    before = state()
    meeting, secretary = Meeting.objects.get(), Person.objects.get(role="secretariat")
    if not meeting.packs.exists():
        queue(meeting, secretary, "again")
    work()
    for pack in Pack.objects.all():
        circulation.send_to_the_rest(pack=pack, by=secretary, site=SITE)
    work()
    json.dump({"before": before, "after": state()}, sys.stdout)


def state() -> dict:
    """Everything that a publication writes."""
    said = [
        email.message_from_string(text)
        for file in sorted(Path(settings.EMAIL_FILE_PATH).glob("*"))
        for text in file.read_text().split("-" * 79 + "\n")
        if text.strip()
    ]
    documents = Document.objects.filter(kind="pack")
    return {
        "packs": Pack.objects.count(),
        "contents": PackContent.objects.count(),
        "documents": documents.count(),
        "state": Meeting.objects.get().state,
        "numbers": list(AgendaItem.objects.order_by("order").values_list("number", flat=True)),
        "notices": Notice.objects.count(),
        "unsent": Notice.objects.unsent().count(),
        "circulations": Circulation.objects.count(),
        "mails": collections.Counter(message["To"] for message in said),
        "letters": len({message["Message-ID"] for message in said}),
        "lost": [str(row) for row in StoredFile.objects.all() if not is_whole(row)],
        "of packs": sorted(pack.document.file.sha256 for pack in Pack.objects.all()),
    }


def is_whole(row: StoredFile) -> bool:
    """Whether the bytes of a kept file are there and are those that its name says."""
    path = files.path_of(row)
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == row.sha256


if __name__ == "__main__":
    what, *point = sys.argv[1:]
    draw_once()
    for each in point:
        kill_at(each)
    with dates.held_at(NOW):
        {"prepare": prepare, "work": work, "again": again}[what]()
