"""The API door of readings: the funnel, the plan, cohorts, every number and its rows."""

from django.urls import path

from dashboards.api import targets, views

urlpatterns = [
    path("funnel/", views.Funnel.as_view(), name="api-funnel"),
    path("plan/", views.Plan.as_view(), name="api-plan"),
    path("targets/", targets.Targets.as_view(), name="api-targets"),
    path("cohorts/", views.Cohorts.as_view(), name="api-cohorts"),
    path("numbers/", views.Kpis.as_view(), name="api-kpis"),
    path("numbers/<slug:slug>/", views.OneKpi.as_view(), name="api-kpi"),
    path("numbers/<slug:slug>/rows/", views.KpiRows.as_view(), name="api-kpi-rows"),
]
