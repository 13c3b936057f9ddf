"""The golden thread: from a need to what answers it and back, and where it is broken."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.models import ItemDeliverable
from governance.thread.gaps import gaps, headline
from needs.models import Response
from tests.make import (
    make_agenda_item,
    make_decision,
    make_definition,
    make_deliverable,
    make_finding,
    make_indicator,
    make_measure,
    make_observation,
    make_person,
    make_plan,
    make_statement,
    make_theme,
    make_thread,
    make_update,
    make_workstream,
)
from workstreams.models import Status

pytestmark = pytest.mark.django_db
DAY = dt.date(2020, 9, 10)


@pytest.fixture
def client(cast, sign_in):
    return sign_in(cast["board member, council side"])


@pytest.fixture
def stream():
    return make_workstream(plan=make_plan(slug="ours"), number=5, name="Autism, all ages", short_name="Autism")


def words(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def missing(stream, key: str) -> list[str]:
    return [item.words for gap in gaps([stream.plan], DAY) if gap.key == key for item in gap.items]


def test_a_statement_leads_to_its_deliverable_and_back(client, stream):
    said = make_statement(text="We wait too long.")
    deliverable = make_deliverable(workstream=stream, number=4, short_title="Faster pathways")
    make_thread(finding=None, statement=said, workstream=None, deliverable=deliverable, why="It shortens the wait.")
    page = words(client.get("/needs/said/"))
    assert "We wait too long." in page
    assert 'href="/plans/ours/5/4/"' in page
    assert "It shortens the wait." in page
    assert "No deliverable answers this" not in page
    assert f'href="/needs/said/#s{said.number}"' in words(client.get("/needs/thread/ours/5/"))


def test_a_need_that_only_a_workstream_answers_is_a_gap_on_its_page_and_in_the_list(client, stream):
    make_thread(finding=None, statement=make_statement(text="Tell us more."), workstream=stream, deliverable=None)
    assert "No deliverable answers this" in words(client.get("/needs/said/"))
    assert missing(stream, "needs") == ["Tell us more."]


def test_the_thread_of_a_workstream_shows_needs_statuses_words_decisions_and_figures(client, stream):
    deliverable = make_deliverable(workstream=stream, number=4, short_title="Faster pathways")
    make_update(deliverable=deliverable, status=Status.OFF_TRACK, narrative="Clinic space is not agreed.")
    make_thread(finding=make_finding(text="Waits are hard."), statement=None, workstream=None, deliverable=deliverable)
    indicator = make_indicator(key="waits", name="Weeks of waiting")
    make_measure(indicator=indicator, workstream=None, deliverable=deliverable)
    make_observation(definition=make_definition(indicator=indicator, unit="weeks"), value=28, as_printed="28 weeks")
    make_deliverable(workstream=stream, number=6, short_title="Nobody asked for it")
    page = words(client.get("/needs/thread/ours/5/"))
    for expected in (
        "Waits are hard.",
        "Off track",
        "Clinic space is not agreed.",
        "28 weeks",
        'href="/needs/indicators/waits/"',
        "No indicator: 5.6",
        "No need explains 5.6",
        "<svg",
    ):
        assert expected in page


def test_a_finding_is_shown_with_its_theme(client):
    make_finding(text="Waits are hard.")
    assert "Waits are hard." in words(client.get("/needs/findings/"))


def test_a_workstream_known_by_name_only_has_a_page(client, stream):
    assert "Known by name only" in words(client.get("/needs/thread/ours/5/"))
    assert client.get("/needs/thread/ours/99999999999/").status_code == 404


def test_gaps_are_found_and_close(stream):
    deliverable = make_deliverable(workstream=stream, number=1, short_title="One", lead=None)
    assert missing(stream, "unexplained") == missing(stream, "owners") == missing(stream, "unmeasured") == ["5.1 One"]
    make_thread(finding=make_finding(), statement=None, workstream=None, deliverable=deliverable)
    make_measure(indicator=make_indicator(), workstream=None, deliverable=deliverable)
    deliverable.lead = make_person()
    deliverable.save()
    assert missing(stream, "unexplained") == missing(stream, "owners") == missing(stream, "unmeasured") == []


def test_a_theme_not_yet_considered_is_a_gap(stream):
    make_theme(plan=stream.plan, short_name="Co-production")
    assert missing(stream, "themes") == ["5. Autism with Co-production"]


def test_a_statement_without_a_reply_is_a_gap_until_it_has_one(stream):
    said = make_statement(text="Tell us more.")
    assert missing(stream, "replies") == ["Tell us more."]
    Response.objects.create(statement=said, number=1, kind="we did", text="We did.", by=make_person())
    assert missing(stream, "replies") == []


def test_an_indicator_without_a_figure_of_the_last_year_is_a_gap(stream):
    definition = make_definition(indicator=make_indicator(name="Waits"))
    assert missing(stream, "old") == ["Waits"]
    old = {"period_start": dt.date(2019, 8, 1), "period_end": dt.date(2019, 8, 31)}
    make_observation(definition=definition, **old)
    make_observation(definition=definition, period_start=DAY, period_end=dt.date(2025, 1, 1), is_projection=True)
    assert missing(stream, "old") == ["Waits"]
    make_observation(definition=definition, period_start=dt.date(2019, 9, 1), period_end=dt.date(2019, 9, 30))
    assert missing(stream, "old") == []


def test_without_a_gap_the_page_says_so():
    assert headline(gaps([], DAY)) == "The thread has no gap."


def test_a_restricted_items_decision_is_not_on_the_thread_of_who_may_not_see_it(stream, observer, secretariat, sign_in):
    deliverable = make_deliverable(workstream=stream, number=4)
    item = make_agenda_item(restricted=True)
    ItemDeliverable.objects.create(item=item, deliverable=deliverable)
    make_decision(meeting=item.meeting, item=item, text="Zanzibar is agreed.")
    assert "Zanzibar" not in words(sign_in(observer).get("/needs/thread/ours/5/"))
    assert "Zanzibar is agreed." in words(sign_in(secretariat).get("/needs/thread/ours/5/"))


def test_many_needs_deliverables_and_figures_take_no_more_queries(client, stream):
    addresses = ("/needs/said/", "/needs/findings/", "/needs/gaps/", "/needs/thread/ours/5/")

    def add(number: int) -> None:
        deliverable = make_deliverable(workstream=stream, number=number)
        make_update(deliverable=deliverable)
        make_thread(finding=make_finding(), statement=None, workstream=None, deliverable=deliverable)
        make_thread(finding=None, statement=make_statement(), workstream=None, deliverable=deliverable)
        indicator = make_indicator()
        make_measure(indicator=indicator, workstream=None, deliverable=deliverable)
        make_observation(definition=make_definition(indicator=indicator))

    def asked(address: str) -> int:
        with CaptureQueriesContext(connection) as found:
            words(client.get(address))
        return len(found)

    add(1)
    few = {address: asked(address) for address in addresses}
    for number in range(2, 10):
        add(number)
    assert {address: asked(address) for address in addresses} == few
