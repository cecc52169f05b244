"""What check constraints cannot say: the ledger is append-only, memberships never overlap, yen are whole."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = '23001';
END $$;
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON funnel_event
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON funnel_event
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION event_recorded_now() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  NEW.recorded_at := revops_now();
  RETURN NEW;
END $$;
CREATE TRIGGER event_recorded_now BEFORE INSERT ON funnel_event
  FOR EACH ROW EXECUTE FUNCTION event_recorded_now();

CREATE FUNCTION membership_never_twice() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  PERFORM 1 FROM funnel_member WHERE id = NEW.member_id FOR UPDATE;
  IF EXISTS (SELECT 1 FROM funnel_membership m
             WHERE m.member_id = NEW.member_id AND m.department = NEW.department AND m.id IS DISTINCT FROM NEW.id
               AND daterange(m.valid_from, m.valid_to) && daterange(NEW.valid_from, NEW.valid_to)) THEN
    RAISE EXCEPTION 'membership_no_overlap' USING ERRCODE = '23P01', CONSTRAINT = 'membership_no_overlap';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER membership_no_overlap BEFORE INSERT OR UPDATE ON funnel_membership
  FOR EACH ROW EXECUTE FUNCTION membership_never_twice();

CREATE FUNCTION keep_one_administrator() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF OLD.is_administrator AND OLD.is_active AND NOT (NEW.is_administrator AND NEW.is_active) THEN
    PERFORM pg_advisory_xact_lock(hashtext('funnel_member.is_administrator'));
    IF NOT EXISTS (SELECT 1 FROM funnel_member WHERE is_administrator AND is_active AND id <> OLD.id) THEN
      RAISE EXCEPTION 'member_last_administrator' USING ERRCODE = '23514', CONSTRAINT = 'member_last_administrator';
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER member_last_administrator BEFORE UPDATE ON funnel_member
  FOR EACH ROW EXECUTE FUNCTION keep_one_administrator();

CREATE FUNCTION lead_counted_for_good() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF OLD.outcome IS NOT NULL AND NEW.outcome IS NULL AND OLD.outcome NOT IN ('lost', 'won') THEN
    RAISE EXCEPTION 'lead_stays_closed' USING ERRCODE = '23514', CONSTRAINT = 'lead_stays_closed';
  END IF;
  IF NEW.person_id <> OLD.person_id OR NEW.pass_no <> OLD.pass_no THEN
    RAISE EXCEPTION 'lead_identity_fixed' USING ERRCODE = '23514', CONSTRAINT = 'lead_identity_fixed';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER lead_final BEFORE UPDATE ON funnel_lead FOR EACH ROW EXECUTE FUNCTION lead_counted_for_good();

ALTER TABLE funnel_deal ADD CONSTRAINT deal_yen_whole
  CHECK ((currency <> 'JPY' OR amount IS NULL OR amount = trunc(amount)) IS TRUE);
ALTER TABLE funnel_contract ADD CONSTRAINT contract_yen_whole
  CHECK ((currency <> 'JPY' OR mrr IS NULL OR mrr = trunc(mrr)) IS TRUE);
"""

UNDO = """
ALTER TABLE funnel_contract DROP CONSTRAINT contract_yen_whole;
ALTER TABLE funnel_deal DROP CONSTRAINT deal_yen_whole;
DROP TRIGGER lead_final ON funnel_lead;
DROP FUNCTION lead_counted_for_good();
DROP TRIGGER member_last_administrator ON funnel_member;
DROP FUNCTION keep_one_administrator();
DROP TRIGGER membership_no_overlap ON funnel_membership;
DROP FUNCTION membership_never_twice();
DROP TRIGGER event_recorded_now ON funnel_event;
DROP FUNCTION event_recorded_now();
DROP TRIGGER event_no_truncate ON funnel_event;
DROP TRIGGER event_append_only ON funnel_event;
DROP FUNCTION refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("funnel", "0001_facts")]
    operations = [migrations.RunSQL(GUARDS, UNDO)]
