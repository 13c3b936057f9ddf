"""A worker that is warm: one process has loaded what the work needs, and each job is done by a fork of it.

Loading WeasyPrint takes longer than drawing a letter. The process that has it loaded is started when there is something
to do, sees no job itself, and ends when its site does or after `IDLE` seconds without one. The wall is the one of
`jcb.walled`: a job has a process of its own, which locks itself down before it reads a word, gets no secrets and nothing
from the job before it, and is ended at its limit with all that it started.

The module of the worker has `work(folder)`. Where there is no warm process, as on a machine without Linux, the job is
done by a cold one.
"""

import atexit
import contextlib
import dataclasses
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path

from jcb import walled

IDLE = 600  # seconds
PATIENCE = 10  # seconds to wait for the end of a job that was told to end
LARGEST_REQUEST = 64 * 1024


class Gone(Exception):
    """The warm process did not take the job, or ended before it said how the job ended."""


# The site's side


def run(module: str, *, folder: Path, seconds: int, environment: Mapping[str, str] | None = None) -> int:
    """Let a worker do the job in the folder, and return its exit status; `walled.said` tells what it printed.

    As `walled.run(walled.worker(module, folder), …)`, only sooner. Raises walled.TookTooLong.
    """
    try:
        return _ask(module, folder, seconds, walled.environment_in(folder, environment))
    except Gone:
        return walled.run(walled.worker(module, folder), folder=folder, seconds=seconds, environment=environment)


@dataclasses.dataclass(frozen=True)
class Server:
    """A warm process, and where it is told what to do."""

    process: subprocess.Popen
    control: socket.socket

    def end(self) -> None:
        self.control.close()
        self.process.kill()
        self.process.wait()


_servers: dict[tuple, Server] = {}
_one_at_a_time = threading.Lock()


def _ask(module: str, folder: Path, seconds: int, environment: Mapping[str, str]) -> int:
    if sys.platform != "linux":
        raise Gone
    (folder / walled.SAID).write_bytes(b"")
    ours, its = socket.socketpair()
    with ours:
        with its:
            request = json.dumps({"folder": str(folder), "environment": dict(environment)}).encode()
            with _one_at_a_time:
                server = _hand_over(module, request, its)
        try:
            ours.settimeout(seconds or 0.001)
            said = ours.recv(1)
        except TimeoutError as error:
            raise walled.TookTooLong from error
        except OSError as error:
            raise Gone from error
        finally:
            _wait_for_the_end(ours, server)
        if not said:
            raise Gone
        return said[0]


def _hand_over(module: str, request: bytes, job: socket.socket) -> Server:
    """Give the job to the warm process, a new one where there is none or it has ended."""
    which = (module, *walled.passed_on().items())
    for _ in range(2):
        server = _servers.get(which) or _servers.setdefault(which, _start(module))
        try:
            socket.send_fds(server.control, [request], [job.fileno()])
        except OSError:
            _servers.pop(which).end()
        else:
            return server
    raise Gone


def _start(module: str) -> Server:
    ours, its = socket.socketpair(type=socket.SOCK_SEQPACKET)
    with its:
        process = subprocess.Popen(  # noqa: S603 -- our own words
            [sys.executable, "-m", "jcb.warm", module],
            cwd=walled.ROOT,
            env=walled.passed_on() | walled.SAME_EVERYWHERE,
            stdin=its,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    return Server(process, ours)


def _wait_for_the_end(job: socket.socket, server: Server) -> None:
    """Let go of a job, and wait until nothing of it runs any more, so that its folder can go."""
    try:
        job.shutdown(socket.SHUT_WR)
        job.settimeout(PATIENCE)
        while job.recv(1):
            pass
    except TimeoutError:
        server.end()  # its jobs end with it, and the next one starts another
    except OSError:
        pass  # it has ended


@atexit.register
def end_all() -> None:
    """End the warm processes of this one."""
    while _servers:
        _servers.popitem()[1].end()


def _forget() -> None:
    """A fork of the site has warm processes of its own."""
    global _one_at_a_time
    _one_at_a_time = threading.Lock()
    for server in _servers.values():
        server.control.close()
        server.process.returncode = 0  # not ours to wait for
    _servers.clear()


os.register_at_fork(after_in_child=_forget)


# The warm process


def serve(module: str) -> None:
    """Do job after job, several at a time, until the site has gone or nothing was asked for a while."""
    work = importlib.import_module(module).work
    gc.freeze()  # what is loaded is shared with the forks
    control = socket.socket(fileno=0)
    woken, wake = socket.socketpair()
    woken.setblocking(False)
    wake.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    jobs: dict[socket.socket, int] = {}
    with selectors.DefaultSelector() as waiting:
        waiting.register(control, selectors.EVENT_READ)
        waiting.register(woken, selectors.EVENT_READ)
        while ready := waiting.select(None if jobs else IDLE):
            for key, _ in ready:
                if key.fileobj is woken:
                    with contextlib.suppress(BlockingIOError):
                        woken.recv(LARGEST_REQUEST)
                    for job, process in jobs.items():
                        _say_how_it_ended(job, process)
                elif key.fileobj is control:
                    request, given, *_ = socket.recv_fds(control, LARGEST_REQUEST, 1)
                    if not given:
                        for process in jobs.values():
                            _end(process)
                        return
                    job = socket.socket(fileno=given[0])
                    jobs[job] = _fork(work, **json.loads(request))
                    waiting.register(job, selectors.EVENT_READ)
                else:  # the site lets go of a job: it has heard how it ended, or will not wait, or has gone
                    waiting.unregister(key.fileobj)
                    _end(jobs.pop(key.fileobj))
                    key.fileobj.close()


def _say_how_it_ended(job: socket.socket, process: int) -> None:
    """Tell the site, if it has ended. Its number stays its own until `_end`, so that no other process is meant by it."""
    if ended := os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        status = ended.si_status if ended.si_code == os.CLD_EXITED else 128 + ended.si_status
        with contextlib.suppress(OSError):
            job.send(bytes([min(status, 255)]), socket.MSG_DONTWAIT)


def _end(process: int) -> None:
    """End a job and whatever it has started."""
    for kill in (os.killpg, os.kill):  # it may not have come to have a group of its own
        with contextlib.suppress(ProcessLookupError):
            kill(process, signal.SIGKILL)
    os.waitpid(process, 0)


def _fork(work, folder: str, environment: Mapping[str, str]) -> int:
    process = os.fork()
    if process:
        return process
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.environ.clear()
        os.environ.update(environment)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        said = os.open(Path(folder) / walled.SAID, os.O_WRONLY)
        for out in (1, 2):
            os.dup2(said, out)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        work(Path(folder))
        sys.stdout.flush()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    serve(sys.argv[1])
