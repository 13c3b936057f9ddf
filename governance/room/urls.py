"""Addresses of the room and its attendance list, below /meetings/."""

from django.urls import path

from governance.room import views

urlpatterns = [
    path("<meeting:key>/attendance/", views.attendance, name="attendance"),
    path("<meeting:key>/attendance/move/", views.move, name="move_attendance"),
    path("<meeting:key>/attendance/add/", views.add, name="add_attendance"),
    path("<meeting:key>/room/", views.enter, name="room"),
    path("<meeting:key>/room/<int:pk>/", views.item, name="room_item"),
]
