"""Views for reporting tools.

A role that reads them is made by `manage.py create_reporting_role`: whoever migrates may not be allowed to make roles.
"""

from typing import Any

from django.db import migrations

from dashboards import reporting


def make(apps: Any, schema_editor: Any) -> None:
    """Make them, unless a new database is being built beside the one in use: then whoever exchanges the two does."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        if cursor.fetchone()[0] == "public":
            reporting.remake(cursor)


def drop(apps: Any, schema_editor: Any) -> None:
    """Drop them."""
    schema_editor.execute(reporting.DROP)


class Migration(migrations.Migration):
    dependencies = [
        ("dashboards", "0003_target_guards"),
        ("funnel", "0026_readings_by_day"),
        ("handoffs", "0011_sheets_by_day"),
    ]

    operations = [migrations.RunPython(make, drop)]
