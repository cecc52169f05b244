"""What the selected row shows below itself: what was passed, and the form of the act that comes next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language

from funnel.forms import ActForm, KickoffForm, MqlForm, StepForm
from funnel.models import Deal
from funnel.stages import BANT_FIELDS, BANT_WORDS
from funnel.views.access import PageRequest
from handoffs.desk import Item
from handoffs.forms import SqlForm
from handoffs.models import CustomerSheet, Handoff
from handoffs.views.rows import Button, Row, lead_of

FORMS: dict[str, type[ActForm]] = {"sql": SqlForm, "mql": MqlForm, "kickoff": KickoffForm, "step": StepForm}
FOLDED = frozenset({"waiting"})


@dataclass
class Strip:
    """The next act's form if it has one, where it is sent, what was passed with the handoff, the deal that is open."""

    slug: str = ""
    form: Any = None
    url: str = ""
    keep_url: str = ""
    passed: list[tuple[str, str]] | None = None
    aside: list[Button] = field(default_factory=list)
    deal: Deal | None = None


def unfold(request: PageRequest, row: Row, item: Item, tab: str, form: ActForm | None = None) -> None:
    """Select a row and give it its strip; `form` is one of its forms that was refused."""
    row.selected = True
    row.strip = Strip(
        passed=_passed(item.record), deal=item.record if isinstance(item.record, Deal) else None
    )
    if tab in FOLDED:
        return
    button = next((b for b in row.buttons if b.slug in FORMS), None)
    if button is None:
        return
    made = FORMS[button.slug]
    row.strip.slug, row.strip.url = button.slug, button.url
    if form is not None and isinstance(form, made):
        row.strip.form = form
    else:
        subject = item.record if button.slug in ("kickoff", "step") else lead_of(item.record)
        if isinstance(subject, Handoff):
            subject = subject.deal
        row.strip.form = made(
            subject=subject,
            organization=request.organization,
            now=request.now,
            auto_id=f"strip-{row.dom}-%s",
        )
    row.strip.form.title = row.strip.form.title or button.label
    row.strip.form.submit = row.strip.form.submit or button.label
    lead = lead_of(item.record)
    if button.slug == "sql" and lead is not None:
        row.strip.keep_url = reverse("lead-bant", args=[lead.pk])
        row.strip.aside = [b for b in row.buttons if b.slug == "recycle"]


def _passed(record: Any) -> list[tuple[str, str]]:
    """The sheet that came with a handoff, line by line."""
    if not isinstance(record, Handoff):
        return []
    sheet = CustomerSheet.objects.select_related("terms").filter(handoff=record).first()
    if sheet is None:
        return []
    language = get_language()
    japanese = (language or "").startswith("ja")
    lines = []
    for item in sheet.terms.items:
        value = sheet.values.get(item["key"], "")
        if item["key"] in BANT_FIELDS and value in BANT_WORDS:
            value = BANT_WORDS[value].say(language)
        if value:
            lines.append((item["label_ja"] if japanese else item["label_en"], value))
    return lines
