"""Home, documents, the demonstration's clock, and the pages about this service."""

from django.urls import include, path

from governance import views
from governance.meetings import feed_views

app_name = "governance"
urlpatterns = [
    path("", views.home, name="home"),
    path("meetings/", include("governance.meetings.urls")),
    path("meetings/", include("governance.forward.urls")),
    path("meetings/", include("governance.agendas.urls")),
    path("meetings/", include("governance.papers.urls")),
    path("meetings/", include("governance.packs.urls")),
    path("meetings/", include("governance.rounds.urls")),
    path("terms/", include("governance.terms.urls")),
    path("calendar/<str:secret>.ics", feed_views.calendar, name="feed"),
    path("clock/", views.clock, name="clock"),
    path("help/", views.help_page, name="help"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("privacy/", views.privacy, name="privacy"),
]
