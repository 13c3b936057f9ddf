"""What the programme's pages show: plans, workstreams, themes, deliverables and the list of them."""

import csv
import datetime as dt
import io

import pytest
from django.urls import reverse

from jcb import dates
from jcb.models import Person
from tests.make import (
    make_achievement,
    make_alias,
    make_consideration,
    make_definition,
    make_deliverable,
    make_finding,
    make_indicator,
    make_jsna_theme,
    make_lead,
    make_lineage,
    make_measure,
    make_milestone,
    make_observation,
    make_partner,
    make_person,
    make_plan,
    make_section,
    make_statement,
    make_status_definitions,
    make_theme,
    make_thread,
    make_update,
    make_workstream,
)
from tests.reading import between, queries_of, rows, words
from workstreams.models import Deliverable, Lineage, Plan, Status
from workstreams.pages import address

pytestmark = pytest.mark.django_db

LIST, CSV = "/deliverables/", "/deliverables.csv"
MARCH = dt.datetime(2020, 3, 12, 9, tzinfo=dt.UTC)
SEPTEMBER = dt.datetime(2020, 9, 1, 9, tzinfo=dt.UTC)


@pytest.fixture
def reader(sign_in, observer):
    """The browser of somebody who only reads."""
    return sign_in(observer)


@pytest.fixture
def plan():
    return make_plan(slug="kensington", next_refresh=dt.date(2022, 1, 1))


@pytest.fixture
def stream(plan):
    return make_workstream(plan=plan, name="Speech, language and communication", short_name="Speech and language")


def url(name, *args) -> str:
    return reverse(f"workstreams:{name}", args=args)


# Plans


def test_the_plans_page_says_where_each_plan_stands_and_in_which_period(reader, plan, stream):
    make_update(deliverable=make_deliverable(workstream=stream), status=Status.AT_RISK)
    make_plan(edition_month=dt.date(2018, 4, 1), area=make_plan(edition_month=dt.date(2018, 3, 1), state="past").area)
    page = words(reader.get(url("plans")))
    assert "Period: January 2020 to July 2021 In its period" in page
    assert "None of 1 deliverables is off track. 1 is at risk." in page
    assert "Period: April 2018 to October 2019 Past its period since 31 October 2019" in page


def test_the_plans_page_says_what_is_known_by_name_only_and_what_replaced_it(reader, plan):
    earlier = make_plan(area=plan.area, edition_month=dt.date(2018, 1, 1), text_held=False, state=Plan.State.PAST)
    plan.previous = earlier
    plan.save()
    page = words(reader.get(url("plans")))
    assert f"Replaced by {plan}" in page
    assert "Known by name only" in page


def test_before_anything_is_loaded_the_plans_page_says_what_to_do(reader):
    assert "No plan has been loaded yet" in words(reader.get(url("plans")))


def test_a_plans_page_shows_edition_period_refresh_and_the_gap_between(reader, plan, stream):
    make_deliverable(workstream=stream)
    page = words(reader.get(url("plan", plan.slug)))
    assert "Period: January 2020 to July 2021 Full refresh: January 2022" in page
    assert "There is a gap of five months in this plan" in page
    assert "From August 2021 to December 2021 no edition is in its period" in page
    assert "1 is still to finish by 31 July 2021." in page
    assert "past its period" not in page


def test_a_plan_past_its_period_says_so_on_its_own_page_and_on_every_page_below(reader, plan, stream):
    deliverable = make_deliverable(workstream=stream)
    pages = (url("plan", plan.slug), url("workstream", plan.slug, 1), address(deliverable))
    with dates.held_at(dt.datetime(2021, 7, 31, 12, tzinfo=dt.UTC)):
        for page in pages:
            assert "past its period" not in words(reader.get(page))
    with dates.held_at(dt.datetime(2021, 8, 1, 12, tzinfo=dt.UTC)):
        for page in pages:
            said = "This plan is past its period. It ended on 31 July 2021; the next full refresh is January 2022."
            assert said in words(reader.get(page))


def test_a_plan_without_a_gap_speaks_of_none(reader):
    plan = make_plan(slug="westminster", edition_month=dt.date(2018, 4, 1))
    assert "gap" not in words(reader.get(url("plan", plan.slug)))


def test_a_plans_page_counts_what_it_holds(reader, plan, stream):
    make_deliverable(workstream=stream)
    make_theme(plan=plan)
    make_achievement(reported_in=plan)
    page = words(reader.get(url("plan", plan.slug)))
    assert "1 deliverables" in page
    assert "1 themes, and what is considered" in page
    assert "1 achievements" in page


