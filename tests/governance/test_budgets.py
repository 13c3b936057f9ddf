"""The register of agreements to align or pool budgets: who keeps it, what adds up, and what the Board is told of it."""

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import example, given
from hypothesis import strategies as some

from governance.agendas import due
from governance.agendas.build import for_person
from governance.budgets import operations, pages
from governance.budgets.forms import Pounds
from governance.budgets.statement import PERSONAL, statement
from governance.models import Agreement, Contribution, Pack
from governance.packs import contents
from governance.packs.audiences import audiences
from governance.packs.build import draw
from governance.sharing import shares, shares_by
from jcb import dates
from jcb.models import Partner
from tests.governance.packtext import page_words
from tests.make import (
    make_agenda_item,
    make_agreement,
    make_agreement_party,
    make_agreement_year,
    make_area,
    make_contribution,
    make_definition,
    make_indicator,
    make_lead,
    make_meeting,
    make_partner,
    make_person,
    make_standing_item,
    make_terms,
    make_workstream,
    make_yearly,
)
from tests.verapdf import judge

TODAY = dt.date(2020, 9, 10)
database = pytest.mark.django_db


@pytest.fixture
def clerk(db):
    return make_person(role="secretariat")


@pytest.fixture
def third(db):
    return make_partner(name="The second Council")


@pytest.fixture
def pooled(clerk, council, nhs, third) -> Agreement:
    """Equipment, pooled by three partners who share the risk."""
    return operations.propose(by=clerk, **equipment(council, nhs, third))


def equipment(council, nhs, third, **changes) -> dict:
    return {
        "title": "Equipment",
        "kind": "pooled",
        "basis": "s75",
        "parties": [(council, Decimal("33.34")), (nhs, Decimal("33.33")), (third, Decimal("33.33"))],
        "host": council,
        "starts_on": dt.date(2019, 4, 1),
        "review_on": dt.date(2020, 4, 1),
        "status": "in force",
        **changes,
    }


def refused(call, **given) -> str:
    with pytest.raises(ValidationError) as refusal:
        call(**given)
    return " ".join(refusal.value.messages)


def paid(row) -> list[Decimal]:
    return [each.amount for each in row.contributions.order_by("party__order")]


# To the penny ---------------------------------------------------------------------------------------------------------

pence = some.integers(min_value=0, max_value=10**12)


@given(pence, some.integers(min_value=1, max_value=60))
def test_equal_shares_add_up_and_differ_by_a_penny_at_most_those_named_first_paying_more(total, parties):
    found = shares(total, parties)
    assert sum(found) == total
    assert found == sorted(found, reverse=True)
    assert max(found) - min(found) <= 1


weights = some.lists(some.decimals(min_value=0, max_value=100, places=2), min_size=1, max_size=12).filter(any)


@given(pence, weights)
@example(1, [Decimal(0), Decimal("0.01")])
def test_shares_by_weight_add_up_and_are_less_than_a_penny_from_exact(total, by):
    found = shares_by(total, by)
    assert sum(found) == total
    for each, weight in zip(found, by, strict=True):
        assert abs(each * sum(by) - total * weight) <= sum(by)
        assert each == 0 or weight, "A party of no weight pays."


@pytest.mark.parametrize(("total", "by"), [(-1, [1, 1]), (1, [0, 0]), (1, []), (5, [2, -1])])
def test_nothing_is_shared_by_nothing(total, by):
    with pytest.raises(ValueError, match="shared by weights"):
        shares_by(total, by)


def test_a_sum_is_shared_among_somebody():
    with pytest.raises(ValueError, match="at least one party"):
        shares(1, 0)


