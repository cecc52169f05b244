"""How long the queue, lists, searches and the command bar take, each beside the bare query it stands on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from django.db import connection, transaction

from dashboards.bench.timing import Reader, Reading, Way, a_reader, bare, timed
from funnel import moment
from funnel.models import Member, Person
from funnel.search import hits
from funnel.stages import Department
from funnel.transitions import leads
from funnel.transitions.acting import SYSTEM
from handoffs import desk
from handoffs.promises.planned import lay_past

OPEN_PROMISES = 500

QUEUE = """
SELECT id FROM handoffs_handoff WHERE closed_at IS NULL AND due_at IS NOT NULL AND kept_at IS NULL
  AND cancelled_at IS NULL AND done_by_department = ANY(%s) ORDER BY due_at, id LIMIT 51
"""
NEWEST = """
SELECT l.*, p.*, a.* FROM funnel_lead l JOIN funnel_person p ON p.id = l.person_id
LEFT JOIN funnel_account a ON a.id = l.account_id WHERE l.id < %s {narrowed} ORDER BY l.id DESC LIMIT 51
"""
PEOPLE = """
SELECT p.*, a.* FROM funnel_person p LEFT JOIN funnel_account a ON a.id = p.account_id
WHERE p.id < %s ORDER BY p.id DESC LIMIT 51
"""
# Whom one word means, by its index; a frequent word by walking from the newest.
FOUND = """
SELECT id FROM funnel_person WHERE search_text <> '' AND revops_search_words(search_text) @@ %s::tsquery
  AND search_text LIKE %s LIMIT 51
"""
FREQUENT = "SELECT id FROM funnel_person WHERE search_text || '' LIKE %s ORDER BY id DESC LIMIT 51"
FAR = 2**62


class Sought(NamedTuple):
    """A search to time: what it is for, what is typed, and whether it is met every few rows."""

    name: str
    typed: str
    frequent: bool = False


def measure(rounds: int) -> list[Reading]:
    """Time every way in turn, `rounds` times, with OPEN_PROMISES promises open. Leaves the database as it was."""
    with transaction.atomic():
        lay_past()
        _owe(OPEN_PROMISES)
        client = a_reader()
        ways = {**_queue(client), **_lists(client), **_searches(client)}
        found = timed(ways, rounds)
        transaction.set_rollback(True)
    return found


def _owe(promises: int) -> None:
    """Certify leads of today, each of which is owed a first contact."""
    now = moment.now()
    for n in range(promises):
        said = leads.LeadFields(
            company=f"株式会社今日{n}", name=f"今日 {n}", email=f"today{n}@bench.example.jp"
        )
        lead = leads.capture(SYSTEM, now=now, fields=said).lead
        leads.certify_mql(lead.pk, SYSTEM, now=now, reason="inquiry")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE handoffs_handoff")


def _queue(client: Reader) -> dict[str, Way]:
    whole = desk.Desk(frozenset(Department))
    now, start = moment.now(), desk.Cursor()
    name = "queue, bare SQL"
    pages = {
        "queue, whole page": "/",
        "queue, mine": "/?mine=1",
        "queue, nurture": "/?tab=nurture",
        "queue, searched": "/?" + urlencode({"q": "今日 7"}),
    }
    return {
        name: Way(bare(QUEUE, [list(Department)])),
        "queue, rows of a page": Way(lambda: desk.page("do", whole, start), name),
        "queue, counts of its tabs": Way(lambda: desk.counts(whole, now), name),
        **{label: Way(client.page(address), name) for label, address in pages.items()},
    }


def _lists(client: Reader) -> dict[str, Way]:
    middle = (Person.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) // 2
    owner = (
        Member.objects.filter(leads__isnull=False).order_by("pk").values_list("pk", flat=True).first() or 0
    )
    long_ago = (moment.now() - timedelta(days=365)).isoformat()
    plain, people = NEWEST.format(narrowed=""), "people, bare SQL"
    narrowed = NEWEST.format(narrowed="AND l.owner_id = %s AND l.outcome IS NULL AND l.stage = 'mql'")
    return {
        "leads, bare SQL": Way(bare(plain, [FAR])),
        "leads, first page": Way(client.page("/c/"), "leads, bare SQL"),
        "leads, page from the middle": Way(client.page(f"/c/?after={middle}"), "leads, bare SQL"),
        "leads of an owner at a stage, bare SQL": Way(bare(narrowed, [FAR, owner])),
        "leads of an owner at a stage": Way(
            client.page(f"/c/?stage=mql&outcome=open&owner={owner}"), "leads of an owner at a stage, bare SQL"
        ),
        people: Way(bare(PEOPLE, [FAR])),
        "people, first page": Way(client.page("/people/"), people),
        "people, page from the middle": Way(client.page(f"/people/?after={middle}"), people),
        "people by reading": Way(client.page("/people/?order=kana"), people),
        "people by reading, page from the middle": Way(
            client.page("/people/?" + urlencode({"order": "kana", "after": f"タカハシ ケンタ~{middle}"})),
            people,
        ),
        "leads by day, page from the middle": Way(
            client.page("/c/?" + urlencode({"order": "captured", "after": f"{long_ago}~{middle}"})),
            "leads, bare SQL",
        ),
        "customers, lowest health first": Way(client.page("/customers/"), people),
        "deals in progress": Way(client.page("/deals/?view=list"), people),
    }


def _sought() -> list[Sought]:
    known = Person.objects.filter(account__isnull=False).exclude(phone_norm="").order_by("pk")
    one = known.select_related("account")[known.count() // 2]
    account = one.account
    return [
        Sought("name", one.name, frequent=False),
        Sought("reading", one.name_kana),
        Sought("company", account.name if account else ""),
        Sought("mail", one.email),
        Sought("phone", one.phone_norm),
        Sought("two letters that every fourth person has", "c1"),
        Sought("a family name", "高橋", frequent=True),
        Sought("a form of company", "株式会社", frequent=True),
        Sought("nobody", "ぬぬぬ"),
    ]


def _searches(client: Reader) -> dict[str, Way]:
    ways: dict[str, Way] = {}
    for sought in _sought():
        found = hits(sought.typed)
        pattern = found.patterns[0] if found.patterns else ""
        name = f"{sought.name}, bare SQL"
        read = bare(FREQUENT, [pattern]) if sought.frequent else bare(FOUND, [found.words, pattern])
        asked = urlencode({"q": sought.typed})
        ways[name] = Way(read)
        pages: dict[str, Callable[[], object]] = {
            f"{sought.name}, in the command bar": client.page(f"/search/suggest/?{asked}"),
            f"{sought.name}, list of people": client.page(f"/people/?{asked}"),
            f"{sought.name}, list of leads": client.page(f"/c/?{asked}"),
        }
        ways |= {label: Way(page, name) for label, page in pages.items()}
    return ways
