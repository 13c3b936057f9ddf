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


def may_see_unsent_mail(person) -> bool:
    """Whose e-mail waits is for those who can see to it: the secretariat, and the administrator."""
    return may_use_admin(person)


def leads_workstream(person, workstream, on) -> bool:
    """`workstream.leads` are dated; a lead counts on the days they hold it."""
    return any(lead.person_id == person.pk and lead.holds_on(on) for lead in workstream.leads.all())


def may_log_progress(person, deliverable, on) -> bool:
    """The deliverable's lead or named deputy, its workstream's leads, a commissioner of the partner that owns it, or
    the secretariat for a named person. Board members log on what they lead. What an organisation owned passes to its
    successor."""
    if not signed_in(person) or person.role in WRITES_NOTHING:
        return False
    if person.role == SECRETARIAT:
        return True
    if person.pk in (deliverable.lead_id, deliverable.deputy_id) or leads_workstream(
        person, deliverable.workstream, on
    ):
        return True
    if person.role != COMMISSIONER or not deliverable.partner_id or not person.partner_id:
        return False
    return person.works_for_owner(deliverable.partner_id, on)


def may_enter_figures(person) -> bool:
    """Figures of indicators are entered by commissioners and by the secretariat."""
    return signed_in(person) and person.role in {SECRETARIAT, COMMISSIONER}


def may_record_statements(person) -> bool:
    """What families said, and how they were heard, is recorded by those who hear them: commissioners, the forum, the
    secretariat."""
    return signed_in(person) and person.role in {SECRETARIAT, COMMISSIONER, FORUM}


def may_reply_to_families(person) -> bool:
    """Replies to families are written by those who can keep what they promise."""
    return signed_in(person) and person.role in {SECRETARIAT, COMMISSIONER, BOARD_MEMBER}


def may_moderate(person) -> bool:
    """What families said and the reply to it are read, published and withdrawn by the secretariat."""
    return is_secretariat(person)


def may_confirm_complete(person, deliverable, proposed_by, on) -> bool:
    """Completion proposed by one lead is confirmed by another, or recorded by the secretariat for the Board."""
    return may_confirm_any(person, deliverable, on) and person.pk != proposed_by.pk


def may_confirm_any(person, deliverable, on) -> bool:
    """Could confirm a completion on this deliverable, had another proposed it."""
    return is_secretariat(person) or (
        signed_in(person) and person.role not in WRITES_NOTHING and leads_workstream(person, deliverable.workstream, on)
    )


def sees_restricted_items(person) -> bool:
    """Restricted items are for the Board's members and its secretariat; others see one only by invitation to it."""
    return signed_in(person) and person.role in {BOARD_MEMBER, SECRETARIAT}


def may_prepare_meetings(person) -> bool:
    """Meetings, agendas, rounds and packs are the secretariat's to prepare."""
    return is_secretariat(person)


def may_keep_terms(person) -> bool:
    """New versions of the terms of reference, and their reviews, are recorded by the secretariat."""
    return is_secretariat(person)


def may_write_highlight(person, workstream, on) -> bool:
    """What is said of a workstream before a meeting comes from its leads, or from the secretariat for them."""
    return is_secretariat(person) or (
        signed_in(person) and person.role not in WRITES_NOTHING and leads_workstream(person, workstream, on)
    )


def may_keep_risks(person, workstream, on) -> bool:
    """The risks of a workstream are kept by its leads, or by the secretariat for them."""
    return may_write_highlight(person, workstream, on)


def may_propose_budgets(person, leads) -> bool:
    """Agreements on budgets are put on the register by the secretariat, by commissioners, and by whoever leads a workstream:
    `leads` says whether the person does."""
    return is_secretariat(person) or (
        signed_in(person) and person.role not in WRITES_NOTHING and (person.role == COMMISSIONER or leads)
    )


def may_keep_budgets(person, agreement, on) -> bool:
    """An agreement is kept by the leads of its workstream, by commissioners of a partner in it, or by the secretariat for
    them. What an organisation agreed to passes to its successor."""
    if is_secretariat(person):
        return True
    if not signed_in(person) or person.role in WRITES_NOTHING:
        return False
    if agreement.workstream_id and leads_workstream(person, agreement.workstream, on):
        return True
    return person.role == COMMISSIONER and any(
        person.works_for_owner(party.partner_id, on) for party in agreement.parties.all()
    )


