import sys

from django.apps import AppConfig
from django.conf import settings

from jcb import checks, logs  # noqa: F401 -- checks registers them


class JcbConfig(AppConfig):
    name = "jcb"
    verbose_name = "People, partners and settings"

    def ready(self):
        if settings.LOG_FORMAT == "json":
            sys.excepthook = logs.uncaught
