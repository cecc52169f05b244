"""The synthetic company for benches: history only, in the ledger, in the same counts."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from dashboards import counts
from funnel.demo import synthetic
from funnel.models import Account, Customer, Deal, Event, Lead
from handoffs import promises
from handoffs.models import Handoff


def lay(leads=1200, seed=1, months=6, now=None):
    return list(synthetic.generate(leads=leads, months=months, seed=seed, now=now))[-1]


def test_nothing_of_it_binds_and_the_ledger_agrees_with_the_passes(now):
    laid = lay(now=now)
    counts.recount()
    assert laid.leads == Lead.objects.count() == 1200
    assert not Event.objects.filter(binding=True).exists()
    assert set(promises.forgotten().values()) == {0}
    promises.reconcile()
    assert not Handoff.objects.exists()
    assert counts.differences() == []
    for stage, kind in (
        ("lead", "lead_captured"),
        ("mql", "mql_certified"),
        ("sql", "sql_certified"),
        ("won", "deal_won"),
    ):
        entered = set(Lead.objects.exclude(**{f"{stage}_at": None}).values_list("pk", f"{stage}_at"))
        assert entered == set(Event.objects.filter(kind=kind).values_list("lead_id", "occurred_at"))
    for state, kind in (("won", "deal_won"), ("lost", "deal_lost")):
        closed = set(Deal.objects.filter(state=state).values_list("pk", "closed_at"))
        assert closed == set(Event.objects.filter(kind=kind).values_list("deal_id", "occurred_at"))
    assert Customer.objects.count() == Deal.objects.filter(state="won").values("account").distinct().count()


def test_its_rates_are_those_of_the_plan(now):
    lay(leads=4000, months=24, now=now)
    reached = Lead.objects.filter(mql_at__isnull=False).count()
    assert 0.46 < reached / 4000 < 0.54
    assert 0.16 < Lead.objects.filter(sql_at__isnull=False).count() / reached < 0.24


def test_the_same_seed_generates_the_same_company(now):
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT before_it")
    shown = []
    for seed in (5, 5, 6):
        lay(leads=300, seed=seed, now=now)
        shown.append(
            list(Lead.objects.order_by("pk").values_list("lead_at", "mql_at", "outcome", "person__name"))
        )
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK TO before_it")
    first, same, other = (sorted(rows, key=str) for rows in shown)
    assert [row[:3] for row in first] == [row[:3] for row in same]
    assert first != other


def test_a_second_run_adds_to_the_first(now):
    lay(leads=300, now=now)
    lay(leads=300, seed=2, now=now)
    assert Lead.objects.count() == 600
    assert Account.objects.count() == 200


def test_the_command_recounts_and_says_how_fast_it_was(db, capsys):
    call_command("generate", leads=500, months=3, seed=4)
    printed = capsys.readouterr().out
    assert "leads=500 rows=" in printed
    assert "rows/s=" in printed
    assert counts.differences() == []


@pytest.mark.parametrize("wrong", [{"leads": 0}, {"leads": 10, "months": 0}])
def test_the_command_refuses_nothing_to_do(db, wrong):
    with pytest.raises(CommandError, match="at least 1"):
        call_command("generate", **wrong)
