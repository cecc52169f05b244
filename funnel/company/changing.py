"""What every change of settings has in common: who may, whether it is still as it was seen, what the ledger says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction

from funnel.errors import MoveRefused, NotYours
from funnel.models import Event
from funnel.stages import EventKind
from funnel.transitions.acting import Actor
from funnel.transitions.ledger import setting_changed

STAMP_LENGTH = 16


def demand_administrator(by: Actor) -> None:
    """Raise NotYours unless `by` configures, or the product itself does."""
    if by.member is not None and not by.is_administrator:
        raise NotYours("administrators_only")


def stamp(values: object) -> str:
    """A short print of what somebody is shown, to tell later whether it is still so."""
    text = json.dumps(values, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:STAMP_LENGTH]


def demand_unchanged(seen: str | None, values: object, what: str) -> None:
    """Raise MoveRefused, naming who changed it, when what was seen is no longer so. None was not asked."""
    if seen is None or seen == stamp(values):
        return
    last = changes().filter(data__what__startswith=what).select_related("actor").first()
    if last is None:
        raise MoveRefused("setting_conflict", who="–")
    raise MoveRefused("setting_conflict", who=last.actor.name if last.actor else "–")


def changes() -> Any:
    """All changes of settings, the latest first."""
    return Event.objects.filter(kind=EventKind.SETTING_CHANGED).order_by("-id")


def changed(by: Actor, *, now: datetime, what: str, old: Any, new: Any) -> Event:
    """Write a change into the ledger."""
    return setting_changed(by, now=now, what=what, old=old, new=new)


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parts of both that differ."""
    keys = [key for key in new if old.get(key) != new[key]]
    return {key: old.get(key) for key in keys}, {key: new[key] for key in keys}


@contextmanager
def refusing(**constraints: str) -> Iterator[None]:
    """Turn a refusal of the database into the product's own: constraint name to code of the sentence."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        if name in constraints:
            raise MoveRefused(constraints[name]) from error
        raise
