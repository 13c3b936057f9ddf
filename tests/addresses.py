"""A meeting with something at every address below it, and what a form of each of these addresses sends."""

import datetime as dt
import uuid
from dataclasses import dataclass, field

from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.forms.models import model_to_dict
from django.urls import reverse

from governance.decisions.operations import parties_on
from governance.disputes.documents import LETTER
from governance.models import Clause, Confirmation, Rung
from governance.packs.views import SALT
from governance.papers.front_sheets import mark_of, recommendations_of, themes_of
from governance.terms.operations import fingerprint
from jcb import dates, files
from needs.entering.table import check
from tests.make import (
    make_action,
    make_action_update,
    make_agenda_item,
    make_agreement,
    make_agreement_party,
    make_agreement_review,
    make_agreement_year,
    make_appraisal,
    make_area,
    make_attendance,
    make_body_meeting,
    make_case_statement,
    make_decision,
    make_definition,
    make_deliverable,
    make_dispute,
    make_dispute_event,
    make_dispute_party,
    make_document,
    make_engagement,
    make_extension,
    make_family_summary,
    make_forward_item,
    make_front_sheet,
    make_held_meeting,
    make_highlight,
    make_indicator,
    make_interest,
    make_interests_return,
    make_ladder,
    make_lead,
    make_meeting,
    make_membership,
    make_minute,
    make_minute_comment,
    make_minute_correction,
    make_minutes,
    make_moderation,
    make_pack,
    make_panel_theme,
    make_paper_version,
    make_parent_body,
    make_partner,
    make_person,
    make_plan,
    make_redress_case,
    make_registered_interest,
    make_representation,
    make_risk,
    make_risk_score,
    make_round,
    make_section,
    make_source,
    make_stance,
    make_statement,
    make_terms,
    make_theme,
    make_update,
    make_upward_report,
    make_workstream,
    make_yearly,
)
from tests.papers import pdf
from workstreams.models import Status


@dataclass
class Case:
    """What is asked for at an address and what is sent there."""

    args: tuple = ()
    query: str = ""
    sent: dict = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)  # PDFs, by the name of their box
    writer: str = ""  # the persona for whom this writes, where it is not the first of those who may

    def url(self, name: str) -> str:
        return reverse(name, args=self.args) + self.query

    def form(self) -> dict:
        """What is sent, with files that nobody has read yet."""
        return self.sent | {name: SimpleUploadedFile(f"{name}.pdf", content) for name, content in self.files.items()}


