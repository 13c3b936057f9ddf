"""What we know: sources, indicators and their values, findings of the needs assessment, and what families said."""

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from jcb import dates
from jcb.access import OpenLog, OpenToMembers
from jcb.history import AppendOnly, Record
from jcb.models import Area, Person
from jcb.natural import NaturallyKeyed, keyed


class Source(NaturallyKeyed, Record):
    """Where a figure was published, and when it was looked at."""

    NATURAL_KEY = ("key",)
    key = models.SlugField(unique=True, max_length=80)
    title = models.CharField(max_length=300)
    publisher = models.CharField(max_length=150, blank=True)
    address = models.URLField(max_length=500, blank=True)
    published_on = models.DateField(null=True, blank=True)
    accessed_on = models.DateField("date looked at", null=True, blank=True)
    note = models.TextField(blank=True)
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["title"]

    def __str__(self):
        return self.title


class Indicator(NaturallyKeyed, Record):
    """A measure the Board follows over time and between areas."""

    class Direction(models.TextChoices):
        UP = "up", "Higher is better"
        DOWN = "down", "Lower is better"
        NEITHER = "neither", "Neither: it describes"

    NATURAL_KEY = ("key",)
    key = models.SlugField(unique=True, max_length=80)
    name = models.CharField(max_length=200)
    good_direction = models.CharField(max_length=10, choices=Direction, default=Direction.NEITHER)
    denominator = models.CharField(max_length=200, blank=True)
    collected_by = models.CharField(max_length=150, blank=True)
    frequency = models.CharField(max_length=60, blank=True)
    target = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    target_on = models.DateField(null=True, blank=True)
    target_note = models.TextField(blank=True)
    on_dashboard = models.BooleanField(default=False)
    order = models.PositiveSmallIntegerField(default=0)
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["order", "name"]

    def __str__(self):
        return self.name


class Definition(NaturallyKeyed, Record):
    """What an indicator counts, from a period on. A chart line never crosses from one definition to the next."""

    class Unit(models.TextChoices):
        PEOPLE = "people", "people"
        PERCENT = "percent", "%"
        POINTS = "points", "percentage points"
        WEEKS = "weeks", "weeks"
        POUNDS = "pounds", "£"
        COUNT = "count", "number"

    NATURAL_KEY = ("indicator__key", "number")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="definitions")
    number = models.PositiveSmallIntegerField(default=1)
    text = models.TextField()
    unit = models.CharField(max_length=10, choices=Unit)
    from_period = models.DateField(null=True, blank=True)
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["indicator", "number"]
        constraints = [models.UniqueConstraint(fields=["indicator", "number"], name="one_definition_per_number")]

    def __str__(self):
        return f"{self.indicator}, definition {self.number}"


class Observation(NaturallyKeyed, Record):
    """One value of an indicator: an area, a period, a figure as published. Change is computed, never typed."""

    class Qualifier(models.TextChoices):
        EXACT = "exact", "exactly"
        ABOUT = "about", "about"
        OVER = "over", "over"
        WORDS = "in words", "in words only"

    NATURAL_KEY = ("key",)
    key = models.SlugField(unique=True, max_length=120)
    definition = models.ForeignKey(Definition, models.PROTECT, related_name="observations")
    area = models.ForeignKey(Area, models.PROTECT, related_name="observations")
    period_start = models.DateField()
    period_end = models.DateField()
    as_printed = models.CharField(max_length=200, help_text="The figure as the source has it, such as 'over a year'.")
    value = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    low = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    high = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    qualifier = models.CharField(max_length=10, choices=Qualifier, default=Qualifier.EXACT)
    breakdown = models.CharField(
        max_length=60, blank=True, help_text="A part of the people counted, such as 'under 5'."
    )
    is_projection = models.BooleanField(default=False)
    source = models.ForeignKey(Source, models.PROTECT, null=True, blank=True, related_name="observations")
    note = models.TextField("data-quality note", blank=True)
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["definition", "area", "period_end"]
        indexes = [
            models.Index(fields=["definition", "area", "period_end"], name="observation_line"),
            models.Index(fields=["definition", "-period_end"], name="observation_latest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["definition", "area", "period_start", "period_end", "breakdown", "is_projection"],
                name="one_value_of_an_area_and_period",
                violation_error_message="This area, group and period have a figure already. Correct that one.",
            ),
            models.CheckConstraint(
                condition=Q(low=None) | Q(high=None) | Q(low__lte=F("high")),
                name="observation_low_to_high",
                violation_error_message="The low end of the range is above the high end. Change one of them.",
            ),
            models.CheckConstraint(
                condition=Q(period_end__gte=F("period_start")),
                name="observation_period_runs_forward",
                violation_error_message="The period ends before it starts. Check both dates.",
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=False)
                | Q(low__isnull=False)
                | Q(high__isnull=False)
                | Q(qualifier="in words"),
                name="observation_has_a_figure",
                violation_error_message="Give a value or a range, or say that it is in words only.",
            ),
        ]

    def __str__(self):
        """Without the figure: a page that names the record may not tell it."""
        return f"{self.definition.indicator}, {self.area}, {dates.say_month(self.period_end)}"


