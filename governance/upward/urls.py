"""Addresses of reports upward, below /meetings/."""

from django.urls import path

from governance.upward import views

urlpatterns = [
    path("bodies/", views.bodies, name="bodies"),
    path("bodies/add/", views.add_body, name="add_body"),
    path("bodies/<slug:body>/edit/", views.edit_body, name="edit_body"),
    path("bodies/<slug:body>/date/", views.add_date, name="add_body_date"),
    path("<meeting:key>/reports/", views.reports, name="reports"),
    path("<meeting:key>/reports/<slug:body>/", views.report, name="report"),
    path("<meeting:key>/reports/<slug:body>.pdf", views.report_pdf, name="report_pdf"),
    path("<meeting:key>/reports/<slug:body>/send/", views.send, name="send_report"),
]
