"""What we do about it: plans, workstreams, deliverables and the progress that is logged on them."""

import datetime as dt
from collections.abc import Iterable

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery

from jcb import dates
from jcb.access import OpenLog, OpenToMembers
from jcb.history import AppendOnly, Record
from jcb.models import Area, Partner, Person, StoredFile
from jcb.natural import NaturallyKeyed, keyed
from needs.models import Finding, Indicator, Source, Statement


class PlanQuerySet(OpenToMembers):
    def held(self):
        """Plans whose text we have, and can print."""
        return self.filter(text_held=True)


class Plan(NaturallyKeyed, Record):
    """One borough's joint commissioning plan in one edition."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        LIVE = "live", "Live"
        PAST = "past", "Replaced by a later edition"

    NATURAL_KEY = ("slug",)
    slug = models.SlugField(unique=True, max_length=80)
    title = models.CharField(max_length=200)
    area = models.ForeignKey(Area, models.PROTECT, related_name="plans")
    edition_month = models.DateField(help_text="The first day of the month of the edition.")
    months_min = models.PositiveSmallIntegerField("shortest period, months", default=12)
    months_max = models.PositiveSmallIntegerField("longest period, months", default=18)
    next_refresh = models.DateField("month of the next full refresh", null=True, blank=True)
    previous = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="next")
    text_held = models.BooleanField("text held", default=True, help_text="Off for a plan known by name only.")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    objects = keyed(PlanQuerySet)

    class Meta:
        ordering = ["-edition_month", "area"]
        constraints = [
            models.UniqueConstraint(fields=["area", "edition_month"], name="one_plan_per_area_and_month"),
            models.UniqueConstraint(
                fields=["area"],
                condition=Q(state="live"),
                name="one_live_plan_per_area",
                violation_error_message="This borough already has a live plan. Mark that one as replaced first.",
            ),
            models.CheckConstraint(
                condition=Q(months_min__lte=F("months_max")),
                name="plan_period_short_to_long",
                violation_error_message="The shortest period is longer than the longest. Change one of them.",
            ),
        ]

    def __str__(self):
        return f"{self.area}, {dates.say_month(self.edition_month)}"

    @property
    def ends_on(self) -> dt.date:
        """The last day of the period: K's 18 months from January 2020 end on 31 July 2021 (DOMAIN, Plans)."""
        return dates.last_of_month(dates.add_months(self.edition_month, self.months_max))

    @property
    def gap_months(self) -> list[dt.date]:
        """The whole months, first days, between the end of the period and the next refresh."""
        if not self.next_refresh:
            return []
        month, months = self.ends_on + dt.timedelta(days=1), []
        while month < self.next_refresh.replace(day=1):
            months.append(month)
            month = dates.add_months(month, 1)
        return months

    def is_past_period(self, on: dt.date) -> bool:
        return on > self.ends_on


class Section(NaturallyKeyed, Record):
    """A part of a plan as it is read and printed: our words, and which records follow them."""

    class Shows(models.TextChoices):
        NOTHING = "", "Words only"
        STATUS_STRIP = "status strip", "Where the deliverables stand"
        CYCLE = "cycle", "The commissioning cycle"
        MODELS = "models", "Ways of commissioning"
        SERVICES = "services", "Services by who commissions them"
        STRATEGIES = "strategies", "Supporting strategies"
        ACHIEVEMENTS = "achievements", "Achievements by workstream"
        JSNA = "jsna", "Findings of the needs assessment"
        CONSULTATION = "consultation", "Consultation points"
        VISION = "vision", "Vision outcomes"
        PRINCIPLES = "principles", "Principles and commitments"
        THEMES = "themes", "Cross-cutting themes"
        LINEAGE = "lineage", "Lineage of the workstreams"
        WORKSTREAMS = "workstreams", "Workstreams"
        REPORTING = "reporting", "Reporting lines"
        PERIOD = "period", "Period and refresh"
        INDICATORS = "indicators", "Figures with their sources"
        STATEMENTS = "statements", "What parents and carers said"
        ACTION_PLAN = "action plan", "Action plan"
        TERMS = "terms", "Terms of reference"
        LADDER = "ladder", "Dispute ladder"
        REDRESS = "redress", "Redress rules"
        ENGAGEMENT = "engagement", "Engagement principles"

    NATURAL_KEY = ("plan__slug", "key")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="sections")
    key = models.SlugField(max_length=60)
    order = models.PositiveSmallIntegerField()
    level = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1), MaxValueValidator(2)])
    number = models.CharField(max_length=5, blank=True, help_text="As in the contents: 3, or A1 for an appendix.")
    title = models.CharField(max_length=150)
    lead = models.TextField(blank=True, help_text="One sentence that says it all.")
    body = models.TextField(blank=True, help_text="Plain words; lists, bold and links are understood.")
    shows = models.CharField(max_length=15, choices=Shows, blank=True)
    after = models.TextField(blank=True, help_text="Words that come after the records.")
    sources = models.ManyToManyField(Source, through="SectionSource", related_name="sections")
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["plan", "order"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "key"], name="one_section_per_key"),
            models.UniqueConstraint(fields=["plan", "order"], name="one_section_per_place"),
        ]

    def __str__(self):
        return f"{self.number} {self.title}".strip()


