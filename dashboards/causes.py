"""Pure. Why a promise was missed, most likely cause first: what was the case in, causes with their strength out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from funnel.words import Words


class Cause(StrEnum):
    """The causes every installation starts with; a company may rename, add and withdraw them."""

    NOT_ASSIGNED = "not_assigned"
    ABSENT = "absent"
    OVERLOAD = "overload"
    OVERLOOKED = "overlooked"
    BAD_CONTACT = "bad_contact"
    DISPUTED = "disputed"
    INCOMPLETE = "incomplete"
    CUSTOMER_SIDE = "customer_side"
    SYSTEM = "system"
    RECORDED_LATE = "recorded_late"


class Evidence(NamedTuple):
    """What was the case when a promise was missed; numbers and codes only.

    `allowed` is the elapsed hours from opening to due (0 for a gate), `unowned` those of them in which nobody had it
    and `waited_for` why (`handoffs.rotation.Why`), `away` the share (0–1) of the owner's time until due on which he
    was absent or nobody works. `open_load` is what else the owner had open at the due moment, `usual_load` his
    average at the same moment of the four weeks before; `came` how much of the kind came on the day of the opening,
    `usual_came` the average business day of the four weeks before. `weekday` (1 is Monday) and `hour` are the
    organisation's local ones of the opening, `day_off` when nobody works on it. `has_phone` and `has_mail` are null
    where nobody is to be contacted. `missing` counts required items of the customer sheet that were not filled,
    `below` the reason given for it. `touched` counts human outbound contacts between opening and due, `lag` the hours
    between the opening's occurrence and its recording. `returned` is the reason this or an earlier round was sent
    back for, `late_record` the hours from due to the recording of an act that was done in time.
    """

    boundary: str = "mql"
    allowed: float = 24.0
    unowned: float = 0.0
    waited_for: str = ""
    away: float = 0.0
    open_load: int = 0
    usual_load: float = 0.0
    came: int = 0
    usual_came: float = 0.0
    weekday: int = 1
    hour: int = 9
    day_off: bool = False
    has_phone: bool | None = None
    has_mail: bool | None = None
    missing: int = 0
    below: str = ""
    touched: int = 0
    lag: float = 0.0
    returned: str = ""
    returned_now: bool = False
    late_record: float | None = None

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Evidence:
        """The evidence as it was stored; what a later version added is at its default."""
        return cls(**{name: kept[name] for name in cls._fields if name in kept})


class Finding(NamedTuple):
    """A cause with how strongly the evidence speaks for it (0–1), and the sentence that says why."""

    cause: str
    strength: float
    said: Words
    params: Mapping[str, Any]

    def say(self, language: str | None) -> str:
        """The sentence in a language."""
        return self.said.say(language, **self.params)


FEW = 6
"""Below this many open or arrived at once nobody is overloaded."""
BASE = 0.4
"""How strongly nothing in particular speaks for its having been overlooked."""
QUIET = 0.15
"""Weaker findings are not worth a person's time."""


def suggest(found: Evidence) -> list[Finding]:
    """The causes the evidence speaks for, strongest first; never empty, since what nothing explains was overlooked."""
    named = [finding for rule in RULES for finding in rule(found) if finding.strength >= QUIET]
    strongest: dict[str, Finding] = {}
    for finding in sorted(named, key=lambda one: -one.strength):
        strongest.setdefault(finding.cause, finding)
    return list(strongest.values())


def _recorded_late(e: Evidence) -> list[Finding]:
    if e.late_record is None:
        return []
    said = Words(
        "Done in time, recorded {hours:.1f} hours after it was due",
        "期限内に実施、記録は期限の{hours:.1f}時間後",
    )
    return [Finding(Cause.RECORDED_LATE, 1.0, said, {"hours": e.late_record})]


def _unowned(e: Evidence) -> list[Finding]:
    share = min(1.0, e.unowned / e.allowed) if e.allowed else 0.0
    cause = {"absent": Cause.ABSENT, "full": Cause.OVERLOAD}.get(e.waited_for, Cause.NOT_ASSIGNED)
    said = Words(
        "Nobody had it for {unowned:.0f} of {allowed:.0f} hours",
        "{allowed:.0f}時間のうち{unowned:.0f}時間は担当者なし",
    )
    return [Finding(cause, 0.95 * share, said, {"unowned": e.unowned, "allowed": e.allowed})]