def lineage_of(plan):
    """K's 2018 edition, from which one workstream continues, one is refocused, one moved away; and a new one."""
    before = make_plan(area=plan.area, edition_month=dt.date(2018, 1, 1), state=Plan.State.PAST, text_held=False)
    plan.previous = before
    plan.save()
    theme = make_theme(plan=plan, short_name="Preparing for adulthood")
    old = [make_workstream(plan=before, short_name=name, name=name) for name in ("Old one", "Old two", "Old three")]
    new = [make_workstream(plan=plan, short_name=name, name=name) for name in ("New one", "New two", "New three")]
    make_lineage(key="a", before=old[0], after=new[0])
    make_lineage(key="b", kind=Lineage.Kind.REFOCUSED, before=old[1], after=new[1])
    make_lineage(key="c", kind=Lineage.Kind.MOVED, before=old[2], moved_to="Another board", lives_on_as=theme)
    make_lineage(key="d", kind=Lineage.Kind.NEW, after=new[2])
    return before


def test_lineage_is_a_picture_with_the_same_facts_in_a_table_and_in_its_description(reader, plan):
    before = lineage_of(plan)
    for slug in (plan.slug, before.slug):
        answer = reader.get(url("plan", slug))
        tables = [rows(answer, place) for place in range(answer.content.decode().count("<table"))]
        assert [
            ["1. Old one", "Continues", "1. New one"],
            ["2. Old two", "Refocused", "2. New two"],
            [
                "3. Old three",
                "Moved to another board",
                "Another board; lives on as the theme “Preparing for adulthood”",
            ],
            ["Not in the earlier edition", "New", "3. New three"],
        ] in tables
        text = answer.content.decode()
        assert (
            "<title>Lineage of the workstreams. Old one continues as New one. Old two is refocused as New two. "
            "Old three moves to Another board and lives on as the theme Preparing for adulthood. New three is new."
        ) in text


def test_progress_over_time_is_a_picture_with_the_same_facts_in_a_table(reader, plan, stream):
    make_update(deliverable=make_deliverable(workstream=stream), status=Status.AT_RISK, at=MARCH)
    make_deliverable(workstream=stream, own_due_on=dt.date(2020, 6, 30))
    answer = reader.get(url("plan", plan.slug))
    table = next(t for t in (rows(answer, n) for n in range(5)) if t and t[0][0] == "January 2020")
    assert table == [
        ["January 2020", "2 not started"],
        ["February 2020", "2 not started"],
        ["March 2020", "1 not started 1 at risk"],
        ["April 2020", "1 not started 1 at risk"],
        ["May 2020", "1 not started 1 at risk"],
        ["June 2020", "1 not started 1 at risk"],
        ["July 2020", "1 at risk 1 off track"],
        ["August 2020", "1 at risk 1 off track"],
        ["10 September 2020", "1 at risk 1 off track"],
    ]
    assert "10 September 2020: 1 off track, 1 at risk." in answer.content.decode()


# Themes


def test_the_theme_matrix_shows_when_each_workstream_considered_each_theme(reader, plan, stream):
    first, second = make_theme(plan=plan, short_name="Transitions"), make_theme(plan=plan, short_name="Health")
    make_workstream(plan=plan, name="School nursing")
    make_consideration(workstream=stream, theme=first, on=dt.date(2020, 3, 12))
    answer = reader.get(url("themes", plan.slug))
    assert rows(answer) == [
        ["1. Speech, language and communication", "12 Mar 2020", "Not yet"],
        ["2. School nursing", "Not yet", "Not yet"],
    ]
    assert "1 of 4 considered. Health is thinnest." in words(answer)
    assert "invented" not in words(answer).partition("Themes: what each")[2]
    make_consideration(workstream=stream, theme=second, on=dt.date(2020, 6, 1), invented=True)
    assert "The dates are invented for the demonstration." in words(reader.get(url("themes", plan.slug)))
    assert rows(reader.get(url("themes", plan.slug) + "?as_at=2020-03-11"))[0][1:] == ["Not yet", "Not yet"]


def test_a_plan_without_themes_has_no_matrix(reader, plan):
    assert reader.get(url("themes", plan.slug)).status_code == 404


# Workstreams


def test_a_workstreams_page_shows_leads_aliases_themes_achievements_and_needs(reader, plan, stream):
    lead = make_lead(workstream=stream, person=make_person(name="Assistant Director", is_demonstration=True))
    make_lead(workstream=stream, person=make_person(name="Former lead"), until_on=dt.date(2020, 1, 31))
    make_alias(workstream=stream, name="SLCN")
    considered, missing = make_theme(plan=plan, short_name="Transitions"), make_theme(plan=plan, short_name="Health")
    make_consideration(workstream=stream, theme=considered, on=dt.date(2020, 3, 12), note="At the March meeting")
    make_achievement(reported_in=plan, workstream=stream, text="A single offer of therapies.")
    deliverable = make_deliverable(workstream=stream, title="A new specification")
    make_update(deliverable=deliverable, status=Status.ON_TRACK, narrative="Drafted.", invented=True, at=SEPTEMBER)
    finding = make_finding(theme=make_jsna_theme(area=plan.area), text="Too long to wait.", found_in=2019)
    make_thread(finding=finding, deliverable=deliverable)
    make_thread(statement=make_statement(text="We tell our story again and again."), workstream=stream)
    answer = reader.get(url("workstream", plan.slug, 1))
    page = words(answer)
    assert f"Council lead {lead.person.name} (invented)" in page
    assert "Former lead" not in page
    assert "Also called SLCN" in page
    assert "At the March meeting" in between(page, "Transitions", "12 March 2020")
    assert f"{missing.short_name}: not yet considered" in page
    assert "A single offer of therapies." in page
    reference, status, due, latest = rows(answer)[0]
    assert (reference, status, due) == ("1.1 A new specification", "On track", "31 July 2021")
    assert latest.startswith("Drafted.")
    assert "1 September 2020" in latest
    assert latest.endswith("invented")
    assert "Gap found, 2019. Too long to wait." in page
    assert "Families said. We tell our story again and again." in page


