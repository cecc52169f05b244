"""Inviting: an answer for every line, a link that opens once, and nothing of it in the database but a hash."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection

from funnel import addresses, moment
from funnel.company import invitations
from funnel.errors import MoveRefused
from funnel.models import Invitation, Member
from tests.builders import a_member
from tests.funnel.company.conftest import said

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def one(by, now, email="taro@example.jp", **more) -> str:
    (answer,) = invitations.invite(
        addresses.parse(email), by, now=now, **{"departments": ["inside_sales"], **more}
    )
    return answer.token


def test_every_piece_is_answered(by, now):
    a_member(is_active=False)
    known = a_member("marketing")
    gone = a_member(is_active=False)
    text = f"新人 <new@example.jp>\n{known.username}\n{gone.username}\nnobody\nNEW@example.jp"
    answers = invitations.invite(addresses.parse(text), by, now=now, departments=["inside_sales"])
    assert [(a.outcome, bool(a.token)) for a in answers] == [
        ("invited", True), ("member", False), ("left", False), ("no_address", False), ("twice", False),
    ]  # fmt: skip
    assert "new@example.jp" not in str(said("invitation"))
    assert said("invitation")[0]["new"]["departments"] == ["inside_sales"]


def test_the_link_is_kept_as_a_hash(by, now):
    token = one(by, now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM funnel_invitation i WHERE position(%s in i::text) > 0", [token])
        assert cursor.fetchone() == (0,)
    assert Invitation.objects.get().token_hash == invitations.hashed(token)


def test_who_comes_in_is_a_member_of_the_departments_from_today(by, now):
    token = one(by, now, role="lead")
    member = invitations.accept(token, now=now, name="山田 太郎", password=PASSWORD)
    membership = member.memberships.get()
    assert (membership.department, membership.role) == ("inside_sales", "lead")
    assert member.check_password(PASSWORD)
    assert "山田" not in str(said())
    with pytest.raises(MoveRefused) as refused:
        invitations.accept(token, now=now, name="x", password=PASSWORD)
    assert refused.value.code == "invitation_gone"


def test_a_link_expires_and_a_newer_one_closes_it(by, now):
    first = one(by, now)
    with pytest.raises(MoveRefused) as refused:
        invitations.behind(first, now=now + invitations.LASTS)
    assert refused.value.code == "invitation_expired"
    second = one(by, now)
    with pytest.raises(MoveRefused) as refused:
        invitations.behind(first, now=now)
    assert refused.value.code == "invitation_gone"
    invitation = invitations.behind(second, now=now)
    invitations.take_back(invitation.pk, by, now=now)
    with pytest.raises(MoveRefused):
        invitations.behind(second, now=now)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_open_one_link_at_once_one_comes_in():
    from funnel.transitions.acting import Actor

    now = moment.now()
    token = one(Actor.of(a_member(is_administrator=True), "html", now=now), now)
    gate, codes = threading.Barrier(2), []

    def enter(name: str) -> None:
        try:
            gate.wait(10)
            invitations.accept(token, now=now, name=name, password=PASSWORD)
            codes.append("in")
        except MoveRefused as refused:
            codes.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=enter, args=(f"n{n}",)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(codes) == ["in", "invitation_gone"]
    assert Member.objects.filter(username="taro@example.jp").count() == 1


def invited(desk, text: str) -> str:
    page = desk.get("/settings/members/invite/")
    sent = {
        "once": page.context["form"]["once"].value(), "pasted": text, "departments": ["inside_sales", "field_sales"],
        "role": "member", "language": "ja",
    }  # fmt: skip
    answer = desk.post("/settings/members/invite/", sent)
    assert answer.status_code == 200
    return answer.content.decode()


def test_without_mail_the_link_is_shown_and_opens_once(desk, client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    page = invited(desk, "山田 太郎 <taro@example.jp>; gar bage")
    (link,) = re.findall(r"http://testserver(/invitation/[^\"]+)", page)
    form = client.get(link)
    assert "山田 太郎" in form.content.decode()
    sent = {
        "once": form.context["form"]["once"].value(),
        "name": "山田 太郎",
        "password": "short",
        "again": "short",
    }
    assert client.post(link, sent).status_code == 422
    assert client.post(link, {**sent, "password": PASSWORD, "again": PASSWORD}).status_code == 302
    member = Member.objects.get(username="taro@example.jp")
    assert set(member.memberships.values_list("department", flat=True)) == {"inside_sales", "field_sales"}
    assert client.get("/settings/profile/").status_code == 200
    assert client.get(link).status_code == 410


def test_with_mail_the_link_is_sent_and_not_shown(desk, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    page = invited(desk, "taro@example.jp\nhana@example.jp")
    assert "/invitation/" not in page
    assert [m.to for m in mail.outbox] == [["taro@example.jp"], ["hana@example.jp"]]
    assert "/invitation/" in mail.outbox[0].body


def test_a_dead_mail_server_shows_the_links_instead(desk, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    page = invited(desk, "taro@example.jp")
    assert page.count("/invitation/") == 1
    assert 'role="alert"' in page


def test_nothing_pasted_is_said_beside_the_box(desk):
    page = desk.get("/settings/members/invite/")
    sent = {
        "once": page.context["form"]["once"].value(),
        "pasted": " ,; \n",
        "role": "member",
        "language": "ja",
    }
    assert desk.post("/settings/members/invite/", sent).status_code == 422


def test_an_invitation_lasts_a_week():
    assert timedelta(days=7) == invitations.LASTS
