"""Home, the demonstration's clock, and the pages about this service."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from governance.forms import ClockForm
from governance.home import home_page
from jcb import dates
from jcb.freshness import unless_unchanged
from jcb.models import BoardSettings, Clock


@require_safe
@unless_unchanged
def home(request):
    """What needs the reader, what is late, what changed since the last meeting, where each workstream stands."""
    return render(request, "governance/home.html", home_page(request.user, dates.today()))


@require_http_methods(["GET", "HEAD", "POST"])
def clock(request):
    """Set the demonstration's clock to another day and hour. With real records there is no such page."""
    if not settings.DEMONSTRATION:
        raise Http404
    form = ClockForm(request.POST or None, initial=ClockForm.showing(dates.now()))
    if request.method == "POST" and form.is_valid():
        Clock.set(form.instant())
        messages.success(request, f"The clock stands at {dates.say_instant(form.instant())}.")
        return redirect("governance:clock")
    return render(request, "governance/clock.html", {"form": form}, status=422 if form.errors else 200)


def _about(template: str):
    """A page of words that anyone may read, signed in or not."""

    @login_not_required
    @require_safe
    def page(request):
        return render(request, template, {"secretariat_email": BoardSettings.current().secretariat_email})

    return page


help_page = _about("governance/help.html")
accessibility = _about("governance/accessibility.html")
privacy = _about("governance/privacy.html")
