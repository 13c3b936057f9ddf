from django.apps import AppConfig


class JcbConfig(AppConfig):
    name = "jcb"
    verbose_name = "People, partners and settings"
