"""A row as it will be read, in words: what becomes of each cell once width, case, dates and numbers are settled."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from funnel import normalise

NAMES = {
    "email": ("email_norm",), "last_name": ("name",), "first_name": ("name",), "amount": ("amount", "figure"),
    "visits": ("figure",), "inside_sales_owner": ("owner", "inside_owner"), "field_sales_owner": ("field_owner",),
    "customer_external_id": ("customer",), "won_at": ("closed_at",), "lost_at": ("closed_at",),
}  # fmt: skip
"""What typed rows call a field, where they call it otherwise."""


def as_read(row: Any, field: str, zone: ZoneInfo) -> str:
    """The value of a field in a typed row, local dates, as people read it; "" for nothing."""
    if field == "phone":
        return normalise.phone(row.phone)
    if field == "stage":
        return str(row.step or row.state)
    if field in ("won_at", "lost_at") and row.state != field.removesuffix("_at"):
        return ""
    name = next((name for name in NAMES.get(field, (field,)) if hasattr(row, name)), None)
    return _said(getattr(row, name), zone) if name else ""


def _said(value: Any, zone: ZoneInfo) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        local = value.astimezone(zone)
        return f"{local:%Y-%m-%d}" if not (local.hour or local.minute) else f"{local:%Y-%m-%d %H:%M}"
    if isinstance(value, Decimal):
        return f"{value:,f}"
    return value.isoformat() if isinstance(value, date) else str(value)
