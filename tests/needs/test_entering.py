"""Figures that are entered, one or many: read as they are written, shown before they go in, wholly or not at all."""

import datetime as dt
import io
from decimal import Decimal

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from jcb import dates
from jcb.models import Area
from needs.entering import operations
from needs.entering.reading import check_period, read_day, read_figure, read_period
from needs.entering.sheets import MOST_ROWS
from needs.entering.table import check, rows_of
from needs.models import Definition, Observation, Source
from tests.make import make_area, make_claim, make_definition, make_indicator, make_source, make_yearly

Unit = Definition.Unit
TABLE = "/needs/figures/table/"


@pytest.fixture
def autumn():
    with dates.held_at(dt.datetime(2020, 9, 10, 9, tzinfo=dt.UTC)):
        yield


def refusal_of(does) -> str:
    with pytest.raises(ValidationError) as caught:
        does()
    return " ".join(caught.value.messages)


# Reading --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "unit", "value", "low", "high", "qualifier"),
    [
        ("617", Unit.PEOPLE, 617, None, None, "exact"),
        ("3,641", Unit.PEOPLE, 3641, None, None, "exact"),
        ("617 children", Unit.PEOPLE, 617, None, None, "exact"),
        ("12.7%", Unit.PERCENT, Decimal("12.7"), None, None, "exact"),
        ("12.7 per cent", Unit.PERCENT, Decimal("12.7"), None, None, "exact"),
        ("12.7", Unit.PERCENT, Decimal("12.7"), None, None, "exact"),
        ("£1,200.50", Unit.POUNDS, Decimal("1200.50"), None, None, "exact"),
        ("about 300", Unit.PEOPLE, 300, None, None, "about"),
        ("approx. 15.7%", Unit.PERCENT, Decimal("15.7"), None, None, "about"),
        ("over 52 weeks", Unit.WEEKS, None, 52, None, "over"),
        ("38 to 41 weeks", Unit.WEEKS, None, 38, 41, "exact"),
        ("between 38 and 41", Unit.WEEKS, None, 38, 41, "exact"),
        ("38–41", Unit.WEEKS, None, 38, 41, "exact"),
        ("−3.5", Unit.POINTS, Decimal("-3.5"), None, None, "exact"),
        ("over a year", Unit.WEEKS, None, None, None, "in words"),
        ("fewer than 10", Unit.PEOPLE, None, None, 9, "in words"),
        ("<5", Unit.PEOPLE, None, None, 4, "in words"),
        ("up to 10", Unit.PEOPLE, None, None, 10, "in words"),
        ("two children", Unit.PEOPLE, 2, None, None, "exact"),
        ("twelve", Unit.PEOPLE, 12, None, None, "exact"),
        ("12+", Unit.PEOPLE, None, 12, None, "over"),
        ("~12", Unit.PEOPLE, 12, None, None, "about"),
        ("１２", Unit.PEOPLE, 12, None, None, "exact"),
    ],
)
def test_a_figure_is_read_as_it_is_written(text, unit, value, low, high, qualifier):
    figure = read_figure(text, unit)
    assert (figure.as_printed, figure.value, figure.low, figure.high, figure.qualifier) == (
        text,
        value,
        low,
        high,
        qualifier,
    )


@pytest.mark.parametrize(
    ("text", "unit", "says"),
    [
        ("120%", Unit.PERCENT, "a share lies between 0% and 100%"),
        ("-3", Unit.PEOPLE, "cannot be"),
        ("12.5", Unit.PEOPLE, "no whole number of people"),
        ("12%", Unit.WEEKS, "is in %, and this is counted in weeks"),
        ("12 weeks", Unit.PERCENT, "is in weeks, and this is counted in %"),
        ("£5", Unit.PEOPLE, "counted in people"),
        ("12 bananas", Unit.PEOPLE, "is not a unit"),
        ("41 to 38", Unit.WEEKS, "runs backwards"),
        ("1e9", Unit.PEOPLE, "not a figure that can be read"),
        ("12..5", Unit.WEEKS, "not a figure that can be read"),
        ("1,2,3", Unit.PEOPLE, "not a figure that can be read"),
        ("9" * 40, Unit.PEOPLE, "cannot be"),
        ("2000", Unit.WEEKS, "between 0 and 1,040 weeks"),
        ("1.23456", Unit.PERCENT, "more than 4 decimals"),
        ("", Unit.PEOPLE, "no figure here"),
        ("n/a", Unit.PEOPLE, "no figure here"),
        ("*", Unit.PEOPLE, "no figure here"),
        ("=1+1", Unit.PEOPLE, "formula"),
        ("NaN", Unit.PEOPLE, "no figure here"),
        ("½", Unit.PEOPLE, "not a figure that can be read"),
        ("↑", Unit.PEOPLE, "no figure here"),
    ],
)
def test_a_figure_that_cannot_be_is_refused_with_what_to_do(text, unit, says):
    assert says in refusal_of(lambda: read_figure(text, unit))


