"""You said, we did: recorded, replied to, read before it is public, and never more public than what was read."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from jcb import dates
from jcb.models import BoardSettings
from needs.models import Moderation, Response, Statement
from needs.replies import operations, pages
from tests import verapdf
from tests.make import make_area, make_engagement, make_moderation, make_principle, make_response, make_statement

pytestmark = pytest.mark.django_db
PUBLIC, PDF = "/board/you-said-we-did/", "/board/you-said-we-did.pdf"


@pytest.fixture(autouse=True)
def autumn():
    with dates.held_at(dt.datetime(2020, 9, 10, 9, tzinfo=dt.UTC)):
        yield


@pytest.fixture
def boroughs():
    return [make_area(key=key, name=name) for key, name in (("w", "Westminster"), ("k", "Kensington"))]


@pytest.fixture
def clerk(cast, sign_in):
    return sign_in(cast["secretariat"])


def page(client, address=PUBLIC, status=200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def refusal_of(does) -> str:
    with pytest.raises(ValidationError) as caught:
        does()
    return " ".join(caught.value.messages)


def test_from_what_was_said_to_the_public_page(clerk, cast, sign_in, client, boroughs):
    sent = {
        "setting": "health and therapies",
        "text": "We wait too long.",
        "heard_through": "The forum, March 2020",
        "areas": [area.pk for area in boroughs],
    }
    forum = sign_in(cast["forum representative"])
    assert forum.post("/needs/said/add/", sent).status_code == 302
    row = Statement.objects.get()
    where = f"/needs/said/{row.number}/"
    assert "Kensington and Westminster" in page(forum, where)
    assert "We wait too long." not in page(client)
    commissioner = sign_in(cast["commissioner of the owning partner"])
    reply = {"kind": "we will", "text": "Make one place to refer to.", "on": "July 2021", "seen": 0}
    assert commissioner.post(f"{where}reply/", reply).status_code == 302
    assert "Make one place" not in page(client)
    shown = page(clerk, f"{where}publish/")
    assert "We wait too long." in shown
    assert "Make one place to refer to." in shown
    unread = clerk.post(f"{where}publish/", {"seen": 1, "reply": 1})
    assert unread.status_code == 422
    assert "Read both" in unread.content.decode()
    assert clerk.post(f"{where}publish/", {"seen": 1, "reply": 1, "read": "on"}).status_code == 302
    said = page(client)
    assert "We wait too long." in said
    assert "→ We will" in said
    assert "By July 2021" in said
    assert "Of the one thing you told us: we will do 1." in said
    assert clerk.post(f"{where}withdraw/", {"seen": 1}).status_code == 302
    assert "We wait too long." not in page(client)


def test_a_later_change_or_reply_is_not_public_until_it_is_read(clerk, client, cast):
    statement = make_statement(text="As it was said.")
    make_moderation(statement=statement)
    operations.change(
        by=cast["secretariat"],
        statement=statement,
        seen=1,
        setting=statement.setting,
        text="As it is told now.",
        heard_through="The forum",
        areas=[make_area()],
    )
    make_response(statement=statement, text="A reply nobody read.", number=1)
    said = page(client)
    assert "As it was said." in said
    assert "As it is told now." not in said
    assert "A reply nobody read." not in said
    assert "not as it reads now" in page(clerk, f"/needs/said/{statement.number}/")


def test_a_reply_that_was_not_before_the_reader_is_not_published(cast):
    statement = make_statement()
    make_response(statement=statement, number=1)
    does = {"by": cast["secretariat"], "statement": statement, "seen": 1}
    assert "reply was written since" in refusal_of(lambda: operations.publish(**does, reply=0))
    assert not Moderation.objects.exists()
    operations.publish(**does, reply=1)
    assert Moderation.objects.get().reply.number == 1


@pytest.mark.parametrize(
    "words",
    [
        "Our child, NHS number 943 476 5919, waits.",
        "She was born on 3 May.",
        "We live at W10 5NE and wait.",
        "Pupil A waits.",
        "Our 7 year old waits.",
        "She is 7 years old.",
        "Write to parent@example.org.",
        "Ring 07700 900 123.",
        "NHS number 943\u00a0476\u00a05919 waits.",
    ],
)
def test_words_that_could_identify_a_child_are_refused(cast, boroughs, words):
    given = {"by": cast["secretariat"], "setting": "early years", "heard_through": "Survey", "areas": boroughs}
    assert "identify a child" in refusal_of(lambda: operations.record(**given, text=words))
    statement = make_statement()
    said = {"statement": statement, "seen": 0, "kind": "we will", "because": "", "on": None, "lead": None}
    assert "identify a child" in refusal_of(lambda: operations.reply(by=cast["secretariat"], text=words, **said))
    old = make_statement(text=words)
    published = {"by": cast["secretariat"], "statement": old, "seen": 1, "reply": 0}
    assert "identify a child" in refusal_of(lambda: operations.publish(**published))
    assert not Response.objects.exists()
    assert not Moderation.objects.exists()


def test_could_not_says_why(cast):
    said = {"statement": make_statement(), "seen": 0, "kind": "we could not", "on": None, "lead": None}
    given = {"by": cast["secretariat"], "text": "Check teeth.", **said}
    assert "Say why" in refusal_of(lambda: operations.reply(**given, because=" "))


def test_two_who_reply_at_once_do_not_talk_past_each_other(cast):
    statement = make_statement()
    said = {"statement": statement, "seen": 0, "kind": "we did", "because": "", "on": None, "lead": None}
    operations.reply(by=cast["secretariat"], text="One.", **said)
    assert "Somebody replied" in refusal_of(lambda: operations.reply(by=cast["secretariat"], text="Two.", **said))
    assert Response.objects.count() == 1


def test_the_public_pages_can_be_switched_off(client, clerk):
    make_moderation(statement=make_statement(text="We wait too long."))
    row = BoardSettings.current()
    row.public_pages = False
    row.save()
    assert client.get(PUBLIC).status_code == 404
    assert client.get(PDF).status_code == 404
    assert "We wait too long." in page(clerk)


def test_the_public_page_is_chosen_by_what_it_is_about_and_where(client, boroughs):
    west, kensington = boroughs
    make_moderation(statement=make_statement(text="One.", setting="early years", areas=(west,)))
    make_moderation(statement=make_statement(text="Two.", setting="local offer", areas=(west, kensington)))
    assert "Two." not in page(client, f"{PUBLIC}?about=early+years")
    assert "One." not in page(client, f"{PUBLIC}?borough=k")
    both = page(client, f"{PUBLIC}?about=nonsense&borough=nowhere")
    assert "One." in both
    assert "Two." in both
    assert "You told us 2 things. We still owe you 2 answers." in both


def test_it_names_no_officer_and_nobody_who_wrote(client, cast):
    statement = make_statement()
    reply = make_response(statement=statement, lead=cast["commissioner of the owning partner"], by=cast["secretariat"])
    make_moderation(statement=statement, reply=reply)
    said = page(client)
    assert cast["commissioner of the owning partner"].name not in said
    assert cast["secretariat"].name not in said


def test_the_headline_counts_every_kind():
    def one(look):
        reply = pages.Reply(1, "", look, "", "", "", "", "", False) if look else None
        return pages.Public("", "", "", reply)

    said = [*[one("did")] * 9, *[one("will")] * 8, *[one("not")] * 2, *[one("")] * 4]
    assert pages.headline(said) == (
        "Of 23 things you told us: we did 9, we will do 8, we could not do 2. We still owe you 4 answers."
    )
    assert pages.headline([one("did"), one("did")]) == "Of 2 things you told us: we did 2. Every one has an answer."
    assert pages.headline([]) == "Nothing has been published yet."


def test_the_pdf_is_accessible_and_says_the_same(client, transactional_db):
    for kind, because in (("we did", ""), ("we will", ""), ("we could not", "There was no money.")):
        statement = make_statement(areas=(make_area(),), text=f"A thing that ends with {kind}.")
        make_moderation(statement=statement, reply=make_response(statement=statement, kind=kind, because=because))
    make_moderation(statement=make_statement(text="Not answered."))
    answer = client.get(PDF)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert verapdf.judge(answer.content) == []


def test_queries_do_not_grow_with_what_is_public(client, django_assert_max_num_queries):
    for _ in range(12):
        statement = make_statement(areas=(make_area(),))
        make_moderation(statement=statement, reply=make_response(statement=statement))
    with django_assert_max_num_queries(7):
        page(client)


# How families were heard ----------------------------------------------------------------------------------------------


def test_an_activity_is_held_against_the_principles(clerk):
    one, two = make_principle(number=1, name="Timely"), make_principle(number=2, name="Inclusive")
    sent = {"title": "Survey", "on": "12 March 2020", "heard": 3, "principle_1": "Open for five weeks."}
    assert clerk.post("/needs/heard/add/", sent).status_code == 302
    said = page(clerk, "/needs/heard/")
    assert "Open for five weeks." in said
    assert "fewer than 5 people heard" in said
    assert "Not said how</span> Inclusive" in said
    row = one.followed.get().engagement
    again = clerk.post("/needs/heard/add/", sent)
    assert "recorded already" in again.content.decode()
    changed = {**sent, "seen": 1, "heard": 212, "principle_1": "", "principle_2": "A crèche."}
    assert clerk.post(f"/needs/heard/{row.pk}/", changed).status_code == 302
    said = page(clerk, "/needs/heard/")
    assert "212 people heard" in said
    assert "A crèche." in said
    assert "Open for five weeks." not in said
    assert not one.followed.exists()
    assert two.followed.exists()
    stale = clerk.post(f"/needs/heard/{row.pk}/", changed)
    assert "Somebody changed this" in stale.content.decode()


def test_queries_do_not_grow_with_activities(clerk, django_assert_max_num_queries):
    principles = tuple(make_principle() for _ in range(7))
    for _ in range(12):
        make_engagement(followed=principles)
    with django_assert_max_num_queries(9):
        page(clerk, "/needs/heard/")


def test_others_may_read_and_not_write(cast, sign_in):
    statement = make_statement()
    activity = make_engagement()
    client = sign_in(cast["observer"])
    for address in ("reply", "change", "publish", "withdraw"):
        assert client.get(f"/needs/said/{statement.number}/{address}/").status_code == 403
    assert client.get("/needs/said/add/").status_code == 403
    assert client.get(f"/needs/heard/{activity.pk}/").status_code == 403
    assert "Reply to it" not in page(client, f"/needs/said/{statement.number}/")


def test_the_secretariat_hears_of_what_waits_to_be_read(clerk, cast, sign_in):
    said = make_statement(number=7)
    assert "Replies to read" not in page(clerk, "/")
    make_response(statement=said, number=1)
    assert pages.waiting() == [7]
    assert "Replies to read before they are public" in page(clerk, "/")
    assert "To be read before it is public" in page(clerk, "/needs/said/")
    assert "Replies to read" not in page(sign_in(cast["board member, council side"]), "/")
    operations.publish(by=cast["secretariat"], statement=said, seen=1, reply=1)
    assert pages.waiting() == []
    make_response(statement=said, number=2)
    assert pages.waiting() == [7]
    operations.withdraw(by=cast["secretariat"], statement=said, seen=1)
    assert pages.waiting() == []


def test_a_statement_that_changed_its_setting_is_shown_as_it_was_read(clerk, client, cast, boroughs):
    statement = make_statement(setting="early years", areas=(boroughs[0],))
    make_moderation(statement=statement)
    given = {"text": statement.text, "heard_through": "The forum", "setting": "local offer", "areas": boroughs}
    operations.change(by=cast["secretariat"], statement=statement, seen=1, **given)
    said = page(client)
    assert "Early years, Westminster" in said
    assert "Kensington and Westminster" not in said
    assert pages.waiting() == [statement.number]
    assert "not as it reads now" in page(clerk, f"/needs/said/{statement.number}/")


def test_whoever_is_told_of_a_newer_reply_can_go_on(clerk):
    statement = make_statement()
    where = f"/needs/said/{statement.number}/"
    make_response(statement=statement, number=1, text="The first reply.")
    stale = clerk.post(f"{where}publish/", {"seen": 1, "reply": 0, "read": "on"})
    assert stale.status_code == 422
    shown = stale.content.decode()
    assert "The first reply." in shown
    assert 'name="reply" value="1"' in shown
    assert "checked" not in shown
    late = clerk.post(f"{where}reply/", {"kind": "we did", "text": "Mine.", "seen": 0})
    assert late.status_code == 422
    assert "The first reply." in late.content.decode()
    assert 'name="seen" value="1"' in late.content.decode()


def test_what_may_be_a_name_is_pointed_out_before_it_is_public(clerk):
    statement = make_statement(text="Amira Hassan waits too long.")
    assert "“Amira Hassan” may be a name" in page(clerk, f"/needs/said/{statement.number}/publish/")


@pytest.mark.parametrize(
    ("kind", "on", "says"), [("we did", (2031, 3, 12), "has not come"), ("we will", (2011, 3, 1), "is past")]
)
def test_a_reply_is_dated_as_can_be(cast, kind, on, says):
    said = {"statement": make_statement(), "seen": 0, "kind": kind, "because": "", "lead": None}
    assert says in refusal_of(lambda: operations.reply(by=cast["secretariat"], text="X.", on=dt.date(*on), **said))


def test_how_few_were_heard_is_not_in_the_form_and_stays(clerk):
    row = make_engagement(heard=3)
    assert clerk.get(f"/needs/heard/{row.pk}/").context["form"]["heard"].value() is None
    clerk.post(f"/needs/heard/{row.pk}/", {"seen": 1, "title": "Visit", "on": "12 March 2020", "heard": ""})
    row.refresh_from_db()
    assert (row.title, row.heard) == ("Visit", 3)
