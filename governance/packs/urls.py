"""Addresses of packs, below /meetings/."""

from django.urls import path

from governance.packs import views

urlpatterns = [
    path("reading-worker.js", views.reading_worker, name="reading_worker"),
    path("<meeting:key>/pack/", views.pack, name="pack"),
    path("<meeting:key>/pack/draft/", views.draft, name="pack_draft"),
    path("<meeting:key>/pack/draft/<str:token>/", views.draft_pdf, name="pack_draft_pdf"),
    path("<meeting:key>/pack/publish/", views.publish_pack, name="pack_publish"),
    path("<meeting:key>/pack/making/<slug:what>/", views.making, name="pack_making"),
    path("<meeting:key>/pack/read/", views.read, name="pack_read"),
    path("<meeting:key>/pack/<int:pk>/", views.pack_pdf, name="pack_pdf"),
    path("<meeting:key>/pack/<int:pk>/sent/", views.sent, name="pack_sent"),
]
