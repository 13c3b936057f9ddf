"""Addresses of the panel's themes, below /meetings/."""

from django.urls import path

from governance.panel import views

urlpatterns = [
    path("themes/", views.themes, name="themes"),
    path("themes/add/", views.add, name="add_theme"),
    path("themes/<slug:theme>/", views.edit, name="edit_theme"),
]
