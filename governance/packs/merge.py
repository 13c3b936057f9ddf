"""One PDF from our own pages and the papers handed in: the only place that joins a pack.

    merged = merge_pack(base=rendered.content, items=items, papers=[Paper(…), …], foot="Board, 28 September 2020")
    merged.content, merged.labels[41], merged.first_pages["paper-7"]

The result stays PDF/UA-1: each paper stands after its own divider in the page order and in the tags, under a part with
its title and language; a paper without tags becomes pictures with words that say so. Every page is stamped with item and
page ("7.3") and a continuous number. The work is done by `governance.packs.merge_worker` behind the wall of `jcb.walled`.
"""

import dataclasses
import itertools
import json
import logging
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.conf import settings

from jcb import walled
from jcb.pdf import insist_on_no_transaction

LOG = logging.getLogger(__name__)
TYPEFACE = "SourceSans3-Regular.ttf"

# Of a paper, by the worker's word.
FAILURES = {
    "locked": "The paper is locked with a password. Save a copy without one and hand that in.",
    "secured": "The paper has security settings that forbid changes. Save a copy without them and hand that in.",
    "broken": "The paper cannot be read as a PDF. Export it again from the program it was written in.",
    "form": "The paper has fields to fill in. Print it to a new PDF and hand that in.",
    "empty": "The paper has no pages. Export it again from the program it was written in.",
    "tags": "The tags of the paper lead in a circle. Print it to a new PDF and hand that in.",
    "depth": "The paper is nested too deeply to be joined. Print it to a new PDF and hand that in.",
    "memory": "The paper needs more memory than a paper may have. Hand in a shorter or smaller one.",
    "unjoined": "The paper could not be joined to the pack. Print it to a new PDF and hand that in.",
    "stopped": "The paper needed more memory or time than a paper may have. Hand in a shorter or smaller one.",
}
BASE_FAILED = "The pack could not be put together."


class MergeFailed(Exception):
    """There is no pack, and the text of the error is a plain sentence that says why."""


class PaperRefused(MergeFailed):
    """One paper stands in the way: `paper` is its key. Without it, or with a page in its place, the pack can be made."""

    def __init__(self, sentence: str, paper: str):
        super().__init__(sentence)
        self.paper = paper


@dataclasses.dataclass(frozen=True)
class Paper:
    """A paper to be put in: a PDF file, its title, and the page of the base (from 1) after which it stands."""

    key: str
    path: Path
    title: str
    after: int
    item: str = ""
    language: str = "en-GB"


@dataclasses.dataclass(frozen=True)
class MergedPack:
    """A finished pack.

    `labels` has the item and page of each page ("7.3"; empty on the cover and the like), `first_pages` the page, from 1,
    on which each paper begins, by its key.
    """

    content: bytes
    labels: Sequence[str]
    first_pages: Mapping[str, int]

    @property
    def pages(self) -> int:
        return len(self.labels)


def merge_pack(*, base: bytes, items: Sequence[str], papers: Sequence[Paper], foot: str = "") -> MergedPack:
    """Join papers into the base, which is one of our own tagged documents, and stamp every page.

    `items` names the item that each page of the base belongs to ("7", "7A"; empty for none); `papers` come in the order
    of their pages; `foot` stands at the foot of our own pages. Takes at most `settings.PACK_SECONDS` and
    `settings.PACK_MEMORY_MB`. Writes nothing; the same input gives the same bytes.

    Raises PaperRefused for a paper that cannot be joined, MergeFailed for anything else, and RuntimeError inside a
    database transaction.
    """
    insist_on_no_transaction()
    with tempfile.TemporaryDirectory(prefix="jcb-pack-") as name:
        folder = Path(name)
        write_request(folder, base=base, items=items, papers=papers, foot=foot)
        worker = walled.worker("governance.packs.merge_worker", folder)
        try:
            walled.run(worker, folder=folder, seconds=settings.PACK_SECONDS)
        except walled.TookTooLong as error:
            raise MergeFailed(
                f"The pack was not put together after {settings.PACK_SECONDS} seconds, and was stopped."
            ) from error
        return _read_answer(folder)


def write_request(folder: Path, *, base: bytes, items: Sequence[str], papers: Sequence[Paper], foot: str) -> None:
    """Put what the worker is to do into its folder."""
    if any(later.after < earlier.after for earlier, later in itertools.pairwise(papers)):
        raise ValueError("Papers come in the order of the pages after which they stand.")
    (folder / "base.pdf").write_bytes(base)
    request = {
        "memory_mb": settings.PACK_MEMORY_MB,
        "seconds": settings.PACK_SECONDS,
        "base": str(folder / "base.pdf"),
        "items": list(items),
        "foot": foot,
        "typeface": str(settings.BASE_DIR / "var" / "frontend" / "fonts" / TYPEFACE),
        "papers": [dataclasses.asdict(paper) | {"path": str(paper.path)} for paper in papers],
    }
    (folder / "request.json").write_text(json.dumps(request))


def _read_answer(folder: Path) -> MergedPack:
    if not (folder / "answer.json").is_file():
        LOG.warning("The worker that joins packs was stopped: %s", walled.said(folder))
        now = folder / "now.txt"
        raise _failure("stopped", now.read_text() if now.is_file() else "")
    answer = json.loads((folder / "answer.json").read_text())
    if "failure" in answer:
        if answer["detail"]:
            LOG.warning("In the joining of a pack: %s", answer["detail"])
        raise _failure(answer["failure"], answer["paper"])
    return MergedPack((folder / "pack.pdf").read_bytes(), tuple(answer["labels"]), answer["first_pages"])


def _failure(word: str, paper: str) -> MergeFailed:
    return PaperRefused(FAILURES[word], paper) if paper else MergeFailed(BASE_FAILED)
