"""Two people edit one record: the form that knows which version was opened, and the page that shows both texts."""

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import model_to_dict

from jcb.history import Conflict, Record

OUT_OF_STEP = "This page is out of step with the record. Open it again; what you typed is kept in this browser."


def put_refusal(form: forms.BaseForm, refusal: ValidationError) -> None:
    """Put an operation's refusal on the fields it names, or over the form, so that what was typed stays."""
    by_field = refusal.error_dict if hasattr(refusal, "error_dict") else {None: refusal.error_list}
    for field, problems in by_field.items():
        form.add_error(field if field in form.fields else None, problems)


class SeenForm(forms.ModelForm):
    """Edits one Record. What counts as changed is what differs from the version that the person opened."""

    seen = forms.IntegerField(
        widget=forms.HiddenInput,
        min_value=1,
        max_value=1_000_000,
        error_messages={
            "required": OUT_OF_STEP,
            "invalid": OUT_OF_STEP,
            "min_value": OUT_OF_STEP,
            "max_value": OUT_OF_STEP,
        },
    )

    def __init__(self, data=None, *, instance: Record | None = None, initial: dict | None = None, **kwargs):
        given = dict(initial or {})
        if instance is not None and instance.pk:
            opened = self._opened(instance, data)
            given = {**self.as_shown(opened), "seen": opened.version, **given}
        super().__init__(data, instance=instance, initial=given, **kwargs)
        if instance is None or not instance.pk:
            del self.fields["seen"]

    def _opened(self, instance: Record, data) -> Record:
        """The row as it was when the form was opened, or as it is now."""
        seen = str(data.get("seen", "")) if data is not None else ""
        if not seen.isdecimal() or len(seen) > 7 or int(seen) == instance.version:
            return instance
        past = instance.history.filter(version=int(seen)).order_by("history_id").last()
        return past.instance if past else instance

    def as_shown(self, row: Record) -> dict:
        """What the form shows for a row."""
        return model_to_dict(row, fields=self._meta.fields)

    def changed(self) -> list[str]:
        """The names of the model's fields that the person changed."""
        return [name for name in self.changed_data if name in self._meta.fields]

    def refuse(self, refusal: ValidationError) -> None:
        """Put an operation's refusal on the fields it names, so that what was typed stays."""
        put_refusal(self, refusal)

    def see(self, row: Record) -> None:
        """Let the form be about the row as it is now: its next save is the answer to it."""
        self.data = self.data.copy()
        self.data["seen"] = str(row.version)


def conflict_page(form: SeenForm, conflict: Conflict) -> dict:
    """What the conflict page shows: each field both changed, as they have it and as it was typed here."""
    form.see(conflict.theirs)
    last = conflict.theirs.history.select_related("history_user").order_by("-history_id").first()
    return {
        "form": form,
        "who": str(last.history_user) if last and last.history_user else "Somebody else",
        "rows": [
            (conflict.theirs._meta.get_field(name).verbose_name, said(conflict.theirs, name), said(form.instance, name))
            for name in conflict.fields
        ],
    }


def said(row: Record, name: str) -> str:
    """A field's value in words."""
    display = getattr(row, f"get_{name}_display", None)
    value = display() if display else getattr(row, name)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return "Nothing" if value in (None, "") else str(value)
