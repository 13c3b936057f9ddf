"""The whole plan as a document: it prints the records, all of them, as they stood on the day, and nothing else."""

import datetime as dt
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from django.db import transaction

from governance import documents, pictures, plan_document
from governance.models import Clause, Ladder, RedressRule, ReportsTo, Rung, TermsParty
from governance.record import HELD
from jcb import dates
from needs.models import ActionTaken, ConsultationPoint, EngagementPrinciple
from tests.make import (
    make_achievement,
    make_consideration,
    make_definition,
    make_deliverable,
    make_finding,
    make_jsna_theme,
    make_lineage,
    make_observation,
    make_partner,
    make_person,
    make_plan,
    make_response,
    make_seat,
    make_section,
    make_service,
    make_source,
    make_standing_item,
    make_statement,
    make_status_definitions,
    make_strategy,
    make_terms,
    make_theme,
    make_thread,
    make_update,
    make_workstream,
)
from tests.record import put_whole_record
from workstreams.models import Commitment, Plan, Principle, Section, SectionIndicator, SectionSource, VisionOutcome

MARCH, SEPTEMBER = dt.date(2020, 3, 12), dt.date(2020, 9, 10)
Shows = Section.Shows


class Page(HTMLParser):
    """The HTML of a document as a reader meets it: its words, headings, tables and pictures."""

    VOID = {"br", "col", "meta", "link", "img", "input", "hr"}

    def __init__(self, html: str):
        super().__init__()
        self.words, self.headings, self.tables, self.pictures, self.titles, self.open = [], [], 0, 0, [], []
        self.captions = 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)
        self.tables += tag == "table"
        self.captions += tag == "caption"
        self.pictures += tag == "svg"
        if tag in {"h1", "h2", "h3", "h4"}:
            self.headings.append(int(tag[1]))

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        self.words.append(data)
        if self.open and self.open[-1] == "title" and "svg" in self.open:
            self.titles.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def read(plan: Plan, day: dt.date = MARCH) -> Page:
    return Page(documents.document_html(plan_document.build(plan, day), "plan"))


@pytest.fixture
def plan(db):
    return make_plan(title="A joint plan", next_refresh=dt.date(2022, 1, 1))


def show(plan: Plan, shows: str, **given) -> Section:
    return make_section(plan=plan, shows=shows, **given)


# Each kind of section prints its records


def strip_of(plan):
    stream = make_workstream(plan=plan)
    make_update(deliverable=make_deliverable(workstream=stream), at=dt.datetime(2020, 2, 1, tzinfo=dt.UTC))
    return "Of 1 deliverables: 1 on track."


def cycle_of(plan):
    return "priorities, outcomes, the shape of services, money"


def ways_of(plan):
    make_workstream(plan=plan, short_name="Early help", model="aligned")
    return "1 Early help"


def services_of(plan):
    make_service(plan=plan, name="Portage", commissioner="council")
    return "Council and public health: 1"


def strategies_of(plan):
    make_strategy(plan=plan, title="A strategy for all")
    return "A strategy for all"


def achievements_of(plan):
    make_achievement(reported_in=plan, text="A dashboard is in use.")
    make_achievement(reported_in=plan, text="Waits are shorter.", workstream=make_workstream(name="Therapies"))
    return "Strategic actions A dashboard is in use. 1. Therapies Waits are shorter."


def jsna_of(plan):
    finding = make_finding(theme=make_jsna_theme(area=plan.area, title="Early support"), text="Too few places.")
    ActionTaken.objects.create(finding=finding, number=1, text="Places were added.")
    make_thread(finding=finding, workstream=make_workstream(plan=plan))
    make_finding(theme=make_jsna_theme(title="Of another borough"))
    return "Gap Too few places. Goes on in workstream 1 Places were added."


def consultation_of(plan):
    ConsultationPoint.objects.create(area=plan.area, number=1, text="Shorter waits.", consultation="You said")
    return "Shorter waits."


