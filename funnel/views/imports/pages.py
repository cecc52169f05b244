"""The pages of an import: one list with the upload, one page for each file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from funnel.errors import NotYours, Refused
from funnel.ingest import errors_file, undoing
from funnel.ingest.read import KINDS
from funnel.ingest.reasons import FLAGS, KEPT, FileRefused, sentence
from funnel.models import ImportBatch, ImportRow
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, reads, writes
from funnel.views.imports import kept, looking
from funnel.views.imports.choices import ENCODING_WORDS, KIND_WORDS
from funnel.views.imports.receiving import was_too_large
from funnel.views.keyset import Order, page

Status = ImportBatch.Status
REJECTED_SHOWN = 50
MOVING = (Status.RUNNING, Status.UNDOING)
ENDED = (Status.DONE, Status.FAILED, Status.UNDONE)


class UploadForm(forms.Form):
    """A file and what its rows are."""

    kind = forms.ChoiceField(label=gettext_lazy("What the rows are"))
    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language()
        self.fields["kind"].choices = [(kind, KIND_WORDS[kind].say(language)) for kind in KINDS]  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@writes("import")
def import_list(request: PageRequest) -> HttpResponse:
    """Files read so far, and the upload of the next one."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        batch = _uploaded(request, form)
        if batch is not None:
            return redirect("import", batch.pk)
    found = page(request, ImportBatch.objects.select_related("by"), Order(), size=20)
    context = {
        "form": form,
        "page": found,
        "files": [(batch, KIND_WORDS[batch.kind]) for batch in found.rows],
        "limit": settings.IMPORT_MAX_BYTES // kept.MEGABYTE,
        "limit_bytes": settings.IMPORT_MAX_BYTES,
        "too_large": said(kept.too_large()),
        "row_limit": f"{settings.IMPORT_MAX_ROWS:,}",
        "why_not": why_not(request),
    }
    return render(request, "funnel/import_list.html", context, status=422 if form.errors else 200)


def _uploaded(request: PageRequest, form: UploadForm) -> ImportBatch | None:
    """Keep the file if it can be read at all; else the form says why not."""
    if was_too_large(request):
        form.errors["file"] = form.error_class([said(kept.too_large())])
        return None
    if not form.is_valid():
        return None
    stored = ""
    try:
        actor_of(request).department_for("import")
        stored = kept.keep(form.cleaned_data["file"])
        found = kept.head(stored)
        if not found.rows:
            raise FileRefused("header_only", field="file")
        lines = kept.count_lines(stored)
        if lines > settings.IMPORT_MAX_ROWS + 1:
            raise FileRefused("too_many_rows", field="file", limit=settings.IMPORT_MAX_ROWS)
    except Refused as refusal:
        kept.drop(stored)
        form.add_error(refusal.field if refusal.field in form.fields else None, said(refusal))
        return None
    return ImportBatch.objects.create(
        kind=form.cleaned_data["kind"],
        filename=form.cleaned_data["file"].name[:255],
        stored_as=stored,
        sha256=found.source.sha256,
        encoding=found.source.encoding,
        columns={"lines": lines},
        by=request.user,
    )


def said(refusal: Refused) -> str:
    """A refusal in the reader's language."""
    return refusal.say(get_language())


def actor_of(request: PageRequest) -> Actor:
    """Who sends the file."""
    return Actor.of(request.user, "csv", now=request.now)


def why_not(request: PageRequest) -> str:
    """The sentence that says who imports files; "" for those who may."""
    try:
        actor_of(request).department_for("import")
    except NotYours as refusal:
        return said(refusal)
    return ""


@require_GET
@never_cache
@reads
def import_page(request: PageRequest, batch_id: int) -> HttpResponse:
    """A file before it is read (its columns), while it is read, or after."""
    batch = get_object_or_404(ImportBatch.objects.select_related("by"), pk=batch_id)
    return show(request, batch)


