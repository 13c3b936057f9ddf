"""The link by which somebody chooses a password: sent to those who ask for it and to those who are invited."""

from allauth.account.app_settings import PASSWORD_RESET_TOKEN_GENERATOR
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.urls import reverse
from django_tasks import task

from jcb import background
from jcb.models import BoardSettings
from jcb.people import person_at

PAUSE = 120  # seconds in which nobody is sent a second link: the first still works
ASKED = (
    "Somebody, probably you, asked for a link to choose a password for the record of the {board}. Open it within {days}; it "
    "works once:\n\n{link}\n\nIf you did not ask for it, do nothing: your password stays as it is."
)
INVITED = (
    "You are invited to the record of the {board}. Choose a password by this link; it works once, within {days}:\n\n{link}\n\n"
    "After that you sign in with this e-mail address, at {site}. If the link is too old, choose “I cannot sign in” there."
)
BY_DIRECTORY = "You are invited to the record of the {board}. Sign in by {name}, at {site}"


@task()
def send_link(email: str, site: str, invited: bool = False, tried: int = 0) -> bool:
    """Send a link to whoever has an address and may sign in, and nothing to anybody else. Returns whether one went; one
    that does not go is tried again later."""
    with background.tried_again(send_link, tried, email=email, site=site, invited=invited):
        return _send_link(email, site, invited=invited, again=tried > 0)


def _send_link(email: str, site: str, *, invited: bool, again: bool) -> bool:
    person = person_at(email)
    if person is None or not person.is_active:
        return False
    board = BoardSettings.current().board_name
    if not settings.LOCAL_PASSWORDS:
        return invited and _send(
            person, board, BY_DIRECTORY.format(board=board, name=settings.DIRECTORY_NAME, site=site)
        )
    if not invited and not again and not cache.add(f"link-to-{person.pk}", "sent", timeout=PAUSE):
        return False
    key = PASSWORD_RESET_TOKEN_GENERATOR().make_token(person)
    path = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(person), key])
    days = max(settings.PASSWORD_RESET_TIMEOUT // (24 * 60 * 60), 1)
    said = {"board": board, "site": site, "link": site.rstrip("/") + path, "days": f"{days} day{'s' * (days != 1)}"}
    return _send(person, board, (INVITED if invited else ASKED).format(**said))


def _send(person, board: str, text: str) -> bool:
    EmailMessage(f"Signing in to the record of the {board}", text, to=[person.email]).send()
    return True
