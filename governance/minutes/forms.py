"""The forms of minutes."""

from django import forms

from governance.meetings.forms import Day
from governance.minutes.contents import paragraphs
from governance.models import AgendaItem, Meeting, MinuteComment, Minutes
from jcb import dates
from jcb.models import Person
from jcb.steps import SeenForm, words

How, Outcome = Minutes.How, MinuteComment.Outcome


class StateForm(SeenForm):
    """A step that asks for nothing but to be confirmed."""


def later_meetings(row: Minutes, person: Person):
    """The meetings that may have agreed these minutes, the last one first."""
    rows = Meeting.objects.visible_to(person).exclude(state=Meeting.State.CANCELLED)
    rows = rows.filter(starts_at__gt=row.meeting.starts_at, starts_at__lte=dates.now())
    return rows.order_by("-starts_at")


class AgreeForm(SeenForm):
    """When and how minutes were agreed."""

    how = forms.ChoiceField(
        label="How", choices=How.choices, widget=forms.RadioSelect, error_messages={"required": "Say how they were agreed."}
    )  # fmt: skip
    meeting = forms.ModelChoiceField(
        Meeting.objects.none(), label="At which meeting", required=False, empty_label="At none", to_field_name="key"
    )
    on = Day("By correspondence: the day on which the last party answered", required=False)

    def __init__(self, *args, row: Minutes, by: Person, **options):
        super().__init__(*args, row=row, **options)
        self.fields["meeting"].queryset = later_meetings(row, by)


class NotAgreedForm(AgreeForm):
    """When the Board could not agree, and what each side holds."""

    positions = words("Both positions", "What each side says happened, in its own words.", "Record both positions.", 6)
    field_order = ["positions", "how", "meeting", "on"]


class CorrectForm(forms.Form):
    """A dated note on top of agreed minutes."""

    item = forms.ModelChoiceField(AgendaItem.objects.none(), label="Item", required=False, empty_label="The whole")
    text = words("What the minutes should have said", problem="Say what the minutes should have said.")

    def __init__(self, *args, meeting: Meeting, by: Person, **options):
        super().__init__(*args, **options)
        self.fields["item"].queryset = AgendaItem.objects.visible_to(by).filter(meeting=meeting).in_order()


class CommentForm(forms.Form):
    """A comment on one paragraph."""

    text = words("Your comment", "What is wrong, or how it should read.", "Say what is wrong, or how it should read.")


class AnswerForm(SeenForm):
    """What was made of a comment."""

    outcome = forms.ChoiceField(
        label="What was made of it",
        choices=[each for each in Outcome.choices if each[0]],
        widget=forms.RadioSelect,
        error_messages={"required": "Say what was made of the comment."},
    )
    wording = words("Taken in: the paragraph as it reads now", "Empty: you changed the words already.", rows=5)
    answer = words("Answer", "Needed where the words stay, or where the meeting has to settle it.")

    def __init__(self, *args, row: MinuteComment, **options):
        start = {"outcome": row.outcome, "answer": row.answer}
        if row.words in paragraphs(row.minute.text):
            start["wording"] = row.words
        super().__init__(*args, row=row, **{**options, "initial": start})
