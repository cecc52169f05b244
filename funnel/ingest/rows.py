"""Pure. One row of cells into a typed row, or into the reason why not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from funnel import normalise
from funnel.amounts import AmountError, parse_amount
from funnel.errors import BadValue, Refused
from funnel.ingest.words import ACTIVITIES, DIRECTIONS, RESULTS, STAGES
from funnel.words import Words

YEARS = range(1970, 9999)
LONGEST = {"company": 200, "name": 150, "phone": 40, "title": 150, "channel": 100, "campaign": 200, "segment": 80}
LONGEST |= {"reason": 40, "product": 100, "metric": 40, "note": 20_000}
IDENTIFIER = 200
_CURRENCY = re.compile(r"[A-Z]{3}")
_WRITTEN = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]*(\d{1,2})[:時](\d{2})(?:[:分](\d{2}))?(\.\d+)?[分秒]?\s*"
    r"(Z|[+-]\d{2}:?\d{2})?)?"
)
_CJK = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")


class BadRow(Exception):
    """A row that cannot be taken in: the code and parameters of its sentence."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class Setting(NamedTuple):
    """What reading depends on: the organisation's zone and currency, and the moment of reading."""

    zone: ZoneInfo
    currency: str
    now: datetime


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
    _identifier("external_id", external_id)
    _identifier("inside_sales_owner", owner)
    _fits(company=company, name=name, phone=phone, title=title, channel=channel, campaign=campaign, segment=segment)
    return LeadRow(
        external_id, company, _company(company), name, _person(name), email, _email(email) if email else None,
        phone, title, channel, campaign, segment,
        _moment(created, "created_at", to), _moment(mql, "mql_at", to), _moment(contact, "first_contact_at", to),
        _moment(sql, "sql_at", to), owner,
    )  # fmt: skip


def deal(values: list[str], to: Setting) -> DealRow:
    """Read a deal. Raises BadRow: identity_required, bad_choice, dates_contradict, amount_…, bad_currency …"""
    (external_id, lead_id, company, name, stage, amount, currency, created, won, lost, reason, inside, field,
     segment, product, closed) = values  # fmt: skip
    if not (external_id or lead_id or company):
        raise BadRow("identity_required")
    for label, text in (("external_id", external_id), ("lead_external_id", lead_id)):
        _identifier(label, text)
    _fits(company=company, name=name, segment=segment, product=product, reason=reason)
    currency = currency or to.currency
    if not _CURRENCY.fullmatch(currency):
        raise BadRow("bad_currency", value=currency[:20])
    worth = _amount(amount, currency, "amount") if amount else None
    state, step, closed_at = _standing(
        _choice("stage", stage, STAGES) if stage else "",
        won=_moment(won, "won_at", to), lost=_moment(lost, "lost_at", to), closed=closed, to=to,
    )  # fmt: skip
    if state == "won" and worth is None:
        raise BadRow("amount_required")
    return DealRow(
        external_id, lead_id, company, _company(company), name, _person(name), state, step, worth, currency,
        _moment(created, "created_at", to), closed_at, reason, inside, field, segment, product,
    )  # fmt: skip


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
    ended = won or lost or _moment(closed, "closed_at", to)
    if ended is None:
        raise BadRow("field_required", field=f"{state}_at")
    return state, "", ended


def activity(values: list[str], to: Setting) -> ActivityRow:
    """Read an activity. Raises BadRow: identity_required, field_required, bad_choice, bad_date, in_future."""
    external_id, lead_id, email, kind, direction, result, note, occurred = values
    if not (lead_id or email):
        raise BadRow("identity_required")
    _identifier("external_id", external_id)
    _identifier("lead_external_id", lead_id)
    _fits(note=note)
    at = _moment(occurred, "occurred_at", to)
    if at is None:
        raise BadRow("field_required", field="occurred_at")
    return ActivityRow(
        external_id, lead_id, _email(email) if email else None,
        _choice("kind", kind or "call", ACTIVITIES), _choice("direction", direction or "outbound", DIRECTIONS),
        _choice("result", result, RESULTS) if result else "", note, at,
    )  # fmt: skip


def usage(values: list[str], to: Setting) -> UsageRow:
    """Read a usage reading. Raises BadRow: identity_required, field_required, bad_number, bad_date, in_future."""
    customer, company, day, metric, value = values
    if not (customer or company):
        raise BadRow("identity_required")
    if not metric:
        raise BadRow("field_required", field="metric")
    _identifier("customer_external_id", customer)
    _fits(company=company, metric=metric)
    return UsageRow(customer, _company(company), _day(day, to), metric, _number(value, 4))


