"""Changes of lanes and of the customer sheet in words, for the page of changed settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from funnel.views.settings.telling import Change, Line, Told, fields, plainly
from funnel.words import Words
from handoffs.lanes import LANES, Boundary
from handoffs.models import LaneTerms
from handoffs.terms_forms import UNITS, GateForm, TermsForm

LABELS = {
    "target": TermsForm.base_fields["target"].label,
    "unit": TermsForm.base_fields["unit"].label,
    "warn_at_percent": TermsForm.base_fields["warnings"].label,
    "threshold": GateForm.base_fields["threshold"].label,
}


def terms_told(changes: Sequence[Change]) -> list[Told]:
    """Which lane was agreed on anew, from what to what; items of the sheet one by one."""
    language = get_language()
    called = _items() if any("items" in (one["new"] or {}) for one in changes) else {}
    said = []
    for one in changes:
        boundary = str(one["what"]).removeprefix("terms.")
        lane = LANES[Boundary(boundary)].words.say(language) if boundary in set(Boundary) else boundary
        old, new = (dict(half or {}) for half in (one["old"], one["new"]))
        before, after = _by_key(old.pop("items", [])), _by_key(new.pop("items", []))
        lines = fields(old, new, lambda name: str(LABELS.get(name, name)), _value)
        lines += [
            Line(
                called[key].say(language) if key in called else key,
                _weighed(before, key),
                _weighed(after, key),
            )
            for key in {**before, **after}
            if before.get(key) != after.get(key)
        ]
        said.append(Told(_("Lane") + f": {lane}", lines))
    return said


def _value(name: str, value: Any) -> str:
    if name == "unit" and value in UNITS:
        return str(UNITS[value])
    if name == "warn_at_percent":
        return ", ".join(f"{step}%" for step in value or []) or "–"
    if name == "threshold" and value is not None:
        return f"{str(value).rstrip('0').rstrip('.')}%" if "." in str(value) else f"{value}%"
    return plainly(value)


def _items() -> dict[str, Words]:
    # The latest version that names an item says what it is called; one that was dropped keeps its last name.
    return {
        item["key"]: Words(item["label_en"], item["label_ja"])
        for terms in LaneTerms.objects.filter(boundary=Boundary.SQL).order_by("version")
        for item in terms.items
    }


def _by_key(items: Sequence[Sequence[Any]]) -> dict[str, tuple[Any, bool]]:
    return {str(key): (weight, bool(required)) for key, weight, required in items}


def _weighed(items: Mapping[str, tuple[Any, bool]], key: str) -> str:
    if key not in items:
        return "–"
    weight, required = items[key]
    words = {"need": _("required") if required else _("optional"), "n": weight}
    return _("%(need)s, weight %(n)s") % words
