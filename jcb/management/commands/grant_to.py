"""Gives the role that serves the application its rights on PostgreSQL: to be run by the owner, after each migrate."""

from django.core.management.base import BaseCommand, CommandError

from jcb import grants


class Command(BaseCommand):
    help = (
        "Lets a role read and write what the application does, and neither change nor empty what is written once: the "
        "audit trail, append-only tables, seals. Run it as the owner of the tables, after each migrate."
    )

    def add_arguments(self, parser):
        parser.add_argument("role", help="a role of PostgreSQL that may sign in and owns nothing")

    def handle(self, *args, **options):
        try:
            many = grants.grant_to(options["role"])
        except grants.Refused as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"{options['role']} may serve the application: rights on {many} tables.")
