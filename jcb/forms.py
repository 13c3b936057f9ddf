"""How forms look: Django's own renderer with GOV.UK's markup, and one way to read dates and files."""

from django import forms
from django.forms.renderers import TemplatesSetting

CLASSES = {
    forms.TextInput: "govuk-input",
    forms.EmailInput: "govuk-input",
    forms.URLInput: "govuk-input",
    forms.NumberInput: "govuk-input govuk-input--width-5",
    forms.DateInput: "govuk-input govuk-input--width-10",
    forms.DateTimeInput: "govuk-input govuk-input--width-20",
    forms.Textarea: "govuk-textarea",
    forms.Select: "govuk-select",
    forms.ClearableFileInput: "govuk-file-upload",
    forms.FileInput: "govuk-file-upload",
    forms.PasswordInput: "govuk-input",
    forms.RadioSelect: "govuk-radios__input",
    forms.CheckboxInput: "govuk-checkboxes__input",
    forms.CheckboxSelectMultiple: "govuk-checkboxes__input",
}


class BoardRenderer(TemplatesSetting):
    """Forms and fields from `templates/forms/`."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"

    @property
    def bound_field_class(self):
        return BoardField


class BoardField(forms.BoundField):
    """A field with GOV.UK's classes, the id that an error summary links to, and line ends as they are kept."""

    def build_widget_attrs(self, attrs, widget=None):
        attrs = super().build_widget_attrs(attrs, widget)
        widget = widget or self.field.widget
        own = CLASSES.get(type(widget), "")
        given = attrs.get("class") or widget.attrs.get("class")
        if classes := " ".join(filter(None, [own, given, self.errors and own and f"{own.split()[0]}--error"])):
            attrs["class"] = classes
        return attrs

    @property
    def data(self):
        """What came in, with line ends as they are kept: a browser sends two characters for each, and a text of several
        lines that nobody touched would count as changed."""
        sent = super().data
        return sent.replace("\r\n", "\n") if isinstance(sent, str) else sent

    @property
    def first_id(self) -> str:
        """The id of the first control: radios and checkboxes have one each."""
        many = isinstance(self.field.widget, (forms.RadioSelect, forms.CheckboxSelectMultiple))
        return f"{self.auto_id}_0" if many else self.auto_id