@given(st.text(max_size=60), st.sampled_from(list(Unit)))
def test_whatever_is_typed_is_read_or_refused(text, unit):
    try:
        said = read_figure(text, unit).as_printed
    except ValidationError as refusal:
        said = refusal.messages[0]
    assert said


@given(st.text(max_size=60))
def test_whatever_period_is_typed_is_read_or_refused(text):
    try:
        said = [isinstance(day, dt.date) for day in read_period(text)]
    except ValidationError as refusal:
        said = refusal.messages
    assert all(said)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2019", (2019, 1, 1), (2019, 12, 31)),
        ("September 2019", (2019, 9, 1), (2019, 9, 30)),
        ("Sept 2019", (2019, 9, 1), (2019, 9, 30)),
        ("April 2018 to March 2019", (2018, 4, 1), (2019, 3, 31)),
        ("1 April 2018 – 31 March 2019", (2018, 4, 1), (2019, 3, 31)),
        ("24/01/2019", (2019, 1, 24), (2019, 1, 24)),
        ("2018-04-01 to 2019-03-31", (2018, 4, 1), (2019, 3, 31)),
        ("April 2018–March 2019", (2018, 4, 1), (2019, 3, 31)),
        ("Sep-19", (2019, 9, 1), (2019, 9, 30)),
        ("\u200fSeptember\u00a02019", (2019, 9, 1), (2019, 9, 30)),
    ],
)
def test_a_period_is_read_as_people_say_it(text, start, end):
    assert read_period(text) == (dt.date(*start), dt.date(*end))


@pytest.mark.parametrize("text", ["2018/19", "2018-19", "2018/2019"])
def test_a_split_year_is_asked_about(text):
    assert "school year or a financial year" in refusal_of(lambda: read_period(text))


@pytest.mark.parametrize("text", ["31 February 2019", "2019-13-01", "0/1/2019", "soon", "Q1 2019", "12 March 19"])
def test_what_is_no_day_is_refused(text):
    assert text in refusal_of(lambda: read_day(text))


@pytest.mark.parametrize(
    ("start", "end", "projected", "says"),
    [
        ((2019, 2, 1), (2019, 1, 1), False, "before it starts"),
        ((1066, 1, 1), (1066, 12, 31), False, "too long ago"),
        ((2021, 1, 1), (2021, 12, 31), False, "has not come"),
        ((2091, 1, 1), (2091, 12, 31), True, "more than 30 years ahead"),
        ((1995, 1, 1), (2019, 12, 31), False, "24 years long"),
    ],
)
def test_a_period_out_of_range_is_refused(autumn, start, end, projected, says):
    assert says in refusal_of(lambda: check_period(dt.date(*start), dt.date(*end), projected=projected))


def test_a_projection_may_lie_ahead(autumn):
    check_period(dt.date(2025, 1, 1), dt.date(2025, 12, 31), projected=True)


# A table --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def world(db, autumn):
    """An indicator of two definitions, one borough and one source."""
    indicator = make_indicator(key="waits", name="Weeks of waiting")
    make_definition(indicator=indicator, unit="weeks")
    make_area(key="ours", name="Our borough")
    make_source(key="census", title="School census")
    return indicator


GOOD = "Indicator,Area,Period,As published,Source\nWeeks of waiting,Our borough,2018,17,School census\nWeeks of waiting,our borough,2019,21 weeks,School census\n"


