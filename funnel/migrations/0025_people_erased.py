"""What finds and takes words out of texts when a person is erased; an erased person stays erased, an erased note too."""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION revops_names(said text, words text[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT EXISTS (SELECT 1 FROM unnest(words) w WHERE w <> '' AND position(lower(w) IN lower(coalesce(said, ''))) > 0)
$$;
CREATE FUNCTION revops_without(said text, words text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE w text; at integer;
BEGIN
  FOREACH w IN ARRAY words LOOP
    LOOP
      EXIT WHEN w = '';
      at := position(lower(w) IN lower(said));
      EXIT WHEN at = 0;
      said := overlay(said PLACING '' FROM at FOR length(w));
    END LOOP;
  END LOOP;
  RETURN said;
END $$;
CREATE FUNCTION revops_unquoted(said text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE part text; bytes bytea := ''; BEGIN
  FOR part IN SELECT (regexp_matches(replace(said, '+', ' '), '%[0-9A-Fa-f]{2}|.', 'g'))[1] LOOP
    bytes := bytes || CASE WHEN length(part) = 3 THEN decode(substr(part, 2), 'hex') ELSE convert_to(part, 'UTF8') END;
  END LOOP;
  RETURN convert_from(bytes, 'UTF8');
EXCEPTION WHEN OTHERS THEN RETURN said;
END $$;
CREATE FUNCTION erased_for_good() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION 'erased_for_good' USING ERRCODE = '23514', CONSTRAINT = 'erased_for_good';
END $$;
CREATE TRIGGER person_erased_for_good BEFORE UPDATE ON funnel_person FOR EACH ROW
  WHEN (OLD.erased_at IS NOT NULL AND NEW.erased_at IS DISTINCT FROM OLD.erased_at)
  EXECUTE FUNCTION erased_for_good();
CREATE TRIGGER note_erased_for_good BEFORE UPDATE ON funnel_note FOR EACH ROW
  WHEN (OLD.erased_at IS NOT NULL AND NEW.erased_at IS DISTINCT FROM OLD.erased_at)
  EXECUTE FUNCTION erased_for_good();
"""
GONE = """
DROP TRIGGER note_erased_for_good ON funnel_note;
DROP TRIGGER person_erased_for_good ON funnel_person;
DROP FUNCTION erased_for_good();
DROP FUNCTION revops_unquoted(text);
DROP FUNCTION revops_without(text, text[]);
DROP FUNCTION revops_names(text, text[]);
"""


class Migration(migrations.Migration):
    dependencies = [("funnel", "0024_contracts_undone"), ("admin", "0003_logentry_add_action_flag_choices")]
    operations = [migrations.RunSQL(FUNCTIONS, GONE)]
