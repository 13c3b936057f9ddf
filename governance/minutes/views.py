"""Minutes: read, checked, sent round, commented on, agreed, corrected; as a page, a PDF and a Word document."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from governance.minutes import documents, forms, operations, pages
from governance.models import Meeting, MinuteComment, Minutes
from jcb import access, pdf
from jcb.steps import LARGEST, SeenForm, Step, answer

read_or_write = require_http_methods(["GET", "HEAD", "POST"])
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True, slots=True)
class Verb:
    """Something done to minutes as a whole: its form, its operation, and its words."""

    form: type[SeenForm]
    does: Callable
    title: str
    button: str
    done: str
    says: str = ""


VERBS = {
    "check": Verb(
        forms.StateForm,
        operations.check,
        "Check the minutes",
        "I have checked them",
        "Checked.",
        "You say, as the chair of the meeting, that the draft may go round.",
    ),
    "back": Verb(
        forms.StateForm, operations.back_to_draft, "Take the minutes back to draft", "Take them back", "They are a draft again."
    ),
    "circulate": Verb(
        forms.StateForm,
        operations.circulate,
        "Send the minutes round for comment",
        "Send them round",
        "They are out for comment, and everyone concerned is told.",
        "Everyone concerned is told by e-mail, and by when they may comment.",
    ),
    "agree": Verb(forms.AgreeForm, operations.agree, "Record that the minutes were agreed", "They were agreed", "Agreed."),
    "not-agreed": Verb(
        forms.NotAgreedForm,
        operations.not_agreed,
        "Record that the minutes were not agreed",
        "They were not agreed",
        "Both positions are recorded.",
    ),
}  # fmt: skip


def _minutes(request, key: str) -> tuple[Meeting, Minutes]:
    meeting = get_object_or_404(Meeting.objects.visible_to(request.user), key=key)
    row = pages.of(meeting, request.user)
    if row is None:
        raise Http404
    return meeting, row


def _crumbs(key: str, meeting: Meeting) -> tuple[tuple[str, str], ...]:
    return (
        (reverse("governance:meetings"), "Meetings"),
        (reverse("governance:meeting", args=[key]), str(meeting)),
        (reverse("governance:minutes", args=[key]), "Minutes"),
    )


@require_safe
def minutes(request, key):
    """The minutes of a meeting as the reader may see them; where there are none for them yet, a sentence that says so."""
    meeting = get_object_or_404(Meeting.objects.visible_to(request.user), key=key)
    row = pages.of(meeting, request.user)
    page = {"meeting": meeting, "row": row, "crumbs": _crumbs(key, meeting)[:2]}
    page["may_write"] = access.may_prepare_meetings(request.user)
    if row is not None:
        reading = pages.reading(row, request.user)
        out = row.state == Minutes.State.CIRCULATED
        page |= {
            "reading": reading,
            "items": pages.with_comments(reading, row, request.user),
            "verbs": pages.verbs(row, request.user),
            "may_comment": out and access.may_comment_on_minutes(request.user),
            "may_answer": out and access.may_prepare_meetings(request.user),
        }
    return render(request, "governance/minutes/minutes.html", page)


@require_safe
def minutes_pdf(request, key):
    """The minutes as an accessible PDF, for this reader."""
    _, row = _minutes(request, key)
    reading = pages.reading(row, request.user)
    try:
        content = documents.as_pdf(reading)
    except pdf.PdfError as problem:
        messages.error(request, str(problem))
        return redirect("governance:minutes", key)
    return _file(content, "application/pdf", f"minutes-{key}.pdf")


@require_safe
def minutes_word(request, key):
    """The minutes as a Word document, for this reader."""
    _, row = _minutes(request, key)
    return _file(documents.as_word(pages.reading(row, request.user)), WORD, f"minutes-{key}.docx")


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    reply = HttpResponse(content, content_type=kind)
    reply["Content-Disposition"] = f'attachment; filename="{name}"'
    reply["Cache-Control"] = "private, no-store"
    return reply


@read_or_write
def step(request, key, verb):
    """One thing done to minutes as a whole."""
    meeting, row = _minutes(request, key)
    what = VERBS[verb]
    if verb == "check":
        access.require(access.may_check_minutes(request.user, meeting), operations.CHAIR_ONLY)
    else:
        access.require(access.may_prepare_meetings(request.user), operations.MAY_NOT)
    more = {"by": request.user} if issubclass(what.form, forms.AgreeForm) else {}
    form = what.form(request.POST if request.method == "POST" else None, row=row, **more)
    where = reverse("governance:minutes", args=[key])

    def does():
        what.does(by=request.user, minutes=row, **form.written())
        return what.done, where

    shown = Step(what.title, what.button, where, f"Meeting of {meeting}", what.says, _crumbs(key, meeting))
    return answer(request, form, shown, does)


@read_or_write
def correct(request, key):
    """A dated note on top of agreed minutes; afterwards the decisions and actions of the item are offered."""
    meeting, row = _minutes(request, key)
    access.require(access.may_prepare_meetings(request.user), operations.MAY_NOT)
    form = forms.CorrectForm(request.POST or None, meeting=meeting, by=request.user)
    where = reverse("governance:minutes", args=[key])

    def does():
        note = operations.correct(by=request.user, minutes=row, **form.cleaned_data)
        follows = bool(note.item and (note.item.decisions.exists() or note.item.actions.exists()))
        said = "The correction is on top of the minutes."
        return said + (
            " A decision or action came from this item: correct it too, below." if follows else ""
        ), where + (f"?corrected={note.item_id}" if follows else "")

    says = "The minutes stay as they were agreed. The note is printed on top of them with today’s date."
    shown = Step(
        "Correct agreed minutes", "Add the correction", where, f"Meeting of {meeting}", says, _crumbs(key, meeting)
    )
    return answer(request, form, shown, does)


@read_or_write
def comment(request, key, pk, paragraph):
    """A comment on one paragraph of circulated minutes."""
    if pk > LARGEST or paragraph > LARGEST:
        raise Http404
    meeting, _ = _minutes(request, key)
    minute = pages.minute_of(request.user, meeting, pk)
    words = operations.paragraphs(minute.text) if minute else []
    if not 1 <= paragraph <= len(words):
        raise Http404
    access.require(access.may_comment_on_minutes(request.user), operations.MAY_NOT_COMMENT)
    form = forms.CommentForm(request.POST or None)
    where = reverse("governance:minutes", args=[key]) + f"#item-{pk}"

    def does():
        operations.comment(by=request.user, minute=minute, paragraph=paragraph, **form.cleaned_data)
        return "Your comment is with the secretariat, and everyone who reads these minutes can see it.", where

    caption = f"{minute.item.title}, paragraph {paragraph}"
    shown = Step(
        "Comment on a paragraph", "Send the comment", where, caption, words[paragraph - 1], _crumbs(key, meeting)
    )
    return answer(request, form, shown, does)


@read_or_write
def answer_comment(request, key, pk, number):
    """What was made of a comment."""
    if pk > LARGEST or number > LARGEST:
        raise Http404
    meeting, _ = _minutes(request, key)
    rows = MinuteComment.objects.visible_to(request.user).select_related("minute__item", "by")
    row = get_object_or_404(rows, minute__item=pk, minute__item__meeting=meeting, number=number)
    access.require(access.may_prepare_meetings(request.user), operations.MAY_NOT)
    form = forms.AnswerForm(request.POST or None, row=row)
    where = reverse("governance:minutes", args=[key]) + f"#item-{pk}"

    def does():
        operations.answer_comment(by=request.user, comment=row, **form.written())
        return "Saved.", where

    caption = f"{row.by} on {row.minute.item.title}, paragraph {row.paragraph}"
    shown = Step("Answer a comment", "Save", where, caption, row.text, _crumbs(key, meeting))
    return answer(request, form, shown, does)
