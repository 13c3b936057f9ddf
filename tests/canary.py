"""Marker words: each stands in one text of the record, and says who may read it. And how they are found in anything that
is handed out: pages, headers, calendars, e-mails, archives, and every part of a PDF.

    words = Words()
    money = words.make("governance.FrontSheet.money", "closed", {"secretariat"})     "zqxvkaab"
    found(answer_of_a_page)                                                           {"page": {"zqxvkaab"}}
"""

import contextlib
import hashlib
import io
import re
import zipfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import pikepdf
from pikepdf import Array, Dictionary, String

from tests.governance.packtext import page_words

MARK = "zqxvk"  # in no word of any language, and too long to come about by chance in the bytes of a picture
LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORD = re.compile(rf"{MARK}[a-z]{{0,3}}", re.IGNORECASE)

Found = dict[str, set[str]]


@dataclass(frozen=True)
class Secret:
    """What a word stands in: the field, the part of the world that the test made it for, and who may read it."""

    field: str
    where: str
    may: frozenset[str]


@dataclass
class Words:
    """Every word that was given out."""

    given: dict[str, Secret] = field(default_factory=dict)

    def make(self, name: str, where: str, may: Collection[str]) -> str:
        number, letters = len(self.given), ""
        for _ in range(3):
            number, place = divmod(number, len(LETTERS))
            letters = LETTERS[place] + letters
        word = f"{MARK}{letters}"
        self.given[word] = Secret(name, where, frozenset(may))
        return word

    def not_for(self, persona: str, said: set[str]) -> set[str]:
        """Of words that somebody got to see, those that are not theirs. Half a word is nobody's."""
        return {word for word in said if word not in self.given or persona not in self.given[word].may}

    def say(self, word: str) -> str:
        secret = self.given.get(word)
        return f"{secret.field} ({secret.where})" if secret else f"half a word, {word}"


def words_in(text: str) -> set[str]:
    return {word.lower() for word in WORD.findall(text)}


def in_answer(answer) -> Found:
    """The words of an answer of the test client, by the channel on which they came."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    cookies = answer.cookies.output()
    channel = "page" if answer.status_code < 400 else "refusal"
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    channel = {"text/calendar": "calendar", "text/csv": "spreadsheet"}.get(kind, channel)
    return _kept({"header": words_in(headers + cookies), **in_file(content, channel)})


def in_file(content: bytes, channel: str = "file") -> Found:
    """The words of a file, by what it is."""
    if content.startswith(b"%PDF"):
        return in_pdf(content)
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inner = "".join(archive.read(name).decode("latin-1") + name for name in archive.namelist())
        return _kept({"office file": words_in(inner)})
    text = content.decode("utf-8", "replace")
    if channel == "calendar":
        text = text.replace("\r\n ", "")
    return _kept({channel: words_in(text)})


def in_mail(message) -> Found:
    """The words of an e-mail: its head, both its bodies and its attachments."""
    head = "\n".join(f"{name}: {value}" for name, value in message.message().items())
    said: Found = {"e-mail head": words_in(head), "e-mail": words_in(message.body)}
    for content, _ in getattr(message, "alternatives", ()):
        said["e-mail"] |= words_in(content)
    for name, content, _ in message.attachments:
        said["e-mail head"] |= words_in(name)
        for channel, words in in_file(content if isinstance(content, bytes) else content.encode()).items():
            said.setdefault(f"attached {channel}", set()).update(words)
    return _kept(said)


_read: dict[str, Found] = {}


def in_pdf(content: bytes) -> Found:
    """The words of a PDF: as they are read, in bookmarks, in metadata, in what the tags say in place of something, in
    files inside, and in anything else that can be got out of it."""
    key = hashlib.sha256(content).hexdigest()
    if key not in _read:
        try:
            _read[key] = _in_pdf(content)
        except pikepdf.PdfError:  # what a test made in passing, and calls a PDF
            _read[key] = _kept({"PDF anything": words_in(content.decode("latin-1"))})
    return {channel: set(words) for channel, words in _read[key].items()}


def _in_pdf(content: bytes) -> Found:
    said: Found = {"PDF text": words_in("\n".join(page_words(content)))}
    with pikepdf.open(io.BytesIO(content)) as pdf:
        with pdf.open_outline() as outline:
            said["PDF bookmarks"] = words_in("\n".join(_titles(outline.root)))
        said["PDF metadata"] = words_in("\n".join(str(value) for value in pdf.docinfo.values()))
        if "/Metadata" in pdf.Root:
            said["PDF metadata"] |= words_in(pdf.Root.Metadata.read_bytes().decode("utf-8", "replace"))
        said["PDF attachments"] = set()
        for name, each in pdf.attachments.items():
            said["PDF attachments"] |= words_in(f"{name} {each.filename} {each.description}")
            for words in in_file(each.get_file().read_bytes()).values():
                said["PDF attachments"] |= words
        said["PDF tags"], said["PDF anything"] = set(), words_in(content.decode("latin-1"))
        for each in pdf.objects:
            if isinstance(each, Dictionary) and "/S" in each and "/P" in each:
                for name in ("/Alt", "/ActualText", "/T", "/E"):
                    said["PDF tags"] |= words_in(str(each.get(name, "")))
            if isinstance(each, pikepdf.Stream):
                with contextlib.suppress(pikepdf.PdfError):
                    said["PDF anything"] |= words_in(each.read_bytes().decode("latin-1"))
            for text in _strings(each, 0):
                said["PDF anything"] |= words_in(text)
    return _kept(said)


def _titles(items) -> Iterator[str]:
    for item in items:
        yield item.title
        yield from _titles(item.children)


def _strings(each, depth: int) -> Iterator[str]:
    """The strings in an object, and its names, without those of the objects it leads to."""
    if isinstance(each, String):
        yield str(each)
    elif depth < 6 and isinstance(each, Dictionary | Array | pikepdf.Stream):
        pairs = ((str(place), value) for place, value in enumerate(each)) if isinstance(each, Array) else each.items()
        for name, value in pairs:
            yield name
            if not (isinstance(value, pikepdf.Object) and value.is_indirect):
                yield from _strings(value, depth + 1)


def _kept(said: Found) -> Found:
    return {channel: words for channel, words in said.items() if words}
