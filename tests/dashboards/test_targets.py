"""Setting targets, who may, and what is to be reached in a period."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from dashboards import kpis, targets
from dashboards.kpis import Frame, Unit
from dashboards.models import BELOW_ZERO, Target
from dashboards.scope import Scope
from dashboards.targets import COMPANY, TargetError, Whom, Wish, refusals
from funnel import moment
from funnel.errors import MoveRefused, NotYours
from funnel.models import CompanyDay, Event, Note, Organization
from funnel.transitions.acting import SYSTEM, Actor
from tests import builders
from tests.dashboards.conftest import tokyo

JAN, FEB, MAR, APR = (date(2026, month, 1) for month in (1, 2, 3, 4))
MARKETING = Whom("department", "marketing")


@pytest.fixture(autouse=True)
def _in_march(db: None) -> None:
    moment.simulate(tokyo(3, 10))


def put(kpi: str, value: object, day: date = MAR, kind: str = "month", whom: Whom = COMPANY, **more):
    by = more.pop("by", SYSTEM)
    number = None if value is None else Decimal(str(value))
    return targets.set_one(
        Wish(kpi, kind, day, number, whom, more.pop("version", None)), by, now=moment.now(), **more
    )


def at(start: date, end: date, **more) -> Frame:
    return Frame.of_scope(Scope(start, end, **more), Organization.current(), moment.now())


def month(day: date) -> Frame:
    return at(day, (day + timedelta(days=31)).replace(day=1) - timedelta(days=1))


YEAR = (date(2025, 4, 1), date(2026, 3, 31))
QUARTER = (JAN, date(2026, 3, 31))


def one(slug: str, frame: Frame, **more) -> Decimal | None:
    return targets.current(frame, [slug], **more).get(slug)


# ---- writing


def test_a_target_is_set_changed_and_withdrawn_version_by_version():
    first, second, third = put("mql", 170), put("mql", 180, note="春の展示会"), put("mql", None)
    assert [(t.version, t.value) for t in (first, second, third)] == [(1, 170), (2, 180), (3, None)]
    found = targets.history(COMPANY, "mql", "month", MAR)
    assert [t.version for t in found] == [3, 2, 1]
    assert found[1].note.text == "春の展示会"
    assert one("mql", month(MAR)) is None


def test_the_ledger_says_what_changed_without_a_word_of_text():
    put("mql", 170)
    put("mql", 180, note="田中さんの分")
    events = [e.data for e in Event.objects.filter(kind="setting_changed").order_by("id")]
    new = {"for": "company", "month": "2026-03-01", "value": "170", "version": 1}
    assert events[0] == {"what": "target.mql", "old": None, "new": new}
    assert events[1]["old"] == {"value": "170", "version": 1}
    assert "田中" not in str(events)


def test_what_stands_already_keeps_its_version_and_leaves_no_event():
    put("mql", 170)
    assert put("mql", "170.0", note="again").version == 1
    assert put("sql", None) is None
    assert Event.objects.filter(kind="setting_changed").count() == 1
    assert not Note.objects.exists()


def test_who_was_slower_is_told_who_was_faster():
    lead = builders.a_member(is_administrator=True)
    put("mql", 170, by=Actor.of(lead, "html", now=moment.now()))
    with pytest.raises(MoveRefused) as refused:
        put("mql", 180, version=0)
    assert refused.value.code == "setting_conflict"
    assert lead.name in refused.value.say("ja")
    assert put("mql", 180, version=1).version == 2


def test_several_are_set_together_or_not_at_all():
    good = Wish("mql", "month", MAR, Decimal(170))
    with pytest.raises(TargetError):
        targets.set_all([good, Wish("sql-rate", "month", MAR, Decimal("1.2"))], SYSTEM, now=moment.now())
    assert not Target.objects.exists()
    made = targets.set_all(
        [good, Wish("sql-rate", "month", MAR, Decimal("0.2"))], SYSTEM, now=moment.now(), note="組"
    )
    assert [t.value for t in made] == [170, Decimal("0.2")]
    assert Note.objects.count() == 1
    with pytest.raises(TargetError) as twice:
        targets.set_all([good, good], SYSTEM, now=moment.now())
    assert twice.value.code == "target_twice"
    with pytest.raises(TargetError) as many:
        targets.set_all([good] * 501, SYSTEM, now=moment.now())
    assert many.value.code == "target_many"


@pytest.mark.parametrize("together", [1, 12])
def test_many_targets_take_as_many_statements_as_one(together, django_assert_max_num_queries):
    wishes = [
        Wish(kpi, "month", date(2026, n, 1), Decimal(5))
        for n in range(1, together + 1)
        for kpi in ("mql", "sql")
    ]
    with django_assert_max_num_queries(9):
        targets.set_all(wishes, SYSTEM, now=tokyo(3, 10))


@pytest.mark.parametrize("value", [-100, "-20.5", 0, 100])
def test_a_target_lies_below_zero_where_its_kpi_can(value):
    put("nps", value)
    assert one("nps", month(MAR)) == Decimal(str(value))


def test_the_database_knows_every_kpi_that_goes_below_zero():
    declared = {kpi.slug: (kpi.minimum, kpi.maximum) for kpi in kpis.ALL if kpi.minimum < 0}
    assert declared == BELOW_ZERO


@pytest.mark.parametrize(
    ("kpi", "value", "code"),
    [
        ("nonsense", 1, "target_unknown_kpi"),
        ("mql\0", 1, "target_unknown_kpi"),
        ("mql", 0, "target_zero"),
        ("mql-rate", 0, "target_zero"),
        ("bookings", 0, "target_zero"),
        ("mql", -1, "target_negative"),
        ("mql-rate", "1.2", "target_over_one"),
        ("mql-rate", 120, "target_over_one"),
        ("mql", "NaN", "target_not_a_number"),
        ("mql", "Infinity", "target_not_a_number"),
        ("mql", "1E+40", "target_too_large"),
        ("bookings", 10**16, "target_too_large"),
        ("mql", "3.5", "target_not_whole"),
        ("nps", "-100.5", "target_out_of_range"),
        ("nps", 101, "target_out_of_range"),
    ],
)
def test_what_is_no_target(kpi, value, code):
    with pytest.raises(TargetError) as refused:
        put(kpi, value)
    assert refused.value.code == code
    assert "\0" not in refused.value.say("ja")
    assert not Target.objects.exists()


@pytest.mark.parametrize(
    ("kpi", "value"),
    [
        ("nps", 0),
        ("nrr", "1.05"),
        ("standing-deals", 0),
        ("overdue", 0),
        ("cpl", 0),
        ("mql-rate", 1),
        ("response-time", "4.5"),
    ],
)
def test_what_is_a_target_although_it_looks_odd(kpi, value):
    assert put(kpi, value).value == Decimal(str(value))


@pytest.mark.parametrize(
    ("kind", "day", "code"),
    [
        ("week", MAR, "target_bad_kind"),
        ("month", date(2026, 3, 2), "target_not_first"),
        ("quarter", FEB, "target_not_quarter"),
        ("month", date(2031, 4, 1), "target_too_far"),
        ("month", date(1970, 1, 1), "target_too_far"),
    ],
)
def test_which_periods_have_no_target(kind, day, code):
    with pytest.raises(TargetError) as refused:
        put("mql", 1, day, kind)
    assert refused.value.code == code


@pytest.mark.parametrize("code", refusals.SENTENCES)
def test_every_refusal_has_a_sentence_in_both_languages(code):
    error = TargetError(code, value="x", months="1", years=5, most=1, low="0", high="1")
    assert error.say("ja") != error.say("en")


@pytest.mark.parametrize("text", ["", "company", "department:field_sales", "member:12"])
def test_for_whom_is_written_and_read_back(text):
    assert Whom.parse(text).key() == (text or "company")


@pytest.mark.parametrize(
    "text", ["nobody", "company:x", "department:", "department:ops", "member:", "member:x", "member:٣",
             "member:0", f"member:{2**63}", "member:1\0"],
)  # fmt: skip
def test_nobody_has_no_targets(text):
    with pytest.raises(TargetError) as refused:
        Whom.parse(text)
    assert refused.value.code == "target_for_whom"


# ---- who may


def test_who_may_set_which_targets():
    now = moment.now()
    marketer, seller = builders.a_member("marketing"), builders.a_member("field_sales")
    two_hats, program = builders.a_member("marketing", "inside_sales"), builders.a_member(is_service=True)
    gone = builders.a_member()
    whose = {
        "company": COMPANY,
        "marketing": MARKETING,
        "field_sales": Whom("department", "field_sales"),
        "marketer": Whom("member", member_id=marketer.pk),
        "seller": Whom("member", member_id=seller.pk),
        "two hats": Whom("member", member_id=two_hats.pk),
        "gone": Whom("member", member_id=gone.pk),
    }
    may = {
        "administrator": (builders.a_member(is_administrator=True), set(whose)),
        "program": (program, set(whose)),
        "lead of marketing": (
            builders.a_member("marketing", role="lead"),
            {"marketing", "marketer", "two hats"},
        ),
        "member": (marketer, set()),
        "viewer": (builders.a_member(is_viewer=True), set()),
    }
    for role, (member, expected) in may.items():
        by = Actor.of(member, "html", now=now)
        allowed = {name for name, whom in whose.items() if targets.may_set(whom, by, now.date())}
        assert allowed == expected, role
        for name in set(whose) - expected:
            with pytest.raises(NotYours) as refused:
                put("mql", 10, whom=whose[name], by=by)
            assert refused.value.say("ja") != refused.value.say("en")


def test_a_target_is_for_a_person_who_works_here():
    for number in (builders.a_member(is_service=True).pk, 999_999):
        with pytest.raises(TargetError) as refused:
            put("mql", 10, whom=Whom("member", member_id=number))
        assert refused.value.code == "target_unknown_member"


# ---- reading


def test_a_month_has_its_own_target():
    put("mql", 170)
    put("mql", 500, JAN, "quarter")
    put("mql", 99, whom=MARKETING)
    assert one("mql", month(MAR)) == 170
    assert one("mql", month(MAR), whom=MARKETING) == 99


def test_a_month_without_one_has_its_share_of_its_quarters():
    put("mql", 590, JAN, "quarter")
    put("sql-rate", "0.25", JAN, "quarter")
    # 20, 18 and 21 business days.
    assert [one("mql", month(day)) for day in (JAN, FEB, MAR)] == [200, 180, 210]
    assert one("mql", at(*QUARTER)) == 590
    assert one("sql-rate", month(FEB)) == Decimal("0.25")
    put("mql", 170, FEB)
    assert [one("mql", month(day)) for day in (JAN, FEB)] == [200, 170]
    assert one("mql", month(date(2025, 12, 1))) is None
    assert one("mql", month(date(2026, 4, 1))) is None


def test_a_quarter_has_its_own_else_the_sum_of_its_months():
    for day, value in ((JAN, 100), (FEB, 110)):
        put("mql", value, day)
    assert one("mql", at(*QUARTER)) is None
    put("mql", 120, MAR)
    assert one("mql", at(*QUARTER)) == 330
    put("mql", 400, JAN, "quarter")
    assert one("mql", at(*QUARTER)) == 400
    put("mql", None, JAN, "quarter")
    assert one("mql", at(*QUARTER)) == 330


def test_a_year_is_made_of_quarters_and_months():
    for n in (4, 7, 10):
        put("bookings", 30_000_000, date(2025, n, 1), "quarter")
    for day in (JAN, FEB):
        put("bookings", 11_000_000, day)
    assert one("bookings", at(*YEAR)) is None
    put("bookings", 12_000_000, MAR)
    assert one("bookings", at(*YEAR)) == 124_000_000


def test_rates_are_weighted_by_business_days_and_never_summed():
    for day, value in ((JAN, "0.2"), (FEB, "0.2"), (MAR, "0.3")):
        put("sql-rate", value, day)
    # 20, 18 and 21 business days.
    assert one("sql-rate", at(*QUARTER)) == Decimal("0.235593")
    put("sql-rate", "0.25", JAN, "quarter")
    assert one("sql-rate", at(*QUARTER)) == Decimal("0.25")
    put("deal-size", 1_000_000, JAN)
    put("deal-size", 1_000_000, FEB)
    put("deal-size", 1_000_000, MAR)
    assert one("deal-size", at(*QUARTER)) == 1_000_000


def test_a_week_has_its_share_of_the_business_days():
    put("mql", 210)
    put("sql-rate", "0.2")
    week = at(date(2026, 3, 16), date(2026, 3, 22))
    # Friday 20 March is the equinox: 4 of 21 business days.
    assert one("mql", week) == 40
    assert one("sql-rate", week) == Decimal("0.2")
    CompanyDay.objects.create(day=date(2026, 3, 16), is_closed=True)
    assert one("mql", week) == Decimal(210) * 3 / 20
    CompanyDay.objects.create(day=date(2026, 3, 20), is_closed=False)
    assert one("mql", week) == 40
    weekend = at(date(2026, 3, 14), date(2026, 3, 15))
    assert (one("mql", weekend), one("sql-rate", weekend)) == (0, Decimal("0.2"))


def test_a_week_over_two_months_takes_from_both():
    put("mql", 210)
    week = at(date(2026, 3, 30), date(2026, 4, 5))
    assert one("mql", week) is None
    put("mql", 420, APR)
    # 2 of 21, and 3 of 21.
    assert one("mql", week) == 20 + 60


def test_a_month_without_a_business_day_counts_its_days():
    for day in range(1, 32):
        CompanyDay.objects.create(day=date(2026, 3, day), is_closed=True)
    put("mql", 310)
    put("sql-rate", "0.2")
    assert one("mql", month(MAR)) == 310
    assert one("mql", at(MAR, date(2026, 3, 10))) == 100
    assert one("sql-rate", at(MAR, date(2026, 3, 10))) == Decimal("0.2")


def test_targets_can_be_read_as_they_were_known():
    put("mql", 170)
    moment.simulate(tokyo(3, 12))
    put("mql", 200)
    assert one("mql", month(MAR)) == 200
    assert one("mql", month(MAR), known_at=tokyo(3, 11)) == 170
    assert one("mql", month(MAR), known_at=tokyo(3, 9)) is None


def test_a_part_of_the_company_is_not_measured_by_the_whole():
    member = builders.a_member("marketing")
    put("mql", 170)
    put("mql", 20, whom=Whom("member", member_id=member.pk))
    end = date(2026, 3, 31)
    assert one("mql", at(MAR, end, channel="web")) is None
    assert one("mql", at(MAR, end, owner=member.pk)) == 20
    assert one("mql", at(MAR, end, owner=member.pk + 1)) is None


@pytest.mark.parametrize("frames", [QUARTER, YEAR])
def test_any_number_of_targets_is_one_statement(frames, django_assert_num_queries):
    slugs = [kpi.slug for kpi in kpis.ALL]
    for kpi in kpis.ALL:
        for day in (JAN, FEB, MAR):
            put(kpi.slug, "0.5" if kpi.unit is Unit.RATE else 10, day)
    frame = at(*frames)
    with django_assert_num_queries(1):
        found = targets.current(frame, slugs)
    assert set(found) == (set(slugs) if frames == QUARTER else set())
