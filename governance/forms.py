"""The forms of the governance room."""

import datetime as dt

from django import forms

from jcb import dates

FIRST, LAST = dt.date(2018, 1, 1), dt.date(2035, 12, 31)
OUT_OF_RANGE = f"Choose a day from {dates.say_day(FIRST)} to {dates.say_day(LAST)}."


class ClockForm(forms.Form):
    """A day and an hour in London for the demonstration's clock."""

    day = forms.DateField(
        label="Day",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Choose a day.", "invalid": "Give the day as day, month and year."},
    )
    hour = forms.TimeField(
        label="Time",
        widget=forms.TimeInput(attrs={"type": "time", "class": "govuk-input govuk-input--width-5"}, format="%H:%M"),
        error_messages={"required": "Choose a time.", "invalid": "Give the time as hours and minutes, such as 10:00."},
    )

    def clean_day(self):
        day = self.cleaned_data["day"]
        if not FIRST <= day <= LAST:
            raise forms.ValidationError(OUT_OF_RANGE)
        return day

    def instant(self) -> dt.datetime:
        """The instant asked for, in UTC."""
        local = dt.datetime.combine(self.cleaned_data["day"], self.cleaned_data["hour"], tzinfo=dates.LONDON)
        return local.astimezone(dt.UTC)

    @staticmethod
    def showing(instant: dt.datetime) -> dict:
        """What the form shows for an instant."""
        local = instant.astimezone(dates.LONDON)
        return {"day": local.date(), "hour": local.time().replace(second=0, microsecond=0)}
