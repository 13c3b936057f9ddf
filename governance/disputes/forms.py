"""The forms of disputes. Each says with `written()` what its operation takes."""

from django import forms

from governance.disputes import clocks
from governance.disputes.moves import NOTED
from governance.meetings.forms import Day
from governance.models import Decision, Dispute, DisputeEvent, DisputeParty, Ladder, Representation, Rung
from jcb import access, dates
from jcb.models import Partner, Person
from jcb.steps import LARGEST, words

WHAT = {
    DisputeEvent.Kind.STATEMENT_PERIOD: "The mediator agreed another period for the statements (say how many days)",
}


def _people():
    rows = Person.objects.filter(is_active=True, role__in=[access.BOARD_MEMBER, access.COMMISSIONER])
    return rows.order_by("name")


class RaiseForm(forms.Form):
    """What is in dispute, between whom, under which ladder, and who stands for each party."""

    subject = forms.CharField(
        label="Subject", max_length=150, error_messages={"required": "Say in a few words what it is about."}
    )
    about = forms.CharField(
        label="Clause or decision",
        max_length=200,
        help_text="The clause of the plan, or the Board’s decision, that the parties do not agree on.",
        error_messages={"required": "Name the clause or the decision."},
    )
    text = words(
        "What each party wants", "In plain words. Only those who stand for a party, and the secretariat, read it."
    )
    raised_on = Day("Raised on")
    party_1 = forms.ModelChoiceField(
        Partner.objects.none(),
        empty_label="Choose",
        label="First party",
        error_messages={"required": "Choose the first party."},
    )
    person_1 = forms.ModelChoiceField(
        Person.objects.none(),
        empty_label="Choose",
        label="Who stands for it",
        error_messages={"required": "Choose who stands for it."},
    )
    party_2 = forms.ModelChoiceField(
        Partner.objects.none(),
        empty_label="Choose",
        label="Second party",
        error_messages={"required": "Choose the second party."},
    )
    person_2 = forms.ModelChoiceField(
        Person.objects.none(),
        empty_label="Choose",
        label="Who stands for it",
        error_messages={"required": "Choose who stands for it."},
    )
    party_3 = forms.ModelChoiceField(
        Partner.objects.none(), empty_label="None", label="Third party, if there is one", required=False
    )
    person_3 = forms.ModelChoiceField(
        Person.objects.none(), empty_label="Nobody", label="Who stands for it", required=False
    )
    ladder = forms.ModelChoiceField(
        Ladder.objects.none(),
        label="Ladder",
        empty_label=None,
        help_text="The one in force on the day it was raised comes first. Another needs a reason.",
        error_messages={"required": "Choose the ladder.", "invalid_choice": "Choose one of the ladders offered."},
    )
    ladder_because = words("Why another ladder than the one in force", "Leave it empty for the first one.")

    decision = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    PARTIES = (1, 2, 3)

    def __init__(self, *args, person: Person, **options):
        super().__init__(*args, **options)
        self.person = person
        today = dates.today()
        for number in self.PARTIES:
            self.fields[f"party_{number}"].queryset = Partner.objects.filter(is_party=True).order_by("name")
            self.fields[f"person_{number}"].queryset = _people()
        self.fields["ladder"].queryset = Ladder.objects.filter(in_force_from__lte=today).order_by("-in_force_from")

    def clean_decision(self):
        """The decision that the parties do not agree on, as far as the person may see it."""
        return decision_called(self.cleaned_data["decision"], self.person)

    def clean(self):
        data = super().clean()
        if data.get("party_3") and not data.get("person_3"):
            self.add_error("person_3", "Choose who stands for the third party, or leave both empty.")
        return data

    def written(self) -> dict:
        data = self.cleaned_data
        named = [(data[f"party_{n}"], data[f"person_{n}"]) for n in self.PARTIES if data.get(f"party_{n}")]
        return {
            "subject": data["subject"],
            "about": data["about"],
            "text": data["text"],
            "raised_on": data["raised_on"],
            "parties": [party for party, _ in named],
            "representatives": {party.pk: person for party, person in named},
            "ladder": data["ladder"],
            "ladder_because": data["ladder_because"],
            "decision": data.get("decision"),
        }


def decision_called(ref: str, person: Person) -> Decision | None:
    """The decision of a number such as "2020-09/D3" that a person may see."""
    series, _, number = ref.partition("/D")
    if not (number.isdecimal() and len(number) < 5):
        return None
    return Decision.objects.visible_to(person).filter(series=series[:7], number=int(number)).first()


