"""Packs before and while they are published: audiences, what is in them, late items, bad papers, and a process that is killed."""

import contextlib
import datetime as dt
import io
import os
import signal
import time

import pikepdf
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connections
from django.test import TestCase
from pikepdf import Array, Dictionary, Name

from governance.agendas.operations import withdraw_item
from governance.models import AgendaItem, Invitation, Meeting, Pack, PackContent, Paper, Round
from governance.packs import checklist, circulation, publish
from governance.packs.audiences import audiences
from governance.packs.build import draw
from governance.packs.checklist import BROUGHT
from governance.packs.contents import BRINGS, as_if_published, build, next_edition
from governance.packs.frozen import frozen
from jcb import dates, files
from jcb.models import Document, Notice, StoredFile
from tests.conftest import NOW
from tests.governance.board import CANARY, SITE, Board, bytes_of, make_board, published
from tests.governance.packtext import breaks_rules, page_words
from tests.make import (
    make_agenda_item,
    make_board_settings,
    make_deliverable,
    make_front_sheet,
    make_lead,
    make_meeting,
    make_membership,
    make_paper,
    make_person,
    make_round,
    make_standing_item,
    make_update,
    make_workstream,
)
from tests.papers import pdf, scan, tagged

PACK, SUPPLEMENT = Pack.Kind.PACK, Pack.Kind.SUPPLEMENT
pdf_tests = pytest.mark.pdf


# Before a page is drawn -----------------------------------------------------------------------------------------------


@pytest.fixture
def board(secretariat, invited_lead) -> Board:
    return make_board(secretariat, lead=invited_lead, with_papers=False)


def data_of(board: Board, name: str = "the Board’s members", *, at: dt.datetime = NOW, kind: str = PACK):
    with as_if_published(board.meeting):
        edition = next_edition(board.meeting, kind=kind, at=at)
        audience = next(each for each in audiences(board.meeting) if each.words == name)
        return build(board.meeting, audience, edition)


@pytest.mark.django_db
def test_members_observers_and_each_set_of_invitations_are_an_audience(
    board, council_member, observer, forum_representative
):
    found = {each.words: [person.name for person in each.people] for each in audiences(board.meeting)}
    assert list(found.values()) == [
        [council_member.name],
        [forum_representative.name, observer.name],
        ["Lead for short breaks"],
    ]


@pytest.mark.django_db
def test_two_people_with_the_same_invitations_share_a_pack_and_others_have_their_own(
    board, owning_commissioner, other_commissioner
):
    for person in (owning_commissioner, other_commissioner):
        Invitation.objects.create(item=board.items["placement"], person=person)
    found = audiences(board.meeting)
    shared = next(each for each in found if owning_commissioner in each.people)
    assert other_commissioner in shared.people
    assert len({each.key for each in found}) == len(found)


@pytest.mark.django_db
def test_a_commissioner_invited_to_a_restricted_item_sees_it_beside_the_open_ones(
    secretariat, owning_commissioner, other_commissioner
):
    meeting = make_meeting()
    make_agenda_item(meeting=meeting)
    one, other = make_agenda_item(meeting=meeting, restricted=True), make_agenda_item(meeting=meeting, restricted=True)
    Invitation.objects.create(item=one, person=owning_commissioner)
    Invitation.objects.create(item=other, person=other_commissioner)
    found = audiences(meeting)
    assert [len(each.items) for each in found] == [3, 2, 2, 1]


@pytest.mark.django_db
def test_where_nothing_is_restricted_everyone_shares_one_pack(council_member, observer):
    meeting = make_meeting()
    make_agenda_item(meeting=meeting)
    (only,) = audiences(meeting)
    assert only.words == "the Board’s members, observers and the parent-carer forum"
    assert set(only.people) == {council_member, observer}


@pytest.mark.django_db
def test_a_deputy_who_sits_on_the_day_is_sent_the_pack_and_an_administrator_never(administrator, owning_commissioner):
    meeting = make_meeting()
    make_agenda_item(meeting=meeting)
    make_membership(person=owning_commissioner)
    (only,) = audiences(meeting)
    assert only.people == (owning_commissioner,)


