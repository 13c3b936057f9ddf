"""The forms of what families said, the replies to it, and the activities at which they were heard."""

import datetime as dt
from collections.abc import Callable

from django import forms

from jcb.models import Area, Person
from jcb.steps import LARGEST, SeenForm, words
from needs.entering.reading import read_day
from needs.models import Engagement, EngagementPrinciple, Response, Statement
from needs.replies.operations import is_few

NOBODY = "Never a name, a school year with a school, or anything else by which a child could be recognised."


class DayText(forms.CharField):
    """A day or a month as people write it; a month means its last day."""

    def __init__(self, label: str, hint: str = "", **options):
        super().__init__(label=label, help_text=hint, max_length=40, **options)

    def clean(self, value):
        text = super().clean(value)
        return read_day(text, last=True, field=None) if text else None

    def prepare_value(self, value):
        return f"{value:%d/%m/%Y}" if isinstance(value, dt.date) else value


class StatementForm(forms.Form):
    """What families said."""

    setting = forms.ChoiceField(
        label="What it is about",
        choices=[("", "Choose"), *Statement.Setting.choices],
        error_messages={"required": "Choose what it is about."},
    )
    text = words(
        "What was said", f"In plain words, as one sentence or two. {NOBODY}", "Write what was said.", 3, max_length=600
    )
    heard_through = forms.CharField(
        label="Where it was said",
        max_length=200,
        help_text="Such as the forum’s meeting of March 2020, or the survey of 2019.",
        error_messages={"required": "Say where it was said."},
    )
    areas = forms.ModelMultipleChoiceField(
        Area.objects.none(),
        label="Boroughs",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose the borough that it was said in, or both."},
    )

    def __init__(self, *args, person, **options):
        super().__init__(*args, **options)
        self.fields["areas"].queryset = Area.objects.visible_to(person).filter(kind=Area.Kind.BOROUGH)

    def written(self) -> dict:
        return dict(self.cleaned_data)


class ChangeForm(StatementForm, SeenForm):
    """The same, of a statement that is there."""

    def __init__(self, *args, row: Statement, **options):
        start = {
            "setting": row.setting,
            "text": row.text,
            "heard_through": row.heard_through,
            "areas": [place.area_id for place in row.areas.all()],
        }
        super().__init__(*args, row=row, initial=start, **options)


class ReplyForm(forms.Form):
    """A reply to families. `seen` carries the number of the last one."""

    kind = forms.ChoiceField(
        label="The reply",
        choices=Response.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one: we will, we did, or we could not."},
    )
    text = words(
        "In a sentence or two", f"As you would say it to a parent. {NOBODY}", "Write the reply.", 3, max_length=1000
    )
    because = words(
        "Because", "Needed where it could not be done: families are owed the reason.", "", 2, max_length=1000
    )
    on = DayText("When", "By when it will be done, or when it was: July 2021, or 12 March 2020.", required=False)
    lead = forms.ModelChoiceField(Person.objects.none(), label="Lead officer", required=False, empty_label="Nobody yet")
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=LARGEST)

    def __init__(self, *args, person, latest: Callable[[], int], **options):
        super().__init__(*args, initial={"seen": latest()}, **options)
        self.latest = latest
        self.fields["lead"].queryset = Person.objects.visible_to(person).filter(is_active=True)

    def renew(self) -> None:
        """Be about the latest reply from now on: the page shows it."""
        self.data["seen"] = self.latest()

    def written(self) -> dict:
        return dict(self.cleaned_data)


class PublishForm(SeenForm):
    """Publish a statement with its latest reply."""

    reply = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=LARGEST)
    read = forms.BooleanField(
        label="I have read both. They are plain, and nobody can be recognised by them.",
        error_messages={"required": "Read both, then tick that nobody can be recognised by them."},
    )

    def __init__(self, *args, latest: Callable[[], int], **options):
        super().__init__(*args, initial={"reply": latest()}, **options)
        self.latest = latest

    def renew(self) -> None:
        """Be about the words as they are now; they have to be read anew."""
        super().renew()
        self.data["reply"] = self.latest()
        self.data.pop("read", None)

    def written(self) -> dict:
        return {name: self.cleaned_data[name] for name in ("seen", "reply")}


class ActivityForm(forms.Form):
    """An activity to hear families, with a box for each principle."""

    title = forms.CharField(label="What it was", max_length=150, error_messages={"required": "Name the activity."})
    on = DayText("When", "Such as 12 March 2020.", error_messages={"required": "Say when it was."})
    area = forms.ModelChoiceField(Area.objects.none(), label="Borough", required=False, empty_label="Both boroughs")
    heard = forms.IntegerField(
        label="How many people were heard",
        required=False,
        min_value=0,
        max_value=1_000_000,
        help_text="A number alone. Small numbers are not shown.",
    )
    text = words("What was done", "", "", 3, max_length=2000)
    lead = forms.ModelChoiceField(Person.objects.none(), label="Lead officer", required=False, empty_label="Nobody")

    def __init__(self, *args, person, **options):
        super().__init__(*args, **options)
        self.fields["area"].queryset = Area.objects.visible_to(person).filter(kind=Area.Kind.BOROUGH)
        self.fields["lead"].queryset = Person.objects.visible_to(person).filter(is_active=True)
        self.principles = list(EngagementPrinciple.objects.visible_to(person))
        for principle in self.principles:
            name = f"principle_{principle.number}"
            self.fields[name] = words(principle.name, principle.text, "", 2, max_length=500)

    def written(self) -> dict:
        data = dict(self.cleaned_data)
        return data | {"followed": {each: data.pop(f"principle_{each.number}") for each in self.principles}}


class ChangeActivityForm(ActivityForm, SeenForm):
    """The same, of an activity that is there."""

    def __init__(self, *args, row: Engagement, **options):
        start = {name: getattr(row, name) for name in ("title", "on", "heard", "text")}
        if is_few(row.heard):
            start["heard"] = None
        start |= {"area": row.area_id, "lead": row.lead_id}
        start |= {f"principle_{each.principle.number}": each.how for each in row.followed.all()}
        super().__init__(*args, row=row, initial=start, **options)
        if is_few(row.heard):
            self.fields["heard"].help_text = "It is not shown, since it is small. Left empty, it stays."
