"""Words that could identify a child are found, and ordinary words about services are not."""

import pytest

from jcb.identifying import identifying


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("NHS number 943 476 5919", "an NHS number"),
        ("9434765919 waits", "an NHS number"),
        ("UPN A123456789012 moved", "a pupil number"),
        ("date of birth in May", "a date of birth"),
        ("lives at SW1A 1AA", "a postcode"),
        ("one aged 7 waits", "the age of one person"),
        ("A 7-year-old waits", "the age of one person"),
        ("Child B has no place", "one child"),
        ("Case 12 is late", "one child"),
        ("J.S. has no place", "somebody’s initials"),
    ],
)
def test_what_could_identify_a_child_is_found(text, what):
    assert identifying(text)[1] == what


@pytest.mark.parametrize(
    "text",
    [
        "Young people aged 14 to 25 wait longer than children aged 5 or younger.",
        "Waits fell from 943 to 476 in 2019, and 9434765918 is no number of anybody.",
        "31 of 38 schools have the hub; the case for more is made.",
        "The case is strong. Children in each borough wait.",
        "SEND, CAMHS and the CCG; e.g. therapies, i.e. speech.",
        "By 30 March 2020 at 10:00 in room W10.",
    ],
)
def test_ordinary_words_are_left_alone(text):
    assert identifying(text) is None
