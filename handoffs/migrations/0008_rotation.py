"""Since when a handoff is whose and why; choosing takes turns with whatever changes who can be chosen."""

import handoffs.rotation
from django.conf import settings
from django.db import migrations, models


OLD = """
UPDATE handoffs_handoff SET owned_at = opened_at WHERE owner_id IS NOT NULL;
UPDATE handoffs_handoff SET routed_by = 'assigned' WHERE owner_id IS NOT NULL AND routed_by NOT IN ('owner', 'least_loaded');
UPDATE handoffs_handoff SET routed_by = '' WHERE owner_id IS NULL AND routed_by <> 'nobody';
"""

# The wait is shorter than deadlock_timeout (1 s): whoever holds the lock and waits for a row of ours goes on first.
TURNS = """
CREATE FUNCTION routing_turn(department text) RETURNS void LANGUAGE sql AS $$
  SELECT pg_advisory_xact_lock(hashtext('handoffs.routing'), hashtext(department))
$$;
CREATE FUNCTION routing_lock(department text) RETURNS boolean LANGUAGE plpgsql SET lock_timeout = '800ms' AS $$ BEGIN
  PERFORM routing_turn(department);
  RETURN true;
EXCEPTION WHEN lock_not_available THEN
  RETURN false;
END $$;

-- Leaving, coming, being away, and taking less a day are one with choosing: either before it or after it, whole.
CREATE FUNCTION routing_of_membership() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  PERFORM routing_turn(d) FROM unnest(ARRAY[LEAST(OLD.department, NEW.department), GREATEST(OLD.department, NEW.department)]) AS d;
  RETURN COALESCE(NEW, OLD);
END $$;
CREATE FUNCTION routing_of_member() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE who bigint := (to_jsonb(COALESCE(NEW, OLD)) ->> TG_ARGV[0])::bigint;
BEGIN
  PERFORM routing_turn(d.department) FROM (
    SELECT DISTINCT department FROM funnel_membership WHERE member_id = who ORDER BY department) AS d;
  RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER membership_a_turn BEFORE INSERT OR UPDATE OR DELETE ON funnel_membership
  FOR EACH ROW EXECUTE FUNCTION routing_of_membership();
CREATE TRIGGER absence_a_turn BEFORE INSERT OR UPDATE OR DELETE ON funnel_absence
  FOR EACH ROW EXECUTE FUNCTION routing_of_member('member_id');
CREATE TRIGGER member_a_turn BEFORE UPDATE OF is_active, is_viewer, is_service ON funnel_member FOR EACH ROW
  WHEN ((OLD.is_active, OLD.is_viewer, OLD.is_service) IS DISTINCT FROM (NEW.is_active, NEW.is_viewer, NEW.is_service))
  EXECUTE FUNCTION routing_of_member('id');
"""
UNDO = """
DROP TRIGGER member_a_turn ON funnel_member;
DROP TRIGGER absence_a_turn ON funnel_absence;
DROP TRIGGER membership_a_turn ON funnel_membership;
DROP FUNCTION routing_of_member();
DROP FUNCTION routing_of_membership();
DROP FUNCTION routing_lock(text);
DROP FUNCTION routing_turn(text);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('funnel', '0017_presence'),
        ('handoffs', '0007_notices_to_each'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='handoff',
            name='owned_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='handoff',
            name='routed_count',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='handoff',
            name='routed_limit',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.RunSQL(OLD, migrations.RunSQL.noop),
        migrations.RunSQL(TURNS, UNDO),
        migrations.AddIndex(
            model_name='handoff',
            index=models.Index(condition=models.Q(('owner__isnull', False)), fields=['owner', 'done_by_department', 'owned_at'], name='handoff_received'),
        ),
        migrations.AddIndex(
            model_name='handoff',
            index=models.Index(condition=models.Q(('closed_at__isnull', True), ('owner__isnull', True)), fields=['done_by_department', 'due_at'], name='handoff_without_owner'),
        ),
        migrations.AddConstraint(
            model_name='handoff',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('owned_at__isnull', True), ('owner__isnull', True), ('routed_count__isnull', True)), models.Q(('owned_at__isnull', False), ('owner__isnull', False)), _connector='OR'), name='handoff_owned_since'),
        ),
        migrations.AddConstraint(
            model_name='handoff',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('owner__isnull', True), ('routed_by__in', ['', handoffs.rotation.Why['NOBODY'], handoffs.rotation.Why['ABSENT'], handoffs.rotation.Why['FULL'], handoffs.rotation.Why['QUEUED']])), models.Q(('owner__isnull', False), ('routed_by__in', [handoffs.rotation.Why['OWNER'], handoffs.rotation.Why['FAIR'], handoffs.rotation.Why['ASSIGNED'], handoffs.rotation.Why['TAKEN']])), _connector='OR'), name='handoff_routed_why'),
        ),
    ]
