"""Front sheets and the pages of papers: who writes and reads them, what two who save at once see, and files that stay inert."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from governance.agendas import operations as agendas
from governance.models import FrontSheet, Meeting, Paper, PaperVersion, Recommendation, ThemeConsidered
from governance.papers import commissioning, front_sheets, operations
from governance.papers.front_sheets import mark_of, save_front_sheet
from jcb.history import Conflict
from jcb.models import Notice
from tests.make import (
    make_agenda_item,
    make_front_sheet,
    make_invitation,
    make_meeting,
    make_paper,
    make_person,
    make_plan,
    make_theme,
)
from tests.papers import pdf, text_note, upload

pytestmark = pytest.mark.django_db
CANARY = "zebrafinch"


@pytest.fixture
def item():
    return make_agenda_item(title="Health visiting contract", purpose="decide")


def address(item, rest="front-sheet/"):
    return f"/meetings/{item.meeting.key}/agenda/{item.pk}/{rest}"


def typed(sheet=None, **given):
    """What a form posts: the sheet as it stands, but for what was typed."""
    recommendations = front_sheets.recommendations_of(sheet or FrontSheet())
    themes = front_sheets.themes_of(sheet or FrontSheet())
    posted = {
        "summary": sheet.summary if sheet else "",
        "recommendations_seen": mark_of(recommendations),
        "themes_seen": mark_of(themes),
        **{f"recommendation_{n}": text for n, text in enumerate(recommendations, start=1)},
        **{f"theme_{pk}": note for pk, note in themes.items()},
        **({"seen": str(sheet.version)} if sheet else {}),
    }
    for name in front_sheets.TEXTS:
        posted.setdefault(name, getattr(sheet, name) if sheet else "")
    if sheet and sheet.author_id:
        posted["author"] = sheet.author_id
    return {**posted, **given}


def status(browser, url) -> int:
    """The status of a download, read to its end."""
    answer = browser.get(url)
    if answer.streaming:
        b"".join(answer.streaming_content)
    return answer.status_code


# Writing


def test_the_secretariat_writes_a_front_sheet_with_numbered_recommendations_and_themes(sign_in, secretariat, item):
    theme = make_theme(plan=make_plan())
    answer = sign_in(secretariat).post(
        address(item),
        typed(
            summary="The contract ends.",
            recommendation_1="agree to extend it",
            recommendation_2=" ",
            recommendation_3="ask for a review",
            money="1.2 million pounds.",
            director="Director of Public Health",
            **{f"theme_{theme.pk}": "Families can reach a clinic on foot."},
        ),
    )
    assert answer.status_code == 302
    sheet = FrontSheet.objects.get(item=item)
    assert [(row.number, row.text) for row in sheet.recommendations.all()] == [
        (1, "agree to extend it"),
        (2, "ask for a review"),
    ]
    assert front_sheets.themes_of(sheet) == {theme.pk: "Families can reach a clinic on foot."}
    assert sheet.history.count() == 1


def test_the_front_sheet_reads_back_with_what_is_asked_first_and_what_is_not_said(sign_in, secretariat, item):
    make_front_sheet(item=item, recommendations=("agree to extend it",), money="1.2 million pounds.")
    text = sign_in(secretariat).get(address(item, "front-sheet/read/")).content.decode()
    assert text.index("agree to extend it") < text.index("1.2 million pounds.")
    assert "The Board is asked for 1 thing." in text
    assert "legal, equality and impact on children" in text
    assert "not cleared yet" in text


def test_a_presenter_writes_their_own_front_sheet_and_is_its_author(sign_in, owning_commissioner, item):
    item.presenter = owning_commissioner
    item.save()
    assert sign_in(owning_commissioner).post(address(item), typed(summary="Mine.")).status_code == 302
    assert FrontSheet.objects.get(item=item).author == owning_commissioner


def test_an_author_cannot_say_that_the_front_sheet_is_cleared(owning_commissioner, secretariat, item):
    sheet = make_front_sheet(item=item, author=owning_commissioner)
    sheet.cleared_by, sheet.cleared_at = owning_commissioner, item.meeting.clearing_due_at
    with pytest.raises(PermissionDenied):
        save_front_sheet(sheet=sheet, by=owning_commissioner, seen=1, changed=["cleared_by", "cleared_at"])
    save_front_sheet(sheet=sheet, by=secretariat, seen=1, changed=["cleared_by", "cleared_at"])
    assert FrontSheet.objects.get().cleared_by == owning_commissioner


def test_a_front_sheet_that_its_author_changes_after_it_was_cleared_is_not_cleared_any_more(
    sign_in, owning_commissioner, secretariat, item
):
    sheet = make_front_sheet(
        item=item, author=owning_commissioner, cleared_by=secretariat, cleared_at=item.meeting.clearing_due_at
    )
    sign_in(owning_commissioner).post(address(item), typed(sheet, risk="A new risk."))
    sheet.refresh_from_db()
    assert (sheet.risk, sheet.cleared_by, sheet.cleared_at) == ("A new risk.", None, None)


def test_a_summary_is_asked_for_and_what_was_typed_stays(sign_in, secretariat, item):
    answer = sign_in(secretariat).post(address(item), typed(risk="Typed already."))
    assert answer.status_code == 422
    assert "Say in a few sentences what it is about." in answer.content.decode()
    assert "Typed already." in answer.content.decode()
    assert not FrontSheet.objects.exists()


def test_recommendations_that_are_taken_out_are_gone_and_their_history_stays(secretariat, item):
    sheet = make_front_sheet(item=item, recommendations=("one", "two", "three"))
    save_front_sheet(sheet=sheet, by=secretariat, seen=1, changed=[], recommendations=["one", "three"])
    assert front_sheets.recommendations_of(sheet) == ["one", "three"]
    assert Recommendation.history.filter(history_type="-", text="three").count() == 1


def test_nothing_is_changed_of_a_meeting_that_is_over(secretariat, item):
    sheet = make_front_sheet(item=item)
    Meeting.objects.get(pk=item.meeting_id).save()
    meeting = item.meeting
    meeting.state = Meeting.State.CANCELLED
    meeting.save()
    with pytest.raises(ValidationError, match="stay as they are"):
        save_front_sheet(sheet=sheet, by=secretariat, seen=1, changed=["money"])


# Two at once


def test_two_who_change_different_parts_of_a_front_sheet_both_keep_their_words(
    sign_in, secretariat, owning_commissioner, item
):
    sheet = make_front_sheet(item=item, author=owning_commissioner)
    opened_by_both = typed(sheet)
    sign_in(secretariat).post(address(item), {**opened_by_both, "money": "None."})
    answer = sign_in(owning_commissioner).post(address(item), {**opened_by_both, "risk": "Low."})
    assert answer.status_code == 302
    sheet.refresh_from_db()
    assert (sheet.money, sheet.risk) == ("None.", "Low.")


def test_two_who_change_the_same_text_see_both_and_lose_nothing(sign_in, secretariat, owning_commissioner, item):
    sheet = make_front_sheet(item=item, author=owning_commissioner)
    opened_by_both = typed(sheet)
    sign_in(secretariat).post(address(item), {**opened_by_both, "money": "Theirs."})
    answer = sign_in(owning_commissioner).post(address(item), {**opened_by_both, "money": "<b>Mine.</b>"})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Theirs." in text
    assert "&lt;b&gt;Mine.&lt;/b&gt;" in text
    sheet.refresh_from_db()
    assert sheet.money == "Theirs."


def test_two_who_change_the_recommendations_see_both_lists(sign_in, secretariat, owning_commissioner, item):
    sheet = make_front_sheet(item=item, author=owning_commissioner, recommendations=("agree",))
    opened_by_both = typed(sheet)
    sign_in(secretariat).post(address(item), {**opened_by_both, "recommendation_1": "agree for a year"})
    answer = sign_in(owning_commissioner).post(address(item), {**opened_by_both, "recommendation_1": "agree for two"})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "1. agree for a year" in text
    assert "1. agree for two" in text
    assert front_sheets.recommendations_of(sheet) == ["agree for a year"]


def test_the_second_of_two_who_begin_a_front_sheet_keeps_what_they_typed(sign_in, secretariat, item):
    opened_by_both = typed()
    sign_in(secretariat).post(address(item), {**opened_by_both, "summary": "First."})
    with pytest.raises(ValidationError, match="Somebody else began"):
        save_front_sheet(sheet=FrontSheet(item=item, summary="Second."), by=secretariat, seen=0, changed=[])
    assert FrontSheet.objects.get().summary == "First."


def test_a_conflict_over_themes_writes_nothing(secretariat, item):
    theme = make_theme(plan=make_plan())
    sheet = make_front_sheet(item=item)
    ThemeConsidered.objects.create(front_sheet=sheet, theme=theme, note="Theirs.")
    with pytest.raises(Conflict):
        save_front_sheet(
            sheet=sheet, by=secretariat, seen=1, changed=[], themes={theme.pk: "Mine."}, themes_seen=mark_of({})
        )
    assert front_sheets.themes_of(sheet) == {theme.pk: "Theirs."}


# Who reads


@pytest.mark.parametrize("rest", ["front-sheet/", "front-sheet/read/", "papers/", "papers/1/"])
def test_drafts_are_hidden_from_those_who_do_not_write_or_clear_them(sign_in, cast, rest):
    item = make_agenda_item(title="Contract")
    make_front_sheet(item=item, summary=CANARY)
    make_paper(item=item, title=CANARY)
    for name in ("commissioner of another partner", "forum representative", "observer", "administrator"):
        answer = sign_in(cast[name]).get(address(item, rest), follow=True)
        assert answer.status_code == 404, name
        assert CANARY not in answer.content.decode()
    for name in ("board member, council side", "secretariat"):
        assert sign_in(cast[name]).get(address(item, rest), follow=True).status_code == 200, name


def test_a_restricted_item_and_a_missing_one_are_the_same_to_who_may_not_see_it(sign_in, observer):
    item = make_agenda_item(restricted=True)
    missing = f"/meetings/{item.meeting.key}/agenda/99999/front-sheet/"
    hidden, absent = sign_in(observer).get(address(item)), sign_in(observer).get(missing)
    assert (hidden.status_code, absent.status_code) == (404, 404)


@pytest.mark.parametrize(
    "name", ["commissioner of another partner", "observer", "forum representative", "invited lead"]
)
def test_whoever_may_not_write_a_front_sheet_is_refused(sign_in, cast, name):
    item = make_agenda_item()
    assert sign_in(cast[name]).post(address(item), typed(summary="Mine.")).status_code in (403, 404)
    assert not FrontSheet.objects.exists()


# Papers


def test_the_secretariat_asks_for_a_paper_and_reminds_its_author_once_a_day(
    sign_in, secretariat, owning_commissioner, item, django_capture_on_commit_callbacks, mailoutbox
):
    browser = sign_in(secretariat)
    browser.post(address(item, "papers/"), {"title": "The contract", "author": owning_commissioner.pk})
    paper = Paper.objects.get()
    assert (paper.author, paper.state) == (owning_commissioner, "commissioned")
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(address(item, "papers/1/remind/"))
        browser.post(address(item, "papers/1/remind/"))
    assert [mail.subject for mail in mailoutbox] == ["Paper wanted: The contract"]
    assert commissioning.reminded_on(paper) == "Thursday 10 September"
    assert Notice.objects.count() == 1


def test_nobody_is_written_to_about_a_paper_for_an_item_that_they_may_not_see(
    sign_in, secretariat, owning_commissioner, django_capture_on_commit_callbacks, mailoutbox
):
    item = make_agenda_item(restricted=True)
    browser = sign_in(secretariat)
    asked = browser.post(address(item, "papers/"), {"title": "The price", "author": owning_commissioner.pk})
    assert "cannot see this item. Invite them to it first." in asked.content.decode()
    paper = make_paper(item=item, author=owning_commissioner, title="The price")
    with django_capture_on_commit_callbacks(execute=True):
        answer = browser.post(address(item, "papers/1/remind/"), follow=True)
    assert "Invite them to it first." in answer.content.decode()
    operations.hand_in(paper=paper, by=secretariat, seen=0, upload=upload(pdf(text_note)))
    with django_capture_on_commit_callbacks(execute=True):
        operations.send_back(version=paper.versions.get(), by=secretariat, words="Without the note, please.")
    assert mailoutbox == []
    make_invitation(item=item, person=owning_commissioner)
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(address(item, "papers/1/remind/"))
    assert [mail.subject for mail in mailoutbox] == ["Paper wanted: The price"]


def test_an_author_hands_in_a_version_and_downloads_it_as_it_came(sign_in, owning_commissioner, item):
    paper = make_paper(item=item, author=owning_commissioner)
    browser = sign_in(owning_commissioner)
    content = pdf()
    given = {"what": "hand in", "seen": "0", "paper": upload(content, "../contract.pdf")}
    assert browser.post(address(item, "papers/1/"), given).status_code == 302
    paper.refresh_from_db()
    assert paper.state == Paper.State.RECEIVED
    for rest in ("papers/1/1/original/", "papers/1/1/pages/"):
        answer = browser.get(address(item, rest))
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert b"".join(answer.streaming_content) == content


def test_a_paper_that_cannot_be_taken_is_refused_with_a_sentence_on_its_page(sign_in, secretariat, item):
    make_paper(item=item)
    given = {"what": "hand in", "seen": "0", "paper": upload(b"not a paper", "paper.pdf")}
    answer = sign_in(secretariat).post(address(item, "papers/1/"), given)
    assert answer.status_code == 422
    assert "cannot be a paper" in answer.content.decode()
    assert not PaperVersion.objects.exists()


def test_a_paper_with_comments_is_stopped_until_the_clerk_decides_in_words(sign_in, secretariat, council_member, item):
    paper = make_paper(item=item)
    operations.hand_in(paper=paper, by=secretariat, seen=0, upload=upload(pdf(text_note)))
    browser = sign_in(secretariat)
    page = address(item, "papers/1/")
    assert "1 comment or mark" in browser.get(page).content.decode()
    assert "Stopped" in browser.get(page).content.decode()
    assert status(sign_in(council_member), address(item, "papers/1/1/pages/")) == 404
    answer = browser.post(page, {"what": "let through", "seen": "1", "words": ""})
    assert answer.status_code == 422
    assert (
        browser.post(page, {"what": "let through", "seen": "1", "words": "Comments are left out."}).status_code == 302
    )
    assert paper.latest.clerk_decided == "Comments are left out."
    assert not paper.latest.blocked
    assert status(sign_in(council_member), address(item, "papers/1/2/pages/")) == 200


def test_a_paper_sent_back_tells_its_author_what_was_found(sign_in, secretariat, owning_commissioner, item):
    paper = make_paper(item=item, author=owning_commissioner)
    operations.hand_in(paper=paper, by=owning_commissioner, seen=0, upload=upload(pdf(text_note)))
    sign_in(secretariat).post(
        address(item, "papers/1/"), {"what": "send back", "seen": "1", "words": "Take the comments out."}
    )
    paper.refresh_from_db()
    assert paper.state == Paper.State.COMMISSIONED
    assert "1 comment" in Notice.objects.get(person=owning_commissioner).text


def test_members_download_pages_but_never_the_original_with_what_is_hidden_in_it(
    sign_in, secretariat, council_member, owning_commissioner, item
):
    paper = make_paper(item=item, author=owning_commissioner)
    operations.hand_in(paper=paper, by=owning_commissioner, seen=0, upload=upload(pdf()))
    member = sign_in(council_member)
    assert status(member, address(item, "papers/1/1/pages/")) == 200
    assert status(member, address(item, "papers/1/1/original/")) == 404
    assert status(sign_in(make_person(role="observer")), address(item, "papers/1/1/pages/")) == 404


def test_the_state_of_a_paper_changes_by_the_rules_and_says_so_where_it_cannot(sign_in, secretariat, item):
    paper = make_paper(item=item)
    page = address(item, "papers/1/")
    browser = sign_in(secretariat)
    browser.post(page, {"what": "state", "state": "to follow", "seen": paper.version})
    paper.refresh_from_db()
    assert paper.state == Paper.State.TO_FOLLOW
    answer = browser.post(page, {"what": "state", "state": "cleared", "seen": paper.version}, follow=True)
    assert "cannot become" in answer.content.decode()
    answer = browser.post(page, {"what": "state", "state": "verbal", "seen": 1}, follow=True)
    assert "changed since you opened this page" in answer.content.decode()


def test_an_item_with_a_front_sheet_is_withdrawn_and_not_removed(secretariat, item):
    make_front_sheet(item=item)
    with pytest.raises(ValidationError, match="withdrawn"):
        agendas.remove_item(item=item, by=secretariat)


def test_hostile_text_in_a_front_sheet_stays_text(sign_in, secretariat, item):
    make_front_sheet(
        item=item,
        summary="<script>alert(1)</script> [x](javascript:alert(1)) ![](file:///etc/passwd)",
        recommendations=("<img src=x onerror=alert(1)>",),
    )
    text = sign_in(secretariat).get(address(item, "front-sheet/read/")).content.decode()
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert 'href="javascript' not in text


def test_papers_of_one_item_are_not_found_under_another(sign_in, secretariat):
    meeting = make_meeting()
    one, other = make_agenda_item(meeting=meeting), make_agenda_item(meeting=meeting)
    paper = make_paper(item=one)
    operations.hand_in(paper=paper, by=secretariat, seen=0, upload=upload(pdf()))
    assert status(sign_in(secretariat), address(one, "papers/1/1/pages/")) == 200
    assert status(sign_in(secretariat), address(other, "papers/1/1/pages/")) == 404
