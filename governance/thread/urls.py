"""Addresses of the golden thread, below /needs/ beside the indicators."""

from django.urls import path

from governance.thread import views

urlpatterns = [
    path("said/", views.said, name="said"),
    path("findings/", views.finding_list, name="findings"),
    path("gaps/", views.gap_list, name="gaps"),
    path("thread/<slug:slug>/<int:number>/", views.thread, name="thread"),
]
