"""Nothing restricted comes out: every text of the Board's year holds a word of its own, and everybody asks for everything.

A published meeting with restricted items of every sort, one that is being prepared, one that was held and one that was
cancelled are made once. Each text field of them, found in the models, holds a word (`tests/canary.py`) that says who may
read it. Then each of the ten personas asks for every address of the matrix, for whatever link anybody was shown, for
their calendar, and reads what was e-mailed to them. That a word would be found is shown by those who may read it: each
field and each channel has somebody who does.
"""

import contextlib
import datetime as dt
import functools
import html
import io
import logging
import re
import types
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pikepdf
import pytest
from django.apps import apps
from django.contrib.auth.decorators import login_not_required
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.management import call_command
from django.db import models
from django.http import HttpResponse
from django.test import Client, TestCase, override_settings
from django.urls import NoReverseMatch, Resolver404, path, resolve, reverse

from governance.agendas import operations as agendas
from governance.meetings import operations as meetings
from governance.models import (
    AgendaItem,
    CaseStatement,
    Dispute,
    FamilySummary,
    Interest,
    Invitation,
    Ladder,
    Meeting,
    MeetingChange,
    MinuteCorrection,
    Minutes,
    Pack,
    Paper,
    PaperVersion,
    RedressRule,
    RegisteredInterest,
    Rung,
    TermsReview,
    ThemeConsidered,
)
from governance.models.minutes import OUT as OUT_FOR_COMMENT
from governance.packs import publish
from governance.papers import commissioning
from governance.papers import operations as papers
from governance.rounds import operations as rounds
from jcb import dates, files, guards, pdf
from jcb.history import Record
from jcb.models import Person
from needs.models import Engagement, Statement
from tests import canary, make
from tests.access_matrix import MATRIX, MAY_ON_SCREEN
from tests.addresses import board_cases, dispute_cases, needs_cases, on_day
from tests.canary import Words
from tests.conftest import NOW, PERSONAS
from tests.papers import docx, paragraph, tagged
from tests.papers import pdf as plain_pdf

pytestmark = [pytest.mark.pdf, pytest.mark.django_db]

(OUT, COUNCIL, NHS, OWNER, OTHER, LEAD, FORUM, OBSERVER, SECRETARY, ADMIN) = PERSONAS
EVERYONE = frozenset(PERSONAS) - {OUT}
MEMBERS = frozenset({COUNCIL, NHS, SECRETARY})
SITE = "https://board.example"

# Who may see an item of the world, and who may read what is written for it before it is published.
SEES = {
    "open": EVERYONE - {LEAD},
    "closed": MEMBERS,
    "for the lead": MEMBERS | {LEAD},
    "for the forum": MEMBERS | {FORUM},
    "presented": MEMBERS | {OWNER},
    "withheld": MEMBERS - {NHS},
    "taken off": MEMBERS,
    "late": MEMBERS,
}
WRITES = {"open": {OWNER}, "presented": {OWNER}}
DRAFTS = {name: (MEMBERS & sees) | WRITES.get(name, set()) for name, sees in SEES.items()}
STOPPED = {name: {SECRETARY} | WRITES.get(name, set()) for name in SEES}  # the clerk has still to decide about it


def restricted(kind: str) -> bool:
    return kind != "open"


# Written for an item, and read by others once it is published.
DRAFTED = (
    "governance.FrontSheet",
    "governance.Recommendation",
    "governance.ThemeConsidered",
    "governance.PaperVersion",
)

# Who may read the rows that are not about one agenda item, by model; of one that is, whoever may also see the item. A
# model with words that is neither here nor about an item fails the test below, which asks who may see it.
SEALED = frozenset({"nobody of the ten"})
OTHERS = {
    "governance.Action": EVERYONE,
    "governance.Agreement": EVERYONE,
    "governance.AgreementReview": EVERYONE,
    "governance.AgreementYear": EVERYONE,
    "governance.Appraisal": {SECRETARY},
    "governance.BodyMeeting": EVERYONE,
    "governance.Caution": EVERYONE,
    "governance.CaseStatement": SEALED,
    "governance.Clause": EVERYONE,
    "governance.ClosedDay": EVERYONE,
    "governance.Decision": EVERYONE,
    "governance.Dispute": {SECRETARY},
    "governance.DisputeEvent": {SECRETARY},
    "governance.FamilySummary": MEMBERS,  # not public yet
    "governance.ForwardItem": EVERYONE,
    "governance.Highlight": EVERYONE,
    "governance.Interest": EVERYONE,
    "governance.Ladder": EVERYONE,
    "governance.Meeting": EVERYONE,
    "governance.MeetingChange": EVERYONE,
    "governance.Membership": EVERYONE,
    "governance.Minutes": {SECRETARY},  # a draft
    "governance.MinuteCorrection": EVERYONE,
    "governance.PanelTheme": EVERYONE,
    "governance.ParentBody": EVERYONE,
    "governance.RedressCase": MEMBERS,
    "governance.RedressRule": EVERYONE,
    "governance.RegisteredInterest": MEMBERS,
    "governance.ReportsTo": EVERYONE,
    "governance.Risk": EVERYONE,
    "governance.RiskScore": EVERYONE,
    "governance.Rung": EVERYONE,
    "governance.Seat": EVERYONE,
    "governance.StandingItem": EVERYONE,
    "governance.Stance": EVERYONE,
    "governance.Terms": EVERYONE,
    "governance.TermsParty": EVERYONE,
    "governance.TermsReview": EVERYONE,
    "governance.UpwardReport": MEMBERS,  # a draft
}

