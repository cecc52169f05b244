"""A phrase in both languages, for tables that live in pure modules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Words(NamedTuple):
    """One idea said in English and in Japanese; `{name}` placeholders are filled by `say`."""

    en: str
    ja: str

    def say(self, language: str | None, **params: object) -> str:
        """Return the phrase in `language` ("ja", "ja-jp", "en" …; anything but Japanese is English)."""
        phrase = self.ja if (language or "").lower().startswith("ja") else self.en
        return phrase.format(**params) if params else phrase


# What the company calls things, by key; one company, so one set for the whole process.
_given: dict[str, Words] = {}


def rename(names: Mapping[str, Mapping[str, str]]) -> None:
    """Take up the company's own words: {"stage.sql": {"ja": "商談", "en": ""}}; "" leaves the product's word."""
    global _given
    _given = {key: Words(words.get("en", ""), words.get("ja", "")) for key, words in names.items()}


class Name(Words):
    """The name of a coded value that a company may call otherwise; `key` says whose name it is.

    `en` and `ja` stay the product's own words; `say` says the company's.
    """

    key: str

    @classmethod
    def of(cls, key: str, words: Words) -> Name:
        """The name of what `key` stands for, with the product's own words."""
        made = cls(*words)
        made.key = key
        return made

    def say(self, language: str | None, **params: object) -> str:
        given = _given.get(self.key)
        own = given.say(language) if given is not None else ""
        return own or super().say(language, **params)


def named(table: str, words: dict[str, Words]) -> dict[str, Words]:
    """The words of a table as names that a company may change."""
    return {code: Name.of(f"{table}.{code}", said) for code, said in words.items()}


class Joined(Words):
    """Several phrases said together, each as the company says it: departments in a list, both ends of an arrow."""

    parts: tuple[Words, ...]
    between: Words

    @classmethod
    def of(cls, parts: tuple[Words, ...], between: Words) -> Joined:
        """Join `parts` by what stands between them in each language."""
        made = cls(between.en.join(p.en for p in parts), between.ja.join(p.ja for p in parts))
        made.parts, made.between = parts, between
        return made

    def say(self, language: str | None, **params: object) -> str:
        return self.between.say(language).join(part.say(language) for part in self.parts)
