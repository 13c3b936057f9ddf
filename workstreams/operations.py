"""What people do to the programme: log progress, say that nothing changed, correct, confirm.

Each writes one append-only row. The number of the last update the person saw is the token: a unique (deliverable,
number) makes the second of two savers wait for a decision instead of landing unseen (ADR 3).
"""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from jcb import access, background, dates
from jcb.history import refuse
from jcb.models import BoardSettings, Person, StoredFile
from workstreams.documents_due import documents_due
from workstreams.models import FINISHED, NEEDS_WORDS, Deliverable, ProgressUpdate, Status

WORDS_LIMIT = 5_000


class ProgressConflict(Exception):
    """Others logged on the deliverable since the form was opened. Nothing was written.

    `theirs` are the updates the person has not seen, newest first.
    """

    def __init__(self, theirs: list[ProgressUpdate]):
        super().__init__("Somebody else logged progress since you opened this page.")
        self.theirs = theirs


def log_progress(
    *,
    deliverable: Deliverable,
    by: Person,
    seen: int,
    status: str,
    narrative: str = "",
    forecast_on: dt.date | None = None,
    evidence_link: str = "",
    evidence: StoredFile | None = None,
    evidence_name: str = "",
    no_evidence_because: str = "",
    on_behalf_of: Person | None = None,
    corrects: ProgressUpdate | None = None,
    no_change_since: ProgressUpdate | None = None,
    confirms: ProgressUpdate | None = None,
) -> ProgressUpdate:
    """Log progress on a deliverable and return the new update.

    `seen` is the number of the last update the person had before them (0 for none). Effects: one append-only row; the
    plan's documents are made again in the background. Raises PermissionDenied, ValidationError (a sentence per field),
    or ProgressConflict; nothing is written then. Rules: DOMAIN, "Status" and "Who may log progress".
    """
    now = dates.now()
    today = dates.london_day(now)
    access.require(
        access.may_confirm_complete(by, deliverable, confirms.by, today)
        if confirms
        else access.may_log_progress(by, deliverable, today),
        "You can read this deliverable, but only its lead, deputy, workstream leads, owning partner or the secretariat can log progress on it.",
    )
    _check_speaker(deliverable, by, on_behalf_of, today, for_board=confirms is not None)
    _check_status(deliverable, Status(status), narrative, forecast_on, today, by)
    if corrects is not None and corrects.deliverable_id != deliverable.pk:
        refuse("The update to correct belongs to another deliverable. Open its own page.")
    update = ProgressUpdate(
        deliverable=deliverable,
        number=seen + 1,
        status=status,
        narrative=narrative,
        forecast_on=forecast_on,
        evidence_link=evidence_link,
        evidence=evidence,
        evidence_name=evidence_name,
        no_evidence_because=no_evidence_because,
        on_behalf_of=on_behalf_of,
        corrects=corrects,
        no_change_since=no_change_since,
        confirms=confirms,
        by=by,
        at=now,
    )
    update.full_clean(validate_unique=False, validate_constraints=False)
    _check_constraints(update)
    try:
        with transaction.atomic():
            last = deliverable.updates.order_by("-number").first()
            if (last.number if last else 0) != seen:
                raise ProgressConflict(list(deliverable.updates.filter(number__gt=seen).select_related("by")))
            update.save(force_insert=True)
            background.after_commit(documents_due, plan_slug=deliverable.workstream.plan.slug)
    except IntegrityError as collision:
        theirs = list(deliverable.updates.filter(number__gt=seen).select_related("by"))
        if not theirs:
            raise
        raise ProgressConflict(theirs) from collision
    return update


