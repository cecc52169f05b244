"""Pure. The people who work at the demo company."""

from typing import NamedTuple

from funnel.stages import DEPARTMENT_WORDS, Department

M, I, F, C = Department  # noqa: E741 – the four departments, as the ring goes
PASSWORD = "demo-revops"  # noqa: S105 – printed at the start of every demo installation
COMPANY = "あおなぎクラウド株式会社(デモ)"


class Colleague(NamedTuple):
    """A member of the staff. `handle` is the part of the address before the @; `leads` the departments led.

    `pace` stretches the time this person takes to answer (1 is as agreed).
    """

    handle: str
    name: str
    name_kana: str
    departments: tuple[Department, ...] = ()
    leads: bool = False
    administrator: bool = False
    viewer: bool = False
    language: str = "ja"
    pace: float = 1.0

    @property
    def email(self) -> str:
        """The address he signs in with."""
        return f"{self.handle}@demo.example.jp"


STAFF: tuple[Colleague, ...] = (
    Colleague("marketing.lead", "藤堂 美咲", "トウドウ ミサキ", (M,), leads=True),
    Colleague("marketing", "水野 翔太", "ミズノ ショウタ", (M,)),
    Colleague("inside.lead", "桐谷 健", "キリタニ ケン", (I,), leads=True, pace=0.8),
    Colleague("inside", "早川 あかり", "ハヤカワ アカリ", (I,)),
    Colleague("inside2", "野村 大地", "ノムラ ダイチ", (I,), pace=1.6),
    Colleague("field.lead", "神崎 直樹", "カンザキ ナオキ", (F,), leads=True),
    Colleague("field", "白石 結衣", "シライシ ユイ", (F,), pace=0.9),
    Colleague("twohats", "吉岡 恵", "ヨシオカ メグミ", (I, F), pace=1.1),
    Colleague("success.lead", "榊 さくら", "サカキ サクラ", (C,), leads=True),
    Colleague("success", "大江 亮", "オオエ リョウ", (C,), pace=1.4),
    Colleague("english", "Emma Clarke", "エマ クラーク", (F,), language="en"),
    Colleague("admin", "堀内 誠", "ホリウチ マコト", administrator=True),
    Colleague("viewer", "一条 久美子", "イチジョウ クミコ", viewer=True),
)
BY_HANDLE = {one.handle: one for one in STAFF}


def of(department: Department) -> tuple[str, ...]:
    """Handles of those who work there, the lead first."""
    return tuple(one.handle for one in STAFF if department in one.departments)


def describe(one: Colleague) -> str:
    """Name and role in one line, for the list of sign-ins."""
    if one.administrator or one.viewer:
        return f"{one.name} ({'administrator' if one.administrator else 'viewer'})"
    where = " + ".join(DEPARTMENT_WORDS[d].en for d in one.departments)
    return f"{one.name} ({where}{', lead' if one.leads else ''})"
