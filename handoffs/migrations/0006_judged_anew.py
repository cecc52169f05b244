"""A verdict falls with the act that gave it, when the ledger withdraws that act; nothing else changes one."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION event_is_withdrawn(event_id bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM funnel_event WHERE corrects_id = event_id AND data @> '{"withdrawn": true}')
$$;

CREATE OR REPLACE FUNCTION handoff_verdict_final() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NEW.due_at IS DISTINCT FROM OLD.due_at OR NEW.opened_at <> OLD.opened_at OR NEW.boundary <> OLD.boundary
     OR NEW.round <> OLD.round OR NEW.opened_by_id <> OLD.opened_by_id OR NEW.terms_id <> OLD.terms_id
     OR NEW.lead_id IS DISTINCT FROM OLD.lead_id OR NEW.deal_id IS DISTINCT FROM OLD.deal_id
     OR NEW.customer_id IS DISTINCT FROM OLD.customer_id THEN
    RAISE EXCEPTION 'handoff_terms_fixed' USING ERRCODE = '23514', CONSTRAINT = 'handoff_terms_fixed';
  END IF;
  IF (OLD.missed_at IS NOT NULL AND NEW.missed_at IS DISTINCT FROM OLD.missed_at)
     OR (OLD.cancelled_at IS NOT NULL AND (NEW.cancelled_at IS DISTINCT FROM OLD.cancelled_at
                                           OR NEW.kept_at IS NOT NULL OR NEW.missed_at IS NOT NULL)) THEN
    RAISE EXCEPTION 'handoff_verdict_final' USING ERRCODE = '23514', CONSTRAINT = 'handoff_verdict_final';
  END IF;
  IF OLD.kept_at IS NOT NULL AND (NEW.kept_at IS DISTINCT FROM OLD.kept_at
                                  OR NEW.kept_recorded_at IS DISTINCT FROM OLD.kept_recorded_at
                                  OR NEW.kept_by_id IS DISTINCT FROM OLD.kept_by_id
                                  OR NEW.missed_at IS DISTINCT FROM OLD.missed_at) THEN
    IF NOT event_is_withdrawn(OLD.kept_by_id) THEN
      RAISE EXCEPTION 'handoff_verdict_final' USING ERRCODE = '23514', CONSTRAINT = 'handoff_verdict_final';
    END IF;
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION handoff_decided_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF OLD.decision <> 'pending' AND (NEW.decision <> OLD.decision OR NEW.decided_at IS DISTINCT FROM OLD.decided_at) THEN
    -- Who accepted by the very act that is withdrawn has not accepted.
    IF OLD.decision = 'returned' OR NEW.decision = 'returned' OR NOT EXISTS (
        SELECT 1 FROM funnel_event WHERE id = OLD.kept_by_id AND occurred_at = OLD.decided_at
          AND event_is_withdrawn(id)) THEN
      RAISE EXCEPTION 'handoff_decided_once' USING ERRCODE = '23514', CONSTRAINT = 'handoff_decided_once';
    END IF;
  END IF;
  IF OLD.closed_at IS NOT NULL AND NEW.closed_at IS DISTINCT FROM OLD.closed_at THEN
    IF NOT event_is_withdrawn(OLD.kept_by_id) THEN
      RAISE EXCEPTION 'handoff_closed_once' USING ERRCODE = '23514', CONSTRAINT = 'handoff_closed_once';
    END IF;
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION handoff_kept_by_what_stands() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF event_is_withdrawn(NEW.kept_by_id) THEN
    RAISE EXCEPTION 'handoff_kept_by_what_stands'
      USING ERRCODE = '23514', CONSTRAINT = 'handoff_kept_by_what_stands';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER handoff_kept_by_what_stands BEFORE UPDATE OF kept_by_id ON handoffs_handoff
  FOR EACH ROW WHEN (NEW.kept_by_id IS NOT NULL AND NEW.kept_by_id IS DISTINCT FROM OLD.kept_by_id)
  EXECUTE FUNCTION handoff_kept_by_what_stands();
CREATE TRIGGER handoff_kept_by_what_stands_at_once BEFORE INSERT ON handoffs_handoff
  FOR EACH ROW WHEN (NEW.kept_by_id IS NOT NULL)
  EXECUTE FUNCTION handoff_kept_by_what_stands();
"""

UNDO = """
DROP TRIGGER handoff_kept_by_what_stands_at_once ON handoffs_handoff;
DROP TRIGGER handoff_kept_by_what_stands ON handoffs_handoff;
DROP FUNCTION handoff_kept_by_what_stands();
CREATE OR REPLACE FUNCTION handoff_verdict_final() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
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

CREATE OR REPLACE FUNCTION handoff_decided_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF OLD.decision <> 'pending' AND (NEW.decision <> OLD.decision OR NEW.decided_at <> OLD.decided_at) THEN
    RAISE EXCEPTION 'handoff_decided_once' USING ERRCODE = '23514', CONSTRAINT = 'handoff_decided_once';
  END IF;
  IF OLD.closed_at IS NOT NULL AND NEW.closed_at IS DISTINCT FROM OLD.closed_at THEN
    RAISE EXCEPTION 'handoff_closed_once' USING ERRCODE = '23514', CONSTRAINT = 'handoff_closed_once';
  END IF;
  RETURN NEW;
END $$;

DROP FUNCTION event_is_withdrawn(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0005_returned")]
    operations = [migrations.RunSQL(GUARDS, UNDO)]
