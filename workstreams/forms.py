"""The forms of progress: one deliverable, and a row of my round."""

import datetime as dt

from django import forms
from django.core.validators import URLValidator

from jcb import access, dates, files
from jcb.models import Person
from workstreams.models import Deliverable, ProgressUpdate, Status
from workstreams.operations import OUT_OF_STEP, WORDS_LIMIT

NO_FORECAST = ""


def forecast_choices(deliverable: Deliverable, today: dt.date, present: dt.date | None) -> list[tuple[str, str]]:
    """Month ends to choose from: from this month to a year and a half past the agreed date, and the present forecast."""
    last = max(dates.add_months(deliverable.agreed_on, 18), dates.add_months(today, 18))
    months, month = [], dates.last_of_month(today)
    while month <= last:
        months.append(month)
        month = dates.last_of_month(dates.add_months(month.replace(day=1), 1))
    if present and present not in months:
        months.insert(0, present)
    return [(NO_FORECAST, "No forecast"), *[(m.isoformat(), _say_forecast(m)) for m in months]]


def _say_forecast(day: dt.date) -> str:
    return dates.say_month(day) if day == dates.last_of_month(day) else dates.say_day(day)


def status_choices(person: Person) -> list[tuple[str, str]]:
    """The statuses a person may choose: only the secretariat records that a decision closed something."""
    return [(s.value, s.label) for s in Status if s is not Status.CLOSED or access.is_secretariat(person)]


class ProgressForm(forms.Form):
    """Log progress on one deliverable. `seen` carries the number of the last update the person saw."""

    status = forms.ChoiceField(
        label="Status now",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a status.", "invalid_choice": "Choose a status from the list."},
    )
    narrative = forms.CharField(
        label="What has happened",
        required=False,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 4, "data-keep": ""}),
        help_text="Two or three sentences the Board can read. At risk and off track need words. No names of children.",
    )
    forecast_on = forms.ChoiceField(label="Forecast", required=False, help_text="When you expect it to be done.")
    evidence_link = forms.CharField(
        label="Evidence: a link",
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"inputmode": "url", "data-keep": ""}),
        error_messages={"max_length": "The link is longer than 500 characters. Give a shorter address."},
    )
    evidence_file = forms.FileField(
        label="or a file", required=False, help_text=f"Up to 20 MB: {files.KINDS_IN_WORDS}."
    )
    no_evidence_because = forms.CharField(
        label="or why there is none", required=False, max_length=500, widget=forms.TextInput(attrs={"data-keep": ""})
    )
    on_behalf_of = forms.ModelChoiceField(
        label="On behalf of", queryset=Person.objects.none(), required=False, empty_label="Choose a person"
    )
    seen = forms.IntegerField(
        widget=forms.HiddenInput,
        min_value=0,
        max_value=1_000_000,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), OUT_OF_STEP),
    )

    def __init__(
        self,
        *args,
        deliverable: Deliverable,
        person: Person,
        latest: ProgressUpdate | None,
        since: dt.datetime,
        **kwargs,
    ):
        today = dates.today()
        kwargs.setdefault("initial", {})
        present = latest.forecast_on if latest else None
        kwargs["initial"] = {
            "status": latest.status if latest else Status.NOT_STARTED,
            "forecast_on": present.isoformat() if present else NO_FORECAST,
            "seen": latest.number if latest else 0,
            "on_behalf_of": deliverable.lead_id,
            **kwargs["initial"],
        }
        super().__init__(*args, **kwargs)
        self.deliverable, self.person = deliverable, person
        self.fields["status"].choices = status_choices(person)
        self.fields["forecast_on"].choices = forecast_choices(deliverable, today, present)
        self.fields["narrative"].label = f"What has happened since {dates.say_day(since)}?"
        if access.is_secretariat(person):
            self.fields["on_behalf_of"].queryset = speakers(deliverable, person)
        else:
            del self.fields["on_behalf_of"]

    def clean_narrative(self):
        words = self.cleaned_data["narrative"]
        if len(words) > WORDS_LIMIT:
            raise forms.ValidationError(
                f"Keep it under {WORDS_LIMIT:,} characters; this has {len(words):,}. Put the rest in a document and link to it."
            )
        return words

    def clean_forecast_on(self):
        chosen = self.cleaned_data["forecast_on"]
        return dt.date.fromisoformat(chosen) if chosen else None

    def clean_evidence_link(self):
        link = self.cleaned_data["evidence_link"]
        if link and not link.startswith(("https://", "http://")):
            raise forms.ValidationError("Start the evidence link with https://")
        if link:
            URLValidator(
                schemes=["http", "https"],
                message="This link does not look right. Copy it from the address bar of your browser.",
            )(link)
        return link

    def clean_evidence_file(self):
        upload = self.cleaned_data["evidence_file"]
        if not upload:
            return None
        content, extension = files.take_in(upload)
        return content, extension, upload.name[:150]

    def written(self) -> dict:
        """What `log_progress` takes."""
        data = self.cleaned_data
        upload = data["evidence_file"]
        return {
            "seen": data["seen"],
            "status": data["status"],
            "narrative": data["narrative"],
            "forecast_on": data["forecast_on"],
            "evidence_link": data["evidence_link"],
            "evidence_upload": upload[:2] if upload else None,
            "evidence_name": upload[2] if upload else "",
            "no_evidence_because": data["no_evidence_because"],
            "on_behalf_of": data.get("on_behalf_of"),
        }

    def add_refusal(self, refusal: forms.ValidationError) -> None:
        """Put an operation's refusal on the fields it names, so that what was typed stays."""
        by_field = refusal.error_dict if hasattr(refusal, "error_dict") else {None: refusal.error_list}
        for field, problems in by_field.items():
            self.add_error(field if field in self.fields else None, problems)

    def refuse_only(self, refusal: forms.ValidationError) -> None:
        """Show this refusal and no other problem of the form."""
        self.full_clean()
        self.errors.clear()
        self.add_refusal(refusal)

    def see(self, number: int) -> None:
        """Let the form be about the update with this number: its next save answers that one."""
        self.data = self.data.copy()
        self.data[self.add_prefix("seen")] = str(number)


class RoundForm(ProgressForm):
    """A row of my round: the same, with the status in a list."""

    status = forms.ChoiceField(label="Status now", error_messages=ProgressForm.base_fields["status"].error_messages)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["narrative"].label = "What has happened"
        self.fields["narrative"].widget.attrs["rows"] = 2
        for name in ("narrative", "forecast_on"):
            self.fields[name].help_text = ""  # said once, at the top of the page


def speakers(deliverable: Deliverable, person: Person):
    """People on whose behalf the secretariat may write on a deliverable."""
    today = dates.today()
    ids = {pk for pk in (deliverable.lead_id, deliverable.deputy_id) if pk}
    ids |= {lead.person_id for lead in deliverable.workstream.leads.all() if lead.holds_on(today)}
    if deliverable.partner_id:
        ids |= set(
            Person.objects.visible_to(person)
            .filter(partner=deliverable.partner_id, role=access.COMMISSIONER, is_active=True)
            .values_list("pk", flat=True)
        )
    return Person.objects.visible_to(person).filter(pk__in=ids, is_active=True)