def test_a_workstream_about_which_nothing_is_known_says_which_gaps_it_has(reader, stream):
    page = words(reader.get(url("workstream", stream.plan.slug, 1)))
    for gap in ("None yet", "No indicator linked yet", "No need linked yet", "Known by name only"):
        assert gap in page


def test_a_workstreams_page_shows_what_it_came_from_and_what_became_of_it(reader, plan):
    before = lineage_of(plan)
    make_achievement(reported_in=plan, workstream=before.workstreams.get(number=1), text="Done under the old name.")
    page = words(reader.get(url("workstream", plan.slug, 1)))
    assert "Continues from 2018 workstream 1. Old one ." in page
    assert "Done under the old name." in page
    assert "New in this edition." in words(reader.get(url("workstream", plan.slug, 3)))
    assert "Refocused in 2020 as 2. New two ." in words(reader.get(url("workstream", before.slug, 2)))
    moved = words(reader.get(url("workstream", before.slug, 3)))
    assert "Moved to another board: Another board. It lives on as the theme “Preparing for adulthood”." in moved


def on_census_day(year: int) -> dict:
    return {"period_start": dt.date(year, 1, 31), "period_end": dt.date(year, 1, 31)}


def measured(reader, plan) -> str:
    """The panel "Is it working?" of the plan's first workstream, with its pictures."""
    page = reader.get(url("workstream", plan.slug, 1)).content.decode()
    return page.split("Is it working?")[1].split("</section>")[0]


def test_a_workstreams_indicators_show_their_latest_figure_in_its_borough_and_a_sparkline(reader, plan, stream):
    indicator = make_indicator(name="Children with a plan", good_direction="up")
    make_measure(workstream=stream, indicator=indicator)
    definition = indicator.definitions.create(text="On census day.", unit="people")
    for year in range(2005, 2020):
        make_observation(
            definition=definition, area=plan.area, as_printed=f"{year - 1400}", value=year, **on_census_day(year)
        )
    make_observation(definition=definition, as_printed="elsewhere 999")
    panel = measured(reader, plan)
    assert "Children with a plan" in panel
    assert '<b class="jcb-strong">619</b>' in panel
    assert "since 31 January 2018: better" in panel
    title = panel.split("<title>")[1].split("</title>")[0]
    assert [str(n) in title for n in (607, 608, 618, 619)] == [False, True, True, True]
    assert "elsewhere" not in panel


def test_a_workstreams_indicators_are_shown_as_they_stood_on_an_earlier_day(reader, plan, stream):
    indicator = make_indicator()
    make_measure(workstream=stream, indicator=indicator)
    definition = make_definition(indicator=indicator)
    for year in (2018, 2020):
        make_observation(definition=definition, area=plan.area, as_printed=f"plans {year}", **on_census_day(year))
    address = url("workstream", plan.slug, 1)
    assert "plans 2020" in words(reader.get(address))
    earlier = words(reader.get(f"{address}?as_at=2019-06-01"))
    assert "plans 2018" in earlier
    assert "plans 2020" not in earlier


def test_a_handful_of_people_is_not_said_on_a_workstreams_page(reader, plan, stream):
    indicator = make_indicator()
    make_measure(workstream=stream, indicator=indicator)
    definition = make_definition(indicator=indicator, unit="people")
    for year, value in ((2018, 12), (2019, 3)):
        make_observation(definition=definition, area=plan.area, value=value, as_printed=value, **on_census_day(year))
    panel = measured(reader, plan)
    assert "fewer than 5" in panel
    assert ">3<" not in panel
    assert "\u22129" not in panel  # 3 is 9 fewer than 12


@pytest.mark.parametrize("number", [3, 60])
def test_many_indicators_of_a_workstream_take_no_more_queries(
    reader, plan, stream, django_assert_max_num_queries, number
):
    for n in range(number):
        definition = make_definition(indicator=make_indicator(name=f"Measured {n}"), unit="weeks")
        make_measure(workstream=stream, indicator=definition.indicator)
        for year in (2017, 2018, 2019):
            make_observation(definition=definition, area=plan.area, value=year, **on_census_day(year))
    with django_assert_max_num_queries(29):
        panel = measured(reader, plan)
    assert panel.count("<title>Measured ") == number


# Deliverables