def vision_of(plan):
    VisionOutcome.objects.create(plan=plan, order=1, text="Good friends.")
    return "Good friends."


def principles_of(plan):
    principle = Principle.objects.create(plan=plan, order=1, title="Fairness")
    Commitment.objects.create(principle=principle, order=1, text="We include everybody.")
    return "1. Fairness We include everybody."


def themes_of(plan):
    first, _ = make_theme(plan=plan, short_name="Innovation"), make_theme(plan=plan, short_name="Evaluation")
    make_consideration(workstream=make_workstream(plan=plan, short_name="Nursing"), theme=first)
    return "1. Nursing 12 Mar 2020 Not yet"


def lineage_of(plan):
    before = make_plan(area=plan.area, edition_month=dt.date(2018, 4, 1), state="past", text_held=False)
    plan.previous = before
    plan.save()
    make_lineage(
        kind="refocused",
        before=make_workstream(plan=before, short_name="0–25"),
        after=make_workstream(plan=plan, short_name="Under 5"),
    )
    make_lineage(
        kind="moved",
        before=make_workstream(plan=before, short_name="Short breaks"),
        moved_to="Another board",
        lives_on_as=make_theme(plan=plan, short_name="Personalisation"),
    )
    return "2. Short breaks Moved Another board; here as the theme Personalisation"


def workstreams_of(plan):
    make_deliverable(workstream=make_workstream(plan=plan, name="Occupational therapy", summary="One *offer*."))
    return "1. Occupational therapy One offer . 1 deliverable."


def reporting_of(plan):
    terms = make_terms(in_force_from=dt.date(2019, 1, 1))
    ReportsTo.objects.create(terms=terms, body="Health and Wellbeing Board", note="It is accountable to it.")
    TermsParty.objects.create(terms=terms, partner=make_partner(name="A council"), order=1)
    return "Answers to Health and Wellbeing Board It is accountable to it. Members’ parties A council"


def period_of(plan):
    return "For the five months between, August 2021 to December 2021, no edition is in its period."


def indicators_of(plan):
    return "Section"


def statements_of(plan):
    statement = make_statement(areas=(plan.area,), text="We wait too long.")
    make_response(statement=statement, text="We hire.", at=dt.datetime(2020, 3, 1, tzinfo=dt.UTC))
    make_statement(text="Said elsewhere.")
    return "We wait too long. We will (1 March 2020): We hire."


def action_plan_of(plan):
    make_status_definitions()
    make_deliverable(workstream=make_workstream(plan=plan), title="Write the strategy")
    return "1.1 Write the strategy"


def terms_of(plan):
    terms = make_terms(in_force_from=dt.date(2019, 1, 1), in_force_assumed=True)
    for kind in Clause.Kind:
        Clause.objects.create(terms=terms, kind=kind, order=1, text=f"About the {kind.label.lower()}.")
    make_seat(terms=terms, position="Head of Commissioning", co_chair=True, side_as_printed="CCG")
    make_seat(terms=terms, position="Finance lead", kind="invited", lead_for="Finance")
    make_standing_item(terms=terms, title="Horizon scanning")
    return "Core members: one seat Seat Organisation Role on the Board Head of Commissioning CCG Co-chair"


def ladder_of(plan):
    ladder = Ladder.objects.create(key="a", title="A ladder", in_force_from=dt.date(2018, 1, 1), stands_in="section 6")
    Rung.objects.create(ladder=ladder, order=1, key="board", name="Board", who="The Board", text="It tries.")
    Rung.objects.create(
        ladder=ladder,
        order=2,
        key="b",
        name="Executive",
        who="Two",
        text="They talk.",
        days=28,
        days_from="the referral",
    )
    return "2. Executive Two They talk. 28 days from the referral"


