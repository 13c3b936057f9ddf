"""Addresses of agreements on budgets, below /meetings/."""

from django.urls import path

from governance.budgets import views

ONE = "budgets/<int:number>/"
urlpatterns = [
    path("budgets/", views.register, name="budgets"),
    path("budgets/register.csv", views.register_csv, name="budgets_csv"),
    path("budgets/add/", views.add, name="add_agreement"),
    path(ONE, views.detail, name="agreement"),
    path(f"{ONE}edit/", views.edit, name="edit_agreement"),
    *[path(f"{ONE}{verb}/", views.step, {"verb": verb}, name=f"{verb}_agreement") for verb in views.VERBS],
    path(f"{ONE}years/add/", views.add_year, name="add_agreement_year"),
    path(f"{ONE}years/<int:year>/", views.edit_year, name="edit_agreement_year"),
]
