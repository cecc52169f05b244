"""Which claim a slide makes of which numbers: by rule, on numbers written out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dashboards import kpis
from dashboards.claims import About, about, claim, falling, red_first, weekly
from dashboards.deck import DECKS, Kind, label, label_words, minutes
from dashboards.views.meetings.saying import _SENTENCES

BOARD: dict[str, Any] = {
    "stage:won": 8, "change:won": 2, "landing": 9_930_000, "target:bookings": 10_000_000, "tone:bookings": "behind",
    "bottleneck": "found", "named": "sql-rate",
    **{f"tone:{stage}": "on_pace" for stage in ("lead", "mql", "sql", "won", "onboarded")},
    **{f"target:{stage}": 10 for stage in ("lead", "mql", "sql", "won", "onboarded")},
    **{f"pct:{stage}": 100 for stage in ("lead", "mql", "sql", "won", "onboarded")},
}  # fmt: skip


def lane(
    boundary: str = "mql", kept: int = 9, late: int = 0, missed: int = 0, overdue: int = 0
) -> dict[str, Any]:
    return {"boundary": boundary, "kept": kept, "kept_late": late, "missed": missed, "overdue": overdue}


def shown(**over: Any) -> dict[str, Any]:
    """What a meeting shows, with the board's numbers overridden by those named like them."""
    board = {key: value for key, value in over.items() if key in BOARD or ":" in key}
    rest = {key: value for key, value in over.items() if key not in board}
    weeks = rest.pop("weeks", [])
    return {
        "numbers": BOARD | board,
        "weeks": [{"monday": "2026-11-02", "stages": {"mql": of, "sql": made}} for made, of in weeks],
        "lanes": rest.pop("lanes", [lane()]),
        "voice": {"nps": None, "answers": 0, "lost": [], "returned": []} | rest.pop("voice", {}),
        "days": [{"stages": {"lead": 5, "mql": 3, "sql": 1}}, {"stages": {}}],
    }


@pytest.mark.parametrize(
    ("weeks", "expected"),
    [
        ([(4, 20), (3, 20), (2, 20), (1, 20)], 3),
        ([(1, 20), (3, 20), (2, 20), (1, 20)], 2),
        ([(4, 20), (3, 20), (2, 20), (2, 20)], 0),
        # The week that has only begun says nothing; the row before it still does.
        ([(4, 20), (3, 20), (2, 20), (3, 4)], 2),
        # A week with too few in the middle ends the row.
        ([(4, 20), (1, 4), (3, 20), (2, 20)], 1),
        ([], 0),
        ([(1, 20)], 0),
    ],
)
def test_a_row_of_falling_weeks_is_counted(weeks: list[tuple[int, int]], expected: int) -> None:
    assert falling(weekly(shown(weeks=weeks), "sql-rate")) == expected


