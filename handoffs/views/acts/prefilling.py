"""What a form proposes from what was handed over before."""

from __future__ import annotations

from funnel.forms import ActForm, WinForm
from funnel.models import Deal
from handoffs.models import CustomerSheet
from handoffs.sheets import HEARD


def prefill(form: ActForm, record: object) -> None:
    """Propose as onboarding requirements what Inside Sales heard of the need, before anybody types it again."""
    if isinstance(form, WinForm) and isinstance(record, Deal) and not form.is_bound:
        sheet = CustomerSheet.objects.filter(deal=record, handoff__boundary="sql").order_by("-id").first()
        if sheet is not None:
            said = (str(sheet.values.get(name, "")).strip() for name in HEARD)
            form.fields["requirements"].initial = "\n".join(text for text in said if text)
