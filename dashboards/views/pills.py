"""The pills above the pages of targets."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from funnel.views.pills import Pill


def target_pages(at: str) -> list[Pill]:
    """The pages of targets; `at` is the address's name of the one shown."""
    pages = {
        "targets": _("Target table"),
        "plan": _("KPI tree and planner"),
        "sheet": _("Current-state sheet"),
    }
    return [Pill(reverse(name), words, name == at) for name, words in pages.items()]
