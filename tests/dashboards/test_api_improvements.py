"""The API of what was decided and of why promises were missed: lists by key, acts that happen once, refusals by name."""

from __future__ import annotations

from typing import Any

import pytest

from dashboards import effects
from dashboards.effects import Effect
from dashboards.models import BreachReview, Improvement
from funnel import moment
from funnel.models import Event, Organization
from funnel.stages import Department, EventKind
from tests.dashboards.conftest import DAY, Company, tokyo
from tests.dashboards.test_review import missed
from tests.doors import Caller, a_token

NOW = tokyo(4, 20)


@pytest.fixture
def api(company: Company) -> Caller:
    moment.simulate(NOW)
    return Caller(a_token())


def body(company: Company, **over: Any) -> dict[str, Any]:
    owner = company.member[Department.MARKETING].pk
    return {"text": "電話番号の欄を足す", "owner": owner, "due_on": "2026-05-01"} | over


def ids(answer: Any) -> list[int]:
    return [row["id"] for row in answer["results"]]


def test_what_is_decided_comes_back_as_it_was_sent(api: Caller, company: Company) -> None:
    sent = body(
        company,
        kpi="sql-rate",
        expected="-0.05",
        hypothesis="番号がない",
        boundary="mql",
        cause="bad_contact",
    )
    answer = api.post("improvements/", sent)
    assert answer.status == 201
    assert {name: answer[name] for name in sent} == sent
    assert (answer["state"], answer["effect"], answer["version"]) == ("open", None, 0)
    assert api.get("improvements/")["results"] == [answer.body]


def test_a_repeat_with_its_key_decides_once(api: Caller, company: Company) -> None:
    first = api.post("improvements/", body(company), key="k1")
    again = api.post("improvements/", body(company), key="k1")
    assert again.body == first.body
    assert Improvement.objects.count() == 1


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"text": " "}, "text"),
        ({"text": "x" * 201}, "text"),
        ({"owner": 10**12}, "owner"),
        ({"owner": "me"}, "owner"),
        ({"due_on": "2026-04-19"}, "due_on"),
        ({"due_on": "soon"}, "due_on"),
        ({"kpi": "nothing"}, "kpi"),
        ({"expected": "a lot"}, "expected"),
        ({"expected": "NaN"}, "expected"),
        ({"expected": 10**15}, "expected"),
        ({"boundary": "lead"}, "boundary"),
        ({"cause": "nothing"}, "cause"),
        ({"when": "now"}, "when"),
    ],
)
def test_what_cannot_be_is_refused_by_field(
    api: Caller, company: Company, over: dict[str, Any], field: str
) -> None:
    refused = api.post("improvements/", body(company, **over))
    assert (refused.status, refused["field"]) == (422, field)
    assert refused["detail"]
    assert not Improvement.objects.exists()


def test_who_only_reads_decides_nothing(company: Company) -> None:
    assert Caller(a_token("read")).post("improvements/", body(company)).status == 403
    assert Caller(None).get("improvements/").status == 401


def test_it_is_done_or_dropped_once(api: Caller, company: Company) -> None:
    one, other = (api.post("improvements/", body(company))["id"] for _ in range(2))
    assert api.post(f"improvements/{one}/done/", {"done_on": "2026-04-21"})["field"] == "done_on"
    done = api.post(f"improvements/{one}/done/", {"result": "足した"})
    assert (done["state"], done["done_on"], done["result"]) == ("done", "2026-04-20", "足した")
    assert done["effect"]["state"] == "no_kpi"
    assert api.post(f"improvements/{one}/drop/", {"why": "なし"}).status == 409
    assert api.post(f"improvements/{other}/drop/", {}).body["field"] == "why"
    dropped = api.post(f"improvements/{other}/drop/", {"why": "予算なし"})
    assert (dropped["state"], dropped["dropped_why"], dropped["effect"]) == ("dropped", "予算なし", None)
    assert api.post("improvements/999999/done/").status == 404