class SectionSource(NaturallyKeyed, Record):
    """A source that stands beside a section's words."""

    NATURAL_KEY = ("section__plan__slug", "section__key", "source__key")
    section = models.ForeignKey(Section, models.PROTECT, related_name="cited")
    source = models.ForeignKey(Source, models.PROTECT, related_name="cited_in")
    order = models.PositiveSmallIntegerField(default=1)
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["section", "order"]
        constraints = [models.UniqueConstraint(fields=["section", "source"], name="one_citation_per_section")]

    def __str__(self):
        return f"{self.section}: {self.source}"


class SectionIndicator(NaturallyKeyed, Record):
    """An indicator whose figures print with a section."""

    NATURAL_KEY = ("section__plan__slug", "section__key", "indicator__key")
    section = models.ForeignKey(Section, models.PROTECT, related_name="figures")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="shown_in")
    order = models.PositiveSmallIntegerField(default=1)
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["section", "order"]
        constraints = [models.UniqueConstraint(fields=["section", "indicator"], name="one_indicator_per_section")]

    def __str__(self):
        return f"{self.section}: {self.indicator}"


class PlanPart(NaturallyKeyed, Record):
    """What the numbered lists of a plan have in common."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="%(class)ss")
    order = models.PositiveSmallIntegerField()
    objects = keyed(OpenToMembers)

    NATURAL_KEY = ("plan__slug", "order")

    class Meta:
        abstract = True
        ordering = ["plan", "order"]


class VisionOutcome(PlanPart):
    """One of the twelve things the vision means for a child or young person."""

    text = models.TextField()

    class Meta(PlanPart.Meta):
        constraints = [models.UniqueConstraint(fields=["plan", "order"], name="one_outcome_per_place")]

    def __str__(self):
        return self.text[:80]


class Principle(PlanPart):
    """A commissioning principle, with its commitments."""

    title = models.CharField(max_length=150)

    class Meta(PlanPart.Meta):
        constraints = [models.UniqueConstraint(fields=["plan", "order"], name="one_principle_per_place")]

    def __str__(self):
        return self.title


class Commitment(NaturallyKeyed, Record):
    """What the partners will do under a principle."""

    NATURAL_KEY = ("principle__plan__slug", "principle__order", "order")
    principle = models.ForeignKey(Principle, models.PROTECT, related_name="commitments")
    order = models.PositiveSmallIntegerField()
    text = models.TextField()
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["principle", "order"]
        constraints = [models.UniqueConstraint(fields=["principle", "order"], name="one_commitment_per_place")]

    def __str__(self):
        return self.text[:80]


class Strategy(PlanPart):
    """A strategy that supports the plan."""

    title = models.CharField(max_length=200)

    class Meta(PlanPart.Meta):
        verbose_name_plural = "strategies"
        constraints = [models.UniqueConstraint(fields=["plan", "order"], name="one_strategy_per_place")]

    def __str__(self):
        return self.title


class Service(NaturallyKeyed, Record):
    """A service and who commissions it."""

    class Commissioner(models.TextChoices):
        NHS = "nhs", "NHS"
        SHARED = "shared", "Shared"
        COUNCIL = "council", "Council and public health"

    NATURAL_KEY = ("plan__slug", "commissioner", "order")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="services")
    commissioner = models.CharField(max_length=10, choices=Commissioner)
    order = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=150)
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["plan", "commissioner", "order"]
        constraints = [models.UniqueConstraint(fields=["plan", "commissioner", "order"], name="one_service_per_place")]

    def __str__(self):
        return self.name


class Theme(PlanPart):
    """A cross-cutting theme that every workstream considers, with one deep dive in the year."""

    key = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=40)
    description = models.TextField()

    class Meta(PlanPart.Meta):
        constraints = [
            models.UniqueConstraint(fields=["plan", "order"], name="one_theme_per_place"),
            models.UniqueConstraint(fields=["plan", "key"], name="one_theme_per_key"),
        ]

    def __str__(self):
        return self.name


class Workstream(NaturallyKeyed, Record):
    """A strand of a plan's programme, with its deliverables."""

    class Model(models.TextChoices):
        INTEGRATED = "integrated", "Fully integrated: one contract and one budget"
        ALIGNED = "aligned", "Aligned: planned together, commissioned separately"
        NOT_STATED = "not stated", "Not stated"

    NATURAL_KEY = ("plan__slug", "number")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="workstreams")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=150)
    short_name = models.CharField(max_length=60)
    summary = models.TextField(blank=True)
    model = models.CharField("way of commissioning", max_length=12, choices=Model, default=Model.NOT_STATED)
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["plan", "number"]
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="one_workstream_per_number")]

    def __str__(self):
        return f"{self.number}. {self.name}"


