"""The forms of the terms of reference: a new version, its rules and its clauses, and a review."""

import re

from django import forms
from django.core.validators import MaxValueValidator

from governance.conflicts import SeenForm, put_refusal
from governance.meetings.forms import Day
from governance.models import Clause, Terms
from governance.terms.comparison import HEADINGS
from governance.terms.operations import AGREED, CHOSEN, fingerprint, texts_of
from jcb import dates

LONGEST = 20_000
# Beyond these a figure is a slip of the keyboard, and no calendar could be reckoned with it.
MOST = {
    "every_number": 52,
    "length_minutes": 600,
    "notice_number": 336,
    "authors_working_days": 60,
    "quorum_council": 50,
    "quorum_nhs": 50,
    "review_months": 120,
}
BETWEEN = re.compile(r"\n[ \t]*\n")
RESERVED = {"new"}


class VersionForm(forms.Form):
    """What a new version starts with; everything else is copied."""

    title = forms.CharField(
        max_length=150,
        error_messages={"required": "Give the version a title.", "max_length": "Keep it under 150 characters."},
    )
    key = forms.SlugField(
        label="Short name",
        max_length=50,
        help_text="Used in its address, such as 2021; it never changes.",
        error_messages={
            "required": "Give a short name, such as 2021.",
            "invalid": "Use small letters, figures and hyphens, such as 2021.",
            "max_length": "Keep it under 50 characters.",
        },
    )
    in_force_from = Day("In force from", help_text="Meetings from this day on follow it.")

    def clean_key(self):
        key = self.cleaned_data["key"].lower()
        if key in RESERVED or Terms.objects.filter(key=key).exists():
            raise forms.ValidationError("This short name is taken. Choose another.")
        return key


class ArrangementsForm(SeenForm):
    """What the terms say outside their clauses. Settled terms keep only what the Board chose for itself."""

    in_force_from = Day("In force from")
    dated_on = Day("Date on the document", required=False)

    class Meta:
        model = Terms
        fields = (*AGREED, *CHOSEN)
        labels = {
            "in_force_assumed": "The day is assumed: the document has no date",
            "every_number": "Meets every",
            "every_unit": "Weeks or months",
            "length_minutes": "Length in minutes",
            "venue_rule": "Where",
            "venue_first": "Usual or first place",
            "venue_second": "Second place",
            "notice_number": "Papers go out before the meeting",
            "notice_unit": "Days or hours",
            "notice_note": "About the notice",
            "authors_working_days": "Authors hand in: working days before papers go out",
            "quorum_council": "Quorum, council side",
            "quorum_nhs": "Quorum, NHS side",
            "quorum_note": "About the quorum",
            "review_months": "Reviewed at least every (months)",
        }
        widgets = {
            name: forms.Textarea(attrs={"rows": rows, "data-keep": ""})
            for name, rows in (("purpose", 8), ("membership_note", 4), ("notice_note", 3))
        }

    def __init__(self, *args, settled: bool, **kwargs):
        super().__init__(*args, **kwargs)
        for name, most in MOST.items():
            sentence = f"Give a whole number, {most} at most."
            self.fields[name].validators.append(MaxValueValidator(most, sentence))
            self.fields[name].widget.attrs["max"] = most
        if settled:
            for name in AGREED:
                del self.fields[name]

    def clean(self):
        data = super().clean()
        if data.get("venue_rule") == Terms.Venue.ALTERNATE and not data.get("venue_second"):
            self.add_error("venue_second", "Give the second place, since the two alternate.")
        return data


class ClausesForm(forms.Form):
    """The clauses of a version: one box for each kind, with an empty line between clauses."""

    def __init__(self, data=None, *, terms: Terms, **kwargs):
        super().__init__(data, **kwargs)
        self.standing = texts_of(terms)
        for kind, heading in HEADINGS.items():
            texts = self.standing[kind]
            self.fields[kind] = forms.CharField(
                label=heading,
                required=False,
                max_length=LONGEST,
                initial="\n\n".join(texts),
                widget=forms.Textarea(attrs={"rows": 6, "data-keep": ""}),
                error_messages={"max_length": f"Keep it under {LONGEST:,} characters."},
            )
            self.fields[f"seen_{kind}"] = forms.CharField(
                required=False, max_length=64, initial=fingerprint(texts), widget=forms.HiddenInput
            )

    def clauses(self) -> dict[str, list[str]]:
        """The texts of each kind, in order."""
        found = {}
        for kind in Clause.Kind.values:
            text = self.cleaned_data[kind].replace("\r\n", "\n")
            found[kind] = [" ".join(part.split()) for part in BETWEEN.split(text) if part.strip()]
        return found

    def seen(self) -> dict[str, str]:
        return {kind: self.cleaned_data[f"seen_{kind}"] for kind in Clause.Kind.values}

    def add_refusal(self, refusal: forms.ValidationError) -> None:
        """Put a refusal where it belongs; the next save answers the clauses as they stand now."""
        put_refusal(self, refusal)
        self.data = self.data.copy()
        for kind, texts in self.standing.items():
            self.data[f"seen_{kind}"] = fingerprint(texts)


class ReviewForm(forms.Form):
    """A review of the terms."""

    on = Day("When the Board reviewed them")
    outcome = forms.CharField(
        label="What came of it",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4, "data-keep": ""}),
        help_text="In words: what was looked at, what is to change, or that they stay as they are.",
        error_messages={"required": "Say what came of it.", "max_length": "Keep it under 5,000 characters."},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, initial={"on": dates.today()}, **kwargs)
