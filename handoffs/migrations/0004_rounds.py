"""A round ends once, one round of a subject is live at a time, and what was decided stays decided."""

from django.db import migrations, models
from django.db.models import Q

GUARDS = """
CREATE FUNCTION handoff_decided_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF OLD.decision <> 'pending' AND (NEW.decision <> OLD.decision OR NEW.decided_at <> OLD.decided_at) THEN
    RAISE EXCEPTION 'handoff_decided_once' USING ERRCODE = '23514', CONSTRAINT = 'handoff_decided_once';
  END IF;
  IF OLD.closed_at IS NOT NULL AND NEW.closed_at IS DISTINCT FROM OLD.closed_at THEN
    RAISE EXCEPTION 'handoff_closed_once' USING ERRCODE = '23514', CONSTRAINT = 'handoff_closed_once';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER handoff_decided_once BEFORE UPDATE ON handoffs_handoff
  FOR EACH ROW EXECUTE FUNCTION handoff_decided_once();
"""

UNDO = """
DROP TRIGGER handoff_decided_once ON handoffs_handoff;
DROP FUNCTION handoff_decided_once();
"""


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0003_first_terms")]
    operations = [
        migrations.AddField("handoff", "closed_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("handoff", "warn_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("handoff", "routed_by", models.CharField(blank=True, max_length=20)),
        migrations.RemoveIndex("handoff", "handoff_queue"),
        migrations.AddIndex(
            "handoff",
            models.Index(
                fields=["done_by_department", "due_at"], name="handoff_live_queue", condition=Q(closed_at__isnull=True)
            ),
        ),
        migrations.AddIndex(
            "handoff",
            models.Index(fields=["owner"], name="handoff_live_of_owner", condition=Q(closed_at__isnull=True)),
        ),
        migrations.AddIndex(
            "handoff",
            models.Index(
                fields=["warn_at"],
                name="handoff_to_warn",
                condition=Q(
                    warn_at__isnull=False, kept_at__isnull=True, missed_at__isnull=True, cancelled_at__isnull=True
                ),
            ),
        ),
        migrations.AddConstraint(
            "handoff",
            models.UniqueConstraint(
                fields=["lead"], condition=Q(boundary="mql", closed_at__isnull=True), name="handoff_mql_one_live"
            ),
        ),
        migrations.AddConstraint(
            "handoff",
            models.UniqueConstraint(
                fields=["boundary", "deal"],
                condition=Q(boundary__in=["sql", "won"], closed_at__isnull=True),
                name="handoff_deal_one_live",
            ),
        ),
        migrations.AddConstraint(
            "handoff",
            models.CheckConstraint(
                condition=Q(closed_at__isnull=False) | (Q(cancelled_at__isnull=True) & ~Q(decision="returned")),
                name="handoff_ended_is_closed",
            ),
        ),
        migrations.RunSQL(GUARDS, UNDO),
    ]
