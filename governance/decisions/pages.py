"""What the pages of decisions show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import django_filters as filters
from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.db.models import Q

from governance.decisions.operations import why_not_final
from governance.models import Action, AgendaItem, Decision, Meeting, Recommendation, Stance
from jcb import dates
from jcb.models import Partner, Person

STATES = [
    ("waiting", "Waiting to be ratified"),
    ("reserved", "Waiting for a parent body"),
    ("final", "Final"),
    ("not", "Not agreed or not ratified"),
]


class DecisionFilter(filters.FilterSet):
    """The register's filters, in the address so that a filtered list can be sent."""

    q = filters.CharFilter(method="with_words", label="Words", max_length=100)
    state = filters.ChoiceFilter(choices=STATES, method="by_state", label="How it stands", empty_label="All")
    meeting = filters.ModelChoiceFilter(
        queryset=Meeting.objects.none(), to_field_name="key", label="Meeting", empty_label="Any meeting"
    )
    party = filters.ModelChoiceFilter(
        queryset=Partner.objects.filter(is_party=True).order_by("name"),
        to_field_name="key",
        method="by_party",
        label="Not simply agreed by",
        empty_label="Any party",
    )
    basis = filters.ChoiceFilter(choices=Decision.Basis.choices, label="Where it was made", empty_label="Anywhere")

    class Meta:
        model = Decision
        fields: list[str] = []

    def __init__(self, data, *, queryset, request):
        super().__init__(data, queryset=queryset, request=request)
        self.filters["meeting"].queryset = (
            Meeting.objects.visible_to(request.user).filter(decisions__in=queryset).distinct().order_by("-starts_at")
        )
        self.form.fields["q"].validators.append(ProhibitNullCharactersValidator())
        for field in self.form.fields.values():
            kind = "govuk-select" if isinstance(field.widget, forms.Select) else "govuk-input"
            field.widget.attrs["class"] = kind

    def with_words(self, rows, name, value):
        number = value.strip().upper().rpartition("/D")
        found = Q(text__icontains=value) | Q(item__title__icontains=value, item__isnull=False)
        if number[0] and number[2].isdecimal() and len(number[2]) < 5:
            found |= Q(series=number[0], number=int(number[2]))
        return rows.filter(found)

    def by_state(self, rows, name, value):
        waits = Stance.objects.filter(kind=Stance.Kind.RESERVES, answer="").values("decision")
        against = Stance.objects.filter(kind=Stance.Kind.DISAGREES).values("decision")
        refused = Q(ratification=Decision.Ratification.REFUSED) | Q(pk__in=against)
        provisional = Q(ratification=Decision.Ratification.WAITING)
        if value == "waiting":
            return rows.filter(provisional)
        if value == "reserved":
            return rows.filter(pk__in=waits)
        if value == "not":
            return rows.filter(refused)
        return rows.exclude(refused).exclude(provisional).exclude(pk__in=waits)

    def by_party(self, rows, name, value):
        said = Stance.objects.filter(partner=value).exclude(kind__in=[Stance.Kind.AGREES, Stance.Kind.NOT_AFFECTED])
        return rows.filter(pk__in=said.values("decision"))


@dataclass(frozen=True, slots=True)
class Line:
    """A decision in a list: its number, its words, where it was made, how the parties stood, whether it stands."""

    decision: Decision
    ref: str
    where: str
    on: str
    parties: str
    standing: str
    is_final: bool


def visible(person: Person):
    """The decisions a person may see, with what a list shows of them."""
    rows = Decision.objects.visible_to(person).select_related("meeting", "item", "ratified_at", "by")
    return rows.prefetch_related("stances__partner", "stances__spoken_by")


def of_item(person: Person, item: AgendaItem) -> list["Line"]:
    """The decisions on one item of a meeting that a person may see."""
    return lines(visible(person).filter(item=item).order_by("series", "number"))


def undecided(person: Person, item: AgendaItem) -> list[Recommendation]:
    """The recommendations on an item that a person may see and that nothing was decided on yet."""
    rows = Recommendation.objects.visible_to(person).filter(front_sheet__item=item, decisions=None)
    return list(rows.order_by("number"))


def lines(rows: Iterable[Decision]) -> list[Line]:
    return [line(row) for row in rows]


def line(row: Decision) -> Line:
    stances = list(row.stances.all())
    why = why_not_final(row, stances)
    return Line(
        decision=row,
        ref=row.ref,
        where=where(row),
        on=dates.say_day(row.decided_on),
        parties=parties_in_words(stances),
        standing=f"Not final: {why}" if why else standing(row),
        is_final=not why,
    )


