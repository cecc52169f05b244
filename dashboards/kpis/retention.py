"""Customer success' numbers of recurring revenue: kept, lost, grown."""

from collections.abc import Callable
from datetime import date

from dashboards.kpis import subscriptions as our
from dashboards.kpis.kpi import PARTS, Direction, Frame, Kpi, Parts, Unit, Value, count_rows, divide_rows
from funnel.stages import Department
from funnel.words import Words

FIRST = date(2026, 11, 23)
OURS = Department.CUSTOMER_SUCCESS
NO_CUSTOMERS = Words(
    "Trials and free use (contracts without revenue), void contracts, customers of the period itself",
    "無償・トライアル(月額0円の契約)、取り消した契約、期間中に新たに始まった顧客",
)
UNKNOWN = Words(
    "Trials and free use, void contracts, customers of the period itself, and customers with a contract whose "
    "monthly revenue is not known or in another currency",
    "無償・トライアル、取り消した契約、期間中に新たに始まった顧客、月額が未入力または別通貨の契約がある顧客",
)
ENDS = Words(
    "revenue leaves on the end date of the contract, also when it runs out; a renewal that follows at once is none",
    "契約終了日に売上が離れたものとし、期間満了も含みます。続けて更新された契約は終了に数えません",
)


def _of_revenue(
    slug: str,
    names: Words,
    question: Words,
    formula: Words,
    select: Callable[[Frame], Parts],
    measure: Callable[[Parts, Frame], Value],
    direction: Direction = Direction.UP,
    *,
    over_one: bool = False,
) -> Kpi:
    return Kpi(
        slug,
        names,
        question,
        formula,
        Unit.RATE,
        OURS,
        FIRST,
        select,
        measure,
        direction,
        over_one=over_one,
        excludes=UNKNOWN,
    )