def show(request: PageRequest, batch: ImportBatch, refusals: list[str] | None = None) -> HttpResponse:
    """Render the page of a file where it stands; with refusals, what was chosen stays (status 422)."""
    context: dict[str, Any] = {
        "batch": batch,
        "kind": KIND_WORDS[batch.kind],
        "encoding": ENCODING_WORDS.get(batch.encoding),
        "refusals": refusals or [],
        "why_not": why_not(request),
    }
    template = "funnel/import_done.html"
    if batch.status == Status.WAITING:
        context |= looking.context(request, batch)
        template = "funnel/import_columns.html"
    elif batch.status in MOVING:
        template = "funnel/import_running.html"
    context |= _progress(batch) | _outcome(request, batch)
    return render(request, template, context, status=422 if refusals else 200)


def _progress(batch: ImportBatch) -> dict[str, Any]:
    if batch.status == Status.UNDOING:
        made = max(batch.created + batch.updated, 1)
        return {"percent": (batch.undone + batch.kept) * 100 // made, "made": made}
    lines = max(int(batch.columns.get("lines", 0)), batch.rows_read, 1)
    return {"lines": lines, "percent": batch.rows_read * 100 // lines}


def _undoing(request: PageRequest, batch: ImportBatch) -> dict[str, Any]:
    """Until when it can be undone, or why not; and what stayed when it was."""
    found: dict[str, Any] = {"undo_until": undoing.until(batch), "may_undo": True}
    try:
        undoing.check_undo(batch, now=request.now)
    except Refused as refusal:
        found |= {"may_undo": False, "undo_why_not": said(refusal) if refusal.code == "undo_too_late" else ""}
    language = get_language()
    stayed = batch.rows.filter(undo="kept").order_by("line")[:REJECTED_SHOWN] if batch.kept else []
    found["stayed"] = [
        (row.line, KEPT[row.undo_reason].say(language), _record_of(batch.kind, row)) for row in stayed
    ]
    return found


def _record_of(kind: str, row: ImportRow) -> str:
    """Where the record of a row is shown; "" for what has no page."""
    return reverse("record", args=[row.record_id]) if kind == "leads" and row.record_id else ""


def _outcome(request: PageRequest, batch: ImportBatch) -> dict[str, Any]:
    """What became of the rows, and what was noticed."""
    if batch.status not in ENDED:
        return {}
    language = get_language()
    report = batch.report
    rejected = (
        batch.rows.filter(outcome="rejected").order_by("line")[:REJECTED_SHOWN] if batch.rejected else []
    )
    japanese = (language or "").startswith("ja")
    return {
        "rejected": [(row.line, sentence(row.reason, row.params, language)) for row in rejected],
        "flags": [
            (FLAGS[flag].say(language), count, report["flags"][flag][:20])
            for flag, count in report.get("flag_counts", {}).items()
            if flag in FLAGS
        ],
        "failure": report.get("refused_ja" if japanese else "refused", ""),
        "may_download": _may_download(request, batch),
        "rejected_until": errors_file.kept_until(batch),
        "rejected_gone": request.now >= errors_file.kept_until(batch),
    } | _undoing(request, batch)


@require_GET
@never_cache
@reads
def progress(request: PageRequest, batch_id: int) -> HttpResponse:
    """The part of the page that changes while a file is read; asks for the whole page once it is done."""
    batch = get_object_or_404(ImportBatch, pk=batch_id)
    if batch.status not in MOVING:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "funnel/_import_progress.html", {"batch": batch} | _progress(batch))


def _may_download(request: PageRequest, batch: ImportBatch) -> bool:
    by = actor_of(request)
    return batch.by_id == request.user.pk or by.is_administrator or bool(by.led)


@require_GET
@reads
def errors_csv(request: PageRequest, batch_id: int) -> Any:
    """The rejected rows with line and reason, for the one who sent the file, leads and administrators."""
    batch = get_object_or_404(ImportBatch, pk=batch_id)
    if not _may_download(request, batch):
        raise PermissionDenied
    if not batch.rejected or request.now >= errors_file.kept_until(batch):
        raise Http404
    lines = errors_file.lines(batch, get_language() or "en")
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="rejected-{batch.pk}.csv"'
    return response
