"""A published pack: who reads which, what is in it and what is not, the numbers of its pages, and who was told."""

import datetime as dt
from dataclasses import dataclass

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import transaction
from django.template.loader import render_to_string
from django.test import TestCase, override_settings

from governance.models import AgendaItem, Circulation, Invitation, Meeting, Pack
from governance.packs import circulation, export
from governance.papers import front_sheets
from jcb import dates
from jcb.history import BypassForbidden
from jcb.models import Notice, Person
from tests import tagcheck
from tests.conftest import NOW
from tests.governance.board import CANARY, SITE, Board, bytes_of, make_board, published
from tests.governance.packtext import bookmarks, breaks_rules, page_words, text_of
from tests.make import make_action, make_agenda_item, make_person

SUPPLEMENT = Pack.Kind.SUPPLEMENT
pytestmark = [pytest.mark.pdf, pytest.mark.django_db]


# A published pack, made once for this file ----------------------------------------------------------------------------


@dataclass
class Published:
    """A board whose pack is published, its people, its packs by audience, and the e-mails that went."""

    board: Board
    people: dict[str, Person]
    packs: dict[str, Pack]
    content: dict[str, bytes]
    mails: list
    folder: object


@pytest.fixture(scope="module")
def first(django_db_setup, django_db_blocker, tmp_path_factory):
    """The pack of a meeting with a restricted item, for members, observers and an invited lead. It stays for the file's
    tests, each of which is undone by itself."""
    folder = tmp_path_factory.mktemp("packs")
    with django_db_blocker.unblock(), override_settings(FILES_ROOT=folder), dates.held_at(NOW):
        outside = transaction.atomic()
        outside._from_testcase = True  # drawing within a transaction is refused but for a test's own
        outside.__enter__()
        try:
            people = {
                "secretariat": make_person(role="secretariat", name="Board secretary"),
                "member": make_person(role="board member", name="Director of Public Health"),
                "observer": make_person(role="observer", name="Observer of the board"),
                "forum": make_person(role="forum representative", name="Parent of the forum"),
                "lead": make_person(role="invited lead", name="Lead for placements"),
                "commissioner": make_person(role="commissioner", name="Commissioner for therapies"),
                "administrator": make_person(role="administrator", name="Administrator of it"),
            }
            board = make_board(people["secretariat"], lead=people["lead"])
            mail.outbox = []
            packs = published(board)
            names = {publish_for(pack, people): pack for pack in packs}
            content = {name: bytes_of(pack) for name, pack in names.items()}
            yield Published(board, people, names, content, list(mail.outbox), folder)
        finally:
            transaction.set_rollback(True)
            outside.__exit__(None, None, None)


def publish_for(pack: Pack, people: dict[str, Person]) -> str:
    """Whose pack it is: the one that each of these reads."""
    for name in ("member", "observer", "lead"):
        found, _ = circulation.for_person(pack.meeting, people[name])
        if found == pack:
            return name
    raise AssertionError(pack)


@pytest.fixture
def its_files(first, settings):
    settings.FILES_ROOT = first.folder


def test_there_is_one_pack_for_each_set_of_items_that_somebody_may_see(first):
    words = {name: pack.audience_in_words for name, pack in first.packs.items()}
    assert words == {
        "member": "the Board’s members",
        "observer": "observers and the parent-carer forum",
        "lead": "those invited to item 5",
    }
    assert {name: pack.contents.values("item").distinct().count() for name, pack in first.packs.items()} == {
        "member": 7,
        "observer": 6,
        "lead": 1,
    }


@pytest.mark.parametrize("name", ["member", "observer", "lead"])
def test_a_pack_is_pdf_ua_with_sound_tags(first, name):
    tags = tagcheck.read_tags(first.content[name])
    assert not tags.repeated_ids
    assert not tags.wrong_parents
    assert not tags.marks_without_element
    assert not tags.elements_without_mark
    assert breaks_rules(first.content[name]) == []


