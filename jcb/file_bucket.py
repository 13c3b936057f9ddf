"""Kept files in a bucket of an S3-compatible store, where machines that share a database share them too.

Objects are private: they reach a browser through our own view alone, in pieces, and no address of one is ever signed.
A file is sent once, with its SHA-256, so that the store refuses what arrives otherwise, and on the condition that nothing
bears its name yet. Loaded only where `FILES_S3_BUCKET` is set, since it brings in all of Amazon's client.
"""

import base64
import contextlib
import errno
import hashlib
import io
import shutil
from collections.abc import Iterator
from pathlib import Path

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files import File
from storages.backends.s3 import S3Storage

from jcb.file_store import NamedByHash

CONNECT_SECONDS, ANSWER_SECONDS, TRIES = 3, 20, 3
THERE_ALREADY = 412  # what the store answers where the condition does not hold
NOT_THERE = "NoSuchKey"


class InBucket(NamedByHash, S3Storage):
    """Files in the bucket that the options name; credentials are found in the standard variables."""

    def __init__(self, **options):
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=ANSWER_SECONDS,
            retries={"mode": "standard", "total_max_attempts": TRIES},
            request_checksum_calculation="when_required",  # not every store knows the newer ones; SHA-256 goes along
            s3={"addressing_style": "path" if options.get("endpoint_url") else "auto"},
        )
        # The client finds the credentials itself, with the token of a session where there is one.
        super().__init__(access_key=None, secret_key=None, client_config=config, **options)

    @property
    def place(self) -> str:
        return f"The bucket {self.bucket_name}"

    @property
    def client(self):
        return self.connection.meta.client

    def at_hand(self, name: str, folder: Path) -> Path:
        copy = folder / name
        with self.open(name) as arriving, copy.open("wb") as file:
            shutil.copyfileobj(arriving, file)
        return copy

    def check(self) -> None:
        with _failing_as_files_do(self.bucket_name):
            self.client.head_bucket(Bucket=self.bucket_name)

    def is_empty(self) -> bool:
        with _failing_as_files_do(self.bucket_name):
            return not self.client.list_objects_v2(Bucket=self.bucket_name, MaxKeys=1).get("KeyCount")

    def exists(self, name: str) -> bool:
        with _failing_as_files_do(name):
            return super().exists(name)

    def delete(self, name: str) -> None:
        with _failing_as_files_do(name):
            super().delete(name)

    def _save(self, name: str, content: File) -> str:
        if self.exists(name):
            return name
        sha256 = hashlib.file_digest(content.file, "sha256").digest()
        content.seek(0)
        with _failing_as_files_do(name), _unless_there_already():
            self.client.put_object(
                Bucket=self.bucket_name,
                Key=name,
                Body=content,
                ChecksumSHA256=base64.b64encode(sha256).decode(),
                IfNoneMatch="*",
            )
        return name

    def _open(self, name: str, mode: str = "rb") -> "Arriving":
        with _failing_as_files_do(name):
            return Arriving(name, self.client.get_object(Bucket=self.bucket_name, Key=name))


class Arriving(io.RawIOBase):
    """The bytes of an object as they arrive, none of which are kept. `size` is what the store says it sends."""

    def __init__(self, name: str, answer: dict):
        self._object, self._body, self._read = name, answer["Body"], 0
        self.size = answer["ContentLength"]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        with _failing_as_files_do(self._object):
            piece = self._body.read(len(buffer))
        buffer[: len(piece)] = piece
        self._read += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._read

    def close(self) -> None:
        self._body.close()
        super().close()


@contextlib.contextmanager
def _failing_as_files_do(name: str) -> Iterator[None]:
    """Whatever goes wrong between us and the store as an OSError that says what, as a disk's failures do."""
    try:
        yield
    except ClientError as problem:
        code = problem.response["Error"]["Code"]
        if code == NOT_THERE:
            raise FileNotFoundError(errno.ENOENT, "is not in the bucket", name) from problem
        raise OSError(errno.EHOSTUNREACH, f"the file store answers {code}", name) from problem
    except BotoCoreError as problem:
        raise OSError(
            errno.EHOSTUNREACH, f"the file store does not answer: {type(problem).__name__}", name
        ) from problem


@contextlib.contextmanager
def _unless_there_already() -> Iterator[None]:
    """Somebody else who keeps the same bytes at the same time was quicker, and that is well."""
    try:
        yield
    except ClientError as problem:
        if problem.response["ResponseMetadata"]["HTTPStatusCode"] != THERE_ALREADY:
            raise
