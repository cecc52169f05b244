"""One spelling for names, addresses and numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.errors import BadValue
from funnel.normalise import company, email, kana, person_name, phone, search_words


@pytest.mark.parametrize(
    "spelling",
    [
        "株式会社青空システム",
        "青空システム株式会社",
        "(株)青空システム",
        "（株）青空システム",
        "㈱青空システム",
        "㍿青空システム",
        "青空システム㈱",
        "株式会社　青空 システム",
        "株式会社青空ｼｽﾃﾑ",
        "青空・システム 株式会社",
    ],
)
def test_one_japanese_company_in_many_spellings(spelling):
    assert company(spelling) == "青空システム"


@pytest.mark.parametrize(
    "spelling",
    [
        "Acme",
        "ACME Inc.",
        "acme, inc",
        "Acme Co., Ltd.",
        "ＡＣＭＥ Corporation",
        "Acme K.K.",
        "Acme S.A.",
        "株式会社Acme",
    ],
)
def test_one_english_company_in_many_spellings(spelling):
    assert company(spelling) == "acme"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("有限会社山田", "山田"),
        ("合同会社みどり", "みどり"),
        ("(有)山田", "山田"),
        ("一般社団法人 海", "海"),
        ("Inc.", "inc"),
        ("Co-op", "coop"),
        ("Limited Run Co.", "limitedrun"),
        ("株式会社", "株式会社"),
        ("㈱", "株"),
        ("株式会社株式会社", "株式会社"),
        ("H.I.S.", "his"),
        ("C++", "c"),
        ("AT&T", "att"),
        ("日産自動車", "日産自動車"),
        ("サーバー", "サーバー"),
        ("", ""),
        ("・・・", ""),
    ],
)
def test_only_the_legal_form_goes(name, expected):
    assert company(name) == expected


def test_different_companies_stay_different():
    assert company("株式会社青空") != company("株式会社青空システム")
    assert company("Incline") == "incline"


def test_a_person_is_found_whatever_the_spacing_width_and_honorific():
    assert {
        person_name(n) for n in ("山田 太郎", "山田　太郎", "山田太郎様", "山田 太郎 殿", "山田太郎")
    } == {"山田太郎"}
    assert person_name("Ｔａｒｏ YAMADA") == person_name("taro yamada") == "taroyamada"
    assert person_name("様") == "様"
    assert person_name(" ") == ""


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (" Taro.Yamada@Example.CO.JP ", "taro.yamada@example.co.jp"),
        ("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ", "taro@example.jp"),
        ("taro+crm@example.com", "taro+crm@example.com"),
        ("strauß@example.de", "strauß@example.de"),
        ("", None),
        ("  ", None),
    ],
)
def test_an_address_in_lower_case(address, expected):
    assert email(address) == expected


@pytest.mark.parametrize(
    "address",
    [
        "taro",
        "taro@",
        "@example.jp",
        "taro@example",
        "taro@@example.jp",
        "a b@example.jp",
        "taro@example..jp",
        "Taro <taro@example.jp>",
        "taro@example.jp, hanako@example.jp",
        "taro@example.j",
        "taro\x00@example.jp",
        "=cmd|' /c calc'!a@b",
        "x" * 250 + "@example.jp",
    ],
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(BadValue) as caught:
        email(address)
    assert (caught.value.code, caught.value.field) == ("bad_email", "email")
    assert caught.value.say("ja") != caught.value.say("en")


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("03-1234-5678", "0312345678"),
        ("０３（１２３４）５６７８", "0312345678"),
        ("+81 3-1234-5678", "+81312345678"),
        ("＋81 (0)3-1234-5678", "+81312345678"),
        ("(03) 1234 5678", "0312345678"),
        ("03-1234-5678 内線 12", "0312345678"),
        ("03-1234-5678 ext. 12", "0312345678"),
        ("03-1234-5678x12", "0312345678"),
        ("+", ""),
        ("なし", ""),
        ("", ""),
    ],
)
def test_a_phone_number_is_its_digits(number, expected):
    assert phone(number) == expected


def test_search_folds_kana_width_and_case():
    assert kana("あおぞら") == kana("アオゾラ") == kana("ｱｵｿﾞﾗ") == "アオゾラ"
    assert kana("ＡＢＣ") == "abc"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", []),
        ("・、", []),
        ("みなと　物流", ["ミナト", "物流"]),
        ("ﾐﾅﾄABC商事", ["ミナト", "abc", "商事"]),
        ("㈱みなと", ["ミナト"]),
        ("株式会社 みなと 株式会社", ["ミナト"]),
        ("㈱", ["株式会社"]),
        ("Minato Co., Ltd.", ["minato"]),
        ("ltd", ["ltd"]),
        ("03-1234-5678", ["0312345678"]),
        ("０３（１２３４）５６７８", ["0312345678"]),
        ("+81 3 1234 5678", ["0312345678"]),
        ("T.Yamada@minato.co.jp", ["t", "yamada", "minato", "jp"]),
        ("髙橋 﨑", ["高橋", "崎"]),
        ("山田 山田", ["山田"]),
        ("a b c d e f g h i", ["a", "b", "c", "d", "e", "f", "g", "h"]),
    ],
)
def test_the_words_of_a_search(typed, words):
    assert search_words(typed) == words


japanese = st.text("株式会社有限(株)㈱・ ー青空ｱｵABＣc.oKinLtd,&々〆1２")


@given(name=japanese | st.text())
def test_normalising_twice_changes_nothing(name):
    assert company(company(name)) == company(name)
    assert kana(kana(name)) == kana(name)
    assert phone(phone(name)) == phone(name)


@given(name=st.text("青空システム山田ABcd", min_size=1))
def test_the_legal_form_never_tells_companies_apart(name):
    variants = {company(v) for v in (name, f"株式会社{name}", f"{name}株式会社", f"㈱{name}", f"{name} Inc.")}
    assert len(variants) == 1


@given(text=st.text())
def test_any_text_is_an_address_blank_or_refused(text):
    try:
        address = email(text)
    except BadValue:
        return
    assert address is None or (address == address.lower() and address == email(address))
