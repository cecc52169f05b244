"""What fields and their values are called where rows are shown as they stand: the administration's pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.apps import apps
from django.db.models import Field
from django.utils.functional import lazy
from django.utils.translation import get_language

from funnel.stages import (
    CUSTOMER_PHASE_WORDS,
    DEAL_KIND_WORDS,
    DEAL_STATE_WORDS,
    DEAL_STEP_WORDS,
    DEPARTMENT_WORDS,
    EVENT_WORDS,
    OUTCOME_WORDS,
    STAGE_WORDS,
)
from funnel.words import Words
from handoffs.kinds import KIND_WORDS
from handoffs.lanes import DECISION_WORDS, LANES
from revops.field_names import FIELD_NAMES, VALUE_NAMES

APPS = ("funnel", "handoffs", "dashboards")
TABLES: tuple[Mapping[str, Words], ...] = (
    EVENT_WORDS,
    DEPARTMENT_WORDS,
    STAGE_WORDS,
    OUTCOME_WORDS,
    DEAL_KIND_WORDS,
    DEAL_STATE_WORDS,
    DEAL_STEP_WORDS,
    CUSTOMER_PHASE_WORDS,
    {boundary.value: lane.words for boundary, lane in LANES.items()},
    DECISION_WORDS,
    KIND_WORDS,
)


def _said(words: Words, declared: str = "") -> str:
    language = get_language()
    # Without a language the question is what is declared: a migration compares that.
    return words.say(language) if language or not declared else declared


in_readers_language = lazy(_said, str)


def _words_of(value: str, label: str) -> Words | None:
    """The words behind a choice: of the table that says the same of the same code, else of the choices' own."""
    for table in TABLES:
        if value in table and table[value].en == label:
            return table[value]
    return VALUE_NAMES.get(value)


def _choices(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    named = []
    for value, label in pairs:
        words = _words_of(str(value), str(label))
        named.append((value, in_readers_language(words, label) if words else label))
    return named


def name_fields() -> None:
    """Call every field of our models, and every coded value, by its name in the language of whoever reads.

    Names are given by the field's name, so that one idea has one word wherever it stands. Nothing a migration
    compares is changed: what is declared in English stays declared in English.
    """
    for app in APPS:
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.local_fields:
                _name(field)


def _name(field: Field) -> None:
    words = FIELD_NAMES.get(field.name)
    if words:
        field.verbose_name = in_readers_language(words)
    if field.choices:
        field.choices = _choices(field.flatchoices)