def problems(text: str, **given) -> str:
    try:
        found = check(text, **given)
    except ValidationError as refusal:
        return " ".join(refusal.messages)
    return " ".join(f"Row {row}: {words}" for row, words in found.problems)


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_table_is_read_with_its_columns_parted_as_they_are(world, mark):
    found = check(GOOD.replace(",", mark))
    assert not found.problems
    assert [(line.figure.value, line.period, line.state) for line in found.lines] == [
        (17, "2018", "new"),
        (21, "2019", "new"),
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no table here"),
        ("Area,Period\nOur borough,2018", "Missing: Indicator; As published; Source"),
        (GOOD.replace("Period", "When"), "Not known as columns: When"),
        (GOOD.replace("Source\n", "Area\n"), "There twice: Area"),
        (GOOD.replace("Our borough", "Atlantis"), "Row 2: No area is called “Atlantis”"),
        (GOOD.replace(",17,", ",17%,"), "Row 2: “17%” is in %, and this is counted in weeks"),
        (GOOD.replace(",2018,", ",2021,"), "Row 2: This period ends on 31 December 2021, which has not come"),
        (GOOD.replace(",2018,", ",1918,"), "Row 2: 1 January 1918 is too long ago"),
        (GOOD.replace(",2019,", ",2018,"), "Row 3: This is the same area, group and period as row 2"),
        (GOOD.replace(",17,", ",=9+8,"), "Row 2: It holds a formula"),
        (GOOD.replace("Weeks of waiting,our", "Nothing,our"), "Row 3: No indicator is called “Nothing”"),
        (GOOD.replace("17,School census", "17,"), "Row 2: Say where the figure comes from"),
        (GOOD.replace("17,School census", "17,School census,more"), "Row 2: It has more cells than there are columns"),
        (GOOD.replace("census\n", 'census\n"', 1), "cannot be read"),
        ("Indicator,Area,Period,As published,Source\n", "no rows below"),
        (GOOD + "\0", "no text"),
    ],
)
def test_a_table_that_is_wrong_says_the_row_and_the_remedy(world, text, says):
    assert says in problems(text)


def test_every_problem_of_a_row_is_said_at_once(world):
    found = problems(GOOD.replace("Our borough,2018,17,", "Atlantis,soon,lots 4,"))
    assert "Atlantis" in found
    assert "soon" in found


def test_mixed_units_are_refused_by_the_column_too(world):
    text = "Area,Period,As published,Unit,Source\nOur borough,2018,17,%,School census\n"
    assert "counted in weeks" in problems(text, indicator=world)


def test_a_row_takes_the_definition_of_its_period(world):
    make_definition(indicator=world, number=2, unit="weeks", from_period=dt.date(2019, 1, 1))
    assert [line.definition.number for line in check(GOOD).lines] == [1, 2]


def test_a_table_of_too_many_rows_is_refused(world):
    row = "Weeks of waiting,Our borough,2018,17,School census\n"
    assert f"at most {MOST_ROWS:,} rows" in refusal_of(lambda: rows_of(GOOD + row * 100_000))


def test_queries_do_not_grow_with_the_rows(world, django_assert_max_num_queries):
    for year in range(1990, 2020):
        make_yearly(world.definitions.get(), make_area(name=f"Place {year}"), year, 5)
    long = GOOD + "".join(f"Weeks of waiting,Place {y},{y},6,School census\n" for y in range(1990, 2020))
    for text in (GOOD, long):
        with django_assert_max_num_queries(9):
            assert not check(text).problems


def test_a_new_source_is_made_once(world, cast):
    text = GOOD.replace("School census", "A survey")
    found = check(text)
    assert [source.title for source in found.new_sources] == ["A survey"]
    operations.enter_table(by=cast["secretariat"], text=text, digest=found.digest)
    assert Source.objects.filter(title="A survey").count() == 1
    assert {o.source.title for o in Observation.objects.all()} == {"A survey"}


# On the page ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def commissioner(cast, sign_in):
    return sign_in(cast["commissioner of the owning partner"])


def brought_in(client, text: str):
    """Check a table on the page, then press the button."""
    page = client.post(TABLE, {"table": text})
    assert page.status_code == 200
    return client.post(TABLE, {"table": text, "digest": page.context["form"].data["digest"]}, follow=True)


