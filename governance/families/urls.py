"""Addresses of summaries for families, below /meetings/. The public ones are in `public_urls`."""

from django.urls import path

from governance.families import views

urlpatterns = [
    path("<meeting:key>/families/", views.summary, name="family_summary"),
    *[
        path(f"<meeting:key>/families/{verb}/", views.step, {"verb": verb}, name=f"{verb}_summary")
        for verb in views.VERBS
    ],
]
