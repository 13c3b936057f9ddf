"""Takes words, or a kept file, out of the record for good. Without --do-it it only says what it would do."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet

from jcb import erasure, files
from jcb.models import Person, StoredFile

LEFT = (
    "The erasure is done and kept, but a file could not be taken out of the store. Take it out there, with all its versions; "
    "until then verify_record says that it is there. The files were:"
)
BACKUPS = "Backups made before still hold it, and so do e-mails that were sent. See docs/retention.md."


class Command(BaseCommand):
    help = (
        "Says where words stand in the tables and which kept files say them; with --do-it puts '[erased]' in their place "
        "and removes the files named. Make a backup first. There is no way back but to restore it."
    )

    def add_arguments(self, parser):
        parser.add_argument("words", nargs="*", help="a name, an e-mail address, any words; quote those with spaces")
        parser.add_argument("--file", action="append", default=[], metavar="SHA256", help="a kept file that has to go")
        parser.add_argument("--by", metavar="E-MAIL", help="who does it: the secretariat or the administrator")
        parser.add_argument("--because", default="", help="why, and who decided it, without the words themselves")
        parser.add_argument("--do-it", action="store_true", help="do it, after looking")

    def handle(self, *args, **options):
        words = [each.strip() for each in options["words"]]
        if not (words or options["file"]):
            raise CommandError("Say which words, or name a file with --file.")
        going = [self._file(start) for start in options["file"]]
        try:
            self._say(erasure.find(words), going)
        except ValidationError as problem:
            raise CommandError(" ".join(problem.messages)) from problem
        if not options["do_it"]:
            self.stdout.write("Nothing was changed. Make a backup, and say --do-it, --by and --because to erase it.")
            return
        by = Person.objects.filter(email__iexact=options["by"] or "").first()
        if by is None:
            raise CommandError("Say with --by who does it: the e-mail address of somebody in the list of people.")
        try:
            made = erasure.erase(words, by=by, because=options["because"], remove=going)
        except (ValidationError, PermissionDenied) as problem:
            raise CommandError(" ".join(getattr(problem, "messages", [str(problem)]))) from problem
        except OSError as problem:
            raise CommandError(f"{LEFT} {', '.join(files.name_of(each) for each in going)} ({problem})") from problem
        self.stdout.write(f"{made} is done and kept. {BACKUPS}")

    def _file(self, start: str) -> StoredFile:
        found = StoredFile.objects.filter(sha256__startswith=start.lower(), erased=None)[:2]
        if len(start) < 8 or len(found) != 1:
            raise CommandError(f"{start} names no kept file, or several. Give at least eight characters of its hash.")
        return found[0]

    def _say(self, found: erasure.Found, going: list[StoredFile]) -> None:
        for place, number in found.counts():
            self.stdout.write(f"{place}: in {number:,} rows")
        if not found.rows:
            self.stdout.write("The words stand in no table.")
        for stored in found.files:
            uses = ", ".join(self._uses(stored)) or "used by nothing"
            self.stdout.write(f"The file {files.name_of(stored)} says it ({uses}): put a new version in its place.")
        for stored in going:
            self.stdout.write(
                f"The file {files.name_of(stored)} goes ({', '.join(self._uses(stored)) or 'used by nothing'})."
            )
        if found.by_eye:
            self.stdout.write(
                f"Pictures in these files cannot be read by a program. Look at them yourself ({len(found.by_eye)}):"
            )
        for stored in found.by_eye:
            self.stdout.write(f"  {files.name_of(stored)}")

    def _uses(self, stored: StoredFile) -> list[str]:
        """The tables that refer to a file, or to a document that it is, with their numbers."""
        told = []
        for row, model in [(stored, StoredFile), *((each, type(each)) for each in stored.documents.all())]:
            for relation in model._meta.related_objects:
                rows = QuerySet(relation.related_model).filter(**{relation.field.name: row})
                name = relation.related_model._meta.verbose_name
                told += [f"{name} {pk}" for pk in rows.values_list("pk", flat=True)]
        return told
