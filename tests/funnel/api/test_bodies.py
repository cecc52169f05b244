"""Request bodies as objects."""

import pytest

from funnel.api.bodies import Answers, Strict, take, take_many
from funnel.api.fields import Id, Text
from funnel.api.problems import Invalid


class Inner(Strict):
    """An object within an object."""

    name = Text(max_length=5, required=True)


class Outer(Strict):
    """An object."""

    id = Id()
    inner = Inner(required=False)
    answers = Answers(required=False)
    owner = Id(required=False, allow_null=True)


def faults(data: object) -> dict[str, str]:
    with pytest.raises(Invalid) as found:
        take(Outer, data)
    return {f.field: f.code for f in found.value.faults}


def test_what_was_not_sent_is_not_there_and_null_is():
    assert take(Outer, {"id": 1}) == {"id": 1}
    assert take(Outer, {"id": 1, "owner": None}) == {"id": 1, "owner": None}


def test_faults_carry_the_path_to_their_field():
    assert faults({"inner": {"name": "too long", "x": 1}, "answers": {"a": []}}) == {
        "id": "required",
        "inner.name": "too_long",
        "inner.x": "unknown_field",
        "answers.a": "not_text",
    }
    assert faults({"id": 1, "inner": None}) == {"inner": "null"}
    assert faults({"id": 1, "inner": []}) == {"inner": "not_an_object"}


def test_answers_are_kept_as_text():
    given = {"seats": 40, "pilot": True, "rate": None, "word": " 済 "}
    assert take(Outer, {"id": 1, "answers": given})["answers"] == {
        "seats": "40", "pilot": "true", "rate": "", "word": "済",
    }  # fmt: skip


@pytest.mark.parametrize("data", [[], "text", "", 3, None, [{"id": 1}]])
def test_what_is_no_object_is_refused(data: object):
    assert faults(data) == {"": "not_an_object"}


def test_faults_of_a_list_name_their_row():
    with pytest.raises(Invalid) as found:
        take_many(Outer, [{"id": 1}, {}, 5], limit=10)
    assert [(f.field, f.code) for f in found.value.faults] == [("1.id", "required"), ("2", "not_an_object")]


def test_one_object_is_a_list_of_one():
    assert take_many(Outer, {"id": 3}, limit=1) == [{"id": 3}]
    with pytest.raises(Invalid, match="too_many"):
        take_many(Outer, [{"id": 3}, {"id": 4}], limit=1)
