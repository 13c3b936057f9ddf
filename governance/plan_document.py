"""The whole plan as data: everything that its document prints, as at a day, in the order of its sections.

`build` reads the database and no clock. All values are plain text and numbers, so that the fingerprint of the data is the
fingerprint of the document; what is Markdown stays as it was written, and the templates render it.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

from governance import action_plan
from governance.action_plan import StatusMeaning, WorkstreamBlock
from governance.models import Clause, Ladder, RedressRule, Rung, Seat, Terms
from jcb import dates, svg
from jcb.models import Area, BoardSettings
from needs.figures import Figure, Value, figures, share_notes
from needs.models import ConsultationPoint, EngagementPrinciple, Indicator, JsnaTheme, Source, Statement, StatementArea
from workstreams.models import (
    WORST_FIRST,
    Achievement,
    Consideration,
    Lineage,
    Plan,
    Section,
    Service,
    Thread,
    Workstream,
)
from workstreams.pages import NUMBERS
from workstreams.standing import SLUG

Shows = Section.Shows
SIDE_WIDTH, SIDE_SIZE, SIDE_LINE, TEXT_WIDTH, TEXT_SIZE, TEXT_LINE = 30.0, 2.73, 3.4, 126.0, 3.79, 5.5  # print.css, mm
SHORT = 900  # characters; a chapter of no more follows on the same page


@dataclass(frozen=True, slots=True)
class Cited:
    """A source beside the words that rest on it: its number in the list, and enough to know it."""

    number: int
    words: str


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source in the list at the end."""

    number: int
    title: str
    publisher: str
    address: str
    published: str
    seen: str
    note: str


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the commissioning cycle."""

    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Cycle:
    stages: tuple[Stage, ...]
    middle: str


@dataclass(frozen=True, slots=True)
class Way:
    """A way of commissioning and the workstreams that take it."""

    name: str
    words: str
    streams: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ways:
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A heading with a list under it; `number` is empty where the headings have none."""

    number: str
    title: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Groups:
    groups: tuple[Group, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Items:
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A finding of the needs assessment, what was done about it, and where the work goes on."""

    kind: str
    text: str
    done: tuple[str, ...]
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FindingGroup:
    number: int
    title: str
    findings: tuple[FindingLine, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    year: str
    themes: tuple[FindingGroup, ...]


@dataclass(frozen=True, slots=True)
class ThemeLine:
    number: int
    name: str
    short_name: str
    description: str
    considered: int


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A workstream with the day on which it considered each theme; empty for not yet."""

    number: int
    name: str
    days: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Themes:
    themes: tuple[ThemeLine, ...]
    matrix: tuple[MatrixRow, ...]
    considered: int
    cells: int
    invented: bool


@dataclass(frozen=True, slots=True)
class LineageStep:
    before_number: int | None
    before_name: str
    after_number: int | None
    after_name: str
    kind: str
    words: str
    moved_to: str
    theme: str
    sentence: str


@dataclass(frozen=True, slots=True)
class LineageRecord:
    before_year: str
    after_year: str
    before: tuple[tuple[int, str], ...]
    after: tuple[tuple[int, str], ...]
    steps: tuple[LineageStep, ...]


@dataclass(frozen=True, slots=True)
class StreamLine:
    number: int
    name: str
    short_name: str
    summary: str
    deliverables: int
    came: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Streams:
    streams: tuple[StreamLine, ...]
    themes: tuple[ThemeLine, ...]


@dataclass(frozen=True, slots=True)
class StripRow:
    number: int
    name: str
    marks: tuple[str, ...]
    counts: tuple[int, ...]
    tally: str


@dataclass(frozen=True, slots=True)
class Strip:
    """Where the deliverables stand. `counts` follow the order of `statuses`."""

    headline: str
    past_period: str
    statuses: tuple[tuple[str, str], ...]
    rows: tuple[StripRow, ...]
    counts: tuple[int, ...]
    total: int
    invented: bool


@dataclass(frozen=True, slots=True)
class Reporting:
    """Whom the Board answers to, each with a note, who its members come from, and what reports to it."""

    terms: str
    board: str
    bodies: tuple[tuple[str, str], ...]
    parties: tuple[str, ...]
    streams: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Period:
    edition: str
    runs: str
    length: str
    ends: str
    refresh: str
    gap: str
    past_period: str


@dataclass(frozen=True, slots=True)
class StatementLine:
    number: int
    text: str
    note: str
    responses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StatementGroup:
    title: str
    statements: tuple[StatementLine, ...]


@dataclass(frozen=True, slots=True)
class Statements:
    groups: tuple[StatementGroup, ...]
    count: int
    carried_over: int
    heard_through: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActionPlanPart:
    headline: str
    past_period: str
    key: tuple[StatusMeaning, ...]
    blocks: tuple[WorkstreamBlock, ...]
    total: int
    invented: bool


@dataclass(frozen=True, slots=True)
class SeatLine:
    position: str
    organisation: str
    role: str


@dataclass(frozen=True, slots=True)
class SeatGroup:
    caption: str
    seats: tuple[SeatLine, ...]


@dataclass(frozen=True, slots=True)
class StandingLine:
    title: str
    when: str
    from_practice: bool


@dataclass(frozen=True, slots=True)
class TermsPart:
    title: str
    in_force: str
    purpose: str
    parties: tuple[str, ...]
    principles: tuple[str, ...]
    responsibilities: tuple[str, ...]
    seats: tuple[SeatGroup, ...]
    membership_note: str
    facts: tuple[tuple[str, str], ...]
    meetings: tuple[str, ...]
    notice_note: str
    reporting: tuple[str, ...]
    disputes: tuple[str, ...]
    reviews: tuple[str, ...]
    standing: tuple[StandingLine, ...]


@dataclass(frozen=True, slots=True)
class RungLine:
    number: int
    name: str
    who: str
    text: str
    clock: str
    timed: bool


@dataclass(frozen=True, slots=True)
class LadderPart:
    title: str
    stands_in: str
    note: str
    rungs: tuple[RungLine, ...]


@dataclass(frozen=True, slots=True)
class RedressLine:
    title: str
    text: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Redress:
    rules: tuple[RedressLine, ...]


@dataclass(frozen=True, slots=True)
class EngagementPart:
    principles: tuple[tuple[str, str], ...]


Records = (
    Cycle
    | Ways
    | Groups
    | Items
    | Findings
    | Themes
    | LineageRecord
    | Streams
    | Strip
    | Reporting
    | Period
    | Statements
    | ActionPlanPart
    | TermsPart
    | LadderPart
    | Redress
    | EngagementPart
)


@dataclass(frozen=True, slots=True)
class Single:
    """A figure that is a line in the chapter's table: too few values for a picture."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the plan with the records it shows and, for a chapter, its own parts."""

    key: str
    anchor: str
    level: int
    number: str
    title: str
    lead: str
    body: str
    shows: str
    records: Records | None
    after: str
    cited: tuple[Cited, ...]
    beside: str
    charts: tuple[Figure, ...]
    singles: tuple[Single, ...]
    shared: tuple[tuple[str, str], ...]
    follows_on: bool
    parts: tuple["Part", ...]

    @property
    def inner(self) -> str:
        """The element of a heading inside this part: h3 in a chapter, h4 in a part of one."""
        return "h3" if self.level == 1 else "h4"

    @property
    def template(self) -> str:
        return f"print/_section_{self.shows.replace(' ', '_')}.html"

    @property
    def is_appendix(self) -> bool:
        return self.number.startswith("A")

    @property
    def is_landscape(self) -> bool:
        return self.shows == Shows.ACTION_PLAN

    @property
    def entries(self) -> list[tuple[str, str]]:
        """What stands under it in the contents: (address on the page, title)."""
        found = [(part.anchor, part.title) for part in self.parts]
        if isinstance(self.records, ActionPlanPart):
            found = [(f"action-plan-{b.number}", f"{b.number}. {b.name}") for b in self.records.blocks] + found
        if isinstance(self.records, TermsPart):
            found = [(f"terms-{name.lower()}", name) for name in TERMS_HEADINGS] + found
        return found


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the contents."""

    level: int
    number: str
    title: str
    anchor: str


LONG_ENTRY = 32  # letters; more take a second line
TERMS_HEADINGS = ("Purpose", "Principles", "Responsibilities", "Membership", "Meetings")


@dataclass(frozen=True, slots=True)
class PlanDocument:
    """One plan as at a day. `chapters` are in the order of the plan; `sources` are numbered as they are first named."""

    slug: str
    title: str
    area: str
    areas: tuple[str, ...]
    board: str
    edition: str
    edition_words: str
    period: str
    refresh: str
    parties: tuple[str, ...]
    as_at: str
    past_period: str
    chapters: tuple[Part, ...]
    sources: tuple[SourceLine, ...]
    demonstration: bool

    @property
    def contents(self) -> tuple[tuple["Entry", ...], tuple["Entry", ...]]:
        """The table of contents in two columns of about the same height."""
        entries = []
        for chapter in self.chapters:
            entries.append(Entry(1, chapter.number, chapter.title, chapter.anchor))
            entries += [Entry(2, "", title, anchor) for anchor, title in chapter.entries]
        if self.sources:
            entries.append(Entry(1, "", "Sources", "sources"))
        tall = [(8.0 if e.level == 1 else 4.7) * (1 + (len(e.title) > LONG_ENTRY) * 0.7) for e in entries]
        middle = next((n for n in range(len(tall)) if sum(tall[:n]) >= sum(tall) / 2), len(tall))
        return tuple(entries[:middle]), tuple(entries[middle:])


# The stages as both plans describe the work; the pictures in them had no words that could be read.
CYCLE = Cycle(
    stages=(
        Stage("Analyse", "needs, resources, what works, what families say"),
        Stage("Plan", "priorities, outcomes, the shape of services, money"),
        Stage("Do", "contracts, market, pathways, workforce"),
        Stage("Review", "performance, outcomes, learning"),
    ),
    middle="Children, young people and families",
)


def build(plan: Plan, as_at: dt.date) -> PlanDocument:
    """Everything that the plan's document prints, as at the end of a London day. Reads the database only."""
    return _Builder(plan, as_at).document()


class _Builder:
    """Reads the record once for one document, numbering sources as they are named."""

    def __init__(self, plan: Plan, as_at: dt.date):
        self.plan = plan
        self.as_at = as_at
        self.settings = BoardSettings.current()
        self.numbers: dict[int, int] = {}
        self.named: list[Source] = []
        self.blocks = action_plan.workstream_blocks(plan, as_at)
        self.past_period = action_plan.past_period(plan, as_at)
        self.terms = (
            Terms.objects.in_force(plan.edition_month).first() or Terms.objects.order_by("in_force_from").first()
        )
        self.streams = list(plan.workstreams.prefetch_related("aliases", "came_from__before__plan"))
        self.invented = any(row.invented or row.owner_invented for block in self.blocks for row in block.rows)

    def document(self) -> PlanDocument:
        plan = self.plan
        chapters = self._chapters()
        demonstration = self.invented or any(
            isinstance(part.records, Themes) and part.records.invented for c in chapters for part in (c, *c.parts)
        )
        return PlanDocument(
            slug=plan.slug,
            title=plan.title,
            area=plan.area.name,
            areas=tuple(Area.objects.filter(plans__text_held=True).distinct().values_list("name", flat=True)),
            board=self.settings.board_name,
            edition=dates.say_month(plan.edition_month),
            edition_words=f"{'Refreshed edition,' if plan.previous_id else 'Edition of'} {dates.say_month(plan.edition_month)}",
            period=f"{dates.say_month(plan.edition_month)} to {dates.say_month(plan.ends_on)}",
            refresh=dates.say_month(plan.next_refresh),
            parties=self._parties(),
            as_at=dates.say_day(self.as_at),
            past_period=self.past_period,
            chapters=chapters,
            sources=tuple(_source_line(number, source) for number, source in enumerate(self.named, start=1)),
            demonstration=demonstration,
        )

    def _chapters(self) -> tuple[Part, ...]:
        rows = list(
            self.plan.sections.order_by("order").prefetch_related(
                "cited__source", "figures__indicator__definitions", "figures__indicator"
            )
        )
        groups: list[list[Section]] = []
        for row in rows:
            if row.level == 1 or not groups:
                groups.append([row])
            else:
                groups[-1].append(row)
        found: list[Part] = []
        for first, *rest in groups:
            parts, singles = [], []
            opening = self._part(first, singles)
            for row in rest:
                parts.append(self._part(row, singles))
            values, shared = share_notes([single.value for single in singles])
            short = not parts and not singles and first.shows in {Shows.NOTHING, Shows.PERIOD}
            short = short and len(first.body) + len(first.after) < SHORT
            found.append(
                replace(
                    opening,
                    parts=tuple(parts),
                    singles=tuple(Single(s.name, v) for s, v in zip(singles, values, strict=True)),
                    shared=shared,
                    follows_on=short and bool(found) and not found[-1].is_landscape,
                )
            )
        return tuple(found)

    def _part(self, row: Section, singles: list[Single]) -> Part:
        """One section. Its figures that stand alone go into `singles`, for the chapter's table."""
        cited = tuple(Cited(self.cite(c.source), _short(c.source)) for c in row.cited.all())
        charts = []
        for shown in row.figures.all():
            for figure in self._of(shown.indicator):
                if figure.shape == "words":
                    singles += [Single(figure.name, value) for value in figure.values]
                else:
                    charts.append(figure)
        reader = READERS.get(Shows(row.shows))
        return Part(
            key=row.key,
            anchor=f"section-{row.key}",
            level=row.level,
            number=row.number,
            title=row.title,
            lead=row.lead,
            body=row.body,
            shows=row.shows,
            records=reader(self) if reader else None,
            after=row.after,
            cited=cited,
            beside=_place(cited, row),
            charts=tuple(charts),
            singles=(),
            shared=(),
            follows_on=False,
            parts=(),
        )

    # Sources and figures

    def cite(self, source: Source) -> int:
        """The number of a source: the next one, where it was not named before."""
        if source.pk not in self.numbers:
            self.named.append(source)
            self.numbers[source.pk] = len(self.named)
        return self.numbers[source.pk]

    def _of(self, indicator: Indicator) -> list[Figure]:
        return figures(
            indicator,
            area=self.plan.area,
            edition=self.plan.edition_month,
            as_at=self.as_at,
            smallest=self.settings.smallest_figure,
            cite=self.cite,
        )

    # The records of each kind of section

    def _parties(self) -> tuple[str, ...]:
        if self.terms is None:
            return ()
        return tuple(party.partner.name for party in self.terms.parties.select_related("partner"))

    def cycle(self) -> Cycle:
        return CYCLE

    def ways(self) -> Ways:
        by_model: dict[str, list[str]] = {}
        for stream in self.streams:
            by_model.setdefault(stream.model, []).append(f"{stream.number} {stream.short_name}")
        model = Workstream.Model
        named = (
            (model.INTEGRATED, "Fully integrated", "One contract and one budget."),
            (model.ALIGNED, "Aligned", "Understanding, planning and review. Services are commissioned separately."),
            (model.NOT_STATED, "Not stated", "The plan does not say."),
        )
        return Ways(
            tuple(
                Way(name, words, tuple(by_model.get(key, ())))
                for key, name, words in named
                if key != model.NOT_STATED or key in by_model
            )
        )

    def services(self) -> Groups:
        by_commissioner: dict[str, list[str]] = {}
        rows = list(self.plan.services.order_by("order"))
        for service in rows:
            by_commissioner.setdefault(service.commissioner, []).append(service.name)
        return Groups(
            tuple(
                Group("", f"{kind.label}: {len(by_commissioner[kind])}", tuple(by_commissioner[kind]))
                for kind in Service.Commissioner
                if kind in by_commissioner
            ),
            len(rows),
        )

    def strategies(self) -> Items:
        return Items(tuple(self.plan.strategys.values_list("title", flat=True)))

    def achievements(self) -> Groups:
        rows = list(Achievement.objects.filter(reported_in=self.plan).select_related("workstream").order_by("order"))
        strategic = [row.text for row in rows if row.workstream is None]
        groups = [Group("", "Strategic actions", tuple(strategic))] if strategic else []
        by_stream: dict[Workstream, list[str]] = {}
        for row in rows:
            if row.workstream:
                by_stream.setdefault(row.workstream, []).append(row.text)
        for stream in sorted(by_stream, key=lambda stream: stream.number):
            groups.append(Group(str(stream.number), stream.name, tuple(by_stream[stream])))
        return Groups(tuple(groups), len(rows))

    def jsna(self) -> Findings:
        rows = JsnaTheme.objects.filter(area=self.plan.area).prefetch_related("findings__actions_taken")
        answers: dict[int, list[str]] = {}
        threads = Thread.objects.filter(finding__theme__area=self.plan.area).select_related(
            "workstream__plan", "deliverable__workstream__plan", "theme__plan"
        )
        for thread in threads.order_by("key"):
            answers.setdefault(thread.finding_id, []).append(self._answer(thread))
        years = {finding.found_in for theme in rows for finding in theme.findings.all()}
        return Findings(
            year=str(min(years)) if len(years) == 1 else "",
            themes=tuple(
                FindingGroup(
                    theme.number,
                    theme.title,
                    tuple(
                        FindingLine(
                            kind=finding.get_kind_display(),
                            text=finding.text,
                            done=tuple(action.text for action in finding.actions_taken.all()),
                            answers=tuple(sorted(filter(None, set(answers.get(finding.pk, ()))))),
                        )
                        for finding in theme.findings.all()
                    ),
                )
                for theme in rows
            ),
        )

    def _answer(self, thread: Thread) -> str:
        """What answers a need in this plan: a workstream, a deliverable by reference, a theme; empty in another plan."""
        if thread.workstream and thread.workstream.plan_id == self.plan.pk:
            return f"workstream {thread.workstream.number}"
        if thread.deliverable and thread.deliverable.workstream.plan_id == self.plan.pk:
            return thread.deliverable.reference
        if thread.theme and thread.theme.plan_id == self.plan.pk:
            return f"the theme {thread.theme.short_name}"
        return ""

    def consultation(self) -> Items:
        return Items(
            tuple(
                ConsultationPoint.objects.filter(area=self.plan.area).order_by("number").values_list("text", flat=True)
            )
        )

    def vision(self) -> Items:
        return Items(tuple(self.plan.visionoutcomes.order_by("order").values_list("text", flat=True)))

    def principles(self) -> Groups:
        rows = self.plan.principles.order_by("order").prefetch_related("commitments")
        groups = tuple(
            Group(str(number), row.title, tuple(c.text for c in row.commitments.all()))
            for number, row in enumerate(rows, start=1)
        )
        return Groups(groups, sum(len(group.items) for group in groups))

    def _themes(self) -> tuple[tuple[ThemeLine, ...], list[Consideration], list]:
        themes = list(self.plan.themes.order_by("order"))
        done = list(Consideration.objects.filter(workstream__plan=self.plan, on__lte=self.as_at))
        lines = tuple(
            ThemeLine(
                number, theme.name, theme.short_name, theme.description, sum(c.theme_id == theme.pk for c in done)
            )
            for number, theme in enumerate(themes, start=1)
        )
        return lines, done, themes

    def themes(self) -> Themes:
        lines, done, themes = self._themes()
        days = {(c.workstream_id, c.theme_id): f"{c.on.day} {c.on:%b} {c.on.year}" for c in done}
        matrix = tuple(
            MatrixRow(stream.number, stream.short_name, tuple(days.get((stream.pk, t.pk), "") for t in themes))
            for stream in self.streams
        )
        return Themes(lines, matrix, len(done), len(matrix) * len(lines), any(c.invented for c in done))

    def lineage(self) -> LineageRecord | None:
        rows = list(
            Lineage.objects.filter(after__plan=self.plan).select_related("before__plan", "after__plan", "lives_on_as")
        )
        if self.plan.previous_id:
            rows += Lineage.objects.filter(before__plan_id=self.plan.previous_id, after=None).select_related(
                "before__plan", "lives_on_as"
            )
        if not rows:
            return None
        before = {row.before.number: row.before for row in rows if row.before}
        after = {row.after.number: row.after for row in rows if row.after}
        rows.sort(key=lambda row: (row.before is None, row.before.number if row.before else row.after.number))
        first = next(iter(before.values()), None)
        return LineageRecord(
            before_year=str(first.plan.edition_month.year) if first else "",
            after_year=str(self.plan.edition_month.year),
            before=tuple((number, before[number].short_name) for number in sorted(before)),
            after=tuple((number, after[number].short_name) for number in sorted(after)),
            steps=tuple(_step(row) for row in rows),
        )

    def workstreams(self) -> Streams:
        counts = {block.number: len(block.rows) for block in self.blocks}
        return Streams(
            tuple(
                StreamLine(
                    number=stream.number,
                    name=stream.name,
                    short_name=stream.short_name,
                    summary=stream.summary,
                    deliverables=counts.get(stream.number, 0),
                    came=_came(stream),
                    aliases=tuple(dict.fromkeys(a.name for a in stream.aliases.all() if a.name != stream.name)),
                )
                for stream in self.streams
            ),
            self._themes()[0],
        )

    def status_strip(self) -> Strip:
        return Strip(
            headline=_headline(self.blocks),
            past_period=self.past_period,
            statuses=tuple((SLUG[status], status.label) for status in WORST_FIRST),
            rows=tuple(
                StripRow(b.number, b.short_name, tuple(row.mark for row in b.rows), b.counts, b.tally)
                for b in self.blocks
            ),
            counts=_sums(self.blocks),
            total=sum(len(block.rows) for block in self.blocks),
            invented=self.invented,
        )

    def action_plan(self) -> ActionPlanPart:
        return ActionPlanPart(
            headline=_headline(self.blocks),
            past_period=self.past_period,
            key=action_plan.status_key(),
            blocks=self.blocks,
            total=sum(len(block.rows) for block in self.blocks),
            invented=self.invented,
        )

    def reporting(self) -> Reporting | None:
        if self.terms is None:
            return None
        lines = list(self.terms.reports_to.order_by("order"))
        return Reporting(
            terms=self.terms.title,
            board=self.settings.board_name,
            bodies=tuple((line.body, line.note) for line in lines),
            parties=self._parties(),
            streams=tuple(stream.short_name for stream in self.streams),
        )

    def period(self) -> Period:
        plan, gap = self.plan, self.plan.gap_months
        words = ""
        if gap:
            months = NUMBERS.get(len(gap), str(len(gap)))
            first, last = dates.say_month(gap[0]), dates.say_month(gap[-1])
            words = (
                f"The period ends in {dates.say_month(plan.ends_on)} and the next full refresh is in "
                f"{dates.say_month(plan.next_refresh)}. For the {months} months between, {first} to {last}, no edition "
                "is in its period."
            )
        return Period(
            edition=dates.say_month(plan.edition_month),
            runs=f"{dates.say_month(plan.edition_month)} to {dates.say_month(plan.ends_on)}",
            length=f"{plan.months_min} to {plan.months_max} months",
            ends=dates.say_day(plan.ends_on),
            refresh=dates.say_month(plan.next_refresh) or "Not stated",
            gap=words,
            past_period=self.past_period,
        )

    def statements(self) -> Statements:
        here = {s.statement_id: s for s in StatementArea.objects.filter(area=self.plan.area)}
        rows = Statement.objects.filter(pk__in=here).prefetch_related("responses").order_by("number")
        end = dates.end_of_day(self.as_at)
        groups: dict[str, list[StatementLine]] = {}
        for row in rows:
            said = [r for r in row.responses.all() if r.at < end]
            groups.setdefault(row.get_setting_display(), []).append(
                StatementLine(
                    number=row.number,
                    text=row.text,
                    note=here[row.pk].wording_note,
                    responses=tuple(_response(r) for r in sorted(said, key=lambda r: r.at)),
                )
            )
        return Statements(
            groups=tuple(StatementGroup(title, tuple(lines)) for title, lines in groups.items()),
            count=len(rows),
            carried_over=sum(s.carried_over for s in here.values()),
            heard_through=tuple(dict.fromkeys(row.heard_through for row in rows)),
        )

    def terms_part(self) -> TermsPart | None:
        terms = self.terms
        if terms is None:
            return None
        clauses: dict[str, list[str]] = {}
        for clause in terms.clauses.order_by("order"):
            clauses.setdefault(clause.kind, []).append(clause.text)

        def of(kind: str) -> tuple[str, ...]:
            return tuple(clauses.get(kind, ()))

        assumed = " (an assumed date: the terms have none)" if terms.in_force_assumed else ""
        return TermsPart(
            title=terms.title,
            in_force=f"In force from {dates.say_day(terms.in_force_from)}{assumed}.",
            purpose=terms.purpose,
            parties=self._parties(),
            principles=of(Clause.Kind.PRINCIPLE),
            responsibilities=of(Clause.Kind.RESPONSIBILITY),
            seats=_seats(terms),
            membership_note=terms.membership_note,
            facts=_facts(terms),
            meetings=of(Clause.Kind.MEETING),
            notice_note=terms.notice_note,
            reporting=of(Clause.Kind.REPORTING),
            disputes=of(Clause.Kind.DISPUTE),
            reviews=of(Clause.Kind.REVIEW),
            standing=tuple(
                StandingLine(
                    item.title,
                    f"Every {item.every_nth} meetings" if item.every_nth else item.get_frequency_display(),
                    item.from_practice,
                )
                for item in terms.standing_items.order_by("order")
            ),
        )

    def ladder(self) -> LadderPart | None:
        ladders = Ladder.objects.order_by("-in_force_from")
        ladder = ladders.filter(in_force_from__lte=self.plan.edition_month).first() or ladders.last()
        if ladder is None:
            return None
        return LadderPart(
            title=ladder.title,
            stands_in=ladder.stands_in,
            note=ladder.note,
            rungs=tuple(
                RungLine(rung.order, rung.name, rung.who, rung.text, *_clock(rung))
                for rung in ladder.rungs.order_by("order")
            ),
        )

    def redress(self) -> Redress:
        rules = RedressRule.objects.select_related("area").order_by("order")
        return Redress(tuple(_rule(rule) for rule in rules if rule.area_id in {None, self.plan.area_id}))

    def engagement(self) -> EngagementPart:
        return EngagementPart(tuple(EngagementPrinciple.objects.order_by("number").values_list("name", "text")))


READERS: dict[Section.Shows, Callable[[_Builder], Records | None]] = {
    Shows.STATUS_STRIP: _Builder.status_strip,
    Shows.CYCLE: _Builder.cycle,
    Shows.MODELS: _Builder.ways,
    Shows.SERVICES: _Builder.services,
    Shows.STRATEGIES: _Builder.strategies,
    Shows.ACHIEVEMENTS: _Builder.achievements,
    Shows.JSNA: _Builder.jsna,
    Shows.CONSULTATION: _Builder.consultation,
    Shows.VISION: _Builder.vision,
    Shows.PRINCIPLES: _Builder.principles,
    Shows.THEMES: _Builder.themes,
    Shows.LINEAGE: _Builder.lineage,
    Shows.WORKSTREAMS: _Builder.workstreams,
    Shows.REPORTING: _Builder.reporting,
    Shows.PERIOD: _Builder.period,
    Shows.STATEMENTS: _Builder.statements,
    Shows.ACTION_PLAN: _Builder.action_plan,
    Shows.TERMS: _Builder.terms_part,
    Shows.LADDER: _Builder.ladder,
    Shows.REDRESS: _Builder.redress,
    Shows.ENGAGEMENT: _Builder.engagement,
}


def _place(cited: tuple[Cited, ...], row: Section) -> str:
    """Beside which words there is room for the sources: "body", "after", or nowhere."""
    tall = SIDE_LINE * sum(_lines(f"{c.number} {c.words}", SIDE_WIDTH, SIDE_SIZE) for c in cited)
    for name in ("body", "after") if cited else ():
        text = getattr(row, name)
        if tall <= TEXT_LINE * (_lines(text, TEXT_WIDTH, TEXT_SIZE) + text.count("\n\n") / 2):
            return name
    return ""


def _lines(text: str, width: float, size: float) -> int:
    """About how many lines a text takes."""
    return sum(len(svg.wrapped(part, width, size=size, most=10_000)) for part in text.splitlines() if part.strip())


def _short(source: Source) -> str:
    """A source in the margin: who, what, when seen."""
    publisher = f"{source.publisher}, " if source.publisher and source.publisher not in source.title else ""
    seen = f" Seen {dates.say_day(source.accessed_on)}." if source.accessed_on else ""
    return f"{publisher}{source.title.rstrip('.')}.{seen}"


def _source_line(number: int, source: Source) -> SourceLine:
    return SourceLine(
        number=number,
        title=source.title,
        publisher=source.publisher,
        address=source.address,
        published=dates.say_day(source.published_on),
        seen=dates.say_day(source.accessed_on),
        note=source.note,
    )


def _step(row: Lineage) -> LineageStep:
    kind = Lineage.Kind(row.kind)
    theme = row.lives_on_as.short_name if row.lives_on_as else ""
    after = f"{row.after.number}, {row.after.short_name}" if row.after else ""
    before = f"{row.before.number}, {row.before.short_name}," if row.before else ""
    words, sentence = {
        Lineage.Kind.CONTINUES: ("continues with refreshed targets", f"{before} continues as {after}."),
        Lineage.Kind.REFOCUSED: ("refocused", f"{before} is refocused as {after}."),
        Lineage.Kind.NEW: ("new", f"{after}, is new."),
        Lineage.Kind.CLOSED: ("closed", f"{before} closes."),
        Lineage.Kind.MOVED: (
            "moved",
            f"{before} moves to {row.moved_to}" + (f" and lives on as the theme {theme}." if theme else "."),
        ),
    }[kind]
    return LineageStep(
        before_number=row.before.number if row.before else None,
        before_name=row.before.short_name if row.before else "",
        after_number=row.after.number if row.after else None,
        after_name=row.after.short_name if row.after else "",
        kind=kind.value,
        words=words,
        moved_to=row.moved_to,
        theme=theme,
        sentence=sentence,
    )


def _came(stream: Workstream) -> str:
    """Where a workstream comes from, as a sentence."""
    steps = list(stream.came_from.all())
    if not steps:
        return ""
    step = steps[0]
    if step.kind == Lineage.Kind.NEW or step.before is None:
        return f"New in {stream.plan.edition_month.year}."
    how = "Continues" if step.kind == Lineage.Kind.CONTINUES else "Refocused from"
    return f"{how} workstream {step.before.number} of {step.before.plan.edition_month.year}, {step.before.short_name}."


def _sums(blocks: tuple[WorkstreamBlock, ...]) -> tuple[int, ...]:
    return tuple(sum(block.counts[place] for block in blocks) for place in range(len(WORST_FIRST)))


def _headline(blocks: tuple[WorkstreamBlock, ...]) -> str:
    """How many of the deliverables stand where, worst first, in one sentence."""
    total = sum(len(block.rows) for block in blocks)
    parts = [
        f"{number} {status.label.lower()}" for status, number in zip(WORST_FIRST, _sums(blocks), strict=True) if number
    ]
    unexplained = sum(row.unexplained for block in blocks for row in block.rows)
    silent = f" {unexplained} off track without an explanation since the last meeting." if unexplained else ""
    return f"Of {total} deliverables: {', '.join(parts)}.{silent}" if total else "There are no deliverables yet."


def _response(response) -> str:
    because = f" Because: {response.because}" if response.because else ""
    return f"{response.get_kind_display()} ({dates.say_day(response.at)}): {response.text}{because}"


def _seats(terms: Terms) -> tuple[SeatGroup, ...]:
    groups = []
    rows = list(terms.seats.select_related("partner").order_by("order"))
    for kind, words in ((Seat.Kind.CORE, "Core members"), (Seat.Kind.INVITED, "By invitation")):
        seats = [seat for seat in rows if seat.kind == kind]
        if seats:
            number = NUMBERS.get(len(seats), str(len(seats)))
            noun = "seat" if len(seats) == 1 else "seats"
            groups.append(SeatGroup(f"{words}: {number} {noun}", tuple(_seat(seat) for seat in seats)))
    return tuple(groups)


def _seat(seat: Seat) -> SeatLine:
    organisation = seat.side_as_printed or (seat.partner.short_name if seat.partner else seat.get_side_display())
    role = seat.lead_for
    if seat.co_chair and "chair" not in role.lower():
        role = f"Co-chair, {role}" if role else "Co-chair"
    return SeatLine(seat.position, organisation or "Not stated", role)


def _facts(terms: Terms) -> tuple[tuple[str, str], ...]:
    """The rules of the meetings, as the calendar uses them."""
    unit = terms.every_unit
    every = {(1, "months"): "Monthly", (1, "weeks"): "Weekly"}.get(
        (terms.every_number, unit), f"Every {terms.every_number} {unit}"
    )
    hours, minutes = divmod(terms.length_minutes, 60)
    length = {0: f"{hours} hour{'s' if hours != 1 else ''}", 30: f"{hours}½ hours"}.get(
        minutes, f"{terms.length_minutes} minutes"
    )
    venue = f"Usually {terms.venue_first}"
    if terms.venue_rule == Terms.Venue.ALTERNATE:
        venue = f"Alternately: {terms.venue_first}, {terms.venue_second}"
    quorum = f"{terms.quorum_council} from the council side, {terms.quorum_nhs} from the NHS side"
    return (
        ("Meets", every),
        ("Length", length),
        ("Place", venue),
        ("Papers out", f"{terms.notice_number} {terms.notice_unit} before"),
        ("Quorum", f"{quorum}. {terms.quorum_note}".strip()),
        ("Reviewed", f"At least every {terms.review_months} months"),
    )


def _clock(rung: Rung) -> tuple[str, bool]:
    """The periods of a rung in words, and whether there are any."""
    parts = []
    if rung.days:
        start = f" from {rung.days_from}" if rung.days_from else ""
        longer = ", or longer if agreed" if rung.may_extend else ""
        parts.append(f"{rung.days} days{start}{longer}")
    if rung.statement_days:
        parts.append(f"Statements at least {rung.statement_days} days before")
    if rung.report_days:
        parts.append(f"report within {rung.report_days} days of the end")
    return ("; ".join(parts), True) if parts else ("No period stated", False)


def _rule(rule: RedressRule) -> RedressLine:
    facts = []
    if rule.provider:
        facts.append(("By", rule.provider))
    if rule.period_weeks:
        facts.append(("Within", f"{rule.period_weeks} weeks"))
    if rule.copied_to:
        facts.append(("Copied to", rule.copied_to))
    if rule.starts_on or rule.ends_on:
        start, end = dates.say_day(rule.starts_on), dates.say_day(rule.ends_on)
        facts.append(("Dates", f"{start} to {end}" if end else f"From {start}"))
    return RedressLine(rule.title, rule.text, tuple(facts))
