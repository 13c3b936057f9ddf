"""The forms of risks."""

from django import forms

from governance.meetings.forms import Day
from governance.models import Risk
from jcb.models import Person
from jcb.steps import SeenForm, words

LIKELY = [(n, f"{n}: {said}") for n, said in enumerate(("rare", "unlikely", "possible", "likely", "almost certain"), 1)]
BAD = [(n, f"{n}: {said}") for n, said in enumerate(("negligible", "minor", "moderate", "major", "severe"), 1)]
PICK = {"required": "Choose from 1 to 5."}


def owners():
    return Person.objects.filter(is_active=True).order_by("name")


def _scale(label: str, choices) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, choices=[("", "Choose"), *choices], coerce=int, error_messages=PICK)


class AboutForm(forms.Form):
    """What a risk is."""

    kind = forms.ChoiceField(label="Kind", choices=Risk.Kind.choices)
    title = forms.CharField(
        label="In a few words", max_length=150, error_messages={"required": "Say in a few words what the risk is."}
    )
    text = words("Cause and effect", "Because of …, it may happen that …, so that …", rows=3)
    owner = forms.ModelChoiceField(Person.objects.none(), label="Owner", required=False, empty_label="No owner yet")
    mitigation = words("What is done about it", rows=3)

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["owner"].queryset = owners()


class AddForm(AboutForm):
    likelihood = _scale("How likely", LIKELY)
    impact = _scale("How bad", BAD)


class EditForm(SeenForm, AboutForm):
    state = forms.ChoiceField(label="State", choices=Risk.State.choices)

    def __init__(self, *args, row: Risk, **options):
        names = ("kind", "title", "text", "owner", "mitigation", "state")
        super().__init__(*args, row=row, **{**options, "initial": {name: getattr(row, name) for name in names}})


class ScoreForm(SeenForm):
    likelihood = _scale("How likely", LIKELY)
    impact = _scale("How bad", BAD)
    note = words("Why", "What changed since the last score.", rows=2)

    def written(self) -> dict:
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}


class EscalateForm(SeenForm):
    escalated_to = forms.CharField(
        label="To whom", max_length=150, error_messages={"required": "Say to whom it was escalated."}
    )
    escalated_on = Day("On which day")


class AnswerForm(SeenForm):
    answer = words("The answer", problem="Say what the answer is.")
    answered_on = Day("On which day")
