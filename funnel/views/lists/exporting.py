"""A list as CSV: in the ledger before it leaves, as UTF-8 for today's spreadsheets or cp932 for yesterday's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from funnel import moment, spreadsheet
from funnel.stages import EventKind
from funnel.transitions.acting import Actor
from funnel.transitions.ledger import record
from funnel.views.access import PageRequest
from funnel.views.lists.asking import REPLACED, ListFilter


def send(
    request: PageRequest, what: str, asked: ListFilter, rows: QuerySet[Any], cells: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """Answer with the rows as a file, and record that `what` was taken out, how much of it, and narrowed by what.

    The file is sent while it is read, in bounded memory. With `encoding=cp932` what that encoding lacks is replaced;
    how much it was is said above the next list.
    """
    encoding = "cp932" if request.POST.get("encoding") == "cp932" else "utf-8"
    facts: dict[str, Any] = {"what": what, "rows": rows.order_by().count(), "filters": asked.used}
    if encoding == "cp932":
        facts["encoding"] = encoding
    with transaction.atomic():
        now = moment.now()
        record(EventKind.DATA_EXPORTED, Actor.of(request.user, "html", now=now), now=now, data=facts)
    pieces: Iterable[bytes | str]
    if encoding == "cp932":
        pieces = spreadsheet.cp932(cells, lambda replaced: _leave_word(request, replaced))
    else:
        pieces = spreadsheet.lines(cells)
    charset = "Shift_JIS" if encoding == "cp932" else "utf-8"
    response = StreamingHttpResponse(pieces, content_type=f"text/csv; charset={charset}")
    at = now.astimezone(request.organization.tz)
    response["Content-Disposition"] = f'attachment; filename="{what}-{at:%Y%m%d-%H%M}.csv"'
    return response


def _leave_word(request: PageRequest, replaced: int) -> None:
    """Leave in the session what the next list says: by now the answer's head has long been sent."""
    key = request.session.session_key
    # What the session came to hold while the file was sent stays; whoever signed out meanwhile is told nothing.
    session = type(request.session)(key)
    if replaced and key and session.exists(key):
        session[REPLACED] = replaced
        session.save()
