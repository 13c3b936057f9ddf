"""Shows a calendar that the terms of reference propose, without saving anything."""

import datetime as dt
import json

from django.core.management.base import BaseCommand, CommandError

from governance.meetings.calendar import Proposed, preview
from governance.models import ClosedDay, Terms
from jcb import dates

MOST = 600
FIRST_YEAR, LAST_YEAR = 1990, 2200


class Command(BaseCommand):
    help = "Prints the meetings that the terms of reference propose from a first date on. Nothing is saved."

    def add_arguments(self, parser):
        parser.add_argument("--terms", required=True, help="which version: 2018 or 2020")
        parser.add_argument("--from", required=True, dest="first", help="the first meeting, such as 2020-01-06")
        parser.add_argument("--count", default="12", help="how many meetings (12)")
        parser.add_argument("--at", default="10:00", dest="hour", help="at what time in London (10:00)")
        parser.add_argument("--json", action="store_true", dest="as_json", help="as a list for programs")

    def handle(self, *args, **options):
        terms = _terms(options["terms"])
        first, count, hour = _day(options["first"]), _count(options["count"]), _hour(options["hour"])
        closed = {row.on: row.name for row in ClosedDay.objects.all()}
        found = preview(terms, first, count, hour, closed)
        if options["as_json"]:
            self.stdout.write(json.dumps([_plain(each) for each in found], indent=2, ensure_ascii=False))
            return
        self.stdout.write(f"{terms.title}. Nothing is saved.")
        for each in found:
            moved = f" Moved from {dates.say_weekday(each.series_on)}: {each.reason}." if each.reason else ""
            papers = dates.say_instant(each.papers_due_at)
            self.stdout.write(f"{dates.say_instant(each.starts_at)}, {each.venue}. Papers out {papers}.{moved}")


def _plain(each: Proposed) -> dict:
    """The instants on the London clock with their offset; no date and no reason where it was not moved."""
    return {
        "starts_at": each.starts_at.astimezone(dates.LONDON).isoformat(),
        "venue": each.venue,
        "papers_due_at": each.papers_due_at.astimezone(dates.LONDON).isoformat(),
        "moved_from": each.moved_from.isoformat() if each.moved_from else None,
        "reason": each.reason or None,
    }


def _terms(key: str) -> Terms:
    found = Terms.objects.filter(key=key).first()
    if found is None:
        known = ", ".join(Terms.objects.order_by("in_force_from").values_list("key", flat=True))
        raise CommandError(
            f"There are no terms of reference called '{key}'. Choose one of these: {known}."
            if known
            else "No terms of reference are loaded yet. Load them with: manage.py load_record"
        )
    return found


def _day(text: str) -> dt.date:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"'{text}' is not a date. Give --from as year, month and day, such as 2020-01-06.") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise CommandError(f"Give a date from {FIRST_YEAR} to {LAST_YEAR}; {text} is outside.")
    return day


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and 1 <= int(text) <= MOST):
        raise CommandError(f"Give --count as a whole number from 1 to {MOST}; '{text}' is not one.")
    return int(text)


def _hour(text: str) -> dt.time:
    try:
        return dt.datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 -- an hour on the London clock, no instant yet
    except ValueError:
        raise CommandError(f"'{text}' is not a time. Give --at as hours and minutes, such as 10:00.") from None
