"""The one shape of an API view."""

import threading

import pytest
from django.db import connection
from rest_framework.test import APIRequestFactory, force_authenticate

from funnel.api.door import Door
from funnel.api.idempotency import Answer
from funnel.models import Reason
from tests.builders import a_member


class Crossing(Door):
    """Changes two rows, in an order of its own; both meet between them."""

    throttle_classes = ()
    rows: tuple[int, int] = (0, 0)
    meeting: threading.Barrier | None = None
    runs: list[int] = []

    def post(self, request):
        def cross(by, now) -> Answer:
            self.runs.append(1)
            first, second = self.rows
            Reason.objects.filter(pk=first).update(position=first)
            if len(self.runs) <= 2:
                self.meeting.wait(10)
            Reason.objects.filter(pk=second).update(position=first)
            return Answer({"now": now.isoformat()})

        return self.carry_out(cross)


@pytest.mark.django_db(transaction=True)
def test_the_victim_of_a_deadlock_is_tried_again_and_nobody_hears_of_it():
    member = a_member("marketing")
    a, b = Reason.objects.values_list("pk", flat=True)[:2]
    Crossing.runs, meeting, statuses = [], threading.Barrier(2), []

    def call(rows: tuple[int, int]) -> None:
        request = APIRequestFactory().post("/")
        force_authenticate(request, member)
        statuses.append(Crossing.as_view(rows=rows, meeting=meeting)(request).status_code)
        connection.close()

    threads = [threading.Thread(target=call, args=(rows,)) for rows in ((a, b), (b, a))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200, 200]
    assert len(Crossing.runs) == 3
