from core import views
from django.urls import path

urlpatterns = [
    path("auth/", views.signed_in_only),
    path("plan/<int:pk>/", views.plan, name="plan"),
    path("d/<int:pk>/", views.signed_in_only, name="deliverable"),
    path("ws/<int:pk>/", views.signed_in_only, name="workstream"),
]
