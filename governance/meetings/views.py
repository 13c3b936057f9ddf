"""The Board's year on screen: the list, one meeting, planning a year, and every change of a meeting."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import formset_factory
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from governance.meetings import calendar, forms, operations, pages
from governance.meetings.warnings import warnings
from governance.models import Caution, Meeting, Terms
from governance.terms.pages import review_of_those_in_force
from jcb import access, dates

FIRST_YEAR, LAST_YEAR = forms.FIRST.year, forms.LAST.year
ROWS = formset_factory(forms.RowForm, extra=0, max_num=120, absolute_max=120)
read_or_write = require_http_methods(["GET", "HEAD", "POST"])


def _meeting(request, key: str) -> Meeting:
    rows = Meeting.objects.visible_to(request.user).select_related("terms", "moved_to", "chair")
    return get_object_or_404(rows, key=key)


@require_safe
def year(request):
    """Every meeting of a year, with its state, its paper deadline and what is odd about its date."""
    now = dates.now()
    asked = request.GET.get("year", "")
    this_year = dates.london_day(now).year
    chosen = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) == 4 else this_year
    if not FIRST_YEAR <= chosen <= LAST_YEAR:
        raise Http404
    page = pages.year_page(request.user, chosen, now)
    page["review"] = review_of_those_in_force(request.user, dates.london_day(now))
    return render(request, "governance/meetings/year.html", page)


@require_safe
def detail(request, key):
    """One meeting: its instants, its items, what was changed."""
    page = pages.detail_page(_meeting(request, key), request.user, dates.now())
    return render(request, "governance/meetings/detail.html", page)


# Planning a year ------------------------------------------------------------------------------------------------------


@read_or_write
def generate(request):
    """Propose a year from the terms in force on each date; look, change, leave out, then save."""
    access.require(access.may_prepare_meetings(request.user), operations.MAY_NOT)
    asked = "first" in request.GET
    span = forms.SpanForm(request.GET if asked else None, initial=_next_span(request.user))
    proposed = _proposed(request.user, span) if asked and span.is_valid() else []
    rows = ROWS(request.POST) if request.method == "POST" else ROWS(initial=_row_starts(request.user, proposed))
    if request.method == "POST" and rows.is_valid() and (made := _plan(request, rows)):
        year_made = dates.london_day(made[0].starts_at).year
        messages.success(request, f"{len(made)} meeting{'' if len(made) == 1 else 's'} planned.")
        return redirect(_year_address(year_made))
    page = {
        "span": span,
        "rows": rows,
        "lines": _row_lines(request.user, rows, proposed),
        "asked": (asked and span.is_valid()) or request.method == "POST",
        "terms": [pages.terms_in_words(terms) for terms in dict.fromkeys(each.terms for each in proposed)],
    }
    refused = request.method == "POST" or bool(span.errors)
    return render(request, "governance/meetings/generate.html", page, status=422 if refused else 200)


def _year_address(year_: int) -> str:
    return f"/meetings/?year={year_}"


def _next_span(person) -> dict:
    """From the year after the last meeting, or from today's: the first working day after New Year, at the usual hour."""
    last = Meeting.objects.visible_to(person).filter(state__in=operations.STANDING).order_by("-starts_at").first()
    if last is None:
        return {"at": dt.time(10), "first": dates.today(), "until": dates.today().replace(month=12, day=31)}
    following = calendar.in_series(last.series_on, last.terms, 1)
    return {"at": dates.hour_of(last.starts_at), "first": following, "until": following.replace(month=12, day=31)}


def _proposed(person, span: forms.SpanForm) -> list[calendar.Proposed]:
    versions = list(Terms.objects.visible_to(person))
    data = span.cleaned_data
    first = dates.at(data["first"], data["at"])
    turns = operations.turns_before(first)
    closed = operations.closed_days()
    return list(calendar.span(versions, data["first"], data["until"], data["at"], closed, turns))


def _row_starts(person, proposed) -> list[dict]:
    taken = pages.taken_days(person, [each.on for each in proposed])
    return [
        {
            "take": each.on not in taken,
            "series_on": each.series_on,
            "day": each.on,
            "hour": dates.hour_of(each.starts_at),
            "venue": each.venue,
            "length": each.length_minutes,
        }
        for each in proposed
    ]


