"""Addresses of the terms of reference, below /terms/."""

from django.urls import path

from governance.terms import views

urlpatterns = [
    path("", views.index, name="all_terms"),
    path("new/", views.new, name="new_terms"),
    path("<slug:key>/", views.detail, name="terms"),
    path("<slug:key>/edit/", views.edit, name="edit_terms"),
    path("<slug:key>/clauses/", views.clauses, name="terms_clauses"),
    path("<slug:key>/review/", views.review, name="review_terms"),
    path("<slug:key>/compare/<slug:other>/", views.compare, name="compare_terms"),
]
