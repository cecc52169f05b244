"""Forms about facts."""

from funnel.forms.acts import (
    ActForm,
    DisqualifyForm,
    KickoffForm,
    LeadForm,
    LogForm,
    LoseForm,
    MqlForm,
    ReasonForm,
    RecycleForm,
    SlotForm,
    WinForm,
)
from funnel.forms.fields import (
    AmountField,
    Choices,
    DayField,
    LineField,
    MomentField,
    NoteField,
    SlotField,
    reasons,
    slots,
)

__all__ = [
    "ActForm",
    "AmountField",
    "Choices",
    "DayField",
    "DisqualifyForm",
    "KickoffForm",
    "LeadForm",
    "LineField",
    "LogForm",
    "LoseForm",
    "MomentField",
    "MqlForm",
    "NoteField",
    "ReasonForm",
    "RecycleForm",
    "SlotField",
    "SlotForm",
    "WinForm",
    "reasons",
    "slots",
]
