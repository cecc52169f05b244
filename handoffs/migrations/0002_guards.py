"""A promise is opened by a binding event, its terms are fixed, its verdict is final, and it is never deleted."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION handoff_opened_by_binding() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM funnel_event WHERE id = NEW.opened_by_id AND binding) THEN
    RAISE EXCEPTION 'handoff_binding_event' USING ERRCODE = '23514', CONSTRAINT = 'handoff_binding_event';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER handoff_binding_event BEFORE INSERT ON handoffs_handoff
  FOR EACH ROW EXECUTE FUNCTION handoff_opened_by_binding();

CREATE FUNCTION handoff_verdict_final() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NEW.due_at IS DISTINCT FROM OLD.due_at OR NEW.opened_at <> OLD.opened_at OR NEW.boundary <> OLD.boundary
     OR NEW.round <> OLD.round OR NEW.opened_by_id <> OLD.opened_by_id OR NEW.terms_id <> OLD.terms_id
     OR NEW.lead_id IS DISTINCT FROM OLD.lead_id OR NEW.deal_id IS DISTINCT FROM OLD.deal_id
     OR NEW.customer_id IS DISTINCT FROM OLD.customer_id THEN
    RAISE EXCEPTION 'handoff_terms_fixed' USING ERRCODE = '23514', CONSTRAINT = 'handoff_terms_fixed';
  END IF;
  IF (OLD.kept_at IS NOT NULL AND (NEW.kept_at IS DISTINCT FROM OLD.kept_at
                                   OR NEW.kept_recorded_at IS DISTINCT FROM OLD.kept_recorded_at
                                   OR NEW.missed_at IS DISTINCT FROM OLD.missed_at))
     OR (OLD.missed_at IS NOT NULL AND NEW.missed_at IS DISTINCT FROM OLD.missed_at)
     OR (OLD.cancelled_at IS NOT NULL AND (NEW.cancelled_at IS DISTINCT FROM OLD.cancelled_at
                                           OR NEW.kept_at IS NOT NULL OR NEW.missed_at IS NOT NULL)) THEN
    RAISE EXCEPTION 'handoff_verdict_final' USING ERRCODE = '23514', CONSTRAINT = 'handoff_verdict_final';
  END IF;
  IF OLD.decision = 'returned' AND NEW.decision <> 'returned' OR OLD.decision = 'accepted' AND NEW.decision = 'pending' THEN
    RAISE EXCEPTION 'handoff_decision_final' USING ERRCODE = '23514', CONSTRAINT = 'handoff_decision_final';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER handoff_verdict_final BEFORE UPDATE ON handoffs_handoff
  FOR EACH ROW EXECUTE FUNCTION handoff_verdict_final();
CREATE TRIGGER handoff_no_delete BEFORE DELETE ON handoffs_handoff FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER handoff_no_truncate BEFORE TRUNCATE ON handoffs_handoff
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER terms_append_only BEFORE UPDATE OR DELETE ON handoffs_laneterms
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER terms_no_truncate BEFORE TRUNCATE ON handoffs_laneterms
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION sheet_score_frozen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NEW.score <> OLD.score OR NEW.submitted_at <> OLD.submitted_at OR NEW.terms_id <> OLD.terms_id THEN
    RAISE EXCEPTION 'sheet_score_frozen' USING ERRCODE = '23514', CONSTRAINT = 'sheet_score_frozen';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER sheet_score_frozen BEFORE UPDATE ON handoffs_customersheet
  FOR EACH ROW EXECUTE FUNCTION sheet_score_frozen();
"""

UNDO = """
DROP TRIGGER sheet_score_frozen ON handoffs_customersheet;
DROP FUNCTION sheet_score_frozen();
DROP TRIGGER terms_no_truncate ON handoffs_laneterms;
DROP TRIGGER terms_append_only ON handoffs_laneterms;
DROP TRIGGER handoff_no_truncate ON handoffs_handoff;
DROP TRIGGER handoff_no_delete ON handoffs_handoff;
DROP TRIGGER handoff_verdict_final ON handoffs_handoff;
DROP FUNCTION handoff_verdict_final();
DROP TRIGGER handoff_binding_event ON handoffs_handoff;
DROP FUNCTION handoff_opened_by_binding();
"""


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0001_promises"), ("funnel", "0003_defaults")]
    operations = [migrations.RunSQL(GUARDS, UNDO)]