def say_no_change(
    *, deliverable: Deliverable, by: Person, seen: int, on_behalf_of: Person | None = None
) -> ProgressUpdate:
    """Log that nothing changed: the last words stand and keep their date. After two rounds new ones are asked for.

    Effects and errors as `log_progress`.
    """
    last = deliverable.updates.filter(number=seen).select_related("no_change_since").first()
    if last is None:
        refuse("There are no words to repeat yet. Choose a status and write the first update.")
    limit = BoardSettings.current().no_change_limit
    repeated = 0
    for update in deliverable.updates.filter(number__lte=seen).order_by("-number")[:limit]:
        if update.no_change_since_id is None:
            break
        repeated += 1
    if repeated >= limit:
        times = {1: "once", 2: "twice"}.get(repeated, f"{repeated} times")
        refuse(f"“No change” was used {times} in a row. Say in a few words where it stands now.", "narrative")
    return log_progress(
        deliverable=deliverable,
        by=by,
        seen=seen,
        status=last.status,
        narrative=last.narrative,
        forecast_on=last.forecast_on,
        evidence_link=last.evidence_link,
        evidence=last.evidence,
        evidence_name=last.evidence_name,
        no_evidence_because=last.no_evidence_because,
        on_behalf_of=on_behalf_of,
        no_change_since=last.no_change_since or last,
    )


def confirm_complete(*, deliverable: Deliverable, by: Person, seen: int, narrative: str = "") -> ProgressUpdate:
    """Confirm the completion that another proposed: the other lead, or the secretariat for the Board.

    Effects and errors as `log_progress`.
    """
    proposed = deliverable.updates.filter(number=seen).select_related("by").first()
    if proposed is None or not proposed.awaits_confirmation:
        refuse("There is no completion to confirm. Open the page again to see where it stands.")
    return log_progress(
        deliverable=deliverable,
        by=by,
        seen=seen,
        status=Status.COMPLETE,
        narrative=narrative,
        forecast_on=proposed.forecast_on,
        evidence_link=proposed.evidence_link,
        evidence=proposed.evidence,
        evidence_name=proposed.evidence_name,
        no_evidence_because=proposed.no_evidence_because,
        confirms=proposed,
    )


def _check_speaker(deliverable, by, on_behalf_of, today, *, for_board: bool) -> None:
    if access.is_secretariat(by):
        if on_behalf_of is None and not for_board:
            refuse("Choose the person on whose behalf you are writing. Both names are kept.", "on_behalf_of")
        if on_behalf_of and not access.may_log_progress(on_behalf_of, deliverable, today):
            refuse(
                "That person may not log progress on this deliverable. Choose its lead or a workstream lead.",
                "on_behalf_of",
            )
    elif on_behalf_of is not None:
        refuse("Only the secretariat writes on behalf of another person. Leave this empty.", "on_behalf_of")


def _check_status(deliverable, status, narrative, forecast_on, today, by) -> None:
    if status in NEEDS_WORDS and not narrative.strip():
        refuse(f"Say why it is {status.label.lower()}.", "narrative")
    if len(narrative) > WORDS_LIMIT:
        refuse(
            f"Keep it under {WORDS_LIMIT:,} characters; this has {len(narrative):,}. Put the rest in a document and link to it.",
            "narrative",
        )
    if today > deliverable.agreed_on and status not in FINISHED | {Status.OFF_TRACK}:
        refuse(
            f"Its agreed date, {dates.say_day(deliverable.agreed_on)}, has passed. Choose “Off track” and say why, or “Complete”.",
            "status",
        )
    if status is Status.CLOSED and not access.is_secretariat(by):
        refuse(
            "Only a Board decision closes a deliverable; the secretariat records it. Choose another status.", "status"
        )
    if status is Status.CLOSED and not narrative.strip():
        refuse("Name the decision that closed it, and its date.", "narrative")
    if forecast_on and status not in FINISHED:
        if forecast_on < today:
            refuse("The forecast has passed. Give the date you now expect it to be done.", "forecast_on")
        if forecast_on > dates.add_months(today, 120):
            refuse("The forecast is more than ten years away. Check the year.", "forecast_on")


def _check_constraints(update: ProgressUpdate) -> None:
    """The database's own rules, as sentences on the field they are about."""
    if update.status == Status.COMPLETE and not (
        update.evidence_link or update.evidence or update.no_evidence_because.strip()
    ):
        raise ValidationError({"evidence_link": "Give a link or a file as evidence, or say why there is none."})
