"""What was accepted, returned or ended by an act falls with that act, when the ledger withdraws it; by nothing else."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION handoff_acts_withdrawn(h handoffs_handoff) RETURNS SETOF funnel_event LANGUAGE sql STABLE AS $$
  SELECT e.* FROM funnel_event e
  WHERE e.id > h.opened_by_id AND event_is_withdrawn(e.id)
    AND (e.lead_id = h.lead_id OR (h.lead_id IS NULL AND e.customer_id = h.customer_id))
    AND e.kind IN ('handoff_accepted', 'handoff_returned', 'mql_returned', 'sql_returned', 'sql_certified',
      'deal_step_changed', 'deal_won', 'deal_lost', 'deal_voided', 'kickoff_held', 'referral_received', 'case_created',
      'lead_recycled', 'lead_disqualified', 'lead_joined', 'records_merged')
$$;

-- What accepted or returned the round is withdrawn.
CREATE FUNCTION handoff_decision_withdrawn(h handoffs_handoff) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM handoff_acts_withdrawn(h) e
                 WHERE e.occurred_at = h.decided_at AND e.actor_id IS NOT DISTINCT FROM h.decided_by_id)
$$;

-- What ended the round is withdrawn, or what completed it.
CREATE FUNCTION handoff_end_withdrawn(h handoffs_handoff) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM handoff_acts_withdrawn(h) e WHERE e.recorded_at = h.closed_at)
$$;

CREATE OR REPLACE FUNCTION handoff_verdict_final() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NEW.due_at IS DISTINCT FROM OLD.due_at OR NEW.opened_at <> OLD.opened_at OR NEW.boundary <> OLD.boundary
     OR NEW.round <> OLD.round OR NEW.opened_by_id <> OLD.opened_by_id OR NEW.terms_id <> OLD.terms_id
     OR NEW.lead_id IS DISTINCT FROM OLD.lead_id OR NEW.deal_id IS DISTINCT FROM OLD.deal_id
     OR NEW.customer_id IS DISTINCT FROM OLD.customer_id THEN
    RAISE EXCEPTION 'handoff_terms_fixed' USING ERRCODE = '23514', CONSTRAINT = 'handoff_terms_fixed';
  END IF;
  IF OLD.missed_at IS NOT NULL AND NEW.missed_at IS DISTINCT FROM OLD.missed_at THEN
    RAISE EXCEPTION 'handoff_verdict_final' USING ERRCODE = '23514', CONSTRAINT = 'handoff_verdict_final';
  END IF;
  IF OLD.cancelled_at IS NOT NULL AND (NEW.cancelled_at IS DISTINCT FROM OLD.cancelled_at
                                       OR NEW.kept_at IS NOT NULL OR NEW.missed_at IS NOT NULL) THEN
    IF NOT handoff_end_withdrawn(OLD) THEN
      RAISE EXCEPTION 'handoff_verdict_final' USING ERRCODE = '23514', CONSTRAINT = 'handoff_verdict_final';
    END IF;
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
    -- Who accepted by the very act that is withdrawn has not accepted; who withdraws his answer has not answered.
    IF NOT handoff_decision_withdrawn(OLD) AND (OLD.decision = 'returned' OR NEW.decision = 'returned' OR NOT EXISTS (
        SELECT 1 FROM funnel_event WHERE id = OLD.kept_by_id AND occurred_at = OLD.decided_at
          AND event_is_withdrawn(id))) THEN
      RAISE EXCEPTION 'handoff_decided_once' USING ERRCODE = '23514', CONSTRAINT = 'handoff_decided_once';
    END IF;
  END IF;
  IF OLD.closed_at IS NOT NULL AND NEW.closed_at IS DISTINCT FROM OLD.closed_at THEN
    IF NOT (event_is_withdrawn(OLD.kept_by_id) OR handoff_end_withdrawn(OLD) OR handoff_decision_withdrawn(OLD)) THEN
      RAISE EXCEPTION 'handoff_closed_once' USING ERRCODE = '23514', CONSTRAINT = 'handoff_closed_once';
    END IF;
  END IF;
  RETURN NEW;
END $$;
"""

UNDO = """
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

DROP FUNCTION handoff_end_withdrawn(handoffs_handoff);
DROP FUNCTION handoff_decision_withdrawn(handoffs_handoff);
DROP FUNCTION handoff_acts_withdrawn(handoffs_handoff);
"""


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0008_rotation"), ("funnel", "0021_closings_undone")]
    operations = [migrations.RunSQL(GUARDS, UNDO)]
