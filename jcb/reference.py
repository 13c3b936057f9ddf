"""What every screen of the reference records has: the site, the form that merges, the list, the history.

Django's admin does the work. Ours are: who may (always `jcb.access`), the version a form was opened at (two people who
change different things both succeed, two who change the same thing see both), and a history page made from the audit
trail. Nothing is deleted in bulk, since that would leave no trace.
"""

import copy
import datetime as dt
from dataclasses import dataclass

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import NestedObjects, unquote
from django.contrib.admin.widgets import AutocompleteSelect, RelatedFieldWidgetWrapper
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from simple_history.models import DeletedObject

from jcb import access, background, dates
from jcb.documents_due import documents_due
from jcb.history import Conflict, as_opened, changed_by_both, save_seen

PEOPLE, BOARD, PROGRAMME, NEEDS = "People and organisations", "The Board", "The programme", "What we know"
GROUPS = (PEOPLE, BOARD, PROGRAMME, NEEDS)
HISTORY_LIMIT = 200
NOT_NAMED = "Something that you may not see"
NOT_YOURS = "The reference records are kept by the administrator and the secretariat."


class ReferenceSite(admin.AdminSite):
    """The reference records, grouped in plain words. People sign in where everybody does."""

    site_header = "Reference records"
    site_title = "Joint Commissioning Board"
    index_title = "Reference records"
    site_url = None
    enable_nav_sidebar = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.disable_action("delete_selected")

    def register(self, model_or_iterable, admin_class=None, **options):
        """Only our own: what other packages would show (groups, the queue of tasks) is no reference record."""
        if admin_class and issubclass(admin_class, RecordAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request) -> bool:
        """Nobody is asked to sign in again because they may not: someone signed in is told so (403)."""
        if request.user.is_authenticated:
            access.require(access.may_use_admin(request.user), NOT_YOURS)
        return access.may_use_admin(request.user)

    @method_decorator(login_not_required)
    def login(self, request, extra_context=None):
        if self.has_permission(request):
            return redirect("admin:index")
        return HttpResponseRedirect(f"{reverse('account_login')}?{request.GET.urlencode()}")

    def logout(self, request, extra_context=None):
        return redirect("account_logout")

    def password_change(self, request, extra_context=None):
        return redirect("account_change_password")

    def app_index(self, request, app_label, extra_context=None):
        return redirect("admin:index")

    def get_app_list(self, request, app_label=None) -> list[dict]:
        """The screens a person may open, by group, in the order in which they are declared."""
        screens = {
            screen["model"]: screen
            for app in self._build_app_dict(request, app_label).values()
            for screen in app["models"]
        }
        groups = {name: [] for name in GROUPS}
        for model, model_admin in self._registry.items():
            if model in screens:
                groups[model_admin.group].append(screens[model] | {"explains": model_admin.explains})
        return [{"name": name, "models": found} for name, found in groups.items() if found]


class DayInput(forms.DateInput):
    """A date as we say it: "12 March 2020"."""

    def __init__(self, attrs=None):
        super().__init__(attrs={"class": "vTextField vDay", "autocomplete": "off", **(attrs or {})})

    def format_value(self, value):
        return dates.say_day(value) if isinstance(value, dt.date) else super().format_value(value)


class SeenField(forms.IntegerField):
    """The version of the record that the person had before them. It is no change of theirs when it is old."""

    widget = forms.HiddenInput

    def __init__(self):
        super().__init__(required=False, min_value=0)

    def has_changed(self, initial, data) -> bool:
        return False


