"""A warm worker does each job in a process of its own, behind the same wall as a cold one."""

import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from jcb import walled, warm
from tests.jcb.test_walled import is_running

WORKER = "tests.jcb.warm_worker"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Workers are kept warm on Linux only.")


@pytest.fixture(autouse=True)
def cold_at_first():
    """What another test left warm is not counted here, and the other way round."""
    warm.end_all()
    yield
    warm.end_all()


def run(code: str, folder, *, seconds: int = 20) -> tuple[int, str]:
    folder.mkdir(exist_ok=True)
    (folder / "what.py").write_text(code)
    return warm.run(WORKER, folder=folder, seconds=seconds), walled.said(folder)


def server() -> int:
    (one,) = warm._servers.values()
    return one.process.pid


def test_jobs_are_done_by_forks_of_one_process_that_forget_everything(tmp_path):
    said = {run("import os, sys; print(os.getppid(), hasattr(sys, 'mark')); sys.mark = 1", tmp_path) for _ in range(3)}
    assert said == {(0, f"{server()} False")}


def test_a_job_gets_no_secrets_no_open_files_and_a_home_of_its_own(tmp_path, monkeypatch):
    run("", tmp_path)
    monkeypatch.setenv("SECRET_KEY", "hush")
    status, said = run(
        "import os; print(os.environ['HOME'], 'SECRET_KEY' in os.environ, sorted(os.listdir('/proc/self/fd')))",
        tmp_path,
    )
    assert (status, said) == (0, f"{tmp_path} False {['0', '1', '2', '3']}")  # 3 is the folder that it reads


def test_a_job_that_fails_says_so_and_the_next_one_is_done(tmp_path):
    status, said = run("raise ValueError('so')", tmp_path)
    assert status == 1
    assert said.endswith("ValueError: so")
    assert run("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", tmp_path)[0] == 128 + signal.SIGSEGV
    assert run("print('done')", tmp_path / "next") == (0, "done")


def test_a_job_that_is_locked_down_starts_no_process_reaches_no_network_and_takes_no_more_than_its_share(tmp_path):
    locked = "from jcb import walled; walled.lock_down(memory_mb=500, seconds=20); "
    for code, refused in (
        ("import os; os.fork()", "PermissionError"),
        ("import socket; socket.create_connection(('127.0.0.1', 9))", "PermissionError"),
        ("bytearray(1 << 30)", "MemoryError"),
    ):
        status, said = run(locked + code, tmp_path)
        assert status == 1
        assert refused in said
    assert run("import os; os.waitpid(os.fork() or os._exit(0), 0); bytearray(1 << 30)", tmp_path)[0] == 0


def test_a_job_that_takes_too_long_is_ended_with_all_that_it_started(tmp_path):
    code = (
        "import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        "(folder / 'child').write_text(str(child.pid)); time.sleep(600)"
    )
    run("", tmp_path)
    began = time.monotonic()
    with pytest.raises(walled.TookTooLong):
        run(code, tmp_path, seconds=2)
    assert time.monotonic() - began < 2 + warm.PATIENCE
    child = int((tmp_path / "child").read_text())
    for _ in range(50):
        if not is_running(child):
            break
        time.sleep(0.1)
    assert not is_running(child)
    assert run("print('done')", tmp_path / "next") == (0, "done")


def test_jobs_do_not_wait_for_each_other(tmp_path):
    """Each waits until the other has begun."""
    code = "import time\nopen('{0}', 'w')\nimport pathlib\nwhile not pathlib.Path('{1}').exists(): time.sleep(0.01)"
    one, other = tmp_path / "one-began", tmp_path / "other-began"
    with ThreadPoolExecutor(2) as several:
        first = several.submit(run, code.format(one, other), tmp_path / "one")
        second = several.submit(run, code.format(other, one), tmp_path / "other")
        assert (first.result()[0], second.result()[0]) == (0, 0)


def test_where_the_warm_process_is_gone_another_takes_its_place(tmp_path):
    run("", tmp_path)
    gone = server()
    os.kill(gone, signal.SIGKILL)
    warm._servers[next(iter(warm._servers))].process.wait()
    assert run("print('done')", tmp_path / "next") == (0, "done")
    assert server() != gone


def test_where_it_ends_in_the_middle_the_job_is_done_by_a_cold_worker(tmp_path):
    code = (
        "import os, signal; again = (folder / 'begun').exists(); (folder / 'begun').touch();"
        "again or os.kill(os.getppid(), signal.SIGKILL); print('done')"
    )
    assert run(code, tmp_path) == (0, "done")


def test_a_fork_of_the_site_has_a_warm_process_of_its_own(tmp_path):
    run("", tmp_path)
    child = os.fork()
    if not child:
        os._exit(len(warm._servers))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    before = server()
    assert run("print('done')", tmp_path / "next") == (0, "done")
    assert server() == before


def test_the_warm_process_ends_with_its_site(tmp_path):
    run("", tmp_path)
    (one,) = warm._servers.values()
    one.control.close()
    assert one.process.wait(10) == 0
