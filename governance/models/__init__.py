"""How it is overseen: terms of reference, disputes, meetings and what comes before and after them; one file for each."""

from governance.models.actions import Action, ActionHelper, ActionUpdate
from governance.models.agenda import AgendaItem, ForwardItem, Highlight, Invitation, ItemDeliverable, Round
from governance.models.budgets import Agreement, AgreementParty, AgreementReview, AgreementYear, Contribution
from governance.models.decisions import DateChange, Decision, Stance
from governance.models.disputes import (
    CaseStatement,
    Confirmation,
    Dispute,
    DisputeEvent,
    DisputeParty,
    Extension,
    RedressCase,
    Representation,
)
from governance.models.ladders import Ladder, RedressRule, Rung
from governance.models.meetings import CalendarFeed, Caution, ClosedDay, Meeting, MeetingChange, MeetingQuerySet
from governance.models.minutes import FamilySummary, Minute, MinuteComment, MinuteCorrection, Minutes
from governance.models.packs import Circulation, Pack, PackContent
from governance.models.papers import FrontSheet, Paper, PaperVersion, Recommendation, ThemeConsidered
from governance.models.retention import Appraisal
from governance.models.risks import PanelTheme, Risk, RiskScore
from governance.models.room import Attendance, Interest, InterestsReturn, Movement, RegisteredInterest
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
from governance.models.upward import BodyMeeting, ParentBody, UpwardReport

__all__ = [
    "Action",
    "ActionHelper",
    "ActionUpdate",
    "AgendaItem",
    "Agreement",
    "AgreementParty",
    "AgreementReview",
    "AgreementYear",
    "Appraisal",
    "Attendance",
    "BodyMeeting",
    "CalendarFeed",
    "CaseStatement",
    "Caution",
    "Circulation",
    "Clause",
    "ClosedDay",
    "Confirmation",
    "Contribution",
    "DateChange",
    "Decision",
    "Dispute",
    "DisputeEvent",
    "DisputeParty",
    "Extension",
    "FamilySummary",
    "ForwardItem",
    "FrontSheet",
    "Highlight",
    "Interest",
    "InterestsReturn",
    "Invitation",
    "ItemDeliverable",
    "Ladder",
    "Meeting",
    "MeetingChange",
    "MeetingQuerySet",
    "Membership",
    "Minute",
    "MinuteComment",
    "MinuteCorrection",
    "Minutes",
    "Movement",
    "Pack",
    "PackContent",
    "PanelTheme",
    "Paper",
    "PaperVersion",
    "ParentBody",
    "Recommendation",
    "RedressCase",
    "RedressRule",
    "RegisteredInterest",
    "ReportsTo",
    "Representation",
    "Risk",
    "RiskScore",
    "Round",
    "Rung",
    "Seat",
    "Stance",
    "StandingItem",
    "Terms",
    "TermsParty",
    "TermsQuerySet",
    "TermsReview",
    "ThemeConsidered",
    "UpwardReport",
]
