"""People are found by any part of their name, reading, company, mail or phone: a search text, and an index of its words.

The index is core PostgreSQL: a GIN over the words of the text, where a run of letters beyond ASCII counts as its
pairs of neighbours. No extension is needed.
"""

from django.db import migrations, models

HIRAGANA = "".join(chr(code) for code in range(ord("ぁ"), ord("ゖ") + 1))
KATAKANA = "".join(chr(code + 0x60) for code in range(ord("ぁ"), ord("ゖ") + 1))
VARIANTS = "髙﨑邊邉齋齊斉澤濱濵嶋嶌櫻國廣眞德槇龍藏榮惠圓學當應實壽瀧曾會"
USUAL = "高崎辺辺斎斎斎沢浜浜島島桜国広真徳槙竜蔵栄恵円学当応実寿滝曽会"

FUNCTIONS = f"""
CREATE FUNCTION revops_search_fold(t text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE f text := lower(normalize(t, NFKC));
BEGIN
  -- The translation is dear and seldom needed: it looks every letter up in a list.
  IF f ~ '[ぁ-ゖ{VARIANTS}]' THEN
    RETURN translate(f, '{HIRAGANA}{VARIANTS}', '{KATAKANA}{USUAL}');
  END IF;
  RETURN f;
END $$;

CREATE FUNCTION revops_search_form(t text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  f text := normalize(t, NFKC);
  forms CONSTANT text := '特定非営利活動法人|(?:一般|公益)[社財]団法人|(?:株式|有限|合同|合資|合名)会社';
BEGIN
  IF strpos(f, '(') > 0 THEN
    f := replace(replace(replace(replace(replace(f, '(株)', '株式会社'), '(有)', '有限会社'), '(同)', '合同会社'),
      '(資)', '合資会社'), '(名)', '合名会社');
    f := replace(replace(replace(replace(replace(f, '(一社)', '一般社団法人'), '(一財)', '一般財団法人'),
      '(公社)', '公益社団法人'), '(公財)', '公益財団法人'), '(特非)', '特定非営利活動法人');
  END IF;
  -- The form stands behind the name, so that the name is one run of letters whichever side the form was on.
  IF f ~ '会社|法人' THEN
    RETURN regexp_replace(f, forms, '', 'g') || '|' || coalesce(substring(f, forms), '');
  END IF;
  RETURN f;
END $$;

CREATE FUNCTION revops_search_phone(t text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE d text := ltrim(regexp_replace(t, '^\\+81', '0'), '+');
BEGIN
  RETURN d || CASE WHEN length(d) > 8 THEN '|' || right(d, 8) ELSE '' END
    || CASE WHEN length(d) > 4 THEN '|' || right(d, 4) ELSE '' END;
END $$;

CREATE FUNCTION revops_search_text(parts text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE f text := revops_search_fold(parts);
BEGIN
  -- Inside a part, letters beyond ASCII close up over spaces and dots; parts are held apart by a bar.
  IF f ~ '[^ -~][ .・]+[^ -~]' THEN
    f := regexp_replace(f, '([^ -~])[ .・]+(?=[^ -~])', '\\1', 'g');
  END IF;
  f := regexp_replace(f, '[^[:alnum:]]+', ' ', 'g');
  IF f ~ '[^ -~][a-z0-9]|[a-z0-9][^ -~]' THEN
    f := regexp_replace(f, '([^ -~])(?=[a-z0-9])|([a-z0-9])(?=[^ -~])', '\\1\\2 ', 'g');
  END IF;
  f := trim(f);
  RETURN CASE WHEN f = '' THEN '' ELSE ' ' || f || ' ' END;
END $$;

CREATE FUNCTION revops_search_words(t text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT (regexp_replace(t, '([^ -~]{{2}})', '\\1 ', 'g') || ' '
    || regexp_replace(regexp_replace(t, ' [^ -~]', ' ', 'g'), '([^ -~]{{2}})', '\\1 ', 'g'))::tsvector
$$;
"""

TRIGGERS = """
CREATE FUNCTION person_search_text() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER person_search_text
  BEFORE INSERT OR UPDATE OF name, name_kana, email, phone_norm, account_id, search_text ON funnel_person
  FOR EACH ROW EXECUTE FUNCTION person_search_text();

CREATE FUNCTION account_search_text() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  UPDATE funnel_person SET account_id = account_id WHERE account_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER account_search_text AFTER UPDATE ON funnel_account FOR EACH ROW
  WHEN ((OLD.name, OLD.name_kana, OLD.domain) IS DISTINCT FROM (NEW.name, NEW.name_kana, NEW.domain))
  EXECUTE FUNCTION account_search_text();
"""

FILL = "UPDATE funnel_person SET account_id = account_id"
INDEX = """
CREATE INDEX person_by_words ON funnel_person USING gin (revops_search_words(search_text))
  WITH (gin_pending_list_limit = 2048) WHERE search_text <> '';
ALTER INDEX person_by_words ALTER COLUMN 1 SET STATISTICS 1000;
"""

UNDO = """
DROP TRIGGER account_search_text ON funnel_account;
DROP FUNCTION account_search_text();
DROP TRIGGER person_search_text ON funnel_person;
DROP FUNCTION person_search_text();
"""
UNDO_FUNCTIONS = """
DROP FUNCTION revops_search_words(text);
DROP FUNCTION revops_search_text(text);
DROP FUNCTION revops_search_phone(text);
DROP FUNCTION revops_search_form(text);
DROP FUNCTION revops_search_fold(text);
"""


class Migration(migrations.Migration):
    dependencies = [("funnel", "0007_single_keys_switched_off")]
    operations = [
        migrations.AddField(
            "person", "search_text", models.TextField(blank=True, db_default="", editable=False)
        ),
        migrations.RunSQL(FUNCTIONS, UNDO_FUNCTIONS),
        migrations.RunSQL(TRIGGERS, UNDO),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(INDEX, "DROP INDEX person_by_words"),
    ]
