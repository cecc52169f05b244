"""Files through the import page in a real browser: dropped, looked at, started, undone."""

from __future__ import annotations

import base64
import csv
import io
from typing import Any

from dashboards.counts.ledger import findings
from funnel.models import ImportBatch, Member
from tests import builders
from tests.browser import arrived

PASSWORD = "correct horse battery"
DROP = """([name, text]) => {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const held = new DataTransfer();
  held.items.add(new File([bytes], name, { type: "text/csv" }));
  const frame = document.querySelector("[data-drop]");
  for (const kind of ["dragenter", "dragover", "drop"]) {
    frame.dispatchEvent(new DragEvent(kind, { dataTransfer: held, bubbles: true, cancelable: true }));
  }
}"""


def a_signed_in_lead(page: Any, stack: Any) -> Member:
    """Sign a lead of marketing in, in English."""
    member = builders.a_member("marketing", role="lead", language="en")
    member.set_password(PASSWORD)
    member.save()
    page.goto(f"{stack.url}/sign-in/")
    page.fill("#id_username", member.username)
    page.fill("#id_password", PASSWORD)
    page.click("main button[type=submit]")
    arrived(page, "h1")
    return member


def dropped(page: Any, stack: Any, kind: str, name: str, data: bytes) -> None:
    """Drop a file on the page and go on to its columns."""
    page.goto(f"{stack.url}/import/")
    page.select_option("#id_kind", kind)
    page.evaluate(DROP, [name, base64.b64encode(data).decode()])
    arrived(page, ".drop.filled")
    page.click("text=Look at the columns")
    arrived(page, "table.preview", timeout=60_000)


def imported(page: Any, *, seconds: int = 60) -> ImportBatch:
    """Press “Import” and wait until every row is accounted for; the page shows what became of them."""
    page.click("button:text-is('Import')")
    page.wait_for_url("**/import/*/")
    page.reload()
    arrived(page, "text=Import another file", timeout=seconds * 1000)
    return ImportBatch.objects.latest("pk")


def rejected(page: Any) -> list[list[str]]:
    """The file of rejected rows as the page gives it, with its headings."""
    with page.expect_download() as coming:
        page.click("text=Download rejected rows")
    loaded = coming.value.path().read_bytes().decode("utf-8")
    return list(csv.reader(io.StringIO(loaded.removeprefix("\ufeff"))))


def undone(page: Any, made: int, *, seconds: int = 60) -> None:
    """Press “Undo this import” and wait until all of the `made` rows are undone."""
    page.click("text=Undo this import")
    arrived(page, f"text={made} rows undone, 0 kept", timeout=seconds * 1000)
    arrived(page, "section#undo, [aria-labelledby=undo]")


def differences() -> list[object]:
    """What `manage.py reconcile` would print."""
    return [(found.check, found.examples) for found in findings() if found.count]
