"""Natural keys: fixtures name rows in words, never by number.

A model states `NATURAL_KEY`, a tuple of lookups such as `("workstream__plan__slug", "workstream__number", "number")`.
"""

from django.db import models


class NaturalManager(models.Manager):
    """Finds a row by its natural key; made with a model's own QuerySet by `keyed()`."""

    def get_by_natural_key(self, *key):
        return self.get(**dict(zip(self.model.NATURAL_KEY, key, strict=True)))


class NaturallyKeyed(models.Model):
    """Says a row's natural key, following the lookups through foreign keys; an empty one gives None."""

    class Meta:
        abstract = True

    def natural_key(self) -> tuple:
        return tuple(self._follow(lookup.split("__")) for lookup in self.NATURAL_KEY)

    def _follow(self, names):
        value = self
        for name in names:
            value = None if value is None else getattr(value, name)
        return value


def keyed(queryset: type[models.QuerySet]) -> models.Manager:
    """The manager of a model with a natural key and the given QuerySet."""
    return NaturalManager.from_queryset(queryset)()
