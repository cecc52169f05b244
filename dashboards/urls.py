"""Addresses."""

from django.urls import path

from dashboards.views import board, causes, cohorts, exploring, mine, numbers, plan, rows, sheet, sla, targets
from dashboards.views.explore import EXPLORERS
from dashboards.views.telling import sheet_told, targets_told
from funnel.views.settings.telling import tells

tells("target", targets_told)
tells("sheet", sheet_told)

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
    path("targets/", targets.page, name="targets"),
    path("targets/now/", sheet.sheet, name="sheet"),
    path("targets/now/keep/", sheet.keep, name="sheet-keep"),
    path("targets/now/start/", sheet.start, name="sheet-start"),
    path("targets/plan/", plan.plan, name="plan"),
    path("targets/plan/start/", plan.start, name="plan-start"),
    path("targets/undo/", targets.undo, name="targets-undo"),
]
