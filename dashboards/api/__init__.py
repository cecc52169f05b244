"""The API door of readings, and of what is decided about them: targets, improvements, the causes of misses."""

from django.urls import path

from dashboards.api import breaches, improvements, learning, targets, views

urlpatterns = [
    path("funnel/", views.Funnel.as_view(), name="api-funnel"),
    path("plan/", views.Plan.as_view(), name="api-plan"),
    path("targets/", targets.Targets.as_view(), name="api-targets"),
    path("improvements/", improvements.Improvements.as_view(), name="api-improvements"),
    path(
        "improvements/<int:improvement_id>/done/",
        improvements.Done.as_view(),
        name="api-improvement-done",
    ),
    path(
        "improvements/<int:improvement_id>/drop/",
        improvements.Drop.as_view(),
        name="api-improvement-drop",
    ),
    path("cases/", learning.Cases.as_view(), name="api-cases"),
    path("week-words/", learning.WeekWords.as_view(), name="api-week-words"),
    path("helps/", learning.Helps.as_view(), name="api-helps"),
    path("breaches/", breaches.Breaches.as_view(), name="api-breaches"),
    path("breaches/<int:handoff_id>/cause/", breaches.SayCause.as_view(), name="api-breach-cause"),
    path("cohorts/", views.Cohorts.as_view(), name="api-cohorts"),
    path("numbers/", views.Kpis.as_view(), name="api-kpis"),
    path("numbers/<slug:slug>/", views.OneKpi.as_view(), name="api-kpi"),
    path("numbers/<slug:slug>/rows/", views.KpiRows.as_view(), name="api-kpi-rows"),
]
