"""What the terms of reference say, in words: the rules about meetings as names and sentences."""

from governance.models import Seat, Terms


def arrangements(terms: Terms) -> list[tuple[str, str]]:
    """The rules about meetings: what each is about, and what it says."""
    return [
        ("Meets", _every(terms)),
        ("Length", say_length(terms.length_minutes)),
        ("Place", _place(terms)),
        ("Papers go out", f"{terms.notice_number} {terms.get_notice_unit_display()} before the meeting"),
        ("Authors hand in", f"{_many(terms.authors_working_days, 'working day')} before the papers go out"),
        ("Quorum", _quorum(terms)),
        ("Review", f"at least every {_many(terms.review_months, 'month')}"),
    ]


def say_length(minutes: int) -> str:
    """ "2 hours", "1.5 hours", "50 minutes"."""
    if minutes % 30 or minutes < 60:
        return f"{minutes} minutes"
    return "1 hour" if minutes == 60 else f"{minutes / 60:g} hours"


def seat_in_words(seat: Seat) -> str:
    """ "Deputy Managing Director (Co-chair), CCG, by invitation"."""
    role = seat.lead_for or ("Co-chair" if seat.co_chair else "")
    side = seat.side_as_printed or seat.get_side_display()
    parts = [f"{seat.position} ({role})" if role else seat.position, side]
    if seat.kind == Seat.Kind.INVITED:
        parts.append("by invitation")
    return ", ".join(filter(None, parts))


def _every(terms: Terms) -> str:
    unit = terms.get_every_unit_display()
    return f"every {unit.removesuffix('s')}" if terms.every_number == 1 else f"every {terms.every_number} {unit}"


def _place(terms: Terms) -> str:
    if terms.venue_rule == Terms.Venue.ALTERNATE:
        return f"{terms.venue_first} and {terms.venue_second} in turn, the first at {terms.venue_first}"
    return f"usually {terms.venue_first}"


def _quorum(terms: Terms) -> str:
    return f"{terms.quorum_council} from the council side and {terms.quorum_nhs} from the NHS side"


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