def test_a_table_is_shown_then_brought_in(world, commissioner):
    page = commissioner.post(TABLE, {"table": GOOD})
    assert "2 new, 0 that change, 0 that stand there already" in page.content.decode()
    assert not Observation.objects.exists()
    answer = brought_in(commissioner, GOOD)
    assert "2 figures entered, 0 changed, 0 as they were." in answer.content.decode()
    row = Observation.objects.get(period_end=dt.date(2019, 12, 31))
    assert (row.value, row.as_printed, row.source.title) == (21, "21 weeks", "School census")
    assert row.history.get().history_user.email
    again = brought_in(commissioner, GOOD.replace(",17,", ",18,"))
    assert "0 figures entered, 1 changed, 1 as they were." in again.content.decode()
    assert Observation.objects.count() == 2
    assert Observation.objects.get(value=18).history.count() == 2


def test_where_one_row_is_wrong_nothing_goes_in(world, commissioner):
    wrong = GOOD.replace("21 weeks", "21%")
    page = commissioner.post(TABLE, {"table": wrong})
    assert page.status_code == 422
    assert wrong.splitlines()[1] in page.content.decode()
    commissioner.post(TABLE, {"table": wrong, "digest": check(wrong).digest})
    assert not Observation.objects.exists()


def test_what_changed_since_it_was_shown_is_shown_again(world, commissioner):
    digest = check(GOOD).digest
    make_yearly(world.definitions.get(), make_area(key="x", name="X"), 2018, 3)
    row = make_yearly(world.definitions.get(), world_area(), 2018, 3)
    page = commissioner.post(TABLE, {"table": GOOD, "digest": digest})
    assert operations.CHANGED_SINCE in page.content.decode()
    row.refresh_from_db()
    assert row.value == 3


def world_area():
    return Area.objects.get(key="ours")


def test_the_file_of_an_indicator_comes_back_unchanged(world, commissioner):
    people = make_definition(indicator=make_indicator(key="few", name="Few"), unit="people")
    source = Source.objects.get()
    for year, value in ((2017, 3), (2018, 12), (2019, 40)):
        make_yearly(people, world_area(), year, value, source=source)
    text = commissioner.get("/needs/indicators/few/figures.csv").content.decode()
    assert "fewer than 5" in text
    found = check(text, indicator=people.indicator)
    assert (found.problems, found.new, found.changed, found.same) == ([], 0, 0, 3)
    page = commissioner.post(f"{TABLE}?indicator=few", {"table": text.replace(",12,12.0000", ",13,13")})
    assert "0 new, 1 that change, 2" in page.content.decode()
    put_right = text.replace("fewer than 5", "12")
    found = check(put_right, indicator=people.indicator)
    assert [(line.state, line.note) for line in found.lines if line.is_withheld] == [("changed", "")]


def test_what_is_withheld_is_not_found_out_by_trying(world, commissioner):
    people = make_definition(indicator=make_indicator(key="few", name="Few"), unit="people")
    make_yearly(people, world_area(), 2019, 3, source=Source.objects.get())
    for guess in (1, 2, 3, 4):
        table = f"Area,Period,As published,Source\nOur borough,2019,{guess},School census\n"
        page = commissioner.post(f"{TABLE}?indicator=few", {"table": table}).content.decode()
        assert "Replaces what is withheld" in page
        assert "0 new, 1 that change, 0" in page


def test_a_figure_that_stands_as_printed_keeps_its_numbers(world, commissioner):
    """Whatever the source printed, it is not read anew where only its note is changed."""
    row = make_yearly(
        world.definitions.get(), world_area(), 2019, None, as_printed="25.7s weeks", low=52, qualifier="over",
        source=Source.objects.get(),
    )  # fmt: skip
    sent = {"seen": 1, "figure": "25.7s weeks", "source": row.source_id, "note": "As it was printed."}
    assert commissioner.post(f"/needs/figures/{row.pk}/", sent).status_code == 302
    row.refresh_from_db()
    assert (row.low, row.qualifier, row.note) == (52, "over", "As it was printed.")
    text = commissioner.get("/needs/indicators/waits/figures.csv").content.decode()
    assert (check(text, indicator=world).same, check(text, indicator=world).problems) == (1, [])


def test_a_bound_takes_the_place_of_a_figure_that_is_told(world):
    people = make_definition(indicator=make_indicator(key="few", name="Few"), unit="people")
    make_yearly(people, world_area(), 2019, 47, source=Source.objects.get())
    table = "Area,Period,As published,Source\nOur borough,2019,fewer than 5,School census\n"
    assert check(table, indicator=people.indicator).changed == 1


