"""Completeness of the customer sheet."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.words import Words
from handoffs.sheets import DEFAULT_ITEMS, Item, score

KEYS = ("company", "name", "contact", "budget", "authority", "need", "timeline", "note")
COMPLETE = dict.fromkeys(KEYS, "met")


def test_the_default_sheet_has_eight_fields():
    assert tuple(item.key for item in DEFAULT_ITEMS) == KEYS
    assert all(item.label.en and item.label.ja for item in DEFAULT_ITEMS)


def test_a_full_sheet_is_complete():
    assert score(COMPLETE) == (Decimal(100), KEYS, (), 8)


def test_an_empty_sheet_is_at_zero():
    assert score({}) == (Decimal(0), (), KEYS, 8)


@pytest.mark.parametrize("blank", ["", "  ", "\u3000\n"])
def test_white_space_fills_nothing(blank):
    found = score(COMPLETE | {"note": blank})
    assert (found.percent, found.missing) == (Decimal("87.5"), ("note",))


@pytest.mark.parametrize("field", ["budget", "authority", "need", "timeline"])
def test_unknown_is_not_an_answer_but_not_met_is(field):
    assert score(COMPLETE | {field: "unknown"}).missing == (field,)
    assert score(COMPLETE | {field: " Unknown "}).missing == (field,)
    assert score(COMPLETE | {field: "not_met"}).missing == ()


def test_a_note_may_say_unknown():
    assert score(COMPLETE | {"note": "unknown"}).percent == 100


ITEMS = (
    Item("a", Words("A", "あ"), weight=3),
    Item("b", Words("B", "い"), weight=1),
    Item("c", Words("C", "う"), weight=5, required=False),
)


def test_items_count_by_weight_and_only_when_required():
    assert score({"a": "x"}, ITEMS) == (Decimal(75), ("a",), ("b",), 2)
    assert score({"b": "x", "c": "x"}, ITEMS).percent == 25


def test_a_sheet_that_requires_nothing_is_complete():
    assert score({}, ()).percent == 100
    assert score({}, [ITEMS[2]]) == (Decimal(100), (), (), 0)
    assert score({}, [ITEMS[0]._replace(weight=0)]).percent == 100


def test_rounding_never_makes_a_sheet_complete():
    items = (Item("a", Words("A", "あ"), weight=99_999), Item("b", Words("B", "い"), weight=1))
    assert score({"a": "x"}, items).percent == Decimal("99.99")


weights = st.dictionaries(st.text(min_size=1, max_size=3), st.integers(1, 100), min_size=1, max_size=10)


@given(weights=weights, data=st.data())
def test_completeness_is_100_exactly_when_nothing_is_missing(weights, data):
    items = [Item(key, Words(key, key), weight) for key, weight in weights.items()]
    chosen = data.draw(st.sets(st.sampled_from(sorted(weights))))
    found = score(dict.fromkeys(chosen, "x"), items)
    assert set(found.filled) == chosen
    assert (found.percent == 100) == (not found.missing)
    assert len(found.filled) + len(found.missing) == found.required
    exact = Decimal(100) * sum(weights[key] for key in chosen) / sum(weights.values())
    assert exact - Decimal("0.01") < found.percent <= exact
