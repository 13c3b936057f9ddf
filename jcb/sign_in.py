"""allauth's forms in our words: no placeholders, which vanish as soon as somebody types, and no second way to the help."""

from allauth.account.forms import LoginForm, ResetPasswordForm


class SignInForm(LoginForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""  # the page has "I cannot sign in" beside its button
        _in_our_words(self)


class NewPasswordForm(ResetPasswordForm):
    """Asks for the address that a link to choose a password is sent to."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _in_our_words(self)


def _in_our_words(form) -> None:
    for name, field in form.fields.items():
        field.widget.attrs.pop("placeholder", None)
        field.widget.attrs["class"] = "govuk-input--width-20"
        if name in ("login", "email"):
            field.label = "E-mail address"