class Alias(NaturallyKeyed, Record):
    """Another name under which a workstream appears in the papers."""

    NATURAL_KEY = ("workstream__plan__slug", "workstream__number", "name")
    workstream = models.ForeignKey(Workstream, models.PROTECT, related_name="aliases")
    name = models.CharField(max_length=200)
    where = models.CharField(max_length=150)
    objects = keyed(OpenToMembers)

    class Meta:
        verbose_name_plural = "aliases"
        constraints = [models.UniqueConstraint(fields=["workstream", "name"], name="one_alias_per_name")]

    def __str__(self):
        return self.name


class Lineage(NaturallyKeyed, Record):
    """What became of a workstream from one edition to the next."""

    class Kind(models.TextChoices):
        CONTINUES = "continues", "Continues"
        REFOCUSED = "refocused", "Refocused"
        MOVED = "moved", "Moved to another board"
        CLOSED = "closed", "Closed"
        NEW = "new", "New"

    NATURAL_KEY = ("key",)
    key = models.SlugField(unique=True, max_length=80)
    before = models.ForeignKey(Workstream, models.PROTECT, null=True, blank=True, related_name="became")
    after = models.ForeignKey(Workstream, models.PROTECT, null=True, blank=True, related_name="came_from")
    kind = models.CharField(max_length=10, choices=Kind)
    moved_to = models.CharField(max_length=150, blank=True)
    lives_on_as = models.ForeignKey(Theme, models.PROTECT, null=True, blank=True, related_name="carries")
    note = models.TextField(blank=True)
    objects = keyed(OpenToMembers)

    class Meta:
        verbose_name_plural = "lineage"
        constraints = [
            models.CheckConstraint(
                condition=(Q(kind="new") & Q(before=None) & Q(after__isnull=False))
                | (~Q(kind="new") & Q(before__isnull=False)),
                name="new_has_no_before",
                violation_error_message="Only a new workstream has nothing before it. Choose what it came from, or 'new'.",
            ),
            models.CheckConstraint(
                condition=(Q(kind__in=["moved", "closed"]) & Q(after=None))
                | (~Q(kind__in=["moved", "closed"]) & Q(after__isnull=False)),
                name="moved_or_closed_has_no_after",
                violation_error_message="A workstream that moved or closed has nothing after it here.",
            ),
        ]

    def __str__(self):
        return f"{self.before or 'Nothing'} → {self.after or self.moved_to or 'closed'} ({self.get_kind_display()})"


