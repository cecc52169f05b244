"""Search and commands: the bar that Ctrl/⌘ K opens, and the page of the same that needs no script."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from funnel import normalise
from funnel.search import KINDS, entries
from funnel.views.access import PageRequest, may_lead, reads
from funnel.views.pills import Pill
from funnel.words import Words

IN_THE_BAR = 4
ON_THE_PAGE = 20
LONGEST = 100


class Command(NamedTuple):
    """Something to do from anywhere: a page to open, or a form of the page (`form`) to send.

    `also` are further words it is found by.
    """

    name: Words
    href: str = ""
    form: str = ""
    keys: str = ""
    also: str = ""
    leads_only: bool = False


def commands() -> tuple[Command, ...]:
    """Everything the bar can do, in its order."""
    return (
        Command(
            Words("New lead", "リードを追加"), reverse("new-lead"), keys="N", also="add create 新規 登録"
        ),
        Command(Words("My queue", "マイキュー"), reverse("queue"), keys="G Q", also="home ホーム やること"),
        Command(Words("Leads", "リード一覧"), reverse("leads"), keys="G C", also="customers list 顧客"),
        Command(Words("People", "人物一覧"), reverse("people"), also="contacts 担当者 名刺"),
        Command(
            Words("Customers under contract", "契約中の顧客"),
            reverse("customers"),
            also="health 健康度 ヘルススコア 更新",
        ),
        Command(Words("Duplicates", "重複の確認"), reverse("duplicates"), also="merge 名寄せ 統合"),
        Command(
            Words("Funnel", "ファネル"), reverse("funnel"), keys="G F", also="board dashboard ダッシュボード"
        ),
        Command(Words("All numbers", "指標一覧"), reverse("numbers"), also="kpi catalogue 定義 計算式"),
        Command(Words("Cohorts", "コホート"), reverse("cohorts"), also="conversion 転換率 期間ベース"),
        Command(
            Words("Explore", "探索"),
            reverse("explore"),
            also="charts trend graph histogram cohort グラフ 推移 コホート 分析",
        ),
        Command(Words("Import a file", "ファイルの取り込み"), reverse("imports"), also="csv インポート"),
        Command(Words("Settings", "設定"), reverse("settings"), also="configuration members メンバー 通知"),
        Command(Words("日本語", "日本語"), form="ja", also="language 言語 japanese にほんご"),
        Command(Words("English", "English"), form="en", also="language 言語 英語 えいご"),
        Command(Words("Sign out", "サインアウト"), form="out", also="log out logout ログアウト"),
    )


def wanted(text: str, request: PageRequest) -> list[Command]:
    """The commands whose name in either language, or other words, have all words of `text`."""
    spoken = get_language()
    offered = [one for one in commands() if one.form != spoken]
    if not may_lead(request):
        offered = [one for one in offered if not one.leads_only]
    words = normalise.kana(text).split()
    return [one for one in offered if all(word in _known_by(one) for word in words)]


def _known_by(one: Command) -> str:
    return normalise.kana(f"{one.name.en} {one.name.ja} {one.also}")


@require_GET
@never_cache
@reads
def suggest(request: PageRequest) -> HttpResponse:
    """What the bar shows under what is typed so far: a fragment."""
    return render(request, "funnel/_suggestions.html", _found(request, IN_THE_BAR))


@require_GET
@never_cache
@reads
def search(request: PageRequest) -> HttpResponse:
    """The same as a page, longer, one kind alone if asked."""
    return render(request, "funnel/search.html", _found(request, ON_THE_PAGE))


def _found(request: PageRequest, each: int) -> dict[str, object]:
    typed = unicodedata.normalize("NFKC", request.GET.get("q", "").replace("\x00", ""))[:LONGEST].strip()
    kind = request.GET.get("kind", "")
    kinds = (kind,) if kind in KINDS else KINDS
    found = entries(typed, each=each, kinds=kinds)
    return {
        "q": typed,
        "kind": kind if kind in KINDS else "",
        "kinds": _ways(typed, kind),
        "found": found.kinds,
        "partly": found.partly,
        "nobody": bool(typed) and not any(found.kinds.values()),
        "commands": wanted(typed, request) if kind not in KINDS else [],
    }


def _ways(typed: str, kind: str) -> list[Pill]:
    """The same search over everything, and over one kind alone."""
    words = {"customer": _("Customers"), "deal": _("Deals"), "lead": _("Leads"), "person": _("People")}
    everything = Pill("?" + urlencode({"q": typed}), _("All"), kind not in KINDS)
    return [
        everything,
        *(Pill("?" + urlencode({"q": typed, "kind": k}), words[k], k == kind) for k in KINDS),
    ]
