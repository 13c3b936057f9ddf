"""Reckons the clocks of a dispute that is made up on the command line, without saving anything."""

import datetime as dt
import json
import sys

from django.core.management.base import BaseCommand

from governance.disputes import clocks
from governance.models import Ladder
from jcb import dates

IMPOSSIBLE = 2  # exit status


class Command(BaseCommand):
    help = "Prints the dates that follow from events under a dispute ladder. Nothing is saved."

    def add_arguments(self, parser):
        parser.add_argument("--ladder", required=True, help="which ladder: plan-2018 or terms-2020")
        parser.add_argument(
            "--event",
            action="append",
            default=[],
            metavar="KIND=DATE",
            help="such as referral:executive=2019-03-04, once for each event; statement_period takes days",
        )
        parser.add_argument("--json", action="store_true", dest="as_json", help="for programs")

    def handle(self, *args, **options):
        try:
            rule = clocks.rule_of(_ladder(options["ladder"]))
            found = clocks.reckon(rule, [_event(text) for text in options["event"]])
        except clocks.Impossible as refusal:
            self.stderr.write(str(refusal))
            sys.exit(IMPOSSIBLE)
        if options["as_json"]:
            self.stdout.write(json.dumps(plain(found), indent=2))
            return
        self.stdout.write(f"{rule.title}. Nothing is saved.")
        for line in in_words(found):
            self.stdout.write(line)


def plain(found: clocks.Clocks) -> dict:
    """The dates as ISO text, None where they are not known or no period is stated."""

    def period(key: str) -> dict:
        rung = found.periods.get(key, clocks.Period())
        return {"last_day": _iso(rung.last_day), "next_rung_opens": _iso(rung.next_rung_opens)}

    return {
        "executive": period("executive"),
        "political": period("political"),
        "mediation": {"statements_due": _iso(found.statements_due), "report_due": _iso(found.report_due)},
        "court": {"opens": _iso(found.court_opens)},
    }


def in_words(found: clocks.Clocks) -> list[str]:
    lines = [
        f"{key.capitalize()}: until {dates.say_day(period.last_day)}; the next rung is open from {dates.say_day(period.next_rung_opens)}."
        for key, period in found.periods.items()
        if period.last_day
    ]
    lines += [
        f"{what} {dates.say_day(day)}."
        for what, day in (
            ("Written statements: last day", found.statements_due),
            ("The mediator’s report: last day", found.report_due),
            ("Court: open from", found.court_opens),
        )
        if day
    ]
    return lines or ["No date follows from these events: the ladder states no period for them, or they are too few."]


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _ladder(key: str) -> Ladder:
    found = Ladder.objects.filter(key=key).first()
    if found is None:
        known = ", ".join(Ladder.objects.order_by("in_force_from").values_list("key", flat=True))
        raise clocks.Impossible(
            f"There is no ladder called “{key}”. Choose one of these: {known}."
            if known
            else "No ladders are loaded yet. Load them with: manage.py load_record"
        )
    return found


def _event(text: str) -> clocks.Event:
    kind, sign, value = text.partition("=")
    if not sign or not kind:
        raise clocks.Impossible(f"“{text}” is no event. Give a kind and a date, such as raised=2019-03-04.")
    if kind == clocks.STATEMENT_PERIOD:
        if not (value.isascii() and value.isdecimal() and len(value) < 6):
            raise clocks.Impossible(f"“{value}” is no number of days. Give statement_period a whole number, such as 7.")
        return clocks.Event(kind, days=int(value))
    try:
        return clocks.Event(kind, on=dt.date.fromisoformat(value))
    except ValueError:
        raise clocks.Impossible(
            f"“{value}” is no date. Give “{kind}” year, month and day, such as 2019-03-04."
        ) from None
