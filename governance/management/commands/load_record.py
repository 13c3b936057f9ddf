import os

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from governance.record import RecordError, load_record


class Command(BaseCommand):
    help = "Loads both published plans, and the demonstration unless PLANS=only; rows that are there already stay as they are."

    def handle(self, *args, **options):
        wanted = os.environ.get("PLANS", "")
        if wanted not in {"", "only"}:
            raise CommandError("PLANS can be 'only' (the published plans alone) or not set.")
        try:
            loaded = load_record(demonstration=settings.DEMONSTRATION and wanted != "only")
        except RecordError as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"{loaded.made:,} rows made, {loaded.kept:,} were there already.")
        if options["verbosity"] > 1:
            for model, count in sorted(loaded.by_model.items()):
                self.stdout.write(f"  {model}: {count}")
