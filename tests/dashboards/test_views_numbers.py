"""Cards, the catalogue, and cohorts: what people see of a number is what the number is."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from dashboards import cohorts, kpis
from dashboards.kpis.absent import ABSENT
from dashboards.kpis.companions import COMPANIONS
from dashboards.kpis.grouping import MOST, grouped
from dashboards.scope import GROUPS, Scope
from funnel.models import Lead, SpendEntry, TrafficReading
from tests.doors import Caller, a_token

SPRING = Scope(date(2026, 3, 1), date(2026, 5, 31))
QUERY = SPRING.query()
# Two for who asks and when, the rest for the number: the same for a month and for three years.
MOST_STATEMENTS = 14


@pytest.fixture
def reader(spring, client: Client) -> Client:
    member = spring.member["marketing"]
    client.force_login(member)
    return client


def card(reader: Client, slug: str, query: str = QUERY) -> str:
    answer = reader.get(f"/numbers/{slug}/?{query}", headers={"HX-Request": "true", "HX-Target": "panel"})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("kpi", kpis.ALL, ids=lambda kpi: kpi.slug)
def test_every_number_has_a_card_that_says_what_it_is(kpi, reader, django_assert_max_num_queries):
    with django_assert_max_num_queries(MOST_STATEMENTS):
        html = card(reader, kpi.slug)
    assert "<html" not in html
    assert 'class="quick number-card"' in html
    for words in (kpi.names, kpi.question, kpi.formula, kpi.excludes):
        assert words.ja in html or words.en in html
    parts = kpi.parts(SPRING)
    for part in kpi.part_names:
        assert f"{parts[part].count()}件" in html or f"all {parts[part].count()}" in html
        assert f"/funnel/{kpi.slug}/rows/?" in html


def test_a_card_is_a_page_of_its_own_without_script(reader):
    html = reader.get(f"/numbers/sql-rate/?{QUERY}&group_by=channel").content.decode()
    assert "<html" in html
    assert "3/9" in html
    assert "channel=expo" in html


def test_a_rate_over_few_says_its_interval_and_one_over_nothing_says_nothing(reader):
    assert "3/9" in card(reader, "sql-rate")
    low, high = kpis.get("sql-rate").value(SPRING)[3:5]
    assert f"{low * 100:.1f}%" in card(reader, "sql-rate")
    assert f"{high * 100:.1f}%" in card(reader, "sql-rate")
    assert "–" in card(reader, "sql-rate", "from=2020-01-01&to=2020-01-31")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/numbers/profit/", 404),
        ("/numbers/won/?from=1990-01-01&to=2040-01-01", 400),
        ("/numbers/won/?from=yesterday", 400),
        ("/numbers/won/?group_by=weather", 400),
        ("/numbers/won/?owner=0&segment=%00", 400),
        ("/cohorts/?from=1990-01-01&to=2040-01-01", 400),
        ("/cohorts/steps.csv?from=2026-13-01", 400),
        ("/cohorts/everything.csv", 404),
        ("/cohorts/?segment=nowhere", 200),
        ("/cohorts/?segment=nowhere&campaign=none&channel=ghost", 400),
        ("/numbers/?q=%00", 200),
    ],
)
def test_an_edited_address_is_answered(address, status, reader):
    assert reader.get(address).status_code == status


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("numbers/profit/", 404, "not_found"),
        ("numbers/won/?from=1990-01-01&to=2040-01-01", 400, "span_too_long"),
        ("numbers/won/?group_by=weather", 400, "bad_choice"),
        ("numbers/won/?colour=red", 422, "unknown_field"),
        ("cohorts/?from=1990-01-01&to=2040-01-01", 400, "span_too_long"),
        ("cohorts/?to=2026-02-30", 400, "bad_date"),
    ],
)
def test_an_edited_address_of_the_api_is_a_problem(path, status, code, spring):
    said = Caller(a_token("read")).get(path)
    assert said.status == status
    assert code in str(said.body)


def test_the_catalogue_is_searched_in_both_languages(reader):
    html = reader.get("/numbers/").content.decode()
    assert html.count('hx-get="/numbers/') == len(kpis.ALL)
    assert all(one.names.ja in html or one.names.en in html for one in ABSENT)
    for words, slug in (("解約率 グロス", "mrr-churn"), ("kickoff set", "kickoff-set-time"), ("NRR", "nrr")):
        found = reader.get("/numbers/", {"q": words}).content.decode()
        assert f"/numbers/{slug}/" in found
        assert "/numbers/visitors/" not in found
    assert 'hx-get="/numbers/' not in reader.get("/numbers/", {"q": "weather"}).content.decode()


@pytest.mark.parametrize("by", GROUPS)
def test_groups_add_up_to_the_whole(by, spring):
    for slug in ("mql", "leads", "won", "sql"):
        asked = {"from": SPRING.start, "to": SPRING.end}
        said = Caller(a_token("read")).get(f"numbers/{slug}/", group_by=by, **asked)
        values = [Decimal(str(group["value"])) for group in said["groups"]]
        assert sum(values) == Decimal(str(said["value"])), slug
        assert said["groups_left_out"] == 0


def test_what_nobody_owns_is_a_group_and_a_filter(spring, reader):
    Lead.objects.filter(pk=Lead.objects.filter(mql_at__isnull=False).earliest("pk").pk).update(owner=None)
    asked = {"from": SPRING.start, "to": SPRING.end}
    caller = Caller(a_token("read"))
    (nobodys,) = (
        g for g in caller.get("numbers/mql/", group_by="owner", **asked)["groups"] if g["key"] == "(none)"
    )
    mql = caller.get("numbers/mql/", owner="(none)", **asked)
    assert (
        nobodys["value"] == mql["value"] == Lead.objects.filter(mql_at__isnull=False, owner=None).count() > 0
    )
    funnel = caller.get("funnel/", owner="(none)", **asked)
    assert {s["key"]: s["count"] for s in funnel["stages"]}["mql"] == mql["value"]
    assert len(caller.get("numbers/mql/rows/", owner="(none)", **asked)["results"]) == mql["value"]
    page = reader.get("/funnel/", {"owner": "(none)", **asked})
    assert (page.status_code, page.context["numbers"]["stage:mql"]) == (200, mql["value"])
    assert page.context["numbers"]["stage:visitor"] == sum(
        TrafficReading.objects.values_list("visits", flat=True)
    )


def test_no_more_groups_are_read_than_can_be(spring):
    at = kpis.frame(Scope(date(2020, 1, 1), date(2026, 5, 31)))
    found = grouped(kpis.get("mql"), at, "month")
    assert (len(found.groups), found.left_out) == (MOST, 77 - MOST)
    assert found.groups[-1].key == "2026-05"


def test_every_companion_of_a_number_has_words(spring):
    told = {"by_currency", "by_department", "mature", "to"}
    for kpi in kpis.ALL:
        assert set(kpi.value(SPRING).more) <= COMPANIONS.keys() | told, kpi.slug


def table(reader: Client, name: str, query: str = QUERY) -> list[dict[str, str]]:
    answer = reader.get(f"/cohorts/{name}.csv?{query}")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode().removeprefix("\ufeff"))))


def test_cohorts_of_spring(reader, django_assert_max_num_queries):
    SpendEntry.objects.create(
        day="2026-04-05", channel_id=Lead.objects.filter(channel__slug="expo")[0].channel_id, amount=90000
    )
    found = cohorts.read(kpis.frame(SPRING))
    steps = {step.target: step for step in found.steps}
    assert (steps["sql"].period.numerator, steps["sql"].period.denominator) == (3, 9)
    assert (steps["sql"].cohort.numerator, steps["sql"].cohort.denominator) == (3, 9)
    assert steps["lead"].cohort is None
    april = next(month for month in found.months if month.key == "2026-04")
    by_target = {rate.target: rate for rate in april.steps}
    assert (by_target["mql"].denominator, by_target["mql"].mature) == (5, False)
    waiting = {one.target: one for one in found.waiting}
    assert (waiting["sql"].made, waiting["sql"].median, waiting["won"].median) == (3, 2.0, 13.0)
    expo = next(cost for cost in found.costs if cost.key == "expo")
    assert (expo.entries["lead"], expo.each["lead"]) == (5, 18000)
    assert expo.each["won"] == 90000
    none = found.costs[-1]
    assert (none.key, none.entries["lead"], none.each["lead"]) == (None, 1, None)
    with django_assert_max_num_queries(22):
        html = reader.get(f"/cohorts/?{QUERY}").content.decode()
    assert "immature" in html
    rows = table(reader, "steps")
    sql = next(row for row in rows if row["to"] == "sql")
    assert (sql["period_numerator"], sql["cohort_denominator"], sql["cohort_window_days"]) == ("3", "9", "60")
    months = {(row["month"], row["to"]): row for row in table(reader, "months")}
    assert months["2026-04", "mql"]["still_open"] == str(by_target["mql"].still_open)
    assert {row["basis"] for row in table(reader, "groups", f"{QUERY}&group_by=segment")} == {
        "period",
        "cohort",
    }
    assert len(table(reader, "times")) == len(found.waiting)
    assert next(row for row in table(reader, "costs") if row["channel"] == "expo")["spend"] == "90000.00"


def test_the_api_says_the_same_cohorts(spring):
    said = Caller(a_token("read")).get(
        "cohorts/", group_by="owner", **{"from": SPRING.start, "to": SPRING.end}
    )
    found = cohorts.read(kpis.frame(Scope(SPRING.start, SPRING.end, group_by="owner")))
    assert [row["cohort"] and row["cohort"]["numerator"] for row in said["steps"]] == [
        step.cohort and step.cohort.numerator for step in found.steps
    ]
    assert said["group_by"] == "owner"
    assert len(said["groups"]) == len(found.groups)


def test_a_month_ripens_by_its_own_end(spring):
    long = Scope(date(2026, 1, 1), date(2026, 5, 31))
    months = {
        month.key: {r.target: r for r in month.steps} for month in cohorts.read(kpis.frame(long)).months
    }
    # On 20 May: whoever came by 31 March has had his 30 days, whoever came in April not yet.
    assert months["2026-03"]["mql"].mature is True
    assert months["2026-04"]["mql"].mature is False
