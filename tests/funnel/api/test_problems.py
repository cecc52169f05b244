"""Errors as problem documents."""

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection
from rest_framework.test import APIRequestFactory

from funnel.api import problems
from funnel.api.door import Door
from funnel.api.idempotency import Answer
from funnel.api.sentences import DOOR_SENTENCES
from funnel.errors import SENTENCES
from funnel.models import Person
from tests.doors import Caller, a_token, lead_body


def test_a_problem_has_the_members_of_the_standard_and_a_code(api: Caller):
    refused = api.post("leads/", {"email": "nobody"})
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.headers["Cache-Control"] == "no-store"
    assert refused.body == {
        "type": "/api/v1/problems/bad_email/",
        "title": "Invalid input",
        "status": 422,
        "detail": "“nobody” is not an e-mail address.",
        "code": "bad_email",
        "field": "email",
    }


def test_the_sentence_is_in_the_language_the_caller_accepts(db: None):
    refused = Caller(a_token(), "ja-JP,ja;q=0.9,en;q=0.5").post("leads/", {"email": "nobody"})
    assert (refused["detail"], refused["title"]) == (
        "「nobody」はメールアドレスではありません。",
        "入力内容に誤りがあります",
    )


@pytest.mark.parametrize("table", [SENTENCES, DOOR_SENTENCES], ids=["rules", "door"])
def test_every_code_is_said_in_both_languages_with_the_same_gaps(table: dict):
    for code, words in table.items():
        assert words.en.strip(), code
        assert words.ja.strip(), code
        assert sorted(_gaps(words.en)) == sorted(_gaps(words.ja)), code
        assert not _gaps(words.en) or words.en != words.ja


def _gaps(phrase: str) -> list[str]:
    from string import Formatter

    return [name for _, name, _, _ in Formatter().parse(phrase) if name]


def test_no_code_of_the_door_hides_one_of_the_rules():
    assert not SENTENCES.keys() & DOOR_SENTENCES.keys()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "TRACE"])
def test_a_method_an_address_does_not_take_is_refused(api: Caller, method: str):
    refused = api.send(method, "leads/", "{}")
    assert (refused.status, refused["code"]) == (405, "method_not_allowed")
    assert "GET" in refused.headers["Allow"]


@pytest.mark.parametrize(
    "address", ["/api/v1/nothing/", "/api/v1/leads", "/api/", "/api/v2/leads/", "/api/v1/leads/x/"]
)
def test_an_address_that_does_not_exist_is_a_problem_too(api: Caller, address: str):
    refused = api.get(address)
    assert (refused.status, refused["code"]) == (404, "no_such_address")
    assert refused.headers["Content-Type"] == "application/problem+json"


def test_another_media_type_is_refused(api: Caller):
    refused = api.send("POST", "leads/", "company=x", content_type="application/x-www-form-urlencoded")
    assert (refused.status, refused["code"]) == (415, "unsupported_media_type")


def test_a_body_of_unsaid_length_is_refused_rather_than_read_as_none(api: Caller):
    refused = api.post("leads/", lead_body(), **{"Transfer-Encoding": "chunked", "Content-Length": ""})
    assert (refused.status, refused["code"]) == (411, "length_required")


def test_an_answer_nobody_can_give_is_refused(api: Caller):
    api.headers["Accept"] = "text/csv"
    assert api.get("leads/").status == 406


def test_an_external_id_that_is_taken_is_a_conflict_and_is_named(api: Caller):
    first, second = (api.post("leads/", lead_body(external_id=f"x{n}"))["id"] for n in range(2))
    refused = api.patch(f"leads/{first}/", {"external_id": "x1"})
    assert (refused.status, refused["field"], refused["code"]) == (409, "external_id", "external_id_taken")
    assert api.get(f"leads/{second}/")["external_id"] == "x1"


class Failing(Door):
    """A view whose verb meets what the database says."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    statement = ""
    before = ""

    def post(self, request):
        def run() -> Answer:
            with connection.cursor() as cursor:
                if self.before:
                    cursor.execute(self.before)
                cursor.execute(self.statement)
            return Answer({})

        run()


@pytest.mark.parametrize(
    ("before", "statement", "status", "code"),
    [
        ("", "INSERT INTO funnel_reason (act, code, label_en, label_ja, position, is_active) "
             "SELECT act, code, '', '', 0, true FROM funnel_reason", 409, "conflict"),
        ("", "UPDATE funnel_organization SET fiscal_year_start = 13", 409, "conflict"),
        ("SET LOCAL statement_timeout = '20ms'", "SELECT pg_sleep(5)", 503, "busy"),
        ("", "SELECT 99999999999999999999999::bigint", 422, "invalid"),
        ("", "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '55P03'; END $$", 409, "conflict"),
        ("", "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END $$", 409, "conflict"),
        ("", "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '57P01'; END $$", 503, "unavailable"),
    ],
)  # fmt: skip
def test_what_the_database_refuses_has_a_problem_and_no_words_of_sql(
    db: None, before: str, statement: str, status: int, code: str
):
    view = Failing.as_view(statement=statement, before=before)
    answered = view(APIRequestFactory().post("/")).render()
    assert (answered.status_code, answered.data["code"]) == (status, code)
    assert b"SQL" not in answered.content
    assert b"funnel_" not in answered.content


def test_what_nobody_foresaw_is_logged_and_tells_the_caller_nothing(
    db: None, caplog: pytest.LogCaptureFixture
):
    class Broken(Failing):
        def post(self, request):
            raise ZeroDivisionError("secret figure 42")

    answered = Broken.as_view()(APIRequestFactory().post("/")).render()
    assert (answered.status_code, answered.data["code"]) == (500, "internal")
    assert b"secret" not in answered.content
    assert "ZeroDivisionError" in caplog.text


def test_the_kinds_of_database_errors_are_all_answered():
    known = [kind for kind, _ in problems.KNOWN]
    assert all(any(issubclass(e, k) for k in known) for e in (IntegrityError, OperationalError))
    assert issubclass(IntegrityError, DatabaseError)


def test_nothing_is_half_written_when_the_act_is_refused(api: Caller):
    refused = api.post(
        "leads/", {"company": "株式会社半端", "name": "半端", "occurred_at": "2198-01-01T00:00:00Z"}
    )
    assert refused["code"] == "in_future"
    assert not Person.objects.exists()
