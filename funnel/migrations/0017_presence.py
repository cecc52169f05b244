"""Who is away when, and how many handoffs a day somebody takes."""

import django.db.models.deletion
import funnel.moment
from django.conf import settings
from django.db import migrations, models


GUARD = """
CREATE FUNCTION absence_never_twice() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  PERFORM 1 FROM funnel_member WHERE id = NEW.member_id FOR NO KEY UPDATE;
  IF EXISTS (SELECT 1 FROM funnel_absence a
             WHERE a.member_id = NEW.member_id AND a.id IS DISTINCT FROM NEW.id
               AND daterange(a.first_on, a.last_on, '[]') && daterange(NEW.first_on, NEW.last_on, '[]')) THEN
    RAISE EXCEPTION 'absence_no_overlap' USING ERRCODE = '23P01', CONSTRAINT = 'absence_no_overlap';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER absence_no_overlap BEFORE INSERT OR UPDATE ON funnel_absence
  FOR EACH ROW EXECUTE FUNCTION absence_never_twice();
"""
UNDO = """
DROP TRIGGER absence_no_overlap ON funnel_absence;
DROP FUNCTION absence_never_twice();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('funnel', '0016_health_changes_by_customer'),
    ]

    operations = [
        migrations.AddField(
            model_name='membership',
            name='daily_capacity',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name='Absence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_on', models.DateField()),
                ('last_on', models.DateField()),
                ('entered_at', models.DateTimeField(db_default=funnel.moment.RevopsNow(), editable=False)),
                ('entered_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='absences', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['first_on', 'id'],
                'indexes': [models.Index(fields=['member', 'last_on'], name='absence_of_member')],
                'constraints': [models.CheckConstraint(condition=models.Q(('last_on__gte', models.F('first_on'))), name='absence_dates')],
            },
        ),
        migrations.RunSQL(GUARD, UNDO),
    ]
