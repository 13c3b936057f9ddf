"""Django's own `migrate`, with three things of ours: it stops before anything is lost that nobody agreed to lose, it takes
the database's guards down before tables are altered and puts them up again after, and it makes the table of the cache
that all processes share."""

from django.core.management import CommandError, call_command
from django.core.management.commands import migrate
from django.db import connections
from django.db.migrations.loader import AmbiguityError, MigrationLoader

from jcb import guards
from jcb.losses import Target, losses


class Command(migrate.Command):
    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument(
            "--accept-loss",
            action="store_true",
            help="migrate although something is lost for good; without it, migrate says what and stops",
        )

    def handle(self, *args, **options):
        if options["check_unapplied"]:
            return super().handle(*args, **options)
        lost = [] if options["fake"] else losses(self._targets(options), options["database"])
        if options["plan"]:
            super().handle(*args, **options)
            self._say(lost)
            return None
        self._say(lost)
        if lost and not options["accept_loss"]:
            raise CommandError(
                "Nothing was changed. Make a backup, look at what would be lost, and then say --accept-loss to lose it."
            )
        guards.take_down(options["database"])
        try:
            done = super().handle(*args, **options)
            call_command("createcachetable", database=options["database"], verbosity=0)
            return done
        finally:
            guards.put_up(options["database"])

    def _say(self, lost: list[str]) -> None:
        if lost:
            self.stderr.write("This loses something for good:")
        for said in lost:
            self.stderr.write(f"  {said}")

    def _targets(self, options) -> list[Target]:
        """What was asked for, as Django reads it. What it does not understand it refuses itself."""
        app, name = options["app_label"], options["migration_name"]
        loader = MigrationLoader(connections[options["database"]])
        leaves = [leaf for leaf in loader.graph.leaf_nodes() if app in {None, leaf[0]}]
        if not name:
            return leaves
        if name == "zero":
            return [(app, None)]
        try:
            return [(app, loader.get_migration_by_prefix(app, name).name)]
        except (AmbiguityError, KeyError):
            return []