@database
def test_a_total_is_shared_equally_or_by_risk_and_odd_pence_go_to_those_named_first(pooled, clerk):
    parties = list(pooled.parties.all())
    given = {"by": clerk, "agreement": pooled, "agreed": Decimal("100000.01")}
    equally = operations.shared_equally(Decimal("100000.01"), parties)
    row = operations.add_year(**given, year=2019, contributions=equally)
    assert paid(row) == [Decimal("33333.34"), Decimal("33333.34"), Decimal("33333.33")]
    by_risk = operations.shared_by_risk(Decimal("100000.01"), parties)
    row = operations.add_year(**given, year=2020, contributions=by_risk)
    assert paid(row) == [Decimal("33340.01"), Decimal("33330.00"), Decimal("33330.00")]


@database
def test_contributions_that_do_not_add_up_are_refused_with_how_far_they_are_out(pooled, clerk):
    first, second, third = pooled.parties.all()
    give = {"by": clerk, "agreement": pooled, "year": 2020, "agreed": Decimal("100.00")}
    pays = {first.pk: Decimal("50.00"), second.pk: Decimal("49.99")}
    said = refused(operations.add_year, **give, contributions=pays)
    assert said == (
        "The contributions add up to £99.99, which is £0.01 less than the agreed £100.00. Change one of them, or have the total shared."
    )
    more = {**pays, third.pk: Decimal("0.02")}
    assert "£0.01 more than the agreed £100.00" in refused(operations.add_year, **give, contributions=more)
    assert not pooled.years.exists()
    row = operations.add_year(**give, contributions={**pays, third.pk: Decimal("0.01")})
    again = {"by": clerk, "row": row, "seen": 1, "agreed": Decimal("100.01")}
    assert "£0.01 less" in refused(operations.edit_year, **again, contributions={**pays, third.pk: Decimal("0.01")})
    assert row.contributions.count() == 3


@database
def test_check_record_names_a_year_that_does_not_add_up():
    good = make_contribution(amount=Decimal("1000.00"))
    assert operations.sums_that_differ() == []
    year = make_agreement_year(agreement=good.party.agreement, year=2021)
    assert operations.sums_that_differ() == [f"{year}: the contributions add up to £0.00, and £1,000.00 was agreed."]


# What is refused ------------------------------------------------------------------------------------------------------


@database
def test_an_agreement_that_cannot_be_is_refused_with_what_to_do(clerk, council, nhs, third):
    def said(**changes) -> str:
        return refused(operations.propose, by=clerk, **equipment(council, nhs, third, **changes))

    gone = make_partner(name="A body of old", side="nhs", ends_on=dt.date(2019, 3, 31))
    plain = [(council, None), (nhs, None)]
    assert said(parties=[(council, None)]) == "An agreement is between at least two partners. Name another."
    assert said(parties=[*plain, (council, None)]) == "The Council is named twice. Name each partner once."
    assert said(parties=[*plain, (gone, None)]).startswith("A body of old did not exist on 1 April 2019.")
    assert said(parties=plain, host=third).startswith("The host is one of the partners")
    assert said(host=None) == "Choose the host: one of the partners holds the money for all."
    assert said(parties=[(council, None), (third, None)]).startswith("This power joins a council and an NHS body.")
    assert said(basis="s256").startswith("For this kind of agreement, choose Section 75")
    assert said(ends_on=dt.date(2019, 3, 31)) == "The last day cannot be before the first. Check both dates."
    assert said(review_on=dt.date(2019, 4, 1)).startswith("A review comes after")
    assert said(title="  ") == "Say in a few words what the agreement is about."
    assert said(status="ended") == "Put it on the register as it was, then record its end."
    assert "nothing here may identify a child" in said(about="For Child A alone.")
    shares_of = [(council, Decimal("50.00")), (nhs, Decimal("49.50"))]
    assert said(parties=shares_of) == (
        "The shares of the risk add up to 99.50%, which is 0.50 less than 100%. Change one of them."
    )
    assert said(parties=[(council, Decimal(100)), (nhs, None)]).startswith("Give every partner a share of the risk")
    assert not Agreement.objects.exists()


