"""What is done with papers: handed in, decided on, sent back, and moved from state to state.

A paper's versions are append-only rows. What the clerk decides about something hidden is a new version with the same
files, so that the record shows who handed in what, what was found, and who let it through in which words.
"""

import unicodedata

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django_tasks import task

from governance.models import AgendaItem, Paper, PaperVersion
from governance.papers import intake
from jcb import access, background, dates, files, outages
from jcb.history import attributed_to, refuse, save_seen
from jcb.models import Person, StoredFile
from jcb.notices import tell

MAY_NOT_HAND_IN = "Only the author of a paper and the secretariat hand it in."
MAY_NOT_PREPARE = "Only the secretariat decides about papers."
ANOTHER_CAME = "Another version was handed in since you opened this page. Look at that one first."
FAILED = "It could not be turned into pages; the reason is in the log. Hand it in again, or save it as a PDF and choose that."
NAME_LENGTH = PaperVersion._meta.get_field("original_name").max_length
SENT_BACK = "paper sent back"


def hand_in(*, paper: Paper, by: Person, seen: int, upload, asked: str = "") -> PaperVersion | background.Job:
    """Hand in a paper: its new version at once where it is a PDF; for Word and Excel, the work of turning it into pages.

    `seen` is the number of the last version the person had before them (0 for none); `asked` tells one press of the button
    from the next. Effects: as `add_version`, or the original kept as a file and the work begun. Raises PermissionDenied, or
    ValidationError with a sentence; nothing is written then.
    """
    access.require(access.may_hand_in(by, paper), MAY_NOT_HAND_IN)
    _refuse_withdrawn(paper)
    content, kind = intake.check(upload)
    name = clean_name(upload.name, kind)
    if kind == intake.PDF:
        return add_version(paper=paper, by=by, seen=seen, content=content, name=name)
    _refuse_unseen(paper, seen)
    kept = files.keep(content, extension=kind, by=by)
    return background.start(
        turn_into_pages, paper=paper.pk, by=by.pk, seen=seen, original=kept.pk, name=name, asked=asked
    )


def add_version(*, paper: Paper, by: Person, seen: int, content: bytes, name: str) -> PaperVersion:
    """Take in the bytes of a paper and return its new version. Takes some seconds for Word and Excel.

    Effects: the original and its pages kept as files, one append-only version (blocked where something hidden was found),
    and the paper received. Earlier versions stay as they are. Raises ValidationError with a sentence; nothing is written
    then. Not to be called within a database transaction.
    """
    taken = intake.take_in(content)
    with transaction.atomic():
        current = Paper.objects.select_for_update().get(pk=paper.pk)
        _refuse_withdrawn(current)
        original = files.keep(taken.original, extension=taken.extension, by=by)
        pages = original if taken.pages == taken.original else files.keep(taken.pages, extension="pdf", by=by)
        version = _add(
            PaperVersion(
                paper=current,
                number=seen + 1,
                original=original,
                original_name=name,
                pages=pages,
                page_count=taken.page_count,
                is_tagged=taken.is_tagged,
                findings=taken.sentences,
                blocked=taken.stops,
                by=by,
                at=dates.now(),
            ),
            seen,
        )
        _become(current, Paper.State.RECEIVED)
    return version


@task()
@outages.told
def turn_into_pages(paper: int, by: int, seen: int, original: int, name: str, asked: str) -> dict:
    """Turn a Word or Excel paper into pages in the background. Returns {"paper": its key, "version": the number} or
    {"paper": …, "problem": a sentence}. Run again after it was ended in the middle, it does the same."""
    person, row = Person.objects.get(pk=by), Paper.objects.get(pk=paper)
    content = files.content_of(StoredFile.objects.get(pk=original))
    try:
        with attributed_to(person):
            made = add_version(paper=row, by=person, seen=seen, content=content, name=name)
    except ValidationError as problem:
        return {"paper": paper, "problem": " ".join(problem.messages)}
    return {"paper": paper, "version": made.number}