def redress_of(plan):
    RedressRule.objects.create(key="reply", order=1, title="A reply", text="In writing.", period_weeks=5)
    RedressRule.objects.create(key="other", order=2, title="Elsewhere", text="No.", area=make_plan().area)
    return "A reply In writing. Within: 5 weeks"


def engagement_of(plan):
    EngagementPrinciple.objects.create(number=1, name="Timely", text="There is time to answer.")
    return "Timely There is time to answer."


MAKERS = {
    Shows.STATUS_STRIP: strip_of,
    Shows.CYCLE: cycle_of,
    Shows.MODELS: ways_of,
    Shows.SERVICES: services_of,
    Shows.STRATEGIES: strategies_of,
    Shows.ACHIEVEMENTS: achievements_of,
    Shows.JSNA: jsna_of,
    Shows.CONSULTATION: consultation_of,
    Shows.VISION: vision_of,
    Shows.PRINCIPLES: principles_of,
    Shows.THEMES: themes_of,
    Shows.LINEAGE: lineage_of,
    Shows.WORKSTREAMS: workstreams_of,
    Shows.REPORTING: reporting_of,
    Shows.PERIOD: period_of,
    Shows.INDICATORS: indicators_of,
    Shows.STATEMENTS: statements_of,
    Shows.ACTION_PLAN: action_plan_of,
    Shows.TERMS: terms_of,
    Shows.LADDER: ladder_of,
    Shows.REDRESS: redress_of,
    Shows.ENGAGEMENT: engagement_of,
}


@pytest.mark.parametrize("shows", [kind for kind in Shows if kind], ids=str)
@pytest.mark.parametrize("level", [1, 2])
def test_each_section_prints_its_records(plan, shows, level):
    expected = MAKERS[shows](plan)
    if level == 2:
        make_section(plan=plan, key="chapter", order=0)
    show(plan, shows, level=level, order=9000)
    page = read(plan)
    assert expected in page.text
    assert "Of another borough" not in page.text
    assert "Said elsewhere" not in page.text
    assert "Elsewhere No." not in page.text
    assert all(after - before <= 1 for before, after in zip(page.headings, page.headings[1:], strict=False))
    assert page.captions == page.tables
    assert page.pictures == len(page.titles)


@pytest.mark.parametrize("shows", [kind for kind in Shows if kind], ids=str)
def test_a_section_whose_records_are_missing_still_prints(plan, shows):
    show(plan, shows, title="What is to come")
    assert "What is to come" in read(plan).text


def test_no_kind_of_section_is_without_a_reader_and_a_template(plan):
    assert set(plan_document.READERS) | {Shows.NOTHING, Shows.INDICATORS} == set(Shows)


def test_sections_stand_in_their_order_with_number_lead_body_and_after(plan):
    make_section(plan=plan, order=2, level=2, number="", title="A part of it", body="", after="Last words.")
    make_section(plan=plan, order=1, number="1", title="First chapter", lead="In short.", body="At **length**.")
    make_section(plan=plan, order=3, number="A1", title="An appendix")
    page = read(plan)
    assert "First chapter In short. At length . A part of it Last words. A1 An appendix" in page.text
    contents = page.text[: page.text.index("In short.")]
    assert contents.index("1 First chapter") < contents.index("A part of it") < contents.index("An appendix")


def test_a_source_stands_beside_the_words_and_in_the_list_with_the_day_it_was_looked_at(plan):
    section = make_section(plan=plan, body="Word " * 300)
    source = make_source(title="Census", publisher="Department", accessed_on=dt.date(2019, 12, 9), note="Table 3.")
    SectionSource.objects.create(section=section, source=source)
    page = read(plan)
    assert "1. Department, Census. Seen 9 December 2019." in page.text
    assert "1 Department: Census Table 3. Not stated 9 December 2019" in page.text


