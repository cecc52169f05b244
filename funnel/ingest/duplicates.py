"""Whom a file speaks of that is known already, before anything of it is read in: a count and examples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from funnel import normalise
from funnel.ingest import activities, deals, leads
from funnel.ingest.cells import Setting
from funnel.ingest.decoding import records
from funnel.ingest.matching import Match, Matcher
from funnel.ingest.outcomes import Numbered
from funnel.ingest.read import Opened
from funnel.ingest.rows import LeadRow
from funnel.ingest.storing import typed_rows
from funnel.models import Person

LOOKED_AT = 20_000
"""Rows looked at: more would keep the page waiting. What is beyond is met when the file is read."""
AT_ONCE = 2_000
EXAMPLES = 5
KINDS = ("leads", "deals", "activities")


class Example(NamedTuple):
    """One row that speaks of somebody known: its line, its words, and by what it was recognised."""

    line: int
    who: str
    by: str


class Known(NamedTuple):
    """What was found among `rows` rows: `known` would be updated, `alike` share a phone number with another person.

    `rejected` cannot be read; `whole` is false when the file goes on beyond what was looked at.
    """

    rows: int
    known: int
    alike: int
    rejected: int
    examples: tuple[Example, ...]
    whole: bool


def known(ready: Opened, kind: str, to: Setting) -> Known:
    """Look for the records that the first rows of a file speak of; nothing is written."""
    rows = records(ready.file, ready.source)
    next(rows, None)
    seen = found = alike = rejected = 0
    examples: list[Example] = []
    while seen < LOOKED_AT and (piece := list(islice(rows, AT_ONCE))):
        seen += len(piece)
        typed, bad = typed_rows(kind, piece, ready.layout, to)
        rejected += len(bad)
        for example in _FINDERS[kind](typed):
            found += example.by != "phone"
            alike += example.by == "phone"
            if len(examples) < EXAMPLES:
                examples.append(example)
    return Known(seen, found, alike, rejected, tuple(examples), whole=next(rows, None) is None)


def _leads(typed: Sequence[Numbered]) -> Iterator[Example]:
    rows: list[LeadRow] = [n.row for n in typed]
    matcher = Matcher((r.external_id for r in rows), (r.email_norm for r in rows), rows)
    phones = {n.line: normalise.phone(n.row.phone) for n in typed if n.row.phone}
    called = set(
        Person.objects.filter(phone_norm__in={p for p in phones.values() if p}, merged_into=None).values_list(
            "phone_norm", flat=True
        )
    )
    for numbered in typed:
        row: LeadRow = numbered.row
        match = matcher.find(row.external_id, row.email_norm, row.company_norm, row.name_norm)
        who = " ".join(part for part in (row.company, row.name or row.email or row.external_id) if part)
        if match.lead is not None and not leads.is_next_pass(row, match):
            yield Example(numbered.line, who, _recognised(row, match, matcher))
        elif match.person_id is None and phones.get(numbered.line) in called:
            yield Example(numbered.line, who, "phone")


def _recognised(row: LeadRow, match: Match, matcher: Matcher) -> str:
    if match.by_id:
        return "external_id"
    return "email" if row.email_norm and row.email_norm in matcher.by_email else "name"


def _deals(typed: Sequence[Numbered]) -> Iterator[Example]:
    for numbered, deal in deals.met(typed):
        yield Example(
            numbered.line, str(deal), "external_id" if numbered.row.external_id else "lead_external_id"
        )


def _activities(typed: Sequence[Numbered]) -> Iterator[Example]:
    for numbered in activities.met(typed):
        yield Example(numbered.line, numbered.row.external_id, "external_id")


_FINDERS: dict[str, Any] = {"leads": _leads, "deals": _deals, "activities": _activities}
