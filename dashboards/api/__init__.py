"""The API door of readings: the funnel, the plan, the KPIs and their rows."""

from django.urls import path

from dashboards.api import targets, views

urlpatterns = [
    path("funnel/", views.Funnel.as_view(), name="api-funnel"),
    path("plan/", views.Plan.as_view(), name="api-plan"),
    path("targets/", targets.Targets.as_view(), name="api-targets"),
    path("kpis/", views.Kpis.as_view(), name="api-kpis"),
    path("kpis/<slug:slug>/", views.OneKpi.as_view(), name="api-kpi"),
    path("kpis/<slug:slug>/rows/", views.KpiRows.as_view(), name="api-kpi-rows"),
]
