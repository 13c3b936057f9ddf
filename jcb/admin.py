"""The reference records' screens for what all rooms share: people, organisations, areas, the Board's settings."""

from django import forms
from django.contrib import admin, messages
from django.shortcuts import redirect

from jcb import access, background
from jcb.links import send_link
from jcb.models import ActsFor, Area, BoardSettings, Partner, Person
from jcb.people import TOLD, take_second_step_off, tell_of_rights
from jcb.reference import BOARD, PEOPLE, Gaps, RecordAdmin, RecordForm, RecordInline, say

NEW_PERSON = (
    "No password is typed here, and nobody but its owner ever knows one. When you save, a message with a link to choose "
    "a password is sent to the e-mail address. In the list of people you can send another."
)
LEAVERS = (
    "Nobody is ever deleted: what they did keeps their name. When someone leaves, take the tick from “May sign in”."
)


class PersonForm(RecordForm):
    """A person's entry. The last administrator cannot be shut out."""

    def clean_email(self):
        return self.cleaned_data["email"].lower()

    def clean(self):
        data = super().clean()
        stays = data.get("role") == access.ADMINISTRATOR and data.get("is_active")
        if not self.instance._state.adding and not stays and access.may_edit_people(self.instance):
            others = Person.objects.filter(role=access.ADMINISTRATOR, is_active=True).exclude(pk=self.instance.pk)
            if not others.exists():
                raise forms.ValidationError(
                    "This is the only administrator. Make somebody else administrator first, then change this entry."
                )
        return data


