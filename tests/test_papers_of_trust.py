"""The papers that a council asks for cannot fall behind the software: every table, file and known problem is held against it."""

import re
from collections import Counter
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.template.loader import render_to_string

from governance.retention.periods import PERIODS

ROOT = Path(settings.BASE_DIR)
PAPERS = (
    "accessibility-statement.md",
    "data-protection-impact-assessment.md",
    "record-of-processing.md",
    "retention.md",
)
AUDIT_TRAIL = "audit trail"  # one row of the paper for the histories of all records


def paper(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def tables() -> set[str]:
    """What the software's tables are called; not those of its tests."""
    models = [model for model in apps.get_models() if not model.__module__.startswith("tests.")]
    return {AUDIT_TRAIL if hasattr(model, "instance_type") else model._meta.verbose_name.lower() for model in models}


def rows(text: str) -> list[list[str]]:
    """The rows of the first table of the retention paper: five cells each."""
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")
    ]
    return [row for row in cells if len(row) == 5][2:]


def named(text: str) -> Counter:
    return Counter(name.strip().lower() for row in rows(text) for name in row[1].split(","))


def test_every_table_has_one_row_of_the_retention_paper_and_no_row_is_about_what_is_gone():
    found = named(paper("retention.md"))
    assert set(found) == tables()
    assert [name for name, times in found.items() if times > 1] == []


@pytest.mark.parametrize("name", ["registered interest", "user session", AUDIT_TRAIL])
def test_a_table_that_nobody_wrote_down_would_be_found(name):
    text = paper("retention.md")
    assert tables() - set(named(re.sub(rf"\b{name}\b", "", text))) == {name}


# Periods that nothing in the record tells apart: deeds, and figures of few people.
NOT_LISTED = [("Figures, also those", 3), ("Agreements on budgets", 12)]


def test_every_period_in_years_is_one_of_the_list_for_appraisal_and_the_other_way_round():
    """What `manage.py appraisal_list` goes by is what the council reads."""
    found = []
    for row in rows(paper("retention.md")):
        found += [(row[0], int(years)) for years in re.findall(r"(\d+)(?: years?\b| if it is a deed)", row[3])]
    listed = {(each.row, each.years) for each in PERIODS} | set(NOT_LISTED)
    for begins, years in listed:
        assert any(name.startswith(begins) and said == years for name, said in found), (begins, years)
    for name, said in found:
        assert any(name.startswith(begins) and said == years for begins, years in listed), (name, said)


def test_every_row_says_why_and_how_it_goes():
    assert [row[0] for row in rows(paper("retention.md")) if not all(row)] == []


@pytest.mark.parametrize("name", PAPERS)
def test_a_paper_names_only_files_that_are_there(name):
    paths = re.findall(r"`((?:\w[\w.-]*/)+[\w.-]+\.\w+)`", paper(name))
    assert paths
    assert [path for path in paths if not (ROOT / path).is_file()] == []
    links = re.findall(r"\]\(([\w-]+\.md)\)", paper(name))
    assert [link for link in links if not (ROOT / "docs" / link).is_file()] == []


@pytest.mark.parametrize("name", PAPERS)
def test_what_only_the_council_knows_is_left_to_the_council(name):
    brackets = re.findall(r"\[([^\]]+)\](?!\()", paper(name))
    assert brackets
    assert [words for words in brackets if not re.match(r"(The council|Each partner) ", " ".join(words.split()))] == []


def test_the_page_has_the_known_problems_of_the_accessibility_statement():
    known = paper("accessibility-statement.md").partition("## Known problems")[2].partition("\n## ")[0]
    page = render_to_string("governance/accessibility.html")
    problems = re.findall(r"^- \*\*(.+?)\*\*", known, re.MULTILINE)
    assert problems
    assert re.findall(r"<li><b>(.+?)</b>", page) == problems
    assert "partially compliant" in page


def test_the_papers_name_the_limits_that_are_set():
    """Numbers that are said in words, where they are set."""
    unit = (ROOT / "deploy" / "systemd" / "jcb-backup.service").read_text()
    kept = re.search(r"--keep (\d+)", unit)[1]
    assert f"{kept} nights" in paper("retention.md")
    assert f"{kept} nights" in paper("data-protection-impact-assessment.md")
    smallest = apps.get_model("jcb", "BoardSettings")._meta.get_field("smallest_figure").default
    assert f"Fewer than {smallest} people" in paper("data-protection-impact-assessment.md")
