"""The API door of promises: its addresses under /api/v1/."""

from django.urls import path

from handoffs.api import views, winning

urlpatterns = [
    path("leads/<int:lead_id>/qualify/", views.Qualify.as_view(), name="api-qualify"),
    path("deals/<int:deal_id>/win/", winning.Win.as_view(), name="api-win"),
    path("lanes/", views.Lanes.as_view(), name="api-lanes"),
    path("handoffs/", views.Handoffs.as_view(), name="api-handoffs"),
    path("handoffs/<int:handoff_id>/", views.OneHandoff.as_view(), name="api-handoff"),
    path("handoffs/<int:handoff_id>/sheet/", views.Sheet.as_view(), name="api-sheet"),
    path("handoffs/<int:handoff_id>/accept/", views.Accept.as_view(), name="api-accept"),
    path("handoffs/<int:handoff_id>/return/", views.Return.as_view(), name="api-return"),
    path("handoffs/<int:handoff_id>/excuse/", views.Excuse.as_view(), name="api-excuse"),
    path("handoffs/<int:handoff_id>/assign/", views.Assign.as_view(), name="api-assign"),
]