def test_nothing_of_a_restricted_item_is_in_the_pack_of_those_who_may_not_see_it(first):
    assert CANARY in text_of(first.content["member"]).lower()  # it would be found
    assert CANARY in text_of(first.content["lead"]).lower()
    assert CANARY not in text_of(first.content["observer"]).lower()
    assert CANARY not in str(first.packs["observer"].data).lower()
    assert CANARY not in f"{first.packs['observer']}{first.packs['observer'].document.subject}".lower()


def test_the_pack_of_an_invited_lead_holds_their_item_and_no_other(first):
    text = " ".join(page_words(first.content["lead"]))
    assert "5.1" in text
    assert "Health visiting" not in text
    assert "Review of short breaks" not in text
    assert "Reserved" in text


def test_pages_are_called_the_same_in_everybodys_version(first):
    places = {
        name: {key: place["label"] for key, place in pack.data["places"].items()} for name, pack in first.packs.items()
    }
    for name in ("observer", "lead"):
        shared = {key for key in places[name] if key in places["member"] and places[name][key]}
        assert {key: places[name][key] for key in shared} == {key: places["member"][key] for key in shared}
    assert places["member"]["item-4"] == "4.1"
    assert places["observer"]["item-6"] == "6.1"
    labels = [row.label for row in first.packs["observer"].contents.order_by("first_page")]
    assert labels == ["1", "2", "3", "4", "6", "7"]


def test_contents_and_bookmarks_have_both_numbers_and_an_item_each(first):
    for name, pack in first.packs.items():
        words, top = page_words(first.content[name]), bookmarks(first.content[name])
        everything = " ".join(words)
        for item in pack.data["items"]:
            place = pack.data["places"][item["row"]["anchor"]]
            assert f"{place['label']}, page {place['page']}" in everything
            mark = f"{item['row']['label']} {item['row']['title']} ({place['label']}, page {place['page']})"
            assert mark in top
            assert item["row"]["title"] in words[place["page"] - 1]
            assert f"Page {place['page']} of {len(words)}" in words[place["page"] - 1]


def test_each_paper_stands_after_its_own_item_and_one_to_follow_has_a_page(first):
    places = first.packs["member"].data["places"]
    assert places["item-4"]["page"] + 1 == next(
        row.first_page for row in first.packs["member"].contents.filter(label="4") if row.paper_version
    )
    words = page_words(first.content["member"])
    contract = places["item-4"]["page"]
    assert "Three therapists start." in words[contract]  # the page after, counted from 0
    assert "4.2" in words[contract]
    follows = next(page for page in words if "What families said" in page and "to follow" in page and "6.2" in page)
    assert "It will be sent as a supplement" in follows


def test_the_front_sheet_prints_before_its_paper_with_what_is_asked(first):
    words = page_words(first.content["observer"])
    page = words[first.packs["observer"].data["places"]["item-4"]["page"] - 1]
    assert page.index("agree to extend the contract") < page.index("1.2 million pounds")
    assert "Director of Public Health" in page


def test_the_cover_says_that_it_is_circulated_in_time_and_for_whom(first):
    cover = page_words(first.content["observer"])[0]
    assert "In time: Thursday 10 September 2020, 10:00 (due Friday 25 September 2020, 10:00)" in cover
    assert "Observers and the parent-carer forum" in cover


def test_publishing_freezes_the_numbers_and_says_that_the_pack_is_published(first):
    meeting = Meeting.objects.get(pk=first.board.meeting.pk)
    assert meeting.state == Meeting.State.PUBLISHED
    assert [item.number for item in AgendaItem.objects.filter(meeting=meeting).in_order()] == [1, 2, 3, 4, 5, 6, 7]
    document = first.packs["member"].document
    assert (document.kind, document.as_at, document.replaces) == ("pack", dt.date(2020, 9, 10), None)


