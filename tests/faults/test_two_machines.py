"""Two machines behave as one: what is done at one is so at the other at once, and nothing is done twice.

Each machine is a web server and a worker, in processes of their own and with places of their own for whatever a machine
keeps to itself. They share a PostgreSQL, a bucket in moto's server, and the settings; nothing else.
"""

import contextlib
import email
import hashlib
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import requests
from django.db import connection

from tests import papers, s3
from tests.databases import database
from tests.faults.machines import (
    COMMISSIONER,
    DIRECTOR,
    LEADS,
    MEETING,
    OBSERVER,
    PLAN,
    SECRETARIAT,
    WORDS,
)

ROOT = Path(__file__).resolve().parents[2]
BUCKET = "kept"
SECONDS = 120  # for whatever is waited for, on a machine that has other things to do
TOO_MANY = "There were too many wrong tries from here."
PACK, DELIVERABLE = f"/meetings/{MEETING}/pack/", f"/plans/{PLAN}/1/1/"
EVIDENCE = papers.picture()
pytestmark = [
    pytest.mark.skipif(
        connection.vendor != "postgresql",
        reason="SQLite is for one machine (README, More than one machine): two are tried on PostgreSQL",
    ),
    pytest.mark.pdf,
]


@dataclass
class Machine:
    """A machine: where its web server answers, what its processes are told, the folder that is its own, its worker."""

    url: str
    environment: dict[str, str]
    folder: Path
    worker: subprocess.Popen | None = None

    def start(self, *words: str, **options) -> subprocess.Popen:
        with (self.folder / "said.log").open("ab") as said:
            return subprocess.Popen(
                [sys.executable, "-W", "ignore", *words], cwd=ROOT, env=self.environment, stderr=said, **options
            )

    def is_warm(self) -> bool:
        """Whether the worker has a process of its own that is ready to draw."""
        children = Path(f"/proc/{self.worker.pid}/task/{self.worker.pid}/children").read_text().split()
        return any(b"jcb.warm" in Path(f"/proc/{child}/cmdline").read_bytes() for child in children)


@dataclass(frozen=True)
class Site:
    """Both machines, and what they share."""

    machines: tuple[Machine, Machine]
    database: str
    store: str

    def rows(self, sql: str) -> list[tuple]:
        with psycopg.connect(self.database) as looking:
            return looking.execute(sql).fetchall()

    def jobs(self, task: str) -> list[tuple[str, list[str]]]:
        """Of each job of a task, how it stands and the workers that took it."""
        return self.rows(
            f"SELECT status, worker_ids FROM django_tasks_database_dbtaskresult WHERE task_path LIKE '%.{task}'"  # noqa: S608 -- our own word
        )

    def has_done(self, task: str) -> bool:
        """Whether every job of a task went well; none failed, and none is waiting or being done."""
        return {status for status, _ in self.jobs(task)} == {"SUCCESSFUL"}

    def letters(self, about: str) -> Counter:
        """How many e-mails about something went to each address, from both machines."""
        found = Counter()
        for machine in self.machines:
            for file in (machine.folder / "mail").glob("*.log"):
                for text in file.read_text().split(f"\n{'-' * 79}\n"):
                    letter = email.message_from_string(text)
                    if text.strip() and about in " ".join(letter["Subject"].split()):
                        found[letter["To"]] += 1
        return found


class Browser(requests.Session):
    """A browser: its cookies go to either machine, as they would behind one name."""

    def ask(self, machine: Machine, path: str, **more) -> requests.Response:
        return self.get(machine.url + path, timeout=SECONDS, **more)

    def fill_in(self, machine: Machine, path: str, files=None, **fields) -> requests.Response:
        """Send a form without following where it leads."""
        if "csrftoken" not in self.cookies:
            self.ask(machine, "/accounts/login/")
        data = {**fields, "csrfmiddlewaretoken": self.cookies["csrftoken"]}
        return self.post(machine.url + path, data=data, files=files, timeout=SECONDS, allow_redirects=False)

    def sign_in(self, machine: Machine, who: str, words: str = WORDS) -> requests.Response:
        return self.fill_in(machine, "/accounts/login/", login=who, password=words)

    def is_in(self, machine: Machine) -> bool:
        return self.ask(machine, "/statuses/", allow_redirects=False).status_code == 200


