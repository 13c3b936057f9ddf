"""The forward plan, the agenda of a meeting, and the reporting round that goes before it."""

import datetime as dt

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from governance.models.meetings import Meeting
from governance.models.terms import StandingItem
from jcb import access, dates
from jcb.access import OpenToMembers
from jcb.history import AuditedQuerySet, Record
from jcb.models import Person
from jcb.natural import NaturallyKeyed, keyed
from workstreams.models import Deliverable, Status, Theme, Workstream


class ForwardItemQuerySet(AuditedQuerySet):
    def visible_to(self, person) -> models.QuerySet:
        """All but those that became an agenda item which the person may not see: the title would give it away."""
        if not access.signed_in(person):
            return self.none()
        return self.unrestricted(AgendaItem.objects.visible_to(person))

    def unrestricted(self, beside=None) -> models.QuerySet:
        """All but those that became a restricted agenda item, other than the ones in `beside`."""
        restricted = AgendaItem.objects.filter(restricted=True, forward__isnull=False)
        if beside is not None:
            restricted = restricted.exclude(pk__in=beside.values("pk"))
        return self.exclude(pk__in=restricted.values("forward"))


class ForwardItem(NaturallyKeyed, Record):
    """Something the Board means to take: at a meeting, in a month, or some time (parked)."""

    class Kind(models.TextChoices):
        DEEP_DIVE = "deep dive", "Theme deep dive"
        ITEM = "item", "Item"
        REVIEW = "review", "Review"
        REPORT = "report", "Report to a parent body"
        REFRESH = "refresh", "Plan refresh"
        IDEA = "idea", "Idea"

    NATURAL_KEY = ("key",)
    key = models.SlugField(unique=True, max_length=80)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.ITEM)
    title = models.CharField(max_length=150)
    theme = models.ForeignKey(Theme, models.PROTECT, null=True, blank=True, related_name="deep_dives")
    workstream = models.ForeignKey(Workstream, models.PROTECT, null=True, blank=True, related_name="forward_items")
    meeting = models.ForeignKey(Meeting, models.PROTECT, null=True, blank=True, related_name="forward_items")
    month = models.DateField(
        null=True, blank=True, help_text="The first day of the month, where no meeting is chosen yet."
    )
    minutes = models.PositiveSmallIntegerField(default=15, validators=[MinValueValidator(1), MaxValueValidator(300)])
    presenter = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="forward_items")
    proposed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="forward_items_proposed"
    )
    note = models.TextField(blank=True)
    done = models.BooleanField("taken or given up", default=False)
    invented = models.BooleanField(default=False, editable=False)
    objects = keyed(ForwardItemQuerySet)

    class Meta:
        ordering = ["meeting__starts_at", "month", "title"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="deep dive") | Q(theme__isnull=False),
                name="deep_dive_has_a_theme",
                violation_error_message="Choose the theme of the deep dive.",
            ),
            models.CheckConstraint(
                condition=Q(meeting=None) | Q(month=None),
                name="forward_item_in_one_place",
                violation_error_message="Choose a meeting or a month, not both.",
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def is_parked(self) -> bool:
        return self.meeting_id is None and self.month is None


class AgendaItemQuerySet(AuditedQuerySet):
    def visible_to(self, person) -> models.QuerySet:
        """The items a person may see: the unrestricted ones for those who follow the Board, all for its members, and for
        an invited lead only those they are invited to or present. Nobody sees an item that is withheld from them because
        of an interest they declared."""
        if not access.signed_in(person):
            return self.none()
        return self._by_role(person).exclude(
            pk__in=self.model.objects.filter(interests__person=person, interests__withholds=True).values("pk")
        )

    def _by_role(self, person) -> models.QuerySet:
        if access.sees_restricted_items(person):
            return self
        own = Q(invitations__person=person) | Q(presenter=person)
        if person.role == access.INVITED_LEAD:
            return self.filter(own).distinct()
        return self.filter(Q(restricted=False) | own).distinct()

    def in_order(self):
        """As they stand on the agenda; what is taken as read comes after the rest."""
        return self.order_by("taken_as_read", "order", "pk")


class AgendaItem(NaturallyKeyed, Record):
    """An item on the agenda of a meeting. Its number is frozen when the pack is published."""

    class Purpose(models.TextChoices):
        DECIDE = "decide", "To decide"
        DISCUSS = "discuss", "To discuss"
        NOTE = "note", "To note"

    NATURAL_KEY = ("meeting__key", "order")
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="items")
    order = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    suffix = models.CharField(
        max_length=2, blank=True, editable=False, help_text="A for an item that came after publication: 7A."
    )
    title = models.CharField(max_length=150)
    purpose = models.CharField(max_length=8, choices=Purpose, default=Purpose.DISCUSS)
    presenter = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="items_presented")
    minutes = models.PositiveSmallIntegerField("minutes allowed", default=10, validators=[MaxValueValidator(300)])
    note = models.TextField("what it is about", blank=True, help_text="One or two sentences in plain words.")
    standing = models.ForeignKey(StandingItem, models.PROTECT, null=True, blank=True, related_name="agenda_items")
    forward = models.ForeignKey(ForwardItem, models.PROTECT, null=True, blank=True, related_name="agenda_items")
    workstream = models.ForeignKey(Workstream, models.PROTECT, null=True, blank=True, related_name="agenda_items")
    theme = models.ForeignKey(Theme, models.PROTECT, null=True, blank=True, related_name="agenda_items")
    restricted = models.BooleanField(
        default=False, help_text="Only members, the secretariat, the presenter and those invited see it."
    )
    taken_as_read = models.BooleanField("for information, taken as read", default=False)
    in_supplement = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    withdrawn_because = models.CharField(
        max_length=200,
        blank=True,
        editable=False,
        help_text="Why it was withdrawn; empty while it stands. A withdrawn item keeps its number.",
    )
    invented = models.BooleanField(default=False, editable=False)
    objects = keyed(AgendaItemQuerySet)

    class Meta:
        ordering = ["meeting", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "number", "suffix"],
                condition=Q(number__isnull=False),
                name="one_item_per_frozen_number",
            ),
            models.CheckConstraint(
                condition=Q(suffix="") | Q(number__isnull=False),
                name="suffix_follows_a_number",
                violation_error_message="A letter belongs to a number.",
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def label(self) -> str:
        """What it is called once it is frozen: "7", "7A". Empty before; `governance.agendas.build` counts along then."""
        return f"{self.number}{self.suffix}" if self.number else ""

    @property
    def is_withdrawn(self) -> bool:
        return bool(self.withdrawn_because)


class BehindAnItem(AuditedQuerySet):
    """Rows that may be seen by whoever may see their item; `ITEM` is the way there."""

    ITEM = "item"

    def visible_to(self, person) -> models.QuerySet:
        if not access.signed_in(person):
            return self.none()
        return self.filter(**{f"{self.ITEM}__in": AgendaItem.objects.visible_to(person)})


class ItemDeliverable(NaturallyKeyed, Record):
    """A deliverable that an agenda item is about."""

    NATURAL_KEY = (
        "item__meeting__key",
        "item__order",
        "deliverable__workstream__plan__slug",
        "deliverable__workstream__number",
        "deliverable__number",
    )
    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="deliverable_links")
    deliverable = models.ForeignKey(Deliverable, models.PROTECT, related_name="agenda_links")
    objects = keyed(BehindAnItem)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "deliverable"], name="one_link_per_item_and_deliverable")
        ]

    def __str__(self):
        return f"{self.item}: {self.deliverable}"


