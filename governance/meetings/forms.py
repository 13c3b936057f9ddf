"""The forms of meetings. Days and hours are read on the London clock."""

import datetime as dt

from django import forms
from django.db.models import QuerySet

from governance.forms import FIRST, LAST, OUT_OF_RANGE
from governance.meetings.calendar import Deadlines
from governance.meetings.operations import STANDING, Row
from governance.models import Meeting
from jcb import access, dates
from jcb.models import Person

LONGEST_SPAN = dt.timedelta(days=731)


class Day(forms.DateField):
    """A day within the years the record covers."""

    def __init__(self, label: str, **options):
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        problems = {"required": "Choose a day.", "invalid": "Give the day as day, month and year."}
        super().__init__(**{"label": label, "widget": widget, "error_messages": problems, **options})

    def clean(self, value):
        day = super().clean(value)
        if day and not FIRST <= day <= LAST:
            raise forms.ValidationError(OUT_OF_RANGE)
        return day


class Hour(forms.TimeField):
    """An hour on the London clock."""

    def __init__(self, label: str = "Time", **options):
        widget = forms.TimeInput(attrs={"type": "time", "class": "govuk-input govuk-input--width-5"}, format="%H:%M")
        problems = {"required": "Choose a time.", "invalid": "Give the time as hours and minutes, such as 10:00."}
        super().__init__(**{"label": label, "widget": widget, "error_messages": problems, **options})


class Moment(forms.Field):
    """A day and an hour in one box, read on the London clock; an instant in UTC."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local", "class": "govuk-input govuk-input--width-20"})

    def prepare_value(self, value):
        if isinstance(value, dt.datetime):
            return value.astimezone(dates.LONDON).strftime("%Y-%m-%dT%H:%M")
        return value

    def to_python(self, value):
        if not value:
            return None
        try:
            local = dt.datetime.fromisoformat(str(value).strip())
        except ValueError:
            raise forms.ValidationError("Give it as day and time, such as 27/03/2020 09:00.") from None
        if not FIRST <= local.date() <= LAST:
            raise forms.ValidationError(OUT_OF_RANGE)
        return dates.at(local.date(), local.time().replace(second=0, microsecond=0))

    def has_changed(self, initial, data):
        return self.prepare_value(initial) != data


def place(**options) -> forms.CharField:
    problems = {"required": "Say where it is.", "max_length": "Keep the place under 150 characters."}
    return forms.CharField(**{"label": "Place", "max_length": 150, "error_messages": problems, **options})


def minutes() -> forms.IntegerField:
    wrong = "Give the length in minutes, from 15 to 600."
    problems = dict.fromkeys(("required", "invalid", "min_value", "max_value"), wrong)
    return forms.IntegerField(label="Length in minutes", min_value=15, max_value=600, error_messages=problems)


def reason(asks: str, **options) -> forms.CharField:
    return forms.CharField(
        **{
            "label": "Why",
            "help_text": asks,
            "max_length": 2000,
            "widget": forms.Textarea(attrs={"rows": 3, "data-keep": ""}),
            "error_messages": {"required": "Say why. People are told, and it is kept."},
            **options,
        }
    )


TOLD = "Everyone concerned is told this, once, by e-mail."


class SpanForm(forms.Form):
    """From when to when a calendar is proposed."""

    first = Day("First meeting")
    at = Hour("At")
    until = Day("Up to")

    def clean(self):
        data = super().clean()
        first, until = data.get("first"), data.get("until")
        if first and until and not first <= until <= first + LONGEST_SPAN:
            self.add_error("until", "Choose a last day after the first meeting, at most two years later.")
        return data


class RowForm(forms.Form):
    """One proposed meeting, to be taken as it is, changed, or left out."""

    take = forms.BooleanField(label="Plan it", required=False)
    series_on = forms.DateField(widget=forms.HiddenInput)
    day = Day("Day")
    hour = Hour()
    venue = place()
    length = minutes()

    def full_clean(self):
        """A row that is left out cannot be wrong."""
        super().full_clean()
        if self.is_bound and not self.cleaned_data.get("take"):
            self._errors.clear()

    def row(self) -> Row:
        """What `plan_meetings` takes."""
        data = self.cleaned_data
        return Row(dates.at(data["day"], data["hour"]), data["series_on"], data["venue"], data["length"])


class ChangeForm(forms.Form):
    """What every change of a meeting has: the version the person saw."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2_000_000_000)

    def __init__(self, *args, meeting: Meeting, person: Person, **kwargs):
        kwargs["initial"] = {"seen": meeting.version, **self.start(meeting)}
        super().__init__(*args, **kwargs)
        self.meeting, self.person = meeting, person
        self.prepare()

    @staticmethod
    def start(meeting: Meeting) -> dict:
        """What the fields show at first."""
        return {}

    def prepare(self) -> None:
        """Fill the lists to choose from."""

    def written(self) -> dict:
        """What the operation takes."""
        return dict(self.cleaned_data)

    def add_refusal(self, refusal: forms.ValidationError) -> None:
        """Put an operation's refusal on the fields it names, so that what was typed stays."""
        by_field = refusal.error_dict if hasattr(refusal, "error_dict") else {None: refusal.error_list}
        for field, problems in by_field.items():
            self.add_error(field if field in self.fields else None, problems)

    def see(self, version: int) -> None:
        """Let the next save answer the meeting as it stands now."""
        self.data = self.data.copy()
        self.data["seen"] = str(version)


