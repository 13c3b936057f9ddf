"""Numbers that are given once: the next one of a series, whoever else asks for one at the same time."""

from django.db import IntegrityError, models, transaction
from django.db.models import Max

TRIES = 20


def save_numbered(row: models.Model, **series) -> models.Model:
    """Save a new row with the next number of its series, named by its fields. Call it inside a transaction.

    The database allows each number once; where somebody else took it meanwhile, the next one is tried.
    """
    for left in reversed(range(TRIES)):
        taken = type(row)._default_manager.filter(**series).aggregate(last=Max("number"))["last"]
        row.number = (taken or 0) + 1
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            row.pk = None
            row._state.adding = True
            if not left:
                raise
        else:
            return row
    raise AssertionError("There is always a last try.")
