"""What the company calls its stages, departments and the like: version after version, both languages."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from funnel.company.changing import changed, demand_administrator
from funnel.errors import BadValue, MoveRefused
from funnel.models import Organization, Wording
from funnel.stages import NAMED
from funnel.transitions.acting import Actor
from funnel.transitions.people import serialise

LONGEST = 40


def follow(what: str, by: Actor, *, ja: str, en: str) -> Wording:
    """Write down the next version of a name, in the caller's transaction, which holds what is named."""
    latest = Wording.objects.filter(what=what).aggregate(n=Max("version"))["n"] or 0
    return Wording.objects.create(what=what, version=latest + 1, ja=ja, en=en, by=by.member)


def history(prefix: str) -> list[Wording]:
    """Every version of the names that begin so, the newest first."""
    return list(Wording.objects.filter(what__startswith=prefix).select_related("by").order_by("-id")[:200])


def version(what: str) -> int:
    """How many names something has had."""
    return Wording.objects.filter(what=what).aggregate(n=Max("version"))["n"] or 0


def versions(prefix: str) -> dict[str, int]:
    """How many names each thing whose key begins so has had."""
    rows = Wording.objects.filter(what__startswith=prefix).values_list("what").annotate(n=Max("version"))
    return dict(rows.order_by())


@transaction.atomic
def call(
    table: str, code: str, by: Actor, *, now: datetime, ja: str, en: str, version: int | None = None
) -> Organization:
    """Call a coded thing otherwise on every page, board, mail and file; blank is the product's own word.

    Codes, and with them the API, stay. `version` is the one the person saw (0: never renamed).
    Raises NotYours, BadValue("bad_choice", "label_required"), MoveRefused("setting_conflict").
    """
    demand_administrator(by)
    if code not in NAMED.get(table, {}) or not code:
        raise BadValue("bad_choice", field="code", value=f"{table}.{code}", choices=", ".join(NAMED))
    if max(len(ja), len(en)) > LONGEST:
        raise BadValue("label_required", field="ja", most=LONGEST)
    what = f"{table}.{code}"
    serialise(f"wording:{what}")
    organization = Organization.objects.select_for_update().get(pk=1)
    latest = Wording.objects.filter(what=what).select_related("by").order_by("-version").first()
    if version is not None and version != (latest.version if latest else 0):
        raise MoveRefused("setting_conflict", who=latest.by.name if latest and latest.by else "–")
    before = organization.names.get(what, {"ja": "", "en": ""})
    if before == {"ja": ja, "en": en}:
        return organization
    written = follow(what, by, ja=ja, en=en)
    organization.names = {k: v for k, v in organization.names.items() if k != what}
    if ja or en:
        organization.names[what] = {"ja": ja, "en": en}
    organization.save(update_fields=["names"])
    old = latest.version if latest else 0
    changed(by, now=now, what=what, old={"version": old}, new={"version": written.version})
    return organization
