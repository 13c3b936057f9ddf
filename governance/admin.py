"""The reference records' screens for the Board: its terms of reference, standing items, seats, days in the way."""

from django.contrib import admin

from governance.models import Caution, ClosedDay, Membership, Seat, StandingItem, Terms
from jcb.reference import BOARD, RecordAdmin, RecordInline


@admin.register(Terms)
class TermsAdmin(RecordAdmin):
    group = BOARD
    explains = "The rules of each version, to look up: the authors’ deadline, the quorum, the review"
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
            {
                "fields": ["authors_working_days", "quorum_council", "quorum_nhs", "quorum_note", "review_months"],
                "description": "The secretariat changes these under “Meetings”, “Terms of reference”, on the page of the "
                "version: coming meetings follow, and everyone concerned is told.",
            },
        ),
    ]
    readonly_fields = ["every", "papers"]

    def has_change_permission(self, request, obj=None):
        """Changed on their own page, so that coming meetings follow."""
        return False

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


@admin.register(ClosedDay)
class ClosedDayAdmin(RecordAdmin):
    group = BOARD
    explains = "Days off beside the usual bank holidays: no meeting is proposed on them, and no deadline counts them"
    may_delete = True
    list_display = ["name", "on"]
    search_fields = ["name"]
    fields = ["on", "name"]
    helps = {"name": "Such as a royal holiday. Meetings that are planned already stay where they are."}


@admin.register(Caution)
class CautionAdmin(RecordAdmin):
    group = BOARD
    explains = "School holidays and the weeks before an election: a meeting in them is warned of and never moved"
    may_delete = True
    list_display = ["name", "kind", "area", "first_on", "last_on"]
    list_filter = ["kind", ("area", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["area"]
    search_fields = ["name"]
    fields = ["kind", "name", "area", "first_on", "last_on"]
    helps = {"area": "Leave it empty where it is for both boroughs."}
