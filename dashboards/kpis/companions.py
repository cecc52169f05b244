"""What is read beside a number, by the name it has in `Value.more`: its words, and its unit."""

from typing import NamedTuple

from dashboards.kpis.kpi import Unit
from funnel.words import Words


class Companion(NamedTuple):
    """How a companion is called and measured; without a unit, in that of its number."""

    words: Words
    unit: Unit | None = Unit.COUNT


COMPANIONS: dict[str, Companion] = {
    "kept": Companion(Words("Kept", "遵守")),
    "kept_late": Companion(Words("Kept late", "遅れて実施")),
    "missed": Companion(Words("Missed", "未実施")),
    "cancelled": Companion(Words("Cancelled", "取消")),
    "recorded_late": Companion(Words("Done in time, recorded late", "期限内に実施・記録遅れ")),
    "excused": Companion(Words("Excused", "免責")),
    "first_accepted": Companion(Words("Accepted in the first round", "初回で受領")),
    "first_decided": Companion(Words("Decided in the first round", "初回の判断")),
    "window_days": Companion(Words("Window in days", "判定期間(日)")),
    "still_open": Companion(Words("Still open", "判定中")),
    "median": Companion(Words("Median", "中央値"), None),
    "mean": Companion(Words("Mean", "平均"), None),
    "p90": Companion(Words("90th percentile", "90パーセンタイル"), None),
    "ended": Companion(Words("Answered", "対応済み")),
    "running": Companion(Words("Waiting", "未対応")),
    "n": Companion(Words("Number", "件数")),
    "spend": Companion(Words("Spend", "費用"), Unit.MONEY),
    "entries": Companion(Words("Entries", "件数")),
    "leads": Companion(Words("Leads", "リード")),
    "lead_owners": Companion(Words("People who looked after the leads", "リード担当者の人数")),
    "deal_owners": Companion(Words("People who looked after the deals", "商談担当者の人数")),
    "date_conflicts": Companion(Words("Dates out of order", "日付の前後が逆")),
    "weighted": Companion(Words("Weighted by step", "確度を掛けた金額"), Unit.MONEY),
    "without_amount": Companion(Words("Without an amount", "金額未定")),
    "open": Companion(Words("Open deals", "進行中の商談")),
    "won": Companion(Words("Won", "受注")),
    "closed": Companion(Words("Ended", "決着")),
    "deal_size": Companion(Words("Deal size", "平均受注単価"), Unit.MONEY),
    "days": Companion(Words("Sales cycle", "セールスサイクル"), Unit.DAYS),
    "opening": Companion(Words("Revenue at the start", "期間初めの月額"), Unit.MONEY),
    "closing": Companion(Words("Revenue at the end", "期間末の月額"), Unit.MONEY),
    "expansion": Companion(Words("Expansion", "増額"), Unit.MONEY),
    "retained": Companion(
        Words("Kept of the revenue at the start", "期間初めのうち維持した月額"), Unit.MONEY
    ),
    "contraction": Companion(Words("Contraction", "減額"), Unit.MONEY),
    "churn": Companion(Words("Churn", "解約"), Unit.MONEY),
    "customers": Companion(Words("Customers", "顧客数")),
    "annual": Companion(Words("A year at this pace", "年間換算"), Unit.RATE),
    "of_revenue": Companion(Words("Expansion ÷ opening revenue", "増額分 ÷ 期間初めの月額"), Unit.RATE),
    "months": Companion(Words("Months a customer stays", "想定契約月数"), Unit.POINTS),
    "promoters": Companion(Words("Promoters", "推奨者")),
    "detractors": Companion(Words("Detractors", "批判者")),
    "margin": Companion(Words("Margin (95%)", "誤差(95%)"), Unit.POINTS),
}
