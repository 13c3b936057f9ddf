"""How it is overseen: terms of reference, disputes, meetings, agendas, papers and packs; one file for each."""

from governance.models.agenda import AgendaItem, ForwardItem, Highlight, Invitation, ItemDeliverable, Round
from governance.models.ladders import Ladder, RedressRule, Rung
from governance.models.meetings import CalendarFeed, Caution, ClosedDay, Meeting, MeetingChange, MeetingQuerySet
from governance.models.packs import Circulation, Pack, PackContent
from governance.models.papers import FrontSheet, Paper, PaperVersion, Recommendation, ThemeConsidered
from governance.models.terms import (
    Clause,
    Membership,
    ReportsTo,
    Seat,
    StandingItem,
    Terms,
    TermsParty,
    TermsQuerySet,
    TermsReview,
)

__all__ = [
    "AgendaItem",
    "CalendarFeed",
    "Caution",
    "Circulation",
    "Clause",
    "ClosedDay",
    "ForwardItem",
    "FrontSheet",
    "Highlight",
    "Invitation",
    "ItemDeliverable",
    "Ladder",
    "Meeting",
    "MeetingChange",
    "MeetingQuerySet",
    "Membership",
    "Pack",
    "PackContent",
    "Paper",
    "PaperVersion",
    "Recommendation",
    "RedressRule",
    "ReportsTo",
    "Round",
    "Rung",
    "Seat",
    "StandingItem",
    "Terms",
    "TermsParty",
    "TermsQuerySet",
    "TermsReview",
    "ThemeConsidered",
]
