"""How allauth is used here: people are invited by the administrator, nobody signs themselves up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import Http404


class ClosedAccounts(DefaultAccountAdapter):
    def is_open_for_signup(self, request) -> bool:
        return False


def not_offered(request):
    """One of allauth's pages that we leave out. An e-mail address is how a person signs in: the administrator changes it."""
    raise Http404