@pytest.mark.parametrize("group", ["Total", "all children", "EVERYBODY", " All "])
def test_everybody_is_everybody_whatever_they_are_called(world, group):
    text = f"Area,Group,Period,As published,Source\nOur borough,{group},2019,21,School census\n"
    assert [line.breakdown for line in check(text, indicator=world).lines] == [""]


def test_a_group_is_the_same_in_capitals(world):
    make_yearly(world.definitions.get(), world_area(), 2019, 21, breakdown="under 5", source=Source.objects.get())
    text = "Area,Group,Period,As published,Source\nOur borough,Under 5,2019,22,School census\n"
    assert [(line.state, line.breakdown) for line in check(text, indicator=world).lines] == [("changed", "under 5")]


def test_a_small_number_is_not_told_where_it_would_be_changed(world, commissioner):
    people = make_definition(indicator=make_indicator(key="few", name="Few"), unit="people")
    row = make_yearly(people, world_area(), 2019, 3)
    table = "Area,Period,As published,Source\nOur borough,2019,4711,School census\n"
    page = commissioner.post(f"{TABLE}?indicator=few", {"table": table}).content.decode()
    assert "It was not shown" in page
    assert "It was 3" not in page
    form = commissioner.get(f"/needs/figures/{row.pk}/").content.decode()
    assert 'value="3"' not in form
    assert "It is withheld" in form
    sent = {"seen": 1, "figure": "", "source": Source.objects.get().pk, "note": "Counted anew."}
    assert commissioner.post(f"/needs/figures/{row.pk}/", sent).status_code == 302
    row.refresh_from_db()
    assert (row.value, row.note) == (3, "Counted anew.")


def test_one_figure_is_entered_corrected_and_removed(world, commissioner):
    definition = world.definitions.get()
    sent = {
        "definition": definition.pk,
        "area": world_area().pk,
        "period": "2019",
        "figure": "21%",
        "source": Source.objects.get().pk,
    }
    page = commissioner.post("/needs/indicators/waits/figures/add/", sent)
    assert page.status_code == 422
    assert "counted in weeks" in page.content.decode()
    assert 'value="21%"' in page.content.decode()
    sent["figure"] = "about 21"
    assert commissioner.post("/needs/indicators/waits/figures/add/", sent).status_code == 302
    row = Observation.objects.get()
    assert (row.value, row.qualifier) == (21, "about")
    twice = commissioner.post("/needs/indicators/waits/figures/add/", sent)
    assert "have a figure already" in twice.content.decode()
    assert "about 21" in commissioner.get("/needs/indicators/waits/figures/").content.decode()
    fixed = {"seen": row.version, "figure": "22", "source_title": "A survey", "source_seen": "12 March 2020"}
    assert commissioner.post(f"/needs/figures/{row.pk}/", fixed).status_code == 302
    row.refresh_from_db()
    assert (row.value, row.source.accessed_on) == (22, dt.date(2020, 3, 12))
    stale = commissioner.post(f"/needs/figures/{row.pk}/", fixed)
    assert "Somebody changed this" in stale.content.decode()
    claim = make_claim(observation=row)
    kept = commissioner.post(f"/needs/figures/{row.pk}/remove/", {"seen": row.version})
    assert "Correct it instead" in kept.content.decode()
    claim.delete()
    assert commissioner.post(f"/needs/figures/{row.pk}/remove/", {"seen": row.version}).status_code == 302
    assert not Observation.objects.exists()
    assert Observation.history.filter(key=row.key).count() == 3


# Spreadsheets ---------------------------------------------------------------------------------------------------------


def workbook(rows=None, change=lambda book, sheet: None) -> SimpleUploadedFile:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows or [line.split(",") for line in GOOD.splitlines()]:
        sheet.append(row)
    change(book, sheet)
    out = io.BytesIO()
    book.save(out)
    return SimpleUploadedFile("figures.xlsx", out.getvalue())