class Invitation(NaturallyKeyed, Record):
    """A person invited to one item, who sees that item and no other."""

    NATURAL_KEY = ("item__meeting__key", "item__order", "person__email")
    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="invitations")
    person = models.ForeignKey(Person, models.PROTECT, related_name="invitations")
    objects = keyed(BehindAnItem)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "person"], name="one_invitation_per_item")]

    def __str__(self):
        return f"{self.person}: {self.item}"


class Round(Record):
    """The reporting round before a meeting. An answer is any progress update between its opening and its close."""

    meeting = models.OneToOneField(Meeting, models.PROTECT, related_name="round")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="rounds_opened")
    closes_at = models.DateTimeField()
    invented = models.BooleanField(default=False, editable=False)
    objects = OpenToMembers.as_manager()

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=models.F("opened_at")),
                name="round_closes_after_it_opens",
                violation_error_message="The round would close before it opens. Choose a later deadline.",
            )
        ]

    def __str__(self):
        return f"Round for {self.meeting}"

    def is_open(self, now: dt.datetime) -> bool:
        return self.opened_at <= now < self.closes_at


class Highlight(Record):
    """What a workstream's lead says of it for a meeting: overall status, why, done, next, risks, help wanted."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="highlights")
    workstream = models.ForeignKey(Workstream, models.PROTECT, related_name="highlights")
    status = models.CharField("overall status", max_length=12, choices=Status)
    reason = models.TextField("why")
    done = models.TextField("done since the last meeting", blank=True)
    next = models.TextField("next", blank=True)
    risks = models.TextField(blank=True)
    wanted = models.TextField("help or decisions wanted", blank=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="highlights_written")
    at = models.DateTimeField(default=dates.now)
    invented = models.BooleanField(default=False, editable=False)
    objects = OpenToMembers.as_manager()

    class Meta:
        ordering = ["meeting", "workstream"]
        constraints = [models.UniqueConstraint(fields=["meeting", "workstream"], name="one_highlight_per_meeting")]

    def __str__(self):
        return f"{self.workstream}, {self.meeting}"
