"""What is asked of falling health is found without reading the ledger."""
import funnel.stages
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('funnel', '0015_next_step'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='event',
            index=models.Index(condition=models.Q(('kind', funnel.stages.EventKind['HEALTH_CHANGED'])), fields=['customer', 'id'], name='event_of_health'),
        ),
    ]
