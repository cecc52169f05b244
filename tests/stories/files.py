"""Files of a funnel shaped as real exports are, and what a plain reading of them says."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median

LEADS = "marketing_qualified_leads.csv"
DEALS = "closed_deals.csv"
LEAD_COLUMNS = {
    "external_id": "mql_id",
    "mql_at": "first_contact_date",
    "channel": "origin",
    "campaign": "landing_page_id",
}
DEAL_COLUMNS = {
    "lead_external_id": "mql_id",
    "inside_sales_owner": "sdr_id",
    "field_sales_owner": "sr_id",
    "segment": "business_segment",
    "amount": "declared_monthly_revenue",
    "won_at": "won_date",
}


def make_history(folder: Path, *, leads: int = 400, seed: int = 7) -> None:
    """Write both files: blank channels, amounts of 0, and one deal won two days before its MQL."""
    chance = random.Random(seed)
    origins = ["organic_search", "paid_search", "social", "email", "referral", ""]
    first = date(2024, 1, 9)
    rows = [
        (f"m{n:04}", first + timedelta(days=chance.randrange(200)), f"page{n % 9}", chance.choice(origins))
        for n in range(leads)
    ]
    won = [
        (key, f"sdr{chance.randrange(8)}", f"sr{chance.randrange(5)}", datetime(day.year, day.month, day.day, 3)
         + timedelta(days=chance.randrange(1, 90), minutes=chance.randrange(720)), "pet",
         chance.choice([0, 0, 1000, 25000]))
        for key, day, _page, _origin in chance.sample(rows, leads // 9)
    ]  # fmt: skip
    early = next(row for row in rows if row[0] not in {deal[0] for deal in won})
    before = datetime(early[1].year, early[1].month, early[1].day, 9) - timedelta(days=2)
    won.append((early[0], "sdr1", "sr1", before, "pet", 500))
    _write(folder / LEADS, ["mql_id", "first_contact_date", "landing_page_id", "origin"], rows)
    order = ("lead_external_id", "inside_sales_owner", "field_sales_owner", "won_at", "segment", "amount")
    _write(folder / DEALS, [DEAL_COLUMNS[field] for field in order], won)


def _write(path: Path, header: list[str], rows: list[tuple[object, ...]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])


@dataclass
class Told:
    """What the two files say, read without the product."""

    mql: Counter[str]
    won: Counter[str]
    by_channel: dict[str, tuple[int, int]]
    owners: tuple[int, int]
    median_days: float
    total: float
    conflicts: int
    span: tuple[date, date]


def tell_history(folder: Path) -> Told:
    """Count by month and channel, owners, the median of days from MQL to won, and the sum of amounts."""
    leads = {row["mql_id"]: row for row in _rows(folder / LEADS)}
    deals = _rows(folder / DEALS)
    asked = {key: date.fromisoformat(row["first_contact_date"]) for key, row in leads.items()}
    won = {row["mql_id"]: datetime.fromisoformat(row["won_date"]).date() for row in deals}
    channels = {row["origin"] for row in leads.values()}
    return Told(
        mql=Counter(f"{day:%Y-%m}" for day in asked.values()),
        won=Counter(f"{day:%Y-%m}" for day in won.values()),
        by_channel={
            name: (
                sum(row["origin"] == name for row in leads.values()),
                sum(leads[key]["origin"] == name for key in won),
            )
            for name in channels
        },
        owners=(len({row["sdr_id"] for row in deals}), len({row["sr_id"] for row in deals})),
        median_days=median((day - asked[key]).days for key, day in won.items()),
        total=sum(float(row["declared_monthly_revenue"]) for row in deals),
        conflicts=sum(day < asked[key] for key, day in won.items()),
        span=(min([*asked.values(), *won.values()]), max([*asked.values(), *won.values()])),
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@dataclass
class Live:
    """Leads of the last two days and contacts at known times, as files and as moments."""

    leads: bytes
    activities: bytes
    mql_at: dict[str, datetime]
    contacts: dict[str, list[datetime]]

    def verdict(self, key: str, recorded: datetime) -> str:
        """Kept while it was recorded before the deadline; done in time but recorded later is late."""
        due = self.mql_at[key] + timedelta(hours=24)
        if any(at >= self.mql_at[key] for at in self.contacts[key]):
            return "kept" if recorded <= due else "kept_late"
        return "missed" if due < recorded else "open"


def make_live(keys: list[str], channels: list[str], now: datetime, *, seed: int = 11) -> Live:
    """Date `keys` into the 48 hours before `now`, contact some of them; files as Japanese Excel writes them (cp932).

    No deadline lies within three minutes of `now`, so that the run itself changes no verdict.
    """
    chance = random.Random(seed)
    mql_at, contacts, calls = {}, {key: [] for key in keys}, []
    for key in keys:
        minutes = chance.choice([*range(10, 24 * 60 - 15), *range(24 * 60 + 3, 48 * 60)])
        mql_at[key] = now - timedelta(minutes=minutes)
        for n in range(chance.choice([0, 0, 1, 1, 2])):
            at = mql_at[key] + timedelta(minutes=chance.randrange(-60, 40 * 60))
            if at < now:
                human = chance.random() < 0.85
                calls.append((f"{key}-{n}", key, "電話" if human else "メモ", "outbound", at.isoformat()))
                contacts[key] += [at] if human else []
    leads = [(key, f"株式会社髙橋{n}", f"見込 {n}", channel, mql_at[key].isoformat())
             for n, (key, channel) in enumerate(zip(keys, channels, strict=True))]  # fmt: skip
    return Live(
        _cp932(["外部ID", "会社名", "氏名", "チャネル", "MQL日時"], leads),
        _cp932(["外部ID", "リードID", "種別", "方向", "日時"], calls),
        mql_at,
        contacts,
    )


def _cp932(header: list[str], rows: list[tuple[str, ...]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([header, *rows])
    return out.getvalue().encode("cp932")
