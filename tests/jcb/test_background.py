"""Background work: queued once, followed to its end, and told to whoever waits for it."""

import datetime as dt
import hashlib

import pytest
from django.core.management import call_command
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from governance import documents
from governance.models import PaperVersion
from governance.papers import office
from jcb import background, files
from jcb.models import StoredFile
from tests.make import make_paper, make_person, make_plan
from tests.papers import docx, pdf, upload

QUEUE = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
WANTED = {"kind": "action-plan", "as_at": "2020-03-12", "filters": {}}


@pytest.fixture
def queue(settings):
    """The queue of a real site, which the tests do without otherwise."""
    settings.TASKS = QUEUE


def work_off_the_queue() -> None:
    call_command("db_worker", "--batch", "--no-startup-delay", "--interval=0")


@pytest.mark.django_db
def test_a_task_asked_for_twice_is_queued_once(queue):
    first = background.start(documents.make_document, plan_slug="a", **WANTED)
    again = background.start(documents.make_document, plan_slug="a", **WANTED)
    other = background.start(documents.make_document, plan_slug="b", **WANTED)
    assert first.waiting
    assert not first.finished
    assert first.id == again.id != other.id


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["", "nonsense", "6f1c1f0e-5d0b-4f0e-9a51-2f1f9a7c8d3e"])
def test_there_is_no_job_of_an_unknown_name(queue, name):
    assert background.job(documents.make_document, name) is None


@pytest.mark.django_db(transaction=True)
def test_a_task_that_breaks_is_told_as_failed(queue, sign_in):
    plan = make_plan()
    job = background.start(documents.make_document, plan_slug="nowhere", **WANTED)
    work_off_the_queue()
    failed = background.job(documents.make_document, job.id)
    assert failed.failed
    assert failed.finished
    answer = sign_in(make_person()).get(f"/plans/{plan.slug}/documents/action-plan.pdf?job={job.id}")
    assert answer.status_code == 503
    assert "the reason is in the log" in answer.content.decode()


# A worker that was killed ----------------------------------------------------------------------------------------------


@pytest.fixture
def left(queue) -> DBTaskResult:
    """A task that the worker called "one" had begun when it was killed."""
    background.start(documents.make_document, plan_slug="a", **WANTED)
    row = DBTaskResult.objects.get()
    row.claim("one")
    return row


def found(row: DBTaskResult) -> str:
    row.refresh_from_db()
    return row.status


@pytest.mark.django_db
def test_the_next_worker_of_that_name_takes_up_what_was_left_and_no_other_does(left):
    assert background.take_up_again("two") == 0
    assert found(left) == "RUNNING"
    assert background.take_up_again("one") == 1
    assert found(left) == "READY"
    assert background.take_up_again("one") == 0


@pytest.mark.django_db
def test_what_was_begun_too_long_ago_is_taken_up_by_whoever_wants_the_same(left):
    again = background.start(documents.make_document, plan_slug="a", **WANTED)
    assert (again.id, again.running) == (str(left.id), True)
    left.started_at -= background.LONGEST + dt.timedelta(seconds=1)
    left.save(update_fields=["started_at"])
    again = background.start(documents.make_document, plan_slug="a", **WANTED)
    assert (again.id, again.waiting) == (str(left.id), True)


@pytest.mark.django_db
def test_what_ends_its_worker_each_time_is_called_failed_and_can_be_asked_for_anew(left):
    for _ in range(background.MOST_BEGUN - 1):
        background.take_up_again("one")
        left.refresh_from_db()
        left.claim("one")
    assert background.take_up_again("one") == 1
    assert background.job(documents.make_document, str(left.id)).failed
    assert background.start(documents.make_document, plan_slug="a", **WANTED).id != str(left.id)


# Readers who wait ------------------------------------------------------------------------------------------------------


@pytest.mark.pdf
@pytest.mark.django_db(transaction=True)
def test_a_reader_sees_how_far_a_document_is_until_it_is_there(queue, sign_in):
    plan = make_plan()
    reader = sign_in(make_person())
    address = f"/plans/{plan.slug}/documents/action-plan.pdf"
    begun = reader.get(address)
    page = begun.content.decode()
    job = begun.context["job"]
    assert begun.status_code == 202
    assert "Waiting for its turn" in page
    # Without scripts the page asks again by itself; with them htmx does, and nothing reloads.
    assert f'<noscript><meta http-equiv="refresh" content="2; url={address}?job={job.id}"></noscript>' in page
    assert f'hx-get="{address}?job={job.id}"' in page
    assert reader.get(address).context["job"].id == job.id
    assert "Waiting" in reader.get(f"{address}?job={job.id}", headers={"HX-Request": "true"}).content.decode()
    work_off_the_queue()
    ready = reader.get(f"{address}?job={job.id}")
    assert ready.status_code == 200
    assert f'<meta http-equiv="refresh" content="0; url={address}">' in ready.content.decode()
    assert reader.get(address, headers={"HX-Request": "true"})["HX-Redirect"] == address
    taken = reader.get(address)
    assert taken["Content-Type"] == "application/pdf"
    taken.close()


