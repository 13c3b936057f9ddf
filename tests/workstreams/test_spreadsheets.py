"""A list opened in a spreadsheet runs nothing, and its figures are still figures."""

import csv
import datetime as dt
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jcb.spreadsheets import csv_text, safe_cell


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        " =1+1",
        '=HYPERLINK("https://example.org","x")',
        "=cmd|' /C calc'!A0",
        "+44 20 7361 3000",
    ],
)
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe_and_loses_nothing(text):
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize("value", [-5, 0, 3.5, 12, None, dt.date(2020, 3, 12), True])
def test_numbers_and_dates_stay_what_they_are(value):
    assert safe_cell(value) is value


@pytest.mark.parametrize("text", ["", " ", "On track", "3.2", "a=b", "1-2", "Children’s Services", "–5"])
def test_ordinary_text_stays_as_it_is(text):
    assert safe_cell(text) == text


def test_a_negative_figure_survives_the_way_into_the_file():
    assert csv_text(["Change"], [[-5]]).splitlines()[1] == "-5"


def test_the_file_says_that_it_is_unicode():
    assert csv_text(["Naïve"], []).encode().startswith(b"\xef\xbb\xbf")


@given(
    st.lists(
        st.lists(
            st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0")), min_size=2, max_size=2
        ),
        max_size=4,
    )
)
def test_whatever_is_typed_no_cell_starts_a_formula_and_no_word_is_lost(rows):
    text = csv_text(["A", "B"], rows).removeprefix("\ufeff")
    read = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert len(read) == len(rows)
    for typed, cells in zip(rows, read, strict=True):
        for before, after in zip(typed, cells, strict=True):
            assert after.removeprefix("'") == before.removeprefix("'") or after == before
            assert not after.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n")) or not after.strip()
