"""What changed from one version of the terms to another, clause by clause and word by word."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from governance.agendas.due import say_when
from governance.models import Clause, Terms
from governance.terms.words import arrangements, seat_in_words
from workstreams.pages import word_difference

LIKE, ALL = 0.5, 1.0  # two texts that share half their words are one clause, reworded
PARTIES = "Parties"
SAME, CHANGED, NEW, GONE = "same", "changed", "new", "gone"
MARK = {"theirs": "before", "mine": "after", "same": "same"}
HEADINGS = {
    Clause.Kind.PRINCIPLE: "Principles",
    Clause.Kind.RESPONSIBILITY: "Responsibilities",
    Clause.Kind.MEETING: "Meetings, as worded",
    Clause.Kind.REPORTING: "Reporting",
    Clause.Kind.DISPUTE: "Where members cannot agree",
    Clause.Kind.REVIEW: "Review, as worded",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One clause in both versions. `words` are pairs of "before", "after" or "same" and the words."""

    state: str
    name: str
    words: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What differs in one part of the terms, and how many clauses of it say the same."""

    title: str
    differences: tuple[Difference, ...]
    same: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions side by side, the earlier first."""

    parts: tuple[Part, ...]

    @property
    def counts(self) -> dict[str, int]:
        found = [difference.state for part in self.parts for difference in part.differences]
        return {state: found.count(state) for state in (CHANGED, NEW, GONE)}

    @property
    def headline(self) -> str:
        """ "Of 34 points, 9 are changed, 4 are new and 1 is gone."."""
        counts = self.counts
        total = sum(counts.values()) + sum(part.same for part in self.parts)
        words = {CHANGED: "changed", NEW: "new", GONE: "gone"}
        found = [f"{n} {'is' if n == 1 else 'are'} {words[state]}" for state, n in counts.items() if n]
        if not found:
            return "The two versions say the same."
        listed = found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"
        return f"Of {total} points, {listed}."


def compare(before: Terms, after: Terms) -> Comparison:
    """What changed from an earlier version to a later one. Reads the database only."""
    parts = [
        _named("Purpose and membership", _told(before), _told(after)),
        _named("Meetings", dict(arrangements(before)), dict(arrangements(after))),
    ]
    clauses = [_by_kind(before), _by_kind(after)]
    for kind, heading in HEADINGS.items():
        parts.append(_numbered(heading, clauses[0].get(kind, []), clauses[1].get(kind, [])))
    for heading, texts in (
        (
            "Standing items",
            lambda terms: [f"{row.title}: {say_when(row).lower()}" for row in terms.standing_items.all()],
        ),
        ("Seats", lambda terms: [seat_in_words(seat) for seat in terms.seats.all()]),
        (PARTIES, lambda terms: [row.partner.name for row in terms.parties.select_related("partner")]),
        ("Reports to", lambda terms: [f"{row.body}. {row.note}".strip() for row in terms.reports_to.all()]),
    ):
        # A name is not reworded: two partners whose names are alike are still two.
        parts.append(_numbered(heading, texts(before), texts(after), like=ALL if heading == PARTIES else LIKE))
    return Comparison(tuple(part for part in parts if part.differences or part.same))


def _told(terms: Terms) -> dict[str, str]:
    return {"Purpose": terms.purpose, "Membership": terms.membership_note, "About notice": terms.notice_note}


def _by_kind(terms: Terms) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for clause in terms.clauses.order_by("kind", "order"):
        found.setdefault(clause.kind, []).append(clause.text)
    return found


def _named(title: str, before: dict[str, str], after: dict[str, str]) -> Part:
    """A part whose points have names: each is compared with the one of the same name."""
    found, same = [], 0
    for name in after:
        old, new = before.get(name, ""), after[name]
        if old == new:
            same += bool(new)
        else:
            found.append(_difference(name, old, new))
    return Part(title, tuple(found), same)


def _numbered(title: str, before: Sequence[str], after: Sequence[str], *, like: float = LIKE) -> Part:
    """A part whose points are numbered: each is compared with the one that it is most like."""
    pairs = paired(before, after, like=like)
    by_new = {new: old for old, new in pairs}
    found, same = [], 0
    for place, text in enumerate(after):
        old = by_new.get(place)
        if old is None:
            found.append(_difference(str(place + 1), "", text))
        elif before[old] == text:
            same += 1
        else:
            number = str(place + 1) if old == place else f"{place + 1}, was {old + 1}"
            found.append(_difference(number, before[old], text))
    kept = {old for old, _ in pairs}
    found += [_difference(f"was {place + 1}", text, "") for place, text in enumerate(before) if place not in kept]
    return Part(title, tuple(found), same)


def _difference(name: str, old: str, new: str) -> Difference:
    state = CHANGED if old and new else NEW if new else GONE
    return Difference(state, name, tuple((MARK[kind], words) for kind, words in word_difference(old, new)))


def paired(before: Sequence[str], after: Sequence[str], *, like: float = LIKE) -> list[tuple[int, int]]:
    """Which text became which: first those that are the same, then the most alike of the rest. Places from 0."""
    pairs, old, new = [], set(range(len(before))), set(range(len(after)))
    for place, text in enumerate(after):
        twin = next((each for each in sorted(old) if before[each] == text), None)
        if twin is not None:
            pairs.append((twin, place))
            old.discard(twin)
            new.discard(place)
    likeness = sorted(((_alike(before[a], after[b]), -abs(a - b), a, b) for a in old for b in new), reverse=True)
    for alike, _, a, b in likeness:
        if alike >= like and a in old and b in new:
            pairs.append((a, b))
            old.discard(a)
            new.discard(b)
    return pairs


def _alike(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one.casefold().split(), other.casefold().split(), autojunk=False).ratio()
