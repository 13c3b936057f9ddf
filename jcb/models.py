"""What two or more rooms share: areas, partners, people, kept files, made documents and notices sent."""

import datetime as dt

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from jcb import access, dates
from jcb.access import OpenLog, OpenToMembers, OwnOnly
from jcb.history import AppendOnly, BypassForbidden, LogQuerySet, Record, history
from jcb.natural import NaturallyKeyed, keyed


class Area(NaturallyKeyed, Record):
    """A place that figures are about: a borough or part of one, a provider, a region, the country."""

    class Kind(models.TextChoices):
        BOROUGH = "borough", "Borough"
        PART = "part", "Part of a borough"
        PROVIDER = "provider", "Provider"
        REGION = "region", "Region"
        COUNTRY = "country", "Country"

    NATURAL_KEY = ("key",)
    key = models.SlugField(unique=True)
    code = models.CharField(
        "statistical code", max_length=9, blank=True, help_text="Nine characters, such as E09000033."
    )
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Kind)
    within = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name


class PartnerQuerySet(OpenToMembers):
    def in_force(self, on: dt.date):
        """Partners that exist on a day."""
        return self.filter(Q(starts_on=None) | Q(starts_on__lte=on), Q(ends_on=None) | Q(ends_on__gte=on))


class Partner(NaturallyKeyed, Record):
    """An organisation that takes part, with the dates it exists and the one that took over from it."""

    class Side(models.TextChoices):
        COUNCIL = "council", "Council"
        NHS = "nhs", "NHS"
        OTHER = "other", "Other"

    class Kind(models.TextChoices):
        COUNCIL = "council", "Council"
        COMMISSIONER = "commissioner", "NHS commissioner"
        PROVIDER = "provider", "Provider"
        SHARED = "shared service", "Shared service"
        FORUM = "forum", "Parent-carer forum"
        OTHER = "other", "Other"

    NATURAL_KEY = ("key",)
    key = models.SlugField(unique=True)
    name = models.CharField(max_length=150, unique=True)
    short_name = models.CharField(max_length=60)
    side = models.CharField(max_length=10, choices=Side)
    kind = models.CharField(max_length=20, choices=Kind)
    is_party = models.BooleanField(
        "party to the Board", default=False, help_text="Takes part in the Board's decisions."
    )
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField("last day", null=True, blank=True)
    successor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="predecessors")
    note = models.TextField(blank=True)
    objects = keyed(PartnerQuerySet)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gte=F("starts_on")),
                name="partner_ends_after_it_starts",
                violation_error_message="The last day cannot be before the first. Check both dates.",
            ),
            models.CheckConstraint(
                condition=~Q(successor=F("id")),
                name="partner_not_its_own_successor",
                violation_error_message="A partner cannot succeed itself. Choose the organisation that took over.",
            ),
        ]

    def __str__(self):
        return self.name

    def now_called(self, on: dt.date) -> "Partner":
        """The organisation that holds this one's duties on a day: itself, or whoever succeeded it."""
        partner = self
        while partner.ends_on and partner.ends_on < on and partner.successor:
            partner = partner.successor
        return partner


class ActsFor(NaturallyKeyed, Record):
    """One partner acting for another: "Bi-Borough" acts for both councils."""

    NATURAL_KEY = ("agent__key", "principal__key")
    agent = models.ForeignKey(Partner, models.PROTECT, related_name="acts_for")
    principal = models.ForeignKey(Partner, models.PROTECT, related_name="agents")
    objects = keyed(OpenToMembers)

    class Meta:
        verbose_name = "acting arrangement"
        constraints = [models.UniqueConstraint(fields=["agent", "principal"], name="one_acting_arrangement")]

    def __str__(self):
        return f"{self.agent} acts for {self.principal}"


class People(BaseUserManager.from_queryset(OpenToMembers)):
    """Finds and makes people; an e-mail address is how they sign in."""

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)

    def create_user(self, *, email: str, password: str | None = None, **fields):
        person = self.model(email=self.normalize_email(email), **fields)
        person.set_password(password)
        person.save()
        return person

    def create_superuser(self, *, email: str, password: str | None = None, **fields):
        return self.create_user(email=email, password=password, **{"role": Person.Role.ADMINISTRATOR, **fields})


NEVER_DELETED = "A person is deactivated, never deleted."