@admin.register(Person)
class PersonAdmin(RecordAdmin):
    group = PEOPLE
    explains = "Who can sign in, and in which role"
    form = PersonForm
    may_edit = staticmethod(access.may_edit_people)
    actions = ["send_invitation", "second_step_off"]
    list_display = ["name", "position", "partner", "role", "email", "is_active"]
    list_filter = ["is_active", "role", ("partner", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["partner"]
    search_fields = ["name", "email", "position", "partner__name"]
    autocomplete_fields = ["partner"]
    helps = {
        "email": "This is what they sign in with.",
        "partner": "The organisation they work for. Commissioners may log progress on what it owns.",
        "role": "What they may see and do. The person and the secretariat are told of every change.",
        "is_active": "Without the tick they are signed out at once and stay in the record by name.",
    }

    def get_fieldsets(self, request, obj=None):
        ((_, options),) = super().get_fieldsets(request, obj)
        return [(None, {**options, "description": LEAVERS if obj else NEW_PERSON})]

    def get_fields(self, request, obj=None):
        return ["name", "position", "partner", "email", "role", *(["is_active"] if obj else [])]

    def get_search_results(self, request, queryset, search_term):
        """Those who left are in the list, but nobody is offered them when choosing a lead."""
        found, duplicates = super().get_search_results(request, queryset, search_term)
        if "app_label" in request.GET:
            found = found.filter(is_active=True)
        return found, duplicates

    def save_model(self, request, obj, form, change):
        if change:
            lines = [self._said(form, name) for name in TOLD if name in form.changed_data]
        else:
            obj.set_unusable_password()
            lines = [f"Added as {obj.get_role_display().lower()}, {obj.email}"]
        super().save_model(request, obj, form, change)
        if lines:
            tell_of_rights(person=obj, by=request.user, changes=lines)
        if not change:
            self._invite(request, obj)

    @staticmethod
    def _invite(request, person: Person) -> None:
        background.after_commit(send_link, email=person.email, site=request.build_absolute_uri("/"), invited=True)

    @admin.action(description="Send a new invitation", permissions=["change"])
    def send_invitation(self, request, queryset):
        """A link to choose a password. Nobody is told whether they could sign in before."""
        chosen = list(queryset.filter(is_active=True))
        for person in chosen:
            self._invite(request, person)
        messages.success(request, f"Invitations on their way: {len(chosen)}. Those who may not sign in get none.")

    @admin.action(description="Take their second step of signing in off", permissions=["change"])
    def second_step_off(self, request, queryset):
        """For somebody who lost their phone: they are signed out, and set up another when they sign in."""
        taken = [person for person in queryset if take_second_step_off(person=person, by=request.user)]
        said = f"Taken off: {len(taken)}. They and the secretariat are told."
        messages.success(request, said if taken else "None of them has a second step. Nothing was changed.")

    @staticmethod
    def _said(form, name: str) -> str:
        field, before = Person._meta.get_field(name), form.initial.get(name)
        if field.is_relation and before:
            before = field.related_model.objects.filter(pk=before).first()
        label = field.verbose_name[:1].upper() + field.verbose_name[1:]
        return f"{label}: {say(field, before)} → {say(field, form.cleaned_data[name])}"


class ActsForInline(RecordInline):
    model = ActsFor
    fk_name = "agent"
    fields = ["principal"]
    autocomplete_fields = ["principal"]
    may_delete = True
    verbose_name = "partner it acts for"
    verbose_name_plural = "Acts for"


class Ended(Gaps):
    words = ("All", "Still there", "Ended")


@admin.register(Partner)
class PartnerAdmin(RecordAdmin):
    group = PEOPLE
    explains = "Organisations, the dates they exist, and who took over from them"
    fixed = ("key",)
    may_delete = True
    inlines = [ActsForInline]
    list_display = ["name", "side", "kind", "is_party", "starts_on", "ends_on", "successor"]
    list_filter = ["side", "kind", "is_party", ("ends_on", Ended)]
    list_select_related = ["successor"]
    search_fields = ["name", "short_name"]
    autocomplete_fields = ["successor"]
    prepopulated_fields = {"key": ["name"]}
    fieldsets = [
        (None, {"fields": ["name", "short_name", "key", "side", "kind", "is_party"]}),
        (
            "When it exists, and what comes after",
            {
                "fields": ["starts_on", "ends_on", "successor", "note"],
                "description": "Old minutes keep the old name; what is still open passes to the successor.",
            },
        ),
    ]
    helps = {
        "key": "Used in files and addresses; it never changes.",
        "successor": "The organisation that took over its duties after its last day.",
    }


@admin.register(Area)
class AreaAdmin(RecordAdmin):
    group = PEOPLE
    explains = "Boroughs, regions and other places that figures are about"
    fixed = ("key",)
    may_delete = True
    list_display = ["name", "kind", "code", "within"]
    list_filter = ["kind"]
    list_select_related = ["within"]
    search_fields = ["name", "code"]
    autocomplete_fields = ["within"]
    prepopulated_fields = {"key": ["name"]}
    fields = ["name", "key", "kind", "code", "within"]
    helps = {
        "key": "Used in files and addresses; it never changes.",
        "within": "The larger area that it is a part of.",
    }


@admin.register(BoardSettings)
class BoardSettingsAdmin(RecordAdmin):
    group = BOARD
    explains = "The Board’s name and the numbers it chose for itself"
    may_edit = staticmethod(access.may_edit_people)
    fields = [
        "board_name",
        "secretariat_email",
        "weeks_since_last_meeting",
        "no_change_limit",
        "smallest_figure",
        "minutes_days",
        "comment_days",
        "public_pages",
        "attach_pack",
    ]
    helps = {
        "secretariat_email": "Where people who need help are told to write.",
        "weeks_since_last_meeting": "What counts as new on the first page until meetings are kept here.",
        "no_change_limit": "After this many in a row, a lead is asked for a few new words.",
        "smallest_figure": "Figures about people below this are not shown, so that no child can be recognised.",
    }

    def has_add_permission(self, request, obj=None):
        return super().has_add_permission(request, obj) and not self.get_queryset(request).exists()

    def changelist_view(self, request, extra_context=None):
        """There is one row: the list goes straight to it."""
        row = self.get_queryset(request).first()
        if row:
            return redirect("admin:jcb_boardsettings_change", row.pk)
        if self.has_add_permission(request):
            return redirect("admin:jcb_boardsettings_add")
        return super().changelist_view(request, extra_context)
