"""Won and lost deals say why: held for what is written from now on, as the ledger's past cannot be changed."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("funnel", "0017_presence")]

    operations = [
        AddConstraintNotValid(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=Q(binding=False)
                | ~Q(kind__in=["deal_won", "deal_lost"])
                | ~Q(source__in=["html", "api"])
                | ~Q(reason__in=["", "not_recorded"]),
                name="event_end_has_reason",
            ),
        ),
    ]
