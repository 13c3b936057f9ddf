"""People at their browsers, who log progress by the form of the page and do what people do when an answer fails to come."""

import hashlib
import html
import http.client
import http.cookies
import re
import threading
from dataclasses import dataclass, field

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.faults.service import HOME

SECONDS = 600  # for an answer; a page may have to wait for workers that are being started
# How a connection ends whose worker was killed. One that is refused is not among them: the door stands open.
BROKEN = (ConnectionResetError, BrokenPipeError, http.client.IncompleteRead)
SEEN = re.compile(r'name="seen" value="(\d+)"')
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


@dataclass
class Tally:
    """What all writers were told, together."""

    acknowledged: dict[str, tuple[str, str]] = field(default_factory=dict)  # words: address, file
    found: dict[str, tuple[str, str]] = field(default_factory=dict)  # not acknowledged, and there when looked for
    refused: list[str] = field(default_factory=list)
    broken: int = 0
    conflicts: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def __str__(self):
        counted = {name: len(getattr(self, name)) for name in ("acknowledged", "found", "refused")}
        return str(counted | {"broken": self.broken, "conflicts": self.conflicts})

    @property
    def saved(self) -> dict[str, tuple[str, str]]:
        return self.acknowledged | self.found

    def count(self, **more: int) -> None:
        with self.changed:
            for name, number in more.items():
                setattr(self, name, getattr(self, name) + number)

    def note(self, where: dict, words: str, row: tuple[str, str]) -> None:
        with self.changed:
            where[words] = row
            self.changed.notify_all()

    def wait_for(self, number: int) -> None:
        """Wait until so many saves landed, or one was refused."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.refused or len(self.saved) >= number, SECONDS)

    def refuse(self, said: str) -> None:
        with self.changed:
            self.refused.append(said)
            self.changed.notify_all()


class Refused(Exception):
    """An answer that nobody should get."""


class Writer:
    """A person with one deliverable, and its page open."""

    def __init__(self, port: int, tally: Tally, *, session: str, address: str):
        self.port, self.tally, self.address = port, tally, address
        self.cookies = {"sessionid": session}
        self.page, self.token, self.seen = "", "", -1

    def log(self, words: str, content: bytes = b"") -> None:
        """Get words into the log, with a file where there is content. Gives up only where it is refused."""
        row = (self.address, hashlib.sha256(content).hexdigest() if content else "")
        try:
            if self.seen < 0:
                self.look()
            while True:
                status = self._save(words, content)
                if status == 302:
                    self.seen += 1  # as the page that follows would say
                    return self.tally.note(self.tally.acknowledged, words, row)
                before = self.seen
                self.look()
                if words in self.page:
                    return self.tally.note(self.tally.found, words, row)
                if status == 409:
                    self.tally.count(conflicts=1)
                    if self.seen <= before:
                        raise Refused(f"{self.address}: 409, and nobody had saved since update {before}.")
        except (Refused, OSError, http.client.HTTPException) as problem:
            self.tally.refuse(f"{type(problem).__name__}: {problem}")

    def _save(self, words: str, content: bytes) -> int | None:
        """Post the form; the status, or None where the connection broke."""
        given = {
            "csrfmiddlewaretoken": self.token,
            "seen": self.seen,
            "status": "off track",
            "narrative": words,
            "forecast_on": "",
            "evidence_link": "",
            "no_evidence_because": "",
        }
        if content:
            given["evidence_file"] = SimpleUploadedFile("evidence.jpg", content, "image/jpeg")
        try:
            status, said = self._ask("POST", encode_multipart(BOUNDARY, given))
        except BROKEN:
            self.tally.count(broken=1)
            return None
        if status not in {302, 409}:
            raise Refused(f"POST {self.address}: {status} {said[:2000]}")
        return status

    def look(self) -> None:
        """Open the page, again and again while connections break."""
        while True:
            try:
                status, said = self._ask("GET")
            except BROKEN:
                self.tally.count(broken=1)
            else:
                break
        if status != 200:
            raise Refused(f"GET {self.address}: {status} {said[:2000]}")
        self.page = html.unescape(said)
        self.token, self.seen = TOKEN.search(said)[1], int(SEEN.search(said)[1])

    def _ask(self, method: str, body: bytes | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection(HOME, self.port, timeout=SECONDS)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = MULTIPART_CONTENT
        try:
            connection.request(method, self.address, body, headers)
            answer = connection.getresponse()
            said = answer.read().decode()
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie", ()):
            self.cookies |= {name: morsel.value for name, morsel in http.cookies.SimpleCookie(line).items()}
        return answer.status, said
