"""A second reckoning of the Board's calendar, written apart from the first: whole minutes in UTC, whole days, and tables.

Nothing of the application is used here, and neither are Python's time zones or the library of holidays. An instant is a
number of minutes since 1 January 1970 in UTC, a day a number of days since then. 1 January 1970 was a Thursday.
"""

import functools

# The last Sundays of March and October, by hand, on which the clocks change at 01:00 UTC.
FORWARD = dict(
    zip(
        range(2017, 2037), [26, 25, 31, 29, 28, 27, 26, 31, 30, 29, 28, 26, 25, 31, 30, 28, 27, 26, 25, 30], strict=True
    )
)
BACK = dict(
    zip(
        range(2017, 2037), [29, 28, 27, 25, 31, 30, 29, 27, 26, 25, 31, 29, 28, 27, 26, 31, 30, 29, 28, 26], strict=True
    )
)
MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
ONE_OFF = {(2022, 6, 2), (2022, 6, 3), (2022, 9, 19), (2023, 5, 8), (2020, 5, 8)}
NOT_KEPT = {(2020, 5, 4), (2022, 5, 30)}  # moved to one of the days above


def is_leap(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def month_length(year, month):
    return 29 if month == 2 and is_leap(year) else MONTHS[month - 1]


@functools.cache
def _new_year(year):
    return sum(366 if is_leap(y) else 365 for y in range(1970, year))


def day_number(year, month, day):
    """Days since 1 January 1970."""
    return _new_year(year) + sum(month_length(year, m) for m in range(1, month)) + day - 1


@functools.cache
def date_of(number):
    """(year, month, day) of a day number."""
    year = 1970
    while number >= (366 if is_leap(year) else 365):
        number -= 366 if is_leap(year) else 365
        year += 1
    month = 1
    while number >= month_length(year, month):
        number -= month_length(year, month)
        month += 1
    return year, month, number + 1


def weekday(number):
    """0 is Monday."""
    return (number + 3) % 7


def summer_minutes(instant):
    """60 while the London clock is an hour ahead, else 0."""
    year = date_of(instant // 1440)[0]
    starts = day_number(year, 3, FORWARD[year]) * 1440 + 60
    ends = day_number(year, 10, BACK[year]) * 1440 + 60
    return 60 if starts <= instant < ends else 0


def instant_of(number, minute):
    """The instant at which the London clock shows a minute of a day; of two the earlier; where skipped the earlier reading."""
    shown = number * 1440 + minute
    real = [instant for instant in (shown - 60, shown) if instant + summer_minutes(instant) == shown]
    return min(real) if real else shown - 60


def shown_at(instant):
    """(day number, minute) that the London clock shows."""
    return divmod(instant + summer_minutes(instant), 1440)


def easter_sunday(year):
    golden, century = year % 19, year // 100
    skipped = century - century // 4 - (8 * century + 13) // 25
    epact = (19 * golden + skipped + 15) % 30
    epact -= (epact // 28) * (1 - (epact // 28) * (29 // (epact + 1)) * ((21 - golden) // 11))
    to_sunday = (year + year // 4 + epact + 2 - century + century // 4) % 7
    offset = epact - to_sunday
    month = 3 + (offset + 40) // 44
    return day_number(year, month, offset + 28 - 31 * (month // 4))


def _first_monday(year, month):
    return next(n for n in range(day_number(year, month, 1), day_number(year, month, 8)) if weekday(n) == 0)


def _last_monday(year, month):
    last = day_number(year, month, month_length(year, month))
    return next(n for n in range(last, last - 7, -1) if weekday(n) == 0)


@functools.cache
def bank_holidays(year):
    """Day numbers of England's bank holidays as they are kept, with what stands in for one on a weekend."""
    found = {easter_sunday(year) - 2, easter_sunday(year) + 1}
    found |= {_first_monday(year, 5), _last_monday(year, 5), _last_monday(year, 8)}
    found -= {day_number(*day) for day in NOT_KEPT if day[0] == year}
    found |= {day_number(*day) for day in ONE_OFF if day[0] == year}
    for month, day in ((1, 1), (12, 25), (12, 26)):
        kept = day_number(year, month, day)
        while weekday(kept) > 4 or kept in found:
            kept += 1
        found.add(kept)
    return found


def is_closed(number):
    return weekday(number) > 4 or number in bank_holidays(date_of(number)[0])


def next_open(number):
    return next(n for n in range(number, number + 30) if not is_closed(n))


def open_days_before(number, count):
    for _ in range(count):
        number = next(n for n in range(number - 1, number - 30, -1) if not is_closed(n))
    return number


def monthly(year, month, day, steps):
    months = year * 12 + month - 1 + steps
    year, month = months // 12, months % 12 + 1
    return day_number(year, month, min(day, month_length(year, month)))