def test_the_effect_is_what_the_product_measures(api: Caller, company: Company) -> None:
    for offset in range(30):
        at = tokyo(3, 20) + offset * DAY
        company.mql(company.lead(at), at)
    moment.simulate(NOW)
    made = api.post("improvements/", body(company, kpi="mql"))["id"]
    done = api.post(f"improvements/{made}/done/", {"done_on": "2026-04-05"})["effect"]
    found: Effect = effects.of(Improvement.objects.get(), Organization.current(), NOW)
    assert (done["state"], done["weeks"]) == ("measured", 2)
    assert found.before is not None
    assert found.after is not None
    assert (done["before"]["value"], done["after"]["value"]) == (found.before.value, found.after.value)
    assert (done["change"], done["low"], done["high"]) == (found.change, found.low, found.high)
    assert done["before"]["value"] == 14


def test_the_list_narrows_and_goes_on_by_key(api: Caller, company: Company) -> None:
    other = company.member[Department.FIELD_SALES].pk
    a, b, c = (
        api.post("improvements/", body(company, **over))["id"]
        for over in ({}, {"kpi": "mql"}, {"owner": other})
    )
    api.post(f"improvements/{a}/done/")
    api.post(f"improvements/{b}/drop/", {"why": "x"})
    assert ids(api.get("improvements/", state="open")) == [c]
    assert ids(api.get("improvements/", state="done,dropped")) == [b, a]
    assert ids(api.get("improvements/", kpi="mql")) == [b]
    assert ids(api.get("improvements/", owner=other)) == [c]
    first = api.get("improvements/", limit=2)
    assert ids(first) == [c, b]
    assert ids(api.get(first["next"])) == [a]
    assert api.get(first["next"])["next"] is None
    assert api.get("improvements/", state="late")["field"] == "state"
    assert api.get("improvements/", sort="x").status == 422


def test_a_page_of_open_ones_costs_the_same_at_any_size(
    api: Caller, company: Company, django_assert_max_num_queries: Any
) -> None:
    for size in (2, 12):
        while Improvement.objects.count() < size:
            api.post("improvements/", body(company))
        with django_assert_max_num_queries(5):
            assert len(ids(api.get("improvements/"))) == size


def test_a_miss_is_listed_with_its_evidence_and_told_why(api: Caller, company: Company) -> None:
    owed, other = missed(company), missed(company, tokyo(4, 9))
    (row,) = api.get("breaches/", limit=1)["results"]
    kept = BreachReview.objects.get(handoff=other)
    assert row == {
        "handoff": other.pk,
        "boundary": "mql",
        "breached_at": kept.breached_at.isoformat(),
        "owner": kept.owner_id,
        "cause": "",
        "suggested": ["overlooked"],
        "evidence": kept.evidence,
    }
    told = api.post(f"breaches/{owed.pk}/cause/", {"cause": "overload", "note": "展示会の翌日"}, key="k")
    assert (told.status, told["handoff"], told["cause"]) == (200, owed.pk, "overload")
    api.post(f"breaches/{owed.pk}/cause/", {"cause": "overload", "note": "展示会の翌日"}, key="k")
    assert Event.objects.filter(kind=EventKind.BREACH_REVIEWED).count() == 1

    def listed(**query: str) -> list[int]:
        return [found["handoff"] for found in api.get("breaches/", **query)["results"]]

    assert (listed(state="open"), listed(state="told")) == ([other.pk], [owed.pk])
    assert (listed(cause="overload"), listed(boundary="sql")) == ([owed.pk], [])
    assert listed(state="open,told") == [other.pk, owed.pk]


def test_a_cause_that_cannot_be_is_refused(api: Caller, company: Company) -> None:
    owed = missed(company)
    kept = company.mql(company.lead(tokyo(4, 20)), tokyo(4, 20))
    refused = api.post(f"breaches/{owed.pk}/cause/", {"cause": "nothing"})
    assert (refused.status, refused["field"]) == (422, "cause")
    assert api.post(f"breaches/{owed.pk}/cause/", {})["code"] == "required"
    assert api.post(f"breaches/{kept.pk}/cause/", {"cause": "overload"})["code"] == "not_missed"
    assert api.post("breaches/999999/cause/", {"cause": "overload"}).status == 404
    assert Caller(a_token("read")).post(f"breaches/{owed.pk}/cause/", {"cause": "overload"}).status == 403
