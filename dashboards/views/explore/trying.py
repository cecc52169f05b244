"""What if: other levers beside those of a period, worded and drawn."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dashboards import charts, kpis, planner
from dashboards.explorers import whatif
from dashboards.kpis import Frame
from dashboards.targets import entering
from dashboards.views.explore.drawn import Drawn, Field, money, plain_count
from funnel.errors import BadValue
from funnel.stages import STAGE_DEPARTMENT, STAGE_WORDS

KPI_OF = {
    "lead": "leads", "mql_rate": "mql-rate", "sql_rate": "sql-rate", "win_rate": "win-rate-plan",
    "deal_size": "deal-size",
}  # fmt: skip
"""Each lever, and the KPI whose notation it is typed in."""
LONGEST = 40


def of_what_if(at: Frame, asked: dict[str, str]) -> Drawn:
    """The period beside the same with the levers that were typed; what is left out stays as it was."""
    language = get_language()
    levers = whatif.levers_of(at)
    moved, fields, refusals = _typed(asked, levers, at.currency)
    found = whatif.tried(levers, moved)
    names = {stage: STAGE_WORDS[stage].say(language) for stage in whatif.STAGES}
    sides = (
        [(_("As it is"), found.today), (_("What if"), found.then)]
        if moved
        else [(_("As it is"), found.today)]
    )
    panels = [
        charts.Panel(
            names[stage],
            charts.DEPARTMENT[str(STAGE_DEPARTMENT[stage])],
            [_tenth(side.stages[stage]) for _label, side in sides],
            [f"{label}: {names[stage]} {_pieces(side.stages[stage])}" for label, side in sides],
        )
        for stage in whatif.STAGES
    ]
    rows: list[list[Any]] = [["measure", "now", "what_if", "change"]]
    cells = []
    for stage in whatif.STAGES:
        now, then = found.today.stages[stage], found.then.stages[stage]
        rows.append([stage, _plain(now), _plain(then), _plain(_less(then, now))])
        cells.append([names[stage], _pieces(now), _pieces(then), _signed(_less(then, now))])
    now, then = found.today.bookings, found.then.bookings
    rows.append(["won_times_deal_size", _plain(now), _plain(then), _plain(_less(then, now))])
    cells.append([_("Won × deal size"), *(_amount(each, at) for each in (now, then)),
                  _amount(_less(then, now), at, signed=True)])  # fmt: skip
    return Drawn(
        _("What if"),
        charts.panels([label for label, _side in sides], panels)
        if any(any(p.values) for p in panels)
        else None,
        [_("Stage"), _("As it is"), _("What if"), _("Difference")],
        rows,
        cells,
        [
            *_alone(found, at),
            _("Each stage is the one before times its rate, all else as it is; nothing is set by trying."),
        ],
        [],
        fields,
        refusals,
    )


def _typed(
    asked: dict[str, str], levers: whatif.Levers, currency: str
) -> tuple[dict[str, Fraction], list[Field], list[str]]:
    """The levers that were moved, the fields with what was typed, and what cannot be used of it."""
    moved: dict[str, Fraction] = {}
    fields, refusals = [], []
    for lever, slug in KPI_OF.items():
        kpi = kpis.get(slug)
        text = asked.get(lever, "")[:LONGEST].replace("\0", "")
        label, error = kpi.names.say(get_language()), ""
        try:
            value = entering.read(kpi, text, currency)
            if value is not None:
                planner.demand(lever, value)
                moved[lever] = Fraction(value)
        except BadValue as refusal:
            error = refusal.say(get_language())
            refusals.append(f"{label}: {error}")
        standing = levers[lever]
        known = Decimal(standing.numerator) / standing.denominator if standing is not None else None
        fields.append(Field(lever, label, text, entering.write(kpi, _rounded(kpi, known)), bool(error)))
    return moved, fields, refusals


def _rounded(kpi: kpis.Kpi, value: Decimal | None) -> Decimal | None:
    if value is None:
        return None
    return value.quantize(Decimal("0.001")) if kpi.unit is kpis.Unit.RATE else value.quantize(Decimal(1))


def _alone(found: whatif.WhatIf, at: Frame) -> list[str]:
    """What each lever brings by itself, the largest first."""
    said = []
    for one in found.alone:
        if one.wins is None:
            continue
        brings = _("%(n)s won") % {"n": _signed(one.wins)}
        if one.money is not None:
            brings += f" / {_amount(one.money, at, signed=True)}"
        label = kpis.get(KPI_OF[one.lever]).names.say(get_language())
        said.append(_("%(lever)s alone: %(brings)s") % {"lever": label, "brings": brings})
    return said


def _less(then: Fraction | None, now: Fraction | None) -> Fraction | None:
    return then - now if then is not None and now is not None else None


def _tenth(value: Fraction | None) -> float:
    tenths = round((value or 0) * 10)
    return tenths / 10 if tenths % 10 else tenths // 10


def _plain(value: Fraction | None) -> float | None:
    return None if value is None else round(float(value), 4)


def _pieces(value: Fraction | None) -> str:
    return "–" if value is None else plain_count(float(value))


def _signed(value: Fraction | None) -> str:
    if value is None:
        return "–"
    text = plain_count(abs(float(value)))
    return "±0" if text == "0" else f"{'+' if value > 0 else '−'}{text}"


def _amount(value: Fraction | None, at: Frame, *, signed: bool = False) -> str:
    if value is None:
        return "–"
    return money(Decimal(round(value * 100)).scaleb(-2), at.currency, signed=signed)
