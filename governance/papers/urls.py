"""Addresses of front sheets and papers, below /meetings/."""

from django.urls import path

from governance.papers import views

urlpatterns = [
    path("<meeting:key>/agenda/<int:pk>/front-sheet/", views.front_sheet, name="front_sheet"),
    path("<meeting:key>/agenda/<int:pk>/front-sheet/read/", views.read_front_sheet, name="front_sheet_read"),
    path("<meeting:key>/agenda/<int:pk>/papers/", views.papers, name="papers"),
    path("<meeting:key>/agenda/<int:pk>/papers/<int:order>/", views.paper, name="paper"),
    path("<meeting:key>/agenda/<int:pk>/papers/<int:order>/pages/", views.making, name="paper_making"),
    path("<meeting:key>/agenda/<int:pk>/papers/<int:order>/remind/", views.remind, name="paper_remind"),
    path(
        "<meeting:key>/agenda/<int:pk>/papers/<int:order>/<int:number>/original/", views.original, name="paper_original"
    ),
    path("<meeting:key>/agenda/<int:pk>/papers/<int:order>/<int:number>/pages/", views.pages, name="paper_pages"),
]
