"""Without any colour the bottleneck is still found: by its light, its size, its words and its mark."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from statistics import median

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import builders
from tests.dashboards.test_views_live import a_target, act, open_board

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TARGETS = {"leads": "6", "mql-rate": "0.9", "sql-rate": "0.6", "sql": "20", "win-rate-plan": "0.5",
           "bookings": "5000000"}  # fmt: skip
CLEAR = 3.0
"""The contrast that shapes need beside each other (WCAG 2.2, 1.4.11)."""
COLOURS = {2: 3, 6: 4}
"""Bytes of a pixel by the PNG's kind of colour."""


def pixels(png: bytes) -> Iterator[tuple[int, int, int]]:
    """Every pixel of an 8-bit PNG without interlacing, as red, green and blue."""
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert depth == 8
    size, at, packed = COLOURS[kind], 8, b""
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            packed += png[at + 8 : at + 8 + length]
        at += length + 12
    raw, step = zlib.decompress(packed), width * size
    above = bytearray(step)
    for y in range(height):
        begin = y * (step + 1)
        line = bytearray(raw[begin + 1 : begin + 1 + step])
        unfilter(raw[begin], line, above, size)
        above = line
        for x in range(0, step, size):
            yield line[x], line[x + 1], line[x + 2]


def unfilter(how: int, line: bytearray, above: bytearray, size: int) -> None:
    """Undo what a PNG does to a line before it is packed (PNG specification, section 9)."""
    for i in range(len(line)):
        left, up = (line[i - size] if i >= size else 0), above[i]
        corner = above[i - size] if i >= size else 0
        if how == 4:
            guess = min((left, up, corner), key=lambda each: abs(left + up - corner - each))
        else:
            guess = (0, left, up, (left + up) // 2)[how]
        line[i] = (line[i] + guess) % 256


def light(part: Locator) -> float:
    """The relative luminance of most of what is seen there; fails where a pixel has a colour."""
    seen = list(pixels(part.screenshot()))
    assert max(max(pixel) - min(pixel) for pixel in seen) <= 2
    grey = median(pixel[0] for pixel in seen) / 255
    return grey / 12.92 if grey <= 0.04045 else ((grey + 0.055) / 1.055) ** 2.4


def contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def in_greys(page: Page) -> None:
    """Show the page as to somebody who sees no colour at all."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Emulation.setEmulatedVisionDeficiency", {"type": "achromatopsia"})


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_bottleneck_is_found_in_greys(stack, page, transactional_db, theme: str):
    for kpi, value in TARGETS.items():
        act(lambda now, kpi=kpi, value=value: a_target(kpi, value))
    act(lambda now: builders.a_contract(now, amount="1000000"))
    for _ in range(12):
        act(builders.an_mql)
    page.emulate_media(color_scheme=theme)
    open_board(page, stack)
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    expect(page.locator("#bottleneck")).to_have_attribute("data-named", "sql-rate")
    named = page.locator(".gate.named")
    expect(named).to_have_count(1)
    in_greys(page)
    others = page.locator(".gate:not(.named)").all()
    assert len(others) >= 3
    it = light(named)
    assert [other for other in others if contrast(it, light(other)) < CLEAR] == []
    # What is said without light: the word with its mark, the size, the ring around it, what is missing above it.
    expect(named.locator(".flag")).to_be_visible()
    mark = "e => getComputedStyle(e, '::before').content"
    assert "◆" in named.locator(".flag").evaluate(mark)
    size = "e => parseFloat(getComputedStyle(e).fontSize)"
    largest = max(other.locator("b").first.evaluate(size) for other in others)
    assert named.locator("b").first.evaluate(size) > 1.4 * largest
    assert named.evaluate("e => getComputedStyle(e).boxShadow") != "none"
    expect(page.locator('[data-miss="sql"]')).to_be_visible()
    expect(page.locator("#bottleneck .badge.found")).to_be_visible()
