"""A review is of one miss and stays so; what was confirmed keeps its evidence. Misses of before get theirs."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION breach_of_a_miss() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM handoffs_handoff h WHERE h.id = NEW.handoff_id AND h.missed_at = NEW.breached_at
                 AND h.boundary = NEW.boundary) THEN
    RAISE EXCEPTION 'breach_of_a_miss' USING ERRCODE = '23514', CONSTRAINT = 'breach_of_a_miss';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER breach_of_a_miss BEFORE INSERT ON dashboards_breachreview
  FOR EACH ROW EXECUTE FUNCTION breach_of_a_miss();

CREATE FUNCTION breach_stands() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION 'breach_stands' USING ERRCODE = '23514', CONSTRAINT = 'breach_stands';
END $$;
CREATE TRIGGER breach_stands BEFORE UPDATE ON dashboards_breachreview FOR EACH ROW
  WHEN ((NEW.handoff_id, NEW.boundary, NEW.department, NEW.breached_at, NEW.opened_at)
        IS DISTINCT FROM (OLD.handoff_id, OLD.boundary, OLD.department, OLD.breached_at, OLD.opened_at))
  EXECUTE FUNCTION breach_stands();
CREATE TRIGGER breach_keeps_evidence BEFORE UPDATE ON dashboards_breachreview FOR EACH ROW
  WHEN (OLD.cause <> '' AND NEW.cause <> '' AND OLD.evidence IS NOT NULL AND
        (NEW.evidence, NEW.suggested, NEW.owner_id) IS DISTINCT FROM (OLD.evidence, OLD.suggested, OLD.owner_id))
  EXECUTE FUNCTION breach_stands();
CREATE TRIGGER breach_not_deleted BEFORE DELETE ON dashboards_breachreview
  FOR EACH ROW EXECUTE FUNCTION breach_stands();
"""

UNDO = """
DROP TRIGGER breach_not_deleted ON dashboards_breachreview;
DROP TRIGGER breach_keeps_evidence ON dashboards_breachreview;
DROP TRIGGER breach_stands ON dashboards_breachreview;
DROP FUNCTION breach_stands();
DROP TRIGGER breach_of_a_miss ON dashboards_breachreview;
DROP FUNCTION breach_of_a_miss();
"""

OPEN = """
INSERT INTO dashboards_breachreview (handoff_id, boundary, department, breached_at, opened_at, suggested, cause)
SELECT id, boundary, CASE WHEN due_at IS NULL THEN from_department ELSE done_by_department END, missed_at,
       revops_now(), '{}', '' FROM handoffs_handoff
WHERE missed_at IS NOT NULL ON CONFLICT (handoff_id) DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("dashboards", "0005_breaches"), ("funnel", "0032_breach_reasons")]
    operations = [migrations.RunSQL(GUARDS, UNDO), migrations.RunSQL(OPEN, migrations.RunSQL.noop)]
