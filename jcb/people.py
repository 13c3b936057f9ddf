"""What follows when somebody's rights change: they hear of it, and so does the secretariat."""

from django.db import transaction

from jcb import access, dates
from jcb.models import BoardSettings, Notice, Person

IMPORTER = "import@board.invalid"  # in whose name the record is loaded
RULE = "role changed"
TOLD = ("role", "partner", "email", "is_active")


def tell_of_rights(*, person: Person, by: Person, changes: list[str]) -> None:
    """Tell a person and every secretary what changed in that person's rights.

    `changes` are lines such as "Role: Observer → Commissioner". Effects: one `Notice` row for each of them; those who
    made the change themselves are told too, so that a borrowed session does not go unnoticed.
    """
    secretariat = Person.objects.filter(role=access.SECRETARIAT, is_active=True)
    when, lines = dates.say_instant(dates.now()), "\n".join(f"- {change}" for change in changes)
    address = BoardSettings.current().secretariat_email
    ask = f"write to the secretariat, {address}" if address else "tell the secretariat"
    with transaction.atomic():
        for told in {person, *secretariat}:
            whose = "your" if told == person else f"{person.name}’s"
            Notice.objects.create(
                rule=RULE,
                object_key=f"person {person.pk}, version {person.version}",
                person=told,
                on=dates.today(),
                subject=f"A change of {whose} rights in the Board’s record",
                text=f"{by.name} changed {whose} entry on {when}:\n\n{lines}\n\nIf you did not expect this, {ask}.",
            )
