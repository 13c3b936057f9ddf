"""The clocks of the dispute ladder, against an oracle that counts on a wall calendar."""

import datetime as dt
import json
import random

import pytest
from django.core.management import call_command

from governance.disputes import clocks
from governance.disputes.clocks import Event, Impossible, LadderRule, RungRule, reckon
from governance.disputes.examples import EXAMPLES, events_of
from governance.management.commands.ladder_clock import plain
from governance.models import Ladder
from governance.sharing import shares
from tests.governance import ladder_oracle as oracle

PLAN_2018 = LadderRule(
    "plan-2018",
    "Dispute ladder of the 2018 plan",
    (
        RungRule("board", "Board"),
        RungRule("executive", "Executive", 28, may_extend=True),
        RungRule("political", "Political", 28, may_extend=True),
        RungRule("mediation", "Mediation", statement_days=14, report_days=14),
        RungRule("court", "Court", 14),
    ),
)
TERMS_2020 = LadderRule(
    "terms-2020",
    "Dispute ladder of the 2020 terms",
    (RungRule("board", "Board"), RungRule("executive", "Executive")),
)
TIMELINES = 10_000


def events(**given) -> list[Event]:
    """`referral_executive="2019-03-04"`, and so on; a number is days."""
    made = []
    for name, value in given.items():
        kind = name.replace("referral_", "referral:").replace("extension_", "extension:")
        on = None if isinstance(value, int) else dt.date.fromisoformat(value)
        made.append(Event(kind, on=on, days=value if isinstance(value, int) else None))
    return made


def a_timeline(dice: random.Random) -> dict[str, str]:
    """A dispute that climbs some way, each step allowed; near clock changes, leap days and year ends now and then."""
    starts = ["2019-03-31", "2020-02-29", "2023-12-31", "2024-02-28", "2019-10-27"]
    day = dice.choice(starts) if dice.random() < 0.2 else oracle.walk("2018-04-01", dice.randrange(3000))
    made = {"raised": day}
    for rung in ("executive", "political"):
        day = oracle.walk(day, dice.randrange(40))
        made[f"referral:{rung}"] = day
        last = oracle.walk(day, 28)
        if dice.random() < 0.4:
            last = made[f"extension:{rung}"] = oracle.walk(last, dice.randrange(1, 90))
        if dice.random() < 0.2:
            return made
        day = oracle.walk(last, 1)
    day = made["referral:mediation"] = oracle.walk(day, dice.randrange(30))
    if dice.random() < 0.3:
        made["statement_period"] = str(dice.randrange(60))
    for kind in ("mediation_starts", "mediation_concluded", "mediation_failed"):
        if dice.random() < 0.15:
            continue
        day = made[kind] = oracle.walk(day, dice.randrange(60))
    return made


def as_events(timeline: dict[str, str]) -> list[Event]:
    return [
        Event(kind, days=int(value)) if kind == "statement_period" else Event(kind, on=dt.date.fromisoformat(value))
        for kind, value in timeline.items()
    ]


def test_ten_thousand_timelines_agree_with_the_wall_calendar_on_every_date():
    dice = random.Random(2018)  # noqa: S311 -- the same timelines every time
    reached = set()
    for _ in range(TIMELINES):
        timeline = a_timeline(dice)
        shuffled = as_events(timeline)
        dice.shuffle(shuffled)
        assert plain(reckon(PLAN_2018, shuffled)) == oracle.dates_2018(timeline), timeline
        reached |= set(timeline)
    assert reached == set(clocks.kinds(PLAN_2018))


def test_going_up_one_day_early_is_refused_with_the_day_from_which_it_is_open():
    dice = random.Random(28)  # noqa: S311 -- the same timelines every time
    tried = 0
    while tried < 500:
        timeline = a_timeline(dice)
        if "referral:mediation" not in timeline:
            continue
        opens = oracle.dates_2018(timeline)["political"]["next_rung_opens"]
        early = {kind: value for kind, value in timeline.items() if not kind.startswith("mediation")}
        early["referral:mediation"] = oracle.walk(opens, -1)
        with pytest.raises(Impossible, match="open from"):
            reckon(PLAN_2018, as_events(early))
        reckon(PLAN_2018, as_events(early | {"referral:mediation": opens}))
        tried += 1


def test_28_days_from_a_referral_last_until_the_end_of_day_28():
    found = reckon(PLAN_2018, events(raised="2019-03-01", referral_executive="2019-03-04"))
    assert found.periods["executive"].last_day == dt.date(2019, 4, 1)
    assert found.periods["executive"].next_rung_opens == dt.date(2019, 4, 2)


def test_court_opens_on_the_fifteenth_day_after_mediation_failed():
    climbed = events(
        referral_executive="2019-01-01",
        referral_political="2019-01-30",
        referral_mediation="2019-02-28",
        mediation_failed="2019-04-01",
    )
    assert reckon(PLAN_2018, climbed).court_opens == dt.date(2019, 4, 16)


def test_the_2020_terms_state_no_period_and_none_is_invented():
    found = reckon(TERMS_2020, events(raised="2020-02-01", referral_executive="2020-02-03"))
    assert plain(found) == {
        "executive": {"last_day": None, "next_rung_opens": None},
        "political": {"last_day": None, "next_rung_opens": None},
        "mediation": {"statements_due": None, "report_due": None},
        "court": {"opens": None},
    }