def test_a_deliverables_page_says_status_dates_owner_and_what_will_be_different(reader, plan, stream):
    deliverable = make_deliverable(
        workstream=stream,
        title="A new specification",
        own_due_on=dt.date(2020, 12, 31),
        difference="Families meet one team.",
        lead=make_person(name="Commissioner for therapies", is_demonstration=True),
        deputy=make_person(name="Deputy for therapies"),
        partner=make_partner(name="The Council"),
    )
    make_lead(workstream=stream, person=make_person(name="Assistant Director", is_demonstration=True))
    make_milestone(deliverable=deliverable, title="Drafted", due_on=dt.date(2020, 6, 1), done_on=dt.date(2020, 7, 1))
    make_milestone(deliverable=deliverable, title="Agreed", due_on=dt.date(2020, 11, 1), invented=True)
    make_update(deliverable=deliverable, status=Status.AT_RISK, forecast_on=dt.date(2021, 1, 31), at=SEPTEMBER)
    page = words(reader.get(address(deliverable)))
    assert f"Deliverable 1.1, {plan} A new specification" in page
    assert "At risk Agreed date 31 December 2020 Forecast 31 January 2021: after the agreed date" in page
    assert "Owner Commissioner for therapies (invented) Deputy Deputy for therapies Partner The Council" in page
    assert "Workstream leads Assistant Director (invented)" in page
    assert "Plan says By December 2020" in page
    assert "What will be different Families meet one team." in page
    assert "Drafted done 1 July 2020" in page
    assert "Agreed due 1 November 2020 (invented)" in page


def test_a_deliverable_about_which_nothing_was_said_shows_its_gaps(reader, stream):
    page = words(reader.get(address(make_deliverable(workstream=stream))))
    assert "Not started Agreed date 31 July 2021" in page
    assert "Plan says By July 2021, the end of the period" in page
    assert "Owner None yet" in page
    assert "What will be different Not yet said" in page
    assert "Milestones None yet" in page
    assert "No update yet" in page


def test_a_deliverable_past_its_date_says_what_was_last_recorded(reader, stream):
    late = make_deliverable(workstream=stream, own_due_on=dt.date(2020, 8, 31))
    make_update(deliverable=late, status=Status.ON_TRACK, at=dt.datetime(2020, 8, 20, 9, tzinfo=dt.UTC))
    page = words(reader.get(address(late)))
    assert "Off track Agreed date 31 August 2020: 10 days overdue" in page
    assert "Its date has passed; last recorded as on track" in page


def test_a_deliverable_off_track_without_words_prints_as_exactly_that(reader, stream):
    late = make_deliverable(workstream=stream, own_due_on=dt.date(2020, 6, 30))
    for page in (address(late), LIST, url("workstream", stream.plan.slug, 1)):
        assert "No explanation since the last meeting" in words(reader.get(page))


def test_the_log_shows_every_update_with_who_when_and_what_changed(reader, stream):
    deliverable = make_deliverable(workstream=stream)
    lead, secretary = make_person(name="Commissioner"), make_person(name="Secretary", role=Person.Role.SECRETARIAT)
    summer = dt.datetime(2020, 7, 1, 9, tzinfo=dt.UTC)
    first = make_update(deliverable=deliverable, by=lead, at=MARCH, narrative="Tree therapists.", invented=True)
    make_update(deliverable=deliverable, by=lead, at=summer, narrative="Three therapists.", corrects=first)
    words_of = make_update(
        deliverable=deliverable, by=secretary, on_behalf_of=lead, at=summer, forecast_on=dt.date(2020, 12, 31)
    )
    make_update(deliverable=deliverable, by=lead, at=SEPTEMBER, no_change_since=words_of)
    done = make_update(
        deliverable=deliverable, by=lead, at=SEPTEMBER, status=Status.COMPLETE, no_evidence_because="The service runs."
    )
    make_update(
        deliverable=deliverable,
        by=secretary,
        at=SEPTEMBER,
        status=Status.COMPLETE,
        confirms=done,
        narrative="Agreed.",
        evidence_link="https://board.example/minutes",
    )
    page = words(reader.get(address(deliverable)))
    assert "12 March 2020, 09:00, Commissioner. Invented. Corrected on 1 July 2020." in page
    assert "Corrects the update of 12 March 2020: Three therapists. 1 July 2020, 10:00, Commissioner." in page
    assert "Secretary on behalf of Commissioner. Forecast moved from none to December 2020." in page
    assert "No change. The words of 1 July 2020 stand: Work goes as planned." in page
    assert "No evidence, because: The service runs." in page
    assert "Completion confirmed. Agreed. Evidence: https://board.example/minutes" in page
    newest_first = [page.index(each) for each in ("Completion confirmed", "No evidence", "No change.", "Corrects the")]
    assert newest_first == sorted(newest_first)


