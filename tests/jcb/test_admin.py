"""The reference records: who may open which screen, and what two people who edit at once come to see."""

import datetime as dt
import re

import pytest
from django.contrib import admin
from django.urls import reverse

from governance.models import Caution, ClosedDay, Membership, Seat, StandingItem, Terms
from jcb.models import Area, BoardSettings, Document, Notice, Partner, Person, StoredFile
from needs.models import Finding, Indicator, JsnaTheme, Source
from tests.conftest import PERSONAS
from tests.make import (
    PASSWORD,
    make_agenda_item,
    make_area,
    make_board_settings,
    make_caution,
    make_closed_day,
    make_definition,
    make_deliverable,
    make_finding,
    make_indicator,
    make_jsna_theme,
    make_lead,
    make_measure,
    make_membership,
    make_milestone,
    make_partner,
    make_person,
    make_plan,
    make_seat,
    make_service,
    make_source,
    make_standing_item,
    make_status_definitions,
    make_strategy,
    make_terms,
    make_theme,
    make_thread,
    make_workstream,
)
from tests.workstreams.test_race import at_once
from workstreams.models import (
    Deliverable,
    Measure,
    ProgressUpdate,
    Service,
    StatusDefinition,
    Strategy,
    Theme,
    Thread,
    Workstream,
)

pytestmark = pytest.mark.django_db

