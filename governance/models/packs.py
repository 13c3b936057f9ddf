"""Published packs: the bytes that were circulated, made of which items and papers, for whom, and sent to whom."""

from django.db import models
from django.db.models import Q

from governance.models.agenda import AgendaItem
from governance.models.meetings import Meeting
from governance.models.papers import PaperVersion
from jcb import access, dates
from jcb.history import AppendOnly, LogQuerySet
from jcb.models import Document, Person


class PackQuerySet(LogQuerySet):
    def visible_to(self, person) -> models.QuerySet:
        """Packs made for an audience that the person belongs to: those in which no item is hidden from them."""
        if not access.signed_in(person):
            return self.none()
        hidden = AgendaItem.objects.exclude(pk__in=AgendaItem.objects.visible_to(person).values("pk"))
        return self.exclude(contents__item__in=hidden)


class Pack(AppendOnly):
    """One published file for one audience: a version of the pack, or a numbered supplement to it."""

    class Kind(models.TextChoices):
        PACK = "pack", "Pack"
        SUPPLEMENT = "supplement", "Supplement"

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="packs")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PACK)
    number = models.PositiveSmallIntegerField(help_text="The version of the pack, or the number of the supplement.")
    audience = models.CharField(max_length=64, help_text="A key of the set of items in it.")
    audience_in_words = models.CharField(max_length=200)
    document = models.ForeignKey(Document, models.PROTECT, related_name="packs")
    what_changed = models.TextField(blank=True)
    data = models.JSONField(default=dict, help_text="What its pages were made of, for reading it on a screen.")
    published_at = models.DateTimeField(default=dates.now)
    by = models.ForeignKey(Person, models.PROTECT, related_name="packs_published")
    objects = PackQuerySet.as_manager()

    class Meta:
        ordering = ["meeting", "-published_at"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "kind", "number", "audience"], name="one_pack_per_audience"),
            models.CheckConstraint(
                condition=Q(kind="pack", number=1) | ~Q(what_changed=""),
                name="later_packs_say_what_changed",
                violation_error_message="Say what changed since the last version.",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.number} for {self.meeting}: {self.audience_in_words}"


class OfAPack(LogQuerySet):
    def visible_to(self, person) -> models.QuerySet:
        if not access.signed_in(person):
            return self.none()
        return self.filter(pack__in=Pack.objects.visible_to(person))


class PackContent(AppendOnly):
    """An item that a pack holds, under which number, with which version of its paper."""

    pack = models.ForeignKey(Pack, models.PROTECT, related_name="contents")
    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="in_packs")
    label = models.CharField(max_length=6)
    paper_version = models.ForeignKey(PaperVersion, models.PROTECT, null=True, blank=True, related_name="in_packs")
    first_page = models.PositiveIntegerField()
    objects = OfAPack.as_manager()

    class Meta:
        ordering = ["pack", "first_page"]

    def __str__(self):
        return f"{self.label} {self.item}"


class OwnSendings(LogQuerySet):
    def visible_to(self, person) -> models.QuerySet:
        return self.filter(person=person) if access.signed_in(person) else self.none()


class Circulation(AppendOnly):
    """A pack was sent to a person. Who opened it is not kept."""

    pack = models.ForeignKey(Pack, models.PROTECT, related_name="circulations")
    person = models.ForeignKey(Person, models.PROTECT, related_name="circulations")
    address = models.EmailField(help_text="Where it went.")
    sent_at = models.DateTimeField(default=dates.now)
    objects = OwnSendings.as_manager()

    class Meta:
        ordering = ["pack", "person"]
        constraints = [models.UniqueConstraint(fields=["pack", "person"], name="one_sending_per_person")]

    def __str__(self):
        return f"{self.pack} to {self.person}"
