"""The forms of the agenda: one item, and the minutes of a line."""

from django import forms

from governance.agendas.operations import EDITABLE, is_frozen, next_supplement
from governance.conflicts import SeenForm
from governance.models import AgendaItem, Meeting
from jcb import access
from jcb.models import Person
from workstreams.models import Plan, Theme, Workstream

USUAL, SUPPLEMENT = "", "supplement"
MINUTES = "Give the minutes as a whole number from 0 to 300."


def presenters(reader: Person):
    """People who may be given an item or invited to one."""
    return Person.objects.visible_to(reader).filter(is_active=True).exclude(role=access.ADMINISTRATOR)


def of_live_plans(rows, present=None):
    """Of themes or workstreams, those of the live plans, and the one that is chosen already."""
    found = rows.filter(plan__state=Plan.State.LIVE)
    return (found | rows.filter(pk=present)) if present else found


class WithPlan(forms.ModelChoiceField):
    """A workstream, named with its number and its plan's borough: two plans have a first one each."""

    def label_from_instance(self, row):
        return f"{row.number}. {row.short_name}, {row.plan.area}"


class ItemForm(SeenForm):
    """One agenda item. A new one also says where it goes."""

    where = forms.ChoiceField(label="Where it goes", required=False)
    workstream = WithPlan(queryset=Workstream.objects.none(), required=False, empty_label="None")
    theme = forms.ModelChoiceField(queryset=Theme.objects.none(), required=False, empty_label="None")

    class Meta:
        model = AgendaItem
        fields = EDITABLE
        labels = {"purpose": "What it is for", "minutes": "Minutes allowed", "note": "What it is about"}
        widgets = {
            "note": forms.Textarea(attrs={"rows": 3, "data-keep": ""}),
            "minutes": forms.NumberInput(attrs={"min": 0, "max": 300}),
        }
        error_messages = {
            "title": {"required": "Give the item a title.", "max_length": "Keep the title under 150 characters."},
            "minutes": {"required": MINUTES, "invalid": MINUTES, "min_value": MINUTES, "max_value": MINUTES},
        }

    def __init__(self, *args, meeting: Meeting, items: list[AgendaItem], reader: Person, **kwargs):
        super().__init__(*args, **kwargs)
        item, frozen = self.instance, is_frozen(items)
        self.fields["presenter"].queryset = presenters(reader)
        self.fields["presenter"].empty_label = "Nobody yet"
        self.fields["workstream"].queryset = of_live_plans(
            Workstream.objects.visible_to(reader), item.workstream_id
        ).select_related("plan__area")
        self.fields["theme"].queryset = of_live_plans(Theme.objects.visible_to(reader), item.theme_id)
        if frozen:
            del self.fields["taken_as_read"]
        if item.pk:
            del self.fields["where"]
        else:
            self.fields["where"].choices = _places(meeting, items, frozen)

    def chosen_place(self, items: list[AgendaItem]) -> dict:
        """Where a new item goes, as `add_item` takes it."""
        where = self.cleaned_data["where"]
        if where == SUPPLEMENT:
            return {"supplement": True}
        return {"after": next((item for item in items if str(item.pk) == where), None)}


def _places(meeting: Meeting, items: list[AgendaItem], frozen: bool) -> list[tuple[str, str]]:
    if not frozen:
        after = [(str(item.pk), f"After {item.title}") for item in items if not item.is_withdrawn]
        return [(USUAL, "At the end, before any other business"), *after]
    after = [(str(item.pk), f"After item {item.label}, {item.title}") for item in items if item.number]
    supplement = (SUPPLEMENT, f"In supplement {next_supplement(meeting)}, with the next number")
    return [(USUAL, "At the end, before any other business"), *after, supplement]


class MinutesForm(forms.Form):
    """The minutes of one line of the agenda. `was` is what the person saw, `seen` the version of the item."""

    minutes = forms.IntegerField(
        min_value=0,
        max_value=300,
        widget=forms.TextInput(attrs={"class": "govuk-input govuk-input--width-2", "inputmode": "numeric"}),
        error_messages={"required": MINUTES, "invalid": MINUTES, "min_value": MINUTES, "max_value": MINUTES},
    )
    was = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=300)
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=1_000_000)

    def __init__(self, data=None, *, item: AgendaItem, **kwargs):
        kwargs["initial"] = {"minutes": item.minutes, "was": item.minutes, "seen": item.version}
        super().__init__(data, prefix=f"item-{item.pk}", **kwargs)
        self.item = item

    @property
    def is_changed(self) -> bool:
        return self.cleaned_data["minutes"] != self.cleaned_data["was"]
