"""What the evidence of a miss speaks for."""

import pytest

from dashboards.causes import Cause, Evidence, suggest

QUIET = Evidence(has_phone=True, has_mail=True)


def first(**found: object) -> str:
    return suggest(QUIET._replace(**found))[0].cause


def test_what_nothing_explains_was_overlooked() -> None:
    (only,) = suggest(QUIET)
    assert (only.cause, only.say("ja")) == (Cause.OVERLOOKED, "妨げとなる事情は見当たらない")


@pytest.mark.parametrize(
    ("found", "cause"),
    [
        ({"unowned": 20.0}, Cause.NOT_ASSIGNED),
        ({"unowned": 24.0, "waited_for": "absent"}, Cause.ABSENT),
        ({"unowned": 24.0, "waited_for": "full"}, Cause.OVERLOAD),
        ({"away": 0.75}, Cause.ABSENT),
        ({"open_load": 20, "usual_load": 5.0}, Cause.OVERLOAD),
        ({"came": 18, "usual_came": 4.0}, Cause.OVERLOAD),
        ({"has_phone": False}, Cause.BAD_CONTACT),
        ({"returned": "not_a_fit", "returned_now": True}, Cause.DISPUTED),
        ({"boundary": "sql", "allowed": 0.0, "missing": 2}, Cause.INCOMPLETE),
        ({"boundary": "won", "allowed": 90.0, "touched": 2}, Cause.CUSTOMER_SIDE),
        (
            {"boundary": "sql", "allowed": 0.0, "missing": 2, "below": "customer_declined"},
            Cause.CUSTOMER_SIDE,
        ),
        ({"lag": 22.0}, Cause.SYSTEM),
        ({"late_record": 3.0, "away": 1.0}, Cause.RECORDED_LATE),
    ],
)
def test_what_stood_in_the_way_is_named_first(found: dict[str, object], cause: Cause) -> None:
    assert first(**found) == cause


@pytest.mark.parametrize(
    "found",
    [
        {"unowned": 2.0},
        {"away": 0.2},
        {"open_load": 5, "usual_load": 0.0},
        {"open_load": 8, "usual_load": 7.0},
        {"came": 5, "usual_came": 0.5},
        {"has_mail": False},
        {"lag": 1.0},
    ],
)
def test_what_is_usual_explains_nothing(found: dict[str, object]) -> None:
    assert first(**found) == Cause.OVERLOOKED


def test_a_cause_is_named_once_by_what_speaks_for_it_most() -> None:
    found = suggest(QUIET._replace(unowned=12.0, waited_for="absent", away=0.9))
    assert [one.cause for one in found] == [Cause.ABSENT, Cause.OVERLOOKED]
    assert found[0].strength == pytest.approx(0.81)


def test_a_gate_and_a_record_without_anybody_divide_by_nothing() -> None:
    assert suggest(Evidence(boundary="sql", allowed=0.0, unowned=5.0, lag=9.0))[0].cause == Cause.OVERLOOKED


def test_evidence_is_read_as_it_was_stored() -> None:
    kept = QUIET._replace(came=7, usual_came=2.5)._asdict()
    assert Evidence.of(kept | {"of_a_later_version": 1}) == QUIET._replace(came=7, usual_came=2.5)


def test_every_sentence_is_said_in_both_languages() -> None:
    everything = Evidence(
        unowned=9.0, away=0.5, open_load=9, usual_load=2.0, has_phone=False, has_mail=False, missing=1,
        touched=1, lag=9.0, returned="x", late_record=1.5,
    )  # fmt: skip
    said = suggest(everything)
    assert {one.cause for one in said} == set(Cause)
    assert all("{" not in one.say(language) for one in said for language in ("ja", "en"))
