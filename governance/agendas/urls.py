"""Addresses of the agenda, below /meetings/. `meeting` is the converter of governance.meetings.urls, which is included first."""

from django.urls import path

from governance.agendas import views

urlpatterns = [
    path("<meeting:key>/agenda/", views.agenda, name="agenda"),
    path("<meeting:key>/agenda/fill/", views.fill, name="agenda_fill"),
    path("<meeting:key>/agenda/add/", views.add, name="agenda_add"),
    path("<meeting:key>/agenda/<int:pk>/", views.item, name="agenda_item"),
    path("<meeting:key>/agenda/<int:pk>/remove/", views.remove, name="agenda_item_remove"),
    path("<meeting:key>/agenda/<int:pk>/invite/", views.invite, name="agenda_item_invite"),
    path("<meeting:key>/agenda/<int:pk>/deliverables/", views.link, name="agenda_item_link"),
]
