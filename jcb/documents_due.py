"""The seam between a change of the record and the documents that show it."""

from django.utils.module_loading import import_string
from django_tasks import task

MAKER = "governance.documents.make_due"


@task()
def documents_due(plan_slug: str = "") -> None:
    """Make a plan's documents again before anyone asks; every plan's where none is named. The maker sits to the right
    of this room, so it is looked up."""
    import_string(MAKER)(plan_slug)
