"""Says where the papers and the figures do not agree. Nothing is changed."""

import datetime as dt
import json

from django.core.management.base import BaseCommand, CommandError

from jcb import dates
from needs.checking import doubts


class Command(BaseCommand):
    help = "Holds what the papers said of figures against the values, and says where they differ."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", dest="as_json", help="for programs")
        parser.add_argument(
            "--on", metavar="DATE", help="the day from which the age of sources counts; today if not given"
        )

    def handle(self, *args, **options):
        try:
            on = dt.date.fromisoformat(options["on"]) if options["on"] else dates.today()
        except ValueError:
            raise CommandError(f"“{options['on']}” is not a day. Give it as 2020-03-12.") from None
        found = doubts(on)
        if options["as_json"]:
            self.stdout.write(json.dumps([doubt.as_json() for doubt in found], indent=2, ensure_ascii=False))
            return
        for doubt in found:
            where = " ".join(filter(None, [doubt.indicator, doubt.area, doubt.period])) or doubt.note
            self.stdout.write(f"{doubt.kind}: {where}: said {doubt.stated}; worked out {doubt.computed}. {doubt.note}")
        self.stdout.write(f"{len(found)} found.")
