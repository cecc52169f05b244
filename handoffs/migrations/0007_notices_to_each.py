"""A notice reaches each recipient on his own: a delivery for everyone and every way, outlets, choices, escalation."""

import django.contrib.postgres.fields
import django.db.models.deletion
import funnel.moment
import handoffs.kinds
import handoffs.models.notices
from django.conf import settings
from django.db import migrations, models


# What was shown or given up is told; what was waiting is spread to those who hear of it now.
# In one statement: a row written twice in a transaction leaves checks waiting, and its table could not be altered.
OLD = """
UPDATE handoffs_notice SET spread_at = COALESCE(spread_at, given_up_at),
  kind = CASE kind WHEN 'opened' THEN 'assigned' ELSE kind END
"""
# As a share of the time, for promises made before this column; new ones count in their own unit.
LATER = """
UPDATE handoffs_handoff SET escalate_at = due_at + (due_at - opened_at) / 2
WHERE due_at IS NOT NULL AND kept_at IS NULL AND closed_at IS NULL AND due_at > revops_now() - interval '7 days'
"""


class Migration(migrations.Migration):

    dependencies = [
        ('funnel', '0005_one_index_a_query'),
        ('handoffs', '0006_judged_anew'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('way', models.CharField(choices=[('app', 'app'), ('mail', 'mail'), ('chat', 'chat')], max_length=5)),
                ('is_digest', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(db_default=funnel.moment.RevopsNow(), editable=False)),
                ('next_try_at', models.DateTimeField(db_default=funnel.moment.RevopsNow())),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('delivered_at', models.DateTimeField(blank=True, null=True)),
                ('given_up_at', models.DateTimeField(blank=True, null=True)),
                ('failure', models.CharField(blank=True, max_length=80)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='NoticeChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('by_mail', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=handoffs.models.notices.default_mailed, size=None)),
                ('by_chat', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=handoffs.models.notices.default_mentioned, size=None)),
                ('chat_id', models.CharField(blank=True, max_length=30)),
                ('quiet_from', models.TimeField(blank=True, null=True)),
                ('quiet_to', models.TimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Outlet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('way', models.CharField(choices=[(handoffs.kinds.Way['MAIL'], 'Mail'), (handoffs.kinds.Way['CHAT'], 'Chat')], max_length=5)),
                ('department', models.CharField(blank=True, choices=[('marketing', 'Marketing'), ('inside_sales', 'Inside Sales'), ('field_sales', 'Field Sales'), ('customer_success', 'Customer Success')], max_length=20)),
                ('url', models.TextField(blank=True)),
                ('kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=handoffs.models.notices.default_posted, size=None)),
                ('is_active', models.BooleanField(default=True)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('failing_since', models.DateTimeField(blank=True, null=True)),
                ('failure', models.CharField(blank=True, max_length=80)),
                ('next_try_at', models.DateTimeField(db_default=funnel.moment.RevopsNow())),
                ('worked_at', models.DateTimeField(blank=True, null=True)),
                ('set_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='notice',
            name='notice_attempts_bounded',
        ),
        migrations.RemoveConstraint(
            model_name='notice',
            name='notice_one_end',
        ),
        migrations.RemoveIndex(
            model_name='notice',
            name='notice_to_deliver',
        ),
        migrations.RemoveIndex(
            model_name='notice',
            name='notice_of_department',
        ),
        migrations.RenameField(
            model_name='notice',
            old_name='delivered_at',
            new_name='spread_at',
        ),
        migrations.RunSQL(OLD, migrations.RunSQL.noop),
        migrations.RemoveField(
            model_name='notice',
            name='attempts',
        ),
        migrations.RemoveField(
            model_name='notice',
            name='failure',
        ),
        migrations.RemoveField(
            model_name='notice',
            name='given_up_at',
        ),
        migrations.RemoveField(
            model_name='notice',
            name='next_try_at',
        ),
        migrations.AddField(
            model_name='handoff',
            name='escalate_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunSQL(LATER, migrations.RunSQL.noop),
        migrations.AddField(
            model_name='notice',
            name='lead',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='funnel.lead'),
        ),
        migrations.AddField(
            model_name='sweeprun',
            name='woken_to',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='notice',
            name='kind',
            field=models.CharField(choices=[(handoffs.kinds.Kind['ASSIGNED'], 'Assigned'), (handoffs.kinds.Kind['WARNING'], 'Due soon'), (handoffs.kinds.Kind['MISSED'], 'Missed'), (handoffs.kinds.Kind['ESCALATION'], 'Escalation'), (handoffs.kinds.Kind['RETURNED'], 'Returned'), (handoffs.kinds.Kind['WAKE_UP'], 'Wake-up'), (handoffs.kinds.Kind['TRIAL'], 'Test')], max_length=20),
        ),
        migrations.AlterField(
            model_name='notice',
            name='member',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='handoff',
            index=models.Index(condition=models.Q(('closed_at__isnull', True), ('escalate_at__isnull', False), ('kept_at__isnull', True)), fields=['escalate_at'], name='handoff_to_escalate'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('spread_at__isnull', True)), fields=['id'], name='notice_to_spread'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', [handoffs.kinds.Kind['ASSIGNED'], handoffs.kinds.Kind['WARNING'], handoffs.kinds.Kind['MISSED'], handoffs.kinds.Kind['ESCALATION'], handoffs.kinds.Kind['RETURNED'], handoffs.kinds.Kind['WAKE_UP'], handoffs.kinds.Kind['TRIAL']])), name='notice_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(('kind', handoffs.kinds.Kind['TRIAL']), ('handoff__isnull', False), ('lead__isnull', False), _connector='OR'), name='notice_about_something'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='member',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='delivery',
            name='notice',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='handoffs.notice'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='within',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='others', to='handoffs.delivery'),
        ),
        migrations.AddField(
            model_name='noticechoice',
            name='member',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='notice_choice', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='outlet',
            name='set_by',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='delivery',
            name='outlet',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='handoffs.outlet'),
        ),
        migrations.AddConstraint(
            model_name='noticechoice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('quiet_from__isnull', True), ('quiet_to__isnull', True)), models.Q(('quiet_from__isnull', False), ('quiet_to__isnull', False), models.Q(('quiet_from', models.F('quiet_to')), _negated=True)), _connector='OR'), name='notice_choice_quiet_hours'),
        ),
        migrations.AddConstraint(
            model_name='noticechoice',
            constraint=models.CheckConstraint(condition=models.Q(('by_mail__contained_by', ['warning', 'missed', 'escalation', 'returned', 'assigned', 'wake_up']), ('by_chat__contained_by', ['warning', 'missed', 'escalation', 'returned', 'assigned', 'wake_up'])), name='notice_choice_kinds_known'),
        ),
        migrations.AddConstraint(
            model_name='noticechoice',
            constraint=models.CheckConstraint(condition=models.Q(('chat_id', ''), ('chat_id__regex', '^[A-Z0-9]+$'), _connector='OR'), name='notice_choice_chat_id'),
        ),
        migrations.AddConstraint(
            model_name='outlet',
            constraint=models.UniqueConstraint(condition=models.Q(('way', handoffs.kinds.Way['MAIL'])), fields=('way',), name='outlet_mail_once'),
        ),
        migrations.AddConstraint(
            model_name='outlet',
            constraint=models.UniqueConstraint(condition=models.Q(('way', handoffs.kinds.Way['CHAT'])), fields=('department',), name='outlet_room_once'),
        ),
        migrations.AddConstraint(
            model_name='outlet',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('department', ''), ('url', ''), ('way', handoffs.kinds.Way['MAIL'])), models.Q(('way', handoffs.kinds.Way['CHAT']), models.Q(('is_active', False), models.Q(('url', ''), _negated=True), _connector='OR')), _connector='OR'), name='outlet_room_has_url'),
        ),
        migrations.AddConstraint(
            model_name='outlet',
            constraint=models.CheckConstraint(condition=models.Q(('kinds__contained_by', ['warning', 'missed', 'escalation', 'returned', 'assigned', 'wake_up'])), name='outlet_kinds_known'),
        ),
        migrations.AddConstraint(
            model_name='outlet',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('failing_since__isnull', True), ('failure', ''), ('failures', 0)), models.Q(('failing_since__isnull', False), ('failures__gt', 0), models.Q(('failure', ''), _negated=True)), _connector='OR'), name='outlet_failure_in_full'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('delivered_at__isnull', True), ('given_up_at__isnull', True), ('within__isnull', True)), fields=['outlet', 'next_try_at'], name='delivery_to_send'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('delivered_at__isnull', False), ('outlet__isnull', False)), fields=['outlet', 'delivered_at'], name='delivery_lately'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('given_up_at__isnull', False)), fields=['outlet', 'given_up_at'], name='delivery_given_up'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('delivered_at__isnull', True), ('given_up_at__isnull', True), ('within__isnull', False)), fields=['within'], name='delivery_within'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('way', handoffs.kinds.Way['APP'])), fields=['member', '-id'], name='delivery_inbox'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('read_at__isnull', True), ('way', handoffs.kinds.Way['APP'])), fields=['member', '-id'], name='delivery_unread'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(condition=models.Q(('member__isnull', False)), fields=('notice', 'way', 'member'), name='delivery_once_a_member'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(condition=models.Q(('member__isnull', True)), fields=('notice', 'outlet'), name='delivery_once_a_room'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('member__isnull', False), ('outlet__isnull', True), ('way', handoffs.kinds.Way['APP'])), models.Q(('member__isnull', False), ('outlet__isnull', False), ('way', handoffs.kinds.Way['MAIL'])), models.Q(('member__isnull', True), ('outlet__isnull', False), ('way', handoffs.kinds.Way['CHAT'])), _connector='OR'), name='delivery_to_somebody'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('way', handoffs.kinds.Way['APP']), _negated=True), ('delivered_at__isnull', False), _connector='OR'), name='delivery_app_at_once'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('read_at__isnull', True), ('way', handoffs.kinds.Way['APP']), _connector='OR'), name='delivery_read_in_the_app'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('delivered_at__isnull', True), ('given_up_at__isnull', True), _connector='OR'), name='delivery_one_end'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('attempts__lte', 50)), name='delivery_attempts_bounded'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('within__isnull', True), models.Q(('is_digest', False), models.Q(('within', models.F('id')), _negated=True)), _connector='OR'), name='delivery_within_another'),
        ),
    ]