def every_case(word: str, cast) -> dict[tuple[str, str], Case]:
    """A record with something at every address, and what is asked for and sent at each; `word` is in everything that a
    member may read and nobody else. `cast` is the ten personas by name."""
    owner = cast["commissioner of the owning partner"]
    council = owner.partner
    plan = make_plan(slug="kensington", title=f"{word} plan", area=make_area(name=f"{word} borough"))
    stream = make_workstream(plan=plan, name=f"{word} stream")
    lead = make_person(name=f"{word} lead")
    make_section(plan=plan, body=f"{word} section")
    make_theme(plan=plan, name=f"{word} theme")
    make_lead(workstream=stream, person=cast["invited lead"])
    proposed = make_deliverable(workstream=stream, title=f"{word} deliverable", lead=lead, partner=council)
    running = make_deliverable(workstream=stream, title=f"{word} deliverable", lead=lead, partner=council)
    owned = make_deliverable(workstream=stream, title=f"{word} deliverable", lead=owner, partner=council)
    evidence = files.keep(f"%PDF-1.7 {word}".encode(), extension="pdf", by=lead)
    given = {"evidence": evidence, "evidence_name": f"{word}.pdf", "narrative": f"{word} words", "by": lead}
    make_update(deliverable=proposed, status=Status.COMPLETE, **given)
    make_update(deliverable=running, status=Status.AT_RISK, **given)
    kept = files.keep(f"%PDF-1.7 {word} printed".encode(), extension="pdf", by=None)
    printed = make_document(kind="action-plan", subject="kensington", file=kept)
    indicator = make_indicator(name=f"{word} indicator")
    one, document = ("kensington", 1, 2), ("kensington", "action-plan")
    words = {"seen": 1, "status": "at risk", "narrative": "New words.", "on_behalf_of": lead.pk}
    return {
        ("governance:clock", "POST"): Case(sent={"day": "2020-09-11", "hour": "10:00"}),
        ("governance:documents", "GET"): Case(("kensington",)),
        ("governance:document", "GET"): Case(document),
        ("governance:document_pdf", "GET"): Case(document, f"?fingerprint={printed.data_sha256}"),
        ("needs:indicator", "GET"): Case((indicator.key,)),
        ("needs:indicator_csv", "GET"): Case((indicator.key,)),
        **needs_cases(word, indicator),
        ("governance:thread", "GET"): Case(("kensington", 1)),
        ("workstreams:plan", "GET"): Case(("kensington",)),
        ("workstreams:themes", "GET"): Case(("kensington",)),
        ("workstreams:workstream", "GET"): Case(("kensington", 1)),
        ("workstreams:deliverable", "GET"): Case(one),
        ("workstreams:deliverable", "POST"): Case(one, sent=words),
        ("workstreams:no_change", "POST"): Case(one, sent={"seen": 1}),
        ("workstreams:no_change", ""): Case(one),
        ("workstreams:confirm", "POST"): Case(("kensington", 1, 1), sent={"seen": 1}),
        ("workstreams:confirm", ""): Case(one),
        ("workstreams:evidence", "GET"): Case((*one, 1)),
        ("workstreams:round", "POST"): Case(
            sent={
                "save": "all",
                **{f"d{running.pk}-{name}": value for name, value in words.items()},
                **{f"d{owned.pk}-{name}": value for name, value in (words | {"seen": 0, "on_behalf_of": ""}).items()},
            },
            writer="commissioner of the owning partner",
        ),
        **dispute_cases(word, cast["board member, council side"], cast["board member, NHS side"]),
        **board_cases(word, stream, running, owner),
        ("account_confirm_email", "GET"): Case(("some-key",)),
        ("account_reset_password_from_key", "GET"): Case(("zzzzz", "some-key")),
        ("sign_out_there", ""): Case((1,)),
        ("mfa_edit_webauthn", ""): Case((1,)),
        ("mfa_remove_webauthn", ""): Case((1,)),
        ("openid_connect_login", ""): Case(("directory",)),
        ("openid_connect_callback", ""): Case(("directory",)),
        ("admin:autocomplete", "GET"): Case(
            query="?app_label=workstreams&model_name=deliverable&field_name=lead&term=a"
        ),
        ("admin:view_on_site", "GET"): Case((1, 1)),
        ("admin:app_list", "GET"): Case(("workstreams",)),
    }


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
    said_at = make_agenda_item(meeting=begun, title=f"{word} item that has begun")
    decision = make_decision(item=said_at, text=f"{word} decision", by=writer)
    held_since = make_held_meeting(starts_at=on_day(2020, 9, 1))
    provisional = make_decision(basis="chairs", text=f"{word} chairs’ action", by=writer)
    reserved = make_stance(
        decision=provisional,
        partner=writer.partner,
        kind="reserves",
        parent_body=f"{word} cabinet",
        answer_due_on=dt.date(2020, 9, 30),
        answer="It asks for more time.",
        answered_on=dt.date(2020, 9, 1),
    )
    present = make_attendance(meeting=begun)
    sits = make_membership(seat=present.seat)
    asked = make_action(item=said_at, owner=writer, text=f"{word} action")
    make_action_update(action=asked, kind="date", before="1 May", after="2 May")
    closed = make_action(item=said_at, owner=writer, text=f"{word} action done", state="proposed done")
    of_said, one_decision, one_action = (
        (begun.key, said_at.pk),
        (decision.series, decision.number),
        (asked.series, asked.number),
    )
    waiting = (provisional.series, provisional.number)
    all_agree = {f"party_{party.pk}": "agrees" for party in parties_on(begun.on)}
    decided, said = {"text": "New words.", **all_agree}, {**seen, "text": "New words."}
    found = {
        "decision": Case(one_decision),
        "decision_extract": Case(one_decision),
        "decide_between": Case(
            sent={**decided, "basis": "chairs", "could_not_wait": "It was urgent.", "decided_on": "2020-09-07"}
        ),
        "correct_decision": Case(one_decision, sent=said),
        "ratify_decision": Case(waiting, sent={**seen, "meeting": held_since.pk, "ratified": "yes"}),
        "decision_date": Case(one_decision, sent={**seen, "deliverable": deliverable.pk, "after_on": "2021-06-30"}),
        "decision_answer": Case(
            (*waiting, reserved.partner.key), sent={**seen, "answer": "Yes.", "answered_on": "2020-09-07"}
        ),
        "decide": Case(of_said, sent=decided),
        "agree": Case(of_said, sent={"text": "New words."}),
        "attendance": Case(held, sent={f"was_{sits.pk}": "expected", f"mode_{sits.pk}": "online"}),
        "move_attendance": Case(held, sent={"attendance": present.pk, "kind": "left", "item": said_at.pk}),
        "action": Case(one_action),
        "say_action": Case(one_action, sent=said),
        "close_action": Case(one_action, sent={**seen, "meeting": begun.pk}),
        "reopen_action": Case((closed.series, closed.number), sent=said),
        "due_action": Case(one_action, sent={**said, "due_on": "2020-10-30"}),
        "pass_action": Case(one_action, sent={**said, "owner": make_person().pk}),
        "act": Case(of_said, sent={"text": "New words.", "owner": writer.pk, "due_on": "2020-10-30"}),
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
        "agenda": Case(
            one, sent={f"item-{item.pk}-{name}": n for name, n in (("minutes", 25), ("was", item.minutes), ("seen", 1))}
        ),
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
        "pack_draft": Case(one, sent={"kind": "pack", "asked": "once"}, writer="secretariat"),
        "pack_draft_pdf": Case((meeting.key, draft)),
        "pack_publish": Case(one, sent={"kind": "pack", "number": 1, "asked": "once"}, writer="secretariat"),
        "pack_making": Case((meeting.key, "draft"), f"?job={uuid.UUID(int=0)}"),
        "pack_read": Case(one),
        "pack_pdf": Case((circulated.meeting.key, circulated.pk)),
        "pack_sent": Case((circulated.meeting.key, circulated.pk)),
        "round": Case(one),
        "open_round": Case((later.key,)),
        "nudge": Case(one, sent={"person": "everyone"}),
        "highlight": Case((later.key,)),
        "highlight_pdf": Case((later.key,)),
        "write_highlight": Case((meeting.key, stream.plan.slug, stream.number), sent=written),
        "terms": Case((terms.key,)),
        "compare_terms": Case((older.key, terms.key)),
        "new_terms": Case(sent={**named, "key": "next", "in_force_from": "2021-04-01"}),
        "edit_terms": Case((terms.key,), sent={**rules, **seen, "title": "New"}),
        "terms_clauses": Case(
            (terms.key,),
            sent={
                Clause.Kind.values[0]: "New words.",
                **{f"seen_{kind}": fingerprint([]) for kind in Clause.Kind.values},
            },
        ),
        "review_terms": Case((terms.key,), sent={"on": "2020-09-07", "outcome": "They stay."}),
    }
    found |= after_cases(word, stream, writer, begun, said_at, held_since)
    return {(f"governance:{name}", ""): case for name, case in found.items()}


