"""Tells people what is due: to be run once a day, for example at seven in the morning."""

from django.core.management.base import BaseCommand

from governance.disputes import reminders as disputes
from governance.redress import reminders as redress
from governance.rounds import reminders as rounds


class Command(BaseCommand):
    help = (
        "Reminds leads of a reporting round that closes soon, and of red rows without words the working day before the "
        "papers go out; those concerned of the clocks of open disputes; the secretariat of written replies to families. Run it once a day; run twice, it tells nobody twice."
    )

    def handle(self, *args, **options):
        told = [*disputes.remind(), *redress.remind(), *rounds.remind()]
        for notice in told:
            self.stdout.write(f"{notice.person.name}: {notice.subject}")
        self.stdout.write(f"{len(told)} told." if told else "Nobody has to be told today.")
