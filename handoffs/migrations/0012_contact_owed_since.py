"""From when the first contact of a pass is timed stands in its row, whoever writes there and whatever he writes."""

from django.db import migrations

KEPT = """
UPDATE funnel_lead l SET contact_owed_since = h.opened_at FROM (
  SELECT DISTINCT ON (lead_id) lead_id, opened_at FROM handoffs_handoff
  WHERE boundary = 'mql' ORDER BY lead_id, round DESC) h
WHERE h.lead_id = l.id;

CREATE FUNCTION lead_contact_owed_since() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  NEW.contact_owed_since := (SELECT opened_at FROM handoffs_handoff
    WHERE lead_id = NEW.id AND boundary = 'mql' ORDER BY round DESC LIMIT 1);
  RETURN NEW;
END $$;
-- A row saved whole brings a moment read earlier; what is owed decides, not what was read.
CREATE TRIGGER lead_contact_owed_since BEFORE UPDATE OF contact_owed_since ON funnel_lead
  FOR EACH ROW EXECUTE FUNCTION lead_contact_owed_since();
CREATE TRIGGER lead_contact_owed_since_at_once BEFORE INSERT ON funnel_lead
  FOR EACH ROW WHEN (NEW.contact_owed_since IS NOT NULL) EXECUTE FUNCTION lead_contact_owed_since();

CREATE FUNCTION handoff_dates_its_lead() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  UPDATE funnel_lead SET contact_owed_since = NEW.opened_at WHERE id = NEW.lead_id;
  RETURN NULL;
END $$;
CREATE TRIGGER handoff_dates_its_lead AFTER INSERT ON handoffs_handoff
  FOR EACH ROW WHEN (NEW.boundary = 'mql') EXECUTE FUNCTION handoff_dates_its_lead();
"""

UNDO = """
DROP TRIGGER handoff_dates_its_lead ON handoffs_handoff;
DROP FUNCTION handoff_dates_its_lead();
DROP TRIGGER lead_contact_owed_since_at_once ON funnel_lead;
DROP TRIGGER lead_contact_owed_since ON funnel_lead;
DROP FUNCTION lead_contact_owed_since();
"""


class Migration(migrations.Migration):
    dependencies = [("funnel", "0033_contact_owed_since"), ("handoffs", "0011_sheets_by_day")]
    operations = [migrations.RunSQL(KEPT, UNDO)]
