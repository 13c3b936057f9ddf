"""Test data by plain functions: each makes one record, with everything it needs that was not given.

    make_deliverable(lead=make_person(name="Commissioner for therapies"), own_due_on=date(2020, 4, 30))

Keyword arguments are the model's own fields. All names are invented, and of roles.
"""

import datetime as dt
import itertools

from governance.meetings import calendar
from governance.models import (
    Action,
    ActionUpdate,
    AgendaItem,
    Agreement,
    AgreementParty,
    AgreementReview,
    AgreementYear,
    Appraisal,
    Attendance,
    BodyMeeting,
    CaseStatement,
    Caution,
    Clause,
    ClosedDay,
    Contribution,
    Decision,
    Dispute,
    DisputeEvent,
    DisputeParty,
    Extension,
    FamilySummary,
    ForwardItem,
    FrontSheet,
    Highlight,
    Interest,
    InterestsReturn,
    Invitation,
    Ladder,
    Meeting,
    Membership,
    Minute,
    MinuteComment,
    MinuteCorrection,
    Minutes,
    Movement,
    Pack,
    PackContent,
    PanelTheme,
    Paper,
    PaperVersion,
    ParentBody,
    Recommendation,
    RedressCase,
    RegisteredInterest,
    ReportsTo,
    Representation,
    Risk,
    RiskScore,
    Round,
    Rung,
    Seat,
    Stance,
    StandingItem,
    Terms,
    TermsParty,
    UpwardReport,
)
from jcb import dates, files
from jcb.models import Area, BoardSettings, Document, Notice, Partner, Person, StoredFile
from needs.models import (
    Definition,
    Engagement,
    EngagementPrinciple,
    Finding,
    Indicator,
    JsnaTheme,
    Moderation,
    Observation,
    PrincipleFollowed,
    PublishedClaim,
    Response,
    Source,
    Statement,
    StatementArea,
)
from workstreams.models import (
    Achievement,
    Alias,
    Consideration,
    Deliverable,
    Lead,
    Lineage,
    Measure,
    Milestone,
    Plan,
    ProgressUpdate,
    Section,
    Service,
    Status,
    StatusDefinition,
    Strategy,
    Theme,
    Thread,
    Workstream,
)

PASSWORD = "a long walk by the canal"
# Round and round within what a small integer holds: much of what a number stands in, an order or a paper's number, is
# one, and PostgreSQL refuses more. A whole lap is thousands of tests long, and each of them is undone.
_numbers = itertools.cycle(range(1, 2**15))


def next_number() -> int:
    """A number that no other record of this run has."""
    return next(_numbers)


def make_area(**given) -> Area:
    n = next_number()
    return Area.objects.create(**{"key": f"borough-{n}", "name": f"Borough {n}", "kind": Area.Kind.BOROUGH, **given})


def make_partner(**given) -> Partner:
    n = next_number()
    return Partner.objects.create(
        **{
            "key": f"partner-{n}",
            "name": f"Partner {n}",
            "short_name": f"Partner {n}",
            "side": Partner.Side.COUNCIL,
            "kind": Partner.Kind.COUNCIL,
            "is_party": True,
            **given,
        }
    )


def make_person(*, role: str = Person.Role.COMMISSIONER, password: str | None = None, **given) -> Person:
    """Someone with a role. Without a password they sign in by the `sign_in` fixture only, which is quicker."""
    n = next_number()
    return Person.objects.create_user(
        **{"email": f"person-{n}@board.example", "name": f"{Person.Role(role).label} {n}", **given},
        role=role,
        password=password,
    )


def make_board_settings(**given) -> BoardSettings:
    return BoardSettings.objects.create(**given)


def make_notice(**given) -> Notice:
    return Notice.objects.create(
        **{
            "rule": "reminder",
            "object_key": f"record-{next_number()}",
            "person": given.get("person") or make_person(),
            "on": dates.today(),
            "subject": "Something to look at",
            "text": "Please look at it.",
            **given,
        }
    )


def make_stored_file(**given) -> StoredFile:
    """The row alone: `jcb.files.keep` keeps real bytes."""
    defaults = {"extension": "pdf", "media_type": "application/pdf", "size": 1, "sha256": f"{next_number():064x}"}
    return StoredFile.objects.create(**{**defaults, **given})


def make_document(**given) -> Document:
    return Document.objects.create(
        **{
            "kind": "plan",
            "subject": f"plan-{next_number()}",
            "as_at": dates.today(),
            "data_sha256": f"{next_number():064x}",
            "file": given.get("file") or make_stored_file(),
            "pages": 1,
            **given,
        }
    )


# What we know


def make_source(**given) -> Source:
    n = next_number()
    return Source.objects.create(**{"key": f"source-{n}", "title": f"Source {n}", **given})


