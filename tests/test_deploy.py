"""The units in deploy/systemd start what there is, when it is meant to run, with no more rights than they need."""

import os
import re
import runpy
import shlex
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as project
from django.core.management import get_commands, load_command_class

ROOT = Path(project.BASE_DIR)
UNITS = ROOT / "deploy" / "systemd"
FOR_ALL = UNITS / "jcb-.service.d" / "all.conf"
HERE = "/opt/jcb"
EXPOSURE = 20  # tenths, of 100: what systemd itself calls "OK" ends at 49
ON_THE_CLOCK = {
    "remind", "seal_record", "verify_record", "backup", "prune_db_task_results", "clearsessions", "forget_sign_ins",
    "bin/drill.py",
}  # fmt: skip

Unit = list[tuple[str, str, str]]  # section, name, value: a name may come several times, which configparser cannot say


def read(path: Path) -> Unit:
    section, found = "", []
    for line in path.read_text().splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.append((section, name, value))
    return found


def values(unit: Unit, name: str) -> list[str]:
    return [value for _, known, value in unit if known == name]


SERVICES = {path.name: read(path) for path in sorted(UNITS.glob("*.service"))}
TIMERS = {path.name: read(path) for path in sorted(UNITS.glob("*.timer"))}


def started() -> list[tuple[str, list[str]]]:
    return [(name, shlex.split(line)) for name, unit in SERVICES.items() for line in values(unit, "ExecStart")]


@pytest.mark.parametrize(("name", "words"), started(), ids=lambda part: part if isinstance(part, str) else part[2])
def test_what_a_unit_starts_is_there_and_understands_what_it_is_told(name, words, settings):
    settings.TASKS = {
        "default": {"BACKEND": "django_tasks_db.DatabaseBackend"}
    }  # as in service: the worker asks for it
    program, what, *options = words
    if program == f"{HERE}/.venv/bin/gunicorn":
        assert what == "--config"
        assert options == ["deploy/gunicorn.conf.py", "jcb.wsgi:application"]
        return
    assert program == f"{HERE}/.venv/bin/python"
    if what == "manage.py":
        command, *options = options
        assert command in get_commands()
        app = get_commands()[command]
        parser = (load_command_class(app, command) if isinstance(app, str) else app).create_parser("manage.py", command)
        parser.parse_args(options)
    else:
        assert (ROOT / what).is_file()


def test_everything_that_runs_on_the_clock_has_a_timer_and_every_timer_its_service():
    assert {name.removesuffix(".timer") for name in TIMERS} == {
        name.removesuffix(".service") for name, unit in SERVICES.items() if values(unit, "Type") == ["oneshot"]
    }
    run = {
        words[2] if words[1] == "manage.py" else words[1] for name, words in started() if f"{name[:-8]}.timer" in TIMERS
    }
    assert run == ON_THE_CLOCK
    for unit in TIMERS.values():
        assert values(unit, "WantedBy") == ["timers.target"]
        assert values(unit, "Persistent") == ["true"]


def test_what_the_reminders_print_is_not_logged():
    """It names people."""
    assert values(SERVICES["jcb-remind.service"], "StandardOutput") == ["null"]


def test_web_server_and_workers_come_back_by_themselves():
    for name in ("jcb-web.service", "jcb-worker@.service"):
        assert values(SERVICES[name], "Restart")[0] in {"always", "on-failure"}
        assert values(SERVICES[name], "WantedBy") == ["multi-user.target"]


def test_every_service_is_shut_in_the_same_way_and_none_lifts_it():
    given = {name: value for _, name, value in read(FOR_ALL)}
    for name in (
        "NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome", "ProtectKernelTunables", "ProtectKernelModules",
        "ProtectControlGroups", "RestrictSUIDSGID", "RestrictNamespaces", "LockPersonality",
    ):  # fmt: skip
        assert given[name] == "true", name
    assert (given["ProtectSystem"], given["CapabilityBoundingSet"], given["UMask"]) == ("strict", "", "0077")
    assert given["User"] == "jcb"
    assert values(read(FOR_ALL), "ReadWritePaths") == ["-/opt/jcb/var/cache"]
    for name, unit in SERVICES.items():
        assert name.startswith("jcb-")
        assert not {known for _, known, _ in unit} & set(given) - {"ReadWritePaths"}, name
        assert values(unit, "ReadWritePaths") == (["/var/backups/jcb"] if name == "jcb-backup.service" else [])


def test_no_unit_holds_a_secret():
    text = "".join(path.read_text() for path in UNITS.rglob("*") if path.is_file())
    assert not re.search(r"SECRET_KEY|PASSWORD|DATABASE_URL=|://", text)


