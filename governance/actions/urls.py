"""Addresses of actions, below /meetings/. `series` is the converter of governance.decisions.urls."""

from django.urls import path

from governance.actions import views

urlpatterns = [
    path("actions/", views.register, name="actions"),
    path("actions/register.csv", views.register_csv, name="actions_csv"),
    path("actions/<series:series>/<int:number>/", views.detail, name="action"),
    *[
        path(f"actions/<series:series>/<int:number>/{verb}/", views.step, {"verb": verb}, name=f"{verb}_action")
        for verb in views.VERBS
    ],
    path("<meeting:key>/agenda/<int:pk>/act/", views.act, name="act"),
]
