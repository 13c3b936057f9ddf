"""How allauth is used here: people are invited by the administrator, nobody signs themselves up."""

from allauth.account.adapter import DefaultAccountAdapter


class ClosedAccounts(DefaultAccountAdapter):
    def is_open_for_signup(self, request) -> bool:
        return False
