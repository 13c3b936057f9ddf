"""What the pages of the golden thread show, made from the records before a template sees it."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import OuterRef, Subquery
from django.urls import reverse

from governance.models import Decision
from governance.thread import pictures
from jcb import dates
from jcb.models import BoardSettings, Person
from needs.figures import say_period
from needs.models import Finding, Indicator, Observation, Statement
from needs.suppression import as_may_be_told
from workstreams.models import Deliverable, Measure, Thread, Workstream, latest_updates
from workstreams.standing import since_last_meeting, standings

THREADS = (
    "threads__workstream__plan__area",
    "threads__deliverable__workstream__plan__area",
    "threads__theme__plan__area",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What answers a need: where it stands and why it is an answer."""

    words: str
    where: str
    url: str
    why: str
    is_deliverable: bool = False


def answered(answers: Iterable[Answer]) -> bool:
    """Whether a deliverable is among the answers: a workstream or a theme alone promises nothing by a date."""
    return any(answer.is_deliverable for answer in answers)


@dataclass(frozen=True, slots=True)
class Said:
    """A statement, with its boroughs, its answers and the latest reply to it."""

    number: int
    text: str
    boroughs: str
    heard_through: str
    answers: tuple[Answer, ...]
    reply: str
    reply_on: str

    @property
    def is_answered(self) -> bool:
        return answered(self.answers)


@dataclass(frozen=True, slots=True)
class Found:
    """A finding, with what was done about it and its answers."""

    anchor: str
    text: str
    kind: str
    done: tuple[str, ...]
    answers: tuple[Answer, ...]

    @property
    def is_answered(self) -> bool:
        return answered(self.answers)


def said_page(rows) -> list[tuple[str, list[Said]]]:
    """Statements by setting, in their order. Eight queries however many there are."""
    rows = rows.prefetch_related("areas__area", "responses", *THREADS).order_by("number")
    found = [(row.get_setting_display(), _said(row)) for row in rows]
    return [(setting, [said for _, said in group]) for setting, group in itertools.groupby(found, key=lambda p: p[0])]


def _said(row: Statement) -> Said:
    reply = next(iter(row.responses.all()), None)  # the latest first
    words = " ".join(filter(None, (f"{reply.get_kind_display()}: {reply.text}", reply.because))) if reply else ""
    return Said(
        number=row.number,
        text=row.text,
        boroughs=" and ".join(sorted(place.area.name for place in row.areas.all())),
        heard_through=row.heard_through,
        answers=_answers(row.threads.all()),
        reply=words,
        reply_on=dates.say_day(reply.at) if reply else "",
    )


def findings_page(rows) -> list[tuple[str, list[Found]]]:
    """Findings by theme, in their order. Seven queries however many there are."""
    rows = rows.select_related("theme__area").prefetch_related("actions_taken", *THREADS)
    rows = rows.order_by("theme__area__name", "theme__number", "number")
    found = [
        (
            f"{row.theme.title} ({row.theme.area})",
            Found(
                anchor=f"f{row.theme.area.key}-{row.theme.number}-{row.number}",
                text=row.text,
                kind=f"{row.get_kind_display()}, found in {row.found_in}",
                done=tuple(action.text for action in row.actions_taken.all()),
                answers=_answers(row.threads.all()),
            ),
        )
        for row in rows
    ]
    return [(theme, [each for _, each in group]) for theme, group in itertools.groupby(found, key=lambda p: p[0])]


def _answers(threads: Iterable[Thread]) -> tuple[Answer, ...]:
    found = [_answer(thread) for thread in threads]
    return tuple(sorted(found, key=lambda answer: (answer.where, answer.words)))


def _answer(thread: Thread) -> Answer:
    if d := thread.deliverable:
        return Answer(f"{d.reference} {d.short_title}", str(d.workstream.plan.area), _url(d), thread.why, True)
    if w := thread.workstream:
        url = reverse("governance:thread", args=[w.plan.slug, w.number])
        return Answer(f"Workstream {w.number}, {w.short_name}", str(w.plan.area), url, thread.why)
    theme = thread.theme
    url = reverse("workstreams:themes", args=[theme.plan.slug])
    return Answer(f"Theme: {theme.short_name}", str(theme.plan.area), url, thread.why)


def _decision_url(row: Decision) -> str:
    return reverse("governance:decision", args=[row.series, row.number])


def _url(d: Deliverable) -> str:
    return reverse("workstreams:deliverable", args=[d.workstream.plan.slug, d.workstream.number, d.number])


