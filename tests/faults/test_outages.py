"""What the service stands on goes away and comes back: a clear page, nothing lost, and it carries on by itself.

The web server and the worker are processes of their own, as in production, and the same ones from the first test to the
last. The disks are small ones of the test's own, where this process may make them; the database is really read-only,
locked or gone, and the mail server really listens or does not.
"""

import contextlib
import email.policy
import html
import os
import re
import secrets
import shutil
import socketserver
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import psycopg
import pytest
import requests
from psycopg import sql

from tests.databases import database
from tests.faults.outage_site import (
    HOME,
    Site,
    Visitor,
    away,
    filled,
    form_in,
    needs_a_disk,
    read_only,
    serving,
    small_disk,
    until,
)  # fmt: skip
from tests.make import PASSWORD
from tests.papers import pdf, picture

FULL, READ_ONLY, AWAY = "There is no room to save", "Nothing can be saved just now", "The record cannot be reached"
ON_POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")
MANY = 2_000  # saves: there is no room for so many
WORDS = "The third family group met, and forty families came."
PICTURE = picture("JPEG") + b"x" * 100_000
pytestmark = pytest.mark.pdf


# The site, its disks and its mail server ------------------------------------------------------------------------------


class Mail(socketserver.StreamRequestHandler):
    """A mail server that takes whatever comes."""

    def handle(self):
        self._say("220 here")
        for line in iter(self.rfile.readline, b""):
            word = line.split()[0].upper()
            if word == b"DATA":
                self._say("354 go on")
                text = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.letters.append(email.message_from_bytes(text, policy=email.policy.default))
            self._say("221 good-bye" if word == b"QUIT" else "250 very well")
            if word == b"QUIT":
                return

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


class MailServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextlib.contextmanager
def mail_server(port: int) -> Iterator[list[Message]]:
    """A mail server at a port. Yields the letters that it took."""
    with MailServer((HOME, port), Mail) as server:
        server.letters = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.letters
        server.shutdown()


@pytest.fixture(scope="module")
def mail_port() -> int:
    with MailServer((HOME, 0), Mail) as nobody_listens:
        return nobody_listens.server_address[1]


