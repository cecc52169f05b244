"""Pure. A decision typed in one line, `text @owner date`: read into what, who and by when, or what is wrong with it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import NamedTuple

from funnel.calendar import ONE_DAY, month_end

WEEK = timedelta(weeks=1)
LONGEST = 200
JA_DAYS = "月火水木金土日"
EN_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class Someone(NamedTuple):
    """Who may be named: id, name as written (`佐藤 翼`, `Emma Clarke`) and the handle he signs in with."""

    pk: int
    name: str
    handle: str


class Problem(NamedTuple):
    """What is wrong with a line: `code` names the sentence, `params` fills it."""

    code: str
    params: dict[str, str]


class Line(NamedTuple):
    """What a line says. `owner` and `due` are null where it does not say so that it can be read."""

    text: str
    owner: int | None
    due: date | None
    problems: tuple[Problem, ...]


def read(line: str, today: date, people: Iterable[Someone]) -> Line:
    """Read a decision. The date stands at the end or after the owner; full-width signs are read like others.

    A day without a year is the next such day; a day that has passed is a problem, not a guess.
    """
    said = " ".join(unicodedata.normalize("NFKC", line).split())
    problems: list[Problem] = []
    said, due = _take_date(said, today, problems)
    said, owner = _take_owner(said, list(people), problems)
    if due is None and not any(problem.code.startswith("date") for problem in problems):
        # The date may stand before the owner.
        said, due = _take_date(said, today, problems)
    if due is None and not any(problem.code.startswith("date") for problem in problems):
        problems.append(Problem("date_missing", {}))
    text = said.strip(" ・,、。")
    if not text:
        problems.append(Problem("text_missing", {}))
    elif len(text) > LONGEST:
        problems.append(Problem("text_long", {"most": str(LONGEST)}))
    return Line(text, owner, due, tuple(problems))


def _take_owner(said: str, people: list[Someone], problems: list[Problem]) -> tuple[str, int | None]:
    """Take `@name` out of a line: a handle, a whole name, a family or a given name, each as far as one person has it."""
    at = said.find("@")
    if at < 0:
        problems.append(Problem("owner_missing", {}))
        return said, None
    rest = said[at + 1 :].lstrip()
    whole = [one for one in people if rest.casefold().startswith(one.name.casefold()) and one.name]
    if whole:
        name = max(whole, key=lambda one: len(one.name)).name
        found = [one for one in whole if one.name == name]
        word = rest[: len(name)]
    else:
        word = re.split(r"[\s・,、]", rest, maxsplit=1)[0]
        asked = word.casefold().removesuffix("さん")
        found = [one for one in people if asked in _spelled(one)]
    left = f"{said[:at]} {rest[len(word) :]}".strip()
    if not word or not found:
        problems.append(Problem("owner_unknown", {"name": word}))
        return left, None
    if len(found) > 1:
        problems.append(
            Problem(
                "owner_ambiguous",
                {"name": word, "names": ", ".join(sorted(f"{one.name} (@{one.handle})" for one in found))},
            )
        )
        return left, None
    return " ".join(left.split()), found[0].pk


def _spelled(one: Someone) -> set[str]:
    """How somebody can be written after an @."""
    parts = one.name.casefold().split()
    return {one.handle.casefold(), "".join(parts), *parts}


def _take_date(said: str, today: date, problems: list[Problem]) -> tuple[str, date | None]:
    """Take the last words of a line that are a date out of it."""
    for pattern, day_of in _SHAPES:
        hit = re.search(rf"(?:^|(?<=[\s・,、]))(?:by |due )?{pattern}(?:まで(?:に)?)?$", said, re.IGNORECASE)
        if hit is None:
            continue
        words = hit.group(0)
        try:
            day = day_of(hit, today)
        except ValueError:
            problems.append(Problem("date_unreadable", {"date": words}))
            return said[: hit.start()].strip(), None
        if day < today:
            problems.append(Problem("date_past", {"date": day.isoformat()}))
            return said[: hit.start()].strip(), None
        return said[: hit.start()].strip(), day
    return said, None


def _full(hit: re.Match[str], today: date) -> date:
    return date(int(hit["y"]), int(hit["m"]), int(hit["d"]))


def _month_day(hit: re.Match[str], today: date) -> date:
    """The next such day; half a year back is meant as this year's, and has passed."""
    found = date(today.year, int(hit["m"]), int(hit["d"]))
    return found if (today - found).days < 183 else found.replace(year=today.year + 1)


def _english_day(hit: re.Match[str], today: date) -> date:
    month = MONTHS.index(hit["mon"][:3].lower()) + 1
    found = date(today.year, month, int(hit["d"]))
    return found if (today - found).days < 183 else found.replace(year=today.year + 1)


def _weekday(weeks: int, day: int, today: date) -> date:
    monday = today - today.weekday() * ONE_DAY
    return monday + weeks * WEEK + day * ONE_DAY


def _ja_weekday(hit: re.Match[str], today: date) -> date:
    weeks = {"今週": 0, "来週": 1, "再来週": 2}.get(hit["w"] or "", -1)
    day = JA_DAYS.index(hit["day"])
    if weeks >= 0:
        return _weekday(weeks, day, today)
    found = _weekday(0, day, today)
    return found if found >= today else found + WEEK


def _en_weekday(hit: re.Match[str], today: date) -> date:
    day = EN_DAYS.index(hit["day"][:3].lower())
    if (hit["w"] or "").strip().lower() == "next":
        return _weekday(1, day, today)
    found = _weekday(0, day, today)
    return found if found >= today else found + WEEK


def _months_end(hit: re.Match[str], today: date) -> date:
    end = month_end(today)
    return (
        month_end(end + ONE_DAY)
        if hit.group(0).lower().startswith(("来", "next")) or "next" in hit.group(0).lower()
        else end
    )


_SHAPES: tuple[tuple[str, Callable[[re.Match[str], date], date]], ...] = (
    (r"(?P<y>\d{4})[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})日?", _full),
    (r"(?P<m>\d{1,2})[/月](?P<d>\d{1,2})日?(?:\([月火水木金土日]\))?", _month_day),
    (
        r"(?P<d>\d{1,2})(?:st|nd|rd|th)? (?P<mon>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*",
        _english_day,
    ),
    (r"(?P<mon>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* (?P<d>\d{1,2})", _english_day),
    (r"(?:今日|本日|today)", lambda hit, today: today),
    (r"(?:明日|tomorrow)", lambda hit, today: today + ONE_DAY),
    (r"(?:明後日)", lambda hit, today: today + 2 * ONE_DAY),
    (r"(?P<w>今週|再来週|来週)?の?(?P<day>[月火水木金土日])曜日?", _ja_weekday),
    (r"(?P<w>next |this )?(?P<day>mon|tue|wed|thu|fri|sat|sun)(?:day|sday|nesday|rsday|urday)?", _en_weekday),
    (r"(?:来月末|今月末|月末|(?:end of )?next month|end of (?:the |this )?month)", _months_end),
    (r"(?:来週|next week)", lambda hit, today: _weekday(1, 4, today)),
)
"""How a day can be written; "next week" is its Friday."""
