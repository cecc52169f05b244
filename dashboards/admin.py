"""Look, don't touch: counts are written by `dashboards.counts` alone."""

from django.contrib import admin

from dashboards.models import CountDelta, DailyCount
from funnel.admin import LookOnly


@admin.register(DailyCount)
class DailyCountAdmin(LookOnly):
    """Counts by day, as far as they are folded."""

    list_display = ("day", "measure", "stage", "channel", "inferred", "n")
    list_filter = ("measure", "stage", "inferred")
    list_select_related = ("channel",)
    date_hierarchy = "day"


@admin.register(CountDelta)
class CountDeltaAdmin(LookOnly):
    """What is not folded yet."""

    list_display = ("id", "day", "measure", "stage", "channel", "inferred", "n")
    list_select_related = ("channel",)