def make_indicator(**given) -> Indicator:
    n = next_number()
    return Indicator.objects.create(**{"key": f"indicator-{n}", "name": f"Indicator {n}", **given})


def make_definition(**given) -> Definition:
    return Definition.objects.create(
        **{
            "indicator": given.get("indicator") or make_indicator(),
            "text": "Children counted on census day.",
            "unit": Definition.Unit.PEOPLE,
            **given,
        }
    )


def make_observation(**given) -> Observation:
    return Observation.objects.create(
        **{
            "key": f"observation-{next_number()}",
            "definition": given.get("definition") or make_definition(),
            "area": given.get("area") or make_area(),
            "period_start": dt.date(2018, 1, 1),
            "period_end": dt.date(2018, 12, 31),
            "as_printed": "617",
            "value": 617,
            **given,
        }
    )


def make_yearly(definition: Definition, area: Area, year: int, value, **given) -> Observation:
    """One yearly value, printed as its number."""
    return make_observation(
        definition=definition,
        area=area,
        period_start=dt.date(year, 1, 1),
        period_end=dt.date(year, 12, 31),
        **{"value": value, "as_printed": str(value), **given},
    )


def make_claim(**given) -> PublishedClaim:
    return PublishedClaim.objects.create(
        **{
            "key": f"claim-{next_number()}",
            "observation": given.get("observation") or make_observation(),
            "kind": PublishedClaim.Kind.CHANGE,
            "stated": "+1200",
            "said_in": "A plan, section 2",
            **given,
        }
    )


def make_jsna_theme(**given) -> JsnaTheme:
    n = next_number()
    return JsnaTheme.objects.create(
        **{"area": given.get("area") or make_area(), "number": n, "title": f"Theme of the assessment {n}", **given}
    )


def make_finding(**given) -> Finding:
    return Finding.objects.create(
        **{
            "theme": given.get("theme") or make_jsna_theme(),
            "number": next_number(),
            "kind": Finding.Kind.GAP,
            "text": "Too little support after school.",
            **given,
        }
    )


def make_statement(*, areas: tuple[Area, ...] = (), **given) -> Statement:
    """What families said, in each of the areas given."""
    statement = Statement.objects.create(
        **{
            "number": next_number(),
            "setting": Statement.Setting.HEALTH,
            "text": "Therapies stop when a child changes school.",
            "heard_through": "A meeting of the forum",
            **given,
        }
    )
    for area in areas:
        StatementArea.objects.create(statement=statement, area=area)
    return statement


def make_response(**given) -> Response:
    return Response.objects.create(
        **{
            "statement": given.get("statement") or make_statement(),
            "number": next_number(),
            "lead": given.get("lead") or make_person(),
            "kind": Response.Kind.WE_WILL,
            "text": "Therapists will follow the child.",
            "by": given.get("by") or make_person(role=Person.Role.SECRETARIAT),
            **given,
        }
    )


def make_moderation(**given) -> Moderation:
    """A statement that is public, with the words it has now."""
    statement = given.get("statement") or make_statement()
    return Moderation.objects.create(
        **{
            "statement": statement,
            "number": next_number(),
            "public": True,
            "text": statement.text,
            "setting": statement.setting,
            "where": " and ".join(place.area.name for place in statement.areas.all()),
            "by": given.get("by") or make_person(role=Person.Role.SECRETARIAT),
            **given,
        }
    )


def make_principle(**given) -> EngagementPrinciple:
    n = next_number()
    return EngagementPrinciple.objects.create(
        **{"number": n, "name": f"Principle {n}", "text": "There is time enough.", **given}
    )


def make_engagement(*, followed: tuple[EngagementPrinciple, ...] = (), **given) -> Engagement:
    """An activity at which families were heard, and the principles it followed."""
    n = next_number()
    row = Engagement.objects.create(
        **{"key": f"activity-{n}", "title": f"Activity {n}", "on": dt.date(2020, 3, 12), **given}
    )
    for principle in followed:
        PrincipleFollowed.objects.create(engagement=row, principle=principle, how="There was time.")
    return row


# What we do about it


def make_plan(**given) -> Plan:
    """A held, live plan of January 2020, in a borough of its own; its period ends on 31 July 2021."""
    n = next_number()
    return Plan.objects.create(
        **{
            "slug": f"plan-{n}",
            "title": f"Joint commissioning plan {n}",
            "area": given.get("area") or make_area(),
            "edition_month": dt.date(2020, 1, 1),
            "state": Plan.State.LIVE,
            **given,
        }
    )


def make_section(**given) -> Section:
    n = next_number()
    return Section.objects.create(
        **{
            "plan": given.get("plan") or make_plan(),
            "key": f"section-{n}",
            "order": n,
            "number": "1",
            "title": f"Section {n}",
            "body": "What this part is about.",
            **given,
        }
    )


