"""allauth's forms in our words: no placeholders, which vanish as soon as somebody types, and no second way to the help."""

from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
)
from allauth.core import context
from django import forms

from jcb import background, throttle
from jcb.links import send_link

LABELS = {
    "login": "E-mail address",
    "email": "E-mail address",
    "password": "Password",
    "code": "Code",
    "oldpassword": "Your password now",
    "password1": "New password",
    "password2": "New password, once more",
}
GOOD_PASSWORD = "At least 12 characters, not like your name or address, and not one that many people use."  # noqa: S105 -- says what a good one is


class InOurWords:
    """Gives the fields our labels, a sensible width and no placeholders."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.widget.attrs["class"] = "govuk-input--width-20"
            field.label = LABELS.get(name, field.label)
            field.help_text = (
                GOOD_PASSWORD if name == "password1" else ""
            )  # "I cannot sign in" stands beside the button


class SignInForm(InOurWords, LoginForm):
    """Who somebody is, and their password."""


class AskForPasswordForm(InOurWords, ResetPasswordForm):
    """The address that a link to choose a password is sent to.

    Whose it is, is looked up in the background: here an address that nobody has takes the same way as any other.
    """

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].lower()
        if not throttle.may_have_link(context.request, email):
            raise forms.ValidationError("Too many links were asked for from here. Wait 15 minutes, then ask again.")
        return email

    def save(self, request, **kwargs) -> str:
        email = self.cleaned_data["email"]
        background.start(send_link, email=email, site=request.build_absolute_uri("/"))
        return email


class ChoosePasswordForm(InOurWords, ResetPasswordKeyForm):
    """A new password, by the link that was sent: whoever follows it reads that person's e-mail, so that their browser is
    known from now on."""

    def save(self) -> None:
        super().save()
        context.request.followed_link_to = self.user.email


class NewPasswordForm(InOurWords, ChangePasswordForm):
    """A new password in place of the present one."""


class PasswordAgainForm(InOurWords, ReauthenticateForm):
    """The password, before something that a borrowed session should not be able to do."""
