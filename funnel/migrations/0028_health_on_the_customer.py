"""The list of customers by health is read from an index: the latest record is repeated on the customer."""

import django.db.models.functions.comparison
from django.db import migrations, models

# As the search text of a person: whatever is written to the customer, what stands there is the latest record's.
TRIGGERS = """
CREATE FUNCTION customer_health() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  SELECT score, band INTO NEW.health_score, NEW.health_band FROM funnel_healthrecord
    WHERE customer_id = NEW.id ORDER BY day DESC LIMIT 1;
  RETURN NEW;
END $$;
CREATE TRIGGER customer_health BEFORE INSERT OR UPDATE ON funnel_customer
  FOR EACH ROW EXECUTE FUNCTION customer_health();

CREATE FUNCTION health_of_customer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE one bigint;
BEGIN
  FOREACH one IN ARRAY CASE WHEN TG_OP = 'UPDATE' AND OLD.customer_id <> NEW.customer_id
    THEN ARRAY[OLD.customer_id, NEW.customer_id] ELSE ARRAY[coalesce(NEW.customer_id, OLD.customer_id)] END
  LOOP
    -- Whoever writes another day of the same customer waits, and then sees this one.
    PERFORM FROM funnel_customer WHERE id = one FOR NO KEY UPDATE;
    UPDATE funnel_customer c SET health_score = c.health_score WHERE id = one
      AND ROW(health_score, health_band) IS DISTINCT FROM (SELECT ROW(score, band) FROM funnel_healthrecord
        WHERE customer_id = one ORDER BY day DESC LIMIT 1);
  END LOOP;
  RETURN NULL;
END $$;
CREATE TRIGGER health_of_customer AFTER INSERT OR UPDATE OR DELETE ON funnel_healthrecord
  FOR EACH ROW EXECUTE FUNCTION health_of_customer();

UPDATE funnel_customer SET health_score = health_score
  WHERE EXISTS (SELECT FROM funnel_healthrecord WHERE customer_id = funnel_customer.id);
"""
UNDO = """
DROP TRIGGER health_of_customer ON funnel_healthrecord;
DROP FUNCTION health_of_customer();
DROP TRIGGER customer_health ON funnel_customer;
DROP FUNCTION customer_health();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("funnel", "0027_rejected_text_expires"),
    ]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="health_score",
            field=models.PositiveSmallIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="customer",
            name="health_band",
            field=models.CharField(editable=False, max_length=10, null=True),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                django.db.models.functions.comparison.Coalesce("health_score", 101),
                models.F("id"),
                name="customer_by_health",
            ),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                condition=models.Q(("segment", ""), _negated=True), fields=["segment"], name="lead_by_segment"
            ),
        ),
        migrations.RunSQL(TRIGGERS, UNDO),
    ]
