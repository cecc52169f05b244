"""What a list is asked: a filter form whose fields stand in the address, and what it offers, read in one statement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from funnel.models import Channel, Member, Membership, SavedView
from funnel.search import hits
from funnel.stages import Department
from funnel.views.access import PageRequest
from funnel.views.keyset import MOST_COUNTED
from funnel.views.pills import customer_lists
from funnel.words import Words

REPLACED = "replaced_in_file"
"""Where a session holds how many characters the last file lacked."""


class Tab(NamedTuple):
    """A saved view as a tab of its list."""

    pk: int
    name: str
    address: str
    is_mine: bool
    department: str
    is_current: bool


class Furniture(NamedTuple):
    """What stands around a list: its choices, the views saved of it that the member sees, and his hats (with his role)."""

    hats: dict[str, str]
    owners: list[tuple[str, str]]
    channels: list[tuple[str, str]]
    views: list[tuple[int, str, str, bool, str]]


def furniture(request: PageRequest, of: str, *, owners: Q | None = None, channels: bool = False) -> Furniture:
    """Read the choices and the saved views of one list in one statement."""
    today = request.now.astimezone(request.organization.tz).date()
    current = Membership.objects.filter(member=request.user, valid_from__lte=today).exclude(
        valid_to__lte=today
    )
    seen = Q(owner=request.user) | Q(department__in=current.values("department"))
    views: QuerySet[Any, Any] = _rows(
        SavedView.objects.filter(seen, list=of),
        "view",
        "pk",
        "name",
        F("query"),
        F("owner_id"),
        F("department"),
    )
    parts = [_rows(current, "hat", "department", "role")]
    if owners is not None:
        parts.append(_rows(Member.objects.filter(owners), "owner", "pk", "name"))
    if channels:
        parts.append(_rows(Channel.objects.all(), "channel", "slug", "name"))
    read: dict[str, list[tuple[Any, ...]]] = {"owner": [], "channel": [], "view": [], "hat": []}
    found = views.order_by().union(*(part.order_by() for part in parts), all=True)
    for kind, key, label, query, owner, team in found:
        read[kind].append((key, label, query, owner == request.user.pk, team))
    return Furniture(
        {key: label for key, label, *_rest in read["hat"]},
        [(key, label) for key, label, *_rest in sorted(read["owner"], key=lambda row: row[1])],
        [(key, label) for key, label, *_rest in sorted(read["channel"], key=lambda row: row[1])],
        sorted((int(key), label, query, mine, team) for key, label, query, mine, team in read["view"]),
    )


def _rows(
    rows: QuerySet[Any], kind: str, key: str, label: str, query: Combinable | None = None, owner: Combinable | None = None,
    team: Combinable | None = None,
) -> QuerySet[Any, Any]:  # fmt: skip
    # One shape for all, so that they can stand in one statement.
    return rows.values_list(
        Value(kind, CharField()),
        Cast(key, CharField()),
        label,
        query or Value("", CharField()),
        owner or Value(0),
        team or Value("", CharField()),
    )


class ListFilter(forms.Form):
    """Base of the filters: fields that are blank narrow nothing, a value that is no choice is said and ignored."""

    def __init__(self, data: Any, offered: Mapping[str, list[tuple[str, str]]]) -> None:
        super().__init__(data)
        for name, choices in offered.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        self.is_valid()
        self.hits = hits(self.cleaned_data.get("q", ""))

    def query(self) -> str:
        """What is asked as a query string in the order of the fields, blanks left out: what a view saves."""
        return urlencode(
            [(name, self.cleaned_data[name]) for name in self.fields if self.cleaned_data.get(name)]
        )

    @property
    def is_narrowed(self) -> bool:
        """True when anything but the order is asked."""
        return any(value for name, value in self.cleaned_data.items() if name != "order")

    @property
    def used(self) -> list[str]:
        """The names of the fields that narrow, for the ledger: never what was searched for."""
        return sorted(name for name, value in self.cleaned_data.items() if value and name != "order")

    def counted(self, rows: QuerySet[Any], person: str = "person_id") -> tuple[int, bool]:
        """How many rows are found of those the other filters leave, and whether there may be more."""
        return self.hits.counted(rows, MOST_COUNTED, person)


def tabs(stand: Furniture, asked: ListFilter) -> list[Tab]:
    """The saved views as tabs; the one that says what is asked now is current."""
    now = asked.query()
    return [
        Tab(pk, name, f"?{query}", mine, team, query == now) for pk, name, query, mine, team in stand.views
    ]


def choices(words: Mapping[str, Words], codes: tuple[str, ...]) -> list[tuple[str, str]]:
    """Offer codes under their names in the reader's language, after "all"."""
    language = get_language()
    return [("", _("All")), *((str(code), words[code].say(language)) for code in codes)]


def around(request: PageRequest, of: str, stand: Furniture, asked: ListFilter) -> dict[str, Any]:
    """What every list shows beside its rows; says first what the last file could not hold."""
    if replaced := request.session.pop(REPLACED, 0):
        said = ngettext(
            "%(n)d character that Shift_JIS lacks was replaced by 〓 in the file.",
            "%(n)d characters that Shift_JIS lacks were replaced by 〓 in the file.",
            replaced,
        )
        messages.warning(request, said % {"n": replaced})
    return {
        "list": of,
        "lists": customer_lists(of),
        "form": asked,
        "tabs": tabs(stand, asked),
        "query": asked.query(),
        "filtered": asked.is_narrowed,
        "partly": asked.hits.partly,
        "may_write": bool(stand.hats) and not request.user.is_viewer,
        "may_lead": request.user.is_administrator or Membership.Role.LEAD in stand.hats.values(),
        "hats": [d for d in Department if d in stand.hats],
    }
