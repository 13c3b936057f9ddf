"""Addresses of redress for families, below /redress/. A case is named by a number, since its reference is not public."""

from django.urls import path

from governance.redress import views

urlpatterns = [
    path("", views.register, name="redress"),
    path("new/", views.open_case, name="open_redress"),
    path("<int:pk>/", views.detail, name="redress_case"),
    path("<int:pk>/letter.pdf", views.letter, name="redress_letter"),
    *[path(f"<int:pk>/{verb}/", views.step, {"verb": verb}, name=f"{verb}_redress") for verb in views.VERBS],
]
