"""The bell rings by the stream: nobody asks every half minute whether there is something new."""

from __future__ import annotations

import pytest
from django.db import transaction

from funnel import moment
from handoffs import notices
from tests import builders
from tests.stories.test_queue_hands import Hands

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_bell_rings_by_the_stream_and_asks_once(stack, page, transactional_db):
    hands = Hands(page, stack)
    hands.sign_in("inside_sales")
    page.wait_for_selector("#bell-count[data-newest]", state="attached")
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url) if "/notices/count/" in sent.url else None)
    with transaction.atomic():
        builders.an_mql(moment.now())
        notices.spread()
    # Without the stream a bell asks after half a minute at the earliest, which is longer than this waits.
    page.wait_for_selector("#bell-count .count")
    assert len(asked) == 1
