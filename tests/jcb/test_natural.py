"""Fixtures name rows in words: a natural key leads to its row, and to no other."""

import pytest
from django.apps import apps

from jcb.natural import NaturallyKeyed
from tests.make import make_area, make_deliverable, make_person, make_plan, make_workstream
from workstreams.models import Deliverable

MODELS = [model for model in apps.get_models() if issubclass(model, NaturallyKeyed)]


@pytest.mark.django_db
def test_a_deliverable_is_named_by_its_plan_its_workstream_and_its_number():
    plan = make_plan(slug="westminster-2018")
    make_deliverable(workstream=make_workstream(plan=plan, number=3), number=1)
    wanted = make_deliverable(workstream=plan.workstreams.get(), number=2)
    assert wanted.natural_key() == ("westminster-2018", 3, 2)
    assert Deliverable.objects.get_by_natural_key("westminster-2018", 3, 2) == wanted


@pytest.mark.django_db
def test_a_key_with_a_part_missing_is_an_error_and_no_guess():
    make_deliverable()
    with pytest.raises(ValueError, match="argument"):
        Deliverable.objects.get_by_natural_key("plan", 1)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_natural_key_names_real_fields_and_is_unique(model):
    """A unique field, or a unique constraint over the key's own end of each lookup."""
    here = set()
    for lookup in model.NATURAL_KEY:
        first, *rest = lookup.split("__")
        field = model._meta.get_field(first)
        here.add(first)
        for name in rest:
            field = field.related_model._meta.get_field(name)
    if model.NATURAL_KEY[-1:] == ("from_on",):
        return  # a person can hold a seat twice, from different days; nobody begins twice on one day
    if model._meta.label == "governance.AgendaItem":
        return  # two items change places in two saves; `freeze_numbers` and the moves keep places apart
    unique = [{field.name} for field in model._meta.fields if field.unique and not field.primary_key]
    unique += [set(constraint.fields) for constraint in model._meta.constraints if getattr(constraint, "fields", None)]
    assert any(each <= here for each in unique), f"Two rows of {model._meta.label} could have one natural key."


@pytest.mark.django_db
def test_a_person_is_found_by_address_however_it_is_spelt():
    person = make_person(email="secretary@board.example")
    found = type(person).objects.get_by_natural_key("Secretary@Board.example")
    assert found == person
    assert found.natural_key() == ("secretary@board.example",)


@pytest.mark.django_db
def test_a_row_without_its_parent_cannot_say_its_key():
    area = make_area(key="westminster")
    assert area.natural_key() == ("westminster",)
    with pytest.raises(Deliverable.workstream.RelatedObjectDoesNotExist):
        Deliverable(number=1).natural_key()
