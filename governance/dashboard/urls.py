"""Addresses of the performance dashboard, below /needs/ beside the indicators."""

from django.urls import path

from governance.dashboard import views

urlpatterns = [
    path("dashboard/", views.dashboard, name="dashboard"),
    path("dashboard/print/", views.dashboard_pdf, name="dashboard_pdf"),
]
