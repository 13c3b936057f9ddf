"""What people do to the programme: log progress, say that nothing changed, correct, confirm.

Each writes one append-only row. The number of the last update the person saw is the token: a unique (deliverable,
number) makes the second of two savers wait for a decision instead of landing unseen (ADR 3).
"""

import datetime as dt

from django.db import IntegrityError, transaction

from jcb import access, background, dates, files
from jcb.documents_due import documents_due
from jcb.history import refuse
from jcb.models import BoardSettings, Person, StoredFile
from workstreams.models import FINISHED, NEEDS_WORDS, Deliverable, ProgressUpdate, Status

WORDS_LIMIT = 5_000
MAY_NOT_LOG = "You can read this deliverable, but only its lead, deputy, workstream leads, owning partner or the secretariat can log progress on it."
MAY_NOT_CONFIRM = "Another lead than the one who proposed it, or the secretariat for the Board, confirms a completion."
OUT_OF_STEP = "This page is out of step with the log. Open it again; what you typed is kept in this browser."


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
    evidence_upload: tuple[bytes, str] | None = None,
    no_evidence_because: str = "",
    on_behalf_of: Person | None = None,
    corrects: ProgressUpdate | None = None,
    no_change_since: ProgressUpdate | None = None,
    confirms: ProgressUpdate | None = None,
) -> ProgressUpdate:
    """Log progress on a deliverable and return the new update.

    `seen` is the number of the last update the person had before them (0 for none); `evidence_upload` is a file that
    was taken in, as bytes and extension. Effects: one append-only row, and the file kept; the plan's documents are made
    again in the background. Raises PermissionDenied, ValidationError (a sentence per field), or ProgressConflict;
    nothing is written then. Rules: DOMAIN, "Status" and "Who may log progress".
    """
    now = dates.now()
    today = dates.london_day(now)
    if confirms:
        access.require(access.may_confirm_complete(by, deliverable, confirms.said_by, today), MAY_NOT_CONFIRM)
    else:
        access.require(access.may_log_progress(by, deliverable, today), MAY_NOT_LOG)
    for_board = confirms is not None or status == Status.CLOSED
    _check_speaker(deliverable, by, on_behalf_of, today, for_board=for_board)
    _check_words(narrative)
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
    _check_evidence(update, evidence_upload)
    try:
        with transaction.atomic():
            _check_seen(deliverable, by, seen)
            if evidence_upload:
                content, extension = evidence_upload
                update.evidence = files.keep(content, extension=extension, by=by)
            update.save(force_insert=True)
            background.after_commit(documents_due, plan_slug=deliverable.workstream.plan.slug)
    except IntegrityError as collision:
        theirs = _unseen(deliverable, seen)
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
    access.require(access.may_log_progress(by, deliverable, dates.today()), MAY_NOT_LOG)
    last = deliverable.updates.filter(number=seen).select_related("no_change_since").first()
    if last is None:
        refuse("There are no words to repeat yet. Choose a status and write the first update.")
    if last.status in FINISHED:
        refuse("It is finished, and nothing more has to be said. If that is wrong, log where it stands now.")
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
    access.require(access.may_confirm_any(by, deliverable, dates.today()), MAY_NOT_CONFIRM)
    proposed = deliverable.updates.filter(number=seen).select_related("by", "on_behalf_of").first()
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


def _unseen(deliverable: Deliverable, seen: int) -> list[ProgressUpdate]:
    """The updates after the one a person saw, newest first."""
    return list(deliverable.updates.filter(number__gt=seen).order_by("-number").select_related("by", "on_behalf_of"))


def _check_seen(deliverable: Deliverable, by: Person, seen: int) -> None:
    """The person saw the last update; and where a decision closed the deliverable, only a decision opens it again."""
    last = deliverable.updates.order_by("-number").first()
    number = last.number if last else 0
    if number > seen:
        raise ProgressConflict(_unseen(deliverable, seen))
    if number < seen:
        refuse(OUT_OF_STEP)
    if last and last.status == Status.CLOSED and not access.is_secretariat(by):
        refuse("A Board decision closed it. Ask the secretariat if the Board has decided otherwise.", "status")


def _check_words(narrative: str) -> None:
    if "\x00" in narrative:
        refuse("The words hold a character that cannot be kept. Type them again.", "narrative")
    if len(narrative) > WORDS_LIMIT:
        refuse(
            f"Keep it under {WORDS_LIMIT:,} characters; this has {len(narrative):,}. Put the rest in a document and link to it.",
            "narrative",
        )


def _check_status(deliverable, status, narrative, forecast_on, today, by) -> None:
    if status in NEEDS_WORDS and not narrative.strip():
        refuse(f"Say why it is {status.label.lower()}.", "narrative")
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


def _check_evidence(update: ProgressUpdate, upload: tuple[bytes, str] | None) -> None:
    given = update.evidence_link or update.evidence or upload or update.no_evidence_because.strip()
    if update.status == Status.COMPLETE and not given:
        refuse("Give a link or a file as evidence, or say why there is none.", "evidence_link")
