"""Reasons on offer: added, renamed, put in order, retired; one that was given once is never deleted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from funnel.company import wordings
from funnel.company.changing import changed, demand_administrator, demand_unchanged
from funnel.errors import BadValue
from funnel.models import Reason
from funnel.transitions.acting import Actor
from funnel.transitions.people import serialise

LONGEST_LABEL = 80
LONGEST_CODE = 30
MOST = 40


def seen(act: str) -> list[Any]:
    """What a page shows of the reasons for an act, for the stamp."""
    fields = ("id", "label_ja", "label_en", "position", "is_active")
    return [list(row) for row in Reason.objects.filter(act=act).order_by("id").values_list(*fields)]


@transaction.atomic
def change(
    act: str, rows: Sequence[Mapping[str, Any]], by: Actor, *, now: datetime, stamp: str | None = None
) -> None:
    """Take over a whole table of reasons for an act: `id` (none: new), label_ja, label_en, position, is_active.

    What is not in the table stays as it is. The codes of reasons stay for ever.
    Raises NotYours, BadValue("label_required", "reasons_none", "reasons_many"), MoveRefused("setting_conflict").
    """
    demand_administrator(by)
    serialise(f"reasons:{act}")
    demand_unchanged(stamp, seen(act), f"reason.{act}")
    known = {r.pk: r for r in Reason.objects.select_for_update().filter(act=act)}
    for row in rows:
        labels = _labels(row)
        reason = known.get(row.get("id") or 0)
        if reason is None:
            reason = Reason(act=act, code=_code(labels[1], {r.code for r in known.values()}))
        if reason.pk is None or _differs(reason, labels, row):
            _save(reason, labels, row, by, now)
            known[reason.pk] = reason
    if not any(r.is_active for r in known.values()):
        raise BadValue("reasons_none")
    if len(known) > MOST:
        raise BadValue("reasons_many", most=MOST)


def _save(reason: Reason, labels: tuple[str, str], row: Mapping[str, Any], by: Actor, now: datetime) -> None:
    is_new = reason.pk is None
    renamed = is_new or (reason.label_ja, reason.label_en) != labels
    old = None if is_new else {"position": reason.position, "is_active": reason.is_active}
    reason.label_ja, reason.label_en = labels
    reason.position, reason.is_active = row["position"], bool(row["is_active"])
    reason.save()
    new: dict[str, Any] = {"position": reason.position, "is_active": reason.is_active}
    if renamed:
        new["version"] = wordings.follow(f"reason.{reason.pk}", by, ja=labels[0], en=labels[1]).version
    changed(by, now=now, what=f"reason.{reason.act}.{reason.code}", old=old, new=new)


def _differs(reason: Reason, labels: tuple[str, str], row: Mapping[str, Any]) -> bool:
    return (reason.label_ja, reason.label_en, reason.position, reason.is_active) != (
        *labels, row["position"], bool(row["is_active"]),
    )  # fmt: skip


def _labels(row: Mapping[str, Any]) -> tuple[str, str]:
    ja, en = str(row.get("label_ja") or "").strip(), str(row.get("label_en") or "").strip()
    if not (ja or en) or max(len(ja), len(en)) > LONGEST_LABEL:
        raise BadValue("label_required", field="label_ja", most=LONGEST_LABEL)
    return ja or en, en or ja


def _code(label: str, known: set[str]) -> str:
    bare = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:LONGEST_CODE] or "reason"
    code, count = bare, 1
    while code in known:
        count += 1
        code = f"{bare}_{count}"
    return code
