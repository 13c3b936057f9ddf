"""Addresses of interests, below /meetings/."""

from django.urls import path

from governance.interests import views

urlpatterns = [
    path("interests/", views.register, name="interests"),
    path("interests/new/", views.enter, name="enter_interest"),
    path("interests/confirm/", views.confirm, name="confirm_interests"),
    path("interests/<int:pk>/end/", views.end, name="end_interest"),
    path("<meeting:key>/interests/declare/", views.declare, name="declare_interest"),
    path("<meeting:key>/interests/<int:number>/", views.manage, name="manage_interest"),
]