def test_a_completion_that_waits_says_so_on_its_page_and_in_the_list(reader, stream):
    deliverable = make_deliverable(workstream=stream)
    make_update(deliverable=deliverable, status=Status.COMPLETE, no_evidence_because="It runs.")
    assert "Complete To be confirmed" in words(reader.get(address(deliverable)))
    assert "Complete To be confirmed" in words(reader.get(LIST))
    secretary = make_person(role=Person.Role.SECRETARIAT)
    make_update(
        deliverable=deliverable,
        status=Status.COMPLETE,
        confirms=deliverable.updates.get(),
        by=secretary,
        no_evidence_because="It runs.",
    )
    assert "To be confirmed" not in words(reader.get(address(deliverable)))
    assert "To be confirmed" not in words(reader.get(LIST))


def test_who_only_reads_is_shown_no_form_and_told_who_writes(reader, stream):
    answer = reader.get(address(make_deliverable(workstream=stream)))
    assert "only its lead, deputy, workstream leads, owning partner or the secretariat can log" in words(answer)
    assert b"<textarea" not in answer.content
    assert b'method="post"' not in answer.content


def test_a_lead_finds_the_form_open_on_their_own_deliverable_and_shut_on_another(sign_in, council, stream):
    me = make_person(partner=council)
    mine, ours = make_deliverable(workstream=stream, lead=me), make_deliverable(workstream=stream, partner=council)
    assert '<details class="jcb-fold" open>' in sign_in(me).get(address(mine)).content.decode()
    assert '<details class="jcb-fold">' in sign_in(me).get(address(ours)).content.decode()


def test_the_words_of_an_update_are_text_whatever_they_hold(reader, stream):
    deliverable = make_deliverable(workstream=stream, title="<script>alert(1)</script>")
    make_update(deliverable=deliverable, narrative="<b onclick=x>\n‮ right to left 🦊 {{ user }} {% now %}")
    for page in (address(deliverable), url("workstream", stream.plan.slug, 1), LIST):
        text = reader.get(page).content.decode()
        assert "<script>alert" not in text
        assert "<b onclick" not in text
    assert (
        "&lt;b onclick=x&gt;<br>‮ right to left 🦊 {{ user }} {% now %}"
        in reader.get(address(deliverable)).content.decode()
    )


def test_the_key_says_what_each_status_means(reader):
    make_status_definitions()
    page = words(reader.get(url("statuses")))
    for status in Status:
        assert f"What {status.label.lower()} means." in page


# As at an earlier day


@pytest.fixture
def history_of_one(stream):
    deliverable = make_deliverable(workstream=stream, own_due_on=dt.date(2020, 12, 31))
    make_milestone(deliverable=deliverable, title="Drafted", due_on=dt.date(2020, 5, 1), done_on=dt.date(2020, 7, 1))
    make_update(deliverable=deliverable, at=MARCH, status=Status.ON_TRACK, narrative="In March.")
    make_update(deliverable=deliverable, at=SEPTEMBER, status=Status.AT_RISK, narrative="In September.")
    return deliverable


def test_as_at_an_earlier_day_pages_show_progress_as_it_stood_and_say_so(reader, stream, history_of_one):
    pages = (url("plans"), url("plan", stream.plan.slug), url("workstream", stream.plan.slug, 1), LIST)
    for page in (*pages, address(history_of_one)):
        today, then = words(reader.get(page)), words(reader.get(f"{page}?as_at=2020-03-12"))
        assert "at risk" in today.lower()
        assert "As at" not in today.replace("as at today", "")
        assert "at risk" not in then.lower().split("filter")[0].replace("off track or at risk", "")
        assert "As at 12 March 2020. Progress is shown as it stood at the end of that day" in then
        assert "titles and text are today’s" in then


def test_as_at_an_earlier_day_the_log_ends_there_and_nobody_writes(sign_in, history_of_one, secretariat):
    client = sign_in(secretariat)
    then = client.get(f"{address(history_of_one)}?as_at=2020-03-12")
    assert "In March." in words(then)
    assert "In September." not in words(then)
    assert "Drafted due 1 May 2020" in words(then)
    assert b'method="post"' not in then.content
    assert "No update yet on 11 March 2020" in words(client.get(f"{address(history_of_one)}?as_at=2020-03-11"))
    assert "Drafted done 1 July 2020" in words(client.get(f"{address(history_of_one)}?as_at=2020-07-01"))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("12/03/2020", "That is not a date. Give it as year, month and day, such as 2020-03-12."),
        ("2020-02-30", "That is not a date."),
        ("2020-09-11", "11 September 2020 has not come yet. This page shows today."),
        ("2017-12-31", "The record begins on 1 January 2018. This page shows today."),
    ],
)
def test_a_day_that_cannot_be_shown_is_answered_with_a_sentence_and_today(
    reader, stream, history_of_one, asked, sentence
):
    pages = (url("plans"), url("plan", stream.plan.slug), url("workstream", stream.plan.slug, 1), LIST)
    for page in (*pages, address(history_of_one)):
        answer = reader.get(page, {"as_at": asked})
        assert answer.status_code == 200
        assert sentence in words(answer)
        assert "at risk" in words(answer).lower()


# The list