class PublishedClaim(NaturallyKeyed, Record):
    """What a paper says of a figure: a change, a share, a comparison. Kept as said; the checker computes the rest."""

    class Kind(models.TextChoices):
        CHANGE = "change", "Change"
        SHARE = "share", "Share of something"
        COMPARISON = "comparison", "Comparison"
        DEFINITION = "definition", "Same measure"
        AREA = "area", "Area the source is for"
        UNIT = "unit", "Unit"

    NATURAL_KEY = ("key",)
    key = models.SlugField(unique=True, max_length=120)
    observation = models.ForeignKey(Observation, models.PROTECT, related_name="claims")
    against = models.ForeignKey(Observation, models.PROTECT, null=True, blank=True, related_name="claims_against")
    kind = models.CharField(max_length=12, choices=Kind)
    stated = models.CharField(
        max_length=200, help_text="What the paper said, in short: '+1200', 'higher', 'share of pupils with SEN'."
    )
    stated_value = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    said_in = models.CharField(max_length=200, help_text="Plan and section.")
    note = models.TextField(blank=True)
    objects = keyed(OpenToMembers)

    def __str__(self):
        return f"{self.get_kind_display()}: {self.stated}"


class JsnaTheme(NaturallyKeyed, Record):
    """A theme of the joint strategic needs assessment."""

    NATURAL_KEY = ("area__key", "number")
    area = models.ForeignKey(Area, models.PROTECT, related_name="jsna_themes")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=150)
    objects = keyed(OpenToMembers)

    class Meta:
        verbose_name = "JSNA theme"
        ordering = ["area", "number"]
        constraints = [models.UniqueConstraint(fields=["area", "number"], name="one_jsna_theme_per_number")]

    def __str__(self):
        return self.title


class Finding(NaturallyKeyed, Record):
    """What the needs assessment found under a theme: one row of its table."""

    class Kind(models.TextChoices):
        GAP = "gap", "Gap"
        CHALLENGE = "challenge", "Challenge"
        OPPORTUNITY = "opportunity", "Opportunity"

    NATURAL_KEY = ("theme__area__key", "theme__number", "number")
    theme = models.ForeignKey(JsnaTheme, models.PROTECT, related_name="findings")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=Kind)
    text = models.TextField()
    found_in = models.PositiveSmallIntegerField("year", default=2018)
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["theme", "number"]
        constraints = [models.UniqueConstraint(fields=["theme", "number"], name="one_finding_per_number")]

    def __str__(self):
        return f"{self.theme.number}.{self.number} {self.text[:80]}"


class ActionTaken(NaturallyKeyed, Record):
    """What joint commissioning did about a finding."""

    NATURAL_KEY = ("finding__theme__area__key", "finding__theme__number", "finding__number", "number")
    finding = models.ForeignKey(Finding, models.PROTECT, related_name="actions_taken")
    number = models.PositiveSmallIntegerField()
    text = models.TextField()
    on = models.DateField("date", null=True, blank=True)
    objects = keyed(OpenToMembers)

    class Meta:
        verbose_name_plural = "actions taken"
        ordering = ["finding", "number"]
        constraints = [models.UniqueConstraint(fields=["finding", "number"], name="one_action_taken_per_number")]

    def __str__(self):
        return self.text[:80]


class Statement(NaturallyKeyed, Record):
    """What parents and carers said, in our plain words, with the setting it is about."""

    class Setting(models.TextChoices):
        EARLY_YEARS = "early years", "Early years"
        MAINSTREAM = "mainstream schools", "Mainstream schools"
        HEALTH = "health and therapies", "Health and therapies"
        SOCIAL_CARE = "social care provision", "Social care"
        POST_16 = "post 16 settings", "Post-16 settings"
        LOCAL_OFFER = "local offer", "The Local Offer"

    NATURAL_KEY = ("number",)
    number = models.PositiveSmallIntegerField(unique=True)
    setting = models.CharField(max_length=25, choices=Setting)
    text = models.TextField()
    heard_through = models.CharField("where it was said", max_length=200)
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["number"]

    def __str__(self):
        return f"{self.number}. {self.text[:80]}"


class StatementArea(NaturallyKeyed, Record):
    """A borough in which a statement was made. The later plan repeats the earlier one's statements."""

    NATURAL_KEY = ("statement__number", "area__key")
    statement = models.ForeignKey(Statement, models.PROTECT, related_name="areas")
    area = models.ForeignKey(Area, models.PROTECT, related_name="statements")
    carried_over = models.BooleanField("repeated from the other borough's plan", default=False)
    wording_note = models.CharField(max_length=200, blank=True)
    objects = keyed(OpenToMembers)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["statement", "area"], name="one_statement_per_area")]

    def __str__(self):
        return f"{self.statement} ({self.area})"