def test_everyone_is_sent_their_own_pack_and_nothing_restricted_is_in_an_e_mail(first):
    sent = {message.to[0]: message for message in first.mails}
    people = first.people
    assert sent.keys() == {people[name].email for name in ("member", "observer", "forum", "lead")}
    for message in first.mails:
        (html, kind), *more = message.alternatives
        assert (kind, more, message.attachments) == ("text/html", [], [])
        for text in (message.subject, message.body, html):
            assert CANARY not in text.lower()
        assert f"{SITE}/meetings/2020-09-28/pack/read/" in message.body
        assert "A town hall" in message.body
        assert "10:00 to 12:00" in html
    body = sent[people["observer"].email].body
    assert "Item 4: Health visiting contract" in body
    assert "1. agree to extend the contract until March 2022" in body
    assert "Health visiting" not in sent[people["lead"].email].body
    assert f"/pack/{first.packs['observer'].pk}/" in body
    assert f"/pack/{first.packs['member'].pk}/" in sent[people["member"].email].body


def test_who_was_sent_what_and_when_is_kept(first):
    rows = {row.person: row for row in Circulation.objects.all()}
    assert rows[first.people["member"]].pack == first.packs["member"]
    assert rows[first.people["lead"]].pack == first.packs["lead"]
    assert rows[first.people["forum"]].address == first.people["forum"].email
    assert rows[first.people["observer"]].sent_at == NOW
    assert first.people["commissioner"] not in rows
    assert Notice.objects.filter(rule="pack", sent_at=NOW).count() == 4


def test_a_pack_is_downloaded_only_by_those_who_may_see_all_that_is_in_it(first, sign_in, its_files):
    may = {
        "member": {"member", "secretariat"},
        "lead": {"member", "secretariat", "lead"},
        "observer": {"member", "secretariat", "observer", "forum", "commissioner", "administrator"},
    }
    for name, pack in first.packs.items():
        for who, person in first.people.items():
            answer = sign_in(person).get(f"/meetings/2020-09-28/pack/{pack.pk}/")
            assert answer.status_code == (200 if who in may[name] else 404), (name, who)
            if answer.status_code == 200:
                assert b"".join(answer.streaming_content) == first.content[name]
                assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_the_reading_view_is_the_readers_own_with_the_same_labels_and_papers_to_open(first, sign_in, its_files):
    texts = {
        who: sign_in(person).get("/meetings/2020-09-28/pack/read/").content.decode()
        for who, person in first.people.items()
    }
    for who in ("observer", "forum", "commissioner", "administrator"):
        assert CANARY not in texts[who].lower()
        assert "Page 4.1" in texts[who]
        assert "agree to extend the contract" in texts[who]
    for who in ("member", "secretariat", "lead"):
        assert f"Placement {CANARY}" in texts[who]
    assert "Health visiting" not in texts["lead"]
    item = first.board.items["contract"]
    address = f"/meetings/2020-09-28/agenda/{item.pk}/papers/1/1/pages/"
    assert address in texts["observer"]
    answer = sign_in(first.people["observer"]).get(address)
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    placement = first.board.items["placement"]
    assert (
        sign_in(first.people["observer"])
        .get(f"/meetings/2020-09-28/agenda/{placement.pk}/papers/1/1/pages/")
        .status_code
        == 404
    )


def test_what_is_changed_after_publication_does_not_change_what_is_read(first, sign_in, its_files):
    item = first.board.items["contract"]
    sheet = front_sheets.of(item)
    sheet.money = "A later sum."
    front_sheets.save_front_sheet(sheet=sheet, by=first.people["secretariat"], seen=sheet.version, changed=["money"])
    text = sign_in(first.people["observer"]).get("/meetings/2020-09-28/pack/read/").content.decode()
    assert "A later sum." not in text
    assert "1.2 million pounds" in text


def test_an_item_that_becomes_restricted_takes_its_pack_from_those_who_may_not_see_it(first, sign_in, its_files):
    item = AgendaItem.objects.get(pk=first.board.items["contract"].pk)
    item.restricted = True
    item.save()
    answer = sign_in(first.people["observer"]).get(f"/meetings/2020-09-28/pack/{first.packs['observer'].pk}/")
    assert answer.status_code == 404
    assert (
        "no pack for you" in sign_in(first.people["observer"]).get("/meetings/2020-09-28/pack/read/").content.decode()
    )


