"""How allauth is used here: people are invited by the administrator, nobody signs themselves up, and an address that
somebody no longer has opens nothing."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core import context
from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.http import Http404

from jcb import sessions, throttle
from jcb.history import attributed_to
from jcb.models import Person
from jcb.people import person_at, tell_of_sign_in

WRONG = "That e-mail address and password do not go together, or they do not open anything here. Check both."
BY_DIRECTORY = "People sign in here by {name}, not with a password of their own."
# What allauth tells of, in our words.
CHANGES = {
    "mfa/email/totp_activated": "Second step: an authenticator app was added",
    "mfa/email/totp_deactivated": "Second step: the authenticator app was taken away",
    "mfa/email/webauthn_added": "Second step: a passkey was added",
    "mfa/email/webauthn_removed": "Second step: a passkey was taken away",
    "mfa/email/recovery_codes_generated": "Second step: new recovery codes were made; the old ones no longer work",
    "account/email/password_changed": "Password: changed",
    "account/email/password_set": "Password: changed",
    "account/email/password_reset": "Password: changed, by a link that was sent to you",
}


class PeopleWithPasswords(AuthenticationBackend):
    """Signs in by the address that the record holds today; allauth would take one that it once held too."""

    def _authenticate_by_email(self, email: str, password: str) -> Person | None:
        return self._check_password(person_at(email), password)

    def _check_password(self, user: Person | None, password: str) -> Person | None:
        """Somebody who was deactivated gets the answer that a stranger gets, and is not led to a page that says more.

        A password that is hashed anew, by a later way of hashing, is kept in the name of whoever typed it."""
        with attributed_to(user):
            found = super()._check_password(user, password)
        self._stash_user(None)
        return found


class LinkToPassword(PasswordResetTokenGenerator):
    """A link to choose a password: works once, for a while, for somebody who may sign in, at the address they have."""

    key_salt = "jcb.accounts.LinkToPassword"

    def _make_hash_value(self, user: Person, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.is_active}"

    def check_token(self, user: Person, token: str) -> bool:
        return settings.LOCAL_PASSWORDS and user.is_active and super().check_token(user, token)


class ClosedAccounts(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": WRONG,
        "too_many_login_attempts": throttle.TOO_MANY,
        "rate_limited": throttle.TOO_MANY,
        "incorrect_password": "That is not your password. Try again.",
        "enter_current_password": "That is not your present password. Type it again.",
    }

    def is_open_for_signup(self, request) -> bool:
        return False

    def get_client_ip(self, request) -> str:
        """The network alone, for whatever allauth counts or keeps by it."""
        return throttle.network_of(request)

    def pre_authenticate(self, request, **credentials) -> None:
        if not settings.LOCAL_PASSWORDS:
            raise ValidationError(BY_DIRECTORY.format(name=settings.DIRECTORY_NAME))
        if not throttle.may_try(request, credentials["email"]):
            raise self.validation_error("too_many_login_attempts")

    def authentication_failed(self, request, **credentials) -> None:
        throttle.was_wrong(request, credentials["email"])

    def authenticate(self, request, **credentials):
        person = super().authenticate(request, **credentials)
        if person:
            throttle.was_right(request, person.email)
        return person

    def reauthenticate(self, user: Person, password: str) -> bool:
        return self.authenticate(context.request, email=user.email, password=password) == user

    def set_password(self, user: Person, password: str) -> None:
        """Whoever follows a link to choose a password is not signed in; the change is theirs all the same."""
        with attributed_to(user):
            super().set_password(user, password)

    def login(self, request, user: Person) -> None:
        super().login(request, user)
        sessions.begin(request)

    def post_login(self, request, user: Person, **options):
        response = super().post_login(request, user, **options)
        throttle.know(request, response, user.email)
        return response

    def send_notification_mail(self, template_prefix, user: Person, context=None, email=None) -> None:
        """Whoever changes how they sign in hears of it, so that a borrowed session does not go unnoticed."""
        if template_prefix in CHANGES:
            tell_of_sign_in(person=user, change=CHANGES[template_prefix])


def not_offered(request, **named):
    """One of allauth's pages that we leave out. An e-mail address is how a person signs in: the administrator changes it."""
    raise Http404
