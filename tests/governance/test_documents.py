"""The plan and the action plan as documents: whole, current, honest about the day, and proof against hostile text."""

import datetime as dt

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from governance import action_plan, documents
from jcb import files, pdf
from jcb.models import Document, Person
from tests.make import (
    make_deliverable,
    make_lead,
    make_person,
    make_plan,
    make_status_definitions,
    make_theme,
    make_update,
    make_workstream,
)
from tests.pdftext import addresses_of, lines_of, text_of
from tests.tagcheck import count_elements, faults
from tests.verapdf import judge
from workstreams.models import Plan, Status
from workstreams.operations import log_progress

pytestmark = pytest.mark.django_db

MARCH = dt.date(2020, 3, 12)
TODAY = dt.date(2020, 9, 10)


def at(year: int, month: int, day: int) -> dt.datetime:
    return dt.datetime(year, month, day, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def plan() -> Plan:
    """Two workstreams with one deliverable each; the first was logged in February and in August."""
    plan = make_plan(slug="a-borough-2020")
    make_status_definitions()
    owner = make_person(name="Commissioner for therapies")
    speech = make_workstream(plan=plan, name="Speech and language", short_name="Speech")
    make_lead(workstream=speech, person=owner)
    first = make_deliverable(workstream=speech, title="One offer in all schools", lead=owner)
    make_update(deliverable=first, narrative="Schools were asked.", at=at(2020, 2, 3), by=owner)
    make_update(
        deliverable=first,
        status=Status.AT_RISK,
        narrative="Two posts are vacant.",
        forecast_on=dt.date(2021, 9, 30),
        at=at(2020, 8, 20),
        by=owner,
    )
    late = make_workstream(plan=plan, name="Short breaks", short_name="Breaks")
    make_deliverable(workstream=late, title="A list of short breaks", own_due_on=dt.date(2020, 6, 30))
    return plan


def words(content: bytes) -> str:
    return " ".join(text_of(content))


def rows(data: action_plan.ActionPlan) -> dict[str, action_plan.Row]:
    return {row.reference: row for block in data.blocks for row in block.rows}


# The action plan's data


def test_the_action_plan_shows_each_deliverable_as_it_stands(plan):
    data = documents.build("action-plan", plan, TODAY)
    row = rows(data)["1.1"]
    assert (row.status, row.mark, row.owner) == ("At risk", "at-risk", "Commissioner for therapies")
    assert (row.agreed, row.forecast, row.forecast_late) == ("31 July 2021", "September 2021", True)
    assert (row.words, row.updated) == (("Two posts are vacant.",), "20 August 2020")
    assert data.headline == "1 of 2 deliverables is off track, without an explanation. 1 is at risk."
    assert data.blocks[0].leads == "Council lead: Commissioner for therapies. No NHS lead yet."


def test_a_late_deliverable_without_words_says_exactly_that(plan):
    row = rows(documents.build("action-plan", plan, TODAY))["2.1"]
    assert (row.status, row.unexplained, row.overdue) == ("Off track", True, "72 days overdue")
    assert row.note == "Its date has passed; last recorded as not started"
    html = documents.document_html(documents.build("action-plan", plan, TODAY), "action-plan")
    assert html.count("No explanation since the last meeting") == 1


def test_a_past_day_shows_progress_as_it_stood_then(plan):
    data = documents.build("action-plan", plan, MARCH)
    assert rows(data)["1.1"].words == ("Schools were asked.",)
    assert rows(data)["2.1"].status == "Not started"
    assert data.as_at == "12 March 2020"


def test_before_any_update_there_is_none(plan):
    row = rows(documents.build("action-plan", plan, dt.date(2020, 1, 5)))["1.1"]
    assert (row.status, row.updated, row.words) == ("Not started", "", ())


def test_no_change_keeps_the_date_of_the_words(plan):
    deliverable = plan.workstreams.get(number=1).deliverables.get()
    last = deliverable.updates.order_by("-number").first()
    make_update(
        deliverable=deliverable,
        status=last.status,
        narrative=last.narrative,
        no_change_since=last,
        at=at(2020, 9, 1),
    )
    row = rows(documents.build("action-plan", plan, TODAY))["1.1"]
    assert row.updated == "20 August 2020; no change on 1 September 2020"


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        ({"evidence_link": "https://www.example.org/a"}, "Evidence: https://www.example.org/a"),
        ({"no_evidence_because": "Seen at the meeting."}, "No evidence, because: Seen at the meeting."),
    ],
)
def test_a_completion_shows_what_it_rests_on_and_that_it_waits_for_a_second_lead(plan, given, printed):
    deliverable = plan.workstreams.get(number=2).deliverables.get()
    make_update(deliverable=deliverable, status=Status.COMPLETE, narrative="", at=at(2020, 6, 1), **given)
    row = rows(documents.build("action-plan", plan, TODAY))["2.1"]
    assert (row.status, row.note, row.evidence) == ("Complete", "To be confirmed", printed)