class Lead(NaturallyKeyed, Record):
    """A person who leads a workstream for one side, over dates."""

    NATURAL_KEY = ("workstream__plan__slug", "workstream__number", "person__email", "from_on")
    workstream = models.ForeignKey(Workstream, models.PROTECT, related_name="leads")
    person = models.ForeignKey(Person, models.PROTECT, related_name="leadships")
    side = models.CharField(max_length=10, choices=[("council", "Council lead"), ("nhs", "NHS lead")])
    from_on = models.DateField("from")
    until_on = models.DateField("until", null=True, blank=True)
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["workstream", "side", "from_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("from_on")),
                name="lead_ends_after_it_starts",
                violation_error_message="The last day cannot be before the first. Check both dates.",
            )
        ]

    def __str__(self):
        return f"{self.person}, {self.get_side_display()}"

    def holds_on(self, day: dt.date) -> bool:
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)


class Status(models.TextChoices):
    """What a deliverable's state is called. What each means is data: `StatusDefinition`."""

    NOT_STARTED = "not started", "Not started"
    ON_TRACK = "on track", "On track"
    AT_RISK = "at risk", "At risk"
    OFF_TRACK = "off track", "Off track"
    COMPLETE = "complete", "Complete"
    CLOSED = "closed", "Closed by decision"


WORST_FIRST = [Status.OFF_TRACK, Status.AT_RISK, Status.NOT_STARTED, Status.ON_TRACK, Status.COMPLETE, Status.CLOSED]
FINISHED = {Status.COMPLETE, Status.CLOSED}
NEEDS_WORDS = {Status.AT_RISK, Status.OFF_TRACK}


class StatusDefinition(NaturallyKeyed, Record):
    """What a status means: the key that is shown on screen and printed."""

    NATURAL_KEY = ("status",)
    status = models.CharField(max_length=12, choices=Status, unique=True)
    order = models.PositiveSmallIntegerField()
    letter = models.CharField(max_length=1, blank=True, help_text="G, A, R or B where the papers use one.")
    meaning = models.TextField()
    needs = models.CharField(max_length=200, blank=True, help_text="What has to be given with it.")
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["order"]

    def __str__(self):
        return self.get_status_display()


class DeliverableQuerySet(OpenToMembers):
    def with_progress(self, as_at: dt.date):
        """Each row with `latest_id`, the number of its latest update as at the end of that London day (one query)."""
        latest = (
            ProgressUpdate.objects.filter(deliverable=OuterRef("pk"), at__lt=dates.end_of_day(as_at))
            .order_by("-number")
            .values("pk")[:1]
        )
        return self.annotate(latest_id=Subquery(latest))

    def led_by(self, person, on: dt.date):
        """What a person answers for: as lead or deputy, or through a workstream they lead on that day."""
        holding = Q(workstream__leads__person=person, workstream__leads__from_on__lte=on) & (
            Q(workstream__leads__until_on=None) | Q(workstream__leads__until_on__gte=on)
        )
        own = Q(lead=person) | Q(deputy=person)
        return self.filter(own | (Q(lead=None) & holding)).distinct()


class Deliverable(NaturallyKeyed, Record):
    """Something a workstream promised to deliver, printed by reference: 3.2 is workstream 3, deliverable 2."""

    NATURAL_KEY = ("workstream__plan__slug", "workstream__number", "number")
    workstream = models.ForeignKey(Workstream, models.PROTECT, related_name="deliverables")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=300)
    short_title = models.CharField(max_length=90)
    detail = models.TextField(blank=True, help_text="What the plan says beyond the title.")
    own_due_on = models.DateField(
        "its own date", null=True, blank=True, help_text="Empty: due at the end of the plan's period."
    )
    difference = models.TextField("what will be different", blank=True)
    lead = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="deliverables_led")
    deputy = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="deliverables_deputised")
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="deliverables")
    objects = keyed(DeliverableQuerySet)

    class Meta:
        ordering = ["workstream__plan", "workstream__number", "number"]
        constraints = [models.UniqueConstraint(fields=["workstream", "number"], name="one_deliverable_per_number")]

    def __str__(self):
        return f"{self.reference} {self.title}"

    @property
    def reference(self) -> str:
        return f"{self.workstream.number}.{self.number}"

    @property
    def agreed_on(self) -> dt.date:
        """The date the Board agreed: its own, or the end of the plan's period."""
        return self.own_due_on or self.workstream.plan.ends_on


