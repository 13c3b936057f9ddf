"""Kept files in a bucket are as safe as those in a folder: the store is moto's own server, in a process of its own."""

import base64
import hashlib
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
from django.conf import settings as project
from django.core.files.storage import storages
from django.test import RequestFactory
from django.urls import reverse

from jcb import backup, files, health, seals
from jcb.models import StoredFile
from tests import make, papers, s3
from tests.databases import database

PDF = b"%PDF-1.7 what was published"
LARGE = 8 * 1024 * 1024
SENTENCES = {
    "AWS_ACCESS_KEY_ID": "AWS_ACCESS_KEY_ID is not set. Kept files go to FILES_S3_BUCKET",
    "AWS_SECRET_ACCESS_KEY": "AWS_SECRET_ACCESS_KEY is not set. Kept files go to FILES_S3_BUCKET",
    "AWS_DEFAULT_REGION": "AWS_DEFAULT_REGION is not set. Set it to the region of FILES_S3_BUCKET",
    "FILES_S3_BUCKET": "FILES_S3_BUCKET is not set, but AWS_ENDPOINT_URL_S3 is.",
}


@pytest.fixture(scope="module")
def address():
    with s3.store() as at:
        yield at


@pytest.fixture
def use(settings, monkeypatch):
    """Have this process keep its files in a bucket: `use(address, "kept")`."""
    for name, value in s3.KEYS.items():
        monkeypatch.setenv(name, value)

    def used(address: str, name: str) -> str:
        options = {"bucket_name": name, "endpoint_url": address, "region_name": s3.REGION}
        settings.STORAGES = {**project.STORAGES, "kept": {"BACKEND": "jcb.file_bucket.InBucket", "OPTIONS": options}}
        return name

    return used


@pytest.fixture
def bucket(address, use, request) -> str:
    """An empty bucket, where this test's files are kept."""
    name = f"kept-{hashlib.sha256(request.node.name.encode()).hexdigest()[:12]}"
    s3.make_bucket(address, name)
    return use(address, name)


@pytest.fixture
def kept(bucket, db) -> StoredFile:
    return files.keep(PDF, extension="pdf", by=None)


@pytest.fixture
def altered(address, bucket):
    """Alter or take away what lies in the bucket, as somebody could who owns it."""
    store = s3.client(address)

    def alter(stored: StoredFile, content: bytes | None) -> None:
        place = {"Bucket": bucket, "Key": files.name_of(stored)}
        store.delete_object(**place) if content is None else store.put_object(**place, Body=content)

    return alter


def requests_made() -> list:
    """What our client sends from now on."""
    sent = []
    files.store().client.meta.events.register("before-send.s3", lambda request, **_: sent.append(request))
    return sent


# Keeping


def test_a_file_is_kept_in_the_bucket_under_its_hash_and_comes_back_byte_for_byte(kept, address, bucket, settings):
    (there,) = s3.client(address).list_objects_v2(Bucket=bucket)["Contents"]
    assert there["Key"] == f"{hashlib.sha256(PDF).hexdigest()}.pdf"
    assert files.content_of(kept) == PDF
    assert files.is_there(kept)
    assert not settings.FILES_ROOT.exists()
    with pytest.raises(NotImplementedError):
        files.path_of(kept)


def test_a_file_is_sent_once_with_its_hash_and_only_where_nothing_bears_its_name(bucket, db):
    sent = requests_made()
    for _ in range(2):
        files.keep(PDF, extension="pdf", by=None)
    (put,) = [request for request in sent if request.method == "PUT"]
    assert put.headers["x-amz-checksum-sha256"] == base64.b64encode(hashlib.sha256(PDF).digest())
    assert put.headers["If-None-Match"] == b"*"
    assert "x-amz-acl" not in put.headers
    assert StoredFile.objects.count() == 1


def test_what_bears_the_name_already_is_never_overwritten(kept, altered, monkeypatch):
    altered(kept, b"another")
    files.keep(PDF, extension="pdf", by=None)
    assert files.content_of(kept) == b"another"
    # Also where two look at once and both find nothing.
    monkeypatch.setattr(type(files.store()), "exists", lambda store, name: False)
    files.keep(PDF, extension="pdf", by=None)
    assert files.content_of(kept) == b"another"


