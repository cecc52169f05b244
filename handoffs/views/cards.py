"""A handoff as a card: from whom to whom, what was passed, and in figures how its promise went."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext, ngettext

from funnel import phrasing
from funnel.stages import BANT_FIELDS, BANT_WORDS
from handoffs import clock
from handoffs.clock import Unit
from handoffs.lanes import DECISION_WORDS, LANES, Boundary, Decision, Lane, Promise
from handoffs.models import Handoff
from handoffs.sheets import PASSED_WITH_WON
from handoffs.views.speech import Speech

TONES = {
    Promise.KEPT: "fine", Promise.KEPT_LATE: "warn", Promise.MISSED: "bad",
    Promise.OPEN: "stale", Promise.CANCELLED: "stale",
}  # fmt: skip
TENTH = Decimal("0.1")
Labels = dict[tuple[str, str], str]


@dataclass
class Card:
    """One round: `words` says how its promise stands, `decision` what the receiver said."""

    handoff: Handoff
    lane: Lane
    tone: str
    words: str
    decision: str
    returned: str = ""
    excused: str = ""
    passed: list[tuple[str, str]] = field(default_factory=list)


def card_of(handoff: Any, labels: Labels, speech: Speech) -> Card:
    """Word one round; `handoff` carries `promise` (`with_promise`), its terms and its sheet."""
    lane = LANES[Boundary(handoff.boundary)]
    return Card(
        handoff,
        lane,
        TONES[Promise(handoff.promise)],
        f"{speech.say(lane.owed)} {_verdict(handoff, speech)}",
        _decision(handoff, speech),
        _returned(handoff, labels, speech),
        labels.get(("excuse", handoff.excuse_reason), handoff.excuse_reason),
        _passed(handoff, labels, speech),
    )


def _verdict(handoff: Any, speech: Speech) -> str:
    """In time, late, missed or open, in the unit the promise was given in."""
    promise = Promise(handoff.promise)
    if handoff.due_at is None:
        return _gate(handoff, speech)
    agreed = gettext("(agreed: %(time)s)") % {"time": _amount(handoff.terms.target, handoff.terms.unit)}
    if promise is Promise.CANCELLED:
        return gettext("cancelled")
    if promise is Promise.OPEN:
        return gettext("by %(day)s %(agreed)s") % {"day": speech.until(handoff.due_at), "agreed": agreed}
    end = handoff.kept_at or speech.now
    took = _amount(_elapsed(handoff, end, speech), handoff.terms.unit)
    late = phrasing.span(end - handoff.due_at, speech.language)
    if promise is Promise.KEPT:
        return gettext("in %(time)s %(agreed)s") % {"time": took, "agreed": agreed}
    if promise is Promise.KEPT_LATE:
        if end <= handoff.due_at:
            return gettext("in %(time)s, recorded late %(agreed)s") % {"time": took, "agreed": agreed}
        return gettext("in %(time)s, %(late)s late %(agreed)s") % {
            "time": took,
            "late": late,
            "agreed": agreed,
        }
    if handoff.closed_at is not None:
        return gettext("not done %(agreed)s") % {"agreed": agreed}
    return gettext("%(late)s overdue %(agreed)s") % {"late": late, "agreed": agreed}


def _gate(handoff: Any, speech: Speech) -> str:
    sheet = getattr(handoff, "sheet", None)
    score = f"{sheet.score.normalize():f} %" if sheet else ""
    if handoff.promise == Promise.KEPT:
        return score or gettext("complete")
    threshold = f"{handoff.terms.threshold:.0f} %" if handoff.terms.threshold is not None else ""
    agreed = gettext("(agreed: %(time)s)") % {"time": threshold}
    return f"{score} {agreed}".strip()


def _elapsed(handoff: Handoff, end: datetime, speech: Speech) -> Decimal:
    """Time from the opening to `end` in the unit of the terms; a contract counts from its signing date."""
    unit = Unit(handoff.terms.unit)
    signed = handoff.opened_by.data.get("signed_on") if handoff.boundary == Boundary.WON else None
    start = date.fromisoformat(signed) if signed and unit is Unit.BUSINESS_DAYS else handoff.opened_at
    return Decimal(clock.elapsed(start, end, unit, speech.calendar))


def _amount(value: Decimal | int, unit: str) -> str:
    """3.1 h, 1 business day: hours with one decimal, none where it is zero."""
    figure = Decimal(value).quantize(TENTH, ROUND_HALF_UP)
    shown = f"{figure:.0f}" if figure == figure.to_integral_value() else f"{figure}"
    # English says 1 day, and 1.5 days.
    number = 1 if shown == "1" else 2
    if unit == Unit.BUSINESS_DAYS:
        return ngettext("%(count)s business day", "%(count)s business days", number) % {"count": shown}
    return ngettext("%(count)s hour", "%(count)s hours", number) % {"count": shown}


def _decision(handoff: Handoff, speech: Speech) -> str:
    said = [speech.say(DECISION_WORDS[handoff.decision])]
    if handoff.is_self:
        said = [gettext("Handed to oneself")]
    if handoff.round > 1:
        said.append(gettext("round %(round)s") % {"round": handoff.round})
    return " · ".join(said)


def _returned(handoff: Handoff, labels: Labels, speech: Speech) -> str:
    if handoff.decision != Decision.RETURNED or handoff.decided_at is None:
        return ""
    reason = labels.get(("return", handoff.return_reason), handoff.return_reason)
    who = f" · {handoff.decided_by.name}" if handoff.decided_by else ""
    return f"{reason} · {speech.moment(handoff.decided_at)}{who}"


def _passed(handoff: Handoff, labels: Labels, speech: Speech) -> list[tuple[str, str]]:
    """What went over with it, line by line: reason, BANT, the sheet's other items, what the sender wrote."""
    opening, sheet = handoff.opened_by, getattr(handoff, "sheet", None)
    lines: list[tuple[str, str]] = []
    if handoff.boundary == Boundary.MQL:
        came = (
            [str(part) for part in (handoff.lead.channel, handoff.lead.campaign) if part]
            if handoff.lead
            else []
        )
        lines += [(gettext("Reason"), labels.get(("mql", opening.reason), ""))]
        lines += [(gettext("Came by"), " · ".join(came))]
    if sheet is not None:
        lines += _of_sheet(sheet, speech)
    if handoff.below_threshold_reason:
        why = labels.get(("below_threshold", handoff.below_threshold_reason), handoff.below_threshold_reason)
        lines.append((gettext("Incomplete because"), why))
    if opening.note and opening.note.text and opening.note.text not in {value for _label, value in lines}:
        lines.append((gettext("Handover note"), opening.note.text))
    return [(label, value) for label, value in lines if value]


def _of_sheet(sheet: Any, speech: Speech) -> list[tuple[str, str]]:
    """BANT in one line, then the items that are not read elsewhere on the page."""
    japanese = phrasing.is_japanese(speech.language)
    labels = {item["key"]: item["label_ja" if japanese else "label_en"] for item in sheet.terms.items}
    labels |= {item.key: speech.say(item.label) for item in PASSED_WITH_WON if item.key in sheet.values}
    heard = [
        f"{speech.say(BANT_WORDS[key])} {speech.say(BANT_WORDS[sheet.values[key]])}"
        for key in BANT_FIELDS
        if sheet.values.get(key) in BANT_WORDS
    ]
    lines = [("BANT", " · ".join(heard))] if heard else []
    return lines + [
        (label, str(sheet.values.get(key, ""))) for key, label in labels.items() if key not in BANT_FIELDS
    ]
