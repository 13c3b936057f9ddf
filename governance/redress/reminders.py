"""What the secretariat is told of written replies to families, once a day, as of the clocks of disputes."""

from governance.disputes.reminders import tell_of_day
from governance.models import RedressCase
from jcb import access, dates
from jcb.models import Notice, Person


def waiting():
    """The cases whose written reply was not sent yet, the first due first."""
    return RedressCase.objects.filter(reply_due_on__isnull=False, replied_on=None).order_by("reply_due_on", "pk")


def remind() -> list[Notice]:
    """Tell the secretariat of replies that are due. Returns the new notices; their e-mails follow."""
    people, told = list(Person.objects.filter(is_active=True, role=access.SECRETARIAT).order_by("pk")), []
    for row in waiting():
        told += tell_of_day(
            people,
            "written reply",
            key=f"redress {row.pk} {row.reply_due_on.isoformat()}",
            on=row.reply_due_on,
            subject="Redress: {when} a written reply to a family is due",
            text=f"In case {row.reference} the written reply is due by {dates.say_day(row.reply_due_on)}, at the end of the day.",
        )
    return told
