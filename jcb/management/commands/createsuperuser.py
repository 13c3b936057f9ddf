"""Django's own `createsuperuser`, which leaves a line in the trail that says where it was done."""

from django.contrib.auth.management.commands import createsuperuser

from jcb.history import attributed_to
from jcb.people import SERVER, stand_in


class Command(createsuperuser.Command):
    def handle(self, *args, **options):
        with attributed_to(stand_in(SERVER)):
            return super().handle(*args, **options)
