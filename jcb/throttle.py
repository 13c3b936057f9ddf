"""How often somebody may try to sign in, counted so that nobody can be kept out by another's tries.

Every try comes through a door. A browser in which a person signed in before carries a signed cookie: that is a door of
its own, which nobody else can wear out. Any other try comes through the door of its network to this account, and through
that of its network as a whole. No door is the account's alone, so that a stranger, however many networks they have, uses
up nothing of hers. Whoever is at an unknown browser behind a worn-out network asks for a link by e-mail: the browser that
follows it is known from then on.

Of an address on the network only the network is ever used or kept: the first three numbers of four, or the first 48 bits.
"""

import ipaddress

from allauth.core import ratelimit
from django.conf import settings
from django.core.signing import BadSignature
from django.utils.crypto import get_random_string, salted_hmac

KNOWN_FOR = 365 * 24 * 60 * 60  # seconds
TOO_MANY = "There were too many wrong tries from here. Wait 15 minutes, or choose “I cannot sign in” to have a link sent to you."
NOWHERE = "0.0.0.0"  # noqa: S104 -- no address that anything listens on: what stands where there is none


def network_of(request) -> str:
    """The network that a request comes from, as its first address.

    `X-Forwarded-For` is believed as far as our own proxies wrote it (`PROXIES` says how many stand in front), since
    everything before that was written by whoever asked.
    """
    given = request.META.get("REMOTE_ADDR", "")
    hops = request.headers.get("X-Forwarded-For", "").split(",")
    if 0 < settings.PROXIES <= len(hops):
        given = hops[-settings.PROXIES].strip() or given
    try:
        address = ipaddress.ip_address(given)
    except ValueError:
        return NOWHERE
    if address.version == 6 and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False).network_address)


def _cookie(email: str) -> str:
    """The name of an account's cookie tells nobody whose it is."""
    return f"known_{salted_hmac('jcb.throttle', email.lower()).hexdigest()[:16]}"


def _device(request, email: str) -> str:
    """The name of the browser, where this account signed in there before; nothing elsewhere."""
    try:
        return request.get_signed_cookie(_cookie(email), default="", salt="jcb.throttle", max_age=KNOWN_FOR)
    except BadSignature:
        return ""


def know(request, response, email: str) -> None:
    """Have this browser known as one in which an account signed in, or followed the link that was sent to it."""
    response.set_signed_cookie(
        _cookie(email),
        _device(request, email) or get_random_string(22),
        salt="jcb.throttle",
        max_age=KNOWN_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def may_try(request, email: str, step: str = "password") -> bool:
    """Whether somebody may try once more; the try is counted before it is looked at, so that many at once get no further
    than one after another."""
    if device := _device(request, email):
        return ratelimit.consume(request, action="known_device", key=_door(email, device, step))
    network = network_of(request)
    return ratelimit.consume(request, action="network", key=network, dry_run=True) and ratelimit.consume(
        request, action="account_from_network", key=_door(email, network, step)
    )


def may_try_code(request, person) -> bool:
    """The same for a code, which only those who know the password get to try. A code is short: at unknown browsers an
    account has so many an hour from all networks together."""
    if not may_try(request, person.email, "code"):
        return False
    return bool(_device(request, person.email)) or ratelimit.consume(request, action="codes", key=str(person.pk))


def was_right(request, email: str, step: str = "password") -> None:
    """Forget this account's tries through this door."""
    if device := _device(request, email):
        ratelimit.clear(request, action="known_device", key=_door(email, device, step))
    else:
        ratelimit.clear(request, action="account_from_network", key=_door(email, network_of(request), step))


def was_wrong(request, email: str) -> None:
    """Count a wrong answer against the network. A right one takes nothing off: one who has an account of their own
    would wipe out what they tried at another's."""
    if not _device(request, email):
        ratelimit.consume(request, action="network", key=network_of(request))


def may_have_link(request, email: str) -> bool:
    """Whether one more link may be sent from here, whoever it is for."""
    if _device(request, email):
        return may_try(request, email, "link")
    return ratelimit.consume(request, action="links", key=network_of(request))


def _door(email: str, where: str, step: str) -> str:
    return f"{step} {email.lower()} {where}"
