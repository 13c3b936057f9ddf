"""What is done in a dispute, who may, and who sees what of it."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from governance.disputes import ladders, moves, operations
from governance.disputes.forms import LadderForm
from governance.models import CaseStatement, Dispute, DisputeEvent, Extension, ForwardItem, Ladder, Representation
from jcb import dates
from jcb.models import Notice, Person
from tests.make import make_ladder, make_meeting, make_partner, make_person
from tests.papers import pdf, upload
from tests.pdftext import text_of as pdf_text
from tests.verapdf import judge

pytestmark = pytest.mark.django_db
Kind, Mark = DisputeEvent.Kind, DisputeEvent.Mark
SEALED = b"%PDF-1.7 sealed position of one party"


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.fixture(autouse=True)
def today():
    """The clock stands at noon on 1 December 2019, unless a test puts it elsewhere."""
    with dates.held_at(dt.datetime(2019, 12, 1, 12, tzinfo=dt.UTC)):
        yield


@pytest.fixture
def ladder() -> Ladder:
    call_command("loaddata", "fixtures/common/areas.yaml", "fixtures/common/partners.yaml", verbosity=0)
    call_command("loaddata", "fixtures/governance/terms-2020.yaml", "fixtures/governance/ladders.yaml", verbosity=0)
    return Ladder.objects.get(key="plan-2018")


@pytest.fixture
def sides():
    """Two partners, and somebody who stands for each."""
    council, nhs = make_partner(name="A council", side="council"), make_partner(name="An NHS body", side="nhs")
    return {
        "council": council,
        "nhs": nhs,
        "for council": make_person(role=Person.Role.BOARD_MEMBER, partner=council),
        "for nhs": make_person(role=Person.Role.BOARD_MEMBER, partner=nhs),
    }


def raised(sides, ladder, on="2019-03-01", **given) -> Dispute:
    return operations.raise_dispute(
        **{
            "by": sides["for council"],
            "subject": "Who pays for equipment",
            "about": "Section 3",
            "parties": [sides["council"], sides["nhs"]],
            "representatives": {sides["council"].pk: sides["for council"], sides["nhs"].pk: sides["for nhs"]},
            "ladder": ladder,
            "raised_on": day(on),
            **given,
        }
    )


def seen(dispute: Dispute) -> dict:
    dispute.refresh_from_db()
    return {"dispute": dispute, "seen": dispute.version}


def refer(sides, dispute, on):
    return operations.refer(by=sides["for council"], on=day(on), **seen(dispute))


def record(sides, dispute, kind, on, **given):
    return operations.record(by=sides["for nhs"], kind=kind, on=day(on), **seen(dispute), **given)


def refused(says: str, do, *args, **given):
    with pytest.raises(ValidationError, match=says) as refusal:
        do(*args, **given)
    assert all(message.endswith(".") for message in refusal.value.messages)


def test_a_dispute_climbs_to_a_failed_mediation_with_interim_relief_on_the_way(sides, ladder):
    dispute = raised(sides, ladder)
    executive = refer(sides, dispute, "2019-03-04")
    assert (executive.rung.key, executive.due_on, executive.open_from) == ("executive", day("2019-04-01"), None)
    relief = record(sides, dispute, Kind.RELIEF, "2019-03-10", text="An injunction about the contract.")
    assert relief.mark == Mark.NONE
    political = refer(sides, dispute, "2019-04-02")
    assert (political.open_from, political.due_on) == (day("2019-04-02"), day("2019-04-30"))
    refer(sides, dispute, "2019-05-01")
    assert record(sides, dispute, Kind.STARTS, "2019-06-17").due_on == day("2019-06-03")
    record(sides, dispute, Kind.PROCEDURE, "2019-05-10", text="One day, in person.")
    assert record(sides, dispute, Kind.CONCLUDED, "2019-06-18").due_on == day("2019-07-02")
    assert record(sides, dispute, Kind.REPORT, "2019-07-03").mark == Mark.LATE
    assert record(sides, dispute, Kind.FAILED, "2019-06-18").due_on == day("2019-07-03")
    assert record(sides, dispute, Kind.PROCEEDINGS, "2019-07-02").mark == Mark.EARLY
    refused("open from 3 July 2019", refer, sides, dispute, "2019-07-02")
    court = refer(sides, dispute, "2019-07-03")
    assert court.rung.key == "court"
    refused("highest rung", refer, sides, dispute, "2019-07-04")
    assert [event.number for event in dispute.events.all()] == list(range(1, 13))


def test_going_up_before_the_period_has_run_out_is_refused_with_the_day_from_which_it_is_open(sides, ladder):
    dispute = raised(sides, ladder)
    refer(sides, dispute, "2019-03-04")
    refused("open from 2 April 2019", refer, sides, dispute, "2019-04-01")
    assert dispute.events.count() == 2
    dispute.refresh_from_db()
    assert dispute.rung.key == "executive"


def test_an_extension_takes_effect_once_every_party_has_confirmed_the_same_day(sides, ladder):
    dispute = raised(sides, ladder)
    refer(sides, dispute, "2019-03-04")
    with dates.held_at(dt.datetime(2019, 3, 20, 12, tzinfo=dt.UTC)):
        proposed = operations.propose_extension(by=sides["for council"], last_day=day("2019-05-31"), **seen(dispute))
        assert operations.clocks_of(dispute).periods["executive"].last_day == day("2019-04-01")
        assert operations.confirm_extension(by=sides["for council"], extension=proposed) is None
        agreed = operations.confirm_extension(by=sides["for nhs"], extension=proposed)
    assert (agreed.due_on, agreed.mark) == (day("2019-05-31"), Mark.NONE)
    assert operations.clocks_of(dispute).periods["executive"].next_rung_opens == day("2019-06-01")
    refused("open from 1 June 2019", refer, sides, dispute, "2019-05-31")


def test_an_extension_agreed_after_the_period_is_marked_late_and_none_is_agreed_once_the_next_rung_is_open(
    sides, ladder
):
    dispute = raised(sides, ladder)
    refer(sides, dispute, "2019-03-04")
    late = operations.propose_extension(by=sides["for council"], last_day=day("2019-12-20"), **seen(dispute))
    other = operations.propose_extension(by=sides["for council"], last_day=day("2019-12-24"), **seen(dispute))
    assert operations.confirm_extension(by=sides["for nhs"], extension=late).mark == Mark.LATE
    with dates.held_at(dt.datetime(2019, 12, 22, 12, tzinfo=dt.UTC)):
        refer(sides, dispute, "2019-12-21")
        refused("no longer be extended", operations.confirm_extension, by=sides["for nhs"], extension=other)


def test_an_extension_no_longer_than_the_period_is_refused(sides, ladder):
    dispute = raised(sides, ladder)
    refer(sides, dispute, "2019-03-04")
    propose = operations.propose_extension
    refused("after 1 April 2019", propose, by=sides["for nhs"], last_day=day("2019-04-01"), **seen(dispute))
    assert not Extension.objects.exists()


def test_a_party_cannot_confirm_for_another_through_the_same_person_nor_through_a_second_of_its_own(sides, ladder):
    dispute = raised(sides, ladder)
    refer(sides, dispute, "2019-03-04")
    proposed = operations.propose_extension(by=sides["for council"], last_day=day("2020-01-31"), **seen(dispute))
    second = make_person(role=Person.Role.COMMISSIONER, partner=sides["council"])
    party = dispute.parties.get(partner=sides["council"])
    operations.name_representative(by=sides["for council"], party=party, person=second, from_on=day("2019-03-01"))
    assert operations.confirm_extension(by=second, extension=proposed) is None
    assert not dispute.events.filter(kind=Kind.EXTENSION).exists()
    with pytest.raises(PermissionDenied):
        operations.name_representative(
            by=sides["for council"],
            party=dispute.parties.get(partner=sides["nhs"]),
            person=make_person(role=Person.Role.COMMISSIONER),
            from_on=day("2019-03-01"),
        )


def test_a_person_stands_for_one_party_of_a_dispute_only(sides, ladder):
    dispute = raised(sides, ladder)
    nhs = dispute.parties.get(partner=sides["nhs"])
    name = operations.name_representative
    refused(
        "another party", name, by=sides["for nhs"], party=nhs, person=sides["for council"], from_on=day("2019-03-01")
    )
    assert Representation.objects.count() == 2


@pytest.mark.parametrize("role", [Person.Role.SECRETARIAT, Person.Role.ADMINISTRATOR, Person.Role.OBSERVER])
def test_secretariat_administrator_and_onlookers_stand_for_nobody(sides, ladder, role):
    dispute = raised(sides, ladder)
    nhs = dispute.parties.get(partner=sides["nhs"])
    name = operations.name_representative
    refused(
        "opens no dispute papers",
        name,
        by=sides["for nhs"],
        party=nhs,
        person=make_person(role=role),
        from_on=day("2019-03-01"),
    )


def test_a_sealed_statement_is_its_own_partys_until_it_is_released(sides, ladder, secretariat):
    dispute = raised(sides, ladder)
    statement = operations.file_statement(
        by=sides["for council"],
        dispute=dispute,
        filed_on=day("2019-06-01"),
        content=SEALED,
        extension="pdf",
        name="a.pdf",
    )
    administrator = make_person(role=Person.Role.ADMINISTRATOR)
    colleague = make_person(role=Person.Role.BOARD_MEMBER, partner=sides["council"])
    others = [sides["for nhs"], secretariat, administrator, colleague]
    for person in others:
        assert not CaseStatement.objects.visible_to(person).exists()
    assert CaseStatement.objects.visible_to(sides["for council"]).get() == statement
    with pytest.raises(PermissionDenied):
        operations.release_statement(by=sides["for nhs"], statement=statement)
    operations.release_statement(by=sides["for council"], statement=statement)
    assert CaseStatement.objects.visible_to(sides["for nhs"]).exists()
    assert CaseStatement.objects.visible_to(secretariat).exists()
    for person in (administrator, colleague):
        assert not CaseStatement.objects.visible_to(person).exists()


def test_whoever_no_longer_stands_for_a_party_sees_nothing_from_the_next_day(sides, ladder):
    dispute = raised(sides, ladder)
    row = Representation.objects.get(person=sides["for council"])
    operations.end_representation(by=sides["for council"], representation=row, until_on=day("2019-12-01"))
    assert Dispute.objects.visible_to(sides["for council"]).exists()
    with dates.held_at(dt.datetime(2019, 12, 2, 12, tzinfo=dt.UTC)):
        assert not Dispute.objects.visible_to(sides["for council"]).exists()
    assert dispute.is_open


def test_a_partner_outside_sees_that_it_exists_and_nothing_more(sides, ladder, nhs_member):
    raised(sides, ladder)
    assert not Dispute.objects.visible_to(nhs_member).exists()
    assert Dispute.objects.all().known().count() == 1
    with pytest.raises(PermissionDenied):
        operations.refer(by=nhs_member, dispute=Dispute.objects.get(), seen=1, on=day("2019-03-04"))


def test_resolved_at_rung_two_it_comes_back_to_the_board_without_a_word_of_what_it_is_about(sides, ladder):
    meeting = make_meeting(starts_at=dt.datetime(2020, 1, 6, 10, tzinfo=dates.LONDON))
    dispute = raised(sides, ladder)
    refer(sides, dispute, "2019-03-04")
    party = {each.partner_id: each.pk for each in dispute.parties.all()}
    agreed = {party[sides["council"].pk]: "Director", party[sides["nhs"].pk]: "Managing Director"}
    resolve = operations.resolve
    given = {"by": sides["for nhs"], "on": day("2019-03-20"), "terms": "Equal shares."}
    refused(
        "Say who agreed for An NHS body",
        resolve,
        **given,
        **seen(dispute),
        agreed_by={party[sides["council"].pk]: "Director"},
    )
    resolve(**given, **seen(dispute), agreed_by=agreed)
    dispute.refresh_from_db()
    assert (dispute.state, dispute.ended_on) == (Dispute.State.RESOLVED, day("2019-03-20"))
    item = ForwardItem.objects.get()
    assert item.meeting == meeting
    assert "equipment" not in f"{item.title} {item.note}"
    refused("has ended", refer, sides, dispute, "2019-04-02")


def test_it_ends_by_succession_once_both_sides_are_one_body_and_nothing_is_unsealed(ladder):
    merged = make_partner(name="A merged body", starts_on=day("2019-06-01"))
    one = make_partner(name="One", ends_on=day("2019-05-31"), successor=merged)
    two = make_partner(name="Two", ends_on=day("2019-05-31"), successor=merged)
    sides = {
        "council": one,
        "nhs": two,
        "for council": make_person(role="board member"),
        "for nhs": make_person(role="board member"),
    }
    dispute = raised(sides, ladder)
    operations.file_statement(
        by=sides["for nhs"], dispute=dispute, filed_on=day("2019-05-01"), content=SEALED, extension="pdf", name="b.pdf"
    )
    end = operations.end_by_succession
    refused("not yet one body", end, by=sides["for nhs"], on=day("2019-05-31"), **seen(dispute))
    end(by=sides["for nhs"], on=day("2019-06-01"), **seen(dispute))
    dispute.refresh_from_db()
    assert dispute.state == Dispute.State.SUCCESSION
    assert not CaseStatement.objects.visible_to(sides["for council"]).exists()


def test_from_2020_the_new_terms_are_proposed_and_the_older_ladder_takes_a_reason(sides, ladder):
    terms_2020 = Ladder.objects.get(key="terms-2020")
    assert operations.ladders_on(day("2019-12-31")) == [ladder]
    assert operations.ladders_on(day("2020-01-01")) == [terms_2020, ladder]
    with dates.held_at(dt.datetime(2020, 3, 1, 12, tzinfo=dt.UTC)):
        refused("Say why this ladder", raised, sides, ladder, on="2020-02-03")
        chosen = raised(sides, ladder, on="2020-02-03", ladder_because="A matter under Westminster’s plan.")
        assert chosen.ladder_because
        under_terms = raised(sides, terms_2020, on="2020-02-03")
        event = refer(sides, under_terms, "2020-02-10")
        assert event.due_on is None
        refused("highest rung", refer, sides, under_terms, "2020-02-11")
    refused("was not in force", raised, sides, terms_2020, on="2019-11-01")


def test_a_dispute_keeps_its_ladder_when_a_new_version_comes(sides, ladder):
    dispute = raised(sides, ladder)
    make_ladder(in_force_from=day("2019-04-01"))
    dispute.refresh_from_db()
    assert dispute.ladder == ladder


def test_the_second_of_two_who_record_at_once_is_told_and_nothing_is_lost(sides, ladder):
    dispute = raised(sides, ladder)
    both = seen(dispute)
    operations.refer(by=sides["for council"], on=day("2019-03-04"), **both)
    refused("since you opened it", operations.refer, by=sides["for nhs"], on=day("2019-03-05"), **both)
    assert dispute.events.count() == 2


def test_nothing_is_recorded_for_the_future_or_before_the_dispute(sides, ladder):
    dispute = raised(sides, ladder)
    refused("not in the future", refer, sides, dispute, "2019-12-02")
    refused("before the dispute was raised", record, sides, dispute, Kind.RELIEF, "2019-02-28")
    refused("Choose what happened", record, sides, dispute, Kind.RAISED, "2019-03-02")


def test_an_observer_raises_nothing_and_a_member_only_for_their_own_side(sides, ladder, observer):
    with pytest.raises(PermissionDenied):
        raised(sides, ladder, by=observer)
    with pytest.raises(PermissionDenied):
        raised(sides, ladder, by=make_person(role=Person.Role.BOARD_MEMBER))
    assert not Dispute.objects.exists()


def test_two_parties_are_named(sides, ladder):
    refused("at least two", raised, sides, ladder, parties=[sides["council"], sides["council"]])


def test_a_stored_date_never_changes_by_itself_and_the_record_says_where_its_rule_gives_another_today(sides, ladder):
    dispute = raised(sides, ladder)
    referral = refer(sides, dispute, "2019-03-04")
    assert operations.dates_that_differ(dispute) == []
    rung = ladder.rungs.get(key="executive")
    rung.days = 21
    rung.save()
    assert operations.dates_that_differ(dispute) == [
        f"Dispute {dispute.key}, event 2: 1 April 2019 is kept, and its rule gives 25 March 2019 today."
    ]
    referral.refresh_from_db()
    assert (referral.due_on, referral.rule["days"]) == (day("2019-04-01"), 28)


# On screen ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def on_screen(sign_in):
    return lambda person: sign_in(person)


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_the_ladder_says_where_we_are_what_may_happen_next_and_from_when(sides, ladder, on_screen):
    dispute = raised(sides, ladder)
    with dates.held_at(dt.datetime(2019, 3, 15, 12, tzinfo=dt.UTC)):
        refer(sides, dispute, "2019-03-04")
        page = text_of(on_screen(sides["for nhs"]).get(f"/disputes/{dispute.key}/"))
    assert "Rung 2, Executive. Day 11 of 28. Political opens on Tuesday 2 April 2019." in page
    assert "Last day: Monday 1 April 2019, end of day" in page
    assert "Opens Tuesday 2 April 2019" in page
    assert "Refer it to rung 3, Political: not open yet" in page
    assert "Start court proceedings" not in page
    assert "You see this because you stand for An NHS body." in page


def test_what_others_learn_of_a_dispute_is_that_there_is_one(sides, ladder, on_screen, observer):
    dispute = raised(sides, ladder)
    client = on_screen(observer)
    page = text_of(client.get("/disputes/"))
    assert "A dispute is open between partners" in page
    for word in (dispute.subject, dispute.key, "A council", "Section 3"):
        assert word not in page
    there, nowhere = client.get(f"/disputes/{dispute.key}/"), client.get("/disputes/2019-99/")
    assert there.status_code == nowhere.status_code == 404
    assert there.content == nowhere.content.replace(b"2019-99", dispute.key.encode())


def test_a_refused_step_keeps_what_was_typed_and_says_from_when(sides, ladder, on_screen):
    dispute = raised(sides, ladder)
    refer(sides, dispute, "2019-03-04")
    dispute.refresh_from_db()
    sent = {"seen": dispute.version, "on": "2019-03-20", "text": "We could not wait."}
    answer = on_screen(sides["for council"]).post(f"/disputes/{dispute.key}/refer/", sent)
    assert answer.status_code == 422
    assert "It is open from 2 April 2019." in text_of(answer)
    assert "We could not wait." in text_of(answer)


def test_a_dispute_is_raised_on_screen_with_both_ladders_to_read(sides, ladder, on_screen):
    for partner in (sides["council"], sides["nhs"]):
        partner.is_party = True
        partner.save()
    client = on_screen(sides["for council"])
    sent = {
        "subject": "Who pays for equipment",
        "about": "Section 3",
        "raised_on": "2019-11-04",
        "party_1": sides["council"].pk,
        "person_1": sides["for council"].pk,
        "party_2": sides["nhs"].pk,
        "person_2": sides["for nhs"].pk,
        "ladder": ladder.pk,
    }
    with dates.held_at(dt.datetime(2020, 2, 1, 12, tzinfo=dt.UTC)):
        page = text_of(client.get("/disputes/raise/"))
        assert "Dispute ladder of the 2018 plan: its text" in page
        assert "Dispute ladder of the 2020 terms: its text" in page
        late = client.post("/disputes/raise/", {**sent, "raised_on": "2020-01-06"})
        assert "Say why this ladder is chosen" in text_of(late)
        answer = client.post("/disputes/raise/", sent)
    assert answer.url == f"/disputes/{Dispute.objects.get().key}/"


def test_a_statement_is_filed_sealed_opened_and_released_on_screen(sides, ladder, on_screen, secretariat):
    dispute = raised(sides, ladder)
    council, nhs, clerk = (on_screen(person) for person in (sides["for council"], sides["for nhs"], secretariat))
    file = upload(pdf(), "Our case.pdf")
    assert (
        council.post(f"/disputes/{dispute.key}/statements/", {"filed_on": "2019-06-01", "statement": file}).status_code
        == 302
    )
    address = f"/disputes/{dispute.key}/statements/1/1/"
    assert council.get(address).getvalue().startswith(b"%PDF")
    for client in (nhs, clerk):
        assert client.get(address).status_code == 404
        assert "Our case" not in text_of(client.get(f"/disputes/{dispute.key}/"))
        assert client.post(f"{address}release/").status_code == 404
    assert council.post(f"{address}release/").status_code == 302
    assert nhs.get(address).getvalue().startswith(b"%PDF")


def test_what_if_reckons_without_saving_and_warns_of_clear_days(ladder, on_screen, observer):
    client = on_screen(observer)
    asked = {
        "ladder": "plan-2018",
        "referral:executive": "2019-03-04",
        "referral:political": "2019-04-02",
        "referral:mediation": "2019-05-01",
        "mediation_starts": "2019-06-17",
    }
    page = text_of(client.get("/disputes/what-if/", asked))
    assert (
        "Monday 3 June 2019. A lawyer may read this as clear days: send them by Sunday 2 June 2019 to be safe" in page
    )
    early = text_of(client.get("/disputes/what-if/", {**asked, "referral:political": "2019-04-01"}))
    assert "It is open from 2 April 2019." in early
    assert client.get("/disputes/what-if/", {"ladder": "none", "raised": "soon"}).status_code == 200
    assert not Dispute.objects.exists()


# What is told by itself -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "says"),
    [
        ("2019-03-24", None),
        ("2019-03-25", "in 7 days the period of rung 2, Executive, ends"),
        ("2019-03-28", "in 4 days the period"),  # told late where it was not run on the day
        ("2019-03-31", "tomorrow the period"),
        ("2019-04-01", "today the period"),
        ("2019-04-02", "it has run out: the period"),
    ],
)
def test_those_concerned_are_told_before_a_last_day_on_it_and_once_it_has_run_out(
    sides, ladder, secretariat, observer, on, says
):
    dispute = raised(sides, ladder)
    refer(sides, dispute, "2019-03-04")
    with dates.held_at(dt.datetime.fromisoformat(f"{on}T08:00:00+00:00")):
        call_command("remind")
        call_command("remind")
    told = Notice.objects.all()
    if says is None:
        assert not told.exists()
        return
    assert {notice.person for notice in told} == {sides["for council"], sides["for nhs"], secretariat}
    assert told.count() == 3
    assert all(says in notice.subject for notice in told)
    assert all(dispute.subject not in f"{notice.subject}{notice.text}" for notice in told)


def test_each_reminder_is_told_once_whichever_days_the_command_is_run(sides, ladder, secretariat):
    dispute = raised(sides, ladder)
    refer(sides, dispute, "2019-03-04")
    for number in range(20, 31):
        with dates.held_at(dt.datetime(2019, 3, number, 8, tzinfo=dt.UTC)):
            call_command("remind")
    assert Notice.objects.filter(person=secretariat).count() == 1


def test_nothing_more_is_told_of_a_dispute_that_ended(sides, ladder, secretariat):
    dispute = raised(sides, ladder)
    refer(sides, dispute, "2019-03-04")
    operations.withdraw(by=secretariat, on=day("2019-03-20"), text="Talks go on.", **seen(dispute))
    with dates.held_at(dt.datetime(2019, 4, 1, 8, tzinfo=dt.UTC)):
        call_command("remind")
    assert not Notice.objects.exists()


def test_the_home_page_of_who_stands_for_a_party_says_what_waits_and_until_when(sides, ladder, on_screen, observer):
    dispute = raised(sides, ladder)
    with dates.held_at(dt.datetime(2019, 3, 25, 12, tzinfo=dt.UTC)):
        refer(sides, dispute, "2019-03-04")
        operations.propose_extension(by=sides["for council"], last_day=day("2019-05-31"), **seen(dispute))
        for who, confirms in (("for nhs", True), ("for council", False)):
            page = text_of(on_screen(sides[who]).get("/"))
            assert f"Dispute {dispute.key}" in page
            assert "Until 1 April 2019" in page
            assert ("A longer period waits for your party: until Friday 31 May 2019" in page) is confirms
        assert "Dispute" not in text_of(on_screen(observer).get("/")).partition("<main")[2]


# In print -------------------------------------------------------------------------------------------------------------


@pytest.mark.pdf
@pytest.mark.django_db(transaction=True)
def test_a_referral_makes_its_letter_addressed_to_the_office_holders_which_never_changes(sides, ladder, on_screen):
    dispute = raised(sides, ladder)
    client = on_screen(sides["for council"])
    sent = {"seen": dispute.version, "on": "2019-03-04", "text": "We ask for equal shares."}
    assert client.post(f"/disputes/{dispute.key}/refer/", sent).status_code == 302
    first = client.get(f"/disputes/{dispute.key}/letters/2/").getvalue()
    said = " ".join(" ".join(pdf_text(first)).split())
    for words in (
        "Executive Director for Children’s Services (Bi-Borough) with the CCG’s Managing Director",
        "We ask for equal shares.",
        "Monday 4 March 2019",
        "Monday 1 April 2019",
        "Tuesday 2 April 2019",
        f"Signed by name: {sides['for council'].name} for A council, 4 March 2019",
    ):
        assert words in said
    assert judge(first) == []
    dispute.refresh_from_db()
    dispute.subject = "Another subject"
    dispute.save()
    client.post(f"/disputes/{dispute.key}/letters/2/")
    assert client.get(f"/disputes/{dispute.key}/letters/2/").getvalue() == first


@pytest.mark.pdf
@pytest.mark.django_db(transaction=True)
def test_the_file_of_a_dispute_holds_for_each_reader_what_they_may_see(sides, ladder, on_screen, secretariat):
    dispute = raised(sides, ladder)
    refer(sides, dispute, "2019-03-04")
    operations.file_statement(
        by=sides["for council"],
        dispute=dispute,
        filed_on=day("2019-06-01"),
        content=SEALED,
        extension="pdf",
        name="a.pdf",
    )
    found = {}
    for name, person in {"council": sides["for council"], "nhs": sides["for nhs"], "clerk": secretariat}.items():
        content = on_screen(person).get(f"/disputes/{dispute.key}/file.pdf").content
        assert judge(content) == []
        found[name] = " ".join(" ".join(pdf_text(content)).split())
    assert "Filed 1 June 2019" in found["council"]
    for name in ("nhs", "clerk"):
        assert "Filed 1 June 2019" not in found[name]
        assert "Sealed to them, if there is one" in found[name]
    assert all("Referred to rung 2, Executive" in text for text in found.values())


# Mediation ------------------------------------------------------------------------------------------------------------


def in_mediation(sides, ladder) -> Dispute:
    dispute = raised(sides, ladder)
    for on in ("2019-03-02", "2019-03-31", "2019-05-01"):
        refer(sides, dispute, on)
    return dispute


def file_for(person, dispute):
    return operations.file_statement(
        by=person, dispute=dispute, filed_on=day("2019-05-02"), content=SEALED, extension="pdf", name="case.pdf"
    )


def test_statements_are_exchanged_in_one_step_once_every_party_is_ready(sides, ladder):
    dispute = in_mediation(sides, ladder)
    council, nhs = sides["for council"], sides["for nhs"]
    refused("File your party’s statement first.", operations.exchange, by=council, **seen(dispute))
    first = file_for(council, dispute)
    operations.exchange(by=council, **seen(dispute))
    refused("Your party has said so already.", operations.exchange, by=council, **seen(dispute))
    first.refresh_from_db()
    assert first.released_at is None
    second = file_for(nhs, dispute)
    operations.exchange(by=nhs, **seen(dispute))
    for row in (first, second):
        row.refresh_from_db()
        assert row.released_at is not None


def test_the_mediators_fee_is_shared_to_the_penny(sides, ladder):
    dispute = raised(sides, ladder)
    give = {"on": day("2019-05-20"), "pounds": Decimal("1000.01")}
    refused(
        "The dispute was not referred to mediation",
        operations.share_fee,
        by=sides["for council"],
        **seen(dispute),
        **give,
    )
    dispute = in_mediation(sides, ladder)
    event = operations.share_fee(by=sides["for council"], **seen(dispute), **give)
    assert event.text.startswith("£1,000.01 in equal shares.")
    assert "£500.01" in event.text
    assert "£500.00" in event.text


# Ladders --------------------------------------------------------------------------------------------------------------


def test_a_new_version_of_the_ladder_is_proposed_from_its_first_day_and_open_disputes_keep_theirs(
    sides, ladder, sign_in, secretariat
):
    dispute = raised(sides, ladder)
    client, where = sign_in(secretariat), f"/disputes/ladders/{ladder.key}/new/"
    page = client.get(where).content.decode()
    assert "Rung: Mediation" in page
    form = LadderForm(source=ladder)
    sent = {name: "" if field.initial in (None, False) else field.initial for name, field in form.fields.items()}
    sent |= {"title": "Ladder of 2021", "in_force_from": "2021-09-01", "stands_in": "Section 9", "executive_days": 21}
    sent = {name: "on" if value is True else value for name, value in sent.items() if value != ""}
    sent.pop("political_kept")
    assert client.post(where, sent).status_code == 302
    made = Ladder.objects.get(title="Ladder of 2021")
    assert [(rung.order, rung.key, rung.days) for rung in made.rungs.order_by("order")] == [
        (1, "board", None), (2, "executive", 21), (3, "mediation", None), (4, "court", 14),
    ]  # fmt: skip
    dispute.refresh_from_db()
    assert dispute.ladder == ladder
    assert operations.ladders_on(day("2021-09-01"))[0] == made
    again = client.post(where, {**sent, "title": "ladder of 2021"})
    assert again.status_code == 422
    assert "A ladder has this title already." in again.content.decode()


def test_a_ladder_begins_with_its_first_rung_and_has_two(ladder, secretariat):
    give = {
        "by": secretariat,
        "source": ladder,
        "title": "New",
        "in_force_from": day("2021-01-01"),
        "stands_in": "Section 9",
    }
    rung = {"name": "Board", "who": "The Board", "text": "It talks."}
    refused("A ladder begins with the first rung.", ladders.new_version, **give, rungs=[{"key": "court", **rung}])
    refused("A ladder has two rungs at least.", ladders.new_version, **give, rungs=[{"key": "board", **rung}])


# The state machine, in the database as in the code ---------------------------------------------------------------------


def rows_of(model):
    """Rows as they can be changed behind the application's back."""
    return QuerySet(model)


