"""Dates with the year behind: read in an order that was said or proved, never in one that was guessed."""

from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command

from funnel.ingest.cells import written
from funnel.ingest.columns import layout
from funnel.ingest.dating import tell
from funnel.ingest.decoding import Record
from funnel.models import ImportBatch, Lead
from tests.funnel.ingest.conftest import reasons, table, totals

TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    ("text", "dmy", "mdy"),
    [
        ("03/04/2026", "2026-04-03 00:00", "2026-03-04 00:00"),
        ("3-4-2026 9:05", "2026-04-03 09:05", "2026-03-04 09:05"),
        ("03.04.2026 09:05:59", "2026-04-03 09:05", "2026-03-04 09:05"),
        ("03/04/2026 12:30 AM", "2026-04-03 00:30", "2026-03-04 00:30"),
        ("03/04/2026, 1:30 pm", "2026-04-03 13:30", "2026-03-04 13:30"),
        ("０３/０４/２０２６", "2026-04-03 00:00", "2026-03-04 00:00"),
        ("25/03/2026", "2026-03-25 00:00", None),
        ("03/25/2026", None, "2026-03-25 00:00"),
        ("31/02/2026", None, None),
        ("03/04/2026 13:30 PM", None, None),
        ("03/04/2026 25:30", None, None),
        ("03-04/2026", None, None),
        ("2026-03-04", "2026-03-04 00:00", "2026-03-04 00:00"),
    ],
)
def test_the_order_says_what_is_the_day(text: str, dmy: str | None, mdy: str | None) -> None:
    for order, expected in (("dmy", dmy), ("mdy", mdy)):
        at = written(text, TOKYO, order)
        assert (f"{at.astimezone(TOKYO):%Y-%m-%d %H:%M}" if at else None) == expected
    assert (written(text, TOKYO) is None) == (not text.startswith("2026"))


@pytest.mark.parametrize(
    ("days", "order"),
    [
        (("03/04/2026", "12/12/2026"), ""),
        (("03/04/2026", "13/12/2026"), "dmy"),
        (("03/04/2026", "12/13/2026"), "mdy"),
        (("13/12/2026", "12/13/2026"), ""),
        (("2026-03-04", "", "x"), ""),
    ],
)
def test_a_day_beyond_twelve_proves_the_order_of_a_file(days, order) -> None:
    columns = layout("leads", ["id", "created_at"])
    rows = [Record(n + 2, [f"13/13/{n}", day], "", "") for n, day in enumerate(days)]
    found = tell(rows, columns)
    assert found.order == order
    assert (found.proof is None) == (not order)


def test_without_a_word_two_readings_are_rejected_with_the_remedy(take, capsys, tmp_path) -> None:
    batch = take(
        "leads", table("external_id,created_at", ("1", "03/04/2026"), ("2", "2026-03-04")), history=True
    )
    assert totals(batch) == (2, 1, 0, 0, 1)
    assert reasons(batch) == {2: "date_order"}
    again = take(
        "leads", table("external_id,created_at", ("1", "03/04/2026"), ("2", "2026-03-04")), history=True,
        dates="mdy",
    )  # fmt: skip
    assert totals(again) == (2, 1, 0, 1, 0)


def test_the_command_takes_the_order_or_says_how_it_read_them(db, tmp_path, capsys) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("id,created_at\n1,03/04/2026\n2,03/25/2026\n")
    call_command("ingest", str(path), "--as", "leads", "--history")
    out = capsys.readouterr()
    assert out.out == "total=2 created=2 updated=0 unchanged=0 rejected=0\n"
    assert "月/日/年" in out.err or "month/day/year" in out.err
    assert f"{Lead.objects.get(external_id='1').lead_at.astimezone(TOKYO):%m-%d}" == "03-04"
    path.write_text("id,created_at\n3,03/04/2026\n")
    call_command("ingest", str(path), "--as", "leads", "--history", "--dates", "dmy")
    assert f"{Lead.objects.get(external_id='3').lead_at.astimezone(TOKYO):%m-%d}" == "04-03"
    assert ImportBatch.objects.latest("pk").columns["dates"] == "dmy"
