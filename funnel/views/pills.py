"""The pills above a page: the few ways to look at the same thing, each a link."""

from __future__ import annotations

from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _


class Pill(NamedTuple):
    """One way to look: where it leads, its words, whether it is the one shown; `number` as a page writes it ("" for none).

    `key` names a count that a script renews.
    """

    href: str
    words: str
    is_current: bool
    number: str = ""
    key: str = ""


def up_to(n: int, most: int) -> str:
    """A count that is not taken further than `most`."""
    return f"{most}+" if n >= most else str(n)


def customer_lists(at: str) -> list[Pill]:
    """The lists of what is known of customers; `at` is the name of the one shown."""
    lists = {
        "leads": _("Leads"),
        "people": _("People"),
        "customers": _("Under contract"),
        "duplicates": _("Duplicates"),
    }
    return [Pill(reverse(name), words, name == at) for name, words in lists.items()]
