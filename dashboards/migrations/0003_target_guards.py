"""A target that was set stays as it was; a quarter's begins where the organisation's quarters do."""

from django.db import migrations

GUARDS = """
CREATE TRIGGER target_append_only BEFORE UPDATE OR DELETE ON dashboards_target
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER target_no_truncate BEFORE TRUNCATE ON dashboards_target
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION target_quarter_begins() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NEW.kind = 'quarter' AND EXISTS (
    SELECT 1 FROM funnel_organization o
    WHERE mod(extract(month FROM NEW.first_day)::integer - o.fiscal_year_start + 12, 3) <> 0) THEN
    RAISE EXCEPTION 'target_quarter_begins' USING ERRCODE = '23514', CONSTRAINT = 'target_quarter_begins';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER target_quarter_begins BEFORE INSERT ON dashboards_target
  FOR EACH ROW EXECUTE FUNCTION target_quarter_begins();
"""

UNDO = """
DROP TRIGGER target_quarter_begins ON dashboards_target;
DROP FUNCTION target_quarter_begins();
DROP TRIGGER target_no_truncate ON dashboards_target;
DROP TRIGGER target_append_only ON dashboards_target;
"""


class Migration(migrations.Migration):
    dependencies = [("dashboards", "0002_targets"), ("funnel", "0003_defaults")]
    operations = [migrations.RunSQL(GUARDS, UNDO)]
