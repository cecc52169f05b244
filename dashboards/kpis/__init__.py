"""Every number, declared once: what it asks, its formula, and the rows it is an aggregate of."""

from dashboards.kpis import company, customer_success, field_sales, inside_sales, marketing, pipeline, steps
from dashboards.kpis.kpi import Direction, Frame, Kpi, Parts, Unit, Value, frame

ALL: tuple[Kpi, ...] = (
    *marketing.KPIS,
    *inside_sales.KPIS,
    *field_sales.KPIS,
    *pipeline.KPIS,
    *steps.KPIS,
    *customer_success.KPIS,
    *company.KPIS,
)
_BY_SLUG = {kpi.slug: kpi for kpi in ALL}


def get(slug: str) -> Kpi:
    """The KPI of that name. Raises KeyError."""
    return _BY_SLUG[slug]


__all__ = ["ALL", "Direction", "Frame", "Kpi", "Parts", "Unit", "Value", "frame", "get"]
