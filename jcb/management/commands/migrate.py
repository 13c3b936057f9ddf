"""Django's own `migrate`, with the database's guards taken down before tables are altered and put up again after."""

from django.core.management.commands import migrate

from jcb import guards


class Command(migrate.Command):
    def handle(self, *args, **options):
        only_asked = options["plan"] or options["check_unapplied"]
        if only_asked:
            return super().handle(*args, **options)
        guards.take_down(options["database"])
        try:
            return super().handle(*args, **options)
        finally:
            guards.put_up(options["database"])
