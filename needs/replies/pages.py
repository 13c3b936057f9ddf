"""What the pages of You said, we did show, made from the records before a template sees it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Max, OuterRef, Subquery

from jcb import dates
from jcb.identifying import looks_like_a_name
from jcb.models import Area
from needs.models import Engagement, EngagementPrinciple, Moderation, Response, Statement

Kind = Response.Kind
DID = {Kind.WE_DID: "did", Kind.WE_COULD_NOT: "not", Kind.WE_WILL: "will"}


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply in words. `look` is will, did or not; `when` is when it is to be done, or was."""

    number: int
    kind: str
    look: str
    text: str
    because: str
    when: str
    lead: str
    said_on: str
    invented: bool


@dataclass(frozen=True, slots=True)
class Public:
    """A statement as anyone may read it."""

    setting: str
    where: str
    text: str
    reply: Reply | None


def say_reply(row: Response) -> Reply:
    when = dates.say_month(row.on) if row.on and row.on == dates.last_of_month(row.on) else dates.say_day(row.on)
    if when and row.kind == Kind.WE_WILL:
        when = f"By {when}"
    return Reply(
        number=row.number,
        kind=row.get_kind_display(),
        look=DID[Kind(row.kind)],
        text=row.text,
        because=row.because,
        when=when,
        lead=row.lead.name if row.lead else "",
        said_on=dates.say_day(row.at),
        invented=row.invented,
    )


def boroughs(statement: Statement) -> str:
    """ "Westminster", or "both boroughs" in the order of their names."""
    return " and ".join(sorted(place.area.name for place in statement.areas.all()))


def public() -> list[Moderation]:
    """What is public. One query however much there is."""
    rows = Moderation.objects.in_force().select_related("statement", "reply__lead")
    return list(rows.order_by("statement__number"))


def chosen(rows: Iterable[Moderation], *, setting: str, place: Area | None) -> list[Moderation]:
    """Of what is public, what is about a setting and a borough, where one is asked for."""
    return [row for row in rows if setting in ("", row.setting) and (place is None or place.name in row.where)]


def last_reply(statement: Statement) -> int:
    """The number of the latest reply, or 0."""
    return statement.responses.aggregate(last=Max("number"))["last"] or 0


def waiting() -> list[int]:
    """The numbers of statements that the public page does not show as they read now, though it should: those with a reply
    that nobody has read for it yet, and those that are public in other words. One query."""
    read = Moderation.objects.filter(statement=OuterRef("pk")).order_by("-number")
    said = Response.objects.filter(statement=OuterRef("pk")).order_by("-number")
    rows = Statement.objects.order_by("number").values_list(
        "number",
        "text",
        "setting",
        Subquery(said.values("pk")[:1]),
        Subquery(said.values("at")[:1]),
        *(Subquery(read.values(name)[:1]) for name in ("public", "text", "setting", "reply", "at")),
    )
    found = []
    for number, text, setting, reply, replied_at, public, read_text, read_setting, read_reply, read_at in rows:
        if public:
            unread = (read_text, read_setting, read_reply) != (text, setting, reply)
        else:  # what was taken off waits again once there is a new reply
            unread = reply is not None and (read_at is None or replied_at > read_at)
        if unread:
            found.append(number)
    return found


def names_in(*texts: str) -> list[str]:
    """Words that look like somebody's name, or like something else that one person has."""
    return list(dict.fromkeys(found for text in texts for found in looks_like_a_name(text)))


def places(rows: Iterable[Moderation]) -> list[Area]:
    """The boroughs that something public is about, to choose from."""
    named = " ".join(row.where for row in rows)
    return [area for area in Area.objects.filter(kind=Area.Kind.BOROUGH).order_by("name") if area.name in named]


def say_public(rows: Iterable[Moderation]) -> list[Public]:
    """The words that were read when each was published. The lead officer is named inside, not here."""
    return [
        Public(
            setting=row.get_setting_display(),
            where=row.where,
            text=row.text,
            reply=say_reply(row.reply) if row.reply else None,
        )
        for row in rows
    ]


def headline(rows: Iterable[Public]) -> str:
    """ "Of 23 things you told us: we did 9, we will do 8, we could not do 2. We still owe you 4 answers." """
    rows = list(rows)
    if not rows:
        return "Nothing has been published yet."
    count = {look: sum(row.reply is not None and row.reply.look == look for row in rows) for look in DID.values()}
    owed = sum(row.reply is None for row in rows)
    said = [
        words.format(count[look])
        for look, words in (("did", "we did {}"), ("will", "we will do {}"), ("not", "we could not do {}"))
        if count[look]
    ]
    told = f"Of {len(rows)} things you told us: " if len(rows) > 1 else "Of the one thing you told us: "
    first = f"{told}{', '.join(said)}." if said else f"You told us {len(rows)} thing{'s' * (len(rows) > 1)}."
    if not owed:
        return f"{first} Every one has an answer." if len(rows) > 1 else first
    return f"{first} We still owe you {owed} answer{'' if owed == 1 else 's'}."


def updated(rows: Iterable[Moderation]) -> str:
    last = max((row.at for row in rows), default=None)
    return dates.say_day(last) if last else ""


# Inside ---------------------------------------------------------------------------------------------------------------


def statement_page(statement: Statement) -> dict:
    """A statement with its replies, the latest first, and what of it is public."""
    replies = [say_reply(row) for row in statement.responses.select_related("lead").order_by("-number")]
    last = statement.moderations.select_related("reply", "by").order_by("-number").first()
    is_public = bool(last and last.public)
    behind = is_public and (
        (last.text, last.setting, last.where) != (statement.text, statement.setting, boroughs(statement))
        or (last.reply.number if last.reply else 0) != (replies[0].number if replies else 0)
    )
    return {
        "statement": statement,
        "where": boroughs(statement),
        "replies": replies,
        "is_public": is_public,
        "is_behind": behind,
        "moderated": f"{dates.say_day(last.at)}, {last.by}" if last else "",
    }


@dataclass(frozen=True, slots=True)
class Activity:
    """An activity to hear families; `heard` is not said below the smallest number that is told."""

    pk: int
    title: str
    on: str
    where: str
    heard: str
    text: str
    lead: str
    invented: bool
    followed: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]


def activities(rows, principles: list[EngagementPrinciple], smallest: int) -> list[Activity]:
    """Activities, the latest first, with how each followed the principles. Three queries however many there are."""
    names = [principle.name for principle in principles]
    found = []
    for row in rows.select_related("area", "lead").prefetch_related("followed__principle").order_by("-on", "title"):
        followed = tuple((each.principle.name, each.how) for each in row.followed.all())
        found.append(
            Activity(
                pk=row.pk,
                title=row.title,
                on=dates.say_day(row.on),
                where=row.area.name if row.area else "Both boroughs",
                heard=_say_heard(row, smallest),
                text=row.text,
                lead=row.lead.name if row.lead else "",
                invented=row.invented,
                followed=followed,
                missing=tuple(name for name in names if name not in dict(followed)),
            )
        )
    return found


def _say_heard(row: Engagement, smallest: int) -> str:
    if row.heard is None:
        return ""
    if 0 < row.heard < smallest:
        return f"fewer than {smallest} people heard"
    return f"{row.heard:,} people heard"
