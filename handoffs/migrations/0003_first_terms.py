"""The terms every installation starts with, taken from the lanes in code."""

from django.db import migrations

from handoffs.lanes import LANES
from handoffs.sheets import DEFAULT_ITEMS


def fill(apps, schema_editor):
    """Version 1 of each boundary's terms."""
    terms = apps.get_model("handoffs", "LaneTerms")
    items = [
        {
            "key": i.key,
            "label_en": i.label.en,
            "label_ja": i.label.ja,
            "weight": i.weight,
            "required": i.required,
        }
        for i in DEFAULT_ITEMS
    ]
    for lane in LANES.values():
        terms.objects.create(
            boundary=lane.boundary.value,
            version=1,
            target=lane.target,
            unit=lane.unit.value if lane.unit else "",
            threshold=lane.threshold,
            warn_at_percent=list(lane.warn_at_percent),
            items=items if lane.boundary == "sql" else [],
        )


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0002_guards")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
