from django.contrib.admin.apps import AdminConfig


class ReferenceRecords(AdminConfig):
    """Django's admin with our own site in the place of its own."""

    default_site = "jcb.reference.ReferenceSite"
