"""Prints `docs/ladder.md`: the loaded ladders, how days are counted, and worked examples."""

from django.core.management.base import BaseCommand

from governance.disputes.clocks import rule_of
from governance.disputes.examples import PLAN_2018, TERMS_2020, document
from governance.models import Ladder


class Command(BaseCommand):
    help = "Prints the page of the dispute ladders with worked examples, as Markdown."

    def handle(self, *args, **options):
        ladders = Ladder.objects.filter(key__in=[PLAN_2018, TERMS_2020]).order_by("in_force_from")
        self.stdout.write(document([rule_of(ladder) for ladder in ladders]), ending="")