class Person(AbstractBaseUser):
    """Someone who signs in. A person is deactivated, never deleted, so that what they did keeps their name.

    A `Record` in all but its base class: the trail leaves the password out.
    """

    class Role(models.TextChoices):
        BOARD_MEMBER = access.BOARD_MEMBER, "Board member"
        COMMISSIONER = access.COMMISSIONER, "Commissioner"
        INVITED_LEAD = access.INVITED_LEAD, "Invited lead"
        FORUM = access.FORUM, "Parent-carer forum representative"
        OBSERVER = access.OBSERVER, "Observer"
        SECRETARIAT = access.SECRETARIAT, "Secretariat"
        ADMINISTRATOR = access.ADMINISTRATOR, "Administrator"

    email = models.EmailField(
        "e-mail address",
        unique=True,
        error_messages={"unique": "Somebody already has this e-mail address. Find them in the list instead."},
    )
    name = models.CharField(max_length=120)
    position = models.CharField(max_length=120, blank=True, help_text="Job title, such as Assistant Director for SEN.")
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="people")
    role = models.CharField(max_length=25, choices=Role, default=Role.OBSERVER)
    is_active = models.BooleanField("may sign in", default=True)
    by_email_only = models.BooleanField(
        "has no account, is written to by e-mail",
        default=False,
        help_text="Somebody outside who owns an action. They cannot sign in.",
    )
    is_demonstration = models.BooleanField("invented person", default=False, editable=False)

    version = models.PositiveIntegerField(default=1, editable=False)
    last_login = None
    history = history(excluded_fields=["password"])

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = People()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "people"
        constraints = [
            models.CheckConstraint(
                condition=Q(by_email_only=False) | Q(is_active=False),
                name="no_account_no_sign_in",
                violation_error_message="Somebody who may sign in has an account. Take one of the two ticks off.",
            )
        ]

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.email,)

    def delete(self, *args, **kwargs):
        raise BypassForbidden(NEVER_DELETED)

    def works_for_owner(self, partner_id: int, on: dt.date) -> bool:
        """Whether their organisation owned something, or holds the duties on a day of the one that did. At most one query
        for each day that is asked about."""
        if partner_id == self.partner_id:
            return True
        kept = self.__dict__.setdefault("_holders", {})
        if on not in kept:
            everyone = {partner.pk: partner for partner in Partner.objects.all()}
            for partner in everyone.values():
                if partner.successor_id:
                    partner.successor = everyone[partner.successor_id]
            kept[on] = {pk: partner.now_called(on).pk for pk, partner in everyone.items()}
        return kept[on].get(partner_id) == kept[on].get(self.partner_id, 0)

    @property
    def is_written_to(self) -> bool:
        """Gets e-mail: those who may sign in, and those who have no account and own an action all the same."""
        return self.is_active or self.by_email_only

    @property
    def side(self) -> str:
        return self.partner.side if self.partner else ""

    # Django's admin asks these; the answers are access's. No role is a key to every record.
    @property
    def is_staff(self) -> bool:
        return access.may_use_admin(self)

    def has_module_perms(self, app_label: str) -> bool:
        return access.may_use_admin(self)

    def has_perm(self, perm: str, obj=None) -> bool:
        return access.may_use_admin(self)


class StoredFile(AppendOnly):
    """A kept file, named by the hash of its bytes and never overwritten."""

    sha256 = models.CharField(max_length=64, unique=True)
    extension = models.CharField(max_length=8)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    at = models.DateTimeField(default=dates.now)
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="files")
    objects = OpenLog.as_manager()

    def __str__(self):
        return f"{self.sha256[:12]}.{self.extension}"


class Document(AppendOnly):
    """A document that was made: of what, for whom, as at which day, from which data. Serves plan, pack, minutes, letters."""

    kind = models.CharField(max_length=30)
    subject = models.CharField(max_length=200, help_text="What it is about, with any filters.")
    audience = models.CharField(max_length=60, default="members")
    as_at = models.DateField()
    data_sha256 = models.CharField(max_length=64)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="documents")
    pages = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    what_changed = models.TextField(blank=True)
    replaces = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="replaced_by")
    made_at = models.DateTimeField(default=dates.now)
    objects = OpenLog.as_manager()

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject", "audience", "data_sha256"], name="one_document_per_data"
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.subject} as at {dates.say_day(self.as_at)}"


class NoticeQuerySet(OwnOnly):
    def unsent(self):
        return self.filter(sent_at=None)

    def waiting(self):
        """Not sent, to people who are still written to."""
        return self.unsent().filter(Q(person__is_active=True) | Q(person__by_email_only=True))


class Notice(models.Model):
    """A message to a person. The row comes first, so that none is sent twice."""

    rule = models.CharField(max_length=60)
    object_key = models.CharField(max_length=120)
    person = models.ForeignKey(Person, models.PROTECT, related_name="notices")
    on = models.DateField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    sent_at = models.DateTimeField(null=True, blank=True)
    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "object_key", "person", "on"], name="one_notice_a_day")]

    def __str__(self):
        return f"{self.subject} ({self.person})"


