"""Addresses of decisions, below /meetings/."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from governance.decisions import views


class Series(StringConverter):
    """The month that numbers of decisions and actions begin with: 2020-09."""

    regex = r"[0-9]{4}-[0-9]{2}"


register_converter(Series, "series")

urlpatterns = [
    path("decisions/", views.register, name="decisions"),
    path("decisions/register.csv", views.register_csv, name="decisions_csv"),
    path("decisions/between/", views.between, name="decide_between"),
    path("decisions/<series:series>/<int:number>/", views.detail, name="decision"),
    path("decisions/<series:series>/<int:number>/extract.pdf", views.extract, name="decision_extract"),
    path("decisions/<series:series>/<int:number>/correct/", views.correct, name="correct_decision"),
    path("decisions/<series:series>/<int:number>/ratify/", views.ratify, name="ratify_decision"),
    path("decisions/<series:series>/<int:number>/dates/", views.change_date, name="decision_date"),
    path(
        "decisions/<series:series>/<int:number>/answer/<slug:partner>/",
        views.answer_reservation,
        name="decision_answer",
    ),
    path("<meeting:key>/agenda/<int:pk>/decide/", views.decide, name="decide"),
    path("<meeting:key>/agenda/<int:pk>/agree/", views.agree, name="agree"),
]