def test_invented_people_and_updates_are_marked(plan):
    deliverable = plan.workstreams.get(number=2).deliverables.get()
    deliverable.lead = make_person(name="Invented lead", is_demonstration=True)
    deliverable.save()
    make_update(deliverable=deliverable, status=Status.OFF_TRACK, narrative="Late.", invented=True, at=at(2020, 9, 1))
    data = documents.build("action-plan", plan, TODAY)
    row = rows(data)["2.1"]
    assert row.invented
    assert row.owner_invented
    assert data.demonstration
    html = documents.document_html(data, "action-plan")
    assert html.count('<p class="under">invented</p>') == 1
    assert "1 September 2020, invented" in html


def test_filters_are_those_of_the_list_and_the_document_names_them(plan):
    data = documents.build("action-plan", plan, TODAY, {"status": "off track", "overdue": "on"})
    assert list(rows(data)) == ["2.1"]
    assert data.filters == (("Status", "Off track"), ("Overdue only", "yes"))
    assert (data.shown, data.total) == (1, 2)
    html = documents.document_html(data, "action-plan")
    assert "Status: Off track; Overdue only: yes" in html


def test_filters_that_leave_nothing_say_so(plan):
    data = documents.build("action-plan", plan, TODAY, {"q": "unicorn"})
    assert data.blocks == ()
    assert "No deliverable of this plan answers to these filters." in documents.document_html(data, "action-plan")


@pytest.mark.parametrize(
    ("filters", "sentence"),
    [
        ({"status": "purple"}, "“purple” cannot be used to filter by “Status”. It can be: attention, not started"),
        ({"due": "soon"}, "Give a day as year, month and day, such as 2020-03-12."),
        ({"owner": "me"}, "name the owner instead of “me”"),
        ({"q": "a\x00b"}, "“a\x00b” cannot be used"),
    ],
)
def test_a_filter_that_means_nothing_is_refused_with_a_sentence(plan, filters, sentence):
    with pytest.raises(action_plan.FilterRefused) as refused:
        documents.build("action-plan", plan, TODAY, filters)
    assert sentence in str(refused.value)


def test_the_action_plan_takes_as_many_queries_for_many_deliverables_as_for_few(
    plan, django_assert_num_queries, django_assert_max_num_queries
):
    with django_assert_max_num_queries(10) as few:
        documents.build("action-plan", plan, TODAY)
    for number in range(3, 9):
        stream = make_workstream(plan=plan, number=number)
        make_update(deliverable=make_deliverable(workstream=stream), at=at(2020, 8, 1))
    with django_assert_num_queries(len(few)):
        documents.build("action-plan", plan, TODAY)


def test_long_words_come_in_paragraphs_of_whole_sentences():
    text = " ".join(f"Sentence number {n} says something." for n in range(200))
    found = action_plan.paragraphs(text)
    assert " ".join(found) == text
    assert all(part.endswith("something.") and len(part) <= action_plan.PARAGRAPH for part in found)
    assert action_plan.paragraphs("One.\n\nTwo. Three.") == ("One.", "Two. Three.")


# The fingerprint


def test_the_same_record_gives_the_same_fingerprint_and_a_logged_update_another(plan):
    before = documents.data_sha256(documents.build("action-plan", plan, TODAY))
    assert documents.data_sha256(documents.build("action-plan", plan, TODAY)) == before
    make_update(deliverable=plan.workstreams.get(number=1).deliverables.get(), at=at(2020, 9, 9))
    assert documents.data_sha256(documents.build("action-plan", plan, TODAY)) != before


def test_another_day_is_another_document_even_where_nothing_happened(plan):
    one, other = (documents.build("action-plan", plan, TODAY - dt.timedelta(days=n)) for n in (0, 1))
    assert documents.data_sha256(one) != documents.data_sha256(other)


def test_two_kinds_of_data_with_the_same_fields_are_told_apart():
    assert documents.data_sha256(action_plan.StatusMeaning("a", "b", "c", "d")) != documents.data_sha256(
        ("a", "b", "c", "d")
    )


# Making and keeping


