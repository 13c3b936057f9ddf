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
    (re.compile(r"\b(?:a|the|this|one|his|her|their|our|my) (?:\w+ )?\d{1,2}[- ]year[- ]old\b", re.IGNORECASE), "the age of one person"),
    (re.compile(r"\b(?:is|was|turned) (?:now )?\d{1,2}(?: years old)?(?=[.,;]|$| years old)", re.IGNORECASE), "the age of one person"),
    (re.compile(r"\bborn (?:in |on )?(?:the )?\d", re.IGNORECASE), "a date of birth"),
    (re.compile(r"\bYear \d{1,2} (?:at|in|of) [A-Z]"), "one child’s school"),
    (re.compile(r"[\w.+-]+@[\w-]+\.\w+"), "an e-mail address"),
    (re.compile(r"(?<!\d)(?:\+44 ?|0)7\d{3}[ -]?\d{3}[ -]?\d{3}(?!\d)"), "a telephone number"),
    (re.compile(r"\b(?:[Cc]hild|[Pp]upil|[Yy]oung person|[Pp]atient|[Cc]ase) (?:[A-Z]\b|no\.? ?\d|number \d|\d)"), "one child"),
    (re.compile(r"(?<![\w.])[A-Z]\. ?[A-Z]\.(?![\w.])"), "somebody’s initials"),
)  # fmt: skip
_NUMBER = re.compile(r"(?<![\w/.=-])(\d{3})[\s-]?(\d{3})[\s-]?(\d{4})(?![\d-])")
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


# Capitalised words of the trade: two of others beside each other look like a name.
_TRADE = frozenset(
    """Act Adult Adults Annual Assessment Autism Bi Board Borough Boroughs CAMHS CCG Care Carer Carers Chelsea Child Children
    City Clinical Code Commissioner Committee Community Council Court Disability Disabilities Education Executive Families
    Family Finance First Forum Group Health High Integrated Joint Judicial Justice Kensington Learning Local London Mediation
    Mental Minister NHS National North Occupational Offer Officer Ombudsman Panel Parent Parents Partner Plan Practice Public
    Representative Review Royal SEND School Schools Secretary Service Services Social Special Speech State Therapy Tribunal
    West Westminster Young January February March April May June July August September October November December Monday
    Tuesday Wednesday Thursday Friday Saturday Sunday""".split()
)
_PAIR = re.compile(r"(?<![\w’'-])([A-Z][a-zé’'-]+)[ \t]+([A-Z][a-zé’'-]+)(?![\w-])")
_TITLED = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Master|Dr)\.? +[A-Z]\w+|\b(?:called|named) +[A-Z]\w+")
_FULL_DATE = re.compile(
    r"\b\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d{2}\b|\b(?:19|20)\d{2}-\d{2}-\d{2}\b"
    r"|\b\d{1,2}(?:st|nd|rd|th)? (?:January|February|March|April|May|June|July|August|September|October|November|December)"
    r",? (?:19|20)\d{2}\b"
)


def refuse_names_and_dates(text: str, field: str) -> None:
    """Refuse also what looks like somebody's name, or a full date, where neither has any business: in the register of
    redress, whose dates have fields of their own."""
    refuse_identifying(text, field)
    if found := _FULL_DATE.search(text):
        refuse(f"“{found.group()}” could be a date of birth. Say the month and the year, or leave it out.", field)
    for found in looks_like_a_name(text):
        refuse(
            f"“{found}” looks like somebody’s name, and this register names nobody. Leave it out, or write it in "
            "small letters where it is no name.",
            field,
        )


def looks_like_a_name(text: str) -> list[str]:
    """Words that look like somebody's name: with a title, or two capitalised words of which neither is of the trade."""
    pairs = [each.group() for each in _PAIR.finditer(text) if not _TRADE & set(each.groups())]
    return [*(each.group() for each in _TITLED.finditer(text)), *pairs]


def _is_nhs_number(digits: str) -> bool:
    """Ten digits of which the last is the check digit, modulo 11."""
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(digits, _TENTH_WEIGHTS, strict=False)) % 11
    return rest % 11 == int(digits[9]) and rest != 10
