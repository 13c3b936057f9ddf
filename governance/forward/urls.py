"""Addresses of the forward plan, below /meetings/."""

from django.urls import path

from governance.forward import views

urlpatterns = [
    path("forward/", views.forward, name="forward"),
    path("forward/print/", views.forward_pdf, name="forward_pdf"),
    path("forward/add/", views.add, name="forward_add"),
    path("forward/spread/", views.spread, name="forward_spread"),
    path("forward/items/<slug:key>/", views.item, name="forward_item"),
]