SEE, EDIT = "sees", "edits"
KEEPERS = ("secretariat", "administrator")
# Every screen: how a row is made, and what each of the two who keep the records may do there.
SCREENS = {
    Person: (make_person, {"secretariat": SEE, "administrator": EDIT}),
    BoardSettings: (make_board_settings, {"secretariat": SEE, "administrator": EDIT}),
    Partner: (make_partner, {"secretariat": EDIT, "administrator": EDIT}),
    Area: (make_area, {"secretariat": EDIT, "administrator": EDIT}),
    Source: (make_source, {"secretariat": EDIT, "administrator": EDIT}),
    Indicator: (make_indicator, {"secretariat": EDIT, "administrator": EDIT}),
    JsnaTheme: (make_jsna_theme, {"secretariat": EDIT, "administrator": EDIT}),
    Finding: (make_finding, {"secretariat": EDIT, "administrator": EDIT}),
    Thread: (make_thread, {"secretariat": EDIT, "administrator": EDIT}),
    Measure: (make_measure, {"secretariat": EDIT, "administrator": EDIT}),
    Workstream: (make_workstream, {"secretariat": EDIT, "administrator": EDIT}),
    Deliverable: (make_deliverable, {"secretariat": EDIT, "administrator": EDIT}),
    Theme: (make_theme, {"secretariat": EDIT, "administrator": EDIT}),
    Strategy: (make_strategy, {"secretariat": EDIT, "administrator": EDIT}),
    Service: (make_service, {"secretariat": EDIT, "administrator": EDIT}),
    StatusDefinition: (lambda: make_status_definitions()[0], {"secretariat": EDIT, "administrator": EDIT}),
    Terms: (make_terms, {"secretariat": SEE, "administrator": SEE}),
    StandingItem: (make_standing_item, {"secretariat": EDIT, "administrator": EDIT}),
    Seat: (make_seat, {"secretariat": EDIT, "administrator": EDIT}),
    ClosedDay: (make_closed_day, {"secretariat": EDIT, "administrator": EDIT}),
    Caution: (make_caution, {"secretariat": EDIT, "administrator": EDIT}),
}
# What is typed to make a row on each screen where that is possible, and what to change one; a field of another record's
# number is filled in by the function.
NEW = {
    Person: lambda: {"name": "Newcomer", "email": "newcomer@board.example", "role": "observer"},
    BoardSettings: lambda: {"board_name": "New board"},
    Partner: lambda: {"name": "New partner", "short_name": "New", "key": "new", "side": "other", "kind": "other"},
    Area: lambda: {"name": "New area", "key": "new", "kind": "part"},
    Source: lambda: {"title": "New source", "key": "new"},
    Indicator: lambda: {"name": "New indicator", "key": "new"},
    JsnaTheme: lambda: {"area": make_area().pk, "number": 7, "title": "New theme"},
    Finding: lambda: {"theme": make_jsna_theme().pk, "number": 7, "kind": "gap", "text": "New words."},
    Thread: lambda: {"finding": make_finding().pk, "workstream": make_workstream().pk},
    Measure: lambda: {"indicator": make_indicator().pk, "workstream": make_workstream().pk},
    Theme: lambda: {
        "plan": make_plan().pk,
        "order": 7,
        "name": "New theme",
        "short_name": "New",
        "key": "new",
        "description": "Words.",
    },
    Strategy: lambda: {"plan": make_plan().pk, "order": 7, "title": "New strategy"},
    Service: lambda: {"plan": make_plan().pk, "order": 7, "name": "New service", "commissioner": "council"},
    StandingItem: lambda: {"terms": make_terms().pk, "order": 7, "title": "New item"},
    Seat: lambda: {"terms": make_terms().pk, "order": 7, "position": "New seat"},
    ClosedDay: lambda: {"on": "25 December 2031", "name": "Christmas Day"},
    Caution: lambda: {
        "kind": "pre-election",
        "name": "Local elections",
        "area": make_area().pk,
        "first_on": "1 May 2031",
        "last_on": "2 May 2031",
    },
}
CHANGED = {
    **dict.fromkeys([Area, Indicator, Service, ClosedDay, Caution], lambda: {"name": "New words"}),
    **dict.fromkeys([JsnaTheme, Strategy, StandingItem], lambda: {"title": "New words"}),
    **dict.fromkeys([Partner, Source], lambda: {"note": "New words"}),
    Person: lambda: {"position": "New words"},
    BoardSettings: lambda: {"board_name": "New words"},
    Finding: lambda: {"text": "New words"},
    Thread: lambda: {"why": "New words"},
    Measure: lambda: {"workstream": make_workstream().pk, "deliverable": ""},
    Workstream: lambda: {"summary": "New words"},
    Deliverable: lambda: {"difference": "New words"},
    Theme: lambda: {"description": "New words"},
    StatusDefinition: lambda: {"meaning": "New words"},
    Seat: lambda: {"position": "New words"},
}
# What is typed into a new line of each table on a screen, and what to change in it.
LINES = {
    "acts_for": (Partner, lambda: {"principal": make_partner().pk}, lambda: {"principal": make_partner().pk}),
    "definitions": (
        Indicator,
        lambda: {"number": 1, "text": "As counted.", "unit": "weeks"},
        lambda: {"text": "New words"},
    ),
    "actions_taken": (Finding, lambda: {"number": 1, "text": "Done."}, lambda: {"text": "New words"}),
    "leads": (
        Workstream,
        lambda: {"person": make_person().pk, "side": "council", "from_on": "16 March 2018"},
        lambda: {"until_on": "30 March 2031"},
    ),
    "aliases": (Workstream, lambda: {"name": "Another name", "where": "On page 7"}, lambda: {"name": "New words"}),
    "milestones": (
        Deliverable,
        lambda: {"order": 1, "title": "A step", "due_on": "30 March 2031"},
        lambda: {"title": "New words"},
    ),
    "memberships": (
        Seat,
        lambda: {"person": make_person(role="board member").pk, "capacity": "member", "from_on": "16 March 2018"},
        lambda: {"until_on": "30 March 2031"},
    ),
}
ONE_ROW = {BoardSettings}
NO_ADDING = {Workstream, Deliverable, StatusDefinition, Terms}
NEVER_DELETED = {Person, BoardSettings, *NO_ADDING}
by_name = pytest.mark.parametrize("model", SCREENS, ids=lambda model: model._meta.model_name)