def decide(*, version: PaperVersion, by: Person, words: str) -> PaperVersion:
    """Let a paper through in which something hidden was found, and return the version that says so.

    Effects: one append-only version with the same files, no longer blocked, with the clerk's words. Raises
    PermissionDenied, or ValidationError with a sentence.
    """
    access.require(access.may_prepare_meetings(by), MAY_NOT_PREPARE)
    words = words.strip()
    if not words:
        refuse("Say why the paper may be printed with what was found in it.", "clerk_decided")
    with transaction.atomic():
        paper = Paper.objects.select_for_update().get(pk=version.paper_id)
        _insist_on_latest(paper, version)
        if not version.blocked:
            refuse("There is nothing to decide about this version.")
        return _add(
            PaperVersion(
                paper=paper,
                number=version.number + 1,
                original=version.original,
                original_name=version.original_name,
                pages=version.pages,
                page_count=version.page_count,
                is_tagged=version.is_tagged,
                findings=version.findings,
                blocked=False,
                clerk_decided=words,
                by=by,
                at=dates.now(),
            ),
            version.number,
        )


def send_back(*, version: PaperVersion, by: Person, words: str) -> Paper:
    """Ask the author for another version, and return the paper.

    Effects: the paper is commissioned again, with the words as the reason in its history, and its author, who may see the
    item, is told, once, what was found. The version stays. Raises PermissionDenied, or ValidationError with a sentence.
    """
    access.require(access.may_prepare_meetings(by), MAY_NOT_PREPARE)
    words = words.strip()
    if not words:
        refuse("Say what the author should do.", "words")
    with transaction.atomic():
        paper = Paper.objects.select_for_update(of=("self",)).select_related("author", "item").get(pk=version.paper_id)
        _insist_on_latest(paper, version)
        _become(paper, Paper.State.COMMISSIONED, because=words)
        sees = paper.author and AgendaItem.objects.visible_to(paper.author).filter(pk=paper.item_id).exists()
        tell(
            [paper.author] if sees else [],
            rule=SENT_BACK,
            object_key=f"paper-{paper.pk}-version-{version.number}",
            subject=f"Please hand in “{paper.title}” again",
            text="\n\n".join([words, *version.findings]),
        )
    return paper


def set_state(*, paper: Paper, by: Person, state: str, seen: int) -> Paper:
    """Say where a paper stands, and return it as it now is. `seen` is the version of its row that was on the screen.

    Effects: one update of the row and one history row. A paper is cleared only with pages that nothing blocks. Raises
    PermissionDenied, Conflict where somebody changed the state meanwhile, or ValidationError with a sentence.
    """
    access.require(access.may_prepare_meetings(by), MAY_NOT_PREPARE)
    with transaction.atomic():
        current = Paper.objects.select_for_update().get(pk=paper.pk)
        if current.version == seen and not current.can_become(state):
            refuse(
                f"A paper that is “{current.get_state_display().lower()}” cannot become “{Paper.State(state).label.lower()}”.",
                "state",
            )
        latest = current.latest
        if state in {Paper.State.RECEIVED, Paper.State.CLEARED} and latest is None:
            refuse("Nothing has been handed in yet. Add the paper first.", "state")
        if state == Paper.State.CLEARED and latest.blocked:
            refuse("Something hidden was found in the paper. Decide about that first.", "state")
        current.state = state
        return save_seen(current, seen=seen, changed=["state"])


def clean_name(name: str, extension: str) -> str:
    """The name a file came with, as it may be shown: no folders, no control characters, and the ending it deserves."""
    name = name.replace("\\", "/").rpartition("/")[2]
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C").strip(" .") or "paper"
    stem = name.rpartition(".")[0] if "." in name else name
    return f"{stem[: NAME_LENGTH - len(extension) - 1]}.{extension}"


def _add(version: PaperVersion, seen: int) -> PaperVersion:
    """Write a version. The unique number makes the second of two people who saw the same version stop."""
    _refuse_unseen(version.paper, seen)
    version.full_clean(exclude=["findings"], validate_unique=False, validate_constraints=False)
    try:
        with transaction.atomic():
            version.save(force_insert=True)
    except IntegrityError:
        refuse(ANOTHER_CAME)
    return version


def _refuse_unseen(paper: Paper, seen: int) -> None:
    if paper.versions.filter(number__gt=seen).exists():
        refuse(ANOTHER_CAME)


def _become(paper: Paper, state: str, because: str = "") -> None:
    if paper.state != state:
        paper.state = state
        paper.version += 1
        paper._change_reason = because[:100] or None
        paper.save()


def _insist_on_latest(paper: Paper, version: PaperVersion) -> None:
    if paper.latest.pk != version.pk:
        refuse("There is a later version of the paper. Decide about that one.")


def _refuse_withdrawn(paper: Paper) -> None:
    if paper.state == Paper.State.WITHDRAWN:
        refuse("This paper was withdrawn. Commission it again before handing in another version.")
