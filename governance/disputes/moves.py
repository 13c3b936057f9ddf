"""What may happen in a dispute, from where, by whom and to what effect: the state machine as one table.

The operations ask it, the database's guards are made from it, and `docs/ladder.md` prints it.
"""

# ruff: noqa: S608 -- the guards are SQL made of our own tables and kinds

from collections.abc import Iterable
from dataclasses import dataclass

from governance.disputes.clocks import COURT, MEDIATION
from governance.models import Dispute, DisputeEvent, Rung
from jcb.guards import Guard
from jcb.history import refuse

Kind = DisputeEvent.Kind
ANYWHERE: tuple[str, ...] = ()
FROM_MEDIATION = (MEDIATION, COURT)
PARTY = "Somebody who stands for a party, or the secretariat"
ANY_PARTY = "Somebody who stands for a party"
AFTER_MEDIATION = "This belongs to mediation. Record the joint referral to it first."


@dataclass(frozen=True, slots=True)
class Move:
    """One kind of event: at which rungs (their keys; none means at any), who may, when, and what follows.

    `noted` moves are recorded as something that happened; `ends` names the state that a move leaves the dispute in.
    """

    kind: Kind
    who: str
    when: str
    follows: str
    at: tuple[str, ...] = ANYWHERE
    noted: bool = False
    ends: str = ""


MOVES = (
    Move(
        Kind.RAISED, "A Board member for their own side, or the secretariat", "At any time", "Open, on the lowest rung"
    ),
    Move(
        Kind.REFERRAL,
        PARTY,
        "Once, when the period of the rung below has run out; to court, when proceedings are open",
        "One rung up, and its clock runs",
    ),
    Move(
        Kind.EXTENSION,
        "Every party, each through a different person",
        "Until the next rung is opened; after the period it is marked late",
        "The period lasts until the agreed day",
    ),
    Move(Kind.PROCEDURE, PARTY, "At any time", "Noted", FROM_MEDIATION, noted=True),
    Move(
        Kind.STATEMENT_PERIOD,
        PARTY,
        "If the mediator agrees another period",
        "Statements are due that many days before mediation",
        FROM_MEDIATION,
        noted=True,
    ),
    Move(Kind.STARTS, PARTY, "Once; the day may lie ahead", "Statements have their day", FROM_MEDIATION, noted=True),
    Move(
        Kind.CONCLUDED,
        PARTY,
        "Once, on or after the start; not beside a failure",
        "The report has its day",
        FROM_MEDIATION,
        noted=True,
    ),
    Move(
        Kind.FAILED,
        PARTY,
        "Once, after the referral; not beside a conclusion",
        "Proceedings have the day from which they are open",
        FROM_MEDIATION,
        noted=True,
    ),
    Move(Kind.REPORT, PARTY, "At any time; after its day it is marked late", "Noted", FROM_MEDIATION, noted=True),
    Move(Kind.FEE, PARTY, "At any time", "Each party’s share is noted, to the penny", FROM_MEDIATION),
    Move(
        Kind.EXCHANGE,
        ANY_PARTY,
        "Once for each party, after it filed a statement",
        "With the last party’s word all statements are released",
    ),
    Move(
        Kind.PROCEEDINGS,
        PARTY,
        "At any time; before they are open it is marked early",
        "Noted; the dispute stays where it is",
        noted=True,
    ),
    Move(Kind.RELIEF, PARTY, "At any time", "Noted; nothing is barred", noted=True),
    Move(
        Kind.RESOLVED,
        PARTY,
        "At any rung, with who agreed for each party",
        "Resolved; an item for the next meeting",
        ends=Dispute.State.RESOLVED,
    ),
    Move(
        Kind.SUCCESSION,
        PARTY,
        "From the day on which all parties are one body",
        "Ended by succession; nothing is unsealed",
        ends=Dispute.State.SUCCESSION,
    ),
    Move(
        Kind.WITHDRAWN,
        "Who stands for the party that raised it, or the secretariat",
        "At any rung, with the reason",
        "Withdrawn",
        ends=Dispute.State.WITHDRAWN,
    ),
)
NOTED = tuple(move.kind for move in MOVES if move.noted)
ENDS = {move.kind: move.ends for move in MOVES if move.ends}
_by_kind = {move.kind: move for move in MOVES}


