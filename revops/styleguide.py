"""Every component in each of its states, drawn by the templates the pages use."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace as Sample
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dashboards.scope import Scope
from funnel.forms.fields import Choices, MomentField
from funnel.stages import BANT_FIELDS, BANT_WORDS, STAGE_DEPARTMENT, STAGE_WORDS, Department, Stage
from funnel.views.access import PageRequest, reads
from funnel.views.pills import Pill, up_to
from handoffs.views.clocks import Clock
from handoffs.views.rows import Button, Row
from handoffs.views.strips import Strip

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
    theme = request.GET.get("theme", "")
    context = {
        "shown_theme": theme if theme in ("light", "dark") else "",
        "themes": [
            Pill("?", _("As the device"), theme not in ("light", "dark")),
            Pill("?theme=light", _("Light"), theme == "light"),
            Pill("?theme=dark", _("Dark"), theme == "dark"),
        ],
        "tokens": TOKENS,
        "departments": list(Department),
        "clocks": _clocks(),
        "form": SampleForm(),
        "refused": SampleForm({"company": "", "note": "4月から"}),
        "tabs": _tabs(),
        "chips": [("budget", _("No budget")), ("timing", _("Timing open")), ("duplicate", _("Duplicate"))],
        "rows": _rows(request),
        "back": request.path,
        "life": _life(),
        "entries": _entries(request),
        "here": request.path,
        "icons": ("search", "bell", "upload", "download", "print", "clock", "wall"),
        "toast": _toast(),
        "table": _table(),
        "nothing": [],
        "clashing": _clashing(request),
        **_stage(),
        **_meeting(),
        "bottleneck": _bottleneck(),
    }
    return render(request, "styleguide.html", context)


@require_safe
@reads
def stage(request: PageRequest) -> HttpResponse:
    """The layout of what a room looks at, with the components of a review."""
    words = {"claim": _("Opportunity rate has fallen four weeks in a row"), "gain": _gain()}
    read = {"owner": "佐藤", "due": "11/27"}
    return render(request, "styleguide_stage.html", {**words, "read": read, **_meeting()})


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
        budget.choices = [
            (code, BANT_WORDS[code].say(get_language())) for code in ("met", "not_met", "unknown")
        ]


class SampleSheet(forms.Form):
    """What the strip of a selected row asks."""

    meeting_at = MomentField(required=False)
    note = forms.CharField(required=False)
    below_threshold_reason = forms.CharField(required=False)
    is_short = True

    def __init__(self) -> None:
        super().__init__(initial={"budget": "met", "timeline": "unknown", "slot": ""}, auto_id="strip-%s")
        answers = [(code, BANT_WORDS[code].say(get_language())) for code in ("met", "not_met", "unknown")]
        for name in BANT_FIELDS:
            words = BANT_WORDS[name].say(get_language()) if name in BANT_WORDS else name.title()
            self.fields[name] = forms.ChoiceField(label=words, widget=Choices, choices=answers)
        times = [("1", "11/24 10:00"), ("2", "11/25 14:00"), ("", _("Another time"))]
        self.fields["slot"] = forms.ChoiceField(label=_("Meeting"), widget=Choices, choices=times)
        self.fields["meeting_at"].label, self.fields["note"].label = _("Meeting"), _("Note")
        self.bant = [(name[0], self[name]) for name in BANT_FIELDS]
        self.completeness = Sample(filled=range(7), required=8)
        self.excuses = [("timing", _("Timing open"))]


def _clashing(request: PageRequest) -> Sample:
    """An edit in place of what somebody else has changed meanwhile."""
    form = SampleForm(initial={"company": COMPANY, "note": "4月から"})
    clash = Sample(name="木村 亮", at=request.now)
    open_row = Sample(
        open=True,
        field=form["company"],
        conflict=clash,
        keep="keep",
        theirs="みなと物流株式会社",
        asked="asked",
        seen="",
    )
    return Sample(rows=[open_row], submit=_("Save"), once="", non_field_errors=[])


def _tabs() -> list[Pill]:
    words = {_("To do"): 9, _("Handoffs waiting"): 2, _("Returned"): 0, _("In nurture"): 100}
    return [Pill("#tabs", said, n == 9, up_to(n, 100)) for said, n in words.items()]


def _clocks() -> list[Clock]:
    return [
        Clock(_("Tomorrow 16:22"), "11/20 16:22 MQL", "", 8),
        Clock(_("1 h 12 min left"), "11/19 11:44 MQL", "warn", 95),
        Clock(_("3 h 10 min overdue"), "11/19 07:22 MQL", "bad", 100),
    ]


def _rows(request: PageRequest) -> list[Row]:
    """A row past due, and the selected one."""
    acts = [("log", _("Called"), "1"), ("log", _("No answer"), "2"), ("sql", _("Hand over"), "Shift+Enter")]
    buttons = [Button(slug, label, f"#{key}", "", False, slug == "log", key) for slug, label, key in acts]
    clocks = (clock for clock in reversed(_clocks()) if clock.tone)
    strip = Strip("sql", SampleSheet(), "#rows", "#rows", [])
    return [
        Row(
            dom=f"promise-{n}", kind="promise", pk=n, group="today", department=Department.INSIDE_SALES,
            record_url="#rows", company=COMPANY, person=PERSON, title="物流企画部 課長", clock=clock,
            why="料金表DL・事例ページ3回", source="展示会 ロジEXPO", buttons=buttons, selected=n == 2,
            strip=strip if n == 2 else None,
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
        "n:mql": 268, "low:mql": None, "high:mql": None, "pct:mql": 105, "missing:mql": None, "due:mql": 125,
        "target:mql": 170, "gap:mql": 6, "tone:mql": "ahead", "goal:mql-rate": 0.5,
    }  # fmt: skip
    rate = Sample(mature=True, window_days=None, still_open=None)
    stage = {
        "key": "mql", "words": STAGE_WORDS[Stage.MQL], "department": Department.MARKETING, "slug": "mql", "rate": rate,
        "rate_slug": "mql-rate", "source": STAGE_WORDS[Stage.LEAD], "far": False, "few": False, "height": 105, "top": 20,
        "rate_name": _("MQL rate"), "goal": "goal:mql-rate", "step": "mql-rate", "is_named": False, "has_target": True,
        "hatch": 0, "tone": "ahead",
    }  # fmt: skip
    month = Scope(date(2026, 11, 1), date(2026, 11, 30))
    return {"stage": stage, "numbers": numbers, "words": {"ahead": _("{n} ahead")}, "scope": month}


def _gain() -> str:
    return _("+2.7 deals won / +¥2.77M")


def _bottleneck() -> dict[str, Any]:
    """What the banner names when it has found a fault: the numbers it says and the rows it leads to."""
    numbers = {
        "bottleneck": "found", "named": "sql-rate", "edge:sql-rate": 0.13, "edge-goal:sql-rate": 0.2, "judged": "",
        "rate:late": 0.053, "n:late": 38, "gain:wins": 2.7, "gain": 2_770_000, "edge-of:sql-rate": 131,
    }  # fmt: skip
    edge = {
        "slug": "sql-rate", "name": _("Opportunity rate"), "shape": "share", "goal": "edge-goal:sql-rate",
        "link": "#bottleneck",
    }  # fmt: skip
    return {"numbers": numbers, "edges": [edge]}


def _toast() -> dict[str, Any]:
    """What a click answers with: said, to be undone, to be given a word and another moment."""
    times = [("just_now", _("Just now"), None), ("morning", _("This morning"), None)]
    return {
        "done": _("Called"),
        "company": COMPANY,
        "undo_url": "#toast",
        "note_url": "#toast",
        "times": times,
    }


def _meeting() -> dict[str, Any]:
    """What a review shows: bars, topics, what was left and what was decided."""
    first = STAGE_WORDS[Stage.SQL].say(get_language())
    bars = [
        Sample(label=first, value="6/12", share=50, target=74, department=Department.INSIDE_SALES,
               tone="", few=None, note=""),
        Sample(label=_("First contact in time"), value="79%", share=79, target=95, department="", tone="bad", few=None,
               note=_("38 over time")),
        Sample(label=_("Kickoff set in time"), value="4/5", share=80, target=95, department=Department.CUSTOMER_SUCCESS,
               tone="", few=5, note=""),
    ]  # fmt: skip
    names = (_("The whole"), _("Bottleneck"), "SLA", _("Departments"), _("Customers’ voice"), _("Closing"))
    topics = [
        {
            "number": n,
            "label": name,
            "href": "#agenda",
            "state": "done" if n == 1 else "now" if n == 2 else "ahead",
        }
        for n, name in enumerate(names, 1)
    ]
    homework = [
        Sample(text=_("A field for the phone number"), owner="山本", department=Department.MARKETING,
               is_done=True, tone="", when=""),
        Sample(text=_("A stand-in when somebody is away"), owner="佐藤", department=Department.INSIDE_SALES, is_done=False,
               tone="bad", when=_("2 days late")),
    ]  # fmt: skip
    decided = [
        Sample(text=_("Two more callers for three days after a fair"), owner="山本", department=Department.MARKETING,
               is_done=False, tone="", when="11/27"),
    ]  # fmt: skip
    return {"bullets": bars, "topics": topics, "homework": homework, "decided": decided}


def _table() -> dict[str, Any]:
    heads = [
        {"label": _("Company"), "address": "#sample", "sort": ""},
        {"label": _("Amount"), "address": "#sample", "sort": "descending", "right": True},
        {"label": _("Owner"), "address": "", "sort": ""},
    ]
    rows = [
        [Sample(text=COMPANY, href="#sample"), Sample(text="1,200,000", right=True), Sample(text="木村 亮")],
        [Sample(text="有限会社藤沢精機"), Sample(text="840,000", right=True), Sample(text="–")],
    ]
    return {"heads": heads, "rows": rows}
