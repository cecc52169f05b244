"""Side facts in place: plain forms and htmx, normalised input, errors that name the field, conflicts side by side."""

from __future__ import annotations

import re
import uuid

import pytest
from django.test import Client

from funnel.models import Account, Customer, Event, Person
from tests import builders

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def client(client: Client) -> Client:
    client.force_login(builders.a_member("inside_sales", language="en"))
    return client


def fields_of(html: str) -> dict[str, str]:
    """What a browser would send of the form as it stands; radio buttons unchosen."""
    sent = {}
    for tag in re.findall(r"<input[^>]*>", html):
        name, kind = re.search(r'name="([^"]+)"', tag), re.search(r'type="([^"]+)"', tag)
        if name and kind and kind[1] not in ("radio", "checkbox", "submit"):
            value = re.search(r'value="([^"]*)"', tag)
            sent[name[1]] = value[1] if value else ""
    return {k: v for k, v in sent.items() if k not in ("csrfmiddlewaretoken", "q")}


def opened(client: Client, address: str, **fields: str) -> dict[str, str]:
    """The form of an address as fetched, with some fields typed over."""
    page = client.get(address)
    assert page.status_code == 200
    return {**fields_of(page.content.decode()), "once": str(uuid.uuid4()), **fields}


def test_a_person_is_edited_by_a_plain_form_and_input_is_normalised(client, now):
    person = builders.a_lead(now).person
    there = f"/people/{person.pk}/edit/"
    typed = {
        "phone": "０３ー１２３４−５６７８",
        "name_kana": "やまだ　たろう",
        "role": "decides",
        "title": "営業管理部　部長",
    }
    answer = client.post(f"{there}?next=/c/", opened(client, there, **typed, next="/c/1/"))
    assert (answer.status_code, answer["Location"]) == (302, "/c/1/")
    person.refresh_from_db()
    assert (person.phone, person.name_kana, person.role) == ("03-1234-5678", "ヤマダ タロウ", "decides")
    assert person.title == "営業管理部 部長"


def test_with_htmx_the_facts_come_back_in_the_place_of_the_form(client, now):
    account = builders.a_lead(now).account
    there = f"/accounts/{account.pk}/edit/"
    typed = {
        "employees": "３２０名",
        "website": "akatsuki.example.jp",
        "industry": "食品卸",
        "region": "大阪府",
    }
    answer = client.post(there, opened(client, there, **typed), headers=HTMX)
    account.refresh_from_db()
    assert (account.employees, account.website) == (320, "https://akatsuki.example.jp")
    body = answer.content.decode()
    assert "<html" not in body
    assert "320 people" in body
    assert "食品卸" in client.get(f"{there}?shown=1", headers=HTMX).content.decode()


@pytest.mark.parametrize(
    ("what", "field", "typed", "said"),
    [
        ("people", "email", "nobody", "is not an e-mail address"),
        ("people", "phone", "電話なし", "is not a phone number. Write 03-1234-5678."),
        ("people", "role", "king", "king is not one of the available choices"),
        ("accounts", "name", "  ", "Enter the name of the company."),
        ("accounts", "employees", "たくさん", "is not a number of people. Write 320."),
        ("accounts", "employees", "99999999999", "is not a number of people"),
        ("accounts", "website", "http://", "is not a web address. Write example.co.jp."),
        ("accounts", "website", "javascript:alert(1)", "is not a web address"),
    ],
)
def test_what_cannot_be_used_is_said_beside_its_field_and_nothing_typed_is_lost(
    client, now, what, field, typed, said
):
    lead = builders.a_lead(now)
    pk = lead.person_id if what == "people" else lead.account_id
    there = f"/{what}/{pk}/edit/"
    answer = client.post(there, opened(client, there, **{field: typed}))
    html = answer.content.decode()
    assert answer.status_code == 422
    box = re.search(rf'id="[a-z]+-{pk}-{field}_error">(.*?)</div>', html, re.S)
    assert said in box[1].replace("&#x27;", "'")
    assert not Event.objects.filter(kind="details_changed").exists()