@database
def test_what_each_kind_may_rest_on_is_what_the_database_holds_to():
    assert set(Agreement.BASES) == set(Agreement.Kind)
    rule = next(each for each in Agreement._meta.constraints if each.name == "agreement_rests_on_a_power_for_it")
    for kind in Agreement.Kind:
        for basis in Agreement.Basis:
            allowed = rule.condition.check({"kind": kind.value, "basis": basis.value})
            assert allowed == (basis in Agreement.BASES[kind]), (kind, basis)


@database
def test_a_year_is_told_once_within_the_agreement_and_its_actual_once_it_is_over(pooled, clerk):
    first = pooled.parties.first()
    outsider = make_agreement_party()

    def said(year: int, **changes) -> str:
        pays = {"agreed": Decimal(10), "contributions": {first.pk: Decimal(10)}, **changes}
        return refused(operations.add_year, by=clerk, agreement=pooled, year=year, **pays)

    assert said(2018) == "The agreement runs from 2019/20. Choose a year within that."
    assert said(2020, actual=Decimal(9)) == "2020/21 ends on 31 March 2021. Until it is over, give a forecast."
    assert "not less than nothing" in said(2020, agreed=Decimal(-1), contributions={first.pk: Decimal(-1)})
    assert "no more than 10 digits before" in said(2020, agreed=Decimal(10**10))
    assert "not less than nothing" in said(
        2020, contributions={first.pk: Decimal(20), pooled.parties.last().pk: Decimal(-10)}
    )
    assert said(2020, contributions={outsider.pk: Decimal(10)}).startswith("Only parties to the agreement pay into it.")
    operations.add_year(
        by=clerk,
        agreement=pooled,
        year=2019,
        agreed=Decimal(10),
        actual=Decimal(12),
        contributions={first.pk: Decimal(10)},
    )
    assert said(2019) == "2019/20 is there already. Change that one."
    pooled.refresh_from_db()
    changed = equipment(
        *(party.partner for party in pooled.parties.all()), starts_on=dt.date(2020, 4, 1), review_on=None
    )
    rest = dict.fromkeys(("workstream", "ends_on")) | dict.fromkeys(("about", "risk_share", "reporting_body"), "")
    said_of_dates = refused(operations.edit, by=clerk, agreement=pooled, seen=1, **{**rest, **changed})
    assert said_of_dates == "2019/20 is on record, and would lie outside these dates."


@pytest.mark.parametrize("typed", ["-1", "1e400", "NaN", "Infinity", "1.005", "10000000000", "1,23", "lots"])
def test_amounts_that_are_none_get_a_sentence(typed):
    with pytest.raises(ValidationError, match="Give it in pounds and pence"):
        Pounds("Agreed").clean(typed)


@pytest.mark.parametrize(
    ("typed", "meant"), [("£1,234.50", "1234.50"), (" 0 ", "0"), ("9,999,999,999.99", "9999999999.99")]
)
def test_amounts_are_read_as_people_write_them(typed, meant):
    assert Pounds("Agreed").clean(typed) == Decimal(meant)


# What is done to it ---------------------------------------------------------------------------------------------------


