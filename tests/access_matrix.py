"""Who gets what from every address: the one table that says it. tests/test_access.py makes its tests from it.

A row is a URL name and a method; a column is one of the ten personas of SECURITY.md, in its order. A cell is the status
of the answer, or "login" for the way to the sign-in page. HEAD is answered as GET is. On our own addresses a method
without a row is not allowed (405). What is asked for and sent stands in `tests/test_access.py` and `tests/addresses.py`, as `Case`.

The deliverable asked about belongs to the partner of the "owner"; somebody else leads it. The invited lead is put down as
a lead of its workstream, which opens nothing to them. Its completion is proposed by the lead.

The meeting asked about is still to come. Its item is not restricted; the "owner" writes its front sheet and its paper, and
nobody is invited to it. The action asked about comes from an item of a meeting that has begun, and is the "owner"'s. Restricted items have a test of their own. The secret of the calendar asked for is nobody's, and a
PDF that is made while one waits gets no time here, so that the answer is the way back to its page, or 503 in words for a
pack. Nobody is making the pack, or turning the paper into pages, whose progress is asked for.
Nobody has a password or a second step, no directory is set, and the session that is to be ended is nobody's.
The two board members stand for the parties of the dispute asked about; the council's has filed a statement that is sealed,
and proposed a longer period.
"""

from tests.conftest import PERSONAS

