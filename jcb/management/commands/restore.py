"""Restores a backup into an empty database and an empty store of files."""

import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from jcb import backup


class Command(BaseCommand):
    help = (
        "Restores a backup into the database of DATABASE_URL and the folder or bucket of kept files, which have to be empty. A "
        "backup that is not whole, or in which anything was altered, is refused."
    )
    requires_system_checks = []  # they would ask the database, which is not there yet

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="the backup: a folder with a manifest.json")
        parser.add_argument(
            "--accept-damage",
            action="store_true",
            help="restore it although kept files were missing or altered when it was made",
        )

    def handle(self, *args, **options):
        began = time.monotonic()
        try:
            restored = backup.restore(options["folder"], accept_damage=options["accept_damage"])
        except (backup.BackupError, OSError) as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(
            f"Restored as at {restored.at}: {sum(restored.tables.values()):,} rows and {len(restored.files)} files, "
            f"{restored.size / 1e6:,.1f} MB, in {time.monotonic() - began:.1f} s."
        )
        for name in restored.damaged:
            self.stdout.write(f"The kept file {name} was missing or altered when the backup was made.")
        if later := backup.unapplied(restored):
            self.stdout.write(f"Now run migrate: the backup was made without {', '.join(later)}.")
        holds = f" --holds {restored.seal['digest']}" if restored.seal else ""
        self.stdout.write(f"To be sure of what it says: manage.py verify_record{holds}")