@database
def test_an_agreement_is_changed_reviewed_and_ended_on_screen(sign_in, clerk, council, nhs, third):
    client = sign_in(clerk)
    money = {
        "title": "Equipment", "kind": "pooled", "basis": "s75", "party_1": council.pk, "percent_1": "50", "party_2": nhs.pk,
        "percent_2": "50", "host": council.pk, "starts_on": "2019-04-01", "review_on": "2020-04-01", "status": "in force",
    }  # fmt: skip
    wrong = client.post("/meetings/budgets/add/", {**money, "host": third.pk, "risk_share": "Half each."})
    assert wrong.status_code == 422
    assert "Half each." in wrong.content.decode()
    page = client.post("/meetings/budgets/add/", money, follow=True).content.decode()
    assert "B1 is on the register. Now add its years." in page
    assert "Review was due 1 April 2020" in page
    where = "/meetings/budgets/1/"
    year = {"year": "2019", "agreed": "£1,000.01", "actual": "900", "share": "by risk"}
    page = client.post(f"{where}years/add/", year, follow=True).content.decode()
    assert "£100.01 under" in page
    assert 'The Council: <span class="jcb-nowrap">£500.01</span>' in page
    page = client.post(f"{where}years/2019/", {"agreed": "900", "share": "as written", "seen": 1})
    assert page.status_code == 422
    assert "which is £900.00 less than the agreed £900.00" in page.content.decode()
    assert client.get(f"{where}years/2031/").status_code == 404
    edited = {**money, "seen": 1, "party_3": third.pk, "percent_1": "", "percent_2": ""}
    assert client.post(f"{where}edit/", edited).status_code == 302
    assert client.post(f"{where}edit/", edited).status_code == 422  # somebody saved since
    took_out = {**edited, "seen": 2, "party_2": third.pk, "party_3": ""}
    assert "pays in 2019/20" in client.post(f"{where}edit/", {**took_out, "basis": "s10"}).content.decode()
    later = {"seen": 2, "on": "2020-09-01", "outcome": "It works.", "next_on": "2021-09-01"}
    assert (
        "Choose a day from its first" in client.post(f"{where}review/", {**later, "on": "2020-09-11"}).content.decode()
    )
    page = client.post(f"{where}review/", later, follow=True).content.decode()
    assert "Reviewed on 1 September 2020" in page
    assert "Review is due 1 September 2021" in page
    end = {"seen": 3, "ends_on": "2020-09-09", "because": "One store does it all."}
    assert (
        "Choose a day from its first" in client.post(f"{where}end/", {**end, "ends_on": "2019-03-01"}).content.decode()
    )
    page = client.post(f"{where}end/", end, follow=True).content.decode()
    assert "Ended on 9 September 2020" in page
    assert "One store does it all." in page
    assert client.get(f"{where}edit/").status_code == 403
    assert (
        client.post(
            f"{where}years/2019/", {"agreed": "900", "actual": "901", "share": "equally", "seen": 1}
        ).status_code
        == 302
    )
    row = Agreement.objects.get()
    assert [each.status for each in row.history.order_by("history_id")] == ["in force"] * 3 + ["ended"]
    assert Contribution.history.model.objects.count() > Contribution.objects.count()


@database
def test_what_was_never_begun_can_be_given_up(clerk, council, nhs):
    give = {"by": clerk, "title": "Nurses", "kind": "to council", "basis": "s256", "starts_on": dt.date(2021, 4, 1)}
    row = operations.propose(**give, parties=[(nhs, None), (council, None)])
    row = operations.end(by=clerk, agreement=row, seen=1, ends_on=TODAY, because="There was no money.")
    assert pages.line(row, TODAY).status == "Ended on 10 September 2020, before it began"


@database
def test_an_agreement_goes_from_step_to_step(pooled, clerk):
    parties = [(party.partner, party.percent) for party in pooled.parties.all()]
    rest = dict.fromkeys(("workstream", "ends_on")) | dict.fromkeys(("about", "risk_share", "reporting_body"), "")
    give = {**rest, **equipment(*(partner for partner, _ in parties)), "by": clerk, "agreement": pooled}
    back = refused(operations.edit, **{**give, "seen": 1, "status": "proposed"})
    assert back == "An agreement that is in force cannot become proposed in one step."
    assert "on the page for that" in refused(operations.edit, **{**give, "seen": 1, "status": "ended"})
    row = operations.edit(**{**give, "seen": 1, "status": "under review", "parties": [parties[2], *parties[:2]]})
    assert [party.partner for party in row.parties.all()] == [partner for partner, _ in (parties[2], *parties[:2])]
    row = operations.edit(**{**give, "seen": 2, "status": "in force", "parties": [(p, None) for p, _ in parties[:2]]})
    assert [(party.partner, party.percent) for party in row.parties.all()] == [(p, None) for p, _ in parties[:2]]
    said = refused(operations.shared_by_risk, total=Decimal(10), parties=list(row.parties.all()))
    assert said.startswith("No shares of the risk are agreed.")