def after_cases(word: str, stream, writer, begun, said_at, held) -> dict[str, Case]:
    """What comes after a meeting: its minutes at each of their states, summaries, reports, risks, themes, interests."""
    seen, words, of_item = {"seen": 1}, {"text": "New words."}, (begun.key, said_at.pk)
    out = make_minutes(meeting=begun, state="circulated", comments_until=dt.date(2020, 9, 14))
    minute = make_minute(minutes=out, item=said_at, text=f"{word} talk")
    comment = make_minute_comment(
        minute=minute, by=writer, text=f"{word} comment", outcome="kept", answer=f"{word} answer"
    )
    state = {
        name: make_minutes(meeting=make_held_meeting(starts_at=on_day(2020, 8, day)), state=name)
        for name, day in (("draft", 3), ("checked", 4), ("agreed", 5))
    }
    item = make_agenda_item(meeting=state["agreed"].meeting, title=f"{word} agreed item")
    make_minute(minutes=state["agreed"], item=item, text=f"{word} agreed talk")
    make_minute_correction(minutes=state["agreed"], item=item, text=f"{word} correction")
    summary = make_family_summary(meeting=state["agreed"].meeting, text=f"{word} draft for families")
    approved, public = (
        make_family_summary(state=name, meeting=make_held_meeting(starts_at=on_day(2020, 8, day)))
        for name, day in (("approved", 6), ("public", 7))
    )
    declared = make_interest(item=said_at, text=f"{word} interest")
    entry = make_registered_interest(person=writer, text=f"{word} registered")
    make_interests_return(person=writer)
    body = make_parent_body(name=f"{word} body", email="body@board.example")
    make_body_meeting(body=body)
    make_upward_report(meeting=begun, body=body, alert=f"{word} alert")
    risk = make_risk(
        workstream=stream,
        title=f"{word} risk",
        escalated_to=f"{word} above",
        escalated_on=dt.date(2020, 9, 1),
        answer=f"{word} reply",
        answered_on=dt.date(2020, 9, 2),
    )
    make_risk_score(risk=risk)
    agreement = make_agreement(
        title=f"{word} agreement",
        about=f"{word} money",
        risk_share=f"{word} risk share",
        reporting_body=f"{word} above",
    )
    parties = [
        make_agreement_party(agreement=agreement, partner=partner)
        for partner in (writer.partner, make_partner(is_party=False))
    ]
    make_agreement_year(agreement=agreement, year=2019, note=f"{word} year")
    make_agreement_review(agreement=agreement, outcome=f"{word} outcome")
    money = {
        **{f"party_{place}": party.partner_id for place, party in enumerate(parties, start=1)},
        **{"title": "New words", "kind": "aligned", "basis": "s26", "starts_on": "2019-04-01", "status": "in force"},
    }
    of_year = {"agreed": "100.00", "share": "equally"}
    make_appraisal(because=f"{word} appraisal")
    theme = make_panel_theme(title=f"{word} theme")
    one_risk, scored = (stream.plan.slug, stream.number, risk.number), {"likelihood": 3, "impact": 4}
    person, interest = {"person": writer.pk}, {"kind": "personal", "text": "New words."}
    what = {"kind": "issue", "title": "New words"}
    how = {**seen, "how": "correspondence", "on": "2020-09-10"}
    agreed, published = (state["agreed"].meeting.key,), (public.meeting.key,)
    of_report = (begun.key, body.key)
    case = make_redress_case(reference=f"{word} 1", decided_on=dt.date(2020, 9, 2), lesson=f"{word} lesson")
    return {
        "redress": Case(),
        "open_redress": Case(sent={"reference": "EH999/20/00013", "kind": "mediation", "opened_on": "2020-09-01"}),
        "redress_case": Case((case.pk,)),
        "redress_letter": Case((case.pk,)),
        "decide_redress": Case((case.pk,), sent={**seen, "decided_on": "2020-09-03", "accepted": "no"}),
        "reply_redress": Case((case.pk,), sent={**seen, "replied_on": "2020-09-03"}),
        "close_redress": Case((case.pk,), sent={**seen, "closed_on": "2020-09-03", "lesson": "Ask sooner."}),
        "room": Case((begun.key,)),
        "room_item": Case(of_item, sent={**seen, **words}),
        "add_attendance": Case(
            (begun.key,), sent={"person": make_person().pk, "capacity": "in attendance", "mode": "online"}
        ),
        "interests": Case(),
        "enter_interest": Case(sent={**person, **interest, "held_from": "2020-09-01"}),
        "confirm_interests": Case(sent={"person": make_person().pk}),
        "end_interest": Case((entry.pk,), sent={**seen, "held_until": "2020-09-01"}),
        "declare_interest": Case((begun.key,), sent={**person, **interest}),
        "manage_interest": Case((begun.key, declared.number), sent={**seen, "managed": "took part"}),
        "minutes": Case((begun.key,)),
        "minutes_pdf": Case((begun.key,)),
        "minutes_word": Case((begun.key,)),
        "check_minutes": Case((state["draft"].meeting.key,), sent=seen),
        "back_minutes": Case((state["checked"].meeting.key,), sent=seen),
        "circulate_minutes": Case((state["checked"].meeting.key,), sent=seen),
        "agree_minutes": Case((begun.key,), sent=how),
        "not_agreed_minutes": Case((begun.key,), sent={**how, "positions": "New words."}),
        "correct_minutes": Case(agreed, sent=words),
        "comment_on_minutes": Case((*of_item, 1), sent=words),
        "answer_minute_comment": Case(
            (*of_item, comment.number), sent={**seen, "outcome": "kept", "answer": "New words."}
        ),
        "family_summary": Case(agreed, sent={**seen, **words, "title": "New words"}),
        "approve_summary": Case((summary.meeting.key,), sent=seen),
        "publish_summary": Case((approved.meeting.key,), sent=seen),
        "withdraw_summary": Case(published, sent=seen),
        "board": Case(),
        "public_summary": Case(published),
        "public_pdf": Case(published),
        "risks": Case(),
        "risks_csv": Case(),
        "add_risk": Case((stream.plan.slug, stream.number), sent={**what, **scored}),
        "risk": Case(one_risk),
        "score_risk": Case(one_risk, sent={**seen, **scored}),
        "edit_risk": Case(one_risk, sent={**seen, **what, "state": "closed"}),
        "escalate_risk": Case(one_risk, sent={**seen, "escalated_to": "The board above", "escalated_on": "2020-09-01"}),
        "answer_risk": Case(one_risk, sent={**seen, "answer": "New words.", "answered_on": "2020-09-10"}),
        "budgets": Case(),
        "budgets_csv": Case(),
        "add_agreement": Case(sent=money),
        "agreement": Case((agreement.number,)),
        "edit_agreement": Case((agreement.number,), sent={**seen, **money}),
        "review_agreement": Case((agreement.number,), sent={**seen, "on": "2020-09-01", "outcome": "New words."}),
        "end_agreement": Case((agreement.number,), sent={**seen, "ends_on": "2020-09-01", "because": "New words."}),
        "add_agreement_year": Case((agreement.number,), sent={**of_year, "year": 2020}),
        "edit_agreement_year": Case((agreement.number, 2019), sent={**seen, **of_year}),
        "bodies": Case(),
        "add_body": Case(sent={"name": "New body", "paper_days": 5}),
        "edit_body": Case((body.key,), sent={**seen, "name": "New body", "paper_days": 5}),
        "add_body_date": Case((body.key,), sent={"on": "2020-12-01"}),
        "reports": Case((held.key,), sent={"body": body.key}),
        "report": Case(of_report, sent={**seen, "alert": "New words."}),
        "report_pdf": Case(of_report),
        "send_report": Case(of_report, sent=seen),
        "appraisal": Case(),
        "decide_appraisal": Case(
            ("notices",),
            sent={"first_on": "2017-01-01", "last_on": "2017-12-31", "decision": "dispose", "because": "New words."},
        ),
        "themes": Case(),
        "add_theme": Case(sent={"noticed_on": "2020-09-01", "title": "New words"}),
        "edit_theme": Case((theme.key,), sent={**seen, "noticed_on": "2020-09-01", "title": "New words"}),
    }


