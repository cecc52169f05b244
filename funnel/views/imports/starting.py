"""Starting an import with the columns that were chosen, sending it on, or throwing it away."""

from __future__ import annotations

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
from funnel.ingest.read import KINDS
from funnel.models import ImportBatch
from funnel.tasks import read_import
from funnel.views.access import PageRequest, writes
from funnel.views.imports import kept
from funnel.views.imports.choices import ENCODING_WORDS, FIELD_WORDS, missing
from funnel.views.imports.pages import Status, actor_of, looked_at, said, show


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
        refusals = _settle(request, batch)
        if not refusals:
            batch.status = Status.RUNNING
            batch.by = request.user
            batch.save(update_fields=["kind", "encoding", "history", "columns", "status", "by"])
            transaction.on_commit(lambda: _enqueue(request, batch.pk))
    if refusals:
        batch.refresh_from_db()
        return show(request, batch, refusals)
    return redirect("import", batch.pk)


def _settle(request: PageRequest, batch: ImportBatch) -> list[str]:
    """Write what was chosen onto the batch; return the sentences that say what is wrong with it."""
    sent = request.POST
    try:
        actor_of(request).department_for("import")
    except Refused as refusal:
        return [said(refusal)]
    batch.kind = sent["kind"] if sent.get("kind") in KINDS else batch.kind
    batch.encoding = sent["encoding"] if sent.get("encoding") in ENCODING_WORDS else batch.encoding
    found, unreadable = looked_at(batch, batch.kind, batch.encoding)
    if found is None:
        return [unreadable]
    known = kept.fields(batch.kind)
    chosen = [(sent.get(f"column-{c.place}", ""), c.heading) for c in found.columns]
    chosen = [(field, heading) for field, heading in chosen if field in known]
    mapping = dict(chosen)
    refusals = [
        _("Choose “%(field)s” for one column only.") % {"field": FIELD_WORDS[field].say(get_language())}
        for field in mapping
        if sum(field == other for other, _heading in chosen) > 1
    ]
    refusals += [
        _("No column was chosen for: %(fields)s") % {"fields": words.say(get_language())}
        for words in missing(batch.kind, mapping)
    ]
    # A field nobody chose is blank, not guessed again.
    constants = {field: "" for field in known if field not in mapping}
    batch.columns = {"mapping": mapping, "constants": constants, "lines": batch.columns.get("lines", 0)}
    batch.history = sent.get("history") == "on"
    return refusals


def _enqueue(request: PageRequest, batch_id: int) -> None:
    try:
        read_import.delay(batch_id)
    except BrokerDown:
        messages.error(request, _("The file waits: the queue cannot be reached. Press “Go on” in a moment."))


@require_POST
@writes("import")
def resume(request: PageRequest, batch_id: int) -> HttpResponse:
    """Send a file that stands still to the workers again; what was read stays read."""
    batch = get_object_or_404(ImportBatch, pk=batch_id, status=Status.RUNNING)
    if actor_of(request).may("import") and batch.stored_as:
        _enqueue(request, batch.pk)
    return redirect("import", batch.pk)


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
