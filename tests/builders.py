"""Records in any state, made by real moves only."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from funnel.models import Contract, Deal, Lead, Member, Membership
from funnel.stages import Department
from funnel.transitions import deals, leads
from funnel.transitions.acting import SYSTEM, Actor

_serial = itertools.count(1)
BANT = {"budget": "met", "authority": "met", "need": "met", "timeline": "unknown"}


class Sheet(NamedTuple):
    """A customer sheet's completeness, as far as certification reads it."""

    percent: Decimal


def a_member(*departments: str, role: str = "member", **fields) -> Member:
    """A member who belongs to `departments` since long ago."""
    n = next(_serial)
    made = Member.objects.create(username=f"member{n}@example.jp", name=f"担当{n}", **fields)
    for department in departments:
        Membership.objects.create(member=made, department=department, role=role, valid_from="2020-01-01")
    return made


def an_actor(*departments: str, now: datetime, role: str = "member", source: str = "html") -> Actor:
    """Somebody of `departments` at a door."""
    return Actor.of(a_member(*departments, role=role), source, now=now)


def a_lead(
    now: datetime, *, by: Actor = SYSTEM, at: datetime | None = None, history: bool = False, **fields
) -> Lead:
    """A captured lead of a new person."""
    n = next(_serial)
    known = {
        "company": f"株式会社テスト{n}",
        "name": f"見込{n}",
        "email": f"lead{n}@example.jp",
        "channel": "web",
    }
    return leads.capture(
        by, now=now, fields=leads.LeadFields(**(known | fields)), occurred_at=at, history=history
    ).lead


def an_mql(now: datetime, *, at: datetime | None = None, by: Actor = SYSTEM, **fields) -> Lead:
    """A lead certified MQL `at` a moment."""
    lead = a_lead(now, at=at, **fields)
    return leads.certify_mql(lead.pk, by, now=now, reason="inquiry", occurred_at=at)


def a_deal(now: datetime, *, at: datetime | None = None, score: int = 100, **fields) -> Deal:
    """An open deal of a lead certified SQL, with a complete sheet unless `score` says otherwise."""
    lead = an_mql(now, at=at, **fields)
    return deal_of(lead, now, at=at, score=score)


def deal_of(lead: Lead, now: datetime, *, at: datetime | None = None, score: int = 100) -> Deal:
    """Certify `lead` SQL."""
    return leads.certify_sql(
        lead.pk,
        SYSTEM,
        now=now,
        bant=BANT,
        completeness=Sheet(Decimal(score)),
        below_threshold_reason="" if score >= 100 else "meeting_soon",
        meeting_at=now + timedelta(days=2),
        occurred_at=at,
    )


def a_contract(now: datetime, *, amount: str = "1000000", **win) -> Contract:
    """The contract of a deal just won."""
    return deals.win(a_deal(now).pk, SYSTEM, now=now, amount=amount, **win)


ALL_DEPARTMENTS = tuple(Department)
