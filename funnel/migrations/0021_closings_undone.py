"""A pass put back to nurture or closed as not a fit opens again when the ledger withdraws that; never otherwise."""

from django.db import migrations

GUARD = """
CREATE OR REPLACE FUNCTION lead_counted_for_good() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF OLD.outcome IS NOT NULL AND NEW.outcome IS NULL AND OLD.outcome NOT IN ('lost', 'won') THEN
    IF OLD.outcome NOT IN ('recycled', 'disqualified') OR NOT EXISTS (
        SELECT 1 FROM funnel_event e WHERE e.lead_id = OLD.id AND e.kind = 'lead_' || OLD.outcome
          AND e.occurred_at = OLD.closed_at AND EXISTS (
            SELECT 1 FROM funnel_event c WHERE c.corrects_id = e.id AND c.data @> '{"withdrawn": true}')) THEN
      RAISE EXCEPTION 'lead_stays_closed' USING ERRCODE = '23514', CONSTRAINT = 'lead_stays_closed';
    END IF;
  END IF;
  IF NEW.person_id <> OLD.person_id OR NEW.pass_no <> OLD.pass_no THEN
    RAISE EXCEPTION 'lead_identity_fixed' USING ERRCODE = '23514', CONSTRAINT = 'lead_identity_fixed';
  END IF;
  RETURN NEW;
END $$;
"""

UNDO = """
CREATE OR REPLACE FUNCTION lead_counted_for_good() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF OLD.outcome IS NOT NULL AND NEW.outcome IS NULL AND OLD.outcome NOT IN ('lost', 'won') THEN
    RAISE EXCEPTION 'lead_stays_closed' USING ERRCODE = '23514', CONSTRAINT = 'lead_stays_closed';
  END IF;
  IF NEW.person_id <> OLD.person_id OR NEW.pass_no <> OLD.pass_no THEN
    RAISE EXCEPTION 'lead_identity_fixed' USING ERRCODE = '23514', CONSTRAINT = 'lead_identity_fixed';
  END IF;
  RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("funnel", "0020_lists_sort_by_index")]
    operations = [migrations.RunSQL(GUARD, UNDO)]
