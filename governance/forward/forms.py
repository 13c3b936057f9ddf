"""The forms of the forward plan: an item with its place, and an idea."""

import datetime as dt

from django import forms

from governance.agendas.forms import WithPlan, of_live_plans, presenters
from governance.conflicts import SeenForm
from governance.models import ForwardItem, Meeting
from jcb import dates
from jcb.models import Person
from workstreams.models import Theme, Workstream

PARKED = "parked"
MONTHS_AHEAD = 24
MINUTES = "Give the minutes as a whole number from 1 to 300."
TITLE = {"required": "Give it a title.", "max_length": "Keep the title under 150 characters."}


def place_of(row: ForwardItem) -> str:
    """The value of a row's place in the list: "meeting 12", "month 2020-10", "parked"."""
    if row.meeting_id:
        return f"meeting {row.meeting_id}"
    return f"month {row.month:%Y-%m}" if row.month else PARKED


class ForwardItemForm(SeenForm):
    """One item of the forward plan. Where it is planned is one choice: a meeting, a month, or parked."""

    place = forms.ChoiceField(label="When", help_text="A meeting, a month where no meeting is chosen yet, or parked.")
    theme = forms.ModelChoiceField(queryset=Theme.objects.none(), required=False, empty_label="None")
    workstream = WithPlan(queryset=Workstream.objects.none(), required=False, empty_label="None")

    class Meta:
        model = ForwardItem
        fields = ("title", "kind", "theme", "workstream", "minutes", "presenter", "note", "done")
        labels = {"note": "What it is about", "kind": "What it is", "minutes": "Minutes wanted"}
        widgets = {
            "note": forms.Textarea(attrs={"rows": 3, "data-keep": ""}),
            "minutes": forms.NumberInput(attrs={"min": 1, "max": 300}),
        }
        error_messages = {
            "title": TITLE,
            "minutes": {"required": MINUTES, "invalid": MINUTES, "min_value": MINUTES, "max_value": MINUTES},
        }

    field_order = ("title", "kind", "place")

    def __init__(self, *args, reader: Person, **kwargs):
        super().__init__(*args, **kwargs)
        row = self.instance
        self.fields["presenter"].queryset = presenters(reader)
        self.fields["presenter"].empty_label = "Nobody yet"
        self.fields["theme"].queryset = of_live_plans(Theme.objects.visible_to(reader), row.theme_id)
        self.fields["workstream"].queryset = of_live_plans(
            Workstream.objects.visible_to(reader), row.workstream_id
        ).select_related("plan__area")
        self.meetings = {str(each.pk): each for each in self._meetings(reader)}
        self.fields["place"].choices = self._places()
        if not row.pk:
            del self.fields["done"]

    def as_shown(self, row: ForwardItem) -> dict:
        return super().as_shown(row) | {"place": place_of(row)}

    def _meetings(self, reader: Person):
        rows = Meeting.objects.visible_to(reader)
        own = rows.filter(pk=self.instance.meeting_id) if self.instance.meeting_id else rows.none()
        return sorted({*rows.coming(dates.now()), *own}, key=lambda meeting: meeting.starts_at)

    def _places(self) -> list:
        first = dates.today().replace(day=1)
        months = {dates.add_months(first, ahead) for ahead in range(MONTHS_AHEAD + 1)}
        if self.instance.month:
            months.add(self.instance.month.replace(day=1))
        meetings = [(f"meeting {pk}", _say(meeting)) for pk, meeting in self.meetings.items()]
        in_months = [(f"month {month:%Y-%m}", f"Some time in {dates.say_month(month)}") for month in sorted(months)]
        return [(PARKED, "Parked for later"), ("Meetings", meetings), ("Months", in_months)]

    def clean(self):
        data = super().clean()
        kind, _, which = data.get("place", "").partition(" ")
        self.instance.meeting = self.meetings.get(which) if kind == "meeting" else None
        self.instance.month = dt.date.fromisoformat(f"{which}-01") if kind == "month" else None
        return data

    def changed(self) -> list[str]:
        moved = ["meeting", "month"] if "place" in self.changed_data else []
        return [*super().changed(), *moved]


def _say(meeting: Meeting) -> str:
    cancelled = ", cancelled" if meeting.state == Meeting.State.CANCELLED else ""
    return f"{dates.say_weekday(meeting.starts_at)} {meeting.on.year}{cancelled}"


class IdeaForm(forms.Form):
    """An idea for the Board, in the words of whoever proposes it."""

    title = forms.CharField(label="What should the Board take up?", max_length=150, strip=True, error_messages=TITLE)
    note = forms.CharField(
        label="Why, in a few sentences",
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 4, "data-keep": ""}),
        help_text="No names of children, and nothing that could identify one.",
        error_messages={"max_length": "Keep it under 2,000 characters. The rest can come with the item itself."},
    )
