"""What is past its period is listed and decided on, and nothing goes by itself."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command

from governance.models import Appraisal, CalendarFeed, Circulation, Meeting
from governance.retention import appraisal
from governance.retention.periods import BY_KIND, PERIODS
from jcb import dates
from jcb.models import Notice
from tests import make

pytestmark = pytest.mark.django_db
MEETINGS = BY_KIND["meetings"]


def at(year: int, month: int, day: int) -> dt.datetime:
    return dt.datetime(year, month, day, 10, tzinfo=dates.LONDON)


@pytest.fixture
def old() -> list[Meeting]:
    """Two meetings past their twenty years, and one that is not."""
    terms = make.make_terms()
    return [make.make_meeting(terms=terms, starts_at=at(year, 3, 12)) for year in (1998, 1999, 2001)]


def of(kind: str, on: dt.date | None = None, reader=None) -> appraisal.Due | None:
    return next((each for each in appraisal.due(on or dates.today(), reader) if each.period.kind == kind), None)


def decided(by, **given) -> Appraisal:
    about = {
        "period": MEETINGS,
        "first_on": dt.date(1998, 3, 12),
        "last_on": dt.date(1999, 3, 12),
        "decision": "dispose",
        "because": "The Board agreed on 7 September 2020.",
    }
    return appraisal.decide(by=by, **{**about, **given})


def test_what_is_past_its_period_is_counted_and_named_to_who_may_see_it(old, secretariat):
    found = of("meetings", reader=secretariat)
    assert (found.waiting, found.first, found.last, found.to_go) == (2, dt.date(1998, 3, 12), dt.date(1999, 3, 12), 0)
    assert [address for _, address, _ in found.records] == [f"/meetings/{meeting.key}/" for meeting in old[:2]]
    assert of("meetings").records == ()


def test_the_day_counts_on_which_the_years_are_full(old):
    assert of("meetings", dt.date(2018, 3, 11)) is None
    assert of("meetings", dt.date(2018, 3, 12)).waiting == 1


def test_every_kind_finds_its_own_records():
    """One of each, begun long ago; each kind has a row that it lists and a day from which it counts."""
    long_ago, instant = dt.date(1990, 5, 1), at(1990, 5, 1)
    person = make.make_person()
    make.make_notice(person=person, sent_at=instant)
    make.make_meeting(starts_at=instant)
    make.make_registered_interest(held_from=long_ago, held_until=long_ago)
    make.make_plan(edition_month=dt.date(1988, 11, 1))
    make.make_observation(period_start=long_ago, period_end=long_ago)
    make.make_agreement(starts_on=long_ago, ends_on=long_ago, status="ended")
    make.make_dispute(raised_on=long_ago, ended_on=long_ago, state="withdrawn")
    make.make_redress_case(opened_on=long_ago, closed_on=long_ago)
    make.make_moderation(public=False, at=instant)
    make.make_risk(state="closed")
    make.make_minute_comment(minute=make.make_minute(minutes=make.make_minutes(state="agreed")))
    CalendarFeed.objects.create(person=person, secret_sha256="0" * 64, revoked_at=instant)
    Circulation.objects.create(pack=make.make_pack(), person=person, address=person.email, sent_at=instant)
    assert [each.period for each in appraisal.due(dt.date(2045, 1, 1))] == list(PERIODS)
    assert all(each.waiting for each in appraisal.due(dt.date(2045, 1, 1)))


def test_a_decision_is_kept_and_takes_its_records_off_the_list(old, secretariat):
    row = decided(secretariat)
    assert (row.by, row.because) == (secretariat, "The Board agreed on 7 September 2020.")
    found = of("meetings")
    assert (found.waiting, found.to_go) == (0, 2)
    # The latest decision on a day counts: one of the two is kept after all, until it is looked at again.
    decided(secretariat, last_on=dt.date(1998, 3, 12), decision="keep", keep_until=dt.date(2025, 1, 1))
    assert (of("meetings").waiting, of("meetings").to_go) == (0, 1)
    again = of("meetings", dt.date(2025, 1, 2))
    assert (again.waiting, again.first) == (2, dt.date(1998, 3, 12))
    assert Meeting.objects.count() == 3


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"because": " "}, "Say why"),
        ({"last_on": dt.date(2001, 3, 12)}, "Choose 10 September 2000 or an earlier day"),
        ({"first_on": dt.date(1999, 12, 1)}, "The last day cannot be before the first"),
        ({"decision": "keep"}, "Give the day until which they are kept"),
        ({"decision": "keep", "keep_until": dt.date(2020, 9, 10)}, "Choose a day to come"),
    ],
)
def test_a_decision_that_cannot_be_is_refused(old, secretariat, given, sentence):
    with pytest.raises(ValidationError) as refusal:
        decided(secretariat, **given)
    assert sentence in " ".join(refusal.value.messages)
    assert not Appraisal.objects.exists()


def test_only_the_secretariat_decides(old, administrator, council_member):
    for person in (administrator, council_member):
        with pytest.raises(PermissionDenied):
            decided(person)
        assert not Appraisal.objects.visible_to(person).exists()


def test_the_page_shows_what_waits_and_records_the_decision(old, secretariat, sign_in):
    make.make_notice(sent_at=at(2017, 1, 5), text="Words of an old e-mail")
    browser = sign_in(secretariat)
    page = browser.get("/appraisal/").content.decode()
    assert "12 March 1998 to 12 March 1999" in page
    assert "E-mails that were sent" in page
    assert "Words of an old e-mail" not in page
    sent = {"first_on": "2017-01-01", "last_on": "2017-12-31", "decision": "dispose", "because": "As the Board said."}
    assert browser.post("/appraisal/notices/", sent).status_code == 302
    page = browser.get("/appraisal/").content.decode()
    assert "1 to be disposed of, as was decided" in page
    assert "As the Board said." in page
    assert Notice.objects.count() == 1
    assert browser.get("/appraisal/nothing/").status_code == 404


def test_the_command_lists_as_at_a_day_and_deletes_nothing(old, capsys):
    before = Meeting.objects.count(), Notice.objects.count()
    call_command("appraisal_list")
    said = capsys.readouterr().out
    assert "Meetings, with their papers and packs: 2 past 20 years (held 12 March 1998 to 12 March 1999)" in said
    call_command("appraisal_list", on=dt.date(2010, 1, 1))
    assert "Nothing is past its period on 1 January 2010." in capsys.readouterr().out
    assert (Meeting.objects.count(), Notice.objects.count()) == before
