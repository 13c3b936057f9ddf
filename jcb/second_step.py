"""The second step of signing in: an authenticator app's code, a passkey, or one of the recovery codes."""

import base64

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.utils import is_mfa_enabled
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django import forms
from django.conf import settings
from django.core.cache import cache
from django.utils.crypto import salted_hmac

from jcb import access, throttle
from jcb.models import BoardSettings
from jcb.sign_in import InOurWords

STEPS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
CODE_LASTS = 120  # seconds: longer than an app's code is taken, so that none is taken twice
LONGEST_NAME = 60
UNREADABLE = (
    "The site’s secret key was changed, so that codes can no longer be checked. Ask the administrator to take your second "
    "step off, then set it up again."
)
WRONG_CODE = "That code is not right, or was used before. Wait for the next one and type that."
TYPE_THE_CODE = "Type the code."


def is_missing(request) -> bool:
    """Whether somebody's role needs a second step that they have not set up. The organisation's own directory sees to
    that for those whom it signs in."""
    person = request.user
    if not access.signed_in(person) or person.role not in settings.SECOND_STEP_ROLES:
        return False
    ways = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY) or []
    return not any(way["method"] == "socialaccount" for way in ways) and not is_mfa_enabled(person, STEPS)


def _cipher() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    made = (salted_hmac("jcb.second_step", "", secret=key, algorithm="sha256").digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in made])


class SecondStep(DefaultMFAAdapter):
    """Our words, and secrets that somebody who gets hold of a backup cannot use."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": WRONG_CODE,
    }

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            raise forms.ValidationError(UNREADABLE) from None

    def get_totp_issuer(self) -> str:
        return BoardSettings.current().board_name

    def _get_site_name(self) -> str:
        return BoardSettings.current().board_name

    def generate_authenticator_name(self, user, type) -> str:
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return "Passkey" if number == 1 else f"Passkey {number}"


class CodeOnce(InOurWords):
    """A code that is counted as a try, and taken once."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].error_messages["required"] = TYPE_THE_CODE
        self.fields["code"].max_length = 40

    def clean_code(self) -> str:
        request = context.request
        if not throttle.may_try_code(request, self.user):
            raise forms.ValidationError(throttle.TOO_MANY)
        try:
            code = super().clean_code()
        except forms.ValidationError:
            throttle.was_wrong(request, self.user.email)
            raise
        digits = "".join(filter(str.isalnum, code))
        if not cache.add(f"code-of-{self.user.pk}-{digits}", "used", timeout=CODE_LASTS):
            raise forms.ValidationError(WRONG_CODE)
        throttle.was_right(request, self.user.email, "code")
        return code


class CodeForm(CodeOnce, AuthenticateForm):
    """A code, after the password."""


class CodeAgainForm(CodeOnce, ReauthenticateForm):
    """A code, before something that a borrowed session should not be able to do."""


class AppForm(CodeOnce, ActivateTOTPForm):
    """The first code of an authenticator app, which shows that it works."""


class PasskeyForm(InOurWords, AddWebAuthnForm):
    """What a new passkey is called. It signs in by itself, or comes after the password."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].label = "What to call it"
        self.fields["name"].help_text = "So that you can tell it from others, such as “Work laptop”."
        self.fields["name"].max_length = LONGEST_NAME
        self.fields["name"].widget.attrs["maxlength"] = LONGEST_NAME
        self.fields["passwordless"].label = "Sign in with this passkey alone, without a password"
        self.fields["passwordless"].initial = True


class PasskeyNameForm(InOurWords, EditWebAuthnForm):
    """Another name for a passkey."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].label = "What to call it"
        self.fields["name"].widget.attrs["maxlength"] = LONGEST_NAME
        self.fields["name"].error_messages["required"] = "Give the passkey a name."
