"""Addresses."""

from django.urls import path

from dashboards.views import (
    board,
    cases,
    causes,
    cohorts,
    exploring,
    mine,
    numbers,
    plan,
    rows,
    sheet,
    sla,
    targets,
    weeks,
)
from dashboards.views.explore import EXPLORERS
from dashboards.views.improvements import listing as decided
from dashboards.views.improvements import pages as improvement
from dashboards.views.meetings import acts, listing, report, settings, stage
from dashboards.views.meetings.terms_said import terms_told
from dashboards.views.telling import sheet_told, targets_told
from funnel.views.settings.telling import tells

tells("target", targets_told)
tells("sheet", sheet_told)
tells("meeting", terms_told)

urlpatterns: list = [
    path("funnel/", board.board, name="funnel"),
    path("funnel/mine/", mine.mine, name="my-month"),
    path("funnel/numbers/", board.numbers, name="funnel-numbers"),
    path("cohorts/", cohorts.page, name="cohorts"),
    path("cohorts/<slug:name>.csv", cohorts.table, name="cohorts-csv"),
    path("numbers/", numbers.catalogue, name="numbers"),
    path("numbers/<slug:slug>/", numbers.number, name="number"),
    path("funnel/<slug:slug>/rows/", rows.rows, name="kpi-rows"),
    path("funnel/<slug:slug>/rows.csv", rows.export_rows, name="kpi-rows-csv"),
    path("explore/", exploring.index, name="explore"),
    *(path(f"explore/{name}/", exploring.page, {"name": name}, name=f"explore-{name}") for name in EXPLORERS),
    *(
        path(f"explore/{name}.csv", exploring.table, {"name": name}, name=f"explore-{name}-csv")
        for name in EXPLORERS
    ),
    path("sla/", sla.analysis, name="sla"),
    path("sla/causes/", causes.say_causes, name="sla-causes"),
    path("sla/ask/<int:pk>/", causes.ask, name="sla-ask"),
    path("sla/causes/<int:pk>/undo/", causes.undo_causes, name="sla-causes-undo"),
    path("improvements/", decided.listing, name="improvements"),
    path("improvements/new/", improvement.new, name="improvement-new"),
    path("improvements/<int:pk>/", improvement.one, name="improvement"),
    path("improvements/<int:pk>/edit/", improvement.edit, name="improvement-edit"),
    path("improvements/<int:pk>/done/", improvement.finish, name="improvement-finish"),
    path("improvements/<int:pk>/drop/", improvement.drop, name="improvement-drop"),
    path("improvements/<int:pk>/reopen/", improvement.reopen, name="improvement-reopen"),
    path("settings/meetings/", settings.kinds, name="settings-meetings"),
    path("settings/meetings/<slug:kind>/", settings.agree, name="settings-meeting"),
    path("review/", listing.listing, name="meetings"),
    path("review/week/", weeks.week, name="week"),
    path("review/week/say/", weeks.say, name="week-say"),
    path("review/week/helped/", weeks.thank, name="week-help"),
    path("review/week/helped/<int:pk>/withdraw/", weeks.withdraw, name="week-help-withdraw"),
    path("cases/", cases.listing, name="cases"),
    path("cases/new/", cases.new, name="case-new"),
    path("cases/<int:pk>/edit/", cases.edit, name="case-edit"),
    path("review/calendar.ics", listing.calendar_file, name="meetings-calendar"),
    path("review/<slug:kind>/start/", acts.start, name="meeting-start"),
    path("review/<slug:kind>/<slug:label>/", stage.meeting, name="meeting"),
    path("review/<slug:kind>/<slug:label>/show/", acts.show, name="meeting-show"),
    path("review/<slug:kind>/<slug:label>/live/", acts.show_live, name="meeting-live"),
    path("review/<slug:kind>/<slug:label>/timer/", acts.timer, name="meeting-timer"),
    path("review/<slug:kind>/<slug:label>/title/", acts.retitle, name="meeting-title"),
    path("review/<slug:kind>/<slug:label>/decide/", acts.decide, name="meeting-decide"),
    path("review/<slug:kind>/<slug:label>/read/", acts.read, name="meeting-read"),
    path("review/<slug:kind>/<slug:label>/answer/", acts.answer, name="meeting-answer"),
    path("review/<slug:kind>/<slug:label>/close/", acts.close, name="meeting-close"),
    path("review/<slug:kind>/<slug:label>/print/", report.report, name="meeting-print"),
    path("review/<slug:kind>/<slug:label>/tables.xlsx", report.workbook, name="meeting-workbook"),
    path("review/<slug:kind>/<slug:label>/<slug:name>.csv", report.table, name="meeting-table"),
    path("review/<slug:kind>/<slug:label>/reopen/", acts.reopen, name="meeting-reopen"),
    path("targets/", targets.page, name="targets"),
    path("targets/now/", sheet.sheet, name="sheet"),
    path("targets/now/keep/", sheet.keep, name="sheet-keep"),
    path("targets/now/start/", sheet.start, name="sheet-start"),
    path("targets/plan/", plan.plan, name="plan"),
    path("targets/plan/start/", plan.start, name="plan-start"),
    path("targets/undo/", targets.undo, name="targets-undo"),
]