class RecordForm(forms.ModelForm):
    """A form that knows which version of its record it was opened at.

    What others changed since is merged in. Where both changed the same field nothing is saved: the page says what
    theirs is, what was typed stays in its box, and saving again keeps it.
    """

    seen = SeenField()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.version, self.opened = self.instance.version, None
        self.is_stale = False
        if self.instance._state.adding or "seen" not in self.fields:
            return
        self.initial["seen"] = self.version
        if self.is_bound and self.seen_version != self.version:
            self.is_stale = True
            self.opened = as_opened(self.instance, self.seen_version)
            if self.opened:  # what counts as a change is what differs from the page they were looking at
                self.initial.update(forms.model_to_dict(self.opened.instance, fields=self.own_fields))

    @property
    def seen_version(self) -> int:
        """The version in the form as it came in; 0, which no record has, where it says none."""
        typed = str(self.data.get(self.add_prefix("seen"), ""))
        return int(typed) if typed.isdecimal() and len(typed) < 10 else 0

    @property
    def own_fields(self) -> list[str]:
        """The record's own fields in this form."""
        return [name for name in self.fields if name in {field.name for field in self._meta.model._meta.fields}]

    def clean(self):
        super().clean()
        if self.is_stale:
            self._merge()
        return self.cleaned_data

    def _merge(self) -> None:
        """Take over what others changed; refuse what both did."""
        mine = [name for name in self.own_fields if name in self.changed_data and name in self.cleaned_data]
        typed = copy.copy(self.instance)
        for name in mine:
            setattr(typed, name, self.cleaned_data[name])
        both = changed_by_both(self.instance, typed, opened=self.opened, changed=mine)
        for name in self.own_fields:
            if name not in self.changed_data:
                self.cleaned_data[name] = getattr(self.instance, name)
        if both:
            by = _last_writer(self.instance)
            self._show_with_theirs()
            for name in both:
                theirs = say(self.instance._meta.get_field(name), getattr(self.instance, name))
                self.add_error(
                    name,
                    f"{by} changed this to “{theirs}” while you had the page open. What you typed is still here: "
                    "save again to keep it, or put theirs in.",
                )

    def _show_with_theirs(self) -> None:
        """Show the record as it stands, with what was typed on top; saving that is a decision made with both in sight."""
        self.data = self.data.copy()
        self.data[self.add_prefix("seen")] = self.version
        for name in self.own_fields:
            if name not in self.changed_data:
                self._put(name, self.fields[name].prepare_value(getattr(self.instance, name)))

    def _put(self, name: str, value) -> None:
        """Fill in one box as a browser would have sent it."""
        if value is False:
            self.data.pop(self.add_prefix(name), None)
        elif isinstance(value, dt.date):
            self.data[self.add_prefix(name)] = dates.say_day(value)
        else:
            self.data[self.add_prefix(name)] = "" if value is None else str(getattr(value, "pk", value))

    def save(self, commit=True):
        if not commit or self.instance._state.adding:
            return super().save(commit)
        if changed := [name for name in self.own_fields if name in self.changed_data]:
            save_seen(self.instance, seen=self.seen_version, changed=changed)
        return self.instance


def say(field: models.Field, value) -> str:
    """A field's value in words: the name of a choice, "12 March 2020", yes or no, "nothing"."""
    if value is None or value == "" or (isinstance(value, DeletedObject) and value.pk is None):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, dt.datetime):
        return dates.say_instant(value)
    if isinstance(value, dt.date):
        return dates.say_day(value)
    return str(value)


def _last_writer(row) -> str:
    last = row.history.select_related("history_user").first()
    return str(last.history_user) if last and last.history_user else "Somebody else"


@dataclass(frozen=True)
class Entry:
    """One line of a history page: who did what to which record, and when."""

    at: str
    by: str
    did: str
    record: str
    fields: list[tuple[str, str, str]]


DID = {"+": "Added", "~": "Changed", "-": "Removed"}


def entries_of(history: models.QuerySet, *, part: bool = False) -> list[tuple[dt.datetime, Entry]]:
    """The audit trail of some records of one model as lines with their instants; `part`: records on another's page."""
    found, before = [], {}
    rows = history.select_related("history_user")._select_related_history_tracked_objs()
    for row in rows.order_by("history_id"):
        pk = getattr(row, row.instance_type._meta.pk.attname)
        changes, previous = [], before.get(pk)
        if row.history_type == "~" and previous:
            changes = [
                _said(row.instance_type, change)
                for change in row.diff_against(previous, foreign_keys_are_objs=True).changes
                if change.field != "version"
            ]
        before[pk] = row
        if row.history_type == "~" and previous and not changes:
            continue
        entry = Entry(
            at=dates.say_instant(row.history_date),
            by=str(row.history_user) if row.history_user else "The system",
            did=DID[row.history_type],
            record=f"{row.instance_type._meta.verbose_name}: {row.history_object}" if part else "",
            fields=changes,
        )
        found.append((row.history_date, entry))
    return found


def _said(model, change) -> tuple[str, str, str]:
    field = model._meta.get_field(change.field)
    return field.verbose_name, say(field, change.old), say(field, change.new)


class Permissions:
    """Who may see and change: both for a screen of its own and for the rows on another's.

    `may_edit` is a predicate of `jcb.access`; whoever may use the screens at all may see.
    """

    may_edit = staticmethod(access.may_use_admin)
    may_add = True
    may_delete = False
    helps: dict[str, str] = {}

    def has_module_permission(self, request) -> bool:
        return access.may_use_admin(request.user)

    def has_view_permission(self, request, obj=None) -> bool:
        return access.may_use_admin(request.user)

    def has_add_permission(self, request, obj=None) -> bool:
        return self.may_add and self.may_edit(request.user)

    def has_change_permission(self, request, obj=None) -> bool:
        return self.may_edit(request.user)

    def has_delete_permission(self, request, obj=None) -> bool:
        return self.may_delete and self.may_edit(request.user)

    def get_queryset(self, request):
        return super().get_queryset(request).visible_to(request.user)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Days in words, help in plain words, and no little windows for other records."""
        if isinstance(db_field, models.DateField) and not isinstance(db_field, models.DateTimeField):
            kwargs |= {
                "widget": DayInput,
                "help_text": db_field.help_text or "Such as 12 March 2020.",
                "error_messages": {"invalid": "Give a day, month and year, such as 12 March 2020."},
            }
        if isinstance(db_field, models.URLField):
            kwargs["assume_scheme"] = "https"
        if db_field.name in self.helps:
            kwargs["help_text"] = self.helps[db_field.name]
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            for may in ("can_add_related", "can_change_related", "can_delete_related", "can_view_related"):
                setattr(field.widget, may, False)
        return field

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = RecordSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class RecordSelect(AutocompleteSelect):
    """A box that looks for a record. A form that comes back with an error is shown with what was sent in it, and Django's
    own box asks the database for that whatever it is."""

    def optgroups(self, name, value, attr=None):
        return super().optgroups(name, [each for each in value if each.isdecimal() and len(each) < 19], attr)


class NamedValues(admin.AllValuesFieldListFilter):
    """Every value that occurs, less the empty one, which has no name to click on."""

    def choices(self, changelist):
        return (choice for choice in super().choices(changelist) if str(choice["display"]).strip())


class Gaps(admin.EmptyFieldListFilter):
    """Those for whom somebody is named, and those for whom nobody is."""

    words = ("All", "Not named", "Named")

    def choices(self, changelist):
        for choice, words in zip(super().choices(changelist), self.words, strict=True):
            yield {**choice, "display": words}


class RecordFormSet(forms.BaseInlineFormSet):
    """The rows of a table on a record's page."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].widget.attrs["aria-label"] = "Delete this row"