class Milestone(NaturallyKeyed, Record):
    """A step on the way to a deliverable."""

    NATURAL_KEY = (
        "deliverable__workstream__plan__slug",
        "deliverable__workstream__number",
        "deliverable__number",
        "order",
    )
    deliverable = models.ForeignKey(Deliverable, models.PROTECT, related_name="milestones")
    order = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    due_on = models.DateField()
    done_on = models.DateField(null=True, blank=True)
    invented = models.BooleanField(default=False, editable=False)
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["deliverable", "order"]
        constraints = [models.UniqueConstraint(fields=["deliverable", "order"], name="one_milestone_per_place")]

    def __str__(self):
        return self.title


class ProgressLog(OpenLog):
    def since(self, instant: dt.datetime):
        """Updates written at or after an instant."""
        return self.filter(at__gte=instant)

    def as_at(self, day: dt.date):
        """The log as it stood at the end of a London day."""
        return self.filter(at__lt=dates.end_of_day(day))


class ProgressUpdate(NaturallyKeyed, AppendOnly):
    """What was said of a deliverable on a day: a numbered row that never changes. A correction is a new row."""

    NATURAL_KEY = (
        "deliverable__workstream__plan__slug",
        "deliverable__workstream__number",
        "deliverable__number",
        "number",
    )
    deliverable = models.ForeignKey(Deliverable, models.PROTECT, related_name="updates", db_index=False)
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=12, choices=Status)
    narrative = models.TextField(blank=True)
    forecast_on = models.DateField(null=True, blank=True)
    evidence_link = models.URLField(max_length=500, blank=True)
    evidence = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="evidences")
    evidence_name = models.CharField(max_length=150, blank=True)
    no_evidence_because = models.TextField(blank=True)
    no_change_since = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="repeated_by",
        help_text="The update whose words still stand.",
    )
    corrects = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="corrected_by")
    confirms = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="confirmed_by")
    by = models.ForeignKey(Person, models.PROTECT, related_name="updates_written")
    on_behalf_of = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="updates_spoken")
    at = models.DateTimeField(default=dates.now)
    invented = models.BooleanField(default=False, editable=False)
    objects = keyed(ProgressLog)

    class Meta:
        ordering = ["deliverable", "-number"]
        indexes = [models.Index(fields=["-at"], name="progress_at")]
        constraints = [
            # The second of two people who saved from the same form cannot land unseen: the form posts the number it saw.
            models.UniqueConstraint(fields=["deliverable", "number"], name="one_update_per_number"),
            models.CheckConstraint(
                condition=~Q(status__in=["at risk", "off track"]) | ~Q(narrative=""),
                name="risk_has_words",
                violation_error_message="Say why it is at risk or off track.",
            ),
            models.CheckConstraint(
                condition=~Q(status="complete")
                | ~Q(evidence_link="")
                | Q(evidence__isnull=False)
                | ~Q(no_evidence_because=""),
                name="complete_has_evidence",
                violation_error_message="Give a link or a file as evidence, or say why there is none.",
            ),
        ]

    def __str__(self):
        return f"Update {self.number} on {self.deliverable.reference}: {self.get_status_display()}"

    @property
    def words_at(self) -> dt.datetime:
        """When its words were written: an update of no change keeps the date of the words that stand."""
        return self.no_change_since.at if self.no_change_since else self.at

    @property
    def said_by(self) -> Person:
        """Whose words they are: the person the secretariat wrote for, or whoever wrote."""
        return self.on_behalf_of or self.by

    @property
    def awaits_confirmation(self) -> bool:
        return self.status == Status.COMPLETE and self.confirms_id is None


