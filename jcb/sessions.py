"""How long somebody stays signed in, and where they are.

A session ends an hour after its last request and twelve hours after its start, whatever happens in between (`IDLE_SECONDS`,
`SESSION_SECONDS`). Both instants stand in the session itself; the last request is noted once a minute, so that reading a
page seldom writes anything. This is real time, whatever the demonstration's clock shows.
"""

import datetime as dt
import logging
from dataclasses import dataclass

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.contrib.sessions.models import Session
from django.db import Error
from django.utils.cache import patch_vary_headers

from jcb import dates, outages

LOG = logging.getLogger(__name__)

STARTED, SEEN = "started", "seen"
NOTED_EVERY = 60  # seconds
SYSTEMS = {
    "iPhone": "an iPhone",
    "iPad": "an iPad",
    "Android": "an Android device",
    "Windows": "a Windows computer",
    "Macintosh": "a Mac",
    "CrOS": "a Chromebook",
    "Linux": "a Linux computer",
}
# In this order: most browsers claim to be several of the others too.
BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
}
BROWSERS |= {"CriOS": "Chrome", "Chrome": "Chrome", "Safari": "Safari"}


class NotNoted(Exception):
    """A session could not be written, since the database is out."""


class Sessions(SessionMiddleware):
    """Django's own, by which a page is read all the same where only the note in the session could not be written. Where
    the next page leans on that note, as after a form or on the way elsewhere, the outage is told; Django takes it for a
    sign-in that ended meanwhile."""

    def process_response(self, request, response):
        try:
            return super().process_response(request, response)
        except (Error, SessionInterrupted) as problem:
            if outages.what_is_out(problem) is None:
                raise
            if request.method not in {"GET", "HEAD"} or response.status_code not in {200, 304}:
                raise NotNoted from problem
            LOG.warning("The session was not %s.", "noted")
            outages.let_go()
            patch_vary_headers(response, ("Cookie",))
            return response


def begin(request) -> None:
    """Note the start of a sign-in."""
    request.session[STARTED] = request.session[SEEN] = int(dates.real_now().timestamp())


def has_ended(request) -> bool:
    """Whether this sign-in has run out; if it has not, this request keeps it going."""
    now, session = int(dates.real_now().timestamp()), request.session
    if STARTED not in session:
        begin(request)
    if now - session[STARTED] >= settings.SESSION_SECONDS or now - session[SEEN] >= settings.IDLE_SECONDS:
        return True
    if now - session[SEEN] >= min(NOTED_EVERY, settings.IDLE_SECONDS // 10):
        session[SEEN] = now
    return False


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere a person is signed in. `since` and `seen` are in words."""

    pk: int
    device: str
    since: str
    seen: str
    is_here: bool


def places_of(person, here: str | None) -> list[Place]:
    """Where a person is signed in, the present session first; `here` is its key. What has run out is left out."""
    now, found = dates.real_now().timestamp(), []
    rows = list(UserSession.objects.filter(user=person).order_by("-created_at"))
    stored = Session.objects.filter(session_key__in=[row.session_key for row in rows])
    decoded = {session.session_key: session.get_decoded() for session in stored}
    for row in rows:
        kept = decoded.get(row.session_key, {})
        if kept.get("_auth_user_hash") != person.get_session_auth_hash():
            continue
        seen = kept.get(SEEN, row.created_at.timestamp())
        started = kept.get(STARTED, row.created_at.timestamp())
        if now - seen >= settings.IDLE_SECONDS or now - started >= settings.SESSION_SECONDS:
            continue
        since, last = (dates.say_instant(dt.datetime.fromtimestamp(at, dt.UTC)) for at in (started, seen))
        found.append(Place(row.pk, device_in_words(row.user_agent), since, last, row.session_key == here))
    return sorted(found, key=lambda place: not place.is_here)


def end_place(person, pk: int) -> bool:
    """End one of a person's own sessions; False where there is none such."""
    row = UserSession.objects.filter(user=person, pk=pk).first()
    if row:
        row.end()
    return bool(row)


def end_all(person, *, but: str | None = None) -> None:
    """End every session of a person, save for the one whose key is `but`."""
    for row in UserSession.objects.filter(user=person).exclude(session_key=but or ""):
        row.end()


def forget_ended() -> int:
    """Delete what is kept of the devices of sign-ins that are no more; returns of how many. To be run after
    `clearsessions`, which deletes the sessions that have run out."""
    there = Session.objects.values("session_key")
    ended = list(UserSession.objects.exclude(session_key__in=there))
    for row in ended:
        row.delete()
    return len(ended)


def device_in_words(agent: str) -> str:
    """What a browser calls itself, in words: "Firefox on a Windows computer"."""
    browser = next((name for mark, name in BROWSERS.items() if f"{mark}/" in agent), "A browser")
    system = next((name for mark, name in SYSTEMS.items() if mark in agent), "")
    return f"{browser} on {system}" if system else browser
