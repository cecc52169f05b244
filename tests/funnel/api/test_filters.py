"""Filters of lists."""

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from funnel.api import filters
from funnel.api.problems import Invalid
from funnel.models import Reason

FILTERS = {
    "act": filters.one_of("act", ("win", "loss")),
    "id": filters.ids("pk"),
    "after": filters.after("pk", ""),
}


def narrowed(query: str) -> set[str]:
    request = Request(APIRequestFactory().get(f"/?{query}"))
    return set(filters.apply(request, Reason.objects.all(), FILTERS).values_list("act", flat=True))


def test_values_may_be_separated_by_commas_or_repeated(db: None):
    assert narrowed("act=win,loss") == narrowed("act=win&act=loss") == {"win", "loss"}
    assert narrowed("act=win") == {"win"}


def test_a_blank_filter_filters_nothing(db: None):
    assert narrowed("act=&id=&after=&cursor=&limit=") == narrowed("") > {"win", "loss"}
    assert narrowed("act=,win,") == {"win"}


def test_filters_narrow_together(db: None):
    some = Reason.objects.filter(act="win").first()
    assert narrowed(f"act=loss&id={some.pk}") == set()
    assert narrowed(f"act=win&after={some.pk}") == {"win"}


@pytest.mark.parametrize(
    "query", ["act=draw", "id=0", "id=-1", "id=x", "after=x", "who=1", "id=99999999999999999999"]
)
def test_what_cannot_be_read_is_refused(db: None, query: str):
    with pytest.raises(Invalid):
        narrowed(query)


def test_every_fault_of_a_query_is_named(db: None):
    with pytest.raises(Invalid) as found:
        narrowed("act=draw&who=1&id=x")
    assert {f.field for f in found.value.faults} == {"act", "who", "id"}