# One workstream -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Need:
    """A finding or a statement that the workstream, or a deliverable of it, answers."""

    key: tuple
    kind: str
    text: str
    url: str
    answered_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A deliverable of the workstream: its status, its latest words, and what was decided about it."""

    reference: str
    title: str
    url: str
    word: str
    mark: str
    narrative: str
    on: str
    decisions: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Known:
    """An indicator of the workstream, with its latest figures and what it measures."""

    key: str
    name: str
    latest: str
    measures: tuple[str, ...]


def thread_page(workstream: Workstream, person: Person) -> dict:
    """A workstream from its needs to its indicators, in columns and as a picture."""
    day = dates.today()
    rows = Deliverable.objects.visible_to(person).filter(workstream=workstream).order_by("number")
    found = standings(rows, day=day, since=since_last_meeting(day))
    deliverables = [each.deliverable for each in found]
    latest = latest_updates(deliverables)
    decided = _decisions(deliverables, person)
    steps = [
        Step(
            reference=each.deliverable.reference,
            title=each.deliverable.short_title,
            url=_url(each.deliverable),
            word=each.word,
            mark=each.mark,
            narrative=latest[each.deliverable.pk].narrative if each.deliverable.pk in latest else "",
            on=dates.say_day(latest[each.deliverable.pk].at) if each.deliverable.pk in latest else "",
            decisions=tuple(decided.get(each.deliverable.pk, ())),
        )
        for each in found
    ]
    needs, known = _needs(workstream, deliverables), _known(workstream, deliverables)
    measured = {reference for each in known for reference in each.measures}
    explained = {reference for need in needs for reference in need.answered_by}
    return {
        "workstream": workstream,
        "needs": needs,
        "steps": steps,
        "known": known,
        "without_need": [step.reference for step in steps if step.reference not in explained],
        "without_indicator": [step.reference for step in steps if step.reference not in measured],
        "picture": pictures.thread(workstream, needs, steps, known),
    }


def _needs(workstream: Workstream, deliverables: list[Deliverable]) -> list[Need]:
    by_pk = {row.pk: row.reference for row in deliverables}
    threads = Thread.objects.filter(workstream=workstream) | Thread.objects.filter(deliverable__in=by_pk)
    found: dict[tuple, Need] = {}
    for thread in threads.select_related("finding__theme__area", "statement").order_by("finding", "statement", "pk"):
        need = _need(thread.finding or thread.statement)
        kept = found.setdefault(need.key, need)
        if thread.deliverable_id:
            answered = (*kept.answered_by, by_pk[thread.deliverable_id])
            found[need.key] = replace(kept, answered_by=tuple(sorted(set(answered))))
    return list(found.values())


def _need(row: Finding | Statement) -> Need:
    if isinstance(row, Finding):
        anchor = f"f{row.theme.area.key}-{row.theme.number}-{row.number}"
        url = f"{reverse('governance:findings')}#{anchor}"
        return Need(("finding", row.pk), f"Finding, {row.found_in}", row.text, url, ())
    return Need(("statement", row.pk), "Statement", row.text, f"{reverse('governance:said')}#s{row.number}", ())


def _known(workstream: Workstream, deliverables: list[Deliverable]) -> list[Known]:
    by_pk = {row.pk: row.reference for row in deliverables}
    measures = Measure.objects.filter(workstream=workstream) | Measure.objects.filter(deliverable__in=by_pk)
    grouped: dict[int, tuple] = {}
    for measure in measures.select_related("indicator").order_by("indicator__order", "pk"):
        kept = grouped.setdefault(measure.indicator_id, (measure.indicator, []))
        if measure.deliverable_id:
            kept[1].append(by_pk[measure.deliverable_id])
    latest = _latest_figures(grouped)
    return [
        Known(indicator.key, indicator.name, latest.get(pk, ""), tuple(sorted(references)))
        for pk, (indicator, references) in grouped.items()
    ]


def _latest_figures(indicators: Iterable[int]) -> dict[int, str]:
    """The latest counted figure of each indicator in words, by its primary key. Two queries however many there are."""
    smallest = BoardSettings.current().smallest_figure
    newest = Observation.objects.filter(definition__indicator=OuterRef("pk"), is_projection=False)
    newest = newest.order_by("-period_end", "pk").values("pk")[:1]
    wanted = Indicator.objects.filter(pk__in=list(indicators)).annotate(latest=Subquery(newest)).values("latest")
    rows = Observation.objects.filter(pk__in=wanted).select_related("definition", "area")
    found = {}
    for told in as_may_be_told(rows, smallest):
        name = ", ".join(filter(None, (told.area.name, told.breakdown)))
        found[told.definition.indicator_id] = (
            f"{told.as_printed}, {name}, {say_period(told.period_start, told.period_end)}"
        )
    return found


def _decisions(deliverables: list[Deliverable], person: Person) -> dict[int, list[tuple[str, str, str]]]:
    """The decisions on items that name a deliverable, as far as the reader may see them: reference, page, words."""
    found: dict[int, list[tuple[str, str, str]]] = {}
    rows = Decision.objects.visible_to(person).filter(item__deliverable_links__deliverable__in=deliverables)
    for row in rows.prefetch_related("item__deliverable_links").distinct().order_by("-pk"):
        for link in row.item.deliverable_links.all():
            found.setdefault(link.deliverable_id, []).append((row.ref, _decision_url(row), row.text))
    return found
