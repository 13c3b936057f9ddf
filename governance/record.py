"""Loading the record from its fixtures, and saying whether it is whole.

The fixtures are YAML with natural keys, one file per plan and subject. Loading makes the rows that are missing and
leaves every other alone, so that what people changed since stays. The counts come from the published plans
(DOMAIN, "Counts that must hold").
"""

import contextlib
import datetime as dt
import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from django.apps import apps
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist, ValidationError
from django.db import transaction
from django.db.models import Count, F, Max

from governance.budgets.operations import sums_that_differ
from governance.disputes.operations import dates_that_differ
from governance.minutes.contents import contents
from governance.models import (
    AgendaItem,
    Clause,
    Dispute,
    ForwardItem,
    Highlight,
    Ladder,
    Meeting,
    MeetingChange,
    Membership,
    Minutes,
    RedressRule,
    Round,
    Rung,
    Seat,
    StandingItem,
    Terms,
)
from jcb import dates
from jcb.history import attributed_to
from jcb.models import Clock, Partner, Person
from jcb.people import IMPORTER, stand_in
from needs.models import ConsultationPoint, EngagementPrinciple, Finding, JsnaTheme, Observation, Statement
from workstreams.models import (
    Achievement,
    Commitment,
    Consideration,
    Deliverable,
    Lineage,
    Plan,
    Principle,
    ProgressUpdate,
    Section,
    Service,
    Strategy,
    Theme,
    Thread,
    VisionOutcome,
    Workstream,
)

FIXTURES = settings.BASE_DIR / "fixtures"
DEMONSTRATION = "demonstration"
YEAR = "year"  # below it: meetings, and what people go on working in
DEMONSTRATION_PASSWORD = "a-year-in-the-board"  # noqa: S105 -- printed by `make run`; production refuses such people
DEMONSTRATION_NOW = dt.datetime(2020, 9, 10, 9, 0, tzinfo=dt.UTC)  # Thursday 10 September 2020, 10:00 in London


