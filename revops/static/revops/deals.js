"use strict";
// The board of deals: a card is dragged to a column, and sends the same form its menu does. The server says where the
// card stands; it stays where it was put, unless somebody else moved it meanwhile.

(() => {
  const board = document.querySelector("[data-deal-board]");
  if (!board) return;
  const mayMove = board.hasAttribute("data-may-move");
  const lanes = () => [...board.querySelectorAll("[data-lane]")];
  const laneOf = (step) => lanes().find((lane) => lane.dataset.lane === step);
  let dragged = null;

  function settle() {
    for (const card of board.querySelectorAll(".deal")) {
      card.draggable = mayMove && card.dataset.state === "open";
      const home = laneOf(card.dataset.step);
      if (home && card.parentElement !== home) {
        const hadFocus = card.contains(document.activeElement);
        home.prepend(card);
        if (hadFocus || card.dataset.follow) focusOn(card);
        card.scrollIntoView({ block: "nearest" });
      }
      delete card.dataset.follow;
    }
  }

  function focusOn(card) {
    const fold = card.closest("details.lane");
    if (fold) fold.open = true;
    card.focus({ preventScroll: true });
  }

  function before(lane, y) {
    return [...lane.querySelectorAll(".deal, .more")].find((other) => {
      const box = other.getBoundingClientRect();
      return other !== dragged && y < box.top + box.height / 2;
    }) || null;
  }

  function targetOf(event) {
    const end = event.target.closest("section[data-end]");
    if (end) return end;
    const lane = event.target.closest("details.lane");
    return lane && lane.querySelector("[data-lane]");
  }

  const clear = () => board.querySelectorAll(".over").forEach((one) => one.classList.remove("over"));

  board.addEventListener("dragstart", (event) => {
    const card = event.target.closest(".deal");
    if (!card || !card.draggable) return;
    dragged = card;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.id);
    card.classList.add("dragged");
    board.classList.add("dragging");
  });

  board.addEventListener("dragend", () => {
    if (dragged) dragged.classList.remove("dragged");
    board.classList.remove("dragging");
    clear();
    dragged = null;
  });

  board.addEventListener("dragover", (event) => {
    const target = dragged && targetOf(event);
    if (!target) return;
    event.preventDefault();
    clear();
    (target.closest(".lane") || target).classList.add("over");
  });

  board.addEventListener("drop", (event) => {
    const target = dragged && targetOf(event);
    if (!target) return;
    event.preventDefault();
    const card = dragged;
    const form = card.querySelector("form.move");
    if (target.dataset.end) {
      location.assign(form.querySelector(`[data-end="${target.dataset.end}"]`).href);
      return;
    }
    if (target.dataset.lane === card.dataset.step) return;
    target.insertBefore(card, before(target, event.clientY));
    form.elements.step.value = target.dataset.lane;
    form.requestSubmit();
  });

  // The menu of a card opens with the hand on its first choice.
  board.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (menu.matches("details.mover") && menu.open) menu.querySelector("select").focus();
  }, true);

  // Whoever moved a card by the keyboard goes with it, also when it was replaced meanwhile.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const card = event.detail.target;
    if (card && card.matches && card.matches(".deal")) board.dataset.follow = card.contains(document.activeElement) || document.activeElement === document.body ? card.id : "";
  });
  document.addEventListener("htmx:afterSettle", () => {
    const card = board.dataset.follow && document.getElementById(board.dataset.follow);
    settle();
    if (card) focusOn(card);
    delete board.dataset.follow;
  });
  // Nothing was written: the card goes back to where it stands.
  for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) document.addEventListener(failure, settle);

  settle();
})();
