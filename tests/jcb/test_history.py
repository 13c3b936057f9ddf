"""No write goes unseen, and of two people who save one record nobody loses a word."""

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError

from jcb import files
from jcb.history import AppendOnly, BypassForbidden, Conflict, LogQuerySet, Record, as_opened, attributed_to, save_seen
from jcb.models import Partner, Person
from needs.models import Source
from tests.make import make_partner, make_person, make_source, make_update

RECORDS = [model for model in apps.get_models() if issubclass(model, Record)] + [Person]
LOGS = [model for model in apps.get_models() if issubclass(model, AppendOnly)]
by_label = pytest.mark.parametrize("model", RECORDS, ids=lambda model: model._meta.label)
log_by_label = pytest.mark.parametrize("model", LOGS, ids=lambda model: model._meta.label)


# Writes that leave no trace


@by_label
def test_a_record_cannot_be_written_past_its_history(model):
    rows = model._default_manager.all()
    for write in (
        lambda: rows.update(version=2),
        lambda: rows.delete(),
        lambda: rows.filter(pk=1).delete(),
        lambda: model._default_manager.update(version=2),
        lambda: model._default_manager.bulk_create([model()]),
        lambda: model._default_manager.bulk_update([model(pk=1)], ["version"]),
    ):
        with pytest.raises(BypassForbidden):
            write()


def test_the_rows_of_another_record_are_guarded_too():
    partner = Partner(pk=1)
    with pytest.raises(BypassForbidden):
        partner.people.all().update(role="administrator")
    with pytest.raises(BypassForbidden):
        partner.deliverables.all().delete()


@log_by_label
def test_a_row_of_a_log_is_never_changed_or_deleted(model):
    assert isinstance(model._default_manager.all(), LogQuerySet)
    row = model(pk=1)
    row._state.adding = False
    for write in (
        row.save,
        row.delete,
        lambda: model._default_manager.all().update(pk=2),
        lambda: model._default_manager.all().delete(),
        lambda: model._default_manager.bulk_update([row], ["id"]),
    ):
        with pytest.raises(BypassForbidden):
            write()


@pytest.mark.django_db
def test_a_logged_update_stays_as_it_was_written():
    update = make_update(narrative="As it was.")
    update.narrative = "As it would have been nicer."
    with pytest.raises(BypassForbidden):
        update.save()
    update.refresh_from_db()
    assert update.narrative == "As it was."


@by_label
def test_every_record_has_a_version_and_a_history(model):
    assert model._meta.get_field("version").default == 1
    assert model.history.model._meta.get_field("version")


def test_the_trail_of_a_person_has_no_password_in_it():
    assert "password" not in {field.name for field in Person.history.model._meta.fields}


# Two people, one record


@pytest.fixture
def source(db) -> Source:
    return make_source(title="Census", publisher="Nobody", note="")


def opened(source: Source) -> Source:
    """The record as another person has it on their page."""
    return Source.objects.get(pk=source.pk)


def test_a_save_raises_the_version_and_leaves_one_line_of_history(source):
    mine = opened(source)
    mine.title = "Census 2021"
    saved = save_seen(mine, seen=1, changed=["title"])
    assert (saved.title, saved.version, mine.version) == ("Census 2021", 2, 2)
    assert [(row.title, row.version) for row in source.history.all()] == [("Census 2021", 2), ("Census", 1)]


def test_changes_of_different_fields_are_merged_and_neither_is_lost(source):
    theirs, mine = opened(source), opened(source)
    theirs.publisher = "Office for National Statistics"
    save_seen(theirs, seen=1, changed=["publisher"])
    mine.title = "Census 2021"
    saved = save_seen(mine, seen=1, changed=["title"])
    assert (saved.title, saved.publisher, saved.version) == ("Census 2021", "Office for National Statistics", 3)


