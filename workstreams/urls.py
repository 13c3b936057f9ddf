"""Plans, workstreams, deliverables and my round."""

from django.urls import path

from workstreams import views

app_name = "workstreams"
urlpatterns = [
    path("plans/", views.plan_list, name="plans"),
    path("plans/<slug:slug>/", views.plan_detail, name="plan"),
    path("plans/<slug:slug>/themes/", views.theme_matrix, name="themes"),
    path("plans/<slug:slug>/<int:number>/", views.workstream_detail, name="workstream"),
    path("plans/<slug:slug>/<int:number>/<int:item>/", views.deliverable_detail, name="deliverable"),
    path("plans/<slug:slug>/<int:number>/<int:item>/no-change/", views.no_change, name="no_change"),
    path("plans/<slug:slug>/<int:number>/<int:item>/confirm/", views.confirm, name="confirm"),
    path("plans/<slug:slug>/<int:number>/<int:item>/updates/<int:update>/evidence/", views.evidence, name="evidence"),
    path("deliverables/", views.deliverable_list, name="deliverables"),
    path("deliverables.csv", views.deliverable_csv, name="deliverables_csv"),
    path("round/", views.my_round, name="round"),
    path("statuses/", views.status_key, name="statuses"),
]
