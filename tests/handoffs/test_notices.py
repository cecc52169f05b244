"""The outbox: shown on pages, mailed where that is configured, at least once each, under a stable id."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django.fixtures import Settings

from funnel import moment
from handoffs import notices, promises
from handoffs.models import Notice
from tests.handoffs.conftest import HOUR, Story, member
from tests.handoffs.post import Post, post_office

START = datetime(2026, 5, 1, 0, 30, tzinfo=UTC)
Clock = Callable[[datetime | None], None]


@pytest.fixture
def without_mail(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"


@pytest.fixture
def post(settings: Settings) -> Iterator[Post]:
    """A real mail server, configured."""
    with post_office() as office:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", office.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.DEFAULT_FROM_EMAIL = "RevOps <revops@example.jp>"
        yield office


def missed(story: Story, at: Clock, count: int = 1) -> None:
    at(START)
    for _ in range(count):
        story.mql()
    at(START + 25 * HOUR)
    promises.sweep()


def test_without_a_mail_server_notices_are_shown_at_once(story: Story, at: Clock, without_mail: None) -> None:
    missed(story, at)
    assert notices.deliver() == (2, 0, 0)
    shown = notices.recent(["inside_sales"], None)
    assert [n.kind for n in shown] == ["missed", "opened"]
    assert notices.deliver() == (0, 0, 0)
    assert not notices.recent(["marketing"], None).exists()


def test_a_miss_is_mailed_to_the_owner_and_the_lead_in_the_language_of_each(
    story: Story, at: Clock, post: Post
) -> None:
    lead = story.people["inside_sales"].member
    lead.language = "en"
    lead.save()
    at(START)
    story.mql()
    owner = member("inside_sales", language="ja")
    story.mql()
    at(START + 25 * HOUR)
    promises.sweep()
    assert notices.deliver().delivered == 4
    to = Counter(letter["To"] for letter in post.letters)
    assert to == {lead.email: 2, owner.email: 1}
    english = next(letter for letter in post.letters if letter["To"] == lead.email)
    assert english["Subject"].startswith("Missed: First contact – 会社")
    assert "2026-05-02 09:30 (Asia/Tokyo)" in english.get_content()
    assert "%" not in english.get_content()
    japanese = next(letter for letter in post.letters if letter["To"] == owner.email)
    assert "初回コンタクト" in japanese["Subject"]


def test_a_return_is_mailed_to_the_sender(story: Story, post: Post) -> None:
    story.give_back(story.mql())
    notices.deliver()
    (letter,) = post.letters
    assert letter["To"] == story.people["marketing"].member.email


def test_a_notice_without_an_owner_goes_to_the_department(story: Story, at: Clock, post: Post) -> None:
    others = [member("inside_sales") for _ in range(2)]
    at(START)
    owed = story.mql()
    promises.assign(owed.pk, story.people["inside_sales"], now=moment.now(), owner=None)
    at(START + 25 * HOUR)
    promises.sweep()
    notices.deliver()
    expected = {m.email for m in [*others, story.people["inside_sales"].member]}
    assert {letter["To"] for letter in post.letters} == expected


def test_a_refused_letter_is_tried_again_under_the_same_id_after_a_growing_pause(
    story: Story, at: Clock, post: Post
) -> None:
    missed(story, at)
    post.refusing = 1.0
    pauses = []
    for _ in range(3):
        told = Notice.objects.get(kind="missed")
        at(told.next_try_at)
        assert notices.deliver().failed == 1
        told.refresh_from_db()
        pauses.append(told.next_try_at - moment.now())
        assert (told.delivered_at, told.failure) == (None, "SMTPDataError")
        assert notices.deliver() == (0, 0, 0)
    assert timedelta(seconds=22) <= pauses[0] <= timedelta(seconds=38)
    assert pauses[0] < pauses[1] < pauses[2]
    post.refusing = 0
    at(Notice.objects.get(kind="missed").next_try_at)
    assert notices.deliver().delivered == 1
    (letter,) = post.letters
    handoff_id, owner_id = Notice.objects.values_list("handoff_id", "member_id").get(kind="missed")
    assert letter["Message-ID"] == f"<missed.{handoff_id}.{owner_id}@example.jp>"


def test_after_twelve_attempts_it_is_given_up_visibly(story: Story, at: Clock, post: Post) -> None:
    missed(story, at)
    post.refusing = 1.0
    for _ in range(12):
        at(Notice.objects.get(kind="missed").next_try_at)
        last = notices.deliver()
    assert last == (0, 1, 1)
    told = Notice.objects.get(kind="missed")
    assert (told.attempts, told.given_up_at, told.failure) == (12, moment.now(), "SMTPDataError")
    at(moment.now() + timedelta(days=30))
    assert notices.deliver() == (0, 0, 0)


def test_with_a_third_refused_all_arrive_each_under_one_id(story: Story, at: Clock, post: Post) -> None:
    missed(story, at, 40)
    post.refusing = 0.3
    for _ in range(12):
        notices.deliver()
        at(moment.now() + timedelta(hours=3))
    assert post.refused > 5
    ids = Counter(letter["Message-ID"] for letter in post.letters if "missed" in letter["Message-ID"])
    assert len(ids) == 40
    assert not Notice.objects.filter(delivered_at=None).exists()


def test_a_claim_left_by_a_killed_worker_runs_out(story: Story, at: Clock, post: Post) -> None:
    missed(story, at)
    assert len(notices._claim(10)) == 2
    assert notices.deliver().delivered == 0
    at(moment.now() + notices.CLAIM)
    assert notices.deliver().delivered == 2
    assert len([x for x in post.letters if x["Message-ID"].startswith("<missed")]) == 1


def test_who_left_gets_no_mail(story: Story, at: Clock, post: Post) -> None:
    missed(story, at)
    owner = story.people["inside_sales"].member
    owner.is_active = False
    owner.save()
    notices.deliver()
    assert post.letters == []
    assert Notice.objects.get(kind="missed").delivered_at is not None