class PlainYaml(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML in which only true and false are yes and no: `on` is a field of ours, and "no" is a word."""


PlainYaml.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
PlainYaml.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


class RecordError(Exception):
    """The fixtures cannot be loaded; the message names the file and what to change."""


@dataclass
class Loaded:
    """How many rows a load made and how many it found already there."""

    made: int = 0
    kept: int = 0
    by_model: dict[str, int] = field(default_factory=dict)


def load_record(*, demonstration: bool) -> Loaded:
    """Make the missing rows of the record, and of the demonstration where it is wanted.

    Effects: rows with their history, attributed to the importer; with the demonstration, people who can sign in, owners
    of deliverables and the clock. All or nothing. Raises RecordError for a fixture that cannot be understood.
    """
    folders = sorted(p for p in FIXTURES.iterdir() if p.is_dir() and p.name != DEMONSTRATION)
    if demonstration:
        folders.append(FIXTURES / DEMONSTRATION)  # last, since it refers to all the others
        if not Meeting.objects.filter(invented=True).exists():  # once: items are moved, renumbered and removed later
            folders.append(FIXTURES / DEMONSTRATION / YEAR)
    rows, extras = [], {}
    for path in (p for folder in folders for p in sorted(folder.glob("*.yaml"))):
        for entry in _entries(path):
            if "model" in entry:
                rows.append((path, entry))
            else:
                extras.setdefault(path.stem, []).append(entry)
    with transaction.atomic(), attributed_to(stand_in(IMPORTER)):
        loaded = _make_missing(rows)
        if demonstration:
            _settle_demonstration(extras)
            _settle_year(extras)
    return loaded


def _entries(path: Path) -> list[dict]:
    """The rows of one fixture file."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=PlainYaml) or []  # noqa: S506 -- it is a safe loader


def _make_missing(rows) -> Loaded:
    """Make rows in the order in which their references can be met; what never can be is an error."""
    loaded, waiting, known = Loaded(), rows, {}
    while waiting:
        again = []
        for path, entry in waiting:
            try:
                row = _built(entry, known)
            except ObjectDoesNotExist as problem:
                again.append((path, entry, problem))
                continue
            except (LookupError, TypeError, ValueError, FieldDoesNotExist) as problem:
                raise RecordError(f"{_place(path)}: {entry['model']} {_named(entry)}: {problem}") from problem
            name = (type(row), row.natural_key())
            with contextlib.suppress(ObjectDoesNotExist):
                known[name] = known.get(name) or _by_name(*name)
                loaded.kept += 1
                continue
            try:
                row.full_clean(exclude=["password"] if isinstance(row, Person) else None)
                row.save()
            except ValidationError as problem:
                raise RecordError(
                    f"{_place(path)}: {entry['model']} {_named(entry)}: {'; '.join(problem.messages)}"
                ) from problem
            known[name] = row
            loaded.made += 1
            loaded.by_model[entry["model"]] = loaded.by_model.get(entry["model"], 0) + 1
        if len(again) == len(waiting):
            path, entry, problem = again[0]
            raise RecordError(
                f"{_place(path)}: {entry['model']} {_named(entry)} names something that is not there: {problem}"
            )
        waiting = [(path, entry) for path, entry, _ in again]
    return loaded


def _built(entry, known):
    """An unsaved row; `known` keeps the rows that others name, so that each is fetched once."""
    model, values = apps.get_model(entry["model"]), {}
    for field_name, value in entry["fields"].items():
        if isinstance(value, list):
            name = (model._meta.get_field(field_name).related_model, tuple(value))
            known[name] = value = known.get(name) or _by_name(*name)
        values[field_name] = value
    return model(**values)


def _by_name(model, key):
    return model._default_manager.get_by_natural_key(*key)


def _place(path: Path) -> str:
    return str(path.relative_to(settings.BASE_DIR))


def _named(entry) -> str:
    return ", ".join(str(value)[:60] for value in list(entry["fields"].values())[:3])


def _settle_demonstration(extras) -> None:
    """Give invented people a password, deliverables their owners and the clock its start; once."""
    hashed = make_password(DEMONSTRATION_PASSWORD)
    for person in Person.objects.filter(is_demonstration=True, password=""):
        person.password = hashed
        person.save()
    for entry in extras.get("owners", []):
        deliverable = _found(Deliverable, entry["deliverable"], "owners")
        if deliverable.lead_id is None and deliverable.version == 1:
            deliverable.lead = _found(Person, entry.get("lead"), "owners")
            deliverable.deputy = _found(Person, entry.get("deputy"), "owners")
            deliverable.partner = _found(Partner, entry.get("partner"), "owners")
            deliverable.difference = entry.get("difference", deliverable.difference)
            deliverable.version = 2
            deliverable.save()
    for entry in extras.get("memberships", []):
        seat, person = _found(Seat, entry["seat"], "memberships"), _found(Person, entry["person"], "memberships")
        if not Membership.objects.filter(seat=seat, person=person, from_on=entry["from_on"]).exists():
            dates = {"from_on": entry["from_on"], "until_on": entry.get("until_on")}
            Membership(seat=seat, person=person, capacity=entry.get("capacity", "member"), **dates).save()
    if not Clock.objects.exists():
        Clock.set(DEMONSTRATION_NOW)


def _settle_year(extras) -> None:
    """Write what happened to the invented meetings, their rounds and highlights. Nobody is told of what is past."""
    for entry in extras.get("meeting-changes", []):
        _write(MeetingChange, "meeting-changes", **entry)
    for entry in extras.get("rounds", []):
        opened = {"opened_at": entry["opened_at"], "opened_by": _found(Person, entry["by"], f"{YEAR}/rounds")}
        meeting = _found(Meeting, entry["meeting"], f"{YEAR}/rounds")
        _write(Round, "rounds", meeting=meeting, closes_at=meeting.authors_due_at, invented=True, **opened)
    for entry in extras.get("highlights", []):
        stream = _found(Workstream, entry["workstream"], f"{YEAR}/highlights")
        _write(Highlight, "highlights", **(entry | {"workstream": stream, "invented": True}))
    for minutes in Minutes.objects.filter(state=Minutes.State.AGREED, invented=True).select_related("meeting"):
        if not minutes.data:
            minutes.data = contents(minutes.meeting)
            minutes.save()


def _write(model, file: str, **values) -> None:
    """A row of the year without a name of its own; a meeting and a person stand in the file by theirs."""
    named = {"meeting": Meeting, "by": Person}
    for name in named.keys() & values.keys():
        if isinstance(values[name], str):
            values[name] = _found(named[name], values[name], f"{YEAR}/{file}")
    row = model(**values)
    try:
        row.full_clean()
    except ValidationError as problem:
        raise RecordError(
            f"fixtures/{DEMONSTRATION}/{YEAR}/{file}.yaml: {row}: {'; '.join(problem.messages)}"
        ) from problem
    row.save()


def _found(model, key: list | str | None, file: str):
    """The row that a demonstration file names by its natural key, or nothing where it names none."""
    if key is None:
        return None
    try:
        return _by_name(model, [key] if isinstance(key, str) else key)
    except ObjectDoesNotExist as problem:
        name = model._meta.verbose_name
        raise RecordError(f"fixtures/{DEMONSTRATION}/{file}.yaml: {key} names a {name} that is not there.") from problem


HELD = {
    "westminster-2018": {
        "deliverables": (3, 3, 3, 5, 6, 3, 4),
        "strategies": 10,
        "services": {"nhs": 17, "shared": 8, "council": 14},
    },
    "kensington-and-chelsea-2020": {"deliverables": (4, 3, 6, 5, 7, 4, 6), "themes": 5, "achievements": (26, 4)},
}


def check_record() -> list[str]:
    """What is not whole in the record: counts, links, orphans, dates outside a plan's period. Empty when it is whole."""
    problems = []

    def expect(what, found, wanted):
        if found != wanted:
            problems.append(f"{what}: {found} found, {wanted} expected.")

    expect("Plans", sorted(Plan.objects.values_list("slug", flat=True)), sorted([*HELD, "kensington-and-chelsea-2018"]))
    for slug, counts in HELD.items():
        streams = Workstream.objects.filter(plan__slug=slug).order_by("number")
        expect(
            f"{slug}: deliverables by workstream",
            tuple(w.deliverables.count() for w in streams),
            counts["deliverables"],
        )
        expect(f"{slug}: vision outcomes", VisionOutcome.objects.filter(plan__slug=slug).count(), 12)
        principles = Principle.objects.filter(plan__slug=slug).order_by("order")
        expect(
            f"{slug}: commitments by principle", tuple(p.commitments.count() for p in principles), (4, 2, 4, 5, 4, 4)
        )
        expect(f"{slug}: strategies", Strategy.objects.filter(plan__slug=slug).count(), counts.get("strategies", 0))
        expect(f"{slug}: themes", Theme.objects.filter(plan__slug=slug).count(), counts.get("themes", 0))
        services = {
            c: Service.objects.filter(plan__slug=slug, commissioner=c).count() for c in Service.Commissioner.values
        }
        expect(f"{slug}: services", services, counts.get("services", {"nhs": 0, "shared": 0, "council": 0}))
        achievements = Achievement.objects.filter(reported_in__slug=slug)
        found = (achievements.filter(workstream__isnull=False).count(), achievements.filter(workstream=None).count())
        expect(f"{slug}: achievements and strategic actions", found, counts.get("achievements", (0, 0)))
        if not Section.objects.filter(plan__slug=slug).exists():
            problems.append(f"{slug}: no sections, so the plan cannot be printed.")
    expect(
        "Workstreams of kensington-and-chelsea-2018",
        Workstream.objects.filter(plan__slug="kensington-and-chelsea-2018").count(),
        7,
    )
    expect("JSNA themes and findings", (JsnaTheme.objects.count(), Finding.objects.count()), (5, 10))
    statements = Statement.objects.all()
    expect("Statements and settings", (len(statements), len({s.setting for s in statements})), (23, 6))
    for statement in statements:
        expect(f"Statement {statement.number}: boroughs", statement.areas.count(), 2)
    expect("Consultation points", ConsultationPoint.objects.count(), 8)
    expect("Engagement principles", EngagementPrinciple.objects.count(), 7)
    for key, seats, responsibilities in (("2018", {"core": 10}, 14), ("2020", {"core": 11, "invited": 5}, 15)):
        terms = Terms.objects.filter(key=key).first()
        if terms is None:
            problems.append(f"Terms of reference {key} are missing.")
            continue
        found = {kind: terms.seats.filter(kind=kind).count() for kind in seats}
        expect(f"Terms {key}: seats", found, seats)
        expect(
            f"Terms {key}: responsibilities",
            terms.clauses.filter(kind=Clause.Kind.RESPONSIBILITY).count(),
            responsibilities,
        )
        expect(f"Terms {key}: principles", terms.clauses.filter(kind=Clause.Kind.PRINCIPLE).count(), 6)
        expect(f"Terms {key}: parties", terms.parties.count(), 4)
        if not StandingItem.objects.filter(terms=terms).exists():
            problems.append(f"Terms {key}: no standing items.")
    for key, rungs in (("plan-2018", 5), ("terms-2020", 2)):
        expect(f"Ladder {key}: rungs", Rung.objects.filter(ladder__key=key).count(), rungs)
    expect("Ladders", Ladder.objects.count(), 2)
    for dispute in Dispute.objects.select_related("ladder").order_by("key"):
        problems += dates_that_differ(dispute)
    problems += sums_that_differ()
    if not RedressRule.objects.exists():
        problems.append("No redress rules.")
    for day, parties in ((dt.date(2018, 3, 16), 4), (dt.date(2020, 1, 1), 4), (dt.date(2021, 4, 1), 3)):
        expect(f"Parties to the Board on {day}", Partner.objects.in_force(day).filter(is_party=True).count(), parties)
    kinds = {"continues": 3, "refocused": 2, "moved": 2, "new": 2}
    expect("Lineage 2018 to 2020", {k: Lineage.objects.filter(kind=k).count() for k in kinds}, kinds)
    problems += _broken_links() + _dates_outside_periods() + _amiss_in_the_year()
    return problems


def _amiss_in_the_year() -> list[str]:
    """Meetings that cannot be, numbers with gaps, and themes that the demonstration's year leaves out."""
    problems = []
    meetings = Meeting.objects.exclude(state=Meeting.State.CANCELLED).order_by("starts_at")
    before = None
    for meeting in meetings.filter(kind=Meeting.Kind.ORDINARY):
        if before and before.on == meeting.on:
            problems.append(f"Two ordinary meetings are on {meeting}.")
        if meeting.is_over and meeting.starts_at > dates.now():
            problems.append(f"The meeting of {meeting} is said to be held, and is still to come.")
        if meeting.invented and before and before.invented and before.series_on >= meeting.series_on:
            problems.append(f"The meeting of {meeting} is out of its order in the series.")
        before = meeting
    numbers: dict[str, list[int]] = {}
    frozen = AgendaItem.objects.filter(number__isnull=False, suffix="").order_by("meeting", "number")
    for key, number in frozen.values_list("meeting__key", "number"):
        numbers.setdefault(key, []).append(number)
    for key, found in numbers.items():
        if found != list(range(1, len(found) + 1)):
            problems.append(f"The agenda of {key} has gaps in its numbers: {', '.join(map(str, found))}.")
    for meeting in meetings.filter(invented=True, state__in=[Meeting.State.HELD, Meeting.State.AGREED]):
        if meeting.key not in numbers:
            problems.append(f"The meeting of {meeting} was held without an agenda.")
    dives = ForwardItem.objects.filter(kind=ForwardItem.Kind.DEEP_DIVE)
    if dives.filter(invented=True).exists():
        for theme in Theme.objects.filter(plan__state=Plan.State.LIVE).exclude(deep_dives__in=dives):
            problems.append(f"No deep dive is planned for the theme {theme.short_name}.")
    return problems


def _broken_links() -> list[str]:
    """Rows that point nowhere sensible: a thread across boroughs, a workstream without a plan's text, an unlinked need."""
    problems = []
    for finding in Finding.objects.filter(threads=None):
        problems.append(f"Finding {finding.theme.number}.{finding.number} is not on any golden thread.")
    for lineage in Lineage.objects.select_related("before__plan__area", "after__plan__area"):
        if lineage.before and lineage.after and lineage.before.plan.area_id != lineage.after.plan.area_id:
            problems.append(f"Lineage {lineage.key} runs from one borough to another.")
    for thread in Thread.objects.select_related(
        "finding__theme", "workstream__plan", "deliverable__workstream__plan", "theme__plan"
    ):
        answer = thread.workstream or thread.deliverable or thread.theme
        plan = answer.workstream.plan if isinstance(answer, Deliverable) else answer.plan
        if thread.finding and thread.finding.theme.area_id != plan.area_id:
            problems.append(f"Thread {thread.key} runs from one borough to another.")
    for workstream in Workstream.objects.filter(plan__text_held=True, deliverables=None):
        problems.append(f"{workstream} in {workstream.plan} has no deliverables.")
    for observation in Observation.objects.filter(source=None):
        problems.append(f"Observation {observation.key} has no source.")
    numbered = Deliverable.objects.annotate(logged=Count("updates"), last=Max("updates__number"))
    for deliverable in numbered.filter(logged__gt=0).exclude(last=F("logged")).select_related("workstream__plan"):
        problems.append(f"{deliverable.workstream.plan.slug} {deliverable.reference}: a progress update is missing.")
    for partner in Partner.objects.exclude(successor=None).filter(ends_on=None):
        problems.append(f"{partner} has a successor but no last day.")
    return problems


def _dates_outside_periods() -> list[str]:
    """Dates that no plan's period explains."""
    problems = []
    # A decision of the Board may move a date beyond the period.
    own = Deliverable.objects.exclude(own_due_on=None).filter(date_changes=None)
    for deliverable in own.select_related("workstream__plan"):
        plan = deliverable.workstream.plan
        if not plan.edition_month <= deliverable.own_due_on <= plan.ends_on:
            problems.append(f"{plan.slug} {deliverable.reference} is due outside its plan's period.")
    for update in ProgressUpdate.objects.select_related("deliverable__workstream__plan"):
        if update.at.date() < update.deliverable.workstream.plan.edition_month:
            problems.append(f"{update} was written before the plan began.")
    for consideration in Consideration.objects.select_related("workstream__plan", "theme"):
        if consideration.theme.plan_id != consideration.workstream.plan_id:
            problems.append(f"{consideration} crosses plans.")
    for commitment in Commitment.objects.filter(text=""):
        problems.append(f"Commitment {commitment.pk} says nothing.")
    models = [*apps.get_app_config("workstreams").get_models(), *apps.get_app_config("governance").get_models()]
    for model in models:
        if hasattr(model, "invented") and not settings.DEMONSTRATION:
            for row in model.objects.filter(invented=True)[:1]:
                problems.append(f"Invented rows are in a record that is not a demonstration, such as: {row}.")
    return problems
