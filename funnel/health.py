"""Pure. Readings of a customer in, health score with its contributions out."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from funnel.words import Words

RECENT_DAYS = 28
"""Four whole weeks, so that weekends weigh the same in both windows."""

INQUIRY_BASE_DAYS = 84
LOOKS_BACK_DAYS = RECENT_DAYS + max(RECENT_DAYS, INQUIRY_BASE_DAYS)
"""How far back readings count: the recent window and the longest one it is compared with."""

ONBOARDING_DAYS = 30
FULL_ADOPTION = Decimal("0.6")
"""Share of seats, and of features, from which use counts as full."""

HEALTHY_FROM, WATCH_FROM = 70, 40
CONFIDENT_FROM = 40
PROMOTER_FROM, PASSIVE_FROM = 9, 7
FEWEST_INQUIRIES = 1
ZERO, ONE, HUNDRED = Decimal(0), Decimal(1), Decimal(100)

WEIGHTS: dict[str, int] = {
    "usage_trend": 25,
    "adoption": 20,
    "breadth": 15,
    "inquiries": 10,
    "onboarding": 15,
    "nps": 15,
}
LABELS: dict[str, Words] = {
    "usage_trend": Words("Trend of use", "利用の増減"),
    "adoption": Words("Active users", "利用率"),
    "breadth": Words("Features used", "機能の活用度"),
    "inquiries": Words("Inquiries", "問い合わせ"),
    "onboarding": Words("Onboarding", "導入"),
    "nps": Words("NPS", "NPS"),
}

BAND_WORDS: dict[str, Words] = {
    "healthy": Words("Healthy", "良好"),
    "watch": Words("Watch", "注意"),
    "at_risk": Words("At risk", "危険"),
}


class Factor(NamedTuple):
    """One contribution: `points` of at most `weight`; the sentence follows from `value`, what was measured.

    Values: percent of change (usage_trend, inquiries), percent (adoption, breadth), the answer 0–10 (nps),
    days since signing while onboarding is open and None once it is done (onboarding).
    """

    key: str
    label: Words
    weight: int
    points: int
    value: Decimal | None
    sentence: Words


class Assessment(NamedTuple):
    """A customer's health on a day: score 0–100, its band, and the known factors, whose points add up to it.

    `confidence` is the percentage of the full weighting that was known; `unknown` names what was not.
    """

    score: int
    band: str
    factors: tuple[Factor, ...]
    confidence: int = 100
    unknown: tuple[str, ...] = ()


class _Reading(NamedTuple):
    share: Decimal
    value: Decimal | None


def assess(
    *,
    day: date,
    usage: Sequence[tuple[date, Decimal]],
    breadth: Decimal | None,
    inquiries: Sequence[tuple[date, int]],
    onboarded: bool,
    days_since_signed: int,
    nps: int | None,
    seats: int | None,
) -> Assessment:
    """Assess a customer as of the end of `day`; readings of later days are not looked at.

    `usage` is active users per day (logins where nothing better is known; leave `seats` None then), `breadth`
    the share of features used 0–1, `inquiries` their number per day, `nps` the latest answer 0–10.
    Missing data is left out: weights are spread over the known factors, confidence falls, and below 40 %
    of confidence nobody is called healthy. Raises ValueError for an answer outside 0–10.
    """
    recent, before = _windows(usage, day, RECENT_DAYS)
    readings = {
        "usage_trend": _usage_trend(recent, before),
        "adoption": _adoption(recent, seats),
        "breadth": None if breadth is None else _share_of_full(breadth),
        "inquiries": _inquiries([(d, Decimal(n)) for d, n in inquiries], day),
        "onboarding": _onboarding(onboarded, days_since_signed),
        "nps": None if nps is None else _nps(nps),
    }
    known = {key: reading for key, reading in readings.items() if reading is not None}
    weights = _spread({key: WEIGHTS[key] for key in known})
    factors = tuple(_factor(key, weights[key], reading) for key, reading in known.items())
    score = sum(factor.points for factor in factors)
    confidence = sum(WEIGHTS[key] for key in known)
    unknown = tuple(key for key, reading in readings.items() if reading is None)
    return Assessment(score, band(score, confidence), factors, confidence, unknown)


def band(score: int, confidence: int = 100) -> str:
    """Return `healthy` (from 70), `watch` (from 40) or `at_risk`; with too little known, never `healthy`."""
    if score < WATCH_FROM:
        return "at_risk"
    return "healthy" if score >= HEALTHY_FROM and confidence >= CONFIDENT_FROM else "watch"


def sentence(key: str, value: Decimal | None) -> Words:
    """Return what a factor's value means, for people. Raises KeyError for an unknown factor."""
    if key == "onboarding":
        return _onboarding_sentence(value)
    measured = ZERO if value is None else value
    return {
        "usage_trend": _trend_sentence,
        "adoption": _adoption_sentence,
        "breadth": _breadth_sentence,
        "inquiries": _inquiries_sentence,
        "nps": _nps_sentence,
    }[key](measured)


def _spread(weights: dict[str, int]) -> dict[str, int]:
    """Scale weights to whole numbers that add up to 100 (largest remainders first)."""
    total = sum(weights.values())
    scaled = {key: divmod(weight * 100, total) for key, weight in weights.items()}
    missing = 100 - sum(whole for whole, _ in scaled.values())
    favoured = sorted(scaled, key=lambda key: -scaled[key][1])[:missing]
    return {key: whole + (key in favoured) for key, (whole, _) in scaled.items()}


