"""Records due for appraisal, and recording what was decided."""

from django import forms
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from governance.meetings.forms import Day
from governance.models import Appraisal
from governance.retention import appraisal
from governance.retention.periods import BY_KIND
from jcb import access, dates
from jcb.steps import Step, answer, words

read_or_write = require_http_methods(["GET", "HEAD", "POST"])


class AnyDay(Day):
    """A day however long ago: what is appraised may be older than the record."""

    def clean(self, value):
        return forms.DateField.clean(self, value)


class DecideForm(forms.Form):
    """Which records, what becomes of them, and why."""

    first_on = AnyDay("From")
    last_on = AnyDay("To")
    decision = forms.ChoiceField(
        label="What was decided",
        choices=Appraisal.Decision.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what was decided."},
    )
    keep_until = AnyDay("Keep until", required=False, help_text="Only if they are kept: when to look again.")
    because = words("Why, and who decided", problem="Say why, and who decided it where that was not you.")


@require_safe
def due(request):
    """What is past its period, by kind, and what was decided so far."""
    access.require(access.may_appraise(request.user), appraisal.MAY_NOT)
    page = {
        "kinds": appraisal.due(dates.today(), request.user),
        "decisions": [
            (BY_KIND[row.kind].what if row.kind in BY_KIND else row.kind, row)
            for row in Appraisal.objects.visible_to(request.user).select_related("by")
        ],
    }
    return render(request, "governance/retention/due.html", page)


@read_or_write
def decide(request, kind):
    """Record a decision on one kind."""
    access.require(access.may_appraise(request.user), appraisal.MAY_NOT)
    if kind not in BY_KIND:
        raise Http404
    period, back = BY_KIND[kind], reverse("governance:appraisal")
    there = next((each for each in appraisal.due(dates.today()) if each.period is period), None)
    start = {"first_on": there.first, "last_on": there.last} if there else {}
    form = DecideForm(request.POST or None, initial=start)

    def does():
        row = appraisal.decide(by=request.user, period=period, **form.cleaned_data)
        return f"Recorded: {row.get_decision_display().lower()}. Nothing was deleted.", back

    step = Step(
        "Record what was decided",
        "Record it",
        back,
        period.what,
        f"Which ones: by the day from which {period.years} years are counted ({period.since}). Recording it deletes nothing.",
        ((back, "Records due for appraisal"),),
    )
    return answer(request, form, step, does)