class Response(NaturallyKeyed, AppendOnly):
    """A dated answer to a statement: we will, we did, or we could not, because. `on` is when it was or is to be done."""

    class Kind(models.TextChoices):
        WE_WILL = "we will", "We will"
        WE_DID = "we did", "We did"
        WE_COULD_NOT = "we could not", "We could not, because"

    NATURAL_KEY = ("statement__number", "number")
    statement = models.ForeignKey(Statement, models.PROTECT, related_name="responses")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=Kind)
    text = models.TextField()
    because = models.TextField(blank=True)
    on = models.DateField(null=True, blank=True)
    lead = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="responses_led")
    by = models.ForeignKey(Person, models.PROTECT, related_name="responses_written")
    at = models.DateTimeField(default=dates.now)
    invented = models.BooleanField(default=False)
    objects = keyed(OpenLog)

    class Meta:
        ordering = ["statement", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "number"],
                name="one_response_per_number",
                violation_error_message="Somebody replied since you opened this. Read that reply first.",
            ),
            models.CheckConstraint(
                condition=~Q(kind="we could not") | ~Q(because=""),
                name="could_not_says_why",
                violation_error_message="Say why it could not be done.",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.text[:60]}"


class ModerationQuerySet(OpenLog):
    def in_force(self):
        """The latest of each statement, where it made the statement public."""
        later = self.model.objects.filter(statement=OuterRef("statement"), number__gt=OuterRef("number"))
        return self.filter(~Exists(later), public=True)


class Moderation(NaturallyKeyed, AppendOnly):
    """That somebody read a statement and its reply, and put them on the public page or took them off. The words are
    kept as they were read, so that nothing is public that was not."""

    NATURAL_KEY = ("statement__number", "number")
    statement = models.ForeignKey(Statement, models.PROTECT, related_name="moderations")
    number = models.PositiveSmallIntegerField()
    public = models.BooleanField()
    text = models.TextField()
    setting = models.CharField(max_length=25, choices=Statement.Setting)
    where = models.CharField("boroughs", max_length=200, blank=True)
    reply = models.ForeignKey(Response, models.PROTECT, null=True, blank=True, related_name="moderations")
    by = models.ForeignKey(Person, models.PROTECT, related_name="moderations")
    at = models.DateTimeField(default=dates.now)
    invented = models.BooleanField(default=False)
    objects = keyed(ModerationQuerySet)

    class Meta:
        ordering = ["statement", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "number"],
                name="one_moderation_per_number",
                violation_error_message="Somebody published or withdrew this since you opened it. Look at it again.",
            )
        ]

    def __str__(self):
        return f"{self.statement_id}: {'public' if self.public else 'withdrawn'}"


class ConsultationPoint(NaturallyKeyed, Record):
    """A point of key feedback from a consultation that informed a plan."""

    NATURAL_KEY = ("area__key", "number")
    area = models.ForeignKey(Area, models.PROTECT, related_name="consultation_points")
    number = models.PositiveSmallIntegerField()
    text = models.TextField()
    consultation = models.CharField(max_length=150)
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["area", "number"]
        constraints = [models.UniqueConstraint(fields=["area", "number"], name="one_consultation_point_per_number")]

    def __str__(self):
        return self.text[:80]


class EngagementPrinciple(NaturallyKeyed, Record):
    """One of the principles that engagement with families follows."""

    NATURAL_KEY = ("number",)
    number = models.PositiveSmallIntegerField(unique=True)
    name = models.CharField(max_length=60)
    text = models.TextField()
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["number"]

    def __str__(self):
        return self.name


class Engagement(NaturallyKeyed, Record):
    """Something that was done to hear families: a focus group, a survey, an open day. Counts only, never names."""

    NATURAL_KEY = ("key",)
    key = models.SlugField(unique=True, max_length=80, editable=False)
    title = models.CharField(max_length=150)
    on = models.DateField("date")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="engagements")
    text = models.TextField("what was done", blank=True)
    heard = models.PositiveIntegerField("how many people were heard", null=True, blank=True)
    lead = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="engagements")
    invented = models.BooleanField(default=False, editable=False)
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["-on", "title"]

    def __str__(self):
        return self.title


class PrincipleFollowed(NaturallyKeyed, Record):
    """How an activity followed one of the principles of engagement, in a few words."""

    NATURAL_KEY = ("engagement__key", "principle__number")
    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="followed")
    principle = models.ForeignKey(EngagementPrinciple, models.PROTECT, related_name="followed")
    how = models.TextField()
    objects = keyed(OpenToMembers)

    class Meta:
        verbose_name_plural = "principles followed"
        ordering = ["engagement", "principle"]
        constraints = [models.UniqueConstraint(fields=["engagement", "principle"], name="one_note_per_principle")]

    def __str__(self):
        return f"{self.principle}: {self.how[:60]}"
