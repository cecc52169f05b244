"""The parts of every page, each drawn by one template of `components/`: what a page says is passed, how it looks is not."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from django import template
from django.forms.utils import flatatt
from django.template.loader import render_to_string

register = template.Library()

KEY_SIGNS = {"Enter": "↵", "ArrowLeft": "←", "ArrowRight": "→"}
"""How a key is written where its name is not what stands on it."""


@register.inclusion_tag("components/pill_tabs.html")
def pill_tabs(
    pills: Sequence[Any], label: str, *, name: str = "", look: str = "", swap: bool = False
) -> dict[str, Any]:
    """The ways to look at one thing: `{% pill_tabs lists _("Lists") %}`, with pills of `funnel.views.pills`."""
    return {"pills": pills, "label": label, "name": name, "look": look, "swap": swap}


@register.simple_block_tag
def button(
    content: str,
    look: str = "",
    *,
    href: str = "",
    next: str = "",
    key: str = "",
    told: bool = False,
    off: object = False,
    why: str = "",
    **attributes: object,
) -> str:
    """A press: `{% button "primary" %}Save{% endbutton %}` sends its form, with `href` it is a link,
    which comes back to `next`.

    `look` is any of primary, small and a place (push); `key` presses it, `told` writes the key on it. `off` disables it,
    `why` is the id of the words that say so. Further attributes are written as given: `hx_get` becomes `hx-get`, a true
    one stands alone, one that is empty or false is left out.
    """
    kind = attributes.pop("type", "submit")
    kept = _kept(
        {"disabled": bool(off), "aria_describedby": why if off else "", **attributes, "data_key": key}
    )
    signs = [KEY_SIGNS.get(part, part.upper() if len(part) == 1 else part) for part in key.split("+")]
    context = {
        "content": content,
        "look": look,
        "href": f"{href}?next={quote(next)}" if next else href,
        "signs": signs if key and told else [],
        "kind": kind,
        "attributes": flatatt(kept),
    }
    return render_to_string("components/button.html", context)


@register.simple_block_tag
def badge(content: str, tone: str = "", look: str = "", *, of: str = "span", **attributes: object) -> str:
    """How something stands: `{% badge "bad" %}Overdue{% endbadge %}`, in any of the tones bad, warn, fine and stale.

    `of` is the element it is; further attributes are written as those of a button.
    """
    context = {
        "content": content, "tone": tone, "look": look, "element": of, "attributes": flatatt(_kept(attributes)),
    }  # fmt: skip
    return render_to_string("components/badge.html", context)


@register.simple_block_tag
def toast(content: str, look: str = "", **attributes: object) -> str:
    """What was done, said at the edge: `{% toast "error" %}…{% endtoast %}`; `act` has an undo or a note in it."""
    context = {"content": content, "look": look, "attributes": flatatt(_kept(attributes))}
    return render_to_string("components/toast.html", context)


def _kept(attributes: Mapping[str, object]) -> dict[str, object]:
    """Attributes as HTML writes them, without those that are empty."""
    return {
        name.replace("_", "-"): value
        for name, value in attributes.items()
        if value is not None and value != ""
    }


@register.simple_tag
def once() -> str:
    """What makes a second press of the form it stands in harmless."""
    return str(uuid.uuid4())


@register.filter
def into(value: object, address: str) -> str:
    """A value in its place of an address: `{{ year|into:"?year={}" }}`."""
    return address.format(value)
