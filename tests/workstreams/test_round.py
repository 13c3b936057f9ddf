"""Logging progress on screen: one deliverable, and my round, where each row stands for itself."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from jcb.models import StoredFile
from tests import papers
from tests.make import make_deliverable, make_lead, make_person, make_update, make_workstream
from tests.reading import between, queries_of, words
from workstreams.models import ProgressUpdate, Status
from workstreams.pages import address

pytestmark = pytest.mark.django_db

ROUND = "/round/"
SEPTEMBER = dt.datetime(2020, 9, 1, 9, tzinfo=dt.UTC)


@pytest.fixture
def me(council):
    return make_person(name="Commissioner for therapies", partner=council)


@pytest.fixture
def client(sign_in, me):
    return sign_in(me)


@pytest.fixture
def three(me):
    """Three deliverables of mine in one workstream, each with an update."""
    stream = make_workstream()
    rows = [make_deliverable(workstream=stream, lead=me) for _ in range(3)]
    for row in rows:
        make_update(deliverable=row, by=me, narrative=f"Said of {row.number}.", at=SEPTEMBER)
    return rows


def row_of(deliverable, narrative="", *, status="on track", seen=None, forecast_on="", **more) -> dict:
    """What the browser sends for one row of the round."""
    seen = deliverable.updates.count() if seen is None else seen
    fields = {"seen": seen, "status": status, "narrative": narrative, "forecast_on": forecast_on, **more}
    return {f"d{deliverable.pk}-{name}": value for name, value in fields.items()}


def posted(client, *rows, **buttons):
    return client.post(ROUND, {name: value for row in rows for name, value in row.items()} | buttons)


def latest(deliverable) -> str:
    return deliverable.updates.order_by("-number").first().narrative


# My round


def test_my_round_has_everything_i_lead_with_last_times_words_beside_each_box(client, me, three):
    deputised = make_deliverable(deputy=me)
    led = make_lead(person=me).workstream
    nobodys, somebodys = make_deliverable(workstream=led), make_deliverable(workstream=led, lead=make_person())
    page = client.get(ROUND).content.decode()
    for mine in (*three, deputised, nobodys):
        assert f'id="row-{mine.pk}"' in page
    assert f'id="row-{somebodys.pk}"' not in page
    assert "Last time, 1 September 2020: Said of 2." in words(page)
    assert "5 deliverables." in words(page)
    assert "since 30 July 2020" in words(page)


def test_who_leads_nothing_is_told_so(sign_in, observer, three):
    assert "You do not lead any deliverable or workstream today" in words(sign_in(observer).get(ROUND))


def test_one_row_saves_alone_and_the_words_of_the_others_stay(client, three):
    first, second, third = three
    answer = posted(client, row_of(first, "New."), row_of(second, "Half writ"), row_of(third), save=f"d{first.pk}")
    assert answer.status_code == 200
    assert [latest(each) for each in three] == ["New.", "Said of 2.", "Said of 3."]
    assert "1 saved." in words(answer)
    assert "Half writ</textarea>" in answer.content.decode()
    assert f'name="d{first.pk}-seen" value="2"' in answer.content.decode()


def test_all_rows_that_were_changed_save_together(client, three):
    first, second, third = three
    answer = posted(
        client, row_of(first, "New."), row_of(second), row_of(third, status="at risk", narrative="Why."), save="all"
    )
    assert (answer.status_code, answer.url) == (302, ROUND)
    assert [latest(each) for each in three] == ["New.", "Said of 2.", "Why."]
    assert "2 saved." in words(client.get(ROUND))


def test_a_refused_row_blocks_only_itself_and_what_was_typed_stays(client, three):
    first, second, third = three
    link = {"evidence_link": "board.example/minutes"}
    answer = posted(
        client, row_of(first, "New."), row_of(second, status="off track"), row_of(third, "Done.", **link), save="all"
    )
    assert answer.status_code == 422
    assert [latest(each) for each in three] == ["New.", "Said of 2.", "Said of 3."]
    page = words(answer)
    assert "1 saved, 2 need a word from you" in page
    assert f"{second.reference} {second.short_title}: Say why it is off track." in page
    assert "Start the evidence link with https://" in page
    text = answer.content.decode()
    assert "Done.</textarea>" in text
    assert 'value="board.example/minutes"' in text
    assert '<option value="off track" selected>' in text
    assert text.count("What you typed is kept") == 2


def test_no_change_is_one_press_and_the_words_of_other_rows_stay(client, three):
    first, second, third = three
    answer = posted(client, row_of(first), row_of(second, "Half writ"), row_of(third), no_change=f"d{first.pk}")
    assert answer.status_code == 200
    assert first.updates.count() == 2
    assert first.updates.order_by("-number").first().no_change_since == first.updates.get(number=1)
    assert second.updates.count() == third.updates.count() == 1
    assert "Half writ</textarea>" in answer.content.decode()


def test_no_change_beside_words_asks_which_was_meant(client, three):
    answer = posted(client, row_of(three[0], "Something did change."), no_change=f"d{three[0].pk}")
    assert answer.status_code == 422
    assert "You pressed “No change” and wrote words." in words(answer)
    assert "Something did change.</textarea>" in answer.content.decode()
    assert three[0].updates.count() == 1


def test_after_two_rounds_no_change_asks_for_new_words(client, me, three):
    first = three[0]
    said = first.updates.get()
    for _ in range(2):
        make_update(deliverable=first, by=me, no_change_since=said)
    answer = posted(client, row_of(first), no_change=f"d{first.pk}")
    assert answer.status_code == 422
    assert "“No change” was used twice in a row. Say in a few words where it stands now." in words(answer)
    assert first.updates.count() == 3


def test_a_row_on_which_somebody_else_wrote_shows_both_and_saves_on_the_second_press(client, three):
    first = three[0]
    make_update(deliverable=first, by=make_person(name="Deputy"), narrative="Theirs, <i>meanwhile</i>.")
    answer = posted(client, row_of(first, "Mine.", seen=1), row_of(three[1], "New."), save="all")
    assert answer.status_code == 422
    assert "Deputy wrote meanwhile (on track): Theirs, <i>meanwhile</i>." in words(answer)
    assert "Theirs, &lt;i&gt;meanwhile" in answer.content.decode()
    assert "Mine.</textarea>" in answer.content.decode()
    assert f'name="d{first.pk}-seen" value="2"' in answer.content.decode()
    assert [latest(first), latest(three[1])] == ["Theirs, <i>meanwhile</i>.", "New."]
    assert posted(client, row_of(first, "Mine.", seen=2), save="all").status_code == 302
    assert latest(first) == "Mine."


def test_no_change_on_a_row_on_which_somebody_else_wrote_shows_theirs_and_keeps_what_was_chosen(client, three):
    first = three[0]
    make_update(deliverable=first, by=make_person(name="Deputy"), narrative="Theirs.")
    answer = posted(client, row_of(first, seen=1, status="at risk"), no_change=f"d{first.pk}")
    assert answer.status_code == 422
    assert "Deputy wrote meanwhile (on track): Theirs." in words(answer)
    assert '<option value="at risk" selected>' in answer.content.decode()
    assert f'name="d{first.pk}-seen" value="2"' in answer.content.decode()
    assert first.updates.count() == 2


def test_rows_that_are_not_mine_cannot_be_slipped_in(client, three):
    foreign = make_deliverable(lead=make_person())
    posted(client, row_of(foreign, "Slipped in."), row_of(three[0], "New."), save="all")
    posted(client, row_of(foreign, "Slipped in."), save=f"d{foreign.pk}")
    assert not foreign.updates.exists()
    assert latest(three[0]) == "New."


def test_what_is_finished_offers_no_press_of_no_change(client, me, three):
    for each in three:
        make_update(deliverable=each, by=me, status=Status.COMPLETE, no_evidence_because="It runs.")
    assert "No change on" not in words(client.get(ROUND))


def test_my_round_takes_as_many_queries_for_three_rows_as_for_one(client, me):
    stream = make_workstream()
    make_update(deliverable=make_deliverable(workstream=stream, lead=me), by=me)
    once = queries_of(client, ROUND)
    for _ in range(2):
        make_update(deliverable=make_deliverable(workstream=stream, lead=me, deputy=make_person()), by=me)
    assert queries_of(client, ROUND) == once


# One deliverable


def form(deliverable, narrative="New words.", **more) -> dict:
    return {"seen": deliverable.updates.count(), "status": "on track", "narrative": narrative, **more}


def test_progress_on_one_deliverable_is_one_page_and_one_press(client, three):
    page = address(three[0])
    answer = client.post(page, form(three[0], forecast_on="2020-12-31"), follow=True)
    assert answer.redirect_chain == [(page, 302)]
    assert f"Saved: {three[0].reference} is on track." in words(answer)
    update = three[0].updates.first()
    assert (update.narrative, update.forecast_on, update.number) == ("New words.", dt.date(2020, 12, 31), 2)


def test_a_refusal_says_what_to_do_and_keeps_what_was_typed(client, three):
    answer = client.post(
        address(three[0]), form(three[0], "", status="at risk", evidence_link="https://board.example/a")
    )
    assert answer.status_code == 422
    assert "<title>Error: " in answer.content.decode()
    assert "There is a problem Say why it is at risk." in words(answer)
    assert 'value="https://board.example/a"' in answer.content.decode()
    assert 'value="at risk" id="id_status_2" checked' in answer.content.decode()
    assert three[0].updates.count() == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"status": ""}, "Choose a status."),
        ({"status": "splendid"}, "Choose a status from the list."),
        ({"status": "closed"}, "Choose a status from the list."),
        ({"evidence_link": "javascript:alert(1)"}, "Start the evidence link with https://"),
        ({"evidence_link": "https://no"}, "This link does not look right."),
        ({"evidence_link": "https://board.example/" + "x" * 500}, "The link is longer than 500 characters."),
        ({"narrative": "x" * 5_001}, "Keep it under 5,000 characters; this has 5,001."),
        ({"forecast_on": "2050-01-31"}, "Select a valid choice."),
        ({"status": "complete"}, "Give a link or a file as evidence, or say why there is none."),
        ({"seen": "999"}, "This page is out of step with the log."),
        ({"seen": ""}, "This page is out of step with the log."),
        ({"seen": "-1"}, "This page is out of step with the log."),
    ],
    ids=str,
)
def test_what_cannot_be_logged_is_answered_with_a_sentence(client, three, wrong, sentence):
    answer = client.post(address(three[0]), form(three[0], **wrong))
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert three[0].updates.count() == 1


def test_a_file_is_evidence_and_can_be_downloaded_but_not_run(client, sign_in, observer, three):
    picture = SimpleUploadedFile("Site visit <1>.png", papers.picture(), content_type="text/html")
    client.post(address(three[0]), form(three[0], evidence_file=picture))
    page = words(sign_in(observer).get(address(three[0])))
    assert f"Evidence: Site visit <1>.png (PNG, {len(papers.picture())} bytes)" in page
    answer = sign_in(observer).get(f"{address(three[0])}updates/2/evidence/")
    assert b"".join(answer.streaming_content) == papers.picture()
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_file_of_another_kind_is_refused_and_nothing_is_kept(client, three):
    page = SimpleUploadedFile("minutes.pdf", b"<html>not a PDF</html>")
    answer = client.post(address(three[0]), form(three[0], evidence_file=page))
    assert answer.status_code == 422
    assert "This kind of file cannot be kept." in words(answer)
    assert not StoredFile.objects.exists()


def test_the_second_to_save_sees_both_texts_escaped_and_chooses(client, three):
    deliverable = three[0]
    mine = form(deliverable, "Mine: two <b>therapists</b>.", forecast_on="2020-12-31")
    make_update(
        deliverable=deliverable, by=make_person(name="Deputy"), status=Status.AT_RISK, narrative="Theirs: <i>none</i>."
    )
    answer = client.post(address(deliverable), mine)
    assert answer.status_code == 409
    page, text = words(answer), answer.content.decode()
    assert "Saved by Deputy, 10 September 2020, 10:00 At risk Theirs: <i>none</i>." in page
    assert "Yours, not yet in the log On track Mine: two <b>therapists</b>. Forecast: December 2020." in page
    assert "<b>therapists" not in text
    assert "<i>none" not in text
    assert between(answer, "What differs", "Struck").startswith("What differs Status At risk On track Words Theirs:")
    assert deliverable.updates.count() == 2
    assert 'name="seen" value="2"' in text
    assert client.post(address(deliverable), {**mine, "seen": "2"}).status_code == 302
    assert latest(deliverable) == "Mine: two <b>therapists</b>."


def test_a_conflict_over_a_correction_still_corrects_the_same_update(client, three):
    deliverable = three[0]
    make_update(deliverable=deliverable, by=make_person())
    answer = client.post(address(deliverable), {**form(deliverable, "Mended."), "seen": "1", "corrects": "1"})
    assert answer.status_code == 409
    assert '<input type="hidden" name="corrects" value="1">' in answer.content.decode()


def test_a_correction_starts_with_the_words_of_then_and_the_status_of_now(client, me, three):
    deliverable = three[0]
    make_update(deliverable=deliverable, by=me, status=Status.AT_RISK, narrative="Now.")
    page = client.get(f"{address(deliverable)}?correct=1").content.decode()
    assert "You are correcting the update of 1 September 2020." in words(page)
    assert "Said of 1.</textarea>" in page
    assert 'value="at risk" id="id_status_2" checked' in page
    client.post(address(deliverable), {**form(deliverable, "Mended.", status="at risk"), "corrects": "1"})
    fixed = deliverable.updates.order_by("-number").first()
    assert (fixed.number, fixed.corrects.number, fixed.narrative) == (3, 1, "Mended.")


@pytest.mark.parametrize("named", ["99", "x", "²", "-1", "9" * 40, ""])
def test_a_correction_of_nothing_is_a_plain_update(client, three, named):
    assert client.get(f"{address(three[0])}?correct={named}").status_code == 200
    client.post(address(three[0]), {**form(three[0]), "corrects": named})
    assert three[0].updates.order_by("-number").first().corrects is None


def test_no_change_and_its_refusals_on_the_page_of_one_deliverable(client, me, three):
    deliverable, page = three[0], f"{address(three[0])}no-change/"
    answer = client.post(page, {"seen": "1"}, follow=True)
    assert f"Saved: {deliverable.reference}, no change." in words(answer)
    answer = client.post(page, {"seen": "1"}, follow=True)
    assert "was not saved: somebody logged progress since you opened the page" in words(answer)
    answer = client.post(page, {"seen": "nonsense"}, follow=True)
    assert "was not saved. There are no words to repeat yet." in words(answer)
    assert deliverable.updates.count() == 2


def test_completion_is_proposed_by_one_lead_and_confirmed_by_the_other_on_the_same_page(client, sign_in, three):
    deliverable = three[0]
    client.post(address(deliverable), form(deliverable, status="complete", no_evidence_because="The service runs."))
    other = sign_in(make_lead(workstream=deliverable.workstream, side="nhs").person)
    assert "Is it complete?" not in words(client.get(address(deliverable)))
    page = words(other.get(address(deliverable)))
    assert "Commissioner for therapies proposed that it is complete. A second lead, or the Board, confirms it." in page
    answer = other.post(f"{address(deliverable)}confirm/", {"seen": "2", "narrative": " Seen. "}, follow=True)
    assert f"Confirmed: {deliverable.reference} is complete." in words(answer)
    assert latest(deliverable) == "Seen."
    again = other.post(f"{address(deliverable)}confirm/", {"seen": "3"}, follow=True)
    assert "There is no completion to confirm." in words(again)
    behind = other.post(f"{address(deliverable)}confirm/", {"seen": "2"}, follow=True)
    assert "Nothing was confirmed: somebody logged progress since you opened the page." in words(behind)


def test_words_of_a_confirmation_that_cannot_be_kept_are_refused(sign_in, me, three, secretariat):
    make_update(deliverable=three[0], by=me, status=Status.COMPLETE, no_evidence_because="It runs.")
    page = f"{address(three[0])}confirm/"
    for narrative in ("a\x00b", "x" * 5_001):
        sign_in(secretariat).post(page, {"seen": "2", "narrative": narrative})
    assert ProgressUpdate.objects.filter(deliverable=three[0]).count() == 2


def test_the_secretariat_chooses_for_whom_it_writes_from_those_who_may_log(sign_in, secretariat, me, council, three):
    deputy, colleague, stranger = make_person(), make_person(partner=council), make_person()
    deliverable = three[0]
    deliverable.deputy, deliverable.partner = deputy, council
    deliverable.save()
    held = make_lead(workstream=deliverable.workstream).person
    client = sign_in(secretariat)
    page = client.get(address(deliverable)).content.decode()
    for person in (me, deputy, colleague, held):
        assert f'<option value="{person.pk}"' in page
    assert f'<option value="{stranger.pk}"' not in page
    assert f'<option value="{me.pk}" selected>' in page
    assert client.post(address(deliverable), form(deliverable, on_behalf_of=stranger.pk)).status_code == 422
    assert client.post(address(deliverable), form(deliverable, on_behalf_of="")).status_code == 422
    assert client.post(address(deliverable), form(deliverable, on_behalf_of=held.pk)).status_code == 302
    update = deliverable.updates.order_by("-number").first()
    assert (update.by, update.on_behalf_of) == (secretariat, held)


def test_the_secretariat_records_a_closing_and_presses_no_change_for_the_lead(sign_in, secretariat, me, three):
    client = sign_in(secretariat)
    client.post(f"{address(three[0])}no-change/", {"seen": "1"})
    assert three[0].updates.order_by("-number").first().on_behalf_of == me
    closing = form(three[1], "Closed by the Board on 3 September 2020.", status="closed")
    assert client.post(address(three[1]), closing).status_code == 302
    assert "Closed by decision" in words(client.get(address(three[1])))


def test_a_forecast_that_is_no_end_of_a_month_stays_to_be_chosen(client, me, three):
    make_update(deliverable=three[0], by=me, forecast_on=dt.date(2020, 11, 13))
    page = client.get(address(three[0])).content.decode()
    assert '<option value="2020-11-13" selected>13 November 2020</option>' in page
