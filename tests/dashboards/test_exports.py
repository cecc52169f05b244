"""Files that a spreadsheet opens safely."""

import csv
import io

import pytest

from dashboards import exports, kpis
from dashboards.scope import Scope
from funnel.models import Account
from tests.dashboards.conftest import tokyo


@pytest.mark.parametrize(
    "text", ["=1+1", "+81", "-5", "@SUM(A1)", "\t=1", "  =1", "\u3000＝1", "＋1", "\r=1"]
)
def test_a_cell_that_could_start_a_formula_is_led_by_an_apostrophe(text):
    assert exports.safe(text) == f"'{text}"


@pytest.mark.parametrize("value", ["株式会社春", "", 12, None, "a=b"])
def test_other_cells_stay_as_they_are(value):
    assert exports.safe(value) == ("" if value is None else str(value))


def test_the_file_has_a_byte_order_mark_and_headers_in_the_readers_language(spring):
    Account.objects.update(name='=HYPERLINK("http://example.jp")')
    rows = kpis.get("won").rows(Scope(tokyo(4, 1).date(), tokyo(5, 31).date()))
    raw = b"".join(exports.lines(rows, "ja"))
    assert raw.startswith(exports.BOM)
    found = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert len(found) == 2
    assert {row["会社名"] for row in found} == {'\'=HYPERLINK("http://example.jp")'}
    assert found[0]["種別"] == "lead"
