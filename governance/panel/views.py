"""The themes of the High Cost Placement Panel."""

from django import forms
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from governance.meetings.forms import Day
from governance.models import Meeting, PanelTheme
from governance.panel import operations
from jcb import access, dates
from jcb.steps import SeenForm, Step, answer, words

read_or_write = require_http_methods(["GET", "HEAD", "POST"])
NEVER_A_CASE = "A theme, never a case: nothing that could identify a child."


class ThemeForm(forms.Form):
    """A theme."""

    noticed_on = Day("Date of the panel")
    title = forms.CharField(
        label="Theme", max_length=150, error_messages={"required": "Say in a few words what the theme is."}
    )
    text = words("What the Board should know", NEVER_A_CASE)
    meeting = forms.ModelChoiceField(
        Meeting.objects.none(), label="For the meeting of", required=False, empty_label="The next one that takes it"
    )

    def __init__(self, *args, by, theme: PanelTheme | None = None, **options):
        super().__init__(*args, **options)
        rows = Meeting.objects.visible_to(by).exclude(state=Meeting.State.CANCELLED)
        coming = rows.filter(starts_at__gte=dates.now())
        if theme is not None and theme.meeting_id:
            coming = coming | rows.filter(pk=theme.meeting_id)
        self.fields["meeting"].queryset = coming.order_by("starts_at")


class EditThemeForm(SeenForm, ThemeForm):
    def __init__(self, *args, row: PanelTheme, by, **options):
        start = {name: getattr(row, name) for name in ("noticed_on", "title", "text", "meeting")}
        super().__init__(*args, row=row, by=by, theme=row, **{**options, "initial": start})


def _crumbs() -> tuple[tuple[str, str], ...]:
    return ((reverse("governance:meetings"), "Meetings"), (reverse("governance:themes"), "Panel themes"))


@require_safe
def themes(request):
    """The themes, the last one noticed first, each with the meeting that took it."""
    rows = PanelTheme.objects.visible_to(request.user).select_related("meeting", "by")
    page = {
        "rows": [(row, dates.say_day(row.noticed_on)) for row in rows],
        "may": access.may_keep_panel_themes(request.user),
        "crumbs": _crumbs()[:1],
    }
    return render(request, "governance/panel/themes.html", page)


@read_or_write
def add(request):
    """Record a theme."""
    access.require(access.may_keep_panel_themes(request.user), operations.MAY_NOT)
    form = ThemeForm(request.POST or None, by=request.user)

    def does():
        row = operations.keep(by=request.user, **form.cleaned_data)
        return f"Recorded: {row.title}.", reverse("governance:themes")

    step = Step("Record a theme of the panel", "Record it", reverse("governance:themes"), "", NEVER_A_CASE, _crumbs())
    return answer(request, form, step, does)


@read_or_write
def edit(request, theme):
    """Change a theme."""
    row = get_object_or_404(PanelTheme.objects.visible_to(request.user), key=theme)
    access.require(access.may_keep_panel_themes(request.user), operations.MAY_NOT)
    form = EditThemeForm(request.POST or None, row=row, by=request.user)

    def does():
        operations.keep(by=request.user, theme=row, **form.written())
        return "Saved.", reverse("governance:themes")

    step = Step("Change a theme", "Save", reverse("governance:themes"), row.title, NEVER_A_CASE, _crumbs())
    return answer(request, form, step, does)
