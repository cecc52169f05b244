"""The main job from files: leads of the last two days, contacts at known times, verdicts recounted by hand."""

import random
from collections import Counter
from datetime import timedelta

from funnel.models import Event
from handoffs.models import Handoff
from tests.funnel.ingest.conftest import table, totals


def recount(now, mql_at, contacts):
    """The verdict of one promise: recording happened now, so it is kept only while it is not yet due."""
    due = mql_at + timedelta(hours=24)
    valid = [at for at in contacts if at >= mql_at]
    if valid and now <= due:
        return "kept"
    if valid:
        return "kept_late"
    return "missed" if due < now else "open"


def test_two_hundred_leads_and_their_contacts_are_judged_as_a_recount_says(take, now):
    chance = random.Random(5)
    mql_at = {f"L{i}": now - timedelta(minutes=chance.randrange(10, 48 * 60)) for i in range(200)}
    contacts: dict[str, list] = {lead: [] for lead in mql_at}
    calls = []
    for lead, at in mql_at.items():
        for n in range(chance.choice([0, 0, 1, 1, 2])):
            when = at + timedelta(minutes=chance.randrange(-60, 40 * 60))
            human = chance.random() < 0.85
            if when >= now:
                continue
            calls.append((f"A{lead}-{n}", lead, "call" if human else "note", "outbound", when.isoformat()))
            contacts[lead] += [when] if human else []
    take(
        "leads",
        table("external_id,channel,mql_at", *[(k, "展示会", v.isoformat()) for k, v in mql_at.items()]),
    )
    file = table("external_id,lead_external_id,kind,direction,occurred_at", *calls)
    assert totals(take("activities", file)) == (len(calls), len(calls), 0, 0, 0)
    expected = {lead: recount(now, at, contacts[lead]) for lead, at in mql_at.items()}
    found = dict(Handoff.objects.with_promise(now).values_list("lead__external_id", "promise"))
    assert found == expected
    assert min(Counter(expected.values()).values()) > 10
    assert Handoff.objects.filter(opened_at__in=list(mql_at.values())).count() == 200
    assert totals(take("activities", file)) == (len(calls), 0, 0, len(calls), 0)
    assert Event.objects.filter(kind="contact_attempted").count() == sum(map(len, contacts.values()))
