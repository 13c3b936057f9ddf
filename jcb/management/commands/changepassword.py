"""Django's own `changepassword`, which leaves a line in the trail that says where it was done."""

from django.contrib.auth.management.commands import changepassword

from jcb.history import attributed_to
from jcb.people import SERVER, stand_in


class Command(changepassword.Command):
    def handle(self, *args, **options):
        with attributed_to(stand_in(SERVER)):
            return super().handle(*args, **options)
