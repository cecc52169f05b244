"""What a file's row keeps of how a record stood before goes with the person it speaks of, and in time."""

from django.db import migrations, models

ERASED = """
CREATE FUNCTION import_forgets_the_erased() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  UPDATE funnel_importrow r SET before = '{}'
    FROM funnel_importbatch b
   WHERE b.id = r.batch_id AND r.before <> '{}'::jsonb AND CASE b.kind
     WHEN 'leads' THEN EXISTS (SELECT 1 FROM funnel_lead l WHERE l.id = r.record_id AND l.person_id = NEW.id)
     WHEN 'deals' THEN EXISTS (SELECT 1 FROM funnel_deal d JOIN funnel_lead l ON l.id = d.lead_id
                                WHERE d.id = r.record_id AND l.person_id = NEW.id)
     WHEN 'activities' THEN EXISTS (SELECT 1 FROM funnel_activity a JOIN funnel_lead l ON l.id = a.lead_id
                                     WHERE a.id = r.record_id AND l.person_id = NEW.id)
     ELSE false END;
  RETURN NULL;
END $$;
CREATE TRIGGER import_forgets_the_erased AFTER UPDATE OF erased_at ON funnel_person
  FOR EACH ROW WHEN (OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL)
  EXECUTE FUNCTION import_forgets_the_erased();
"""
KEPT = """
DROP TRIGGER import_forgets_the_erased ON funnel_person;
DROP FUNCTION import_forgets_the_erased();
"""


class Migration(migrations.Migration):
    dependencies = [("funnel", "0018_ends_have_reasons")]

    operations = [
        migrations.AddIndex(
            model_name="importrow",
            index=models.Index(
                condition=models.Q(("before", {}), _negated=True), fields=["batch"], name="import_row_before"
            ),
        ),
        migrations.RunSQL(ERASED, KEPT),
    ]
