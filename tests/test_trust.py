"""The page of trust stays true: every test that it names is there, and nothing is called met without one."""

import ast
import functools
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]*) \|$", re.MULTILINE)
PROPERTIES = 32
FARS = ("Met", "Partly", "Not yet")


def rows(text: str) -> list[tuple[int, str, list[str]]]:
    """Number, how far it holds, and the tests named."""
    return [
        (int(number), far.strip(), re.findall(r"`([\w/]+::\w+)`", shown))
        for number, _, _, far, shown in ROW.findall(text)
    ]


@functools.cache
def names_in(name: str) -> frozenset[str]:
    path = ROOT / "tests" / f"{name}.py"
    if not path.is_file():
        return frozenset()
    return frozenset(node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef))


def problems(found: list[tuple[int, str, list[str]]]) -> list[str]:
    said = []
    for number, far, named in found:
        if not far.startswith(FARS):
            said.append(f"Row {number} says neither met, partly nor not yet.")
        if far.startswith("Met") and not named:
            said.append(f"Row {number} is met, and no test shows it.")
        for each in named:
            file, _, test = each.partition("::")
            if test not in names_in(file):
                said.append(f"Row {number} names {each}, which is not there.")
    if [number for number, *_ in found] != list(range(1, PROPERTIES + 1)):
        said.append("A row is missing, or stands twice.")
    return said


def test_the_page_of_trust_names_tests_that_are_there():
    assert problems(rows((ROOT / "docs" / "trust.md").read_text())) == []


def test_a_row_without_its_test_would_be_found():
    whole = [(number, "Partly", []) for number in range(1, PROPERTIES + 1)]
    assert problems(whole) == []
    assert problems([*whole[:-1], (PROPERTIES, "Met", [])]) == [f"Row {PROPERTIES} is met, and no test shows it."]
    assert problems([*whole[:-1], (PROPERTIES, "Met", ["test_house::test_nothing"])]) == [
        f"Row {PROPERTIES} names test_house::test_nothing, which is not there."
    ]
    assert problems(whole[:-1]) == ["A row is missing, or stands twice."]