def spend(values: list[str], to: Setting) -> FigureRow:
    """Read money spent. Raises BadRow: amount_…, bad_date, in_future, too_long."""
    day, channel, campaign, amount = values
    _fits(channel=channel, campaign=campaign)
    return FigureRow(_day(day, to), channel, campaign, _amount(amount, to.currency, "amount"))


def traffic(values: list[str], to: Setting) -> FigureRow:
    """Read visits. Raises BadRow: bad_number, bad_date, in_future, too_long."""
    day, channel, campaign, visits = values
    _fits(channel=channel, campaign=campaign)
    return FigureRow(_day(day, to), channel, campaign, _number(visits, 0, most=2**31 - 1))


READERS: dict[str, Callable[[list[str], Setting], Any]] = {
    "leads": lead,
    "deals": deal,
    "activities": activity,
    "usage": usage,
    "spend": spend,
    "traffic": traffic,
}


def refused(error: Refused) -> BadRow:
    """A writer's refusal as the reason of a row; words of both languages are kept as such for its sentence."""
    params = {k: list(v) if isinstance(v, Words) else v if isinstance(v, int) else str(v) for k, v in error.params.items()}
    return BadRow(error.code, **{"field": error.field or "", **params})


def _identifier(field: str, text: str) -> None:
    if len(text) > IDENTIFIER:
        raise BadRow("too_long", field=field, limit=IDENTIFIER)


def _fits(**texts: str) -> None:
    for field, text in texts.items():
        if len(text) > LONGEST[field]:
            raise BadRow("too_long", field=field, limit=LONGEST[field])


@lru_cache(maxsize=20_000)
def _company(name: str) -> str:
    return normalise.company(name)[:200] if name else ""


def _person(name: str) -> str:
    return normalise.person_name(name)[:150] if name else ""


def _email(address: str) -> str | None:
    try:
        return normalise.email(address)
    except BadValue as error:
        raise BadRow(error.code, value=address[:80]) from None


def _amount(text: str, currency: str, field: str) -> Decimal:
    try:
        return parse_amount(text, currency=currency)
    except AmountError as error:
        bad = error.refused(field)
        raise BadRow(bad.code, value=text[:64]) from None


def _number(text: str, decimals: int, most: int = 10**13) -> Decimal:
    try:
        number = Decimal(text) if text.isascii() and "_" not in text else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not 0 <= number <= most or number != round(number, decimals):
        raise BadRow("bad_number", value=text[:64])
    return number


def _choice(field: str, text: str, words: Mapping[str, str]) -> str:
    folded = "".join(unicodedata.normalize("NFKC", text).casefold().split()).replace("-", "_")
    found = words.get(folded) or words.get(folded.replace("_", ""))
    if found is None:
        raise BadRow("bad_choice", field=field, value=text[:40], choices=", ".join(dict.fromkeys(words.values())))
    return found


def _moment(text: str, field: str, to: Setting) -> datetime | None:
    if not text:
        return None
    at = written(text, to.zone)
    if at is None:
        raise BadRow("bad_date", value=text[:40])
    if at > to.now:
        raise BadRow("in_future", field=field)
    return at


def _day(text: str, to: Setting) -> date:
    if not text:
        raise BadRow("field_required", field="day")
    at = written(text, to.zone)
    if at is None:
        raise BadRow("bad_date", value=text[:40])
    day = at.astimezone(to.zone).date()
    if day > to.now.astimezone(to.zone).date():
        raise BadRow("in_future", field="day")
    return day


@lru_cache(maxsize=50_000)
def written(text: str, zone: ZoneInfo) -> datetime | None:
    """The instant a text states, in UTC; without an offset it is local time in `zone`. None when it is no date.

    Read are ISO 8601 and the Japanese ways of writing a date (2026/5/1, 2026年5月1日 9時30分).
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        found = _japanese(text)
        if found is None:
            return None
        at = found
    if at.year not in YEARS:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def _japanese(text: str) -> datetime | None:
    match = _WRITTEN.fullmatch(unicodedata.normalize("NFKC", text))
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    clock = f"T{int(hour):02}:{minute}:{second or '00'}{fraction or ''}{offset or ''}" if hour else ""
    try:
        return datetime.fromisoformat(f"{year}-{int(month):02}-{int(day):02}{clock}")
    except ValueError:
        return None
