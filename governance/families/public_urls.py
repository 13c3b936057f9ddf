"""What anyone may read, below /board/."""

from django.urls import path

from governance.families import views

urlpatterns = [
    path("", views.board, name="board"),
    path("<meeting:key>/", views.public_summary, name="public_summary"),
    path("<meeting:key>.pdf", views.public_pdf, name="public_pdf"),
]
