"""What the pages and documents of minutes show to one reader."""

from dataclasses import dataclass

from governance.minutes.contents import contents, for_reader
from governance.models import AgendaItem, Meeting, Minute, MinuteComment, MinuteCorrection, Minutes
from governance.packs.frozen import fingerprint
from jcb import access, dates
from jcb.models import BoardSettings, Person

UNCONFIRMED = "Unconfirmed"


@dataclass(frozen=True, slots=True)
class Reading:
    """Minutes as one reader sees them. `data` is as in governance.minutes.contents; `mark` is on every page until they are
    agreed; `corrections` pairs of when and words."""

    data: dict
    board: str
    state: str
    mark: str
    corrections: tuple[tuple[str, str], ...]
    positions: str
    as_at: str
    fingerprint: str

    @property
    def name(self) -> str:
        return f"Minutes of {self.data['title']}"

    @property
    def decisions(self) -> list[dict]:
        """Every decision, in the order of the agenda."""
        rows = [row for item in self.data["items"] for row in item["decisions"]]
        return rows + self.data["others"]["decisions"]


def of(meeting: Meeting, person: Person) -> Minutes | None:
    """The minutes of a meeting, where a person may read them."""
    return Minutes.objects.visible_to(person).select_related("meeting__chair", "agreed_at_meeting").filter(meeting=meeting).first()  # fmt: skip


def reading(row: Minutes, person: Person) -> Reading:
    """What a person reads of minutes that they may read."""
    items = AgendaItem.objects.visible_to(person).filter(meeting=row.meeting)
    notes = MinuteCorrection.objects.visible_to(person).filter(minutes=row)
    seen = set(items.values_list("pk", flat=True))
    return _reading(row, seen, notes, sees_restricted=access.sees_restricted_items(person))


def reading_of_items(row: Minutes, items: set[int], *, sees_restricted: bool = False) -> Reading:
    """What is read of minutes by whoever sees these items: for the packs and for the command line."""
    notes = [note for note in row.corrections.all() if note.item_id is None or note.item_id in items]
    return _reading(row, items, notes, sees_restricted=sees_restricted)


def _reading(row: Minutes, items: set[int], notes, *, sees_restricted: bool) -> Reading:
    data = for_reader(row.data or contents(row.meeting), items, sees_restricted=sees_restricted)
    labels = {item["pk"]: item["label"] for item in data["items"]}
    corrections = tuple(
        (dates.say_day(note.at), f"Item {labels[note.item_id]}: {note.text}" if note.item_id in labels else note.text)
        for note in notes
    )
    return Reading(
        data=data,
        board=BoardSettings.current().board_name,
        state=state_in_words(row),
        mark="" if row.is_confirmed else UNCONFIRMED,
        corrections=corrections,
        positions=row.positions if row.state == Minutes.State.NOT_AGREED else "",
        as_at=dates.say_day(dates.today()),
        fingerprint=fingerprint({"data": data, "state": row.state, "corrections": corrections}),
    )


def state_in_words(row: Minutes) -> str:
    """How far minutes are, in a sentence."""
    State = Minutes.State
    if row.state == State.DRAFT:
        return "Draft: the chair of the meeting has not checked it yet."
    if row.state == State.CHECKED:
        return f"Checked by the chair on {dates.say_day(row.checked_at)}; not sent round yet."
    if row.state == State.CIRCULATED:
        return f"Out for comment until {dates.say_day(row.comments_until)}; not agreed yet."
    how = f"at the meeting of {row.agreed_at_meeting}" if row.agreed_at_meeting else "by correspondence"
    if row.state == State.NOT_AGREED:
        return f"Not agreed on {dates.say_day(row.agreed_on)} {how}. Both positions are recorded."
    return f"Agreed on {dates.say_day(row.agreed_on)} {how}."


@dataclass(frozen=True, slots=True)
class Comment:
    number: int
    who: str
    when: str
    text: str
    outcome: str
    answer: str


def comments(row: Minutes, person: Person) -> dict[int, dict[str, list[Comment]]]:
    """The comments a person may see, by item and by the words of the paragraph they are on."""
    rows = MinuteComment.objects.visible_to(person).filter(minute__minutes=row)
    found: dict[int, dict[str, list[Comment]]] = {}
    for each in rows.select_related("minute", "by").order_by("pk"):
        said = Comment(
            each.number,
            each.by.name,
            dates.say_day(each.at),
            each.text,
            MinuteComment.Outcome(each.outcome).label,
            each.answer,
        )
        found.setdefault(each.minute.item_id, {}).setdefault(each.words, []).append(said)
    return found


def with_comments(reading: Reading, row: Minutes, person: Person) -> list[dict]:
    """The items with their paragraphs as [{number, words, comments}] and, apart, comments on words that are gone."""
    said = comments(row, person)
    out = []
    for item in reading.data["items"]:
        left = dict(said.get(item["pk"], {}))
        lines = [
            {"number": n, "words": words, "comments": left.pop(words, [])}
            for n, words in enumerate(item["paragraphs"], start=1)
        ]
        gone = [{"words": words, "comments": rows} for words, rows in left.items()]
        out.append({**item, "lines": lines, "gone": gone})
    return out


def minute_of(person: Person, meeting: Meeting, item: int) -> Minute | None:
    """The minute of an item, where a person may read it."""
    return Minute.objects.visible_to(person).select_related("minutes", "item").filter(item__meeting=meeting, item=item).first()  # fmt: skip


def verbs(row: Minutes, person: Person) -> list[tuple[str, str]]:
    """What a person may do with minutes as they stand: pairs of a verb of the address and words."""
    State, found = Minutes.State, []
    if row.state == State.DRAFT and access.may_check_minutes(person, row.meeting):
        found.append(("check", "Record that you checked them as the chair"))
    if not access.may_prepare_meetings(person):
        return found
    if row.state == State.CHECKED:
        found += [("circulate", "Send them round for comment"), ("back", "Take them back to draft")]
    if row.state in (State.CIRCULATED, State.NOT_AGREED):
        found.append(("agree", "Record that they were agreed"))
    if row.state == State.CIRCULATED:
        found.append(("not-agreed", "Record that they were not agreed, with both positions"))
    if row.state == State.AGREED:
        found.append(("correct", "Add a correction"))
    return found
