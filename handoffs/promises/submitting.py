"""Handing a qualified lead to field sales: the customer sheet, its completeness, and the gate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from funnel.models import Contract, Deal, Lead
from funnel.stages import BANT_FIELDS
from funnel.transitions import deals, ledger
from funnel.transitions.acting import Actor
from funnel.transitions.deals import DealFields
from funnel.transitions.leads import answers, certify_sql
from funnel.words import Words
from handoffs import sheets
from handoffs.lanes import Boundary
from handoffs.models import CustomerSheet, Handoff, LaneTerms
from handoffs.promises.ground import Ground

FULL = Decimal(100)


@transaction.atomic
def submit_sql(
    lead_id: int,
    by: Actor,
    *,
    now: datetime,
    bant: Mapping[str, str],
    sheet: Mapping[str, str],
    meeting_at: datetime | None,
    below_threshold_reason: str = "",
    occurred_at: datetime | None = None,
    note: str = "",
    deal: DealFields | None = None,
) -> Deal:
    """Certify a lead SQL with its customer sheet, judged once against the terms in force now.

    What the sheet does not say of company, person and contact is taken from the record; the score is frozen
    with the sheet. Below the threshold a reason is needed, and the promise is missed at once.
    Raises MoveRefused, BadValue, NotYours; nothing is written then.
    """
    lead = ledger.lock(lead_id)
    terms = Ground().terms(Boundary.SQL, now)
    values = _values(lead, answers(bant), sheet, note)
    judged = completeness_of(terms, values)
    opened = certify_sql(
        lead_id,
        by,
        now=now,
        bant=bant,
        completeness=judged,
        missing=judged.missing,
        threshold=FULL if terms.threshold is None else terms.threshold,
        below_threshold_reason=below_threshold_reason,
        meeting_at=meeting_at,
        occurred_at=occurred_at,
        note=note,
        deal=deal,
    )
    CustomerSheet.objects.create(
        deal=opened,
        handoff=Handoff.objects.filter(boundary=Boundary.SQL, deal=opened).order_by("-round").first(),
        terms=terms,
        values=values,
        score=judged.percent,
        missing=list(judged.missing),
        submitted_at=occurred_at or now,
        submitted_by=by.member,
    )
    return opened


@transaction.atomic
def hand_over_won(
    deal_id: int, by: Actor, *, now: datetime, passed: Mapping[str, str], **win: Any
) -> Contract:
    """Win a deal, and keep what goes over with it: requirements, what was promised, what to take care of.

    `win` is what `deals.win` takes. Raises MoveRefused, BadValue, NotYours; nothing is written then.
    """
    contract = deals.win(deal_id, by, now=now, **win)
    said = {item.key: passed.get(item.key, "").strip() for item in sheets.PASSED_WITH_WON}
    handoff = Handoff.objects.filter(boundary=Boundary.WON, deal=deal_id).order_by("-round").first()
    if handoff is not None and any(said.values()):
        CustomerSheet.objects.create(
            deal_id=deal_id,
            handoff=handoff,
            terms_id=handoff.terms_id,
            values=said,
            score=FULL,
            missing=[],
            submitted_at=now,
            submitted_by=by.member,
        )
    return contract


def completeness_of(terms: LaneTerms, values: Mapping[str, str]) -> sheets.Completeness:
    """Score values against the sheet items of these terms."""
    return sheets.score(
        values,
        [
            sheets.Item(
                i["key"], Words(i["label_en"], i["label_ja"]), i.get("weight", 1), i.get("required", True)
            )
            for i in terms.items
        ],
    )


def _values(lead: Lead, bant: Mapping[str, str], sheet: Mapping[str, str], note: str) -> dict[str, str]:
    """What is known, over it what the sheet says; BANT comes from the four answers alone."""
    person = lead.person
    known = {
        "company": lead.account.name if lead.account else "",
        "name": person.name,
        "contact": person.phone or person.email,
        "note": note,
    }
    said = {key: str(value) for key, value in sheet.items() if key not in BANT_FIELDS}
    return {**known, **said, **bant}