def may_keep_panel_themes(person) -> bool:
    """Themes of the placement panel are recorded by those who sit on it or take part in the Board."""
    return signed_in(person) and person.role in {SECRETARIAT, BOARD_MEMBER, COMMISSIONER}


def may_propose_items(person) -> bool:
    """Ideas for the forward plan come from those who take part in the Board, and from the parent-carer forum."""
    return signed_in(person) and person.role in {SECRETARIAT, BOARD_MEMBER, COMMISSIONER, FORUM}


def may_be_invited(person) -> bool:
    """Whoever is invited to an item, or presents it, sees it though it be restricted: never an administrator."""
    return person.is_active and person.role != ADMINISTRATOR


def may_hand_in(person, paper) -> bool:
    """The secretariat hands in any paper; its author hands in their own."""
    return is_secretariat(person) or (
        signed_in(person) and person.role not in WRITES_NOTHING and paper.author_id == person.pk
    )


def may_write_front_sheet(person, item) -> bool:
    """The secretariat, and whoever presents the item or is the author of its front sheet or of one of its papers."""
    if is_secretariat(person):
        return True
    return signed_in(person) and person.role not in WRITES_NOTHING and person.pk in _writers(item)


def may_read_drafts(person, item) -> bool:
    """What is written for an item is read before publication by those who write it and by the Board's members, whose
    co-chairs clear it. Everyone else reads it in the pack."""
    return is_secretariat(person) or (
        signed_in(person) and (person.role == BOARD_MEMBER or person.pk in _writers(item))
    )


def _writers(item) -> set:
    sheet = getattr(item, "front_sheet", None)
    return {item.presenter_id, sheet and sheet.author_id, *(paper.author_id for paper in item.papers.all())}


def may_propose_done(person, action) -> bool:
    """That an action is done is proposed by its owner, or by the secretariat on the owner's word."""
    return is_secretariat(person) or (
        signed_in(person) and person.role not in WRITES_NOTHING and action.owner_id == person.pk
    )


def may_update_action(person, action) -> bool:
    """How an action stands is said by its owner and those who help with it, or by the secretariat for them."""
    if may_propose_done(person, action):
        return True
    return signed_in(person) and person.role not in WRITES_NOTHING and action.helpers.filter(person=person).exists()


def may_check_minutes(person, meeting) -> bool:
    """The minutes of a meeting are checked by whoever chaired it; where the chair has left, by another member."""
    if not signed_in(person):
        return False
    if meeting.chair is not None and meeting.chair.is_active:
        return person.pk == meeting.chair_id
    return person.role == BOARD_MEMBER


def may_comment_on_minutes(person) -> bool:
    """Minutes that are out for comment are commented on by those who take part in the Board, and by the forum."""
    return may_propose_items(person)


def may_approve_summary(person) -> bool:
    """What is published for families is approved by a member of the Board, not by who wrote it."""
    return signed_in(person) and person.role == BOARD_MEMBER


def may_declare_interest(person, whose) -> bool:
    """Whoever takes part in a meeting declares their own interests; the secretariat records anybody's."""
    return is_secretariat(person) or (
        signed_in(person) and person.role not in {ADMINISTRATOR, OBSERVER} and person.pk == whose.pk
    )


def may_raise_disputes(person) -> bool:
    """Disputes are raised by the Board's members, or recorded by the secretariat on a party's word."""
    return signed_in(person) and person.role in {BOARD_MEMBER, SECRETARIAT}


def may_keep_redress(person) -> bool:
    """The register of redress for families is kept by the secretariat, and read by the Board's members beside it."""
    return is_secretariat(person)


def may_appraise(person) -> bool:
    """What becomes of records past their period is recorded by the secretariat, which keeps them."""
    return is_secretariat(person)


def may_stand_in_disputes(person) -> bool:
    """Whoever is named for a party reads its sealed papers: never the secretariat, an administrator or an onlooker."""
    return person.is_active and person.role in {BOARD_MEMBER, COMMISSIONER}


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


class OwnRecords(AuditedQuerySet):
    """Editable rows that only the person they are for may read."""

    def visible_to(self, person) -> models.QuerySet:
        return self.filter(person=person) if signed_in(person) else self.none()
