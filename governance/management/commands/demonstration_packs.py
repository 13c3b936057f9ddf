"""Publishes the packs of the demonstration's past meetings, where they are missing."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand

from governance.packs.merge import MergeFailed
from governance.packs.past import publish_past
from jcb.pdf import PdfError


class Command(BaseCommand):
    help = "Publishes the packs that the demonstration's past meetings had. Those that are there stay as they are."

    def handle(self, *args, **options):
        made = 0
        try:
            for meeting in publish_past() if settings.DEMONSTRATION else ():
                made += 1
                if options["verbosity"] > 1:
                    self.stdout.write(f"{meeting}")
        except (ValidationError, PdfError, MergeFailed) as problem:
            words = " ".join(problem.messages) if isinstance(problem, ValidationError) else str(problem)
            self.stdout.write(f"{made} packs published, then no further: {words}")
            return
        self.stdout.write(f"{made} packs published." if made else "Nothing to do.")
