#!/usr/bin/env python
"""Measures pages and documents against their floors, in one run with interleaved rounds: `make bench`.

On a machine where times do not hold from minute to minute only ratios within one run mean anything. Every round asks
each page in turn; a ratio is worked out within its round, and the middle one of all rounds is printed with the lowest
and the highest. The control asks the floor a second time: what it is off 1.0 is the noise of this run.

    .venv/bin/python bin/bench.py             SQLite, then PostgreSQL
    ROUNDS=11 REQUESTS=20 .venv/bin/python bin/bench.py
"""

import http.client
import itertools
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLOOR = ROOT / "bench" / "floor"
ROUNDS, REQUESTS = int(os.environ.get("ROUNDS", "7")), int(os.environ.get("REQUESTS", "15"))
LIST = "/deliverables/"
NEEDS, CHART = "/needs/", "/needs/indicators/indicator-0/"
UNASKED = itertools.count()
ELSEWHERE = {
    "DATABASE_URL",
    "FILES_ROOT",
    "FILES_S3_BUCKET",
    "AWS_ENDPOINT_URL_S3",
}  # what names a place that is not ours
DOCUMENT = "/plans/kensington-and-chelsea-2020/documents/action-plan.pdf"
DRAW = """
import sys, time, django, os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jcb.settings"); django.setup()
from django.conf import settings; settings.PDF_SECONDS = 300
from governance import documents; from jcb import dates, pdf; from workstreams.models import Plan
plan = Plan.objects.select_related("area").get(slug="kensington-and-chelsea-2020")
html = documents.document_html(documents.build("plan", plan, dates.today()), "plan")
pdf.render_pdf(html)
for line in sys.stdin:
    start = time.perf_counter(); made = pdf.render_pdf(html, tagged=line.strip() == "tagged")
    print(time.perf_counter() - start, made.pages, flush=True)
"""


