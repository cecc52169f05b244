"use strict";
// The bar of search and commands: Ctrl or ⌘ K from anywhere. The server finds and words everything; here is only
// when to ask, which line is chosen, and that an input method keeps its keys.

(() => {
  const PAUSE = 120;
  const bar = document.getElementById("palette");
  if (!bar || !bar.showModal) return;
  const input = document.getElementById("palette-q");
  const list = document.getElementById("palette-list");
  const said = document.getElementById("palette-said");
  const apple = /Mac|iP(hone|ad)/.test(navigator.platform);
  for (const key of document.querySelectorAll("[data-palette] kbd")) if (apple) key.textContent = "⌘ K";

  let timer = 0;
  let asking = null;
  let shownFor = null;
  let chosen = -1;
  let goOn = false;

  const options = () => [...list.querySelectorAll("[role=option]")];

  function choose(at) {
    const all = options();
    chosen = all.length ? (at + all.length) % all.length : -1;
    all.forEach((option, i) => option.setAttribute("aria-selected", String(i === chosen)));
    if (chosen < 0) { input.removeAttribute("aria-activedescendant"); return; }
    input.setAttribute("aria-activedescendant", all[chosen].id);
    all[chosen].scrollIntoView({ block: "nearest" });
  }

  function open(option) {
    bar.close();
    option.click();
  }

  async function ask() {
    clearTimeout(timer);
    const typed = input.value;
    if (typed === shownFor) return;
    if (asking) asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    list.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(`${list.dataset.suggest}?q=${encodeURIComponent(typed)}`, { signal, headers: { "HX-Request": "true" } });
      const away = answer.headers.get("HX-Redirect");
      if (away) { location.assign(away); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      list.innerHTML = await answer.text();
      if (signal.aborted) return;
      shownFor = typed;
      list.removeAttribute("aria-busy");
      choose(0);
      said.textContent = `${options().length} ${said.dataset.some}`;
      if (goOn && chosen >= 0) open(options()[chosen]);
      goOn = false;
    } catch (error) {
      if (error.name === "AbortError") return;
      list.removeAttribute("aria-busy");
      list.replaceChildren();
      choose(-1);
      said.textContent = said.dataset.failed;
      if (goOn) input.form.requestSubmit();
      goOn = false;
    }
  }

  function later() {
    clearTimeout(timer);
    goOn = false;
    timer = setTimeout(ask, PAUSE);
  }

  function show() {
    if (bar.open) { input.select(); return; }
    for (const other of document.querySelectorAll("dialog[open]")) other.close();
    bar.showModal();
    input.value = "";
    shownFor = null;
    input.focus();
    ask();
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      show();
    }
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest && event.target.closest("[data-palette]");
    if (opener && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) { event.preventDefault(); show(); }
    if (event.target === bar || (event.target.closest && event.target.closest("[data-palette-close]"))) bar.close();
  });

  // What is being composed is no word yet; it is asked for once it stands.
  input.addEventListener("input", (event) => { if (!event.isComposing) later(); });
  input.addEventListener("compositionend", later);

  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Escape") {
      // A search field would take the first Escape to empty itself.
      event.preventDefault();
      bar.close();
    } else if (event.key === "Enter") {
      event.preventDefault();
      const all = options();
      if (input.value === shownFor && all[chosen]) open(all[chosen]);
      // What is chosen must belong to what is typed: ask first, then open.
      else { clearTimeout(timer); ask(); goOn = true; }
    }
  });

  list.addEventListener("pointermove", (event) => {
    const over = event.target.closest("[role=option]");
    const at = over ? options().indexOf(over) : -1;
    if (at >= 0 && at !== chosen) choose(at);
  });
})();

// The panel of quick add: what the server puts there opens over the page, and goes when it is closed or done.
(() => {
  const place = document.getElementById("panel");
  if (!place) return;
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== place) return;
    const panel = place.querySelector("dialog");
    if (!panel) return;
    panel.addEventListener("close", () => { if (panel.isConnected) place.replaceChildren(); });
    panel.showModal();
    const first = panel.querySelector("[aria-invalid=true], .alike a") || panel.querySelector("[autofocus]");
    if (first) first.focus();
  });
  place.addEventListener("click", (event) => {
    const panel = place.querySelector("dialog");
    if (panel && (event.target === panel || event.target.closest("[data-quick-close]"))) panel.close();
  });
})();
