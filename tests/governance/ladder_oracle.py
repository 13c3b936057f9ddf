"""The dispute ladder's dates once more, reckoned by walking from day to day as a clerk with a wall calendar would.

Written from the clauses alone, and sharing nothing with the code it judges.
"""

import calendar


def tomorrow(year: int, month: int, day: int) -> tuple[int, int, int]:
    if day < calendar.monthrange(year, month)[1]:
        return year, month, day + 1
    return (year, month + 1, 1) if month < 12 else (year + 1, 1, 1)


def yesterday(year: int, month: int, day: int) -> tuple[int, int, int]:
    if day > 1:
        return year, month, day - 1
    year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return year, month, calendar.monthrange(year, month)[1]


def walk(start: str, steps: int) -> str:
    """So many days on, or back where negative, one leaf of the calendar at a time."""
    day = tuple(int(part) for part in start.split("-"))
    for _ in range(abs(steps)):
        day = tomorrow(*day) if steps > 0 else yesterday(*day)
    return "{:04}-{:02}-{:02}".format(*day)


def dates_2018(events: dict[str, str]) -> dict:
    """The dates under section 6 of the 2018 plan; `events` maps a kind to an ISO date, or to days as text."""
    found = {
        "executive": {"last_day": None, "next_rung_opens": None},
        "political": {"last_day": None, "next_rung_opens": None},
        "mediation": {"statements_due": None, "report_due": None},
        "court": {"opens": None},
    }
    for rung in ("executive", "political"):
        if f"referral:{rung}" in events:
            last = events.get(f"extension:{rung}") or walk(events[f"referral:{rung}"], 28)
            found[rung] = {"last_day": last, "next_rung_opens": walk(last, 1)}
    if "mediation_starts" in events:
        found["mediation"]["statements_due"] = walk(
            events["mediation_starts"], -int(events.get("statement_period", 14))
        )
    if "mediation_concluded" in events:
        found["mediation"]["report_due"] = walk(events["mediation_concluded"], 14)
    if "mediation_failed" in events:
        found["court"]["opens"] = walk(events["mediation_failed"], 15)
    return found
