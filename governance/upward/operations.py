"""What is done to reports upward: bodies and their dates kept, a report drafted, edited, sent and recorded."""

import datetime as dt

from django.core.mail import EmailMessage
from django.db import transaction
from django.utils.text import slugify
from django_tasks import task

from governance.actions.operations import person_without_account
from governance.models import BodyMeeting, Meeting, ParentBody, UpwardReport
from governance.upward import documents
from governance.upward.draft import draft
from jcb import access, background, dates, files, notices
from jcb.history import refuse
from jcb.identifying import refuse_identifying
from jcb.models import Document, Notice, Partner, Person
from jcb.steps import check_seen, save

MAY_NOT = "You can read the reports; the secretariat writes and sends them."
RULE = notices.REPORT
State = UpwardReport.State
WORDS = ("alert", "advise", "assure")


# Bodies ---------------------------------------------------------------------------------------------------------------


@transaction.atomic
def keep_body(
    *,
    by: Person,
    name: str,
    email: str = "",
    paper_days: int = 10,
    partner: Partner | None = None,
    note: str = "",
    body: ParentBody | None = None,
    seen: int = 0,
) -> ParentBody:
    """Add a body that hears from the Board, or change what is kept of one."""
    access.require(access.may_prepare_meetings(by), MAY_NOT)
    values = {"name": name.strip(), "email": email, "paper_days": paper_days, "partner": partner, "note": note.strip()}
    if body is not None:
        row = ParentBody.objects.select_for_update().get(pk=body.pk)
        check_seen(row, seen)
        return save(row, **values)
    row = ParentBody(key=slugify(name)[:50] or "body", **values)
    row.full_clean()
    row.save()
    return row


@transaction.atomic
def keep_date(*, by: Person, body: ParentBody, on: dt.date, papers_due_on: dt.date | None = None) -> BodyMeeting:
    """Record a day on which a body meets, and by when it wants papers; without a day, as many days before as it says."""
    access.require(access.may_prepare_meetings(by), MAY_NOT)
    row = BodyMeeting(body=body, on=on, papers_due_on=papers_due_on or on - dt.timedelta(days=body.paper_days))
    row.full_clean()
    row.save()
    return row


# Reports --------------------------------------------------------------------------------------------------------------


@transaction.atomic
def begin(*, by: Person, meeting: Meeting, body: ParentBody) -> UpwardReport:
    """Draft the report on a held meeting for a body, from what is not restricted. Begun already, it is given back."""
    access.require(access.may_prepare_meetings(by), MAY_NOT)
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    found = UpwardReport.objects.filter(meeting=meeting, body=body).first()
    if found is not None:
        return found
    if meeting.state not in (Meeting.State.HELD, Meeting.State.AGREED):
        refuse("A report is written on a meeting that was held. Close the meeting first.")
    coming = BodyMeeting.objects.filter(body=body, on__gte=dates.today()).order_by("on").first()
    row = UpwardReport(meeting=meeting, body=body, for_meeting=coming, invented=meeting.invented, **draft(meeting))
    row.full_clean()
    row.save()
    return row


@transaction.atomic
def edit(
    *,
    by: Person,
    report: UpwardReport,
    seen: int,
    alert: str,
    advise: str,
    assure: str,
    for_meeting: BodyMeeting | None = None,
) -> UpwardReport:
    """Change the words of a report that was not sent yet, and the meeting of the body that it is for."""
    row = _opened(report, by, seen)
    for field, words in (("alert", alert), ("advise", advise), ("assure", assure)):
        refuse_identifying(words, field)
    if for_meeting is not None and for_meeting.body_id != row.body_id:
        refuse("This meeting is another body’s.", "for_meeting")
    return save(row, alert=alert.strip(), advise=advise.strip(), assure=assure.strip(), for_meeting=for_meeting)


def send(*, by: Person, report: UpwardReport, seen: int) -> UpwardReport:
    """Send a report: its PDF is drawn and kept, and goes to the body's address by e-mail right afterwards.

    Effects: a document, the report sent, a notice to the body. Raises ValidationError where it does not fit on one page
    or was sent already, and pdf.PdfError where it cannot be drawn. Call it outside a transaction.
    """
    access.require(access.may_prepare_meetings(by), MAY_NOT)
    _opened_now(report, by, seen)
    document = documents.keep(
        UpwardReport.objects.select_related("meeting", "body", "for_meeting").get(pk=report.pk), by
    )
    if document.pages > 1:
        refuse(f"The report runs to {document.pages} pages, and bodies take one. Shorten it, then send it.")
    return _record(report, by, seen, document)


@transaction.atomic
def _opened_now(report: UpwardReport, by: Person, seen: int) -> None:
    row = _opened(report, by, seen)
    if not any(getattr(row, name) for name in WORDS):
        refuse("Write the report before you send it.")
    if not row.body.email:
        refuse(f"No e-mail address is kept for {row.body}. Give it one under “Bodies”, then send the report.")


@transaction.atomic
def _record(report: UpwardReport, by: Person, seen: int, document: Document) -> UpwardReport:
    row = _opened(report, by, seen)
    address = row.body.email
    to = person_without_account(by=by, name=row.body.name, email=address)
    row = save(row, state=State.SENT, sent_at=dates.now(), sent_by=by, sent_to=address, document=document)
    day = dates.say_day(row.meeting.starts_at)
    Notice.objects.get_or_create(
        rule=RULE,
        object_key=f"report-{row.pk}",
        person=to,
        on=dates.today(),
        defaults={
            "subject": f"Report of the Joint Commissioning Board, meeting of {day}",
            "text": f"The report of the Joint Commissioning Board on its meeting of {day} is attached.",
        },
    )
    background.after_commit(send_reports)
    return row


@task()
def send_reports(tried: int = 0) -> int:
    """Send every report that was not sent yet, with its PDF; returns how many went out. What does not go is tried again
    later."""
    with background.tried_again(send_reports, tried):
        return notices.send(Notice.objects.unsent().filter(rule=RULE), _message)


def _message(notice: Notice) -> EmailMessage:
    row = UpwardReport.objects.select_related("document__file", "meeting").get(
        pk=int(notice.object_key.rpartition("-")[2])
    )
    message = EmailMessage(notice.subject, notice.text, to=[notice.person.email])
    name = f"report-{row.meeting.key}.pdf"
    message.attach(name, files.content_of(row.document.file), "application/pdf")
    return message


def _opened(report: UpwardReport, by: Person, seen: int) -> UpwardReport:
    access.require(access.may_prepare_meetings(by), MAY_NOT)
    row = UpwardReport.objects.select_for_update().select_related("body", "meeting").get(pk=report.pk)
    check_seen(row, seen)
    if row.state == State.SENT:
        refuse(f"This report was sent on {dates.say_day(row.sent_at)} and stays as it was sent.")
    return row
