"""Deals from files: opened, won, lost, moved on, with the stages they imply."""

from datetime import timedelta
from decimal import Decimal

from funnel.models import Contract, Customer, Deal, Event, Lead, Member
from funnel.stages import Outcome, Stage
from handoffs.models import Handoff
from tests.funnel.ingest.conftest import reasons, table, totals

HEADER = "external_id,lead_external_id,product,stage,amount,currency,created_at,won_at,lost_at,reason"


def ago(now, **how):
    return (now - timedelta(**how)).isoformat()


def leads(take, *ids, at="2024-02-01"):
    take("leads", table("external_id,mql_at", *[(i, at) for i in ids]), history=True)


def test_a_past_win_implies_its_stages_and_makes_a_customer(take):
    leads(take, "L1")
    file = table("lead_external_id,amount,won_at,sdr_id,sr_id", ("L1", "0", "2024-03-01 10:00", "s1", "f1"))
    batch = take("deals", file, history=True, mapping={"inside_sales_owner": "sdr_id"})
    lead, deal = Lead.objects.get(), Deal.objects.get()
    assert totals(batch) == (1, 1, 0, 0, 0)
    assert (lead.stage, lead.outcome, lead.inferred) == (Stage.SQL, Outcome.WON, ["lead", "sql"])
    assert lead.won_at == lead.sql_at == deal.closed_at
    assert (deal.amount, deal.owner.external_id, lead.owner.external_id) == (0, "f1", "s1")
    assert Contract.objects.get().signed_on.isoformat() == "2024-03-01"
    assert Customer.objects.get().origin_lead == lead
    assert not Handoff.objects.exists()
    assert not Event.objects.filter(binding=True).exists()
    assert totals(take("deals", file, history=True, mapping={"inside_sales_owner": "sdr_id"})) == (
        1,
        0,
        0,
        1,
        0,
    )


def test_a_win_before_its_mql_is_kept_flagged_and_reported(take):
    leads(take, "L1", at="2024-03-03")
    file = table("lead_external_id,amount,won_at", ("L1", "5", "2024-03-01"))
    batch = take("deals", file, history=True)
    lead = Lead.objects.get()
    assert lead.date_conflict
    assert lead.won_at < lead.mql_at
    assert batch.report["flags"]["date_conflict"] == [2]
    assert totals(take("deals", file, history=True)) == (1, 0, 0, 1, 0)


def test_a_deal_of_an_unknown_lead_is_rejected(take):
    batch = take("deals", table("lead_external_id,amount,won_at", ("L9", "1", "2024-03-01")), history=True)
    assert reasons(batch) == {2: "unknown_lead"}
    assert not Deal.objects.exists()


def test_sales_may_find_a_company_by_themselves(take):
    file = table(
        "company,name,amount,created_at,won_at", ("株式会社甲", "山田", "5", "2024-02-01", "2024-03-01")
    )
    assert totals(take("deals", file, history=True)) == (1, 1, 0, 0, 0)
    lead = Lead.objects.get()
    assert lead.inferred == ["lead", "mql", "sql"]
    assert lead.lead_at == lead.sql_at == Deal.objects.get().opened_at
    assert totals(take("deals", file, history=True)) == (1, 0, 0, 1, 0)


def test_a_lost_deal_closes_its_lead_unless_another_stands(take):
    leads(take, "L1", "L2")
    take(
        "deals",
        table(
            HEADER,
            ("D1", "L1", "a", "", "", "", "2024-02-10", "", "2024-03-01", "価格"),
            ("D2", "L2", "a", "", "5", "", "2024-02-10", "2024-03-02", "", ""),
            ("D3", "L2", "b", "", "", "", "2024-02-11", "", "2024-03-03", "because of him"),
        ),
        history=True,
    )
    assert dict(Lead.objects.values_list("external_id", "outcome")) == {"L1": "lost", "L2": "won"}
    assert dict(Deal.objects.values_list("external_id", "reason")) == {
        "D1": "price",
        "D2": "not_recorded",
        "D3": "other",
    }
    assert Event.objects.get(deal__external_id="D3", kind="deal_lost").note.text == "because of him"