ANSWERS = """
                                              out   council nhs   owner other lead  forum observer secretary admin

health                                 GET    200   200     200   200   200   200   200   200      200       200
ready                                  GET    200   200     200   200   200   200   200   200      200       200

governance:home                        GET    login 200     200   200   200   200   200   200      200       200
governance:clock                       GET    login 200     200   200   200   200   200   200      200       200
governance:clock                       POST   login 302     302   302   302   302   302   302      302       302
governance:help                        GET    200   200     200   200   200   200   200   200      200       200
governance:accessibility               GET    200   200     200   200   200   200   200   200      200       200
governance:privacy                     GET    200   200     200   200   200   200   200   200      200       200
governance:documents                   GET    login 200     200   200   200   200   200   200      200       200
governance:document                    GET    login 200     200   200   200   200   200   200      200       200
governance:document_pdf                GET    login 200     200   200   200   200   200   200      200       200

governance:meetings                    GET    login 200     200     200   200   200   200   200      200       200
governance:meeting                     GET    login 200     200     200   200   200   200   200      200       200
governance:generate_meetings           GET    login 403     403     403   403   403   403   403      200       403
governance:generate_meetings           POST   login 403     403     403   403   403   403   403      302       403
governance:call_meeting                GET    login 403     403     403   403   403   403   403      200       403
governance:call_meeting                POST   login 403     403     403   403   403   403   403      302       403
governance:edit_meeting                GET    login 403     403     403   403   403   403   403      200       403
governance:edit_meeting                POST   login 403     403     403   403   403   403   403      302       403
governance:postpone_meeting            GET    login 403     403     403   403   403   403   403      200       403
governance:postpone_meeting            POST   login 403     403     403   403   403   403   403      302       403
governance:place_meeting               GET    login 403     403     403   403   403   403   403      200       403
governance:place_meeting               POST   login 403     403     403   403   403   403   403      302       403
governance:cancel_meeting              GET    login 403     403     403   403   403   403   403      200       403
governance:cancel_meeting              POST   login 403     403     403   403   403   403   403      302       403
governance:adjourn_meeting             GET    login 403     403     403   403   403   403   403      200       403
governance:adjourn_meeting             POST   login 403     403     403   403   403   403   403      302       403
governance:held_meeting                GET    login 403     403     403   403   403   403   403      200       403
governance:held_meeting                POST   login 403     403     403   403   403   403   403      302       403
governance:calendar                    GET    login 200     200     200   200   200   200   200      200       200
governance:calendar                    POST   login 200     200     200   200   200   200   200      200       200
governance:feed                        GET    404   404     404     404   404   404   404   404      404       404

governance:decisions                   GET    login 200     200     200   200   200   200   200      200       200
governance:decisions_csv               GET    login 200     200     200   200   200   200   200      200       200
governance:decision                    GET    login 200     200     200   200   404   200   200      200       200
governance:decision_extract            GET    login 302     302     302   302   404   302   302      302       302
governance:decide_between              GET    login 403     403     403   403   403   403   403      200       403
governance:decide_between              POST   login 403     403     403   403   403   403   403      302       403
governance:correct_decision            GET    login 403     403     403   403   404   403   403      200       403
governance:correct_decision            POST   login 403     403     403   403   404   403   403      302       403
governance:ratify_decision             GET    login 403     403     403   403   403   403   403      200       403
governance:ratify_decision             POST   login 403     403     403   403   403   403   403      302       403
governance:decision_date               GET    login 403     403     403   403   404   403   403      200       403
governance:decision_date               POST   login 403     403     403   403   404   403   403      302       403
governance:decision_answer             GET    login 403     403     403   403   403   403   403      200       403
governance:decision_answer             POST   login 403     403     403   403   403   403   403      302       403
governance:decide                      GET    login 403     403     403   403   404   403   403      200       403
governance:decide                      POST   login 403     403     403   403   404   403   403      302       403
governance:agree                       POST   login 403     403     403   403   404   403   403      302       403
governance:attendance                  GET    login 200     200     200   200   200   200   200      200       200
governance:attendance                  POST   login 403     403     403   403   403   403   403      302       403
governance:move_attendance             POST   login 403     403     403   403   403   403   403      302       403
governance:room                        GET    login 403     403     403   403   403   403   403      302       403
governance:room_item                   GET    login 403     403     403   403   403   403   403      200       403
governance:room_item                   POST   login 403     403     403   403   403   403   403      302       403
governance:add_attendance              GET    login 403     403     403   403   403   403   403      200       403
governance:add_attendance              POST   login 403     403     403   403   403   403   403      302       403
governance:interests                   GET    login 200     200     200   200   200   200   200      200       200
governance:enter_interest              GET    login 200     200     200   200   200   200   403      200       403
governance:enter_interest              POST   login 302     302     302   302   302   302   403      302       403
governance:confirm_interests           GET    login 200     200     200   200   200   200   403      200       403
governance:confirm_interests           POST   login 302     302     302   302   302   302   403      302       403
governance:declare_interest            GET    login 200     200     200   200   200   200   403      200       403
governance:declare_interest            POST   login 302     302     302   302   302   302   403      302       403
governance:end_interest                GET    login 403     403     200   404   404   404   404      200       404
governance:end_interest                POST   login 403     403     302   404   404   404   404      302       404
governance:manage_interest             GET    login 403     403     403   403   404   403   403      200       403
governance:manage_interest             POST   login 403     403     403   403   404   403   403      302       403
governance:minutes                     GET    login 200     200     200   200   200   200   200      200       200
governance:minutes_pdf                 GET    login 302     302     302   302   302   302   302      302       302
governance:minutes_word                GET    login 200     200     200   200   200   200   200      200       200
governance:check_minutes               GET    login 200     200     404   404   404   404   404      403       404
governance:check_minutes               POST   login 302     302     404   404   404   404   404      403       404
governance:back_minutes                GET    login 403     403     404   404   404   404   404      200       404
governance:back_minutes                POST   login 403     403     404   404   404   404   404      302       404
governance:circulate_minutes           GET    login 403     403     404   404   404   404   404      200       404
governance:circulate_minutes           POST   login 403     403     404   404   404   404   404      302       404
governance:agree_minutes               GET    login 403     403     403   403   403   403   403      200       403
governance:agree_minutes               POST   login 403     403     403   403   403   403   403      302       403
governance:not_agreed_minutes          GET    login 403     403     403   403   403   403   403      200       403
governance:not_agreed_minutes          POST   login 403     403     403   403   403   403   403      302       403
governance:correct_minutes             GET    login 403     403     403   403   403   403   403      200       403
governance:correct_minutes             POST   login 403     403     403   403   403   403   403      302       403
governance:comment_on_minutes          GET    login 200     200     200   200   404   200   403      200       403
governance:comment_on_minutes          POST   login 302     302     302   302   404   302   403      302       403
governance:answer_minute_comment       GET    login 403     403     403   403   404   403   403      200       403
governance:answer_minute_comment       POST   login 403     403     403   403   404   403   403      302       403
governance:family_summary              GET    login 200     200     200   200   200   200   200      200       200
governance:family_summary              POST   login 403     403     403   403   403   403   403      302       403
governance:approve_summary             POST   login 302     302     404   404   404   404   404      403       404
governance:publish_summary             POST   login 403     403     404   404   404   404   404      302       404
governance:withdraw_summary            POST   login 403     403     403   403   403   403   403      302       403
governance:board                       GET    200   200     200     200   200   200   200   200      200       200
governance:public_summary              GET    200   200     200     200   200   200   200   200      200       200
governance:public_pdf                  GET    302   302     302     302   302   302   302   302      302       302
governance:appraisal                   GET    login 403     403     403   403   403   403   403      200       403
governance:decide_appraisal            GET    login 403     403     403   403   403   403   403      200       403
governance:decide_appraisal            POST   login 403     403     403   403   403   403   403      302       403
governance:risks                       GET    login 200     200     200   200   200   200   200      200       200
governance:risks_csv                   GET    login 200     200     200   200   200   200   200      200       200
governance:risk                        GET    login 200     200     200   200   200   200   200      200       200
governance:add_risk                    GET    login 403     403     403   403   403   403   403      200       403
governance:add_risk                    POST   login 403     403     403   403   403   403   403      302       403
governance:score_risk                  GET    login 403     403     403   403   403   403   403      200       403
governance:score_risk                  POST   login 403     403     403   403   403   403   403      302       403
governance:edit_risk                   GET    login 403     403     403   403   403   403   403      200       403
governance:edit_risk                   POST   login 403     403     403   403   403   403   403      302       403
governance:escalate_risk               GET    login 403     403     403   403   403   403   403      200       403
governance:escalate_risk               POST   login 403     403     403   403   403   403   403      302       403
governance:answer_risk                 GET    login 403     403     403   403   403   403   403      200       403
governance:answer_risk                 POST   login 403     403     403   403   403   403   403      302       403

governance:budgets                     GET    login 200     200     200   200   200   200   200      200       200
governance:budgets_csv                 GET    login 200     200     200   200   200   200   200      200       200
governance:agreement                   GET    login 200     200     200   200   200   200   200      200       200
governance:add_agreement               GET    login 403     403     200   200   403   403   403      200       403
governance:add_agreement               POST   login 403     403     302   422   403   403   403      302       403
governance:edit_agreement              GET    login 403     403     200   403   403   403   403      200       403
governance:edit_agreement              POST   login 403     403     302   403   403   403   403      302       403
governance:review_agreement            GET    login 403     403     200   403   403   403   403      200       403
governance:review_agreement            POST   login 403     403     302   403   403   403   403      302       403
governance:end_agreement               GET    login 403     403     200   403   403   403   403      200       403
governance:end_agreement               POST   login 403     403     302   403   403   403   403      302       403
governance:add_agreement_year          GET    login 403     403     200   403   403   403   403      200       403
governance:add_agreement_year          POST   login 403     403     302   403   403   403   403      302       403
governance:edit_agreement_year         GET    login 403     403     200   403   403   403   403      200       403
governance:edit_agreement_year         POST   login 403     403     302   403   403   403   403      302       403
governance:bodies                      GET    login 200     200     200   200   200   200   200      200       200
governance:add_body                    GET    login 403     403     403   403   403   403   403      200       403
governance:add_body                    POST   login 403     403     403   403   403   403   403      302       403
governance:edit_body                   GET    login 403     403     403   403   403   403   403      200       403
governance:edit_body                   POST   login 403     403     403   403   403   403   403      302       403
governance:add_body_date               GET    login 403     403     403   403   403   403   403      200       403
governance:add_body_date               POST   login 403     403     403   403   403   403   403      302       403
governance:reports                     GET    login 200     200     200   200   200   200   200      200       200
governance:reports                     POST   login 403     403     403   403   403   403   403      302       403
governance:report                      GET    login 200     200     404   404   404   404   404      200       404
governance:report                      POST   login 403     403     404   404   404   404   404      302       404
governance:report_pdf                  GET    login 302     302     404   404   404   404   404      302       404
governance:send_report                 POST   login 403     403     404   404   404   404   404      302       404
governance:themes                      GET    login 200     200     200   200   200   200   200      200       200
governance:add_theme                   GET    login 200     200     200   200   403   403   403      200       403
governance:add_theme                   POST   login 302     302     302   302   403   403   403      302       403
governance:edit_theme                  GET    login 200     200     200   200   403   403   403      200       403
governance:edit_theme                  POST   login 302     302     302   302   403   403   403      302       403
governance:actions                     GET    login 200     200     200   200   200   200   200      200       200
governance:actions_csv                 GET    login 200     200     200   200   200   200   200      200       200
governance:action                      GET    login 200     200     200   200   404   200   200      200       200
governance:say_action                  GET    login 403     403     200   403   404   403   403      200       403
governance:say_action                  POST   login 403     403     302   403   404   403   403      302       403
governance:close_action                GET    login 403     403     403   403   404   403   403      200       403
governance:close_action                POST   login 403     403     403   403   404   403   403      302       403
governance:reopen_action               GET    login 403     403     403   403   404   403   403      200       403
governance:reopen_action               POST   login 403     403     403   403   404   403   403      302       403
governance:due_action                  GET    login 403     403     403   403   404   403   403      200       403
governance:due_action                  POST   login 403     403     403   403   404   403   403      302       403
governance:pass_action                 GET    login 403     403     403   403   404   403   403      200       403
governance:pass_action                 POST   login 403     403     403   403   404   403   403      302       403
governance:act                         GET    login 403     403     403   403   404   403   403      200       403
governance:act                         POST   login 403     403     403   403   404   403   403      302       403

governance:forward                     GET    login 200     200     200   200   200   200   200      200       200
governance:forward_pdf                 GET    login 302     302     302   302   302   302   302      302       302
governance:forward_add                 GET    login 200     200     200   200   403   200   403      200       403
governance:forward_add                 POST   login 302     302     302   302   403   302   403      302       403
governance:forward_spread              POST   login 403     403     403   403   403   403   403      302       403
governance:forward_item                GET    login 200     200     200   200   200   200   200      200       200
governance:forward_item                POST   login 403     403     403   403   403   403   403      302       403

governance:agenda                      GET    login 200     200     200   200   200   200   200      200       200
governance:agenda                      POST   login 403     403     403   403   403   403   403      302       403
governance:agenda_fill                 POST   login 403     403     403   403   403   403   403      302       403
governance:agenda_add                  GET    login 403     403     403   403   403   403   403      200       403
governance:agenda_add                  POST   login 403     403     403   403   403   403   403      302       403
governance:agenda_item                 GET    login 200     200     200   200   404   200   200      200       200
governance:agenda_item                 POST   login 403     403     403   403   404   403   403      302       403
governance:agenda_item_remove          POST   login 403     403     403   403   404   403   403      302       403
governance:agenda_item_invite          POST   login 403     403     403   403   404   403   403      302       403
governance:agenda_item_link            POST   login 403     403     403   403   404   403   403      302       403

governance:front_sheet                 GET    login 302     302     200   302   404   302   302      200       302
governance:front_sheet                 POST   login 403     403     302   403   404   403   403      302       403
governance:front_sheet_read            GET    login 200     200     200   404   404   404   404      200       404
governance:papers                      GET    login 200     200     200   404   404   404   404      200       404
governance:papers                      POST   login 403     403     403   404   404   404   404      302       404
governance:paper                       GET    login 200     200     200   404   404   404   404      200       404
governance:paper                       POST   login 403     403     403   404   404   404   404      302       404
governance:paper_making                GET    login 403     403     404   404   404   404   404      404       404
governance:paper_remind                POST   login 403     403     403   404   404   404   404      302       404
governance:paper_original              GET    login 404     404     200   404   404   404   404      200       404
governance:paper_pages                 GET    login 200     200     200   404   404   404   404      200       404

governance:pack                        GET    login 302     302     302   302   302   302   302      200       302
governance:pack_draft                  POST   login 403     403     403   403   403   403   403      503       403
governance:pack_draft_pdf              GET    login 403     403     403   403   403   403   403      200       403
governance:pack_publish                GET    login 403     403     403   403   403   403   403      200       403
governance:pack_publish                POST   login 403     403     403   403   403   403   403      503       403
governance:pack_making                 GET    login 403     403     403   403   403   403   403      404       403
governance:pack_read                   GET    login 200     200     200   200   200   200   200      200       200
governance:pack_pdf                    GET    login 200     200     200   200   404   200   200      200       200
governance:pack_sent                   GET    login 403     403     403   403   403   403   403      200       403
governance:pack_sent                   POST   login 403     403     403   403   403   403   403      302       403
governance:reading_worker              GET    login 200     200     200   200   200   200   200      200       200

governance:round                       GET    login 403     403     403   403   403   403   403      200       403
governance:open_round                  POST   login 403     403     403   403   403   403   403      302       403
governance:nudge                       POST   login 403     403     403   403   403   403   403      302       403
governance:highlight                   GET    login 200     200     200   200   200   200   200      200       200
governance:highlight_pdf               GET    login 302     302     302   302   302   302   302      302       302
governance:write_highlight             GET    login 403     403     403   403   403   403   403      200       403
governance:write_highlight             POST   login 403     403     403   403   403   403   403      302       403

governance:all_terms                   GET    login 200     200     200   200   200   200   200      200       200
governance:terms                       GET    login 200     200     200   200   200   200   200      200       200
governance:compare_terms               GET    login 200     200     200   200   200   200   200      200       200
governance:new_terms                   GET    login 403     403     403   403   403   403   403      200       403
governance:new_terms                   POST   login 403     403     403   403   403   403   403      302       403
governance:edit_terms                  GET    login 403     403     403   403   403   403   403      200       403
governance:edit_terms                  POST   login 403     403     403   403   403   403   403      302       403
governance:terms_clauses               GET    login 403     403     403   403   403   403   403      200       403
governance:terms_clauses               POST   login 403     403     403   403   403   403   403      302       403
governance:review_terms                GET    login 403     403     403   403   403   403   403      200       403
governance:review_terms                POST   login 403     403     403   403   403   403   403      302       403

needs:indicators                       GET    login 200     200   200   200   200   200   200      200       200
needs:indicator                        GET    login 200     200   200   200   200   200   200      200       200
needs:indicator_csv                    GET    login 200     200   200   200   200   200   200      200       200
needs:check                            GET    login 200     200   200   200   200   200   200      200       200
needs:figures                          GET    login 403     403   200   200   403   403   403      200       403
needs:enter_figure                     GET    login 403     403   200   200   403   403   403      200       403
needs:enter_figure                     POST   login 403     403   302   302   403   403   403      302       403
needs:correct_figure                   GET    login 403     403   200   200   403   403   403      200       403
needs:correct_figure                   POST   login 403     403   302   302   403   403   403      302       403
needs:remove_figure                    GET    login 403     403   200   200   403   403   403      200       403
needs:remove_figure                    POST   login 403     403   302   302   403   403   403      302       403
needs:enter_table                      GET    login 403     403   200   200   403   403   403      200       403
needs:enter_table                      POST   login 403     403   302   302   403   403   403      302       403
needs:table_template                   GET    login 403     403   200   200   403   403   403      200       403
needs:record_statement                 GET    login 403     403   200   200   403   200   403      200       403
needs:record_statement                 POST   login 403     403   302   302   403   302   403      302       403
needs:statement                        GET    login 200     200   200   200   200   200   200      200       200
needs:change_statement                 GET    login 403     403   200   200   403   200   403      200       403
needs:change_statement                 POST   login 403     403   302   302   403   302   403      302       403
needs:reply_to_statement               GET    login 200     200   200   200   403   403   403      200       403
needs:reply_to_statement               POST   login 302     302   302   302   403   403   403      302       403
needs:publish_statement                GET    login 403     403   403   403   403   403   403      200       403
needs:publish_statement                POST   login 403     403   403   403   403   403   403      302       403
needs:withdraw_statement               GET    login 403     403   403   403   403   403   403      200       403
needs:withdraw_statement               POST   login 403     403   403   403   403   403   403      302       403
needs:activities                       GET    login 200     200   200   200   200   200   200      200       200
needs:add_activity                     GET    login 403     403   200   200   403   200   403      200       403
needs:add_activity                     POST   login 403     403   302   302   403   302   403      302       403
needs:change_activity                  GET    login 403     403   200   200   403   200   403      200       403
needs:change_activity                  POST   login 403     403   302   302   403   302   403      302       403
governance:you_said                    GET    200   200     200   200   200   200   200   200      200       200
governance:you_said_pdf                GET    302   302     302   302   302   302   302   302      302       302
governance:said                        GET    login 200     200   200   200   200   200   200      200       200
governance:findings                    GET    login 200     200   200   200   200   200   200      200       200
governance:gaps                        GET    login 200     200   200   200   200   200   200      200       200
governance:thread                      GET    login 200     200   200   200   200   200   200      200       200
governance:dashboard                   GET    login 200     200   200   200   200   200   200      200       200
governance:dashboard_pdf               GET    login 302     302   302   302   302   302   302      302       302
governance:redress                     GET    login 200     200     200   200   200   200   200      200       200
governance:open_redress                GET    login 403     403     403   403   403   403   403      200       403
governance:open_redress                POST   login 403     403     403   403   403   403   403      302       403
governance:redress_case                GET    login 200     200     404   404   404   404   404      200       404
governance:redress_letter              GET    login 403     403     404   404   404   404   404      302       404
governance:decide_redress              GET    login 403     403     404   404   404   404   404      200       404
governance:decide_redress              POST   login 403     403     404   404   404   404   404      302       404
governance:reply_redress               GET    login 403     403     404   404   404   404   404      200       404
governance:reply_redress               POST   login 403     403     404   404   404   404   404      302       404
governance:close_redress               GET    login 403     403     404   404   404   404   404      200       404
governance:close_redress               POST   login 403     403     404   404   404   404   404      302       404
governance:disputes                    GET    login 200     200    200   200   200   200   200  200       200
governance:what_if                     GET    login 200     200    200   200   200   200   200  200       200
governance:raise_dispute               GET    login 200     200    403   403   403   403   403  200       403
governance:raise_dispute               POST   login 302     302    403   403   403   403   403  302       403
governance:dispute                     GET    login 200     200    404   404   404   404   404  200       404
governance:dispute_file                GET    login 302     302    404   404   404   404   404  302       404
governance:dispute_letter              GET    login 200     200    404   404   404   404   404  200       404
governance:dispute_letter              POST   login 302     302    404   404   404   404   404  302       404
governance:dispute_people              GET    login 200     200    404   404   404   404   404  200       404
governance:dispute_people              POST   login 302     422    404   404   404   404   404  302       404
governance:file_statement              GET    login 200     200    404   404   404   404   404  403       404
governance:file_statement              POST   login 302     302    404   404   404   404   404  403       404
governance:case_statement              GET    login 200     404    404   404   404   404   404  404       404
governance:release_statement           POST   login 302     404    404   404   404   404   404  404       404
governance:confirm_extension           POST   login 302     302    404   404   404   404   404  403       404
governance:refer_dispute               GET    login 200     200    404   404   404   404   404  200       404
governance:refer_dispute               POST   login 302     302    404   404   404   404   404  302       404
governance:extend_dispute              GET    login 200     200    404   404   404   404   404  200       404
governance:extend_dispute              POST   login 302     302    404   404   404   404   404  403       404
governance:ladders                     GET    login 200     200    200   200   200   200   200  200       200
governance:new_ladder                  GET    login 403     403    403   403   403   403   403  200       403
governance:new_ladder                  POST   login 403     403    403   403   403   403   403  302       403
governance:fee_dispute                 GET    login 200     200    404   404   404   404   404  200       404
governance:fee_dispute                 POST   login 302     302    404   404   404   404   404  302       404
governance:exchange_dispute            GET    login 200     200    404   404   404   404   404  200       404
governance:exchange_dispute            POST   login 302     422    404   404   404   404   404  403       404
governance:record_dispute              GET    login 200     200    404   404   404   404   404  200       404
governance:record_dispute              POST   login 302     302    404   404   404   404   404  302       404
governance:resolve_dispute             GET    login 200     200    404   404   404   404   404  200       404
governance:resolve_dispute             POST   login 302     302    404   404   404   404   404  302       404
governance:succession_dispute          GET    login 200     200    404   404   404   404   404  200       404
governance:succession_dispute          POST   login 302     302    404   404   404   404   404  302       404
governance:withdraw_dispute            GET    login 200     200    404   404   404   404   404  200       404
governance:withdraw_dispute            POST   login 302     403    404   404   404   404   404  302       404

workstreams:plans                      GET    login 200     200   200   200   200   200   200      200       200
workstreams:plan                       GET    login 200     200   200   200   200   200   200      200       200
workstreams:themes                     GET    login 200     200   200   200   200   200   200      200       200
workstreams:workstream                 GET    login 200     200   200   200   200   200   200      200       200
workstreams:deliverable                GET    login 200     200   200   200   200   200   200      200       200
workstreams:deliverable                POST   login 403     403   302   403   403   403   403      302       403
workstreams:no_change                  POST   login 403     403   302   403   403   403   403      302       403
workstreams:confirm                    POST   login 403     403   403   403   403   403   403      302       403
workstreams:evidence                   GET    login 200     200   200   200   200   200   200      200       200
workstreams:deliverables               GET    login 200     200   200   200   200   200   200      200       200
workstreams:deliverables_csv           GET    login 200     200   200   200   200   200   200      200       200
workstreams:round                      GET    login 200     200   200   200   200   200   200      200       200
workstreams:round                      POST   login 200     200   302   200   200   200   200      200       200
workstreams:statuses                   GET    login 200     200   200   200   200   200   200      200       200

account_login                          GET    200   302     302   302   302   302   302   302      302       302
account_login                          POST   200   302     302   302   302   302   302   302      302       302
account_logout                         GET    login 200     200   200   200   200   200   200      200       200
account_logout                         POST   login login   login login login login login login    login     login
account_inactive                       GET    200   200     200   200   200   200   200   200      200       200
account_signup                         GET    200   302     302   302   302   302   302   302      302       302
account_signup                         POST   200   302     302   302   302   302   302   302      302       302
account_reauthenticate                 GET    login 403     403   403   403   403   403   403      403       403
account_email                          GET    login 404     404   404   404   404   404   404      404       404
account_email                          POST   login 404     404   404   404   404   404   404      404       404
account_email_verification_sent        GET    200   200     200   200   200   200   200   200      200       200
account_change_password                GET    login 302     302   302   302   302   302   302      302       302
account_set_password                   GET    login 200     200   200   200   200   200   200      200       200
account_reset_password                 GET    200   200     200   200   200   200   200   200      200       200
account_reset_password                 POST   200   200     200   200   200   200   200   200      200       200
account_reset_password_done            GET    200   200     200   200   200   200   200   200      200       200
account_reset_password_from_key        GET    200   200     200   200   200   200   200   200      200       200
account_reset_password_from_key_done   GET    200   200     200   200   200   200   200   200      200       200
account_confirm_email                  GET    200   200     200   200   200   200   200   200      200       200
account_confirm_email                  POST   404   404     404   404   404   404   404   404      404       404
account_confirm_login_code             GET    login 302     302   302   302   302   302   302      302       302
account_reauthenticate                 POST   login 403     403   403   403   403   403   403      403       403
account_change_password                POST   login 302     302   302   302   302   302   302      302       302
account_set_password                   POST   login 200     200   200   200   200   200   200      200       200
account_reset_password_from_key        POST   200   200     200   200   200   200   200   200      200       200
account_confirm_login_code             POST   login 302     302   302   302   302   302   302      302       302
unsent_mail                            GET    login 403     403   403   403   403   403   403      200       200
unsent_mail                            POST   login 403     403   403   403   403   403   403      302       302
signed_in_where                        GET    login 200     200   200   200   200   200   200      200       200
sign_out_there                         POST   login 404     404   404   404   404   404   404      404       404
sign_out_elsewhere                     POST   login 302     302   302   302   302   302   302      302       302

mfa_index                              GET    login 200     200   200   200   200   200   200      200       200
mfa_authenticate                       GET    login 302     302   302   302   302   302   302      302       302
mfa_authenticate                       POST   login 302     302   302   302   302   302   302      302       302
mfa_reauthenticate                     GET    login 403     403   403   403   403   403   403      403       403
mfa_reauthenticate                     POST   login 403     403   403   403   403   403   403      403       403
mfa_activate_totp                      GET    login 200     200   200   200   200   200   200      200       200
mfa_activate_totp                      POST   login 200     200   200   200   200   200   200      200       200
mfa_deactivate_totp                    GET    login 404     404   404   404   404   404   404      404       404
mfa_deactivate_totp                    POST   login 404     404   404   404   404   404   404      404       404
mfa_view_recovery_codes                GET    login 404     404   404   404   404   404   404      404       404
mfa_generate_recovery_codes            GET    login 200     200   200   200   200   200   200      200       200
mfa_generate_recovery_codes            POST   login 200     200   200   200   200   200   200      200       200
mfa_download_recovery_codes            GET    login 404     404   404   404   404   404   404      404       404
mfa_list_webauthn                      GET    login 200     200   200   200   200   200   200      200       200
mfa_add_webauthn                       GET    login 200     200   200   200   200   200   200      200       200
mfa_add_webauthn                       POST   login 200     200   200   200   200   200   200      200       200
mfa_reauthenticate_webauthn            GET    login 403     403   403   403   403   403   403      403       403
mfa_reauthenticate_webauthn            POST   login 403     403   403   403   403   403   403      403       403
mfa_edit_webauthn                      GET    login 404     404   404   404   404   404   404      404       404
mfa_edit_webauthn                      POST   login 404     404   404   404   404   404   404      404       404
mfa_remove_webauthn                    GET    login 404     404   404   404   404   404   404      404       404
mfa_remove_webauthn                    POST   login 404     404   404   404   404   404   404      404       404
mfa_login_webauthn                     GET    login 302     302   302   302   302   302   302      302       302
mfa_login_webauthn                     POST   login 302     302   302   302   302   302   302      302       302

openid_connect_login                   GET    404   404     404   404   404   404   404   404      404       404
openid_connect_callback                GET    404   404     404   404   404   404   404   404      404       404
socialaccount_login_cancelled          GET    login login   login login login login login login    login     login
socialaccount_signup                   GET    login 404     404   404   404   404   404   404      404       404
socialaccount_connections              GET    login 404     404   404   404   404   404   404      404       404

admin:index                            GET    login 403     403   403   403   403   403   403      200       200
admin:login                            GET    login 403     403   403   403   403   403   403      302       302
admin:logout                           GET    login 403     403   403   403   403   403   403      302       302
admin:password_change                  GET    login 403     403   403   403   403   403   403      302       302
admin:password_change_done             GET    login 403     403   403   403   403   403   403      200       200
admin:autocomplete                     GET    login 403     403   403   403   403   403   403      200       200
admin:jsi18n                           GET    login 403     403   403   403   403   403   403      200       200
admin:view_on_site                     GET    login 403     403   403   403   403   403   403      404       404
admin:app_list                         GET    login 403     403   403   403   403   403   403      302       302
"""