def test_a_spreadsheet_is_read_as_its_reader_sees_it(world, commissioner):
    make_definition(indicator=make_indicator(key="share", name="Share"), unit="percent")

    rows = [
        ["Indicator", "Area", "From", "To", "As published", "Source"],
        ["Weeks of waiting", "Our borough", dt.date(2018, 1, 1), dt.datetime(2018, 12, 31), 17.0, "School census"],
        [None, None, None, None, None, None],
        ["Share", "Our borough", dt.date(2018, 1, 1), dt.date(2018, 12, 31), 0.127, "School census"],
    ]

    def percent(book, sheet):
        sheet["E4"].number_format = "0.0%"

    page = commissioner.post(TABLE, {"file": workbook(rows, percent)})
    assert page.status_code == 200, page.context["form"].errors
    lines = page.context["checked"].lines
    assert [(line.row, line.figure.as_printed) for line in lines] == [(2, "17"), (4, "12.7%")]


def test_a_month_that_a_spreadsheet_made_a_date_of_is_a_month_again(world, commissioner):
    rows = [
        list(GOOD.splitlines()[0].split(",")),
        ["Weeks of waiting", "Our borough", dt.date(2019, 9, 1), 17, "School census"],
    ]

    def as_month(book, sheet):
        sheet["C2"].number_format = "mmm\\-yy"

    page = commissioner.post(TABLE, {"file": workbook(rows, as_month)})
    assert [line.period for line in page.context["checked"].lines] == ["September 2019"]


def hide_sheet(book, sheet):
    book.create_sheet("Secret").sheet_state = "hidden"


def second_sheet(book, sheet):
    book.create_sheet("More")["A1"] = "something"


def hide_row(book, sheet):
    sheet.row_dimensions[3].hidden = True


def hide_column(book, sheet):
    sheet.column_dimensions["D"].hidden = True


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda book, sheet: sheet.__setitem__("D3", "=1+1"), "Row 3: cell D3 holds a formula"),
        (lambda book, sheet: sheet.merge_cells("A2:A3"), "Row 2: the cells A2:A3 are merged"),
        (hide_sheet, "The sheet “Secret” is hidden"),
        (second_sheet, "There are 2 sheets with something in them"),
        (hide_row, "Row 3: it is hidden"),
        (hide_column, "column D is hidden"),
        (lambda book, sheet: sheet.__setitem__("AZ2", "x"), "cell AZ2 is far to the right"),
        (lambda book, sheet: sheet.__setitem__("A9000", "x"), "Row 9000: it is far below the table"),
    ],
)
def test_what_a_reader_of_the_sheet_would_not_see_is_refused(world, commissioner, change, says):
    page = commissioner.post(TABLE, {"file": workbook(change=change)})
    assert page.status_code == 422
    assert says in " ".join(page.context["form"].errors["file"])
    assert not Observation.objects.exists()


def test_a_hundred_thousand_rows_are_refused_before_they_are_read(world, commissioner):
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["Indicator", "Area", "Period", "As published", "Source"])
    for _ in range(100_000):
        sheet.append(["Weeks of waiting", "Our borough", "2018", 17, "School census"])
    out = io.BytesIO()
    book.save(out)
    page = commissioner.post(TABLE, {"file": SimpleUploadedFile("long.xlsx", out.getvalue())})
    assert page.status_code == 422
    assert f"at most {MOST_ROWS:,} rows" in " ".join(page.context["form"].errors["file"])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600),
        ("a.pdf", b"%PDF-1.7 something"),
        ("a.xlsx", b"PK\x03\x04 not a workbook"),
        ("a.csv", b"\0\1\2\3" * 100),
        ("empty.csv", b""),
    ],
)
def test_what_is_no_table_is_refused_in_words(world, commissioner, name, content):
    page = commissioner.post(TABLE, {"file": SimpleUploadedFile(name, content)})
    assert page.status_code == 422
    assert page.context["form"].errors["file"]


def test_a_file_of_an_old_windows_machine_is_read(world, commissioner):
    text = GOOD.replace("School census", "Café survey").encode("cp1252")
    page = commissioner.post(TABLE, {"file": SimpleUploadedFile("figures.csv", text)})
    assert page.status_code == 200
    assert "Café survey" in page.content.decode()


def test_others_may_not(world, cast, sign_in):
    client = sign_in(cast["observer"])
    assert client.get(TABLE).status_code == 403
    assert client.post(TABLE, {"table": GOOD, "digest": check(GOOD).digest}).status_code == 403
    assert not Observation.objects.exists()
    assert "figures/add" not in client.get("/needs/indicators/waits/").content.decode()
