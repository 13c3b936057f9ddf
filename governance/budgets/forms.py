"""The forms of agreements on budgets."""

import re
from decimal import Decimal

from django import forms

from governance.budgets.operations import shared_by_risk, shared_equally
from governance.budgets.pages import say_workstream
from governance.meetings.forms import Day
from governance.models import Agreement, AgreementYear
from jcb import dates
from jcb.models import Partner, Person
from jcb.steps import SeenForm, words
from workstreams.models import Workstream

MOST_PARTIES = 6
YEARS_AHEAD = 5
THOUSANDS = re.compile(r"^\d{1,3}(?:,\d{3})+(?:\.\d*)?$")
PROBLEMS = ("invalid", "min_value", "max_value", "max_digits", "max_whole_digits", "max_decimal_places")
AS_WRITTEN, EQUALLY, BY_RISK = "as written", "equally", "by risk"


class Pounds(forms.DecimalField):
    """An amount of money, which people also write as "£1,234.50"."""

    def __init__(self, label: str, **options):
        problem = "Give it in pounds and pence, such as 1234.50, and under 10,000,000,000."
        problems = {**dict.fromkeys(PROBLEMS, problem), "required": "Give the amount in pounds."}
        widget = forms.TextInput(attrs={"inputmode": "decimal", "class": "govuk-input--width-10"})
        given = {"min_value": 0, "max_digits": 12, "decimal_places": 2, "widget": widget, "error_messages": problems}
        super().__init__(**{"label": label, **given, **options})

    def to_python(self, value):
        if isinstance(value, str):
            value = value.strip().removeprefix("£").strip()
            value = value.replace(",", "") if THOUSANDS.match(value) else value
        return super().to_python(value)


def _partners():
    kinds = [kind for kind in Partner.Kind.values if kind != Partner.Kind.FORUM]
    return Partner.objects.filter(kind__in=kinds).order_by("-is_party", "side", "name")


class AboutForm(forms.Form):
    """What an agreement is, and between whom."""

    title = forms.CharField(
        label="In a few words", max_length=150, error_messages={"required": "Say in a few words what the agreement is about."}
    )  # fmt: skip
    kind = forms.ChoiceField(label="Kind", choices=Agreement.Kind.choices)
    basis = forms.ChoiceField(
        label="Legal basis",
        choices=Agreement.Basis.choices,
        help_text="Pooled budgets and lead commissioning rest on section 75, grants on section 256 or 76.",
    )
    about = words("What it pays for", rows=2)
    workstream = forms.ModelChoiceField(
        Workstream.objects.none(), label="Workstream", required=False, empty_label="No one workstream"
    )
    host = forms.ModelChoiceField(
        Partner.objects.none(),
        label="Host",
        required=False,
        empty_label="No host",
        help_text="Who holds the money for all. A pooled budget has one.",
    )
    risk_share = words("Who bears an overspend, and who keeps an underspend", rows=2)
    reporting_body = forms.CharField(label="Body it is reported to", max_length=150, required=False)
    starts_on = Day("Starts")
    ends_on = Day("Last day", required=False, help_text="Empty where none is agreed.")
    review_on = Day("Review due", required=False)
    status = forms.ChoiceField(label="How it stands")
    PLACES = range(1, MOST_PARTIES + 1)

    def __init__(self, *args, person: Person, states: list[str], **options):
        super().__init__(*args, **options)
        self.fields["status"].choices = [(each.value, each.label) for each in Agreement.Status if each in states]
        streams = Workstream.objects.visible_to(person).select_related("plan__area")
        self.fields["workstream"].queryset = streams.order_by("plan__area__name", "-plan__edition_month", "number")
        self.fields["workstream"].label_from_instance = say_workstream
        partners = list(_partners())  # asked for once, and offered in every box
        for place in self.PLACES:
            asked = {"error_messages": {"required": "Choose a partner."}, "required": place < 3}
            self.fields[f"party_{place}"] = forms.ModelChoiceField(_partners(), label=f"Partner {place}", empty_label="None" if place > 2 else "Choose", **asked)  # fmt: skip
            self.fields[f"percent_{place}"] = forms.DecimalField(
                label=f"Share of the risk of partner {place}, %",
                required=False,
                min_value=0,
                max_value=100,
                max_digits=5,
                decimal_places=2,
                widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "govuk-input--width-5"}),
                error_messages=dict.fromkeys(PROBLEMS, "Give a share from 0 to 100, such as 33.34."),
            )
        offered = [(partner.pk, partner.name) for partner in partners]
        for name in ("host", *(f"party_{place}" for place in self.PLACES)):
            self.fields[name].queryset = _partners()
            self.fields[name].choices = [("", self.fields[name].empty_label), *offered]

    def head(self) -> list:
        return [self[name] for name in ("title", "kind", "basis", "about", "workstream")]

    def partners(self) -> list[tuple]:
        return [(self[f"party_{place}"], self[f"percent_{place}"]) for place in self.PLACES]

    def rest(self) -> list:
        names = ("host", "risk_share", "reporting_body", "starts_on", "ends_on", "review_on", "status")
        return [self[name] for name in names]

    def clean(self):
        data = super().clean()
        for place in self.PLACES:
            party, percent = f"party_{place}", f"percent_{place}"
            if data.get(percent) is not None and party in data and not data[party]:
                self.add_error(party, "Choose the partner that bears this share, or leave both empty.")
        return data

    def written(self) -> dict:
        data = self.cleaned_data
        places = [place for place in self.PLACES if data[f"party_{place}"]]
        own = {name: value for name, value in data.items() if not name.startswith(("party_", "percent_"))}
        return {**own, "parties": [(data[f"party_{place}"], data[f"percent_{place}"]) for place in places]}