def test_an_open_deal_moves_on_and_is_won_by_later_files(take, now):
    take("leads", table("external_id,mql_at", ("L1", ago(now, days=5))))
    first = table(HEADER, ("D1", "L1", "", "first_meeting", "", "", ago(now, days=4), "", "", ""))
    assert totals(take("deals", first)) == (1, 1, 0, 0, 0)
    moved = table(HEADER, ("D1", "L1", "", "提案", "1200000", "", ago(now, days=4), "", "", ""))
    assert totals(take("deals", moved)) == (1, 0, 1, 0, 0)
    won = table(HEADER, ("D1", "L1", "", "受注", "1500000", "", ago(now, days=4), ago(now, hours=1), "", ""))
    assert totals(take("deals", won)) == (1, 0, 1, 0, 0)
    assert totals(take("deals", won)) == (1, 0, 0, 1, 0)
    assert totals(take("deals", moved)) == (1, 0, 0, 1, 0)  # An older file does not take back what was won.
    deal = Deal.objects.get()
    assert (deal.state, deal.step, deal.amount) == ("won", "proposal", Decimal(1_500_000))
    assert Handoff.objects.filter(boundary="won").count() == 1


def test_a_live_win_opens_the_kickoff_promise_and_no_gate(take, now):
    take("leads", table("external_id,mql_at", ("L1", ago(now, days=5))))
    take("deals", table(HEADER, ("D1", "L1", "", "", "5", "", "", ago(now, hours=1), "", "")))
    assert sorted(Handoff.objects.values_list("boundary", flat=True)) == ["mql", "won"]


def test_a_changed_amount_of_a_win_is_corrected_and_the_old_one_stays_in_the_ledger(take):
    leads(take, "L1")
    take("deals", table(HEADER, ("D1", "L1", "", "", "5", "BRL", "", "2024-03-01", "", "")), history=True)
    batch = take(
        "deals", table(HEADER, ("D1", "L1", "", "", "7", "BRL", "", "2024-03-02", "", "")), history=True
    )
    deal = Deal.objects.get()
    assert totals(batch) == (1, 0, 1, 0, 0)
    assert deal.amount == 7
    assert deal.closed_at == Lead.objects.get().won_at
    assert Event.objects.filter(deal=deal, kind="setting_changed", data__old__amount="5.00").exists()


def test_a_win_does_not_become_a_loss_by_a_file(take):
    leads(take, "L1")
    take("deals", table(HEADER, ("D1", "L1", "", "", "5", "", "", "2024-03-01", "", "")), history=True)
    batch = take(
        "deals", table(HEADER, ("D1", "L1", "", "", "5", "", "", "", "2024-03-02", "")), history=True
    )
    assert reasons(batch) == {2: "deal_not_open"}
    assert Deal.objects.get().state == "won"


def test_a_closed_lead_takes_no_deal_and_nothing_is_half_written(take, now):
    leads(take, "L1", "L2")
    Lead.objects.filter(external_id="L1").update(outcome=Outcome.DISQUALIFIED, closed_at=now)
    batch = take(
        "deals",
        table(HEADER, ("D1", "L1", "", "", "5", "", "", "2024-03-01", "", ""),
              ("D2", "L2", "", "", "5", "", "", "2024-03-01", "", "")),
        history=True,
    )  # fmt: skip
    assert reasons(batch) == {2: "lead_closed"}
    assert list(Deal.objects.values_list("external_id", flat=True)) == ["D2"]
    assert Lead.objects.get(external_id="L1").won_at is None


def test_many_owners_are_made_once(take):
    leads(take, *[f"L{i}" for i in range(30)])
    rows = [(f"L{i}", "1", "2024-03-01", f"s{i % 3}", f"f{i % 2}") for i in range(30)]
    take("deals", table("lead_external_id,amount,won_at,sdr_id,sr_id", *rows), history=True,
         mapping={"inside_sales_owner": "sdr_id"})  # fmt: skip
    assert Member.objects.filter(is_active=False).count() == 5
