"""Refusals: each has a stable code and a sentence in both languages that says what to do."""

from __future__ import annotations

from funnel.errors.doing import DOING
from funnel.errors.entering import ENTERING
from funnel.errors.keeping import KEEPING
from funnel.errors.undoing import UNDOING
from funnel.words import Words

__all__ = ["SENTENCES", "BadValue", "MoveRefused", "NotYours", "Refused"]

SENTENCES: dict[str, Words] = {**DOING, **ENTERING, **KEEPING, **UNDOING}


class Refused(Exception):
    """An act the rules do not allow. Nothing was written.

    `code` is stable and part of the API; `field` names the input to change, if one can be named.
    """

    status = 409

    def __init__(self, code: str, *, field: str | None = None, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.params = params

    def say(self, language: str | None) -> str:
        """The sentence in `language`; parameters that are Words are said in it too."""
        filled = {k: v.say(language) if isinstance(v, Words) else v for k, v in self.params.items()}
        return SENTENCES[self.code].say(language, **{"field": self.field or "", **filled})


class MoveRefused(Refused):
    """It cannot be: the record is not where this act starts from."""


class NotYours(Refused):
    """You may not: the act belongs to another department or role."""

    status = 403


class BadValue(Refused):
    """An input that cannot be used as it stands."""

    status = 422