# Fields that hold no words of anybody's, each with the reason.
NO_WORDS = {
    "*.key": "an address; a forward item's, which is made of its title, is given its word by hand",
    "*_sha256": "a fingerprint",
    "governance.CalendarFeed.*": "the fingerprint of a secret",
    "governance.Circulation.*": "an e-mail address",
    "governance.Minutes.data": "frozen when they are agreed, from what has words already",
    "governance.Pack.*": "made by publishing, from what has words already",
    "governance.PackContent.*": "made by publishing, from what has words already",
}
SHORTEST = 30  # characters that a field needs to take a word beside what it holds

# Fields whose words nobody is shown yet, each with the reason. One that somebody is shown has to be taken off.
NOT_SHOWN = {
    "governance.Minutes.positions": "shown where minutes are not agreed, and none of ours are that",
    "governance.DisputeEvent.rule": "kept beside a date, to reckon it again",
}  # fmt: skip


# Fields that a row may hold only in a state that ours are not in, each with the reason.
UNFILLED = {
    "governance.AgendaItem.withdrawn_because": "said when the item is taken off",
    "workstreams.ProgressUpdate.evidence_name": "there is no evidence in ours",
}


# What a row needs so that all its fields may hold words.
DAY = dt.date(2020, 9, 1)
GIVEN = {
    "governance.Risk": {"escalated_to": "The cabinet", "escalated_on": DAY, "answer": "Yes.", "answered_on": DAY},
    "governance.Stance": {"answer": "Yes.", "answered_on": DAY},
}


def fnmatch_any(name: str, patterns) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


def text_fields(model) -> list[models.Field]:
    """The fields of a model in which somebody's words can stand."""
    found = []
    for each in model._meta.concrete_fields:
        if not isinstance(each, models.CharField | models.TextField | models.JSONField) or each.choices:
            continue
        if isinstance(each, models.EmailField) or (each.max_length or SHORTEST) < SHORTEST:
            continue
        if not fnmatch_any(name_of(each), NO_WORDS):
            found.append(each)
    return found


def name_of(field_: models.Field) -> str:
    return f"{field_.model._meta.label}.{field_.name}"


def models_of_the_board() -> list[type[models.Model]]:
    kept = apps.get_app_config("governance").get_models()
    return [model for model in kept if not model._meta.label.endswith("History")]


def models_with_words() -> list[type[models.Model]]:
    return [model for model in models_of_the_board() if text_fields(model)]


# The world ------------------------------------------------------------------------------------------------------------


@dataclass
class World:
    """The record, its words, who asks, and what was e-mailed. Items are known by their kind and the key of the meeting
    that they were made for."""

    cast: dict[str, Person | None]
    folder: Path
    words: Words = field(default_factory=Words)
    items: dict[tuple[str, str], AgendaItem] = field(default_factory=dict)
    marked: set[tuple[str, int]] = field(default_factory=set)
    addresses: list[str] = field(default_factory=list)
    mails: list = field(default_factory=list)

    @property
    def secretary(self) -> Person:
        return self.cast[SECRETARY]

    def said(self, what: str, may) -> str:
        """What somebody types when they do something: why a meeting is moved, for example."""
        return f"{self.words.make('what was typed', what, may)}, they say."

    def mark(self, row: models.Model, where: str, may) -> None:
        """Put a word of its own into each text field of a row, before what stands there."""
        self.marked.add((row._meta.label, row.pk))
        for each in text_fields(type(row)):
            if fnmatch_any(name_of(each), UNFILLED):
                continue
            word, was = self.words.make(name_of(each), where, may), getattr(row, each.attname)
            value = [f"{word} found"] if isinstance(each, models.JSONField) else f"{word} {was}"[: each.max_length]
            models.QuerySet(type(row)).filter(pk=row.pk).update(**{each.attname: value})
            setattr(row, each.attname, value)
        if isinstance(row, Record):
            row.save()  # what is kept of it holds the words too

    def mark_item(self, item: AgendaItem, kind: str, *, published: bool) -> None:
        """Mark an item and every row behind it."""
        where = f"{kind}, {item.meeting.key}"
        self.mark(item, where, SEES[kind])
        for row in behind(item):
            label = row._meta.label
            may = SEES[kind] & frozenset(OTHERS.get(label, SEES[kind]))
            if isinstance(row, Interest):  # one's own words are no secret
                may |= {persona for persona, person in self.cast.items() if person == row.person}
            if label == "governance.PaperVersion":
                may = STOPPED[kind] if row.blocked else DRAFTS[kind]
            elif label in DRAFTED and not published:
                may = DRAFTS[kind]
            self.mark(row, where, may or SEALED)


def behind(row: models.Model, seen: set | None = None) -> list[models.Model]:
    """Every row of the Board's year that belongs to a row, or to one that does."""
    seen = set() if seen is None else seen
    found = []
    for link in _links(row):
        for each in link.related_model._base_manager.filter(**{link.field.name: row}):
            if (link.related_model, each.pk) not in seen:
                seen.add((link.related_model, each.pk))
                found += [each, *behind(each, seen)]
    return found


