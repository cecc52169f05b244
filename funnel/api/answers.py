"""What the API answers: each row as JSON values."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from funnel.amounts import WITHOUT_MINOR_UNIT
from funnel.models import (
    Account,
    Activity,
    Contract,
    Customer,
    Deal,
    Event,
    HealthRecord,
    Lead,
    Member,
    Person,
    Reason,
    SurveyResponse,
)
from funnel.stages import STAGES

Row = dict[str, Any]


def stamp(moment: datetime | None) -> str | None:
    """A moment with its offset, or null."""
    return None if moment is None else moment.isoformat()


def day(on: date | None) -> str | None:
    """A day as 2026-05-01, or null."""
    return None if on is None else on.isoformat()


def money(amount: Decimal | None, currency: str) -> str | None:
    """An amount as exact digits with the decimals its currency has, or null."""
    if amount is None:
        return None
    return f"{amount:.0f}" if currency in WITHOUT_MINOR_UNIT else f"{amount:.2f}"


def lead(found: Lead) -> Row:
    """One pass with its person; wants person, account, channel and campaign loaded."""
    person, account = found.person, found.account
    return {
        "id": found.pk,
        "external_id": found.external_id,
        "person": found.person_id,
        "account": found.account_id,
        "company": account.name if account else "",
        "name": person.name,
        "name_kana": person.name_kana,
        "email": person.email,
        "phone": person.phone,
        "title": person.title,
        "channel": found.channel.slug if found.channel else None,
        "campaign": found.campaign.slug if found.campaign else None,
        "segment": found.segment,
        "owner": found.owner_id,
        "referred_by": found.referred_by_id,
        "pass_no": found.pass_no,
        "previous": found.previous_id,
        "stage": found.stage,
        "outcome": found.outcome,
        "outcome_reason": found.outcome_reason,
        "reached": {stage.value: stamp(getattr(found, f"{stage}_at")) for stage in STAGES},
        "inferred": list(found.inferred),
        "first_contact_at": stamp(found.first_contact_at),
        "closed_at": stamp(found.closed_at),
        "wake_up_on": day(found.wake_up_on),
        "date_conflict": found.date_conflict,
        "created_at": stamp(found.created_at),
    }


def activity(found: Activity) -> Row:
    """One activity; wants note and event loaded."""
    return {
        "id": found.pk,
        "lead": found.lead_id,
        "kind": found.kind,
        "direction": found.direction,
        "result": found.result,
        "human": found.is_human,
        "note": found.note.text if found.note else "",
        "by": found.event.actor_id,
        "department": found.event.department,
        "occurred_at": stamp(found.occurred_at),
        "recorded_at": stamp(found.event.recorded_at),
        "external_id": found.external_id,
    }


def contract(found: Contract) -> Row:
    """One contract; money in its own currency, excluding tax."""
    return {
        "id": found.pk,
        "customer": found.customer_id,
        "deal": found.deal_id,
        "renewal_of": found.renewal_of_id,
        "signed_on": day(found.signed_on),
        "starts_on": day(found.starts_on),
        "ends_on": day(found.ends_on),
        "mrr": money(found.mrr, found.currency),
        "currency": found.currency,
        "seats": found.seats,
        "kickoff_at": stamp(found.kickoff_at),
        "kickoff_held_at": stamp(found.kickoff_held_at),
        "notice_on": day(found.notice_on),
        "ended_on": day(found.ended_on),
    }


def deal(found: Deal) -> Row:
    """One deal with its contract, if won; wants account and contract loaded."""
    signed = getattr(found, "contract", None)
    return {
        "id": found.pk,
        "external_id": found.external_id,
        "lead": found.lead_id,
        "account": found.account_id,
        "company": found.account.name if found.account else "",
        "name": found.name,
        "product": found.product,
        "segment": found.segment,
        "kind": found.kind,
        "state": found.state,
        "step": found.step,
        "owner": found.owner_id,
        "amount": money(found.amount, found.currency),
        "currency": found.currency,
        "reason": found.reason,
        "opened_at": stamp(found.opened_at),
        "meeting_at": stamp(found.meeting_at),
        "expected_close_on": day(found.expected_close_on),
        "next_step": found.next_step_text,
        "next_step_on": day(found.next_step_on),
        "closed_at": stamp(found.closed_at),
        "customer": signed.customer_id if signed else None,
        "contract": contract(signed) if signed else None,
        "created_at": stamp(found.created_at),
    }


def health(found: HealthRecord) -> Row:
    """One day's health: score 0–100, band, and the factors that add up to it."""
    return {"day": day(found.day), "score": found.score, "band": found.band, "factors": found.factors}


def customer(found: Customer) -> Row:
    """One customer; wants account, `standing` contracts and `latest` health loaded."""
    return {
        "id": found.pk,
        "external_id": found.external_id,
        "account": found.account_id,
        "company": found.account.name,
        "phase": found.phase,
        "owner": found.owner_id,
        "origin_lead": found.origin_lead_id,
        "since": day(found.since),
        "onboarded_at": stamp(found.onboarded_at),
        "contracts": [contract(one) for one in found.standing],  # type: ignore[attr-defined]
        "health": health(found.latest[0]) if found.latest else None,  # type: ignore[attr-defined]
        "created_at": stamp(found.created_at),
    }


def survey(found: SurveyResponse) -> Row:
    """One answer."""
    return {
        "id": found.pk,
        "customer": found.customer_id,
        "kind": found.kind,
        "wave": found.wave,
        "score": found.score,
        "answered_on": day(found.answered_on),
    }


def event(found: Event) -> Row:
    """One line of the ledger; `note` is an id, never text."""
    return {
        "id": found.pk,
        "kind": found.kind,
        "occurred_at": stamp(found.occurred_at),
        "recorded_at": stamp(found.recorded_at),
        "actor": found.actor_id,
        "department": found.department,
        "source": found.source,
        "reason": found.reason,
        "binding": found.binding,
        "inferred": found.inferred,
        "lead": found.lead_id,
        "deal": found.deal_id,
        "contract": found.contract_id,
        "customer": found.customer_id,
        "handoff": found.handoff_ref,
        "note": found.note_id,
        "corrects": found.corrects_id,
        "data": found.data,
    }


def account(found: Account) -> Row:
    """One company."""
    return {
        "id": found.pk,
        "external_id": found.external_id,
        "name": found.name,
        "name_kana": found.name_kana,
        "domain": found.domain,
        "segment": found.segment,
        "merged_into": found.merged_into_id,
        "created_at": stamp(found.created_at),
    }


def person(found: Person) -> Row:
    """One human being."""
    return {
        "id": found.pk,
        "account": found.account_id,
        "name": found.name,
        "name_kana": found.name_kana,
        "title": found.title,
        "email": found.email,
        "phone": found.phone,
        "merged_into": found.merged_into_id,
        "erased_at": stamp(found.erased_at),
        "created_at": stamp(found.created_at),
    }


def member(found: Member) -> Row:
    """One member, so that owners and actors have names."""
    return {
        "id": found.pk,
        "name": found.name,
        "external_id": found.external_id,
        "is_service": found.is_service,
        "is_active": found.is_active,
    }


def reason(found: Reason) -> Row:
    """One reason an act can be explained by."""
    return {"id": found.pk, "act": found.act, "code": found.code, "en": found.label_en, "ja": found.label_ja}
