"""The page of promises: what it says, what it lists, and where a person says why."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dashboards import review, sla
from dashboards.kpis import Frame
from dashboards.models import BreachReview
from dashboards.scope import Scope
from funnel import moment
from funnel.models import Event, Organization
from funnel.stages import Department
from handoffs import promises
from handoffs.models import Handoff
from tests.dashboards.conftest import HOUR, Company, tokyo

APRIL = "from=2026-04-01&to=2026-04-30"


def signed_in(company: Company, department: Department = Department.INSIDE_SALES) -> Client:
    client = Client()
    client.force_login(company.member[department])
    return client


def april(company: Company) -> Frame:
    day = tokyo(4, 1).date()
    scope = Scope(day, day.replace(day=30))
    return Frame.of_scope(scope, Organization.current(), moment.now())


@pytest.fixture
def misses(company: Company) -> list[int]:
    """Three first contacts that were missed in April, one kept late, two kept."""
    rows = []
    for n in range(3):
        at = tokyo(4, 7 + n)
        rows.append(company.mql(company.lead(at, "expo" if n else "web", phone="03-1234-5678"), at).pk)
    late = company.lead(tokyo(4, 13))
    rows.append(company.mql(late, tokyo(4, 13)).pk)
    company.call(late, tokyo(4, 15))
    for n in range(2):
        kept = company.lead(tokyo(4, 20 + n))
        company.mql(kept, tokyo(4, 20 + n))
        company.call(kept, tokyo(4, 20 + n) + 2 * HOUR)
    moment.simulate(tokyo(5, 1))
    promises.sweep()
    review.collect()
    return rows


def test_every_lane_says_how_its_promises_went(company: Company, misses: list[int]) -> None:
    first = sla.lanes(april(company))[0]
    assert (first.kept, first.kept_late, first.missed, first.overdue) == (2, 1, 3, 3)
    assert first.compliance[:3] == (pytest.approx(2 / 6), 2, 6)
    assert first.overrun == pytest.approx(24)
    assert sum(judged for _day, _kept, judged in first.weeks) == 6
    assert [(kept, judged) for _day, kept, judged in first.weeks if judged] == [(0, 3), (0, 1), (2, 2)]


def test_owners_and_channels_sum_to_the_lane(company: Company, misses: list[int]) -> None:
    at = april(company)
    lane = sla.lanes(at)[0]
    for parts in (sla.by_owner(at, "mql"), sla.by_channel(at, "mql")):
        assert sum(part.compliance.denominator for part in parts) == lane.compliance.denominator
        assert sum(part.breaches for part in parts) == lane.missed + lane.kept_late
    assert [(part.name, part.breaches) for part in sla.by_channel(at, "mql")] == [
        ("自社サイト", 2),
        ("展示会", 2),
    ]


def test_the_page_shows_it_with_as_many_statements_for_any_number(
    company: Company, misses: list[int], django_assert_max_num_queries: Any
) -> None:
    client = signed_in(company)
    client.get(f"/sla/?{APRIL}")
    with django_assert_max_num_queries(26):
        page = client.get(f"/sla/?{APRIL}&state=all").content.decode()
    assert page.count("data-keys-row") == 4


def test_an_empty_month_a_wrong_lane_and_a_wrong_period_are_answered(company: Company) -> None:
    client = signed_in(company)
    assert client.get("/sla/?lane=x&state=y&from=2026-01-01&to=2026-01-31").status_code == 200
    assert client.get("/sla/?from=1900-01-01&to=2026-01-31").status_code == 400


def post(client: Client, **data: Any) -> Any:
    sent = {"once": str(uuid.uuid4()), "next": f"/sla/?{APRIL}", **data}
    return client.post(reverse("sla-causes"), sent, follow=True)


def test_one_press_says_why_and_one_takes_it_back(company: Company, misses: list[int]) -> None:
    client = signed_in(company)
    page = post(client, one=f"{misses[0]}:overload").content.decode()
    assert BreachReview.objects.get(handoff=misses[0]).cause == "overload"
    event = Event.objects.get(kind="breach_reviewed")
    assert reverse("sla-causes-undo", args=[event.pk]) in page
    client.post(reverse("sla-causes-undo", args=[event.pk]), {"once": str(uuid.uuid4())})
    assert BreachReview.objects.get(handoff=misses[0]).cause == ""


def test_several_get_one_cause_with_a_note(company: Company, misses: list[int]) -> None:
    client = signed_in(company)
    post(client, handoff=misses[:3], cause="absent", note="展示会対応")
    rows = BreachReview.objects.filter(cause="absent")
    assert sorted(rows.values_list("handoff", flat=True)) == sorted(misses[:3])
    assert sla.pareto(april(company), "mql") == [("absent", 3), ("", 1)]
    event = Event.objects.filter(kind="breach_reviewed").latest("id")
    assert event.note is not None
    assert event.note.text == "展示会対応"
    client.post(reverse("sla-causes-undo", args=[event.pk]), {"once": str(uuid.uuid4())})
    assert sla.pareto(april(company), "mql") == [("", 4)]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "1件以上選択してください。"),
        ({"cause": "absent"}, "1件以上選択してください。"),
        ({"handoff": "1"}, "原因を選択してください。"),
        ({"one": "x:absent"}, "1件以上選択してください。"),
    ],
)
def test_what_was_left_out_is_said(company: Company, sent: dict[str, str], said: str) -> None:
    assert said in post(signed_in(company), **sent).content.decode()


def test_who_is_not_concerned_is_refused_in_words(company: Company, misses: list[int]) -> None:
    page = post(signed_in(company, Department.CUSTOMER_SUCCESS), one=f"{misses[0]}:absent")
    assert 'class="toast error"' in page.content.decode()
    assert BreachReview.objects.get(handoff=misses[0]).cause == ""


def test_an_act_that_comes_too_late_is_asked_why(company: Company, misses: list[int]) -> None:
    client = signed_in(company)
    moment.simulate(tokyo(5, 1, 12))
    lead = Handoff.objects.get(pk=misses[0]).lead_id
    sent = {
        "once": str(uuid.uuid4()),
        "row": f"lead-{lead}",
        "tab": "",
        "acting": "inside_sales",
        "what": "no_answer",
    }
    row = client.post(reverse("lead-log", args=[lead]), sent, headers={"HX-Request": "true"})
    asks = reverse("sla-ask", args=[misses[0]])
    assert asks in row.content.decode()
    asked = client.get(asks).content.decode()
    assert f'value="{misses[0]}:overlooked"' in asked
    told = client.post(
        reverse("sla-causes"),
        {"once": str(uuid.uuid4()), "one": f"{misses[0]}:overlooked", "asked": "1"},
        headers={"HX-Request": "true"},
    )
    assert "見落とし" in told.content.decode()
    assert BreachReview.objects.get(handoff=misses[0]).cause == "overlooked"
    assert client.get(asks).content == b""
