"""Channels, months of entry and recurring revenue, worded and drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dashboards import charts
from dashboards.counts import funnels
from dashboards.explorers import recurring, triangle
from dashboards.kpis import Frame
from dashboards.views.asking import Choice
from dashboards.views.explore.drawn import Drawn, Menu, Refused, bucket, money
from dashboards.wording import shown
from funnel.stages import STAGE_DEPARTMENT, STAGE_WORDS, Stage
from funnel.words import Words

MOST_CHANNELS = 12
STAGES_SHOWN = (Stage.LEAD, Stage.MQL, Stage.SQL, Stage.WON)
FIRST_STEP = "lead-mql"
BRIDGE: dict[str, Words] = {
    "opening": Words("At the start", "期初MRR"),
    "new": Words("New", "新規"),
    "reactivation": Words("Reactivation", "再開"),
    "expansion": Words("Expansion", "拡大"),
    "contraction": Words("Contraction", "縮小"),
    "churn": Words("Churn", "解約"),
    "closing": Words("At the end", "期末MRR"),
}


LOSSES = ("contraction", "churn")


def of_channels(at: Frame, asked: dict[str, str]) -> Drawn:
    """What each channel brought at four stages."""
    language = get_language()
    (found,) = funnels([replace(at.scope, basis="period", group_by="channel")])
    rows = [
        (group.label if group.key else _("No channel"), group.key, dict(group.stages))
        for group in found.groups
    ]
    rows = [row for row in rows if any(row[2][stage] for stage in STAGES_SHOWN)]
    drawn = rows[:MOST_CHANNELS]
    words = {stage: STAGE_WORDS[stage].say(language) for stage in STAGES_SHOWN}
    panels = [
        charts.Panel(
            words[stage],
            charts.DEPARTMENT[str(STAGE_DEPARTMENT[stage])],
            [counted[stage] for _label, _key, counted in drawn],
            [f"{label} {words[stage]} {counted[stage]:,}" for label, _key, counted in drawn],
        )
        for stage in STAGES_SHOWN
    ]
    notes = [_("Entries of the period into each stage; a lead counts once at each stage it entered.")]
    if len(rows) > MOST_CHANNELS:
        notes.append(
            _("The chart shows the %(n)s largest of %(all)s channels, the table all.")
            % {"n": MOST_CHANNELS, "all": len(rows)}
        )
    return Drawn(
        _("Channels by stage"),
        charts.panels([row[0] for row in drawn], panels) if drawn else None,
        [_("Channel"), *words.values()],
        [["channel", *STAGES_SHOWN], *([key, *(c[s] for s in STAGES_SHOWN)] for _label, key, c in rows)],
        [[label, *(f"{c[s]:,}" for s in STAGES_SHOWN)] for label, _key, c in rows],
        notes,
        [],
    )


def of_cohorts(at: Frame, asked: dict[str, str]) -> Drawn:
    """How much of each month of entry had gone on, month after month."""
    language = get_language()
    step = asked.get("step") or FIRST_STEP
    if step not in triangle.STEPS:
        raise Refused(_("There is no step “%(value)s”. Choose one of the list.") % {"value": step[:40]})
    found = triangle.read(at, step)
    months = [bucket(one.month, "month", at.today, language) for one in found.cohorts]
    width = max((len(one.reached) for one in found.cohorts), default=0)
    cells = []
    for row, (label, one) in enumerate(zip(months, found.cohorts, strict=True)):
        for each in one.reached:
            words = _("%(month)s: %(k)s of %(n)s (%(share)s) after %(since)s months") % {
                "month": label,
                "k": f"{each.count:,}",
                "n": f"{one.size:,}",
                "share": shown(each.share, "share"),
                "since": each.since,
            }
            if each.is_open:
                words += " · " + _("still open")
            text = f"{each.share * 100:.0f}%"
            cells.append(charts.Cell(row, each.since, each.share, words, text, each.is_open))
    listed = []
    for label, one in zip(months, found.cohorts, strict=True):
        shares = [f"{shown(r.share, 'share')}{'…' if r.is_open else ''}" for r in one.reached]
        listed.append([label, f"{one.size:,}", *shares, *[""] * (width - len(shares))])
    plain = [
        [f"{one.month:%Y-%m}", one.size, r.since, r.count, r.share, int(r.is_open)]
        for one in found.cohorts
        for r in one.reached
    ]
    notes = [
        _(
            "Rows are months of entry, columns calendar months since then; shares add up. "
            "Grey and hatched (… in the table): that month is not over."
        )
    ]
    if found.left_out:
        notes.append(_("Only the latest %(n)s months are shown.") % {"n": triangle.MOST_ROWS})
    names = {key: _step_words(key, language) for key in triangle.STEPS}
    columns = [str(n) for n in range(width)]
    return Drawn(
        names[step],
        charts.heat(
            [f"{m} ({one.size:,})" for m, one in zip(months, found.cohorts, strict=True)], columns, cells
        )
        if cells
        else None,
        [_("Month"), _("Entered"), *columns],
        [["month", "entered", "months_since", "reached", "share", "open"], *plain],
        listed,
        notes,
        [
            Menu(
                "step",
                _("Stages compared"),
                [Choice(key, words, key == step) for key, words in names.items()],
            )
        ],
    )


def of_recurring(at: Frame, asked: dict[str, str]) -> Drawn:
    """From the recurring revenue before the period to that at its end."""
    language = get_language()
    found = recurring.read(at)
    names = {name: words.say(language) for name, words in BRIDGE.items()}
    notes = [
        _(
            "Revenue leaves on the day a contract ends. Revenue of accounts that paid before and had stopped "
            "is reactivation, not new."
        )
    ]
    if found is not None and found.unknown:
        notes.append(
            _("%(n)s customers with a contract of unknown revenue or in another currency are left out.")
            % {"n": found.unknown}
        )
    signed = [] if found is None else list(_signed(found))
    steps = [
        charts.Step(names[name], float(amount), money(amount, at.currency, signed=not total), total)
        for name, amount, total in signed
    ]
    has_any = found is not None and found.customers > 0
    return Drawn(
        _("Recurring revenue movements"),
        charts.waterfall(steps, lambda value: money(Decimal(str(value)), at.currency)) if has_any else None,
        [_("Movement"), _("Monthly recurring revenue")],
        [
            ["movement", "amount", "currency"],
            *([name, amount, at.currency] for name, amount, _total in signed),
        ],
        [[step.label, step.text] for step in steps] if has_any else [],
        notes,
        [],
    )


def _signed(found: recurring.Bridge) -> Iterator[tuple[str, Decimal, bool]]:
    for name in BRIDGE:
        amount = getattr(found, name)
        yield name, -amount if name in LOSSES else amount, name in ("opening", "closing")


def _step_words(key: str, language: str | None) -> str:
    return " → ".join(STAGE_WORDS[stage].say(language) for stage in triangle.STEPS[key])
