"""Activities from files keep promises when they happened and were recorded in time."""

from datetime import timedelta

import pytest

from funnel.models import Activity, Event, Lead
from funnel.transitions import leads
from funnel.transitions.acting import SYSTEM
from funnel.transitions.rereading import first_contact
from handoffs.models import Handoff
from tests.funnel.ingest.conftest import reasons, table, totals

HEADER = "external_id,lead_external_id,email,kind,direction,result,note,occurred_at"


def ago(now, **how):
    return (now - timedelta(**how)).isoformat()


@pytest.fixture
def lead(take, now):
    take("leads", table("external_id,email,mql_at", ("L1", "a@example.jp", ago(now, hours=10))))
    return Lead.objects.get()


def test_a_call_keeps_the_promise_and_is_the_first_contact(take, now, lead):
    file = table(HEADER, ("", "L1", "", "電話", "発信", "不在", "留守", ago(now, hours=5)))
    assert totals(take("activities", file)) == (1, 1, 0, 0, 0)
    lead.refresh_from_db()
    assert lead.first_contact_at == now - timedelta(hours=5)
    assert Handoff.objects.get().kept_at == now - timedelta(hours=5)
    assert Activity.objects.get().note.text == "留守"
    assert totals(take("activities", file)) == (1, 0, 0, 1, 0)


@pytest.mark.parametrize(
    ("kind", "direction"), [("note", "outbound"), ("call", "inbound"), ("visit", "inbound")]
)
def test_what_is_no_attempt_keeps_nothing(take, now, lead, kind, direction):
    take("activities", table(HEADER, ("A1", "", "A@example.jp", kind, direction, "", "", ago(now, hours=5))))
    assert Handoff.objects.get().kept_at is None
    assert Lead.objects.get().first_contact_at is None


def test_the_earliest_attempt_counts_whatever_the_order_of_rows(take, now, lead):
    take(
        "activities",
        table(
            HEADER,
            ("A1", "L1", "", "call", "", "", "", ago(now, hours=3)),
            ("A2", "L1", "", "mail", "", "", "", ago(now, hours=8)),
            ("A3", "L1", "", "call", "", "", "", ago(now, hours=12)),
        ),
    )
    lead.refresh_from_db()
    assert lead.first_contact_at == now - timedelta(hours=8)


def test_the_same_activity_twice_is_one(take, now, lead):
    row = ("", "L1", "", "call", "", "", "", ago(now, hours=5))
    by_mail = ("", "", "a@example.jp", "call", "", "", "", ago(now, hours=5))
    assert totals(take("activities", table(HEADER, row, row, by_mail))) == (3, 1, 0, 2, 0)


def test_a_changed_activity_is_corrected(take, now, lead):
    take("activities", table(HEADER, ("A1", "L1", "", "call", "", "不在", "", ago(now, hours=5))))
    changed = table(HEADER, ("A1", "L1", "", "call", "", "connected", "", ago(now, hours=4)))
    assert totals(take("activities", changed)) == (1, 0, 1, 0, 0)
    activity = Activity.objects.get()
    assert (activity.result, activity.occurred_at) == ("connected", now - timedelta(hours=4))
    assert Event.objects.filter(kind="event_corrected").count() == 1
    assert totals(take("activities", changed)) == (1, 0, 0, 1, 0)


def test_rows_that_cannot_be_placed_are_rejected(take, now, lead):
    batch = take(
        "activities",
        table(
            HEADER,
            ("", "L9", "", "call", "", "", "", ago(now, hours=5)),
            ("", "", "x@example.jp", "call", "", "", "", ago(now, hours=5)),
            ("", "L1", "", "call", "", "", "", ago(now, days=40)),
            ("", "L1", "", "fax", "", "", "", ago(now, hours=5)),
            ("", "L1", "", "call", "", "", "", ""),
        ),
    )
    assert reasons(batch) == {
        2: "unknown_lead",
        3: "unknown_lead",
        4: "too_old",
        5: "bad_choice",
        6: "field_required",
    }


def test_past_activities_keep_no_promise(take, now, lead):
    take("activities", table(HEADER, ("", "L1", "", "call", "", "", "", ago(now, hours=5))), history=True)
    assert Handoff.objects.get().kept_at is None


@pytest.mark.parametrize("filed", [("before",), ("before", "after"), ("after", "before")])
def test_a_contact_from_before_the_latest_certification_is_not_the_first_since(take, now, lead, filed):
    leads.send_back(lead.pk, SYSTEM, now=now, boundary="mql", reason="other")
    leads.certify_mql(lead.pk, SYSTEM, now=now, reason="inquiry", occurred_at=now - timedelta(hours=4))
    hours = {"before": 6, "after": 2}
    rows = [("", "L1", "", "call", "outbound", "", "", ago(now, hours=hours[one])) for one in filed]
    assert totals(take("activities", table(HEADER, *rows)))[1] == len(filed)
    lead.refresh_from_db()
    assert lead.first_contact_at == (now - timedelta(hours=2) if "after" in filed else None)
    assert lead.first_contact_at == first_contact(lead)