def test_changes_of_one_field_are_a_conflict_that_shows_theirs_and_writes_nothing(source):
    theirs, mine = opened(source), opened(source)
    theirs.title = "The Census"
    save_seen(theirs, seen=1, changed=["title"])
    mine.title, mine.note = "Census 2021", "Every ten years"
    with pytest.raises(Conflict) as conflict:
        save_seen(mine, seen=1, changed=["title", "note"])
    assert conflict.value.fields == ["title"]
    assert conflict.value.theirs.title == "The Census"
    source.refresh_from_db()
    assert (source.title, source.note, source.version) == ("The Census", "", 2)
    assert source.history.count() == 2
    assert mine.title == "Census 2021"


def test_two_who_write_the_same_thing_do_not_disagree(source):
    theirs, mine = opened(source), opened(source)
    theirs.title = mine.title = "Census 2021"
    save_seen(theirs, seen=1, changed=["title"])
    assert save_seen(mine, seen=1, changed=["title"]).version == 3


def test_a_conflict_two_versions_back_is_still_found(source):
    mine = opened(source)
    for seen, title in ((1, "Second"), (2, "Third")):
        theirs = opened(source)
        theirs.title = title
        save_seen(theirs, seen=seen, changed=["title"])
    mine.title = "Mine"
    with pytest.raises(Conflict):
        save_seen(mine, seen=1, changed=["title"])


def test_there_and_back_again_is_no_conflict(source):
    mine = opened(source)
    for seen, title in ((1, "Second"), (2, "Census")):
        theirs = opened(source)
        theirs.title = title
        save_seen(theirs, seen=seen, changed=["title"])
    mine.title = "Mine"
    assert save_seen(mine, seen=1, changed=["title"]).title == "Mine"


def test_where_nobody_knows_how_the_record_stood_nothing_is_overwritten(source):
    mine = opened(source)
    mine.title = "Mine"
    assert as_opened(source, 77) is None
    with pytest.raises(Conflict):
        save_seen(mine, seen=77, changed=["title"])


@pytest.mark.django_db
def test_a_merge_that_breaks_a_rule_is_refused_and_writes_nothing():
    partner = make_partner(starts_on="2013-04-01")
    theirs, mine = Partner.objects.get(pk=partner.pk), Partner.objects.get(pk=partner.pk)
    theirs.ends_on = "2014-03-31"
    save_seen(theirs, seen=1, changed=["ends_on"])
    mine.starts_on = "2015-04-01"
    with pytest.raises(ValidationError, match="cannot be before the first"):
        save_seen(mine, seen=1, changed=["starts_on"])
    partner.refresh_from_db()
    assert partner.version == 2


# Who


@pytest.mark.django_db
def test_a_change_in_a_request_is_attributed_to_who_made_it(secretariat, sign_in):
    sign_in(secretariat).post("/admin/needs/source/add/", {"title": "Census", "key": "census"})
    assert Source.objects.get(key="census").history.get().history_user == secretariat


@pytest.mark.django_db
def test_a_change_outside_a_request_names_the_person_behind_it_and_stops_there():
    importer = make_person(name="Record import")
    with attributed_to(importer):
        inside = make_source()
        with attributed_to(other := make_person()):
            nested = make_source()
        after = make_source()
    outside = make_source()
    assert [row.history.get().history_user for row in (inside, nested, after, outside)] == [
        importer,
        other,
        importer,
        None,
    ]


@pytest.mark.django_db
def test_an_error_inside_does_not_leave_the_name_behind():
    person = make_person()
    with pytest.raises(ZeroDivisionError), attributed_to(person):
        1 / 0  # noqa: B018 -- the error is what is wanted
    assert make_source().history.get().history_user is None


# Files


@pytest.mark.django_db
def test_a_file_of_the_same_name_never_takes_the_place_of_what_history_points_to():
    first = files.keep(b"%PDF-1.7 first", extension="pdf", by=None)
    update = make_update(evidence=first, evidence_name="minutes.pdf")
    second = files.keep(b"%PDF-1.7 second", extension="pdf", by=None)
    make_update(deliverable=update.deliverable, evidence=second, evidence_name="minutes.pdf")
    update.refresh_from_db()
    assert files.path_of(update.evidence).read_bytes() == b"%PDF-1.7 first"
