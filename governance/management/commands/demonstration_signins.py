from django.conf import settings
from django.core.management.base import BaseCommand

from governance.record import DEMONSTRATION_PASSWORD
from jcb.models import Person


class Command(BaseCommand):
    help = "Prints who can sign in to the demonstration."

    def handle(self, *args, **options):
        people = Person.objects.filter(is_demonstration=True, is_active=True).order_by("role", "name")
        if not (settings.DEMONSTRATION and people):
            self.stdout.write(
                "No demonstration people. Make your first sign-in: .venv/bin/python manage.py createsuperuser"
            )
            return
        self.stdout.write(
            f"Sign in as one of these invented people. The password is the same for all: {DEMONSTRATION_PASSWORD}"
        )
        for person in people:
            self.stdout.write(f"  {person.email:<38} {person.get_role_display():<34} {person.name}")