def test_nothing_is_written_into_the_record_where_the_store_does_not_take_it(use, address, db):
    use(address, "no-such-bucket")
    with pytest.raises(OSError, match="the file store answers NoSuchBucket"):
        files.keep(PDF, extension="pdf", by=None)
    assert not StoredFile.objects.exists()


# Handing out


def test_a_download_comes_through_our_own_view_and_is_inert(kept):
    answer = files.download(RequestFactory().get("/"), kept, name="evidence.pdf")
    assert answer.status_code == 200
    assert answer["Content-Length"] == str(len(PDF))
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "private, no-store"
    assert b"".join(answer.streaming_content) == PDF
    answer.close()


def test_a_large_download_is_never_in_memory_as_a_whole(bucket, db):
    large = files.keep(b"%PDF-1.7" + bytes(LARGE), extension="pdf", by=None)
    answer = files.download(RequestFactory().get("/"), large, name="large.pdf")
    tracemalloc.start()
    try:
        size = sum(len(piece) for piece in answer.streaming_content)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        answer.close()
    assert size == large.size
    assert most < LARGE / 4


@pytest.mark.parametrize("store", ["bucket", "files_of_this_test"])
def test_no_kept_file_has_an_address(store, request):
    request.getfixturevalue(store)
    with pytest.raises(ValueError, match="Kept files have no address"):
        storages["kept"].url(f"{'0' * 64}.pdf")


def evidence(kept: StoredFile) -> str:
    update = make.make_update(evidence=kept, evidence_name="evidence.pdf")
    item = update.deliverable
    return reverse(
        "workstreams:evidence",
        args=[item.workstream.plan.slug, item.workstream.number, item.number, update.number],
    )


@pytest.mark.parametrize("store", ["bucket", "files_of_this_test"])
def test_a_file_that_is_missing_is_said_so_on_a_page(store, request, sign_in, observer):
    request.getfixturevalue(store)
    kept = files.keep(PDF, extension="pdf", by=None)
    reader, page = sign_in(observer), evidence(kept)
    assert b"".join(reader.get(page).streaming_content) == PDF
    if store == "bucket":
        request.getfixturevalue("altered")(kept, None)
    else:
        files.path_of(kept).unlink()
    answer = reader.get(page)
    assert answer.status_code == 404
    assert "The record names this file, and it is not where files are kept." in answer.content.decode()


def test_a_store_that_does_not_answer_is_said_so_on_a_page(kept, use, bucket, sign_in, observer):
    page = evidence(kept)
    use(f"http://{s3.HOST}:{s3.free_port()}", bucket)
    answer = sign_in(observer).get(page)
    assert answer.status_code == 503
    assert "Where files are kept does not answer." in answer.content.decode()


def test_a_save_that_the_store_does_not_take_is_told_as_an_outage(use, sign_in, secretariat):
    deliverable = make.make_deliverable(lead=secretariat)
    stream = deliverable.workstream
    page = reverse("workstreams:deliverable", args=[stream.plan.slug, stream.number, deliverable.number])
    use(f"http://{s3.HOST}:{s3.free_port()}", "away")
    browser = sign_in(secretariat)
    browser.raise_request_exception = False
    sent = {"seen": 0, "status": "on track", "narrative": "Words to keep.", "on_behalf_of": secretariat.pk}
    answer = browser.post(page, {**sent, "evidence_file": papers.upload(papers.picture(), "site.png")})
    assert answer.status_code == 503
    assert "Words to keep." in answer.content.decode()
    assert not deliverable.updates.exists()


def test_a_file_that_has_to_go_is_gone_from_the_bucket(kept):
    files.remove(kept)
    assert not files.is_there(kept)


def test_programs_that_read_by_path_get_a_copy_that_is_gone_afterwards(kept, altered):
    lost = files.keep(b"%PDF-1.7 lost", extension="pdf", by=None)
    altered(lost, None)
    with files.at_hand([kept, lost]) as found:
        assert set(found) == {kept.pk}
        assert found[kept.pk].read_bytes() == PDF
    assert not found[kept.pk].parent.exists()