def where(row: Decision) -> str:
    """ "Meeting of 28 September 2020, item 7", "Chairs’ action between meetings"."""
    if row.meeting is None:
        return row.get_basis_display()
    item = f", {item_words(row.item)}" if row.item else ""
    odd = " without a quorum" if row.basis == Decision.Basis.INQUORATE else ""
    return f"Meeting of {dates.say_day(row.meeting.starts_at)}{odd}{item}"


def item_words(item: AgendaItem) -> str:
    return f"item {item.label}, {item.title}" if item.label else item.title


def standing(row: Decision) -> str:
    """How a final decision came to stand."""
    if row.ratification == Decision.Ratification.RATIFIED:
        return f"Ratified on {dates.say_day(row.ratified_at.starts_at)}"
    return "Final"


def parties_in_words(stances: Sequence[Stance]) -> str:
    """ "All agree", or each party that does something else, by its short name."""
    there = [each for each in stances if each.kind not in (Stance.Kind.ABSENT, Stance.Kind.NOT_AFFECTED)]
    others = [each for each in stances if each.kind != Stance.Kind.AGREES]
    if not stances:
        return "No party recorded"
    if not others:
        return "All parties agree"
    said = "; ".join(f"{each.partner.short_name}: {each.get_kind_display().lower()}" for each in others)
    agreeing = sum(each.kind == Stance.Kind.AGREES for each in there)
    return f"{agreeing} agree{'s' if agreeing == 1 else ''}. {said}" if agreeing else said


@dataclass(frozen=True, slots=True)
class StanceLine:
    """What one party said, and of a reservation what became of it."""

    stance: Stance
    party: str
    position: str
    words: str
    reservation: str
    answer: str
    waits: bool
    is_late: bool


def stance_lines(decision: Decision) -> list[StanceLine]:
    today = dates.today()
    found = []
    for row in decision.stances.all():
        body = ""
        if row.kind == Stance.Kind.RESERVES:
            key = ", a key decision there" if row.key_decision else ""
            body = f"To be put to {row.parent_body}{key}; answer expected on {dates.say_day(row.answer_due_on)}"
        answer = ""
        if row.answer:
            effect = f" Takes effect on {dates.say_day(row.effective_on)}." if row.effective_on else ""
            answer = f"{dates.say_day(row.answered_on)}: {row.answer}{effect}"
        found.append(
            StanceLine(
                stance=row,
                party=row.partner.name,
                position=row.get_kind_display(),
                words=row.words + (f" ({row.spoken_by})" if row.spoken_by else ""),
                reservation=body,
                answer=answer,
                waits=row.waits_for_answer,
                is_late=row.waits_for_answer and row.answer_due_on < today,
            )
        )
    return found


CSV_HEADER = [
    "Number",
    "Decided on",
    "Where",
    "What was decided",
    "Parties",
    "How it stands",
    "Ratified at",
    "Restricted",
    "Invented",
]


def csv_row(each: Line) -> list:
    row = each.decision
    restricted = row.item.restricted if row.item else row.restricted
    return [
        each.ref, row.decided_on.isoformat(), each.where, row.text, each.parties, each.standing,
        row.ratified_at.on.isoformat() if row.ratified_at else "", "yes" if restricted else "no", "yes" if row.invented else "no",
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Extract:
    """One decision as it is printed."""

    ref: str
    text: str
    facts: tuple[tuple[str, str], ...]
    stances: tuple[tuple[str, str, str], ...]
    changes: tuple[str, ...]
    actions: tuple[tuple[str, str, str, str], ...]
    as_at: str
    invented: bool


def extract(row: Decision, person: Person) -> Extract:
    """What the extract of one decision says, to one reader."""
    shown = line(row)
    facts = [("Decided on", shown.on), ("Where", shown.where), ("How it stands", shown.standing)]
    if row.could_not_wait:
        facts.insert(2, ("Why it could not wait", row.could_not_wait))
    actions = Action.objects.visible_to(person).filter(decision=row).select_related("owner")
    return Extract(
        ref=row.ref,
        text=row.text,
        facts=tuple(facts),
        stances=tuple(
            (each.party, each.position, ". ".join(filter(None, (each.words, each.reservation, each.answer))))
            for each in stance_lines(row)
        ),
        changes=tuple(date_changes(row)),
        actions=tuple((a.ref, a.text, a.owner.name, dates.say_day(a.due_on)) for a in actions),
        as_at=dates.say_instant(dates.now()),
        invented=row.invented,
    )


def date_changes(row: Decision) -> list[str]:
    """Sentences on the dates that a decision changed."""
    rows = row.date_changes.select_related("deliverable__workstream__plan__area")
    return [
        f"{each.deliverable.workstream.plan.area.name} {each.deliverable.reference} {each.deliverable.short_title}: "
        f"from {dates.say_day(each.before_on)} to {dates.say_day(each.after_on)}"
        for each in rows
    ]
