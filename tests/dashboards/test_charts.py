"""Figures are plain, escaped, and say what they are given."""

import json

import pytest

from dashboards import charts
from dashboards.charts import Bin, Cell, Mark, Panel, Point, Step


def say(value: float) -> str:
    return f"{value:g}"


FIGURES = {
    "trend": charts.trend(
        [Point("<b>4月</b>", 3, 5, "4月 3"), Point("5月", None, None, "5月 –", True)],
        [Mark(1, "定義変更")],
        colour="var(--is)",
        say=say,
        target_words="目標",
        whole=True,
    ),
    "histogram": charts.histogram(
        [Bin("0", 4, "0–2"), Bin("2+", 1, "2+", True)], line=Mark(1, "24時間"), say=say, axis="時間"
    ),
    "panels": charts.panels(["<i>Web</i>"], [Panel("MQL", "var(--mk)", [3], ["Web 3"])]),
    "heat": charts.heat(["月"], ["0", "1"], [Cell(0, 1, 0.5, "月 1:00")]),
    "triangle": charts.heat(
        ["4月", "5月"],
        ["0", "1"],
        [Cell(0, 0, 0.2, "20%", "20%"), Cell(0, 1, 0.9, "90%", "90%"), Cell(1, 0, 0.1, "10%", "10%", True)],
    ),
    "waterfall": charts.waterfall(
        [
            Step("期初", 100, "100", True),
            Step("新規", 30, "+30"),
            Step("解約", -50, "−50"),
            Step("期末", 80, "80", True),
        ],
        say,
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_json_and_carries_no_markup_of_others(name: str) -> None:
    text = json.dumps(FIGURES[name], allow_nan=False, ensure_ascii=False)
    assert "<b>" not in text
    assert "<i>" not in text


@pytest.mark.parametrize("name", FIGURES)
def test_colours_are_names_of_tokens(name: str) -> None:
    def colours(part: object, key: str = "") -> list[str]:
        if isinstance(part, dict):
            return [found for k, v in part.items() for found in colours(v, k)]
        if isinstance(part, list):
            return [found for one in part for found in colours(one, key)]
        return [part] if "color" in key and isinstance(part, str) and key != "colorscale" else []

    found = colours(FIGURES[name])
    assert found
    assert [one for one in found if not one.startswith("var(--")] == []


@pytest.mark.parametrize(
    ("low", "high", "whole", "expected"),
    [
        (0, 0, False, [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (0, 1, True, [0, 1]),
        (0, 17, True, [0, 5, 10, 15, 20]),
        (0, 0.34, False, [0, 0.1, 0.2, 0.3, 0.4]),
        (-12, 30, False, [-20, -10, 0, 10, 20, 30]),
        (0, 9_500_000, False, [0, 2_000_000, 4_000_000, 6_000_000, 8_000_000, 10_000_000]),
    ],
)
def test_ticks_are_round_and_hold_all_values(low, high, whole, expected) -> None:
    assert charts.ticks(low, high, whole=whole) == pytest.approx(expected)


def test_a_waterfall_goes_down_from_where_it_came() -> None:
    (bars,) = FIGURES["waterfall"]["data"]
    assert bars["base"] == [0, 100, 80, 0]
    assert bars["y"] == [100, 30, 50, 80]
    assert bars["marker"]["color"] == ["var(--ink-2)", "var(--cs)", "var(--bad)", "var(--ink-2)"]


def test_an_open_cell_is_hatched_and_has_no_colour_of_its_own() -> None:
    figure = FIGURES["triangle"]
    assert figure["data"][0]["z"] == [[0.2, 0.9], [None, None]]
    assert len(figure["layout"]["shapes"]) == 1 + charts.HATCH_LINES
    assert figure["data"][1]["hovertext"] == ["10%"]
    inks = [note["font"]["color"] for note in figure["layout"]["annotations"]]
    assert inks == ["var(--ink)", "var(--surface)", "var(--ink)"]


def test_what_is_late_is_the_one_problem_of_the_histogram() -> None:
    (bars,) = FIGURES["histogram"]["data"]
    assert bars["marker"]["color"] == ["var(--is)", "var(--bad)"]
    assert FIGURES["histogram"]["layout"]["shapes"][0]["x0"] == 0.5


def test_no_more_panels_than_four() -> None:
    figure = charts.panels(["a"], [Panel(str(n), "var(--is)", [0], [""]) for n in range(6)])
    assert len(figure["data"]) == charts.MOST_SERIES
