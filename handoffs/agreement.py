"""The agreement between departments, written down for people: what, by when, how, who; as rows and as a drawing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from funnel.stages import DEPARTMENT_WORDS, Department
from funnel.words import Words
from handoffs.clock import Unit
from handoffs.lanes import LANES, Boundary, Lane
from handoffs.models import LaneTerms

BY_WHEN: dict[str, Words] = {
    Unit.ELAPSED_HOURS: Words(
        "within {n} hours by the clock, days off included", "{n}時間以内(休業日も時間に数えます)"
    ),
    Unit.WORKDAY_HOURS: Words(
        "within {n} hours; the clock stands still on weekends, holidays and company days",
        "{n}時間以内(土日祝・会社の休業日は時計を止めます)",
    ),
    Unit.BUSINESS_DAYS: Words(
        "by 24:00 of the {n}. business day after; the day itself is day 0",
        "{n}営業日後の24:00まで(当日は0日目。土日祝・会社の休業日を除きます)",
    ),
    "": Words("at submission, {n} % of the required items", "提出時に必須項目の{n}%以上"),
}
SHORTLY: dict[str, Words] = {
    Unit.ELAPSED_HOURS: Words("within {n} hours", "{n}時間以内"),
    Unit.WORKDAY_HOURS: Words("within {n} working hours", "{n}時間以内(休業日除く)"),
    Unit.BUSINESS_DAYS: Words("within {n} business days", "{n}営業日以内"),
    "": Words("{n} % complete", "完成度{n}%以上"),
}
HOW: dict[Boundary, Words] = {
    Boundary.MQL: Words(
        "A person calls, writes or meets; an unanswered call counts. Automatic mail, a note or another owner do not.",
        "担当者による電話・メール・面談で守られます。不在の電話も1回と数えます。自動メール、メモ、担当の変更では守られません。",
    ),
    Boundary.SQL: Words(
        "The sheet is judged once, as it is handed over. Below the threshold a reason is needed, and it counts as missed.",
        "引き渡した時点で一度だけ判定します。基準に届かない場合は理由が必要で、未達として数えます。",
    ),
    Boundary.WON: Words(
        "A meeting with the customer is booked; holding it completes the handoff. An internal meeting does not count.",
        "お客様とのキックオフの日程を決めることで守られ、実施で完了します。社内の打ち合わせでは守られません。",
    ),
    Boundary.ADVOCACY: Words(
        "The referred lead is registered, or the case study is begun.",
        "紹介されたリードの登録、または導入事例の着手で守られます。",
    ),
}
ALWAYS: tuple[Words, ...] = (
    Words(
        "The receiver accepts, or returns with a reason. Not answering does not stop the clock.",
        "受け手は受け取るか、理由を選んで差し戻します。返事をしなくても時計は止まりません。",
    ),
    Words(
        "Kept means done and recorded in time. Recorded later is kept late; a miss stays a miss, also when excused.",
        "期限までに実行し、記録した場合だけ「遵守」です。後からの記録は「遅延完了」となり、期限超過は理由が承認されても残ります。",
    ),
    Words(
        "A change of this agreement holds for what is handed over afterwards.",
        "この取り決めの変更は、変更後に引き渡す分から適用します。",
    ),
)


class Clause(NamedTuple):
    """One lane of the agreement: who hands what to whom, what is owed, by when, and how it is kept."""

    lane: Lane
    terms: LaneTerms
    by_when: Words
    shortly: Words
    number: str
    how: Words
    sender: str
    receiver: str

    @property
    def items(self) -> list[Words]:
        """The required items of the customer sheet, where this lane has one."""
        return [Words(i["label_en"], i["label_ja"]) for i in self.terms.items if i.get("required", True)]

    @property
    def covered(self) -> list[tuple[Words, Words]]:
        """(department, who does its work) of both sides, where that is somebody else."""
        sides = ((self.lane.sender, self.sender), (self.lane.receiver, self.receiver))
        return [(DEPARTMENT_WORDS[own], DEPARTMENT_WORDS[doer]) for own, doer in sides if own != doer]

    def says(self, language: str | None) -> str:
        """By when, in words."""
        return self.by_when.say(language, n=self.number)

    def says_shortly(self, language: str | None) -> str:
        """By when, in few words."""
        return self.shortly.say(language, n=self.number)


def by_when(terms: LaneTerms, language: str | None) -> str:
    """By when a promise under these terms is to be kept, in words."""
    return BY_WHEN[terms.unit].say(language, n=_number(terms))


def clauses(terms: Mapping[str, LaneTerms], covers: Mapping[str, str]) -> list[Clause]:
    """The agreement under these terms, in the order of the ring; `covers` says who does whose work."""
    return [
        Clause(
            lane, terms[boundary], BY_WHEN[terms[boundary].unit], SHORTLY[terms[boundary].unit],
            _number(terms[boundary]), HOW[boundary], covers[lane.sender], covers[lane.receiver],
        )
        for boundary, lane in LANES.items()
    ]  # fmt: skip


def _number(terms: LaneTerms) -> str:
    if terms.target is not None:
        return str(terms.target)
    threshold = terms.threshold
    return f"{threshold.normalize():f}" if threshold is not None else ""


# The drawing, in user units of its view box.

BOX, GAP, TOP, HEIGHT = 168, 152, 34, 62
WIDTH = 4 * BOX + 3 * GAP + 4
BACK = TOP + HEIGHT + 74
MIDDLE = TOP + HEIGHT / 2
LINE = 16
LONGEST_LINE = 20
HUE = {
    Department.MARKETING: "mk",
    Department.INSIDE_SALES: "is",
    Department.FIELD_SALES: "fs",
    Department.CUSTOMER_SUCCESS: "cs",
}


class Text(NamedTuple):
    """One line of text, centred on a point."""

    x: float
    y: float
    text: str
    kind: str


class Drawing(NamedTuple):
    """Boxes of departments, arrows of what is owed, and the way back that closes the ring."""

    width: int
    height: int
    boxes: list[tuple[float, int, int, int, str]]
    paths: list[str]
    tips: list[str]
    texts: list[Text]


def draw(found: Iterable[Clause], language: str | None) -> Drawing:
    """Lay the agreement out as a ring of four: three arrows to the right, and one back below."""
    boxes: list[tuple[float, int, int, int, str]] = []
    paths: list[str] = []
    tips: list[str] = []
    texts: list[Text] = []
    for place, department in enumerate(Department):
        left = 2 + place * (BOX + GAP)
        boxes.append((left, TOP, BOX, HEIGHT, HUE[department]))
        texts += _lines(
            left + BOX / 2, MIDDLE + 5, DEPARTMENT_WORDS[department].say(language), "who", centre=True
        )
    for place, clause in enumerate(found):
        owed, by = clause.lane.owed.say(language), clause.says_shortly(language)
        start = 2 + place * (BOX + GAP) + BOX
        if clause.lane.boundary is not Boundary.ADVOCACY:
            end = start + GAP
            paths.append(f"M{start + 4} {MIDDLE}H{end - 10}")
            tips.append(f"M{end - 12} {MIDDLE - 6}L{end - 2} {MIDDLE}L{end - 12} {MIDDLE + 6}Z")
            middle = start + GAP / 2
            texts += _lines(middle, MIDDLE - 12, owed, "what", upward=True)
            texts += _lines(middle, MIDDLE + 24, by, "by")
        else:
            first, last = 2 + BOX / 2, start - BOX / 2
            paths.append(f"M{last} {TOP + HEIGHT + 4}V{BACK}H{first}V{TOP + HEIGHT + 12}")
            tips.append(
                f"M{first - 6} {TOP + HEIGHT + 14}L{first} {TOP + HEIGHT + 4}L{first + 6} {TOP + HEIGHT + 14}Z"
            )
            texts.append(Text(WIDTH / 2, BACK - 10, f"{owed} – {by}", "what"))
    return Drawing(WIDTH, BACK + 10, boxes, paths, tips, texts)


def _lines(
    x: float, y: float, text: str, kind: str, *, upward: bool = False, centre: bool = False
) -> list[Text]:
    """Break a text into lines that fit; `y` is the base line of the first, or with `upward` of the last."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and _wide(lines[-1]) + _wide(word) < LONGEST_LINE:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    lines = [part for line in lines for part in _cut(line)]
    shift = (len(lines) - 1) * LINE
    top = y - shift if upward else y - shift / 2 if centre else y
    return [Text(x, top + n * LINE, line, kind) for n, line in enumerate(lines)]


def _wide(text: str) -> float:
    """How wide a text is, in small Latin letters."""
    return sum(1 if ord(c) < 0x2000 else 1.8 for c in text)


def _cut(line: str) -> list[str]:
    """Japanese has no spaces: a long line is cut before an opening bracket, or where it is full."""
    if _wide(line) <= LONGEST_LINE:
        return [line]
    at = line.find("(")
    at = at if at > 0 else int(LONGEST_LINE / 1.8)
    return [line[:at], *_cut(line[at:])] if 0 < at < len(line) else [line]
