"""Channels, campaigns and owners by the names a file gives them; unknown ones are made and reported."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.contrib.auth.hashers import make_password
from django.db.models import Q
from django.db.models.functions import Lower

from funnel.models import Campaign, Channel, Member

USERNAME = 150


class Sources:
    """What names stand for, remembered for the length of a run. Blank stays unknown."""

    def __init__(self) -> None:
        self.forget()
        self.new_channels: dict[str, None] = {}
        self.new_campaigns: dict[str, None] = {}
        self.new_members: dict[str, None] = {}

    def forget(self) -> None:
        """Drop what is remembered, when the transaction that made some of it was undone."""
        self.channels: dict[str, int] = {}
        self.campaigns: dict[str, int] = {}
        self.members: dict[str, int] = {}

    def meet(
        self, channels: Iterable[str], campaigns: Iterable[tuple[str, str]], owners: Iterable[str]
    ) -> None:
        """Look up every name of a batch, in one statement a kind, and make those nobody knows.

        `campaigns` are pairs of campaign and the channel it came with.
        """
        self._learn(self.channels, set(channels), self._known_channels, self._make_channels)
        of = {campaign: channel for campaign, channel in campaigns if campaign}
        self._learn(
            self.campaigns, set(of), self._known_campaigns, lambda names: self._make_campaigns(names, of)
        )
        self._learn(self.members, set(owners), self._known_members, self._make_members)

    def _learn(
        self,
        memory: dict[str, int],
        wanted: set[str],
        known: Callable[[set[str]], dict[str, int]],
        make: Callable[[list[str]], None],
    ) -> None:
        missing = {name for name in wanted if name and name not in memory}
        if not missing:
            return
        memory.update(known(missing))
        unknown = sorted(name for name in missing if name not in memory)
        if unknown:
            make(unknown)
            memory.update(known(set(unknown)))

    def _known_channels(self, names: set[str]) -> dict[str, int]:
        rows = Channel.objects.filter(Q(slug__in=names) | Q(name__in=names)).values_list("id", "slug", "name")
        by_name = {name: pk for pk, _, name in rows if name in names}
        return by_name | {slug: pk for pk, slug, _ in rows if slug in names}

    def _make_channels(self, names: list[str]) -> None:
        Channel.objects.bulk_create(
            [Channel(slug=name, name=name, created_by_import=True) for name in names], ignore_conflicts=True
        )
        self.new_channels.update(dict.fromkeys(names))

    def _known_campaigns(self, names: set[str]) -> dict[str, int]:
        return {slug: pk for pk, slug in Campaign.objects.filter(slug__in=names).values_list("id", "slug")}

    def _make_campaigns(self, names: list[str], of: dict[str, str]) -> None:
        Campaign.objects.bulk_create(
            [Campaign(slug=name, name=name, channel_id=self.channels.get(of[name])) for name in names],
            ignore_conflicts=True,
        )
        self.new_campaigns.update(dict.fromkeys(names))

    def _known_members(self, names: set[str]) -> dict[str, int]:
        folded = {name.lower() for name in names}
        rows = (
            Member.objects.annotate(login=Lower("username"))
            .filter(Q(external_id__in=names) | Q(login__in=folded) | Q(name__in=names, is_active=True))
            .order_by("-id")
            .values_list("id", "external_id", "login", "name")
        )
        found: dict[str, int] = {}
        for rank in (3, 2, 1):
            for row in rows:
                found.update(
                    {name: row[0] for name in names if (name.lower() if rank == 2 else name) == row[rank]}
                )
        return found

    def _make_members(self, names: list[str]) -> None:
        locked = make_password(None)
        Member.objects.bulk_create(
            [
                Member(
                    username=f"import:{name}"[:USERNAME], name=name[:USERNAME], external_id=name,
                    is_active=False, password=locked,
                )
                for name in names
            ],
            ignore_conflicts=True,
        )  # fmt: skip
        self.new_members.update(dict.fromkeys(names))
