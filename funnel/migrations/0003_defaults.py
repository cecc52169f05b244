"""What every installation starts with: the organisation, the four departments, the reasons on offer."""

from django.db import migrations

REASONS = {
    "mql": [
        ("inquiry", "Inquiry", "問い合わせ"),
        ("download", "Downloaded material", "資料ダウンロード"),
        ("webinar", "Attended a webinar", "ウェビナー参加"),
        ("event", "Met at an event", "展示会・イベント"),
        ("referral", "Referral", "紹介"),
        ("score", "Score reached", "スコア到達"),
        ("other", "Other", "その他"),
    ],
    "return": [
        ("no_decision_maker", "Decision maker unknown", "決裁者が不明"),
        ("no_budget", "No budget", "予算なし"),
        ("no_timeline", "No date in sight", "時期未定"),
        ("incomplete", "Information missing", "情報不足"),
        ("not_a_fit", "Not a fit", "対象外"),
        ("duplicate", "Duplicate", "重複"),
        ("other", "Other", "その他"),
    ],
    "loss": [
        ("price", "Price", "価格"),
        ("competitor", "Chose a competitor", "競合に決定"),
        ("no_decision", "No decision", "見送り"),
        ("timing", "Timing", "時期が合わない"),
        ("function", "Function missing", "機能不足"),
        ("no_contact", "Lost contact", "連絡途絶"),
        ("not_recorded", "Not recorded", "記録なし"),
        ("other", "Other", "その他"),
    ],
    "win": [
        ("fit", "Fits the need", "課題に合致"),
        ("price", "Price", "価格"),
        ("trust", "Trust in us", "信頼・実績"),
        ("speed", "Fast response", "対応の速さ"),
        ("referral", "Referral", "紹介"),
        ("not_recorded", "Not recorded", "記録なし"),
        ("other", "Other", "その他"),
    ],
    "recycle": [
        ("timing", "Not now", "今は時期ではない"),
        ("no_budget", "No budget this year", "今期予算なし"),
        ("no_answer", "Not reached", "連絡がつかない"),
        ("other", "Other", "その他"),
    ],
    "disqualify": [
        ("not_a_fit", "Not a fit", "対象外"),
        ("competitor", "Competitor", "競合・同業"),
        ("spam", "Spam", "迷惑・いたずら"),
        ("duplicate", "Duplicate", "重複"),
        ("other", "Other", "その他"),
    ],
    "below_threshold": [
        ("meeting_soon", "The meeting is soon", "商談日が迫っている"),
        ("customer_declined", "Customer would not say", "先方が回答を控えた"),
        ("strategic", "Important account", "重要顧客"),
        ("imported", "Imported", "取り込みデータ"),
        ("other", "Other", "その他"),
    ],
    "excuse": [
        ("customer_side", "Customer asked to wait", "先方都合"),
        ("bad_contact", "Contact data wrong", "連絡先不備"),
        ("system", "System failure", "システム要因"),
        ("recorded_late", "Done in time, recorded late", "記録遅れ"),
        ("other", "Other", "その他"),
    ],
}


def fill(apps, schema_editor):
    """Create the rows; names are the company's to change."""
    apps.get_model("funnel", "Organization").objects.create(id=1, name="RevOps")
    setting = apps.get_model("funnel", "DepartmentSetting")
    for department in ("marketing", "inside_sales", "field_sales", "customer_success"):
        setting.objects.create(department=department)
    reason = apps.get_model("funnel", "Reason")
    reason.objects.bulk_create(
        reason(act=act, code=code, label_en=en, label_ja=ja, position=position)
        for act, rows in REASONS.items()
        for position, (code, en, ja) in enumerate(rows)
    )


class Migration(migrations.Migration):
    dependencies = [("funnel", "0002_guards")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
