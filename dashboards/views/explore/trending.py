"""The trend of any number, worded and drawn."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dashboards import charts, kpis
from dashboards.explorers import trend
from dashboards.kpis import Frame, Kpi, Unit
from dashboards.views.asking import Choice
from dashboards.views.explore.drawn import Drawn, Menu, Refused, bucket, money, plain_count
from dashboards.views.rows import SHAPES
from dashboards.wording import shown, worded
from funnel import phrasing

FIRST_NUMBER = "mql"


def of_trend(at: Frame, asked: dict[str, str]) -> Drawn:
    """Any number of the catalogue by month or week, its target, and where its definition changed."""
    kpi, by = _number(asked.get("kpi") or FIRST_NUMBER), _by(asked.get("by") or "month")
    found = trend.read(kpi, at, by)
    language = get_language()
    say = _say(kpi, at.currency)
    labels = [bucket(one.scope.start, by, at.today, language) for one in found.buckets]
    points, cells = [], []
    for label, one in zip(labels, found.buckets, strict=True):
        value = None if one.value.value is None else float(one.value.value)
        goal = None if one.target is None else float(one.target)
        words = f"{label} {_worded(one.value, kpi)}"
        if one.value.denominator is not None:
            words += f" ({one.value.numerator}/{one.value.denominator})"
        if goal is not None:
            words += " · " + _("target") + f" {say(goal)}"
        if one.is_running:
            words += " · " + _("still running")
        points.append(charts.Point(label, value, goal, words, one.is_running))
        parts = "" if one.value.denominator is None else f"{one.value.numerator}/{one.value.denominator}"
        cells.append([label, _worded(one.value, kpi), parts, "–" if goal is None else say(goal)])
    changed = trend.first_with(found, kpi.changed_on)
    day = phrasing.on(kpi.changed_on, today=at.today, language=language)
    marks = [] if changed is None else [charts.Mark(changed, _("definition changed"))]
    notes = [kpi.formula.say(language)]
    if changed is not None:
        notes.append(
            _("The definition changed on %(day)s: compare what lies before with care.") % {"day": day}
        )
    if any(one.is_running for one in found.buckets):
        notes.append(_("The hollow point is still running."))
    if found.left_out:
        notes.append(_("Only the latest %(n)s are shown.") % {"n": trend.MOST})
    has_values = any(point.value for point in points) or any(point.target is not None for point in points)
    figure = charts.trend(
        points,
        marks,
        colour=charts.DEPARTMENT.get(str(kpi.department), charts.INK),
        say=say,
        target_words=_("Target"),
        whole=kpi.unit == Unit.COUNT,
    )
    plain = [
        [b.scope.start, b.scope.end, b.value.value, b.value.numerator, b.value.denominator, b.target]
        for b in found.buckets
    ]
    menus = [
        Menu("kpi", _("Number"), [Choice(k.slug, k.names.say(language), k is kpi) for k in _with_past()]),
        Menu(
            "by",
            _("Interval"),
            [Choice("month", _("Month"), by == "month"), Choice("week", _("Week"), by == "week")],
        ),
    ]
    return Drawn(
        kpi.names.say(language),
        figure if has_values else None,
        [_("Period"), kpi.names.say(language), "k/n", _("Target")],
        [["from", "to", kpi.slug, "numerator", "denominator", "target"], *plain],
        cells,
        notes,
        menus,
    )


def _worded(value: Any, kpi: Kpi) -> str:
    return worded(value, SHAPES[kpi.unit])


def _say(kpi: Kpi, currency: str) -> charts.Say:
    if kpi.unit == Unit.MONEY:
        return lambda value: money(Decimal(str(value)), currency)
    if kpi.unit == Unit.RATE:
        return lambda value: f"{value * 100:.1f}".removesuffix(".0") + "%"
    if kpi.unit == Unit.COUNT:
        return plain_count
    if kpi.unit == Unit.POINTS:
        return lambda value: shown(value, "points")
    unit = _("h") if kpi.unit == Unit.HOURS else _("d")
    return lambda value: f"{value:,.1f}".removesuffix(".0") + unit


def _number(slug: str) -> Kpi:
    try:
        kpi = kpis.get(slug)
    except KeyError:
        kpi = None
    if kpi is None:
        raise Refused(_("There is no number “%(value)s”. Choose one of the list.") % {"value": slug[:40]})
    if kpi.is_now:
        raise Refused(
            _("“%(name)s” is a number of this moment and has no past to show. Choose another one.")
            % {"name": kpi.names.say(get_language())}
        )
    return kpi


def _with_past() -> Iterator[Kpi]:
    return (kpi for kpi in kpis.ALL if not kpi.is_now)


def _by(text: str) -> trend.By:
    for by in trend.BYS:
        if by == text:
            return by
    raise Refused(_("“%(value)s” is neither month nor week.") % {"value": text[:40]})