@pytest.mark.pdf
@pytest.mark.still
def test_an_unchanged_document_is_served_from_what_was_made(plan, django_assert_max_num_queries):
    made = documents.find_or_make("action-plan", plan, TODAY)
    kept = files.path_of(made.file)
    written = kept.stat().st_mtime_ns
    assert documents.find_or_make("action-plan", plan, TODAY) == made
    with django_assert_max_num_queries(2):
        assert documents.find_or_make("action-plan", plan, TODAY) == made
    assert kept.stat().st_mtime_ns == written
    assert Document.objects.count() == 1


@pytest.mark.pdf
def test_a_changed_record_makes_a_new_document_that_replaces_the_old(plan):
    before = documents.find_or_make("action-plan", plan, TODAY)
    make_update(deliverable=plan.workstreams.get(number=1).deliverables.get(), at=at(2020, 9, 9))
    assert documents.made("action-plan", plan, TODAY) is None
    after = documents.find_or_make("action-plan", plan, TODAY)
    assert after.replaces == before
    assert after.file != before.file


@pytest.mark.pdf
def test_a_kept_file_that_was_lost_is_drawn_again(plan):
    made = documents.find_or_make("action-plan", plan, TODAY)
    files.path_of(made.file).unlink()
    assert documents.find_or_make("action-plan", plan, TODAY) == made
    assert files.path_of(made.file).is_file()


@pytest.mark.pdf
def test_the_fingerprint_and_the_day_are_on_the_pages(plan):
    made = documents.find_or_make("action-plan", plan, MARCH)
    pages = text_of(files.path_of(made.file).read_bytes())
    assert len(pages) == made.pages
    for number, page in enumerate(pages, start=1):
        assert f"as at 12 March 2020 · {made.data_sha256[:12]}" in page
        assert f"Page {number} of {made.pages}" in page


@pytest.fixture
def ahead(settings):
    """Documents are made when the record changes, as outside the tests."""
    settings.DOCUMENTS_AHEAD = True


@pytest.mark.pdf
@pytest.mark.usefixtures("ahead")
@pytest.mark.django_db(transaction=True)
def test_logging_progress_has_the_documents_made_before_anyone_asks(plan):
    deliverable = plan.workstreams.get(number=1).deliverables.get()
    log_progress(
        deliverable=deliverable,
        by=deliverable.lead,
        seen=2,
        status=Status.AT_RISK,
        narrative="One post is filled.",
    )
    assert {document.kind for document in Document.objects.all()} == set(documents.KINDS)
    assert documents.made("action-plan", plan, TODAY) is not None


@pytest.mark.pdf
@pytest.mark.usefixtures("ahead")
@pytest.mark.django_db(transaction=True)
def test_a_change_of_a_reference_record_has_the_documents_made_before_anyone_asks(plan, sign_in):
    theme = make_theme(plan=plan)
    page = f"/admin/workstreams/theme/{theme.pk}/change/"
    secretary = sign_in(make_person(role="secretariat"))
    form = secretary.get(page).context["adminform"].form
    data = {form.add_prefix(name): form[name].value() or "" for name in form.fields} | {
        "description": "In other words."
    }
    assert secretary.post(page, data).status_code == 302
    assert documents.made("plan", plan, TODAY) is not None
    assert documents.made("action-plan", plan, TODAY) is not None


@pytest.mark.pdf
@pytest.mark.usefixtures("ahead")
def test_a_document_that_cannot_be_made_ahead_stops_nobody(plan, settings, caplog):
    assert pdf.is_available()
    settings.PDF_SECONDS = 0.01
    documents.make_due(plan.slug)
    assert "The action plan of" in caplog.text
    assert Document.objects.count() == 0


@pytest.mark.usefixtures("ahead")
def test_without_pango_nothing_is_made_ahead_and_whoever_asks_is_told(plan, settings, tmp_path, sign_in):
    settings.BASE_DIR = tmp_path
    documents.make_due(plan.slug)
    with pytest.raises(pdf.RenderRefused):
        documents.find_or_make("action-plan", plan, TODAY)
    reader = sign_in(make_person(role="observer"))
    answer = reader.get(f"/plans/{plan.slug}/documents/action-plan.pdf")
    assert answer.status_code == 503
    assert "PDF files cannot be made on this machine yet" in answer.content.decode()
    assert "PDF files cannot be made" in reader.get(f"/plans/{plan.slug}/documents/").content.decode()
    assert reader.get(f"/plans/{plan.slug}/documents/action-plan/").status_code == 200


# Hostile text

