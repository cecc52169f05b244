"""Pure. Period, basis, channel, owner …: parsed from a query string and written back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, cast
from urllib.parse import urlencode

from funnel.calendar import ONE_DAY, add_months, month_end, month_start, months_between
from funnel.errors import BadValue
from funnel.words import Words

Basis = Literal["period", "cohort"]
GroupBy = Literal["channel", "month", "owner", "segment", "campaign"]

BASES: tuple[Basis, ...] = ("period", "cohort")
GROUPS: tuple[GroupBy, ...] = ("channel", "month", "owner", "segment", "campaign")
KEYS = ("from", "to", "basis", "channel", "owner", "segment", "campaign", "group_by", "exclude_inferred")
BOOLEANS = {"": False, "0": False, "false": False, "1": True, "true": True, "on": True}
LONGEST_YEARS = 10
EARLIEST, LATEST = date(1970, 1, 1), date(2199, 12, 31)
LARGEST_ID = 2**63 - 1
LONGEST_CHANNEL = 200

SENTENCES: dict[str, Words] = {
    "bad_date": Words(
        "“{value}” is not a date. Write 2026-05-01.",
        "「{value}」は日付ではありません。2026-05-01のように入力してください。",
    ),
    "bad_dates": Words("The end lies before the start.", "終了日が開始日より前です。"),
    "span_too_long": Words("Choose a period of at most ten years.", "期間は10年以内で指定してください。"),
    "bad_choice": Words(
        "“{value}” is not possible here. Use one of: {choices}.",
        "「{value}」は指定できません。次から選んでください: {choices}",
    ),
    "bad_moment": Words(
        "“{value}” is not a moment. Write 2026-05-01T09:00.",
        "「{value}」は日時ではありません。2026-05-01T09:00のように入力してください。",
    ),
    "future_moment": Words(
        "This moment lies in the future. Choose one that has passed.",
        "未来の日時です。過去の日時を指定してください。",
    ),
    "unrecorded_moment": Words(
        "Nothing had been recorded yet at this moment. Choose a later one.",
        "この時点では、まだ何も記録されていません。もっと後の日時を指定してください。",
    ),
    "not_of_then": Words(
        "The board of a past moment cannot be narrowed by “{name}”. Leave it out.",
        "過去の時点のボードでは「{name}」を指定できません。外してください。",
    ),
    "bad_id": Words("“{value}” is not a number.", "「{value}」は番号ではありません。"),
    "unknown_channel": Words(
        "There is no channel “{value}”. Choose one from the list.",
        "「{value}」という流入経路はありません。一覧から選んでください。",
    ),
    "unknown_campaign": Words(
        "There is no campaign “{value}”. Choose one from the list.",
        "「{value}」というキャンペーンはありません。一覧から選んでください。",
    ),
    "unknown_owner": Words(
        "There is no member with the number {value}. Choose one from the list.",
        "番号{value}のメンバーはいません。一覧から選んでください。",
    ),
}
PARAMETERS: dict[str, Words] = {
    "from": Words("From", "開始日"),
    "to": Words("To", "終了日"),
    "basis": Words("Basis", "集計の基準"),
    "channel": Words("Channel", "流入経路"),
    "owner": Words("Owner", "担当者"),
    "segment": Words("Segment", "セグメント"),
    "campaign": Words("Campaign", "キャンペーン"),
    "group_by": Words("Grouped by", "内訳"),
    "exclude_inferred": Words("Without inferred passages", "推定分を除く"),
}
"""What people call the keys of a scope."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class ScopeError(BadValue):
    """A query string that names no scope; `field` is the key at fault, `code` one of SENTENCES."""

    status = 400

    def say(self, language: str | None) -> str:
        """The sentence in `language`."""
        return SENTENCES[self.code].say(language, **self.params)

    def say_where(self, language: str | None) -> str:
        """The sentence after the name of what it is about, for a page that has no field to put it at."""
        name = PARAMETERS[self.field].say(language) if self.field in PARAMETERS else ""
        return f"{name}: {self.say(language)}" if name else self.say(language)


UNOWNED, UNOWNED_SAID = 0, "(none)"
"""The owner of a scope that asks for what nobody owns, and how an address says it."""


