"""The forms of the attendance list."""

from django import forms

from governance.models import AgendaItem, Attendance, Meeting, Minute, Movement, Seat
from governance.room.operations import Place
from jcb.models import Person
from jcb.steps import LARGEST, words


class AttendanceForm(forms.Form):
    """Everybody who may come, each with where they are. `was_…` is what the page showed."""

    def __init__(self, *args, expected: list[Place], there: dict[int, str], **options):
        super().__init__(*args, **options)
        self.expected = expected
        for each in expected:
            mode = there.get(each.person.pk, Attendance.Mode.EXPECTED)
            self.fields[f"mode_{each.key}"] = forms.ChoiceField(
                choices=Attendance.Mode.choices, label=each.words, initial=mode, required=False
            )  # a line that came since the page was opened is not sent, and stays as it is
            self.fields[f"was_{each.key}"] = forms.CharField(
                widget=forms.HiddenInput, initial=mode, required=False, max_length=20
            )

    def changed(self) -> list[tuple[Place, str, str]]:
        """Those whose place differs from what the page showed: who, what it showed, what was chosen."""
        data = self.cleaned_data
        rows = [(each, data[f"was_{each.key}"], data[f"mode_{each.key}"]) for each in self.expected]
        return [row for row in rows if row[2] and row[1] != row[2]]


class AddForm(forms.Form):
    """Somebody who is neither a member nor a deputy by name."""

    person = forms.ModelChoiceField(
        Person.objects.none(), label="Who", empty_label="Choose", error_messages={"required": "Choose who is here."}
    )
    capacity = forms.ChoiceField(
        label="As",
        choices=[each for each in Attendance.As.choices if each[0] != Attendance.As.MEMBER],
        initial=Attendance.As.IN_ATTENDANCE,
    )
    seat = forms.ModelChoiceField(
        Seat.objects.none(), label="For the seat", required=False, empty_label="No seat: in attendance"
    )
    mode = forms.ChoiceField(label="Where", choices=Attendance.Mode.choices, initial=Attendance.Mode.IN_ROOM)

    def __init__(self, *args, meeting: Meeting, **options):
        super().__init__(*args, **options)
        self.fields["person"].queryset = Person.objects.filter(is_active=True).order_by("name")
        self.fields["seat"].queryset = Seat.objects.filter(terms=meeting.terms_id).order_by("order")


class MinuteForm(forms.Form):
    """What was said on an item. `seen` is the version that was opened; 0 where there was none."""

    text = words(
        "Key discussion", "Not a transcript. Leave a line empty between paragraphs.", rows=7, max_length=20_000
    )
    nothing_to_minute = forms.BooleanField(label="There is nothing to minute", required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=LARGEST)

    def __init__(self, *args, row: Minute | None, **options):
        start = (
            {"seen": row.version, "text": row.text, "nothing_to_minute": row.nothing_to_minute} if row else {"seen": 0}
        )
        super().__init__(*args, initial=start, **options)

    def see(self, row: Minute) -> None:
        """Let the next save be the answer to the row as it is now."""
        self.data = self.data.copy()
        self.data["seen"] = str(row.version)


class MovementForm(forms.Form):
    """Somebody came for an item, or left before it."""

    attendance = forms.ModelChoiceField(
        Attendance.objects.none(),
        label="Who",
        empty_label="Choose",
        error_messages={"required": "Choose who came or left."},
    )
    kind = forms.ChoiceField(label="What", choices=Movement.Kind.choices)
    item = forms.ModelChoiceField(
        AgendaItem.objects.none(),
        label="Item",
        empty_label="Choose",
        error_messages={"required": "Choose the item."},
    )

    def __init__(self, *args, meeting: Meeting, person, **options):
        super().__init__(*args, **options)
        rows = Attendance.objects.visible_to(person).filter(meeting=meeting, mode__in=Attendance.PRESENT)
        self.fields["attendance"].queryset = rows.select_related("person")
        self.fields["attendance"].label_from_instance = lambda row: row.person.name
        self.fields["item"].queryset = AgendaItem.objects.visible_to(person).filter(meeting=meeting).in_order()
