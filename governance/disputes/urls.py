"""Addresses of disputes, below /disputes/."""

from django.urls import path

from governance.disputes import views

urlpatterns = [
    path("", views.dispute_list, name="disputes"),
    path("raise/", views.raise_dispute, name="raise_dispute"),
    path("what-if/", views.what_if, name="what_if"),
    path("ladders/", views.ladder_list, name="ladders"),
    path("ladders/<slug:source>/new/", views.new_ladder, name="new_ladder"),
    path("<slug:key>/", views.detail, name="dispute"),
    path("<slug:key>/file.pdf", views.dispute_file, name="dispute_file"),
    path("<slug:key>/letters/<int:number>/", views.letter, name="dispute_letter"),
    path("<slug:key>/people/", views.people, name="dispute_people"),
    path("<slug:key>/statements/", views.file_statement, name="file_statement"),
    path("<slug:key>/statements/<int:party>/<int:number>/", views.statement, name="case_statement"),
    path("<slug:key>/statements/<int:party>/<int:number>/release/", views.release, name="release_statement"),
    path("<slug:key>/extensions/<int:number>/confirm/", views.confirm, name="confirm_extension"),
    *[path(f"<slug:key>/{verb}/", views.step, {"verb": verb}, name=f"{verb}_dispute") for verb in views.VERBS],
]
