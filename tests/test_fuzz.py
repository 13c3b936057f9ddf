"""Nothing that can be put into an address or a form breaks a page: a few hundred of the nastier things, one by one and
together. The answer is a page or a sentence, never a server error; and what is refused writes nothing."""

import re
from urllib.parse import quote

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import request_started
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests import papers
from tests.access_matrix import MATRIX, MAY_ON_SCREEN
from tests.addresses import Case, board_cases, dispute_cases, needs_cases, rolled_back
from tests.conftest import FUZZED, make_cast
from tests.make import (
    make_consideration,
    make_deliverable,
    make_indicator,
    make_person,
    make_plan,
    make_theme,
    make_update,
    make_workstream,
)
from workstreams.models import Deliverable, Status

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("its_files")]

NASTY = [
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "\udfff\ud800",
    "‮txet",
    "🦊" * 30,
    "x" * 101,
    "x" * 20_000,
    "'; DROP TABLE workstreams_plan; --",
    "%_\\",
    "-1",
    "0",
    "1" * 19,
    "9" * 400,
    "1e9",
    "٣",
    "²",
    "NaN",
    "true",
    "None",
    "../../etc/passwd",
    "{{ 7 }}{% now %}",
    "<script>alert(1)</script>",
    "kensington/" + "9" * 30,
    "kensington/x",
    "/",
    "0001-01-01",
    "9999-12-31",
    "10000-01-01",
    "2020-02-30",
    "2020-W10-1",
    "31/12/2020",
    "00:00",
    "24:00",
    "\r\nX-Header: 1",
]
LIST = ["plan", "workstream", "status", "theme", "owner", "due", "silent", "overdue", "q", "sort", "as_at", "nonsense"]
PROGRESS = [
    "seen", "status", "narrative", "forecast_on", "evidence_link", "no_evidence_because", "on_behalf_of", "corrects",
]  # fmt: skip
GOOD = {
    "plan": "kensington", "workstream": "kensington/1", "status": "attention", "theme": "transitions", "owner": "none",
    "due": "2020-12-31", "silent": "2020-09-01", "overdue": "on", "q": "school", "sort": "-due", "as_at": "2020-09-01",
}  # fmt: skip
FINE = {200, 302, 304, 400, 403, 404, 409, 422}
nasty = some.sampled_from(NASTY) | some.text(max_size=8)
run = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(autouse=True)
def quiet(caplog):
    caplog.set_level("CRITICAL", logger="django.request")


@pytest.fixture(autouse=True)
def counted(record_property):
    """How many requests a test sent goes into its report: `tests/conftest.py` adds them up and holds the sum to the goal."""
    sent = []

    def count(**given):
        sent.append(1)

    request_started.connect(count)
    yield
    request_started.disconnect(count)
    record_property(FUZZED, len(sent))


@pytest.fixture(scope="module")
def cases(standing) -> dict[str, Case]:
    """A programme and a board, made once for this file, and what is asked at each address of the board."""
    cast = make_cast()
    owner = cast["commissioner of the owning partner"]
    stream = make_workstream(plan=make_plan(slug="kensington"))
    make_consideration(workstream=stream, theme=make_theme(plan=stream.plan, key="transitions"))
    deliverable, *_ = (make_deliverable(workstream=stream, lead=make_person(), partner=owner.partner) for _ in range(3))
    found = board_cases("word", stream, deliverable, owner)
    found |= needs_cases("word", make_indicator(key="waits"))
    found |= dispute_cases("word", cast["board member, council side"], cast["board member, NHS side"])
    return {name: case for (name, _), case in found.items()}


@pytest.fixture
def programme(cases) -> list[Deliverable]:
    return list(Deliverable.objects.filter(workstream__plan__slug="kensington").order_by("number"))


@pytest.fixture
def client(sign_in, secretariat, programme):
    """The secretariat's browser: it sees every form with every field."""
    return sign_in(secretariat)


def encoded(data: dict[str, str]) -> str:
    """As a browser would send it, or somebody who is no browser: surrogates and all."""
    return "&".join(f"{name}={quote(value, errors='surrogatepass')}" for name, value in data.items())


def get(client, path: str, data: dict[str, str], **headers):
    answer = client.get(f"{path}?{encoded(data)}", headers=headers)
    assert answer.status_code in FINE, data
    return answer


def post(client, path: str, data: dict[str, str], fine=FINE):
    answer = client.post(path, encoded(data), content_type="application/x-www-form-urlencoded")
    assert answer.status_code in fine, data
    return answer


