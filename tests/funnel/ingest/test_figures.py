"""Usage, spending and visits per day: sent again, a day replaces its number."""

from decimal import Decimal

from funnel.models import Channel, Customer, SpendEntry, TrafficReading, UsageReading
from tests.funnel.ingest.conftest import reasons, table, totals


def customer(take):
    take(
        "leads",
        table("external_id,company,name,mql_at", ("L1", "株式会社甲", "山田", "2024-01-01")),
        history=True,
    )
    take("deals", table("lead_external_id,amount,won_at", ("L1", "1", "2024-02-01")), history=True)
    return Customer.objects.get()


def test_usage_finds_its_customer_by_company_or_id(take):
    known = customer(take)
    file = table(
        "customer_external_id,company,day,metric,value",
        ("", "㈱甲", "2024-03-01", "logins", "5"),
        ("L1", "", "2024-03-02", "logins", "6"),
        ("", "乙社", "2024-03-01", "logins", "5"),
        ("", "㈱甲", "2024-02-30", "logins", "5"),
    )
    batch = take("usage", file)
    assert totals(batch) == (4, 2, 0, 0, 2)
    assert reasons(batch) == {4: "unknown_customer", 5: "bad_date"}
    assert known.usage.count() == 2
    assert totals(take("usage", file)) == (4, 0, 0, 2, 2)


def test_a_day_of_usage_sent_again_replaces_its_value(take):
    customer(take)
    take("usage", table("company,day,metric,value", ("㈱甲", "2024-03-01", "logins", "5")))
    batch = take("usage", table("company,day,metric,value", ("㈱甲", "2024-03-01", "logins", "7.5")))
    assert totals(batch) == (1, 0, 1, 0, 0)
    assert UsageReading.objects.get().value == Decimal("7.5")


def test_spending_and_visits(take):
    spend = table(
        "日付,チャネル,費用",
        ("2024/3/1", "広告", "50000"),
        ("2024/3/2", "広告", "-1"),
        ("2024/3/1", "", "100"),
    )
    batch = take("spend", spend)
    assert totals(batch) == (3, 2, 0, 0, 1)
    assert reasons(batch) == {3: "amount_negative"}
    assert totals(take("spend", spend)) == (3, 0, 0, 2, 1)
    visits = table(
        "day,channel,campaign,visits", ("2024-03-01", "広告", "春", "10"), ("2024-03-01", "広告", "春", "12")
    )
    assert totals(take("traffic", visits)) == (2, 1, 1, 0, 0)
    assert TrafficReading.objects.get().visits == 12
    assert SpendEntry.objects.filter(channel=None).get().amount == 100
    assert Channel.objects.count() == 1
