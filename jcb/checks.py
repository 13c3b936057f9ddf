"""What has to hold before anything is served."""

import logging

from django.apps import apps
from django.conf import settings
from django.core.checks import Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

LOG = logging.getLogger(__name__)
REMEDY = (
    "Use a database of its own for real records, or set MODE=demonstration. "
    "Their password is known to everyone who has this software."
)


@register(Tags.database)
def no_invented_people(app_configs, databases, **kwargs) -> list[Error]:
    """Real records and invented people do not go together: whoever reads the README could sign in."""
    if settings.DEMONSTRATION or not databases:
        return []
    person = apps.get_model("jcb", "Person")
    if person._meta.db_table not in connection.introspection.table_names():
        return []
    found = person.objects.filter(is_demonstration=True, is_active=True).count()
    if not found:
        return []
    return [Error(f"MODE is 'production' and {found} demonstration people could sign in.", hint=REMEDY, id="jcb.E001")]


@register(Tags.security)
def second_step_roles(app_configs, **kwargs) -> list[Error]:
    """A role that is misspelt would be one that needs no second step."""
    roles = [value for value, _ in apps.get_model("jcb", "Person").Role.choices]
    unknown = [role for role in settings.SECOND_STEP_ROLES if role not in roles]
    if not unknown:
        return []
    hint = f"SECOND_STEP_ROLES takes these, separated by commas: {', '.join(roles)}."
    return [Error(f"There is no role called {' or '.join(unknown)}.", hint=hint, id="jcb.E002")]


def insist() -> None:
    """Refuse to serve where a check fails. Raises ImproperlyConfigured with a sentence that says how to mend it. Of a role
    of the database that may do more than it needs, only the log tells."""
    from jcb import grants  # noqa: PLC0415 -- reads the models

    for problem in [*no_invented_people(None, ["default"]), *second_step_roles(None)]:
        raise ImproperlyConfigured(f"{problem.msg} {problem.hint}")
    if said := grants.remark():
        LOG.warning("%s", said)
