"""The column beside the queue: what waits for this member's answer, in bundles, and what came back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import get_language

from funnel.models import Reason
from funnel.views.access import PageRequest
from handoffs import desk
from handoffs.desk.promised import returned, waiting
from handoffs.models import Handoff
from handoffs.views.clocks import SHORT

SHOWN = 2
COLUMNS = (
    "pk", "boundary", "from_department", "to_department", "sender_id", "sender_name", "opened_at", "company",
    "person", "campaign", "channel", "customer_company",
)  # fmt: skip


@dataclass
class Bundle:
    """Handoffs of one sender over one boundary, the oldest first."""

    boundary: str
    from_department: str
    to_department: str
    sender: str
    since: datetime
    title: str
    ids: list[int] = field(default_factory=list)
    titles: set[str] = field(default_factory=set)
    once: str = field(default_factory=lambda: str(uuid.uuid4()))


def inbox_of(request: PageRequest, wanted: desk.Desk) -> dict[str, Any]:
    """Up to two bundles to accept and up to two handoffs that came back; three statements."""
    mine = desk.Desk(wanted.departments)
    bundles = _bundles(mine)
    # Apart: with the joins of what is shown, every round there ever was would be read for the latest three.
    latest = list(returned(mine).order_by("-decided_at", "-pk").values_list("pk", flat=True)[: SHOWN + 1])
    shown = Handoff.objects.select_related("lead__account", "lead__person", "decided_by").in_bulk(latest)
    back = [shown[pk] for pk in latest if pk in shown]
    labels = {}
    if back:
        found = Reason.objects.filter(act="return")
        labels = {reason.code: reason.label(get_language()) for reason in found}
    return {
        "bundles": bundles[:SHOWN],
        "more_bundles": len(bundles) > SHOWN,
        "returned": [(handoff, labels.get(handoff.return_reason, "")) for handoff in back[:SHOWN]],
        "more_returned": len(back) > SHOWN,
    }


def _bundles(mine: desk.Desk) -> list[Bundle]:
    rows = (
        waiting(mine).order_by("opened_at")
        .annotate(
            sender_name=F("sender__name"), company=F("lead__account__name"), person=F("lead__person__name"),
            campaign=F("lead__campaign__name"), channel=F("lead__channel__name"),
            customer_company=F("customer__account__name"),
        )
        .values(*COLUMNS)[: desk.COUNT_TO]
    )  # fmt: skip
    found: dict[tuple[str, int | None], Bundle] = {}
    for row in rows:
        bundle = found.setdefault(
            (row["boundary"], row["sender_id"]),
            Bundle(
                row["boundary"], row["from_department"], row["to_department"], row["sender_name"] or "",
                row["opened_at"], row["company"] or row["customer_company"] or row["person"] or "",
            ),
        )  # fmt: skip
        bundle.ids.append(row["pk"])
        bundle.titles.add(row["campaign"] or row["channel"] or "")
    for bundle in found.values():
        if len(bundle.ids) > 1:
            source = bundle.titles.pop() if len(bundle.titles) == 1 else ""
            bundle.title = source or SHORT[bundle.boundary].say(get_language())
    return list(found.values())
