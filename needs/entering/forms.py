"""The forms of figures: one that is entered or corrected, and a table that is pasted or comes from a spreadsheet."""

from django import forms
from django.core.exceptions import ValidationError

from jcb import dates
from jcb.history import refuse
from jcb.models import Area
from jcb.steps import SeenForm
from needs.entering.reading import check_period, plain, read_day, read_figure, read_group, read_period
from needs.entering.sheets import MOST_BYTES, MOST_ROWS, table_text
from needs.models import Definition, Indicator, Observation, Source


class SourceFields(forms.Form):
    """Where a figure comes from: a source that is known, or a new one."""

    source = forms.ModelChoiceField(
        Source.objects.none(), label="Source", required=False, empty_label="Choose one, or give a new one below"
    )
    source_title = forms.CharField(label="or a new source: its title", max_length=300, required=False)
    source_address = forms.URLField(
        label="Its web address",
        max_length=500,
        required=False,
        assume_scheme="https",
        error_messages={"invalid": "This address does not look right. Copy it from the address bar of your browser."},
    )
    source_seen = forms.CharField(
        label="When you saw the figure there", max_length=40, required=False, help_text="Such as 12 March 2019."
    )

    def __init__(self, *args, person, **options):
        super().__init__(*args, **options)
        self.fields["source"].queryset = Source.objects.visible_to(person)

    def clean_source_seen(self):
        text = self.cleaned_data["source_seen"]
        seen = read_day(text, field=None) if text.strip() else None
        if seen and seen > dates.today():
            refuse(f"{dates.say_day(seen)} has not come. Say when you saw the figure.")
        return seen

    def clean(self):
        data = super().clean()
        title = data.get("source_title", "")
        if data.get("source") and title:
            self.add_error("source_title", "Choose a source that is known, or give a new one: not both.")
        elif not data.get("source") and not title:
            self.add_error("source", "Say where the figure comes from.")
        elif title and not data.get("source"):
            same = self.fields["source"].queryset.filter(title__iexact=title).first()
            data["source"] = same or Source(
                title=title, address=data.get("source_address", ""), accessed_on=data.get("source_seen")
            )
        return data


class FigureForm(SourceFields):
    """Enter one figure of an indicator."""

    definition = forms.ModelChoiceField(Definition.objects.none(), label="What it counts", empty_label=None)
    area = forms.ModelChoiceField(
        Area.objects.none(),
        label="Area",
        empty_label="Choose an area",
        error_messages={"required": "Choose the area that the figure is about."},
    )
    breakdown = forms.CharField(
        label="Group",
        max_length=60,
        required=False,
        help_text="A part of the people counted, such as under 5. Empty: everybody.",
    )
    period = forms.CharField(
        label="Period",
        max_length=80,
        help_text="Such as 2019, September 2019, or April 2018 to March 2019.",
        error_messages={"required": "Say which period the figure is about."},
    )
    figure = forms.CharField(
        label="Figure, as published",
        max_length=200,
        help_text="Such as 617, 12.7%, £1,200, about 300, over 52, 38 to 41, or a few words where no number was given.",
        error_messages={"required": "Give the figure."},
    )
    projected = forms.BooleanField(label="It is projected: about the future", required=False)
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "data-keep": ""}),
        help_text="What readers have to know of this figure.",
    )
    field_order = ("definition", "area", "breakdown", "period", "figure", "projected", "note")

    def __init__(self, *args, indicator: Indicator, person, **options):
        super().__init__(*args, person=person, **options)
        definitions = Definition.objects.visible_to(person).filter(indicator=indicator).order_by("-number")
        self.fields["definition"].queryset = definitions
        self.fields["definition"].label_from_instance = lambda d: f"{d.text} ({d.get_unit_display()})"
        self.fields["area"].queryset = Area.objects.visible_to(person)
        if len(definitions) == 1:
            self.fields["definition"].widget = forms.HiddenInput()
            self.initial["definition"] = definitions[0].pk

    def clean_breakdown(self):
        return read_group(self.cleaned_data["breakdown"])

    def clean(self):
        data = super().clean()
        definition, text = data.get("definition"), data.get("period")
        try:
            if text:
                data["period"] = read_period(text)
                check_period(*data["period"], projected=data.get("projected", False))
        except ValidationError as refusal:
            self.add_error(None, refusal)
        try:
            if definition and data.get("figure"):
                data["figure"] = read_figure(data["figure"], definition.unit)
        except ValidationError as refusal:
            self.add_error(None, refusal)
        return data

    def written(self) -> dict:
        names = ("definition", "area", "breakdown", "period", "projected", "figure", "source", "note")
        return {name: self.cleaned_data[name] for name in names}


class CorrectForm(SourceFields, SeenForm):
    """Correct one figure: what it says, where it comes from, and what there is to know of it."""

    figure = FigureForm.base_fields["figure"]
    note = FigureForm.base_fields["note"]
    field_order = ("figure", "note")

    def __init__(self, *args, row: Observation, is_withheld: bool, **options):
        start = {"source": row.source_id, "note": row.note, "figure": "" if is_withheld else row.as_printed}
        super().__init__(*args, row=row, initial=start, **options)
        if is_withheld:
            self.fields["figure"].required = False
            self.fields["figure"].help_text = "It is withheld. Give it anew to change it; left empty, it stays."

    def clean_figure(self):
        text = self.cleaned_data["figure"]
        if not text or plain(text) == self.row.as_printed:
            return None  # what it says in numbers stays
        return read_figure(text, self.row.definition.unit, None)

    def written(self) -> dict:
        return {name: self.cleaned_data[name] for name in ("seen", "figure", "source", "note")}


class TableForm(forms.Form):
    """A table of figures: a file, or what was pasted. What a file holds is shown in the box afterwards."""

    file = forms.FileField(
        label="A spreadsheet (.xlsx) or a CSV file",
        required=False,
        help_text=f"At most {MOST_ROWS:,} rows.",
        error_messages={"empty": "The file is empty. Choose it again, or check that it opens on your computer."},
    )
    table = forms.CharField(
        label="or paste the table here",
        required=False,
        strip=False,
        max_length=MOST_BYTES,
        widget=forms.Textarea(attrs={"rows": 8, "data-keep": "", "wrap": "off", "spellcheck": "false"}),
        help_text="With the names of the columns in the first row, as copied from a spreadsheet.",
        error_messages={"max_length": "The table is too long. Bring it in in parts."},
    )
    source = forms.ModelChoiceField(
        Source.objects.none(),
        label="Source of the rows that name none",
        required=False,
        empty_label="Every row names its source",
    )
    digest = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args, person, **options):
        super().__init__(*args, **options)
        self.fields["source"].queryset = Source.objects.visible_to(person)

    def clean_file(self):
        upload = self.cleaned_data["file"]
        return table_text(upload) if upload else ""

    def clean(self):
        data = super().clean()
        if self.errors:
            return data
        text = data["file"] or data["table"]
        if not text.strip():
            refuse("Choose a file, or paste a table.", "table")
        data["text"] = text
        return data
