"""Files through the import page without a browser: uploaded, looked at, started, read."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from funnel.models import ImportBatch
from funnel.tasks import read_import


def upload(client: Client, content: bytes | str, kind: str = "leads", name: str = "leads.csv"):
    raw = content.encode() if isinstance(content, str) else content
    return client.post("/import/", {"kind": kind, "file": SimpleUploadedFile(name, raw)})


def chosen(client: Client, batch: ImportBatch) -> dict[str, str]:
    """The form as the page shows it."""
    context = client.get(f"/import/{batch.pk}/").context
    fields = {f"column-{one['place']}": one["chosen"] for one in context["columns"]}
    shown = {"kind": context["chosen_kind"], "encoding": context["chosen_encoding"], "was": context["seen"]}
    return shown | {"delimiter": context["chosen_delimiter"], "preset": context["look"].preset} | fields


def run(client: Client, batch: ImportBatch, capture, **more: str) -> ImportBatch:
    with capture(execute=False):
        answer = client.post(f"/import/{batch.pk}/start/", chosen(client, batch) | more)
    assert answer.status_code == 302, answer.content.decode()
    read_import(batch.pk)
    batch.refresh_from_db()
    return batch


def batch_of(answer) -> ImportBatch:
    assert answer.status_code == 302, answer.content.decode()
    return ImportBatch.objects.get(pk=int(answer["Location"].split("/")[2]))