class Site:
    """One server and a signed-in reader. `ask` gives the seconds a page took and what it said."""

    def __init__(self, port: int, session: str):
        self.port, self.session = port, session

    def ask(self, address: str, **headers: str) -> tuple[float, http.client.HTTPResponse]:
        start = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request("GET", address, headers={"Cookie": f"sessionid={self.session}", **headers})
        answer = connection.getresponse()
        answer.body = answer.read()
        connection.close()
        return time.perf_counter() - start, answer

    def median(self, address: str, status: int = 200, *, anew: bool = False, **headers: str) -> float:
        """The middle of so many requests; `anew` asks each time under another address, so that nothing kept is used."""
        taken = []
        for _ in range(REQUESTS):
            seconds, answer = self.ask(f"{address}?anew={next(UNASKED)}" if anew else address, **headers)
            if answer.status != status:
                sys.exit(f"{address} answered {answer.status}, not {status}: nothing was measured.")
            taken.append(seconds)
        return statistics.median(taken)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def served(application: str, folder: Path, environment: dict[str, str]):
    """One gunicorn with one worker, as production has several of."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", application, f"--bind=127.0.0.1:{port}", "--log-level=error"]
    # A line of log for each request would only cost time here.
    server = subprocess.Popen([*command, "--no-control-socket"], cwd=folder, env=environment, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait()


def database(kind: str, name: str, folder: Path) -> str:
    """The address of an empty database of that name."""
    if kind == "SQLite":
        return f"sqlite:///{folder / name}.sqlite3"
    base = os.environ["DATABASE_URL"]
    subprocess.run(["psql", "--quiet", base, "-c", f"CREATE DATABASE {name}"], check=True)
    return f"{base.rsplit('/', 1)[0]}/{name}"


def filled(script: Path, folder: Path, environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, str(script), *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, check=True, capture_output=True, text=True
    ).stdout.strip()


def measure(kind: str) -> None:
    print(f"\n{kind}: {ROUNDS} rounds of {REQUESTS} requests; the middle ratio, and the lowest and highest", flush=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="jcb-bench-")))
        plain = {key: value for key, value in os.environ.items() if key not in ELSEWHERE}
        floor_env = plain | {"FLOOR_DATABASE_URL": database(kind, "floor", folder)}
        key = filled(FLOOR / "fill.py", FLOOR, floor_env)
        floor = Site(stack.enter_context(served("floor.wsgi:application", FLOOR, floor_env)), key)
        sites, counts, environments = {}, {}, {}
        for name, rows in (("board", "1800"), ("short", "500"), ("long", "100000"), ("record", "record")):
            env = plain | {
                "DATABASE_URL": database(kind, name, folder),
                "FILES_ROOT": str(folder / f"{name}-files"),
                "MODE": "demonstration" if name == "record" else "production",
                "ALLOWED_HOSTS": "127.0.0.1",
                "HTTPS": "false",
            }
            said = json.loads(filled(ROOT / "bench" / "fill_board.py", ROOT, env, rows).splitlines()[-1])
            port = stack.enter_context(served("jcb.wsgi:application", ROOT, env))
            sites[name], counts[name], environments[name] = Site(port, said["session"]), said["queries"], env
        board, record = sites["board"], sites["record"]
        subprocess.run(
            [sys.executable, "manage.py", "export", "action-plan", "kensington-and-chelsea-2020", "-o", str(folder / "a.pdf")],
            cwd=ROOT, env=environments["record"], check=True, capture_output=True,
        )  # fmt: skip
        made = record.ask(DOCUMENT)[1]
        if not made.body.startswith(b"%PDF"):
            sys.exit("The document was not ready: nothing was measured.")
        # On PostgreSQL the mark of a page moves with every write on the same server: it is taken once all is written.
        seen = board.ask(LIST)[1].getheader("ETag")
        measured = {
            "floor": lambda: floor.median("/plan/1/"),
            "floor again": lambda: floor.median("/plan/1/"),
            "signed in": lambda: floor.median("/auth/"),
            "list": lambda: board.median(LIST, anew=True),
            "rows": lambda: board.median(LIST, anew=True, **{"HX-Request": "true"}),
            "list again": lambda: board.median(LIST),
            "rows again": lambda: board.median(LIST, **{"HX-Request": "true"}),
            "unchanged": lambda: board.median(LIST, 304, **{"If-None-Match": seen}),
            "short": lambda: sites["short"].median(LIST, anew=True),
            "long": lambda: sites["long"].median(LIST, anew=True),
            "document": lambda: record.median(DOCUMENT),
            "short needs": lambda: sites["short"].median(NEEDS, anew=True),
            "long needs": lambda: sites["long"].median(NEEDS, anew=True),
            "short chart": lambda: sites["short"].median(CHART, anew=True),
            "long chart": lambda: sites["long"].median(CHART, anew=True),
        }
        for ask in measured.values():
            ask()
        rounds = [{name: ask() for name, ask in measured.items()} for _ in range(ROUNDS)]
        show("control: the floor again / the floor", rounds, "floor again", "floor", 0)
        show("deliverables list made anew, 60 rows / the floor", rounds, "list", "floor", 1.0)
        show("its rows alone, made anew / the floor", rounds, "rows", "floor", 0.6)
        show("the list read again by its reader / the floor", rounds, "list again", "floor", 1.0)
        show("its rows read again / the floor", rounds, "rows again", "floor", 0.6)
        show("unchanged re-read / signed-in only", rounds, "unchanged", "signed in", 2.0)
        show("list with 100,000 updates / with 500", rounds, "long", "short", 1.3)
        show("indicators with 100,000 observations / with 500", rounds, "long needs", "short needs", 1.2)
        show("an indicator's charts with 50,000 values / with 250", rounds, "long chart", "short chart", 1.2)
        show("unchanged document / signed-in only", rounds, "document", "signed in", 2.0)
        low, high = counts["board"]["6"], counts["board"]["60"]
        print(f"  {'queries of the list at 6 and at 60 rows':<46} {low} and {high}   {verdict(max(low, high), 10)}")
        draw(environments["record"])
        for name in ("floor", "signed in", "list", "rows", "unchanged", "document"):
            print(f"    {name}: {statistics.median(each[name] for each in rounds) * 1000:.1f} ms in the middle")


def draw(environment: dict[str, str]) -> None:
    """The plan with its tags against the same HTML without."""
    child = subprocess.Popen([sys.executable, "-c", DRAW], cwd=ROOT, env=environment, stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)  # fmt: skip
    rounds, pages = [], "?"
    for _ in range(5):
        each = {}
        for way in ("plain", "tagged", "tagged again"):
            child.stdin.write(f"{way.split()[0]}\n")
            child.stdin.flush()
            seconds, pages = child.stdout.readline().split()
            each[way] = float(seconds)
        rounds.append(each)
    child.stdin.close()
    child.wait()
    show("control: the tagged plan again / the tagged plan", rounds, "tagged again", "tagged", 0)
    show(f"the plan with tags, {pages} pages / without", rounds, "tagged", "plain", 1.5)
    print(f"    tagged plan: {statistics.median(each['tagged'] for each in rounds):.1f} s in the middle")


def show(what: str, rounds: list[dict[str, float]], of: str, by: str, goal: float) -> None:
    ratios = sorted(each[of] / each[by] for each in rounds)
    middle = statistics.median(ratios)
    spread = f"({ratios[0]:.2f} to {ratios[-1]:.2f})"
    print(f"  {what:<50} {middle:.2f}  {spread:<16} {verdict(middle, goal) if goal else ''}", flush=True)


def verdict(value: float, goal: float) -> str:
    return f"goal {goal:g}: {'met' if value <= goal else 'MISSED'}"


def main() -> int:
    if sys.argv[1:] == ["PostgreSQL"]:
        measure("PostgreSQL")
        return 0
    measure("SQLite")
    print("\nA pack of 40 uploaded papers", flush=True)
    subprocess.run([sys.executable, str(ROOT / "bench" / "pack.py"), str(ROUNDS)], cwd=ROOT)
    if os.geteuid() == 0 or shutil.which("psql"):
        return subprocess.run([ROOT / "bin" / "with-postgres", sys.executable, __file__, "PostgreSQL"]).returncode
    print("\nPostgreSQL is not here, so only SQLite was measured.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
