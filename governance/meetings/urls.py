"""Addresses of meetings, below /meetings/. A meeting's key begins with its date, so that words are free for other pages."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from governance.meetings import feed_views, views


class MeetingKey(StringConverter):
    """The key of a meeting: 2020-09-28, or 2020-09-28-2."""

    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[-a-z0-9]{0,30}"


register_converter(MeetingKey, "meeting")

urlpatterns = [
    path("", views.year, name="meetings"),
    path("generate/", views.generate, name="generate_meetings"),
    path("call/", views.call, name="call_meeting"),
    path("calendar/", feed_views.address, name="calendar"),
    path("<meeting:key>/", views.detail, name="meeting"),
    *[path(f"<meeting:key>/{verb}/", views.change, {"verb": verb}, name=f"{verb}_meeting") for verb in views.VERBS],
]
