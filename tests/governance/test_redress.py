"""Redress for families: by reference only, five weeks for the written reply, counts that give nobody away."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from governance.models import RedressCase, RedressRule
from governance.redress import operations, pages
from governance.redress.reminders import remind
from jcb import dates
from tests.make import make_person, make_redress_case
from tests.pdftext import text_of
from tests.verapdf import judge

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2020, 9, 10, 12, tzinfo=dates.LONDON)
GIVEN = {"reference": "EH999/20/00012", "kind": "tribunal", "opened_on": dt.date(2020, 3, 2)}


@pytest.fixture(autouse=True)
def clock():
    with dates.held_at(NOON):
        yield


@pytest.fixture
def clerk():
    return make_person(role="secretariat")


@pytest.fixture
def five_weeks():
    return RedressRule.objects.create(
        key="five-week-reply",
        order=1,
        title="Written reply",
        text="A letter.",
        period_weeks=5,
        copied_to="The Tribunal and the evaluator",
        starts_on=dt.date(2018, 4, 3),
    )


def refused(call, **given) -> str:
    with pytest.raises(ValidationError) as refusal:
        call(**given)
    return " ".join(refusal.value.messages)


@pytest.mark.parametrize(
    ("decided", "due"),
    [
        (dt.date(2020, 8, 6), dt.date(2020, 9, 10)),  # the day of the decision is day 0, day 35 the last
        (dt.date(2020, 2, 29), dt.date(2020, 4, 4)),  # a Saturday: weekends do not stretch it
        (dt.date(2019, 12, 20), dt.date(2020, 1, 24)),
        (dt.date(2018, 4, 2), None),  # before the trial began
    ],
)
def test_the_written_reply_is_due_five_weeks_after_the_decision(five_weeks, decided, due):
    assert operations.reply_due(decided) == due


def test_a_recommendation_that_is_not_followed_gets_a_deadline_a_letter_and_copies(five_weeks, clerk, sign_in):
    row = operations.open_case(by=clerk, **GIVEN)
    row = operations.decide(by=clerk, case=row, seen=1, decided_on=dt.date(2020, 8, 6), accepted="no")
    assert row.reply_due_on == dt.date(2020, 9, 10)
    assert pages.line(row).is_late is False
    content = sign_in(clerk).get(f"/redress/{row.pk}/letter.pdf").content
    assert judge(content) == []
    assert "10 September 2020" in " ".join(text_of(content))
    with dates.held_at(NOON + dt.timedelta(days=1)):
        assert pages.line(row).reply == "Written reply due by 10 September 2020; 1 day late"
        row = operations.reply(
            by=clerk, case=row, seen=2, replied_on=dt.date(2020, 9, 11), copied_to_tribunal_on=dt.date(2020, 9, 11)
        )
        said = pages.line(row)
        assert said.is_late
        assert said.reply == (
            "Written reply due by 10 September 2020; sent on 11 September 2020, late. Copies: Tribunal 11 September 2020"
        )


def test_a_recommendation_that_is_followed_needs_no_reply(five_weeks, clerk):
    row = operations.open_case(by=clerk, **GIVEN)
    assert (
        operations.decide(by=clerk, case=row, seen=1, decided_on=dt.date(2020, 8, 6), accepted="yes").reply_due_on
        is None
    )


@pytest.mark.parametrize("reference", ["Smith 2019", "john", "J.S.", "12/03/2009", "ABC", "943 476 5919"])
def test_a_reference_that_could_be_a_name_or_a_date_of_birth_is_stopped(clerk, reference):
    assert refused(operations.open_case, by=clerk, **{**GIVEN, "reference": reference})
    assert RedressCase.objects.count() == 0


@pytest.mark.parametrize(
    ("lesson", "why"),
    [
        ("Anna Example waited too long.", "looks like somebody’s name"),
        ("Mrs Example was not told.", "looks like somebody’s name"),
        ("Born on 3 May 2011, and still waiting.", "a date of birth"),
        ("Asked for on 3 May 2011.", "could be a date of birth"),
        ("Child B waited.", "looks like one child"),
    ],
)
def test_a_lesson_that_names_a_child_is_stopped_with_an_explanation(clerk, lesson, why):
    row = operations.open_case(by=clerk, **GIVEN)
    give = {"by": clerk, "case": row, "seen": 1, "closed_on": NOON.date()}
    assert why in refused(operations.close, **give, lesson=lesson)
    ordinary = (
        "Ask sooner. Speech and language therapy was late in March 2020; the Local Offer and the SEND Tribunal say so."
    )
    assert operations.close(**give, lesson=ordinary).lesson == ordinary


def test_counts_by_quarter_give_no_small_number_away(clerk, sign_in):
    for number in range(6):
        make_redress_case(reference=f"A{number}", kind="mediation", opened_on=dt.date(2020, 5, 1 + number))
    make_redress_case(reference="T1", kind="tribunal", opened_on=dt.date(2020, 6, 30))
    kinds, quarters = pages.quarters()
    assert kinds == ["Disagreement resolution", "Mediation", "Tribunal recommendation"]
    assert [(row.name, [count for _, count in row.counts]) for row in quarters] == [
        ("April to June 2020", ["0", "6", "fewer than 5"])
    ]
    page = sign_in(make_person(role="observer")).get("/redress/").content.decode()
    assert "fewer than 5" in page
    assert "T1" not in page


def test_the_secretariat_is_reminded_of_a_reply_once_for_each_stage(five_weeks, clerk):
    row = operations.open_case(by=clerk, **GIVEN)
    operations.decide(by=clerk, case=row, seen=1, decided_on=dt.date(2020, 8, 6), accepted="in part")
    told = remind()
    assert [(each.person, each.subject) for each in told] == [
        (clerk, "Redress: today a written reply to a family is due")
    ]
    assert remind() == []
    with dates.held_at(NOON + dt.timedelta(days=1)):
        assert [each.subject for each in remind()] == ["Redress: it has run out: a written reply to a family is due"]
