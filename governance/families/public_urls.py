"""What anyone may read, below /board/."""

from django.urls import path

from governance.families import views
from needs.replies import views as replies

urlpatterns = [
    path("", views.board, name="board"),
    path("you-said-we-did/", replies.public, name="you_said"),
    path("you-said-we-did.pdf", replies.public_pdf, name="you_said_pdf"),
    path("<meeting:key>/", views.public_summary, name="public_summary"),
    path("<meeting:key>.pdf", views.public_pdf, name="public_pdf"),
]