def test_sources_without_room_beside_short_words_stand_below_them(plan):
    section = make_section(plan=plan, body="Short.", title="A chapter", number="")
    for n in range(5):
        source = make_source(title=f"A rather long name of a rather long report, volume {n}")
        SectionSource.objects.create(section=section, source=source, order=n + 1)
    (chapter,) = plan_document.build(plan, MARCH).chapters
    assert chapter.beside == ""
    assert "Sources: 1. A rather long name" in read(plan).text


def test_a_chart_has_a_title_and_a_table_and_a_lone_figure_a_line_of_the_chapters_table(plan):
    section = show(plan, Shows.INDICATORS, title="Needs")
    charted, alone = make_definition(), make_definition()
    for year in (2017, 2018, 2019):
        make_observation(
            definition=charted,
            area=plan.area,
            period_start=dt.date(year, 1, 1),
            period_end=dt.date(year, 12, 31),
            value=year,
            as_printed=f"{year:,}",
        )
    make_observation(definition=alone, area=plan.area, note="It cannot be.", source=make_source())
    for order, definition in enumerate((charted, alone), start=1):
        SectionIndicator.objects.create(section=section, indicator=definition.indicator, order=order)
    page = read(plan)
    assert len(page.titles) == 1
    assert page.titles[0].startswith(f"Line chart: {charted.indicator.name}")
    assert f"{charted.indicator.name}: the figures" in page.text
    assert f"{alone.indicator.name} {plan.area} 2018 617 It cannot be. 1" in page.text


# As at a day


def test_a_past_day_shows_progress_themes_and_answers_as_they_stood_then(plan):
    stream, theme = make_workstream(plan=plan), make_theme(plan=plan)
    deliverable = make_deliverable(workstream=stream)
    make_update(deliverable=deliverable, narrative="All is well.", at=dt.datetime(2020, 3, 1, tzinfo=dt.UTC))
    make_update(
        deliverable=deliverable, status="at risk", narrative="It is late.", at=dt.datetime(2020, 6, 1, tzinfo=dt.UTC)
    )
    make_consideration(workstream=stream, theme=theme, on=dt.date(2020, 6, 1))
    statement = make_statement(areas=(plan.area,))
    make_response(statement=statement, text="We did it.", at=dt.datetime(2020, 6, 1, tzinfo=dt.UTC))
    for shows in (Shows.ACTION_PLAN, Shows.THEMES, Shows.STATEMENTS, Shows.STATUS_STRIP):
        show(plan, shows)
    then, later = read(plan, MARCH).text, read(plan, SEPTEMBER).text
    assert "All is well." in then
    assert "It is late." not in then
    assert "0 of 1" in then
    assert "We did it." not in then
    assert "It is late." in later
    assert "1 of 1" in later
    assert "We did it." in later


def test_it_says_that_progress_is_of_the_day_and_titles_of_the_print(plan):
    page = read(plan)
    assert "progress as it stood at the end of that day, titles and text as they were when it was made" in page.text
    assert "As at 12 March 2020" in page.text


def test_past_its_period_it_says_so_on_the_cover(plan):
    show(plan, Shows.PERIOD)
    assert "(past its period)" not in read(plan, dt.date(2021, 7, 31)).text
    page = read(plan, dt.date(2021, 8, 1))
    assert "1 August 2021 (past its period)" in page.text
    assert "This plan is past its period: it ended on 31 July 2021" in page.text


def test_nothing_reads_the_clock(plan):
    for shows in MAKERS:
        MAKERS[shows](plan) if shows in {Shows.ACTION_PLAN, Shows.THEMES, Shows.TERMS} else None
        show(plan, shows)
    with dates.held_at(dt.datetime(2019, 1, 1, tzinfo=dt.UTC)):
        early = plan_document.build(plan, MARCH)
    with dates.held_at(dt.datetime(2031, 1, 1, tzinfo=dt.UTC)):
        late = plan_document.build(plan, MARCH)
    assert early == late
    assert documents.data_sha256(early) == documents.data_sha256(late)


