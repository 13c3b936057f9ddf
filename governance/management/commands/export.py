import os
import tempfile
import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from governance import action_plan, documents
from governance.minutes import documents as minutes_documents
from governance.minutes import export as minutes
from governance.packs import export as packs
from jcb import dates, files, pdf
from jcb.asked import day_named
from workstreams.models import Plan

PACK, MINUTES = "pack", "minutes"
EXAMPLE = "python manage.py export action-plan kensington-and-chelsea-2020 --as-at 2020-03-12 -o action-plan.pdf"


class Command(BaseCommand):
    help = (
        "Writes a plan, its action plan, a published pack or minutes as an accessible PDF, minutes also as a Word document. "
        f"For example: {EXAMPLE}, or: python manage.py export pack latest -o pack.pdf, "
        "or: python manage.py export minutes latest -o minutes.docx"
    )

    def add_arguments(self, parser):
        parser.add_argument("kind", choices=[*documents.KINDS, PACK, MINUTES], help="which document")
        parser.add_argument(
            "plan",
            metavar="NAME",
            help="the plan, such as kensington-and-chelsea-2020; for a pack or minutes the key of the meeting, such as 2020-09-28, or latest "
            "(of minutes: the last agreed)",
        )
        parser.add_argument(
            "-o",
            "--output",
            required=True,
            type=Path,
            metavar="FILE",
            help="where to write the PDF; for minutes a name that ends in .pdf or .docx",
        )
        parser.add_argument("--as-at", default="", metavar="DAY", help="as it stood on a past day, such as 2020-03-12")
        parser.add_argument(
            "--filter",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="for the action plan, and as often as needed: "
            f"{', '.join(action_plan.FILTERS)} as in the address of the deliverables list, such as 'status=at risk'",
        )

        parser.add_argument(
            "--audience",
            default=packs.BOARD,
            help="for a pack or minutes: board (the default), open (what is not restricted); for a pack also words such as 'item 5'",
        )

    def handle(self, *args, **options):
        if options["kind"] == PACK:
            self._export_pack(options)
            return
        if options["kind"] == MINUTES:
            self._export_minutes(options)
            return
        began = time.monotonic()
        kind, output = documents.KINDS[options["kind"]], options["output"]
        plan, as_at = _plan(options["plan"]), _day(options["as_at"])
        filters = _filters(kind, options["filter"])
        _check_place(output)
        try:
            document = documents.made(kind.key, plan, as_at, filters)
            made_before = document is not None
            document = document or documents.find_or_make(kind.key, plan, as_at, filters)
        except (action_plan.FilterRefused, pdf.PdfError) as problem:
            raise CommandError(str(problem)) from problem
        content = files.content_of(document.file)
        _write(output, content)
        self.stdout.write(
            f"{kind.name} of {plan} as at {dates.say_day(as_at)}: {document.pages} pages, {len(content):,} bytes, "
            f"{time.monotonic() - began:.1f} seconds{' (made before)' if made_before else ''}. "
            f"Fingerprint {document.data_sha256[:12]}. Written to {output}."
        )

    def _export_pack(self, options) -> None:
        """Write the bytes that were circulated: nothing is drawn."""
        if options["as_at"] or options["filter"]:
            raise CommandError("A pack is exported as it was published: it takes no --as-at and no --filter.")
        _check_place(options["output"])
        try:
            pack = packs.find(options["plan"], options["audience"])
        except packs.NoSuchPack as problem:
            raise CommandError(str(problem)) from problem
        try:
            content = files.content_of(pack.document.file)
        except FileNotFoundError as problem:
            raise CommandError("The file of this pack is missing. Restore it from the backup.") from problem
        _write(options["output"], content)
        self.stdout.write(
            f"Pack {pack.number} for {pack.meeting}, made for {pack.audience_in_words}: {pack.document.pages} pages, "
            f"{len(content):,} bytes, SHA-256 {pack.document.file.sha256[:12]}. Written to {options['output']}."
        )

    def _export_minutes(self, options) -> None:
        """Write minutes as they stand: agreed ones in the words in which they were agreed."""
        if options["as_at"] or options["filter"]:
            raise CommandError("Minutes are exported as they stand: they take no --as-at and no --filter.")
        output = options["output"]
        kind = output.suffix.lower()
        if kind not in (".pdf", ".docx"):
            raise CommandError(f"{output} ends in neither .pdf nor .docx. Give a name that says which one you want.")
        _check_place(output)
        try:
            reading = minutes.find(options["plan"], options["audience"])
            make = minutes_documents.as_word if kind == ".docx" else minutes_documents.as_pdf
            content = make(reading)
        except (minutes.NoSuchMinutes, pdf.PdfError) as problem:
            raise CommandError(str(problem)) from problem
        _write(output, content)
        self.stdout.write(
            f"{reading.name}. {reading.state} {len(content):,} bytes, fingerprint {reading.fingerprint[:12]}. Written to {output}."
        )


def _plan(slug: str) -> Plan:
    plan = Plan.objects.filter(slug=slug).select_related("area").first()
    held = ", ".join(Plan.objects.held().order_by("slug").values_list("slug", flat=True))
    can_be = f"Plans that can be printed: {held}." if held else "No plan is loaded yet; “make setup” loads them."
    if plan is None:
        raise CommandError(f"There is no plan “{slug}”. {can_be}")
    if not plan.text_held:
        raise CommandError(f"{plan} is known by name only: its text is not held, so it cannot be printed. {can_be}")
    return plan


def _day(text: str):
    asked = day_named(text.strip(), dates.today())
    if asked.problem:
        raise CommandError(asked.problem.removesuffix("This page shows today.").strip())
    return asked.day


def _filters(kind: documents.Kind, given: list[str]) -> dict[str, str]:
    if given and not kind.takes_filters:
        raise CommandError("The whole plan takes no filters. Export the action plan to filter it.")
    filters = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or name.strip() not in action_plan.FILTERS:
            raise CommandError(
                f"There is no filter “{each}”. Write --filter NAME=VALUE with one of: {', '.join(action_plan.FILTERS)}."
            )
        filters[name.strip()] = value
    return filters


def _check_place(output: Path) -> None:
    """Say before the work, not after it, that the file cannot be written."""
    if os.path.isdir(output):
        raise CommandError(f"{output} is a folder. Give the name of a file, such as {output / 'plan.pdf'}.")
    if not os.path.isdir(output.parent):
        raise CommandError(f"The folder {output.parent} does not exist. Make it, or give another place after -o.")
    if not os.access(output.parent, os.W_OK):
        raise CommandError(f"{output} cannot be written: you may not write there. Give another place after -o.")


def _write(output: Path, content: bytes) -> None:
    """Whole or not at all: nobody finds half a PDF."""
    try:
        with tempfile.TemporaryDirectory(dir=output.parent, prefix=".export-") as folder:
            whole = Path(folder) / "whole.pdf"
            whole.write_bytes(content)
            whole.replace(output)
    except OSError as problem:
        raise CommandError(f"{output} could not be written. The system says: {problem.strerror}.") from problem
