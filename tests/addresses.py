"""A meeting with something at every address below it, and what a form of each of these addresses sends."""

import datetime as dt
import uuid
from dataclasses import dataclass, field

from django.core import signing
from django.forms.models import model_to_dict
from django.urls import reverse

from governance.models import Clause
from governance.packs.views import SALT
from governance.papers.front_sheets import mark_of, recommendations_of, themes_of
from governance.terms.operations import fingerprint
from jcb import dates
from tests.make import (
    make_agenda_item,
    make_forward_item,
    make_front_sheet,
    make_highlight,
    make_meeting,
    make_pack,
    make_paper_version,
    make_round,
    make_terms,
)


@dataclass
class Case:
    """What is asked for at an address and what is sent there."""

    args: tuple = ()
    query: str = ""
    sent: dict = field(default_factory=dict)

    def url(self, name: str) -> str:
        return reverse(name, args=self.args) + self.query


def board_cases(word: str, stream, deliverable, writer) -> dict[tuple[str, str], Case]:
    """A meeting that is to come, with something at each of its addresses; `word` is in
    whatever only some may read, and `writer` is the author of the paper."""
    terms = make_terms(title=f"{word} terms", venue_first=f"{word} hall")
    older = make_terms(in_force_from=dt.date(2017, 1, 1))
    meeting, later = make_meeting(terms=terms), make_meeting(terms=terms, starts_at=on_day(2020, 11, 9))
    begun = make_meeting(terms=terms, starts_at=on_day(2020, 9, 7))
    item = make_agenda_item(meeting=meeting, title=f"{word} item", note=f"{word} note")
    sheet = make_front_sheet(item=item, summary=f"{word} summary", author=writer)
    make_paper_version(item=item, author=writer, title=f"{word} paper")
    planned = make_forward_item(title=f"{word} plan", meeting=meeting)
    make_round(meeting=meeting)
    make_highlight(meeting=later, workstream=stream, reason=f"{word} reason")
    circulated = make_pack(item=make_agenda_item(meeting=make_meeting(terms=older, starts_at=on_day(2020, 11, 16))))
    draft = signing.dumps([meeting.key, circulated.document.file_id], salt=SALT)
    rules = {name: value for name, value in model_to_dict(terms).items() if value not in (None, False)}
    held, one, of_item = (begun.key,), (meeting.key,), (meeting.key, item.pk)
    named, seen, why = {"title": "New"}, {"seen": 1}, {"because": "Floods."}
    when = {"day": "2020-10-12", "hour": "11:00"}
    row = {"take": "on", "series_on": "2020-12-14", "day": "2020-12-14", "hour": "10:00", "venue": "Hall", "length": 90}
    rows = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 0} | {f"form-0-{name}": value for name, value in row.items()}
    due = {
        name: getattr(meeting, name).astimezone(dates.LONDON).strftime("%Y-%m-%dT%H:%M")
        for name in ("authors_due_at", "clearing_due_at", "papers_due_at")
    }
    written = {"status": "on track", "reason": "It goes well."}
    found = {
        "meeting": Case(one),
        "generate_meetings": Case(sent=rows),
        "call_meeting": Case(sent={**when, **why, "venue": "Hall", "length": 90}),
        "edit_meeting": Case(one, sent={**seen, **due, "length": 90}),
        "postpone_meeting": Case(one, sent={**seen, **when, **why}),
        "place_meeting": Case(one, sent={**seen, **why, "venue": "Hall"}),
        "cancel_meeting": Case(one, sent={**seen, **why, "moved_to": later.pk}),
        "adjourn_meeting": Case(one, sent={**seen, **when, **why}),
        "held_meeting": Case(held, sent={**seen, "quorate": "yes"}),
        "feed": Case(("a-secret-of-nobody",)),
        "forward_add": Case(sent={**named, "kind": "item", "place": "parked", "minutes": 10}),
        "forward_item": Case((planned.key,), sent={**named, **seen, "kind": "item", "place": "parked", "minutes": 10}),
        "agenda": Case(one),
        "agenda_fill": Case(one),
        "agenda_add": Case(one, sent={**named, "purpose": "discuss", "minutes": 10}),
        "agenda_item": Case(of_item, sent={**named, **seen, "purpose": "discuss", "minutes": 10}),
        "agenda_item_remove": Case(of_item, sent={"what": "withdraw", **why}),
        "agenda_item_invite": Case(of_item, sent={"person": writer.pk}),
        "agenda_item_link": Case(of_item, sent={"deliverable": deliverable.pk}),
        "front_sheet": Case(
            of_item,
            sent={
                **seen,
                "summary": "New words.",
                "recommendations_seen": mark_of(recommendations_of(sheet)),
                "themes_seen": mark_of(themes_of(sheet)),
            },
        ),
        "front_sheet_read": Case(of_item),
        "papers": Case(of_item, sent=named),
        "paper": Case((*of_item, 1), sent={"what": "state", **seen, "state": "withdrawn"}),
        "paper_making": Case((*of_item, 1), f"?job={uuid.UUID(int=0)}"),
        "paper_remind": Case((*of_item, 1)),
        "paper_original": Case((*of_item, 1, 1)),
        "paper_pages": Case((*of_item, 1, 1)),
        "pack": Case(one),
        "pack_draft": Case(one, sent={"kind": "pack", "asked": "once"}),
        "pack_draft_pdf": Case((meeting.key, draft)),
        "pack_publish": Case(one, sent={"kind": "pack", "number": 1, "asked": "once"}),
        "pack_making": Case((meeting.key, "draft"), f"?job={uuid.UUID(int=0)}"),
        "pack_read": Case(one),
        "pack_pdf": Case((circulated.meeting.key, circulated.pk)),
        "pack_sent": Case((circulated.meeting.key, circulated.pk)),
        "round": Case(one),
        "open_round": Case(one),
        "nudge": Case(one, sent={"person": "everyone"}),
        "highlight": Case((later.key,)),
        "highlight_pdf": Case((later.key,)),
        "write_highlight": Case((meeting.key, stream.plan.slug, stream.number), sent=written),
        "terms": Case((terms.key,)),
        "compare_terms": Case((older.key, terms.key)),
        "new_terms": Case(sent={**named, "key": "next", "in_force_from": "2021-04-01"}),
        "edit_terms": Case((terms.key,), sent={**rules, **seen, "title": "New"}),
        "terms_clauses": Case((terms.key,), sent={f"seen_{kind}": fingerprint([]) for kind in Clause.Kind.values}),
        "review_terms": Case((terms.key,), sent={"on": "2020-09-07", "outcome": "They stay."}),
    }
    return {(f"governance:{name}", ""): case for name, case in found.items()}


def on_day(*day: int) -> dt.datetime:
    return dt.datetime(*day, 10, tzinfo=dates.LONDON)
