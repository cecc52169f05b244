"""Changes of settings in words: whose, which field, from what to what. The ledger holds codes, numbers and ids only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from funnel import phrasing
from funnel.forms.company import ACTS, CompanyForm, TokenForm
from funnel.forms.settings import ROLES, ProfileForm
from funnel.models import Campaign, Channel, Event, Invitation, Member, Membership, Reason, Wording
from funnel.stages import DEPARTMENT_WORDS, NAMED
from funnel.words import Words

NOTHING = "–"
DAYS = frozenset({"leaves_on", "valid_from", "valid_to", "first_on", "last_on", "from", "to"})
UNSAID = frozenset({"version", "key", "member", "ids", "invitation"})
"""Parts that stand for a row, and are said by its name or not at all."""
LABELS = {
    "is_administrator": lazy("Administrator"),
    "is_viewer": lazy("Only looks"),
    "is_active": lazy("In use"),
    "is_web": lazy("Web"),
    "position": lazy("Order"),
    "role": lazy("Role"),
    "department": lazy("Department"),
    "departments": lazy("Departments"),
    "valid_from": lazy("From"),
    "valid_to": lazy("First day no longer there"),
    "leaves_on": lazy("First day without this person"),
    "first_on": lazy("From"),
    "last_on": lazy("To (inclusive)"),
    "staffed": lazy("Has people of its own"),
    "covered_by": lazy("Its work is done by"),
    "scope": TokenForm.base_fields["scope"].label,
    "zone": CompanyForm.base_fields["zone"].label,
    "country": CompanyForm.base_fields["country"].label,
    "fiscal_year_start": CompanyForm.base_fields["fiscal_year_start"].label,
    "name": lazy("Name"),
    "name_kana": ProfileForm.base_fields["name_kana"].label,
    "language": ProfileForm.base_fields["language"].label,
    "theme": ProfileForm.base_fields["theme"].label,
    "shortcuts_off": ProfileForm.base_fields["shortcuts"].label,
}
TABLES = {
    "department": lazy("Department"), "stage": lazy("Stage"), "outcome": lazy("Outcome"), "deal_step": lazy("Step"),
    "deal_state": lazy("State"), "deal_kind": lazy("Kind of deal"), "customer_phase": lazy("Phase"),
    "activity": lazy("Activity"), "result": lazy("Result"),
}  # fmt: skip
CHOICES: dict[str, Mapping[Any, Any]] = {
    "role": ROLES,
    "scope": dict(TokenForm.base_fields["scope"].choices),  # type: ignore[attr-defined]
    "country": dict(CompanyForm.base_fields["country"].choices),  # type: ignore[attr-defined]
    "fiscal_year_start": dict(CompanyForm.base_fields["fiscal_year_start"].choices),  # type: ignore[attr-defined]
}

SUBJECTS = frozenset(
    {
        "member", "absence", "capacity", "department", "calendar", "organization", "reason", "channel", "campaign",
        "api_token", "invitation", "demo",
    }
)  # fmt: skip


class Line(NamedTuple):
    """One field of a change: its label ("" for the whole), what it was and what it is."""

    label: str
    old: str
    new: str


class Told(NamedTuple):
    """A change in words: what it is about, and each field that changed."""

    subject: str
    lines: list[Line]


Change = Mapping[str, Any]
Teller = Callable[[Sequence[Change]], Sequence[Told]]
_tellers: dict[str, Teller] = {}


def tells(first: str, teller: Teller) -> None:
    """Let another room say its own changes: those whose `what` begins with the word `first`."""
    _tellers[first] = teller


def told(events: Sequence[Event], *, today: date) -> list[tuple[Event, Told]]:
    """Each change of settings with its words in the reader's language; so many statements however many there are."""
    ours = [e.data for e in events if _first(e.data) not in _tellers]
    teller = _Teller(ours, today)
    said: dict[int, Told] = {}
    for first, theirs in _tellers.items():
        those = [e for e in events if _first(e.data) == first]
        said.update(zip((e.pk for e in those), theirs([e.data for e in those]) if those else (), strict=True))
    return [(e, said.get(e.pk) or teller.tell(e.data)) for e in events]


