"""The first draft of a summary for families, and how its text is read: sections of the little Markdown of `jcb.markdown`."""

import re

from governance.minutes.contents import contents, restricted_out
from governance.models import FamilySummary, Minutes
from jcb import dates

DECIDED, TALKED, NEXT = "What was decided", "What we talked about", "What happens next"


def draft(minutes: Minutes) -> tuple[str, str]:
    """A title and a text from agreed minutes, without anything of a restricted item. The secretariat makes it plain."""
    data = restricted_out(minutes.data or contents(minutes.meeting))
    month = dates.say_month(minutes.meeting.on)
    parts = [f"This is what happened when the Board met on {data['title']}."]
    decided = [row["text"] for item in data["items"] for row in item["decisions"]]
    decided += [row["text"] for row in data["others"]["decisions"]]
    parts += _section(DECIDED, decided or ["Nothing was decided at this meeting."])
    talked = [f"**{_plain(item['title'])}.** {item['paragraphs'][0]}" for item in data["items"] if item["paragraphs"]]
    parts += _section(TALKED, talked)
    to_do = [f"{row['text']} By {row['due']}." for item in data["items"] for row in item["actions"]]
    parts += _section(NEXT, to_do)
    if data["next"]:
        parts.append(f"The Board meets again on {data['next']}.")
    return f"What the Board did in {month}", "\n\n".join(parts)


def published():
    """The summaries that anyone may read, the last meeting's first."""
    return FamilySummary.objects.public().select_related("meeting")


def sections(text: str) -> list[tuple[str, str]]:
    """The text as pairs of heading and body; the first heading is empty. A line that begins with "## " is a heading."""
    pieces = re.split(r"^## +(.+?) *$", text.replace("\r\n", "\n"), flags=re.MULTILINE)
    found = [("", pieces[0]), *zip(pieces[1::2], pieces[2::2], strict=True)]
    return [(heading, body.strip()) for heading, body in found if heading or body.strip()]


def _section(heading: str, lines: list[str]) -> list[str]:
    return [f"## {heading}", "\n".join(f"- {' '.join(line.split())}" for line in lines)] if lines else []


def _plain(words: str) -> str:
    return words.replace("*", "").rstrip(".")
