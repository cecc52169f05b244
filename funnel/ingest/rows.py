"""Pure. One row of cells into a typed row, or into the reason why not."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from funnel.ingest.cells import (
    BadRow,
    Setting,
    amount_in,
    choice,
    company_norm,
    day_of,
    email_norm,
    fits,
    identifier,
    moment,
    name_norm,
    number,
)
from funnel.ingest.words import ACTIVITIES, DIRECTIONS, RESULTS, STAGES

# "Closed Won (Sales Pipeline)"
_PIPELINE = re.compile(r"\s*[(（][^()（）]*[)）]\s*$")
_CURRENCY = re.compile(r"[A-Z]{3}")
_CJK = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")


class LeadRow(NamedTuple):
    """A lead as its file states it; blank and None mean not said."""

    external_id: str
    company: str
    company_norm: str
    name: str
    name_norm: str
    email: str
    email_norm: str | None
    phone: str
    title: str
    channel: str
    campaign: str
    segment: str
    created_at: datetime | None
    mql_at: datetime | None
    first_contact_at: datetime | None
    sql_at: datetime | None
    owner: str

    def dates(self) -> list[datetime]:
        """Every date given."""
        given = (self.created_at, self.mql_at, self.first_contact_at, self.sql_at)
        return [at for at in given if at is not None]


class DealRow(NamedTuple):
    """A deal as its file states it. `state` is open, won or lost; `step` only of open ones."""

    external_id: str
    lead_external_id: str
    company: str
    company_norm: str
    name: str
    name_norm: str
    state: str
    step: str
    amount: Decimal | None
    currency: str
    created_at: datetime | None
    closed_at: datetime | None
    reason: str
    inside_owner: str
    field_owner: str
    segment: str
    product: str

    def dates(self) -> list[datetime]:
        """Every date given."""
        return [at for at in (self.created_at, self.closed_at) if at is not None]


class ActivityRow(NamedTuple):
    """Something done with a person, as its file states it."""

    external_id: str
    lead_external_id: str
    email_norm: str | None
    kind: str
    direction: str
    result: str
    note: str
    occurred_at: datetime

    def dates(self) -> list[datetime]:
        """Every date given."""
        return [self.occurred_at]


class UsageRow(NamedTuple):
    """One metric of one customer on one day."""

    customer: str
    company_norm: str
    day: date
    metric: str
    value: Decimal


class FigureRow(NamedTuple):
    """Money spent or visits counted on one day."""

    day: date
    channel: str
    campaign: str
    figure: Decimal


def lead(values: list[str], to: Setting) -> LeadRow:
    """Read a lead. Raises BadRow: identity_required, bad_email, too_long, bad_date, in_future."""
    (external_id, company, name, email, phone, title, channel, campaign, segment, created, mql, contact, sql, owner,
     last, first) = values  # fmt: skip
    if not name and (last or first):
        name = f"{last} {first}".strip() if _CJK.search(last + first) else f"{first} {last}".strip()
    if not (external_id or email or (company and name)):
        raise BadRow("identity_required")
    identifier("external_id", external_id)
    identifier("inside_sales_owner", owner)
    fits(
        company=company,
        name=name,
        phone=phone,
        title=title,
        channel=channel,
        campaign=campaign,
        segment=segment,
    )
    return LeadRow(
        external_id, company, company_norm(company), name, name_norm(name), email, email_norm(email) if email else None,
        phone, title, channel, campaign, segment,
        moment(created, "created_at", to), moment(mql, "mql_at", to), moment(contact, "first_contact_at", to),
        moment(sql, "sql_at", to), owner,
    )  # fmt: skip


def deal(values: list[str], to: Setting) -> DealRow:
    """Read a deal. Raises BadRow: identity_required, bad_choice, dates_contradict, amount_…, bad_currency …"""
    (external_id, lead_id, company, name, stage, amount, currency, created, won, lost, reason, inside, field,
     segment, product, closed) = values  # fmt: skip
    # Exports that name several contacts of a deal name its own first.
    lead_id = lead_id.split(";")[0].strip()
    if not (external_id or lead_id or company):
        raise BadRow("identity_required")
    for label, text in (("external_id", external_id), ("lead_external_id", lead_id)):
        identifier(label, text)
    fits(company=company, name=name, segment=segment, product=product, reason=reason)
    currency = currency or to.currency
    if not _CURRENCY.fullmatch(currency):
        raise BadRow("bad_currency", value=currency[:20])
    worth = amount_in(amount, currency, "amount") if amount else None
    state, step, closed_at = _standing(
        _stage(stage) if stage else "",
        won=moment(won, "won_at", to), lost=moment(lost, "lost_at", to), closed=closed, to=to,
    )  # fmt: skip
    if state == "won" and worth is None:
        raise BadRow("amount_required")
    return DealRow(
        external_id, lead_id, company, company_norm(company), name, name_norm(name), state, step, worth, currency,
        moment(created, "created_at", to), closed_at, reason, inside, field, segment, product,
    )  # fmt: skip


def _stage(text: str) -> str:
    """The stage of a name; exports write the pipeline behind it, "Closed Won (Sales Pipeline)"."""
    bare = _PIPELINE.sub("", text)
    try:
        return choice("stage", text, STAGES)
    except BadRow:
        if bare == text:
            raise
    return choice("stage", bare, STAGES)


def _standing(
    stage: str, *, won: datetime | None, lost: datetime | None, closed: str, to: Setting
) -> tuple[str, str, datetime | None]:
    """State, step and date of the end, from what stage and dates say together."""
    state = stage if stage in ("won", "lost") else "open" if stage else ""
    if (won and lost) or (won and state not in ("", "won")) or (lost and state not in ("", "lost")):
        raise BadRow("dates_contradict")
    state = state or ("won" if won else "lost" if lost else "open")
    if state == "open":
        return state, stage if stage not in ("", "open") else "", None
    ended = won or lost or moment(closed, "closed_at", to)
    if ended is None:
        raise BadRow("field_required", field=f"{state}_at")
    return state, "", ended


def activity(values: list[str], to: Setting) -> ActivityRow:
    """Read an activity. Raises BadRow: identity_required, field_required, bad_choice, bad_date, in_future."""
    external_id, lead_id, email, kind, direction, result, note, occurred = values
    if not (lead_id or email):
        raise BadRow("identity_required")
    identifier("external_id", external_id)
    identifier("lead_external_id", lead_id)
    fits(note=note)
    at = moment(occurred, "occurred_at", to)
    if at is None:
        raise BadRow("field_required", field="occurred_at")
    return ActivityRow(
        external_id, lead_id, email_norm(email) if email else None,
        choice("kind", kind or "call", ACTIVITIES), choice("direction", direction or "outbound", DIRECTIONS),
        choice("result", result, RESULTS) if result else "", note, at,
    )  # fmt: skip


def usage(values: list[str], to: Setting) -> UsageRow:
    """Read a usage reading. Raises BadRow: identity_required, field_required, bad_number, bad_date, in_future."""
    customer, company, day, metric, value = values
    if not (customer or company):
        raise BadRow("identity_required")
    if not metric:
        raise BadRow("field_required", field="metric")
    identifier("customer_external_id", customer)
    fits(company=company, metric=metric)
    return UsageRow(customer, company_norm(company), day_of(day, to), metric, number(value, 4))


def spend(values: list[str], to: Setting) -> FigureRow:
    """Read money spent. Raises BadRow: amount_…, bad_date, in_future, too_long."""
    day, channel, campaign, amount = values
    fits(channel=channel, campaign=campaign)
    return FigureRow(day_of(day, to), channel, campaign, amount_in(amount, to.currency, "amount"))


def traffic(values: list[str], to: Setting) -> FigureRow:
    """Read visits. Raises BadRow: bad_number, bad_date, in_future, too_long."""
    day, channel, campaign, visits = values
    fits(channel=channel, campaign=campaign)
    return FigureRow(day_of(day, to), channel, campaign, number(visits, 0, most=2**31 - 1))


READERS: dict[str, Callable[[list[str], Setting], Any]] = {
    "leads": lead,
    "deals": deal,
    "activities": activity,
    "usage": usage,
    "spend": spend,
    "traffic": traffic,
}
