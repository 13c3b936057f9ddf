"""The habits of the house, read from the code itself: who may import whom, who may read the clock, what may be written how."""

import ast
import functools
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from jcb.history import AppendOnly, AuditedQuerySet, Record
from jcb.models import Clock, Notice, Person

ROOT = Path(settings.BASE_DIR)
ROOMS = ("jcb", "needs", "workstreams", "governance")  # from left to right
PLACE = {room: place for place, room in enumerate(ROOMS)}

# Exceptions, each with its reason.
NAMES_THE_ROOMS = {"jcb/settings.py", "jcb/urls.py"}  # somebody has to put them together
SEAMS = {  # looked up by name, see there
    ("jcb/documents_due.py", "governance.documents.make_due"),
    ("workstreams/last_meeting.py", "governance.last_meeting.since"),
    ("workstreams/last_meeting.py", "governance.rounds.asking.my_part"),
}
READS_THE_CLOCK = {
    "jcb/dates.py",
    "jcb/background.py",  # how long somebody has waited is real time, whatever the demonstration's clock shows
}
CALLS_TEXT_SAFE = {"jcb/markdown.py"}  # read twice; the renderer escapes
WRITES_SQL = {
    "jcb/freshness.py",  # the stamp: names of our own tables, quoted
    "jcb/grants.py",  # rights of a role, on our own tables
    "jcb/guards.py",
    "jcb/losses.py",  # counts in tables as migrations name them, of which there may be no model any more
    "jcb/seals.py",  # asks PostgreSQL who is writing
    "jcb/backup.py",  # reads databases that may be of another version than the models
}
WRITES_PAST_HISTORY = {
    "jcb/erasure.py",  # what is erased must not stay in the history; it keeps a row of its own that says so
}
NEITHER_RECORD_NOR_LOG = {Notice, Clock}  # sent once or not yet; where the demonstration's clock stands


@functools.cache
def sources() -> dict[str, ast.Module]:
    """The rooms' own code, by path; migrations are made, not written."""
    return {
        str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8"))
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        if "migrations" not in path.parts
    }


@functools.cache
def templates() -> dict[str, str]:
    """Templates, without what is only said to their authors."""
    return {
        str(path.relative_to(ROOT)): re.sub(
            r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.DOTALL
        )
        for path in sorted((ROOT / "templates").rglob("*.html"))
    }


@functools.cache
def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]


def room_of(path: str) -> str:
    return path.split("/")[0]


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def strings(tree: ast.Module) -> Iterator[str]:
    yield from (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))