def make_strategy(**given) -> Strategy:
    n = next_number()
    return Strategy.objects.create(
        **{"plan": given.get("plan") or make_plan(), "order": n, "title": f"Strategy {n}", **given}
    )


def make_service(**given) -> Service:
    n = next_number()
    return Service.objects.create(
        **{
            "plan": given.get("plan") or make_plan(),
            "commissioner": Service.Commissioner.SHARED,
            "order": n,
            "name": f"Service {n}",
            **given,
        }
    )


def make_theme(**given) -> Theme:
    n = next_number()
    return Theme.objects.create(
        **{
            "plan": given.get("plan") or make_plan(),
            "order": n,
            "key": f"theme-{n}",
            "name": f"Cross-cutting theme {n}",
            "short_name": f"Theme {n}",
            "description": "What every project has to think of.",
            **given,
        }
    )


def make_workstream(**given) -> Workstream:
    plan = given.get("plan") or make_plan()
    n = given.get("number") or plan.workstreams.count() + 1
    return Workstream.objects.create(
        **{"number": n, "name": f"Workstream {n} of {plan.slug}", "short_name": f"Workstream {n}", **given}
        | {"plan": plan}
    )


def make_alias(**given) -> Alias:
    return Alias.objects.create(
        **{
            "workstream": given.get("workstream") or make_workstream(),
            "name": f"Also called {next_number()}",
            "where": "A paper",
            **given,
        }
    )


def make_lead(**given) -> Lead:
    """A council lead of a workstream since 1 January 2018, still in place."""
    return Lead.objects.create(
        **{
            "workstream": given.get("workstream") or make_workstream(),
            "person": given.get("person") or make_person(),
            "side": "council",
            "from_on": dt.date(2018, 1, 1),
            **given,
        }
    )


def make_deliverable(**given) -> Deliverable:
    """Due at the end of its plan's period unless `own_due_on` is given."""
    workstream = given.get("workstream") or make_workstream()
    n = given.get("number") or workstream.deliverables.count() + 1
    return Deliverable.objects.create(
        **{"number": n, "title": f"Deliverable {n} in full", "short_title": f"Deliverable {n}", **given}
        | {"workstream": workstream}
    )


def make_milestone(**given) -> Milestone:
    n = next_number()
    return Milestone.objects.create(
        **{
            "deliverable": given.get("deliverable") or make_deliverable(),
            "order": n,
            "title": f"Milestone {n}",
            "due_on": dt.date(2020, 12, 31),
            **given,
        }
    )


def make_update(**given) -> ProgressUpdate:
    """The next row of a deliverable's log, as it was written then: the rules of `log_progress` are not asked."""
    deliverable = given.get("deliverable") or make_deliverable()
    last = deliverable.updates.order_by("-number").first()
    return ProgressUpdate.objects.create(
        **{
            "number": last.number + 1 if last else 1,
            "status": Status.ON_TRACK,
            "narrative": "Work goes as planned.",
            "by": given.get("by") or make_person(),
            **given,
        }
        | {"deliverable": deliverable}
    )


def make_status_definitions() -> list[StatusDefinition]:
    """One for each status, as the key shows them."""
    return [
        StatusDefinition.objects.create(
            status=status, order=order, letter=status.label[0], meaning=f"What {status.label.lower()} means."
        )
        for order, status in enumerate(Status, start=1)
    ]


def make_lineage(**given) -> Lineage:
    """A workstream that continues in another, unless told otherwise."""
    if "kind" not in given:
        given = {
            "kind": Lineage.Kind.CONTINUES,
            "before": given.get("before") or make_workstream(),
            "after": given.get("after") or make_workstream(),
            **given,
        }
    return Lineage.objects.create(**{"key": f"lineage-{next_number()}", **given})


def make_consideration(**given) -> Consideration:
    return Consideration.objects.create(
        **{
            "workstream": given.get("workstream") or make_workstream(),
            "theme": given.get("theme") or make_theme(),
            "on": dt.date(2020, 3, 12),
            **given,
        }
    )


def make_achievement(**given) -> Achievement:
    n = next_number()
    return Achievement.objects.create(
        **{
            "reported_in": given.get("reported_in") or make_plan(),
            "order": n,
            "text": f"Something done, number {n}.",
            **given,
        }
    )


def make_thread(**given) -> Thread:
    """From a finding to a workstream, unless other ends are given."""
    if not {"finding", "statement"} & given.keys():
        given["finding"] = make_finding()
    if not {"workstream", "deliverable", "theme"} & given.keys():
        given["workstream"] = make_workstream()
    return Thread.objects.create(**{"key": f"thread-{next_number()}", **given})


