"""First contacts, worded and drawn: how long they took, and when those arrived that waited."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dashboards import charts
from dashboards.explorers import contact
from dashboards.kpis import Frame
from dashboards.views.explore.drawn import Drawn, plain_count
from dashboards.wording import shown
from funnel import phrasing
from funnel.words import Words

HOURS = 24
FEW = 5
"""Fewer arrivals than these make no share."""
WEEKDAYS = tuple(Words(en, ja) for en, ja in zip(phrasing.DAYS, phrasing.WEEKDAYS, strict=True))


def of_waits(at: Frame, asked: dict[str, str]) -> Drawn:
    """MQL of the period by the hours until their first contact, with the line of what was promised."""
    found = contact.waits(at)
    spans = [_hours(n, found.step) for n in range(len(found.bars))]
    bins = [
        charts.Bin(
            str(n * found.step) if n < contact.BARS else f"{n * found.step}+",
            count,
            _("%(span)s: %(n)s MQL") % {"span": span, "n": f"{count:,}"},
            n * found.step >= found.promised,
        )
        for n, (span, count) in enumerate(zip(spans, found.bars, strict=True))
    ]
    line = charts.Mark(-(-found.promised // found.step), _("promised: %(n)s hours") % {"n": found.promised})
    everyone = found.answered + found.unanswered
    notes = []
    if everyone:
        notes.append(
            _(
                "Of %(all)s MQL %(in_time)s were contacted within %(hours)s hours, %(late)s later, %(open)s not yet."
            )
            % {
                "all": f"{everyone:,}",
                "in_time": f"{found.in_time:,}",
                "hours": found.promised,
                "late": f"{found.answered - found.in_time:,}",
                "open": f"{found.unanswered:,}",
            }
        )
    notes.append(
        _("Elapsed hours from the MQL to the first human outbound attempt; an unanswered call counts.")
    )
    caption = _("Time to first contact")
    last = [[None, None, found.unanswered]] if everyone else []
    plain = [[n * found.step, (n + 1) * found.step, count] for n, count in enumerate(found.bars)]
    plain[-1][1] = None  # type: ignore[call-overload]
    cells = [[span, f"{count:,}"] for span, count in zip(spans, found.bars, strict=True)]
    say = plain_count
    return Drawn(
        caption,
        charts.histogram(bins, line=line, say=say, axis=_("hours")) if found.answered else None,
        [_("Wait"), "MQL"],
        [["from_hours", "to_hours", "mql"], *(plain + last if everyone else [])],
        [*cells, [_("not contacted"), f"{found.unanswered:,}"]] if everyone else [],
        notes,
        [],
    )


def of_hours(at: Frame, asked: dict[str, str]) -> Drawn:
    """The wait for the first contact by weekday and hour of arrival."""
    language = get_language()
    found = contact.hours(at)
    days = [words.say(language) for words in WEEKDAYS]
    cells, shown_rows = [], []
    for one in found.arrivals:
        when = f"{days[one.weekday - 1]} {one.hour}:00"
        late = one.came - one.in_time
        median = "–" if one.median is None else shown(one.median, "hours")
        words = _("%(when)s: %(late)s of %(n)s not contacted within %(hours)s hours, median %(median)s") % {
            "when": when,
            "late": late,
            "n": one.came,
            "hours": found.promised,
            "median": median,
        }
        cells.append(charts.Cell(one.weekday - 1, one.hour, late / one.came, words, is_open=one.came < FEW))
        shown_rows.append([when, f"{one.came:,}", f"{one.answered:,}", f"{one.in_time:,}", median])
    within = _("within %(n)s hours") % {"n": found.promised}
    return Drawn(
        _("Weekday and hour of arrival"),
        charts.heat(days, [str(hour) for hour in range(HOURS)], cells) if cells else None,
        [_("Arrival"), "MQL", _("contacted"), within, _("median wait")],
        [
            ["weekday", "hour", "mql", "contacted", "in_time", "median_hours"],
            *(list(a) for a in found.arrivals),
        ],
        shown_rows,
        [
            _(
                "The darker, the larger the share not contacted within %(n)s hours; an empty cell: nothing arrived."
            )
            % {"n": found.promised},
            _("Grey and hatched: fewer than %(n)s arrivals, too few for a share.") % {"n": FEW},
        ],
        [],
    )


def _hours(n: int, step: int) -> str:
    if n >= contact.BARS:
        return _("%(n)s hours and more") % {"n": n * step}
    return _("%(from)s to %(to)s hours") % {"from": n * step, "to": (n + 1) * step}
