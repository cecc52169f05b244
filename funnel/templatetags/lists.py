"""What a list is narrowed by, said one by one, so that each can be taken off alone."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlencode

from django import forms, template

register = template.Library()
SORTS = "order"


class Narrowed(NamedTuple):
    """One filter in use: its label, what it asks in the reader's words, and the query string without it."""

    label: str
    value: str
    without: str


@register.simple_tag
def narrowing(form: forms.Form) -> list[Narrowed]:
    """The filters of a form that narrow its list, in the order of the fields."""
    asked = {name: value for name, value in form.cleaned_data.items() if value}
    return [
        Narrowed(
            str(bound.label),
            _worded(bound.field, asked[bound.name]),
            urlencode([(name, value) for name, value in asked.items() if name != bound.name]),
        )
        for bound in form.visible_fields()
        if bound.name in asked and bound.name != SORTS
    ]


def _worded(field: Any, value: Any) -> str:
    choices = dict(getattr(field, "choices", ()))
    return str(choices.get(value, choices.get(str(value), value)))
