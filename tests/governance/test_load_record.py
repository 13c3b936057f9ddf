"""Loading the record: the plans alone, or with the demonstration; and what is said of a fixture that cannot be loaded."""

import pytest
from django.core.management import CommandError, call_command

from governance import record
from governance.record import RecordError, check_record, load_record
from jcb.models import Area, Clock, Person
from workstreams.models import Consideration, Deliverable, Lead, Milestone, Plan, ProgressUpdate

pytestmark = pytest.mark.django_db


def test_the_plans_alone_have_no_invented_word_in_them_and_are_whole(monkeypatch, settings, capsys):
    monkeypatch.setenv("PLANS", "only")
    call_command("load_record", verbosity=2)
    settings.DEMONSTRATION = False
    assert "rows made, 0 were there already." in capsys.readouterr().out
    assert check_record() == []
    assert Plan.objects.count() == 3
    assert [person.email for person in Person.objects.all()] == ["import@board.invalid"]
    for model in (ProgressUpdate, Milestone, Consideration, Lead, Clock):
        assert not model.objects.exists(), model
    assert {(d.lead, d.deputy, d.partner, d.difference) for d in Deliverable.objects.all()} == {(None, None, None, "")}


def test_a_word_that_the_setting_does_not_know_is_refused(monkeypatch):
    monkeypatch.setenv("PLANS", "some")
    with pytest.raises(CommandError, match="PLANS can be 'only'"):
        call_command("load_record")


def test_without_the_demonstration_nobody_can_sign_in_and_the_command_says_how_to_begin(capsys):
    call_command("demonstration_signins")
    assert "createsuperuser" in capsys.readouterr().out


@pytest.fixture
def fixtures(tmp_path, monkeypatch, settings):
    """Fixtures of the test's own: `fixtures("areas", text)` writes a file."""
    settings.BASE_DIR = tmp_path
    monkeypatch.setattr(record, "FIXTURES", tmp_path / "fixtures")

    def write(name: str, text: str, folder: str = "common") -> None:
        (tmp_path / "fixtures" / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / "fixtures" / folder / f"{name}.yaml").write_text(text, encoding="utf-8")

    return write


LONDON = """
- model: jcb.area
  fields: {key: westminster, name: Westminster, kind: borough, within: [london]}
- model: jcb.area
  fields: {key: london, name: London, kind: region}
"""


def test_rows_are_made_in_the_order_in_which_they_name_each_other(fixtures):
    fixtures("areas", LONDON)
    loaded = load_record(demonstration=False)
    assert (loaded.made, loaded.kept, loaded.by_model) == (2, 0, {"jcb.area": 2})
    assert Area.objects.get(key="westminster").within.key == "london"


def test_only_the_rows_that_are_missing_are_made(fixtures):
    fixtures("areas", LONDON)
    load_record(demonstration=False)
    fixtures("more", "- model: jcb.area\n  fields: {key: england, name: England, kind: country}")
    assert load_record(demonstration=False).made == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "- model: jcb.area\n  fields: {key: a, name: A, kind: planet}",
            "fixtures/common/bad.yaml: jcb.area a, A, planet",
        ),
        (
            "- model: jcb.area\n  fields: {key: a, name: A, kind: part, within: [b]}",
            "names something that is not there",
        ),
        ("- model: jcb.areo\n  fields: {key: a}", "fixtures/common/bad.yaml: jcb.areo a"),
        ("- model: jcb.area\n  fields: {key: a, colour: red}", "fixtures/common/bad.yaml: jcb.area a, red"),
        ("- model: jcb.area\n  fields: {key: a, name: A, kind: part, within: [b, c]}", "fixtures/common/bad.yaml"),
    ],
    ids=["no such choice", "no such row", "no such model", "no such field", "a key too long"],
)
def test_a_fixture_that_cannot_be_loaded_is_named_and_nothing_is_loaded(fixtures, text, sentence):
    fixtures("areas", LONDON)
    fixtures("bad", text)
    with pytest.raises(RecordError) as refusal:
        load_record(demonstration=False)
    assert sentence in str(refusal.value)
    assert not Area.objects.exists()
    with pytest.raises(CommandError, match=r"bad\.yaml"):
        call_command("load_record")


def test_a_demonstration_that_names_nobody_says_whom(fixtures):
    fixtures("owners", "- deliverable: [nowhere, 1, 1]\n  lead: a@board.example", folder="demonstration")
    with pytest.raises(RecordError, match=r"owners\.yaml: .* names a deliverable that is not there"):
        load_record(demonstration=True)
    assert not Person.objects.exists()
