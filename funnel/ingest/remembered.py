"""How the columns of such a file were read the last time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from funnel.ingest.columns import FIELDS, fold
from funnel.models import ImportMapping, Member


def digest(header: Sequence[str]) -> str:
    """What files with the same headings share, whatever their width, case and spaces."""
    return hashlib.sha256("\x1f".join(fold(heading) for heading in header).encode()).hexdigest()


def recall(kind: str, header: Sequence[str]) -> ImportMapping | None:
    """The reading of the last file of this kind with this header, if there was one."""
    return ImportMapping.objects.select_related("by").filter(kind=kind, header_sha256=digest(header)).first()


def places(mapping: ImportMapping, width: int) -> dict[int, str]:
    """Place → field, of what still is a field and a place."""
    known = FIELDS[mapping.kind]
    return {at: field for field, at in mapping.columns.items() if field in known and 0 <= at < width}


def remember(
    kind: str, header: Sequence[str], columns: Mapping[str, int], *, by: Member | None, now: datetime
) -> None:
    """Keep field → place for the next file with this header."""
    ImportMapping.objects.update_or_create(
        kind=kind,
        header_sha256=digest(header),
        defaults={"columns": dict(columns), "by": by, "used_at": now},
    )
