"""Forms of acts: what each asks for, what it proposes, and where a refusal is said."""

from funnel.forms.acts.contacts import AfterwardsForm, LogForm, WithdrawForm
from funnel.forms.acts.passes import DisqualifyForm, LeadForm, MqlForm, RecycleForm
from funnel.forms.acts.selling import KickoffForm, LoseForm, StepForm, WinForm
from funnel.forms.acts.shape import ActForm, ReasonForm, SlotForm

__all__ = [
    "ActForm",
    "AfterwardsForm",
    "DisqualifyForm",
    "KickoffForm",
    "LeadForm",
    "LogForm",
    "LoseForm",
    "MqlForm",
    "ReasonForm",
    "RecycleForm",
    "SlotForm",
    "StepForm",
    "WinForm",
    "WithdrawForm",
]