@pytest.mark.parametrize("name", LIST)
def test_the_list_withstands_anything_in_any_one_parameter(client, name):
    for value in NASTY[:: 1 if name in {"q", "silent"} else 4]:
        get(client, "/deliverables/", {name: value})


@settings(run, max_examples=15)
@given(data=some.fixed_dictionaries({}, optional={name: nasty | some.just(GOOD.get(name, "1")) for name in LIST}))
def test_the_list_and_its_download_withstand_any_mixture(client, data):
    get(client, "/deliverables/", data, **{"HX-Request": "true"})
    get(client, "/deliverables.csv", data)


@pytest.mark.parametrize("value", NASTY[::3], ids=lambda value: repr(value[:20]))
def test_pages_withstand_any_day_and_any_correction(client, programme, value):
    for path in ("/plans/", "/plans/kensington/", "/plans/kensington/themes/", "/plans/kensington/1/"):
        assert get(client, path, {"as_at": value}).status_code == 200
    make_update(deliverable=programme[0])
    assert get(client, "/plans/kensington/1/1/", {"as_at": value, "correct": value}).status_code == 200


@settings(run, max_examples=10)
@given(data=some.fixed_dictionaries({}, optional=dict.fromkeys((*LIST, "fingerprint", "job"), nasty)))
def test_documents_withstand_any_filter(client, data):
    get(client, "/plans/kensington/documents/", data)
    get(client, "/plans/kensington/documents/action-plan/", data)
    if data.get("fingerprint"):
        get(client, "/plans/kensington/documents/action-plan.pdf", data)


@run
@given(data=some.fixed_dictionaries({}, optional=dict.fromkeys(PROGRESS, nasty)), good=some.booleans())
def test_the_form_of_progress_withstands_anything(client, programme, data, good):
    deliverable = programme[0]
    sound = {"seen": str(deliverable.updates.count()), "status": "at risk", "narrative": "Words."}
    sound["on_behalf_of"] = str(deliverable.lead_id)
    post(client, "/plans/kensington/1/1/", {**(sound if good else {}), **data})


@run
@given(data=some.fixed_dictionaries({}, optional=dict.fromkeys(["seen", "narrative", "from"], nasty)))
def test_one_press_withstands_anything(client, programme, data):
    make_update(deliverable=programme[1], status=Status.COMPLETE, no_evidence_because="It runs.")
    before = programme[1].updates.count()
    post(client, "/plans/kensington/1/2/no-change/", data)
    post(client, "/plans/kensington/1/2/confirm/", {**data, "seen": data.get("seen", str(before))})


@run
@given(
    rows=some.dictionaries(some.sampled_from(PROGRESS), nasty, max_size=5),
    button=some.sampled_from(["save", "no_change"]),
    which=some.sampled_from(["all", "row"]) | nasty,
)
def test_my_round_withstands_anything(sign_in, programme, rows, button, which):
    deliverable = programme[2]
    prefix = f"d{deliverable.pk}"
    sound = {f"{prefix}-seen": str(deliverable.updates.count()), f"{prefix}-status": "on track"}
    given = {f"{prefix}-{name}": value for name, value in rows.items()}
    pressed = {button: prefix if which == "row" else which}
    post(sign_in(deliverable.lead), "/round/", {**sound, **given, **pressed})


@pytest.mark.parametrize("value", NASTY, ids=lambda value: repr(value[:20]))
def test_the_clock_withstands_anything(client, value):
    for data in ({"day": value, "hour": "10:00"}, {"day": "2020-09-10", "hour": value}):
        assert post(client, "/clock/", data).status_code in {302, 422}


def test_words_that_are_no_utf_8_are_kept_as_text(client, programme):
    deliverable = programme[0]
    data = {
        "seen": "0",
        "status": "on track",
        "narrative": "odd \ud800 words",
        "on_behalf_of": str(deliverable.lead_id),
    }
    assert post(client, "/plans/kensington/1/1/", data).status_code == 302
    assert deliverable.updates.get().narrative.startswith("odd ")
    assert client.get("/plans/kensington/1/1/").status_code == 200


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("../../x.pdf", b"%PDF-1.7"),
        ("a\r\nb\x00.png", papers.picture()),
        ("x" * 300 + ".png", papers.picture()),
        ("", b"\x89PNG\r\n\x1a\n half a picture"),
        ("empty.pdf", b""),
        ("bomb.docx", b"PK\x03\x04 not a zip"),
        ("‮gnp.exe", b"MZ"),
    ],
    ids=["path", "line breaks", "long", "nameless", "empty", "no zip", "right to left"],
)
def test_files_of_any_name_and_kind_are_kept_or_refused(client, programme, name, content):
    deliverable = programme[0]
    data = {"seen": "0", "status": "on track", "on_behalf_of": deliverable.lead_id}
    answer = client.post("/plans/kensington/1/1/", {**data, "evidence_file": SimpleUploadedFile(name or "x", content)})
    assert answer.status_code in {302, 422}
    if update := deliverable.updates.filter(evidence__isnull=False).first():
        download = client.get(f"/plans/kensington/1/1/updates/{update.number}/evidence/")
        assert b"".join(download.streaming_content) == content
        assert "\n" not in download.headers["Content-Disposition"]
    assert client.get("/plans/kensington/1/1/").status_code == 200


