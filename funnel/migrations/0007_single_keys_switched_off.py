"""A member may leave single keys to the browser."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("funnel", "0006_side_facts"),
    ]

    operations = [
        migrations.AddField(
            model_name="member",
            name="shortcuts_off",
            field=models.BooleanField(default=False),
        ),
    ]