@database
def test_a_party_keeps_its_name_and_says_who_holds_its_duties_now(pooled):
    heir = make_partner(name="NHS of the whole", side="nhs")
    old = pooled.parties.get(partner__side="nhs").partner
    old.ends_on, old.successor = dt.date(2020, 3, 31), heir
    old.save()
    line = pages.line(pages.with_their_years(Agreement.objects.all()).get(), TODAY)
    assert line.parties[1] == "The NHS commissioner (now NHS of the whole): 33.33%"
    assert pages.line(pooled, dt.date(2020, 3, 31)).parties[1] == "The NHS commissioner: 33.33%"


# Who may --------------------------------------------------------------------------------------------------------------


@database
def test_leads_and_commissioners_of_a_partner_keep_an_agreement_and_nobody_else(
    pooled, owning_commissioner, nhs_member, observer, cast
):
    pays = {"agreed": Decimal(0), "contributions": {}}
    assert operations.add_year(by=owning_commissioner, agreement=pooled, year=2019, **pays)
    for person in (nhs_member, observer, make_person(partner=make_partner()), cast["administrator"]):
        with pytest.raises(PermissionDenied):
            operations.add_year(by=person, agreement=pooled, year=2020, **pays)
    pooled.workstream = make_workstream()
    pooled.save()
    make_lead(workstream=pooled.workstream, person=nhs_member)
    make_lead(workstream=pooled.workstream, person=observer)
    assert operations.add_year(by=nhs_member, agreement=pooled, year=2020, **pays)
    with pytest.raises(PermissionDenied):
        operations.add_year(by=observer, agreement=pooled, year=2021, **pays)


@database
def test_whoever_proposes_an_agreement_has_a_part_in_it(council, nhs, third, cast, observer):
    outsider = cast["commissioner of another partner"]
    give = equipment(council, nhs, third)
    parties = [(make_partner(), None), (make_partner(side="nhs"), None)]
    others = {**give, "parties": parties, "host": parties[0][0]}
    assert refused(operations.propose, by=outsider, **others) == operations.NOT_YOURS
    assert not Agreement.objects.exists()
    stream = make_workstream()
    make_lead(workstream=stream, person=outsider)
    assert operations.propose(by=outsider, **{**others, "workstream": stream})
    with pytest.raises(PermissionDenied):
        operations.propose(by=observer, **give)


@database
def test_readers_are_shown_no_way_to_change_anything(sign_in, pooled, observer, clerk):
    make_agreement_year(agreement=pooled)
    pages_of = ("/meetings/budgets/", "/meetings/budgets/1/")
    for_clerk = "".join(sign_in(clerk).get(page).content.decode() for page in pages_of)
    for_observer = "".join(sign_in(observer).get(page).content.decode() for page in pages_of)
    for way in ("budgets/add/", "/edit/", "/end/", "/review/", "/years/"):
        assert way in for_clerk
        assert way not in for_observer


# What is shown --------------------------------------------------------------------------------------------------------


@database
def test_the_register_filters_and_adds_up_year_by_year(sign_in, observer, pooled):
    stream = make_workstream()
    aligned = make_agreement(title="Therapy", workstream=stream, status="proposed")
    make_agreement_year(agreement=pooled, year=2020, agreed=Decimal("100.10"), forecast=Decimal("110.20"))
    make_agreement_year(agreement=aligned, year=2020, agreed=Decimal("900.00"))
    make_agreement_year(agreement=make_agreement(title="Music"), year=2020, agreed=Decimal("50.00"))
    client = sign_in(observer)
    page = client.get("/meetings/budgets/").content.decode()
    assert "£10.10 over" in page
    assert "£150.10" in page, "What is proposed is not counted."
    assert "1 without a forecast is left out" in page
    assert "Therapy" in client.get(f"/meetings/budgets/?workstream={stream.pk}").content.decode()
    assert "Equipment" not in client.get(f"/meetings/budgets/?workstream={stream.pk}").content.decode()
    assert "Therapy" not in client.get("/meetings/budgets/?status=in+force").content.decode()
    assert "No agreement fits." in client.get("/meetings/budgets/?status=ended").content.decode()
    assert client.get("/meetings/budgets/?workstream=nonsense&status=%00").status_code == 200
    assert (
        f"/meetings/budgets/?workstream={stream.pk}"
        in client.get(f"/plans/{stream.plan.slug}/{stream.number}/").content.decode()
    )


