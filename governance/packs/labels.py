"""How the pages of a pack are called: by item and page within the item ("7.3"), the same in every audience's version."""

from collections import Counter
from collections.abc import Sequence


def item_and_page(items: Sequence[str]) -> list[str]:
    """The label of each page, from the item that each page belongs to ("7", "7A"; empty for the cover and the like).

    Pages of an item are counted through: its divider and front sheet are 7.1, its paper goes on with 7.2.
    """
    counted: Counter[str] = Counter()
    labels = []
    for item in items:
        counted[item] += 1
        labels.append(f"{item}.{counted[item]}" if item else "")
    return labels


def with_papers(items: Sequence[str], papers: Sequence[tuple[int, str, int]]) -> list[str]:
    """The item of each page once papers are put in: each is (page of the base it stands after, item, pages)."""
    after: dict[int, list[str]] = {}
    for page, item, pages in papers:
        after.setdefault(page, []).extend([item] * pages)
    joined = []
    for number, item in enumerate(items, start=1):
        joined += [item, *after.get(number, [])]
    return joined