@pytest.mark.django_db
def test_looking_ahead_leaves_the_numbers_as_they_were(board):
    with as_if_published(board.meeting):
        assert AgendaItem.objects.get(pk=board.items["contract"].pk).number == 4
    assert AgendaItem.objects.get(pk=board.items["contract"].pk).number is None
    assert not AgendaItem.history.filter(number__isnull=False).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("late", "said"),
    [
        (dt.timedelta(), "In time"),
        (dt.timedelta(minutes=1), "Less than an hour late"),
        (dt.timedelta(hours=3, minutes=59), "3 hours late"),
        (dt.timedelta(hours=30), "30 hours late"),
    ],
)
def test_the_cover_says_by_how_many_hours_it_is_late(board, late, said):
    assert data_of(board, at=board.meeting.papers_due_at + late).circulated.startswith(f"{said}: ")


@pytest.mark.django_db
def test_a_pack_across_the_change_of_clocks_is_in_time_to_the_minute(secretariat):
    meeting = make_meeting(starts_at=dt.datetime(2020, 3, 30, 10, tzinfo=dates.LONDON))
    make_agenda_item(meeting=meeting)
    board = Board(meeting, secretariat)
    everyone = "the Board’s members, observers and the parent-carer forum"
    nine = dt.datetime(2020, 3, 27, 9, tzinfo=dates.LONDON)
    assert data_of(board, everyone, at=nine).in_time
    assert data_of(board, everyone, at=nine + dt.timedelta(hours=1)).circulated.startswith("1 hour late")


@pytest.mark.django_db
def test_the_data_of_an_audience_never_holds_what_it_may_not_see(board):
    assert CANARY in str(frozen(data_of(board)))
    assert CANARY not in str(frozen(data_of(board, "observers and the parent-carer forum")))


@pytest.mark.django_db
def test_a_paper_the_clerk_has_still_to_decide_about_is_printed_as_to_follow(secretariat):
    meeting = make_meeting()
    paper = make_paper(item=make_agenda_item(meeting=meeting, order=1))
    board = Board(meeting, secretariat)

    def comment(made):
        note = Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=Array([9, 9, 30, 30]))
        made.pages[0].obj.Annots = Array([made.make_indirect(note)])

    board.hand_in(paper, pdf(comment))
    everyone = "the Board’s members, observers and the parent-carer forum"
    (item,) = data_of(board, everyone).items
    assert [(each.printed, each.page, "to follow" in each.words) for each in item.papers] == [(False, True, True)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["council_member", "observer", "forum_representative", "owning_commissioner", "administrator"]
)
def test_only_the_secretariat_publishes(request, board, name):
    with pytest.raises(PermissionDenied):
        publish.publish(meeting=board.meeting, by=request.getfixturevalue(name), number=1)


@pytest.mark.django_db
def test_an_empty_agenda_and_a_cancelled_meeting_are_not_published(secretariat):
    meeting = make_meeting()
    with pytest.raises(ValidationError, match="nothing on the agenda"):
        publish.publish(meeting=meeting, by=secretariat, number=1)
    make_agenda_item(meeting=meeting)
    meeting.state = Meeting.State.CANCELLED
    meeting.save()
    with pytest.raises(ValidationError, match="no pack is published"):
        publish.publish(meeting=meeting, by=secretariat, number=1)


# The checklist --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_checklist_says_what_blocks_what_could_be_better_and_what_is_ready(board):
    found = checklist.build(board.meeting, NOW)
    assert found.headline == "3 things stand between you and an on-time pack"
    assert found.clock == "Circulate by Friday 25 September, 10:00. You have 15 days."
    assert [line.words for line in found.blocking] == [
        "Item 4: no paper yet",
        "Item 5: no paper yet",
        "Item 6: no paper yet",
    ]
    assert "Item 6: the paper is to follow" in [line.words for line in found.better]
    assert "Item 1: Apologies and interests" in [line.words for line in found.ready]
    assert found.missing == ("The contract in full", f"Paper {CANARY}", "What families said", "Figures of short breaks")


@pytest.mark.django_db
def test_an_item_to_decide_blocks_until_it_says_what_is_to_be_decided(secretariat):
    item = make_agenda_item(purpose="decide", title="Contract")
    (line,) = checklist.build(item.meeting, NOW).blocking
    assert line.words == "Item 1: it does not say what is to be decided"
    make_front_sheet(item=item, recommendations=("agree",))
    found = checklist.build(item.meeting, NOW)
    assert found.headline == "Nothing stands between you and an on-time pack"
    assert "Item 1: the front sheet is not cleared" in [line.words for line in found.better]


