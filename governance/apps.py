from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "governance"
    verbose_name = "Governance: how it is overseen"

    def ready(self):
        from governance.disputes import moves  # noqa: PLC0415 -- reads the models
        from jcb import guards  # noqa: PLC0415 -- reads the models

        guards.register(moves.guards)
