"""Hundreds of notices while mail and chat fail and deliverers are killed; thousands are in `make storm`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from funnel import moment
from handoffs import notices
from tests.handoffs.conftest import actor, member
from tests.handoffs.outages import mail_through_an_outage, posts_through_an_outage
from tests.handoffs.post import Post, post_office
from tests.handoffs.room import chat_room

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def post(settings: Settings) -> Iterator[Post]:
    with post_office() as office:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", office.port
        yield office


def test_five_hundred_letters_through_an_outage_and_five_kills(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = mail_through_an_outage(post, monkeypatch, count=500, people=20, kills=5)
    assert ended.refused > 15
    assert ended.arrived - ended.repeats == 500


def test_five_hundred_notices_in_digests_through_an_outage_and_five_kills(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = mail_through_an_outage(post, monkeypatch, count=500, people=20, kills=5, digests=True)
    assert ended.arrived - ended.repeats < 100


def test_a_hundred_posts_through_an_outage_and_six_kills(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with chat_room() as room:
        settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
        settings.WEBHOOK_HOSTS = [f"127.0.0.1:{room.server_address[1]}"]
        chief = actor(member("marketing", is_administrator=True))
        notices.set_room(chief, "", url=room.url, kinds=["missed"], now=moment.now())
        ended = posts_through_an_outage(room, monkeypatch, count=100, kills=6)
        assert ended.refused > 0
