"""The causes of a missed promise that every installation starts with."""

from django.db import migrations

CAUSES = [
    ("not_assigned", "Not assigned in time", "割当遅延"),
    ("absent", "Owner away", "担当不在"),
    ("overload", "Too much at once", "対応集中"),
    ("overlooked", "Overlooked", "見落とし"),
    ("bad_contact", "Contact data missing or wrong", "連絡先不備"),
    ("disputed", "Criteria disputed", "基準の不一致"),
    ("incomplete", "Customer sheet incomplete", "情報不足"),
    ("customer_side", "Customer’s side", "先方都合"),
    ("system", "System", "システム要因"),
    ("recorded_late", "Done in time, recorded late", "記録遅れ"),
    ("other", "Other", "その他"),
]


def fill(apps, schema_editor):
    """Create the rows; names are the company's to change."""
    reason = apps.get_model("funnel", "Reason")
    reason.objects.bulk_create(
        reason(act="breach", code=code, label_en=en, label_ja=ja, position=position)
        for position, (code, en, ja) in enumerate(CAUSES)
    )


def empty(apps, schema_editor):
    """Take them away again."""
    apps.get_model("funnel", "Reason").objects.filter(act="breach").delete()


class Migration(migrations.Migration):
    dependencies = [("funnel", "0031_breaches")]
    operations = [migrations.RunPython(fill, empty)]