def address(model, page: str, *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def as_shown(page) -> dict[str, str]:
    """What a browser would send back if the person pressed Save at once."""
    html, data = page.content.decode(), {}
    form = html[html.index("<form", html.index('id="content-main"')) :]
    for tag in re.findall(r"<input[^>]*>", form):
        found = dict(re.findall(r'\s(\w+)="([^"]*)"', tag))
        if found.get("type") in {"submit", "search"} or "name" not in found or "__prefix__" in found["name"]:
            continue
        if found["type"] != "checkbox" or " checked" in tag:
            data[found["name"]] = found.get("value", "on" if found["type"] == "checkbox" else "")
    for name, body in re.findall(r'<textarea[^>]*\sname="([^"]*)"[^>]*>\s*(.*?)</textarea>', form, re.DOTALL):
        data[name] = body
    for name, body in re.findall(r'<select[^>]*\sname="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', body)
        data[name] = chosen.group(1) if chosen else ""
    return {name: value for name, value in data.items() if "__prefix__" not in name}


# Who may


def test_every_screen_is_in_the_matrix_and_there_is_no_other():
    assert set(admin.site._registry) == set(SCREENS)


PAGES = ("changelist", "add", "change", "history", "delete")


def expected(model, persona: str, which: str) -> int:
    """The status with which a persona is answered on a page of a screen."""
    if persona == "signed out":
        return 302
    if persona not in KEEPERS:
        return 403
    edits = SCREENS[model][1][persona] == EDIT
    if which == "add":
        return 200 if edits and model not in NO_ADDING | ONE_ROW else 403
    if which == "delete":
        return 200 if edits and model not in NEVER_DELETED else 403
    if which == "post":
        return 200 if edits else 403  # an empty form is shown again with what is missing
    return 302 if which == "changelist" and model in ONE_ROW else 200


@by_name
def test_only_those_who_keep_the_records_open_a_screen_and_only_those_who_may_change_it(model, cast, sign_in):
    row = SCREENS[model][0]()
    wrong = []
    for persona in PERSONAS:
        client = sign_in(cast[persona])
        answers = {
            which: client.get(address(model, which, *(() if which in {"changelist", "add"} else (row.pk,))))
            for which in PAGES
        }
        answers["post"] = client.post(address(model, "change", row.pk), {})
        wrong += [
            (persona, which, answer.status_code)
            for which, answer in answers.items()
            if answer.status_code != expected(model, persona, which)
        ]
    assert not wrong
    row.refresh_from_db()
    assert row.version == 1


@pytest.mark.parametrize("persona", PERSONAS)
@pytest.mark.parametrize("which", ["index", "autocomplete", "jsi18n"])
def test_the_pages_around_the_screens_are_for_the_same_two(persona, which, cast, sign_in):
    query = {"app_label": "workstreams", "model_name": "deliverable", "field_name": "lead"}
    answer = sign_in(cast[persona]).get(reverse(f"admin:{which}"), query)
    wanted = 302 if persona == "signed out" else 200 if persona in KEEPERS else 403
    assert answer.status_code == wanted


def test_signing_in_happens_on_the_boards_own_page_and_leads_back(sign_in):
    answer = sign_in(None).get("/admin/needs/source/", follow=True)
    assert answer.redirect_chain[-1][0] == "/accounts/login/?next=/admin/needs/source/"


def test_someone_signed_in_who_may_not_is_told_so_and_not_sent_in_circles(observer, sign_in):
    answer = sign_in(observer).get("/admin/login/?next=/admin/")
    assert answer.status_code == 403


def test_the_secretariat_looks_at_people_but_finds_no_box_to_change_them(secretariat, observer, sign_in):
    page = sign_in(secretariat).get(address(Person, "change", observer.pk)).content.decode()
    assert observer.email in page
    assert 'name="role"' not in page
    assert 'name="_save"' not in page


def test_the_rules_of_the_terms_are_looked_up_here_and_the_page_says_where_they_are_changed(
    secretariat, administrator, sign_in
):
    terms = make_terms()
    for person in (secretariat, administrator):
        page = sign_in(person).get(address(Terms, "change", terms.pk)).content.decode()
        assert "The secretariat changes these under “Meetings”, “Terms of reference”" in page
        assert 'name="authors_working_days"' not in page
        assert 'name="_save"' not in page


def test_being_administrator_opens_no_screen_of_progress_files_documents_or_notices():
    for model in (ProgressUpdate, StoredFile, Document, Notice):
        assert not admin.site.is_registered(model)


def test_no_screen_shows_a_password_or_its_hash(administrator, sign_in):
    person = make_person(password=PASSWORD)
    client = sign_in(administrator)
    for page in ("change", "history"):
        shown = client.get(address(Person, page, person.pk)).content.decode()
        assert person.password not in shown
        assert "pbkdf2" not in shown
        assert "password" not in as_shown(client.get(address(Person, "change", person.pk)))


def test_a_search_cannot_feel_its_way_into_a_hash(administrator, sign_in):
    make_person(password=PASSWORD)
    answer = sign_in(administrator).get(address(Person, "changelist"), {"password__startswith": "pbkdf2"})
    assert answer.status_code == 400


# Lists


@by_name
def test_a_list_asks_as_much_of_the_database_for_three_rows_as_for_one(
    model, administrator, sign_in, django_assert_max_num_queries, settings
):
    if model in ONE_ROW | {StatusDefinition}:
        return
    make, _ = SCREENS[model]
    client = sign_in(administrator)
    counts = []
    for more in (1, 2):
        for _ in range(more):
            with_links(make, model)
        with django_assert_max_num_queries(40) as asked:
            assert client.get(address(model, "changelist")).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def with_links(make, model):
    """A row whose every column that names another record does name one."""
    links = {
        Person: lambda: {"partner": make_partner()},
        Partner: lambda: {"successor": make_partner()},
        Area: lambda: {"within": make_area()},
        Deliverable: lambda: {"lead": make_person(), "deputy": make_person(), "partner": make_partner()},
        Seat: lambda: {"partner": make_partner()},
        Caution: lambda: {"area": make_area()},
    }
    return make(**links.get(model, dict)())


@by_name
def test_nothing_is_deleted_in_bulk(model, administrator, sign_in):
    row = SCREENS[model][0]()
    if model in ONE_ROW:
        return
    client = sign_in(administrator)
    page = client.get(address(model, "changelist")).content.decode()
    assert ('name="action"' in page) == (model is Person)  # invitations and lost phones, both told
    assert "delete_selected" not in page
    client.post(address(model, "changelist"), {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"})
    assert model._default_manager.filter(pk=row.pk).exists()


def test_a_filter_finds_the_deliverables_that_nobody_owns(secretariat, sign_in):
    make_deliverable(short_title="Owned", lead=make_person())
    make_deliverable(short_title="Nobody’s")
    page = sign_in(secretariat).get(address(Deliverable, "changelist"), {"lead__isempty": "1"}).content.decode()
    assert "Nobody’s" in page
    assert ">Owned<" not in page


def test_days_stand_in_words(secretariat, sign_in):
    make_source(title="Census", accessed_on=dt.date(2019, 12, 9))
    assert "9 December 2019" in sign_in(secretariat).get(address(Source, "changelist")).content.decode()


def test_someone_who_left_is_not_offered_as_a_lead(secretariat, sign_in):
    make_person(name="Here still")
    make_person(name="Gone", is_active=False)
    query = {"app_label": "workstreams", "model_name": "deliverable", "field_name": "lead"}
    offered = sign_in(secretariat).get(reverse("admin:autocomplete"), query).json()["results"]
    assert "Here still" in [row["text"] for row in offered]
    assert "Gone" not in [row["text"] for row in offered]


@pytest.mark.parametrize("key", ["abc", "0", "99999999999999999999", "1%00", "%F0%9F%99%82"])
@pytest.mark.parametrize("which", ["change", "history", "delete"])
def test_an_address_of_nothing_leads_home_and_never_breaks(key, which, administrator, sign_in):
    answer = sign_in(administrator).get(f"/admin/needs/source/{key}/{which}/")
    assert answer.status_code in {302, 404}


# Two people at once


def test_two_who_change_different_things_both_succeed(secretariat, administrator, sign_in):
    source = make_source(title="Census", publisher="Nobody")
    first, second = sign_in(secretariat), sign_in(administrator)
    opened = {client: as_shown(client.get(address(Source, "change", source.pk))) for client in (first, second)}
    first.post(address(Source, "change", source.pk), opened[first] | {"publisher": "Office for National Statistics"})
    answer = second.post(address(Source, "change", source.pk), opened[second] | {"title": "Census 2021"})
    assert answer.status_code == 302
    source.refresh_from_db()
    assert (source.title, source.publisher, source.version) == ("Census 2021", "Office for National Statistics", 3)


def test_the_second_of_two_who_change_the_same_thing_sees_both_and_decides(secretariat, administrator, sign_in):
    source = make_source(title="Census", note="")
    first, second = sign_in(secretariat), sign_in(administrator)
    form = as_shown(second.get(address(Source, "change", source.pk)))
    first.post(
        address(Source, "change", source.pk),
        as_shown(first.get(address(Source, "change", source.pk))) | {"title": "The Census", "note": "Every ten years"},
    )
    answer = second.post(address(Source, "change", source.pk), form | {"title": "Census 2021"})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "Board secretary changed this to “The Census” while you had the page open" in page
    assert as_shown(answer)["title"] == "Census 2021"
    source.refresh_from_db()
    assert source.title == "The Census"
    # Saving what is now shown keeps the second's title, and the first's note with it.
    assert second.post(address(Source, "change", source.pk), as_shown(answer)).status_code == 302
    source.refresh_from_db()
    assert (source.title, source.note, source.version) == ("Census 2021", "Every ten years", 3)


def test_a_conflict_shows_the_others_words_as_text_and_never_as_markup(secretariat, administrator, sign_in):
    source = make_source(title="Census")
    client = sign_in(administrator)
    form = as_shown(client.get(address(Source, "change", source.pk)))
    source.title, source.version = "<script>alert(1)</script>", 2
    source.save()
    page = client.post(address(Source, "change", source.pk), form | {"title": "Mine"}).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


def test_a_form_that_lost_its_version_overwrites_nothing(secretariat, sign_in):
    source = make_source(title="Census")
    client = sign_in(secretariat)
    form = as_shown(client.get(address(Source, "change", source.pk)))
    for seen in ("", "0", "-1", "x", "9" * 30):
        answer = client.post(address(Source, "change", source.pk), form | {"title": "Blind", "seen": seen})
        assert answer.status_code == 200
    source.refresh_from_db()
    assert source.title == "Census"


def test_two_who_change_the_same_row_of_a_table_are_told_too(secretariat, administrator, sign_in):
    lead = make_lead()
    page = address(Workstream, "change", lead.workstream_id)
    first, second = sign_in(secretariat), sign_in(administrator)
    form = as_shown(second.get(page))
    first.post(page, as_shown(first.get(page)) | {"leads-0-until_on": "31 March 2020"})
    answer = second.post(page, form | {"leads-0-until_on": "30 April 2020"})
    assert answer.status_code == 200
    assert "changed this to “31 March 2020”" in answer.content.decode()
    lead.refresh_from_db()
    assert lead.until_on == dt.date(2020, 3, 31)
    assert second.post(page, as_shown(answer)).status_code == 302
    lead.refresh_from_db()
    assert (lead.until_on, lead.version) == (dt.date(2020, 4, 30), 3)


def test_a_merge_that_would_break_a_rule_is_refused_with_its_sentence(secretariat, administrator, sign_in):
    partner = make_partner(starts_on=dt.date(2013, 4, 1))
    page = address(Partner, "change", partner.pk)
    first, second = sign_in(secretariat), sign_in(administrator)
    form = as_shown(second.get(page))
    first.post(page, as_shown(first.get(page)) | {"ends_on": "31 March 2014"})
    answer = second.post(page, form | {"starts_on": "1 April 2015"})
    assert answer.status_code == 200
    assert "The last day cannot be before the first" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_press_save_in_the_same_instant_one_lands_and_the_other_sees_both(sign_in):
    browsers = [sign_in(make_person(role="secretariat")) for _ in range(2)]
    for _ in range(3):
        source = make_source(title="Census")
        where = address(Source, "change", source.pk)
        forms = [as_shown(browser.get(where)) | {"title": f"Title {n}"} for n, browser in enumerate(browsers)]
        answers = at_once(lambda n, forms=forms, where=where: browsers[n].post(where, forms[n]), 2)
        assert sorted(answer.status_code for answer in answers) == [200, 302]
        (landed,) = (n for n, answer in enumerate(answers) if answer.status_code == 302)
        source.refresh_from_db()
        assert (source.title, source.version) == (f"Title {landed}", 2)
        refused = answers[1 - landed]
        assert f"changed this to “Title {landed}”" in refused.content.decode()
        assert as_shown(refused)["title"] == f"Title {1 - landed}"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_the_same_place_in_the_same_instant_one_is_told_that_it_is_taken(sign_in):
    browsers = [sign_in(make_person(role="secretariat")) for _ in range(2)]
    new = {"title": "Census", "key": "census"}
    answers = at_once(lambda n: browsers[n].post(address(Source, "add"), new), 2)
    assert sorted(answer.status_code for answer in answers) == [200, 302]
    assert Source.objects.filter(key="census").count() == 1


def test_saving_without_a_change_writes_nothing(secretariat, sign_in):
    source = make_source(note="Seen in June.\nAsked for again in July.")
    client = sign_in(secretariat)
    shown = as_shown(client.get(address(Source, "change", source.pk)))
    client.post(address(Source, "change", source.pk), {**shown, "note": shown["note"].replace("\n", "\r\n")})
    source.refresh_from_db()
    assert source.version == 1
    assert source.history.count() == 1


@pytest.mark.parametrize(
    "model",
    [model for model, (_, may) in SCREENS.items() if may["administrator"] == EDIT],
    ids=lambda model: model._meta.model_name,
)
def test_pressing_save_on_a_page_as_it_is_shown_changes_nothing(model, administrator, sign_in):
    row = SCREENS[model][0]()
    client = sign_in(administrator)
    answer = client.post(address(model, "change", row.pk), as_shown(client.get(address(model, "change", row.pk))))
    assert answer.status_code == 302, answer.context["errors"]
    row.refresh_from_db()
    assert row.version == 1


# History


def test_the_history_says_who_changed_what_from_and_to(secretariat, administrator, sign_in):
    deliverable = make_deliverable()
    lead = make_person(name="Commissioner for autism")
    client = sign_in(secretariat)
    page = address(Deliverable, "change", deliverable.pk)
    client.post(page, as_shown(client.get(page)) | {"lead": lead.pk})
    shown = sign_in(administrator).get(address(Deliverable, "history", deliverable.pk)).content.decode()
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", shown))
    assert "Board secretary Changed Lead : from nothing → to Commissioner for autism" in words


def test_the_history_of_a_record_tells_of_the_rows_on_its_page(secretariat, sign_in):
    milestone = make_milestone(title="Specification agreed")
    client = sign_in(secretariat)
    page = address(Deliverable, "change", milestone.deliverable_id)
    client.post(page, as_shown(client.get(page)) | {"milestones-0-title": "Contract signed"})
    client.post(page, as_shown(client.get(page)) | {"milestones-0-DELETE": "on"})
    words = client.get(address(Deliverable, "history", milestone.deliverable_id)).content.decode()
    assert words.index("Removed – milestone: Contract signed") < words.index("Changed – milestone: Contract signed")
    assert "Specification agreed" in words


def test_a_new_row_in_a_table_is_saved_with_its_history(secretariat, sign_in):
    seat, person = make_seat(), make_person(role="board member")
    client = sign_in(secretariat)
    page = address(Seat, "change", seat.pk)
    new = {
        "memberships-TOTAL_FORMS": "1",
        "memberships-0-person": person.pk,
        "memberships-0-capacity": "member",
        "memberships-0-from_on": "16 March 2018",
    }
    assert client.post(page, as_shown(client.get(page)) | new).status_code == 302
    membership = Membership.objects.get(seat=seat)
    assert membership.history.get().history_user == secretariat


# People


@pytest.fixture
def change_person(administrator, sign_in):
    client = sign_in(administrator)

    def change(person, **given):
        page = address(Person, "change", person.pk)
        data = as_shown(client.get(page)) | given
        return client.post(page, {name: value for name, value in data.items() if value is not None})

    return change


def test_a_change_of_role_is_told_to_the_person_and_to_the_secretariat(change_person, observer, secretariat):
    change_person(observer, role="commissioner")
    told = {notice.person: notice for notice in Notice.objects.filter(rule="role changed")}
    assert set(told) == {observer, secretariat}
    assert "Role: Observer → Commissioner" in told[observer].text
    assert "Administrator of the record changed your entry" in told[observer].text
    assert "Observer’s" in told[secretariat].subject


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"email": "New@Board.Example"}, "E-mail address: observer@board.example → new@board.example"),
        ({"is_active": None}, "May sign in: yes → no"),
    ],
)
def test_a_change_of_address_or_leave_to_sign_in_is_told_too(change, line, change_person, observer, secretariat):
    change_person(observer, **change)
    assert line in Notice.objects.get(person=secretariat).text


