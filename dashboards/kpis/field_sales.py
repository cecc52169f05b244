"""Field sales' numbers: won, how often, how much, how long."""

from datetime import date, timedelta

from django.db.models import F

from dashboards.kpis.kpi import PARTS, Direction, Frame, Kpi, Parts, Unit, Value, divide_rows
from dashboards.kpis.rowsets import UNCOUNTED, closed_deals, cohort_share, cohort_step, entered, period_step
from dashboards.queries import Amounts, WonFacts, amounts, median_days, won_facts
from funnel.models import Deal
from funnel.stages import COHORT_DAYS, DealState, Department, Stage
from funnel.words import Words

STANDS_FOR = timedelta(days=30)
FIRST = date(2026, 11, 22)
OURS = Department.FIELD_SALES
MISTAKES = Words("Deals entered by mistake", "誤登録の商談")


def _won_deals(at: Frame) -> Parts:
    return {"rows": closed_deals(at, DealState.WON)}


def _money(parts: Parts, at: Frame, *, mean: bool) -> Value:
    return bookings(amounts(parts["rows"]), at, mean=mean)


def bookings(sums: Amounts, at: Frame, *, mean: bool = False) -> Value:
    """The sum (or mean) in the organisation's currency; where no deal has it, in the one that most deals have."""
    found = {currency: (total / deals if mean else total, deals) for currency, (total, deals) in sums.items()}
    currency = at.currency if at.currency in found or not found else next(iter(found))
    value = found[currency][0] if currency in found else (None if mean else 0)
    shown = {name: {"value": value, "deals": deals} for name, (value, deals) in found.items()}
    return Value(value, currency=currency, more={"by_currency": shown})


def _standing(at: Frame) -> Parts:
    rows = Deal.objects.filter(state=DealState.OPEN, opened_at__lt=at.now - STANDS_FOR)
    return {"rows": rows.filter(at.of(channel="lead__channel", owner="owner"))}


def _cycle(parts: Parts, at: Frame) -> Value:
    return Value(median_days(parts["rows"], F("opened_at"), F("closed_at"), at.zone))


def _time_to_win(parts: Parts, at: Frame) -> Value:
    (facts,) = won_facts(parts["rows"], at.zone, [(at.start, at.end)])
    return time_to_win(facts)


def time_to_win(facts: WonFacts) -> Value:
    """The median days from MQL to won, with who had a part in it."""
    more = facts._asdict()
    return Value(more.pop("median_days_from_mql"), more=more)


KPIS = (
    Kpi(
        "won",
        Words("Won", "受注数"),
        Words("How many leads became customers?", "受注に至ったリードは何件ですか?"),
        Words(
            "Passes whose first won new-business deal lies in the period",
            "期間内に初めて新規受注したリードの件数",
        ),
        Unit.COUNT,
        OURS,
        FIRST,
        lambda at: {"rows": entered(at, Stage.WON)},
        excludes=UNCOUNTED,
    ),
    Kpi(
        "win-rate",
        Words("Win rate (closed deals)", "受注率(決着ベース)"),
        Words("How many of the deals that ended were won?", "決着した商談のうち、どれだけを受注しましたか?"),
        Words(
            "Won ÷ (won + lost) deals, by the date they closed", "受注 ÷ (受注+失注)の商談件数、決着日ベース"
        ),
        Unit.RATE,
        OURS,
        FIRST,
        lambda at: {
            "numerator": closed_deals(at, DealState.WON),
            "denominator": closed_deals(at, DealState.WON, DealState.LOST),
        },
        divide_rows,
        part_names=PARTS,
        excludes=MISTAKES,
    ),
    Kpi(
        "win-rate-plan",
        Words("Win rate (plan)", "受注率(計画・期間ベース)"),
        Words("How many wins for each SQL of the period?", "期間内のSQLに対して、受注はどれだけですか?"),
        Words("Won of the period ÷ SQL of the period", "期間内の受注数 ÷ 期間内のSQL数"),
        Unit.RATE,
        OURS,
        FIRST,
        period_step(Stage.WON),
        divide_rows,
        part_names=PARTS,
        excludes=UNCOUNTED,
    ),
    Kpi(
        "win-rate-cohort",
        Words("Win rate (cohort)", "受注率(コホート)"),
        Words("How many of these SQL were won?", "この期間のSQLのうち、どれだけを受注しましたか?"),
        Words(
            f"Of the SQL of the period, those won within {COHORT_DAYS[Stage.WON]} days",
            f"期間内のSQLのうち、{COHORT_DAYS[Stage.WON]}日以内に受注した割合",
        ),
        Unit.RATE,
        OURS,
        FIRST,
        cohort_step(Stage.WON),
        cohort_share(Stage.WON),
        part_names=PARTS,
        excludes=UNCOUNTED,
    ),
    Kpi(
        "bookings",
        Words("Bookings", "受注金額"),
        Words("How much was won?", "いくら受注しましたか?"),
        Words(
            "Sum of the amounts of deals won in the period, by currency, excluding tax; not revenue",
            "期間内に受注した商談の金額合計(通貨別、税抜)。売上とは異なります",
        ),
        Unit.MONEY,
        OURS,
        FIRST,
        _won_deals,
        lambda parts, at: _money(parts, at, mean=False),
        excludes=MISTAKES,
    ),
    Kpi(
        "deal-size",
        Words("Deal size", "平均受注単価"),
        Words("How large is a won deal?", "受注1件あたりの金額はいくらですか?"),
        Words("Bookings ÷ number of won deals, by currency", "受注金額 ÷ 受注した商談の件数(通貨別)"),
        Unit.MONEY,
        OURS,
        FIRST,
        _won_deals,
        lambda parts, at: _money(parts, at, mean=True),
        stands=True,
        excludes=MISTAKES,
    ),
    Kpi(
        "standing-deals",
        Words("Deals open over 30 days", "30日を超える商談"),
        Words("Which deals have been open for long?", "長く続いている商談は何件ですか?"),
        Words(
            "Open deals that were opened more than 30 days ago, whatever the period",
            "開始から30日を超えて進行中の商談の件数(期間の指定によりません)",
        ),
        Unit.COUNT,
        OURS,
        FIRST,
        _standing,
        direction=Direction.DOWN,
        stands=True,
        excludes=MISTAKES,
        is_now=True,
    ),
    Kpi(
        "sales-cycle",
        Words("Sales cycle", "セールスサイクル"),
        Words("How long from deal to win?", "商談開始から受注まで何日かかりますか?"),
        Words(
            "Median days from the opening of deals won in the period to the win",
            "期間内に受注した商談の、開始から受注までの日数の中央値",
        ),
        Unit.DAYS,
        OURS,
        FIRST,
        _won_deals,
        _cycle,
        Direction.DOWN,
        excludes=MISTAKES,
    ),
    Kpi(
        "time-to-win",
        Words("MQL to won", "MQLから受注までの日数"),
        Words("How long from MQL to win?", "MQLから受注まで何日かかりますか?"),
        Words(
            "Median local days from MQL to the first win, of passes first won in the period; beside it, how many "
            "people looked after these leads and deals, and how many passes have dates out of order",
            "期間内に初めて受注したリードの、MQLから受注までの日数の中央値。あわせて、リード担当と商談担当の人数、日付の前後が逆のリードの件数も表示します",
        ),
        Unit.DAYS,
        OURS,
        FIRST,
        lambda at: {"rows": entered(at, Stage.WON)},
        _time_to_win,
        Direction.DOWN,
        excludes=UNCOUNTED,
    ),
)
