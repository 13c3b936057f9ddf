"""Addresses of minutes, below /meetings/."""

from django.urls import path

from governance.minutes import views

urlpatterns = [
    path("<meeting:key>/minutes/", views.minutes, name="minutes"),
    path("<meeting:key>/minutes.pdf", views.minutes_pdf, name="minutes_pdf"),
    path("<meeting:key>/minutes.docx", views.minutes_word, name="minutes_word"),
    path("<meeting:key>/minutes/correct/", views.correct, name="correct_minutes"),
    *[
        path(f"<meeting:key>/minutes/{verb}/", views.step, {"verb": verb}, name=f"{verb}_minutes".replace("-", "_"))
        for verb in views.VERBS
    ],
    path("<meeting:key>/minutes/<int:pk>/<int:paragraph>/comment/", views.comment, name="comment_on_minutes"),
    path("<meeting:key>/minutes/<int:pk>/comments/<int:number>/", views.answer_comment, name="answer_minute_comment"),
]
