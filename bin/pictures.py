#!/usr/bin/env python
"""Takes a picture of every main page, as the people who use it most see it, wide and on a phone: `make pictures`.

The pictures go into var/pictures. They show the demonstration as it stands, so that a change to a page can be looked at
before and after. An address that does not answer is told, and the rest is taken all the same.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jcb.settings")
django.setup()

from playwright.sync_api import Page, sync_playwright  # noqa: E402 -- after Django, as the next three

from governance.record import DEMONSTRATION_PASSWORD  # noqa: E402 -- reads the settings
from jcb.models import Person  # noqa: E402 -- reads the settings
from workstreams.models import Deliverable, Plan  # noqa: E402 -- reads the settings

FOLDER = ROOT / "var" / "pictures"
BROWSERS = ["chromium", "chromium-browser", "google-chrome"]
WIDTHS = {"wide": 1280, "phone": 390}
SIGNED_OUT = None


def pages() -> list[tuple[str, str | None, str]]:
    """Name of the picture, role of the person who looks, address."""
    found = [("sign-in", SIGNED_OUT, "/accounts/login/")]
    found += [(f"home-{role.value}", role, "/") for role in (Person.Role.BOARD_MEMBER, Person.Role.COMMISSIONER)]
    found += [("home-secretariat", Person.Role.SECRETARIAT, "/"), ("plans", Person.Role.BOARD_MEMBER, "/plans/")]
    for plan in Plan.objects.order_by("pk"):
        one = Deliverable.objects.filter(workstream__plan=plan).order_by("workstream__number", "number").first()
        found += [
            (f"plan-{plan.slug}", Person.Role.BOARD_MEMBER, f"/plans/{plan.slug}/"),
            (f"themes-{plan.slug}", Person.Role.BOARD_MEMBER, f"/plans/{plan.slug}/themes/"),
        ]
        if one:
            stream = f"/plans/{plan.slug}/{one.workstream.number}/"
            found += [
                (f"workstream-{plan.slug}", Person.Role.BOARD_MEMBER, stream),
                (f"deliverable-{plan.slug}", Person.Role.COMMISSIONER, f"{stream}{one.number}/"),
            ]
    found += [
        ("deliverables", Person.Role.BOARD_MEMBER, "/deliverables/"),
        ("my-round", Person.Role.COMMISSIONER, "/round/"),
        ("statuses", Person.Role.BOARD_MEMBER, "/statuses/"),
    ]
    return found


@contextmanager
def served():
    """The application on a free port, for as long as the pictures take."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        "-m",
        "gunicorn",
        "jcb.wsgi:application",
        f"--bind=127.0.0.1:{port}",
        "--threads=4",
        "--no-control-socket",
    ]
    server = subprocess.Popen([sys.executable, *command, "--log-level=error"], cwd=ROOT)
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        else:
            sys.exit("The web server did not answer.")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def sign_in(page: Page, server: str, email: str) -> None:
    page.goto(f"{server}/accounts/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", DEMONSTRATION_PASSWORD)
    page.click("main button[type=submit]")


def main() -> int:
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        sys.exit("Pictures need a browser. Install one: apt-get install --no-install-recommends chromium")
    wanted = pages()
    people = {
        role: Person.objects.filter(is_demonstration=True, is_active=True, role=role).order_by("email").first()
        for role in {role for _, role, _ in wanted if role}
    }
    if not all(people.values()):
        sys.exit(
            "Pictures show the demonstration, and its people are not loaded. Set MODE=demonstration and run make setup."
        )
    FOLDER.mkdir(parents=True, exist_ok=True)
    missing = 0
    with served() as server, sync_playwright() as playwright:
        # Chromium's own sandbox does not work for root; the only pages it sees here are ours.
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=program, args=options)
        for role in sorted({role for _, role, _ in wanted}, key=str):
            context = browser.new_context()
            page = context.new_page()
            if role:
                sign_in(page, server, people[role].email)
            for name, _, address in (line for line in wanted if line[1] == role):
                for size, width in WIDTHS.items():
                    page.set_viewport_size({"width": width, "height": 900})
                    answer = page.goto(server + address)
                    if answer is None or not answer.ok:
                        print(f"{address} answered {answer.status if answer else 'nothing'} to {role or 'nobody'}.")
                        missing += 1
                        break
                    page.screenshot(path=FOLDER / f"{name}-{size}.png", full_page=True)
            context.close()
        browser.close()
    print(f"{len(list(FOLDER.glob('*.png')))} pictures are in {FOLDER.relative_to(ROOT)}.")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
