"""An S3-compatible store on this machine: moto's own server, in a process of its own."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import boto3

HOST = "127.0.0.1"
REGION = "eu-west-2"
KEYS = {"AWS_ACCESS_KEY_ID": "opens", "AWS_SECRET_ACCESS_KEY": "nothing"}
SECONDS = 120  # to start, on a machine that has other things to do


@contextlib.contextmanager
def store() -> Iterator[str]:
    """A store without a bucket in it. Yields its address."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", HOST, "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + SECONDS
        while not _answers(port):
            assert server.poll() is None, "The store ended while it started."
            assert time.monotonic() < until, "The store did not start."
            time.sleep(0.1)
        yield f"http://{HOST}:{port}"
    finally:
        server.kill()
        server.wait()


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as found:
        found.bind((HOST, 0))
        return found.getsockname()[1]


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


def client(address: str):
    """The store's own client, for what our application does not do."""
    return boto3.client(
        "s3",
        endpoint_url=address,
        region_name=REGION,
        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
    )


def make_bucket(address: str, name: str) -> None:
    client(address).create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})


def environment(address: str, bucket: str) -> dict[str, str]:
    """What has the application keep its files in a bucket."""
    return {
        **os.environ,
        **KEYS,
        "FILES_S3_BUCKET": bucket,
        "AWS_ENDPOINT_URL_S3": address,
        "AWS_DEFAULT_REGION": REGION,
    }