HOSTILE = (
    '</td></table><script>alert(1)</script><img src="http://127.0.0.1:9/x.png">'
    '<a href="javascript:alert(2)">press</a> {{ 7 }} {% now "Y" %} &amp; \x00\u202e مرحبا שלום 🦄 中文 '
    "[link](javascript:alert(3)) ![x](http://127.0.0.1:9/y.png) *stars*"
)


def poisoned(plan: Plan) -> Plan:
    """Hostile text in every field of a plan that its action plan prints. No form takes a NUL, but an import might."""
    text = HOSTILE.replace("\x00", "")

    def fitting(row, name: str) -> str:
        return text[: row._meta.get_field(name).max_length]

    for stream in plan.workstreams.all():
        stream.summary = text
        stream.name, stream.short_name = fitting(stream, "name"), fitting(stream, "short_name")
        stream.save()
        for deliverable in stream.deliverables.all():
            deliverable.detail = text
            deliverable.title, deliverable.short_title = text, fitting(deliverable, "short_title")
            deliverable.lead = make_person(name=text[: Person._meta.get_field("name").max_length])
            deliverable.save()
            make_update(deliverable=deliverable, status=Status.AT_RISK, narrative=text, at=at(2020, 9, 1))
    plan.area.name = fitting(plan.area, "name")
    plan.area.save()
    return Plan.objects.select_related("area").get(pk=plan.pk)


@pytest.mark.pdf
def test_hostile_text_in_any_field_prints_as_text(plan):
    data = documents.build("action-plan", poisoned(plan), TODAY)
    html = documents.document_html(data, "action-plan")
    assert not {"script", "img"} & set(count_elements(html))
    made = pdf.render_pdf(html)
    printed = words(made.content)
    for piece in ("<script>alert(1)</script>", "{{ 7 }}", '{% now "Y" %}', "[unicorn face]", "[U+4E2D]"):
        assert piece in printed
    assert addresses_of(made.content) == []
    assert judge(made.content) == []
    assert faults(made.content, html) == []


@pytest.mark.pdf
def test_a_hundred_thousand_characters_are_printed_to_the_last_word(plan):
    deliverable = plan.workstreams.get(number=1).deliverables.get()
    text = "It goes on and on. " * 5_200 + "x" * 1_000 + " The very last word."
    make_update(deliverable=deliverable, narrative=text, at=at(2020, 9, 1))
    html = documents.document_html(documents.build("action-plan", plan, TODAY), "action-plan")
    assert len(html) > 100_000
    assert "The very last word." in words(pdf.render_pdf(html).content)


@pytest.mark.pdf
def test_a_row_longer_than_a_page_is_never_split_inside_a_paragraph(plan):
    deliverable = plan.workstreams.get(number=1).deliverables.get()
    text = " ".join(f"Sentence {n} tells what was done." for n in range(140))
    make_update(deliverable=deliverable, narrative=text, at=at(2020, 9, 1))
    made = pdf.render_pdf(documents.document_html(documents.build("action-plan", plan, TODAY), "action-plan"))
    broken = [lines for lines in lines_of(made.content) if any("tells what was done." in line for line in lines)]
    assert len(broken) > 1
    for lines in broken[:-1]:
        last = [line for line in lines if "Sentence" in line or "was done" in line or "tells" in line][-1]
        assert last.endswith("done.")


# The shell


