"""Signing in by the council's or the NHS body's own directory, with OpenID Connect.

Nobody comes to be by signing in: an e-mail address that the directory vouches for signs in the person who has it here.
Nothing of what the directory says is kept.
"""

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.base import AuthError
from django.conf import settings
from django.shortcuts import render

from jcb.people import person_at

SILENT = "{name} does not answer at the moment. Try again in a few minutes."
FAILED = "{name} did not sign you in. Try again; if it goes on, tell the secretariat what you tried and when."
NOT_VOUCHED = (
    "{name} did not confirm your e-mail address, so that nobody here can be found by it. Ask those who run it."
)
NOT_HERE = (
    "{name} knows you, but nobody with your e-mail address may sign in here. Ask the secretariat to have you invited."
)


class Directory(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request, sociallogin) -> bool:
        return False

    def authenticate_by_email(self, sociallogin) -> None:
        """Not allauth's way, which takes people's passwords away."""

    def pre_social_login(self, request, sociallogin) -> None:
        kept = sociallogin.account.extra_data
        said = kept.get("userinfo") or kept.get("id_token") or {}
        if not said.get("email") or str(said.get("email_verified")).lower() != "true":
            refuse(request, NOT_VOUCHED)
        person = person_at(said["email"])
        if person is None or not person.is_active:
            refuse(request, NOT_HERE)
        sociallogin.user = person

    def on_authentication_error(self, request, provider, error=None, exception=None, extra_context=None) -> None:
        if error != AuthError.CANCELLED:  # whoever turned back themselves is at the sign-in page again
            refuse(request, FAILED)


def refuse(request, sentence: str, status: int = 403) -> None:
    """Answer with a sentence and sign nobody in."""
    said = sentence.format(name=settings.DIRECTORY_NAME)
    page = {"sentence": said[:1].upper() + said[1:]}
    raise ImmediateHttpResponse(render(request, "account/directory_refused.html", page, status=status))
