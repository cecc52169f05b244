"""What the suite does between tests that commit."""

import pytest
from django.db import DatabaseError, connection, transaction

from funnel.models import Organization, Person


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("run", ["first", "second"])
def test_a_committed_test_leaves_the_migrated_database_as_it_was(run):
    assert not Person.objects.exists()
    assert Organization.objects.count() == 1
    Person.objects.create(name=run)
    Organization.objects.update(name=run)


@pytest.mark.django_db
def test_the_guards_are_up_inside_tests():
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE funnel_event CASCADE")