@pytest.mark.django_db
def test_leads_who_have_not_answered_block_and_are_counted(secretariat):
    meeting = make_meeting()
    make_agenda_item(meeting=meeting)
    deliverable = make_deliverable(lead=make_person())
    assert "No reporting round is open for this meeting" in [
        line.words for line in checklist.build(meeting, NOW).better
    ]
    Round.objects.create(meeting=meeting, opened_at=NOW, opened_by=secretariat, closes_at=meeting.authors_due_at)
    assert "1 deliverable without an update" in [line.words for line in checklist.build(meeting, NOW).blocking]
    make_update(deliverable=deliverable, at=NOW)
    assert not checklist.build(meeting, NOW).blocking


@pytest.mark.django_db
def test_a_workstream_of_two_leads_without_highlights_is_counted_once(secretariat):
    stream = make_workstream()
    make_deliverable(workstream=stream)
    make_lead(workstream=stream)
    make_lead(workstream=stream, side="nhs")
    meeting = make_agenda_item().meeting
    make_round(meeting=meeting, opened_at=NOW)
    assert "1 workstream without highlights" in [line.words for line in checklist.build(meeting, NOW).better]


@pytest.mark.django_db
def test_minutes_need_no_words_on_what_is_to_be_decided():
    meeting = make_meeting()
    standing = make_standing_item(terms=meeting.terms, title="Minutes and actions of the last meeting")
    make_agenda_item(meeting=meeting, purpose="decide", standing=standing)
    assert not checklist.build(meeting, NOW).blocking


@pytest.mark.django_db
def test_whatever_an_item_brings_has_its_words_on_the_checklist():
    assert set(BRINGS.values()) == set(BROUGHT)


def test_the_highlight_report_comes_with_its_item_or_at_the_end(secretariat):
    make_deliverable()
    meeting = make_meeting()
    board = Board(meeting, secretariat)
    board.add("one", title="Therapies")
    everyone = "the Board’s members, observers and the parent-carer forum"
    assert data_of(board, everyone).loose == ("highlight", "forward")
    standing = make_standing_item(terms=meeting.terms, title="Workstream reports")
    board.add("reports", title="Workstream reports", standing=standing)
    data = data_of(board, everyone)
    assert data.loose == ("forward",)
    assert [item.brings for item in data.items] == ["", "highlight"]
    assert data.highlight.streams


@pytest.mark.django_db
def test_an_agenda_that_runs_over_blocks_and_says_by_how_much():
    item = make_agenda_item(minutes=125)
    (line,) = checklist.build(item.meeting, NOW).blocking
    assert (line.words, line.more) == ("The agenda runs 5 minutes over", "2 hours 5 minutes in a meeting of 2 hours.")


@pytest.mark.django_db
def test_the_checklist_explains_the_odd_hour_and_says_when_it_is_late():
    meeting = make_meeting(starts_at=dt.datetime(2020, 3, 30, 10, tzinfo=dates.LONDON))
    make_agenda_item(meeting=meeting)
    early = checklist.build(meeting, dt.datetime(2020, 3, 24, 10, tzinfo=dates.LONDON))
    assert early.clock == "Circulate by Friday 27 March, 09:00. You have 2 days 23 hours."
    assert "The clocks go forward on Sunday 29 March" in early.why
    assert "Exactly 09:00 is in time." in early.why
    late = checklist.build(meeting, dt.datetime(2020, 3, 27, 12, 30, tzinfo=dates.LONDON))
    assert late.headline.startswith("The pack is 3 hours late")


@pytest.mark.django_db
def test_the_secretariat_sees_the_checklist_and_nudges_from_it(sign_in, board, owning_commissioner, mailoutbox):
    paper = Paper.objects.get(title="The contract in full")
    paper.author = owning_commissioner
    paper.save()
    browser = sign_in(board.secretariat)
    assert "Item 4: no paper yet" in browser.get("/meetings/2020-09-28/pack/").content.decode()
    item = board.items["contract"]
    with TestCase.captureOnCommitCallbacks(execute=True):
        answer = browser.post(f"/meetings/2020-09-28/agenda/{item.pk}/papers/1/remind/", {"back": "pack"}, follow=True)
    assert [message.to for message in mailoutbox] == [[owning_commissioner.email]]
    assert "reminded Thursday 10 September" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("rest", ["publish/", "making/draft/", "making/publish/", "draft/x/"])