@pytest.mark.parametrize(
    ("topic", "over", "code", "params"),
    [
        ("overall", {}, "landing_short", {"landing": 9_930_000, "percent": 99}),
        ("overall", {"tone:bookings": "on_pace"}, "landing_met", {"landing": 9_930_000, "percent": 99}),
        ("overall", {"target:bookings": None}, "won", {"n": 8, "change": 2}),
        ("overall", {"target:bookings": 0}, "landing_short", {"landing": 9_930_000, "percent": 0}),
        ("bottleneck", {"weeks": [(4, 20), (3, 20), (2, 20), (1, 20)]}, "falling", {"edge": "sql-rate", "weeks": 3}),
        ("bottleneck", {}, "short_of", {"edge": "sql-rate"}),
        ("bottleneck", {"bottleneck": "tie", "named": "mql-rate sql-rate"}, "tie", {"edges": ["mql-rate", "sql-rate"]}),
        ("bottleneck", {"named": "leads"}, "short_of", {"edge": "leads"}),
        ("bottleneck", {"bottleneck": "few", "named": ""}, "bottleneck_few", {}),
        ("sla", {}, "all_kept", {"n": 9}),
        ("sla", {"lanes": [lane(kept=0)]}, "nothing_due", {}),
        (
            "sla",
            {"lanes": [lane(kept=9, missed=1), lane("won", kept=1, late=1)]},
            "lane_missed",
            {"boundary": "won", "kept": 1, "n": 2, "missed": 1},
        ),
        ("departments", {}, "all_on_pace", {}),
        ("departments", {f"target:{s}": None for s in ("lead", "mql", "sql", "won", "onboarded")}, "no_targets", {}),
        (
            "departments",
            {"tone:sql": "worst", "pct:sql": 76, "tone:won": "starved", "pct:won": 50},
            "furthest_behind",
            {"stage": "sql", "percent": 76},
        ),
        ("voice", {}, "nothing_said", {}),
        ("voice", {"voice": {"nps": 33.3, "answers": 12}}, "nps", {"nps": 33.3, "n": 12}),
        ("voice", {"voice": {"lost": [["price", "Price", "価格", 3]]}}, "lost_for",
         {"reason": ["price", "Price", "価格", 3], "n": 3}),
        ("today", {}, "yesterday", {"lead": 5, "mql": 3, "sql": 1, "won": 0}),
        ("overdue", {}, "nothing_overdue", {}),
        ("overdue", {"lanes": [lane(overdue=2), lane("won", overdue=1)]}, "overdue", {"n": 3}),
    ],
)  # fmt: skip
def test_the_claim_of_a_topic(topic: str, over: dict[str, Any], code: str, params: dict[str, Any]) -> None:
    found = claim(topic, shown(**over))
    assert (found.code, dict(found.params)) == (code, params)
    assert found.code in _SENTENCES


@pytest.mark.parametrize(
    ("topic", "over", "expected"),
    [
        ("bottleneck", {}, About("sql-rate")),
        ("bottleneck", {"named": "leads"}, About("leads")),
        ("bottleneck", {"bottleneck": "tie", "named": "mql-rate sql-rate"}, About("mql-rate")),
        ("bottleneck", {"bottleneck": "few", "named": ""}, About()),
        ("sla", {}, About()),
        ("sla", {"lanes": [lane(), lane("won", kept=1, late=1)]}, About("won-compliance", "won")),
        ("overall", {}, About()),
    ],
)
def test_a_decision_is_about_what_the_slide_says_is_wrong(
    topic: str, over: dict[str, Any], expected: About
) -> None:
    found = about(topic, shown(**over))
    assert found == expected
    assert not found.kpi or kpis.get(found.kpi)


def test_red_comes_first_and_what_is_starved_after_what_is_behind() -> None:
    said = {"tone:a": "", "tone:b": "starved", "tone:c": "behind", "tone:d": "worst", "tone:e": "ahead"}
    assert red_first("abcde", said) == ["d", "c", "b", "a", "e"]


@pytest.mark.parametrize(
    ("kind", "day", "name", "en", "ja"),
    [
        (Kind.WEEKLY, "2026-11-23", "2026-W48", "Week 48, 2026", "2026年第48週"),
        (Kind.WEEKLY, "2027-01-01", "2026-W53", "Week 53, 2026", "2026年第53週"),
        (Kind.MONTHLY, "2026-12-01", "2026-12", "Dec 2026", "2026年12月"),
        (Kind.QUARTERLY, "2026-12-31", "2026-Q4", "Q4 2026", "2026年Q4"),
        (Kind.STANDUP, "2026-11-03", "2026-11-03", "3 Nov 2026", "2026年11月3日"),
    ],
)
def test_a_meeting_is_named_by_its_week_month_quarter_or_day(kind, day, name, en, ja) -> None:
    found = label(kind, date.fromisoformat(day))
    assert found == name
    assert (label_words(kind, found).en, label_words(kind, found).ja) == (en, ja)


def test_the_plans_take_as_long_as_they_should() -> None:
    assert {kind: minutes(slides) for kind, slides in DECKS.items()} == {
        Kind.STANDUP: 15, Kind.WEEKLY: 60, Kind.IMPROVEMENT: 60, Kind.MONTHLY: 120, Kind.QUARTERLY: 60,
    }  # fmt: skip
