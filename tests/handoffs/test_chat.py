"""Posts to chat rooms: what they say, what happens while a room does not answer, and where none may go."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta

import pytest
from pytest_django.fixtures import Settings

from funnel import moment
from funnel.errors import BadValue, NotYours
from funnel.models import Event
from handoffs import notices, promises
from handoffs.models import Delivery, Outlet
from handoffs.notices import outlets, wire
from tests.handoffs.conftest import HOUR, Story, actor, member
from tests.handoffs.room import Room, chat_room

START = datetime(2026, 5, 1, 0, 30, tzinfo=UTC)
Clock = Callable[[datetime | None], None]


@pytest.fixture
def room(settings: Settings) -> Iterator[Room]:
    """A real web server that plays a chat program; its address is allowed by name."""
    with chat_room() as served:
        settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
        settings.WEBHOOK_HOSTS = [f"127.0.0.1:{served.server_address[1]}"]
        settings.SITE_URL = "https://revops.example.jp"
        yield served


def set_up(story: Story, at: Clock, room: Room, department: str = "inside_sales", **more) -> Outlet:
    at(START)
    by = story.people[department]
    kinds = more.pop("kinds", ["missed", "escalation", "returned"])
    return notices.set_room(by, department, url=room.url, kinds=kinds, now=moment.now())


def miss(story: Story, at: Clock, count: int = 1, *, hours: float = 25) -> None:
    at(START)
    for _ in range(count):
        story.mql()
    at(START + hours * HOUR)
    promises.sweep()


def standing(outlet: Outlet) -> notices.Standing:
    return next(s for s in notices.standings() if s.outlet.pk == outlet.pk)


def test_a_post_says_what_happened_for_whom_what_to_do_and_where(story: Story, at: Clock, room: Room) -> None:
    outlet = set_up(story, at, room)
    miss(story, at)
    assert notices.deliver().sent == 1
    ((said,),) = [post.values() for post in room.posts]
    assert room.posts[0].keys() == {"text"}
    lead_id = Delivery.objects.get(way="chat").notice.handoff.lead_id
    assert f"<https://revops.example.jp/c/{lead_id}/|【期限超過】初回コンタクト – 会社" in said
    assert "マーケティング → インサイドセールス" in said
    assert f"– {story.people['inside_sales'].member.name}" in said
    assert "至急ご対応" in said
    assert room.keys == [f"missed:{Delivery.objects.get(way='chat').notice.handoff_id}:room{outlet.pk}"]


def test_who_gave_his_id_is_called_except_in_his_quiet_hours(story: Story, at: Clock, room: Room) -> None:
    set_up(story, at, room)
    owner = story.people["inside_sales"].member
    notices.choose(owner, by_mail=[], by_chat=["missed"], chat_id="U012AB")
    miss(story, at)
    notices.deliver()
    assert "– <@U012AB>" in room.posts[-1]["text"]
    notices.choose(
        owner, by_mail=[], by_chat=["missed"], chat_id="U012AB", quiet_from=time(9), quiet_to=time(12)
    )
    miss(story, at, hours=25.2)
    notices.deliver()
    assert "<@" not in room.posts[-1]["text"]


def test_names_that_look_like_commands_are_only_names(story: Story, at: Clock, room: Room) -> None:
    set_up(story, at, room)
    at(START)
    story.mql(lead=story.lead(company="<!channel> & Söhne"))
    at(START + 25 * HOUR)
    promises.sweep()
    notices.deliver()
    assert "&lt;!channel&gt; &amp; Söhne" in room.posts[0]["text"]
    assert "<!channel>" not in room.posts[0]["text"]


def test_a_departments_room_goes_before_the_organisations(story: Story, at: Clock, room: Room) -> None:
    chief = member("marketing", is_administrator=True)
    at(START)
    whole = notices.set_room(actor(chief), "", url=room.url, kinds=["missed", "returned"], now=moment.now())
    own = set_up(story, at, room)
    miss(story, at)
    story.give_back(story.mql())
    notices.deliver()
    rows = Delivery.objects.filter(way="chat").values_list("outlet", "kind")
    assert set(rows) == {(own.pk, "missed"), (whole.pk, "returned")}


def test_a_burst_is_one_post(story: Story, at: Clock, room: Room) -> None:
    set_up(story, at, room)
    miss(story, at, 30)
    assert notices.deliver().sent == 1
    text = room.posts[0]["text"]
    assert text.startswith("*【期限超過】30件の期限を過ぎています*")
    assert text.count("/c/") == 20
    assert "+10" in text
    assert not Delivery.objects.filter(way="chat", delivered_at=None).exists()


@pytest.mark.parametrize("status", [404, 410, 403, 500, 502, 302])
def test_a_room_that_is_gone_is_left_alone_for_a_growing_time_shown_and_made_up_for(
    story: Story, at: Clock, room: Room, status: int
) -> None:
    outlet = set_up(story, at, room)
    room.status = status
    miss(story, at, 2)
    began = moment.now()
    notices.deliver()
    assert room.asked == 1, "one answer says enough"
    assert not standing(outlet).is_failing, "a hiccup is nobody's concern"
    pauses = []
    for _ in range(5):
        rests_until = Outlet.objects.get(pk=outlet.pk).next_try_at
        pauses.append(rests_until - moment.now())
        at(rests_until)
        notices.deliver()
    assert room.asked == 6
    assert pauses == sorted(pauses)
    now = standing(outlet)
    assert (now.is_failing, now.waiting, now.given_up) == (True, 2, 0)
    assert (now.outlet.failure, now.outlet.failing_since) == (f"HTTP {status}", began)
    room.status = 200
    notices.try_again(outlet)
    assert notices.deliver().sent == 2
    assert (standing(outlet).is_failing, standing(outlet).waiting) == (False, 0)
    assert len(set(room.keys)) == 2
    assert set(Delivery.objects.filter(way="chat").values_list("attempts", flat=True)) == {1}


def test_a_room_that_asks_for_patience_gets_it(story: Story, at: Clock, room: Room) -> None:
    outlet = set_up(story, at, room)
    room.status, room.headers = 429, {"Retry-After": "90"}
    miss(story, at)
    notices.deliver()
    assert Outlet.objects.get(pk=outlet.pk).next_try_at == moment.now() + timedelta(seconds=90)
    at(moment.now() + timedelta(seconds=89))
    notices.deliver()
    assert room.asked == 1
    room.status = 200
    at(moment.now() + timedelta(seconds=1))
    assert notices.deliver().sent == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("0", 1), ("999999", 3600), ("soon", None), ("", None), ("Wed, 21 Oct 2015 07:28:00 GMT", 1)],
)
def test_patience_is_read_from_seconds_or_dates_and_bounded(header: str, seconds: int | None) -> None:
    found = wire._wait(header)
    assert found == (None if seconds is None else timedelta(seconds=seconds))


def test_a_message_the_room_will_not_read_is_given_up_and_others_go_on(
    story: Story, at: Clock, room: Room
) -> None:
    outlet = set_up(story, at, room)
    room.status = 400
    miss(story, at)
    for _ in range(3):
        notices.deliver()
        at(moment.now() + 3 * HOUR)
    assert Delivery.objects.get(way="chat").attempts == 3
    room.status = 200
    assert notices.deliver().sent == 1
    assert standing(outlet).waiting == 0


def test_a_room_that_never_answers_costs_seconds_and_no_more(
    story: Story, at: Clock, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "SECONDS", 0.3)
    outlet = set_up(story, at, room)
    room.delay = 1.5
    miss(story, at)
    notices.deliver()
    assert Outlet.objects.get(pk=outlet.pk).failure == "timeout"
    # A peer that says a byte now and then is within every single timeout; the whole is bounded too.
    monkeypatch.setattr(wire, "SECONDS_IN_ALL", 0.6)
    room.delay, room.drip = 0, 0.2
    began = datetime.now(UTC)
    with pytest.raises(ConnectionError):
        wire.post(room.url, {"text": ""}, key="k")
    assert datetime.now(UTC) - began < timedelta(seconds=2)


def test_nobody_listens_there(story: Story, at: Clock, room: Room, settings: Settings) -> None:
    outlet = set_up(story, at, room)
    settings.WEBHOOK_HOSTS = ["127.0.0.1"]
    Outlet.objects.filter(pk=outlet.pk).update(url="http://127.0.0.1:9/x")
    miss(story, at)
    notices.deliver()
    assert Outlet.objects.get(pk=outlet.pk).failure == "ConnectionRefusedError"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://hooks.example.com/x", "webhook_not_https"),
        ("https://hooks.example.com:8443/x", "webhook_not_https"),
        ("ftp://hooks.example.com/x", "webhook_not_https"),
        ("file:///etc/passwd", "webhook_not_an_address"),
        ("https://user:pass@hooks.example.com/x", "webhook_not_an_address"),
        ("https://", "webhook_not_an_address"),
        ("hooks.example.com/x", "webhook_not_an_address"),
        ("https://exa mple.com/x", "webhook_not_an_address"),
        ("https://hooks.example.com/\r\nHost: x", "webhook_not_an_address"),
        ("https://[::1", "webhook_not_an_address"),
        ("https://日本.example/x", "webhook_not_an_address"),
        ("https://a.example:port/x", "webhook_not_an_address"),
        ("https://a.example/" + "x" * 2000, "webhook_not_an_address"),
        ("", "webhook_not_an_address"),
    ],
)
def test_an_address_that_no_webhook_can_have_is_refused_with_a_remedy(
    story: Story, url: str, code: str
) -> None:
    with pytest.raises(BadValue) as refused:
        notices.set_room(story.people["inside_sales"], "inside_sales", url=url, kinds=[], now=moment.now())
    assert refused.value.code == code
    assert "https" in refused.value.say("ja")
    assert "https" in refused.value.say("en")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.1", "100.64.0.1",
        "224.0.0.1", "::1", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1",
        "64:ff9b::a00:1", "2002:a00:1::", "::",
    ],
)  # fmt: skip
def test_our_own_network_is_no_webhook(address: str) -> None:
    assert not wire.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111"])
def test_the_open_internet_is(address: str) -> None:
    assert wire.is_public(address)


@pytest.mark.parametrize("found", [["127.0.0.1"], ["8.8.8.8", "10.0.0.7"]])
def test_a_name_that_stands_for_our_own_network_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, found: list[str]
) -> None:
    monkeypatch.setattr(
        wire.socket, "getaddrinfo", lambda *_a, **_k: [(2, 1, 6, "", (a, 443)) for a in found]
    )
    monkeypatch.setattr(wire.socket, "create_connection", lambda *_a, **_k: pytest.fail("asked all the same"))
    with pytest.raises(wire.NotAllowed) as refused:
        wire.post("https://rebound.example.com/x", {"text": ""}, key="k")
    assert refused.value.code == "private_address"


def test_a_lead_sets_his_departments_room_and_no_others(story: Story, room: Room) -> None:
    lead = story.people["inside_sales"]
    for department in ("marketing", ""):
        with pytest.raises(NotYours):
            notices.set_room(lead, department, url=room.url, kinds=[], now=moment.now())
        with pytest.raises(NotYours):
            notices.stop_room(lead, department, now=moment.now())


def test_the_address_is_in_no_log_no_event_and_no_error(
    story: Story, at: Clock, room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    outlet = set_up(story, at, room)
    room.status = 500
    miss(story, at)
    notices.deliver()
    room.shutdown()
    room.server_close()
    at(moment.now() + HOUR)
    notices.deliver()
    said = caplog.text + str(list(Event.objects.values_list("data", flat=True))) + str(outlet)
    said += str(list(Outlet.objects.values_list("failure", flat=True)))
    said += str(list(Delivery.objects.values_list("failure", flat=True)))
    assert "verysecret" not in said
    assert Event.objects.filter(data__what="chat_room:inside_sales").exists()


def test_a_room_taken_away_forgets_its_address_and_nothing_waits_for_it(
    story: Story, at: Clock, room: Room
) -> None:
    outlet = set_up(story, at, room)
    miss(story, at)
    notices.spread()
    notices.stop_room(story.people["inside_sales"], "inside_sales", now=moment.now())
    outlet.refresh_from_db()
    assert (outlet.url, outlet.is_active) == ("", False)
    assert Delivery.objects.get(way="chat").failure == outlets.STOPPED
    assert notices.deliver().sent == 0
    assert notices.standings() == []
    again = set_up(story, at, room)
    assert again.pk == outlet.pk


def test_a_test_message_goes_out_once(story: Story, at: Clock, room: Room) -> None:
    outlet = set_up(story, at, room)
    for _ in range(2):
        notices.write_trial(outlet, "once")
    notices.deliver()
    assert [post["text"].splitlines()[0] for post in room.posts] == [
        "<https://revops.example.jp/|RevOpsのテスト投稿>"
    ]
