"""What a meeting showed at its start stays so; neither it nor what was decided is deleted: both have an address."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION meeting_stands() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION 'meeting_stands' USING ERRCODE = '23514', CONSTRAINT = 'meeting_stands';
END $$;
CREATE TRIGGER meeting_stands BEFORE UPDATE ON dashboards_meeting FOR EACH ROW
  WHEN ((NEW.kind, NEW.label, NEW.held_on, NEW.starts, NEW.ends, NEW.started_at, NEW.started_by_id, NEW.since_id,
         NEW.snapshot)
        IS DISTINCT FROM (OLD.kind, OLD.label, OLD.held_on, OLD.starts, OLD.ends, OLD.started_at, OLD.started_by_id,
                          OLD.since_id, OLD.snapshot))
  EXECUTE FUNCTION meeting_stands();
CREATE TRIGGER meeting_version_grows BEFORE UPDATE ON dashboards_meeting FOR EACH ROW
  WHEN (NEW.version < OLD.version) EXECUTE FUNCTION meeting_stands();
CREATE TRIGGER meeting_not_deleted BEFORE DELETE ON dashboards_meeting
  FOR EACH ROW EXECUTE FUNCTION meeting_stands();

CREATE FUNCTION improvement_stands() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION 'improvement_stands' USING ERRCODE = '23514', CONSTRAINT = 'improvement_stands';
END $$;
CREATE TRIGGER improvement_stands BEFORE UPDATE ON dashboards_improvement FOR EACH ROW
  WHEN ((NEW.decided_at, NEW.decided_by_id, NEW.meeting_id, NEW.breach_id)
        IS DISTINCT FROM (OLD.decided_at, OLD.decided_by_id, OLD.meeting_id, OLD.breach_id)
        OR NEW.version <= OLD.version)
  EXECUTE FUNCTION improvement_stands();
CREATE TRIGGER improvement_not_deleted BEFORE DELETE ON dashboards_improvement
  FOR EACH ROW EXECUTE FUNCTION improvement_stands();
"""

UNDO = """
DROP TRIGGER improvement_not_deleted ON dashboards_improvement;
DROP TRIGGER improvement_stands ON dashboards_improvement;
DROP FUNCTION improvement_stands();
DROP TRIGGER meeting_not_deleted ON dashboards_meeting;
DROP TRIGGER meeting_version_grows ON dashboards_meeting;
DROP TRIGGER meeting_stands ON dashboards_meeting;
DROP FUNCTION meeting_stands();
"""


class Migration(migrations.Migration):
    dependencies = [("dashboards", "0009_meetings")]
    operations = [migrations.RunSQL(GUARDS, UNDO)]
