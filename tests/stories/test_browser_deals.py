"""Cards on the board of deals go where the hand puts them, and where the keys send them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from funnel.models import Deal, Event
from funnel.transitions import deals
from funnel.transitions.acting import SYSTEM
from tests import builders
from tests.browser import arrived

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_card_is_dragged_another_is_moved_by_keys_and_both_stay(stack, page, now, language):
    member = builders.a_member("field_sales", language=language)
    member.set_password(PASSWORD)
    member.save()
    by_hand, by_key = builders.a_deal(now), builders.a_deal(now)
    deals.describe(by_hand.pk, SYSTEM, now=now, amount=Decimal(1_000_000))
    deals.move_step(by_key.pk, SYSTEM, now=now, step="contracting")
    page.goto(f"{stack.url}/sign-in/")
    page.fill("#id_username", member.username)
    page.fill("#id_password", PASSWORD)
    page.click("main button[type=submit]")
    arrived(page, ".queue")

    # The hand: into another column; its sums follow, and the toast takes it back.
    page.keyboard.press("g")
    page.keyboard.press("d")
    arrived(page, "[data-deal-board]")
    proposal = page.locator("[data-lane=proposal]")
    page.locator(f"#deal-{by_hand.pk}").drag_to(proposal)
    proposal.locator(f"#deal-{by_hand.pk}[data-step=proposal]").wait_for()
    assert ("40万円" if language == "ja" else "¥400K") in page.locator("#sums-proposal").inner_text()
    assert Deal.objects.get(pk=by_hand.pk).step == "proposal"
    page.keyboard.press("z")
    page.locator(f"[data-lane=first_meeting] #deal-{by_hand.pk}").wait_for()
    assert Event.objects.filter(deal=by_hand, kind="deal_step_changed").count() == 2

    # The keys alone: to the card, its menu, backwards to the first step.
    page.goto(f"{stack.url}/deals/?step=contracting")
    page.keyboard.press("j")
    page.keyboard.press("m")
    page.locator(f"#move-{by_key.pk}:focus").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator(f"#deal-{by_key.pk}[data-step=first_meeting]").wait_for()
    page.locator(f"#deal-{by_key.pk}:focus").wait_for()
    assert Deal.objects.get(pk=by_key.pk).step == "first_meeting"

    # What is next is said on the card, without leaving the board.
    page.goto(f"{stack.url}/deals/")
    card = page.locator(f"#deal-{by_key.pk}")
    card.locator("a.edit").click()
    card.locator("input[name=next_step]").fill("見積")
    card.locator("input[name=next_step_on]").fill("2030-05-10")
    card.locator("button.primary").click()
    card.locator(".deal-next .step", has_text="見積").wait_for()

    # Onto "won": the form asks for what a win needs.
    page.locator(f"#deal-{by_hand.pk}").drag_to(page.locator("section[data-end=won]"))
    page.wait_for_url(f"**/deals/{by_hand.pk}/win/**")
    arrived(page, "input[name=amount]")
