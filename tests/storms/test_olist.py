"""A real funnel of 8,000 leads, counted by the product and again from its files, by plain Python alone.

The data is not ours to keep (CC BY-NC-SA): `OLIST=/path/to/olist make storm ARGS="tests/storms/test_olist.py"`.
"""

from __future__ import annotations

import csv
import os
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pytest
from django.core.management import call_command

from dashboards import cohorts, counts, kpis
from dashboards.scope import Scope

FOLDER = Path(os.environ.get("OLIST", "") or "/nowhere")
pytestmark = [
    pytest.mark.storm,
    pytest.mark.django_db,
    pytest.mark.skipif(
        not (FOLDER / "closed_deals.csv").is_file(),
        reason="the Olist marketing funnel is not here: name its folder in OLIST",
    ),
]
WHOLE = Scope(date(2017, 6, 1), date(2018, 12, 31))
LEADS = {
    "mql_id": "external_id",
    "first_contact_date": "mql_at",
    "landing_page_id": "campaign",
    "origin": "channel",
}
DEALS = {
    "mql_id": "lead_external_id",
    "won_date": "won_at",
    "declared_monthly_revenue": "amount",
    "business_segment": "segment",
    "sdr_id": "inside_sales_owner",
    "sr_id": "field_sales_owner",
}
WINDOW = 60


class Pass(NamedTuple):
    """One lead of the files."""

    channel: str
    month: str
    mql: date
    won: date | None


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def passes() -> list[Pass]:
    won = {row["mql_id"]: datetime.fromisoformat(row["won_date"]).date() for row in rows("closed_deals.csv")}
    made = []
    for row in rows("marketing_qualified_leads.csv"):
        day = date.fromisoformat(row["first_contact_date"])
        made.append(Pass(row["origin"], f"{day:%Y-%m}", day, won.get(row["mql_id"])))
    return made


def within(one: Pass) -> bool:
    """A win within the window of the step from MQL; a win dated before the MQL is not within it."""
    return one.won is not None and 0 <= (one.won - one.mql).days <= WINDOW


@pytest.fixture
def olist() -> list[Pass]:
    for name, kind, columns in (
        ("marketing_qualified_leads.csv", "leads", LEADS),
        ("closed_deals.csv", "deals", DEALS),
    ):
        named = [word for column, field in columns.items() for word in ("--map", f"{field}={column}")]
        call_command("ingest", str(FOLDER / name), "--as", kind, "--history", *named)
    counts.fold()
    return passes()


def test_rates_by_channel_and_month_are_those_of_the_files(
    olist: list[Pass], capsys: pytest.CaptureFixture[str]
):
    entered, won = Counter(one.channel for one in olist), Counter(one.channel for one in olist if one.won)
    in_time = Counter(one.channel for one in olist if within(one))
    period = counts.funnel(Scope(WHOLE.start, WHOLE.end, group_by="channel"))
    cohort = counts.funnel(Scope(WHOLE.start, WHOLE.end, "cohort", group_by="channel"))
    assert {g.key or "": dict(g.stages)["mql"] for g in period.groups} == entered
    assert {g.key or "": dict(g.stages)["won"] for g in period.groups} == {key: won[key] for key in entered}
    steps = {g.key or "": {r.target: r for r in g.rates}["sql"] for g in cohort.groups}
    assert {key: (r.numerator, r.denominator) for key, r in steps.items()} == {
        key: (in_time[key], entered[key]) for key in entered
    }
    months, wins = (
        Counter(one.month for one in olist),
        Counter(f"{one.won:%Y-%m}" for one in olist if one.won),
    )
    ripe = Counter(one.month for one in olist if within(one))
    found = cohorts.read(kpis.frame(WHOLE))
    by_month = {month.key: {rate.target: rate for rate in month.steps}["sql"] for month in found.months}
    assert {key: (r.numerator, r.denominator) for key, r in by_month.items()} == {
        key: (ripe[key], months[key]) for key in by_month
    }
    of_months = counts.funnel(Scope(WHOLE.start, WHOLE.end, group_by="month"))
    assert {g.key: (dict(g.stages)["mql"], dict(g.stages)["won"]) for g in of_months.groups} == {
        str(g.key): (months[str(g.key)], wins[str(g.key)]) for g in of_months.groups
    }
    for key, n in entered.most_common():
        print(f"{key or '(none)':20} won {won[key]:4}/{n:5}  within {WINDOW} days {in_time[key]:4}/{n:5}")  # noqa: T201


def test_the_catalogue_says_the_figures_of_the_files(olist: list[Pass]):
    days = [(one.won - one.mql).days for one in olist if one.won]
    value = {
        slug: kpis.get(slug).value(WHOLE) for slug in ("mql", "won", "time-to-win", "win-rate", "bookings")
    }
    assert (value["mql"].value, value["won"].value) == (8000, 842)
    assert value["time-to-win"].value == median(days) == 14
    assert (value["time-to-win"].more["lead_owners"], value["time-to-win"].more["deal_owners"]) == (32, 22)
    assert value["time-to-win"].more["date_conflicts"] == sum(n < 0 for n in days) == 1
    assert value["bookings"].value == 61_784_006