class StepForm(forms.Form):
    """A step in a dispute. It knows the version that the person had before them."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=LARGEST)

    def __init__(self, *args, dispute: Dispute, person: Person, **options):
        super().__init__(*args, **{"initial": {"seen": dispute.version, "on": dates.today()}, **options})
        self.dispute, self.person = dispute, person

    def written(self) -> dict:
        return dict(self.cleaned_data)

    def see(self, version: int) -> None:
        """Go on from a version that the person has before them now."""
        self.data = self.data.copy()
        self.data["seen"] = version


class ReferForm(StepForm):
    on = Day("Day of the written referral")
    text = words("What the referral says", "It is kept with the step. Leave it empty where the letter says it all.")


class ExtendForm(StepForm):
    last_day = Day("The new last day", help_text="It counts once every other party has confirmed this very day.")


class RecordForm(StepForm):
    kind = forms.ChoiceField(
        label="What happened",
        choices=[(kind.value, WHAT.get(kind, kind.label)) for kind in NOTED],
        error_messages={"required": "Choose what happened."},
    )
    on = Day("On")
    days = forms.IntegerField(
        label="Days before the mediation",
        required=False,
        min_value=0,
        max_value=clocks.LONGEST_STATEMENT_PERIOD,
        help_text="Only for another period that the mediator agreed.",
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), "Give a whole number of days, from 0 to 365."
        ),
    )
    text = words("In a sentence", "Who asked for it, where, with which outcome.")

    def clean(self):
        data = super().clean()
        if data.get("kind") == DisputeEvent.Kind.STATEMENT_PERIOD and data.get("days") is None:
            self.add_error("days", "Say how many days before the mediation the statements are due.")
        return data


class FeeForm(StepForm):
    on = Day("Day of the bill")
    pounds = forms.DecimalField(
        label="The fee, in pounds",
        min_value=0,
        max_value=1_000_000,
        decimal_places=2,
        max_digits=9,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value", "max_digits", "max_whole_digits", "max_decimal_places"),
            "Give the fee in pounds and pence, such as 1000.00.",
        ),
    )


class ExchangeForm(StepForm):
    """Nothing is asked for: only that it is meant."""


class StatementForm(forms.Form):
    """A party's statement of its case."""

    filed_on = Day("Filed with the mediator on")
    statement = forms.FileField(
        label="The statement",
        help_text="A PDF, a Word document (.docx) or a spreadsheet (.xlsx). It is sealed to your party until you release it.",
        error_messages={"required": "Choose the file.", "empty": "The file is empty. Choose another."},
    )


class PersonForm(forms.Form):
    """Somebody who stands for a party."""

    party = forms.ModelChoiceField(
        DisputeParty.objects.none(), label="Party", empty_label=None, error_messages={"required": "Choose the party."}
    )
    person = forms.ModelChoiceField(
        Person.objects.none(),
        empty_label="Choose",
        label="Who stands for it",
        error_messages={"required": "Choose a person."},
    )
    from_on = Day("From")

    def __init__(self, *args, dispute: Dispute, person: Person, **options):
        super().__init__(*args, **{"initial": {"from_on": dates.today()}, **options})
        rows = dispute.parties.select_related("partner")
        if not access.is_secretariat(person):
            own = Representation.objects.in_force(person, dates.today()).filter(dispute=dispute).values("party")
            rows = rows.filter(pk__in=own)
        self.fields["party"].queryset = rows
        self.fields["party"].label_from_instance = lambda party: party.partner.name
        self.fields["person"].queryset = _people()


class ResolveForm(StepForm):
    on = Day("Resolved on")
    terms = words("What was agreed", problem="Write down what was agreed.")

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.parties = list(self.dispute.parties.select_related("partner"))
        for party in self.parties:
            self.fields[f"agreed_{party.pk}"] = forms.CharField(
                label=f"Who agreed for {party.partner.name}",
                max_length=150,
                error_messages={"required": f"Say who agreed for {party.partner.name}."},
            )

    def written(self) -> dict:
        data = self.cleaned_data
        agreed = {party.pk: data[f"agreed_{party.pk}"] for party in self.parties}
        return {"seen": data["seen"], "on": data["on"], "terms": data["terms"], "agreed_by": agreed}


class SuccessionForm(StepForm):
    on = Day("The parties became one body on")


class WithdrawForm(StepForm):
    on = Day("Withdrawn on")
    text = words("Why", problem="Say why it is withdrawn.")


