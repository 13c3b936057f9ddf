import sys

from django.core.management.base import BaseCommand

from governance.record import check_record


class Command(BaseCommand):
    help = (
        "Says whether the record is whole: counts, links, orphans, dates outside a plan's period. Exits with 1 if not."
    )

    def handle(self, *args, **options):
        problems = check_record()
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            self.stderr.write(f"The record is not whole: {len(problems)} to mend.")
            sys.exit(1)
        self.stdout.write("The record is whole.")
