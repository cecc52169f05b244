"""Companies merge: whoever was alike and is not is kept in mind, and a merged name still finds the people."""

import django.db.models.deletion
import funnel.moment
from django.conf import settings
from django.db import migrations, models


SEARCH = """
CREATE OR REPLACE FUNCTION person_search_text() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE company text := '';
BEGIN
  IF NEW.account_id IS NOT NULL THEN
    -- The names of the companies that were merged into theirs come behind.
    SELECT string_agg(revops_search_form(name) || '|' || name_kana || '|' || domain, '|' ORDER BY merged_into_id NULLS FIRST, id)
      INTO company FROM funnel_account WHERE id = NEW.account_id OR merged_into_id = NEW.account_id;
  ELSIF NEW.name = '' AND NEW.name_kana = '' AND NEW.email = '' AND NEW.phone_norm = '' THEN
    NEW.search_text := '';
    RETURN NEW;
  END IF;
  NEW.search_text := revops_search_text(NEW.name || '|' || NEW.name_kana || '|' || coalesce(company, '') || '|'
    || NEW.email || '|' || CASE WHEN NEW.phone_norm = '' THEN '' ELSE revops_search_phone(NEW.phone_norm) END);
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION account_search_text() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  UPDATE funnel_person SET account_id = account_id WHERE account_id IN (NEW.id, NEW.merged_into_id, OLD.merged_into_id);
  RETURN NULL;
END $$;
DROP TRIGGER account_search_text ON funnel_account;
CREATE TRIGGER account_search_text AFTER UPDATE ON funnel_account FOR EACH ROW
  WHEN ((OLD.name, OLD.name_kana, OLD.domain, OLD.merged_into_id)
    IS DISTINCT FROM (NEW.name, NEW.name_kana, NEW.domain, NEW.merged_into_id))
  EXECUTE FUNCTION account_search_text();
"""
UNDO = """
CREATE OR REPLACE FUNCTION person_search_text() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE company text := '';
BEGIN
  IF NEW.account_id IS NOT NULL THEN
    SELECT revops_search_form(name) || '|' || name_kana || '|' || domain INTO company
      FROM funnel_account WHERE id = NEW.account_id;
  ELSIF NEW.name = '' AND NEW.name_kana = '' AND NEW.email = '' AND NEW.phone_norm = '' THEN
    NEW.search_text := '';
    RETURN NEW;
  END IF;
  NEW.search_text := revops_search_text(NEW.name || '|' || NEW.name_kana || '|' || coalesce(company, '') || '|'
    || NEW.email || '|' || CASE WHEN NEW.phone_norm = '' THEN '' ELSE revops_search_phone(NEW.phone_norm) END);
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION account_search_text() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  UPDATE funnel_person SET account_id = account_id WHERE account_id = NEW.id;
  RETURN NULL;
END $$;
DROP TRIGGER account_search_text ON funnel_account;
CREATE TRIGGER account_search_text AFTER UPDATE ON funnel_account FOR EACH ROW
  WHEN ((OLD.name, OLD.name_kana, OLD.domain) IS DISTINCT FROM (NEW.name, NEW.name_kana, NEW.domain))
  EXECUTE FUNCTION account_search_text();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('funnel', '0021_closings_undone'),
    ]

    operations = [
        migrations.CreateModel(
            name='CompaniesApart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('said_at', models.DateTimeField(db_default=funnel.moment.RevopsNow(), editable=False)),
            ],
        ),
        migrations.AddIndex(
            model_name='account',
            index=models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['name_norm'], name='account_merged_name'),
        ),
        migrations.AddIndex(
            model_name='person',
            index=models.Index(models.Func(models.F('email_norm'), models.Value('@'), models.Value(2), function='split_part', output_field=models.TextField()), condition=models.Q(('email_norm__isnull', False), ('merged_into', None)), name='person_by_mail_domain'),
        ),
        migrations.AddField(
            model_name='companiesapart',
            name='first',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='funnel.account'),
        ),
        migrations.AddField(
            model_name='companiesapart',
            name='said_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='companiesapart',
            name='second',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='funnel.account'),
        ),
        migrations.AddConstraint(
            model_name='companiesapart',
            constraint=models.UniqueConstraint(fields=('first', 'second'), name='companies_apart_once'),
        ),
        migrations.AddConstraint(
            model_name='companiesapart',
            constraint=models.CheckConstraint(condition=models.Q(('first__lt', models.F('second'))), name='companies_apart_in_order'),
        ),
        migrations.RunSQL(SEARCH, UNDO),
    ]