def wait_for(what: Callable, why: str):
    """Ask again until there is an answer that counts."""
    until = time.monotonic() + SECONDS
    while not (found := what()):
        assert time.monotonic() < until, why
        time.sleep(0.2)
    return found


@contextlib.contextmanager
def running(name: str, folder: Path, shared: dict[str, str]) -> Iterator[Machine]:
    """A machine with its web server and its worker."""
    own = folder / name
    for each in ("mail", "tmp", "home"):
        (own / each).mkdir(parents=True)
    environment = shared | {
        "FILES_ROOT": str(own / "files"),
        "EMAIL_URL": f"filemail://{own / 'mail'}",
        "TMPDIR": str(own / "tmp"),
        "HOME": str(own / "home"),
    }
    door = socket.create_server((s3.HOST, 0), backlog=128)
    machine = Machine(f"http://{s3.HOST}:{door.getsockname()[1]}", environment, own)
    bind, quiet = f"--bind=fd://{door.fileno()}", ("--log-level=warning", "--no-control-socket", "--graceful-timeout=2")
    served = ("-m", "gunicorn", "jcb.wsgi:application", bind, "--workers=1", "--threads=4", *quiet)
    works = ("manage.py", "db_worker", f"--worker-id={name}", "--no-startup-delay", "--no-reload", "--interval=0.1")
    machine.worker = machine.start(*works)
    processes = [machine.start(*served, pass_fds=[door.fileno()]), machine.worker]
    door.close()
    try:
        yield machine
        assert [process.poll() for process in processes] == [None, None]
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
    assert "Traceback" not in (said := (own / "said.log").read_text()), said[-5000:]


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("machines")
    with database(folder) as url, s3.store() as store:
        s3.make_bucket(store, BUCKET)
        shared = {
            **s3.environment(store, BUCKET),
            "DATABASE_URL": url,
            "MODE": "demonstration",
            "HTTPS": "false",
            "DOCUMENTS_AHEAD": "false",
        }
        fill = [sys.executable, "-W", "ignore", "-m", "tests.faults.machines"]
        ended = subprocess.run(fill, cwd=ROOT, env=shared, capture_output=True, text=True)
        assert ended.returncode == 0, ended.stderr[-3000:]
        with running("one", folder, shared) as one, running("two", folder, shared) as two:
            for machine in (one, two):
                assert Browser().ask(machine, "/ready/").text == "ready"
            yield Site((one, two), url, store)
        # All that was kept is in the bucket: neither machine has a folder of files.
        assert [machine.folder / "files" for machine in (one, two) if (machine.folder / "files").exists()] == []


def test_a_sign_in_on_one_is_good_on_the_other_and_ends_on_both(site):
    one, two = site.machines
    desk, phone = Browser(), Browser()
    assert desk.sign_in(one, OBSERVER).status_code == 302
    assert phone.sign_in(two, OBSERVER).status_code == 302
    for machine in site.machines:
        assert (desk.is_in(machine), phone.is_in(machine)) == (True, True)
    desk.fill_in(two, "/accounts/logout/")
    assert [desk.is_in(machine) for machine in site.machines] == [False, False]
    assert [phone.is_in(machine) for machine in site.machines] == [True, True]


def test_wrong_tries_are_counted_over_both(site):
    def is_throttled(number: int, words: str) -> bool:
        return TOO_MANY in Browser().sign_in(site.machines[number % 2], DIRECTOR, words).text

    assert [is_throttled(number, f"guess {number}") for number in range(12)] == [False] * 10 + [True] * 2
    assert [is_throttled(number, WORDS) for number in range(2)] == [True] * 2  # the right one would be seen too