def broken(says: str, do, *args, **given):
    with pytest.raises(IntegrityError, match=says), transaction.atomic():
        do(*args, **given)


def test_what_belongs_to_mediation_is_refused_before_the_dispute_is_there(sides, ladder):
    dispute = raised(sides, ladder)
    for kind in (Kind.PROCEDURE, Kind.REPORT, Kind.STARTS, Kind.CONCLUDED, Kind.FAILED):
        refused("Record the joint referral", record, sides, dispute, kind, "2019-03-02")
    assert record(sides, dispute, Kind.RELIEF, "2019-03-02").kind == Kind.RELIEF
    assert record(sides, dispute, Kind.PROCEEDINGS, "2019-03-02").mark == Mark.EARLY


def test_the_database_lets_a_dispute_climb_one_rung_at_a_time_on_its_own_ladder(sides, ladder):
    dispute, other = raised(sides, ladder), Ladder.objects.get(key="terms-2020")
    rungs = list(ladder.rungs.order_by("order"))
    at = rows_of(Dispute).filter(pk=dispute.pk)
    broken("one rung at a time", at.update, rung=rungs[2])
    broken("one rung at a time", at.update, rung=other.rungs.order_by("order")[1])
    broken("keeps its ladder", at.update, ladder=other)
    broken("keeps its ladder", at.update, raised_on=day("2019-03-02"))
    at.update(rung=rungs[1])
    broken("one rung at a time", at.update, rung=rungs[0])


