"""Every number: the catalogue, and the card that says what one means, what it counts and how sure it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from dashboards import kpis
from dashboards.counts.reading import NONE
from dashboards.kpis import Frame, Kpi, Unit, Value
from dashboards.kpis.absent import ABSENT
from dashboards.kpis.companions import COMPANIONS
from dashboards.kpis.grouping import Group, Grouped, grouped
from dashboards.kpis.kpi import Parts
from dashboards.queries import segments as segments_of_passes
from dashboards.scope import GROUPS, UNOWNED, Scope
from dashboards.views.asking import Choice, address, asked, channels, owners, period_links
from dashboards.views.rows import PART_WORDS, SHAPES, declared, loaded, table
from dashboards.wording import NOTHING
from funnel.models import Campaign
from funnel.stages import DEPARTMENT_WORDS, Department
from funnel.views.access import PageRequest, may_lead, reads
from funnel.views.pills import Pill
from funnel.words import Words

FIRST_ROWS, FEW, LONGEST_SEARCH = 5, 30, 80
COMPANY = Words("Company", "全社")
GROUP_WORDS: dict[str, Words] = {
    "channel": Words("Channel", "流入経路"),
    "campaign": Words("Campaign", "キャンペーン"),
    "segment": Words("Segment", "セグメント"),
    "owner": Words("Owner", "担当者"),
    "month": Words("Month", "月"),
}
BASES: dict[str, Words] = {
    "cohort": Words(
        "Cohort: those who entered in the period, within {days} days",
        "コホートベース(期間内に発生・{days}日以内)",
    ),
    "rate": Words(
        "Period: numerator of the period ÷ denominator of the period",
        "期間ベース(期間内の分子 ÷ 期間内の分母)",
    ),
    "period": Words("Period: what is dated in it", "期間ベース(日付が期間内のもの)"),
    "now": Words("Now, whatever the period", "現在の値(期間の指定によりません)"),
}


class PartLink(NamedTuple):
    """The whole list behind one part of a number."""

    words: Words
    n: int
    href: str
    csv: str


class Beside(NamedTuple):
    """One companion, ready to be shown."""

    words: Words
    value: Value
    shape: str


@require_GET
@reads
def catalogue(request: PageRequest) -> HttpResponse:
    """All numbers by department, found by any word of theirs."""
    asked_for = request.GET.get("q", "").strip()[:LONGEST_SEARCH].replace("\0", "")
    found = [kpi for kpi in kpis.ALL if _matches(kpi, asked_for)]
    departments = [*((DEPARTMENT_WORDS[d], [k for k in found if k.department == d]) for d in Department)]
    departments.append((COMPANY, [k for k in found if k.department is None]))
    context = {
        "departments": [(words, numbers) for words, numbers in departments if numbers],
        "asked_for": asked_for,
        "count": len(found),
        "absent": ABSENT if not asked_for else (),
    }
    return render(request, "dashboards/numbers.html", context)


def _matches(kpi: Kpi, text: str) -> bool:
    said = " ".join(f"{w.en} {w.ja}" for w in (kpi.names, kpi.question, kpi.formula))
    return all(word in f"{kpi.slug} {said}".casefold() for word in text.casefold().split())


@require_GET
@reads
def number(request: PageRequest, slug: str) -> HttpResponse:
    """The card of one number in a scope: a dialog over the page, or a page of its own without script."""
    kpi = declared(slug)
    scope, refusal = asked(request)
    at = Frame.of_scope(scope, request.organization, request.now)
    parts = kpi.select(at)
    value = kpi.measure(parts, at)
    first = parts[kpi.part_names[0]]
    context = {
        "kpi": kpi,
        "value": value,
        "shape": SHAPES[kpi.unit],
        "scope": scope,
        "refusal": refusal,
        "department": DEPARTMENT_WORDS[kpi.department] if kpi.department else COMPANY,
        "basis": basis(kpi, value),
        "is_few": value.denominator is not None and value.denominator < FEW,
        "interval": interval(kpi, value),
        "beside": list(beside(kpi, value)),
        "parts": list(_parts(kpi, parts, scope)),
        "rows": list(loaded(first).order_by("-pk")[:FIRST_ROWS]),
        **table(first),
        "narrowed": narrowed(scope),
        "may_export": may_lead(request),
        "page_href": address(scope, reverse("number", args=[slug])),
    }
    if request.htmx and request.htmx.target == "panel":
        return render(request, "dashboards/_number_panel.html", context)
    by = scope.group_by
    context |= {
        "period": period_links(request, scope),
        "grouped": _with_links(slug, grouped(kpi, at, by)) if by else None,
        "group_words": GROUP_WORDS.get(by or ""),
        "group_pills": [
            Pill(
                f"{_without_groups(scope, slug)}&{urlencode({'group_by': name})}",
                GROUP_WORDS[name].say(get_language()),
                name == by,
            )
            for name in GROUPS
        ],
        "channels": channels(scope, _("All channels"), _("No channel")),
        "owners": owners(scope, _("Everybody")),
        "campaigns": campaigns(scope),
        "segments": segments(scope),
    }
    return render(request, "dashboards/number.html", context, status=400 if refusal else 200)


def basis(kpi: Kpi, value: Value) -> str:
    """On which basis the value stands, in words."""
    language = get_language()
    if "window_days" in value.more:
        return BASES["cohort"].say(language, days=value.more["window_days"])
    if kpi.is_now:
        return BASES["now"].say(language)
    return BASES["rate" if kpi.unit is Unit.RATE else "period"].say(language)


def interval(kpi: Kpi, value: Value) -> tuple[Value, Value] | None:
    """The bounds within which the value truly lies, 95 times of 100; None where there are none."""
    if value.low is None or value.high is None:
        return None
    return Value(value.low), Value(value.high)


def beside(kpi: Kpi, value: Value) -> Iterator[Beside]:
    """The companions that have words."""
    for name, one in value.more.items():
        if name in COMPANIONS and one is not None:
            unit = COMPANIONS[name].unit or kpi.unit
            yield Beside(COMPANIONS[name].words, Value(one, currency=value.currency), SHAPES[unit])


def narrowed(scope: Scope) -> list[tuple[Words, str]]:
    """What the scope leaves of the company, as pairs of a name and a value."""
    chosen = ((name, getattr(scope, name)) for name in ("channel", "campaign", "segment"))
    return [(GROUP_WORDS[name], value) for name, value in chosen if value]


def _parts(kpi: Kpi, parts: Parts, scope: Scope) -> Iterator[PartLink]:
    for name in kpi.part_names:
        href = address(scope, reverse("kpi-rows", args=[kpi.slug]), part=name)
        csv = address(scope, reverse("kpi-rows-csv", args=[kpi.slug]), part=name)
        yield PartLink(PART_WORDS[name], parts[name].count(), href, csv)


def _without_groups(scope: Scope, slug: str) -> str:
    return address(replace(scope, group_by=None), reverse("number", args=[slug]))


def _with_links(slug: str, found: Grouped) -> dict[str, Any]:
    rows = [
        (
            group._replace(label=_named(group)),
            address(replace(group.scope, group_by=None), reverse("number", args=[slug])),
        )
        for group in found.groups
    ]
    return {"rows": rows, "left_out": found.left_out}


def _named(group: Group) -> str:
    """What a group is called; of what has no channel, owner and so on, that it has none."""
    if group.key != NONE:
        return group.label
    if group.scope.owner == UNOWNED:
        return _("Nobody")
    return _("No channel") if group.scope.channel == NONE else NOTHING


def campaigns(scope: Scope) -> Iterator[Choice]:
    """The campaigns to narrow by."""
    yield Choice("", _("All campaigns"), scope.campaign is None)
    for slug, name in Campaign.objects.values_list("slug", "name")[:200]:
        yield Choice(slug, name, scope.campaign == slug)


def segments(scope: Scope) -> Iterator[Choice]:
    """The segments to narrow by: those that passes have."""
    yield Choice("", _("All segments"), scope.segment is None)
    for segment in segments_of_passes(200):
        yield Choice(segment, segment, scope.segment == segment)
