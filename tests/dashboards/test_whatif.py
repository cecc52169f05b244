"""What other levers would have made of a period: exact, one at a time and together, from the counts of the board."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from django.test import Client

from dashboards import kpis
from dashboards.explorers import whatif
from dashboards.explorers.whatif import Alone
from dashboards.scope import Scope
from funnel.stages import Department
from tests.dashboards.conftest import Company

KNOWN = {
    "lead": Fraction(100),
    "mql_rate": Fraction(1, 2),
    "sql_rate": Fraction(1, 5),
    "win_rate": Fraction(3, 10),
    "deal_size": Fraction(1_000_000),
}
PAGE = "/explore/what-if/?from=2026-04-01&to=2026-05-31"


def test_levers_run_forward_exactly() -> None:
    assert whatif.made(KNOWN).stages == {"lead": 100, "mql": 50, "sql": 10, "won": 3}
    assert whatif.made(KNOWN).bookings == 3_000_000
    # In binary 0.1 and 0.7 would leave crumbs.
    fine = {**KNOWN, "mql_rate": Fraction(7, 10), "sql_rate": Fraction(1, 10)}
    assert whatif.made(fine).stages["won"] == Fraction(21, 10)


def test_each_lever_is_weighed_alone_and_the_largest_comes_first() -> None:
    moved = {"lead": Fraction(200), "sql_rate": Fraction(2, 5), "win_rate": Fraction(2, 5)}
    found = whatif.tried(KNOWN, moved)
    assert found.then.stages["won"] == 16
    assert found.alone == (
        Alone("lead", Fraction(3), Fraction(3_000_000)),
        Alone("sql_rate", Fraction(3), Fraction(3_000_000)),
        Alone("win_rate", Fraction(1), Fraction(1_000_000)),
    )


def test_what_is_not_known_stays_unknown_until_it_is_typed() -> None:
    nothing = {"lead": Fraction(0), "mql_rate": None, "sql_rate": None, "win_rate": None, "deal_size": None}
    assert whatif.made(nothing).stages["won"] == 0
    found = whatif.tried(nothing, {"lead": Fraction(100)})
    assert (found.then.stages["mql"], found.then.bookings) == (None, None)
    every = whatif.tried(nothing, dict(KNOWN))
    assert every.then.bookings == 3_000_000


def test_a_period_without_changes_is_the_period_itself(spring: Company) -> None:
    at = kpis.frame(Scope(date(2026, 3, 1), date(2026, 5, 31)))
    made = whatif.made(whatif.levers_of(at))
    for stage in whatif.STAGES:
        slug = {"lead": "leads"}.get(stage, stage)
        assert made.stages[stage] == kpis.get(slug).measure(kpis.get(slug).select(at), at).value


@pytest.fixture
def reader(client: Client, spring: Company) -> Client:
    client.force_login(spring.member[Department.MARKETING])
    return client


def test_the_page_keeps_what_was_typed_and_the_file_says_the_same(reader: Client) -> None:
    page = reader.get(f"{PAGE}&mql_rate=９０%25&lead=50")
    drawn = page.context["drawn"]
    assert page.status_code == 200
    assert {field.key: field.text for field in drawn.fields if field.text} == {
        "lead": "50",
        "mql_rate": "９０%",
    }
    assert drawn.rows[2][:3] == ["mql", drawn.rows[2][1], 45.0]
    file = reader.get(page.context["file"]).content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in file] == [row[0] for row in drawn.rows]
    assert file[2].split(",")[2] in ("45.0", "45")


@pytest.mark.parametrize(
    "typed",
    [
        "mql_rate=101",
        "sql_rate=0",
        "win_rate=-5",
        "lead=many",
        "lead=0",
        "deal_size=1e99",
        "lead=" + "9" * 30,
    ],
)
def test_what_cannot_be_is_said_and_stays_in_its_field(reader: Client, typed: str) -> None:
    page = reader.get(f"{PAGE}&{typed}")
    key, _, text = typed.partition("=")
    (field,) = (each for each in page.context["drawn"].fields if each.key == key)
    assert (page.status_code, field.text, field.is_wrong) == (400, text, True)
    assert "aria-invalid" in page.content.decode()
