"""An improvement in words: how it stands, and what its number did."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import formats
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from dashboards import wording
from dashboards.effects import Effect, State
from dashboards.kpis import Unit, Value
from dashboards.models import Improvement


def standing(found: Improvement, today: date) -> dict[str, Any]:
    """How it stands, as the list of decisions shows it: `when` in words, `tone`, `is_done`."""
    if found.dropped_at is not None:
        return {"when": _("dropped"), "tone": "", "is_done": False, "is_late": False}
    if found.done_on is not None:
        return {"when": day(found.done_on), "tone": "", "is_done": True, "is_late": False}
    late = (today - found.due_on).days
    if late > 0:
        words = ngettext("%(n)s day late", "%(n)s days late", late) % {"n": late}
        return {"when": words, "tone": "bad", "is_done": False, "is_late": True}
    return {"when": day(found.due_on), "tone": "", "is_done": False, "is_late": False}


def item(found: Improvement, today: date) -> dict[str, Any]:
    """One line in a list of decisions (`components/decisions.html`)."""
    return {
        "text": found.text,
        "owner": found.owner.name,
        "department": "",
        "pk": found.pk,
        **standing(found, today),
    }


def day(when: date) -> str:
    """11/27, Fri 27 Nov"""
    return f"{when.month}/{when.day}" if get_language() == "ja" else formats.date_format(when, "D j M")


def shown(value: Value, effect: Effect) -> str:
    """One side of an effect in the KPI's unit, with k/n of a rate."""
    if value.value is None or effect.kpi is None:
        return wording.NOTHING
    if effect.kpi.unit is Unit.RATE:
        return f"{wording.share(value.value)} ({value.numerator}/{value.denominator})"
    return wording.worded(value, {Unit.COUNT: "count", Unit.MONEY: "money"}.get(effect.kpi.unit, "points"))


def effect_said(effect: Effect) -> str:
    """What happened, in one sentence; that something followed is not yet that it was caused."""
    match effect.state:
        case State.NO_KPI:
            return _("No number was named, so nothing is measured.")
        case State.NOT_BY_PERIOD:
            return _("This number is that of the moment; it has no before.")
        case State.TOO_EARLY:
            assert effect.until is not None
            return _("Too early: it can be said from %(day)s.") % {"day": day(effect.until)}
        case State.REDEFINED:
            assert effect.kpi is not None
            return _("The number was defined anew on %(day)s, between before and after: not comparable.") % {
                "day": day(effect.kpi.changed_on)
            }
        case State.TOO_FEW:
            return _("Not enough data: %(before)s before, %(after)s after.") % _sides(effect)
    return _measured(effect)


def _sides(effect: Effect) -> dict[str, str]:
    assert effect.before is not None
    assert effect.after is not None
    return {"before": shown(effect.before, effect), "after": shown(effect.after, effect)}


def _measured(effect: Effect) -> str:
    said = _("%(before)s before, %(after)s after") % _sides(effect)
    if effect.low is None or effect.high is None or effect.change is None:
        return said + _(", the %(weeks)s weeks on either side.") % {"weeks": effect.weeks}
    bounds = _("%(change)s, 95%% interval %(low)s to %(high)s") % {
        "change": wording.moved(effect.change * 100),
        "low": wording.moved(effect.low * 100),
        "high": wording.moved(effect.high * 100),
    }
    sure = _("more than chance explains") if effect.is_sure else _("chance can explain it")
    return _("%(said)s: %(bounds)s (%(sure)s).") % {"said": said, "bounds": bounds, "sure": sure}