def rolled_back() -> transaction.Atomic:
    """A block whose writes a test takes back. What has to be done outside any transaction, such as drawing a PDF, is
    allowed in it, as it is in the blocks that Django's own tests are in."""
    block = transaction.atomic()
    block._from_testcase = True
    return block


def on_day(*day: int) -> dt.datetime:
    return dt.datetime(*day, 10, tzinfo=dates.LONDON)


def dispute_cases(word: str, for_council, for_nhs) -> dict[tuple[str, str], Case]:
    """A dispute between two parties, for which these two people stand, on its second rung; a sealed statement of the first
    party's, and a longer period that it proposed."""
    ladder = make_ladder()
    Rung.objects.create(
        ladder=ladder, order=3, key="political", name="Political", who="Two leaders", text="Talk.", days=28
    )
    rungs = {
        f"{key}_{name}": value
        for key in ("board", "executive")
        for name, value in {"kept": "on", "name": "A rung", "who": "Two people", "text": "They talk."}.items()
    }
    next_ladder = {**rungs, "title": "Next ladder", "in_force_from": "2021-04-01", "stands_in": "A clause"}
    Rung.objects.create(
        ladder=ladder, order=4, key="mediation", name="Mediation", who="A mediator", text="Mediate.", days=28
    )
    executive = ladder.rungs.get(key="executive")
    dispute = make_dispute(
        ladder=ladder, subject=f"{word} dispute", text=f"{word} text", rung=executive, raised_by=for_council
    )
    council, nhs = make_dispute_party(dispute=dispute), make_dispute_party(dispute=dispute)
    make_representation(party=council, person=for_council)
    make_representation(party=nhs, person=for_nhs)
    make_dispute_event(dispute=dispute, rung=ladder.rungs.get(key="board"))
    make_dispute_event(dispute=dispute, kind="referral", on=dt.date(2019, 3, 4), text=f"{word} referral")
    sealed = files.keep(f"%PDF-1.7 {word}".encode(), extension="pdf", by=for_council)
    make_case_statement(party=council, file=sealed, file_name=f"{word}.pdf", by=for_council)
    make_document(kind=LETTER, subject=f"{dispute.key} event 2", file=sealed)
    extension = make_extension(party=council, rung=executive, by=for_council)
    Confirmation.objects.create(extension=extension, party=council, by=for_council)
    one, on, seen = (dispute.key,), {"on": "2020-09-07"}, {"seen": 1}
    mediated = make_dispute(ladder=ladder, rung=ladder.rungs.get(key="mediation"), raised_by=for_council)
    became = make_partner(is_party=True)
    former = make_partner(is_party=True, ends_on=dt.date(2020, 3, 31), successor=became)
    ended = make_dispute(ladder=ladder, raised_by=for_council)
    for other, partners in ((mediated, (council.partner, nhs.partner)), (ended, (former, became))):
        make_dispute_event(dispute=other, rung=ladder.rungs.get(key="board"))
        for partner, person in zip(partners, (for_council, for_nhs), strict=True):
            make_representation(party=make_dispute_party(dispute=other, partner=partner), person=person)
    for rung, day in (
        ("executive", dt.date(2019, 3, 4)),
        ("political", dt.date(2019, 4, 2)),
        ("mediation", dt.date(2019, 5, 1)),
    ):
        make_dispute_event(dispute=mediated, kind="referral", rung=ladder.rungs.get(key=rung), on=day)
    raised = {
        **{"subject": "New", "about": "Section 3", "raised_on": "2020-09-07", "ladder": ladder.pk},
        **{"party_1": council.partner_id, "person_1": for_council.pk},
        **{"party_2": nhs.partner_id, "person_2": for_nhs.pk},
    }
    found = {
        "raise_dispute": Case(sent=raised),
        "dispute": Case(one),
        "dispute_file": Case(one),
        "dispute_letter": Case((dispute.key, 2)),
        "dispute_people": Case(
            one, sent={"party": council.pk, "person": make_person(role="commissioner").pk, "from_on": "2020-09-07"}
        ),
        "file_statement": Case(one, sent={"filed_on": "2020-09-07"}, files={"statement": pdf()}),
        "case_statement": Case((dispute.key, 1, 1)),
        "release_statement": Case((dispute.key, 1, 1)),
        "confirm_extension": Case((dispute.key, 1), writer="board member, NHS side"),
        "refer_dispute": Case(one, sent={**seen, **on}),
        "extend_dispute": Case(one, sent={**seen, "last_day": "2020-10-30"}),
        "ladders": Case(),
        "new_ladder": Case((ladder.key,), sent=next_ladder),
        "fee_dispute": Case((mediated.key,), sent={**seen, **on, "pounds": "1000.00"}),
        "exchange_dispute": Case(one, sent=seen),
        "record_dispute": Case(one, sent={**seen, **on, "kind": "relief"}),
        "resolve_dispute": Case(
            one,
            sent={**seen, **on, "terms": "Halves.", f"agreed_{council.pk}": "Director", f"agreed_{nhs.pk}": "Chair"},
        ),
        "succession_dispute": Case((ended.key,), sent={**seen, **on}),
        "withdraw_dispute": Case(one, sent={**seen, **on, "text": "Talks go on."}),
    }
    found = {(f"governance:{name}", ""): case for name, case in found.items()}
    return found | {("governance:dispute_letter", "POST"): Case((mediated.key, 2))}


