"""Addresses of the attendance list, below /meetings/."""

from django.urls import path

from governance.room import views

urlpatterns = [
    path("<meeting:key>/attendance/", views.attendance, name="attendance"),
    path("<meeting:key>/attendance/move/", views.move, name="move_attendance"),
]
