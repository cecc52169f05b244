"""The page of duplicates and the merge: what is proposed, what is said beforehand, and who may."""

import uuid

import pytest
from django.db import connection
from django.test import Client

from funnel.models import Lead, Member, PeopleApart, Person
from funnel.search import pairs
from tests.builders import a_deal, a_lead, a_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(client: Client) -> Member:
    member = a_member("marketing", role="lead", language="en")
    client.force_login(member)
    return member


def twins(now) -> tuple[Lead, Lead]:
    """The same name at the same company under two mailboxes."""
    return (
        a_lead(now, company="株式会社みなと", name="高橋 由美", email="yumi@example.jp"),
        a_lead(now, company="㈱みなと", name="高橋由美", email="y.t@example.jp", phone="03-1234-5678"),
    )


def found() -> list[tuple[int, int, tuple[str, ...]]]:
    return [(pair.first.pk, pair.second.pk, pair.why) for pair in pairs(limit=50).rows]


def test_pairs_share_name_and_company_or_a_phone_number(now) -> None:
    one, two = twins(now)
    a_lead(now, company="別会社", name="高橋 由美")
    third = a_lead(now, name="三人目", phone="０３-1234-5678")
    assert found() == [
        (two.person_id, third.person_id, ("phone",)),
        (one.person_id, two.person_id, ("name",)),
    ]


def test_a_switchboard_and_a_short_number_make_no_pairs(now) -> None:
    for _ in range(6):
        a_lead(now, phone="03-1111-2222")
    for _ in range(2):
        a_lead(now, phone="110")
    assert found() == []


def test_pages_of_pairs_follow_one_another(client: Client, lead: Member, now) -> None:
    for n in range(4):
        for mailbox in "ab":
            a_lead(now, company="みなと", name=f"名{n}", email=f"{mailbox}{n}@example.jp")
    every = found()
    assert len(every) == 4
    first = pairs(limit=3)
    rest = pairs(limit=3, after=first.next)
    assert [(p.first.pk, p.second.pk) for p in (*first.rows, *rest.rows)] == [row[:2] for row in every]
    # People are searched in stretches of ids, and as many stretches follow as there were people before.
    while rest.next is not None:
        rest = pairs(limit=3, after=rest.next)
        assert rest.rows == []
    assert client.get("/people/duplicates/?after=nonsense").status_code == 200


def send(client: Client, keep: Lead, absorb: Lead, **said: str):
    address = f"/people/{keep.person_id}/merge/{absorb.person_id}/now/"
    return client.post(address, {"once": str(uuid.uuid4()), **said})


def test_a_merge_is_shown_chosen_confirmed_and_done(client: Client, lead: Member, now) -> None:
    one, two = twins(now)
    page = client.get("/people/duplicates/").content.decode()
    assert f'href="/people/{one.person_id}/merge/{two.person_id}/"' in page
    preview = client.get(f"/people/{one.person_id}/merge/{two.person_id}/").content.decode()
    assert f"The younger lead in progress (#{two.pk}) closes" in preview
    assert "y.t@example.jp" in preview
    unsure = send(client, one, two, email="absorb")
    assert unsure.status_code == 422
    assert "Say that this is one person" in unsure.content.decode()
    assert found()
    answer = send(client, one, two, email="absorb", sure="on")
    assert answer["Location"] == f"/c/{one.pk}/"
    kept = Person.objects.get(pk=one.person_id)
    assert (kept.email, kept.phone) == ("y.t@example.jp", "03-1234-5678")
    assert Person.objects.get(pk=two.person_id).merged_into == kept
    assert found() == []
    assert send(client, one, two, sure="on").status_code == 404


def test_a_lead_at_a_deal_is_not_closed_by_a_merge(client: Client, lead: Member, now) -> None:
    one = a_lead(now, company="みなと", name="高橋 由美")
    deal = a_deal(now, company="みなと", name="高橋由美", email="z@example.jp")
    preview = client.get(f"/people/{one.person_id}/merge/{deal.lead.person_id}/")
    assert preview.context["cannot"]
    assert send(client, one, deal.lead, sure="on").status_code == 422


def test_a_pair_said_apart_is_proposed_no_more(client: Client, lead: Member, now) -> None:
    one, two = twins(now)
    for keep, absorb in ((two, one), (one, two)):
        client.post(f"/people/{keep.person_id}/apart/{absorb.person_id}/")
    assert PeopleApart.objects.get().said_by == lead
    assert found() == []


def test_a_member_sees_the_pairs_and_who_merges_them(client: Client, now) -> None:
    one, two = twins(now)
    client.force_login(a_member("marketing", language="en"))
    page = client.get("/people/duplicates/").content.decode()
    assert "disabled" in page
    assert "lead of a department or an administrator" in page
    preview = client.get(f"/people/{one.person_id}/merge/{two.person_id}/").content.decode()
    assert "lead of a department or an administrator" in preview
    assert send(client, one, two, sure="on").status_code == 403
    assert client.post(f"/people/{one.person_id}/apart/{two.person_id}/").status_code == 403


def test_the_api_merges_for_a_program(api, reader, now) -> None:
    one, two = twins(now)
    address = f"persons/{one.person_id}/merge/"
    answer = api.post(address, {"absorb": two.person_id, "take": {"email": True, "name": False}}, key="m1")
    assert (answer.status, answer["email"], answer["phone"]) == (200, "y.t@example.jp", "03-1234-5678")
    assert (
        api.post(address, {"absorb": two.person_id, "take": {"email": True, "name": False}}, key="m1").status
        == 200
    )
    again = api.post(address, {"absorb": two.person_id})
    assert (again.status, again["code"]) == (409, "already_done")
    assert api.post(address, {"absorb": one.person_id})["code"] == "same_person"
    assert api.post(address, {"absorb": 999_999}).status == 404
    assert api.post(address, {"absorb": two.person_id, "take": {"salary": True}}).status == 422
    assert reader.post(address, {"absorb": two.person_id}).status == 403


def test_pairs_are_found_by_indexes_first(now) -> None:
    """The plan names both indexes: a page for leads must not read every person's row."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT phone_norm FROM funnel_person WHERE phone_norm <> '' GROUP BY 1 HAVING count(*) > 1"
        )
        assert "person_by_phone" in "".join(row[0] for row in cursor.fetchall())


def test_who_is_added_beside_somebody_alike_is_shown_where_the_two_are_compared(
    client: Client, lead: Member, now
) -> None:
    known = a_lead(now, company="みなと", name="高橋 由美", email="yumi@example.jp", phone="03-1234-5678")
    typed = {
        "company": "別",
        "name": "高橋 ゆみ",
        "phone": "0312345678",
        "channel": "web",
        "once": str(uuid.uuid4()),
    }
    assert client.post("/leads/new/", typed).status_code == 409
    answer = client.post("/leads/new/", {**typed, "anyway": "on"}, follow=True)
    added = Person.objects.latest("pk")
    assert added.pk != known.person_id
    compare = f"/people/{known.person_id}/merge/{added.pk}/"
    assert f'href="{compare}"' in answer.content.decode()
    assert client.get(compare).status_code == 200
