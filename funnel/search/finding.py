"""Whom some words mean: asked of the database once, then narrowing any list that hangs on people."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Count,
    F,
    Func,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.functions import Concat

from funnel import normalise
from funnel.models import Person

M = TypeVar("M", bound=Model)
WINDOW = 2_000
DENSE = 20
FEW = 5_000
NAMED = 1_000
WALKED = 5_000
RECENT = 50_000
SAYS_LITTLE = frozenset(
    ("com", "co", "jp", "ne", "or", "ac", "go", "gr", "net", "org", "www", "example", "gmail", "info", "mail")
)
"""Words that so many mail addresses have that the index is not asked for them beside others."""

# The newest people are looked through first. What is frequent among them (株式会社) is found by walking any list in its
# order; only for the rest is the index asked, which names up to so many people.
PROBE = """
WITH newest AS MATERIALIZED (
  SELECT count(*) AS n FROM (SELECT search_text FROM funnel_person ORDER BY id DESC LIMIT %(window)s) p
  WHERE search_text LIKE ALL (%(patterns)s)
)
SELECT (SELECT n FROM newest) >= %(dense)s, ARRAY(
  SELECT id FROM funnel_person
  WHERE (SELECT n FROM newest) < %(dense)s AND search_text <> ''
    AND revops_search_words(search_text) @@ %(words)s::tsquery AND search_text LIKE ALL (%(patterns)s)
  LIMIT %(few)s
), ARRAY(SELECT person_id FROM funnel_lead WHERE external_id = %(text)s)
"""

# Too many are found, and they lie far back: the newest of those who came lately are named, and as many of the others as
# there is room for. The concatenation keeps the planner from counting on what it cannot know.
LATELY = """
SELECT id FROM funnel_person
WHERE id > (SELECT max(id) FROM funnel_person) - %(recent)s AND search_text || '' LIKE ALL (%(patterns)s)
ORDER BY id DESC LIMIT %(named)s
"""


class OneOf(Func):
    """`a = ANY(array)`: one parameter, however many values."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()


class LikeAll(Func):
    """`text LIKE ALL (patterns)`."""

    template = "%(expressions)s)"
    arg_joiner = " LIKE ALL ("
    output_field = BooleanField()


