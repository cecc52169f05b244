"""A phrase in both languages, for tables that live in pure modules."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """One idea said in English and in Japanese; `{name}` placeholders are filled by `say`."""

    en: str
    ja: str

    def say(self, language: str | None, **params: object) -> str:
        """Return the phrase in `language` ("ja", "ja-jp", "en" …; anything but Japanese is English)."""
        phrase = self.ja if (language or "").lower().startswith("ja") else self.en
        return phrase.format(**params) if params else phrase
