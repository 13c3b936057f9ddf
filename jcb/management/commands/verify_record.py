"""Says which single row or file was altered since it was sealed or kept. Nothing is changed."""

import sys
import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from jcb import backup, seals


class Command(BaseCommand):
    help = (
        "Holds the audit trail and every append-only row against its seal, every record against its audit trail, and "
        "every kept file against its hash. Names what does not agree, and then exits with 1."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--holds",
            action="append",
            default=[],
            metavar="DIGEST",
            help="a digest that seal_record printed or a backup named; it has to be in the chain",
        )
        parser.add_argument(
            "--backups",
            type=Path,
            metavar="FOLDER",
            help="where 'backup --dated' puts its own: the last seal that each names has to be in the chain",
        )

    def handle(self, *args, **options):
        began = time.monotonic()
        holds = [digest.strip().lower() for digest in options["holds"]]
        try:
            made = [
                backup.read_manifest(folder)
                for folder in (backup.made_in(options["backups"]) if options["backups"] else ())
            ]
        except backup.BackupError as problem:
            raise CommandError(str(problem)) from problem
        holds += [manifest.seal["digest"] for manifest in made if manifest.seal]
        found = seals.verify(dict.fromkeys(holds))
        for note in found.notes:
            self.stdout.write(note)
        for fault in found.faults:
            self.stderr.write(fault)
        self.stdout.write(
            f"{found.rows:,} rows under {found.seals} seals, {found.records:,} records and {found.files} files "
            f"({found.bytes / 1e6:,.1f} MB) looked at in {time.monotonic() - began:.1f} s; "
            f"{found.unsealed:,} rows are not sealed yet."
        )
        if found.faults:
            self.stderr.write(f"The record is not as it was written: {len(found.faults)} found.")
            sys.exit(1)
        self.stdout.write("Nothing was altered.")
