"""Every meeting has its terms, and what was agreed stays as it was."""

import django.db.models.deletion
from django.db import migrations, models

GUARDS = """
CREATE TRIGGER meeting_terms_stand BEFORE UPDATE OR DELETE ON dashboards_meetingterms
  FOR EACH ROW EXECUTE FUNCTION meeting_stands();
CREATE TRIGGER meeting_terms_kept BEFORE UPDATE OF terms_id ON dashboards_meeting FOR EACH ROW
  WHEN (NEW.terms_id IS DISTINCT FROM OLD.terms_id) EXECUTE FUNCTION meeting_stands();
"""

UNDO = """
DROP TRIGGER meeting_terms_kept ON dashboards_meeting;
DROP TRIGGER meeting_terms_stand ON dashboards_meetingterms;
"""


class Migration(migrations.Migration):
    dependencies = [("dashboards", "0011_meeting_terms")]
    operations = [
        migrations.AlterField(
            model_name="meeting",
            name="terms",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="dashboards.meetingterms",
            ),
        ),
        migrations.RunSQL(GUARDS, UNDO),
    ]