def calls(tree: ast.Module) -> Iterator[tuple[ast.Call, list[str]]]:
    """Every call with the names of its chain: `Plan.objects.visible_to(p).update(…)` is Plan, objects, visible_to, update."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, chain(node)


def chain(node: ast.expr) -> list[str]:
    match node:
        case ast.Call(func=inner) | ast.Subscript(value=inner):
            return chain(inner)
        case ast.Attribute(value=inner, attr=name):
            return [*chain(inner), name]
        case ast.Name(id=name):
            return [name]
    return []


# Who knows whom


def test_rooms_import_leftwards_only():
    wrong = [
        (path, name)
        for path, tree in sources().items()
        for name in imported(tree)
        if name.split(".")[0] in PLACE and PLACE[name.split(".")[0]] > PLACE[room_of(path)]
    ]
    assert not wrong


def test_a_foreign_key_is_an_import_too():
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.concrete and field.is_relation and field.related_model and model._meta.app_label in PLACE
        if PLACE.get(field.related_model._meta.app_label, 0) > PLACE[model._meta.app_label]
    ]
    assert not wrong


def test_no_room_names_one_to_its_right_in_a_string_save_for_the_seams():
    named = re.compile(rf"({'|'.join(ROOMS)})(?=[.:/]\w|$)")
    found = {
        (path, text)
        for path, tree in sources().items()
        if path not in NAMES_THE_ROOMS
        for text in strings(tree)
        if (match := named.match(text)) and PLACE[match.group(1)] > PLACE[room_of(path)] and " " not in text
    }
    assert found == SEAMS


def test_there_are_no_signals():
    wrong = [
        (path, name)
        for path, tree in sources().items()
        for name in imported(tree)
        if name.startswith(("django.dispatch", "allauth.account.signals")) or ".signals" in name
    ]
    assert not wrong


def test_only_the_pdf_modules_know_the_engine_that_draws():
    found = {path for path, tree in sources().items() if any(n.split(".")[0] == "weasyprint" for n in imported(tree))}
    assert found <= {"jcb/pdf_worker.py", "jcb/pdf_tags.py"}


# Models


def our_models():
    return [m for m in apps.get_models() if m._meta.app_label in ROOMS and not hasattr(m, "history_type")]


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_every_model_says_who_may_see_its_rows(model):
    rows = model._default_manager.all()
    assert callable(getattr(rows, "visible_to", None))
    assert rows.visible_to(None).query.is_empty(), "Somebody signed out sees rows."
    assert rows.visible_to(Person(is_active=False)).query.is_empty(), "Somebody deactivated sees rows."


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_every_model_is_a_record_a_log_or_a_named_exception(model):
    if issubclass(model, Record) or model is Person:
        assert isinstance(model._default_manager.all(), AuditedQuerySet)
        assert model.history.model.history_user
    else:
        assert issubclass(model, AppendOnly) or model in NEITHER_RECORD_NOR_LOG


def test_nothing_is_deleted_along_with_something_else():
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        for field in model._meta.concrete_fields
        if field.is_relation and field.remote_field.on_delete.__name__ != "PROTECT"
    ]
    assert not wrong


def test_every_model_says_in_one_sentence_what_it_is():
    for model in our_models():
        assert model.__doc__, model._meta.label
        assert not model.__doc__.startswith(f"{model.__name__}("), model._meta.label


# Reading and writing

READING = {"objects", "all", "filter", "exclude", "visible_to", "_default_manager", "_base_manager"}
WRITING_MANY = {"bulk_create", "bulk_update", "abulk_create", "abulk_update", "_raw_delete", "raw"}
CLOCKS = {"now", "utcnow", "today", "localtime", "localdate"}


def reads_whole_tables(tree: ast.Module) -> list[str]:
    """Where rows are asked for without saying for whom."""
    every = list(calls(tree))
    inner = {id(node) for call, _ in every for node in ast.walk(call.func) if isinstance(node, ast.Call)}
    outer = (names for call, names in every if id(call) not in inner)
    return [".".join(names) for names in outer if "objects" in names and not {"visible_to", "none"} & set(names)]


def writes_past_history(tree: ast.Module) -> list[str]:
    """Where rows are written, or could be, without a line of history."""
    return [
        ".".join(names)
        for _, names in calls(tree)
        if names
        and (
            names[-1] in WRITING_MANY
            or (names[-1] in {"update", "delete", "aupdate", "adelete"} and READING & set(names))
            or "_base_manager" in names
        )
    ]


def reads_the_clock(tree: ast.Module) -> list[str]:
    found = [".".join(names) for _, names in calls(tree) if names]
    return [
        name
        for name in found
        if name == "time.time" or (name.split(".")[-1] in CLOCKS and not name.startswith("dates."))
    ]


def test_what_people_see_is_asked_for_with_visible_to():
    views = {path: tree for path, tree in sources().items() if re.search(r"/(views|home)\.py$", path)}
    assert views
    assert not [(path, name) for path, tree in views.items() for name in reads_whole_tables(tree)]


def test_no_write_goes_past_the_history():
    assert {path for path, tree in sources().items() if writes_past_history(tree)} == WRITES_PAST_HISTORY


def test_nobody_writes_sql_but_those_who_say_why():
    wrong = {path for path, tree in sources().items() for _, names in calls(tree) if names[-1:] == ["execute"]}
    assert wrong <= WRITES_SQL


def test_nobody_reads_the_clock_but_dates():
    wrong = {path for path, tree in sources().items() if reads_the_clock(tree)}
    assert wrong == READS_THE_CLOCK


@pytest.mark.parametrize(
    ("check", "code"),
    [
        (reads_whole_tables, "Plan.objects.all()"),
        (reads_whole_tables, "get_object_or_404(Plan.objects.filter(slug=slug))"),
        (reads_whole_tables, "{'plans': Plan.objects.order_by('slug').first()}"),
        (writes_past_history, "Plan.objects.filter(pk=1).update(title='')"),
        (writes_past_history, "Plan.objects.visible_to(person).delete()"),
        (writes_past_history, "plan.workstreams.all().update(name='')"),
        (writes_past_history, "Plan.objects.bulk_create(rows)"),
        (writes_past_history, "Plan._base_manager.get(pk=1)"),
        (reads_the_clock, "timezone.now()"),
        (reads_the_clock, "dt.datetime.now(dt.UTC)"),
        (reads_the_clock, "dt.date.today()"),
        (reads_the_clock, "time.time()"),
    ],
)
def test_these_checks_find_what_they_look_for(check, code):
    assert check(ast.parse(code))


@pytest.mark.parametrize(
    ("check", "code"),
    [
        (reads_whole_tables, "Plan.objects.visible_to(person).filter(slug=slug).first()"),
        (reads_whole_tables, "Plan.objects.none()"),
        (writes_past_history, "seen.update(more)"),
        (writes_past_history, "plan.delete()"),
        (reads_the_clock, "dates.now()"),
    ],
)
def test_these_checks_let_pass_what_is_right(check, code):
    assert not check(ast.parse(code))


def test_no_model_is_stamped_behind_our_back():
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        for field in model._meta.concrete_fields
        if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    ]
    assert not wrong


# What reaches a browser


INLINE = re.compile(
    r"<style|<script(?![^>]*\ssrc=)|<[a-z][^<>]*\s(?:style|on[a-z]+|hx-on[:a-z-]*)\s*=|javascript:|hx-vals=['\"]js:",
    re.IGNORECASE,
)


def test_no_template_carries_a_script_a_style_or_a_handler():
    assert not [(path, match.group()) for path, text in templates().items() for match in INLINE.finditer(text)]


@pytest.mark.parametrize(
    "markup",
    [
        "<style>",
        "<script>x()",
        '<p class="a" style="b">',
        '<b onclick="x()">',
        '<a href="javascript:x">',
        '<i hx-on:click="x">',
    ],
)
def test_an_inline_script_style_or_handler_would_be_found(markup):
    assert INLINE.search(markup)


def test_no_template_switches_escaping_off():
    wrong = [
        path for path, text in templates().items() if re.search(r"\|\s*safe\b|\|\s*safeseq\b|autoescape\s+off", text)
    ]
    assert not wrong


def test_nothing_comes_from_elsewhere():
    loaded = re.compile(r"<(?:script|link|img|iframe|source|use)[^>]*\s(?:src|href)=[\"'](?:https?:)?//", re.IGNORECASE)
    assert not [path for path, text in templates().items() if loaded.search(text)]


def test_text_is_called_safe_in_one_reviewed_place():
    wrong = [
        (path, call.lineno)
        for path, tree in sources().items()
        if path not in CALLS_TEXT_SAFE
        for call, names in calls(tree)
        if names and names[-1] in {"mark_safe", "SafeString", "SafeText"}
        if not all(isinstance(given, ast.Constant) for given in call.args)
    ]
    assert not wrong


def test_markup_is_put_together_from_fixed_words_only():
    """`format_html` escapes what it is given, but not its own first words: those never hold anything typed."""
    wrong = []
    for path, tree in sources().items():
        for call, names in calls(tree):
            if names and names[-1] in {"format_html", "format_html_join"}:
                fixed = call.args[: 2 if names[-1] == "format_html_join" else 1]
                if not all(isinstance(given, ast.Constant) for given in fixed):
                    wrong.append((path, call.lineno))
    assert not wrong


# What is in the repository

# Put together here, so that this file does not hold what it looks for.
REGISTRIES = [
    "py" + "pi.org",
    "python" + "hosted.org",
    "registry." + "npmjs",
    "registry." + "yarnpkg",
    "npm" + "mirror",
]
MACHINE = ["/" + "work/", "/" + "root/", "/" + "home/", "/" + "Users/"]


@pytest.mark.parametrize("words", [*REGISTRIES, *MACHINE, '"resol' + 'ved"'])
def test_no_tracked_file_names_a_registry_or_a_place_on_one_machine(words):
    found = [str(path.relative_to(ROOT)) for path in tracked() if words.encode() in path.read_bytes()]
    assert not found


def test_nothing_that_is_made_or_secret_is_tracked():
    made = re.compile(r"(^|/)(\.env|var|node_modules|\.venv|__pycache__)(/|$)|\.(sqlite3|pyc)$")
    assert not [name for path in tracked() if made.search(name := str(path.relative_to(ROOT)))]
