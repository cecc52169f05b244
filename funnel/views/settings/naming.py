"""What things are called: stages and the like, reasons, channels and campaigns."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from funnel.company import reasons, sources, wordings
from funnel.company.changing import stamp
from funnel.forms.acts import ActForm
from funnel.forms.company import ACTS, ChannelForm, NameForm, NewChannelForm, ReasonsForm
from funnel.models import Campaign, Channel
from funnel.stages import NAMED
from funnel.views.access import PageRequest, administers, leads_only
from funnel.views.keyset import Order, page
from funnel.views.pills import Pill
from funnel.views.settings.saving import save, show, stamp_of

KINDS: dict[str, type[Channel] | type[Campaign]] = {"channel": Channel, "campaign": Campaign}
BY_NAME = Order(key="name", descending=False, read=str)


@require_safe
@never_cache
@leads_only
def names(request: PageRequest) -> HttpResponse:
    """Every name that may be the company's own, beside the product's word."""
    return _names(request, {})


@require_POST
@never_cache
@administers
def call(request: PageRequest, table: str, code: str) -> HttpResponse:
    """Call one thing otherwise."""
    if not code or code not in NAMED.get(table, {}):
        raise Http404
    form = NameForm(request.POST, subject=(table, code))
    return save(
        request,
        form,
        lambda by, now, said: wordings.call(
            table, code, by, now=now, ja=said["ja"], en=said["en"], version=said["version"]
        ),
        back=reverse("settings-names") + f"#{table}",
        again=lambda refused: _names(request, {(table, code): refused}),
    )


@require_safe
@never_cache
@leads_only
def reason_list(request: PageRequest, act: str) -> HttpResponse:
    """The reasons on offer for an act."""
    return _reasons(request, act, None)


@require_POST
@never_cache
@administers
def change_reasons(request: PageRequest, act: str) -> HttpResponse:
    """Take over the table of reasons for an act."""
    if act not in set(ACTS):
        raise Http404
    form, seen = ReasonsForm(request.POST, subject=act), stamp_of(request)
    return save(
        request,
        form,
        lambda by, now, said: reasons.change(act, said["rows"], by, now=now, stamp=seen),
        back=reverse("settings-reasons", args=[act]),
        again=lambda refused: _reasons(request, act, refused),
    )


@require_safe
@never_cache
@leads_only
def channels(request: PageRequest) -> HttpResponse:
    """Channels and campaigns."""
    return _channels(request, {})


@require_POST
@never_cache
@administers
def add_channel(request: PageRequest) -> HttpResponse:
    """Make a channel known."""
    form = NewChannelForm(request.POST)
    return save(
        request,
        form,
        lambda by, now, said: sources.add_channel(
            by, now=now, name=said["name"], slug=said["slug"], is_web=said["is_web"]
        ),
        back=reverse("settings-channels"),
        again=lambda refused: _channels(request, {"new": refused}),
    )


@require_POST
@never_cache
@administers
def change_source(request: PageRequest, kind: str, pk: int) -> HttpResponse:
    """Rename or retire a channel or a campaign."""
    if kind not in KINDS:
        raise Http404
    source = get_object_or_404(KINDS[kind], pk=pk)
    form, seen = ChannelForm(request.POST), stamp_of(request)
    return save(
        request,
        form,
        lambda by, now, said: sources.edit(
            KINDS[kind], source.pk, by, now=now, name=said["name"], is_active=said["is_active"],
            is_web=said["is_web"] if kind == "channel" else None, stamp=seen,
        ),
        back=reverse("settings-channels"),
        again=lambda refused: _channels(request, {f"{kind}-{pk}": refused}),
    )  # fmt: skip


def _names(request: PageRequest, bound: dict[tuple[str, str], ActForm]) -> HttpResponse:
    given = request.organization.names
    versions = wordings.versions("")
    tables = []
    for table, words in NAMED.items():
        rows = []
        for code, own in words.items():
            if not code:
                continue
            what = f"{table}.{code}"
            form = bound.get((table, code)) or NameForm(subject=(table, code), initial=given.get(what, {}))
            form.auto_id = f"id_%s_{table}_{code}"
            rows.append(
                {
                    "code": code,
                    "own": own,
                    "form": form,
                    "version": versions.get(what, 0),
                    "now": given.get(what),
                }
            )
        tables.append((table, rows))
    context = {"tables": tables, "history": wordings.history("")}
    return show(request, "funnel/settings/names.html", "names", context)


def _reasons(request: PageRequest, act: str, bound: ActForm | None) -> HttpResponse:
    if act not in set(ACTS):
        raise Http404
    context = {
        "act": act,
        "acts": [
            Pill(reverse("settings-reasons", args=[code]), str(words), code == act)
            for code, words in ACTS.items()
        ],
        "form": bound or ReasonsForm(subject=act),
        "stamp": stamp(reasons.seen(act)),
    }
    return show(request, "funnel/settings/reasons.html", "reasons", context)


def _channels(request: PageRequest, bound: dict[str, ActForm]) -> HttpResponse:
    campaigns = page(request, Campaign.objects.select_related("channel"), BY_NAME)
    context = {
        "new": bound.get("new") or NewChannelForm(),
        "channels": [_source("channel", c, bound) for c in Channel.objects.order_by("-is_active", "name")],
        "campaigns": [_source("campaign", c, bound) for c in campaigns.rows],
        "page": campaigns,
    }
    return show(request, "funnel/settings/channels.html", "channels", context)


def _source(kind: str, source: Channel | Campaign, bound: dict[str, ActForm]) -> dict[str, object]:
    initial = {"name": source.name, "is_active": source.is_active, "is_web": getattr(source, "is_web", False)}
    form = bound.get(f"{kind}-{source.pk}") or ChannelForm(initial=initial)
    form.auto_id = f"id_%s_{kind}_{source.pk}"
    return {"kind": kind, "source": source, "form": form, "stamp": stamp(sources.seen(source))}
