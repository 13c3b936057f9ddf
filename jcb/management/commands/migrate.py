"""Django's own `migrate`, with the database's guards taken down before tables are altered and put up again after, and
with the table of the cache that all processes share."""

from django.core.management import call_command
from django.core.management.commands import migrate

from jcb import guards


class Command(migrate.Command):
    def handle(self, *args, **options):
        only_asked = options["plan"] or options["check_unapplied"]
        if only_asked:
            return super().handle(*args, **options)
        guards.take_down(options["database"])
        try:
            done = super().handle(*args, **options)
            call_command("createcachetable", database=options["database"], verbosity=0)
            return done
        finally:
            guards.put_up(options["database"])
