"""The form with which a pack is published."""

from django import forms

from governance.models import Pack

WORDS_LABEL, WORDS_HINT = (
    "What changed",
    "Everyone who gets the pack reads this, also in e-mail: name no restricted item. The list below is added by itself.",
)


class PublishForm(forms.Form):
    """What is published, and what changed since the last time. `number` is what was on the page."""

    kind = forms.ChoiceField(choices=Pack.Kind.choices, widget=forms.HiddenInput)
    number = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=1_000)
    asked = forms.CharField(widget=forms.HiddenInput, max_length=40)
    words = forms.CharField(
        label=WORDS_LABEL,
        help_text=WORDS_HINT,
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3, "data-keep": ""}),
    )

    def __init__(self, *args, is_first: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if is_first:
            del self.fields["words"]

    @property
    def said(self) -> str:
        return self.cleaned_data.get("words", "").strip()
