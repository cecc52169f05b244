"""Rows as JSON values."""

from decimal import Decimal

import pytest
from rest_framework import serializers

from funnel.api import answers, shapes
from tests.builders import a_contract, a_deal
from tests.doors import Caller


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (Decimal("1000000.00"), "JPY", "1000000"),
        (Decimal("0"), "JPY", "0"),
        (Decimal("5.5"), "USD", "5.50"),
        (Decimal("9999999999999999.99"), "USD", "9999999999999999.99"),
        (None, "JPY", None),
    ],
)
def test_money_is_shown_with_the_decimals_its_currency_has(amount, currency: str, shown: str | None):
    assert answers.money(amount, currency) == shown


def test_every_row_has_the_members_the_schema_names(api: Caller, now):
    a_deal(now)
    customer = a_contract(now).customer_id
    api.post(f"customers/{customer}/surveys/", {"score": 9, "answered_on": now.date().isoformat()})
    api.post(f"leads/{a_deal(now).lead_id}/activities/", {"kind": "note"})
    lead = api.get("leads/")["results"][0]["id"]
    shown = {
        "leads/": shapes.LEAD,
        "deals/": shapes.DEAL,
        "customers/": shapes.CUSTOMER,
        f"customers/{customer}/surveys/": shapes.SURVEY,
        f"customers/{customer}/health/": shapes.HEALTH,
        f"leads/{lead}/activities/": shapes.ACTIVITY,
        "events/": shapes.EVENT,
        "accounts/": shapes.ACCOUNT,
        "persons/": shapes.PERSON,
        "members/": shapes.MEMBER,
        "reasons/": shapes.REASON,
    }
    for address, shape in shown.items():
        assert isinstance(shape, serializers.Serializer)
        assert set(api.get(address)["results"][0]) == set(shape.fields), address
