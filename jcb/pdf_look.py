"""What a PDF that somebody handed in is like: whether it may be kept at all, and what there is to say about it.

    look = look_at(content)      # or Unfit, with the reason in one word
    look.pages, look.is_tagged, look.pictures

The file is opened by `jcb.pdf_look_worker` behind the wall of `jcb.walled`, never in the site's own process.
"""

import dataclasses
import json
import logging
import tempfile
from pathlib import Path

from jcb import walled

LOG = logging.getLogger(__name__)
SECONDS, MEMORY_MB = 30, 700  # of the memory, some 300 are mapped before the file is opened


class Unfit(Exception):
    """The file cannot be kept; `reason` is one of locked, broken, active (it runs something or carries a file), too large."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


@dataclasses.dataclass(frozen=True)
class Look:
    """What there is to say about a PDF.

    `pictures` are the pages without any text; `comments` counts notes and marks that were put on the pages afterwards;
    `is_secured` means that it opens for anybody but forbids changes; `is_damaged` that it had to be repaired to be read;
    `mended` is a copy in which every page closes what it opens, where that was not so.
    """

    pages: int
    is_tagged: bool
    is_secured: bool
    is_damaged: bool
    fields: int
    pictures: tuple[int, ...]
    comments: int
    hidden_layers: int
    fonts_left_out: tuple[str, ...]
    longest_side: float
    mended: bytes | None


def look_at(content: bytes) -> Look:
    """Look at a PDF. Raises Unfit. Takes half a second, and at most half a minute."""
    with tempfile.TemporaryDirectory(prefix="jcb-look-") as name:
        folder = Path(name)
        (folder / "paper.pdf").write_bytes(content)
        (folder / "request.json").write_text(json.dumps({"memory_mb": MEMORY_MB, "seconds": SECONDS}))
        try:
            walled.run(walled.worker("jcb.pdf_look_worker", folder), folder=folder, seconds=SECONDS)
        except walled.TookTooLong as error:
            raise Unfit("too large") from error
        if not (folder / "answer.json").is_file():
            LOG.warning("The worker that looks at PDF files was stopped: %s", walled.said(folder))
            raise Unfit("too large")
        answer = json.loads((folder / "answer.json").read_text())
        if detail := answer.get("detail"):
            LOG.warning("In looking at a PDF: %s", detail)
        if "failure" in answer:
            raise Unfit({"memory": "too large"}.get(answer["failure"], answer["failure"]))
        return Look(
            pages=answer["pages"],
            is_tagged=answer["tagged"],
            is_secured=answer["secured"],
            is_damaged=answer["damaged"],
            fields=answer["fields"],
            pictures=tuple(answer["pictures"]),
            comments=answer["comments"],
            hidden_layers=answer["hidden_layers"],
            fonts_left_out=tuple(answer["fonts_left_out"]),
            longest_side=answer["longest_side"],
            mended=(folder / "mended.pdf").read_bytes() if answer["was_mended"] else None,
        )
