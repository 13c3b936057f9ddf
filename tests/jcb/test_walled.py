"""What a child behind the wall cannot do: reach a network or another process, hold secrets, or take more than its share."""

import os
import sys
import time

import pytest

from jcb import walled

linux = pytest.mark.skipif(not walled.can_shut_network(), reason="The network can be shut off on Linux only.")


def run(code: str, folder, *, seconds: int = 20, memory_mb: int = 500) -> tuple[int, str]:
    """Run some Python as if it were a program that is not ours."""
    command = walled.command([sys.executable, "-c", code], memory_mb=memory_mb, seconds=seconds)
    return walled.run(command, folder=folder, seconds=seconds), walled.said(folder)


@linux
def test_a_program_that_behaves_runs_to_its_end(tmp_path):
    assert run("print('done')", tmp_path) == (0, "done")


@linux
@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.socket()",
        "import socket; socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
        "import socket; socket.socket(socket.AF_UNIX).connect('/run/some.sock')",
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import socket; socket.socket()'], check=True)",
    ],
)
def test_a_program_reaches_no_network_and_nor_does_what_it_starts(code, tmp_path):
    status, printed = run(code, tmp_path)
    assert status == 1
    assert "Permission denied" in printed


@linux
def test_a_program_gets_no_more_memory_than_it_may_have(tmp_path):
    status, printed = run("bytearray(1 << 30)", tmp_path)
    assert status == 1
    assert "MemoryError" in printed


@linux
def test_a_program_gets_no_secrets_and_a_home_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "hush")
    status, printed = run("import os; print(sorted(os.environ), os.environ['HOME'])", tmp_path)
    assert status == 0
    assert "SECRET_KEY" not in printed
    assert str(tmp_path) in printed


@linux
def test_a_program_that_takes_too_long_is_ended_with_all_that_it_started(tmp_path):
    code = (
        "import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        f"open({str(tmp_path / 'child')!r}, 'w').write(str(child.pid)); time.sleep(600)"
    )
    with pytest.raises(walled.TookTooLong):
        run(code, tmp_path, seconds=4)
    child = int((tmp_path / "child").read_text())
    for _ in range(50):
        if not is_running(child):
            return
        time.sleep(0.1)
    raise AssertionError("What it had started still runs.")


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
        with open(f"/proc/{process}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


LOCKED_DOWN = "from jcb import walled; walled.lock_down(memory_mb=500, seconds=20); "


@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "import os; os.fork()",
    ],
)
def test_a_worker_of_ours_starts_no_process_and_reaches_no_network(code, tmp_path):
    status = walled.run([sys.executable, "-c", LOCKED_DOWN + code], folder=tmp_path, seconds=20)
    assert status == 1
    assert "PermissionError" in walled.said(tmp_path)