class BoardSettings(Record):
    """What a Board chooses for itself. There is one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    board_name = models.CharField(max_length=120, default="Children’s Joint Commissioning Board")
    secretariat_email = models.EmailField("secretariat's e-mail address", blank=True)
    weeks_since_last_meeting = models.PositiveSmallIntegerField(
        "weeks that count as 'since the last meeting'", default=6, validators=[MinValueValidator(1)]
    )
    no_change_limit = models.PositiveSmallIntegerField(
        "'No change' in a row before new words are asked for", default=2, validators=[MinValueValidator(1)]
    )
    smallest_figure = models.PositiveSmallIntegerField(
        "smallest figure about people that is shown", default=5, validators=[MinValueValidator(3)]
    )
    minutes_days = models.PositiveSmallIntegerField(
        "draft minutes circulated within, days after the meeting", default=5, validators=[MinValueValidator(1)]
    )
    comment_days = models.PositiveSmallIntegerField(
        "days to comment on draft minutes", default=7, validators=[MinValueValidator(1)]
    )
    public_pages = models.BooleanField(
        "pages for families are public",
        default=True,
        help_text="Off: what is published for families is shown to nobody who is not signed in.",
    )
    attach_pack = models.BooleanField(
        "attach the pack to its e-mail",
        default=False,
        help_text="Only packs without restricted items are attached. Off: the e-mail carries a link.",
    )
    objects = OpenToMembers.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "board settings"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_row_of_board_settings")]

    def __str__(self):
        return self.board_name

    @classmethod
    def current(cls) -> "BoardSettings":
        """The row, or the defaults where nobody has saved one."""
        return cls.objects.filter(pk=1).first() or cls()

    @classmethod
    def shows_public_pages(cls, reader) -> bool:
        """Whether a reader may see what is published for families: anyone, unless the Board switched it off."""
        return reader.is_authenticated or cls.current().public_pages


class Clock(models.Model):
    """Where the demonstration's clock was set, and when; it runs on from there. There is at most one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    shown = models.DateTimeField(help_text="What the clock was set to.")
    set_at = models.DateTimeField(help_text="The real instant at which it was set.")
    objects = OpenLog.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_clock")]

    def __str__(self):
        return dates.say_instant(self.shown)

    @classmethod
    def shift(cls) -> dt.timedelta:
        """How far the demonstration's clock is from the real one; nothing where it was never set."""
        row = cls.objects.filter(pk=1).first()
        return row.shown - row.set_at if row else dt.timedelta()

    @classmethod
    def set(cls, instant: dt.datetime) -> None:
        """Let the clock stand at an instant now, and run on from there."""
        cls.objects.update_or_create(pk=1, defaults={"shown": instant, "set_at": dates.real_now()})


class Seal(AppendOnly):
    """What a stretch of a table's rows said on the night it was sealed, bound to the seal before it."""

    number = models.PositiveIntegerField(unique=True)
    table = models.CharField(max_length=63)
    columns = models.JSONField(help_text="What was read of each row: a column that is added later was not sealed.")
    after = models.BigIntegerField(null=True, help_text="Begins after this row; nothing: at the table's first.")
    up_to = models.BigIntegerField(help_text="Ends with this row.")
    rows = models.BinaryField(help_text="For each row its number, in 8 bytes, and the SHA-256 of what it said.")
    at = models.DateTimeField(default=dates.real_now)
    before = models.CharField(max_length=64, blank=True, help_text="The digest of the seal before.")
    digest = models.CharField(max_length=64, unique=True)
    objects = OpenLog.as_manager()

    class Meta:
        ordering = ["number"]

    def __str__(self):
        return f"Seal {self.number} ({self.table} up to {self.up_to})"


class ForWhoeverErases(LogQuerySet):
    """Read by those who may erase."""

    def visible_to(self, person) -> models.QuerySet:
        return self.all() if access.may_use_admin(person) else self.none()


class Erasure(AppendOnly):
    """That words were taken out of the record for good: when, by whom, why, and from which rows. Not the words."""

    number = models.PositiveIntegerField(unique=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="erasures")
    because = models.TextField("why")
    rows = models.JSONField(
        blank=True,
        default=dict,
        help_text="By table, of what is sealed: its columns, and of each changed row a digest of what it says now.",
    )
    at = models.DateTimeField(default=dates.real_now)
    objects = ForWhoeverErases.as_manager()

    class Meta:
        ordering = ["number"]

    def __str__(self):
        return f"Erasure {self.number}"


class ErasedFile(AppendOnly):
    """A kept file that was removed: its row stays, its bytes are gone."""

    erasure = models.ForeignKey(Erasure, models.PROTECT, related_name="files")
    file = models.OneToOneField(StoredFile, models.PROTECT, related_name="erased")
    objects = ForWhoeverErases.as_manager()

    def __str__(self):
        return f"{self.file}, by {self.erasure}"
