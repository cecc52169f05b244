"""Why a record lies on the desk, in a few words, and what was said about it."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils.translation import get_language, gettext

from funnel import phrasing
from funnel.health import BAND_WORDS
from funnel.models import Contract, Deal, Lead
from funnel.stages import DEAL_STEP_WORDS
from handoffs.lanes import Decision
from handoffs.models import Handoff
from handoffs.routing import explained

Labels = dict[tuple[str, str], str]


class Why(NamedTuple):
    """The reason, what was said; `owner` where it is another than the record's, `nobody` why there is none."""

    reason: str = ""
    note: str = ""
    owner: str | None = None
    nobody: str = ""


def why_of(kind: str, record: Any, labels: Labels) -> Why:
    """Word one record; `labels` are the company's reasons by act and code."""
    if isinstance(record, Handoff):
        return _of_handoff(kind, record, labels)
    if isinstance(record, Deal):
        return Why(DEAL_STEP_WORDS[record.step].say(get_language()), record.next_step_text)
    if isinstance(record, Contract):
        return _of_contract(record)
    if isinstance(record, Lead):
        return _of_lead(record, labels)
    return Why(_bands(record)) if kind == "health" else Why()


def _of_handoff(kind: str, handoff: Handoff, labels: Labels) -> Why:
    opening = handoff.opened_by
    note = opening.note.text if opening.note else ""
    if handoff.decision == Decision.RETURNED:
        reason = labels.get(("return", handoff.return_reason), handoff.return_reason)
        return Why(reason, getattr(handoff, "asked", "") or note, str(handoff.decided_by or ""))
    reason = labels.get(("mql", opening.reason), "")
    sheet = getattr(handoff, "sheet", None) if kind == "gap" else None
    if sheet is not None:
        reason = gettext("Sheet %(percent)s%% complete") % {"percent": f"{sheet.score:.0f}"}
        note = labels.get(("below_threshold", handoff.below_threshold_reason), "") or note
    if handoff.owner_id is None and handoff.closed_at is None:
        why = explained(handoff.routed_by, None, None, get_language())
        return Why(reason, note, "", why or gettext("For somebody to take"))
    return Why(reason, note)


def _of_lead(lead: Lead, labels: Labels) -> Why:
    if not lead.outcome:
        if lead.referred_by_id and lead.referred_by:
            return Why(gettext("referred by %(company)s") % {"company": lead.referred_by.account.name})
        return Why()
    act = "recycle" if lead.outcome == "recycled" else "loss"
    heard = next((e.note.text for e in getattr(lead, "endings", []) if e.note), "")
    return Why(labels.get((act, lead.outcome_reason), ""), heard)


def _of_contract(contract: Any) -> Why:
    """How the customer fares, and what is at stake a month."""
    band = BAND_WORDS.get(contract.band)
    fares = (
        gettext("Health %(band)s %(score)s") % {"band": band.say(get_language()), "score": contract.score}
        if band
        else ""
    )
    if contract.notice_on is not None:
        fares = gettext("Notice of cancellation received")
    if contract.mrr is None:
        return Why(fares)
    mrr = phrasing.money(contract.mrr, contract.currency, get_language())
    return Why(fares, gettext("%(amount)s a month") % {"amount": mrr})


def _bands(customer: Any) -> str:
    bands = (customer.band_before, customer.band)
    return " → ".join(BAND_WORDS[b].say(get_language()) for b in bands if b in BAND_WORDS)
