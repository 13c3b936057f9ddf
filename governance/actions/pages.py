"""What the pages of actions show."""

from collections.abc import Iterable
from dataclasses import dataclass

import django_filters as filters
from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.db.models import Q

from governance.models import Action, ActionHelper, AgendaItem, Membership
from jcb import dates
from jcb.models import Person

STATES = [("all", "All, closed ones too"), ("late", "Overdue"), *Action.State.choices]


class ActionFilter(filters.FilterSet):
    """The register's filters, in the address."""

    q = filters.CharFilter(method="with_words", label="Words", max_length=100)
    state = filters.ChoiceFilter(choices=STATES, method="by_state", label="How it stands", empty_label="Not closed")
    whose = filters.ChoiceFilter(choices=[("me", "Mine")], method="by_owner", label="Whose", empty_label="Everybody’s")

    class Meta:
        model = Action
        fields: list[str] = []

    def __init__(self, data, *, queryset, request):
        super().__init__(data, queryset=queryset, request=request)
        self.form.fields["q"].validators.append(ProhibitNullCharactersValidator())
        for field in self.form.fields.values():
            field.widget.attrs["class"] = "govuk-select" if isinstance(field.widget, forms.Select) else "govuk-input"

    @property
    def qs(self):
        rows = super().qs
        state = self.form.cleaned_data.get("state") if self.form.is_bound and self.form.is_valid() else ""
        return rows if state else rows.carried()

    def with_words(self, rows, name, value):
        series, _, number = value.strip().partition("/")
        found = Q(text__icontains=value) | Q(owner__name__icontains=value)
        if number.isdecimal() and len(number) < 5:
            found |= Q(series=series, number=int(number))
        return rows.filter(found)

    def by_state(self, rows, name, value):
        if value == "all":
            return rows
        if value == "late":
            return rows.carried().filter(due_on__lt=dates.today())
        return rows.filter(state=value)

    def by_owner(self, rows, name, value):
        helped = ActionHelper.objects.filter(person=self.request.user).values("action")
        return rows.filter(Q(owner=self.request.user) | Q(pk__in=helped))


@dataclass(frozen=True, slots=True)
class Line:
    """An action in a list. `came_from` names its item only to those who may see the item."""

    action: Action
    ref: str
    owner: str
    helpers: str
    due: str
    first_due: str
    state: str
    is_late: bool
    came_from: str
    item: AgendaItem | None
    last: str


def visible(person: Person):
    """The actions a person may see, with what a list shows of them."""
    rows = Action.objects.visible_to(person).select_related("meeting", "item", "owner", "closed_at_meeting")
    return rows.prefetch_related("helpers__person", "updates__by")


def lines(rows: Iterable[Action], person: Person) -> list[Line]:
    """The rows as lines, with one query for the items that the person may see."""
    rows = list(rows)
    seen = set(AgendaItem.objects.visible_to(person).filter(actions__in=rows).values_list("pk", flat=True))
    return [_line(row, seen) for row in rows]


def line(row: Action, person: Person) -> Line:
    return lines([row], person)[0]


def _line(row: Action, seen: set[int]) -> Line:
    today = dates.today()
    late = row.state != Action.State.CLOSED and row.due_on < today
    state = row.get_state_display()
    if row.state == Action.State.CLOSED:
        state = f"Closed on {dates.say_day(row.closed_on)}"
    elif late:
        days = (today - row.due_on).days
        state += f", {days} day{'' if days == 1 else 's'} overdue"
    last = next(iter(row.updates.all()), None)
    return Line(
        action=row,
        ref=row.ref,
        owner=row.owner.name + (" (invented)" if row.owner.is_demonstration else ""),
        helpers=", ".join(each.person.name for each in row.helpers.all()),
        due=dates.say_day(row.due_on),
        first_due=dates.say_day(row.first_due_on) if row.first_due_on != row.due_on else "",
        state=state,
        is_late=late,
        came_from=f"Meeting of {dates.say_day(row.meeting.starts_at)}",
        item=row.item if row.item_id in seen else None,
        last=f"{last.get_kind_display()}, {dates.say_day(last.at)}{f': {last.text}' if last.text else ''}"
        if last
        else "",
    )


def is_open_to(row: Action, verb: str) -> bool:
    """Whether a thing may be done to an action as it stands."""
    closed = row.state == Action.State.CLOSED
    if verb == "reopen":
        return row.can_become(Action.State.OPEN)
    return not closed


def follows_in_seat(row: Action) -> str:
    """Who holds the owner's seat now, where the owner has left it: a word to the secretariat, who passes the action on."""
    if row.state == Action.State.CLOSED:
        return ""
    today = dates.today()
    own = list(Membership.objects.filter(person=row.owner).select_related("seat").order_by("-from_on"))
    if not own or any(each.until_on is None or each.until_on >= today for each in own):
        return ""
    left = own[0]
    now = Membership.objects.filter(seat=left.seat, from_on__lte=today, capacity=Membership.As.MEMBER)
    held = now.filter(Q(until_on=None) | Q(until_on__gte=today)).select_related("person").first()
    since = dates.say_day(left.until_on)
    return f"{row.owner} left the seat {left.seat} on {since}." + (f" {held.person} holds it now." if held else "")


CSV_HEADER = [
    "Number",
    "Action",
    "Owner",
    "Helpers",
    "First due",
    "Due",
    "How it stands",
    "Meeting",
    "Last said",
    "Invented",
]


def csv_row(each: Line) -> list:
    row = each.action
    return [
        each.ref, row.text, row.owner.name, each.helpers, row.first_due_on.isoformat(), row.due_on.isoformat(), each.state,
        row.meeting.on.isoformat(), each.last, "yes" if row.invented else "no",
    ]  # fmt: skip
