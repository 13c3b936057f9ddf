"""The record as it is loaded from the fixtures: whole, with the counts of the published plans (DOMAIN, "Counts that must
hold"), and a check that notices what is missing."""

import datetime as dt
from collections import Counter

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from governance.models import Clause, Ladder, Membership, RedressRule, Rung, Seat, StandingItem, Terms
from governance.record import DEMONSTRATION_NOW, check_record, load_record
from jcb import access, dates, guards
from jcb.models import ActsFor, Clock, Partner, Person
from needs.models import (
    ConsultationPoint,
    EngagementPrinciple,
    Finding,
    JsnaTheme,
    Observation,
    PublishedClaim,
    Statement,
    StatementArea,
)
from tests.conftest import NOW
from tests.record import put_whole_record
from tests.trail import unnamed
from workstreams.models import (
    FINISHED,
    NEEDS_WORDS,
    Achievement,
    Alias,
    Commitment,
    Consideration,
    Deliverable,
    Lead,
    Lineage,
    Milestone,
    Plan,
    Principle,
    ProgressUpdate,
    Section,
    Service,
    Status,
    StatusDefinition,
    Strategy,
    Theme,
    Thread,
    VisionOutcome,
    Workstream,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_record")]

W, K, BEFORE = "westminster-2018", "kensington-and-chelsea-2020", "kensington-and-chelsea-2018"


@pytest.fixture(scope="module")
def whole_record(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), dates.held_at(NOW), transaction.atomic():
        put_whole_record()
        yield
        transaction.set_rollback(True)


def rows() -> Counter:
    """How many rows each table has."""
    with connection.cursor() as cursor:
        tables = connection.introspection.django_table_names(only_existing=True)
        counts = Counter()
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608 -- our own tables
            counts[table] = cursor.fetchone()[0]
    return counts


# Whole, and the same again


def test_the_record_is_whole(capsys):
    assert check_record() == []
    call_command("check_record")
    assert capsys.readouterr().out == "The record is whole.\n"


def test_loading_again_changes_nothing_and_leaves_what_people_changed():
    deliverable = Deliverable.objects.get_by_natural_key(K, 3, 2)
    deliverable.short_title, deliverable.lead, deliverable.version = "Changed since", None, deliverable.version + 1
    deliverable.save()
    clock = Clock.objects.get()
    before = rows()
    again = load_record(demonstration=True)
    assert again.made == 0
    assert again.kept > 1_000
    assert rows() == before
    deliverable.refresh_from_db()
    assert (deliverable.short_title, deliverable.lead) == ("Changed since", None)
    assert Clock.objects.get().shown == clock.shown


def test_what_was_loaded_is_in_the_audit_trail_under_the_importers_name():
    importer = Person.objects.get(email="import@board.invalid")
    assert not importer.is_active
    assert {row.history_user for row in Deliverable.history.all()} == {importer}
    assert Deliverable.history.filter(history_type="+").count() == 62


def test_every_row_that_was_loaded_names_who_wrote_it():
    assert unnamed() == {}


# Counts


def per_number(rows, **given) -> tuple[int, ...]:
    return tuple(rows(row) for row in Workstream.objects.filter(**given).order_by("number"))


def test_three_plans_are_on_record_and_two_of_them_held():
    assert set(Plan.objects.values_list("slug", "text_held")) == {(W, True), (K, True), (BEFORE, False)}
    assert Plan.objects.get(slug=K).previous.slug == BEFORE
    assert Plan.objects.get(slug=W).edition_month == dt.date(2018, 4, 1)
    assert Plan.objects.get(slug=W).ends_on == dt.date(2019, 10, 31)
    kensington = Plan.objects.get(slug=K)
    assert (kensington.edition_month, kensington.ends_on) == (dt.date(2020, 1, 1), dt.date(2021, 7, 31))
    assert kensington.next_refresh == dt.date(2022, 1, 1)
    assert len(kensington.gap_months) == 5


@pytest.mark.parametrize(
    ("slug", "deliverables"), [(W, (3, 3, 3, 5, 6, 3, 4)), (K, (4, 3, 6, 5, 7, 4, 6)), (BEFORE, (0,) * 7)]
)
def test_workstreams_and_deliverables(slug, deliverables):
    streams = Workstream.objects.filter(plan__slug=slug).order_by("number")
    assert [stream.number for stream in streams] == [1, 2, 3, 4, 5, 6, 7]
    assert tuple(stream.deliverables.count() for stream in streams) == deliverables
    assert {stream.model for stream in streams} == {Workstream.Model.NOT_STATED}


@pytest.mark.parametrize("slug", [W, K])
def test_vision_and_principles_are_in_both_plans(slug):
    assert VisionOutcome.objects.filter(plan__slug=slug).count() == 12
    principles = Principle.objects.filter(plan__slug=slug).order_by("order")
    assert [principle.commitments.count() for principle in principles] == [4, 2, 4, 5, 4, 4]
    assert Section.objects.filter(plan__slug=slug).exists()


def test_what_only_one_plan_has():
    def by_plan(model, plan="plan__slug"):
        return dict(Counter(model.objects.values_list(plan, flat=True)))

    assert by_plan(Theme) == {K: 5}
    assert by_plan(Strategy) == {W: 10}
    assert by_plan(Service) == {W: 39}
    assert Counter(Service.objects.values_list("commissioner", flat=True)) == {"nhs": 17, "shared": 8, "council": 14}
    assert by_plan(Achievement, "reported_in__slug") == {K: 30}
    assert Achievement.objects.filter(workstream=None).count() == 4
    assert ConsultationPoint.objects.count() == 8
    assert EngagementPrinciple.objects.count() == 7
    assert (JsnaTheme.objects.count(), Finding.objects.count()) == (5, 10)


def test_families_said_twenty_three_things_under_six_headings_in_both_boroughs():
    statements = Statement.objects.all()
    assert len(statements) == 23
    assert len({statement.setting for statement in statements}) == 6
    assert {statement.areas.count() for statement in statements} == {2}
    assert StatementArea.objects.count() == 46


def test_four_of_westminsters_deliverables_have_a_date_of_their_own():
    own = Deliverable.objects.exclude(own_due_on=None).select_related("workstream__plan")
    found = {(d.workstream.plan.slug, d.workstream.short_name, d.number): d.own_due_on for d in own}
    assert sorted(found.values()) == [
        dt.date(2018, 6, 30), dt.date(2019, 4, 30), dt.date(2019, 10, 31), dt.date(2019, 10, 31),
    ]  # fmt: skip
    assert {slug for slug, _, _ in found} == {W}
    due = {(d.workstream.number, d.number): d.own_due_on for d in own}
    assert due[3, 2] == dt.date(2019, 4, 30)
    assert due[3, 3] == dt.date(2018, 6, 30)
    assert due[1, 2] == due[2, 2] == dt.date(2019, 10, 31)


def test_lineage_runs_from_2018_to_2020_within_the_borough():
    steps = {
        (step.before.number if step.before else None, step.after.number if step.after else None): step.kind
        for step in Lineage.objects.select_related("before__plan", "after__plan")
    }
    assert steps == {
        (1, 1): "continues",
        (2, 6): "continues",
        (4, 3): "continues",
        (5, 4): "refocused",
        (7, 5): "refocused",
        (3, None): "moved",
        (6, None): "moved",
        (None, 2): "new",
        (None, 7): "new",
    }
    moved = Lineage.objects.filter(kind="moved")
    assert {step.moved_to for step in moved} == {"Children and Families Act Executive Board"}
    assert all(step.lives_on_as for step in moved)
    assert Alias.objects.filter(workstream__plan__slug=K).exists()


def test_every_status_has_its_meaning():
    assert set(StatusDefinition.objects.values_list("status", flat=True)) == set(Status.values)
    letters = dict(StatusDefinition.objects.values_list("status", "letter"))
    assert [letters[s] for s in (Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK, Status.COMPLETE)] == list("GARB")


def test_both_terms_of_reference_are_kept_each_in_force_from_its_day():
    old, new = Terms.objects.get(key="2018"), Terms.objects.get(key="2020")
    assert (old.in_force_from, new.in_force_from) == (dt.date(2018, 3, 16), dt.date(2020, 1, 1))
    assert (old.length_minutes, new.length_minutes) == (90, 120)
    assert (old.notice_number, old.notice_unit) == (7, Terms.Notice.DAYS)
    assert (new.notice_number, new.notice_unit) == (72, Terms.Notice.HOURS)
    assert (new.every_number, new.every_unit) == (6, Terms.Every.WEEKS)
    assert Counter(Seat.objects.values_list("terms__key", "kind")) == {
        ("2018", "core"): 10, ("2020", "core"): 11, ("2020", "invited"): 5,
    }  # fmt: skip
    responsibilities = Clause.objects.filter(kind=Clause.Kind.RESPONSIBILITY)
    assert Counter(responsibilities.values_list("terms__key", flat=True)) == {"2018": 14, "2020": 15}
    assert StandingItem.objects.filter(terms=old).count() == 6
    assert StandingItem.objects.filter(terms=new).count() == 12


def test_both_ladders_and_the_rules_of_redress():
    assert dict(Counter(Rung.objects.values_list("ladder__key", flat=True))) == {"plan-2018": 5, "terms-2020": 2}
    assert Ladder.objects.count() == 2
    assert RedressRule.objects.exists()


def test_partners_succeed_one_another_and_keep_their_old_names():
    ccg = Partner.objects.filter(side="nhs", ends_on=dt.date(2021, 3, 31)).first()
    names = [ccg.now_called(day).name for day in (dt.date(2021, 3, 31), dt.date(2021, 4, 1), dt.date(2022, 7, 1))]
    assert len(set(names)) == 3
    assert names[1] == "NHS North West London CCG"
    assert ccg.now_called(dt.date(2026, 4, 1)).name not in names
    assert ActsFor.objects.count() >= 2


def test_every_finding_is_on_the_golden_thread_and_every_figure_has_its_source():
    assert not Finding.objects.filter(threads=None).exists()
    assert Thread.objects.exists()
    assert not Observation.objects.filter(source=None).exists()
    assert PublishedClaim.objects.exists()


# The demonstration


def test_everything_invented_is_marked_and_the_clock_starts_on_its_morning():
    assert not ProgressUpdate.objects.filter(invented=False).exists()
    assert not Milestone.objects.filter(invented=False).exists()
    assert not Consideration.objects.filter(invented=False).exists()
    people = Person.objects.exclude(email="import@board.invalid")
    assert {person.is_demonstration for person in people} == {True}
    assert {person.role for person in people} == set(Person.Role.values)
    assert Clock.objects.get().shown == DEMONSTRATION_NOW == NOW


def test_the_demonstrations_people_can_sign_in(client):
    person = Person.objects.filter(is_demonstration=True, role="commissioner").first()
    answer = client.post("/accounts/login/", {"login": person.email, "password": "a-year-in-the-board"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_the_demonstrations_log_keeps_the_rules_that_people_keep():
    faults = []
    updates = ProgressUpdate.objects.select_related(
        "by", "on_behalf_of", "confirms__by", "confirms__on_behalf_of", "deliverable__workstream__plan"
    )
    before = {}
    for update in updates.prefetch_related("deliverable__workstream__leads").order_by("deliverable", "number"):
        deliverable, day = update.deliverable, dates.london_day(update.at)
        last = before.get(deliverable.pk)
        may = access.may_log_progress(update.by, deliverable, day)
        if update.confirms:
            may = access.may_confirm_complete(update.by, deliverable, update.confirms.said_by, day)
        late = day > deliverable.agreed_on and update.status not in {*FINISHED, Status.OFF_TRACK}
        checks = {
            "may not log": not may,
            "is out of order": bool(last and (last.number != update.number - 1 or last.at > update.at)),
            "starts late in the count": last is None and update.number != 1,
            "comes from the future": update.at > NOW,
            "is past its date and not off track": late,
            "has no words": update.status in NEEDS_WORDS and not update.narrative,
            "forecasts the past": bool(
                update.forecast_on and update.status not in FINISHED and update.forecast_on < day
            ),
            "is written for a person who may not": bool(
                update.on_behalf_of and not access.may_log_progress(update.on_behalf_of, deliverable, day)
            ),
            "speaks for another": bool(update.on_behalf_of and not access.is_secretariat(update.by)),
            "closes without the secretariat": update.status == Status.CLOSED and not access.is_secretariat(update.by),
        }
        faults += [f"{deliverable} {update.number} {fault}" for fault, found in checks.items() if found]
        before[deliverable.pk] = update
    assert faults == []


def test_the_first_screen_is_not_a_list_of_failures(client):
    """An owner for nearly everything, and a picture with every status in it."""
    kensington = Deliverable.objects.filter(workstream__plan__slug=K)
    assert kensington.exclude(lead=None).count() > 25
    assert Lead.objects.filter(workstream__plan__slug=K).exists()
    assert Membership.objects.exists()
    client.force_login(Person.objects.filter(is_demonstration=True, role="secretariat").first())
    for path in (
        "/",
        "/plans/",
        f"/plans/{K}/",
        f"/plans/{W}/",
        f"/plans/{BEFORE}/",
        f"/plans/{K}/themes/",
        "/deliverables/",
    ):
        assert client.get(path).status_code == 200
    text = client.get("/deliverables/").content.decode()
    for status in (Status.OFF_TRACK, Status.AT_RISK, Status.ON_TRACK, Status.COMPLETE):
        assert f">{status.label}</span>" in text


@pytest.mark.parametrize("role", Person.Role.values)
def test_every_role_of_the_demonstration_sees_home_in_few_queries(sign_in, role, django_assert_max_num_queries):
    client = sign_in(Person.objects.filter(is_demonstration=True, role=role).first())
    with django_assert_max_num_queries(
        21
    ):  # four for the open round, three for what meetings left, three for minutes and replies
        assert client.get("/").status_code == 200


# What the check notices


def remove(row) -> None:
    """A row lost from the database behind everybody's back, with what stands on it."""
    for relation in row._meta.related_objects:
        for standing_on_it in relation.related_model._base_manager.filter(**{relation.field.name: row}):
            remove(standing_on_it)
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(row._meta.db_table)
        guards.take_down()  # the database refuses it by itself
        cursor.execute(f"DELETE FROM {table} WHERE id = %s", [row.pk])  # noqa: S608 -- our own table


def change(row, **values) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def first(model, **given):
    return model.objects.filter(**given).order_by("pk").first()


def lose_first(model, **given):
    return lambda: remove(first(model, **given))


def cross_boroughs():
    change(first(Thread, workstream__isnull=False, finding__isnull=False), workstream=first(Workstream, plan__slug=W))


def write_before_the_plan():
    deliverable = first(Deliverable, workstream__plan__slug=K, updates=None) or Deliverable(
        workstream=first(Workstream, plan__slug=K), number=99, title="Late", short_title="Late"
    )
    deliverable.save()
    at = dt.datetime(2019, 12, 31, 9, tzinfo=dt.UTC)
    ProgressUpdate(deliverable=deliverable, number=1, status="on track", by=first(Person), at=at).save()


FAULTS = {
    "a plan": (lambda: change(Plan.objects.get(slug=W), slug="elsewhere"), "Plans: "),
    "a deliverable": (lose_first(Deliverable, number=4), "deliverables by workstream: "),
    "a vision outcome": (lose_first(VisionOutcome), "vision outcomes: 11 found, 12 expected."),
    "a commitment": (lose_first(Commitment), "commitments by principle: (3, 2, 4, 5, 4, 4) found"),
    "a strategy": (lose_first(Strategy), "strategies: 9 found, 10 expected."),
    "a theme": (lambda: change(first(Theme), plan=Plan.objects.get(slug=W), order=99), "themes: 4 found, 5 expected."),
    "a service": (lose_first(Service), "services: "),
    "an achievement": (lose_first(Achievement, workstream__isnull=False), "achievements and strategic actions: (25, 4)"),
    "a strategic achievement": (lose_first(Achievement, workstream=None), "strategic actions: (26, 3) found"),
    "a workstream of 2018": (lambda: change(first(Workstream, plan__slug=BEFORE), plan=Plan.objects.get(slug=W), number=8), "Workstreams of kensington-and-chelsea-2018: 6 found"),
    "a finding": (lose_first(Finding), "JSNA themes and findings: (5, 9) found"),
    "a statement": (lose_first(Statement), "Statements and settings: (22, 6) found"),
    "a borough of a statement": (lose_first(StatementArea), "boroughs: 1 found, 2 expected."),
    "a consultation point": (lose_first(ConsultationPoint), "Consultation points: 7 found"),
    "an engagement principle": (lose_first(EngagementPrinciple), "Engagement principles: 6 found"),
    "terms": (lambda: change(Terms.objects.get(key="2018"), key="1918"), "Terms of reference 2018 are missing."),
    "a seat": (lose_first(Seat, terms__key="2018"), "Terms 2018: seats: {'core': 9} found"),
    "a responsibility": (lose_first(Clause, kind="responsibility", terms__key="2020"), "responsibilities: 14 found"),
    "a rung": (lose_first(Rung), "rungs: 4 found, 5 expected."),
    "a step of lineage": (lose_first(Lineage, kind="new"), "Lineage 2018 to 2020: "),
    "a party": (lambda: change(first(Partner, is_party=True), is_party=False), "Parties to the Board on "),
    "the thread of a finding": (
        lambda: [remove(thread) for thread in Thread.objects.filter(finding=first(Finding))],
        "is not on any golden thread.",
    ),
    "a thread across boroughs": (cross_boroughs, "runs from one borough to another."),
    "the source of a figure": (lambda: change(first(Observation), source=None), "has no source."),
    "the last day of a partner that was succeeded": (
        lambda: change(first(Partner, successor__isnull=False), ends_on=None),
        "has a successor but no last day.",
    ),
    "a date outside the plan's period": (
        lambda: change(first(Deliverable, workstream__plan__slug=W), own_due_on=dt.date(2019, 11, 1)),
        "is due outside its plan's period.",
    ),
    "an update before the plan began": (write_before_the_plan, "was written before the plan began."),
    "an update in the middle of a log": (lose_first(ProgressUpdate, number=1), ": a progress update is missing."),
    "the words of a commitment": (lambda: change(first(Commitment), text=""), "says nothing."),
    "a theme of another plan": (
        lambda: change(first(Consideration), workstream=first(Workstream, plan__slug=W)),
        "crosses plans.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_the_check_notices(fault):
    make_it, sentence = FAULTS[fault]
    make_it()
    problems = check_record()
    assert any(sentence in problem for problem in problems), problems


def test_the_check_ends_with_an_error_and_says_what_to_mend(capsys):
    remove(first(VisionOutcome))
    remove(first(ConsultationPoint))
    with pytest.raises(SystemExit) as end:
        call_command("check_record")
    assert end.value.code == 1
    said = capsys.readouterr().err
    assert "Consultation points: 7 found, 8 expected." in said
    assert said.endswith("The record is not whole: 2 to mend.\n")


def test_in_a_real_record_invented_rows_are_a_fault(settings):
    settings.DEMONSTRATION = False
    assert any("Invented rows are in a record that is not a demonstration" in problem for problem in check_record())
