"""What hangs on a wall is read from five metres: at 1920 × 1080 no text below 28 px, nothing cut, nothing to scroll."""

from __future__ import annotations

from datetime import timedelta

import pytest

from funnel.models import Member
from tests import builders
from tests.browser import arrived

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery"
SMALLEST = 28
"""Pixels of the font at 1920 × 1080; key hints are for the hand, not for the room."""
WALLS = {"/funnel/?tv=1": ".tv", "/styleguide/stage/": ".stage-layout"}

TOO_SMALL = """smallest => {
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const said = texts.currentNode.data.trim(), home = texts.currentNode.parentElement;
    if (!said || home.closest("kbd, .vh, script, template") || !home.checkVisibility()) continue;
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    const box = range.getBoundingClientRect();
    if (!box.width || box.bottom < 0) continue;
    const size = parseFloat(getComputedStyle(home).fontSize);
    if (size < smallest) found.push(`${size} px: ${said}`);
    const out = box.left < -1 || box.right > innerWidth + 1 || box.top < -1 || box.bottom > innerHeight + 1;
    if (out) found.push(`sticks out: ${said}`);
  }
  return found;
}"""
CUT = """() => [...document.querySelectorAll("main *")]
  .filter(e => e.checkVisibility() && !e.closest("svg, .vh, kbd") && getComputedStyle(e).display !== "inline")
  .filter(e => e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 1)
  .filter(e => {
    const texts = document.createTreeWalker(e, NodeFilter.SHOW_TEXT), range = document.createRange();
    const edge = e.getBoundingClientRect().right + 1;
    while (texts.nextNode()) {
      range.selectNodeContents(texts.currentNode);
      if (texts.currentNode.data.trim() && range.getBoundingClientRect().right > edge) return true;
    }
    return false;
  })
  .map(e => `${e.tagName}.${e.className}: ${e.textContent.trim().slice(0, 30)}`)"""
"""What holds words beyond its edge; a drawing may run out of its frame."""
BROKEN = """() => [...document.querySelectorAll(".tv .facts dt, :lang(en) .tv .lanes b, .tv h1, .tv h2, .tv .big")]
  .filter(e => e.checkVisibility() && e.getBoundingClientRect().height > parseFloat(getComputedStyle(e).lineHeight) * 1.9)
  .map(e => e.textContent.trim())"""
"""Labels that do not stand on one line."""


@pytest.fixture
def viewer(transactional_db, now) -> Member:
    """Somebody who looks at a funnel with something at every stage."""
    member = builders.a_member(*builders.ALL_DEPARTMENTS)
    member.set_password(PASSWORD)
    member.save()
    for hours in (0, 3, 23, 30, 50):
        builders.an_mql(now, at=now - timedelta(hours=hours))
    builders.a_deal(now)
    builders.a_contract(now)
    return member


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_wall_is_read_from_across_the_room(page, stack, viewer, language):
    Member.objects.filter(pk=viewer.pk).update(language=language)
    page.goto(f"{stack.url}/sign-in/")
    page.fill("#id_username", viewer.username)
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")
    arrived(page, ".queue")
    for address, layout in WALLS.items():
        page.goto(stack.url + address)
        arrived(page, layout)
        assert page.evaluate(TOO_SMALL, SMALLEST) == [], address
        assert page.evaluate(CUT) == [], address
        assert page.evaluate(BROKEN) == [], address
