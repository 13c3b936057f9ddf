"""Home, documents, the demonstration's clock, and the pages about this service."""

from django.urls import include, path

from governance import document_views, views
from governance.meetings import feed_views

app_name = "governance"
urlpatterns = [
    path("", views.home, name="home"),
    path("meetings/", include("governance.meetings.urls")),
    path("meetings/", include("governance.decisions.urls")),
    path("meetings/", include("governance.actions.urls")),
    path("meetings/", include("governance.room.urls")),
    path("meetings/", include("governance.interests.urls")),
    path("meetings/", include("governance.minutes.urls")),
    path("meetings/", include("governance.families.urls")),
    path("meetings/", include("governance.risks.urls")),
    path("meetings/", include("governance.budgets.urls")),
    path("meetings/", include("governance.upward.urls")),
    path("meetings/", include("governance.panel.urls")),
    path("board/", include("governance.families.public_urls")),
    path("meetings/", include("governance.forward.urls")),
    path("meetings/", include("governance.agendas.urls")),
    path("meetings/", include("governance.papers.urls")),
    path("meetings/", include("governance.packs.urls")),
    path("meetings/", include("governance.rounds.urls")),
    path("disputes/", include("governance.disputes.urls")),
    path("needs/", include("governance.dashboard.urls")),
    path("needs/", include("governance.thread.urls")),
    path("redress/", include("governance.redress.urls")),
    path("terms/", include("governance.terms.urls")),
    path("appraisal/", include("governance.retention.urls")),
    path("calendar/<str:secret>.ics", feed_views.calendar, name="feed"),
    path("clock/", views.clock, name="clock"),
    path("help/", views.help_page, name="help"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("privacy/", views.privacy, name="privacy"),
    path("plans/<slug:slug>/documents/", document_views.document_list, name="documents"),
    path("plans/<slug:slug>/documents/<slug:kind>/", document_views.document, name="document"),
    path("plans/<slug:slug>/documents/<slug:kind>.pdf", document_views.document_pdf, name="document_pdf"),
]