# Meetings, agendas, papers, rounds, terms

WRITES = [
    name
    for name, method in MATRIX
    if method == "POST" and name.startswith(("governance:", "needs:")) and "clock" not in name
]
MORE = [
    "seen", "what", "state", "move", "standing", "forward", "person", "take_back", "unlink", "venue", "note", "chair",
    "because", "moved_to", "presenter", "workstream", "theme", "restricted", "where", "words", "revoke", "author",
    "cleared_by", "cleared_at", "recommendation_1", "recommendation_30", "recommendations_seen", "back", "more", "key",
    "authors_due_at", "in_force_from", "dated_on", "notice_number", "authors_working_days", "quorum_note", "deliverable",
    "text", "owner", "email", "attendance", "item", "kind", "name", "helpers", "recommendation", "meeting", "due_on", "basis", "decided_on",
    "nothing_to_minute", "managed", "withholds", "held_from", "outcome", "wording", "answer", "how", "on", "positions", "then",
    "likelihood", "impact", "escalated_to", "escalated_on", "paper_days", "body", "title", "noticed_on", "capacity", "mode",
    "form-TOTAL_FORMS", "form-INITIAL_FORMS", "form-0-day", "form-0-series_on", "form-7-take", "month", "risks",
    "figure", "period", "area", "breakdown", "table", "digest", "source", "source_title", "source_address", "source_seen",
    "definition", "projected", "setting", "heard_through", "areas", "lead", "reply", "read", "heard", "principle_1",
]  # fmt: skip


@pytest.fixture
def board(cases, settings) -> dict[str, Case]:
    settings.PDF_SECONDS = 0  # packs are asked for, and not drawn
    return cases


@pytest.mark.parametrize("name", WRITES)
@settings(run, max_examples=12)
@given(data=some.data())
def test_every_form_of_the_board_withstands_anything(client, board, name, data):
    case = board.get(name, Case())
    sound = {key: str(value) for key, value in case.sent.items()} if data.draw(some.booleans()) else {}
    given = data.draw(some.dictionaries(some.sampled_from([*case.sent, *MORE]), nasty, max_size=5))
    with rolled_back():
        post(client, case.url(name), {**sound, **given}, fine=FINE | ({503} if "pack" in name else set()))
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    "name", [name for name in WRITES if any(word in name for word in ("dispute", "statement", "extension"))]
)
@settings(run, max_examples=12)
@given(data=some.data())
def test_every_form_of_a_dispute_withstands_what_a_party_sends(sign_in, council_member, board, name, data):
    case = board.get(name, Case())
    sound = {key: str(value) for key, value in case.sent.items()} if data.draw(some.booleans()) else {}
    given = data.draw(some.dictionaries(some.sampled_from([*case.sent, *MORE]), nasty, max_size=5))
    with rolled_back():
        post(sign_in(council_member), case.url(name), {**sound, **given})
        transaction.set_rollback(True)


@pytest.mark.parametrize("value", NASTY, ids=lambda value: repr(value[:20]))
def test_addresses_of_the_board_withstand_anything(client, board, value):
    meeting, item = board["governance:agenda_item"].args
    part = quote(value, safe="", errors="surrogatepass")
    for path in (
        f"/calendar/{part}.ics",
        f"/meetings/{part}/",
        f"/meetings/2020-09-28{part}/agenda/",
        f"/meetings/{meeting}/agenda/{part}/",
        f"/meetings/{meeting}/agenda/{item}/papers/{part}/",
        f"/meetings/{meeting}/agenda/{item}/papers/1/{part}/pages/",
        f"/meetings/{meeting}/highlight/kensington/{part}/",
        f"/meetings/forward/items/{part}/",
        f"/meetings/{meeting}/pack/{part}/",
        f"/meetings/{meeting}/pack/draft/{part}/",
        f"/meetings/{meeting}/pack/making/{part}/",
        f"/disputes/{part}/",
        f"/disputes/{part}/letters/{part}/",
        f"/disputes/{part}/statements/1/{part}/",
        f"/meetings/{meeting}/room/{part}/",
        f"/meetings/{meeting}/minutes/{part}/1/comment/",
        f"/meetings/{meeting}/minutes/{item}/{part}/comment/",
        f"/meetings/{meeting}/interests/{part}/",
        f"/meetings/{meeting}/reports/{part}/",
        f"/meetings/interests/{part}/end/",
        f"/meetings/risks/{part}/1/1/",
        f"/appraisal/{part}/",
        f"/meetings/risks/?plan={part}&state={part}",
        f"/meetings/themes/{part}/",
        f"/board/{part}/",
        f"/board/you-said-we-did/?about={part}&borough={part}",
        f"/needs/indicators/{part}/",
        f"/needs/indicators/waits/figures/?page={part}",
        f"/needs/indicators/{part}/figures/add/",
        f"/needs/figures/{part}/",
        f"/needs/figures/table/?indicator={part}",
        f"/needs/said/{part}/reply/",
        f"/needs/heard/{part}/",
        f"/terms/{part}/",
        f"/terms/{part}/compare/{part}/",
    ):
        assert client.get(path).status_code in FINE, path


