"""Terms: agreed anew for new promises only, version after version, with who and when."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from funnel import moment
from funnel.company import calendar_days
from funnel.errors import BadValue, MoveRefused, NotYours
from funnel.models import Event
from funnel.transitions.acting import Actor
from handoffs import terms
from handoffs.models import CustomerSheet
from tests.builders import a_member
from tests.handoffs.conftest import HOUR, Story, fresh


@pytest.fixture
def boss(db: None) -> Actor:
    return Actor.of(a_member(is_administrator=True), "html", now=moment.now())


def item(key: str = "", **more: object) -> dict[str, object]:
    return {"key": key, "label_ja": "項目", "label_en": "", "weight": 1, "required": True, **more}


def test_a_promise_opened_before_a_change_keeps_its_time(story: Story, boss: Actor) -> None:
    before = story.mql()
    version = terms.agree(
        "mql", boss, now=moment.now(), target=4, unit="elapsed_hours", warn_at_percent=[50, 90, 50], version=1
    )
    after = story.mql()
    assert fresh(before).due_at == before.opened_at + 24 * HOUR
    assert after.due_at == after.opened_at + 4 * HOUR
    assert after.warn_at == after.opened_at + 2 * HOUR
    assert (before.terms.version, after.terms_id) == (1, version.pk)
    assert (version.version, version.by_id, version.warn_at_percent) == (2, boss.member.pk, [50, 90])


def test_a_change_is_an_event_of_numbers(boss: Actor) -> None:
    terms.agree("mql", boss, now=moment.now(), target=8, unit="workday_hours", warn_at_percent=[75])
    event = Event.objects.get(kind="setting_changed", data__what="terms.mql")
    assert event.actor == boss.member
    assert event.data["old"] == {
        "version": 1, "target": 24, "unit": "elapsed_hours", "warn_at_percent": [75],
    }  # fmt: skip
    assert event.data["new"]["target"] == 8


def test_the_same_again_is_no_new_version(boss: Actor) -> None:
    same = terms.agree("mql", boss, now=moment.now(), target=24, unit="elapsed_hours", warn_at_percent=[75])
    assert same.version == 1
    assert not Event.objects.filter(kind="setting_changed").exists()


def test_who_saw_an_older_version_is_refused_and_told_who(boss: Actor) -> None:
    terms.agree("won", boss, now=moment.now(), target=2, unit="business_days", version=1)
    with pytest.raises(MoveRefused) as refused:
        terms.agree("won", boss, now=moment.now(), target=5, unit="business_days", version=1)
    assert (refused.value.code, refused.value.params["who"]) == ("setting_conflict", boss.member.name)
    assert terms.current()["won"].target == 2


@pytest.mark.parametrize(
    ("boundary", "asked", "code"),
    [
        ("mql", {"target": 0, "unit": "elapsed_hours"}, "target_range"),
        ("mql", {"target": 2161, "unit": "elapsed_hours"}, "target_range"),
        ("won", {"target": 67, "unit": "business_days"}, "target_range"),
        ("mql", {"target": None, "unit": "elapsed_hours"}, "target_range"),
        ("mql", {"target": 1, "unit": "fortnights"}, "bad_choice"),
        ("mql", {"target": 1, "unit": "elapsed_hours", "warn_at_percent": [100]}, "warning_range"),
        ("mql", {"target": 1, "unit": "elapsed_hours", "warn_at_percent": [0]}, "warning_range"),
        ("mql", {"target": 1, "unit": "elapsed_hours", "warn_at_percent": range(1, 7)}, "warning_range"),
        ("sql", {"threshold": Decimal(101)}, "threshold_range"),
        ("sql", {}, "threshold_range"),
    ],
)
def test_terms_without_sense_are_refused(boss: Actor, boundary, asked, code) -> None:
    with pytest.raises(BadValue) as refused:
        terms.agree(boundary, boss, now=moment.now(), **asked)
    assert refused.value.code == code


def test_only_an_administrator_agrees(db: None) -> None:
    lead = Actor.of(a_member("inside_sales", role="lead"), "html", now=moment.now())
    with pytest.raises(NotYours):
        terms.agree("mql", lead, now=moment.now(), target=1, unit="elapsed_hours")
    with pytest.raises(NotYours):
        terms.agree_items([item()], lead, now=moment.now())


def test_a_lower_threshold_holds_for_the_next_sheet(story: Story, boss: Actor) -> None:
    missed = story.sql(sheet={}, below_threshold_reason="meeting_soon")
    terms.agree("sql", boss, now=moment.now(), threshold=Decimal("80"))
    kept = story.sql(sheet={})
    assert (fresh(missed).promise, fresh(kept).promise) == ("missed", "kept")


def test_old_sheets_keep_their_items(story: Story, boss: Actor) -> None:
    first = story.sql().deal
    items = [*terms.current()["sql"].items, item(label_ja="導入の決め手", label_en="Why now", weight=7)]
    made = terms.agree_items(items, boss, now=moment.now(), version=1)
    assert made.items[-1] == {
        "key": "why_now", "label_en": "Why now", "label_ja": "導入の決め手", "weight": 7, "required": True,
    }  # fmt: skip
    second = story.sql(below_threshold_reason="meeting_soon").deal
    old, new = CustomerSheet.objects.get(deal=first), CustomerSheet.objects.get(deal=second)
    assert (old.score, old.terms.version, new.score, new.missing) == (100, 1, Decimal("53.33"), ["why_now"])
    third = story.sql(sheet={"note": "要点", "why_now": "監査"}).deal
    assert CustomerSheet.objects.get(deal=third).score == 100
    said = Event.objects.get(kind="setting_changed").data
    assert "導入の決め手" not in str(said)
    assert ["why_now", 7, True] in said["new"]["items"]


def test_an_item_is_retired_and_comes_back_under_its_key(boss: Actor) -> None:
    before = terms.current()["sql"].items
    terms.agree_items([i for i in before if i["key"] != "note"], boss, now=moment.now())
    assert "note" not in {i["key"] for i in terms.current()["sql"].items}
    again = terms.agree_items(before, boss, now=moment.now())
    assert again.items == before


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ([], "items_none"),
        ([item()] * 41, "items_many"),
        ([item(label_ja=" ")], "label_required"),
        ([item(label_ja="あ" * 81)], "label_required"),
        ([item(weight=0)], "weight_range"),
        ([item(weight=101)], "weight_range"),
        ([item(weight=None)], "weight_range"),
        ([item("budget"), item("budget")], "item_twice"),
        ([item("nobody_knows")], "item_unknown"),
    ],
)
def test_items_without_sense_are_refused(boss: Actor, items, code) -> None:
    with pytest.raises(BadValue) as refused:
        terms.agree_items(items, boss, now=moment.now())
    assert refused.value.code == code


def test_new_items_get_keys_nothing_else_uses(boss: Actor) -> None:
    names = ["Slot", "Budget", "", "Why now!", "Why now?"]
    made = terms.agree_items([item(label_en=n) for n in names], boss, now=moment.now())
    assert [i["key"] for i in made.items] == ["slot_2", "budget_2", "item_2", "why_now", "why_now_2"]


def test_closing_days_hold_for_new_promises_only(story: Story, boss: Actor, at) -> None:
    at(moment.now().replace(year=2026, month=12, day=25, hour=1))
    before = story.won()
    calendar_days.close(
        boss,
        now=moment.now(),
        first=before.due_at.date(),
        last=before.due_at.date() + timedelta(days=6),
        name="休",
    )
    after = story.won()
    assert fresh(before).due_at == before.due_at
    assert after.due_at > before.due_at
