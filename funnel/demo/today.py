"""Pure. What lies on the desks of the four departments right now: some late, some due today, some with time left."""

from collections.abc import Callable
from datetime import datetime, timedelta

from funnel.demo import care
from funnel.demo.hours import ONE_DAY
from funnel.demo.passes import Destiny, Passing, Teller

Cast = Callable[..., Passing]
FIRST_CONTACT = timedelta(hours=24)
KICKOFF_DAYS, ADVOCACY_DAYS = 3, 5


def put(teller: Teller, now: datetime, cast: Cast, givers: list[Passing]) -> None:
    """Put open work on every desk, relative to `now`."""
    _inside_sales(teller, now, cast)
    _field_sales(teller, now, cast)
    _success(teller, now, cast)
    _marketing(teller, now, cast, givers)


def _until_midnight(teller: Teller, now: datetime) -> timedelta:
    return teller.hours.at(now.date() + ONE_DAY, 0) - now


def _inside_sales(teller: Teller, now: datetime, cast: Cast) -> None:
    """Certified leads nobody has called yet, and a deal that came back."""
    left = _until_midnight(teller, now)
    overdue = [now - FIRST_CONTACT - timedelta(hours=h) for h in (1.3, 5.2, 19)]
    today = [now - FIRST_CONTACT + left * part for part in (0.2, 0.45, 0.8)]
    later = [now - timedelta(minutes=m) for m in (9, 38, 95, 170)]
    for n, certified in enumerate([*overdue, *today, *later]):
        captured = certified - timedelta(minutes=20 + 7 * n)
        one = cast(f"call-{n}", captured, Destiny.MQL)
        teller.capture(one)
        teller.certify(one, certified)
    one, submitted = _deal(teller, now, cast, "back", hours=21)
    teller.tell(
        max(submitted, now - timedelta(hours=2)), one.subject, "give_back", one.field, boundary="sql",
        reason="no_decision_maker",
    )  # fmt: skip


def _deal(
    teller: Teller, now: datetime, cast: Cast, subject: str, *, hours: float, gap: float = 0
) -> tuple[Passing, datetime]:
    """A deal handed to field sales `hours` ago."""
    submitted = now - timedelta(hours=hours)
    one = cast(subject, submitted - timedelta(days=5), Destiny.SQL)
    teller.capture(one)
    certified = teller.certify(one, one.captured_at + timedelta(hours=2))
    teller.call(one, certified + timedelta(hours=3), reached=1)
    return one, teller.submit(one, submitted, gap=gap)


def _field_sales(teller: Teller, now: datetime, cast: Cast) -> None:
    """Deals waiting to be accepted, one of them with an incomplete sheet."""
    for n, hours in enumerate((0.4, 3, 8, 26)):
        _deal(teller, now, cast, f"meet-{n}", hours=hours, gap=float(n == 1))


def _won(
    teller: Teller, now: datetime, cast: Cast, subject: str, signed: datetime, *, accepted: bool
) -> None:
    """A contract signed some days ago whose kickoff is not set."""
    one = cast(subject, signed - timedelta(days=30), Destiny.WON)
    teller.capture(one)
    certified = teller.certify(one, one.captured_at + timedelta(hours=3))
    teller.call(one, certified + timedelta(hours=2), reached=1)
    submitted = teller.submit(one, certified + timedelta(days=4), gap=0)
    teller.tell(submitted + timedelta(hours=3), one.subject, "accept", one.field, boundary="sql")
    met = submitted + timedelta(days=3)
    teller.tell(met, one.subject, "log", one.field, kind="meeting", result="held")
    for days, step in ((6, "proposal"), (12, "negotiation"), (18, "contracting")):
        teller.tell(met + timedelta(days=days), one.subject, "move_step", one.field, step=step)
    teller.won(one, signed)
    if accepted:
        teller.tell(signed + timedelta(minutes=50), one.subject, "accept", care.SUCCESS[-1], boundary="won")


def _signed_for(teller: Teller, now: datetime, days: int) -> datetime:
    """The moment of a signing whose promise of `days` business days ends today, or on the next working day."""
    due = teller.hours.opening(teller.hours.at(now.date(), 12)).date()
    return teller.hours.at(teller.hours.working_days_before(due, days), 15.2)


def _success(teller: Teller, now: datetime, cast: Cast) -> None:
    """Contracts without a kickoff: late, due today, and fresh."""
    due_today = _signed_for(teller, now, KICKOFF_DAYS)
    late = _signed_for(teller, due_today - ONE_DAY, 1)
    _won(teller, now, cast, "kick-0", late, accepted=True)
    _won(teller, now, cast, "kick-1", min(due_today, now - timedelta(hours=2)), accepted=True)
    _won(teller, now, cast, "kick-2", now - timedelta(minutes=75), accepted=False)


def _marketing(teller: Teller, now: datetime, cast: Cast, givers: list[Passing]) -> None:
    """Customers who agreed to help, leads that came back, and leads nobody has looked at."""
    due_today = _signed_for(teller, now, ADVOCACY_DAYS)
    late = _signed_for(teller, due_today - ONE_DAY, 1)
    for giver, agreed in zip(givers, (late, due_today, now - timedelta(hours=3)), strict=False):
        teller.tell(min(agreed, now), giver.subject, "agree_advocacy", care.SUCCESS[0])
    for n, reason in enumerate(("incomplete", "no_timeline")):
        certified = now - timedelta(hours=20 + n)
        one = cast(f"returned-{n}", certified - timedelta(hours=1), Destiny.MQL)
        teller.capture(one)
        teller.certify(one, certified)
        teller.tell(
            now - timedelta(hours=4 + n), one.subject, "give_back", one.inside, boundary="mql", reason=reason
        )
    for n, minutes in enumerate((4, 16, 47, 80, 130)):
        teller.capture(cast(f"new-{n}", now - timedelta(minutes=minutes), Destiny.LEAD))
