"use strict";
// Single keys and short sequences. An element says its key: data-key="1", "Shift+Enter", "?", or a sequence "g q".
// Inside [data-keys-row] only the row with aria-current="true" listens; a [data-keys-scope] opened in it comes first.
// Text fields keep their keys, an input method keeps all of them, and a member may switch the whole thing off.

(() => {
  const SEQUENCE = 2000;
  const MOST_WAIT = 3000;
  const ROW = "[data-keys-row]";
  const TYPED = new Set(["text", "search", "email", "tel", "url", "number", "password", "date", "datetime-local", "month", "time", "week"]);
  const isOff = document.body.dataset.keys === "off";

  const isTyping = (element) => element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement || element.isContentEditable
    || (element instanceof HTMLInputElement && TYPED.has(element.type));
  const normal = (name) => (name.length === 1 ? name.toLowerCase() : name);
  const isShown = (element) => (element.checkVisibility ? element.checkVisibility() : element.getClientRects().length > 0);

  function named(event) {
    const key = normal(event.key);
    // A sign that needs Shift to be typed is that sign; a letter or a named key with Shift is another key.
    return event.shiftKey && (event.key.length > 1 || /[a-z]/.test(key)) ? `Shift+${key}` : key;
  }

  const spelled = (element) => element.dataset.key.split(" ").map((part) => (part.startsWith("Shift+") ? `Shift+${normal(part.slice(6))}` : normal(part)));

  const current = () => document.querySelector(`${ROW}[aria-current="true"], ${ROW}.selected`);

  function listens(element, row) {
    if (element.disabled || element.getAttribute("aria-disabled") === "true") return false;
    const home = element.closest(ROW);
    if (home && home !== row) return false;
    if (isShown(element)) return true;
    // A menu that is folded is still there for the keys of its row.
    const fold = home && element.closest("details:not([open])");
    return Boolean(fold && isShown(fold));
  }

  function found(sequence) {
    const row = current();
    const scope = row && [...row.querySelectorAll("[data-keys-scope]")].find(isShown);
    const fits = [...document.querySelectorAll("[data-key]")].filter((element) => {
      const keys = spelled(element);
      return keys.length >= sequence.length && sequence.every((key, i) => keys[i] === key) && listens(element, row);
    });
    const near = (element) => (scope && scope.contains(element) ? 0 : row && row.contains(element) ? 1 : 2);
    // What is seen comes before what waits in a folded menu.
    fits.sort((a, b) => near(a) - near(b) || isShown(b) - isShown(a));
    const whole = fits.filter((element) => spelled(element).length === sequence.length);
    const longer = fits.find((element) => spelled(element).length > sequence.length);
    // A number meant for the choices just opened must not do something else.
    const strays = scope && /^\d$/.test(sequence[0]);
    const hit = whole.find((element) => !strays || scope.contains(element));
    // What begins nearer to the hand waits for its second key: N in a row asks for the need, elsewhere for a new lead.
    return longer && (!hit || near(longer) <= near(hit)) ? { hit: undefined, more: true } : { hit, more: false };
  }

  function activate(element) {
    if (isTyping(element)) { element.focus(); if (element.select) element.select(); } else element.click();
  }

  function select(row, { focus = true } = {}) {
    const before = current();
    if (before === row) return;
    if (before) { before.removeAttribute("aria-current"); before.classList.remove("selected"); }
    row.setAttribute("aria-current", "true");
    row.dispatchEvent(new CustomEvent("keys:select", { bubbles: true, detail: { before } }));
    if (focus) row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const rows = [...document.querySelectorAll(ROW)].filter(isShown);
    if (!rows.length) return false;
    const at = rows.indexOf(current());
    select(rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + by))]);
    return true;
  }

  let pending = [];
  let begun = 0;
  function press(name) {
    if (performance.now() - begun > SEQUENCE) pending = [];
    for (const sequence of pending.length ? [[...pending, name], [name]] : [[name]]) {
      const { hit, more } = found(sequence);
      pending = more ? sequence : [];
      begun = performance.now();
      if (hit) { activate(hit); return true; }
      if (more) return true;
    }
    if (name === "j" || name === "k") return step(name === "j" ? 1 : -1);
    return false;
  }

  // What is typed while the row still loads what it asks for waits for it, in order.
  let waiting = [];
  function drain(since) {
    const row = current();
    if (row && row.getAttribute("aria-busy") === "true" && performance.now() - since < MOST_WAIT) {
      setTimeout(drain, 20, since);
      return;
    }
    const names = waiting;
    waiting = [];
    while (names.length) {
      press(names.shift());
      const now = current();
      if (names.length && now && now.getAttribute("aria-busy") === "true") { waiting = names.concat(waiting); setTimeout(drain, 20, performance.now()); return; }
    }
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) {
      // Some browsers report the Enter that confirms a conversion after it has ended; it must not send the form.
      if (event.key === "Enter") event.preventDefault();
      return;
    }
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const { target } = event;
    // A form is finished from any of its fields; a text of several lines keeps its line break, a reason says itself.
    const finish = named(event) === "Shift+Enter" && target.form && !target.matches("textarea, .chips button")
      && target.form.querySelector('[data-key="Shift+Enter"]');
    if (finish && isShown(finish)) { event.preventDefault(); finish.click(); return; }
    if (isTyping(target)) {
      if (event.key === "Escape" && !target.closest("dialog")) {
        target.blur();
        const home = target.closest(ROW);
        if (home) home.focus({ preventScroll: true });
      }
      return;
    }
    if (isOff || document.querySelector("dialog[open]") || ["Shift", "Tab", "Escape", " "].includes(event.key)) return;
    const name = named(event);
    if (name === "Enter" && target !== document.body && !target.matches(`${ROW}, main`)) return;
    if (name === "Shift+Enter" && target.matches(".chips button")) return;
    const row = current();
    if (row && row.getAttribute("aria-busy") === "true") {
      event.preventDefault();
      waiting.push(name);
      if (waiting.length === 1) drain(performance.now());
      return;
    }
    if (press(name)) event.preventDefault();
  });

  // The hand chooses a row as well; between press and release nothing may move under it.
  let pressing = false;
  document.addEventListener("pointerdown", () => { pressing = true; }, true);
  document.addEventListener("pointercancel", () => { pressing = false; }, true);
  document.addEventListener("click", (event) => {
    pressing = false;
    const row = event.target.closest && event.target.closest(ROW);
    if (row) select(row, { focus: false });
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest && event.target.closest(ROW);
    if (row && !pressing) select(row, { focus: false });
  });

  // The list of keys: opened by its key or its button, closed by Escape or its own.
  document.addEventListener("click", (event) => {
    const opener = event.target.closest && event.target.closest("[data-dialog]");
    if (!opener) return;
    const dialog = document.getElementById(opener.dataset.dialog);
    if (dialog && dialog.showModal) { event.preventDefault(); dialog.showModal(); }
  });

  window.revopsKeys = { select, current };
})();
