"""What the journeys through the Board's year do again and again."""

import re

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visitor

MAKING = 120_000  # milliseconds for the packs of a meeting, on a machine that has other things to do
KINDS = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


def said(page: Page, words: str, timeout: float | None = None) -> None:
    """The answer that stands above the page after a button was pressed."""
    expect(page.get_by_role("status").first).to_contain_text(words, timeout=timeout)


def see(visitor: Visitor, heading: str | re.Pattern) -> None:
    """The page with this heading has come, and nothing is wrong with it."""
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(heading)
    visitor.look()


def follow(visitor: Visitor, *names: str | re.Pattern) -> None:
    for name in names:
        visitor.page.get_by_role("main").get_by_role("link", name=name).first.click()


def press(visitor: Visitor, name: str | re.Pattern) -> None:
    visitor.page.get_by_role("button", name=name).first.click()


def set_clock(visitor: Visitor, day: str) -> None:
    visitor.go("/clock/")
    visitor.page.get_by_label("Day").fill(day)
    visitor.page.get_by_label("Time").fill("09:00")
    press(visitor, "Set the clock")
    said(visitor.page, "The clock stands at")


def choose(page: Page, name: str, content: bytes) -> None:
    """Hand in a file on the page of a paper."""
    kind = KINDS[name.rpartition(".")[2]]
    page.get_by_label("The paper", exact=True).set_input_files({"name": name, "mimeType": kind, "buffer": content})
    page.get_by_role("button", name="Hand it in").click()