def test_a_change_of_partner_is_told_too(change_person, observer, secretariat, council):
    change_person(observer, partner=council.pk)
    assert "Partner: nothing → The Council" in Notice.objects.get(person=secretariat).text


def test_two_changes_on_one_day_are_told_twice(change_person, observer, secretariat):
    change_person(observer, role="commissioner")
    change_person(observer, role="board member")
    assert Notice.objects.filter(person=secretariat).count() == 2


def test_a_change_of_job_title_is_nobodys_news(change_person, observer):
    change_person(observer, position="Head of something")
    assert not Notice.objects.exists()


def test_a_new_person_has_no_password_and_the_page_says_how_they_get_one(administrator, secretariat, sign_in):
    client = sign_in(administrator)
    page = client.get(address(Person, "add"))
    assert "a message with a link to choose a password is sent" in page.content.decode()
    data = as_shown(page) | {"name": "Commissioner for autism", "email": "autism@board.example", "role": "commissioner"}
    assert client.post(address(Person, "add"), data).status_code == 302
    person = Person.objects.get(email="autism@board.example")
    assert not person.has_usable_password()
    assert person.is_active
    assert {notice.person for notice in Notice.objects.all()} == {person, secretariat}


def test_a_new_person_gets_the_message_with_which_to_choose_a_password(sign_in, mailoutbox):
    make_person(email="autism@board.example")
    sign_in(None).post(reverse("account_reset_password"), {"email": "autism@board.example"})
    assert [message.to for message in mailoutbox] == [["autism@board.example"]]