def fill(row: models.Model, done: set | None = None) -> None:
    """Let something of every kind stand behind a row, made by the functions of tests/make.py."""
    done = {type(row)} if done is None else done
    for link in _links(row):
        model, maker = link.related_model, maker_of(link.related_model)
        if model in done:
            continue
        there = model._base_manager.filter(**{link.field.name: row}).first()
        if there or maker:
            done.add(model)
            fill(there or maker(**{link.field.name: row}, **GIVEN.get(model._meta.label, {})), done)


def _links(row: models.Model) -> list:
    return [
        link
        for link in row._meta.related_objects
        if link.related_model in models_of_the_board() and link.related_model not in (AgendaItem, Meeting, Pack)
    ]


def maker_of(model):
    """The function of tests/make.py that makes a row of a model, where there is one."""
    return getattr(make, "make_" + re.sub(r"(?<!^)(?=[A-Z])", "_", model.__name__).lower(), None)


def hand_in(world: World, paper: Paper, kind: str, may, *, blocked: bool = False) -> PaperVersion:
    """The next version of a paper: pages that hold a word wherever a PDF can, and an original with one that is hidden."""
    where = f"{kind}, {paper.item.meeting.key}"
    words = {
        part: world.words.make(f"paper: {part}", where, may)
        for part in ("words", "heading", "title", "author", "address", "alternative text", "actual text")
    }
    hidden = world.words.make("paper: hidden in the original", where, STOPPED[kind])
    pages = with_words(tagged(), words)
    by = world.secretary
    return make.make_paper_version(
        paper=paper,
        original=files.keep(docx(paragraph(hidden, run="<w:vanish/>")), extension="docx", by=by),
        original_name="paper.docx",
        pages=files.keep(pages, extension="pdf", by=by),
        is_tagged=True,
        blocked=blocked,
        clerk_decided="" if blocked else "It may be printed.",
        findings=["A comment was found."],
        by=by,
    )