class WhatIfForm(forms.Form):
    """Dates to try; nothing is saved."""

    ladder = forms.ModelChoiceField(
        Ladder.objects.order_by("in_force_from"), label="Ladder", to_field_name="key", empty_label=None
    )

    def __init__(self, *args, kinds: list[str] = (), **options):
        super().__init__(*args, **options)
        for kind in kinds:
            if kind == clocks.STATEMENT_PERIOD:
                self.fields[kind] = forms.IntegerField(
                    label=SAY[kind], required=False, min_value=0, max_value=clocks.LONGEST_STATEMENT_PERIOD
                )
            else:
                self.fields[kind] = Day(_say(kind), required=False)

    def events(self) -> list[clocks.Event]:
        found = []
        for kind, value in self.cleaned_data.items():
            if kind == "ladder" or value is None:
                continue
            found.append(
                clocks.Event(kind, days=value) if kind == clocks.STATEMENT_PERIOD else clocks.Event(kind, on=value)
            )
        return found


SAY = {
    clocks.RAISED: "Raised on",
    clocks.STARTS: "Mediation starts on",
    clocks.STATEMENT_PERIOD: "Days for the statements, if the mediator agreed another period",
    clocks.CONCLUDED: "Mediation concluded on",
    clocks.FAILED: "Mediation failed on",
}


def _say(kind: str) -> str:
    what, _, key = kind.partition(":")
    if what == clocks.REFERRAL:
        return f"Referred to “{key}” on"
    if what == clocks.EXTENSION:
        return f"Period of “{key}” extended until"
    return SAY[kind]


PERIOD = {
    "required": False,
    "min_value": 0,
    "max_value": 3650,
    "error_messages": dict.fromkeys(("invalid", "min_value", "max_value"), "Give a whole number of days, up to 3,650."),
}


class LadderForm(forms.Form):
    """A new version of a ladder, made from an older one; each of its rungs can be kept, changed or left out."""

    title = forms.CharField(label="Title", max_length=150, error_messages={"required": "Give the version a title."})
    in_force_from = Day("In force from")
    stands_in = forms.CharField(
        label="The clause it comes from", max_length=200, error_messages={"required": "Say where the clause stands."}
    )
    note = words("Note", rows=2)

    def __init__(self, *args, source: Ladder, **options):
        super().__init__(*args, **options)
        self.rungs = list(source.rungs.order_by("order"))
        for rung in self.rungs:
            self.fields |= {f"{rung.key}_{name}": field for name, field in _rung_fields(rung).items()}

    def groups(self) -> list[tuple[str, list]]:
        """The boxes of each rung, under its name."""
        return [
            (rung.name, [self[name] for name in self.fields if name.startswith(f"{rung.key}_")]) for rung in self.rungs
        ]

    def head(self) -> list:
        return [self[name] for name in ("title", "in_force_from", "stands_in", "note")]

    def clean(self):
        data = super().clean()
        for rung in self.rungs:
            if not data.get(f"{rung.key}_kept"):
                continue
            for name, problem in (("name", "Name the rung."), ("who", "Say who tries to settle it."), ("text", "Say what the clause asks for.")):  # fmt: skip
                if f"{rung.key}_{name}" in data and not data[f"{rung.key}_{name}"].strip():
                    self.add_error(f"{rung.key}_{name}", problem)
        return data

    def written(self) -> dict:
        data = self.cleaned_data
        names = ("name", "who", "text", "days", "days_from", "may_extend", "statement_days", "report_days")
        kept = [rung for rung in self.rungs if data[f"{rung.key}_kept"]]
        rungs = [{"key": rung.key, **{name: data[f"{rung.key}_{name}"] for name in names}} for rung in kept]
        return {**{name: data[name] for name in ("title", "in_force_from", "stands_in", "note")}, "rungs": rungs}


def _rung_fields(rung: Rung) -> dict[str, forms.Field]:
    return {
        "kept": forms.BooleanField(label="The ladder has this rung", required=False, initial=True),
        "name": forms.CharField(label="Name", max_length=60, required=False, initial=rung.name),
        "who": forms.CharField(label="Who tries to settle it", max_length=250, required=False, initial=rung.who),
        "text": words("What the clause asks for", rows=3, initial=rung.text),
        "days": forms.IntegerField(label="Period in calendar days", initial=rung.days, help_text="Empty where none is stated.", **PERIOD),
        "days_from": forms.CharField(label="The days run from", max_length=150, required=False, initial=rung.days_from),
        "may_extend": forms.BooleanField(label="The parties may agree a longer period", required=False, initial=rung.may_extend),
        "statement_days": forms.IntegerField(label="Statements due, days before the mediation", initial=rung.statement_days, **PERIOD),
        "report_days": forms.IntegerField(label="Report due, days after the mediation", initial=rung.report_days, **PERIOD),
    }  # fmt: skip
