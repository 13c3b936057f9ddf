#!/usr/bin/env python
"""Runs the application on this machine alone: the web server, and beside it the worker that makes documents.

    .venv/bin/python bin/serve.py            on port 8000
    PORT=8001 .venv/bin/python bin/serve.py  on another

It runs until Ctrl-C or SIGTERM and then lets both end what they are doing. Options of the web server go into
GUNICORN_CMD_ARGS, which it reads by itself.
"""

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
START_SECONDS = 60
STOP_SECONDS = 20


class Asked(Exception):
    """Someone asked the server to stop."""


def stop_asked(*_) -> None:
    raise Asked


def wanted_port() -> int:
    try:
        port = int(os.environ.get("PORT", "8000"))
        if not 1 <= port <= 65535:
            raise ValueError
    except ValueError:
        sys.exit("PORT is not a port number. Choose one like this: PORT=8001 make run")
    with socket.socket() as probe:
        # As the server itself will: without this, a port that was in use a minute ago counts as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as problem:
            if problem.errno == errno.EADDRINUSE:
                sys.exit(
                    f"Port {port} is taken by another program. Stop that one, or choose another port: "
                    f"PORT={port + 1 if port < 65535 else 8000} make run"
                )
            sys.exit(f"Port {port} cannot be used ({problem.strerror}). Choose another: PORT=8001 make run")
    return port


def start(*command: str) -> subprocess.Popen:
    """In a session of its own, so that Ctrl-C reaches it once, through us, and not twice."""
    return subprocess.Popen([sys.executable, *command], cwd=ROOT, start_new_session=True)


def answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


def first_ended(parts: dict[str, subprocess.Popen]) -> str | None:
    return next((name for name, part in parts.items() if part.poll() is not None), None)


def serve(port: int, parts: dict[str, subprocess.Popen]) -> int:
    # One process with threads: on SQLite the writers take turns anyway, and what is kept in memory is kept once.
    parts["web server"] = start(
        *("-m", "gunicorn", "jcb.wsgi:application", f"--bind={HOST}:{port}", "--workers=1", "--threads=8"),
        *("--log-level=warning", "--graceful-timeout=10", "--no-control-socket"),
    )
    parts["document worker"] = start("manage.py", "db_worker", "--no-startup-delay", f"--worker-id=of-port-{port}")
    deadline = time.monotonic() + START_SECONDS
    while not answers(port):
        if ended := first_ended(parts):
            print(f"The {ended} stopped while starting; what it said stands above.", file=sys.stderr)
            return 1
        if time.monotonic() > deadline:
            print(f"The web server did not answer within {START_SECONDS} seconds.", file=sys.stderr)
            return 1
        time.sleep(0.1)
    print(f"\nThe Board is at http://{HOST}:{port}/   (Ctrl-C stops it)\n", flush=True)
    subprocess.run([sys.executable, "manage.py", "demonstration_signins"], cwd=ROOT, stderr=subprocess.DEVNULL)
    while not (ended := first_ended(parts)):
        time.sleep(0.5)
    print(f"The {ended} has stopped by itself, so the rest is stopped too.", file=sys.stderr)
    return 1


def stop(parts: dict[str, subprocess.Popen]) -> None:
    for part in parts.values():
        part.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for name, part in parts.items():
        try:
            part.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            print(f"The {name} did not stop within {STOP_SECONDS} seconds and was ended.", file=sys.stderr)
            with suppress(ProcessLookupError):
                os.killpg(part.pid, signal.SIGKILL)
            part.wait()


def main() -> int:
    port = wanted_port()
    signal.signal(signal.SIGTERM, stop_asked)
    signal.signal(signal.SIGINT, stop_asked)
    parts: dict[str, subprocess.Popen] = {}
    try:
        return serve(port, parts)
    except Asked:
        print("\nStopping …", flush=True)
        return 0
    finally:
        # A second Ctrl-C does not cut short the orderly end; it has a time limit of its own.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        stop(parts)
        print("Stopped.", flush=True)


if __name__ == "__main__":
    sys.exit(main())