class Consideration(NaturallyKeyed, Record):
    """A workstream has considered a theme. A missing row is a cell not yet considered."""

    NATURAL_KEY = ("workstream__plan__slug", "workstream__number", "theme__key")
    workstream = models.ForeignKey(Workstream, models.PROTECT, related_name="considerations")
    theme = models.ForeignKey(Theme, models.PROTECT, related_name="considerations")
    on = models.DateField("date")
    note = models.TextField(blank=True)
    invented = models.BooleanField(default=False, editable=False)
    objects = keyed(OpenToMembers)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workstream", "theme"], name="one_consideration_per_cell")]

    def __str__(self):
        return f"{self.workstream}: {self.theme}"


class Achievement(NaturallyKeyed, Record):
    """Something done since the last edition, by workstream; strategic where it made the others possible."""

    NATURAL_KEY = ("reported_in__slug", "order")
    reported_in = models.ForeignKey(Plan, models.PROTECT, related_name="achievements")
    workstream = models.ForeignKey(Workstream, models.PROTECT, null=True, blank=True, related_name="achievements")
    order = models.PositiveSmallIntegerField()
    text = models.TextField()
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["reported_in", "order"]
        constraints = [models.UniqueConstraint(fields=["reported_in", "order"], name="one_achievement_per_place")]

    def __str__(self):
        return self.text[:80]


def exactly_one(*names: str) -> Q:
    """A condition: one of these foreign keys is set, and only one."""
    condition = Q()
    for chosen in names:
        condition |= Q(**{f"{name}__isnull": name != chosen for name in names})
    return condition


class Thread(NaturallyKeyed, Record):
    """The golden thread: which need a workstream, deliverable or theme answers."""

    NATURAL_KEY = ("key",)
    key = models.SlugField(unique=True, max_length=120)
    finding = models.ForeignKey(Finding, models.PROTECT, null=True, blank=True, related_name="threads")
    statement = models.ForeignKey(Statement, models.PROTECT, null=True, blank=True, related_name="threads")
    workstream = models.ForeignKey(Workstream, models.PROTECT, null=True, blank=True, related_name="threads")
    deliverable = models.ForeignKey(Deliverable, models.PROTECT, null=True, blank=True, related_name="threads")
    theme = models.ForeignKey(Theme, models.PROTECT, null=True, blank=True, related_name="threads")
    why = models.TextField(blank=True)
    objects = keyed(OpenToMembers)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=exactly_one("finding", "statement"),
                name="thread_from_one_need",
                violation_error_message="Choose one finding or one statement.",
            ),
            models.CheckConstraint(
                condition=exactly_one("workstream", "deliverable", "theme"),
                name="thread_to_one_answer",
                violation_error_message="Choose one workstream, deliverable or theme.",
            ),
        ]

    def __str__(self):
        return f"{self.finding or self.statement} → {self.workstream or self.deliverable or self.theme}"


class Measure(NaturallyKeyed, Record):
    """An indicator that shows whether a workstream or deliverable works."""

    NATURAL_KEY = ("key",)
    key = models.SlugField(unique=True, max_length=120)
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="measures")
    workstream = models.ForeignKey(Workstream, models.PROTECT, null=True, blank=True, related_name="measures")
    deliverable = models.ForeignKey(Deliverable, models.PROTECT, null=True, blank=True, related_name="measures")
    objects = keyed(OpenToMembers)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=exactly_one("workstream", "deliverable"),
                name="measure_of_one_thing",
                violation_error_message="Choose one workstream or one deliverable.",
            )
        ]

    def __str__(self):
        return f"{self.indicator} → {self.workstream or self.deliverable}"


def latest_updates(deliverables: Iterable[Deliverable], *, with_people: bool = True) -> dict[int, ProgressUpdate]:
    """The latest update of each row from `with_progress()`, by deliverable: one query, no update absent. Who wrote it
    comes along unless a list has no use for that."""
    wanted = [row.latest_id for row in deliverables if row.latest_id]
    people = ("by", "on_behalf_of") if with_people else ()
    found = ProgressUpdate.objects.filter(pk__in=wanted).select_related("no_change_since", *people)
    return {update.deliverable_id: update for update in found}