def _row_lines(person, rows, proposed) -> list[dict]:
    """Each row's form beside what the rules say of it: why it was moved, when papers are due, what is odd."""
    closed = operations.closed_days()
    cautions = list(Caution.objects.visible_to(person).select_related("area"))
    taken = pages.taken_days(person, [each.on for each in proposed])
    by_series = {each.series_on.isoformat(): each for each in proposed}
    lines = []
    for form in rows:
        each = by_series.get(str(form["series_on"].value()))
        line = {"form": form, "legend": f"Meeting {len(lines) + 1}", "odd": []}
        if each:
            line["legend"] = dates.say_instant(each.starts_at)
            line["papers"] = dates.say_near(each.papers_due_at)
            line["moved"] = f"Moved from {dates.say_weekday(each.series_on)}: {each.reason}." if each.reason else ""
            line["odd"] = warnings(each, closed, cautions)
            line["taken"] = each.on in taken
        lines.append(line)
    return lines


def _plan(request, rows) -> list[Meeting]:
    """Plan the rows that were chosen; nothing, with a sentence, where the rules refuse one."""
    chosen = [form.row() for form in rows if form.cleaned_data.get("take")]
    if not chosen:
        messages.error(request, "Nothing was planned. Tick the meetings to plan.")
        return []
    try:
        return operations.plan_meetings(by=request.user, rows=chosen)
    except ValidationError as refusal:
        messages.error(request, f"Nothing was planned. {' '.join(refusal.messages)}")
        return []


# Changing one ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verb:
    """A change of a meeting: its form, its operation, and its words on the page, its button and the answer."""

    form: type[forms.ChangeForm]
    does: Callable
    title: str
    button: str
    done: str


VERBS = {
    "edit": Verb(forms.EditForm, operations.edit_meeting, "Edit the meeting", "Save", "Saved."),
    "postpone": Verb(
        forms.PostponeForm,
        operations.postpone,
        "Change the day or the hour",
        "Change it and tell everyone",
        "The meeting is on its new day, and everyone concerned is told.",
    ),
    "place": Verb(
        forms.PlaceForm,
        operations.move_place,
        "Move it to another place",
        "Move it and tell everyone",
        "The meeting is at its new place, and everyone concerned is told.",
    ),
    "cancel": Verb(
        forms.CancelForm,
        operations.cancel,
        "Cancel the meeting",
        "Cancel it and tell everyone",
        "The meeting is cancelled, and everyone concerned is told.",
    ),
    "adjourn": Verb(
        forms.AdjournForm,
        operations.adjourn,
        "Adjourn the meeting",
        "Adjourn it and tell everyone",
        "The meeting is adjourned, and everyone concerned is told.",
    ),
    "held": Verb(forms.HeldForm, operations.mark_held, "Mark it as held", "Save", "The meeting is marked as held."),
}


@read_or_write
def change(request, key, verb):
    """One change of a meeting. What was typed stays where the change is refused, or where somebody else was quicker."""
    meeting, what = _meeting(request, key), VERBS[verb]
    access.require(access.may_prepare_meetings(request.user), operations.MAY_NOT)
    form = what.form(request.POST or None, meeting=meeting, person=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            what.does(meeting=meeting, by=request.user, **form.written())
        except ValidationError as refusal:
            form.add_refusal(refusal)
            form.see(meeting.version)
        else:
            messages.success(request, what.done)
            return redirect("governance:meeting", key)
    page = {**pages.detail_page(meeting, request.user, dates.now()), "form": form, "what": what}
    return render(request, "governance/meetings/change.html", page, status=422 if form.errors else 200)


@read_or_write
def call(request):
    """Call an extraordinary meeting."""
    access.require(access.may_prepare_meetings(request.user), operations.MAY_NOT)
    form = forms.CallForm(request.POST or None, initial=_usual(request.user))
    if request.method == "POST" and form.is_valid():
        try:
            meeting = operations.call_extraordinary(by=request.user, **form.written())
        except ValidationError as refusal:
            form.add_error(None, refusal.messages)
        else:
            messages.success(request, "The meeting is called, and everyone concerned is told.")
            return redirect("governance:meeting", meeting.key)
    return render(request, "governance/meetings/call.html", {"form": form}, status=422 if form.errors else 200)


def _usual(person) -> dict:
    """What an extraordinary meeting starts from: the terms of today."""
    terms = Terms.objects.visible_to(person).in_force(dates.today()).first()
    return {"hour": dt.time(10), "venue": terms.venue_first, "length": terms.length_minutes} if terms else {}
