"""Channels and campaigns: added, renamed, retired; what came through them stays."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from funnel.company import wordings
from funnel.company.changing import changed, demand_administrator, demand_unchanged, differences, refusing
from funnel.errors import BadValue
from funnel.models import Campaign, Channel
from funnel.transitions.acting import Actor

LONGEST = {Channel: 100, Campaign: 200}


def seen(source: Channel | Campaign) -> list[object]:
    """What a page shows of one, for the stamp."""
    return [source.pk, source.name, source.is_active, getattr(source, "is_web", None)]


@transaction.atomic
def add_channel(by: Actor, *, now: datetime, name: str, slug: str, is_web: bool) -> Channel:
    """Make a channel known. `slug` is what files and the API call it. Raises NotYours, MoveRefused("slug_taken")."""
    demand_administrator(by)
    with refusing(funnel_channel_slug_key="slug_taken"):
        made = Channel.objects.create(slug=slug or name, name=name, is_web=is_web)
    wordings.follow(f"channel.{made.pk}", by, ja=name, en=name)
    changed(by, now=now, what=f"channel.{made.pk}", old=None, new={"is_active": True, "is_web": is_web})
    return made


@transaction.atomic
def edit(
    kind: type[Channel] | type[Campaign],
    pk: int,
    by: Actor,
    *,
    now: datetime,
    name: str,
    is_active: bool,
    is_web: bool | None = None,
    stamp: str | None = None,
) -> None:
    """Rename, retire or take up again. Files and the API go on naming it by its slug.

    Raises NotYours, MoveRefused("setting_conflict"), BadValue("label_required"), DoesNotExist.
    """
    demand_administrator(by)
    source: Channel | Campaign = kind.objects.select_for_update(of=("self",)).get(pk=pk)
    what = f"{kind._meta.model_name}.{pk}"
    demand_unchanged(stamp, seen(source), what)
    if not name or len(name) > LONGEST[kind]:
        raise BadValue("label_required", field="name", most=LONGEST[kind])
    new = {"is_active": is_active, **({"is_web": is_web} if kind is Channel else {})}
    before, after = differences({part: getattr(source, part) for part in new}, new)
    if source.name != name:
        after["version"] = wordings.follow(what, by, ja=name, en=name).version
        source.name = name
    if after:
        for part, value in new.items():
            setattr(source, part, value)
        source.save()
        changed(by, now=now, what=what, old=before, new=after)
