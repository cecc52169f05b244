"""What a board is set beside: read from its address, and the pills that choose it."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils.translation import get_language, pgettext

from dashboards import beside
from dashboards.beside import Earlier
from dashboards.kpis import Frame
from dashboards.scope import ScopeError
from funnel.calendar import BusinessCalendar
from funnel.views.access import PageRequest
from funnel.views.pills import Pill


class Beside(NamedTuple):
    """The figures the board is set beside (None: none), their name, the pills, and why the address names none."""

    then: Earlier | None
    words: str
    pills: list[Pill]
    refusal: str

    def of(self, stage: str) -> dict[str, Any]:
        """What a stage of the pipe shows instead of its pace and target."""
        if self.then is None:
            return {}
        count, rate = self.then.counts[stage], self.then.rates.get(stage)
        return {"beside": self.words, "then": count, "then_rate": rate, "has_target": False, "goal": ""}


def asked(request: PageRequest, at: Frame, numbers: dict[str, Any], calendar: BusinessCalendar) -> Beside:
    """Read what the address sets the board beside; `numbers` then hold its bars as shares of that."""
    kind = request.GET.get("beside", "").strip()
    known = kind if kind in beside.KINDS else ""
    refusal = ""
    if kind not in ("", "none", *beside.KINDS):
        choices = ", ".join(("none", *beside.KINDS))
        refusal = ScopeError("bad_choice", field="beside", value=kind[:40], choices=choices).say(
            get_language()
        )
    then = beside.read(known, at, calendar) if known else None
    if then is not None:
        numbers |= beside.drawn(then, numbers)
    words = beside.KINDS[known].say(get_language()) if known else ""
    return Beside(then, words, _pills(request, known), refusal)


def _pills(request: PageRequest, chosen: str) -> list[Pill]:
    kept = request.GET.copy()
    kept.pop("beside", None)
    found = [Pill(f"?{kept.urlencode()}", pgettext("beside", "none"), not chosen)]
    for kind, words in beside.KINDS.items():
        kept["beside"] = kind
        found.append(Pill(f"?{kept.urlencode()}", words.say(get_language()), kind == chosen))
    return found
