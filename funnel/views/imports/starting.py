"""Starting an import with the columns that were chosen, sending it on, undoing it, or throwing it away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from kombu.exceptions import OperationalError as BrokerDown

from funnel.errors import Refused
from funnel.ingest import remembered, undoing
from funnel.models import ImportBatch
from funnel.tasks import read_import, undo_import
from funnel.views.access import PageRequest, writes
from funnel.views.imports import kept
from funnel.views.imports.choices import FIELD_WORDS, missing
from funnel.views.imports.looking import looked_at
from funnel.views.imports.pages import Status, actor_of, said, show


@require_POST
@writes("import")
def start(request: PageRequest, batch_id: int) -> HttpResponse:
    """Read the file with the columns that were chosen; or show a preview in another encoding or kind."""
    if "again" in request.POST:
        return show(request, get_object_or_404(ImportBatch, pk=batch_id))
    with transaction.atomic():
        batch = get_object_or_404(ImportBatch.objects.select_for_update(of=("self",)), pk=batch_id)
        if batch.status != Status.WAITING:
            # A second press of the button: it runs already.
            return redirect("import", batch.pk)
        refusals = _settle(request, batch, request.POST)
        if not refusals:
            batch.status = Status.RUNNING
            batch.by = request.user
            batch.save(update_fields=["kind", "encoding", "history", "columns", "status", "by"])
            transaction.on_commit(lambda: _enqueue(request, read_import, batch.pk))
    if refusals:
        batch.refresh_from_db()
        return show(request, batch, refusals)
    return redirect("import", batch.pk)


def _settle(request: PageRequest, batch: ImportBatch, sent: Mapping[str, str]) -> list[str]:
    """Write what was chosen onto the batch; return the sentences that say what is wrong with it."""
    try:
        actor_of(request).department_for("import")
    except Refused as refusal:
        return [said(refusal)]
    look, unreadable = looked_at(batch, sent)
    if look is None:
        return [unreadable]
    language = get_language()
    refusals = [
        _("Choose “%(field)s” for one column only.") % {"field": FIELD_WORDS[field].say(language)}
        for field, columns in Counter(look.fields.values()).items()
        if columns > 1
    ]
    refusals += [
        _("No column was chosen for: %(fields)s") % {"fields": words.say(language)}
        for words in missing(look.kind, {*look.fields.values(), *look.constants})
    ]
    refusals += [
        _("“%(field)s” has a column and a value for every row. Leave one of them out.")
        % {"field": FIELD_WORDS[field].say(language)}
        for field in look.constants
        if field in look.fields.values()
    ]
    if look.must_say_dates:
        refusals.append(
            _("Say whether the day or the month comes first in “%(date)s” (line %(line)s).")
            % {"date": look.written.example.text[:40], "line": look.written.example.line}  # type: ignore[union-attr]
        )
    wanted = look.wanted(history=sent.get("history") == "on", skip_known=sent.get("known") == "skip")
    batch.kind, batch.encoding, batch.history = look.kind, str(wanted.encoding), wanted.history
    batch.columns = {
        "mapping": dict(wanted.mapping), "constants": dict(wanted.constants), "delimiter": wanted.delimiter,
        "skip_known": wanted.skip_known, "dates": look.dates, "lines": batch.columns.get("lines", 0),
    }  # fmt: skip
    if not refusals:
        places = {field: place for place, field in look.fields.items()}
        remembered.remember(look.kind, look.head.header, places, by=request.user, now=request.now)
    return refusals


def _enqueue(request: PageRequest, task: Any, batch_id: int) -> None:
    try:
        task.delay(batch_id)
    except BrokerDown:
        messages.error(request, _("The file waits: the queue cannot be reached. Press “Go on” in a moment."))


@require_POST
@writes("import")
def resume(request: PageRequest, batch_id: int) -> HttpResponse:
    """Send a file that stands still to the workers again; what was done stays done."""
    batch = get_object_or_404(ImportBatch, pk=batch_id, status__in=[Status.RUNNING, Status.UNDOING])
    if actor_of(request).may("import"):
        if batch.status == Status.UNDOING:
            _enqueue(request, undo_import, batch.pk)
        elif batch.stored_as:
            _enqueue(request, read_import, batch.pk)
    return redirect("import", batch.pk)


@require_POST
@writes("import")
def undo(request: PageRequest, batch_id: int) -> HttpResponse:
    """Take back what a file did, within a day; a second press changes nothing."""
    get_object_or_404(ImportBatch, pk=batch_id)
    try:
        with transaction.atomic():
            if undoing.begin(batch_id, actor_of(request), now=request.now):
                transaction.on_commit(lambda: _enqueue(request, undo_import, batch_id))
    except Refused as refusal:
        messages.error(request, said(refusal))
    return redirect("import", batch_id)


@require_POST
@writes("import")
def discard(request: PageRequest, batch_id: int) -> HttpResponse:
    """Throw an upload away that was not started."""
    with transaction.atomic():
        batch = get_object_or_404(ImportBatch.objects.select_for_update(of=("self",)), pk=batch_id)
        if batch.status != Status.WAITING:
            return redirect("import", batch.pk)
        if not actor_of(request).may("import"):
            raise PermissionDenied
        batch.delete()
    kept.drop(batch.stored_as)
    messages.info(request, _("The file was thrown away; nothing was imported."))
    return redirect("imports")