def test_pages_for_preparing_a_pack_are_refused_to_everyone_else(sign_in, cast, board, rest):
    for name in ("board member, council side", "commissioner of the owning partner", "observer", "administrator"):
        assert sign_in(cast[name]).get(f"/meetings/2020-09-28/pack/{rest}").status_code == 403, name
    for name in ("observer", "board member, council side"):
        browser = sign_in(cast[name])
        assert browser.post("/meetings/2020-09-28/pack/publish/", {"kind": "pack", "number": 1}).status_code == 403
        assert browser.post("/meetings/2020-09-28/pack/draft/").status_code == 403
        assert browser.get("/meetings/2020-09-28/pack/").headers["Location"] == "/meetings/2020-09-28/pack/read/"
    assert not Pack.objects.exists()


@pytest.mark.django_db
def test_publishing_shows_who_will_receive_what_and_what_will_be_missing(sign_in, board, council_member, observer):
    text = sign_in(board.secretariat).get("/meetings/2020-09-28/pack/publish/").content.decode()
    for words in (
        council_member.name,
        observer.name,
        "4 papers will be missing",
        "supplement 1",
        "The cover will say “in time”",
    ):
        assert words in text


# Drawn and published, one at a time -----------------------------------------------------------------------------------


@pytest.fixture
def small(secretariat, observer) -> Board:
    """Two open items, one of them with a paper: one pack for everybody."""
    board = Board(make_meeting(), secretariat)
    board.add("first", title="Therapies")
    board.add("second", title="Any other business")
    paper = make_paper(item=board.items["first"], title="Therapies in full")
    board.hand_in(paper, tagged())
    return board


@pdf_tests
@pytest.mark.django_db
def test_a_late_item_is_2a_in_a_supplement_and_a_new_version_says_what_changed(small, mailoutbox):
    (pack,) = published(small)
    before = bytes_of(pack)
    late = small.late("late", after="first", title="Autism strategy", purpose="decide")
    make_front_sheet(item=late, recommendations=("agree the strategy",))
    small.hand_in(make_paper(item=late, title="Strategy"), scan())
    (supplement,) = published(small, kind=SUPPLEMENT, number=1)
    assert [row.label for row in supplement.contents.all()] == ["1A"]
    assert supplement.what_changed == "Item 1A is new: Autism strategy."
    words = page_words(bytes_of(supplement))
    assert "Supplement 1 to the meeting pack" in words[0]
    assert any("1A.1" in page and "agree the strategy" in page for page in words)
    assert any("1A.2" in page for page in words)
    assert not any("Therapies" in page for page in words)
    assert breaks_rules(bytes_of(supplement)) == []
    assert mailoutbox[-1].subject == "Supplement 1 to the pack for 28 September 2020"
    assert "Item 1A is new" in mailoutbox[-1].body

    small.hand_in(small.items["first"].papers.get(), scan(pages=2))
    withdraw_item(item=small.items["second"], by=small.secretariat, because="No time.")
    (second,) = published(small, number=2, words="Two corrections.")
    assert second.what_changed.split("\n") == [
        "Two corrections.",
        "Item 1: “Therapies in full” version 2 takes the place of version 1.",
        "Item 2 is withdrawn.",
    ]
    said = " ".join(page_words(bytes_of(second)))
    assert "Two corrections." in said
    assert "version 2 takes the place of version 1" in said
    assert second.document.replaces is None  # for another set of items than the first version: the late one is in it
    assert {row.label for row in second.contents.all()} == {"1", "1A", "2"}
    assert bytes_of(pack) == before
    assert [item.label for item in AgendaItem.objects.filter(meeting=small.meeting).in_order()] == ["1", "1A", "2"]
    reader = make_person(role="observer")
    found, supplements = circulation.for_person(small.meeting, reader)
    assert (found, supplements) == (second, [])