def test_the_data_is_plain_words_and_numbers(plan):
    for shows in MAKERS:
        show(plan, shows)
    themes_of(plan)

    def walk(value, where="document"):
        if isinstance(value, tuple):
            for each in value:
                walk(each, where)
        elif hasattr(value, "__dataclass_fields__"):
            for name in value.__dataclass_fields__:
                walk(getattr(value, name), f"{where}.{name}")
        else:
            assert type(value) in {str, int, float, bool, type(None)} or value in Shows, (where, type(value))

    walk(plan_document.build(plan, MARCH))


# Words of whatever kind


def test_hostile_words_in_any_record_print_as_text(plan):
    hostile = '<script>alert(1)</script> [x](javascript:alert(1)) <img src="x" onerror="y"> ‮'
    make_section(plan=plan, title=hostile[:140], lead=hostile, body=hostile, after=hostile)
    show(plan, Shows.LADDER)
    ladder = Ladder.objects.create(key="a", title=hostile[:140], in_force_from=dt.date(2018, 1, 1), stands_in="6")
    Rung.objects.create(ladder=ladder, order=1, key="b", name="<b>Board", who=hostile, text=hostile)
    html = documents.document_html(plan_document.build(plan, MARCH), "plan")
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert html.count("&lt;script&gt;") >= 6


def test_invented_rows_are_marked(plan):
    person = make_person(name="Commissioner for therapies", is_demonstration=True)
    stream = make_workstream(plan=plan)
    make_update(
        deliverable=make_deliverable(workstream=stream, lead=person),
        invented=True,
        at=dt.datetime(2020, 3, 1, tzinfo=dt.UTC),
    )
    make_consideration(workstream=stream, theme=make_theme(plan=plan), invented=True)
    for shows in (Shows.STATUS_STRIP, Shows.THEMES, Shows.ACTION_PLAN):
        show(plan, shows)
    page = read(plan)
    assert "One shape for each deliverable (updates are invented)" in page.text
    assert "1 of 1 (invented)" in page.text
    assert "1 March 2020, invented" in page.text
    assert "Demonstration: people, statuses, updates and meetings are invented" in page.text


@pytest.mark.parametrize(
    "draw",
    [
        lambda: pictures.cycle(plan_document.CYCLE.stages, plan_document.CYCLE.middle),
        lambda: pictures.programme([], []),
        lambda: pictures.status_strip([]),
        lambda: pictures.ladder([]),
    ],
)
def test_a_diagram_is_whole_and_says_what_it_shows(draw):
    picture = ElementTree.fromstring(draw())  # noqa: S314 -- our own picture
    assert picture[0].tag.endswith("title")
    assert len(picture[0].text) > 30
    assert not re.search(r'\bstyle="', draw())


# Both plans, as they are


@pytest.fixture(scope="module")
def both(django_db_setup, django_db_blocker):
    """Both held plans of the whole record, as data and as a page, on 12 March 2020."""
    with django_db_blocker.unblock(), transaction.atomic():
        put_whole_record()
        found = {}
        for slug in HELD:
            data = plan_document.build(Plan.objects.select_related("area").get(slug=slug), MARCH)
            found[slug] = data, Page(documents.document_html(data, "plan"))
        transaction.set_rollback(True)
    return found


def parts_of(data: plan_document.PlanDocument) -> dict[str, object]:
    """The records of a document by the kind of section."""
    return {part.shows: part.records for chapter in data.chapters for part in (chapter, *chapter.parts)}


