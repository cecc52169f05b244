"""Whether a value and a period can be a target's."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from dashboards import kpis
from dashboards.kpis import Direction, Kpi, Unit
from dashboards.models import Target
from dashboards.targets.refusals import TargetError
from funnel.amounts import WITHOUT_MINOR_UNIT
from funnel.calendar import MONTHS_IN_YEAR, fiscal_year_start

QUARTER_MONTHS = 3
MOST = Decimal(10) ** 16
MOST_YEARS = 5
FINEST = Decimal("0.000001")
CENT = Decimal("0.01")
LONGEST_SHOWN = 40


def checked_kpi(slug: str) -> Kpi:
    """The KPI of that name. Raises TargetError("target_unknown_kpi")."""
    try:
        return kpis.get(slug)
    except KeyError as error:
        shown = slug.replace("\0", "")[:LONGEST_SHOWN]
        raise TargetError("target_unknown_kpi", field="kpi", value=shown) from error


def checked_value(
    kpi: Kpi, value: Decimal | None, currency: str, *, is_state: bool = False
) -> Decimal | None:
    """The value in the KPI's unit as it is stored; None withdraws. Raises TargetError with its code.

    What only says how things stand (`is_state`) may be 0.
    """
    if value is None:
        return None
    if not value.is_finite():
        raise TargetError("target_not_a_number", field="value", value=str(value)[:LONGEST_SHOWN])
    for code, is_so in _faults(kpi, value):
        if is_so and not (is_state and code == "target_zero"):
            raise TargetError(code, field="value", low=f"{kpi.minimum:f}", high=f"{kpi.maximum or MOST:f}")
    if kpi.unit is Unit.MONEY:
        return value.quantize(Decimal(1) if currency in WITHOUT_MINOR_UNIT else CENT)
    return value.quantize(FINEST).normalize() + 0


def _faults(kpi: Kpi, value: Decimal) -> tuple[tuple[str, bool], ...]:
    return (
        ("target_negative", value < kpi.minimum == 0),
        ("target_out_of_range", value < kpi.minimum or (kpi.maximum is not None and value > kpi.maximum)),
        ("target_zero", value == 0 and kpi.direction is Direction.UP and kpi.unit is not Unit.POINTS),
        ("target_over_one", kpi.unit is Unit.RATE and value > 1 and not kpi.over_one),
        ("target_too_large", value >= MOST),
        ("target_not_whole", kpi.unit is Unit.COUNT and value != value.to_integral_value()),
    )


def check_period(kind: str, first_day: date, today: date, fiscal_year_begins: int) -> None:
    """Raise TargetError unless the period is a month, or a fiscal quarter, within some years of today."""
    if kind not in Target.Kind.values:
        raise TargetError("target_bad_kind", field="kind", value=str(kind).replace("\0", "")[:LONGEST_SHOWN])
    if first_day.day != 1:
        raise TargetError("target_not_first", field="first_day")
    if abs((first_day - today).days) > MOST_YEARS * 366:
        raise TargetError("target_too_far", field="first_day", years=MOST_YEARS)
    if kind == Target.Kind.QUARTER and not begins_quarter(first_day, fiscal_year_begins):
        months = [
            (fiscal_year_begins - 1 + n) % MONTHS_IN_YEAR + 1
            for n in range(0, MONTHS_IN_YEAR, QUARTER_MONTHS)
        ]
        raise TargetError("target_not_quarter", field="first_day", months=", ".join(map(str, sorted(months))))


def begins_quarter(day: date, fiscal_year_begins: int) -> bool:
    """Say whether a fiscal quarter begins in the month of a day."""
    return (day.month - fiscal_year_start(day, fiscal_year_begins).month) % QUARTER_MONTHS == 0
