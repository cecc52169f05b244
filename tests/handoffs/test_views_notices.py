"""The inbox, what a member chooses, and the chat rooms a lead or an administrator sets."""

from __future__ import annotations

from datetime import time
from http import HTTPStatus

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from funnel import moment
from funnel.models import Member
from handoffs import notices
from handoffs.models import Delivery, NoticeChoice, Outlet
from tests.handoffs.conftest import Story, actor, member

SECRET = "https://hooks.example.com/services/T0/B0/verysecret"


def signed_in(who: Member) -> Client:
    client = Client()
    client.force_login(who)
    return client


@pytest.fixture
def told(story: Story) -> Member:
    """Somebody with three unread notices."""
    for _ in range(3):
        story.mql()
    notices.spread()
    return story.people["inside_sales"].member


def test_the_inbox_shows_what_is_unread_newest_first_with_links(told: Member) -> None:
    told.language = "en"
    told.save()
    page = signed_in(told).get("/notices/")
    text = page.content.decode()
    ids = list(
        Delivery.objects.filter(way="app").order_by("-id").values_list("notice__handoff__lead", flat=True)
    )
    places = [text.index(f'href="/c/{lead_id}/"') for lead_id in ids]
    assert places == sorted(places)
    assert text.count("<b>First contact – 会社") == 3
    assert "%(" not in text


def test_marking_one_and_all_as_read_changes_the_bell(told: Member) -> None:
    client = signed_in(told)
    newest = Delivery.objects.filter(way="app").latest("id").pk
    assert ">3<" in client.get("/notices/count/").content.decode()
    assert client.post(f"/notices/{newest}/read/", {"read": "1"})["Location"] == "/notices/"
    assert ">2<" in client.get("/notices/count/").content.decode()
    client.post(f"/notices/{newest}/read/", {"read": "0"})
    assert notices.unread(told) == 3
    client.post("/notices/read/", {"up_to": newest, "next": "/notices/?show=all"})
    assert notices.unread(told) == 0
    assert '<span class="count' not in client.get("/notices/count/").content.decode()
    assert "未読の通知はありません" in client.get("/notices/").content.decode()
    assert client.get("/notices/?show=all").content.decode().count('class="told is-read"') == 3


def test_what_came_after_the_page_was_shown_stays_unread(told: Member, story: Story) -> None:
    shown = Delivery.objects.filter(way="app").latest("id").pk
    story.mql()
    notices.spread()
    signed_in(told).post("/notices/read/", {"up_to": shown})
    assert notices.unread(told) == 1


@pytest.mark.parametrize("up_to", ["", "-1", "x", "９", "1" * 40, "1; DROP TABLE"])
def test_nonsense_marks_nothing(told: Member, up_to: str) -> None:
    assert signed_in(told).post("/notices/read/", {"up_to": up_to}).status_code == HTTPStatus.FOUND
    assert notices.unread(told) == 3


def test_nobody_reads_or_marks_what_is_anothers(told: Member, story: Story) -> None:
    other = signed_in(story.people["marketing"].member)
    newest = Delivery.objects.filter(way="app").latest("id").pk
    assert other.post(f"/notices/{newest}/read/").status_code == HTTPStatus.NOT_FOUND
    other.post("/notices/read/", {"up_to": newest})
    assert notices.unread(told) == 3
    assert "/c/" not in other.get("/notices/?show=all").content.decode().split("<main")[1].split("</main>")[0]


def test_going_back_never_leads_away(told: Member) -> None:
    answer = signed_in(told).post("/notices/read/", {"up_to": "1", "next": "https://evil.example/"})
    assert answer["Location"] == "/notices/"


def test_a_bell_whose_session_has_ended_leads_nowhere(db: None) -> None:
    answer = Client().get("/notices/count/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content, "HX-Redirect" in answer) == (
        HTTPStatus.NO_CONTENT,
        b"",
        False,
    )


def test_the_bell_knows_the_newest_it_has_counted(told: Member) -> None:
    newest = Delivery.objects.filter(way="app", member=told).latest("id").pk
    bell = signed_in(told).get("/notices/count/").content.decode()
    assert f'data-newest="{newest}"' in bell
    assert f'data-member="{told.pk}"' in bell
    nothing = signed_in(member("marketing")).get("/notices/count/").content.decode()
    assert 'data-newest="0"' in nothing


def test_the_bell_asks_again_at_different_times(told: Member) -> None:
    client = signed_in(told)
    asked = {
        client.get("/notices/count/").content.decode().split("every ")[1].split("s")[0] for _ in range(20)
    }
    assert len(asked) > 3
    assert all(30 <= int(seconds) <= 60 for seconds in asked)


def test_a_page_of_the_inbox_takes_the_same_statements_for_three_and_for_fifty(
    told: Member, story: Story, django_assert_max_num_queries
) -> None:
    client = signed_in(told)
    with django_assert_max_num_queries(9):
        client.get("/notices/")
    for _ in range(57):
        story.mql()
    notices.spread()
    with django_assert_max_num_queries(9):
        page = client.get("/notices/")
    first = page.content.decode()
    assert first.count('class="told"') == 50
    after = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert client.get(f"/notices/{after}").content.decode().count('class="told"') == 10