def test_the_front_sheet_of_a_published_item_leads_readers_to_the_pack(first, sign_in):
    item = first.board.items["contract"]
    answer = sign_in(first.people["observer"]).get(f"/meetings/2020-09-28/agenda/{item.pk}/front-sheet/read/")
    assert answer.headers["Location"] == "/meetings/2020-09-28/pack/read/#item-4"


def test_published_rows_are_never_changed_or_deleted(first):
    for row in (first.packs["member"], first.packs["member"].contents.first(), Circulation.objects.first()):
        with pytest.raises(BypassForbidden):
            row.save()
        with pytest.raises(BypassForbidden):
            row.delete()


def test_the_second_who_publishes_the_same_version_is_told_so(first, its_files):
    before = Pack.objects.count()
    with pytest.raises(ValidationError, match="Somebody else published meanwhile"):
        published(first.board, number=1)
    with pytest.raises(ValidationError, match="Say what changed"):
        published(first.board, number=2)
    with pytest.raises(ValidationError, match="Nothing is new"):
        published(first.board, kind=SUPPLEMENT, number=1)
    assert Pack.objects.count() == before


def test_someone_invited_later_can_be_sent_the_pack_they_may_see(first, its_files, mailoutbox, sign_in):
    late = make_person(role="invited lead", name="Lead who came later")
    Invitation.objects.create(item=first.board.items["placement"], person=late)
    page = f"/meetings/2020-09-28/pack/{first.packs['lead'].pk}/sent/"
    browser = sign_in(first.people["secretariat"])
    assert "1 person has" in browser.get(page).content.decode()
    with TestCase.captureOnCommitCallbacks(execute=True):
        browser.post(page)
    assert [message.to for message in mailoutbox] == [[late.email]]
    assert circulation.not_sent(first.packs["lead"]) == []


def test_the_page_of_the_pack_says_what_was_published_and_to_how_many(first, sign_in, its_files):
    text = sign_in(first.people["secretariat"]).get("/meetings/2020-09-28/pack/").content.decode()
    assert "The pack is published: in time" in text
    assert "3 packs from one" in text
    assert "Publish supplement 1: only what is new" in text


def test_the_command_line_finds_the_latest_pack_and_that_of_each_audience(first):
    assert export.find("latest") == first.packs["member"]
    assert export.find("2020-09-28", "open") == first.packs["observer"]
    assert export.find("2020-09-28", "item 5") == first.packs["lead"]


@pytest.mark.parametrize(
    ("name", "audience", "said"),
    [
        ("2031-01-01", "board", "There is no meeting “2031-01-01”. Published: 2020-09-28."),
        ("latest", "nobody", "It was made for: the Board’s members; observers and the parent-carer forum;"),
    ],
)
def test_the_command_line_says_what_there_is_where_there_is_no_such_pack(first, name, audience, said):
    with pytest.raises(export.NoSuchPack, match=said):
        export.find(name, audience)


def test_an_e_mail_carries_the_readers_own_open_actions_but_none_from_a_restricted_item(first):
    member = first.people["member"]
    pack = next(iter(first.packs.values()))
    make_action(owner=member, text="Write to both hospitals.", series="2020-08", number=3)
    make_action(owner=member, item=make_agenda_item(restricted=True), text=f"{CANARY} price")
    make_action(owner=member, text="Long done.", state="closed", closed_on=dt.date(2020, 8, 31))
    make_action(text="Somebody else’s.")
    said = circulation.letter(pack, member, SITE)
    assert said.actions == ("2020-08/03 Write to both hospitals. Due 14 September 2020",)
    text = render_to_string("email/pack.txt", {"letter": said})
    assert "Your actions\n- 2020-08/03 Write to both hospitals." in text
    assert "2020-08/03 Write to both hospitals." in render_to_string("email/pack.html", {"letter": said})