@contextlib.contextmanager
def space_on(disk: Path) -> Iterator[str | None]:
    """Where PostgreSQL may keep a database on a disk of ours: the name of the place, or None."""
    if not (ON_POSTGRES and disk.is_mount()):
        yield None
        return
    shutil.chown(disk, "postgres")
    name = f"outage_disk_{os.getpid()}"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        made = sql.SQL("CREATE TABLESPACE {} LOCATION {}").format(sql.Identifier(name), sql.Literal(str(disk)))
        server.execute(made)
        try:
            yield name
        finally:
            server.execute(sql.SQL("DROP TABLESPACE {}").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def disks() -> Iterator[tuple[Path, Path]]:
    """A disk for the database and one for the kept files, where PostgreSQL reaches them too."""
    folder = Path(tempfile.mkdtemp(prefix="outages-"))
    folder.chmod(0o755)
    with small_disk(folder / "database", 96) as first, small_disk(folder / "files", 4) as second:
        yield first, second
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def site(disks, mail_port, tmp_path_factory) -> Iterator[Site]:
    for_database, for_files = disks
    with space_on(for_database) as space, database(for_database) as url:
        if space:
            with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
                moved = sql.SQL("ALTER DATABASE {} SET TABLESPACE {}")
                server.execute(moved.format(sql.Identifier(url.rpartition("/")[2]), sql.Identifier(space)))
        mail = f"smtp://{HOME}:{mail_port}"
        folder = tmp_path_factory.mktemp("outages")
        with serving(url, folder, for_files / "kept", EMAIL_URL=mail) as served:
            yield served


@pytest.fixture(autouse=True)
def by_itself(site):
    """Whatever was out, the same processes are there afterwards, and nothing typed is in their log."""
    before = site.processes()
    yield
    until(lambda: site.visitor().get("/ready/").text == "ready")
    assert site.processes() == before
    log = site.log()
    assert WORDS not in log
    assert "Traceback" not in log


# What people do -------------------------------------------------------------------------------------------------------


def log_progress(site: Site, words: str, files: dict | None = None, lead: Visitor | None = None) -> requests.Response:
    """Fill in the form of progress and send it."""
    lead = lead or site.visitor("lead")
    form = lead.form(site.record["deliverable"], "narrative")
    return lead.post(form, files, status="off track", narrative=words)


def hand_in(site: Site) -> requests.Response:
    member = site.visitor("member")
    page = f"{site.record['meeting']}/agenda/{site.record['item']}/papers/{site.record['paper']}/"
    return member.post(member.form(page, "seen"), {"paper": ("paper.pdf", pdf())}, what="hand in")


def made_in_the_background(answer: requests.Response, site: Site, part: str) -> requests.Response:
    """What came of work in the background, from the page that shows how far it is."""
    visitor = site.visitor(part)
    found = [answer]

    def is_done() -> bool:
        goes_on = re.search(r'http-equiv="refresh" content="\d+; ?url=([^"]+)"', found[-1].text)
        if goes_on:
            found.append(visitor.get(html.unescape(goes_on.group(1))))
        return goes_on is None

    until(is_done, seconds=120)
    return found[-1]


def draw(site: Site) -> requests.Response:
    page = f"{site.record['plan']}/documents/action-plan.pdf"
    answer = site.visitor("lead").get(page)
    return made_in_the_background(answer, site, "lead")


def publish(site: Site) -> requests.Response:
    secretary = site.visitor("secretary")
    answer = secretary.post(secretary.form(f"{site.record['meeting']}/pack/publish/", "asked"))
    return made_in_the_background(answer, site, "secretary")


def is_told(answer: requests.Response, heading: str) -> None:
    """It is the clear page, with the headers of every other."""
    assert answer.status_code == 503, (answer.status_code, answer.text[-1500:])
    assert f'<h1 class="govuk-heading-l">{heading}' in answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert "no-store" in answer.headers["Cache-Control"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


# A full disk ----------------------------------------------------------------------------------------------------------


def test_where_no_file_can_be_kept_nothing_is_there_by_half_and_it_goes_on_once_there_is_room(site, disks):
    needs_a_disk(disks[1])
    assert log_progress(site, "Nothing is full yet, and this is kept.").ok
    before = site.look()
    with filled(disks[1]):
        answer = log_progress(site, WORDS, {"evidence_file": ("photo.jpg", PICTURE)})
        is_told(answer, FULL)
        assert WORDS in answer.text
        is_told(hand_in(site), FULL)
        for work in (draw, publish):
            answer = work(site)
            assert answer.status_code == 503
            assert "A disk of this service is full" in answer.text
        assert site.visitor().get("/ready/").text == "files"
        assert site.look() == before
        assert log_progress(site, "No file comes with this, so that it is kept.").ok
    assert log_progress(site, WORDS, {"evidence_file": ("photo.jpg", PICTURE)}).ok
    assert hand_in(site).ok
    assert draw(site).content.startswith(b"%PDF-")
    assert publish(site).ok
    after = site.look()
    assert (after["evidence"], after["versions"], after["packs"]) == (1, 1, 1)
    assert after["words"] == [*before["words"], "No file comes with this, so that it is kept.", WORDS]
    assert after["rows without their file"] == after["files without a row"] == []


def test_where_the_database_has_no_room_every_save_is_kept_or_handed_back_and_pages_are_read(site, disks):
    needs_a_disk(disks[0])
    before, kept, lead = site.look()["words"], [], site.visitor("lead")
    with filled(disks[0]):
        for _ in range(MANY):
            words = f"{WORDS} {secrets.token_hex(2_000)}"
            answer = log_progress(site, words, lead=lead)
            if not answer.ok:
                break
            kept.append(words)
        is_told(answer, FULL)
        again = form_in(answer.text, "narrative", "the page")
        assert again[1]["narrative"] == words
        for page in ("/", site.record["deliverable"], f"{site.record['meeting']}/"):
            read = site.visitor("secretary").get(page)
            assert read.status_code == 200, (page, read.text[-1500:], site.log()[-3000:])
        stranger = site.visitor()
        sign_in = stranger.form("/accounts/login/", "password")
        assert "too many" not in stranger.post(sign_in, login="nobody@board.example", password=PASSWORD).text
    assert lead.post(again).ok
    assert site.look()["words"] == [*before, *kept, words]


# A database that is read-only -----------------------------------------------------------------------------------------


def test_where_the_database_is_read_only_pages_are_read_and_what_is_typed_is_handed_back(site):
    url = site.environment["DATABASE_URL"]
    before = site.look()["words"]
    lead = site.visitor("lead")
    form = lead.form(site.record["deliverable"], "narrative")
    with read_only(url):
        for page in ("/", site.record["deliverable"], f"{site.record['meeting']}/", "/help/"):
            for _ in range(3):  # by either process
                assert site.visitor("member").get(page).status_code == 200, page
        answer = lead.post(form, status="off track", narrative=WORDS)
        is_told(answer, READ_ONLY)
        signing_in = site.visitor()
        sign_in = signing_in.form("/accounts/login/", "password")
        refused = signing_in.post(sign_in, login=site.record["people"]["lead"]["email"], password=PASSWORD)
        is_told(refused, READ_ONLY)
        assert PASSWORD not in refused.text
    again = form_in(answer.text, "narrative", "the page")
    until(lambda: lead.post(again).ok)
    assert site.look()["words"] == [*before, WORDS]


# A database that is gone ----------------------------------------------------------------------------------------------


class Writer(threading.Thread):
    """Somebody who goes on saving, whatever the answer is."""

    def __init__(self, site: Site):
        super().__init__(daemon=True)
        self.site, self.kept, self.stopped = site, [], False

    def run(self):
        while not self.stopped:
            words = f"{WORDS} {len(self.kept)} {secrets.token_hex(4)}"
            with contextlib.suppress(AssertionError):  # the form itself cannot be had while the database is away
                if log_progress(self.site, words).ok:
                    self.kept.append(words)


def test_while_the_database_is_gone_every_address_says_so_and_nothing_acknowledged_is_lost(site):
    lead = site.visitor("lead")
    form = lead.form(site.record["deliverable"], "narrative")
    signing_in = site.visitor()
    sign_in = signing_in.form("/accounts/login/", "password")
    writer = Writer(site)
    writer.start()
    until(lambda: len(writer.kept) >= 3)
    with away(site.environment["DATABASE_URL"]):
        for page in ("/", "/nowhere/", "/accounts/login/", "/help/", "/round/", "/admin/", site.record["deliverable"]):
            for _ in range(3):
                is_told(site.visitor("secretary").get(page), AWAY)
        for page in ("/", "/accounts/login/", "/help/", "/board/", "/accessibility/"):
            answer = site.visitor().get(page)
            assert answer.status_code in {200, 503}, page  # some ask for no record
        answer = lead.post(form, status="off track", narrative="All of it stands on the page.")
        is_told(answer, AWAY)
        again = form_in(answer.text, "narrative", "the page")
        assert again[1]["narrative"] == "All of it stands on the page."
        credentials = {"login": site.record["people"]["lead"]["email"], "password": PASSWORD}
        is_told(signing_in.post(sign_in, **credentials), AWAY)
        forged = {"narrative": "From another site, with no token.", "seen": "0", "status": "off track"}
        elsewhere = lead.post((site.record["deliverable"], forged))
        assert site.visitor().get("/health/").text == "alive"
        assert site.visitor().get("/ready/").text == "database"
        saved = len(writer.kept)
        assert "data-again" in elsewhere.text
    until(lambda: len(writer.kept) >= saved + 3)
    writer.stopped = True
    writer.join(60)
    assert lead.post(form_in(elsewhere.text, "narrative", "the page")).status_code == 403
    found = site.look()["words"]
    assert [words for words in found if words in set(writer.kept)] == writer.kept
    assert "From another site, with no token." not in found
    assert signing_in.post(sign_in, **credentials).ok
    assert draw(site).content.startswith(b"%PDF-"), "The worker is not at work."


@pytest.mark.skipif(ON_POSTGRES, reason="SQLite alone locks the whole database")
def test_a_database_that_is_locked_for_too_long_is_said_to_be_away(site):
    file = site.environment["DATABASE_URL"].removeprefix("sqlite:///")
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        is_told(log_progress(site, WORDS), AWAY)
        other.execute("ROLLBACK")
    assert log_progress(site, WORDS).ok


# A mail server that is gone -------------------------------------------------------------------------------------------


def test_e_mail_waits_for_its_server_and_goes_once(site, mail_port):
    secretary, stranger = site.visitor("secretary"), site.visitor()
    page = f"{site.record['meeting']}/agenda/{site.record['item']}/papers/{site.record['paper']}/"
    if not site.look()["versions"]:
        assert hand_in(site).ok
    waiting = site.look()["unsent"]
    _, fields = secretary.form(page, "seen")
    asked = fields | {"what": "send back", "seen": str(site.look()["versions"])}
    sent_back = secretary.post((page, asked), words="Say what it costs.")
    assert "/papers/" in sent_back.url
    assert sent_back.ok
    address = site.record["people"]["lead"]["email"]
    assert stranger.post(stranger.form("/accounts/password/reset/", "email"), email=address).ok
    until(lambda: site.look()["later"] >= 2)
    site.hasten()
    time.sleep(3)
    assert site.look()["unsent"] == waiting + 1
    with mail_server(mail_port) as letters:
        site.hasten()
        until(lambda: site.look()["unsent"] == 0 and site.look()["later"] == 0)
    assert sorted(letter["To"] for letter in letters if "hand in" in letter["Subject"]) == [
        site.record["people"]["member"]["email"]
    ]
    assert [letter["To"] for letter in letters if "Signing in" in letter["Subject"]] == [address]
    names = [letter["Message-ID"] for letter in letters]
    assert len(names) == len(set(names))