@pytest.mark.django_db(transaction=True)
def test_a_document_that_cannot_be_made_ends_in_a_sentence(queue, sign_in, settings, tmp_path):
    plan = make_plan()
    reader = sign_in(make_person())
    address = f"/plans/{plan.slug}/documents/action-plan.pdf"
    job = reader.get(address).context["job"]
    settings.BASE_DIR = tmp_path  # where there is no typeface for print
    work_off_the_queue()
    for headers, status in (({}, 503), ({"HX-Request": "true"}, 200)):
        answer = reader.get(f"{address}?job={job.id}", headers=headers)
        assert answer.status_code == status
        assert "PDF files cannot be made on this machine yet" in answer.content.decode()


# A Word paper becomes pages -------------------------------------------------------------------------------------------


@pytest.fixture
def handed_in(queue, sign_in, secretariat):
    """Hands in a Word paper on its page; gives the browser, the paper and where the answer led."""

    def hand_in(content: bytes, paper=None):
        paper = paper or make_paper()
        client = sign_in(secretariat)
        address = reverse("governance:paper", args=[paper.item.meeting.key, paper.item_id, paper.order])
        sent = {"what": "hand in", "seen": paper.versions.count(), "paper": upload(content, "Costs.docx")}
        return client, paper, client.post(address, sent)

    return hand_in


@pytest.mark.office
@pytest.mark.django_db(transaction=True)
def test_a_word_paper_is_kept_at_once_and_turned_into_pages_beside_the_site(handed_in, secretariat):
    content = docx()
    client, paper, answer = handed_in(content)
    assert "/pages/?job=" in answer.url
    assert StoredFile.objects.get().sha256 == hashlib.sha256(content).hexdigest()
    assert not paper.versions.exists()
    waiting = client.get(answer.url).content.decode()
    assert "Waiting for its turn" in waiting
    assert '<meta http-equiv="refresh"' in waiting
    work_off_the_queue()
    led = client.get(answer.url, headers={"HX-Request": "true"})
    assert led.headers["HX-Redirect"] == answer.url
    done = client.get(answer.url, follow=True)
    assert "Handed in as version 1" in done.content.decode()
    version = paper.versions.get()
    assert (version.by, version.original_name, version.page_count) == (secretariat, "Costs.docx", 1)
    assert files.path_of(version.original).read_bytes() == content


@pytest.mark.django_db(transaction=True)
def test_a_paper_that_cannot_be_turned_into_pages_ends_in_a_sentence_and_another_press_tries_again(
    handed_in, monkeypatch
):
    def fails(*args):
        raise office.NotConverted(office.FAILED)

    monkeypatch.setattr(office, "is_available", lambda: True)
    monkeypatch.setattr(office, "pages_of", fails)
    client, paper, first = handed_in(docx())
    _, _, second = handed_in(docx(), paper)
    assert first.url != second.url
    work_off_the_queue()
    answer = client.get(first.url)
    assert answer.status_code == 422
    assert "The paper could not be turned into pages. Save it as a PDF" in answer.content.decode()
    assert not PaperVersion.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_becomes_of_a_paper_is_shown_under_its_own_address_only(handed_in, monkeypatch):
    monkeypatch.setattr(office, "is_available", lambda: True)
    client, _, answer = handed_in(docx())
    other = make_paper()
    address = reverse("governance:paper_making", args=[other.item.meeting.key, other.item_id, other.order])
    monkeypatch.setattr(office, "pages_of", lambda content, kind: pdf())
    work_off_the_queue()
    assert client.get(f"{address}?{answer.url.partition('?')[2]}").status_code == 404


@pytest.mark.django_db
def test_a_file_that_can_be_no_paper_is_refused_before_anything_is_queued(handed_in, monkeypatch):
    monkeypatch.setattr(office, "is_available", lambda: True)
    _, _, answer = handed_in(b"MZ not a paper")
    assert answer.status_code == 422
    assert "This kind of file cannot be a paper" in answer.content.decode()
    assert not StoredFile.objects.exists()
