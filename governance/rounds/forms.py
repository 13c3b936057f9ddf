"""The form of a workstream's highlights."""

from django import forms

from governance.conflicts import SeenForm
from governance.models import Highlight
from governance.rounds.highlight import PART_LIMIT, REASON_LIMIT
from governance.rounds.operations import EDITABLE
from workstreams.models import Status

LIMITS = {"reason": REASON_LIMIT, "done": PART_LIMIT, "next": PART_LIMIT, "risks": PART_LIMIT, "wanted": PART_LIMIT}


class HighlightForm(SeenForm):
    """What a lead says of a workstream. It has to fit on its page, so every box has a limit."""

    status = forms.ChoiceField(
        label="Overall status",
        choices=[(status.value, status.label) for status in Status if status is not Status.CLOSED],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a status.", "invalid_choice": "Choose a status from the list."},
    )

    class Meta:
        model = Highlight
        fields = EDITABLE
        labels = {
            "reason": "Why",
            "done": "Done since the last meeting",
            "next": "Next",
            "risks": "Risks",
            "wanted": "Help or decisions wanted from the Board",
        }
        error_messages = {"reason": {"required": "Say why, in a sentence or two."}}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, limit in LIMITS.items():
            self.fields[name].widget = forms.Textarea(attrs={"rows": 3, "data-keep": ""})
            self.fields[name].help_text = f"Up to {limit} characters. No names of children."

    def clean(self):
        data = super().clean()
        for name, limit in LIMITS.items():
            if len(text := data.get(name) or "") > limit:
                self.add_error(
                    name, f"Keep it under {limit} characters, so that it fits on its page; this has {len(text):,}."
                )
        return data
