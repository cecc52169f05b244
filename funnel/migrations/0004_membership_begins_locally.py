"""A membership begins on the organisation's today."""

from django.db import migrations, models

import funnel.models.company


class Migration(migrations.Migration):
    dependencies = [("funnel", "0003_defaults")]

    operations = [
        migrations.AlterField(
            model_name="membership",
            name="valid_from",
            field=models.DateField(default=funnel.models.company.local_today),
        )
    ]
