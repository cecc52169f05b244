"""THE ONLY WRITER of terms: what was agreed for a lane, version after version, for new promises only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from funnel.calendar import BusinessCalendar
from funnel.company.changing import demand_administrator
from funnel.errors import BadValue, MoveRefused
from funnel.stages import BANT_FIELDS
from funnel.transitions.acting import Actor
from funnel.transitions.ledger import setting_changed
from funnel.transitions.people import serialise
from handoffs import clock
from handoffs.clock import Unit
from handoffs.lanes import LANES, Boundary
from handoffs.models import LaneTerms

# Longer than a quarter of a year nobody waits for what is handed over; a slip of the finger is refused.
LONGEST: dict[str, int] = {Unit.ELAPSED_HOURS: 2160, Unit.WORKDAY_HOURS: 2160, Unit.BUSINESS_DAYS: 66}
MOST_WARNINGS = 5
FULL = Decimal(100)
LARGEST_WEIGHT = 100
MOST_ITEMS = 40
LONGEST_LABEL = 80
LONGEST_KEY = 30
# Names that forms and API bodies of this act use already.
TAKEN = frozenset({"once", "slot", "meeting_at", "below_threshold_reason", "bant", "sheet", "stamp", "item"})


def current() -> dict[str, LaneTerms]:
    """The terms in force now, by boundary."""
    rows = LaneTerms.objects.order_by("boundary", "-version").distinct("boundary").select_related("by")
    return {terms.boundary: terms for terms in rows}


def history() -> dict[str, list[LaneTerms]]:
    """Every version that was ever agreed, the newest first, by boundary."""
    found: dict[str, list[LaneTerms]] = {b.value: [] for b in LANES}
    for terms in LaneTerms.objects.order_by("boundary", "-version").select_related("by"):
        found[terms.boundary].append(terms)
    return found


def due_from(now: datetime, target: int, unit: str, calendar: BusinessCalendar) -> datetime:
    """When a promise opened now would be due under these terms. Raises BadValue for terms that cannot be."""
    check_time(target, unit)
    return clock.due(now, target, Unit(unit), calendar)


def check_time(target: int | None, unit: str) -> None:
    """Raise BadValue unless there is a time allowed, within reason."""
    if unit not in LONGEST:
        raise BadValue("bad_choice", field="unit", value=unit, choices=", ".join(LONGEST))
    if target is None or not 1 <= target <= LONGEST[unit]:
        raise BadValue("target_range", field="target", most=LONGEST[unit])


@transaction.atomic
def agree(
    boundary: str,
    by: Actor,
    *,
    now: datetime,
    version: int | None = None,
    target: int | None = None,
    unit: str = "",
    threshold: Decimal | None = None,
    warn_at_percent: Iterable[int] = (),
) -> LaneTerms:
    """Agree anew on the time allowed and the warnings of a lane, or on the threshold of a gate.

    `version` is the one the person saw; None does not ask. What is agreed already stays one version.
    Raises NotYours, BadValue("target_range", "warning_range", "threshold_range"), MoveRefused("setting_conflict").
    """
    latest = _latest(boundary, by, version)
    if LANES[Boundary(boundary)].unit is None:
        if threshold is None or not 0 <= threshold <= FULL:
            raise BadValue("threshold_range", field="threshold")
        new: dict[str, Any] = {"threshold": threshold.quantize(Decimal("0.01"))}
    else:
        check_time(target, unit)
        new = {"target": target, "unit": str(unit), "warn_at_percent": _steps(warn_at_percent)}
    return _write(latest, by, now=now, new=new)


@transaction.atomic
def agree_items(
    items: Sequence[Mapping[str, Any]], by: Actor, *, now: datetime, version: int | None = None
) -> LaneTerms:
    """Agree anew on the items of the customer sheet, in this order; one without a `key` is new.

    Sheets that were handed over keep the items they were judged by. Raises as `agree`, and
    BadValue("items_none", "items_many", "label_required", "weight_range", "item_unknown", "item_twice").
    """
    latest = _latest(Boundary.SQL, by, version)
    known = {i["key"] for terms in LaneTerms.objects.filter(boundary=Boundary.SQL) for i in terms.items}
    if not items:
        raise BadValue("items_none")
    if len(items) > MOST_ITEMS:
        raise BadValue("items_many", most=MOST_ITEMS)
    agreed: list[dict[str, Any]] = []
    for item in items:
        agreed.append(_item(item, known))
        known.add(agreed[-1]["key"])
    keys = [item["key"] for item in agreed]
    if len(set(keys)) != len(keys):
        raise BadValue("item_twice")
    return _write(latest, by, now=now, new={"items": agreed})


def _latest(boundary: str, by: Actor, version: int | None) -> LaneTerms:
    demand_administrator(by)
    serialise(f"terms:{boundary}")
    latest = LaneTerms.objects.filter(boundary=boundary).select_related("by").latest("version")
    if version is not None and latest.version != version:
        raise MoveRefused("setting_conflict", who=latest.by.name if latest.by else "–")
    return latest


def _write(latest: LaneTerms, by: Actor, *, now: datetime, new: dict[str, Any]) -> LaneTerms:
    if all(getattr(latest, part) == value for part, value in new.items()):
        return latest
    kept = {
        part: getattr(latest, part) for part in ("target", "unit", "threshold", "warn_at_percent", "items")
    }
    made = LaneTerms.objects.create(
        boundary=latest.boundary, version=latest.version + 1, by=by.member, **{**kept, **new}
    )
    setting_changed(
        by, now=now, what=f"terms.{latest.boundary}", old=_said(latest, new), new=_said(made, new)
    )
    return made


def _said(terms: LaneTerms, parts: Iterable[str]) -> dict[str, Any]:
    """Numbers and codes for the ledger: what an item is called stays in the terms."""
    said: dict[str, Any] = {"version": terms.version}
    for part in parts:
        value = getattr(terms, part)
        if part == "items":
            value = [[i["key"], i.get("weight", 1), i.get("required", True)] for i in value]
        said[part] = str(value) if isinstance(value, Decimal) else value
    return said


def _steps(percents: Iterable[int]) -> list[int]:
    steps = sorted(set(percents))
    if len(steps) > MOST_WARNINGS or any(not 0 < step < FULL for step in steps):
        raise BadValue("warning_range", field="warn_at_percent", most=MOST_WARNINGS)
    return steps


def _item(given: Mapping[str, Any], known: set[str]) -> dict[str, Any]:
    ja, en = str(given.get("label_ja") or "").strip(), str(given.get("label_en") or "").strip()
    if not (ja or en) or max(len(ja), len(en)) > LONGEST_LABEL:
        raise BadValue("label_required", field="label_ja", most=LONGEST_LABEL)
    weight = given.get("weight")
    if not isinstance(weight, int) or not 1 <= weight <= LARGEST_WEIGHT:
        raise BadValue("weight_range", field="weight", most=LARGEST_WEIGHT)
    key = given.get("key") or ""
    if key and key not in known:
        raise BadValue("item_unknown", field="key")
    return {
        "key": key or _new_key(en, known),
        "label_en": en or ja,
        "label_ja": ja or en,
        "weight": weight,
        "required": bool(given.get("required")),
    }


def _new_key(label: str, known: set[str]) -> str:
    bare = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:LONGEST_KEY] or "item"
    key, count = bare, 1
    while key in known or key in TAKEN or key in BANT_FIELDS:
        count += 1
        key = f"{bare}_{count}"
    return key