def make_measure(**given) -> Measure:
    if not {"workstream", "deliverable"} & given.keys():
        given["workstream"] = make_workstream()
    return Measure.objects.create(
        **{"key": f"measure-{next_number()}", "indicator": given.get("indicator") or make_indicator(), **given}
    )


# How it is overseen


def make_terms(**given) -> Terms:
    """Terms of reference in force from a day that no others have, long before the clock of the tests."""
    n = next_number()
    return Terms.objects.create(
        **{
            "key": f"terms-{n}",
            "title": f"Terms of reference {n}",
            "in_force_from": dt.date(2018, 1, 1) + dt.timedelta(days=n % 700),
            "every_number": 6,
            "every_unit": Terms.Every.WEEKS,
            "length_minutes": 120,
            "venue_rule": Terms.Venue.USUAL,
            "venue_first": "A town hall",
            "notice_number": 72,
            "notice_unit": Terms.Notice.HOURS,
            "purpose": "To commission together.",
            **given,
        }
    )


def make_standing_item(**given) -> StandingItem:
    n = next_number()
    return StandingItem.objects.create(
        **{"terms": given.get("terms") or make_terms(), "order": n, "title": f"Standing item {n}", **given}
    )


def make_clause(**given) -> Clause:
    n = next_number()
    return Clause.objects.create(
        **{
            "terms": given.get("terms") or make_terms(),
            "kind": Clause.Kind.PRINCIPLE,
            "order": n,
            "text": f"Clause {n} in full.",
            **given,
        }
    )


def make_party(**given) -> TermsParty:
    return TermsParty.objects.create(
        **{
            "terms": given.get("terms") or make_terms(),
            "partner": given.get("partner") or make_partner(),
            "order": next_number(),
            **given,
        }
    )


def make_reports_to(**given) -> ReportsTo:
    return ReportsTo.objects.create(
        **{"terms": given.get("terms") or make_terms(), "body": f"Board {next_number()}", **given}
    )


def make_seat(**given) -> Seat:
    n = next_number()
    return Seat.objects.create(
        **{"terms": given.get("terms") or make_terms(), "order": n, "position": f"Director {n}", **given}
    )


def make_membership(**given) -> Membership:
    return Membership.objects.create(
        **{
            "seat": given.get("seat") or make_seat(),
            "person": given.get("person") or make_person(role=Person.Role.BOARD_MEMBER),
            "from_on": dt.date(2018, 3, 16),
            **given,
        }
    )


def make_closed_day(**given) -> ClosedDay:
    """A day on which nobody works, which no other closed day is."""
    n = next_number()
    return ClosedDay.objects.create(
        **{"on": dt.date(2022, 1, 1) + dt.timedelta(days=n), "name": f"Closed {n}", **given}
    )


def make_caution(**given) -> Caution:
    """A stretch of days that warns: the autumn half-term of 2020, in both boroughs."""
    return Caution.objects.create(
        **{
            "kind": Caution.Kind.SCHOOL_HOLIDAY,
            "name": f"Half-term {next_number()}",
            "first_on": dt.date(2020, 10, 26),
            "last_on": dt.date(2020, 10, 30),
            **given,
        }
    )


def make_meeting(**given) -> Meeting:
    """A planned meeting on Monday 28 September 2020 at 10:00, with the deadlines that its terms give it."""
    terms = given.get("terms") or make_terms()
    starts_at = given.get("starts_at") or dt.datetime(2020, 9, 28, 10, tzinfo=dates.LONDON)
    due = calendar.deadlines(terms, starts_at)
    day = dates.london_day(starts_at)
    taken = Meeting.objects.filter(key__startswith=day.isoformat()).count()
    return Meeting.objects.create(
        **{
            "key": f"{day.isoformat()}-{taken + 1}" if taken else day.isoformat(),
            "terms": terms,
            "starts_at": starts_at,
            "length_minutes": terms.length_minutes,
            "venue": terms.venue_first,
            "series_on": day,
            "authors_due_at": due.authors_due_at,
            "clearing_due_at": due.clearing_due_at,
            "papers_due_at": due.papers_due_at,
            **given,
        }
    )


def make_agenda_item(**given) -> AgendaItem:
    n = next_number()
    return AgendaItem.objects.create(
        **{"meeting": given.get("meeting") or make_meeting(), "order": n, "title": f"Agenda item {n}", **given}
    )


def make_forward_item(**given) -> ForwardItem:
    n = next_number()
    return ForwardItem.objects.create(**{"key": f"forward-{n}", "title": f"Planned item {n}", **given})


