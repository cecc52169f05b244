"""Files that came through the browser: kept outside what is served, read by a worker, removed when read."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from funnel.ingest.read import resume
from funnel.models import ImportBatch
from funnel.transitions.acting import Actor

ENDED = (ImportBatch.Status.DONE, ImportBatch.Status.FAILED)


def folder() -> Path:
    """Where uploads lie until they are read; nothing there is served."""
    place = Path(settings.HOME) / "uploads"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def go_on(batch_id: int, *, by: Actor, seconds: float) -> bool:
    """Read on for about `seconds`; False when there is more to read. A file that has ended is removed."""
    batch = ImportBatch.objects.get(pk=batch_id)
    path = folder() / batch.stored_as
    done = resume(batch_id, path, by=by, seconds=seconds)
    batch.refresh_from_db()
    if batch.status in ENDED:
        path.unlink(missing_ok=True)
    return done
