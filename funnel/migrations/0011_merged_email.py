"""Who writes by the e-mail of a record that was merged is found as whom it was merged into."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("funnel", "0010_saved_views")]

    operations = [
        migrations.AddIndex(
            model_name="person",
            index=models.Index(
                fields=["email_norm"], name="person_merged_email", condition=Q(merged_into__isnull=False)
            ),
        ),
    ]
