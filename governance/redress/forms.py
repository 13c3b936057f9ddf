"""The forms of redress. None of them has room for a name."""

from django import forms

from governance.meetings.forms import Day
from governance.models import RedressCase, RedressRule
from jcb.models import Partner
from jcb.steps import SeenForm, words

NOBODY = "By reference and theme only: never a name, a date of birth or anything else that could identify a child."


class OpenForm(forms.Form):
    """A new case."""

    reference = forms.CharField(
        label="Reference",
        max_length=40,
        help_text="The reference of the service or the Tribunal, such as EH999/20/00012.",
        error_messages={"required": "Give the reference of the service or the Tribunal."},
    )
    kind = forms.ChoiceField(
        label="Kind",
        choices=[("", "Choose"), *RedressCase.Kind.choices],
        error_messages={"required": "Choose what kind of case it is."},
    )
    opened_on = Day("Opened on")
    rule = forms.ModelChoiceField(RedressRule.objects.none(), label="Route", required=False, empty_label="Not said")
    partner = forms.ModelChoiceField(
        Partner.objects.none(), label="Commissioner", required=False, empty_label="Not said"
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["rule"].queryset = RedressRule.objects.order_by("order")
        self.fields["partner"].queryset = Partner.objects.filter(is_party=True).order_by("name")


class DecideForm(SeenForm):
    """The decision or recommendation."""

    decided_on = Day("Decided on")
    accepted = forms.ChoiceField(label="Is it followed?", choices=RedressCase.Accepted.choices, required=False)
    partner = forms.ModelChoiceField(
        Partner.objects.none(), label="Commissioner", required=False, empty_label="As before"
    )

    def __init__(self, *args, row: RedressCase, **options):
        start = {"decided_on": row.decided_on, "accepted": row.accepted, "partner": row.partner_id}
        super().__init__(*args, row=row, **{**options, "initial": start})
        self.fields["partner"].queryset = Partner.objects.filter(is_party=True).order_by("name")


class ReplyForm(SeenForm):
    """The written reply."""

    replied_on = Day("The written reply was sent on")
    copied_to_tribunal_on = Day("Copied to the Tribunal on", required=False)
    copied_to_evaluator_on = Day("Copied to the evaluator of the trial on", required=False)

    def __init__(self, *args, row: RedressCase, **options):
        names = ("replied_on", "copied_to_tribunal_on", "copied_to_evaluator_on")
        super().__init__(*args, row=row, **{**options, "initial": {name: getattr(row, name) for name in names}})


class CloseForm(SeenForm):
    """The end of a case."""

    closed_on = Day("Closed on")
    lesson = words("What the Board should learn", NOBODY)
