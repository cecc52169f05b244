"""What the demo company said of its misses."""

from dashboards import review
from dashboards.models import BreachReview
from dashboards.review import examples
from funnel import moment
from funnel.models import Member, Organization
from handoffs import promises
from tests.dashboards.conftest import Company, tokyo


def lived(company: Company, *, is_demo: bool) -> None:
    """Fourteen misses of first contacts, the last of them within the last days."""
    for n in range(14):
        at = tokyo(4, 1 + n)
        company.mql(company.lead(at, phone="03-1234-5678"), at)
    moment.simulate(tokyo(4, 16))
    promises.sweep()
    Organization.objects.update(is_demo=is_demo)
    for department, handle in examples.LEADS.items():
        Member.objects.filter(pk=company.member[department].pk).update(username=f"{handle}@demo.example.jp")


def test_nearly_all_of_before_last_week_have_their_cause_and_it_is_said_once(company: Company) -> None:
    lived(company, is_demo=True)
    assert examples.furnish(tokyo(4, 16)) == 7
    said = BreachReview.objects.exclude(cause="")
    assert said.count() == 7
    assert all(row.confirmed_at == row.breached_at + examples.AFTER for row in said)
    assert not said.filter(breached_at__gte=tokyo(4, 10)).exists()
    assert not BreachReview.objects.filter(evidence__isnull=True).exists()
    assert examples.furnish(tokyo(4, 16)) == 0


def test_nobody_speaks_for_a_company_of_its_own(company: Company) -> None:
    lived(company, is_demo=False)
    assert examples.furnish(tokyo(4, 16)) == 0
    assert review.collect() == 14
