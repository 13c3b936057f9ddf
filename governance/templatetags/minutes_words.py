"""The words of minutes that pages and documents share."""

from django import template

from governance.minutes import documents

register = template.Library()
register.filter("minutes_facts", documents.facts)
register.filter("minutes_silence", documents.silence)
register.filter("interest_words", documents.interest_in_words)
register.filter("about_minutes", documents.about)
