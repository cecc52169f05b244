"""The values of many KPIs in several periods, read together where they can be."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from dashboards import counts, kpis
from dashboards.counts import FunnelReading
from dashboards.kpis import Frame, Value, together
from dashboards.kpis.together import Closed, Lane
from funnel.stages import VISITOR, Stage
from handoffs.lanes import LANES

COUNTS: Mapping[str, str] = {
    "visitors": VISITOR, "leads": Stage.LEAD, "mql": Stage.MQL, "sql": Stage.SQL, "won": Stage.WON,
    "onboarded": Stage.ONBOARDED, "renewed": Stage.RENEWED, "referred": Stage.REFERRED,
}  # fmt: skip
RATES: Mapping[str, Stage] = {"mql-rate": Stage.MQL, "sql-rate": Stage.SQL, "win-rate-plan": Stage.WON}
CLOSED = frozenset({"bookings", "deal-size", "win-rate"})
COMPLIANCES = {f"{boundary}-compliance": boundary for boundary in LANES}

Values = dict[str, Value]


def read(ats: Sequence[Frame], slugs: Collection[str]) -> list[Values]:
    """The value of each KPI in each period, of frames with the same filters.

    What the boards read together takes five statements at most, whatever the number of periods; of other KPIs
    each value takes its own. The values are those of the KPIs one by one.
    """
    found: list[Values] = [{} for _ in ats]
    if not ats:
        return found
    readers = (_funnels, _closed, _lanes, _others)
    for reader in readers:
        for values, more in zip(found, reader(ats, frozenset(slugs)), strict=True):
            values.update(more)
    return found


def _funnels(ats: Sequence[Frame], slugs: Collection[str]) -> list[Values]:
    wanted = [slug for slug in slugs if slug in COUNTS or slug in RATES]
    if not wanted:
        return [{} for _ in ats]
    scopes = [replace(at.scope, basis="period", group_by=None) for at in ats]
    return [{slug: _of_funnel(reading, slug) for slug in wanted} for reading in counts.funnels(scopes)]


def _of_funnel(reading: FunnelReading, slug: str) -> Value:
    if slug in COUNTS:
        return Value(reading.count(COUNTS[slug]))
    rate = reading.rate(RATES[slug])
    return (
        Value(rate.value, rate.numerator, rate.denominator, rate.low, rate.high)
        if rate is not None
        else Value(None)
    )


def _closed(ats: Sequence[Frame], slugs: Collection[str]) -> list[Values]:
    if not CLOSED & set(slugs):
        return [{} for _ in ats]
    return [
        {"bookings": found.bookings, "deal-size": _deal_size(found), "win-rate": found.win_rate}
        for found in together.closed(ats)
    ]


def _deal_size(found: Closed) -> Value:
    sums = found.bookings.more["by_currency"].get(found.bookings.currency, {})
    deals = sums.get("deals", 0)
    mean = Decimal(sums["value"]) / deals if deals else None
    return Value(mean, currency=found.bookings.currency)


def _lanes(ats: Sequence[Frame], slugs: Collection[str]) -> list[Values]:
    if not COMPLIANCES.keys() & set(slugs):
        return [{} for _ in ats]
    return [_of_lanes(lanes) for lanes in together.lanes(ats)]


def _of_lanes(lanes: Sequence[Lane]) -> Values:
    return {f"{lane.boundary}-compliance": lane.value for lane in lanes}


def _others(ats: Sequence[Frame], slugs: Collection[str]) -> list[Values]:
    known = COUNTS.keys() | RATES.keys() | CLOSED | COMPLIANCES.keys() | {"response-time", "time-to-win"}
    rest = [kpis.get(slug) for slug in slugs if slug not in known]
    found: list[Values] = [{kpi.slug: kpi.measure(kpi.select(at), at) for kpi in rest} for at in ats]
    for slug, reader in (("response-time", together.response_times), ("time-to-win", together.wins)):
        if slug in slugs:
            for values, value in zip(found, reader(ats), strict=True):
                values[slug] = value
    return found
