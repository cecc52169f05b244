"""What the board and the list of deals are asked: one filter in the address, the same for both."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funnel.calendar import add_months
from funnel.forms import LineField
from funnel.models import Deal
from funnel.querysets import with_moved_at
from funnel.stages import DEAL_STATE_WORDS, DEAL_STEP_WORDS, DealState, DealStep
from funnel.views.access import PageRequest
from funnel.views.lists.asking import Furniture, ListFilter, choices, furniture
from funnel.views.lists.sorting import offered
from funnel.views.pills import Pill

LIST = "deals"
# Asked of each member, of whom there are few; joined, every deal would be read.
OWNERS = Q(Exists(Deal.objects.filter(owner=OuterRef("pk"))))
MINE, NOBODY = "me", "none"
STILL_DAYS = (7, 14, 30, 60, 90)
SORTED = ("", "amount", "still", "closing", "owner")
BOARD_LACKS = ("state", "order")


class DealFilter(ListFilter):
    """What deals are narrowed by, and shown as."""

    view = forms.ChoiceField(required=False, widget=forms.HiddenInput)
    q = LineField(label=gettext_lazy("Company, name, e-mail or phone"), required=False, max_length=100)
    owner = forms.ChoiceField(label=gettext_lazy("Owner"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    step = forms.ChoiceField(label=gettext_lazy("Step"), required=False)
    still = forms.ChoiceField(label=gettext_lazy("Standing still"), required=False)
    closing = forms.ChoiceField(label=gettext_lazy("Expected to close"), required=False)
    order = forms.ChoiceField(label=gettext_lazy("Order"), required=False)

    @classmethod
    def of(cls, request: PageRequest, stand: Furniture) -> DealFilter:
        """The filter of a request's address, with its choices."""
        asked = cls(
            request.GET,
            {
                "view": [("", ""), ("board", ""), ("list", "")],
                "owner": [("", _("All")), (MINE, _("Mine")), (NOBODY, _("Nobody")), *stand.owners],
                "state": [
                    ("", _("In progress")),
                    *choices(DEAL_STATE_WORDS, (DealState.WON, DealState.LOST))[1:],
                ],
                "step": choices(DEAL_STEP_WORDS, tuple(DealStep)),
                "still": [("", _("All")), *((str(n), _("over %(n)d days") % {"n": n}) for n in STILL_DAYS)],
                "closing": [
                    ("", _("All")),
                    ("month", _("This month")),
                    ("late", _("Date passed")),
                    ("none", _("No date yet")),
                ],
                "order": offered(order_words(), turned=SORTED),
            },
        )
        asked.request = request
        if not asked.is_list:
            # Asked of the list alone; a board shows what is in progress.
            for name in BOARD_LACKS:
                asked.fields.pop(name)
                asked.cleaned_data.pop(name, None)

        return asked

    request: PageRequest

    @property
    def is_list(self) -> bool:
        """True for the list, false for the board."""
        return bool(self.cleaned_data.get("view") == "list")

    @property
    def is_narrowed(self) -> bool:
        """True when anything but the order and the view is asked."""
        return any(value for name, value in self.cleaned_data.items() if name not in ("view", "order"))

    @property
    def used(self) -> list[str]:
        """The names of the fields that narrow, for the ledger."""
        return [name for name in super().used if name != "view"]

    @property
    def today(self) -> date:
        """The organisation's day."""
        return self.request.now.astimezone(self.request.organization.tz).date()

    @property
    def month_began_at(self) -> datetime:
        """The first moment of the organisation's month."""
        return datetime.combine(self.today.replace(day=1), time(), self.request.organization.tz)

    def asked_state(self) -> str:
        """The state asked for; the board knows the open ones only."""
        return str(self.cleaned_data.get("state") or DealState.OPEN) if self.is_list else DealState.OPEN.value

    def ways(self) -> list[Pill]:
        """The same question shown as the board and as the list."""
        shared = {
            name: value for name, value in self.cleaned_data.items() if value and name not in BOARD_LACKS
        }
        shown = self.cleaned_data.get("view") or "board"
        return [
            Pill("?" + urlencode({**shared, "view": view}), words, view == shown)
            for view, words in (("board", _("Board")), ("list", _("List")))
        ]

    def whose(self, rows: QuerySet[Deal]) -> QuerySet[Deal]:
        """Narrow by search and owner: what holds for closed deals too."""
        asked = self.cleaned_data
        rows = self.hits.walked().narrow(rows, "lead__person_id")
        owner = asked.get("owner")
        if owner == NOBODY:
            return rows.filter(owner=None)
        if owner:
            return rows.filter(owner=self.request.user.pk if owner == MINE else owner)
        return rows

    def narrow(self, rows: QuerySet[Deal]) -> QuerySet[Deal]:
        """Narrow by everything asked."""
        asked = self.cleaned_data
        rows = with_moved_at(self.whose(rows).filter(state=self.asked_state()))
        if step := asked.get("step"):
            rows = rows.filter(step=step)
        if still := asked.get("still"):
            rows = rows.filter(Q(moved_at__lt=self.request.now - timedelta(days=int(still))))
        closing = asked.get("closing")
        if closing == "month":
            first = self.today.replace(day=1)
            rows = rows.filter(expected_close_on__gte=first, expected_close_on__lt=add_months(first, 1))
        if closing == "late":
            rows = rows.filter(expected_close_on__lt=self.today)
        if closing == "none":
            rows = rows.filter(expected_close_on=None)
        return rows


def order_words() -> dict[str, str]:
    """The orders of the list and their names; the first is the usual one."""
    return {
        "": _("Next step first"),
        "amount": _("Largest amount first"),
        "still": _("Longest still first"),
        "closing": _("Expected to close first"),
        "owner": _("By owner"),
        "new": _("Newest first"),
    }


def ask(request: PageRequest) -> tuple[Furniture, DealFilter]:
    """Read what the address asks, and what it could ask."""
    stand = furniture(request, LIST, owners=OWNERS)
    return stand, DealFilter.of(request, stand)
