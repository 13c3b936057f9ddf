"""Makes a backup of the database and the kept files of one moment."""

import sys
import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from jcb import backup


class Command(BaseCommand):
    help = (
        "Makes a backup of the database and of the kept files, of one moment, while everybody goes on working. It holds "
        "everything, sealed papers included: keep it as private as the database."
    )

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="where to put it; it must not be there yet, or be empty")
        parser.add_argument(
            "--dated", action="store_true", help="put it into a folder inside that one, named by the instant"
        )
        parser.add_argument(
            "--keep", type=int, metavar="NUMBER", help="with --dated: remove all but so many of the newest afterwards"
        )

    def handle(self, *args, **options):
        place, keep, began = options["folder"], options["keep"], time.monotonic()
        if keep is not None and (keep < 1 or not options["dated"]):
            raise CommandError("--keep goes with --dated, and keeps at least one.")
        folder = backup.dated(place) if options["dated"] else place
        try:
            made = backup.make(folder)
            removed = backup.keep_newest(place, keep) if keep and not made.damaged else []
        except (backup.BackupError, OSError) as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(
            f"{folder}: {sum(made.tables.values()):,} rows and {len(made.files)} files, {made.size / 1e6:,.1f} MB, "
            f"in {time.monotonic() - began:.1f} s. Last seal: {made.seal.get('digest', 'none')}"
        )
        for old in removed:
            self.stdout.write(f"{old} was removed.")
        if made.damaged:
            for name in made.damaged:
                self.stderr.write(f"The kept file {name} is missing or was altered.")
            self.stderr.write(
                "Everything else is in the backup. Put these files back from an earlier one; none was removed."
            )
            sys.exit(1)