def test_the_only_administrator_cannot_be_shut_out(change_person, administrator):
    for change in ({"role": "observer"}, {"is_active": None}):
        answer = change_person(administrator, **change)
        assert "This is the only administrator" in answer.content.decode()
    administrator.refresh_from_db()
    assert administrator.is_active


def test_one_of_two_administrators_can_step_down(change_person, administrator):
    other = make_person(role="administrator")
    change_person(other, role="observer")
    other.refresh_from_db()
    assert other.role == "observer"


def test_someone_deactivated_is_signed_out_at_the_next_page(change_person, observer, sign_in):
    browser = sign_in(observer)
    assert browser.get("/plans/").status_code == 200
    change_person(observer, is_active=None)
    assert browser.get("/plans/").status_code == 302


# Deleting


def test_a_record_entered_by_mistake_can_be_deleted_and_its_history_stays(secretariat, sign_in):
    source = make_source()
    sign_in(secretariat).post(address(Source, "delete", source.pk), {"post": "yes"})
    assert not Source.objects.filter(pk=source.pk).exists()
    last = Source.history.filter(id=source.pk).first()
    assert (last.history_type, last.history_user) == ("-", secretariat)


def test_a_record_that_others_stand_on_cannot_be_deleted(secretariat, sign_in):
    definition = make_definition()
    client = sign_in(secretariat)
    page = address(Indicator, "delete", definition.indicator_id)
    assert "cannot be deleted" in client.get(page).content.decode()
    client.post(page, {"post": "yes"})
    assert Indicator.objects.filter(pk=definition.indicator_id).exists()


def test_what_stands_in_the_way_of_deleting_is_named_only_to_who_may_see_it(secretariat, administrator, sign_in):
    theme = make_theme()
    make_agenda_item(theme=theme, title="Health visiting")
    make_agenda_item(theme=theme, title="A placement", restricted=True)
    page = address(Theme, "delete", theme.pk)
    full, partial = (sign_in(person).get(page).content.decode() for person in (secretariat, administrator))
    assert "Agenda item: A placement" in full
    assert "Something that you may not see" not in full
    assert "A placement" not in partial
    assert "Agenda item: Health visiting" in partial
    assert "Something that you may not see" in partial
    sign_in(administrator).post(page, {"post": "yes"})
    assert Theme.objects.filter(pk=theme.pk).exists()


def test_no_page_sends_markup_that_the_security_policy_would_stop(administrator, sign_in):
    make_membership()
    client = sign_in(administrator)
    for model, (make, _) in SCREENS.items():
        row = model._default_manager.first() or make()
        for page in ("changelist", "change", "history"):
            answer = client.get(address(model, page, *(() if page == "changelist" else (row.pk,))), follow=True)
            html = answer.content.decode()
            assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", html), (model, page)
            assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", html), (model, page)
