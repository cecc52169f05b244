"""How long a whole list takes as a file, and how much memory, each beside a bare COPY of the same columns."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, cast

from django.db import connection, transaction
from django.http import StreamingHttpResponse

from dashboards.bench.timing import an_administrator

COPIES = {
    "leads": """
SELECT l.id, l.external_id, a.name, p.name, p.name_kana, p.title, p.email, p.phone, c.name, g.name, o.name,
  l.stage, l.outcome,
  l.lead_at, l.mql_at, l.sql_at, l.won_at, l.onboarded_at, l.renewed_at, l.referred_at
FROM funnel_lead l JOIN funnel_person p ON p.id = l.person_id LEFT JOIN funnel_account a ON a.id = l.account_id
LEFT JOIN funnel_channel c ON c.id = l.channel_id LEFT JOIN funnel_campaign g ON g.id = l.campaign_id
LEFT JOIN funnel_member o ON o.id = l.owner_id ORDER BY l.id DESC""",
    "people": """
SELECT p.id, a.name, p.name, p.name_kana, p.title, p.email, p.phone
FROM funnel_person p LEFT JOIN funnel_account a ON a.id = p.account_id
WHERE p.merged_into_id IS NULL AND p.erased_at IS NULL ORDER BY p.id DESC""",
    "customers": """
SELECT c.id, c.external_id, a.name, c.phase, h.score, o.name, c.since, r.ends_on
FROM funnel_customer c JOIN funnel_account a ON a.id = c.account_id LEFT JOIN funnel_member o ON o.id = c.owner_id
LEFT JOIN LATERAL (
  SELECT score FROM funnel_healthrecord WHERE customer_id = c.id ORDER BY day DESC LIMIT 1) h ON true
LEFT JOIN LATERAL (
  SELECT ends_on FROM funnel_contract WHERE customer_id = c.id AND voided_at IS NULL AND ended_on IS NULL
  ORDER BY id DESC LIMIT 1) r ON true
ORDER BY c.id DESC""",
    "deals": """
SELECT d.id, d.external_id, a.name, d.name, d.state, d.step, d.amount, d.currency, d.expected_close_on, d.next_step_on,
  o.name, d.reason
FROM funnel_deal d LEFT JOIN funnel_account a ON a.id = d.account_id LEFT JOIN funnel_member o ON o.id = d.owner_id
WHERE d.state = 'won' ORDER BY d.id DESC""",
}
FILES = {
    "leads": ("leads", "/c/export/", "utf-8"),
    "leads, Shift_JIS": ("leads", "/c/export/", "cp932"),
    "people": ("people", "/people/export/", "utf-8"),
    "people, Shift_JIS": ("people", "/people/export/", "cp932"),
    "customers": ("customers", "/customers/export/", "utf-8"),
    "deals won": ("deals", "/deals/export/?view=list&state=won", "utf-8"),
}


class Taken(NamedTuple):
    """One file: its lines, whole seconds and those to its first piece, megabytes that memory grew by at its highest.

    `bare` is the seconds of the COPY of the same columns. `grew` is None where the system does not tell.
    """

    name: str
    rows: int
    seconds: float
    first: float
    grew: float | None
    bare: float

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds


class _Sink:
    def __init__(self) -> None:
        self.size = 0

    def write(self, data: bytes) -> int:
        self.size += len(data)
        return len(data)


def measure() -> Iterator[Taken]:
    """Take every list out once, after its bare query. Leaves the database as it was."""
    for name, file in FILES.items():
        with transaction.atomic():
            found = _taken(an_administrator(), name, *file)
            transaction.set_rollback(True)
        yield found


def _taken(client: Any, name: str, copied: str, address: str, encoding: str) -> Taken:
    bare = _copied(COPIES[copied])
    before = _peak_begins()
    start = time.perf_counter()
    answer = client.post(address, {"encoding": encoding})
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}.")
    rows, first = -1, 0.0
    for piece in cast("Iterable[bytes]", cast(StreamingHttpResponse, answer).streaming_content):
        first = first or time.perf_counter() - start
        rows += piece.count(b"\r\n")
    seconds = time.perf_counter() - start
    after = _memory("VmHWM")
    grew = None if before is None or after is None else max(0.0, after - before)
    return Taken(name, rows, seconds, first, grew, bare)


def _copied(statement: str) -> float:
    with connection.cursor() as cursor:
        # One statement over everything may take longer than a page's; the pieces of a file may not.
        cursor.execute("SELECT current_setting('statement_timeout')")
        (bound,) = cursor.fetchone()
        cursor.execute("SET LOCAL statement_timeout = 0")
        start = time.perf_counter()
        cursor.copy_expert(f"COPY ({statement}) TO STDOUT WITH (FORMAT csv)", _Sink())
        took = time.perf_counter() - start
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [bound])
    return took


def _peak_begins() -> float | None:
    """Let the system forget the highest memory so far; what is held now, in megabytes. None where it cannot."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return None
    return _memory("VmRSS")


def _memory(name: str) -> float | None:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:")), None)