def test_an_e_mail_of_another_person_is_refused_in_its_field(client, now):
    one, other = builders.a_lead(now).person, builders.a_lead(now).person
    there = f"/people/{one.pk}/edit/"
    answer = client.post(there, opened(client, there, email=other.email))
    assert answer.status_code == 422
    assert "Another person has this e-mail address" in answer.content.decode()


def test_a_conflict_shows_both_values_and_one_is_kept_by_choice(client, now):
    person = builders.a_lead(now).person
    there = f"/people/{person.pk}/edit/"
    mine = opened(client, there, title="課長", phone="03-1111-1111")
    other = builders.a_member("field_sales", language="en")
    theirs = Client()
    theirs.force_login(other)
    assert theirs.post(there, opened(theirs, there, title="部長")).status_code == 302
    answer = client.post(there, mine)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert f"{other.name} changed this on" in html
    assert "<b>部長</b>" in html
    assert 'value="課長"' in html
    person.refresh_from_db()
    assert (person.title, person.phone) == ("部長", "")
    again = {**fields_of(html), "once": str(uuid.uuid4())}
    undecided = client.post(there, again)
    assert undecided.status_code == 422
    assert "Choose which of the two to keep." in undecided.content.decode()
    assert client.post(there, {**again, "keep_title": "theirs"}).status_code == 302
    person.refresh_from_db()
    assert (person.title, person.phone) == ("部長", "03-1111-1111")


def test_mine_replaces_theirs_only_where_it_was_chosen_and_theirs_has_not_moved_again(client, now):
    person = builders.a_lead(now).person
    there = f"/people/{person.pk}/edit/"
    mine = opened(client, there, title="課長")
    Person.objects.filter(pk=person.pk).update(title="部長")
    html = client.post(there, mine).content.decode()
    assert "This was changed in the meantime" in html
    chosen = {**fields_of(html), "once": str(uuid.uuid4()), "keep_title": "mine"}
    Person.objects.filter(pk=person.pk).update(title="本部長")
    answer = client.post(there, chosen)
    assert answer.status_code == 409
    assert "<b>本部長</b>" in answer.content.decode()
    final = {**fields_of(answer.content.decode()), "once": str(uuid.uuid4()), "keep_title": "mine"}
    assert client.post(there, final).status_code == 302
    person.refresh_from_db()
    assert person.title == "課長"


def test_a_note_of_several_lines_does_not_conflict_with_itself(client, now):
    customer = builders.a_contract(now).customer
    there = f"/customers/{customer.pk}/edit/"
    Customer.objects.filter(pk=customer.pk).update(note="一行目\n二行目")
    sent = opened(
        client, there, plan="スタンダード", note="一行目\r\n二行目\r\n三行目", seen_note="一行目\r\n二行目"
    )
    assert client.post(there, sent).status_code == 302
    customer.refresh_from_db()
    assert (customer.plan, customer.note) == ("スタンダード", "一行目\n二行目\n三行目")


def test_the_same_form_sent_twice_is_one_change(client, now):
    person = builders.a_lead(now).person
    there = f"/people/{person.pk}/edit/"
    sent = opened(client, there, title="部長")
    assert [client.post(there, sent).status_code for _ in range(2)] == [302, 302]
    assert Event.objects.filter(kind="details_changed").count() == 1


def test_a_viewer_is_refused_with_the_sentence(now):
    account = builders.a_lead(now).account
    viewer = Client()
    viewer.force_login(builders.a_member(is_viewer=True, language="en"))
    answer = viewer.post(f"/accounts/{account.pk}/edit/", {"name": "x", "once": str(uuid.uuid4())})
    assert answer.status_code == 403
    assert Account.objects.get(pk=account.pk).name == account.name
