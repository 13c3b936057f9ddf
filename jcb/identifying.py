"""Words that could identify a child, wherever nothing about one child belongs: themes, summaries, counts.

It finds what is easily typed by mistake: NHS numbers, pupil numbers, dates of birth, home postcodes, ages, "Child A" and
bare initials. It cannot find a name; people read before anything is public.
"""

import re

from jcb.history import refuse

_LOOKS_LIKE = (
    (re.compile(r"\b[A-HJ-NP-Z]\d{11}[0-9A-Z]\b"), "a pupil number"),
    (re.compile(r"\b(?:DOB|D\.O\.B\.|date of birth|born (?:on|in))\b", re.IGNORECASE), "a date of birth"),
    (re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"), "a postcode"),
    (re.compile(r"\b(?:aged|age) \d{1,2}\b(?! ?(?:to|–|-|and|or|plus|\+))", re.IGNORECASE), "the age of one person"),
    (re.compile(r"\b(?:a|the|this|one|his|her|their) (?:\w+ )?\d{1,2}[- ]year[- ]old\b", re.IGNORECASE), "the age of one person"),
    (re.compile(r"\b(?:[Cc]hild|[Pp]upil|[Yy]oung person|[Pp]atient|[Cc]ase) (?:[A-Z]\b|no\.? ?\d|number \d|\d)"), "one child"),
    (re.compile(r"(?<![\w.])[A-Z]\. ?[A-Z]\.(?![\w.])"), "somebody’s initials"),
)  # fmt: skip
_NUMBER = re.compile(r"(?<![\d-])(\d{3})[ -]?(\d{3})[ -]?(\d{4})(?![\d-])")
_TENTH_WEIGHTS = range(10, 1, -1)


def identifying(text: str) -> tuple[str, str] | None:
    """The first words that could identify a child, and what they look like; None where nothing does."""
    for found in _NUMBER.finditer(text):
        if _is_nhs_number("".join(found.groups())):
            return found.group(), "an NHS number"
    for pattern, what in _LOOKS_LIKE:
        if found := pattern.search(text):
            return found.group(), what
    return None


def refuse_identifying(text: str, field: str) -> None:
    """Refuse words that could identify a child, naming what was found."""
    if found := identifying(text):
        refuse(
            f"“{found[0]}” looks like {found[1]}, and nothing here may identify a child. Say it without that.", field
        )


def _is_nhs_number(digits: str) -> bool:
    """Ten digits of which the last is the check digit, modulo 11."""
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(digits, _TENTH_WEIGHTS, strict=False)) % 11
    return rest % 11 == int(digits[9]) and rest != 10