def plainly(value: Any) -> str:
    """A value without a name of its own: `[1, 2]` is "1, 2", nothing is "–"."""
    if value is None or value in ("", [], {}):
        return NOTHING
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {plainly(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(plainly(one) for one in value)
    return str(value)


def fields(old: Any, new: Any, label: Callable[[str], str], say: Callable[[str, Any], str]) -> list[Line]:
    """The lines of a change from one mapping to another; None was or is not there at all."""
    before, after = (half if isinstance(half, Mapping) else {} for half in (old, new))
    names = [name for name in {**before, **after} if name not in UNSAID]
    return [Line(label(name), say(name, before.get(name)), say(name, after.get(name))) for name in names]


def _of(kind: str, name: str) -> str:
    return f"{kind}: {name}"


def _first(change: Change) -> str:
    return str(change["what"]).split(".", 1)[0]


class _Teller:
    """The words of this room's settings, with the names of the rows they are about, read once."""

    def __init__(self, changes: Iterable[Change], today: date) -> None:
        self.today = today
        self.language = get_language()
        whats = [str(one["what"]).split(".") for one in changes]
        ids = {
            table: _ids(whats, table)
            for table in ("member", "absence", "capacity", "channel", "campaign", "invitation")
        }
        halves = [half for one in changes for half in (one["old"], one["new"]) if isinstance(half, Mapping)]
        owners = {half["member"] for half in halves if "member" in half}
        kept = Membership.objects.filter(pk__in=ids["capacity"]).values_list(
            "pk", "member__name", "department"
        )
        self.memberships = {pk: (name, department) for pk, name, department in kept}
        people = Member.objects.filter(pk__in=ids["member"] | ids["absence"] | owners)
        self.members = dict(people.values_list("pk", "name"))
        self.channels = dict(Channel.objects.filter(pk__in=ids["channel"]).values_list("pk", "name"))
        self.campaigns = dict(Campaign.objects.filter(pk__in=ids["campaign"]).values_list("pk", "name"))
        acts = {parts[1] for parts in whats if parts[0] == "reason" and len(parts) == 3}
        self.reasons = {(r.act, r.code): r for r in Reason.objects.filter(act__in=acts)} if acts else {}
        self.invited = dict(Invitation.objects.filter(pk__in=ids["invitation"]).values_list("pk", "email"))
        worded = {self._worded(parts) for parts in whats}
        self.wordings = {(w.what, w.version): w for w in Wording.objects.filter(what__in=worded)}

    def tell(self, change: Change) -> Told:
        """One change in words; of what has no words here, the parts as the ledger has them."""
        first, *rest = str(change["what"]).split(".")
        old, new = change["old"], change["new"]
        lines = fields(old, new, self._label, self._value) + self._renamed([first, *rest], old, new)
        if not lines and not isinstance(new, Mapping) and not isinstance(old, Mapping):
            lines = [Line("", self._value("", old), self._value("", new))]
        if first in NAMED and rest and rest[0] in NAMED[first]:
            own = Words(*NAMED[first][rest[0]]).say(self.language)
            return Told(_("Name of %(table)s “%(own)s”") % {"table": TABLES[first], "own": own}, lines)
        say = getattr(self, f"_{first}", None) if first in SUBJECTS else None
        return say(rest, old, new, lines) if say else Told(".".join([first, *rest]), lines)

    def _member(self, rest: list[str], old: Any, new: Any, lines: list[Line]) -> Told:
        name, part = {"name": self._name(rest[0])}, rest[1] if len(rest) > 1 else ""
        if part == "membership":
            return Told(_("%(name)s: membership") % name, lines)
        if part == "profile":
            parts = ", ".join(self._label(one) for one in new or [])
            return Told(_("%(name)s: own profile") % name, [Line("", "", parts)])
        if part == "password":
            return Told(_("%(name)s: password") % name, [Line("", "", _("set anew"))])
        if isinstance(new, Mapping) and "invitation" in new:
            lines = [Line("", "", _("came in by an invitation"))]
        return Told(name["name"], lines)

    def _absence(self, rest: list[str], old: Any, new: Any, lines: list[Line]) -> Told:
        line = Line("", self._span(old), self._span(new))
        return Told(_("%(name)s: absence") % {"name": self._name(rest[0])}, [line])

    def _capacity(self, rest: list[str], old: Any, new: Any, lines: list[Line]) -> Told:
        name, department = self.memberships.get(int(rest[0]), (NOTHING, ""))
        whose = f"{name} ({self._department_name(department)})" if department else name
        return Told(_("%(name)s: handoffs a day at most") % {"name": whose}, lines)

    def _department(self, rest: list[str], old: Any, new: Any, lines: list[Line]) -> Told:
        return Told(self._department_name(rest[0]), lines)

    def _calendar(self, rest: list[str], old: Any, new: Any, lines: list[Line]) -> Told:
        # A range set at once, or days taken away one by one.
        kinds = {True: _("closed"), False: pgettext("calendar", "open")}
        if isinstance(new, Mapping):
            span = self._span({"first_on": new["from"], "last_on": new["to"]})
            return Told(_("Calendar"), [Line("", "", f"{span}: {kinds[bool(new['closed'])]}")])
        gone = [f"{self._value('from', day)}: {kinds[bool(closed)]}" for day, closed in old or []]
        return Told(_("Calendar"), [Line("", ", ".join(gone), _("as usual"))])

    def _organization(self, rest: list[str], old: Any, new: Any, lines: list[Line]) -> Told:
        if rest:
            return Told(_("Currency"), lines)
        # What the company is called stands in its own row, not in the ledger.
        label = self._label("name")
        kept = [Line(label, "", _("changed")) if line.label == label else line for line in lines]
        return Told(_("The company"), kept)

    def _reason(self, rest: list[str], old: Any, new: Any, lines: list[Line]) -> Told:
        act, code = rest
        reason = self.reasons.get((act, code))
        label = Words(reason.label_en, reason.label_ja).say(self.language) if reason else code
        return Told(_of(_("Reason"), f"{ACTS[Reason.For(act)]} – {label}"), lines)

    def _channel(self, rest: list[str], old: Any, new: Any, lines: list[Line]) -> Told:
        return Told(_of(_("Channel"), self.channels.get(int(rest[0]), NOTHING)), lines)

    def _campaign(self, rest: list[str], old: Any, new: Any, lines: list[Line]) -> Told:
        return Told(_of(_("Campaign"), self.campaigns.get(int(rest[0]), NOTHING)), lines)

    def _api_token(self, rest: list[str], old: Any, new: Any, lines: list[Line]) -> Told:
        half = new or old
        subject = _of(_("API token"), self._name(half["member"]))
        scope = [line for line in lines if new]
        return Told(subject, [*scope, Line("", "", _("made") if new else _("closed off"))])

    def _invitation(self, rest: list[str], old: Any, new: Any, lines: list[Line]) -> Told:
        if rest:
            email = self.invited.get(int(rest[0]), NOTHING)
            return Told(
                _of(_("Invitation"), email), [Line("", pgettext("invitation", "open"), _("taken back"))]
            )
        count = len(new["ids"])
        return Told(ngettext("%(n)s invitation", "%(n)s invitations", count) % {"n": count}, lines)

    def _demo(self, rest: list[str], old: Any, new: Any, lines: list[Line]) -> Told:
        return Told(_("Demo company"), [Line("", "", _("ready") if new == "ready" else _("being made"))])

    def _label(self, name: str) -> str:
        return str(LABELS.get(name, name))

    def _value(self, name: str, value: Any) -> str:
        if value in (None, "") and name != "country":
            return NOTHING
        if name in DAYS:
            return phrasing.on(date.fromisoformat(value), today=self.today, language=self.language)
        if name in ("department", "covered_by"):
            return self._department_name(value)
        if name == "departments":
            return ", ".join(self._department_name(one) for one in value)
        if name in CHOICES and value in CHOICES[name]:
            return str(CHOICES[name][value])
        return plainly(value)

    def _department_name(self, code: str) -> str:
        words = DEPARTMENT_WORDS.get(code)
        return words.say(self.language) if words else str(code)

    def _name(self, pk: Any) -> str:
        return str(self.members.get(int(pk), NOTHING))

    def _span(self, half: Any) -> str:
        if not half:
            return NOTHING
        first, last = (self._value(name, half[name]) for name in ("first_on", "last_on"))
        return first if first == last else f"{first} – {last}"

    def _worded(self, parts: list[str]) -> str:
        if parts[0] == "reason" and len(parts) == 3:
            reason = self.reasons.get((parts[1], parts[2]))
            return f"reason.{reason.pk}" if reason else ""
        return ".".join(parts)

    def _renamed(self, parts: list[str], old: Any, new: Any) -> list[Line]:
        if not isinstance(new, Mapping) or "version" not in new:
            return []
        version, what = int(new["version"]), self._worded(parts)
        if not any(key == what for key, _n in self.wordings):
            return []
        before, after = (self._called(self.wordings.get((what, n))) for n in (version - 1, version))
        return [Line(self._label("name"), before, after)]

    def _called(self, wording: Wording | None) -> str:
        return (Words(wording.en, wording.ja).say(self.language) or NOTHING) if wording else NOTHING


def _ids(whats: Iterable[list[str]], table: str) -> set[int]:
    return {int(parts[1]) for parts in whats if parts[0] == table and len(parts) > 1 and parts[1].isdecimal()}
