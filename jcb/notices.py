"""Telling people: the row first, so that nobody is told twice, and the e-mail after the transaction that wrote it."""

import hashlib
from collections.abc import Callable, Iterable

from django.core.mail import DNS_NAME, EmailMessage, get_connection
from django.db import transaction
from django.db.models import QuerySet
from django_tasks import task

from jcb import background, dates
from jcb.models import Notice, Person

# Notices whose e-mail is made by the room that writes them, with more in it than words.
PACK = "pack"
REPORT = "upward report"
MADE_ELSEWHERE = {PACK, REPORT}


def tell(people: Iterable[Person], *, rule: str, object_key: str, subject: str, text: str) -> list[Notice]:
    """Tell people something once: the same rule about the same object on the same day is told to nobody twice.

    Effects: a notice for each person who is written to and has none yet, in the present transaction; after it, an e-mail
    to each in the background. Returns the new notices.
    """
    made = []
    for person in people:
        if not person.is_written_to:
            continue
        notice, is_new = Notice.objects.get_or_create(
            rule=rule,
            object_key=object_key,
            person=person,
            on=dates.today(),
            defaults={"subject": subject[:200], "text": text},
        )
        if is_new:
            made.append(notice)
    if made:
        background.after_commit(send_notices)
    return made


@task()
def send_notices(tried: int = 0) -> int:
    """Send every notice that was not sent yet; returns how many went out. What does not go is tried again later."""
    waiting = Notice.objects.unsent().exclude(rule__in=MADE_ELSEWHERE)
    with background.tried_again(send_notices, tried):
        return send(waiting, lambda notice: EmailMessage(notice.subject, notice.text, to=[notice.person.email]))


def send(
    waiting: QuerySet[Notice],
    message: Callable[[Notice], EmailMessage],
    sent: Callable[[Notice], None] = lambda notice: None,
) -> int:
    """Send notices, each as the e-mail that is made of it, over one connection; returns how many went out.

    Each is marked as sent before it goes, so that a second run, or one that was ended in the middle, sends none twice;
    `sent` is called once it went. A notice is always the same message, so that where somebody lets it go again after a
    run that was ended in the middle, mailboxes that got it the first time can tell. One that the mail server refuses is unmarked and stays for the next run; the others go
    out all the same.
    """
    waiting = list(waiting.order_by("pk").values_list("pk", flat=True))
    if not waiting:
        return 0
    went, problem = 0, None
    with get_connection() as connection:
        for pk in waiting:
            if (notice := _claim(pk)) is None:
                continue
            try:
                made = message(notice)
                made.connection = connection
                made.extra_headers.setdefault("Message-ID", _message_id(notice))
                made.send()
            except Exception as refusal:
                problem = refusal
                notice.sent_at = None
                notice.save(update_fields=["sent_at"])
            else:
                went += 1
                sent(notice)
    if problem:
        raise problem
    return went


def not_sent() -> list[Notice]:
    """What could not be sent so far, oldest first: what the mail server refused, or what waits since another day. What was
    only just written is on its way."""
    rows = Notice.objects.waiting()
    if not background.further_tries():
        rows = rows.filter(on__lt=dates.today())
    return list(rows.select_related("person").order_by("on", "pk"))


def _message_id(notice: Notice) -> str:
    """The name of a notice's e-mail, the same whenever it is sent."""
    said = f"{notice.pk} {notice.rule} {notice.object_key} {notice.on} {notice.person.email}"
    return f"<{hashlib.sha256(said.encode()).hexdigest()[:40]}@{DNS_NAME}>"


def _claim(pk: int) -> Notice | None:
    """Mark a notice as sent; None where another run was quicker, or the person left."""
    with transaction.atomic():
        notice = Notice.objects.unsent().select_for_update(of=("self",)).select_related("person").filter(pk=pk).first()
        if notice is None or not notice.person.is_written_to:
            return None
        notice.sent_at = dates.now()
        notice.save(update_fields=["sent_at"])
    return notice