def with_words(content: bytes, words: dict[str, str]) -> bytes:
    """The same tagged PDF with words in every place of it that somebody can read or listen to."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        page = pdf.pages[0].obj
        page.Resources.Font.Words = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
        drawn = page.Contents.read_bytes().partition(b"EMC")
        line = f"BT /Words 9 Tf 72 90 Td ({words['words']}) Tj ET\n".encode()
        page.Contents = pdf.make_stream(drawn[0] + line + drawn[1] + drawn[2])
        link = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String(f"{SITE}/{words['address']}"))
        page.Annots[0].A = link
        tags = [each for each in pdf.objects if isinstance(each, pikepdf.Dictionary) and "/S" in each and "/P" in each]
        tags[0].Alt = pikepdf.String(words["alternative text"])
        tags[-1].ActualText = pikepdf.String(words["actual text"])
        with pdf.open_outline() as outline:
            outline.root[0].title = words["heading"]
        pdf.docinfo["/Title"], pdf.docinfo["/Author"] = words["title"], words["author"]
        pdf.save(out)
    return out.getvalue()


def add_item(world: World, meeting: Meeting, kind: str, theme, *, published: bool = False, item=None) -> AgendaItem:
    """An item with a plan for it, a front sheet, papers, and whoever is invited."""
    writer = next((world.cast[each] for each in WRITES.get(kind, ())), None)
    where = f"{kind}, {meeting.key}"
    plan_seen_by = SEES[kind] if restricted(kind) else EVERYONE
    key = world.words.make("governance.ForwardItem.key", where, plan_seen_by)
    plan = make.make_forward_item(key=key, meeting=meeting, note="Planned.")
    world.mark(plan, where, plan_seen_by)
    given = {"forward": plan, "minutes": 5, "purpose": "decide", "restricted": restricted(kind)}
    given["presenter"] = writer if kind == "presented" else None
    if item is None:
        item = make.make_agenda_item(meeting=meeting, **given)
    else:
        item.forward = plan
        item.save()
    world.items[kind, meeting.key] = item
    sheet = make.make_front_sheet(
        item=item, recommendations=("agree it", "note it"), author=writer, director="Director of Public Health"
    )
    ThemeConsidered.objects.create(front_sheet=sheet, theme=theme)
    paper = make.make_paper(item=item, author=writer, state=Paper.State.RECEIVED)
    hand_in(world, paper, kind, SEES[kind] if published else DRAFTS[kind])
    if writer:
        make.make_paper(item=item, author=writer, state=Paper.State.TO_FOLLOW)
    for guest, item_of_theirs in ((LEAD, "for the lead"), (FORUM, "for the forum")):
        if kind == item_of_theirs:
            Invitation.objects.create(item=item, person=world.cast[guest])
    if kind == "withheld":
        make.make_interest(item=item, person=world.cast[NHS], withholds=True, managed="withheld")
    return item


def build(world: World) -> None:
    """Make the record, put words into it, and let everything happen that sends an e-mail."""
    plan = make.make_plan(slug="kensington")
    theme = make.make_theme(plan=plan)
    waits = make.make_indicator(key="waits")
    make.make_observation(definition=make.make_definition(indicator=waits, number=2))
    stream = make.make_workstream(plan=plan)
    owner = world.cast[OWNER]
    deliverable = make.make_deliverable(workstream=stream, lead=owner, partner=owner.partner)
    make.make_lead(workstream=stream, person=owner)
    make.make_update(deliverable=deliverable, status="off track", at=on_day(2020, 7, 1))
    make.make_board_settings(attach_pack=True)
    cases = {
        **dispute_cases("Closed", world.cast[COUNCIL], world.cast[NHS]),
        **board_cases("Open", stream, deliverable, owner),
        **needs_cases("Open", waits),
    }
    terms = make.make_terms(in_force_from=dt.date(2020, 1, 1))
    published, cancelled, prepared = (
        make.make_meeting(terms=terms, starts_at=on_day(*day), series_on=dt.date(2020, 10, 4))
        for day in ((2020, 10, 5), (2020, 10, 19), (2020, 11, 30))
    )
    held = make.make_held_meeting(terms=terms)
    make.make_clause(terms=terms)
    make.make_reports_to(terms=terms)
    make.make_highlight(meeting=published, workstream=stream)
    for kind in SEES:
        if kind not in ("late", "presented"):
            add_item(world, published, kind, theme, published=True)
    for kind in ("open", "for the lead", "presented"):
        add_item(world, cancelled, kind, theme)
    make.make_minutes(meeting=held, state="circulated", comments_until=dt.date(2020, 9, 30))
    for number, kind in enumerate(("open", "closed", "withheld"), start=1):
        fill(item := add_item(world, held, kind, theme))
        MinuteCorrection.objects.create(
            minutes=held.minutes, number=number, item=item, text="Not so.", by=world.secretary
        )
    for (kind, meeting), item in world.items.items():
        world.mark_item(item, kind, published=meeting == published.key)
    for dispute in Dispute.objects.filter(raised_by=world.cast[COUNCIL]):
        mark_dispute(world, dispute)
    ladder = Ladder.objects.create(key="ladder", title="Ladder", in_force_from=DAY, stands_in="Section 6")
    Rung.objects.create(ladder=ladder, order=1, key="board", name="Board", who="The Board", text="It is put to it.")
    RedressRule.objects.create(key="rule", order=1, title="Mediation", text="It is offered.")
    TermsReview.objects.create(terms=terms, on=DAY, outcome="They stay.", by=world.secretary)
    MeetingChange.objects.create(meeting=published, kind="place", because="Floods.", by=world.secretary)
    for row in (deliverable, deliverable.updates.get()):
        world.mark(row, "the programme", EVERYONE)
    statement = Statement.objects.get()  # public in other words than it has now, and without the reply to it
    for row in (statement, make.make_response(statement=statement, because="It costs more."), Engagement.objects.get()):
        world.mark(row, "what is known", EVERYONE)
    mark_the_rest(world)
    happen(world, published, cancelled, prepared)
    for pack in Pack.objects.filter(data__items=[]):
        models.QuerySet(Pack).filter(pk=pack.pk).update(data={**pack.data, "places": {}})
    world.addresses = addresses(world, cases)


def mark_dispute(world: World, dispute: Dispute) -> None:
    """A dispute is read by those who stand for its parties and by the secretariat; a sealed statement by its own party."""
    for row in (dispute, *dispute.events.all()):
        world.mark(row, "the dispute", MEMBERS)
    for statement in CaseStatement.objects.filter(party__dispute=dispute):
        world.mark(statement, "the dispute", {COUNCIL})


def mark_the_rest(world: World) -> None:
    """Mark everything that is not about an item of ours; of a model without a row, one is made."""
    for item in AgendaItem.objects.exclude(pk__in=[item.pk for item in world.items.values()]):
        world.mark_item(item, "open", published=False)
    for model in models_with_words():
        label, maker = model._meta.label, maker_of(model)
        if label in OTHERS and maker and not any(marked == label and pk for marked, pk in world.marked):
            maker(**GIVEN.get(label, {}))
        for row in model._base_manager.all():
            if (label, row.pk) not in world.marked:
                world.mark(row, "the Board", readers_of(world, row))


def readers_of(world: World, row: models.Model) -> Collection[str]:
    """Who may read a row that is not about one agenda item: as the table of models says, and of some by their state."""
    if isinstance(row, FamilySummary) and row.state == FamilySummary.State.PUBLIC:
        return PERSONAS
    if isinstance(row, Minutes):
        return EVERYONE if row.state in OUT_FOR_COMMENT else MEMBERS  # whose chair is not recorded: any member checks
    if isinstance(row, RegisteredInterest):  # one's own entries are no secret
        return MEMBERS | {persona for persona, person in world.cast.items() if person == row.person}
    return OTHERS.get(row._meta.label, ())


def happen(world: World, published: Meeting, cancelled: Meeting, prepared: Meeting) -> None:
    """Publish, change what was published and add to it; move, cancel, ask, remind and send back."""
    by = world.secretary
    with TestCase.captureOnCommitCallbacks(execute=True):
        off = world.items["taken off", published.key]
        agendas.withdraw_item(item=off, by=by, because=world.said("why it was taken off", SEES["taken off"]))
        publish.publish(meeting=published, by=by, number=1, site=SITE)
    late = agendas.add_item(
        meeting=published,
        by=by,
        item=AgendaItem(title="Late", minutes=5, restricted=True),
        after=world.items["closed", published.key],
    )
    add_item(world, published, "late", make.make_theme(), published=True, item=late)
    world.mark_item(late, "late", published=True)
    with TestCase.captureOnCommitCallbacks(execute=True):
        words = world.said("what is new in the supplement", SEES["late"])
        publish.publish(meeting=published, by=by, kind=Pack.Kind.SUPPLEMENT, number=1, words=words, site=SITE)
    change_since(world, published)
    with TestCase.captureOnCommitCallbacks(execute=True):
        why, place = world.said("why it is moved", EVERYONE), world.said("where to", EVERYONE)
        row = Meeting.objects.get(pk=published.pk)
        meetings.move_place(meeting=row, by=by, seen=row.version, venue=place, because=why)
        why = world.said("why it is cancelled", EVERYONE)
        row = Meeting.objects.get(pk=cancelled.pk)
        meetings.cancel(meeting=row, by=by, seen=row.version, because=why, moved_to=prepared)
        asked_in, _ = rounds.open_round(meeting=prepared, by=by)
        rounds.nudge(asked_in=asked_in, by=by)
        call_command("remind", stdout=io.StringIO())
        for kind in ("open", "presented"):
            item = AgendaItem.objects.get(pk=world.items[kind, cancelled.key].pk)
            commissioning.remind(paper=item.papers.get(order=2), by=by)
            words = world.said("what the author is to do", STOPPED[kind])
            papers.send_back(version=item.papers.get(order=1).latest, by=by, words=words)
    world.mails = list(mail.outbox)


def change_since(world: World, published: Meeting) -> None:
    """Write on at what was published: new words of front sheets, and new versions of papers, one that is stopped."""
    for (kind, meeting), item in world.items.items():
        if meeting != published.key or kind == "taken off":
            continue
        stops = kind == "closed"
        version = hand_in(world, item.papers.get(order=1), kind, (STOPPED if stops else DRAFTS)[kind], blocked=stops)
        world.mark(version, f"{kind}, since", (STOPPED if stops else DRAFTS)[kind])
        for row in behind(item):
            if row._meta.label in DRAFTED and not isinstance(row, PaperVersion):
                world.mark(row, f"{kind}, since", DRAFTS[kind])


# Asking for everything ------------------------------------------------------------------------------------------------


def addresses(world: World, cases) -> list[str]:
    """Every address of the matrix that is read, for every meeting, item, paper and pack there is."""
    found = []
    of_meetings = [name.removeprefix("governance:") for name, method in MATRIX if method == "GET"]
    for key in ("2020-10-05", "2020-11-30"):  # published, and being prepared
        found += [each for each in _reversed(of_meetings, [key]) if each.startswith(f"/meetings/{key}/")]
    for item in AgendaItem.objects.filter(pk__in=[each.pk for each in world.items.values()]).select_related("meeting"):
        of_item = [item.meeting.key, item.pk]
        found += _reversed(["agenda_item", "front_sheet", "front_sheet_read", "papers"], of_item)
        for paper in item.papers.all():
            found += _reversed(["paper"], [*of_item, paper.order])
            for version in paper.versions.all():
                found += _reversed(["paper_original", "paper_pages"], [*of_item, paper.order, version.number])
        found += _reversed(["forward_item"], [item.forward.key])
    for pack in Pack.objects.select_related("meeting"):
        found += _reversed(["pack_pdf", "pack_sent"], [pack.meeting.key, pack.pk])
    for name, method in MATRIX:
        if method == "GET":
            with contextlib.suppress(NoReverseMatch):
                found.append(reverse(name))
    found += [
        reverse("governance:minutes", args=[row.meeting.key]) for row in Minutes.objects.select_related("meeting")
    ]
    for (name, _), case in cases.items():
        if ("dispute" in name or "statement" in name) and (name, "GET") in MATRIX:
            found.append(case.url(name))
    for label in MAY_ON_SCREEN:
        model = apps.get_model(label)
        screen = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        found += [reverse(f"{screen}_changelist"), reverse(f"{screen}_add")]
        if row := model._default_manager.first():
            found += [reverse(f"{screen}_{page}", args=[row.pk]) for page in ("change", "delete", "history")]
    plan, stream = ["kensington"], ["kensington", 1]
    for name, args in {
        "governance:documents": plan, "governance:document": [*plan, "action-plan"], "workstreams:plan": plan,
        "needs:indicator": ["waits"], "needs:indicator_csv": ["waits"], "governance:thread": stream,
        "workstreams:themes": plan, "workstreams:workstream": stream, "workstreams:deliverable": [*stream, 1],
    }.items():  # fmt: skip
        address = reverse(name, args=args)
        found += [address, f"{address}?as_at=2020-09-01"]
    found += [f"{reverse(name)}?as_at=2020-09-01" for name in ("governance:home", "workstreams:deliverables")]
    found += [
        reverse("account_confirm_email", args=["a-key"]),
        reverse("account_reset_password_from_key", args=["zzzzz", "a-key"]),
        reverse("mfa_edit_webauthn", args=[1]),
        reverse("mfa_remove_webauthn", args=[1]),
        reverse("openid_connect_login", args=["directory"]),
        reverse("openid_connect_callback", args=["directory"]),
        reverse("admin:app_list", args=["workstreams"]),
        reverse("admin:view_on_site", args=[1, 1]),
        reverse("workstreams:evidence", args=[*stream, 1, 1]),
    ]
    there = {resolve(address.partition("?")[0]).view_name for address in found}
    found += [case.url(name) for (name, _), case in cases.items() if (name, "GET") in MATRIX and name not in there]
    return list(dict.fromkeys(found))


def _reversed(names: list[str], args: list) -> list[str]:
    found = []
    for name in names:
        with contextlib.suppress(NoReverseMatch):
            found.append(reverse(f"governance:{name}", args=args))
    return found


@dataclass
class Sighting:
    """Words that somebody was shown."""

    persona: str
    where: str
    channel: str
    words: set[str]


@dataclass
class Walk:
    """What everybody was shown: every address of the world, and whatever links were on the way."""

    sightings: list[Sighting] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    failed: list[str] = field(default_factory=list)

    def look(self, persona: str, where: str, found: canary.Found, known: Collection[str] = ()) -> None:
        """Keep what was shown; `known` are words that the reader had before, since they asked by them."""
        self.sightings += [Sighting(persona, where, channel, words - set(known)) for channel, words in found.items()]

    def leaks(self, words: Words) -> list[str]:
        """What somebody saw that is not theirs, in sentences."""
        return sorted(
            {
                f"{each.persona} saw {words.say(word)} at {each.where} ({each.channel})"
                for each in self.sightings
                for word in words.not_for(each.persona, each.words)
            }
        )


LINK = re.compile(r"""(?:href|src|hx-get)=["']([^"'#]+)""")
AWAY = ("/accounts/", "/static/", "/admin/logout/", "/admin/jsi18n/")
MOST = 1  # addresses of one kind that are asked for just because there is a link to them


def walk(clients: dict[str, Client], start: list[str], *, follow: bool = True) -> Walk:
    """Let everybody ask for every address, and for whatever anybody finds a link to."""
    done, queue, counts = Walk(), list(start), Counter()
    done.asked.update(queue)
    while queue:
        address = queue.pop()
        for persona, client in clients.items():
            if address.startswith("/admin/") and persona not in (OUT, OBSERVER, SECRETARY, ADMIN):
                continue  # tests/test_access.py: nobody else opens a screen of the reference records
            answer = client.get(address)
            done.look(persona, address, canary.in_answer(answer), known=canary.words_in(address))
            if answer.status_code >= 500 and answer.status_code != 503:
                done.failed.append(f"{address}: {answer.status_code} for {persona}")
            if not follow or answer.streaming or "html" not in answer.headers.get("Content-Type", ""):
                links = [answer.headers["Location"]] if follow and "Location" in answer.headers else []
            else:
                links = LINK.findall(answer.content.decode())
            for link in links:
                link = link_within(address, link)
                if link and link not in done.asked and _wanted(link, counts):
                    done.asked.add(link)
                    queue.append(link)
    return done


def link_within(page: str, link: str) -> str | None:
    """The address of a link to one of our own pages."""
    parts = urlsplit(urljoin(f"http://testserver{page}", html.unescape(link)))
    if parts.netloc != "testserver" or parts.path.startswith(AWAY):
        return None
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _wanted(link: str, counts: Counter) -> bool:
    try:
        match = resolve(link.partition("?")[0])
    except Resolver404:
        return False
    kind = match.view_name, "?" in link
    counts[kind] += 1
    return counts[kind] <= MOST


@pytest.fixture(scope="module")
def world(standing) -> World:
    """The record with its words. It stays for the file's tests, each of which is undone by itself."""
    mail.outbox = []
    guards.take_down()  # words are put behind everybody's back into rows that are written once
    made = World(make_cast(), standing)
    build(made)
    return made


@pytest.fixture(scope="module")
def walked(world, django_db_blocker) -> Walk:
    """Everybody has asked for everything, once for this file."""
    logging.disable()  # refusals are logged, thousands of them here
    try:
        # The same pages are drawn once, however many ask for them.
        with pytest.MonkeyPatch.context() as patch, override_settings(FILES_ROOT=world.folder), dates.held_at(NOW):
            patch.setattr(pdf, "render_pdf", functools.cache(pdf.render_pdf))
            with django_db_blocker.unblock():
                return walk(clients_of(world), world.addresses)
    finally:
        logging.disable(logging.NOTSET)


def make_cast() -> dict[str, Person | None]:
    """The ten of tests/conftest.py, made once for this file."""
    council = make.make_partner(name="The Council", is_party=True)
    nhs = make.make_partner(name="The NHS commissioner", side="nhs", is_party=True)
    roles = {
        COUNCIL: ("board member", council), NHS: ("board member", nhs), OWNER: ("commissioner", council),
        OTHER: ("commissioner", nhs), LEAD: ("invited lead", None), FORUM: ("forum representative", None),
        OBSERVER: ("observer", None), SECRETARY: ("secretariat", None), ADMIN: ("administrator", None),
    }  # fmt: skip
    cast = {
        persona: make.make_person(role=role, name=persona.capitalize(), partner=partner)
        for persona, (role, partner) in roles.items()
    }
    return {OUT: None, **cast}


def clients_of(world: World) -> dict[str, Client]:
    clients = {}
    for persona, person in world.cast.items():
        clients[persona] = Client()
        if person:
            clients[persona].force_login(person)
    return clients


# The tests ------------------------------------------------------------------------------------------------------------


def test_every_text_of_the_boards_year_holds_a_word(world):
    """A new model or field is marked by itself, or this says what is missing."""
    given = {secret.field for secret in world.words.given.values()}
    expected = {name_of(each) for model in models_with_words() for each in text_fields(model)}
    missing = {name for name in expected - given if not fnmatch_any(name, UNFILLED)}
    assert missing == set(), "The world of tests/test_canary.py has no row of these: make one in `build`."
    nobodys = {secret.field for secret in world.words.given.values() if not secret.may}
    assert nobodys == set(), "Who may see these? Give their model a line in OTHERS of tests/test_canary.py."


def test_every_address_was_asked_for(walked):
    asked = {resolve(address.partition("?")[0]).view_name for address in walked.asked}
    screens = {
        f"admin:{label.replace('.', '_')}_{page}"
        for label in MAY_ON_SCREEN
        for page in ("changelist", "add", "change", "delete", "history")
        if apps.get_model(label)._default_manager.exists()
    }
    assert ({name for name, method in MATRIX if method == "GET"} | screens) - asked == set()


def test_nobody_is_shown_what_is_not_theirs(world, walked):
    assert walked.failed == []
    assert walked.leaks(world.words) == []


def test_nobody_is_sent_what_is_not_theirs_and_what_is_restricted_is_in_no_e_mail_about_a_pack(world):
    post = read_post(world, world.mails)
    assert post.leaks(world.words) == []
    subjects = " ".join(message.subject for message in world.mails)
    for said in ("Pack for", "Supplement 1", "cancelled", "will be at", "Your update", "Still waiting", "Paper wanted",
                 "Please hand in"):  # fmt: skip
        assert said in subjects
    packs = read_post(world, [each for each in world.mails if each.subject.startswith(("Pack", "Supplement"))])
    said = {word for each in packs.sightings for word in each.words}
    assert {world.words.say(word) for word in said if not world.words.given[word].may >= EVERYONE - {LEAD}} == set()
    assert {"e-mail", "attached PDF text"} <= {each.channel for each in packs.sightings}


def test_a_calendar_holds_what_may_be_read_anywhere_and_nothing_else(world, its_files):
    seen = Walk()
    for persona, client in list(clients_of(world).items())[1:]:
        page = client.post(reverse("governance:calendar")).content.decode()
        address = re.search(r"http://testserver(/calendar/[\w-]+\.ics)", page)[1]
        seen.look(persona, "the calendar", canary.in_answer(Client().get(address)))
    assert seen.leaks(world.words) == []
    said = {word for each in seen.sightings for word in each.words}
    assert not any(
        restricted(world.words.given[word].where.partition(",")[0]) for word in said if is_of_item(world, word)
    )
    assert any(is_of_item(world, word) for word in said)


def test_an_export_holds_what_its_audience_may_see(world, its_files, tmp_path):
    for audience, persona, also in (("board", COUNCIL, "closed"), ("open", OBSERVER, "open")):
        file, said = tmp_path / f"{audience}.pdf", io.StringIO()
        call_command("export", "pack", "2020-10-05", "-o", str(file), "--audience", audience, stdout=said)
        export = Walk()
        export.look(persona, f"the export for {audience}", canary.in_file(file.read_bytes()))
        export.look(OBSERVER, "what the command says", {"command": canary.words_in(said.getvalue())})
        assert export.leaks(world.words) == []
        assert also in {
            world.words.given[word].where.partition(",")[0] for each in export.sightings for word in each.words
        }


def test_what_a_cancelled_meeting_passes_on_is_shown_to_the_same_people(world, its_files):
    published, prepared = Meeting.objects.get(key="2020-10-05"), Meeting.objects.get(key="2020-11-30")
    before, mail.outbox = set(AgendaItem.objects.values_list("pk", flat=True)), []
    with TestCase.captureOnCommitCallbacks(execute=True):
        why = world.said("why the published one is cancelled", EVERYONE)
        meetings.cancel(meeting=published, by=world.secretary, seen=published.version, because=why, moved_to=prepared)
    names = ("meeting", "agenda", "pack_read", "highlight")
    asked = [
        *_reversed(names, [published.key]),
        *_reversed(names, [prepared.key]),
        *_reversed(("meetings", "forward"), []),
    ]
    for item in AgendaItem.objects.exclude(pk__in=before):
        of_item = [prepared.key, item.pk]
        asked += _reversed(("agenda_item", "front_sheet_read", "papers"), of_item)
        asked += _reversed(("paper_original", "paper_pages"), [*of_item, 1, 1])
    seen = walk(clients_of(world), asked, follow=False)
    assert seen.failed == []
    assert seen.leaks(world.words) == []
    assert read_post(world, mail.outbox).leaks(world.words) == []
    assert any(each.words for each in seen.sightings if f"{prepared.key}/agenda/" in each.where)


# That a leak would be found -------------------------------------------------------------------------------------------


def test_every_word_is_shown_to_somebody_who_may_see_it(world, walked):
    """The control of all the above: it says of every field on which channels its words come out."""
    post = read_post(world, world.mails)
    shown = {
        world.words.given[word].field
        for each in (*walked.sightings, *post.sightings)
        for word in each.words
        if word in world.words.given
    }
    silent = {secret.field for secret in world.words.given.values()} - shown
    assert {name for name in silent if not fnmatch_any(name, NOT_SHOWN)} == set(), (
        "Nobody is shown these: is the page not asked for? Give it its addresses, or these a line in NOT_SHOWN."
    )
    stale = {pattern for pattern in NOT_SHOWN if any(fnmatch(name, pattern) for name in shown)}
    assert stale == set(), "These are shown now: take the lines off NOT_SHOWN."


def test_every_channel_carries_words_to_those_who_may_see_them(world, walked):
    channels = {each.channel for each in (*walked.sightings, *read_post(world, world.mails).sightings)}
    assert channels == {
        "page", "header", "spreadsheet", "office file", "e-mail", "e-mail head",
        "PDF text", "PDF bookmarks", "PDF metadata", "PDF tags", "PDF anything",
        "attached PDF text", "attached PDF bookmarks", "attached PDF tags", "attached PDF anything",
    }  # fmt: skip


def test_everybody_sees_the_items_that_are_theirs(world, walked):
    seen = {
        (each.persona, world.words.given[word].where.partition(",")[0])
        for each in walked.sightings
        for word in each.words
        if is_of_item(world, word)
    }
    assert seen == {(persona, kind) for kind in SEES for persona in SEES[kind]}


def leaky(kind: str, words: list[str]):
    """A view that shows words to everybody, on one channel."""

    def view(request):
        if kind == "page":
            return HttpResponse("<p>" + words[0])
        if kind == "refusal":
            return HttpResponse(f"There is no {words[0]}.", status=404)
        if kind == "header":
            return HttpResponse("Nothing", headers={"X-About": words[0]})
        if kind == "calendar":
            return HttpResponse(f"SUMMARY:{words[0][:4]}\r\n {words[0][4:]}", content_type="text/calendar")
        return HttpResponse(pdf_with(kind, words[0]), content_type="application/pdf")

    return view


def pdf_with(place: str, word: str) -> bytes:
    """A PDF that holds a word in one place."""
    made, out = pikepdf.open(io.BytesIO(plain_pdf())), io.BytesIO()
    if place == "PDF attachments":
        made.attachments["note.txt"] = f"A note: {word}".encode()
    elif place == "PDF bookmarks":
        with made.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem(word, 0))
    elif place == "PDF metadata":
        with made.open_metadata() as meta:
            meta["dc:description"] = word
    elif place == "PDF tags":
        tag = pikepdf.Dictionary(S=pikepdf.Name.Figure, P=made.Root, Alt=pikepdf.String(word))
        made.Root.StructTreeRoot = made.make_indirect(pikepdf.Dictionary(K=made.make_indirect(tag)))
    else:
        made.pages[0].obj.Contents = made.make_stream(f"BT /F1 9 Tf ({word[:5]}) Tj ({word[5:]}) Tj ET".encode())
    made.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