def check_place(kind: str, rung: Rung) -> None:
    """Refuse an event that belongs to another rung. Raises ValidationError with a sentence."""
    at = _by_kind[Kind(kind)].at
    if at and rung.key not in at:
        refuse(AFTER_MEDIATION, "kind")


# As the database holds it ---------------------------------------------------------------------------------------------


def guards() -> Iterable[Guard]:
    """The same table as the database's own refusals: a dispute climbs rung by rung on its own ladder and ends once."""
    dispute, event, rung = (model._meta.db_table for model in (Dispute, DisputeEvent, Rung))
    yield Guard(
        dispute,
        "ends_once",
        "UPDATE",
        f"OLD.state <> '{Dispute.State.OPEN}' AND (NEW.state <> OLD.state OR NEW.rung_id <> OLD.rung_id)",
        "A dispute that has ended stays as it ended.",
    )
    yield Guard(
        dispute,
        "keeps_its_ladder",
        "UPDATE",
        "NEW.ladder_id <> OLD.ladder_id OR NEW.raised_on <> OLD.raised_on",
        "A dispute keeps its ladder and the day on which it was raised.",
    )
    yield Guard(
        dispute,
        "climbs",
        "UPDATE",
        f"NEW.rung_id <> OLD.rung_id AND NOT EXISTS (SELECT 1 FROM {rung} new_rung JOIN {rung} old_rung "
        'ON new_rung.ladder_id = old_rung.ladder_id AND new_rung."order" = old_rung."order" + 1 '
        "WHERE new_rung.id = NEW.rung_id AND old_rung.id = OLD.rung_id)",
        "A dispute climbs its ladder one rung at a time.",
    )
    ends = _listed(ENDS)
    yield Guard(
        event,
        "nothing_after_the_end",
        "INSERT",
        f"EXISTS (SELECT 1 FROM {event} was WHERE was.dispute_id = NEW.dispute_id AND was.kind IN ({ends}))",
        "This dispute has ended, so nothing more is recorded in it.",
    )
    yield Guard(
        event,
        "ends_as_the_dispute_did",
        "INSERT",
        f"NEW.kind IN ({ends}) AND NEW.kind <> (SELECT state FROM {dispute} d WHERE d.id = NEW.dispute_id)",
        "An event that ends a dispute says how it ended.",
    )
    yield Guard(
        event,
        "on_its_ladder",
        "INSERT",
        f"(SELECT ladder_id FROM {rung} r WHERE r.id = NEW.rung_id) "
        f"<> (SELECT ladder_id FROM {dispute} d WHERE d.id = NEW.dispute_id)",
        "What happens in a dispute happens on its own ladder.",
    )
    for number, places in enumerate(sorted({move.at for move in MOVES if move.at})):
        kinds = _listed(move.kind for move in MOVES if move.at == places)
        yield Guard(
            event,
            f"in_its_place_{number}",
            "INSERT",
            f"NEW.kind IN ({kinds}) AND (SELECT key FROM {rung} r WHERE r.id = NEW.rung_id) NOT IN ({_listed(places)})",
            AFTER_MEDIATION,
        )


def _listed(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


# As a page ------------------------------------------------------------------------------------------------------------


def as_markdown() -> list[str]:
    """The table for `docs/ladder.md`, line by line."""
    rows = ["| What | At | Who | When | What follows |", "| --- | --- | --- | --- | --- |"]
    for move in MOVES:
        at = " or ".join(move.at) or "any rung"
        rows.append(f"| {move.kind.label} | {at} | {move.who} | {move.when} | {move.follows} |")
    return rows
