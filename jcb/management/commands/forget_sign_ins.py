"""Forgets the devices of sign-ins that have ended: to be run once a day, after clearsessions."""

from django.core.management.base import BaseCommand

from jcb import sessions


class Command(BaseCommand):
    help = (
        "Deletes what is kept of the devices of sign-ins that have ended. Run it after clearsessions, which deletes the "
        "sessions themselves."
    )

    def handle(self, *args, **options):
        self.stdout.write(f"Forgotten: {sessions.forget_ended()}.")
