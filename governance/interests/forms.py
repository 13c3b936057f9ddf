"""The forms of interests."""

from django import forms

from governance.meetings.forms import Day
from governance.models import AgendaItem, Interest, Meeting
from jcb import access
from jcb.models import Person
from jcb.steps import SeenForm, words

KINDS = [("", "Choose"), *Interest.Kind.choices]
KIND = {"required": "Choose what kind of interest it is."}
SAY = "Say what the interest is, in a sentence."


class AboutSomebody(forms.Form):
    """Begins with whose interest it is: the secretariat chooses, everyone else means themselves."""

    person = forms.ModelChoiceField(
        Person.objects.none(), label="Whose interest", empty_label="Choose", error_messages={"required": "Choose whose interest it is."}
    )  # fmt: skip

    def __init__(self, *args, by: Person, **options):
        super().__init__(*args, **options)
        self.by = by
        if access.may_prepare_meetings(by):
            self.fields["person"].queryset = Person.objects.filter(is_active=True).order_by("name")
        else:
            del self.fields["person"]

    def written(self) -> dict:
        """What the operation takes."""
        return {"person": self.by, **self.cleaned_data}


class DeclareForm(AboutSomebody):
    """An interest for a meeting, or one of the items that the person may see."""

    item = forms.ModelChoiceField(
        AgendaItem.objects.none(), label="Item", required=False, empty_label="The whole meeting"
    )
    kind = forms.ChoiceField(label="Kind", choices=KINDS, error_messages=KIND)
    text = words("What the interest is", "Name no child and no family.", problem=SAY, rows=3)

    def __init__(self, *args, meeting: Meeting, by: Person, **options):
        super().__init__(*args, by=by, **options)
        self.fields["item"].queryset = AgendaItem.objects.visible_to(by).filter(meeting=meeting).in_order()


class ManageForm(SeenForm):
    """How a declared interest was managed."""

    managed = forms.ChoiceField(
        label="How it was managed", choices=Interest.Managed.choices, required=False, widget=forms.RadioSelect
    )
    withholds = forms.BooleanField(
        label="Withhold the item from this person",
        required=False,
        help_text="They see neither its front sheet nor its paper, in any pack, until this is taken off.",
    )

    def __init__(self, *args, row: Interest, **options):
        start = {"managed": row.managed, "withholds": row.withholds}
        super().__init__(*args, row=row, **{**options, "initial": start})


class RegisterForm(AboutSomebody):
    """A lasting interest."""

    kind = forms.ChoiceField(label="Kind", choices=KINDS, error_messages=KIND)
    text = words("What the interest is", "Name no child and no family.", problem=SAY, rows=3)
    held_from = Day("Held since")


class EndForm(SeenForm):
    """The last day of a lasting interest."""

    held_until = Day("Held until")


class ConfirmForm(AboutSomebody):
    """The yearly word that the entries are complete."""
