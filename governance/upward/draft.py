"""The first draft of a report upward, from what is not restricted: what to alert to, to advise of, and to assure of."""

from governance.decisions.operations import why_not_final
from governance.minutes.contents import contents, restricted_out
from governance.models import Decision, Meeting, Minutes, Risk
from governance.risks.pages import HIGH, lines
from governance.rounds.asking import reported_on
from workstreams.models import Status
from workstreams.standing import Tally, since_last_meeting, standings


def draft(meeting: Meeting) -> dict[str, str]:
    """Words for each part. The secretariat edits them before anything is sent."""
    found = standings(reported_on(), day=meeting.on, since=since_last_meeting(meeting.on))
    off = [row.deliverable for row in found if row.status == Status.OFF_TRACK]
    alert = []
    if off:
        named = ", ".join(each.reference for each in off[:8]) + (f" and {len(off) - 8} more" if len(off) > 8 else "")
        alert.append(f"{len(off)} deliverable{'' if len(off) == 1 else 's'} off track: {named}.")
    worst = [line for line in lines(Risk.objects.filter(state=Risk.State.OPEN)) if line.score >= HIGH]
    alert += [f"{line.ref} {line.risk.title}: {line.words}." for line in worst[:3]]
    advise = []
    for decision in _open_decisions(meeting):
        if why := why_not_final(decision):
            advise.append(f"Decision {decision.ref} is not final. {why}")
    assure = [f"{Tally.of(found).headline()}" if found else "Nothing is reported on yet."]
    return {"alert": "\n".join(alert), "advise": "\n".join(advise), "assure": "\n".join(assure)}


def decisions(meeting: Meeting) -> list[dict]:
    """The decisions of a meeting that are on unrestricted items, as in governance.minutes.contents."""
    row = Minutes.objects.filter(meeting=meeting, state=Minutes.State.AGREED).first()
    data = restricted_out((row.data if row else None) or contents(meeting))
    return [each for item in data["items"] for each in item["decisions"]] + data["others"]["decisions"]


def _open_decisions(meeting: Meeting):
    rows = Decision.objects.filter(meeting=meeting, restricted=False).exclude(item__restricted=True)
    rows = rows.exclude(recommendation__front_sheet__item__restricted=True)
    return rows.prefetch_related("stances__partner").order_by("series", "number")
