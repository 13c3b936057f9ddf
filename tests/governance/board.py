"""A meeting with everything a pack can hold, for the tests of packs: open and restricted items, papers of every kind."""

from dataclasses import dataclass, field

from django.test import TestCase

from governance.agendas import operations as agendas
from governance.models import AgendaItem, Invitation, Meeting, Pack, Paper
from governance.packs import publish
from governance.papers import operations
from jcb import files
from jcb.models import Person
from tests.make import (
    make_agenda_item,
    make_front_sheet,
    make_meeting,
    make_paper,
    make_standing_item,
    make_terms,
)
from tests.papers import scan, tagged, upload

SITE = "https://board.example"
CANARY = "zebrafinch"  # stands in every text of a restricted item


@dataclass
class Board:
    """A meeting and its items by short names."""

    meeting: Meeting
    secretariat: Person
    items: dict[str, AgendaItem] = field(default_factory=dict)

    def add(self, name: str, **given) -> AgendaItem:
        self.items[name] = make_agenda_item(meeting=self.meeting, order=len(self.items) + 1, **given)
        return self.items[name]

    def late(self, name: str, *, after: str, **given) -> AgendaItem:
        """An item that comes after publication: 4A."""
        item = AgendaItem(**{"minutes": 5, **given})
        self.items[name] = agendas.add_item(
            meeting=self.meeting, by=self.secretariat, item=item, after=self.items[after]
        )
        return self.items[name]

    def hand_in(self, paper: Paper, content: bytes, name: str = "paper.pdf") -> None:
        seen = paper.latest.number if paper.latest else 0
        operations.hand_in(paper=paper, by=self.secretariat, seen=seen, upload=upload(content, name))


def make_board(secretariat: Person, *, lead: Person | None = None, with_papers: bool = True) -> Board:
    """Seven items: apologies, minutes, forward plan, the contract (decided, with a tagged paper), the placement (restricted,
    a scan; the lead is invited), the review (two papers, one to follow), any other business."""
    terms = make_terms()
    standing = {
        title: make_standing_item(terms=terms, order=order, title=title)
        for order, title in enumerate(
            (
                "Apologies and interests",
                "Minutes and actions of the last meeting",
                "Forward plan",
                "Any other business",
            ),
            start=1,
        )
    }
    board = Board(make_meeting(terms=terms), secretariat)
    for name, title in (
        ("apologies", "Apologies and interests"),
        ("minutes", "Minutes and actions of the last meeting"),
        ("forward", "Forward plan"),
    ):
        board.add(name, title=title, standing=standing[title], minutes=5)
    board.add(
        "contract", title="Health visiting contract", purpose="decide", minutes=20, note="The contract ends in March."
    )
    board.add(
        "placement",
        title=f"Placement {CANARY}",
        purpose="decide",
        minutes=15,
        note=f"Note {CANARY}",
        restricted=True,
        presenter=lead,
    )
    board.add("review", title="Review of short breaks", minutes=20)
    board.add("other", title="Any other business", standing=standing["Any other business"], minutes=5)
    make_front_sheet(
        item=board.items["contract"],
        summary="The contract for health visiting ends. Officers propose to extend it by two years.",
        recommendations=("agree to extend the contract until March 2022", "ask for a review after one year"),
        money="1.2 million pounds a year, as now.",
        risk="No other provider could start in time.",
        director="Director of Public Health",
        cleared_by=secretariat,
        cleared_at=board.meeting.clearing_due_at,
    )
    make_front_sheet(
        item=board.items["placement"],
        summary=f"Summary {CANARY}",
        recommendations=(f"agree {CANARY}",),
        money=f"Money {CANARY}",
        risk=f"Risk {CANARY}",
    )
    if lead is not None:
        Invitation.objects.create(item=board.items["placement"], person=lead)
    contract = make_paper(item=board.items["contract"], title="The contract in full")
    placement = make_paper(item=board.items["placement"], title=f"Paper {CANARY}")
    make_paper(item=board.items["review"], title="What families said", state=Paper.State.TO_FOLLOW)
    figures = make_paper(item=board.items["review"], title="Figures of short breaks")
    if with_papers:
        board.hand_in(contract, tagged())
        body = f"<h1>Paper {CANARY}</h1><p>{CANARY}</p>"
        board.hand_in(placement, tagged(body, title=f"Title {CANARY}"), f"{CANARY}.pdf")
        board.hand_in(figures, scan(pages=2))
    return board


def published(board: Board, *, number: int = 1, kind: str = Pack.Kind.PACK, words: str = "") -> list[Pack]:
    """Publish and send, as the secretariat does."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        return publish.publish(
            meeting=board.meeting, by=board.secretariat, kind=kind, number=number, words=words, site=SITE
        )


def bytes_of(pack: Pack) -> bytes:
    return files.path_of(pack.document.file).read_bytes()
