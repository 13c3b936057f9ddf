"""Who somebody is, and what follows when their rights change: they hear of it, and so does the secretariat."""

from allauth.mfa.models import Authenticator
from django.db import transaction

from jcb import access, background, dates, notices, sessions
from jcb.history import attributed_to
from jcb.models import BoardSettings, Notice, Person

# Who is named where no person is behind a change: entries that can never sign in.
IMPORTER = "import@board.invalid"
SERVER = "server@board.invalid"
STAND_INS = {
    IMPORTER: "Record import",
    SERVER: "Work at the server",  # a command that somebody typed there; a document that is made before anyone asks
}
RULE = "role changed"
SIGN_IN_RULE = "sign-in changed"
TOLD = ("role", "partner", "email", "is_active")


def stand_in(email: str) -> Person:
    """The entry of one of `STAND_INS`. Effects: on first use it is made, in its own name."""
    if found := Person.objects.filter(email=email).first():
        return found
    made = Person(email=email, name=STAND_INS[email], role=Person.Role.OBSERVER, is_active=False)
    with transaction.atomic(), attributed_to(made):
        made.save()
    return made


def _ask() -> str:
    address = BoardSettings.current().secretariat_email
    return f"write to the secretariat, {address}" if address else "tell the secretariat"


def tell_of_rights(*, person: Person, by: Person, changes: list[str]) -> None:
    """Tell a person and every secretary what changed in that person's rights.

    `changes` are lines such as "Role: Observer → Commissioner". Effects: one `Notice` row for each of them; those who
    made the change themselves are told too, so that a borrowed session does not go unnoticed.
    """
    secretariat = Person.objects.filter(role=access.SECRETARIAT, is_active=True)
    when, lines = dates.say_instant(dates.now()), "\n".join(f"- {change}" for change in changes)
    ask = _ask()
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
        background.after_commit(notices.send_notices)


def tell_of_sign_in(*, person: Person, change: str) -> None:
    """Tell a person what they, or somebody who was signed in as them, changed about how they sign in."""
    when = dates.now()
    notices.tell(
        [person],
        rule=SIGN_IN_RULE,
        object_key=f"person {person.pk}, {when.isoformat()}"[:120],
        subject="A change in how you sign in to the Board’s record",
        text=f"On {dates.say_instant(when)}:\n\n- {change}\n\nIf this was not you, {_ask()}.",
    )


@transaction.atomic
def take_second_step_off(*, person: Person, by: Person) -> bool:
    """Take off every authenticator app, passkey and recovery code of somebody who lost theirs. Returns whether there
    was any.

    Effects: they are signed out everywhere; a line in the history of their entry; they and the secretariat are told.
    """
    person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    found = list(Authenticator.objects.filter(user=person))
    if not found:
        return False
    for authenticator in found:
        authenticator.delete()
    sessions.end_all(person)
    person.version += 1
    person.save()
    tell_of_rights(person=person, by=by, changes=["Second step of signing in: taken off"])
    return True


def person_at(email: str) -> Person | None:
    """Whoever has an e-mail address today. One query, whether there is such a person or not."""
    found = Person.objects.filter(email__iexact=email).first()
    # A database may take letters for the same that only look alike.
    return found if found and found.email.lower() == email.lower() else None
