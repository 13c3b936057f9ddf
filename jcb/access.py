"""Who may see and do what: the one place where it is decided.

Predicates take a person and the record they are about, whatever room it comes from, and answer yes or no. Each model's
QuerySet has a `visible_to(person)` written with them. Cannot see: 404, the same as missing. Sees but may not: 403.
"""

from django.core.exceptions import PermissionDenied
from django.db import models

from jcb.history import AuditedQuerySet, LogQuerySet

SECRETARIAT, ADMINISTRATOR, BOARD_MEMBER, COMMISSIONER = "secretariat", "administrator", "board member", "commissioner"
INVITED_LEAD, FORUM, OBSERVER = "invited lead", "forum representative", "observer"
WRITES_NOTHING = {INVITED_LEAD, FORUM, OBSERVER, ADMINISTRATOR}


def signed_in(person) -> bool:
    """A known person who has not been deactivated."""
    return bool(person and person.is_authenticated and person.is_active)


def is_secretariat(person) -> bool:
    return signed_in(person) and person.role == SECRETARIAT


def may_use_admin(person) -> bool:
    """The reference records' screens are for the administrator and the secretariat."""
    return signed_in(person) and person.role in {ADMINISTRATOR, SECRETARIAT}


def may_edit_people(person) -> bool:
    """People, their roles and the settings are the administrator's alone."""
    return signed_in(person) and person.role == ADMINISTRATOR


def leads_workstream(person, workstream, on) -> bool:
    """`workstream.leads` are dated; a lead counts on the days they hold it."""
    return any(lead.person_id == person.pk and lead.holds_on(on) for lead in workstream.leads.all())


def may_log_progress(person, deliverable, on) -> bool:
    """The deliverable's lead or named deputy, its workstream's leads, a commissioner of the partner that owns it, or
    the secretariat for a named person. Board members log on what they lead."""
    if not signed_in(person) or person.role in WRITES_NOTHING:
        return False
    if person.role == SECRETARIAT:
        return True
    if person.pk in (deliverable.lead_id, deliverable.deputy_id) or leads_workstream(
        person, deliverable.workstream, on
    ):
        return True
    return bool(person.role == COMMISSIONER and deliverable.partner_id and deliverable.partner_id == person.partner_id)


def may_confirm_complete(person, deliverable, proposed_by, on) -> bool:
    """Completion proposed by one lead is confirmed by another, or recorded by the secretariat for the Board."""
    return may_confirm_any(person, deliverable, on) and person.pk != proposed_by.pk


def may_confirm_any(person, deliverable, on) -> bool:
    """Could confirm a completion on this deliverable, had another proposed it."""
    return is_secretariat(person) or (
        signed_in(person) and person.role not in WRITES_NOTHING and leads_workstream(person, deliverable.workstream, on)
    )


def require(allowed: bool, sentence: str) -> None:
    """Refuse with 403 and a sentence when a predicate said no."""
    if not allowed:
        raise PermissionDenied(sentence)


class OpenToMembers(AuditedQuerySet):
    """Records that everyone who is signed in may read."""

    def visible_to(self, person) -> models.QuerySet:
        return self.all() if signed_in(person) else self.none()


class OpenLog(LogQuerySet):
    """Append-only rows that everyone who is signed in may read."""

    def visible_to(self, person) -> models.QuerySet:
        return self.all() if signed_in(person) else self.none()


class OwnOnly(models.QuerySet):
    """Rows that only the person they are for may read."""

    def visible_to(self, person) -> models.QuerySet:
        return self.filter(person=person) if signed_in(person) else self.none()