@pytest.fixture
def programme(plan, stream, council):
    """Two boroughs, three workstreams, and one deliverable for each case that a filter tells apart."""
    owner = make_person(name="Ada’s role", partner=council)
    westminster = make_plan(slug="westminster", edition_month=dt.date(2018, 4, 1))
    nursing = make_workstream(plan=plan, name="School nursing")
    other = make_workstream(plan=westminster, name="Perfect pathways")
    transitions = make_theme(plan=plan, key="transitions", short_name="Transitions")
    make_consideration(workstream=stream, theme=transitions, on=dt.date(2020, 6, 1))
    early = {"own_due_on": dt.date(2020, 9, 30)}
    cases = {
        "risk": (make_deliverable(workstream=stream, title="Train school staff", lead=owner, **early), Status.AT_RISK),
        "good": (make_deliverable(workstream=stream, title="One specification"), Status.ON_TRACK),
        "done": (make_deliverable(workstream=nursing, title="Recruit nurses", lead=owner), Status.COMPLETE),
        "late": (make_deliverable(workstream=nursing, title="Hold clinics", own_due_on=dt.date(2020, 8, 31)), None),
        "old": (make_deliverable(workstream=other, title="Map services", detail="With school maps"), Status.CLOSED),
    }
    for name, (deliverable, status) in cases.items():
        deliverable.short_title = name
        deliverable.save()
        if status:
            at = MARCH if name == "good" else SEPTEMBER
            make_update(deliverable=deliverable, status=status, at=at, by=owner, no_evidence_because="It runs.")
    return {"owner": owner, **{name: deliverable for name, (deliverable, _) in cases.items()}}


def names(client, **query) -> list[str]:
    """The short titles in the list, in its order; the download has the same rows in the same order."""
    answer = client.get(LIST, query)
    assert answer.status_code == 200
    found = [row[0].split()[1] for row in rows(answer)]
    text = client.get(CSV, query).content.decode("utf-8-sig")
    titles = [line["Deliverable"] for line in csv.DictReader(io.StringIO(text))]
    shown = {d.title: d.short_title for d in Deliverable.objects.all()}
    assert [shown[title] for title in titles] == found
    return found


def test_a_long_list_is_cut_on_the_page_which_says_so_and_never_in_the_download(client, programme, monkeypatch):
    client.force_login(programme["owner"])
    assert "This page shows the first" not in client.get(LIST).content.decode()
    monkeypatch.setattr("workstreams.views.LIST_LIMIT", 2)
    page = client.get(LIST, {"q": ""}).content.decode()
    assert "This page shows the first 2. The download has every row." in page
    assert len(client.get(CSV).content.decode().splitlines()) == 1 + 5


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, "late risk good done old"),
        ({"plan": "kensington"}, "late risk good done"),
        ({"plan": "westminster"}, "old"),
        ({"workstream": "kensington/2"}, "late done"),
        ({"status": "attention"}, "late risk"),
        ({"status": "off track"}, "late"),
        ({"status": "at risk"}, "risk"),
        ({"status": "on track"}, "good"),
        ({"status": "complete"}, "done"),
        ({"status": "closed"}, "old"),
        ({"status": "not started"}, ""),
        ({"theme": "transitions"}, "late done"),
        ({"theme": "transitions", "as_at": "2020-05-31"}, "risk done late good"),
        ({"owner": "none"}, "late good old"),
        ({"due": "2020-09-30"}, "late risk old"),
        ({"due": "2020-09-29"}, "late old"),
        ({"silent": "2020-07-30"}, "late good"),
        ({"silent": "2020-09-02"}, "late risk good"),
        ({"silent": "2020-09-01"}, "late good"),
        ({"overdue": "on"}, "late"),
        ({"q": "school"}, "late risk done old"),
        ({"q": "school staff"}, "risk"),
        ({"q": "SPECIFICATION"}, "good"),
        ({"q": "ada"}, "risk done"),
        ({"q": "100%_"}, ""),
        ({"plan": "kensington", "q": "school", "owner": "none"}, "late"),
        ({"status": "attention", "due": "2020-08-31", "overdue": "on"}, "late"),
        ({"nonsense": "1"}, "late risk good done old"),
    ],
    ids=str,
)
def test_filters_one_by_one_and_together(reader, programme, query, found):
    assert names(reader, **query) == found.split()


def test_the_list_can_be_of_one_owner_and_of_me(sign_in, reader, programme):
    assert names(reader, owner=programme["owner"].pk) == ["risk", "done"]
    assert names(sign_in(programme["owner"]), owner="me") == ["risk", "done"]
    assert names(reader, owner="me") == []


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("status", "late risk good done old"),
        ("reference", "risk good done late old"),
        ("owner", "risk done good late old"),
        ("due", "old late risk good done"),
        ("updated", "late good risk done old"),
    ],
)
def test_every_order_both_ways(reader, programme, order, found):
    expected = found.split()
    assert names(reader, sort=order) == expected
    assert names(reader, sort=f"-{order}") == expected[::-1]
    answer = reader.get(LIST, {"sort": order})
    assert answer.content.decode().count('aria-sort="ascending"') == 1
    assert reader.get(LIST, {"sort": f"-{order}"}).content.decode().count('aria-sort="descending"') == 1