@pytest.mark.parametrize("value", NASTY, ids=lambda value: repr(value[:20]))
def test_pages_of_the_board_withstand_any_question(client, board, value):
    terms = board["governance:terms"].url("governance:terms")
    for path, names in (
        ("/meetings/", ["year"]),
        ("/meetings/generate/", ["first", "at", "until"]),
        ("/disputes/what-if/", ["ladder", "raised", "referral:executive", "extension:executive", "statement_period"]),
        ("/meetings/forward/add/", ["kind", "title", "theme", "month", "meeting"]),
        (board["governance:pack"].url("governance:pack_publish"), ["kind"]),
        (f"{board['governance:pack'].url('governance:pack')}making/draft/", ["job"]),
        (terms, ["as_at"]),
    ):
        get(client, path, dict.fromkeys(names, value))
    for first, at, until in (
        (value, "10:00", "2021-12-31"),
        ("2021-01-04", value, "2021-03-01"),
        ("2021-01-04", "9:00", value),
    ):
        get(client, "/meetings/generate/", {"first": first, "at": at, "until": until})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("../../x.pdf", b"%PDF-1.7"),
        ("a\r\nb\x00.docx", b"PK\x03\x04 not a zip"),
        ("x" * 300 + ".pdf", b"%PDF-1.7\n1 0 obj <<>> endobj"),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("empty.pdf", b""),
        ("‮fdp.exe", b"MZ"),
    ],
    ids=["path", "line breaks", "long", "old", "empty", "right to left"],
)
def test_what_is_no_paper_is_refused_with_a_sentence(client, board, name, content):
    path = board["governance:paper"].url("governance:paper")
    answer = client.post(path, {"what": "hand in", "seen": 1, "paper": SimpleUploadedFile(name, content)})
    assert answer.status_code == 422
    assert client.get(path).status_code == 200