def make_front_sheet(*, recommendations: tuple[str, ...] = (), **given) -> FrontSheet:
    """The front sheet of an item, with what the Board is asked to decide."""
    sheet = FrontSheet.objects.create(
        **{"item": given.get("item") or make_agenda_item(), "summary": "What it is about, in plain words.", **given}
    )
    for number, text in enumerate(recommendations, start=1):
        Recommendation.objects.create(front_sheet=sheet, number=number, text=text)
    return sheet


def make_paper(**given) -> Paper:
    """A paper that was asked for; `governance.papers.operations.hand_in` gives it a version."""
    item = given.get("item") or make_agenda_item()
    n = given.get("order") or item.papers.count() + 1
    return Paper.objects.create(**{"order": n, "title": f"Paper {next_number()}", **given} | {"item": item})


def make_paper_version(**given) -> PaperVersion:
    """A paper that was handed in by its author as a PDF, which is both the original and the pages."""
    paper = given.pop("paper", None) or make_paper(
        **{name: given.pop(name) for name in ("item", "author", "title") if name in given}
    )
    by = given.get("by") or paper.author or make_person()
    kept = files.keep(f"%PDF-1.7 {paper.title}".encode(), extension="pdf", by=by)
    return PaperVersion.objects.create(
        **{
            "number": paper.versions.count() + 1,
            "original": kept,
            "original_name": "paper.pdf",
            "pages": kept,
            "page_count": 1,
            "by": by,
            **given,
        }
        | {"paper": paper}
    )


def make_pack(**given) -> Pack:
    """A pack for everyone that was published for a meeting, with one item in it."""
    item = given.pop("item", None) or make_agenda_item()
    kept = files.keep(f"%PDF-1.7 pack {next_number()}".encode(), extension="pdf", by=None)
    pack = Pack.objects.create(
        **{
            "meeting": item.meeting,
            "number": 1,
            "audience": "all",
            "audience_in_words": "Everyone",
            "document": given.get("document") or make_document(kind="pack", file=kept),
            "by": given.get("by") or make_person(role=Person.Role.SECRETARIAT),
            "data": {"items": [], "changes": [], "when": "", "hours": "", "venue": "", "words": ""},
            **given,
        }
    )
    PackContent.objects.create(pack=pack, item=item, label="1", first_page=1)
    return pack


def make_invitation(**given) -> Invitation:
    return Invitation.objects.create(
        **{"item": given.get("item") or make_agenda_item(), "person": given.get("person") or make_person(), **given}
    )


def make_round(**given) -> Round:
    """A round opened on 7 September 2020 at 9:00, until its meeting's authors' deadline."""
    meeting = given.get("meeting") or make_meeting()
    return Round.objects.create(
        **{
            "opened_at": dt.datetime(2020, 9, 7, 9, tzinfo=dates.LONDON),
            "opened_by": given.get("opened_by") or make_person(role=Person.Role.SECRETARIAT),
            "closes_at": meeting.authors_due_at,
            **given,
        }
        | {"meeting": meeting}
    )


def make_highlight(**given) -> Highlight:
    return Highlight.objects.create(
        **{
            "meeting": given.get("meeting") or make_meeting(),
            "workstream": given.get("workstream") or make_workstream(),
            "status": Status.ON_TRACK,
            "reason": "Work goes as planned.",
            "by": given.get("by") or make_person(),
            **given,
        }
    )


def make_held_meeting(**given) -> Meeting:
    """A meeting that was held on 17 August 2020 at 10:00 with a quorum."""
    given.setdefault("starts_at", dt.datetime(2020, 8, 17, 10, tzinfo=dates.LONDON))
    return make_meeting(**{"state": Meeting.State.HELD, "quorate": True, **given})


def make_attendance(**given) -> Attendance:
    """Somebody in the room for a seat, as its member."""
    meeting = given.get("meeting") or make_meeting()
    beside = given.get("capacity") == Attendance.As.IN_ATTENDANCE
    return Attendance.objects.create(
        **{
            "person": given.get("person") or make_person(role=Person.Role.BOARD_MEMBER),
            "seat": None if beside else given.get("seat") or make_seat(terms=meeting.terms),
            "mode": Attendance.Mode.IN_ROOM,
            **given,
        }
        | {"meeting": meeting}
    )


def make_movement(**given) -> Movement:
    attendance = given.get("attendance") or make_attendance()
    item = given.get("item") or make_agenda_item(meeting=attendance.meeting)
    return Movement.objects.create(**{"kind": Movement.Kind.LEFT, **given} | {"attendance": attendance, "item": item})


def make_interest(**given) -> Interest:
    """An interest that somebody declared in an item."""
    item = given.pop("item", None) or make_agenda_item(**({"meeting": given["meeting"]} if "meeting" in given else {}))
    return Interest.objects.create(
        **{
            "number": item.meeting.interests.count() + 1,
            "person": given.get("person") or make_person(role=Person.Role.BOARD_MEMBER),
            "kind": Interest.Kind.FINANCIAL,
            "text": "Trustee of a provider.",
            **given,
        }
        | {"meeting": item.meeting, "item": item}
    )