KPIS = (
    Kpi(
        "customers",
        Words("Customers", "契約中の顧客数"),
        Words("How many customers have a contract?", "契約中の顧客は何社ですか?"),
        Words(
            "Customers with a running contract on the last day of the period (today while it runs)",
            "期間の最終日(進行中は本日)に有効な契約がある顧客の数",
        ),
        Unit.COUNT,
        OURS,
        FIRST,
        lambda at: {"rows": our.at_end(at)},
        lambda parts, at: count_rows(parts, at) if at.scope.start <= at.today else Value(None),
        excludes=Words("Trials and free use, void contracts", "無償・トライアル、取り消した契約"),
        stands=True,
    ),
    Kpi(
        "mrr",
        Words("Monthly recurring revenue", "月次経常収益(MRR)"),
        Words("What do customers pay each month?", "毎月の経常収益はいくらですか?"),
        Words(
            "Sum of the monthly revenue of contracts running on the last day of the period (today while it runs), "
            "excluding tax",
            "期間の最終日(進行中は本日)に有効な契約の月額の合計(税抜)",
        ),
        Unit.MONEY,
        OURS,
        FIRST,
        our.paying,
        our.recurring_revenue,
        excludes=Words(
            "Customers with a contract whose monthly revenue is not known or in another currency",
            "月額が未入力または別通貨の契約がある顧客",
        ),
        stands=True,
    ),
    Kpi(
        "new-customers",
        Words("New customers", "新規顧客数"),
        Words("How many companies became customers?", "新たに顧客になった会社は何社ですか?"),
        Words(
            "Accounts whose first contract was signed in the period", "期間内に初めて契約を締結した会社の数"
        ),
        Unit.COUNT,
        Department.FIELD_SALES,
        FIRST,
        our.new,
        excludes=Words(
            "Further deals of a customer, those who come back, wins that were undone",
            "既存顧客の追加受注、契約終了後に戻った顧客、取り消した受注",
        ),
    ),
    Kpi(
        "logo-churn",
        Words("Churn rate (customers)", "解約率(社数)"),
        Words("How many customers were lost?", "何割の顧客が解約しましたか?"),
        Words(
            f"Customers at the start of the period without any contract at its end ÷ customers at its start; {ENDS.en}",
            f"期間末に有効な契約がひとつもない顧客 ÷ 期間初めの顧客。{ENDS.ja}",
        ),
        Unit.RATE,
        OURS,
        FIRST,
        our.lost,
        our.logo_churn,
        Direction.DOWN,
        part_names=PARTS,
        excludes=NO_CUSTOMERS,
    ),
    _of_revenue(
        "mrr-churn",
        Words("Churn rate (revenue, gross)", "解約率(金額・グロス)"),
        Words("How much recurring revenue was lost?", "経常収益のうち、どれだけを失いましたか?"),
        Words(
            f"(Churn + contraction of the opening customers) ÷ their revenue at the start; {ENDS.en}",
            f"期間初めの顧客の(解約+減額)÷ 期間初めの月額合計。{ENDS.ja}",
        ),
        our.opening,
        our.gross_churn,
        Direction.DOWN,
    ),
    _of_revenue(
        "grr",
        Words("Gross revenue retention", "売上維持率(GRR)"),
        Words("How much recurring revenue was kept?", "経常収益のうち、どれだけを維持しましたか?"),
        Words(
            "Sum over the opening customers of the smaller of revenue at the end and at the start ÷ their revenue "
            "at the start; never above 100%",
            "期間初めの顧客ごとに、期間末と期間初めの月額の小さいほうを合計 ÷ 期間初めの月額合計。100%を超えません",
        ),
        our.opening,
        our.gross_retention,
    ),
    _of_revenue(
        "nrr",
        Words("Net revenue retention", "売上継続率(NRR)"),
        Words("Do customers pay more or less than before?", "既存顧客からの経常収益は増えていますか?"),
        Words(
            "Revenue at the end ÷ revenue at the start, both of the customers at the start of the period",
            "期間初めの顧客について、期間末の月額合計 ÷ 期間初めの月額合計",
        ),
        our.opening,
        our.net_retention,
        over_one=True,
    ),
    _of_revenue(
        "nrr-12",
        Words("Net revenue retention (12 months)", "売上継続率(NRR・直近12か月)"),
        Words(
            "Do the customers of a year ago pay more or less?", "1年前の顧客からの経常収益は増えていますか?"
        ),
        Words(
            "Revenue at the end of the period (today while it runs) ÷ revenue twelve months earlier, both of the "
            "customers of twelve months earlier",
            "12か月前の顧客について、期間末(進行中は本日)の月額合計 ÷ 12か月前の月額合計",
        ),
        our.opening_of_year,
        our.net_retention,
        over_one=True,
    ),
    Kpi(
        "expansion-rate",
        Words("Expansion rate", "アップセル・クロスセル率"),
        Words("How many customers bought more?", "どれだけの顧客が追加で購入しましたか?"),
        Words(
            "Customers at the start of the period who signed an upsell, a cross-sell or a renewal at a higher "
            "price in it ÷ customers at its start; expansion revenue ÷ opening revenue beside it",
            "期間内にアップセル・クロスセルまたは増額更新を締結した顧客 ÷ 期間初めの顧客。"
            "増額分 ÷ 期間初めの月額合計を併記",
        ),
        Unit.RATE,
        OURS,
        FIRST,
        our.expanded,
        our.expansion,
        part_names=PARTS,
        excludes=NO_CUSTOMERS,
    ),
    Kpi(
        "customer-referral-rate",
        Words("Referral rate (period)", "紹介率(期間ベース)"),
        Words("How many customers referred somebody?", "どれだけの顧客が紹介をくださいましたか?"),
        Words(
            "Customers through whom a lead came in the period ÷ customers on its last day",
            "期間内に紹介リードがあった顧客 ÷ 期間末の契約中の顧客",
        ),
        Unit.RATE,
        OURS,
        FIRST,
        our.referring,
        divide_rows,
        part_names=PARTS,
        excludes=Words("Merged and withdrawn leads", "統合・取り消し済みのリード"),
    ),
    Kpi(
        "ltv",
        Words("Lifetime revenue of a customer (estimate)", "顧客生涯価値(LTV・売上ベースの推計)"),
        Words("What does a customer bring while it stays?", "顧客は契約期間を通じていくらもたらしますか?"),
        Words(
            "Average monthly revenue per customer ÷ monthly gross revenue churn of the last twelve months, at most "
            "five years; an estimate in revenue, before any margin",
            "顧客あたり月額の平均 ÷ 直近12か月の月次解約率(金額・グロス)。最長5年。粗利率を掛けない売上ベースの推計",
        ),
        Unit.MONEY,
        OURS,
        FIRST,
        our.opening_of_year,
        our.lifetime,
        excludes=Words(
            "Not shown without churn, below 30 customers or in the first twelve months; customers of unknown "
            "revenue are left out",
            "解約がない場合、30社未満または最初の12か月は表示しません。月額が不明な顧客を除きます",
        ),
        stands=True,
    ),
)
