"""When a lead deserves MQL, and an MQL deserves SQL."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.errors import SENTENCES, Refused
from funnel.qualification import BantPolicy, mql, sql
from funnel.stages import BANT_FIELDS, Bant
from handoffs.sheets import Completeness

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
MET = dict.fromkeys(BANT_FIELDS, "met")


def sheet(percent: str = "100") -> Completeness:
    return Completeness(Decimal(percent), (), (), 8)


def judge(**changes):
    inputs = {
        "bant": MET,
        "meeting_at": NOW + timedelta(days=3),
        "now": NOW,
        "sheet": sheet(),
        "threshold": Decimal(100),
        "below_threshold_reason": None,
    }
    return sql(**(inputs | changes))


def test_a_person_and_a_reason_make_an_mql():
    verdict = mql(has_person=True, reason="資料請求")
    assert (verdict.ok, verdict.code) == (True, "ok")


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ({"has_person": True, "reason": "資料請求", "spam": True}, "spam"),
        ({"has_person": False, "reason": "資料請求"}, "person_required"),
        ({"has_person": True, "reason": None}, "reason_required"),
        ({"has_person": True, "reason": " \u3000"}, "reason_required"),
    ],
)
def test_what_keeps_a_lead_from_mql(inputs, code):
    verdict = mql(**inputs)
    assert (verdict.ok, verdict.code) == (False, code)
    assert verdict.reason == SENTENCES[code]


def test_bant_a_meeting_and_a_complete_sheet_make_an_sql():
    assert judge()[:2] == (True, "ok")


@pytest.mark.parametrize(
    "bant", [{}, dict.fromkeys(BANT_FIELDS, "unknown"), dict.fromkeys(BANT_FIELDS, "not_met")]
)
def test_nothing_met_is_no_sql(bant):
    verdict = judge(bant=bant)
    assert (verdict.ok, verdict.code) == (False, "bant_required")
    assert "1項目" in verdict.reason.ja


def test_one_answer_met_opens_the_gate():
    assert judge(bant={"need": "met"}).ok


def test_a_stricter_policy_asks_for_more():
    strict = BantPolicy(min_known=4, min_met=3)
    assert judge(bant=MET | {"budget": "not_met"}, policy=strict).ok
    assert not judge(bant=MET | {"budget": "unknown"}, policy=strict).ok
    assert not judge(bant=MET | {"budget": "not_met", "need": "not_met"}, policy=strict).ok


def test_a_meeting_is_needed():
    assert judge(meeting_at=None).code == "meeting_required"


@pytest.mark.parametrize("days", [-400, 400])
def test_a_meeting_in_another_year_is_a_slip_of_the_pen(days):
    assert judge(meeting_at=NOW + timedelta(days=days)).code == "meeting_implausible"


def test_a_meeting_already_held_may_be_recorded_late():
    assert judge(meeting_at=NOW - timedelta(days=2)).ok


def test_an_incomplete_sheet_needs_a_reason():
    verdict = judge(sheet=sheet("87.50"))
    assert (verdict.ok, verdict.code) == (False, "sheet_reason_required")
    assert "87.5" in verdict.reason.en
    assert "100" in verdict.reason.ja
    assert not judge(sheet=sheet("87.50"), below_threshold_reason="  ").ok


def test_an_incomplete_sheet_with_a_reason_goes_and_says_what_it_costs():
    verdict = judge(sheet=sheet("87.50"), below_threshold_reason="先方の都合")
    assert (verdict.ok, verdict.code) == (True, "below_threshold")


def test_the_threshold_itself_is_enough():
    assert judge(sheet=sheet("80"), threshold=Decimal(80)).code == "ok"


@pytest.mark.parametrize("bant", [{"budget": "maybe"}, {"weather": "met"}])
def test_answers_that_do_not_exist_are_an_error_of_the_caller(bant):
    with pytest.raises(ValueError, match="maybe|weather"):
        judge(bant=bant)


@given(
    bant=st.dictionaries(st.sampled_from(BANT_FIELDS), st.sampled_from(list(Bant))),
    meeting_at=st.none() | st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    percent=st.decimals(0, 100, places=2),
    threshold=st.decimals(0, 100, places=2),
    reason=st.none() | st.text(max_size=3),
)
def test_every_verdict_can_be_said_and_no_gate_is_passed_unseen(bant, meeting_at, percent, threshold, reason):
    verdict = judge(
        bant=bant,
        meeting_at=meeting_at,
        sheet=sheet(str(percent)),
        threshold=threshold,
        below_threshold_reason=reason,
    )
    if verdict.ok:
        assert Bant.MET in bant.values()
        assert meeting_at is not None
        assert percent >= threshold or reason.strip()
    else:
        refusal = Refused(verdict.code, **verdict.params)
        assert (refusal.say("en"), refusal.say("ja")) == verdict.reason
