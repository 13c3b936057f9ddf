"""Finding a published pack for the command line, by the key of its meeting or as the latest."""

from governance.models import Meeting, Pack

LATEST = "latest"
BOARD = "board"
AUDIENCES = {BOARD: "the Board's members", "open": "observers and the parent-carer forum"}


class NoSuchPack(Exception):
    """There is no such pack, and the text of the error is a plain sentence that says what there is."""


def find(name: str, audience: str = BOARD) -> Pack:
    """The last published version of a meeting's pack, or of the meeting whose pack was published last ("latest").

    `audience` is "board" (everything), "open" (what is not restricted), or words such as "item 5" from those on the pack.
    Raises NoSuchPack.
    """
    rows = Pack.objects.filter(kind=Pack.Kind.PACK).select_related("meeting", "document__file")
    last = rows.order_by("-published_at", "-pk").first()
    if name == LATEST:
        if last is None:
            raise NoSuchPack("No pack has been published yet.")
        meeting = last.meeting
    else:
        meeting = Meeting.objects.filter(key=name).first()
        if meeting is None:
            raise NoSuchPack(f"There is no meeting “{name}”. {_published()}")
    number = rows.filter(meeting=meeting).order_by("-number").values_list("number", flat=True).first()
    if number is None:
        raise NoSuchPack(f"No pack was published for the meeting of {meeting}. {_published()}")
    of_version = list(rows.filter(meeting=meeting, number=number).order_by("pk"))
    for pack in of_version:
        if _is_for(pack, audience, of_version):
            return pack
    there = "; ".join(pack.audience_in_words for pack in of_version)
    raise NoSuchPack(f"No pack of {meeting} was made for “{audience}”. It was made for: {there}.")


def _is_for(pack: Pack, audience: str, others: list[Pack]) -> bool:
    if audience == BOARD:
        return pack == max(others, key=lambda each: len(each.data["items"]))
    if audience == "open":
        return pack == max(
            (each for each in others if not any(item["row"]["restricted"] for item in each.data["items"])),
            key=lambda each: len(each.data["items"]),
            default=None,
        )
    return audience.lower() in pack.audience_in_words.lower()


def _published() -> str:
    keys = list(
        Meeting.objects.filter(packs__isnull=False).distinct().order_by("starts_at").values_list("key", flat=True)
    )
    return f"Published: {', '.join(keys)}." if keys else "No pack has been published yet."
