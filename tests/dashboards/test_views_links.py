"""Every number a board shows opens its card, and the card says the same number."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.test import Client

from dashboards import improving
from dashboards.improving import Plan
from funnel import moment
from funnel.calendar import ONE_DAY
from funnel.stages import Department
from tests.dashboards.conftest import Company

BESIDE = re.compile(
    r"^(due|target|goal|pct|bar|missing|gap|before|change|short|landing|percent|days|edge|gain|low|high|wide"
    r"|n:(in-time|late)|rate:(in-time|late)|time|stock|wins:conflicts|overdue:)"
)
"""What is beside a number: its pace and target, what it was, how far it is, what is compared in words."""
ADDRESS = "/funnel/?from=2026-04-01&to=2026-05-31"


class Figures(HTMLParser):
    """The figures of a page by name, with the address each leads to ("" without one)."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str]] = []
        self._links: list[str] = []
        self._name = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a":
            self._links.append(given.get("href") or "")
        if tag == "span" and "data-n" in given:
            self._name = given["data-n"] or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._links.pop()

    def handle_data(self, data: str) -> None:
        if self._name:
            self.found.append((self._name, data.strip(), self._links[-1] if self._links else ""))
            self._name = ""


@pytest.fixture
def reader(client: Client, spring: Company) -> Client:
    client.force_login(spring.member[Department.MARKETING])
    return client


def test_every_figure_of_the_board_leads_to_a_card_or_its_rows(reader: Client) -> None:
    found = Figures(reader.get(ADDRESS).content.decode()).found
    assert len(found) > 60
    bare = {name for name, _text, href in found if not href and not BESIDE.match(name)}
    assert not bare


def test_the_card_says_the_number_it_was_opened_from(reader: Client) -> None:
    pages: dict[str, str] = {}
    compared = 0
    for name, text, href in Figures(reader.get(ADDRESS).content.decode()).found:
        if not href.startswith("/numbers/") or not name.startswith(
            ("stage:", "rate:", "bookings", "deal-size")
        ):
            continue
        if href not in pages:
            answer = reader.get(href)
            assert answer.status_code == 200, href
            pages[href] = answer.content.decode()
        # A card writes money in full and a dash as the board does.
        if name.startswith(("stage:", "rate:")) and text not in ("–", "0"):
            assert text in pages[href], (name, text, href)
            compared += 1
    assert compared > 20


def test_what_is_under_way_stands_beside_what_it_is_about(reader: Client, spring: Company) -> None:
    by, now = spring.by(Department.MARKETING), moment.now()
    plan = Plan("電話番号の欄を足す", spring.member[Department.MARKETING].pk, (now + 30 * ONE_DAY).date())
    improving.decide(plan._replace(kpi="sql-rate"), by, now=now)
    improving.decide(plan._replace(kpi="mql-compliance"), by, now=now)
    board, sla = (
        reader.get(path).content.decode() for path in (ADDRESS, "/sla/?from=2026-04-01&to=2026-05-31")
    )
    assert "/improvements/?kpi=sql-rate" in board
    assert "/improvements/new/?kpi=sql-rate" in board
    assert "/improvements/?kpi=mql-rate" not in board
    assert "/improvements/?kpi=mql-compliance" in sla
