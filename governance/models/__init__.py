"""How it is overseen: terms of reference, seats, dispute ladders, redress rules."""

from governance.models.ladders import Ladder, RedressRule, Rung
from governance.models.terms import Clause, Membership, ReportsTo, Seat, StandingItem, Terms, TermsParty

__all__ = [
    "Clause",
    "Ladder",
    "Membership",
    "RedressRule",
    "ReportsTo",
    "Rung",
    "Seat",
    "StandingItem",
    "Terms",
    "TermsParty",
]