@pdf_tests
@pytest.mark.django_db
def test_a_paper_that_followed_is_a_supplement_to_its_item(small, sign_in, observer):
    paper = make_paper(item=small.items["second"], title="What families said", state=Paper.State.TO_FOLLOW)
    published(small)
    small.hand_in(paper, tagged())
    (supplement,) = published(small, kind=SUPPLEMENT, number=1)
    assert supplement.what_changed == "Item 2: “What families said” has come."
    assert supplement.data["places"]["item-2"]["label"] == "2.1"
    text = sign_in(observer).get("/meetings/2020-09-28/pack/read/").content.decode()
    assert "1 supplement since." in text
    assert 'id="supplement-1-item-2"' in text


@pdf_tests
@pytest.mark.django_db
@pytest.mark.parametrize("damage", ["broken", "missing"])
def test_one_bad_paper_becomes_a_page_that_says_so(small, damage):
    path = files.path_of(small.items["first"].papers.get().latest.pages)
    if damage == "broken":
        path.write_bytes(b"%PDF-1.7 and nothing more")
    else:
        path.unlink()
    (pack,) = published(small)
    sentence = (
        "This paper could not be put into the pack." if damage == "broken" else "The file of this paper is missing."
    )
    assert any(sentence in page and "1.2" in page for page in page_words(bytes_of(pack)))
    assert not pack.contents.filter(paper_version__isnull=False).exists()
    assert breaks_rules(bytes_of(pack)) == []


@pdf_tests
@pytest.mark.django_db
def test_hostile_text_is_printed_as_it_was_typed_and_reaches_nothing(secretariat, observer, sign_in):
    evil = '<script>x</script><img src="https://evil.example/x"><link rel=attachment href="file:///etc/passwd">{{ 1 }}'
    board = Board(make_meeting(venue=f"Hall {evil}"), secretariat)
    item = board.add("one", title=f"Title {evil}"[:150], note=f"Note {evil}", purpose="decide")
    make_front_sheet(
        item=item,
        summary=f"Summary {evil}\n\n![x](file:///etc/passwd) [x](javascript:1)",
        recommendations=(f"agree {evil}",),
    )
    make_paper(item=item, title=f"Paper {evil}"[:150], state=Paper.State.TO_FOLLOW)
    (pack,) = published(board)
    content = bytes_of(pack)
    assert "<script>x</script>" in " ".join(page_words(content))
    assert breaks_rules(content) == []
    with pikepdf.open(io.BytesIO(content)) as opened:
        assert "/EmbeddedFiles" not in opened.Root.get("/Names", {})
        for each in opened.objects:
            if isinstance(each, Dictionary):
                assert not {"/JS", "/URI", "/AA", "/Launch", "/EF"} & set(each.keys())
    text = sign_in(observer).get("/meetings/2020-09-28/pack/read/").content.decode()
    assert "<script>x" not in text
    assert "evil.example/x&quot;" in text


@pdf_tests
@pytest.mark.django_db
def test_what_was_drawn_from_a_record_that_changed_meanwhile_is_not_published(small):
    with as_if_published(small.meeting):
        plan = publish.planned(small.meeting, kind=PACK, at=NOW)
    made = [publish._make(audience, data, small.secretariat) for audience, data in plan]
    make_front_sheet(item=small.items["first"])
    edition = next_edition(small.meeting, kind=PACK, at=NOW)
    with pytest.raises(publish.Moved):
        publish._record(small.meeting, small.secretariat, edition, made, SITE)
    assert not Pack.objects.exists()
    assert not AgendaItem.objects.filter(number__isnull=False).exists()
    assert not Notice.objects.exists()


@pdf_tests
@pytest.mark.django_db
def test_the_same_data_gives_the_same_bytes(small):
    with as_if_published(small.meeting):
        ((_, data),) = publish.planned(small.meeting, kind=PACK, at=NOW)
    assert draw(data).content == draw(data).content


@pdf_tests
@pytest.mark.django_db
def test_the_e_mail_asks_for_the_minutes_to_be_agreed_without_anybody_typing_it(
    secretariat, council_member, mailoutbox
):
    board = Board(make_meeting(), secretariat)
    standing = make_standing_item(terms=board.meeting.terms, title="Minutes and actions of the last meeting")
    board.add("minutes", title=standing.title, standing=standing, purpose="decide")
    board.add("contract", title="Contract", purpose="decide")
    published(board)
    (message,) = [each for each in mailoutbox if each.to == [council_member.email]]
    assert (
        "Item 1: Minutes and actions of the last meeting\n  1. Agree the minutes of the last meeting." in message.body
    )
    assert "Item 2: Contract\n  What the Board is asked is not written down yet." in message.body


