"""allauth's forms in our words: no placeholders, which vanish as soon as somebody types, and no second way to the help."""

from allauth.account.forms import ChangePasswordForm, LoginForm, ResetPasswordForm, ResetPasswordKeyForm

LABELS = {
    "login": "E-mail address",
    "email": "E-mail address",
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
    """The address that a link to choose a password is sent to."""


class ChoosePasswordForm(InOurWords, ResetPasswordKeyForm):
    """A new password, by the link that was sent."""


class NewPasswordForm(InOurWords, ChangePasswordForm):
    """A new password in place of the present one."""
