"""Pages of lists."""

import pytest

from tests.doors import Caller, lead_body


def test_what_is_there_from_first_to_last_page_is_listed_once_whatever_is_added(api: Caller):
    there = [api.post("leads/", lead_body())["id"] for _ in range(7)]
    page, seen = api.get("leads/", limit=3), []
    while True:
        seen += [r["id"] for r in page["results"]]
        if page["next"] is None:
            break
        api.post("leads/", lead_body())
        page = api.get(page["next"])
    assert seen == there[::-1]


def test_the_address_of_the_next_page_keeps_the_filters(api: Caller):
    for _ in range(3):
        api.post("leads/", lead_body(channel="seminar"))
    following = api.get("leads/", channel="seminar", limit=2)["next"]
    assert "channel=seminar" in following
    assert "limit=2" in following
    assert len(api.get(following)["results"]) == 1


def test_the_last_full_page_has_no_next(api: Caller):
    for _ in range(2):
        api.post("leads/", lead_body())
    assert api.get("leads/", limit=2)["next"] is None


def test_a_page_is_never_longer_than_the_limit(api: Caller):
    assert api.get("leads/", limit=10**9).status == 200


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "9" * 30, "١"])
def test_a_cursor_nobody_gave_is_refused(api: Caller, cursor: str):
    refused = api.get("leads/", cursor=cursor)
    assert (refused.status, refused["field"], refused["code"]) == (422, "cursor", "bad_cursor")


@pytest.mark.parametrize("size", ["0", "-1", "x", "٣"])
def test_a_limit_is_a_positive_number(api: Caller, size: str):
    refused = api.get("leads/", limit=size)
    assert (refused.status, refused["field"]) == (422, "limit")


@pytest.mark.parametrize(
    "query", ["q=%00", "q=%ff", "channel=%00", "%00=1", "stage=%00", "q=" + "%f0%9f" * 9]
)
def test_a_query_of_odd_bytes_never_breaks_a_list(api: Caller, query: str):
    assert api.get(f"/api/v1/leads/?{query}").status in (200, 422)