@pdf_tests
@pytest.mark.django_db
@pytest.mark.parametrize(("setting", "restricted", "attached"), [(False, False, 0), (True, False, 1), (True, True, 0)])
def test_a_pack_is_attached_only_where_the_board_says_so_and_nothing_is_restricted(
    secretariat, council_member, mailoutbox, setting, restricted, attached
):
    make_board_settings(attach_pack=setting)
    board = Board(make_meeting(), secretariat)
    board.add("one", title="Therapies", restricted=restricted)
    published(board)
    (message,) = [each for each in mailoutbox if each.to == [council_member.email]]
    assert len(message.attachments) == attached
    if attached:
        name, content, kind = message.attachments[0]
        assert (name, kind) == ("pack-2020-09-28-1.pdf", "application/pdf")
        assert content == bytes_of(Pack.objects.get())


@pdf_tests
@pytest.mark.django_db
def test_the_secretariat_builds_a_draft_and_publishes_on_screen(small, sign_in, observer, mailoutbox):
    browser = sign_in(small.secretariat)
    page = browser.post("/meetings/2020-09-28/pack/draft/", {"asked": "1"}).content.decode()
    assert "The draft is ready" in page
    assert not Pack.objects.exists()
    assert StoredFile.objects.filter(extension="pdf").count() == 2
    link = page.split('href="/meetings/2020-09-28/pack/draft/')[1].split('"')[0]
    answer = browser.get(f"/meetings/2020-09-28/pack/draft/{link}")
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    assert sign_in(observer).get(f"/meetings/2020-09-28/pack/draft/{link}").status_code == 403
    with TestCase.captureOnCommitCallbacks(execute=True):
        answer = browser.post(
            "/meetings/2020-09-28/pack/publish/", {"kind": "pack", "number": "1", "asked": "2"}, follow=True
        )
    assert "Published: 1 pack." in answer.content.decode()
    assert [message.to for message in mailoutbox] == [[observer.email]]
    assert Meeting.history.filter(key="2020-09-28", state="published").get().history_user == small.secretariat


# Killed in the middle -------------------------------------------------------------------------------------------------


@pdf_tests
@pytest.mark.django_db(transaction=True)
def test_killing_the_process_while_it_publishes_leaves_the_old_state_or_the_new_and_never_half(small, settings):
    """A process of its own publishes and is killed, each time a little later, from before its files are kept until after."""
    if connections["default"].vendor != "sqlite":
        pytest.skip("forks, which a connection to PostgreSQL does not survive")
    outcomes, kept = set(), set(os.listdir(settings.FILES_ROOT))
    for wait in (0.0, 0.02, 0.05, 0.1, None):
        for left in (
            set(os.listdir(settings.FILES_ROOT)) - kept
        ):  # by the one before: what is there already is not written
            (settings.FILES_ROOT / left).unlink()
        connections.close_all()
        child = os.fork()
        if not child:
            with contextlib.suppress(BaseException), dates.held_at(NOW):
                publish.publish(meeting=small.meeting, by=small.secretariat, number=1, site=SITE)
            os._exit(0)
        if wait is not None:
            give_up = time.monotonic() + 120
            while set(os.listdir(settings.FILES_ROOT)) == kept and time.monotonic() < give_up:
                time.sleep(0.005)
            time.sleep(wait)
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        outcome = (
            Pack.objects.count(),
            PackContent.objects.count(),
            Document.objects.count(),
            AgendaItem.objects.filter(number__isnull=False).count(),
            Meeting.objects.get().state,
            Notice.objects.filter(rule="pack").count(),
        )
        outcomes.add(outcome)
        assert outcome in {(0, 0, 0, 0, "planned", 0), (1, 2, 1, 2, "published", 1)}
        if outcome[0]:
            assert bytes_of(Pack.objects.get()).startswith(b"%PDF")
            break
    assert (1, 2, 1, 2, "published", 1) in outcomes