def make_interests_return(**given) -> InterestsReturn:
    """A person's word of 1 September 2020 that their entries are complete."""
    person = given.get("person") or make_person(role=Person.Role.BOARD_MEMBER)
    return InterestsReturn.objects.create(**{"on": dt.date(2020, 9, 1), "by": person, **given} | {"person": person})


def make_registered_interest(**given) -> RegisteredInterest:
    person = given.get("person") or make_person(role=Person.Role.BOARD_MEMBER)
    return RegisteredInterest.objects.create(
        **{
            "number": person.registered_interests.count() + 1,
            "kind": Interest.Kind.PROFESSIONAL,
            "text": "Governor of a special school.",
            "held_from": dt.date(2019, 9, 1),
            "declared_on": dt.date(2019, 9, 10),
            **given,
        }
        | {"person": person}
    )


def make_decision(**given) -> Decision:
    """A decision of a meeting that was held on 17 August 2020, on one of its items unless `item=None` is given."""
    basis = given.get("basis", Decision.Basis.MEETING)
    between = basis in Decision.BETWEEN_MEETINGS
    item = (
        given.pop("item")
        if "item" in given
        else None
        if between
        else make_agenda_item(meeting=given.get("meeting") or make_held_meeting())
    )
    meeting = None if between else given.get("meeting") or (item and item.meeting) or make_held_meeting()
    return Decision.objects.create(
        **{
            "series": "2020-08",
            "number": next_number(),
            "text": "Fund it for one year.",
            "could_not_wait": "The contract ended before the next meeting." if between else "",
            "ratification": Decision.Ratification.NOT_NEEDED
            if basis == Decision.Basis.MEETING
            else Decision.Ratification.WAITING,
            "decided_on": meeting.on if meeting else dt.date(2020, 8, 20),
            "by": given.get("by") or make_person(role=Person.Role.SECRETARIAT),
            **given,
        }
        | {"meeting": meeting, "item": item}
    )


def make_stance(**given) -> Stance:
    return Stance.objects.create(
        **{
            "decision": given.get("decision") or make_decision(),
            "partner": given.get("partner") or make_partner(is_party=True),
            "kind": Stance.Kind.AGREES,
            **given,
        }
    )


def make_action(**given) -> Action:
    """An action from a meeting that was held on 17 August 2020, due on 14 September 2020."""
    item = (
        given.pop("item") if "item" in given else make_agenda_item(meeting=given.get("meeting") or make_held_meeting())
    )
    meeting = given.get("meeting") or (item and item.meeting) or make_held_meeting()
    due = given.get("due_on") or dt.date(2020, 9, 14)
    return Action.objects.create(
        **{
            "series": f"{meeting.on:%Y-%m}",
            "number": next_number(),
            "text": "Write to the providers.",
            "owner": given.get("owner") or make_person(),
            "first_due_on": due,
            "due_on": due,
            "by": given.get("by") or make_person(role=Person.Role.SECRETARIAT),
            **given,
        }
        | {"meeting": meeting, "item": item}
    )


def make_action_update(**given) -> ActionUpdate:
    action = given.get("action") or make_action()
    return ActionUpdate.objects.create(
        **{
            "number": action.updates.count() + 1,
            "text": "The letters are out.",
            "by": given.get("by") or action.owner,
            **given,
        }
        | {"action": action}
    )


def make_minutes(**given) -> Minutes:
    """Draft minutes of a held meeting; `state="circulated"` and later ones come with what leads there."""
    meeting = given.get("meeting") or make_held_meeting()
    state, told = given.get("state", Minutes.State.DRAFT), {}
    if state != Minutes.State.DRAFT:
        told |= {"checked_by": meeting.chair or make_person(), "checked_at": meeting.starts_at + dt.timedelta(days=1)}
    if state not in {Minutes.State.DRAFT, Minutes.State.CHECKED}:
        told |= {"circulated_at": meeting.starts_at + dt.timedelta(days=2)}
    if state in {Minutes.State.AGREED, Minutes.State.NOT_AGREED}:
        told |= {"agreed_on": meeting.on + dt.timedelta(days=42), "agreed_how": Minutes.How.CORRESPONDENCE}
    return Minutes.objects.create(**{**told, **given} | {"meeting": meeting})


