"""What came back is found without reading every handoff of the sender."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0004_rounds")]
    operations = [
        migrations.AddIndex(
            "handoff",
            models.Index(
                fields=["from_department"], name="handoff_returned", condition=Q(decision="returned")
            ),
        ),
    ]