@pytest.mark.parametrize("order", ["", "nonsense", "--due", "password", "lead__password", "-"])
def test_an_unknown_order_is_worst_first(reader, programme, order):
    assert names(reader, sort=order) == "late risk good done old".split()


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"plan": "nowhere"}, "Plan: Select a valid choice."),
        ({"workstream": "kensington/99"}, "Workstream: Select a valid choice."),
        ({"status": "splendid"}, "Status: Select a valid choice."),
        ({"theme": "x"}, "Theme not yet considered: Select a valid choice."),
        ({"owner": "999999"}, "Owner: Select a valid choice."),
        ({"due": "soon"}, "Due by: Enter a valid date."),
        ({"silent": "2020-13-01"}, "No update since: Enter a valid date."),
        ({"q": "x" * 101}, "Words: Ensure this value has at most 100 characters"),
    ],
    ids=str,
)
def test_a_filter_that_cannot_be_is_said_and_every_row_stays(reader, programme, query, sentence):
    assert len(names(reader, **query)) == 5
    for headers in ({}, {"HX-Request": "true"}):
        page = words(reader.get(LIST, query, headers=headers))
        assert sentence in page
        assert "The filters are not used until this is mended." in page


def test_filters_in_use_stand_in_words_above_the_list_and_each_can_be_taken_off(reader, programme):
    answer = reader.get(LIST, {"plan": "kensington", "status": "attention", "overdue": "on", "as_at": "2020-09-09"})
    page = words(answer)
    assert "1 of 5 deliverables" in page
    assert "Remove filter: Status: Off track or at risk" in page
    assert "Remove filter: Overdue only: yes" in page
    assert "Remove filter: As it was on: 9 September 2020" in page
    assert 'href="/deliverables/?plan=kensington&amp;status=attention&amp;overdue=on"' in answer.content.decode()
    assert "/deliverables.csv?plan=kensington&amp;status=attention" in answer.content.decode()


def test_a_list_that_nothing_matches_says_how_to_go_on(reader, programme):
    assert "Nothing matches these filters. Take one off above" in words(reader.get(LIST, {"q": "zebra"}))


def test_an_empty_record_says_so(reader):
    page = words(reader.get(LIST))
    assert "0 deliverables" in page
    assert "No deliverable has been recorded yet." in page


def test_the_list_says_status_owner_dates_and_lateness_in_words(reader, programme):
    cells = {row[0].split()[1]: row for row in rows(reader.get(LIST))}
    assert cells["late"][1:] == [
        "Off track",
        "No owner yet",
        "31 August 2020 10 days overdue",
        "No forecast",
        "No update yet",
    ]
    assert cells["risk"][1:] == ["At risk", "Ada’s role", "30 September 2020", "No forecast", "1 September 2020"]
    assert cells["done"][1] == "Complete To be confirmed"


def test_the_rows_alone_are_sent_where_only_they_are_asked_for(reader, programme):
    whole = reader.get(LIST, {"plan": "kensington"})
    alone = reader.get(LIST, {"plan": "kensington"}, headers={"HX-Request": "true"})
    boosted = reader.get(LIST, {"plan": "kensington"}, headers={"HX-Request": "true", "HX-Boosted": "true"})
    assert b"<html" not in alone.content
    assert alone.content.strip() in whole.content
    assert b"<html" in boosted.content
    for answer in (whole, alone):
        assert "HX-Request" in answer.headers["Vary"]


@pytest.mark.still
@pytest.mark.django_db(transaction=True)
def test_a_page_that_nobody_changed_is_not_sent_again(
    reader, sign_in, secretariat, programme, django_assert_max_num_queries
):
    for page in (LIST, f"{LIST}?plan=kensington", "/"):
        first = reader.get(page)
        again = {"If-None-Match": first.headers["ETag"]}
        with django_assert_max_num_queries(5):
            assert reader.get(page, headers=again).status_code == 304
        assert sign_in(secretariat).get(page, headers=again).status_code == 200
        assert reader.get(page, headers={**again, "HX-Request": "true"}).status_code == 200
        make_update(deliverable=programme["good"], by=programme["owner"])
        after_an_update = reader.get(page, headers=again)
        assert after_an_update.status_code == 200
        again = {"If-None-Match": after_an_update.headers["ETag"]}
        programme["good"].title += " again"
        programme["good"].save()
        assert reader.get(page, headers=again).status_code == 200


@pytest.mark.still
@pytest.mark.django_db(transaction=True)
def test_a_page_is_made_anew_on_another_day(reader, programme):
    again = {"If-None-Match": reader.get(LIST).headers["ETag"]}
    with dates.held_at(dt.datetime(2020, 9, 10, 23, 30, tzinfo=dt.UTC)):
        assert reader.get(LIST, headers=again).status_code == 200


