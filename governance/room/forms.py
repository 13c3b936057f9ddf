"""The forms of the attendance list."""

from django import forms

from governance.models import AgendaItem, Attendance, Meeting, Membership, Movement


class AttendanceForm(forms.Form):
    """Everybody who may come, each with where they are. `was_…` is what the page showed."""

    def __init__(self, *args, expected: list[Membership], there: dict[int, str], **options):
        super().__init__(*args, **options)
        self.expected = expected
        for each in expected:
            mode = there.get(each.person_id, Attendance.Mode.EXPECTED)
            name = f"{each.seat.position}: {each.person.name}"
            if each.capacity != Membership.As.MEMBER:
                name += f", {each.get_capacity_display().lower()}"
            self.fields[f"mode_{each.pk}"] = forms.ChoiceField(
                choices=Attendance.Mode.choices, label=name, initial=mode,
                error_messages={"required": "Choose one of the places on the list."},
            )  # fmt: skip
            self.fields[f"was_{each.pk}"] = forms.CharField(
                widget=forms.HiddenInput, initial=mode, required=False, max_length=20
            )

    def changed(self) -> list[tuple[Membership, str, str]]:
        """Those whose place differs from what the page showed: who, what it showed, what was chosen."""
        data = self.cleaned_data
        rows = [(each, data[f"was_{each.pk}"], data[f"mode_{each.pk}"]) for each in self.expected]
        return [row for row in rows if row[1] != row[2]]


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
