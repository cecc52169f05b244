"""Changes of targets in words, for the page of changed settings."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dashboards import kpis
from dashboards.models import Target
from dashboards.targets.whom import Whom
from funnel.models import Member
from funnel.stages import DEPARTMENT_WORDS
from funnel.views.settings.telling import NOTHING, Change, Line, Told


def targets_told(changes: Sequence[Change]) -> list[Told]:
    """Whose target of which figure for which time, from what number to what."""
    language = get_language()
    whoms = [Whom.parse(one["new"]["for"]) for one in changes]
    asked = {whom.member_id for whom in whoms if whom.member_id is not None}
    members = dict(Member.objects.filter(pk__in=asked).values_list("pk", "name"))
    known = {kpi.slug: kpi.names for kpi in kpis.ALL}
    said = []
    for one, whom in zip(changes, whoms, strict=True):
        slug = str(one["what"]).removeprefix("target.")
        whose = {
            Target.Whom.COMPANY: _("The company"),
            Target.Whom.DEPARTMENT: DEPARTMENT_WORDS[whom.department].say(language)
            if whom.department
            else "",
            Target.Whom.MEMBER: members.get(whom.member_id or 0, NOTHING),
        }[Target.Whom(whom.kind)]
        words = {"kpi": known[slug].say(language) if slug in known else slug, "whose": whose}
        old, new = one["old"] or {}, one["new"]
        first = next((new[kind] for kind in Target.Kind.values if kind in new), "")
        line = Line(
            _("from %(day)s") % {"day": first.replace("-", "/")},
            old.get("value") or NOTHING,
            new["value"] or NOTHING,
        )
        said.append(Told(_("Target: %(kpi)s, %(whose)s") % words, [line]))
    return said


def sheet_told(changes: Sequence[Change]) -> list[Told]:
    """Which row of the current-state sheet, and its numbers before and after."""
    known = {kpi.slug: kpi for kpi in kpis.ALL}
    said = []
    for one in changes:
        slug = str(one["what"]).removeprefix("sheet.")
        name = known[slug].names.say(get_language()) if slug in known else slug
        old, new = one["old"] or {}, one["new"]
        labels = {"now": _("Now"), "goal": _("In six months"), "due": _("Due date")}
        lines = [
            Line(label, old.get(key) or NOTHING, new.get(key) or NOTHING)
            for key, label in labels.items()
            if old.get(key) != new.get(key)
        ]
        if old.get("note") != new.get("note"):
            lines.append(Line(_("Measure"), NOTHING, _("changed")))
        said.append(Told(_("Current-state sheet: %(kpi)s") % {"kpi": name}, lines))
    return said
