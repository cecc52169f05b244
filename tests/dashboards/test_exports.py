"""Files that a spreadsheet opens safely."""

import csv
import io

from dashboards import exports, kpis
from dashboards.scope import Scope
from funnel.models import Account
from tests.dashboards.conftest import tokyo


def test_the_file_has_a_byte_order_mark_and_headers_in_the_readers_language(spring):
    Account.objects.update(name='=HYPERLINK("http://example.jp")')
    rows = kpis.get("won").rows(Scope(tokyo(4, 1).date(), tokyo(5, 31).date()))
    text = "".join(exports.lines(rows, "ja"))
    assert text.startswith("\ufeff")
    found = list(csv.DictReader(io.StringIO(text[1:])))
    assert len(found) == 2
    assert {row["会社名"] for row in found} == {'\'=HYPERLINK("http://example.jp")'}
    assert found[0]["種別"] == "lead"