def test_evidence_that_was_handed_to_one_comes_from_the_other(site):
    one, two = site.machines
    commissioner = Browser()
    commissioner.sign_in(one, COMMISSIONER)
    log(commissioner, one, "With a picture.", {"evidence_file": ("picture.png", EVIDENCE, "image/png")})
    page = commissioner.ask(two, DELIVERABLE).text
    (address,) = set(re.findall(rf'href="({DELIVERABLE}updates/\d+/evidence/)"', page))
    for machine in site.machines:
        answer = commissioner.ask(machine, address, allow_redirects=False)
        assert (answer.status_code, answer.content) == (200, EVIDENCE)
        assert answer.headers["Content-Length"] == str(len(EVIDENCE))


def log(browser: Browser, machine: Machine, words: str, files=None) -> None:
    seen = re.search(r'name="seen" value="(\d+)"', browser.ask(machine, DELIVERABLE).text)[1]
    saved = browser.fill_in(machine, DELIVERABLE, files, seen=seen, status="at risk", narrative=words)
    assert saved.status_code == 302, saved.text[-3000:]


@pytest.mark.still
def test_what_one_keeps_in_memory_is_made_anew_once_the_other_changed_the_record(site):
    one, two = site.machines
    observer, commissioner = Browser(), Browser()
    observer.sign_in(one, OBSERVER)
    commissioner.sign_in(one, COMMISSIONER)
    assert commissioner.is_in(two)

    page = f"/plans/{PLAN}/documents/action-plan/"

    def unchanged(machine: Machine) -> bool:
        """Whether the machine knows that its page is as it was: then it would hand the same one out again."""
        mark = observer.ask(machine, page).headers.get("ETag", "")
        return observer.ask(machine, page, headers={"If-None-Match": mark}).status_code == 304

    for number, machine in enumerate((one, two)):
        for each in site.machines:
            wait_for(lambda each=each: unchanged(each), "Nothing was kept in memory.")
        log(commissioner, machine, f"Words of round {number}.")
        for each in site.machines:
            assert f"Words of round {number}." in observer.ask(each, page).text


def document(browser: Browser, machine: Machine, day: str) -> bytes | None:
    """The action plan as at a day, once it has been made."""
    answer = browser.ask(machine, f"/plans/{PLAN}/documents/action-plan.pdf?as_at={day}")
    assert answer.status_code in {200, 202}, answer.text[-3000:]
    return answer.content if answer.headers["Content-Type"] == "application/pdf" else None


def test_documents_are_drawn_once_by_whichever_worker_is_free_and_served_by_both(site):
    observer = Browser()
    observer.sign_in(site.machines[0], OBSERVER)
    drawn = set()
    for number in range(9, 0, -1):  # until both workers took part
        day = f"2020-09-0{number}"
        for machine in site.machines:
            document(observer, machine, day)
        both = [
            wait_for(lambda at=at, day=day: document(observer, at, day), "It was not drawn.") for at in site.machines
        ]
        assert both[0] == both[1]
        drawn.add(hashlib.sha256(both[0]).hexdigest())
        jobs = site.jobs("make_document")
        if len({worker for _, workers in jobs for worker in workers}) == 2:
            break
    assert {worker for _, workers in jobs for worker in workers} == {"one", "two"}
    assert [machine.is_warm() for machine in site.machines] == [True, True]
    assert [(status, len(workers)) for status, workers in jobs] == [("SUCCESSFUL", 1)] * len(jobs)
    assert len(jobs) == 10 - number
    kept = {each["Key"] for each in s3.client(site.store).list_objects_v2(Bucket=BUCKET)["Contents"]}
    assert {f"{sha256}.pdf" for sha256 in drawn} <= kept


