"""The reference records' screens for the Board: settings of its terms of reference, standing items, seats."""

from django.contrib import admin

from governance.models import Membership, Seat, StandingItem, Terms
from jcb.reference import BOARD, RecordAdmin, RecordInline


@admin.register(Terms)
class TermsAdmin(RecordAdmin):
    group = BOARD
    explains = "What the Board chose where its terms leave it open: the authors’ deadline, the quorum"
    may_add = False
    list_display = ["title", "in_force_from", "authors_working_days", "quorum_council", "quorum_nhs"]
    search_fields = ["title"]
    fieldsets = [
        (
            "As agreed",
            {
                "fields": [
                    "title",
                    "in_force_from",
                    "every",
                    "length_minutes",
                    "venue_first",
                    "venue_second",
                    "papers",
                ],
                "description": "Terms change only by agreement of the Board, as a new version.",
            },
        ),
        (
            "Chosen by the Board",
            {"fields": ["authors_working_days", "quorum_council", "quorum_nhs", "quorum_note", "review_months"]},
        ),
    ]
    readonly_fields = ["title", "in_force_from", "every", "length_minutes", "venue_first", "venue_second", "papers"]
    helps = {
        "authors_working_days": "How long before the papers go out the authors hand theirs in.",
        "quorum_council": "Members of the council side who must be there for a decision.",
        "quorum_nhs": "Members of the NHS side who must be there for a decision.",
    }

    @admin.display(description="Meets every")
    def every(self, terms):
        unit = terms.get_every_unit_display()
        return unit.removesuffix("s") if terms.every_number == 1 else f"{terms.every_number} {unit}"

    @admin.display(description="Papers out before the meeting")
    def papers(self, terms):
        return f"{terms.notice_number} {terms.get_notice_unit_display()}"


@admin.register(StandingItem)
class StandingItemAdmin(RecordAdmin):
    group = BOARD
    explains = "What comes back on the agenda, and how often"
    fixed = ("terms",)
    may_delete = True
    list_display = ["title", "order", "frequency", "every_nth", "for_information", "terms"]
    list_filter = ["terms", "frequency", "for_information"]
    list_select_related = ["terms"]
    search_fields = ["title"]
    fields = ["terms", "order", "title", "frequency", "every_nth", "for_information", "from_practice"]
    helps = {
        "order": "Its place on the agenda; no two have the same. To swap two, give one a free number first.",
        "every_nth": "For “every so many meetings”: 2 means every second one. Otherwise leave it empty.",
        "for_information": "Stands in the block of items that is not discussed unless somebody asks.",
    }


class MembershipInline(RecordInline):
    model = Membership
    fields = ["person", "capacity", "from_on", "until_on"]
    autocomplete_fields = ["person"]
    may_delete = True
    verbose_name_plural = "Who sits here, and from when to when"
    helps = {"until_on": "Empty while they hold it. When somebody else comes, end this row and add one."}


@admin.register(Seat)
class SeatAdmin(RecordAdmin):
    group = BOARD
    explains = "Places on the Board, and who holds them"
    fixed = ("terms",)
    inlines = [MembershipInline]
    may_delete = True
    list_display = ["position", "lead_for", "side", "partner", "kind", "co_chair", "terms"]
    list_filter = ["terms", "side", "kind", "co_chair"]
    list_select_related = ["partner", "terms"]
    search_fields = ["position", "lead_for", "memberships__person__name"]
    autocomplete_fields = ["partner"]
    fields = ["terms", "order", "position", "lead_for", "side", "side_as_printed", "partner", "kind", "co_chair"]
    helps = {
        "order": "Its place in the list of members; no two have the same.",
        "lead_for": "What they are there for, such as finance.",
        "partner": "Only where the terms name one.",
    }