# The reference records: who may do how much on each screen. "see" opens the list and the record, "change" saves it as
# well, "add" makes new ones too. Nobody else gets anything: 403, and the sign-in page for the signed out.
SCREENS = """
                              secretary admin

jcb.person                    see       add
jcb.boardsettings             see       add
jcb.partner                   add       add
jcb.area                      add       add
needs.source                  add       add
needs.indicator               add       add
needs.jsnatheme               add       add
needs.finding                 add       add
workstreams.thread            add       add
workstreams.measure           add       add
workstreams.workstream        change    change
workstreams.deliverable       change    change
workstreams.theme             add       add
workstreams.strategy          add       add
workstreams.service           add       add
workstreams.statusdefinition  change    change
governance.terms              see       see
governance.standingitem       add       add
governance.seat               add       add
governance.closedday          add       add
governance.caution            add       add
"""
SCREEN_PAGES = ("changelist", "add", "change", "delete", "history")

# Addresses that need no row, each with its reason.
EXEMPT = {
    "admin/<screen>/<path:object_id>/": "the former address of a record's page; all it does is to lead to the present one",
    "admin/(?P<url>.*)$": "answers what no other admin address does: the sign-in page, or not found",
}


def read_table(text: str) -> dict[tuple[str, ...], dict[str, str]]:
    """A table's rows as {(words before the cells): {column: cell}}; its first line names the columns."""
    columns, *lines = (line.split() for line in text.splitlines() if line.strip())
    table = {}
    for words in lines:
        key, cells = tuple(words[: -len(columns)]), words[-len(columns) :]
        if key in table:
            raise ValueError(f"{key} has two rows.")
        table[key] = dict(zip(columns, cells, strict=True))
    return table


MATRIX = {key: dict(zip(PERSONAS, row.values(), strict=True)) for key, row in read_table(ANSWERS).items()}
MAY_ON_SCREEN = {
    label: {"secretariat": row["secretary"], "administrator": row["admin"]}
    for (label,), row in read_table(SCREENS).items()
}
