"""Pure. One spelling for names, addresses and numbers, so that the same company or person is found again."""

import re
import unicodedata

from funnel.errors import BadValue

EMAIL_LONGEST = 254
JAPANESE_FORMS = (
    "特定非営利活動法人",
    "一般社団法人",
    "一般財団法人",
    "公益社団法人",
    "公益財団法人",
    "株式会社",
    "有限会社",
    "合同会社",
    "合資会社",
    "合名会社",
)
ENGLISH_FORMS = frozenset(
    {"inc", "incorporated", "corp", "corporation", "co", "company", "ltd", "limited", "llc", "llp", "plc"}
    | {"kk", "gk", "gmbh", "ag", "sa", "sas", "bv", "nv", "pty", "pte", "spa", "srl", "ab", "oy"}
)
HONORIFICS = ("様", "殿")
VARIANTS = "髙﨑邊邉齋齊斉澤濱濵嶋嶌櫻國廣眞德槇龍藏榮惠圓學當應實壽瀧曾會"
USUAL = "高崎辺辺斎斎斎沢浜浜島島桜国広真徳槙竜蔵栄恵円学当応実寿滝曽会"
"""Letters of names that are written in two ways, and the way a search knows them by."""
FEWEST_DIGITS = 4
MOST_WORDS = 8

_BRACKETED_FORM = re.compile(r"\((?:株|有|同|資|名|一社|一財|公社|公財|特非)\)")
_DOTTED_INITIALS = re.compile(r"\b([a-z])\.\s?([a-z])\b(?!\w)\.?")
_EMAIL = re.compile(r"[^@\s<>()\[\],;:\\\"]+@[^@\s<>()\[\],;:\\\"]+\.[^@\s<>()\[\],;:\\\".]{2,}")
_EXTENSION = re.compile(r"(?:内線|ext\.?|x)\s*[:.]?\s*[0-9]+.*$", re.IGNORECASE)
_LIKE_A_PHONE = re.compile(r"[\d\s()+.ー‐‑‒–—−-]+")
_FORM_OF = {
    "(株)": "株式会社",
    "(有)": "有限会社",
    "(同)": "合同会社",
    "(資)": "合資会社",
    "(名)": "合名会社",
    "(一社)": "一般社団法人",
    "(一財)": "一般財団法人",
    "(公社)": "公益社団法人",
    "(公財)": "公益財団法人",
    "(特非)": "特定非営利活動法人",
}
_USUAL = str.maketrans(VARIANTS, USUAL)
_HIRAGANA_TO_KATAKANA = {code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)}


def _fold(text: str) -> str:
    """Return the compatibility form without case (full-width and half-width meet, ㈱ becomes (株))."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _words(folded: str) -> list[str]:
    """Split at everything that is neither letter, mark nor digit."""
    return "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in folded).split()


def company(name: str) -> str:
    """Return a company's name for matching: no legal form, spaces, punctuation, width or case.

    A name that consists of a legal form alone is kept, so that only a name without any letter or digit is "".
    """
    folded = _BRACKETED_FORM.sub(" ", _fold(name))
    words = _words(_DOTTED_INITIALS.sub(r"\1\2 ", folded)) or _words(_fold(name))
    while len(words) > 1 and words[-1] in ENGLISH_FORMS:
        words.pop()
    bare = "".join(words)
    while (stripped := _without_japanese_form(bare)) != bare:
        bare = stripped
    return unicodedata.normalize("NFKC", bare)


def _without_japanese_form(name: str) -> str:
    for form in JAPANESE_FORMS:
        if name != form and name.startswith(form):
            return name[len(form) :]
        if name != form and name.endswith(form):
            return name[: -len(form)]
    return name


def person_name(name: str) -> str:
    """Return a person's name for matching: no spaces, punctuation, width, case or honorific."""
    bare = "".join(_words(_fold(name)))
    for honorific in HONORIFICS:
        if len(bare) > len(honorific) + 1:
            bare = bare.removesuffix(honorific)
    return bare


def email(address: str) -> str | None:
    """Return an e-mail address in lower case, None if blank. Raises BadValue (`bad_email`) if it is none."""
    # Lower case, not casefold: ß and ss are different mailboxes.
    bare = unicodedata.normalize("NFKC", address).strip().lower()
    if not bare:
        return None
    if len(bare) > EMAIL_LONGEST or not _EMAIL.fullmatch(bare) or ".." in bare or not bare.isprintable():
        raise BadValue("bad_email", field="email", value=address.strip()[:EMAIL_LONGEST])
    return bare


def phone(number: str) -> str:
    """Return a phone number's digits, a leading + kept, without its extension; "" if there is no digit."""
    bare = _EXTENSION.sub("", unicodedata.normalize("NFKC", number).strip())
    digits = "".join(c for c in bare if c in "0123456789")
    if not (digits and bare.startswith("+")):
        return digits
    return "+" + "".join(c for c in bare.replace("(0)", "") if c in "0123456789")


def kana(text: str) -> str:
    """Return a text folded for search: width, case, and hiragana as katakana."""
    return unicodedata.normalize("NFKC", _fold(text).translate(_HIRAGANA_TO_KATAKANA))


def search_words(text: str) -> list[str]:
    """Return the words that a search looks for, in the spelling of `Person.search_text`.

    A word of ASCII letters and digits is found at the beginning of a word; any other run of letters anywhere. A number
    is one word however it is punctuated. The legal form of a company is left out unless nothing else was asked for.
    """
    folded = unicodedata.normalize("NFKC", text).lower().translate(_HIRAGANA_TO_KATAKANA | _USUAL)
    if _LIKE_A_PHONE.fullmatch(folded) and len(digits := phone(folded)) >= FEWEST_DIGITS:
        return [re.sub(r"^\+81", "0", digits).lstrip("+")]
    for bracketed, form in _FORM_OF.items():
        folded = folded.replace(bracketed, f" {form} ")
    bare = re.sub("|".join(JAPANESE_FORMS), " ", folded)
    words = _runs(bare)
    plain = [word for word in words if word not in ENGLISH_FORMS]
    return list(dict.fromkeys(plain or words or _runs(folded)))[:MOST_WORDS]


def _runs(folded: str) -> list[str]:
    return re.findall(r"[a-z0-9]+|[^\W_\x00-\x7f]+", folded)
