"""Names and addresses never reach a log, not even in what the database says of a row it refuses."""

import logging
import logging.config

import pytest
from django.conf import settings
from django.db import DataError, IntegrityError, transaction

from funnel.models import Person
from revops.logs import Line

pytestmark = pytest.mark.django_db
SECRET = "hana@example.jp"  # noqa: S105 - an address, made up here


def logged(error: Exception, message: str = "unforeseen") -> str:
    record = logging.LogRecord(
        "x", logging.ERROR, "", 0, message, (), (type(error), error, error.__traceback__)
    )
    return Line("{levelname} {message}", style="{").format(record)


@pytest.fixture
def refused() -> IntegrityError:
    Person.objects.create(email_norm=SECRET)
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Person.objects.create(email_norm=SECRET)
    return caught.value


def test_a_refused_row_is_named_by_its_constraint_alone(refused) -> None:
    assert SECRET in str(refused)
    text = logged(refused)
    assert SECRET not in text
    assert "person_email_once" in text
    # Both of the chained errors are still told.
    assert "UniqueViolation" in text
    assert "django.db.utils.IntegrityError" in text


def test_a_row_that_breaks_a_check_is_not_shown(db) -> None:
    name = "山田" + "花子"
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Person.objects.create(name=name, email_norm="HANA@example.jp")
    assert name in str(caught.value)
    assert name not in logged(caught.value)


def test_an_error_within_a_message_is_shortened_too(refused) -> None:
    text = logged(ValueError("later"), f"Task x raised unexpected: {refused!r}")
    assert SECRET not in text
    assert "person_email_once" in text
    assert "ValueError: later" in text


def test_what_is_no_row_stays(db) -> None:
    with pytest.raises(DataError) as caught, transaction.atomic():
        Person.objects.create(name="x" * 151)
    assert "value too long" in logged(caught.value)


def test_every_handler_writes_such_lines() -> None:
    formatter = settings.LOGGING["formatters"]["line"]
    assert formatter["class"] == "revops.logs.Line"
    assert {handler["formatter"] for handler in settings.LOGGING["handlers"].values()} == {"line"}
