"""The day a contract was signed, and the moment its win counts as having occurred."""

from __future__ import annotations

from datetime import date, datetime

from funnel.errors import BadValue, MoveRefused
from funnel.models import Lead, Organization
from funnel.stages import Stage
from funnel.transitions.ledger import happened


def signing(
    lead: Lead, *, signed_on: date | None, occurred_at: datetime | None, now: datetime
) -> tuple[date, datetime]:
    """The signing day and the moment the win counts as having occurred; a past day counts from its start,
    but not from before the certification on that same day."""
    calendar = Organization.current().calendar()
    today = calendar.local_date(now)
    if signed_on is not None and signed_on > today:
        raise BadValue("in_future", field="signed_on")
    if occurred_at is not None:
        at = happened(occurred_at, now)
        return signed_on or calendar.local_date(at), at
    signed = signed_on or today
    if signed == today:
        return signed, now
    at = calendar.start_of_day(signed)
    if lead.sql_at and calendar.local_date(lead.sql_at) == signed:
        at = lead.sql_at
    return signed, at


def demand_certified_by(signed: date, lead: Lead) -> None:
    """Raise MoveRefused when the lead was certified SQL on a later day than the contract was signed."""
    if lead.sql_at is None or Stage.SQL in lead.inferred:
        return
    certified = Organization.current().calendar().local_date(lead.sql_at)
    if signed < certified:
        raise MoveRefused("signed_before_sql", field="signed_on", day=certified.isoformat())
