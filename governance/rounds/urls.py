"""Addresses of the round and its report, below /meetings/. `meeting` is the converter of governance.meetings.urls."""

from django.urls import path

from governance.rounds import views

urlpatterns = [
    path("<meeting:key>/round/", views.whole_round, name="round"),
    path("<meeting:key>/round/open/", views.open_round, name="open_round"),
    path("<meeting:key>/round/nudge/", views.nudge, name="nudge"),
    path("<meeting:key>/highlight/", views.highlight, name="highlight"),
    path("<meeting:key>/highlight/print/", views.highlight_pdf, name="highlight_pdf"),
    path("<meeting:key>/highlight/<slug:slug>/<int:number>/", views.write_highlight, name="write_highlight"),
]
