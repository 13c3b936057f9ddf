"""Telling people: once, after the transaction, and again only where the mail server refused."""

import pytest
from django.core import mail
from django.db import transaction

from jcb import dates, notices
from jcb.models import Notice
from tests.make import make_notice

pytestmark = pytest.mark.django_db


def tell(*people, subject="Hello"):
    return notices.tell(people, rule="test", object_key="1", subject=subject, text="Words.")


def test_the_same_thing_is_told_once_a_day_and_only_to_people_who_may_sign_in(
    observer, council_member, django_capture_on_commit_callbacks
):
    council_member.is_active = False
    council_member.save()
    for expected in (1, 0):
        with django_capture_on_commit_callbacks(execute=True):
            assert len(tell(observer, council_member)) == expected
    assert [message.to for message in mail.outbox] == [[observer.email]]
    assert Notice.objects.get().sent_at == dates.now()


def test_nobody_is_told_of_what_was_undone(observer):
    with transaction.atomic():
        tell(observer)
        transaction.set_rollback(True)
    assert not Notice.objects.exists()
    assert mail.outbox == []


def test_somebody_deactivated_since_gets_no_mail(observer):
    make_notice(person=observer)
    observer.is_active = False
    observer.save()
    assert notices.send_notices.func() == 0
    assert Notice.objects.unsent().count() == 1


def test_a_mail_that_cannot_be_sent_stays_for_the_next_run(settings, observer, council_member):
    settings.EMAIL_BACKEND = "tests.jcb.test_notices.RefusesOne"
    for person in (observer, council_member):
        Notice.objects.create(
            rule="test", object_key="1", person=person, on=dates.today(), subject="Hello", text="Words."
        )
    RefusesOne.refused = observer.email
    with pytest.raises(OSError, match="mailbox"):
        notices.send_notices.func()
    assert {n.person for n in Notice.objects.unsent()} == {observer}
    RefusesOne.refused = ""
    assert notices.send_notices.func() == 1


def test_a_notice_that_is_sent_again_is_the_same_message(observer, council_member):
    for person in (observer, council_member):
        make_notice(person=person)
    notices.send_notices.func()
    again = Notice.objects.get(person=observer)
    again.sent_at = None
    again.save()
    notices.send_notices.func()
    first, other, second = (message.message()["Message-ID"] for message in mail.outbox)
    assert mail.outbox[0].to == mail.outbox[2].to == [observer.email]
    assert first == second != other


class RefusesOne:
    """A mail server that refuses one address."""

    refused = ""

    def __init__(self, **options):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        return None

    def send_messages(self, given):
        if given[0].to[0] == self.refused:
            raise OSError("No such mailbox")
        return len(given)