def test_every_member_chooses_for_himself_also_who_only_looks(db: None) -> None:
    viewer = member("marketing", is_viewer=True)
    said = {"by_mail": ["missed", "wake_up"], "by_chat": ["missed"], "chat_id": " Ｕ012ＡＢ ",
            "quiet_from": "22:00", "quiet_to": "08:00"}  # fmt: skip
    client = signed_in(viewer)
    assert client.post("/settings/notices/", said).status_code == HTTPStatus.FOUND
    kept = NoticeChoice.objects.get(member=viewer)
    assert (kept.by_mail, kept.by_chat, kept.chat_id) == (["missed", "wake_up"], ["missed"], "U012AB")
    assert (kept.quiet_from, kept.quiet_to) == (time(22), time(8))
    page = client.get("/settings/notices/").content.decode()
    assert page.count(" checked") == 3
    assert 'value="22:00"' in page


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"quiet_from": "22:00"}, "両方"),
        ({"quiet_from": "22:00", "quiet_to": "22:00"}, "異なる時刻"),
        ({"chat_id": "<!channel>"}, "英大文字"),
        ({"quiet_from": "late", "quiet_to": "08:00"}, "時間"),
        ({"by_mail": ["rumour"]}, "選択"),
    ],
)
def test_what_cannot_be_chosen_is_said_and_nothing_is_kept(db: None, said: dict, sentence: str) -> None:
    who = member("marketing")
    answer = signed_in(who).post("/settings/notices/", said)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    if "by_mail" not in said:
        assert sentence in answer.content.decode()
    assert not NoticeChoice.objects.exists()


def test_an_administrator_sets_a_room_whose_address_is_never_shown_again(db: None) -> None:
    chief = member("marketing", is_administrator=True)
    client = signed_in(chief)
    said = {"room": "organization", "organization-url": SECRET, "organization-kinds": ["missed"], "save": "1"}
    assert client.post("/settings/chat-rooms/", said).status_code == HTTPStatus.FOUND
    page = client.get("/settings/chat-rooms/").content.decode()
    assert "hooks.example.com/…cret" in page
    assert "verysecret" not in page
    said |= {"organization-url": "", "organization-kinds": ["missed", "returned"]}
    client.post("/settings/chat-rooms/", said)
    room = Outlet.objects.get(way="chat")
    assert (room.url, room.kinds) == (SECRET, ["missed", "returned"])
    assert "verysecret" not in client.get(f"/admin/handoffs/outlet/{room.pk}/change/").content.decode()
    client.post("/settings/chat-rooms/", {"room": "organization", "stop": "1"})
    assert not Outlet.objects.filter(way="chat", is_active=True).exists()
    assert "投稿先" not in client.get("/settings/chat-rooms/").content.decode()


def test_a_bad_address_is_refused_in_words_and_not_echoed(db: None) -> None:
    client = signed_in(member("marketing", is_administrator=True))
    said = {"room": "organization", "organization-url": "http://10.0.0.1/verysecret", "save": "1"}
    answer = client.post("/settings/chat-rooms/", said)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "https" in answer.content.decode()
    assert "verysecret" not in answer.content.decode()
    assert not Outlet.objects.filter(way="chat").exists()


def test_a_lead_sees_and_sets_the_room_of_his_department_alone(story: Story) -> None:
    lead = story.people["inside_sales"].member
    client = signed_in(lead)
    page = client.get("/settings/chat-rooms/").content.decode()
    assert page.count('name="room"') == 1
    for name in ("organization", "marketing", "nowhere", ""):
        answer = client.post("/settings/chat-rooms/", {"room": name, f"{name}-url": SECRET, "save": "1"})
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    client.post("/settings/chat-rooms/", {"room": "inside_sales", "inside_sales-url": SECRET, "trial": "1"})
    assert Outlet.objects.get(way="chat").department == "inside_sales"
    assert Delivery.objects.get(way="chat").kind == "trial"


def test_a_dead_outlet_is_shown_in_the_inbox_and_tried_again_by_an_administrator(
    story: Story, settings: Settings
) -> None:
    chief = member("marketing", is_administrator=True)
    lead = story.people["inside_sales"]
    notices.set_room(lead, "inside_sales", url=SECRET, kinds=["assigned"], now=moment.now())
    story.mql()
    notices.spread()
    Outlet.objects.filter(way="chat").update(
        failures=12, failure="HTTP 404", failing_since="2026-05-01T00:00Z", next_try_at="2099-01-01T00:00Z"
    )
    inbox = signed_in(lead.member).get("/notices/").content.decode()
    assert "HTTP 404" in inbox
    assert "1件が送信待ち" in inbox
    assert "再試行" not in inbox
    room = Outlet.objects.get(way="chat")
    client = signed_in(chief)
    assert "再試行" in client.get("/settings/chat-rooms/").content.decode()
    client.post(f"/settings/chat-rooms/{room.pk}/retry/")
    assert Outlet.objects.get(pk=room.pk).next_try_at == moment.now()
    assert signed_in(lead.member).post(f"/settings/chat-rooms/{room.pk}/retry/").status_code == 403


def test_ready_names_the_outlets_that_fail(story: Story, client: Client) -> None:
    notices.set_room(
        actor(member("marketing", is_administrator=True)), "", url=SECRET, kinds=[], now=moment.now()
    )
    Outlet.objects.filter(way="chat").update(
        failures=12, failure="HTTP 404", failing_since="2026-05-01T00:00Z"
    )
    assert client.get("/readyz").json()["outlets_failing"] == ["chat"]


def test_a_failure_is_said_in_words(story: Story) -> None:
    lead = story.people["inside_sales"]
    notices.set_room(lead, "inside_sales", url=SECRET, kinds=["assigned"], now=moment.now())
    Outlet.objects.filter(way="chat").update(
        failures=12, failure="ConnectionRefusedError", failing_since="2026-05-01T00:00Z"
    )
    assert "接続を拒否されました" in signed_in(lead.member).get("/notices/").content.decode()