def _away(e: Evidence) -> list[Finding]:
    said = Words(
        "Whoever had it was not at work for {share:.0%} of the time",
        "担当者は期限までの{share:.0%}の時間が不在・休業日",
    )
    return [Finding(Cause.ABSENT, 0.9 * e.away, said, {"share": e.away})]


def _overloaded(e: Evidence) -> list[Finding]:
    found = []
    if e.open_load >= FEW:
        said = Words(
            "{n} others open at the due moment; usually {usual:.0f}",
            "期限時に他の未完了が{n}件(通常{usual:.0f}件)",
        )
        found.append((_excess(e.open_load, e.usual_load), said, {"n": e.open_load, "usual": e.usual_load}))
    if e.came >= FEW:
        said = Words("{n} came that day; usually {usual:.0f}", "同日に{n}件が集中(通常{usual:.0f}件)")
        found.append((_excess(e.came, e.usual_came), said, {"n": e.came, "usual": e.usual_came}))
    if not found:
        return []
    strength, said, params = max(found, key=lambda one: one[0])
    return [Finding(Cause.OVERLOAD, strength, said, params)]


def _excess(there: int, usual: float) -> float:
    """Nothing at the usual, a third at twice as much, 0.9 from three and a half times."""
    return max(0.0, min(0.9, 0.36 * (there / max(usual, 1.0) - 1)))


def _unreachable(e: Evidence) -> list[Finding]:
    if e.has_phone is None or (e.has_phone and e.has_mail):
        return []
    if e.has_phone or e.has_mail:
        # Without a telephone number a call is not made; a missing address stops nobody from calling.
        strength = 0.65 if not e.has_phone else 0.1
        said = Words("No telephone number", "電話番号の登録なし")
    else:
        strength, said = (
            0.95,
            Words("Neither telephone number nor e-mail address", "電話番号・メールともに登録なし"),
        )
    return [Finding(Cause.BAD_CONTACT, strength, said, {})]


def _disputed(e: Evidence) -> list[Finding]:
    if not e.returned:
        return []
    said = (
        Words("It was returned to its sender", "送り手に差し戻された")
        if e.returned_now
        else Words("An earlier round was returned to its sender", "前回の引き渡しが差し戻されている")
    )
    return [Finding(Cause.DISPUTED, 0.9 if e.returned_now else 0.6, said, {})]


def _incomplete(e: Evidence) -> list[Finding]:
    if not e.missing:
        return []
    strength = 0.85 if e.boundary == "sql" else 0.5
    said = Words(
        "{n} required items of the customer sheet were missing", "顧客情報シートの必須項目が{n}件未記入"
    )
    return [Finding(Cause.INCOMPLETE, strength, said, {"n": e.missing})]


DECLINED, FROM_FILE = "customer_declined", "imported"


def _customer(e: Evidence) -> list[Finding]:
    if e.below == DECLINED:
        return [
            Finding(Cause.CUSTOMER_SIDE, 0.92, Words("The customer would not say", "先方が回答を控えた"), {})
        ]
    if not e.touched:
        return []
    said = Words(
        "The customer was contacted {n} times before it was due", "期限までに先方へ{n}回連絡している"
    )
    return [Finding(Cause.CUSTOMER_SIDE, min(0.85, 0.45 + 0.15 * e.touched), said, {"n": e.touched})]


def _system(e: Evidence) -> list[Finding]:
    if e.below == FROM_FILE:
        return [Finding(Cause.SYSTEM, 0.92, Words("It came from a file", "取り込みデータのため"), {})]
    share = min(1.0, e.lag / e.allowed) if e.allowed else 0.0
    said = Words("It was recorded {lag:.0f} hours after it happened", "発生から{lag:.0f}時間後に登録された")
    return [Finding(Cause.SYSTEM, 0.95 * share, said, {"lag": e.lag})]


def _overlooked(e: Evidence) -> list[Finding]:
    said = Words("Nothing stood in the way", "妨げとなる事情は見当たらない")
    return [Finding(Cause.OVERLOOKED, BASE, said, {})]


RULES: tuple[Callable[[Evidence], list[Finding]], ...] = (
    _recorded_late,
    _unowned,
    _away,
    _overloaded,
    _unreachable,
    _disputed,
    _incomplete,
    _customer,
    _system,
    _overlooked,
)
