"""Claims in words: what `dashboards.claims` chose, said in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from dashboards import wording
from dashboards.claims import Claim
from dashboards.voices import Said
from funnel.stages import STAGE_WORDS
from handoffs.lanes import LANES, Boundary

EDGE_NAMES: Mapping[str, str] = {"mql-rate": "mql", "sql-rate": "sql", "win-rate-plan": "won"}


def edge_name(slug: str) -> str:
    """What a candidate for the bottleneck is called: a rate, the leads that come in, the churn."""
    if slug in EDGE_NAMES:
        return _(wording.RATE_NAMES[EDGE_NAMES[slug]])
    return STAGE_WORDS["lead"].say(get_language()) if slug == "leads" else _("Churn a month")


def said(found: Claim) -> str:
    """The claim as one short sentence without a full stop, as a title is."""
    return _SENTENCES[found.code](found.params)


def _landing_short(p: Mapping[str, Any]) -> str:
    return _("Landing at %(amount)s, %(percent)s%% of the target") % _landing(p)


def _landing_met(p: Mapping[str, Any]) -> str:
    return _("On course: landing at %(amount)s, %(percent)s%% of the target") % _landing(p)


def _landing(p: Mapping[str, Any]) -> dict[str, Any]:
    return {"amount": wording.yen(p["landing"]), "percent": p["percent"]}


def _falling(p: Mapping[str, Any]) -> str:
    return _("%(rate)s has fallen %(weeks)s weeks in a row") % {
        "rate": edge_name(p["edge"]),
        "weeks": p["weeks"],
    }


def _short_of(p: Mapping[str, Any]) -> str:
    return pgettext("claim", "%(rate)s is what costs most") % {"rate": edge_name(p["edge"])}


def _tie(p: Mapping[str, Any]) -> str:
    names = _(" and ").join(edge_name(edge) for edge in p["edges"])
    return _("%(rates)s cost alike") % {"rates": names}


def _lane_missed(p: Mapping[str, Any]) -> str:
    return _("%(owed)s: %(missed)s of %(n)s missed in 7 days") % {
        "owed": LANES[Boundary(p["boundary"])].owed.say(get_language()),
        "missed": p["missed"],
        "n": p["n"],
    }


def _furthest_behind(p: Mapping[str, Any]) -> str:
    name = STAGE_WORDS[p["stage"]].say(get_language())
    return _("%(stage)s at %(percent)s%% of today's pace") % {"stage": name, "percent": p["percent"]}


def _lost_for(p: Mapping[str, Any]) -> str:
    reason = Said(*p["reason"]).say(get_language())
    return _("Most deals were lost for “%(reason)s” (%(n)s)") % {"reason": reason, "n": p["n"]}


def _won(p: Mapping[str, Any]) -> str:
    return _("Won: %(n)s (%(change)s on the period before)") % {
        "n": p["n"],
        "change": wording.signed(p["change"]),
    }


_SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "won": _won,
    "landing_short": _landing_short,
    "landing_met": _landing_met,
    "falling": _falling,
    "short_of": _short_of,
    "tie": _tie,
    "bottleneck_few": lambda p: _("Too few yet to name a bottleneck"),
    "bottleneck_none": lambda p: _("Every step meets its target"),
    "bottleneck_spread": lambda p: _("Behind, but no single step is the cause"),
    "bottleneck_no_data": lambda p: _("Nothing has been counted yet"),
    "bottleneck_no_targets": lambda p: _("Set targets to see the bottleneck"),
    "nothing_due": lambda p: _("Nothing fell due in the last 7 days"),
    "all_kept": lambda p: ngettext("The one promise of the last 7 days was kept", "All %(n)s promises of the last 7 days were kept", p["n"]) % p,  # noqa: E501
    "lane_missed": _lane_missed,
    "all_on_pace": lambda p: _("Every department is on pace"),
    "no_targets": lambda p: _("Set targets to see who is behind"),
    "furthest_behind": _furthest_behind,
    "lost_for": _lost_for,
    "nps": lambda p: _("NPS %(nps)s from %(n)s answers") % {"nps": wording.points(p["nps"]), "n": p["n"]},
    "nothing_said": lambda p: _("No answers and no lost deals in this period"),
    "yesterday": lambda p: _("Yesterday: %(lead)s leads, %(mql)s MQL, %(sql)s SQL, %(won)s won") % p,
    "overdue": lambda p: ngettext("%(n)s promise is overdue", "%(n)s promises are overdue", p["n"]) % p,
    "nothing_overdue": lambda p: _("Nothing is overdue"),
    "effects": lambda p: _("What was decided, and whether it helped"),
    "cases": lambda p: _("What we learnt from deals and customers"),
    "next": lambda p: _("What we aim at in the month that begins"),
    "kpis": lambda p: _("Does each KPI still serve the business?"),
    "wrap_up": lambda p: _("What we do until next time"),
}  # fmt: skip
