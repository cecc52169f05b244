"""Pure. Where the demo company's leads come from: channels, campaigns, seasons, visits and spend."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from funnel.calendar import add_months, month_end, month_start
from funnel.demo.dice import Dice
from funnel.demo.hours import ONE_DAY, Hours

VISITS_A_MONTH, LEADS_A_MONTH = 17_000, 340
# A little under one in five: those who come back, or by way of a customer, make it 34 a month.
MQL_SHARE, SQL_SHARE, WON_SHARE = 0.50, 0.185, 0.30
# What the company is to find out: of late so few of them go on that the step bounds the whole.
SQL_SHARE_LATELY, LATELY_MONTHS = 0.115, 2
DEAL_SIZE = 1_000_000


class Source(NamedTuple):
    """A channel: its share of leads and visits (%), how well its leads convert, and yen per lead."""

    slug: str
    name: str
    is_web: bool
    leads: float
    visits: float
    quality: float
    cost: int
    reason: str


SOURCES: tuple[Source, ...] = (
    Source("organic_search", "自然検索", True, 24, 44, 1.0, 1_200, "inquiry"),
    Source("paid_search", "検索広告", True, 20, 26, 0.8, 14_000, "download"),
    Source("webinar", "ウェビナー", True, 14, 6, 1.2, 7_000, "webinar"),
    Source("exhibition", "展示会", False, 14, 0, 0.9, 18_000, "event"),
    Source("request_site", "資料請求サイト", True, 14, 9, 0.7, 10_000, "download"),
    Source("mail_magazine", "メールマガジン", True, 6, 8, 1.1, 800, "download"),
    Source("social", "SNS", True, 5, 7, 0.6, 5_000, "download"),
    Source("referral", "紹介", False, 3, 0, 2.4, 0, "referral"),
)
BY_SLUG = {source.slug: source for source in SOURCES}

# April begins the fiscal year, August and December are short; budgets are spent in February and March.
SEASON = {
    1: 0.95,
    2: 1.08,
    3: 1.12,
    4: 0.9,
    5: 0.95,
    6: 1.06,
    7: 1.04,
    8: 0.82,
    9: 1.08,
    10: 1.08,
    11: 1.06,
    12: 0.86,
}
WEEKEND_SHARE = 0.22
EXHIBITION_MONTHS = frozenset({2, 5, 7, 10, 11})


def sql_share(month: date, today: date) -> float:
    """The share of a month's MQL that become SQL: lower in the running month and the whole ones just before it."""
    is_late = month >= add_months(month_start(today), -LATELY_MONTHS)
    return SQL_SHARE_LATELY if is_late else SQL_SHARE


def pull(month: date) -> float:
    """How busy a month is; 1 is the average."""
    return SEASON[month.month]


def day_weight(hours: Hours, day: date) -> float:
    """How busy a day is: full on working days, quiet on weekends and holidays."""
    if not hours.is_working_day(day):
        return WEEKEND_SHARE
    return (1.05, 1.12, 1.1, 1.0, 0.85, 0.85, 0.85)[day.weekday()]


def exhibition_days(hours: Hours, month: date) -> list[date]:
    """The working days a fair takes in this month: three from the second Wednesday, in months that have one."""
    if month.month not in EXHIBITION_MONTHS:
        return []
    first = month.replace(day=8)
    wednesday = first + ONE_DAY * ((2 - first.weekday()) % 7)
    return [day for n in range(3) if hours.is_working_day(day := wednesday + ONE_DAY * n)]


def campaigns(month: date) -> dict[str, tuple[str, str]]:
    """The campaign each channel runs in a month: slug and name."""
    quarter = (month.month - 1) // 3 + 1
    stamp, year = f"{month:%Y-%m}", month.year
    return {
        "paid_search": (f"search-{year}q{quarter}", f"検索広告 {year}年第{quarter}四半期"),
        "webinar": (f"webinar-{stamp}", f"月例ウェビナー {year}年{month.month}月"),
        "exhibition": (f"fair-{stamp}", f"業務改革フェア {year}年{month.month}月"),
        "request_site": (f"whitepaper-{year}q{quarter}", f"承認業務の実態調査 {year}年第{quarter}四半期版"),
        "mail_magazine": (f"letter-{stamp}", f"お役立ち通信 {year}年{month.month}月号"),
    }


def source_weights(month: date) -> list[float]:
    """Shares of the channels in a month; a fair brings many at once, and without one there is a trickle."""
    fair = 1.9 if month.month in EXHIBITION_MONTHS else 0.25
    return [source.leads * (fair if source.slug == "exhibition" else 1) for source in SOURCES]


def days_of(month: date, until: date) -> list[date]:
    """The days of a month up to a date."""
    last = min(month_end(month), until)
    return [month + ONE_DAY * n for n in range((last - month).days + 1)]


def traffic(dice: Dice, hours: Hours, month: date, until: date) -> Iterator[tuple[date, str, int]]:
    """Yield visits by day and channel; a full month has about 17,000."""
    whole = sum(day_weight(hours, day) for day in days_of(month, month_end(month)))
    for day in days_of(month, until):
        visits = VISITS_A_MONTH * pull(month) * day_weight(hours, day) / whole
        for source in SOURCES:
            if source.visits:
                yield day, source.slug, max(0, round(visits * source.visits / 100 * dice.around(1, 0.08)))


def spend(dice: Dice, month: date, until: date) -> Iterator[tuple[date, str, int]]:
    """Yield yen spent by day and channel."""
    days = days_of(month, month_end(month))
    for source, weight in zip(SOURCES, source_weights(month), strict=True):
        leads = LEADS_A_MONTH * pull(month) * weight / sum(source_weights(month))
        if source.cost:
            daily = round(leads * source.cost * dice.around(1, 0.05) / len(days), -2)
            yield from ((day, source.slug, int(daily)) for day in days if day <= until)
