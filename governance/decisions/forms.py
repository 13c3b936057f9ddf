"""The forms of decisions. What each party says has its own boxes, named by the party's primary key."""

from dataclasses import dataclass

from django import forms

from governance.decisions.operations import Said
from governance.meetings.forms import Day
from governance.models import AgendaItem, Decision, Meeting, Recommendation, Stance
from jcb import access, dates
from jcb.models import Partner, Person
from jcb.steps import SeenForm, words
from workstreams.models import Deliverable, Plan


@dataclass(frozen=True, slots=True)
class PartyBoxes:
    """A party and its boxes on the form."""

    party: Partner
    kind: forms.BoundField
    more: tuple[forms.BoundField, ...]
    is_open: bool


def speakers():
    """Who may speak for a party: members, and commissioners who deputise."""
    rows = Person.objects.filter(is_active=True, role__in=[access.BOARD_MEMBER, access.COMMISSIONER])
    return rows.order_by("name")


class DecisionForm(forms.Form):
    """A decision, and what each party in force that day said of it."""

    text = words("What was decided", problem="Write down what was decided.")

    def __init__(self, *args, parties: list[Partner], **options):
        super().__init__(*args, **options)
        self.parties = parties
        people = speakers()
        for party in parties:
            pk, name = party.pk, party.name
            self.fields[f"party_{pk}"] = forms.ChoiceField(
                label=f"Position of {name}",
                choices=[("", "Choose"), *Stance.Kind.choices],
                error_messages={"required": f"Say what {name} said. Choose “Absent” where it was not there."},
            )
            self.fields[f"words_{pk}"] = words("Condition, reason or words used", rows=2)
            self.fields[f"spoken_{pk}"] = forms.ModelChoiceField(
                people, label="Who spoke for it", required=False, empty_label="Not recorded"
            )
            self.fields[f"body_{pk}"] = forms.CharField(
                label="If it reserves: the body it must be put to", required=False, max_length=150
            )
            self.fields[f"due_{pk}"] = Day("If it reserves: the answer is expected on", required=False)
            self.fields[f"key_{pk}"] = forms.BooleanField(label="It is a key decision of that body", required=False)

    MORE = ("words", "spoken", "body", "due", "key")

    def by_party(self) -> list[PartyBoxes]:
        """The boxes as they stand on the page; those of a party with more than a position are open."""
        found = []
        for party in self.parties:
            more = tuple(self[f"{name}_{party.pk}"] for name in self.MORE)
            is_open = any(each.errors for each in more) or self[f"party_{party.pk}"].value() in (
                Stance.Kind.SUBJECT_TO,
                Stance.Kind.RESERVES,
                Stance.Kind.DISAGREES,
            )
            found.append(PartyBoxes(party, self[f"party_{party.pk}"], more, is_open))
        return found

    def plain(self) -> list[forms.BoundField]:
        """The boxes that belong to no party."""
        of_parties = {f"{name}_{party.pk}" for party in self.parties for name in ("party", *self.MORE)}
        return [field for field in self.visible_fields() if field.name not in of_parties]

    def said(self) -> dict[int, Said]:
        """What `record_decision` takes of the parties."""
        data = self.cleaned_data
        return {
            party.pk: Said(
                kind=data[f"party_{party.pk}"],
                words=data[f"words_{party.pk}"],
                spoken_by=data[f"spoken_{party.pk}"],
                parent_body=data[f"body_{party.pk}"],
                answer_due_on=data[f"due_{party.pk}"],
                key_decision=data[f"key_{party.pk}"],
            )
            for party in self.parties
        }


class AtMeetingForm(DecisionForm):
    """A decision on an item of a meeting. It may start from a recommendation of the item's front sheet."""

    recommendation = forms.ModelChoiceField(
        Recommendation.objects.none(), label="It answers this recommendation", required=False, empty_label="None"
    )
    field_order = ("recommendation", "text")

    def __init__(self, *args, item: AgendaItem, **options):
        super().__init__(*args, **options)
        rows = Recommendation.objects.filter(front_sheet__item=item).order_by("number")
        self.fields["recommendation"].queryset = rows
        if not rows:
            del self.fields["recommendation"]

    def written(self) -> dict:
        data = self.cleaned_data
        return {"text": data["text"], "recommendation": data.get("recommendation"), "said": self.said()}


class BetweenMeetingsForm(DecisionForm):
    """A decision that could not wait for a meeting."""

    basis = forms.ChoiceField(
        label="How it was decided",
        choices=[(each.value, each.label) for each in Decision.BETWEEN_MEETINGS],
        error_messages={"required": "Say how it was decided."},
    )
    could_not_wait = words(
        "Why it could not wait", "It is kept with the decision.", "Say why it could not wait.", rows=3
    )
    decided_on = Day("Decided on")
    restricted = forms.BooleanField(label="Only members and the secretariat see it", required=False)
    field_order = ("text", "basis", "could_not_wait", "decided_on", "restricted")

    def written(self) -> dict:
        data = self.cleaned_data
        names = ("text", "basis", "could_not_wait", "decided_on", "restricted")
        return {**{name: data[name] for name in names}, "said": self.said()}


class CorrectForm(SeenForm):
    text = words("What was decided", "What it said before is kept.", "Write down what was decided.")


class RatifyForm(SeenForm):
    meeting = forms.ModelChoiceField(
        Meeting.objects.none(),
        label="Which meeting took it up",
        empty_label="Choose",
        error_messages={"required": "Choose the meeting."},
    )
    ratified = forms.ChoiceField(
        label="What it said",
        choices=[("", "Choose"), ("yes", "Ratified"), ("no", "Not ratified")],
        error_messages={"required": "Say whether it was ratified."},
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        rows = Meeting.objects.filter(starts_at__lte=dates.now()).exclude(state=Meeting.State.CANCELLED)
        rows = rows.filter(starts_at__gte=dates.start_of_day(self.row.decided_on)).exclude(pk=self.row.meeting_id)
        self.fields["meeting"].queryset = rows.order_by("starts_at")

    def written(self) -> dict:
        return {**self.cleaned_data, "ratified": self.cleaned_data["ratified"] == "yes"}


class AnswerForm(SeenForm):
    answer = words("The answer", problem="Write down the answer.")
    answered_on = Day("It came on")
    effective_on = Day("It takes effect on", required=False, help_text="Leave it empty where it does so at once.")


class DateForm(SeenForm):
    deliverable = forms.ModelChoiceField(
        Deliverable.objects.none(),
        label="Deliverable",
        empty_label="Choose",
        error_messages={"required": "Choose the deliverable."},
    )
    after_on = Day("New agreed date")

    def __init__(self, *args, person: Person, **options):
        super().__init__(*args, **options)
        rows = Deliverable.objects.visible_to(person).filter(workstream__plan__state=Plan.State.LIVE)
        rows = rows.select_related("workstream__plan__area").order_by(
            "workstream__plan__edition_month", "workstream__number", "number"
        )
        self.fields["deliverable"].queryset = rows
        self.fields["deliverable"].label_from_instance = lambda row: (
            f"{row.workstream.plan.area.name} {row.reference} {row.short_title}, now {dates.say_day(row.agreed_on)}"
        )