@pytest.mark.pdf
def test_export_writes_the_document_and_says_what_it_did(plan, tmp_path, capsys):
    place = tmp_path / "action-plan.pdf"
    call_command("export", "action-plan", plan.slug, "--as-at", "2020-03-12", "-o", str(place))
    said = capsys.readouterr().out
    assert place.read_bytes().startswith(b"%PDF-")
    assert "as at 12 March 2020: " in said
    assert f"{place.stat().st_size:,} bytes" in said
    assert " pages, " in said
    assert " seconds" in said
    call_command("export", "action-plan", plan.slug, "--as-at", "2020-03-12", "-o", str(place))
    assert "(made before)" in capsys.readouterr().out
    assert [each.name for each in tmp_path.iterdir() if each.suffix == ".pdf"] == ["action-plan.pdf"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["plan", "nowhere-1999"], "There is no plan “nowhere-1999”. Plans that can be printed: a-borough-2020."),
        (["plan", "a-borough-2018"], "is known by name only: its text is not held, so it cannot be printed."),
        (["plan", "a-borough-2020", "--as-at", "2020-02-31"], "That is not a date."),
        (["plan", "a-borough-2020", "--as-at", "2030-01-01"], "1 January 2030 has not come yet."),
        (["plan", "a-borough-2020", "--filter", "status=at risk"], "The whole plan takes no filters."),
        (["action-plan", "a-borough-2020", "--filter", "colour=red"], "There is no filter “colour=red”."),
        (["action-plan", "a-borough-2020", "--filter", "status=purple"], "“purple” cannot be used"),
    ],
)
def test_export_refuses_with_a_sentence(plan, tmp_path, arguments, sentence):
    make_plan(slug="a-borough-2018", text_held=False, area=plan.area, edition_month=dt.date(2018, 4, 1), state="past")
    with pytest.raises(CommandError) as refused:
        call_command("export", *arguments, "-o", str(tmp_path / "x.pdf"))
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("place", "sentence"),
    [("", "is a folder"), ("missing/x.pdf", "does not exist"), (f"{'x' * 300}.pdf", "could not be written")],
)
def test_export_says_when_it_cannot_write(plan, tmp_path, place, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("export", "action-plan", plan.slug, "-o", str(tmp_path / place))


def test_export_without_pango_says_what_to_do(plan, tmp_path, settings):
    settings.BASE_DIR = tmp_path
    with pytest.raises(CommandError, match="PDF files cannot be made on this machine yet"):
        call_command("export", "action-plan", plan.slug, "-o", str(tmp_path / "x.pdf"))


# The web


@pytest.fixture
def reader(plan, sign_in):
    return sign_in(make_person(role="observer"))


@pytest.mark.pdf
def test_a_reader_asks_for_a_document_waits_and_downloads_it(plan, reader):
    address = f"/plans/{plan.slug}/documents/action-plan.pdf?as_at=2020-03-12"
    assert "The document is ready" in reader.get(address).content.decode()
    answer = reader.get(address)
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="action-plan-a-borough-2020-2020-03-12.pdf"'
    assert b"".join(answer.streaming_content).startswith(b"%PDF-")
    listed = reader.get(f"/plans/{plan.slug}/documents/").content.decode()
    made = Document.objects.get()
    assert made.data_sha256[:12] in listed
    again = reader.get(f"/plans/{plan.slug}/documents/action-plan.pdf?fingerprint={made.data_sha256[:12]}")
    assert again["Content-Type"] == "application/pdf"
    again.close()


def test_the_preview_is_one_document_with_headings_in_order(plan, reader):
    for kind in documents.KINDS:
        answer = reader.get(f"/plans/{plan.slug}/documents/{kind}/")
        assert answer.status_code == 200
        counted = count_elements(answer.content.decode())
        assert counted["h1"] == 1
        assert counted["h2"] > 1


def test_the_preview_and_the_download_keep_the_day_and_the_filters(plan, reader):
    answer = reader.get(f"/plans/{plan.slug}/documents/action-plan/?as_at=2020-03-12&status=on+track&page=9")
    page = answer.content.decode()
    assert "Schools were asked." in page
    assert "Two posts are vacant." not in page
    assert "action-plan.pdf?as_at=2020-03-12&amp;status=on+track" in page


def test_me_is_the_reader(plan, sign_in):
    owner = plan.workstreams.get(number=1).deliverables.get().lead
    page = sign_in(owner).get(f"/plans/{plan.slug}/documents/action-plan/?owner=me").content.decode()
    assert "One offer in all schools" in page
    assert "A list of short breaks" not in page


@pytest.mark.parametrize("name", ["action-plan/", "action-plan.pdf"])
def test_a_filter_that_means_nothing_is_told_on_the_page(plan, reader, name):
    answer = reader.get(f"/plans/{plan.slug}/documents/{name}?status=purple")
    assert answer.status_code == 400
    assert "“purple” cannot be used to filter by “Status”" in answer.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/plans/nowhere-1999/documents/",
        "/plans/a-borough-2018/documents/",
        "/plans/a-borough-2018/documents/plan.pdf",
        "/plans/a-borough-2020/documents/bill/",
        "/plans/a-borough-2020/documents/bill.pdf",
        "/plans/a-borough-2020/documents/plan.pdf?fingerprint=0123456789ab",
        "/plans/a-borough-2020/documents/plan.pdf?fingerprint=",
    ],
)
def test_there_is_no_document_of_what_is_not_held(plan, reader, address):
    make_plan(slug="a-borough-2018", text_held=False, area=plan.area, edition_month=dt.date(2018, 4, 1), state="past")
    expected = 200 if address.endswith("fingerprint=") else 404
    assert reader.get(address).status_code == expected


def test_a_stranger_is_asked_to_sign_in(plan, sign_in):
    for name in ("", "plan/", "plan.pdf"):
        assert sign_in(None).get(f"/plans/{plan.slug}/documents/{name}").status_code == 302