def make_minute(**given) -> Minute:
    """What was minuted of one item, two paragraphs, in the minutes of its meeting."""
    item = given.get("item") or make_agenda_item(
        meeting=given["minutes"].meeting if "minutes" in given else make_held_meeting()
    )
    minutes = given.get("minutes") or getattr(item.meeting, "minutes", None) or make_minutes(meeting=item.meeting)
    return Minute.objects.create(
        **{
            "text": "The waits are longer than they were.\n\nOne referral point was agreed.",
            "by": given.get("by") or make_person(role=Person.Role.SECRETARIAT),
            **given,
        }
        | {"item": item, "minutes": minutes}
    )


def make_minute_comment(**given) -> MinuteComment:
    minute = given.get("minute") or make_minute()
    return MinuteComment.objects.create(
        **{
            "number": minute.comments.count() + 1,
            "paragraph": 1,
            "words": minute.text.split("\n\n")[0],
            "text": "They are shorter in one borough.",
            "by": given.get("by") or make_person(role=Person.Role.BOARD_MEMBER),
            **given,
        }
        | {"minute": minute}
    )


def make_minute_correction(**given) -> MinuteCorrection:
    """A note on top of agreed minutes."""
    minutes = given.get("minutes") or make_minutes(state="agreed")
    return MinuteCorrection.objects.create(
        **{
            "number": minutes.corrections.count() + 1,
            "text": "It was nine sessions.",
            "by": given.get("by") or make_person(role=Person.Role.SECRETARIAT),
            **given,
        }
        | {"minutes": minutes}
    )


def make_family_summary(**given) -> FamilySummary:
    meeting = given.get("meeting") or make_held_meeting()
    state, told = given.get("state", FamilySummary.State.DRAFT), {}
    if state != FamilySummary.State.DRAFT:
        told |= {"approved_by": make_person(role=Person.Role.BOARD_MEMBER), "approved_at": dates.now()}
    if state == FamilySummary.State.PUBLIC:
        told |= {"published_at": dates.now()}
    return FamilySummary.objects.create(
        **{"title": "What the Board talked about", "text": "The Board met in August.", **told, **given}
        | {"meeting": meeting}
    )


def make_parent_body(**given) -> ParentBody:
    n = next_number()
    return ParentBody.objects.create(**{"key": f"body-{n}", "name": f"Parent body {n}", **given})


def make_body_meeting(**given) -> BodyMeeting:
    return BodyMeeting.objects.create(
        **{
            "body": given.get("body") or make_parent_body(),
            "on": dt.date(2020, 10, 15),
            "papers_due_on": dt.date(2020, 10, 5),
            **given,
        }
    )


def make_upward_report(**given) -> UpwardReport:
    return UpwardReport.objects.create(
        **{
            "meeting": given.get("meeting") or make_held_meeting(),
            "body": given.get("body") or make_parent_body(),
            "alert": "Waits are over the guideline.",
            **given,
        }
    )


def make_risk(**given) -> Risk:
    workstream = given.get("workstream") or make_workstream()
    return Risk.objects.create(
        **{"number": workstream.risks.count() + 1, "title": f"Risk {next_number()}", **given}
        | {"workstream": workstream}
    )


def make_risk_score(**given) -> RiskScore:
    risk = given.get("risk") or make_risk()
    return RiskScore.objects.create(
        **{
            "number": risk.scores.count() + 1,
            "likelihood": 3,
            "impact": 4,
            "by": given.get("by") or make_person(),
            **given,
        }
        | {"risk": risk}
    )


def make_agreement(**given) -> Agreement:
    """An agreement that aligns budgets and is in force, without parties."""
    return Agreement.objects.create(
        **{
            "number": Agreement.objects.count() + 1,
            "title": f"Agreement {next_number()}",
            "kind": "aligned",
            "basis": "s26",
            "starts_on": dt.date(2019, 4, 1),
            "status": "in force",
            **given,
        }
    )


def make_agreement_party(**given) -> AgreementParty:
    agreement = given.get("agreement") or make_agreement()
    partner = given.get("partner") or make_partner()
    return AgreementParty.objects.create(
        **{"order": agreement.parties.count() + 1, **given} | {"agreement": agreement, "partner": partner}
    )


def make_agreement_year(**given) -> AgreementYear:
    agreement = given.get("agreement") or make_agreement()
    return AgreementYear.objects.create(**{"year": 2020, "agreed": 1000, **given} | {"agreement": agreement})


def make_contribution(**given) -> Contribution:
    party = given.get("party") or make_agreement_party()
    year = given.get("year") or make_agreement_year(agreement=party.agreement)
    return Contribution.objects.create(**{"amount": year.agreed, **given} | {"party": party, "year": year})


def make_agreement_review(**given) -> AgreementReview:
    agreement = given.get("agreement") or make_agreement()
    return AgreementReview.objects.create(
        **{
            "number": agreement.reviews.count() + 1,
            "on": dt.date(2020, 3, 2),
            "outcome": "It goes on.",
            "by": given.get("by") or make_person(),
            **given,
        }
        | {"agreement": agreement}
    )