@dataclass(frozen=True)
class Scope:
    """Which part of the company's numbers is meant; the same for value, drill-down, export and API.

    `start` and `end` are local dates of the organisation, both inside. `channel` and `campaign` are slugs, `segment`
    is the pass's own word, `owner` the id of a member; None means all, "(none)" (of owners: UNOWNED) what has none.
    `exclude_inferred` leaves out passages that were concluded, not recorded.
    """

    start: date
    end: date
    basis: Basis = "period"
    channel: str | None = None
    owner: int | None = None
    group_by: GroupBy | None = None
    exclude_inferred: bool = False
    segment: str | None = None
    campaign: str | None = None

    def query(self) -> str:
        """Return the query string that `parse` reads back into this scope, keys in a fixed order."""
        values: dict[str, str | int | None] = {
            "from": self.start.isoformat(),
            "to": self.end.isoformat(),
            "basis": self.basis,
            "channel": self.channel,
            "owner": UNOWNED_SAID if self.owner == UNOWNED else self.owner,
            "segment": self.segment,
            "campaign": self.campaign,
            "group_by": self.group_by,
            "exclude_inferred": 1 if self.exclude_inferred else None,
        }
        return urlencode({key: value for key, value in values.items() if value is not None})

    def months(self) -> tuple[date, ...]:
        """Return the first day of every month the scope touches."""
        return tuple(months_between(self.start, self.end))

    @property
    def days(self) -> int:
        """Number of days, both ends included."""
        return (self.end - self.start).days + 1

    def previous(self) -> "Scope":
        """Return the same scope one period earlier: whole months go back by months, others by days."""
        if self.start == month_start(self.start) and self.end == month_end(self.end):
            start = add_months(self.start, -len(self.months()))
        else:
            start = self.start - timedelta(days=self.days)
        return replace(self, start=start, end=self.start - ONE_DAY)


def parse(params: Mapping[str, str], *, today: date) -> Scope:
    """Return the scope a query string asks for; keys left out or blank take their defaults.

    Default period: the current month. A start alone runs until today (the end of its month if it lies
    ahead), an end alone begins with its month. Other keys are left alone. Raises ScopeError.
    """
    start, end = _period(_date(params, "from"), _date(params, "to"), today)
    return Scope(
        start=start,
        end=end,
        basis=cast(Basis, _choice(params, "basis", BASES) or "period"),
        channel=_name(params, "channel"),
        owner=_owner(params),
        group_by=cast(GroupBy | None, _choice(params, "group_by", GROUPS)),
        exclude_inferred=_boolean(params, "exclude_inferred"),
        segment=_name(params, "segment"),
        campaign=_name(params, "campaign"),
    )


def _given(params: Mapping[str, str], key: str) -> str:
    return params.get(key, "").strip()


def _period(start: date | None, end: date | None, today: date) -> tuple[date, date]:
    if start is None:
        start = month_start(end or today)
        end = end or month_end(today)
    elif end is None:
        end = today if start <= today else month_end(start)
    if end < start:
        raise ScopeError("bad_dates", field="to")
    if end >= _years_after(start, LONGEST_YEARS):
        raise ScopeError("span_too_long", field="from")
    return start, end


def _years_after(day: date, years: int) -> date:
    """Return the same date some years later, 1 March for a 29 February that is not there."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _date(params: Mapping[str, str], key: str) -> date | None:
    text = _given(params, key)
    if not text:
        return None
    try:
        day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or not EARLIEST <= day <= LATEST:
        raise ScopeError("bad_date", field=key, value=text[:LONGEST_CHANNEL])
    return day


def _choice(params: Mapping[str, str], key: str, choices: tuple[str, ...]) -> str | None:
    text = _given(params, key)
    if text and text not in choices:
        raise ScopeError("bad_choice", field=key, value=text[:LONGEST_CHANNEL], choices=", ".join(choices))
    return text or None


def _name(params: Mapping[str, str], key: str) -> str | None:
    text = _given(params, key)
    if len(text) > LONGEST_CHANNEL or "\0" in text:
        raise ScopeError("bad_choice", field=key, value=text[:20].replace("\0", ""), choices="…")
    return text or None


def _owner(params: Mapping[str, str]) -> int | None:
    text = _given(params, "owner")
    if not text:
        return None
    if text == UNOWNED_SAID:
        return UNOWNED
    if not (text.isascii() and text.isdecimal() and len(text) < 20 and 0 < int(text) <= LARGEST_ID):
        raise ScopeError("bad_id", field="owner", value=text[:LONGEST_CHANNEL])
    return int(text)


def _boolean(params: Mapping[str, str], key: str) -> bool:
    text = _given(params, key)
    if text not in BOOLEANS:
        raise ScopeError("bad_choice", field=key, value=text[:LONGEST_CHANNEL], choices="1, 0")
    return BOOLEANS[text]