def test_the_database_keeps_what_happened_as_it_happened(sides, ladder):
    dispute = raised(sides, ladder)
    events = rows_of(DisputeEvent).filter(dispute=dispute)
    broken("never changed or deleted", events.update, on=day("2019-02-01"))
    broken("never changed or deleted", events._raw_delete, events.db)


def test_the_database_ends_a_dispute_once(sides, ladder):
    dispute = raised(sides, ladder)
    operations.withdraw(by=sides["for council"], on=day("2019-03-04"), text="Settled between us.", **seen(dispute))
    at = rows_of(Dispute).filter(pk=dispute.pk)
    broken("stays as it ended", at.update, state=Dispute.State.OPEN, ended_on=None)
    broken("stays as it ended", at.update, rung=ladder.rungs.get(order=2))
    late = {"dispute": dispute, "number": 9, "rung": dispute.rung, "on": day("2019-03-05"), "by": sides["for council"]}
    broken("nothing more is recorded", rows_of(DisputeEvent).create, kind=Kind.RELIEF, **late)


def test_the_database_holds_an_event_to_its_rung_its_ladder_and_how_the_dispute_ended(sides, ladder):
    dispute = raised(sides, ladder)
    told = {"dispute": dispute, "number": 9, "on": day("2019-03-05"), "by": sides["for council"]}
    write = rows_of(DisputeEvent).create
    broken("belongs to mediation", write, kind=Kind.STARTS, rung=dispute.rung, **told)
    broken("its own ladder", write, kind=Kind.RELIEF, rung=Ladder.objects.get(key="terms-2020").rungs.first(), **told)
    broken("says how it ended", write, kind=Kind.RESOLVED, rung=dispute.rung, **told)


def test_every_kind_of_event_has_its_line_in_the_table():
    assert {move.kind for move in moves.MOVES} == set(Kind)
