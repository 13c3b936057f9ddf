"""Seals what was written since the last time: to be run once a night."""

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from jcb import seals


class Command(BaseCommand):
    help = (
        "Seals the rows of the audit trail and of every append-only table that were written since the last seal, so that "
        "verify_record can name one that was altered. Run again, it seals nothing twice."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--again",
            default="",
            choices=sorted(seals.sealed_models()),
            metavar="TABLE",
            help="seal a table from its first row, after a migration changed what its rows say",
        )

    def handle(self, *args, **options):
        try:
            made = seals.seal(again=options["again"])
        except seals.StillWriting as problem:
            raise CommandError(str(problem)) from problem
        except IntegrityError as problem:
            raise CommandError(
                "Another run is sealing at this moment. Nothing is lost; run it again later."
            ) from problem
        if not made:
            self.stdout.write("Nothing new to seal.")
            return
        rows = sum(len(seal.rows) for seal in made) // (seals.NUMBER + seals.SHA256)
        self.stdout.write(f"{rows:,} rows sealed in {len(made)} seals. Seal {made[-1].number}: {made[-1].digest}")