class EditForm(ChangeForm):
    length = minutes()
    chair = forms.ModelChoiceField(
        label="Chair", queryset=Person.objects.none(), required=False, empty_label="Not yet known"
    )
    authors_due_at = Moment(label="Papers due from authors", required=False)
    clearing_due_at = Moment(label="Cleared by both co-chairs", required=False)
    papers_due_at = Moment(
        label="Papers out to members",
        required=False,
        help_text="Leave the three as they are and they follow the terms of reference.",
    )
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "data-keep": ""}),
        help_text="Everyone who is signed in can read it.",
    )

    DUE = ("authors_due_at", "clearing_due_at", "papers_due_at")

    @staticmethod
    def start(meeting):
        names = ("chair", "note", *EditForm.DUE)
        return {"length": meeting.length_minutes} | {name: getattr(meeting, name) for name in names}

    def prepare(self):
        self.fields["chair"].queryset = possible_chairs(self.person)

    def clean(self):
        data = super().clean()
        if all(name in data for name in self.DUE) and set(self.DUE) & set(self.changed_data):
            due = [data[name] for name in self.DUE]
            if not all(due):
                self.add_error("authors_due_at", "Give all three deadlines, or leave all three as they were.")
            elif not due[0] <= due[1] <= due[2] <= self.meeting.starts_at:
                self.add_error(
                    "authors_due_at",
                    "The deadlines are out of order: authors first, then clearing, then papers out, then the meeting.",
                )
        return data

    def written(self):
        data = self.cleaned_data
        changed = set(self.DUE) & set(self.changed_data)
        return {
            "seen": data["seen"],
            "length_minutes": data["length"],
            "chair": data["chair"],
            "note": data["note"],
            "deadlines": Deadlines(*(data[name] for name in self.DUE)) if changed else None,
        }


class PostponeForm(ChangeForm):
    day = Day("New day")
    hour = Hour()
    venue = place(label="Place, if it changes too", required=False)
    because = reason(TOLD)

    @staticmethod
    def start(meeting):
        return {"day": meeting.on, "hour": dates.hour_of(meeting.starts_at)}

    def written(self):
        data = dict(self.cleaned_data)
        return {"starts_at": dates.at(data.pop("day"), data.pop("hour")), **data}


class PlaceForm(ChangeForm):
    venue = place(label="New place")
    because = reason(TOLD)

    @staticmethod
    def start(meeting):
        return {"venue": meeting.venue}


class CancelForm(ChangeForm):
    moved_to = forms.ModelChoiceField(
        label="Which meeting takes what was planned for it?",
        queryset=Meeting.objects.none(),
        required=False,
        empty_label="None: nothing is planned for it",
        help_text="Agenda items, papers, deep dives and other planned items move there. What was published stays.",
    )
    because = reason(TOLD)

    def prepare(self):
        coming = Meeting.objects.visible_to(self.person).filter(state__in=STANDING, starts_at__gt=dates.now())
        self.fields["moved_to"].queryset = coming.exclude(pk=self.meeting.pk).order_by("starts_at")
        self.fields["moved_to"].label_from_instance = lambda row: f"{dates.say_instant(row.starts_at)}, {row.venue}"


class AdjournForm(ChangeForm):
    day = Day("It goes on")
    hour = Hour()
    because = reason(TOLD)

    def written(self):
        data = dict(self.cleaned_data)
        return {"resumes_at": dates.at(data.pop("day"), data.pop("hour")), **data}


class HeldForm(ChangeForm):
    quorate = forms.ChoiceField(
        label="Was there a quorum?",
        choices=[("", "Choose"), ("yes", "Yes"), ("no", "No")],
        error_messages={"required": "Say whether there was a quorum."},
    )
    chair = forms.ModelChoiceField(
        label="Who chaired it", queryset=Person.objects.none(), required=False, empty_label="Not recorded"
    )
    because = reason(
        "Where there was none: who was missing. Without a quorum the Board only recommends.", required=False
    )

    @staticmethod
    def start(meeting):
        return {"chair": meeting.chair}

    def prepare(self):
        self.fields["chair"].queryset = possible_chairs(self.person)

    def written(self):
        data = dict(self.cleaned_data)
        return {**data, "quorate": data["quorate"] == "yes"}


class CallForm(forms.Form):
    """An extraordinary meeting."""

    day = Day("Day")
    hour = Hour()
    venue = place()
    length = minutes()
    because = reason(TOLD)

    def written(self) -> dict:
        """What `call_extraordinary` takes."""
        data = self.cleaned_data
        return {
            "starts_at": dates.at(data["day"], data["hour"]),
            "venue": data["venue"],
            "length_minutes": data["length"],
            "because": data["because"],
        }


def possible_chairs(person: Person) -> QuerySet[Person]:
    """Whoever may chair: the Board's members."""
    return Person.objects.visible_to(person).filter(role=access.BOARD_MEMBER, is_active=True)