# What we know


def needs_cases(secret: str, indicator) -> dict:
    """A figure, a statement that is public and an activity, and what the forms of each send."""
    definition = make_definition(indicator=indicator, unit="weeks")
    area, source = make_area(name=f"{secret} place", kind="part"), make_source(title=f"{secret} source")
    figure = make_yearly(definition, area, 2018, 21, source=source, note=f"{secret} note")
    statement = make_statement(
        text=f"{secret} said", heard_through=f"{secret} meeting", areas=(borough := make_area(),)
    )
    make_moderation(statement=statement, text="Said in public.")
    activity = make_engagement(title=f"{secret} activity")
    table = f"Area,Period,As published,Source\n{area.name},2017,20,{source.title}\n"
    entered = {"definition": definition.pk, "area": area.pk, "period": "2019", "figure": "22", "source": source.pk}
    said = {"setting": "early years", "text": "Heard.", "heard_through": "Survey", "areas": [borough.pk]}
    of_one, of_it, of_statement, of_activity = (indicator.key,), (figure.pk,), (statement.number,), (activity.pk,)
    seen = {"seen": 1}
    return {
        ("needs:figures", "GET"): Case(of_one),
        ("needs:enter_figure", "GET"): Case(of_one),
        ("needs:enter_figure", "POST"): Case(of_one, sent=entered),
        ("needs:correct_figure", "GET"): Case(of_it),
        ("needs:correct_figure", "POST"): Case(of_it, sent={**seen, "figure": "23", "source": source.pk}),
        ("needs:remove_figure", "GET"): Case(of_it),
        ("needs:remove_figure", "POST"): Case(of_it, sent=seen),
        ("needs:enter_table", "POST"): Case(
            query=f"?indicator={indicator.key}",
            sent={"table": table, "digest": check(table, indicator=indicator).digest},
        ),
        ("needs:record_statement", "POST"): Case(sent=said),
        ("needs:statement", "GET"): Case(of_statement),
        ("needs:change_statement", "GET"): Case(of_statement),
        ("needs:change_statement", "POST"): Case(of_statement, sent={**said, **seen}),
        ("needs:reply_to_statement", "GET"): Case(of_statement),
        ("needs:reply_to_statement", "POST"): Case(of_statement, sent={"kind": "we did", "text": "Done.", "seen": 0}),
        ("needs:publish_statement", "GET"): Case(of_statement),
        ("needs:publish_statement", "POST"): Case(of_statement, sent={**seen, "reply": 0, "read": "on"}),
        ("needs:withdraw_statement", "GET"): Case(of_statement),
        ("needs:withdraw_statement", "POST"): Case(of_statement, sent=seen),
        ("needs:add_activity", "POST"): Case(sent={"title": "Open day", "on": "12 March 2020"}),
        ("needs:change_activity", "GET"): Case(of_activity),
        ("needs:change_activity", "POST"): Case(of_activity, sent={**seen, "title": "Survey", "on": "12 March 2020"}),
    }