class RecordInline(Permissions, admin.TabularInline):
    """Rows that belong to a record and are edited on its page."""

    form = RecordForm
    formset = RecordFormSet
    extra = 0

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """In a table the heading is no label, so each box says its own name."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field:
            field.widget.attrs["aria-label"] = field.label
        return field

    def get_fieldsets(self, request, obj=None):
        ((name, options),) = super().get_fieldsets(request, obj)
        seen = ["seen"] if self.has_change_permission(request, obj) else []
        return [(name, {**options, "fields": [*(f for f in options["fields"] if f != "seen"), *seen]})]


class RecordAdmin(Permissions, admin.ModelAdmin):
    """A list, a form and a history page for one kind of record.

    `group` and `explains` are how the first page presents it. `fixed` names fields that are chosen once and then stay.
    """

    form = RecordForm
    group = PROGRAMME
    explains = ""
    fixed: tuple[str, ...] = ()
    actions = None
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    save_on_top = False
    history_template = "admin/record_history.html"

    def get_deleted_objects(self, objs, request):
        """What stands in the way of deleting, by name where the reader may see it, and otherwise as no more than that."""
        to_delete, counts, needed, protected = super().get_deleted_objects(objs, request)
        collector = NestedObjects(using=self.model._default_manager.db, origin=objs)
        collector.collect(objs)
        hidden = {
            f"{capfirst(row._meta.verbose_name)}: {row}"
            for row in collector.protected
            if not type(row)._default_manager.visible_to(request.user).filter(pk=row.pk).exists()
        }
        shown = [words for words in protected if words not in hidden]
        return to_delete, counts, needed, [*shown, NOT_NAMED] if hidden else shown

    def get_readonly_fields(self, request, obj=None):
        fixed = self.fixed if obj else ()
        return [*super().get_readonly_fields(request, obj), *fixed]

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else super().get_prepopulated_fields(request, obj)

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        listed = [
            (name, {**options, "fields": [f for f in options["fields"] if f != "seen"]}) for name, options in fieldsets
        ]
        if obj and self.has_change_permission(request, obj):
            name, options = listed[-1]
            listed[-1] = (name, {**options, "fields": [*options["fields"], "seen"]})
        return listed

    def lookup_allowed(self, lookup, value, request):
        """A list is narrowed by its filters and by nothing else: a guess at a hash is no filter."""
        filters = [named if isinstance(named, str) else named[0] for named in self.get_list_filter(request)]
        offered = any(lookup == name or lookup.startswith(f"{name}__") for name in filters)
        return offered and super().lookup_allowed(lookup, value, request)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except (Conflict, IntegrityError):
            # Somebody else's save landed between our check and ours: check again, now with theirs in sight.
            return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request, obj, form, change):
        form.save() if change else obj.save()
        background.after_commit(documents_due)  # nearly all of what is edited here is printed somewhere

    def history_view(self, request, object_id, extra_context=None):
        """Who changed what, newest first: the record's own trail and that of the rows on its page."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        found = entries_of(obj.history.all())
        for inline in self.get_inline_instances(request, obj):
            link = inline.get_formset(request, obj).fk
            found += entries_of(inline.model.history.filter(**{link.attname: obj.pk}), part=True)
        found.sort(key=lambda pair: pair[0], reverse=True)
        context = {
            **self.admin_site.each_context(request),
            "title": f"History of {obj}",
            "entries": [entry for _, entry in found[:HISTORY_LIMIT]],
            "limit": HISTORY_LIMIT if len(found) > HISTORY_LIMIT else None,
            "object": obj,
            "opts": self.opts,
        }
        return TemplateResponse(request, self.history_template, context)

    # The audit trail is the record's own history; a second one beside it would only ever say less.
    def log_addition(self, request, obj, message): ...

    def log_change(self, request, obj, message): ...

    def log_deletions(self, request, queryset): ...
