"""Every address of the application, by room."""

from django.contrib import admin
from django.urls import include, path

from jcb import health, views
from jcb.accounts import not_offered

handler500 = "jcb.outages.error_page"
urlpatterns = [
    path("health/", health.health, name="health"),
    path("ready/", health.ready, name="ready"),
    path("mail/", views.unsent_mail, name="unsent_mail"),
    path("accounts/email/", not_offered, name="account_email"),
    path("accounts/sessions/", views.signed_in_where, name="signed_in_where"),
    path("accounts/sessions/end/", views.sign_out_elsewhere, name="sign_out_elsewhere"),
    path("accounts/sessions/<int:pk>/end/", views.sign_out_there, name="sign_out_there"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/second-step/", include("allauth.mfa.urls")),
    # Of signing in by a directory only the way there and back. Nobody joins accounts or makes one; allauth asks for
    # these names all the same.
    path("accounts/oidc/<slug:provider_id>/login/", views.to_directory, name="openid_connect_login"),
    path("accounts/oidc/<slug:provider_id>/login/callback/", views.from_directory, name="openid_connect_callback"),
    path("accounts/directory/cancelled/", views.directory_cancelled, name="socialaccount_login_cancelled"),
    path("accounts/directory/signup/", not_offered, name="socialaccount_signup"),
    path("accounts/directory/", not_offered, name="socialaccount_connections"),
    path("admin/", admin.site.urls),
    path("needs/", include("needs.urls")),
    path("", include("workstreams.urls")),
    path("", include("governance.urls")),
]
