"""Every address of the application, by room."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("workstreams.urls")),
    path("", include("governance.urls")),
]
