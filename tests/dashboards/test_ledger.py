"""What is kept stays what the ledger says, whatever is corrected, withdrawn, merged or reopened."""

from __future__ import annotations

from dashboards.counts.ledger import findings
from funnel import moment
from funnel.models import Event, Lead
from funnel.stages import Department, EventKind
from funnel.transitions import corrections, deals, leads
from funnel.transitions.acting import SYSTEM
from tests.dashboards.conftest import DAY, HOUR, tokyo


def wrong() -> list[str]:
    return [line for finding in findings() for line in (finding.check, *finding.examples) if finding.count]


def test_corrections_withdrawals_merges_reopenings_and_voids_stay_clean(company):
    lead = company.lead(tokyo(4, 1))
    company.mql(lead, tokyo(4, 2))
    company.call(lead, tokyo(4, 2, 12))
    moment.simulate(tokyo(4, 2, 15))
    by = company.by(Department.MARKETING)
    certified = Event.objects.get(kind=EventKind.MQL_CERTIFIED)
    corrections.correct_time(
        certified.pk, by, now=moment.now(), occurred_at=tokyo(4, 1, 18), reason="日付違い"
    )
    assert wrong() == []
    sent = company.sql(lead, tokyo(4, 5))
    won = company.win(sent, tokyo(4, 8), "500000", starts_on=tokyo(6, 1).date())
    assert wrong() == []
    deals.reopen(won.deal_id, company.by(Department.FIELD_SALES), now=moment.now(), reason="条件変更")
    assert wrong() == []
    company.lose(sent, tokyo(4, 9))
    assert wrong() == []
    moment.simulate(tokyo(4, 10))
    other, again = company.lead(tokyo(4, 10)), company.lead(tokyo(4, 11))
    leads.merge_people(other.person_id, again.person_id, SYSTEM, now=moment.now())
    assert wrong() == []
    company.mql(other, tokyo(4, 12))
    certified = Event.objects.filter(kind=EventKind.MQL_CERTIFIED).latest("id")
    corrections.withdraw(certified.pk, company.by(Department.MARKETING), now=moment.now(), reason="誤登録")
    assert wrong() == []


def test_a_certification_before_the_capture_moves_the_capture_and_stays_clean(company):
    lead = company.lead(tokyo(4, 3))
    at = tokyo(4, 3) + HOUR
    moment.simulate(at)
    leads.certify_mql(
        lead.pk, company.by(Department.MARKETING), now=at, reason="event", occurred_at=tokyo(4, 3) - DAY
    )
    assert Lead.objects.get(pk=lead.pk).lead_at == tokyo(4, 3) - DAY
    assert wrong() == []


def test_passes_laid_down_as_history_are_clean(company):
    at = tokyo(4, 3)
    moment.simulate(at)
    lead = leads.capture(
        company.by(Department.MARKETING), now=at, fields=leads.LeadFields(external_id="x1"), history=True,
        occurred_at=tokyo(1, 5),
    ).lead  # fmt: skip
    leads.certify_mql(
        lead.pk, company.by(Department.MARKETING), now=at, reason="", occurred_at=tokyo(1, 3), history=True
    )
    assert Lead.objects.get(pk=lead.pk).date_conflict
    assert wrong() == []
