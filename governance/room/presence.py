"""Who is in a meeting at an item, whether that is a quorum, and which parties are there."""

from collections.abc import Sequence
from dataclasses import dataclass

from governance.models import AgendaItem, Attendance, Meeting, Movement
from jcb.models import ActsFor, Partner

Side = Partner.Side


@dataclass(frozen=True, slots=True)
class Presence:
    """Those present, and how many of them count for each side's quorum."""

    present: tuple[Attendance, ...]
    council: int
    nhs: int
    council_wanted: int
    nhs_wanted: int

    @property
    def is_quorate(self) -> bool:
        return self.council >= self.council_wanted and self.nhs >= self.nhs_wanted

    @property
    def words(self) -> str:
        """ "Quorum: council side 7, NHS side 2"."""
        counts = (
            f"council side {self.council} of {self.council_wanted} needed, NHS side {self.nhs} of {self.nhs_wanted}"
        )
        return f"Quorum: {counts}" if self.is_quorate else f"No quorum: {counts}"


def attendances(meeting: Meeting) -> list[Attendance]:
    """The attendance list with its movements, in the order of seats."""
    rows = Attendance.objects.filter(meeting=meeting).select_related("person__partner", "seat__partner")
    return list(rows.prefetch_related("movements__item").order_by("seat__order", "person__name"))


def there_at(row: Attendance, items: Sequence[AgendaItem], item: AgendaItem | None) -> bool:
    """Whether somebody is there for an item: they are in the meeting, and their last movement up to it was not leaving.
    Without an item: at the end. Who came only for a later item was not there before."""
    if not row.is_present:
        return False
    place = {each.pk: n for n, each in enumerate(items)}
    at = place.get(item.pk, len(items)) if item else len(items)
    moves = sorted((place.get(each.item_id, 0), each.kind) for each in row.movements.all())
    past = [kind for n, kind in moves if n <= at]
    if past:
        return past[-1] == Movement.Kind.ARRIVED
    return not (moves and moves[0][1] == Movement.Kind.ARRIVED)


def presence(
    meeting: Meeting,
    item: AgendaItem | None = None,
    rows: Sequence[Attendance] | None = None,
    items: Sequence[AgendaItem] | None = None,
) -> Presence:
    """Who is there for an item, and whether that is a quorum of the meeting's terms: members, and deputies who may decide,
    of core seats count; who left because of an interest does not, for that item. `rows` and `items` where at hand."""
    rows = attendances(meeting) if rows is None else rows
    items = list(AgendaItem.objects.filter(meeting=meeting).in_order()) if items is None else items
    out = set()
    if item is not None:
        kinds = meeting.interests.model.Managed
        out = set(
            meeting.interests.filter(item=item, managed__in=[kinds.LEFT, kinds.WITHHELD]).values_list(
                "person", flat=True
            )
        )
    present = tuple(row for row in rows if there_at(row, items, item) and row.person_id not in out)
    sides = [
        side_of(row) for row in present if row.capacity in Attendance.DECIDES and row.seat and row.seat.kind == "core"
    ]
    return Presence(
        present,
        sides.count(Side.COUNCIL),
        sides.count(Side.NHS),
        meeting.terms.quorum_council,
        meeting.terms.quorum_nhs,
    )


def side_of(row: Attendance) -> str:
    """Council or NHS: as the seat says, else as the person's organisation."""
    return (row.seat.side if row.seat else "") or row.person.side


def parties_present(meeting: Meeting, parties: Sequence[Partner], present: Sequence[Attendance]) -> set[int]:
    """Of the parties, those for whom somebody is there who may decide, by primary key: for their own organisation, for
    those it acts for, or, where the seat names a side only, for that side's parties."""
    known = {party.pk: party for party in parties}
    acts: dict[int, set[int]] = {}
    for agent, principal in ActsFor.objects.values_list("agent", "principal"):
        acts.setdefault(agent, set()).add(principal)
    found: set[int] = set()
    for row in present:
        if row.capacity not in Attendance.DECIDES:
            continue
        partner = (row.seat.partner if row.seat else None) or row.person.partner
        own: set[int] = set()
        if partner:
            now = partner.now_called(meeting.on)
            own = ({now.pk, partner.pk} | acts.get(now.pk, set())) & known.keys()
        found |= own or {pk for pk, party in known.items() if party.side == side_of(row)}
    return found
