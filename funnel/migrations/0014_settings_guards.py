"""Members and reasons are never deleted, wordings never changed, a covering department has people of its own."""

from django.db import migrations

GUARDS = """
CREATE TRIGGER member_no_delete BEFORE DELETE ON funnel_member FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER member_no_truncate BEFORE TRUNCATE ON funnel_member
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER wording_append_only BEFORE UPDATE OR DELETE ON funnel_wording
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER wording_no_truncate BEFORE TRUNCATE ON funnel_wording
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reason_no_delete BEFORE DELETE ON funnel_reason FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reason_no_truncate BEFORE TRUNCATE ON funnel_reason
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION reason_code_fixed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NEW.act <> OLD.act OR NEW.code <> OLD.code THEN
    RAISE EXCEPTION 'reason_code_fixed' USING ERRCODE = '23514', CONSTRAINT = 'reason_code_fixed';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER reason_code_fixed BEFORE UPDATE ON funnel_reason FOR EACH ROW EXECUTE FUNCTION reason_code_fixed();

CREATE FUNCTION invitation_used_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF (OLD.used_at IS NOT NULL OR OLD.revoked_at IS NOT NULL)
     AND (NEW.used_at IS DISTINCT FROM OLD.used_at OR NEW.revoked_at IS DISTINCT FROM OLD.revoked_at
          OR NEW.token_hash <> OLD.token_hash) THEN
    RAISE EXCEPTION 'invitation_used_once' USING ERRCODE = '23514', CONSTRAINT = 'invitation_used_once';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER invitation_used_once BEFORE UPDATE ON funnel_invitation
  FOR EACH ROW EXECUTE FUNCTION invitation_used_once();

CREATE FUNCTION covered_by_the_staffed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NOT NEW.staffed THEN
    PERFORM pg_advisory_xact_lock(hashtext('funnel_departmentsetting.covered_by'));
    IF EXISTS (SELECT 1 FROM funnel_departmentsetting s
               WHERE NOT s.staffed AND s.department <> NEW.department
                 AND (s.department = NEW.covered_by OR s.covered_by = NEW.department)) THEN
      RAISE EXCEPTION 'department_cover_staffed' USING ERRCODE = '23514', CONSTRAINT = 'department_cover_staffed';
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER department_cover_staffed BEFORE INSERT OR UPDATE ON funnel_departmentsetting
  FOR EACH ROW EXECUTE FUNCTION covered_by_the_staffed();

-- The key of a member may be referred to while his memberships change: a handoff given to him does not wait.
CREATE OR REPLACE FUNCTION membership_never_twice() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  PERFORM 1 FROM funnel_member WHERE id = NEW.member_id FOR NO KEY UPDATE;
  IF EXISTS (SELECT 1 FROM funnel_membership m
             WHERE m.member_id = NEW.member_id AND m.department = NEW.department AND m.id IS DISTINCT FROM NEW.id
               AND daterange(m.valid_from, m.valid_to) && daterange(NEW.valid_from, NEW.valid_to)) THEN
    RAISE EXCEPTION 'membership_no_overlap' USING ERRCODE = '23P01', CONSTRAINT = 'membership_no_overlap';
  END IF;
  RETURN NEW;
END $$;
"""

UNDO = """
DROP TRIGGER department_cover_staffed ON funnel_departmentsetting;
DROP FUNCTION covered_by_the_staffed();
DROP TRIGGER invitation_used_once ON funnel_invitation;
DROP FUNCTION invitation_used_once();
DROP TRIGGER reason_code_fixed ON funnel_reason;
DROP FUNCTION reason_code_fixed();
DROP TRIGGER reason_no_truncate ON funnel_reason;
DROP TRIGGER reason_no_delete ON funnel_reason;
DROP TRIGGER wording_no_truncate ON funnel_wording;
DROP TRIGGER wording_append_only ON funnel_wording;
DROP TRIGGER member_no_truncate ON funnel_member;
DROP TRIGGER member_no_delete ON funnel_member;
"""


class Migration(migrations.Migration):
    dependencies = [("funnel", "0013_settings_by_page")]
    operations = [migrations.RunSQL(GUARDS, UNDO)]
