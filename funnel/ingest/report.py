"""What to tell the person who sent a file, besides the totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from funnel.ingest.columns import Layout
from funnel.ingest.outcomes import Outcome
from funnel.ingest.sources import Sources

MOST_REPORTED = 200


def reported(
    report: dict[str, Any], outcomes: Iterable[Outcome], columns: Layout, sources: Sources
) -> dict[str, Any]:
    """The report of a batch after more of its rows: its header, columns not read, flagged lines, new names."""
    flagged: dict[str, list[int]] = report.get("flags", {})
    counts = Counter(report.get("flag_counts", {}))
    for outcome in outcomes:
        for flag in outcome.flags:
            counts[flag] += 1
            lines = flagged.setdefault(flag, [])
            if len(lines) < MOST_REPORTED:
                lines.append(outcome.line)
    return {
        "header": list(columns.header),
        "ignored": list(columns.ignored),
        "flags": flagged,
        "flag_counts": dict(counts),
        "new_channels": _joined(report.get("new_channels", []), sources.new_channels),
        "new_campaigns": _joined(report.get("new_campaigns", []), sources.new_campaigns),
        "new_members": _joined(report.get("new_members", []), sources.new_members),
    }


def _joined(known: list[str], more: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*known, *more]))[:MOST_REPORTED]
