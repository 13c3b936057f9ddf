"""The forms of front sheets and papers."""

from django import forms

from governance.agendas.forms import of_live_plans, presenters
from governance.conflicts import SeenForm
from governance.models import AgendaItem, FrontSheet, Paper
from governance.papers import commissioning, front_sheets
from governance.papers.front_sheets import KEPT_BY_SECRETARIAT, RECOMMENDATIONS, TEXTS, THEMES
from jcb import access
from jcb.models import Person
from workstreams.models import Theme

SPARE, MOST = 2, 30  # empty boxes for more recommendations, and how many there may be
LOCAL = "%Y-%m-%dT%H:%M"


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "data-keep": "", "maxlength": 20_000})


class FrontSheetForm(SeenForm):
    """A front sheet with its recommendations, a box for each, and the five themes, a line for each."""

    recommendations_seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)
    themes_seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)
    cleared_at = forms.DateTimeField(
        label="When",
        required=False,
        input_formats=[LOCAL, "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL),
        error_messages={"invalid": "Give the day and the hour, such as 2020-09-18 16:00."},
    )

    class Meta:
        model = FrontSheet
        fields = (*TEXTS, *KEPT_BY_SECRETARIAT)
        labels = {"summary": "Summary", "cleared_by": "Cleared by"}
        help_texts = {
            "summary": "What it is about and why it comes now, in plain words. A family should be able to follow it.",
            "been_before": "Boards and groups that saw it, and what they said.",
            "co_production": "How children, young people and parents took part.",
        }
        widgets = {"summary": _area(6)} | {name: _area(3) for name in TEXTS if name not in ("summary", "director")}
        error_messages = {"summary": {"required": "Say in a few sentences what it is about."}}

    def __init__(self, data=None, *, item: AgendaItem, reader: Person, **kwargs):
        sheet = kwargs.get("instance")
        self._recommendations = front_sheets.recommendations_of(sheet)
        self._themes = front_sheets.themes_of(sheet)
        marks = {
            "recommendations_seen": front_sheets.mark_of(self._recommendations),
            "themes_seen": front_sheets.mark_of(self._themes),
        }
        super().__init__(data, initial=marks, **kwargs)
        if access.is_secretariat(reader):
            for name in ("author", "cleared_by"):
                self.fields[name].queryset = presenters(reader)
                self.fields[name].empty_label = "Nobody yet"
        else:
            for name in KEPT_BY_SECRETARIAT:
                del self.fields[name]
        self._add_recommendations(data)
        self._add_themes(item, reader)

    def _add_recommendations(self, data) -> None:
        boxes = len(self._recommendations) + SPARE
        if data is not None:  # as many as were on the page
            while boxes < MOST and f"recommendation_{boxes + 1}" in data:
                boxes += 1
        for number in range(1, min(boxes, MOST) + 1):
            self.fields[f"recommendation_{number}"] = forms.CharField(
                label=f"Recommendation {number}", required=False, widget=_area(2), max_length=5_000
            )
            if number <= len(self._recommendations):
                self.initial[f"recommendation_{number}"] = self._recommendations[number - 1]

    def _add_themes(self, item: AgendaItem, reader: Person) -> None:
        themes = of_live_plans(Theme.objects.visible_to(reader), None) | Theme.objects.visible_to(reader).filter(
            pk__in=self._themes
        )
        for theme in themes.distinct().order_by("plan", "order"):
            self.fields[f"theme_{theme.pk}"] = forms.CharField(
                label=theme.name, required=False, max_length=1_000, widget=forms.TextInput(attrs={"data-keep": ""})
            )
            self.initial[f"theme_{theme.pk}"] = self._themes.get(theme.pk, "")

    @property
    def recommendation_boxes(self):
        return [field for field in self if field.name.startswith("recommendation_")]

    @property
    def theme_lines(self):
        return [field for field in self if field.name.startswith("theme_")]

    @property
    def text_boxes(self):
        return [self[name] for name in TEXTS if name not in ("summary", "director")]

    @property
    def recommendations(self) -> list[str]:
        named = [name for name in self.cleaned_data if name.startswith("recommendation_")]
        texts = (self.cleaned_data[name] for name in sorted(named, key=lambda name: int(name.rpartition("_")[2])))
        return [text.strip() for text in texts if text.strip()]

    @property
    def themes(self) -> dict[int, str]:
        return {
            int(name.rpartition("_")[2]): note.strip()
            for name, note in self.cleaned_data.items()
            if name.startswith("theme_") and note.strip()
        }

    def save_by(self, person: Person) -> FrontSheet:
        """Save what was typed. Raises what `save_front_sheet` raises."""
        return front_sheets.save_front_sheet(
            sheet=self.instance,
            by=person,
            seen=self.cleaned_data.get("seen") or 0,
            changed=self.changed(),
            recommendations=self.recommendations,
            recommendations_seen=self.cleaned_data["recommendations_seen"],
            themes=self.themes,
            themes_seen=self.cleaned_data["themes_seen"],
        )

    def see_lists(self, sheet: FrontSheet) -> None:
        """Let the form be about the lists as they are now: its next save is the answer to them."""
        self.data = self.data.copy()
        self.data["recommendations_seen"] = front_sheets.mark_of(front_sheets.recommendations_of(sheet))
        self.data["themes_seen"] = front_sheets.mark_of(front_sheets.themes_of(sheet))

    def both_lists(self, names: list[str], sheet: FrontSheet) -> list[tuple[str, str, str]]:
        """Recommendations and themes for the page that shows both texts: what, theirs, mine."""
        rows = []
        if RECOMMENDATIONS in names:
            theirs = front_sheets.recommendations_of(sheet)
            rows.append(("recommendations", _numbered(theirs), _numbered(self.recommendations)))
        if THEMES in names:
            names_of = {field.name: field.label for field in self.theme_lines}
            told = [
                "\n".join(f"{names_of.get(f'theme_{key}', 'Theme')}: {note}" for key, note in notes.items())
                or "Nothing"
                for notes in (front_sheets.themes_of(sheet), self.themes)
            ]
            rows.append(("themes considered", *told))
        return rows


def _numbered(texts: list[str]) -> str:
    return "\n".join(f"{number}. {text}" for number, text in enumerate(texts, start=1)) or "Nothing"


class CommissionForm(forms.Form):
    """A paper is asked for."""

    title = forms.CharField(
        max_length=150,
        error_messages={"required": "Give the paper a title.", "max_length": "Keep the title under 150 characters."},
    )
    author = forms.ModelChoiceField(queryset=Person.objects.none(), required=False, empty_label="Nobody yet")
    state = forms.ChoiceField(
        label="How it comes", choices=[(state, state.label) for state in commissioning.STATES], required=False
    )

    def __init__(self, *args, reader: Person, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["author"].queryset = presenters(reader)

    def clean_state(self) -> str:
        return self.cleaned_data["state"] or Paper.State.COMMISSIONED


class HandInForm(forms.Form):
    """A version of a paper. `seen` is the number of the last version that was on the page."""

    paper = forms.FileField(
        label="The paper",
        help_text="A PDF, a Word document (.docx) or a spreadsheet (.xlsx), up to 20 megabytes.",
        widget=forms.FileInput,
        error_messages={
            "required": "Choose a file.",
            "empty": "The file is empty. Choose it again, or check that it opens on your computer.",
        },
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=1_000_000)


class WordsForm(forms.Form):
    """A decision of the clerk in words, about the version on the page."""

    words = forms.CharField(max_length=2_000, required=False, widget=forms.Textarea(attrs={"rows": 3, "data-keep": ""}))
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=1_000_000)
