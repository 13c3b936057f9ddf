"""Work behind a wall: a child process for files that others made, with little memory, little time and no network.

The parent calls `run`; what the child may not do is settled before it reads a word of the file:

* a worker of our own (`python -m jcb.pdf_worker FOLDER`, or the same in a fork of `jcb.warm`) calls `lock_down` first
  and then may not start processes either;
* any other program is started through `command`, which has this module limit itself and then become that program.

A child shares nothing with the site: no settings, no database, no secrets in its environment. It works in one folder,
which its parent makes and removes. Uses the standard library alone, so that workers start quickly.
"""

import contextlib
import ctypes
import os
import platform
import resource
import signal
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LARGEST_FILE = 200 * 1024 * 1024
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH")
SAME_EVERYWHERE = {"LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}
SAID = "said.txt"  # what the child printed, in its folder
MOST_SAID = 2_000

# Calls to the kernel that lead out of the process, with their numbers on the two machines that servers have. A program
# may still make a socket of the kind that stays on this machine, since LibreOffice does not start without, but not
# connect it to anything.
SOCKET, REFUSED_CALLS = 0, slice(1, None)
CALLS = {
    # socket, connect, ptrace, process_vm_readv, process_vm_writev, io_uring_setup
    "x86_64": (0xC000003E, (41, 42, 101, 310, 311, 425)),
    "aarch64": (0xC00000B7, (198, 203, 117, 270, 271, 425)),
}
AF_UNIX, EACCES = 1, 13
LOAD, IF_EQUAL, IF_AT_LEAST, ANSWER = 0x20, 0x15, 0x35, 0x06  # instructions of the kernel's packet filter
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000 | EACCES, 0x80000000
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2


class TookTooLong(Exception):
    """The child was still at work when its time was up, and was ended with all that it had started."""


# The parent's side


def run(arguments: Sequence[str], *, folder: Path, seconds: int, environment: Mapping[str, str] | None = None) -> int:
    """Run a child to its end and return its exit status; `said` tells what it printed.

    The child gets a temporary home in `folder` and no environment but what it needs. Raises TookTooLong.
    """
    with (folder / SAID).open("wb") as out:
        child = subprocess.Popen(  # noqa: S603 -- commands are our own words; files go in by path, without a shell
            arguments,
            cwd=ROOT,
            env=environment_in(folder, environment),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            return child.wait(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise TookTooLong from error
        finally:
            # Whatever the child has started ends with it.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def environment_in(folder: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """All that a child finds in its environment."""
    return {**passed_on(), **SAME_EVERYWHERE, "HOME": str(folder), "TMPDIR": str(folder), **(more or {})}


def passed_on() -> dict[str, str]:
    """What a child has of our own environment."""
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ}


def said(folder: Path) -> str:
    """The end of what the child printed."""
    with (folder / SAID).open("rb") as file:
        file.seek(max(0, (folder / SAID).stat().st_size - MOST_SAID))
        return file.read().decode(errors="replace").strip()


def worker(module: str, folder: Path) -> list[str]:
    """The command of one of our own workers; it is expected to call `lock_down` before it reads a file."""
    return [sys.executable, "-m", module, str(folder)]


def command(program: Sequence[str], *, memory_mb: int, seconds: int) -> list[str]:
    """The command that starts some other program with the limits in place and without a network.

    Where the kernel cannot shut the network off (see `can_shut_network`), it exits with 1 and the program never starts.
    """
    return [sys.executable, "-m", "jcb.walled", str(memory_mb), str(seconds), *program]


def can_shut_network() -> bool:
    """Whether a program that is not ours can be kept from the network: on Linux, on the usual machines."""
    return sys.platform == "linux" and platform.machine() in CALLS


# The child's side


def lock_down(*, memory_mb: int, seconds: int) -> None:
    """Give up, for good, what a worker does not need: more memory or time, the network, other processes."""
    limit(memory_mb=memory_mb, seconds=seconds)
    # The kernel's wall stands where it can; the audit hook stands everywhere and keeps other processes away too.
    if can_shut_network():
        with contextlib.suppress(OSError):
            shut_network()
    sys.addaudithook(_forbid)


def limit(*, memory_mb: int, seconds: int) -> None:
    """Limit this process and all it starts: memory, processor time and the size of a file."""
    # The parent ends a child that takes too long; processor time is limited too, in case there is no parent any more.
    _limit(resource.RLIMIT_CPU, seconds)
    _limit(resource.RLIMIT_FSIZE, LARGEST_FILE)
    _limit(resource.RLIMIT_CORE, 0)
    if sys.platform == "linux":  # elsewhere the limit is refused or does nothing
        _limit(resource.RLIMIT_AS, memory_mb * 1024 * 1024)


def shut_network() -> None:
    """Have the kernel refuse, for this process and all it starts, every way out to a network or another process.

    Raises OSError where the kernel does not do that.
    """
    machine, calls = CALLS[platform.machine()]
    program = [
        (LOAD, 0, 0, 4),  # the machine that a call is made for: with another, the numbers would mean something else
        (IF_EQUAL, 1, 0, machine),
        (ANSWER, 0, 0, KILL),
        (LOAD, 0, 0, 0),  # the number of the call
        (IF_AT_LEAST, 0, 1, 0x40000000),  # a third set of numbers that x86 knows
        (ANSWER, 0, 0, REFUSE),
    ]
    for number in calls[REFUSED_CALLS]:
        program += [(IF_EQUAL, 0, 1, number), (ANSWER, 0, 0, REFUSE)]
    program += [
        (IF_EQUAL, 0, 3, calls[SOCKET]),
        (LOAD, 0, 0, 16),  # its first argument: the kind of socket
        (IF_EQUAL, 1, 0, AF_UNIX),
        (ANSWER, 0, 0, REFUSE),
        (ANSWER, 0, 0, ALLOW),
    ]
    code = b"".join(struct.pack("=HBBI", *instruction) for instruction in program)
    instructions = ctypes.create_string_buffer(code, len(code))
    described = ctypes.create_string_buffer(
        struct.pack("@HP", len(program), ctypes.addressof(instructions)), struct.calcsize("@HP")
    )
    kernel = ctypes.CDLL(None, use_errno=True)
    arguments = (ctypes.c_ulong(0),) * 2
    if kernel.prctl(PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), ctypes.c_ulong(0), *arguments) or kernel.prctl(
        PR_SET_SECCOMP, ctypes.c_ulong(SECCOMP_MODE_FILTER), described, *arguments
    ):
        raise OSError(ctypes.get_errno(), "the kernel did not shut the network off")


def _limit(kind: int, most: int) -> None:
    hard = resource.getrlimit(kind)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, most))


def _forbid(event: str, _arguments: tuple) -> None:
    """An audit hook cannot be taken out again, and what it refuses does not happen."""
    if event.startswith(("socket.", "subprocess.", "os.exec", "os.posix_spawn", "os.fork", "os.spawn", "os.system")):
        raise PermissionError(f"{event} is not allowed here")


def become(memory_mb: str, seconds: str, *program: str) -> None:
    """Limit this process, shut its network off, and turn into another program."""
    limit(memory_mb=int(memory_mb), seconds=int(seconds))
    shut_network()
    os.execvp(program[0], program)  # noqa: S606 -- the program is named by our own code, never by a file or a person


if __name__ == "__main__":
    become(*sys.argv[1:])
