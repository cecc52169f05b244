"""Ten thousand notices while the mail server fails, then fails altogether, then heals, under fire."""

from __future__ import annotations

import sys

import pytest
from pytest_django.fixtures import Settings

from tests.handoffs.outages import mail_through_an_outage
from tests.handoffs.post import post_office

pytestmark = [pytest.mark.storm, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("digests", [False, True], ids=["letters", "digests"])
def test_ten_thousand_notices_through_an_outage_and_fifty_kills(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, digests: bool
) -> None:
    with post_office() as post:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", post.port
        ended = mail_through_an_outage(post, monkeypatch, count=10_000, people=100, kills=50, digests=digests)
    sys.stdout.write(
        f"10,000 notices as {'digests' if digests else 'letters'}, 50 SIGKILLs, 30 % then 100 % refused, then shut: "
        f"all delivered, {ended.arrived} arrived, {ended.repeats} repeats under their own id, {ended.refused} refused, "
        f"at most {ended.most_attempts} attempts, {ended.seconds:.0f} s\n"
    )
