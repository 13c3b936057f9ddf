"""Addresses of what is due for appraisal."""

from django.urls import path

from governance.retention import views

urlpatterns = [
    path("", views.due, name="appraisal"),
    path("<slug:kind>/", views.decide, name="decide_appraisal"),
]
