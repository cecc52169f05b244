"""Amounts as people and files write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.amounts import LIMIT, AmountError, parse_amount


def code_of(text: str, **how) -> str:
    with pytest.raises(AmountError) as caught:
        parse_amount(text, **how)
    return caught.value.code


@pytest.mark.parametrize(
    ("text", "amount"),
    [("1000000", 1000000), (" 1200000 ", 1200000), ("0", 0), ("1000000.00", 1000000), ("+5", 5), ("-0", 0)],
)
def test_plain_digits_are_an_amount_for_files_and_api(text, amount):
    assert parse_amount(text) == amount


@pytest.mark.parametrize("relaxed", [False, True])
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "blank"),
        ("   ", "blank"),
        ("\u3000", "blank"),
        ("-1", "negative"),
        ("-1000000", "negative"),
        ("NaN", "not_a_number"),
        ("nan", "not_a_number"),
        ("sNaN", "not_a_number"),
        ("Infinity", "not_a_number"),
        ("-inf", "not_a_number"),
        ("1e6", "not_a_number"),
        ("1_000", "not_a_number"),
        ("0x10", "not_a_number"),
        ("12万3億", "not_a_number"),
        ("=1+1", "not_a_number"),
        ("一万", "not_a_number"),
        ("1,00", "not_a_number"),
        ("1.2.3", "not_a_number"),
        ("-", "not_a_number"),
        ("1000.5", "fraction"),
        ("10000000000000000", "too_large"),
        ("9" * 65, "too_large"),
        ("9" * 64 + "x", "not_a_number"),
    ],
)
def test_what_is_not_an_amount_is_refused_with_its_reason(text, code, relaxed):
    assert code_of(text, relaxed=relaxed) == code


@pytest.mark.parametrize("text", ["１２０万", "120万", "1,200,000", "¥100", "１００", "100円", "٣"])
def test_files_and_api_do_not_guess(text):
    assert code_of(text) == "not_a_number"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("120万", 1_200_000),
        ("１２０万", 1_200_000),
        ("１２０万円", 1_200_000),
        ("1,200,000", 1_200_000),
        ("１，２００，０００", 1_200_000),
        ("¥1,200,000", 1_200_000),
        ("￥1,200,000-".rstrip("-"), 1_200_000),
        ("\\1200000", 1_200_000),
        ("¥ 120 万円", 1_200_000),
        ("JPY 1200000", 1_200_000),
        ("1.2億", 120_000_000),
        ("1億2000万", 120_000_000),
        ("1億2,000万5千", 120_005_000),
        ("3千万", 30_000_000),
        ("2百万", 2_000_000),
        ("500千円", 500_000),
        ("1兆", 10**12),
        ("1万5", 10_005),
        ("+120万", 1_200_000),
        ("0.00012億", 12_000),
    ],
)
def test_forms_read_what_people_type(text, amount):
    assert parse_amount(text, relaxed=True) == amount


@pytest.mark.parametrize("text", ["−120万", "▲120万", "△1,200,000", "¥-100", "－１"])
def test_forms_recognise_every_minus_sign(text):
    assert code_of(text, relaxed=True) == "negative"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1万2億", "not_a_number"),
        ("1万20000", "not_a_number"),
        ("1万10000", "not_a_number"),
        ("1万2万", "not_a_number"),
        ("万", "not_a_number"),
        ("¥", "not_a_number"),
        ("$100", "not_a_number"),
        ("1.23456万", "fraction"),
        ("20000兆", "too_large"),
        ("1." + "0" * 40 + "1億", "fraction"),
    ],
)
def test_forms_refuse_what_could_mean_two_things(text, code):
    assert code_of(text, relaxed=True) == code


def test_other_currencies_have_cents_and_signs_of_their_own():
    assert parse_amount("10.25", currency="USD") == Decimal("10.25")
    assert code_of("10.255", currency="USD") == "fraction"
    assert parse_amount("$1,000.50", currency="USD", relaxed=True) == Decimal("1000.50")
    assert parse_amount("1000 chf", currency="CHF", relaxed=True) == 1000
    assert code_of("¥100", currency="USD", relaxed=True) == "not_a_number"


def test_an_error_becomes_a_refusal_with_a_sentence_in_both_languages():
    for code, text in [("negative", "-1"), ("not_a_number", "１２０万"), ("blank", ""), ("fraction", "1.5")]:
        with pytest.raises(AmountError) as caught:
            parse_amount(text)
        refusal = caught.value.refused("mrr")
        assert (refusal.code, refusal.field) == (f"amount_{code}", "mrr")
        assert refusal.say("ja") != refusal.say("en")
    assert "１２０万" in AmountError("not_a_number", "１２０万").refused().say("ja")
    assert AmountError("too_large", "9" * 999).refused().say("ja")


@given(amount=st.integers(0, int(LIMIT) - 1), relaxed=st.booleans())
def test_every_whole_amount_is_read_back(amount, relaxed):
    assert parse_amount(str(amount), relaxed=relaxed) == amount
    assert parse_amount(f"{amount:,}", relaxed=True) == amount


@given(
    cho=st.integers(0, 9999), oku=st.integers(0, 9999), man=st.integers(0, 9999), rest=st.integers(0, 9999)
)
def test_japanese_multiples_add_up(cho, oku, man, rest):
    assert parse_amount(f"{cho}兆{oku}億{man}万{rest}円", relaxed=True) == (
        cho * 10**12 + oku * 10**8 + man * 10**4 + rest
    )


@given(text=st.text() | st.text("0123456789.,-+¥円千万億兆 　e_"), relaxed=st.booleans())
def test_any_text_is_an_amount_in_range_or_refused(text, relaxed):
    try:
        amount = parse_amount(text, relaxed=relaxed)
    except AmountError as refused:
        assert_known(refused.code)
    else:
        assert 0 <= amount < LIMIT
        assert amount == int(amount)
        assert not amount.is_signed()


def assert_known(code: str) -> None:
    assert code in {"blank", "not_a_number", "negative", "fraction", "too_large"}
