"""Everything recounted from the ledger: silent when right, precise when not."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command

from dashboards import counts
from dashboards.counts.ledger import findings
from dashboards.models import DailyCount
from funnel.models import Customer, Deal, Lead
from tests.dashboards.conftest import tokyo


def found() -> dict[str, int]:
    return {finding.check: finding.count for finding in findings()}


def run(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("reconcile", *arguments, stdout=out)
    except SystemExit as stopped:
        return int(stopped.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_a_lived_spring_is_clean(spring):
    code, said = run()
    assert code == 0, said
    assert said.endswith("differences=0\n")


@pytest.mark.parametrize(
    ("check", "spoil"),
    [
        ("lead stages", lambda: Lead.objects.filter(won_at__isnull=False).update(won_at=tokyo(5, 19))),
        ("lead stages", lambda: Lead.objects.filter(sql_at__isnull=False).update(inferred=["sql"])),
        (
            "lead outcomes",
            lambda: Lead.objects.filter(outcome=None).update(outcome="recycled", closed_at=tokyo(5, 1)),
        ),
        ("lead outcomes", lambda: Lead.objects.filter(outcome=None).update(is_counted=False)),
        ("deals", lambda: Deal.objects.filter(state="lost").update(state="won", amount=1)),
        ("customers", lambda: Customer.objects.update(phase="churned")),
        ("customers", lambda: Customer.objects.update(onboarded_at=tokyo(5, 1))),
        ("counts", lambda: DailyCount.objects.filter(measure="within").update(n=40)),
    ],
)
def test_what_was_changed_behind_the_ledger_is_found(spring, check, spoil):
    assert spoil()
    assert found()[check] > 0
    code, said = run()
    assert code == 1
    assert f"\n{check}: " in f"\n{said}"


def test_counts_are_made_right_on_request(spring):
    DailyCount.objects.all().delete()
    assert run()[0] == 1
    code, said = run("--fix")
    assert code == 0, said
    assert counts.differences() == []
