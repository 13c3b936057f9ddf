"""New versions of a ladder. A version is never changed: disputes keep the one they were raised under."""

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.text import slugify

from governance.models import Ladder, Rung
from jcb import access
from jcb.history import refuse
from jcb.models import Person

MAY_NOT = "You can read the ladders; the secretariat records new versions."
RULES = ("days", "days_from", "may_extend", "statement_days", "report_days")


@transaction.atomic
def new_version(
    *,
    by: Person,
    source: Ladder,
    title: str,
    in_force_from: dt.date,
    stands_in: str,
    rungs: Sequence[Mapping],
    note: str = "",
) -> Ladder:
    """Record a new version of a ladder, made from an older one. `rungs` are those that it has, from the lowest up, each with
    the key of the source's rung, its name, who tries to settle it, its text and its periods in calendar days.

    Disputes that are open keep their own version; the new one is proposed for those raised from its first day on.
    """
    access.require(access.may_keep_terms(by), MAY_NOT)
    known = {rung.key: rung for rung in source.rungs.all()}
    if not rungs or rungs[0]["key"] != min(known.values(), key=lambda rung: rung.order).key:
        refuse("A ladder begins with the first rung. Keep it.")
    if len(rungs) < 2:
        refuse("A ladder has two rungs at least. Keep another one.")
    if Ladder.objects.filter(title__iexact=title.strip()).exists():
        refuse("A ladder has this title already. Give the new version one that tells them apart.", "title")
    if Ladder.objects.filter(in_force_from__gt=in_force_from).exists():
        refuse("A later version is in force already. Choose a day after its first day.", "in_force_from")
    row = Ladder(
        key=_key(title, in_force_from),
        title=title.strip(),
        in_force_from=in_force_from,
        stands_in=stands_in.strip(),
        note=note.strip(),
        terms=None,
    )
    row.full_clean()
    row.save()
    for order, given in enumerate(rungs, start=1):
        rung = Rung(ladder=row, order=order, **given)
        rung.full_clean()
        rung.save()
    return row


def _key(title: str, day: dt.date) -> str:
    start = f"{slugify(title)[:40].rstrip('-') or 'ladder'}-{day.year}"
    taken = set(Ladder.objects.filter(key__startswith=start).values_list("key", flat=True))
    return next(key for key in (start, *(f"{start}-{n}" for n in range(2, len(taken) + 3))) if key not in taken)