@database
def test_the_spreadsheet_has_a_row_for_each_year_and_runs_nothing(sign_in, observer, pooled, clerk):
    first = pooled.parties.first()
    give = {"by": clerk, "agreement": pooled, "contributions": {first.pk: Decimal(10)}, "agreed": Decimal(10)}
    operations.add_year(**give, year=2019, actual=Decimal("7.50"), note="=1+1")
    operations.add_year(**give, year=2020)
    make_agreement(title="Without years")
    text = sign_in(observer).get("/meetings/budgets/register.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["Agreement"], row["Year"], row["Variance"]) for row in rows] == [
        ("Equipment", "2019/20", "-2.50"),
        ("Equipment", "2020/21", ""),
        ("Without years", "", ""),
    ]
    assert rows[0]["Note"] == "'=1+1"
    assert rows[0]["Contributions"].startswith("The Council: £10.00; ")


@database
def test_pages_ask_as_often_for_many_agreements_as_for_one(sign_in, clerk):
    client, counts = sign_in(clerk), []

    def asked(path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    paths = (
        "/meetings/budgets/",
        "/meetings/budgets/register.csv",
        "/meetings/budgets/1/",
        "/meetings/budgets/1/edit/",
    )
    for _ in range(2):
        for _ in range(1 if not counts else 3):
            agreement = make_agreement(workstream=make_workstream(), host=make_partner(successor=make_partner()))
            told(agreement)
            told(Agreement.objects.get(number=1))
        counts.append([asked(path) for path in paths])
    assert counts[0] == counts[1]


def told(agreement: Agreement) -> None:
    """One more party and one more year of an agreement."""
    party = make_agreement_party(agreement=agreement, order=Contribution.objects.count() + 1)
    make_contribution(party=party, year=make_agreement_year(agreement=agreement, year=2019 + agreement.years.count()))


# What the Board is told -----------------------------------------------------------------------------------------------


@pytest.fixture
def meeting(db):
    terms = make_terms()
    standing = make_standing_item(terms=terms, order=9, title="Personal and pooled budgets", frequency="when due")
    meeting = make_meeting(terms=terms, starts_at=dt.datetime(2020, 9, 14, 10, tzinfo=dates.LONDON))
    make_agenda_item(meeting=meeting, order=1, title=standing.title, standing=standing)
    return meeting


def uptake_of(area: str, value: int, **target) -> None:
    indicator = make_indicator(key=PERSONAL, name="Personal budgets", good_direction="up", **target)
    make_yearly(make_definition(indicator=indicator), make_area(name=area), 2019, value)


@database
def test_the_standing_item_brings_the_agreements_and_the_uptake_with_its_target(
    pooled, clerk, meeting, sign_in, observer
):
    uptake_of("Westminster", 38, target=80, target_on=dt.date(2021, 7, 31), target_note="Both boroughs aim for more.")
    parties = list(pooled.parties.all())
    total = Decimal("1000.00")
    operations.add_year(
        by=clerk, agreement=pooled, year=2020, agreed=total, forecast=Decimal("1012.50"),
        contributions=operations.shared_equally(total, parties),
    )  # fmt: skip
    make_agreement(title="Only proposed", status="proposed")
    make_agreement(title="Long gone", status="ended", ends_on=dt.date(2019, 9, 1))
    said = for_person(meeting, clerk).business[0].budgets
    assert said.headline == (
        "1 agreement to align or pool budgets. In 2020/21: £1,000.00 agreed, £1,012.50 expected, £12.50 over. 1 review is due"
    )
    (line,) = said.agreements
    assert (line.ref, line.title, line.kind) == ("B1", "Equipment", "Pooled budget, in force")
    assert (line.agreed, line.comes_to, line.variance) == ("£1,000.00", "£1,012.50 forecast", "£12.50 over")
    assert line.review == "Review was due 1 April 2020"
    assert said.uptake == (
        "Personal budgets in Westminster: 38 (2019)",
        "Target for personal budgets: 80 by 31 July 2021. Both boroughs aim for more",
    )
    agenda = f"/meetings/{meeting.key}/agenda/"
    assert "£12.50 over. 1 review is due." in sign_in(observer).get(agenda).content.decode()
    item = sign_in(observer).get(f"{agenda}{meeting.items.get().pk}/").content.decode()
    assert "/meetings/budgets/1/" in item
    assert "Target for personal budgets: 80 by 31 July 2021." in item


@database
def test_without_agreements_figures_or_a_target_the_item_says_so(clerk, meeting):
    said = for_person(meeting, clerk).business[0].budgets
    assert (said.headline, said.agreements) == ("No agreement to align or pool budgets is in force", ())
    assert said.uptake == ("Personal budgets: no indicator is kept",)
    uptake_of("Westminster", 3)
    make_agreement(title="Music")
    said = for_person(meeting, clerk).business[0].budgets
    assert (said.agreements[0].agreed, said.agreements[0].variance) == ("No figures for this year", "")
    assert said.uptake == (
        "Personal budgets in Westminster: fewer than 5 (2019)",
        "Target for personal budgets: none set",
    )
    with dates.held_at(dt.datetime(2020, 11, 2, 10, tzinfo=dates.LONDON)):
        said = statement(meeting.on)
    assert said.headline == "As the register stands on 2 November 2020: 1 agreement to align or pool budgets"


@database
def test_a_review_that_is_due_brings_the_item_to_the_agenda(clerk, pooled):
    terms = make_terms()
    make_standing_item(terms=terms, order=9, title="Personal and pooled budgets", frequency="when not empty")
    meeting = make_meeting(terms=terms, starts_at=dt.datetime(2020, 9, 14, 10, tzinfo=dates.LONDON))
    assert [each.is_due for each in due.missing(meeting, [])[0]] == [True]
    operations.review(by=clerk, agreement=pooled, seen=1, on=TODAY, outcome="It goes on.", next_on=None)
    assert [each.is_due for each in due.missing(meeting, [])[0]] == [False]


@database
@pytest.mark.pdf
def test_the_pack_carries_the_statement_as_pdf_ua(pooled, clerk, meeting):
    uptake_of("Westminster", 38, target=80)
    with contents.as_if_published(meeting):
        edition = contents.next_edition(meeting, kind=Pack.Kind.PACK, at=dates.now())
        data = contents.build(meeting, audiences(meeting)[0], edition)
    content = draw(data).content
    words = " ".join(" ".join(page_words(content)).split())
    assert "B1 Equipment Pooled budget, in force" in words
    assert "Review was due 1 April 2020" in words
    assert "Target for personal budgets: 80" in words
    assert judge(content) == []


@database
def test_the_demonstrations_agreements_add_up_and_say_that_they_are_invented(settings):
    settings.DEMONSTRATION = True
    call_command("load_record", verbosity=0)
    rows = Agreement.objects.all()
    assert len(rows) == 3
    assert all(row.invented for row in rows)
    for row in rows:
        for year in row.years.all():
            assert sum(paid(year)) == year.agreed
            assert year.contributions.count() == row.parties.count()
        partners = {party.partner for party in row.parties.all()}
        assert row.host is None or row.host in partners
        operations._check(row, [(party.partner, party.percent) for party in row.parties.all()])
    assert Partner.objects.get(key="central-london-ccg") in {p.partner for p in rows[0].parties.all()}
    assert "invented" in statement(TODAY).agreements[0].kind
