"""The forms of actions."""

from django import forms

from governance.meetings.forms import Day
from governance.models import Meeting
from jcb import dates
from jcb.models import Person
from jcb.steps import SeenForm, words

OWNER = {"required": "Choose who answers for it."}
MAIL = {"invalid": "Give the e-mail address in full, such as name@example.org."}


def owners():
    """Whoever is written to: those with an account, and those outside who own an action."""
    return (Person.objects.filter(is_active=True) | Person.objects.filter(by_email_only=True)).order_by("name")


class ActionForm(forms.Form):
    """A new action."""

    text = words("What is to be done", problem="Say what is to be done.", rows=3)
    owner = forms.ModelChoiceField(
        Person.objects.none(), label="Who answers for it", required=False, empty_label="Somebody not on this list"
    )
    name = forms.CharField(label="If not on the list: their name", required=False, max_length=120)
    email = forms.EmailField(
        label="and their e-mail address",
        required=False,
        error_messages=MAIL,
        help_text="They get no account, and are told by e-mail.",
    )
    due_on = Day("Due")
    helpers = forms.ModelMultipleChoiceField(
        Person.objects.none(),
        label="Who helps",
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 5, "class": "govuk-select"}),
        help_text="Hold Ctrl or Command to choose several.",
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["owner"].queryset = owners()
        self.fields["helpers"].queryset = owners()

    def clean(self):
        data = super().clean()
        if not data.get("owner") and not data.get("email") and "email" not in self.errors:
            self.add_error("owner", "Choose who answers for it, or give a name and an e-mail address.")
        return data


class SayForm(SeenForm):
    text = words("How it stands", problem="Say how it stands, in a sentence.", rows=3)
    done = forms.BooleanField(label="I propose that it is done; the Board closes it", required=False)


class CloseForm(SeenForm):
    meeting = forms.ModelChoiceField(
        Meeting.objects.none(),
        label="Which meeting closed it",
        empty_label="Choose",
        error_messages={"required": "Choose the meeting."},
    )
    text = words("In a sentence", rows=3)

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        rows = Meeting.objects.filter(starts_at__lte=dates.now(), starts_at__gte=self.row.meeting.starts_at)
        self.fields["meeting"].queryset = rows.exclude(state=Meeting.State.CANCELLED).order_by("-starts_at")


class ReopenForm(SeenForm):
    text = words("Why", problem="Say why, in a sentence. It is kept with the action.", rows=3)


class DueForm(ReopenForm):
    due_on = Day("New due date")
    field_order = ("due_on", "text")


class PassOnForm(ReopenForm):
    owner = forms.ModelChoiceField(
        Person.objects.none(), label="Who answers for it from now on", empty_label="Choose", error_messages=OWNER
    )
    field_order = ("owner", "text")

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["owner"].queryset = owners()
