"""Counts equal a recount at every moment, with writers and folders at work."""

import pytest

from tests.dashboards.writing import storm


@pytest.mark.django_db(transaction=True)
def test_sixteen_writers_for_three_seconds(record_property):
    happened = storm(16, 3)
    record_property("acts, samples, folded", happened[:3])
    assert happened.wrong == []
    assert happened.acts >= 16
    assert happened.samples > 5
    assert happened.folded > 0
