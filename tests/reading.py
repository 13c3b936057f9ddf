"""How a test reads a page: its words without the markup, the cells of its tables, and how many queries it took."""

import html
import re

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def words(answer) -> str:
    """The text of a page, or of a piece of one, with single spaces."""
    text = answer if isinstance(answer, str) else answer.content.decode()
    text = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def between(answer, start: str, end: str) -> str:
    """The words of a page from one phrase to the next."""
    text = words(answer)
    begin = text.index(start)
    return text[begin : text.index(end, begin + len(start))]


def rows(answer, table: int = 0) -> list[list[str]]:
    """The cells of a table's body, row by row, as text; of the first table unless told otherwise."""
    found = re.findall(r"<table\b.*?</table>", answer.content.decode(), flags=re.DOTALL)
    body = found[table].split("<tbody", 1)[1] if len(found) > table else ""
    return [
        [words(cell) for cell in re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", row, flags=re.DOTALL)]
        for row in re.findall(r"<tr\b.*?</tr>", body, flags=re.DOTALL)
    ]


def queries_of(client: Client, page: str) -> int:
    """How many queries a page takes."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(page).status_code == 200
    return len(queries)
