"""The deliverables list's filters and orders. They live in the address, so that a filtered list can be sent."""

import datetime as dt

import django_filters as filters
from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.db.models import Count, F, Q

from jcb import dates
from jcb.models import Person
from workstreams.models import FINISHED, Consideration, Deliverable, Status, Theme, Workstream

UNFINISHED = ~Q(status__in=[status.value for status in FINISHED])
STATUS_CHOICES = [("attention", "Off track or at risk"), *Status.choices]
ORDERS = {
    "reference": ("workstream__plan", "workstream__number", "number"),
    "status": ("rank", "workstream__plan", "workstream__number", "number"),
    "owner": (F("lead__name").asc(nulls_last=True), "workstream__plan", "workstream__number", "number"),
    "due": ("agreed", "workstream__plan", "workstream__number", "number"),
    "updated": (F("last_at").asc(nulls_first=True), "workstream__plan", "workstream__number", "number"),
}


def streams_for(person: Person) -> list[Workstream]:
    """The workstreams a person may see, each with its plan and how many deliverables it has (`size`)."""
    seen = Workstream.objects.visible_to(person).select_related("plan__area")
    return list(seen.annotate(size=Count("deliverables")))


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__({"class": "govuk-input", **(attrs or {})}, format="%Y-%m-%d")


class DeliverableFilter(filters.FilterSet):
    """Filters over `with_status()` rows; `request` and `day` come with the data, and `streams` where they are at hand."""

    plan = filters.ChoiceFilter(field_name="workstream__plan__slug", label="Plan", empty_label="Both plans")
    workstream = filters.ChoiceFilter(method="by_workstream", label="Workstream", empty_label="All workstreams")
    status = filters.ChoiceFilter(choices=STATUS_CHOICES, method="by_status", label="Status", empty_label="Any status")
    theme = filters.ChoiceFilter(method="by_theme", label="Theme not yet considered", empty_label="Any theme")
    owner = filters.ChoiceFilter(method="by_owner", label="Owner", empty_label="Anyone")
    due = filters.DateFilter(field_name="agreed", lookup_expr="lte", label="Due by", widget=DayInput)
    silent = filters.DateFilter(method="silent_since", label="No update since", widget=DayInput)
    overdue = filters.BooleanFilter(method="only_overdue", label="Overdue only", widget=forms.CheckboxInput)
    q = filters.CharFilter(method="with_words", label="Words", max_length=100)
    sort = filters.CharFilter(method="ordered", widget=forms.HiddenInput)

    class Meta:
        model = Deliverable
        fields: list[str] = []

    def __init__(self, data, *, request, day: dt.date, streams: list[Workstream] | None = None, **kwargs):
        super().__init__(data, request=request, **kwargs)
        self.day = day
        self.streams = streams_for(request.user) if streams is None else streams
        streams = [stream for stream in self.streams if stream.plan.text_held]
        plans = {stream.plan.slug: stream.plan for stream in streams}
        self.plans = plans
        several = len(plans) > 1
        self.choices = {
            "plan": [(slug, str(plan)) for slug, plan in plans.items()],
            "workstream": [
                (
                    f"{s.plan.slug}/{s.number}",
                    f"{s.number}. {s.short_name}" + (f" ({s.plan.area.name})" if several else ""),
                )
                for s in streams
            ],
            "status": STATUS_CHOICES,
            "theme": list(
                dict(Theme.objects.visible_to(request.user).order_by("order").values_list("key", "short_name")).items()
            ),
            "owner": [("me", "Me"), ("none", "No owner yet")]
            + [
                (str(pk), name)
                for pk, name in Person.objects.visible_to(request.user)
                .filter(Q(deliverables_led__isnull=False))
                .distinct()
                .order_by("name")
                .values_list("pk", "name")
            ],
        }
        for name, choices in self.choices.items():
            self.filters[name].extra["choices"] = choices

    def by_workstream(self, rows, name, value):
        slug, number = value.rsplit("/", 1)
        return rows.filter(workstream__plan__slug=slug, workstream__number=int(number))

    def by_status(self, rows, name, value):
        wanted = [Status.OFF_TRACK, Status.AT_RISK] if value == "attention" else [value]
        return rows.filter(status__in=wanted)

    def by_theme(self, rows, name, value):
        considered = Consideration.objects.filter(theme__key=value, on__lte=self.day)
        return rows.filter(workstream__plan__themes__key=value).exclude(workstream__in=considered.values("workstream"))

    def by_owner(self, rows, name, value):
        if value == "me":
            return rows.filter(
                pk__in=Deliverable.objects.visible_to(self.request.user)
                .led_by(self.request.user, self.day)
                .values("pk")
            )
        return rows.filter(lead=None) if value == "none" else rows.filter(lead=int(value))

    def silent_since(self, rows, name, value):
        return rows.filter(UNFINISHED, Q(last_at=None) | Q(last_at__lt=dates.start_of_day(value)))

    def only_overdue(self, rows, name, value):
        return rows.filter(UNFINISHED, agreed__lt=self.day) if value else rows

    def with_words(self, rows, name, value):
        ProhibitNullCharactersValidator()(value)
        for word in value.split()[:10]:
            rows = rows.filter(
                Q(title__icontains=word)
                | Q(short_title__icontains=word)
                | Q(detail__icontains=word)
                | Q(workstream__name__icontains=word)
                | Q(lead__name__icontains=word)
            )
        return rows

    def ordered(self, rows, name, value):
        return rows

    @property
    def order(self) -> tuple[str, bool]:
        """The order asked for and whether it is reversed; worst first where nothing sensible is asked."""
        wanted = self.data.get("sort", "")
        name = wanted.removeprefix("-")
        return (name, wanted.startswith("-")) if name in ORDERS else ("status", False)

    def sorted(self, rows):
        name, reverse = self.order
        fields = ORDERS[name]
        rows = rows.order_by(*fields)
        return rows.reverse() if reverse else rows

    def in_use(self) -> list[tuple[str, str, str]]:
        """(name, label, value in words) of each filter in use; nothing where the form does not hold."""
        if not self.form.is_valid():
            return []
        chips = []
        for name, value in self.form.cleaned_data.items():
            if name == "sort" or value in (None, "", False):
                continue
            words = dict(self.choices.get(name, [])).get(value, value)
            if isinstance(value, dt.date):
                words = dates.say_day(value)
            if value is True:
                words = "yes"
            chips.append((name, self.filters[name].label, str(words)))
        return chips
