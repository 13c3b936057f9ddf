from django.apps import AppConfig

from jcb import checks  # noqa: F401 -- registers them


class JcbConfig(AppConfig):
    name = "jcb"
    verbose_name = "People, partners and settings"
