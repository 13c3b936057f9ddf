"""A form on a page of its own: shown, saved, or shown again with what was typed and a sentence on what to do."""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render

from jcb.history import Record, refuse

CHANGED_SINCE = "Somebody changed this since you opened it. Nothing was saved, and what you typed is still here. Read how it stands now, then save again."
LARGEST = 2**31 - 1  # a number beyond this names nothing, on either database
LONG = {"rows": 4, "data-keep": ""}


@dataclass(frozen=True, slots=True)
class Step:
    """The words around a form. `back` is where its page came from, `crumbs` pairs of address and words above it."""

    title: str
    button: str
    back: str
    caption: str = ""
    says: str = ""
    crumbs: tuple[tuple[str, str], ...] = ()


class SeenForm(forms.Form):
    """A form about one row. It carries the version that the person had before them."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=LARGEST)

    def __init__(self, *args, row: Record, **options):
        super().__init__(*args, **{**options, "initial": {"seen": row.version, **options.get("initial", {})}})
        self.row = row

    def renew(self) -> None:
        """Be about the row as it is now, which the page shows beside what was typed."""
        self.row.refresh_from_db(fields=["version"])
        self.data["seen"] = self.row.version

    def written(self) -> dict:
        """What the operation takes."""
        return dict(self.cleaned_data)


def words(label: str, hint: str = "", problem: str = "", rows: int = 4, **options) -> forms.CharField:
    """A box for sentences; required where a `problem` says what to do when it is empty."""
    return forms.CharField(
        **{
            "label": label,
            "help_text": hint,
            "max_length": 5000,
            "widget": forms.Textarea(attrs={**LONG, "rows": rows}),
            "required": bool(problem),
            "error_messages": {"required": problem, "max_length": "Keep it under 5,000 characters."},
            **options,
        }
    )


def add_refusal(form: forms.Form, refusal: ValidationError) -> None:
    """Put a refusal beside its box where it has one here, at the top where it has none."""
    if hasattr(refusal, "error_dict"):
        for name, problems in refusal.message_dict.items():
            form.add_error(name if name in form.fields else None, problems)
    else:
        form.add_error(None, refusal.messages)


def check_seen(row: Record, seen: int) -> None:
    """Refuse where somebody saved a row since the person opened it. Call it with the row locked."""
    if row.version != seen:
        refuse(CHANGED_SINCE)


def save(row: Record, **values) -> Record:
    """Set fields of a locked row and save it with its history."""
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    row.full_clean()
    row.save()
    return row


def answer(
    request, form: forms.Form, step: Step, does: Callable[[], tuple[str, str]], template="forms/step.html", **page
):
    """Show a form, or save it: `does` saves and returns the sentence to show and the address to go to."""
    if request.method == "POST" and form.is_valid():
        try:
            said, where = does()
        except ValidationError as refusal:
            add_refusal(form, refusal)
            if hasattr(form, "renew"):
                form.data = form.data.copy()
                form.renew()
        else:
            messages.success(request, said)
            return redirect(where)
    return render(request, template, {**page, "form": form, "step": step}, status=422 if form.errors else 200)
