"""The outbox: into inboxes at once, mailed where that is configured, at least once each, under a stable id."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from pytest_django.fixtures import Settings

from funnel import moment
from funnel.transitions import leads
from handoffs import notices, promises
from handoffs.models import Delivery, Handoff, Notice, Outlet
from handoffs.notices import outlets, sending
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
        settings.SITE_URL = "https://revops.example.jp"
        yield office


def missed(story: Story, at: Clock, count: int = 1) -> list[Handoff]:
    at(START)
    owed = [story.mql() for _ in range(count)]
    at(START + 25 * HOUR)
    promises.sweep()
    return owed


def inboxes() -> Counter[tuple[str, str]]:
    rows = Delivery.objects.filter(way="app").values_list("kind", "member__name")
    return Counter(rows)


def mailed(kind: str = "missed") -> list[Delivery]:
    return list(Delivery.objects.filter(way="mail", kind=kind).order_by("id"))


def test_without_a_mail_server_notices_lie_in_the_inboxes(
    story: Story, at: Clock, without_mail: None
) -> None:
    missed(story, at)
    lead = story.people["inside_sales"].member
    assert notices.deliver() == (2, 0, 0, 0)
    assert [d.kind for d in notices.of_member(lead).order_by("-id")] == ["missed", "assigned"]
    assert notices.unread(lead) == 2
    assert notices.deliver() == (0, 0, 0, 0)
    assert not notices.of_member(story.people["marketing"].member).exists()


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
    assert notices.deliver().sent == 3
    to = Counter(letter["To"] for letter in post.letters)
    assert to == {lead.email: 2, owner.email: 1}
    english = next(letter for letter in post.letters if letter["To"] == lead.email)
    assert english["Subject"].startswith("Missed: First contact – 会社")
    body = english.get_content()
    assert "Sat 2 May 09:30" in body
    assert "https://revops.example.jp/c/" in body
    assert "Marketing → Inside Sales" in body
    assert "%" not in body
    japanese = next(letter for letter in post.letters if letter["To"] == owner.email)
    assert "初回コンタクト" in japanese["Subject"]
    assert "5/2(土) 09:30" in japanese.get_content()


def test_no_letter_and_no_key_names_the_customers_people(story: Story, at: Clock, post: Post) -> None:
    at(START)
    lead = story.lead(company="", name="秘密花子", email="himitsu@example.jp")
    story.mql(lead=lead)
    at(START + 25 * HOUR)
    promises.sweep()
    notices.deliver()
    (letter,) = post.letters
    assert "秘密花子" not in str(letter["Subject"]) + letter.get_content()
    assert "#" in letter["Subject"]


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


def test_whom_a_lead_assigns_hears_of_it_and_who_takes_it_himself_does_not(story: Story) -> None:
    lead = story.people["inside_sales"]
    owed = story.mql()
    colleague = member("inside_sales", name="同僚")
    promises.assign(owed.pk, lead, now=moment.now(), owner=colleague)
    promises.assign(owed.pk, lead, now=moment.now(), owner=lead.member)
    notices.deliver()
    told = Notice.objects.filter(kind="assigned").order_by("id")
    assert [n.member for n in told] == [lead.member, colleague]
    assert inboxes()["assigned", "同僚"] == 1


def test_who_is_assigned_again_hears_of_it_again(story: Story) -> None:
    lead = story.people["inside_sales"]
    owed, colleague = story.mql(), member("inside_sales")
    for owner in (colleague, lead.member, colleague):
        promises.assign(owed.pk, lead, now=moment.now(), owner=owner)
    keys = set(Notice.objects.filter(kind="assigned", member=colleague).values_list("key", flat=True))
    assert len(keys) == 2


def test_half_as_much_time_again_later_the_leads_hear_of_it_once(story: Story, at: Clock, post: Post) -> None:
    worker = member("inside_sales", name="担当")
    at(START)
    owed = story.mql()
    promises.assign(owed.pk, story.people["inside_sales"], now=moment.now(), owner=worker)
    assert owed.escalate_at == START + 36 * HOUR
    at(START + 36 * HOUR - timedelta(seconds=1))
    assert promises.sweep().escalated == 0
    at(START + 36 * HOUR)
    assert [promises.sweep().escalated for _ in range(2)] == [1, 0]
    notices.deliver()
    leader = story.people["inside_sales"].member
    giver = story.people["marketing"].member
    assert {m for (kind, m) in inboxes() if kind == "escalation"} == {leader.name, giver.name}
    assert Counter(d.member for d in mailed("escalation")) == {leader: 1, giver: 1}


def test_nothing_escalates_that_was_done_returned_or_excused(story: Story, at: Clock) -> None:
    at(START)
    done, returned, excused = story.mql(), story.mql(), story.mql()
    at(START + 25 * HOUR)
    promises.sweep()
    story.call(done)
    story.give_back(returned)
    promises.excuse(excused.pk, story.people["inside_sales"], now=moment.now(), reason="system")
    at(START + 80 * HOUR)
    assert promises.sweep().escalated == 0
    assert not Notice.objects.filter(kind="escalation").exists()


def test_business_days_escalate_on_a_business_day(story: Story, at: Clock) -> None:
    # A contract signed on a Wednesday before Japan's Golden Week: three days make Tuesday to Thursday of the next.
    at(datetime(2026, 4, 30, 3, 0, tzinfo=UTC))
    won = story.won()
    assert won.due_at == datetime(2026, 5, 8, 15, 0, tzinfo=UTC)
    assert won.escalate_at == datetime(2026, 5, 12, 15, 0, tzinfo=UTC)


def test_an_escalation_nobody_leads_goes_to_the_administrators(story: Story, at: Clock) -> None:
    chief = member("marketing", name="管理", is_administrator=True)
    at(START)
    owed = story.mql()
    story.people["inside_sales"].member.memberships.update(role="member")
    at(START + 40 * HOUR)
    promises.sweep()
    notices.deliver()
    assert inboxes()["escalation", chief.name] == 1
    assert fresh_escalation(owed) is None


def fresh_escalation(owed: Handoff) -> datetime | None:
    return Handoff.objects.get(pk=owed.pk).escalate_at


def test_a_refused_letter_is_tried_again_under_the_same_id_after_a_growing_pause(
    story: Story, at: Clock, post: Post
) -> None:
    missed(story, at)
    post.refusing = 1.0
    pauses = []
    notices.spread()
    for _ in range(3):
        (told,) = mailed()
        at(told.next_try_at)
        assert notices.deliver().failed == 1
        told.refresh_from_db()
        pauses.append(told.next_try_at - moment.now())
        assert (told.delivered_at, told.failure) == (None, "SMTPDataError 451")
        assert notices.deliver() == (0, 0, 0, 0)
    assert timedelta(seconds=22) <= pauses[0] <= timedelta(seconds=38)
    assert pauses[0] < pauses[1] < pauses[2]
    post.refusing = 0
    at(mailed()[0].next_try_at)
    assert notices.deliver().sent == 1
    (letter,) = post.letters
    handoff_id, owner_id = Notice.objects.values_list("handoff_id", "member_id").get(kind="missed")
    assert letter["Message-ID"] == f"<missed.{handoff_id}.{owner_id}@example.jp>"


def test_a_dead_address_is_given_up_visibly_after_twelve_attempts_and_blocks_nobody(
    story: Story, at: Clock, post: Post
) -> None:
    dead = member("inside_sales", role="lead", name="退職者のアドレス")
    post.dead = {dead.email}
    missed(story, at)
    assert notices.deliver()[1:] == (1, 1, 0)
    for _ in range(11):
        at(Delivery.objects.get(way="mail", member=dead).next_try_at)
        last = notices.deliver()
    assert last[1:] == (0, 1, 1)
    lost = Delivery.objects.get(way="mail", member=dead)
    assert (lost.attempts, lost.given_up_at, lost.failure) == (12, moment.now(), "SMTPRecipientsRefused")
    (mail,) = notices.standings()
    assert (mail.given_up, mail.waiting, mail.is_failing) == (1, 0, False)
    at(moment.now() + timedelta(days=30))
    assert notices.deliver() == (0, 0, 0, 0)
    post.dead = set()
    assert notices.try_again(mail.outlet) == 1
    assert notices.deliver().sent == 1
    assert {x["To"] for x in post.letters} == {dead.email, story.people["inside_sales"].member.email}


def test_with_a_third_refused_all_arrive_each_under_one_id(story: Story, at: Clock, post: Post) -> None:
    people = [member("inside_sales") for _ in range(20)]
    missed(story, at, 40)
    post.refusing = 0.3
    for _ in range(30):
        notices.deliver()
        at(moment.now() + HOUR)
    assert post.refused > 5
    ids = Counter(letter["Message-ID"] for letter in post.letters)
    assert set(ids.values()) == {1}
    assert not Delivery.objects.filter(delivered_at=None).exists()
    assert {d.member for d in mailed()} >= set(people)


def test_a_mail_server_that_is_gone_costs_no_letter_an_attempt_and_is_shown(
    story: Story, at: Clock, post: Post
) -> None:
    member("inside_sales", role="lead")
    missed(story, at)
    post.is_shut = True
    began = moment.now()
    for hour in range(40):
        at(began + hour * HOUR)
        notices.deliver()
    (mail,) = notices.standings()
    assert (mail.is_failing, mail.waiting, mail.given_up) == (True, 2, 0)
    assert (mail.outlet.failing_since, mail.outlet.failure) == (began, "SMTPConnectError")
    assert {d.attempts for d in mailed()} == {0}
    post.is_shut = False
    at(moment.now() + outlets.LONGEST_PAUSE * 2)
    assert notices.deliver().sent == 2
    (mail,) = notices.standings()
    assert (mail.is_failing, mail.waiting, mail.outlet.failures, mail.outlet.worked_at) == (
        False,
        0,
        0,
        moment.now(),
    )


def test_a_dead_outlet_is_asked_with_one_letter_and_not_with_all(story: Story, at: Clock, post: Post) -> None:
    for _ in range(5):
        member("inside_sales", role="lead")
    missed(story, at, 3)
    post.refusing = 1.0
    notices.deliver()
    assert post.refused == outlets.DOWN_AFTER
    at(moment.now() + timedelta(minutes=1))
    notices.deliver()
    assert post.refused == outlets.DOWN_AFTER + 1
    post.refusing = 0
    at(moment.now() + timedelta(hours=3))
    notices.deliver()
    at(moment.now() + timedelta(hours=3))
    notices.deliver()
    assert not Delivery.objects.filter(way="mail", delivered_at=None).exists()
    assert Delivery.objects.filter(way="mail", attempts__gt=2).count() == 0


def test_a_claim_left_by_a_killed_worker_runs_out(story: Story, at: Clock, post: Post) -> None:
    missed(story, at)
    notices.spread()
    (mail,) = Outlet.objects.all()
    assert len(sending.claim(mail, 10)) == 1
    assert notices.deliver().sent == 0
    at(moment.now() + sending.CLAIM)
    assert notices.deliver().sent == 1
    assert len([x for x in post.letters if x["Message-ID"].startswith("<missed")]) == 1


def test_who_left_gets_no_mail(story: Story, at: Clock, post: Post) -> None:
    missed(story, at)
    notices.spread()
    owner = story.people["inside_sales"].member
    owner.is_active = False
    owner.save()
    notices.deliver()
    assert post.letters == []
    (told,) = mailed()
    assert told.failure == outlets.LEFT
    assert notices.standings()[0].given_up == 0


def test_when_the_owner_has_left_his_department_hears_instead(story: Story, at: Clock) -> None:
    owner, colleague = member("inside_sales"), member("inside_sales", name="同僚")
    at(START)
    owed = story.mql()
    promises.assign(owed.pk, story.people["inside_sales"], now=moment.now(), owner=owner)
    owner.is_active = False
    owner.save()
    at(START + 25 * HOUR)
    promises.sweep()
    notices.deliver()
    assert inboxes()["missed", colleague.name] == 1


def test_a_kind_switched_off_is_not_mailed_not_even_what_waits(story: Story, at: Clock, post: Post) -> None:
    owner = story.people["inside_sales"].member
    missed(story, at)
    notices.spread()
    notices.choose(owner, by_mail=["warning"], by_chat=[])
    notices.deliver()
    at(START + 50 * HOUR)
    promises.sweep()
    notices.deliver()
    assert [letter for letter in post.letters if letter["To"] == owner.email] == []
    assert [(d.kind, d.failure) for d in Delivery.objects.filter(way="mail", member=owner)] == [
        ("missed", outlets.UNWANTED)
    ]
    assert notices.unread(owner) == 3


def test_letters_wait_for_the_end_of_quiet_hours_and_the_inbox_does_not(
    story: Story, at: Clock, post: Post
) -> None:
    owner = story.people["inside_sales"].member
    at(START)
    notices.choose(
        owner, by_mail=["missed", "escalation"], by_chat=[], quiet_from=time(8), quiet_to=time(11, 30)
    )
    missed(story, at)  # Its sweep runs at 10:30 in Tokyo.
    assert notices.deliver() == (2, 0, 0, 0)
    assert notices.unread(owner) == 2
    at(START + 26 * HOUR - timedelta(seconds=1))
    assert notices.deliver().sent == 0
    at(START + 26 * HOUR)
    assert notices.deliver().sent == 1


def test_hours_chosen_later_hold_for_what_waits_already(story: Story, at: Clock, post: Post) -> None:
    owner = story.people["inside_sales"].member
    missed(story, at)
    notices.spread()
    notices.choose(owner, by_mail=["missed"], by_chat=[], quiet_from=time(8), quiet_to=time(11, 30))
    assert notices.deliver().sent == 0
    assert mailed()[0].attempts == 0
    notices.choose(owner, by_mail=["missed"], by_chat=[])
    assert notices.deliver().sent == 1


def test_a_burst_is_one_letter_that_accounts_for_each(story: Story, at: Clock, post: Post) -> None:
    owner = story.people["inside_sales"].member
    missed(story, at, 8)
    notices.deliver()
    (letter,) = post.letters
    assert letter["Subject"].strip() == "【期限超過】8件の期限を過ぎています"
    assert letter["Message-ID"].startswith("<digest.missed.")
    told = mailed()
    assert {d.delivered_at for d in told} == {moment.now()}
    assert [d.is_digest for d in told].count(True) == 1
    assert {d.within_id for d in told if not d.is_digest} == {d.pk for d in told if d.is_digest}
    assert letter.get_content().count("/c/") == 8
    assert notices.unread(owner) == 16


def test_five_of_a_kind_are_five_letters_and_what_follows_a_digest_waits_its_window(
    story: Story, at: Clock, post: Post
) -> None:
    missed(story, at, 5)
    notices.deliver()
    assert len(post.letters) == 5
    began = moment.now()
    for minute in (1, 2, 3):
        at(began - 25 * HOUR + timedelta(minutes=minute))
        story.mql()
        at(began + timedelta(minutes=minute))
        promises.sweep()
        notices.deliver()
    # The sixth is a burst, and opens a window that the others wait for.
    assert len(post.letters) == 6
    at(began + timedelta(minutes=16))
    notices.deliver()
    digests = [n for n, x in enumerate(post.letters) if x["Message-ID"].startswith("<digest.")]
    assert (len(post.letters), digests) == (8, [5])


def test_a_digest_refused_is_tried_again_as_the_same_letter(story: Story, at: Clock, post: Post) -> None:
    missed(story, at, 8)
    post.refusing = 1.0
    notices.deliver()
    assert not post.letters
    post.refusing = 0
    at(START + 25 * HOUR + timedelta(minutes=10))
    for owed in missed_more(story, at, 3):
        assert owed
    notices.deliver()
    ids = [x["Message-ID"] for x in post.letters]
    assert len(ids) == len(set(ids))
    assert any(x.get_content().count("/c/") == 8 for x in post.letters)
    at(moment.now() + timedelta(minutes=16))
    notices.deliver()
    assert not Delivery.objects.filter(way="mail", delivered_at=None).exists()


def missed_more(story: Story, at: Clock, count: int) -> list[Handoff]:
    now = moment.now()
    at(now - 25 * HOUR)
    more = [story.mql() for _ in range(count)]
    at(now)
    promises.sweep()
    return more


def test_a_lead_to_ask_again_wakes_its_owner_in_the_morning_once(story: Story, at: Clock) -> None:
    at(START)
    lead = story.lead()
    recycled(story, lead.pk, "2026-05-11")
    at(datetime(2026, 5, 10, 22, 59, tzinfo=UTC))
    assert notices.wake() == 0
    at(datetime(2026, 5, 10, 23, 0, tzinfo=UTC))  # 08:00 in Tokyo.
    assert [notices.wake() for _ in range(3)] == [1, 0, 0]
    told = Notice.objects.get(kind="wake_up")
    assert (told.key, told.lead, told.department) == (f"wake_up:{lead.pk}:2026-05-11", lead, "marketing")
    notices.deliver()
    assert inboxes()["wake_up", story.people["marketing"].member.name] == 1


def test_days_nobody_looked_are_made_up_for_and_who_came_back_by_himself_is_left_alone(
    story: Story, at: Clock
) -> None:
    at(START)
    notices.wake()
    for day in ("2026-05-11", "2026-05-15"):
        recycled(story, story.lead().pk, day)
    back = story.lead(email="back@example.jp", name="帰来", company="帰来社")
    recycled(story, back.pk, "2026-05-12")
    at(START + timedelta(days=2))
    story.lead(email="back@example.jp", name="帰来", company="帰来社")
    at(datetime(2026, 5, 20, 3, 0, tzinfo=UTC))
    assert notices.wake() == 2


def recycled(story: Story, lead_id: int, day: str) -> None:
    by = story.people["marketing"]
    leads.recycle(lead_id, by, now=moment.now(), reason="timing", wake_up_on=date.fromisoformat(day))


def test_spreading_takes_the_same_statements_for_one_and_for_many(
    story: Story, at: Clock, post: Post, django_assert_max_num_queries
) -> None:
    missed(story, at)
    with django_assert_max_num_queries(14):
        assert notices.spread() == 2
    missed_more(story, at, 30)
    with django_assert_max_num_queries(14):
        assert notices.spread() == 60
