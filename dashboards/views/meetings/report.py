"""A meeting on paper, two pages of A4, and its tables as files; always the numbers of its start."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dashboards import claims, deck, drawing, meetings, wording
from dashboards.board import SHOWN
from dashboards.deck import KIND_WORDS
from dashboards.models import Meeting
from dashboards.views.meetings import books, listed, saying, slides
from dashboards.views.meetings.stage import decided_of, of_address
from funnel import spreadsheet
from funnel.stages import STAGE_WORDS
from funnel.views.access import PageRequest, reads

TOPICS = ("bottleneck", "overall", "sla", "departments", "voice")


@require_GET
@never_cache
@reads
def report(request: PageRequest, kind: str, label: str) -> HttpResponse:
    """The report of a meeting, as it is printed."""
    found = get_object_or_404(of_address(), kind=kind, label=label)
    shown, moved = found.snapshot, _moved(found)
    said = shown["numbers"]
    context = {
        "meeting": found,
        "name": KIND_WORDS[found.kind],
        "label": deck.label_words(found.kind, found.label),
        "organization": request.organization,
        "printed_at": request.now,
        "titles": [_title(found, topic) for topic in TOPICS],
        "rows": [_row(stage, said, moved) for stage in SHOWN],
        "bars": _bars(said),
        "sla": slides.of("sla", shown, moved),
        "voice": slides.of("voice", shown, moved),
        "tables": list(meetings.TABLES),
        **listed.said(found, request.now),
        **decided_of(found, request.now.astimezone(request.organization.tz).date()),
    }
    return render(request, "dashboards/meeting_report.html", context)


@require_GET
@never_cache
@reads
def table(request: PageRequest, kind: str, label: str, name: str) -> HttpResponse:
    """One table of a meeting as CSV."""
    found = get_object_or_404(of_address(), kind=kind, label=label)
    if name not in meetings.TABLES:
        raise Http404
    rows = meetings.TABLES[name](found.snapshot, _moved(found))
    lines = spreadsheet.lines([["" if cell is None else cell for cell in row] for row in rows])
    answer = HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{found.kind}-{found.label}-{name}.csv"'
    return answer


@require_GET
@never_cache
@reads
def workbook(request: PageRequest, kind: str, label: str) -> HttpResponse:
    """Every table of a meeting, what it decided and what it was left, as one Excel file in the reader's language."""
    found = get_object_or_404(of_address(), kind=kind, label=label)
    today = request.now.astimezone(request.organization.tz).date()
    sheets = books.sheets(found, _moved(found), **decided_of(found, today))
    answer = HttpResponse(spreadsheet.workbook(sheets), content_type=spreadsheet.XLSX)
    answer["Content-Disposition"] = f'attachment; filename="{found.kind}-{found.label}.xlsx"'
    return answer


def _moved(found: Meeting) -> dict[str, int]:
    return meetings.moved(found.snapshot, found.since.snapshot if found.since else None)


def _title(found: Meeting, topic: str) -> str:
    own = found.titles.get(topic) if topic in {slide.topic for slide in found.terms.deck} else ""
    return own or saying.said(claims.claim(topic, found.snapshot))


def _row(stage: str, said: dict[str, Any], moved: dict[str, int]) -> dict[str, Any]:
    target = said[f"target:{stage}"]
    return {
        "words": STAGE_WORDS[stage],
        "target": wording.shown(target, "count"),
        "actual": wording.count(said[f"stage:{stage}"]),
        "pace": wording.shown(said[f"due:{stage}"], "count"),
        "percent": wording.percent(said[f"pct:{stage}"]),
        "moved": wording.signed(moved[stage]) if stage in moved else wording.NOTHING,
        "is_behind": said[f"tone:{stage}"] in claims.BEHIND,
    }


def _bars(said: dict[str, Any]) -> list[dict[str, Any]]:
    """The pipe on paper: bars of 125 at most, hatched up to the pace where something is missing."""
    return [
        {
            "x": n * 100 + 20,
            "label": STAGE_WORDS[stage],
            "value": wording.count(said[f"stage:{stage}"]),
            "top": drawing.FLOOR - said[f"bar:{stage}"],
            "height": said[f"bar:{stage}"],
            "missing": max(0, 100 - said[f"bar:{stage}"]) if said[f"missing:{stage}"] else 0,
        }
        for n, stage in enumerate(SHOWN)
    ]
