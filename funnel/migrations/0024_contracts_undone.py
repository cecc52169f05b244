"""A contract that ended runs again only when the ledger withdraws its end or the renewal after it; a void one never."""

from django.db import migrations

GUARD = """
CREATE FUNCTION contract_final() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF OLD.voided_at IS NOT NULL AND NEW.voided_at IS NULL THEN
    RAISE EXCEPTION 'contract_stays_void' USING ERRCODE = '23514', CONSTRAINT = 'contract_stays_void';
  END IF;
  IF OLD.ended_on IS NOT NULL AND NEW.ended_on IS NULL AND NOT EXISTS (
      SELECT 1 FROM funnel_event e WHERE e.customer_id = OLD.customer_id AND (
          (e.kind = 'contract_ended' AND e.contract_id = OLD.id)
          OR (e.kind = 'contract_renewed' AND e.contract_id IN (
                SELECT id FROM funnel_contract WHERE renewal_of_id = OLD.id)))
        AND EXISTS (SELECT 1 FROM funnel_event c WHERE c.corrects_id = e.id AND c.data @> '{"withdrawn": true}')) THEN
    RAISE EXCEPTION 'contract_ended_once' USING ERRCODE = '23514', CONSTRAINT = 'contract_ended_once';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER contract_final BEFORE UPDATE ON funnel_contract FOR EACH ROW EXECUTE FUNCTION contract_final();
"""

UNDO = """
DROP TRIGGER contract_final ON funnel_contract;
DROP FUNCTION contract_final();
"""


class Migration(migrations.Migration):
    dependencies = [("funnel", "0023_queue_from_few_rows")]
    operations = [migrations.RunSQL(GUARD, UNDO)]
