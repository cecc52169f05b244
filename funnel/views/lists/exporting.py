"""A list as CSV: in the ledger before it leaves, as UTF-8 for today's spreadsheets or cp932 for yesterday's."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse, StreamingHttpResponse
from django.utils.translation import ngettext

from funnel import moment, spreadsheet
from funnel.stages import EventKind
from funnel.transitions.acting import Actor
from funnel.transitions.ledger import record
from funnel.views.access import PageRequest
from funnel.views.lists.asking import ListFilter

KEPT_IN_MEMORY = 8 << 20


def send(
    request: PageRequest, what: str, asked: ListFilter, rows: QuerySet[Any], cells: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """Answer with the rows as a file, and record that `what` was taken out, how much of it, and narrowed by what.

    With `encoding=cp932` what that encoding lacks is replaced; how much it was is in the ledger, in the header
    `X-Replaced-Characters` and in a message on the next page.
    """
    encoding = "cp932" if request.POST.get("encoding") == "cp932" else "utf-8"
    facts: dict[str, Any] = {"what": what, "rows": rows.count(), "filters": asked.used}
    if encoding == "utf-8":
        response = StreamingHttpResponse(spreadsheet.lines(cells))
    else:
        kept = tempfile.SpooledTemporaryFile(max_size=KEPT_IN_MEMORY)  # noqa: SIM115  The answer closes it.
        facts["encoding"], facts["replaced"] = encoding, spreadsheet.write_cp932(cells, kept)
        kept.seek(0)
        response = FileResponse(kept)
        response["X-Replaced-Characters"] = str(facts["replaced"])
        if facts["replaced"]:
            said = ngettext(
                "%(n)d character that Shift_JIS lacks was replaced by 〓 in the file.",
                "%(n)d characters that Shift_JIS lacks were replaced by 〓 in the file.",
                facts["replaced"],
            )
            messages.warning(request, said % {"n": facts["replaced"]})
    with transaction.atomic():
        now = moment.now()
        record(EventKind.DATA_EXPORTED, Actor.of(request.user, "html", now=now), now=now, data=facts)
    response["Content-Type"] = f"text/csv; charset={'Shift_JIS' if encoding == 'cp932' else 'utf-8'}"
    at = now.astimezone(request.organization.tz)
    response["Content-Disposition"] = f'attachment; filename="{what}-{at:%Y%m%d-%H%M}.csv"'
    return response