def _factor(key: str, weight: int, reading: _Reading) -> Factor:
    points = int((weight * reading.share).quantize(ONE, ROUND_HALF_UP))
    return Factor(key, LABELS[key], weight, points, reading.value, sentence(key, reading.value))


def _windows(
    readings: Sequence[tuple[date, Decimal]], day: date, before_days: int
) -> tuple[list[Decimal], list[Decimal]]:
    """Return the values of the recent window, which ends with `day`, and of the window before it."""
    since = day - timedelta(days=RECENT_DAYS)
    base = since - timedelta(days=before_days)
    recent = [value for on, value in readings if since < on <= day]
    return recent, [value for on, value in readings if base < on <= since]


def _clamped(share: Decimal) -> Decimal:
    return min(ONE, max(ZERO, share))


def _percent(share: Decimal) -> Decimal:
    return (share * HUNDRED).quantize(ONE, ROUND_HALF_UP)


def _mean(values: list[Decimal]) -> Decimal:
    return sum(values, ZERO) / len(values)


def _usage_trend(recent: list[Decimal], before: list[Decimal]) -> _Reading | None:
    """Full points for steady or rising use, none once it has halved, in proportion between."""
    if not recent or not before:
        return None
    now, earlier = _mean(recent), _mean(before)
    if not now:
        return _Reading(ZERO, -HUNDRED)
    if not earlier:
        return _Reading(ONE, HUNDRED)
    return _Reading(_clamped(now / earlier * 2 - 1), _percent(now / earlier - 1))


def _adoption(recent: list[Decimal], seats: int | None) -> _Reading | None:
    return _share_of_full(_mean(recent) / seats) if recent and seats else None


def _share_of_full(share: Decimal) -> _Reading:
    share = _clamped(share)
    return _Reading(_clamped(share / FULL_ADOPTION), _percent(share))


def _inquiries(readings: list[tuple[date, Decimal]], day: date) -> _Reading | None:
    """Both silence and a flood are risks: full points between half and twice the usual number.

    Nothing is said where the usual number is below one in four weeks.
    """
    recent, before = _windows(readings, day, INQUIRY_BASE_DAYS)
    usual = sum(before, ZERO) * RECENT_DAYS / INQUIRY_BASE_DAYS
    if usual < FEWEST_INQUIRIES:
        return None
    ratio = sum(recent, ZERO) / usual
    return _Reading(_clamped(min(ratio * 2, 2 - ratio / 2)), _percent(ratio - 1))


def _onboarding(onboarded: bool, days_since_signed: int) -> _Reading:
    """Full points when done; while open they run out over twice the planned 30 days."""
    if onboarded:
        return _Reading(ONE, None)
    days = max(days_since_signed, 0)
    return _Reading(_clamped(1 - Decimal(days) / (2 * ONBOARDING_DAYS)), Decimal(days))


def _nps(answer: int) -> _Reading:
    if not 0 <= answer <= 10:
        raise ValueError("an NPS answer lies between 0 and 10")
    if answer >= PROMOTER_FROM:
        return _Reading(ONE, Decimal(answer))
    return _Reading(Decimal("0.6") if answer >= PASSIVE_FROM else ZERO, Decimal(answer))


def _said(en: str, ja: str, value: Decimal) -> Words:
    shown = abs(int(value))
    return Words(en.format(n=shown), ja.format(n=shown))


def _trend_sentence(value: Decimal) -> Words:
    if value <= -HUNDRED:
        return Words("Nobody used the product in the last four weeks.", "直近4週間、利用がありません。")
    if value >= HUNDRED:
        return Words("Use has at least doubled in four weeks.", "利用が直近4週間で2倍以上に増えています。")
    if value < 0:
        return _said("Use fell {n} % in four weeks.", "利用が直近4週間で{n}%減っています。", value)
    if value > 0:
        return _said("Use rose {n} % in four weeks.", "利用が直近4週間で{n}%増えています。", value)
    return Words("Use is steady.", "利用は横ばいです。")


def _adoption_sentence(value: Decimal) -> Words:
    return _said("{n} % of the seats are in use.", "契約席数の{n}%が利用しています。", value)


def _breadth_sentence(value: Decimal) -> Words:
    return _said("{n} % of the features are in use.", "機能の{n}%が使われています。", value)


def _inquiries_sentence(value: Decimal) -> Words:
    if value <= -HUNDRED:
        return Words(
            "No inquiry in four weeks: silence can come before a cancellation.",
            "直近4週間、問い合わせがありません。解約の前触れの可能性があります。",
        )
    if value < 0:
        return _said(
            "Inquiries are {n} % below their usual number.", "問い合わせが通常より{n}%減っています。", value
        )
    if value > 0:
        return _said(
            "Inquiries are {n} % above their usual number.", "問い合わせが通常より{n}%増えています。", value
        )
    return Words("Inquiries are at their usual number.", "問い合わせは通常どおりです。")


def _onboarding_sentence(value: Decimal | None) -> Words:
    if value is None:
        return Words("Onboarding is complete.", "導入は完了しています。")
    if value > ONBOARDING_DAYS:
        return _said(
            "Day {n}: onboarding is past its 30 days.", "契約から{n}日、導入が30日を過ぎています。", value
        )
    return _said("Day {n} of 30 of onboarding.", "導入期間30日のうち{n}日目です。", value)


def _nps_sentence(value: Decimal) -> Words:
    if value >= PROMOTER_FROM:
        return _said("Promoter: answered {n}.", "推奨者です(回答{n})。", value)
    if value >= PASSIVE_FROM:
        return _said("Passive: answered {n}.", "中立者です(回答{n})。", value)
    return _said("Detractor: answered {n}.", "批判者です(回答{n})。", value)