def test_the_documents_count_what_the_record_counts(both):
    west, kens = (parts_of(both[slug][0]) for slug in ("westminster-2018", "kensington-and-chelsea-2020"))
    assert [len(block.rows) for block in west[Shows.ACTION_PLAN].blocks] == [3, 3, 3, 5, 6, 3, 4]
    assert [len(block.rows) for block in kens[Shows.ACTION_PLAN].blocks] == [4, 3, 6, 5, 7, 4, 6]
    assert (west[Shows.STATUS_STRIP].total, kens[Shows.STATUS_STRIP].total) == (27, 35)
    for each in (west, kens):
        assert len(each[Shows.VISION].items) == 12
        assert [len(group.items) for group in each[Shows.PRINCIPLES].groups] == [4, 2, 4, 5, 4, 4]
        assert each[Shows.STATEMENTS].count == 23
        assert len(each[Shows.STATEMENTS].groups) == 6
    assert [len(group.items) for group in west[Shows.SERVICES].groups] == [17, 8, 14]
    assert len(west[Shows.STRATEGIES].items) == 10
    assert len(west[Shows.ENGAGEMENT].principles) == 7
    assert len(west[Shows.LADDER].rungs) == 5
    assert len(west[Shows.TERMS].responsibilities) == 14
    assert [len(group.seats) for group in west[Shows.TERMS].seats] == [10]
    assert kens[Shows.ACHIEVEMENTS].count == 30
    assert len(kens[Shows.JSNA].themes) == 5
    assert sum(len(theme.findings) for theme in kens[Shows.JSNA].themes) == 10
    assert len(kens[Shows.CONSULTATION].items) == 8
    assert kens[Shows.THEMES].cells == 35
    assert len(kens[Shows.LINEAGE].steps) == 9
    assert len(kens[Shows.TERMS].responsibilities) == 15
    assert [len(group.seats) for group in kens[Shows.TERMS].seats] == [11, 5]


@pytest.mark.parametrize(("slug", "count"), [("kensington-and-chelsea-2020", 35), ("westminster-2018", 27)])
def test_every_deliverable_is_printed_by_its_reference(both, slug, count):
    _, page = both[slug]
    printed = set(re.findall(r"(?<![\d.])([1-7]\.[1-7]) [A-Z]", page.text))
    assert len(printed) == count


# Every figure of Appendix 1 of the plan of 2020 and of section 4 of the plan of 2018, in their order.
FIGURES_OF_NEED = {
    "kensington-and-chelsea-2020": """
        44,110 43,840 270 0.6% 43,616 224 0.51% 300 1.4% 617 156 1.5% 8.1% 3,237 12.7% 14.7% 14.9% 10.4% 11.4% 33.2% 25.7
        14% 23.6% 23.2% 20.2% 92%""",
    "westminster-2018": """
        71,690 74,482 1,200 75,785 2,095 1000 1.4% 1,013 3,220 1.3% 5.9% 3,641 15.7% 15.8% 14.4% 79% 61% 51% 3.35% 24.5%
        22.6% 19.1% 93%""",
}


@pytest.mark.parametrize("slug", HELD)
def test_every_figure_of_need_is_printed_from_the_records(both, slug):
    _, page = both[slug]
    wanted = FIGURES_OF_NEED[slug].split()
    assert [figure for figure in wanted if not re.search(rf"(?<![\d.,]){re.escape(figure)}(?![\d])", page.text)] == []


@pytest.mark.parametrize("slug", HELD)
def test_every_picture_is_described_every_table_captioned_and_no_heading_skips(both, slug):
    _, page = both[slug]
    assert page.pictures == len(page.titles) >= 8
    assert page.tables == page.captions
    assert all(after - before <= 1 for before, after in zip(page.headings, page.headings[1:], strict=False))


def test_change_is_computed_where_the_paper_is_wrong(both):
    _, page = both["westminster-2018"]
    assert "+2,792 (+3.9%)" in page.text
    assert "+4,095 (+5.7%)" in page.text


def test_every_source_that_is_cited_is_in_the_list(both):
    for data, _ in both.values():
        numbers = {line.number for line in data.sources}
        cited = {c.number for chapter in data.chapters for part in (chapter, *chapter.parts) for c in part.cited}
        cited |= {single.value.source for chapter in data.chapters for single in chapter.singles}
        assert cited - {0} <= numbers
        assert numbers == set(range(1, len(numbers) + 1))
