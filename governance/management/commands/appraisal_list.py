"""Records that are past the period for which they are kept. Nothing is changed, and nothing is ever deleted by itself."""

import datetime as dt

from django.core.management.base import BaseCommand

from governance.retention import appraisal
from jcb import dates


class Command(BaseCommand):
    help = "Says which records are past their period and wait for somebody to look and decide, by kind."

    def add_arguments(self, parser):
        parser.add_argument(
            "--on", type=dt.date.fromisoformat, metavar="DATE", help="as at this day, such as 2026-12-01"
        )

    def handle(self, *args, **options):
        on = options["on"] or dates.today()
        found = appraisal.due(on)
        for each in found:
            if each.waiting:
                self.stdout.write(
                    f"{each.period.what}: {each.waiting:,} past {each.period.years} years ({each.period.since} "
                    f"{dates.say_day(each.first)} to {dates.say_day(each.last)})"
                )
            if each.to_go:
                self.stdout.write(f"{each.period.what}: {each.to_go:,} to be disposed of, as was decided")
        if not found:
            self.stdout.write(f"Nothing is past its period on {dates.say_day(on)}.")