class Hits(NamedTuple):
    """What a search found. `people`: their ids; None: so many that every list meets one every few rows (`dense`).

    `partly` when there are more than can be named and they are not met everywhere: `people` are some of them, the
    latest first, and whoever reads has to be told to type more. `asked` is false for a blank search. `patterns` and
    `words` are what is looked for, in the text and in its index.
    """

    asked: bool
    patterns: tuple[str, ...]
    words: str
    dense: bool
    people: tuple[int, ...] | None
    partly: bool = False

    def whole(self) -> Hits:
        """The same without a bound: everybody who has the words, however long it takes; for files and programs."""
        return self._replace(people=None, partly=False) if self.partly else self

    def walked(self) -> Hits:
        """The same without a bound, for few rows: each is asked in turn whether its person has the words."""
        return self._replace(people=None, partly=False, dense=True) if self.partly else self

    def narrow(self, rows: QuerySet[M], person: str = "person_id") -> QuerySet[M]:
        """Keep the rows whose person was found; `person` is the path to his id. One statement when they are few.

        Given the few people, a list in its own order would be walked to its end for rows that lie far back; the ids of
        the rows themselves are found in any order at once.
        """
        if not self.asked:
            return rows
        if self.people is None or person == "pk":
            return rows.filter(self.condition(person))
        mine = (
            list(rows.order_by().filter(self.condition(person)).values_list("pk", flat=True))
            if self.people
            else []
        )
        return rows.filter(OneOf(F("pk"), Value(mine, ArrayField(BigIntegerField()))))

    def condition(self, person: str = "person_id") -> Any:
        """The same as a condition."""
        if not self.asked:
            return Q()
        if self.people is not None:
            return OneOf(F(person), Value(list(self.people), ArrayField(BigIntegerField())))
        if self.dense:
            return self._walking(person)
        return Q(**{f"{person}__in": Person.objects.filter(*self._by_index()).values("pk")})

    def _patterns(self) -> Value:
        return Value(list(self.patterns), ArrayField(TextField()))

    def _walking(self, person: str) -> LikeAll:
        # A scalar subquery and a concatenation keep the planner from looking through all people first.
        if person == "pk":
            return LikeAll(Concat(F("search_text"), Value("")), self._patterns())
        text = Person.objects.filter(pk=OuterRef(person)).values("search_text")
        return LikeAll(Subquery(text, TextField()), self._patterns())

    def _by_index(self) -> tuple[Any, ...]:
        words = Func(F("search_text"), function="revops_search_words", output_field=TextField())
        return (
            ~Q(search_text=""),
            Func(
                words,
                Value(self.words),
                template="%(expressions)s::tsquery",
                arg_joiner=" @@ ",
                output_field=BooleanField(),
            ),
            LikeAll(F("search_text"), self._patterns()),
        )

    def counted(self, rows: QuerySet[M], most: int, person: str = "person_id") -> tuple[int, bool]:
        """Count the rows found, up to `most`; True when there may be more, as there are where they are found `partly`.

        Of a frequent word only the newest rows are looked through: there are more, and it says so.
        """
        if not (self.asked and self.dense):
            found = rows.filter(self.condition(person)) if self.asked else rows
            count = found.order_by()[: most + 1].count()
            return min(count, most), count > most or self.partly
        walked = rows.model._default_manager.filter(pk__in=rows.order_by("-pk").values("pk")[:WALKED])
        seen = walked.aggregate(walked=Count("pk"), found=Count("pk", filter=Q(self.condition(person))))
        return min(seen["found"], most), seen["found"] > most or seen["walked"] >= WALKED


NONE_ASKED = Hits(False, (), "", dense=False, people=None)
NOBODY = Hits(True, (), "", dense=False, people=())


def hits(
    text: str,
    *,
    window: int = WINDOW,
    dense: int = DENSE,
    few: int = FEW,
    named: int = NAMED,
    recent: int = RECENT,
) -> Hits:
    """Find whom `text` means: people whose search text has all its words, or the person of a lead's external id.

    One statement, two where `partly`: then `named` people are named, those of the `recent` newest records first. None for
    a blank text, which narrows nothing.
    """
    text = text.strip()
    if not text:
        return NONE_ASKED
    words = normalise.search_words(text)
    if not words:
        return NOBODY
    patterns = tuple(f"% {word}%" if word.isascii() else f"%{word}%" for word in words)
    telling = [word for word in words if word not in SAYS_LITTLE] or words
    asked = " & ".join(part for word in telling for part in _indexed(word))
    facts: dict[str, Any] = {
        "window": window, "patterns": list(patterns), "dense": dense, "words": asked, "few": few + 1, "text": text,
        "recent": recent, "named": named,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(PROBE, facts)
        is_dense, people, called = cursor.fetchone()
        if is_dense:
            return Hits(True, patterns, asked, dense=True, people=None)
        partly = len(people) > few
        if partly:
            cursor.execute(LATELY, facts)
            lately = [pk for (pk,) in cursor.fetchall()]
            people = list(dict.fromkeys([*lately, *sorted(people, reverse=True)]))[:named]
    found = tuple(dict.fromkeys([*called, *people]))
    return Hits(True, patterns, asked, dense=False, people=found, partly=partly)


def _indexed(word: str) -> list[str]:
    """A word as the index knows it: ASCII by its beginning, other letters by their pairs."""
    if word.isascii() or len(word) == 1:
        return [f"{word}:*"]
    return [word[i : i + 2] for i in range(len(word) - 1)]
