"""What was said of a week stays said: a sentence gets another version, a help is taken back; a case keeps its record."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION said_stands() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION 'said_stands' USING ERRCODE = '23514', CONSTRAINT = 'said_stands';
END $$;
CREATE TRIGGER week_word_stands BEFORE UPDATE OR DELETE ON dashboards_weekword
  FOR EACH ROW EXECUTE FUNCTION said_stands();
CREATE TRIGGER help_stands BEFORE UPDATE ON dashboards_help FOR EACH ROW
  WHEN ((NEW.week, NEW.helper_id, NEW.department, NEW.text, NEW.by_id, NEW.said_at)
        IS DISTINCT FROM (OLD.week, OLD.helper_id, OLD.department, OLD.text, OLD.by_id, OLD.said_at)
        OR OLD.withdrawn_at IS NOT NULL)
  EXECUTE FUNCTION said_stands();
CREATE TRIGGER help_not_deleted BEFORE DELETE ON dashboards_help
  FOR EACH ROW EXECUTE FUNCTION said_stands();
CREATE TRIGGER case_stands BEFORE UPDATE ON dashboards_sharedcase FOR EACH ROW
  WHEN ((NEW.kind, NEW.deal_id, NEW.customer_id, NEW.by_id, NEW.shared_at)
        IS DISTINCT FROM (OLD.kind, OLD.deal_id, OLD.customer_id, OLD.by_id, OLD.shared_at)
        OR NEW.version <= OLD.version)
  EXECUTE FUNCTION said_stands();
CREATE TRIGGER case_not_deleted BEFORE DELETE ON dashboards_sharedcase
  FOR EACH ROW EXECUTE FUNCTION said_stands();
"""

UNDO = """
DROP TRIGGER case_not_deleted ON dashboards_sharedcase;
DROP TRIGGER case_stands ON dashboards_sharedcase;
DROP TRIGGER help_not_deleted ON dashboards_help;
DROP TRIGGER help_stands ON dashboards_help;
DROP TRIGGER week_word_stands ON dashboards_weekword;
DROP FUNCTION said_stands();
"""


class Migration(migrations.Migration):
    dependencies = [("dashboards", "0013_weeks_and_cases")]
    operations = [migrations.RunSQL(GUARDS, UNDO)]