@pytest.mark.parametrize(
    "kind",
    [
        "page",
        "refusal",
        "header",
        "calendar",
        "PDF text",
        "PDF bookmarks",
        "PDF metadata",
        "PDF tags",
        "PDF attachments",
    ],
)
def test_a_view_that_leaks_is_caught(world, kind):
    word = next(word for word, secret in world.words.given.items() if secret.where == "closed, 2020-10-05")
    leaking = types.ModuleType("leaking")
    leaking.urlpatterns = [path("meetings/leak/", login_not_required(leaky(kind, [word])))]
    with override_settings(ROOT_URLCONF=leaking):
        seen = walk({OBSERVER: Client(), SECRETARY: Client()}, ["/meetings/leak/"], follow=False)
    (leak, *more) = seen.leaks(world.words)
    assert leak.startswith(f"{OBSERVER} saw ")
    assert any(each.endswith(f"at /meetings/leak/ ({kind})") for each in (leak, *more))


def test_an_e_mail_that_leaks_is_caught(world):
    word = next(word for word, secret in world.words.given.items() if secret.where == "closed, 2020-10-05")
    to = world.cast[OBSERVER].email
    for message in (
        EmailMultiAlternatives(word, "Words.", to=[to]),
        EmailMultiAlternatives("Hello", f"Words, {word}.", to=[to]),
        EmailMultiAlternatives("Hello", "Words.", to=[to], attachments=[("a.pdf", pdf_with("PDF text", word), None)]),
    ):
        assert read_post(world, [message]).leaks(world.words)


def is_of_item(world: World, word: str) -> bool:
    """Whether a word stands in an agenda item of ours or behind one; of an open item, the plan for it does not count."""
    secret = world.words.given.get(word)
    kind = secret.where.partition(",")[0] if secret else ""
    if secret and secret.field.startswith("governance.Interest."):  # whoever declared it may read it all the same
        return False
    return kind in SEES and (restricted(kind) or not secret.field.startswith("governance.ForwardItem"))


def read_post(world: World, post: list) -> Walk:
    """What everybody is sent. Of those who are not among the ten, members count as members, the others as observers."""
    others = Person.objects.filter(role="board member").values_list("email", flat=True)
    by_address = dict.fromkeys(others, COUNCIL)
    by_address |= {person.email: persona for persona, person in world.cast.items() if person}
    seen = Walk()
    for message in post:
        for address in message.recipients():
            seen.look(by_address.get(address, OBSERVER), f"“{message.subject}”", canary.in_mail(message))
    return seen
