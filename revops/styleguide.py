"""Every component in each of its states, drawn by the templates the pages use."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace as Sample
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from funnel.forms.fields import Choices
from funnel.stages import STAGE_DEPARTMENT, STAGE_WORDS, Department, Stage
from funnel.views.access import PageRequest, reads
from handoffs.views.clocks import Clock
from handoffs.views.rows import Button, Row

TOKENS = {
    "ink": ("ink", "ink-2", "ink-3", "line-strong", "action"),
    "departments": ("mk", "is", "fs", "cs"),
    "problems": ("bad", "warn"),
    "grounds": ("bg", "surface", "surface-2", "line"),
}
COMPANY = "株式会社みなと物流"
PERSON = "高橋 由美"


@require_safe
@reads
def styleguide(request: PageRequest) -> HttpResponse:
    """The components, with sample content; nothing here is read from the database."""
    context = {
        "tokens": TOKENS,
        "departments": list(Department),
        "clocks": [
            (request.now - timedelta(hours=h), request.now - timedelta(hours=h - 24)) for h in (2, 23, 27)
        ],
        "form": SampleForm(),
        "refused": SampleForm({"company": "", "note": "4月から"}),
        "tabs": _tabs(),
        "count_to": 100,
        "rows": _rows(request),
        "back": request.path,
        "life": _life(),
        "entries": _entries(request),
        "here": request.path,
        **_stage(),
    }
    return render(request, "styleguide.html", context)


class SampleForm(forms.Form):
    """One field of each kind."""

    company = forms.CharField()
    note = forms.CharField(widget=forms.Textarea, required=False)
    budget = forms.ChoiceField(widget=Choices, choices=[("met", ""), ("unknown", "")])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["company"].label, self.fields["note"].label = _("Company"), _("Note")
        self.fields["budget"].label = _("Budget")
        budget = self.fields["budget"]
        assert isinstance(budget, forms.ChoiceField)
        budget.choices = [("met", _("Met")), ("not_met", _("Not met")), ("unknown", _("Unknown"))]


def _tabs() -> list[dict[str, Any]]:
    counted = {"do": 9, "waiting": 2, "returned": 1, "nurture": 100}
    return [{"key": k, "url": "#tabs", "count": n, "current": k == "do"} for k, n in counted.items()]


def _rows(request: PageRequest) -> list[Row]:
    """A row past due, and the selected one."""
    acts = [("log", _("Called"), "1"), ("log", _("No answer"), "2"), ("sql", _("Hand over"), "Shift+Enter")]
    buttons = [Button(slug, label, f"#{key}", "", False, slug == "log", key) for slug, label, key in acts]
    clocks = (
        Clock("3時間10分 超過", "11/19 07:22 MQL", "bad", 100),
        Clock("残り 1時間12分", "11/19 11:44 MQL", "warn", 95),
    )
    return [
        Row(
            dom=f"promise-{n}", kind="promise", pk=n, group="today", department=Department.INSIDE_SALES,
            record_url="#rows", company=COMPANY, person=PERSON, title="物流企画部 課長", clock=clock,
            why="料金表DL・事例ページ3回", source="展示会 ロジEXPO", buttons=buttons, selected=n == 2,
        )
        for n, clock in enumerate(clocks, 1)
    ]  # fmt: skip


def _life() -> list[Sample]:
    stages = (Stage.LEAD, Stage.MQL, Stage.SQL, Stage.WON, Stage.ONBOARDED)
    standings = ("past", "past", "past", "now", "ahead")
    return [
        Sample(label=STAGE_WORDS[s].say(get_language()), department=STAGE_DEPARTMENT[s], standing=standing,
               span="" if standing == "ahead" else "7/14", end="", holder="")
        for s, standing in zip(stages, standings, strict=True)
    ]  # fmt: skip


def _entries(request: PageRequest) -> list[Sample]:
    event = Sample(actor=Sample(name="早川 あかり"), note=None, inferred=False)
    common = {
        "divider": None, "at": request.now, "day": "11/20", "clock": "10:12", "detail": "", "url": "", "reason": "",
        "late": "", "fix": None, "undo_url": "", "withdrawn": False, "card": None, "tone": "", "event": event,
    }  # fmt: skip
    handoff = Sample(
        from_department=Department.FIELD_SALES, to_department=Department.CUSTOMER_SUCCESS,
        sender=Sample(name="白石 結衣"), owner=Sample(name="大江 亮"),
    )  # fmt: skip
    card = Sample(
        handoff=handoff, tone="fine", words=_("Kept"), decision=_("Accepted"), returned="", excused="",
        passed=[(_("Note"), "10月の棚卸しまでに現場が使える状態にする")],
    )  # fmt: skip
    return [
        Sample(**common | {"holder": Department.CUSTOMER_SUCCESS, "title": _("Overdue"), "tone": "bad"}),
        Sample(**common | {"holder": Department.CUSTOMER_SUCCESS, "title": _("Handed over"), "card": card}),
        Sample(**common | {"holder": Department.FIELD_SALES, "title": _("Undone"), "withdrawn": True}),
    ]


def _stage() -> dict[str, Any]:
    numbers = {
        "bar:mql": 105, "stage:mql": 131, "before:mql": 125, "change:mql": 6, "rate:mql": 0.489, "k:mql": 131,
        "n:mql": 268, "low:mql": None, "high:mql": None,
    }  # fmt: skip
    rate = Sample(mature=True, window_days=None, still_open=None)
    stage = {
        "key": "mql", "words": STAGE_WORDS[Stage.MQL], "department": Department.MARKETING, "link": "#pipe", "rate": rate,
        "rate_link": "#pipe", "source": STAGE_WORDS[Stage.LEAD], "far": False, "few": False, "height": 105, "top": 20,
    }  # fmt: skip
    return {"stage": stage, "numbers": numbers}
