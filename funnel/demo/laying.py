"""The first part of many passes of the story, taken out of it so that it can be laid down at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from funnel.demo.acts import Act
from funnel.models import Member
from funnel.transitions.acting import Actor
from funnel.transitions.lived import VERBS, Lived, lay_lived
from funnel.transitions.people import LeadFields

CALENDAR_NAMES = frozenset("0123456789")


def early(acts: list[Act], until: datetime) -> tuple[list[Act], list[Act]]:
    """Split acts, in order, into the leading simple ones of each ordinary pass before `until`, and the rest."""
    first: list[Act] = []
    rest: list[Act] = []
    begun: set[str] = set()
    for act in acts:
        begins = act.verb == "capture" and act.subject[0] in CALENDAR_NAMES and not act.facts["history"]
        if act.verb in VERBS and act.at < until and (begins or act.subject in begun):
            begun.add(act.subject)
            first.append(act)
        else:
            begun.discard(act.subject)
            rest.append(act)
    return first, rest


def lay_down(
    acts: list[Act], actor: Callable[[str], Actor], member: Callable[[str], Member | None], number: str
) -> None:
    """Write what `early` took; `number` makes a subject the external id of its lead."""
    lay_lived(_lived(act, actor(act.by), member, number) for act in acts)


def _lived(act: Act, by: Actor, member: Callable[[str], Member | None], number: str) -> Lived:
    facts = dict(act.facts)
    if act.verb == "capture":
        facts["fields"] = LeadFields(**facts["fields"], owner=member(facts["owner"]))
    return Lived(f"{number}{act.subject}", act.verb, act.at, by, facts)
