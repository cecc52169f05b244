"""Counts equal a recount at every moment, for a minute."""

import pytest

from tests.dashboards.writing import storm


@pytest.mark.storm
@pytest.mark.django_db(transaction=True)
def test_sixteen_writers_for_a_minute(record_property):
    happened = storm(16, 60)
    record_property("acts, samples, folded", happened[:3])
    assert happened.wrong == []
    assert happened.samples > 100
