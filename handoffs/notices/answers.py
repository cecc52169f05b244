"""What came of carrying one letter or post."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple


class Answer(NamedTuple):
    """Whether it arrived; else a short code without personal text, and what it tells of.

    `is_recipients`: this recipient cannot be reached, others can. `is_outlets`: nothing can be sent now, and it
    says nothing of the letter. Neither: the letter was refused, which is the letter's fault or the outlet's.
    `wait` is how long the outlet asked to be left alone.
    """

    ok: bool
    failure: str = ""
    is_recipients: bool = False
    is_outlets: bool = False
    wait: timedelta | None = None