class AddForm(AboutForm):
    def __init__(self, *args, **options):
        states = [state for state in Agreement.Status if state != Agreement.Status.ENDED]
        super().__init__(*args, states=states, **options)


class EditForm(AboutForm, SeenForm):
    def __init__(self, *args, row: Agreement, **options):
        names = (
            "title", "kind", "basis", "about", "workstream", "host", "risk_share", "reporting_body", "starts_on",
            "ends_on", "review_on", "status",
        )  # fmt: skip
        initial = {name: getattr(row, name) for name in names}
        for place, party in enumerate(row.parties.all(), start=1):
            initial |= {f"party_{place}": party.partner_id, f"percent_{place}": party.percent}
        states = [state for state in Agreement.Status if row.can_become(state) and state != Agreement.Status.ENDED]
        super().__init__(*args, row=row, states=states, **{**options, "initial": initial})


class EndForm(SeenForm):
    ends_on = Day("Its last day")
    because = words("Why it ended", problem="Say why it ended.", rows=2)


class ReviewForm(SeenForm):
    on = Day("Reviewed on")
    outcome = words("What came of it", problem="Say what came of the review.", rows=3)
    next_on = Day("Next review due", required=False, help_text="Empty where none is planned.")


class YearForm(forms.Form):
    """A financial year of an agreement: one row of money, and a box for what each party pays of it."""

    agreed = Pounds("Agreed for the year, in pounds")
    forecast = Pounds("Forecast", required=False, help_text="What the year is expected to come to.")
    actual = Pounds("Actual", required=False, help_text="What the year came to. It is known once the year is over.")
    share = forms.ChoiceField(label="What each partner pays")
    note = words("Note", rows=2)

    def __init__(self, *args, agreement: Agreement, **options):
        super().__init__(*args, **options)
        self.agreement, self.parties = agreement, list(agreement.parties.all())
        ways = [(AS_WRITTEN, "As written below"), (EQUALLY, "Shared equally, odd pence to those named first")]
        if all(party.percent is not None for party in self.parties):
            ways.append((BY_RISK, "By each partner’s share of the risk, odd pence to those named first"))
        self.fields["share"].choices = ways
        for party in self.parties:
            self.fields[f"pays_{party.pk}"] = Pounds(f"{party.partner.name} pays", required=False)
        self.order_fields(
            ["seen", "year", "agreed", "forecast", "actual", "share", *(f"pays_{party.pk}" for party in self.parties)]
        )

    def written(self) -> dict:
        data = self.cleaned_data
        if data["share"] == AS_WRITTEN:
            pays = {party.pk: data[f"pays_{party.pk}"] or Decimal(0) for party in self.parties}
        else:
            pays = (shared_equally if data["share"] == EQUALLY else shared_by_risk)(data["agreed"], self.parties)
        own = {name: value for name, value in data.items() if not name.startswith("pays_") and name != "share"}
        return {**own, "contributions": pays}


class AddYearForm(YearForm):
    year = forms.TypedChoiceField(label="Financial year", coerce=int, error_messages={"required": "Choose a year."})

    def __init__(self, *args, agreement: Agreement, **options):
        super().__init__(*args, agreement=agreement, **options)
        this = dates.financial_year(dates.today())
        first = dates.financial_year(agreement.starts_on)
        last = max(this, first) + YEARS_AHEAD
        if agreement.ends_on is not None:
            last = min(last, max(dates.financial_year(agreement.ends_on), first))
        there = {each.year for each in agreement.years.all()}
        years = [year for year in range(first, last + 1) if year not in there]
        self.fields["year"].choices = [("", "Choose"), *((year, dates.say_financial_year(year)) for year in years)]


class EditYearForm(YearForm, SeenForm):
    def __init__(self, *args, row: AgreementYear, **options):
        initial = {name: getattr(row, name) for name in ("agreed", "forecast", "actual", "note")}
        initial |= {f"pays_{each.party_id}": each.amount for each in row.contributions.all()}
        super().__init__(*args, row=row, **{**options, "initial": {"share": AS_WRITTEN, **initial}})
