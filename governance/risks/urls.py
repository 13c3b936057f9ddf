"""Addresses of risks, below /meetings/."""

from django.urls import path

from governance.risks import views

ONE = "risks/<slug:slug>/<int:stream>/<int:number>/"
urlpatterns = [
    path("risks/", views.register, name="risks"),
    path("risks/register.csv", views.register_csv, name="risks_csv"),
    path("risks/<slug:slug>/<int:stream>/add/", views.add, name="add_risk"),
    path(ONE, views.detail, name="risk"),
    *[path(f"{ONE}{verb}/", views.step, {"verb": verb}, name=f"{verb}_risk") for verb in views.VERBS],
]