def test_the_download_is_safe_to_open_in_a_spreadsheet(reader, stream):
    deliverable = make_deliverable(workstream=stream, title='=HYPERLINK("x")')
    make_update(deliverable=deliverable, narrative="-5 places, +44 20 is the number", at=SEPTEMBER, invented=True)
    answer = reader.get(CSV)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="deliverables-2020-09-10.csv"'
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.content.startswith("\ufeff".encode())
    (line,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert line == {
        "Plan": str(stream.plan),
        "Reference": "1.1",
        "Deliverable": '\'=HYPERLINK("x")',
        "Workstream": stream.name,
        "Status": "On track",
        "Last recorded": "On track",
        "Owner": "",
        "Partner": "",
        "Agreed date": "2021-07-31",
        "Forecast": "",
        "Days overdue": "0",
        "Last update": "2020-09-01",
        "Words": "'-5 places, +44 20 is the number",
        "Invented": "yes",
        "As at": "2020-09-10",
    }


# Queries


def whole_deliverable(stream, theme):
    """A deliverable with one of everything that a page lists."""
    person = make_person()
    deliverable = make_deliverable(workstream=stream, lead=person, deputy=person, partner=make_partner())
    first = make_update(deliverable=deliverable, by=person)
    make_update(deliverable=deliverable, by=person, on_behalf_of=make_person(), corrects=first, no_change_since=first)
    make_milestone(deliverable=deliverable)
    make_lead(workstream=stream)
    make_alias(workstream=stream, name=f"Alias {deliverable.pk}")
    finding = make_finding(theme=make_jsna_theme(area=stream.plan.area))
    make_thread(finding=finding, deliverable=deliverable)
    make_thread(statement=make_statement(), workstream=stream)
    for indicator in (make_indicator(), make_indicator()):
        definition = indicator.definitions.create(text="Counted.", unit="people")
        make_observation(definition=definition, area=stream.plan.area)
    make_measure(workstream=stream, indicator=indicator)
    make_measure(deliverable=deliverable, indicator=definition.indicator)
    make_achievement(reported_in=stream.plan, workstream=stream)
    other = make_workstream(plan=stream.plan)
    make_deliverable(workstream=other, lead=person)
    make_consideration(workstream=other, theme=theme)
    before = make_plan(area=stream.plan.area, edition_month=dt.date(2010, 1 + deliverable.number, 1), state="past")
    make_lineage(before=make_workstream(plan=before), after=stream)
    return deliverable


def test_every_page_takes_as_many_queries_for_three_of_everything_as_for_one(reader, plan, stream):
    first = whole_deliverable(stream, make_theme(plan=plan))
    pages = [
        url("plans"),
        url("plan", plan.slug),
        url("themes", plan.slug),
        url("workstream", plan.slug, 1),
        address(first),
        LIST,
        f"{LIST}?plan={plan.slug}&sort=owner&q=deliverable",
        CSV,
        "/",
    ]
    once = {page: queries_of(reader, page) for page in pages}
    for _ in range(2):
        whole_deliverable(stream, make_theme(plan=plan))
    for update in first.updates.all():
        make_update(deliverable=first, by=update.by, corrects=update)
    assert {page: queries_of(reader, page) for page in pages} == once


def test_the_list_takes_at_most_ten_queries_at_any_number_of_rows(reader, programme, stream):
    for _ in range(30):
        make_deliverable(workstream=stream, lead=programme["owner"])
    for query in (
        "",
        "?plan=kensington&status=attention&owner=none&q=a&sort=-updated",
        "?theme=transitions&silent=2020-09-01",
    ):
        assert queries_of(reader, f"{LIST}{query}") <= 10
        assert queries_of(reader, f"{CSV}{query}") <= 10


def test_the_status_key_takes_as_many_queries_however_many_statuses(reader):
    none = queries_of(reader, url("statuses"))
    make_status_definitions()
    assert queries_of(reader, url("statuses")) == none


# Addresses that name nothing


@pytest.mark.parametrize(
    "path",
    [
        "/plans/nowhere/",
        "/plans/nowhere/1/",
        "/plans/nowhere/1/1/",
        "/plans/nowhere/themes/",
        "/plans/kensington/99/",
        "/plans/kensington/1/99/",
        "/plans/kensington/1/1/updates/1/evidence/",
        f"/plans/kensington/{2**31}/",
        f"/plans/kensington/{2**63}/1/",
        f"/plans/kensington/1/{'9' * 30}/",
        f"/plans/kensington/1/1/updates/{'9' * 30}/evidence/",
        f"/plans/kensington/{'9' * 5000}/",
        "/plans/kensington/-1/",
        "/plans/ken%00sington/",
        "/plans/%ED%A0%80/",
        "/plans/kensington/1/1/no-change/x",
    ],
)
def test_an_address_that_names_nothing_is_not_found(reader, stream, path):
    make_section(plan=stream.plan)
    make_deliverable(workstream=stream)
    assert reader.get(path).status_code == 404