# Watching over it


@pytest.mark.django_db
def test_it_is_ready_while_the_bucket_answers(bucket, use, address):
    assert health.what_is_missing() == ""
    use(address, "no-such-bucket")
    assert health.what_is_missing() == "files"
    use(f"http://{s3.HOST}:{s3.free_port()}", bucket)
    assert health.what_is_missing() == "files"


def test_an_altered_and_a_missing_object_are_named(kept, altered):
    lost = files.keep(b"%PDF-1.7 lost", extension="pdf", by=None)
    assert (seals.verify().faults, seals.verify().files) == ([], 2)
    altered(kept, PDF.replace(b"what", b"that"))
    altered(lost, None)
    faults = seals.verify().faults
    assert [fault.partition(".pdf ")[0] for fault in faults] == [f"The file {each.sha256}" for each in (kept, lost)]
    assert ["was altered" in faults[0], "is missing" in faults[1]] == [True, True]


# Backup


def manage(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", *words],
        cwd=project.BASE_DIR,
        env={**environment, "MODE": "demonstration", "SECRET_KEY": "only for this test"},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.django_db(transaction=True)
def test_a_backup_of_a_bucket_is_restored_into_an_empty_one_or_into_a_folder(bucket, address, tmp_path):
    for number in range(2):
        files.keep(f"%PDF-1.7 paper {number}".encode() * 1000, extension="pdf", by=None)
    seals.seal()
    made = backup.make(tmp_path / "backup")
    assert len(made.files) == 2
    assert made.damaged == []
    (tmp_path / "elsewhere").mkdir()
    s3.make_bucket(address, f"{bucket}-new")
    with database(tmp_path / "elsewhere") as url:
        full = {**s3.environment(address, bucket), "DATABASE_URL": url}
        refused = manage(full, "restore", str(tmp_path / "backup"))
        assert f"The bucket {bucket} is not empty. Restore into an empty one" in refused.stderr
        empty = {**s3.environment(address, f"{bucket}-new"), "DATABASE_URL": url}
        restored = manage(empty, "restore", str(tmp_path / "backup"))
        assert restored.returncode == 0, restored.stderr
        verified = manage(empty, "verify_record", "--holds", made.seal["digest"])
        assert verified.returncode == 0, verified.stderr
        assert "Nothing was altered." in verified.stdout
    there = s3.client(address).list_objects_v2(Bucket=f"{bucket}-new")["Contents"]
    assert {each["Key"] for each in there} == set(made.files)
    # And into a folder: a backup does not say where its files lay.
    (tmp_path / "alone").mkdir()
    with database(tmp_path / "alone") as url:
        in_a_folder = {"FILES_S3_BUCKET": "", "AWS_ENDPOINT_URL_S3": "", "FILES_ROOT": str(tmp_path / "folder")}
        restored = manage({**full, **in_a_folder, "DATABASE_URL": url}, "restore", str(tmp_path / "backup"))
        assert restored.returncode == 0, restored.stderr
    assert {path.name for path in (tmp_path / "folder").iterdir()} == set(made.files)


# Starting


@pytest.mark.parametrize("missing", SENTENCES)
def test_it_refuses_to_start_with_half_of_what_a_bucket_needs(missing, tmp_path):
    given = {**s3.environment("https://store.example", "kept"), "DATABASE_URL": f"sqlite:///{tmp_path / 'none'}"}
    ended = manage({**given, missing: ""}, "check")
    assert ended.returncode != 0
    assert SENTENCES[missing] in ended.stderr.splitlines()[-1]


def test_amazons_client_is_loaded_only_where_a_bucket_is_named(tmp_path):
    said = "import django, sys; django.setup(); from jcb import files; files.store(); print('botocore' in sys.modules)"
    for bucket, loaded in (("", "False"), ("kept", "True")):
        given = s3.environment("https://store.example" if bucket else "", bucket)
        ended = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", said],
            cwd=Path(project.BASE_DIR),
            env={**given, "DJANGO_SETTINGS_MODULE": "jcb.settings", "SECRET_KEY": "only for this test"},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert ended.stdout.strip() == loaded, ended.stderr
