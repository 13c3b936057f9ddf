"""Home, documents, the demonstration's clock, and the pages about this service."""

from django.urls import path

from governance import views

app_name = "governance"
urlpatterns = [
    path("", views.home, name="home"),
    path("clock/", views.clock, name="clock"),
    path("help/", views.help_page, name="help"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("privacy/", views.privacy, name="privacy"),
]
