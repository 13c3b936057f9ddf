"""The forms of bodies and reports upward."""

from django import forms

from governance.meetings.forms import Day
from governance.models import BodyMeeting, ParentBody, UpwardReport
from jcb import dates
from jcb.models import Partner
from jcb.steps import SeenForm, words


class BodyForm(forms.Form):
    """A body that hears from the Board."""

    name = forms.CharField(label="Name", max_length=150, error_messages={"required": "Give the body’s name."})
    partner = forms.ModelChoiceField(
        Partner.objects.none(), label="Whose body", required=False, empty_label="Nobody’s alone"
    )
    email = forms.EmailField(
        label="Where reports are sent",
        required=False,
        error_messages={"invalid": "Give the e-mail address in full, such as name@example.org."},
    )
    paper_days = forms.IntegerField(
        label="Papers due, days before its meeting", min_value=0, max_value=90, initial=10,
        error_messages={"required": "Give a number of days from 0 to 90.", "invalid": "Give a number of days from 0 to 90."},
    )  # fmt: skip
    note = words("Note", rows=2)

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["partner"].queryset = Partner.objects.order_by("name")


class EditBodyForm(SeenForm, BodyForm):
    def __init__(self, *args, row: ParentBody, **options):
        names = ("name", "partner", "email", "paper_days", "note")
        super().__init__(*args, row=row, **{**options, "initial": {name: getattr(row, name) for name in names}})


class DateForm(forms.Form):
    on = Day("It meets on")
    papers_due_on = Day("Papers due on", required=False, help_text="Empty: as many days before as the body says.")


class ReportForm(SeenForm):
    alert = words("Alert", "What needs the body’s attention.", rows=4, max_length=1200)
    advise = words("Advise", "What it should know.", rows=4, max_length=1200)
    assure = words("Assure", "What is under control.", rows=4, max_length=1200)
    for_meeting = forms.ModelChoiceField(
        BodyMeeting.objects.none(), label="For its meeting of", required=False, empty_label="No date known"
    )

    def __init__(self, *args, row: UpwardReport, **options):
        names = ("alert", "advise", "assure", "for_meeting")
        super().__init__(*args, row=row, **{**options, "initial": {name: getattr(row, name) for name in names}})
        self.fields["for_meeting"].queryset = BodyMeeting.objects.filter(body=row.body_id).order_by("on")
        self.fields["for_meeting"].label_from_instance = lambda each: (
            f"{dates.say_day(each.on)}, papers due {dates.say_day(each.papers_due_on)}"
        )
