"""The four boundaries as data: who hands what to whom, what opens and keeps the promise, by when. Pure."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from funnel.stages import DEPARTMENT_WORDS, Department, EventKind
from funnel.words import Joined, Words
from handoffs.clock import Unit


class Boundary(StrEnum):
    """The four boundaries of the ring."""

    MQL = "mql"
    SQL = "sql"
    WON = "won"
    ADVOCACY = "advocacy"


class Lane(NamedTuple):
    """One boundary. `subject` names the record a round belongs to: lead, deal or customer.

    `target` is in `unit` (hours or business days); None is a gate without a clock, whose promise is
    judged at submission against `threshold` (percent of the required sheet items).
    """

    boundary: Boundary
    sender: Department
    receiver: Department
    subject: str
    opened_by: frozenset[EventKind]
    kept_by: frozenset[EventKind]
    completed_by: frozenset[EventKind]
    returned_by: EventKind | None
    target: int | None
    unit: Unit | None
    threshold: Decimal | None
    warn_at_percent: tuple[int, ...]
    words: Words
    passed: Words
    owed: Words


def _between(sender: Department, receiver: Department) -> Words:
    return Joined.of((DEPARTMENT_WORDS[sender], DEPARTMENT_WORDS[receiver]), Words(" → ", " → "))


LANES: dict[Boundary, Lane] = {
    Boundary.MQL: Lane(
        Boundary.MQL,
        Department.MARKETING,
        Department.INSIDE_SALES,
        "lead",
        frozenset({EventKind.MQL_CERTIFIED}),
        frozenset({EventKind.CONTACT_ATTEMPTED}),
        frozenset({EventKind.CONTACT_ATTEMPTED}),
        EventKind.MQL_RETURNED,
        24,
        Unit.ELAPSED_HOURS,
        None,
        (75,),
        _between(Department.MARKETING, Department.INSIDE_SALES),
        Words(
            "The certified lead, its channel and what it did", "認定したリードと、流入経路・これまでの行動"
        ),
        Words("First contact", "初回コンタクト"),
    ),
    Boundary.SQL: Lane(
        Boundary.SQL,
        Department.INSIDE_SALES,
        Department.FIELD_SALES,
        "deal",
        frozenset({EventKind.SQL_CERTIFIED}),
        frozenset({EventKind.SHEET_SUBMITTED}),
        frozenset({EventKind.HANDOFF_ACCEPTED}),
        EventKind.SQL_RETURNED,
        None,
        None,
        Decimal(100),
        (),
        _between(Department.INSIDE_SALES, Department.FIELD_SALES),
        Words("The customer sheet, BANT and the meeting date", "顧客情報シート、BANT、商談日時"),
        Words("Complete customer sheet", "顧客情報シートの完成"),
    ),
    Boundary.WON: Lane(
        Boundary.WON,
        Department.FIELD_SALES,
        Department.CUSTOMER_SUCCESS,
        "deal",
        frozenset({EventKind.CONTRACT_SIGNED, EventKind.WON_RESENT}),
        frozenset({EventKind.KICKOFF_SCHEDULED}),
        frozenset({EventKind.KICKOFF_HELD}),
        EventKind.HANDOFF_RETURNED,
        3,
        Unit.BUSINESS_DAYS,
        None,
        (75,),
        _between(Department.FIELD_SALES, Department.CUSTOMER_SUCCESS),
        Words("The contract, the requirements and what was promised", "契約内容、導入要件、約束したこと"),
        Words("Kickoff meeting set", "キックオフ日程の設定"),
    ),
    Boundary.ADVOCACY: Lane(
        Boundary.ADVOCACY,
        Department.CUSTOMER_SUCCESS,
        Department.MARKETING,
        "customer",
        frozenset({EventKind.ADVOCACY_AGREED}),
        frozenset({EventKind.REFERRAL_RECEIVED, EventKind.CASE_CREATED}),
        frozenset({EventKind.REFERRAL_RECEIVED, EventKind.CASE_CREATED}),
        None,
        5,
        Unit.BUSINESS_DAYS,
        None,
        (75,),
        _between(Department.CUSTOMER_SUCCESS, Department.MARKETING),
        Words("The customer who agreed to refer or to be a case", "紹介・導入事例に承諾いただいた顧客"),
        Words("Referral or case taken up", "紹介・事例の着手"),
    ),
}


class Decision(StrEnum):
    """What the receiver said."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    RETURNED = "returned"


DECISION_WORDS: dict[str, Words] = {
    Decision.PENDING: Words("Waiting", "受領待ち"),
    Decision.ACCEPTED: Words("Accepted", "受領済み"),
    Decision.RETURNED: Words("Returned", "差し戻し"),
}


class Promise(StrEnum):
    """How a promise stands; derived by one SQL expression (`handoffs.querysets.promise_state`)."""

    OPEN = "open"
    KEPT = "kept"
    MISSED = "missed"
    KEPT_LATE = "kept_late"
    CANCELLED = "cancelled"


PROMISE_WORDS: dict[str, Words] = {
    Promise.OPEN: Words("Open", "期限内"),
    Promise.KEPT: Words("Kept", "遵守"),
    Promise.MISSED: Words("Missed", "期限超過"),
    Promise.KEPT_LATE: Words("Kept late", "遅延完了"),
    Promise.CANCELLED: Words("Cancelled", "取消"),
}