def test_a_pack_that_is_published_at_both_at_once_is_published_once_and_is_the_same_at_both(site):
    secretary = Browser()
    secretary.sign_in(site.machines[0], SECRETARIAT)
    form = secretary.ask(site.machines[0], f"{PACK}publish/").text
    fields = dict(re.findall(r'<input type="hidden" name="(kind|number|asked)" value="([^"]*)"', form))
    assert set(fields) == {"kind", "number", "asked"}
    with ThreadPoolExecutor(2) as both:
        pressed = list(both.map(lambda machine: secretary.fill_in(machine, f"{PACK}publish/", **fields), site.machines))
    assert [answer.status_code for answer in pressed] == [302, 302]
    wait_for(lambda: site.rows("SELECT 1 FROM governance_pack"), "It was not published.")
    wait_for(lambda: site.has_done("publish_pack"), "The queue was not worked off.")
    packs = site.rows(
        "SELECT p.id, p.audience, f.sha256 FROM governance_pack p JOIN jcb_document d ON d.id = p.document_id "
        "JOIN jcb_storedfile f ON f.id = d.file_id"
    )
    assert len(packs) == len({audience for _, audience, _ in packs}) == 2
    for pk, _, sha256 in packs:
        for machine in site.machines:
            assert hashlib.sha256(secretary.ask(machine, f"{PACK}{pk}/").content).hexdigest() == sha256
    (people,) = site.rows("SELECT count(*) FROM jcb_notice WHERE rule = 'pack'")[0]
    assert people > 1
    wait_for(lambda: len(site.letters("ack")) == people, "The e-mails did not go.")
    wait_for(lambda: site.has_done("send_packs"), "The workers are still sending.")
    assert set(site.letters("ack").values()) == {1}


def test_reminders_that_both_send_at_the_same_moment_are_sent_once(site):
    """Both are held at their first row until both have it in hand, so that they are certain to collide."""
    with psycopg.connect(site.database) as holding:
        holding.execute("LOCK TABLE jcb_notice IN EXCLUSIVE MODE")
        waiting = (
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'jcb_notice'::regclass"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        both = [machine.start("manage.py", "remind", stdout=subprocess.PIPE, text=True) for machine in site.machines]
        wait_for(lambda: site.rows(waiting) == [(2,)], "The two did not meet.")
    said = [process.communicate(timeout=SECONDS)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    told = [line for text in said for line in text.splitlines() if line.startswith("Lead ")]
    notices = site.rows(
        "SELECT person_id FROM jcb_notice n JOIN jcb_person p ON p.id = person_id WHERE p.name LIKE 'Lead %'"
    )
    assert len(told) == len(set(told)) == len(notices) == len(set(notices)) == LEADS

    def letters() -> dict[str, int]:
        return {to: number for to, number in site.letters("Your update is due").items() if to.startswith("lead-")}

    wait_for(lambda: len(letters()) == LEADS, "The e-mails did not go.")
    wait_for(lambda: site.has_done("send_notices"), "The workers are still sending.")
    assert set(letters().values()) == {1}


def test_the_demonstrations_clock_is_one(site):
    one, two = site.machines
    observer = Browser()
    observer.sign_in(one, OBSERVER)

    def stands(machine: Machine) -> str:
        return re.search(r"The clock stands at <b>([^<]*), ", observer.ask(machine, "/deliverables/").text)[1]

    assert [stands(machine) for machine in site.machines] == ["Thursday 10 September 2020"] * 2
    try:
        assert observer.fill_in(two, "/clock/", day="2020-09-11", hour="11:00").status_code == 302
        assert [stands(machine) for machine in site.machines] == ["Friday 11 September 2020"] * 2
    finally:
        observer.fill_in(one, "/clock/", day="2020-09-10", hour="10:00")
    assert [stands(machine) for machine in site.machines] == ["Thursday 10 September 2020"] * 2