IMPOSSIBLE = {
    "a referral before the dispute": (
        PLAN_2018,
        {"raised": "2019-03-05", "referral_executive": "2019-03-04"},
        "raised",
    ),
    "a rung left out": (PLAN_2018, {"referral_political": "2019-03-04"}, "referral:executive"),
    "an extension of nothing": (PLAN_2018, {"extension_executive": "2019-05-01"}, "needs its referral"),
    "an extension no longer than the period": (
        PLAN_2018,
        {"referral_executive": "2019-03-04", "extension_executive": "2019-04-01"},
        "no longer than the period",
    ),
    "going up within an extension": (
        PLAN_2018,
        {"referral_executive": "2019-03-04", "extension_executive": "2019-05-01", "referral_political": "2019-04-02"},
        "open from 2 May 2019",
    ),
    "a mediation nobody referred": (PLAN_2018, {"mediation_starts": "2019-03-04"}, "referral:mediation"),
    "failed before it was referred": (
        PLAN_2018,
        {
            "referral_executive": "2019-01-01",
            "referral_political": "2019-01-30",
            "referral_mediation": "2019-02-28",
            "mediation_failed": "2019-02-27",
        },
        "before “referral:mediation”",
    ),
    "a rung that the ladder has not": (TERMS_2020, {"referral_political": "2020-03-04"}, "has no rung"),
    "a period that the ladder has not": (
        TERMS_2020,
        {"referral_executive": "2020-03-04", "extension_executive": "2020-05-01"},
        "nothing to extend",
    ),
    "mediation under a ladder without it": (TERMS_2020, {"mediation_failed": "2020-03-04"}, "has no rung"),
    "a kind that does not exist": (PLAN_2018, {"appeal": "2019-03-04"}, "There is no event"),
    "the far future": (PLAN_2018, {"raised": "9999-12-31"}, "a date from 1990 to 2200"),
    "too many days": (PLAN_2018, {"statement_period": 366}, "from 0 to 365"),
}


@pytest.mark.parametrize(("rule", "given", "says"), IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_what_cannot_have_happened_is_refused_in_a_sentence(rule, given, says):
    with pytest.raises(Impossible, match=says) as refusal:
        reckon(rule, events(**given))
    assert str(refusal.value).endswith(".")


def test_an_event_is_given_once_but_an_extension_can_follow_another():
    referred = events(referral_executive="2019-03-04")
    with pytest.raises(Impossible, match="twice"):
        reckon(PLAN_2018, referred * 2)
    twice = [*referred, *events(extension_executive="2019-05-01"), *events(extension_executive="2019-06-01")]
    assert reckon(PLAN_2018, twice).periods["executive"].last_day == dt.date(2019, 6, 1)


@pytest.mark.parametrize(
    ("pence", "parties", "each"),
    [
        (100_000, 2, [50_000, 50_000]),
        (100_001, 2, [50_001, 50_000]),
        (10, 3, [4, 3, 3]),
        (11, 3, [4, 4, 3]),
        (0, 2, [0, 0]),
    ],
)
def test_a_fee_is_shared_to_the_penny_and_odd_pence_go_to_those_named_first(pence, parties, each):
    assert shares(pence, parties) == each
    assert sum(each) == pence


@pytest.fixture
def ladders(db):
    call_command("loaddata", "fixtures/common/areas.yaml", "fixtures/common/partners.yaml", verbosity=0)
    call_command("loaddata", "fixtures/governance/terms-2020.yaml", "fixtures/governance/ladders.yaml", verbosity=0)


def test_the_loaded_ladders_state_the_same_rules(ladders):
    for rule in (PLAN_2018, TERMS_2020):
        assert clocks.rule_of(Ladder.objects.get(key=rule.key)) == rule


def test_the_command_prints_what_follows_and_saves_nothing(ladders, capsys, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        call_command("ladder_clock", "--ladder", "plan-2018", "--event", "referral:executive=2020-02-01", "--json")
    assert json.loads(capsys.readouterr().out) == {
        "executive": {"last_day": "2020-02-29", "next_rung_opens": "2020-03-01"},
        "political": {"last_day": None, "next_rung_opens": None},
        "mediation": {"statements_due": None, "report_due": None},
        "court": {"opens": None},
    }


@pytest.mark.parametrize(
    "given",
    [
        ["--ladder", "plan-2019"],
        ["--ladder", "plan-2018", "--event", "raised"],
        ["--ladder", "plan-2018", "--event", "raised=2019-02-29"],
        ["--ladder", "plan-2018", "--event", "statement_period=a week"],
        ["--ladder", "plan-2018", "--event", "referral:political=2019-03-04"],
    ],
)
def test_the_command_refuses_with_a_sentence_and_status_2(ladders, capsys, given):
    with pytest.raises(SystemExit) as ended:
        call_command("ladder_clock", *given)
    said = capsys.readouterr()
    assert ended.value.code == 2
    assert said.err.strip().endswith(".")
    assert not said.out


def test_the_page_of_worked_examples_is_what_the_code_reckons(ladders, capsys, settings):
    call_command("ladder_document")
    assert capsys.readouterr().out == (settings.BASE_DIR / "docs" / "ladder.md").read_text(encoding="utf-8")


def test_the_worked_examples_agree_with_the_wall_calendar():
    for example in EXAMPLES:
        if example.ladder == "plan-2018" and example.title != "Going up too early":
            assert plain(reckon(PLAN_2018, events_of(example))) == oracle.dates_2018(dict(example.events))
    assert len(EXAMPLES) == 12