def test_the_web_servers_own_words_are_lines_of_json_too():
    given = runpy.run_path(str(ROOT / "deploy" / "gunicorn.conf.py"))
    assert given["logconfig_dict"]["formatters"]["json"]["()"] == "jcb.logs.JsonLines"
    assert given["logconfig_dict"]["loggers"]["gunicorn.access"]["handlers"] == []


def test_the_handbook_names_every_unit_with_its_hour_and_enables_what_can_be_enabled():
    text = (ROOT / "README.md").read_text()
    table = re.findall(r"^\| `(jcb-[a-z]+)` \| (Sunday|) ?(\d\d:\d\d) \|", text, re.MULTILINE)
    hours = {name.removesuffix(".timer"): values(unit, "OnCalendar")[0] for name, unit in TIMERS.items()}
    assert hours == {name: f"{day.replace('Sunday', 'Sun ')}*-*-* {hour}:00 Europe/London" for name, day, hour in table}
    enabled = {name for line in re.findall(r"systemctl enable --now (.*)", text) for name in line.split()}
    can_be = {
        name.removesuffix(".service") for name, unit in {**SERVICES, **TIMERS}.items() if values(unit, "WantedBy")
    }
    assert {re.sub("@[0-9]", "@", name) for name in enabled} == can_be


def test_the_web_server_tells_systemd_that_it_is_ready_and_ends_when_it_is_told(tmp_path):
    """Its unit says so (Type=notify): without that word systemd would take it for one that never started."""
    (words,) = [words for name, words in started() if name == "jcb-web.service"]
    assert values(SERVICES["jcb-web.service"], "Type") == ["notify"]
    ear, name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM), f"jcb-{os.getpid()}"
    own = {
        "NOTIFY_SOCKET": f"@{name}",
        "GUNICORN_CMD_ARGS": "--workers=1 --bind=127.0.0.1:0",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'none.sqlite3'}",
        "SECRET_KEY": "only for this test",
    }
    with ear:
        ear.bind(f"\0{name}")
        ear.settimeout(120)
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *words[1:]],
            cwd=ROOT,
            env={**os.environ, **own},
            stderr=subprocess.DEVNULL,
        )
        try:
            assert b"READY=1" in ear.recv(4096)
            server.terminate()
            assert server.wait(120) == 0
        finally:
            server.kill()


# By systemd itself, where it is

by_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")


@pytest.fixture
def units(tmp_path) -> Path:
    """The units as they would be installed here: it is looked whether what they start can be started."""
    folder = Path(shutil.copytree(UNITS, tmp_path / "units"))
    for path in folder.rglob("*.*"):
        if path.is_file():
            text = path.read_text().replace(f"{HERE}/.venv/bin/python", sys.executable)
            path.write_text(
                text.replace(f"{HERE}/.venv/bin", str(Path(sys.executable).parent)).replace(HERE, str(ROOT))
            )
    return folder


@by_systemd
def test_systemd_understands_every_unit(units):
    names = sorted(path.name.replace("@.", "@1.") for path in units.glob("jcb-*.*") if path.is_file())
    assert complaints(units, *names) == (0, [])


def complaints(units: Path, *names: str) -> tuple[int, list[str]]:
    """How systemd's own reading of our units ends, and what it says of them."""
    ended = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *names], cwd=units, capture_output=True, text=True, timeout=60
    )
    return ended.returncode, [line for line in ended.stderr.splitlines() if "jcb-" in line]


@by_systemd
@pytest.mark.parametrize(
    ("told", "instead"),
    [
        ("Restart=always", "Restart=perhaps"),
        ("[Service]", "[Servic]"),
        ("ExecStart=", "ExecStart=/opt/nowhere/"),
        ("RestartSec=2", "RestartSec=2\nNoSuchThing=2"),
    ],
)
def test_systemd_would_say_if_it_did_not(told, instead, units):
    """The control of the test above."""
    worker = units / "jcb-worker@.service"
    worker.write_text(worker.read_text().replace(told, instead, 1))
    assert complaints(units, "jcb-worker@1.service") != (0, [])


@by_systemd
@pytest.mark.parametrize("name", sorted(TIMERS))
def test_systemd_understands_every_hour(name):
    (hour,) = values(TIMERS[name], "OnCalendar")
    assert subprocess.run(["systemd-analyze", "calendar", hour], capture_output=True, timeout=60).returncode == 0


@by_systemd
@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_service_is_exposed(name, units):
    words = ["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE}", "--no-pager"]
    ended = subprocess.run([*words, name.replace("@.", "@1.")], cwd=units, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stdout[-300:] + ended.stderr
