"""Pure. When a lead deserves MQL, and an MQL deserves SQL: inputs in, verdict with reason out."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple, Protocol

from funnel.errors import SENTENCES
from funnel.stages import BANT_FIELDS, Bant
from funnel.words import Words

MEETING_WITHIN = timedelta(days=366)
READY_MQL = Words("Ready to be certified MQL.", "MQL認定できます。")
READY_SQL = Words("Ready to be handed to field sales.", "フィールドセールスに引き渡せます。")
READY_INCOMPLETE = Words(
    "Can be handed over with the sheet incomplete; the promise counts as missed.",
    "情報不足のまま引き渡せます。引き渡し基準は未達として記録されます。",
)


class Verdict(NamedTuple):
    """Whether a certification may go ahead; `code` and `params` name the refusal, `reason` says it."""

    ok: bool
    code: str
    reason: Words
    params: Mapping[str, object] = {}


class Sheet(Protocol):
    """What is read of a customer sheet's completeness."""

    @property
    def percent(self) -> Decimal: ...


class BantPolicy(NamedTuple):
    """How many of the four answers must be known, and how many of them met, before an MQL deserves SQL.

    The default asks for one met: BANT is the gate, but a first meeting is where most answers are found, and
    whatever stays unknown lowers the sheet's completeness, which is the promise itself.
    """

    min_known: int = 1
    min_met: int = 1


DEFAULT_POLICY = BantPolicy()


def mql(*, has_person: bool, reason: str | None, spam: bool = False) -> Verdict:
    """Judge whether a lead may be certified MQL: a person to call, a reason, and not spam or a duplicate."""
    if spam:
        return _refused("spam")
    if not has_person:
        return _refused("person_required")
    if not (reason or "").strip():
        return _refused("reason_required")
    return Verdict(True, "ok", READY_MQL)


def sql(
    *,
    bant: Mapping[str, str],
    meeting_at: datetime | None,
    now: datetime,
    sheet: Sheet,
    threshold: Decimal,
    below_threshold_reason: str | None,
    policy: BantPolicy = DEFAULT_POLICY,
) -> Verdict:
    """Judge whether an MQL may be certified SQL.

    1. Enough of BANT is known and met (`policy`); an answer left out is unknown.
    2. A meeting is set; it may lie in the past (recorded late), but not a year away from `now`.
    3. The customer sheet reaches `threshold` percent, or a reason is given for handing over below it.
    Raises ValueError for a BANT field or answer that does not exist.
    """
    answers = [Bant(bant.get(field, Bant.UNKNOWN)) for field in BANT_FIELDS]
    if strange := set(bant) - set(BANT_FIELDS):
        raise ValueError(f"not part of BANT: {sorted(strange)}")
    known = sum(answer is not Bant.UNKNOWN for answer in answers)
    if known < policy.min_known or answers.count(Bant.MET) < policy.min_met:
        return _refused("bant_required", needed=max(policy.min_met, policy.min_known))
    if meeting_at is None:
        return _refused("meeting_required")
    if abs(meeting_at - now) > MEETING_WITHIN:
        return _refused("meeting_implausible")
    if sheet.percent >= threshold:
        return Verdict(True, "ok", READY_SQL)
    if not (below_threshold_reason or "").strip():
        return _refused("sheet_reason_required", percent=_plain(sheet.percent), threshold=_plain(threshold))
    return Verdict(True, "below_threshold", READY_INCOMPLETE)


def _refused(code: str, **params: object) -> Verdict:
    sentence = SENTENCES[code]
    return Verdict(False, code, Words(sentence.say("en", **params), sentence.say("ja", **params)), params)


def _plain(percent: Decimal) -> str:
    return f"{percent.normalize():f}"
