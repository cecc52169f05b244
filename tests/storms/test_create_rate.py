"""Leads a second over the API beside the same rows in bare SQL, by turns on one durable database."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import psycopg2
import pytest

from revops import embedded, processes
from revops.embedded import binaries

pytestmark = pytest.mark.storm
ROOT = Path(__file__).resolve().parents[2]
SECONDS, ROUNDS = 4, 5
GOALS = {1: 0.05, 8: 0.035}
"""The agreed share of bare SQL for so many clients at once: 5 % with one, 3.5 % with eight.

Reached on two cores with a dozen other programs running: 7.4 % and 5.2 %. Bare SQL suffers more from company than we do,
so that only an idle machine's figure says how near the bound is; it is printed beside the load.
"""

# What one POST writes: its key with the answer, company, person, lead, event and the counts.
BARE = r"""
\set n random(1, 9000000000000000)
BEGIN;
INSERT INTO funnel_idempotencykey (member_id, key, request_sha256, status, body, created_at)
  VALUES (:member, 'bare' || :n, repeat('a', 64), 201, to_jsonb(repeat('x', 700)), now());
INSERT INTO funnel_account (name, name_norm, name_kana, domain, segment)
  VALUES ('Company ' || :n, 'company' || :n, '', '', '') RETURNING id \gset account_
INSERT INTO funnel_person (name, name_norm, name_kana, title, email, email_norm, phone, phone_norm, account_id)
  VALUES ('Person ' || :n, 'person' || :n, '', 'Manager', :n || '@bare.example', :n || '@bare.example',
    '03-1234-5678', '0312345678', :account_id) RETURNING id \gset person_
INSERT INTO funnel_lead (pass_no, external_id, segment, stage, outcome_reason, lead_at, inferred, is_counted,
    date_conflict, account_id, person_id, channel_id)
  VALUES (1, 'bare' || :n, '', 'lead', '', now(), '{}', true, false, :account_id, :person_id, :channel)
  RETURNING id \gset lead_
INSERT INTO funnel_event (kind, occurred_at, recorded_at, actor_id, department, source, reason, binding, inferred,
    lead_id, data)
  VALUES ('lead_captured', now(), now(), :member, 'marketing', 'api', '', true, false, :lead_id,
    '{"channel": "web"}');
INSERT INTO dashboards_countdelta (measure, stage, day, channel_id, inferred, n)
  VALUES ('entered', 'lead', current_date, :channel, false, 1), ('reached', 'lead', current_date, :channel, false, 1);
COMMIT;
"""


class Bench(NamedTuple):
    """A running web server on a database of its own, and what the bare side needs to know of it."""

    folder: Path
    database: str
    port: int
    token: str


@pytest.fixture
def bench() -> Iterator[Bench]:
    folder = Path(tempfile.mkdtemp(prefix="revops-create-"))
    folder.chmod(0o755)
    line = embedded.hold(folder)
    environment = {
        **processes.environment("web"), **line.urls, "REVOPS_HOME": str(folder), "REVOPS_THROTTLE_WRITE": "1000000/min",
        "DJANGO_SETTINGS_MODULE": "revops.settings", "VIRTUAL_ENV_GIVEN": "1",
    }  # fmt: skip
    door = processes.door("127.0.0.1", 0)
    web = None
    try:
        said = [_manage(environment, *words.split()) for words in
                ("migrate -v 0", "collectstatic -v 0 --no-input", "create_token --name bench --scope write")]  # fmt: skip
        web = subprocess.Popen(
            processes.web(fd=door.fileno()), cwd=ROOT, env=environment, pass_fds=(door.fileno(),)
        )
        yield Bench(folder, line.urls["DATABASE_URL"], door.getsockname()[1], said[-1].split()[-1])
    finally:
        if web is not None:
            web.terminate()
            web.wait(20)
        door.close()
        line.release()
        subprocess.run(["rm", "-rf", str(folder)], check=True)


def _manage(environment: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def _over_http(bench: Bench, clients: int, seconds: float) -> float:
    """Leads a second, each by a POST of its own with its own Idempotency-Key."""
    counted, until = [0] * clients, time.monotonic() + seconds

    def post(number: int) -> None:
        link = http.client.HTTPConnection("127.0.0.1", bench.port, timeout=60)
        link.connect()
        link.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while time.monotonic() < until:
            tag = uuid.uuid4().hex
            body = {"company": f"Company {tag}", "name": f"Person {tag}", "email": f"{tag}@example.jp",
                    "phone": "03-1234-5678", "title": "Manager", "channel": "web", "external_id": tag}  # fmt: skip
            headers = {"Authorization": f"Bearer {bench.token}", "Content-Type": "application/json",
                       "Idempotency-Key": tag}  # fmt: skip
            link.request("POST", "/api/v1/leads/", json.dumps(body), headers)
            answer = link.getresponse()
            answer.read()
            assert answer.status == 201
            counted[number] += 1
        link.close()

    threads = [threading.Thread(target=post, args=(n,)) for n in range(clients)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(counted)
    return sum(counted) / (time.monotonic() - began)


def _bare(bench: Bench, clients: int, seconds: int, known: dict[str, int]) -> float:
    """The same rows a second by pgbench, prepared, on connections that stay open."""
    install, script = binaries.postgres(), bench.folder / "bare.sql"
    script.write_text(BARE)
    given = [word for name, value in known.items() for word in ("-D", f"{name}={value}")]
    done = subprocess.run(
        [str(install / "bin" / "pgbench"), "-n", "-M", "prepared", "-f", str(script), "-c", str(clients), "-j", "2",
         "-T", str(seconds), *given, "-h", parse_qs(urlsplit(bench.database).query)["host"][0], "-U", "revops", "revops"],
        env={**os.environ, "LC_ALL": "C"}, check=True, capture_output=True, text=True,
    )  # fmt: skip
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    assert found is not None
    return float(found[1])


def _known(bench: Bench) -> dict[str, int]:
    with psycopg2.connect(bench.database) as link, link.cursor() as cursor:
        cursor.execute(
            "SELECT m.id, c.id FROM funnel_member m, funnel_channel c WHERE is_service AND c.slug = 'web'"
        )
        member, channel = cursor.fetchone()
    link.close()
    return {"member": member, "channel": channel}


def test_a_lead_over_the_api_beside_its_rows_in_bare_sql(bench: Bench) -> None:
    _over_http(bench, 8, 3)
    known = _known(bench)
    shares: dict[int, float] = {}
    for clients, goal in GOALS.items():
        ours, bare = [], []
        for _ in range(ROUNDS):
            ours.append(_over_http(bench, clients, SECONDS))
            bare.append(_bare(bench, clients, SECONDS, known))
        shares[clients] = median(ours) / median(bare)
        sys.stdout.write(
            f"create, {clients} clients: {median(ours):,.0f} leads/s, bare SQL {median(bare):,.0f}/s: "
            f"{shares[clients]:.1%} (goal {goal:.1%}); load {os.getloadavg()[0]:.1f}\n"
        )
    missed = {clients: f"{shares[clients]:.1%}" for clients, goal in GOALS.items() if shares[clients] < goal}
    assert not missed