def make_appraisal(**given) -> Appraisal:
    return Appraisal.objects.create(
        **{
            "number": next_number(),
            "kind": "meetings",
            "first_on": dt.date(1999, 1, 1),
            "last_on": dt.date(1999, 12, 31),
            "decision": Appraisal.Decision.DISPOSE,
            "because": "Nothing in them is of lasting interest.",
            "by": given.get("by") or make_person(role=Person.Role.SECRETARIAT),
            **given,
        }
    )


def make_panel_theme(**given) -> PanelTheme:
    n = next_number()
    return PanelTheme.objects.create(
        **{
            "key": f"panel-theme-{n}",
            "noticed_on": dt.date(2020, 8, 5),
            "title": "Few places near home for therapy",
            "by": given.get("by") or make_person(role=Person.Role.SECRETARIAT),
            **given,
        }
    )


def make_ladder(**given) -> Ladder:
    """A ladder of two rungs: the Board, and executives who have 28 days."""
    n = next_number()
    ladder = Ladder.objects.create(
        **{
            "key": f"ladder-{n}",
            "title": f"Ladder {n}",
            "in_force_from": dt.date(2018, 4, 1),
            "stands_in": "Section 6",
            **given,
        }
    )
    Rung.objects.create(ladder=ladder, order=1, key="board", name="Board", who="The Board", text="By consensus.")
    Rung.objects.create(
        ladder=ladder, order=2, key="executive", name="Executive", who="Two executives", text="In good faith.",
        days=28, may_extend=True,
    )  # fmt: skip
    return ladder


def make_dispute(**given) -> Dispute:
    """A dispute on the lowest rung, without parties."""
    ladder = given.get("ladder") or make_ladder()
    return Dispute.objects.create(
        **{
            "key": f"2019-{next_number()}",
            "subject": "Who pays for equipment",
            "about": "Section 3",
            "rung": ladder.rungs.order_by("order").first(),
            "raised_on": dt.date(2019, 3, 1),
            "raised_by": given.get("raised_by") or make_person(role=Person.Role.BOARD_MEMBER),
            **given,
        }
        | {"ladder": ladder}
    )


def make_dispute_party(**given) -> DisputeParty:
    dispute = given.get("dispute") or make_dispute()
    return DisputeParty.objects.create(
        **{
            "partner": given.get("partner") or make_partner(is_party=True),
            "order": dispute.parties.count() + 1,
            **given,
        }
        | {"dispute": dispute}
    )


def make_representation(**given) -> Representation:
    party = given.get("party") or make_dispute_party()
    return Representation.objects.create(
        **{
            "person": given.get("person") or make_person(role=Person.Role.BOARD_MEMBER),
            "from_on": dt.date(2019, 3, 1),
            "named_by": given.get("named_by") or make_person(role=Person.Role.SECRETARIAT),
            **given,
        }
        | {"party": party, "dispute": party.dispute}
    )


def make_dispute_event(**given) -> DisputeEvent:
    dispute = given.get("dispute") or make_dispute()
    return DisputeEvent.objects.create(
        **{
            "number": dispute.events.count() + 1,
            "kind": DisputeEvent.Kind.RAISED,
            "rung": dispute.rung,
            "on": dispute.raised_on,
            "by": given.get("by") or dispute.raised_by,
            **given,
        }
        | {"dispute": dispute}
    )


def make_extension(**given) -> Extension:
    party = given.get("party") or make_dispute_party()
    dispute = party.dispute
    return Extension.objects.create(
        **{
            "number": dispute.extensions.count() + 1,
            "rung": dispute.ladder.rungs.order_by("order").last(),
            "period_ends_on": dt.date(2019, 4, 1),
            "last_day": dt.date(2019, 5, 31),
            "by": given.get("by") or make_person(role=Person.Role.BOARD_MEMBER),
            **given,
        }
        | {"party": party, "dispute": dispute}
    )


def make_case_statement(**given) -> CaseStatement:
    party = given.get("party") or make_dispute_party()
    return CaseStatement.objects.create(
        **{
            "number": party.statements.count() + 1,
            "file": given.get("file") or make_stored_file(),
            "file_name": "statement.pdf",
            "filed_on": dt.date(2019, 5, 20),
            "by": given.get("by") or make_person(role=Person.Role.BOARD_MEMBER),
            **given,
        }
        | {"party": party}
    )


def make_redress_case(**given) -> RedressCase:
    return RedressCase.objects.create(
        **{
            "reference": f"T-{next_number()}",
            "kind": RedressCase.Kind.TRIBUNAL,
            "opened_on": dt.date(2019, 3, 1),
            **given,
        }
    )
