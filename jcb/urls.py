"""Every address of the application, by room."""

from django.contrib import admin
from django.urls import include, path

from jcb import health
from jcb.accounts import not_offered

urlpatterns = [
    path("health/", health.health, name="health"),
    path("ready/", health.ready, name="ready"),
    path("accounts/email/", not_offered, name="account_email"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("needs/", include("needs.urls")),
    path("", include("workstreams.urls")),
    path("", include("governance.urls")),
]