def test_more_fields_than_any_form_has_are_refused(client):
    data = "&".join(f"x{number}=1" for number in range(3_000))
    answer = client.post("/round/", data, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400


# Signing in, the reference records, headers and bodies

SIGNING_IN = sorted(
    {name for name, method in MATRIX if method == "POST" and name.startswith(("account_", "mfa_", "sign_out"))}
)
NUMBERED = {"sign_out_there", "mfa_edit_webauthn", "mfa_remove_webauthn"}
SIGN_IN_FIELDS = [
    "login", "password", "password1", "password2", "oldpassword", "email", "code", "credential", "next", "remember", "name",
    "passwordless", "action_add", "stay_signed_out",
]  # fmt: skip


@pytest.mark.parametrize("name", SIGNING_IN)
@settings(run, max_examples=12)
@given(data=some.dictionaries(some.sampled_from(SIGN_IN_FIELDS), nasty, max_size=5), known=some.booleans())
def test_every_form_of_signing_in_withstands_anything(sign_in, observer, name, data, known):
    keyed = {"account_reset_password_from_key": ("zzzzz", "some-key"), "account_confirm_email": ("some-key",)}
    path = reverse(name, args=keyed.get(name, (1,) if name in NUMBERED else ()))
    with rolled_back():
        post(sign_in(observer if known else None), path, data, fine=FINE | {429})
        transaction.set_rollback(True)


@pytest.mark.parametrize("label", MAY_ON_SCREEN)
@settings(run, max_examples=10)
@given(data=some.data())
def test_every_screen_of_the_reference_records_withstands_anything(sign_in, administrator, cases, label, data):
    """The fields are read off the form itself, its hidden ones and those of the rows below it included."""
    browser, model = sign_in(administrator), apps.get_model(label)
    screen = f"admin:{label.replace('.', '_')}"
    there = model.objects.order_by("pk").first()
    path = reverse(f"{screen}_change", args=[there.pk]) if there else reverse(f"{screen}_add")
    fields = sorted(set(re.findall(r'name="([^"]+)"', browser.get(path).content.decode()))) or ["_save"]
    given = data.draw(some.dictionaries(some.sampled_from(fields), nasty, max_size=6))
    with rolled_back():
        post(browser, path, {"_save": "Save", **given})
        transaction.set_rollback(True)
    asked = data.draw(
        some.dictionaries(some.sampled_from(["q", "o", "p", "all", "role", "plan__id__exact", "x__y"]), nasty)
    )
    get(browser, reverse(f"{screen}_changelist"), asked)


HEADERS = [
    "Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Cookie", "Content-Length", "Content-Type", "Forwarded", "HX-Current-URL",
    "HX-Request", "HX-Target", "HX-Trigger", "Host", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "Origin", "Range",
    "Referer", "Sec-Fetch-Site", "User-Agent", "X-Csrftoken", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
    "X-Http-Method-Override", "X-Requested-With",
]  # fmt: skip
ASKED = [
    "/",
    "/deliverables/",
    "/deliverables.csv",
    "/plans/kensington/documents/action-plan.pdf",
    "/health/",
    "/accounts/login/",
]


@pytest.mark.parametrize("name", HEADERS)
def test_pages_withstand_anything_in_any_header(client, programme, name):
    """What a server lets through: no line breaks, and bytes as Latin-1."""
    for value in NASTY[::2]:
        sent = value.encode("utf-8", "surrogatepass").decode("latin-1").replace("\r", "").replace("\n", "")
        if name == "Content-Length":
            sent = sent if sent.isascii() and sent.isdigit() and len(sent) < 20 else "0"  # gunicorn refuses the rest
        answer = client.get(ASKED[len(value) % len(ASKED)], headers={name: sent})
        assert answer.status_code in FINE | {206, 416}, value
        if answer.streaming:
            b"".join(answer.streaming_content)  # which closes the file


BODIES = [
    ("application/x-www-form-urlencoded", b"%" * 3_000),
    ("application/x-www-form-urlencoded", b"&=" * 900),
    ("application/x-www-form-urlencoded; charset=utf-16", b"seen=1"),
    ("application/x-www-form-urlencoded; charset=none-such", b"seen=1"),
    ("application/json", b"[" * 100_000),
    ("application/json", b'{"seen": 1e999}'),
    ("multipart/form-data", b"no boundary"),
    ("multipart/form-data; boundary=", b"--\r\n"),
    ("multipart/form-data; boundary=" + "b" * 300, b"--b\r\n"),
    ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--"),
    ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="seen'),
    ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="seen"; filename="' + b"x" * 5_000),
    ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n--b--'),
    ("multipart/form-data; boundary=b", b"--b\r\n" * 3_000),
    ("text/xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'),
    ("", b"\xff" * 100),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "content"), BODIES)
@pytest.mark.parametrize("path", ["/round/", "/plans/kensington/1/1/", "/needs/figures/table/", "/accounts/login/"])
def test_forms_withstand_anything_for_a_body(client, programme, path, kind, content):
    assert client.generic("POST", path, content, content_type=kind).status_code in FINE | {415}


UPLOADS = {
    "paper.pdf": papers.pdf, "paper.docx": papers.docx, "figures.xlsx": papers.xlsx, "site.png": papers.picture,
    "site.jpg": lambda: papers.picture("JPEG"),
}  # fmt: skip


@pytest.mark.parametrize("name", UPLOADS)
@settings(run, max_examples=20)
@given(where=some.floats(0, 1), broken=some.binary(min_size=1, max_size=30), keep=some.floats(0.2, 1))
def test_a_file_that_was_broken_anywhere_is_kept_or_refused(client, programme, name, where, broken, keep):
    sound = UPLOADS[name]()
    at = int(where * len(sound))
    content = (sound[:at] + broken + sound[at + len(broken) :])[: int(keep * len(sound)) + 1]
    data = {"seen": "0", "status": "on track", "on_behalf_of": programme[0].lead_id}
    with rolled_back():
        answer = client.post("/plans/kensington/1/1/", {**data, "evidence_file": SimpleUploadedFile(name, content)})
        assert answer.status_code in {302, 422}
        answer = client.post("/needs/figures/table/", {"file": SimpleUploadedFile(name, content)})
        assert answer.status_code in FINE
        transaction.set_rollback(True)
