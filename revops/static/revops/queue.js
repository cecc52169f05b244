"use strict";
// The queue under the hand: the selected row unfolds, what is typed is kept, news waits until it is asked for,
// clocks tick, and what could not be sent is sent once the line is back.

(() => {
  const queue = () => document.getElementById("queue");
  if (!queue()) return;
  const member = queue().dataset.member;
  const japanese = document.documentElement.lang.startsWith("ja");
  const rows = () => [...document.querySelectorAll("#queue [data-keys-row]")];
  const rowOf = (element) => element && element.closest && element.closest("[data-keys-row]");
  const domOf = (row) => row.id.slice("row-".length);
  const stored = (store, key, otherwise) => { try { return JSON.parse(store.getItem(key)) ?? otherwise; } catch { return otherwise; } };
  const store = (where, key, value) => { try { if (value == null) where.removeItem(key); else where.setItem(key, JSON.stringify(value)); } catch { /* A full or closed store costs the convenience only. */ } };

  // Selection: the chosen row unfolds; the others keep what was typed, folded.
  const CHOSEN = `revops:row:${member}`;
  let chosen = window.revopsKeys.current() ? window.revopsKeys.current().id : "";

  function unfold(row) {
    const place = row.querySelector(".exp");
    if (!place || place.childElementCount || place.dataset.asked) return;
    place.dataset.asked = "1";
    row.setAttribute("aria-busy", "true");
    htmx.ajax("GET", row.dataset.strip, { target: place, swap: "innerHTML" })
      .catch(() => {}).finally(() => { delete place.dataset.asked; setTimeout(() => row.removeAttribute("aria-busy"), 30); });
  }

  document.addEventListener("keys:select", (event) => {
    const row = event.target;
    chosen = row.id;
    store(sessionStorage, CHOSEN, chosen);
    unfold(row);
  });

  // A click folds the row above: the one under the hand stays where it is.
  document.addEventListener("click", (event) => {
    const row = rowOf(event.target);
    if (!row) return;
    const before = row.getBoundingClientRect().top;
    requestAnimationFrame(() => { if (row.isConnected) window.scrollBy(0, row.getBoundingClientRect().top - before); });
  }, true);

  // While a row sends or loads, keys typed for it wait.
  document.addEventListener("htmx:beforeRequest", (event) => { const row = rowOf(event.detail.elt); if (row) row.setAttribute("aria-busy", "true"); });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt } = event.detail;
    const row = rowOf(elt);
    if (row) setTimeout(() => row.removeAttribute("aria-busy"), 30);
    if (elt.matches && elt.matches("[data-undo]") && event.detail.successful) elt.closest(".toast").remove();
  });

  // The focus stays in the row when its content is exchanged, and goes into the form that was asked for, or to what is wrong in it.
  const WRONG = "form.act [aria-invalid=true], form.act [data-wrong] button";
  let held = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const row = rowOf(event.detail.target);
    const active = document.activeElement;
    held = row && (row.contains(active) || active === document.body) ? { id: row.id, key: active.dataset ? active.dataset.key : "" } : null;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const current = document.getElementById(chosen);
    const marked = rows().filter((row) => row.getAttribute("aria-current") === "true");
    const keep = current && marked.includes(current) ? current : marked[0];
    for (const row of marked) if (row !== keep) row.removeAttribute("aria-current");
    if (keep) chosen = keep.id;
    const slot = event.target.closest && (event.target.matches(".slot") ? event.target : null);
    if (slot && slot.firstElementChild) {
      const form = slot.querySelector("form");
      const first = form.querySelector("[aria-invalid=true], .fields input[type=text]:not([hidden])");
      (form.querySelector(".chips") ? form : first || form).focus({ preventScroll: true });
      slot.scrollIntoView({ block: "nearest" });
    } else if (held) {
      const row = document.getElementById(held.id) || keep;
      const wrong = row && event.target === row && [...row.querySelectorAll(WRONG)].find((field) => field.checkVisibility());
      if (wrong) wrong.focus();
      else if (row && !row.contains(document.activeElement)) {
        const same = held.key && [...row.querySelectorAll("[data-key]")].find((element) => element.dataset.key === held.key);
        (same || row).focus({ preventScroll: true });
      }
    }
    held = null;
    document.querySelectorAll("form[data-draft]").forEach(restore);
    document.querySelectorAll("form[data-sheet]").forEach(count);
  });
  document.addEventListener("keydown", (event) => {
    const { target } = event;
    if (event.isComposing || event.keyCode === 229 || !target.closest) return;
    if (event.key === "Escape" && !target.matches("input, textarea, select")) {
      const close = target.closest(".row") && target.closest(".row").querySelector(".slot [data-close]");
      if (close) close.click();
    }
  });

  // What is typed outlives a reload, a sign-in and the exchange of its row; it goes when it was sent.
  const draftOf = (form) => `revops:draft:${member}:${form.dataset.draft}`;
  const typedIn = (form) => [...form.elements].filter((field) => field.name && field.type !== "hidden" && field.tagName !== "BUTTON");
  function keep(form) {
    const said = {};
    for (const field of typedIn(form)) {
      if (field.type === "radio" || field.type === "checkbox") { if (field.checked) said[field.name] = field.value; } else said[field.name] = field.value;
    }
    const row = rowOf(form);
    store(sessionStorage, draftOf(form), { said, row: row ? domOf(row) : "", slot: Boolean(form.closest(".slot")) });
  }
  function restore(form) {
    if (form.dataset.restored) return;
    form.dataset.restored = "1";
    const draft = stored(sessionStorage, draftOf(form), null);
    if (!draft) return;
    for (const field of typedIn(form)) {
      if (!(field.name in draft.said)) continue;
      if (field.type === "radio" || field.type === "checkbox") field.checked = field.value === draft.said[field.name];
      else if (!field.value || field.defaultValue === field.value) field.value = draft.said[field.name];
    }
  }
  for (const kind of ["input", "change"]) {
    document.addEventListener(kind, (event) => {
      const form = event.target.form;
      if (!form) return;
      if (form.matches("[data-draft]")) keep(form);
      if (form.matches("[data-sheet]")) count(form);
    });
  }
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, successful, requestConfig } = event.detail;
    if (!successful || !elt.matches || !elt.matches("form[data-draft]")) return;
    if (requestConfig.path === elt.dataset.draft && !event.detail.xhr.getResponseHeader("HX-Redirect")) store(sessionStorage, draftOf(elt), null);
  });

  // How much of the sheet is there, and whether a reason is needed to hand over.
  function count(form) {
    const items = [...form.querySelectorAll("[data-item]")];
    const filled = items.filter((item) => {
      const radio = item.querySelector("input[type=radio]:checked");
      if (item.querySelector("input[type=radio]")) return radio && radio.value !== "unknown";
      return [...item.querySelectorAll("input, textarea, select")].some((field) => field.value.trim());
    }).length;
    const shown = form.querySelector("[data-filled]");
    if (shown) shown.textContent = Math.min(filled, Number(form.querySelector("[data-required]").textContent));
    const short = form.querySelector("[data-short]");
    if (short) short.hidden = filled >= Number(form.querySelector("[data-required]").textContent);
  }

  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-pick-all]")) return;
    document.querySelectorAll("#queue .pick").forEach((box) => { box.checked = event.target.checked; });
  });

  // Clocks: the same words as the server's, once a minute. No row moves.
  const loaded = Date.now();
  const served = Date.parse(queue().dataset.now);
  const now = () => served + (Date.now() - loaded);
  function span(length) {
    const minutes = Math.max(0, Math.floor(length / 60000));
    const whole = Math.floor(minutes / 60);
    const parts = minutes >= 2880 ? [Math.floor(whole / 24), whole % 24, 0] : [0, whole, minutes % 60];
    const units = japanese ? ["日", "時間", "分"] : [" d", " h", " min"];
    return parts.map((n, i) => (n ? `${n}${units[i]}` : "")).filter(Boolean).join(japanese ? "" : " ") || `0${units[2]}`;
  }
  const RUNNING = /\d/;
  function tick() {
    for (const words of document.querySelectorAll("#queue [data-due]")) {
      const due = Date.parse(words.dataset.due);
      const opened = Date.parse(words.dataset.opened);
      const left = due - now();
      const clock = words.closest(".clk");
      const used = Math.max(0, Math.min(100, Math.floor((100 * (now() - opened)) / (due - opened || 1))));
      const isDated = words.textContent.includes(":") && RUNNING.test(words.textContent);
      if (left < 0) words.textContent = queue().dataset.over.replace("{span}", span(-left));
      else if (!isDated || left < 43200000) words.textContent = queue().dataset.left.replace("{span}", span(left));
      clock.classList.toggle("bad", left < 0);
      clock.classList.toggle("warn", left >= 0 && used >= 75);
      const bar = clock.querySelector("rect");
      if (bar) bar.setAttribute("width", `${left < 0 ? 100 : used}%`);
    }
  }
  setInterval(tick, 60000);

  // News: rows that came are counted, and shown when they are asked for.
  const SPREAD = 2500;
  const POLL = 60000;
  const FULL = 50;
  const show = document.getElementById("show-news");
  const mine = queue().dataset.departments.split(" ");
  let sign = "";
  let later = 0;
  async function check() {
    later = 0;
    let fresh;
    try {
      const answer = await fetch(queue().dataset.changes + location.search, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (!answer.ok || answer.redirected) return;
      fresh = await answer.json();
    } catch { return; }
    const known = new Set(rows().map(domOf));
    const came = fresh.rows.filter((name) => !known.has(name)).length;
    const listed = new Set(fresh.rows);
    const gone = fresh.rows.length < FULL && rows().some((row) => !row.matches(".done, .unsent") && !listed.has(domOf(row)));
    show.hidden = !came && !gone;
    show.textContent = came === 1 ? show.dataset.one : came ? show.dataset.many.replace("{n}", came) : show.dataset.other;
    for (const tab of document.querySelectorAll("#queue-tabs [data-tab]")) {
      const n = fresh.counts[tab.dataset.tab];
      tab.textContent = n >= fresh.count_to ? `${n}+` : n;
    }
  }
  function checkLater() { if (!later) later = setTimeout(check, 300 + Math.random() * SPREAD); }
  window.revopsLive.listen((kind, data) => {
    if (kind === "open") checkLater();
    if (kind !== "frame") return;
    const { departments } = JSON.parse(data);
    const read = JSON.stringify(mine.map((name) => departments[name]));
    if (read !== sign && sign) checkLater();
    sign = read;
  });
  setInterval(() => { if (!document.hidden) check(); }, POLL);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { tick(); checkLater(); } });
  show.addEventListener("click", async (event) => {
    event.preventDefault();
    show.hidden = true;
    const known = new Set(rows().map((row) => row.id));
    const url = new URL(location.href);
    if (chosen) url.searchParams.set("row", chosen.slice("row-".length));
    await htmx.ajax("GET", url.pathname + url.search, { target: "#queue", select: "#queue", selectOOB: "#queue-tabs", swap: "outerHTML" });
    for (const row of rows()) if (!known.has(row.id)) row.classList.add("fresh");
    const row = window.revopsKeys.current();
    if (row && document.activeElement === document.body) row.focus({ preventScroll: true });
  });

  // What could not be sent waits here, with the key that makes a repeat harmless, and the moment of the click.
  const OUTBOX = `revops:outbox:${member}`;
  const unsent = document.getElementById("unsent");
  const outbox = () => stored(localStorage, OUTBOX, []);
  function showUnsent() {
    const waiting = outbox();
    unsent.hidden = !waiting.length;
    unsent.textContent = unsent.dataset.words.replace("{n}", waiting.length);
    for (const row of rows()) row.classList.toggle("unsent", waiting.some((one) => one.row === domOf(row)));
    for (const one of waiting) mark(document.getElementById(`row-${one.row}`), `${one.label} · ${queue().dataset.wait}`);
  }
  function mark(row, words) {
    if (!row) return;
    let line = row.querySelector(":scope > .outcome");
    if (!line) { line = document.createElement("p"); line.className = "outcome"; line.append(document.createElement("span")); row.querySelector(".exp").before(line); }
    line.firstElementChild.className = "badge stale";
    line.firstElementChild.textContent = words;
  }
  function toast(words, kind = "") {
    const said = document.createElement("div");
    said.className = `toast ${kind}`;
    said.textContent = words;
    document.getElementById("toasts").prepend(said);
    setTimeout(() => said.remove(), 10000);
  }
  function queueUp(form, parameters, path) {
    const body = new URLSearchParams();
    for (const [name, value] of parameters) if (name !== "csrfmiddlewaretoken") body.append(name, value);
    const button = form.querySelector("[aria-busy], [data-clicked]");
    if (path.endsWith("/log/") && !body.get("occurred_at")) body.set("occurred_at", new Date(now()).toISOString());
    const one = { id: `${path}:${body.get("once")}`, path, body: body.toString(), row: body.get("row") || "", label: button ? button.firstChild.textContent.trim() : "" };
    const waiting = outbox();
    if (!waiting.some((other) => other.id === one.id)) store(localStorage, OUTBOX, [...waiting, one]);
    showUnsent();
  }
  for (const failure of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(failure, (event) => {
      const { elt, requestConfig } = event.detail;
      if (requestConfig.verb !== "post" || !elt.querySelector || !elt.querySelector("[name=once]")) return;
      event.stopPropagation();
      queueUp(elt, requestConfig.formData ? [...requestConfig.formData.entries()] : Object.entries(requestConfig.parameters), requestConfig.path);
    }, true);
  }
  // A one-click act met an ended session: it waits for the same person to sign in again.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { elt, requestConfig, xhr } = event.detail;
    if (requestConfig.verb !== "post" || !xhr.getResponseHeader("HX-Redirect")) return;
    if (elt.matches("form") && !elt.matches("[data-draft]") && rowOf(elt)) queueUp(elt, [...requestConfig.formData.entries()], requestConfig.path);
  });

  async function send(one) {
    const token = document.querySelector("[name=csrfmiddlewaretoken]");
    const answer = await fetch(one.path, {
      method: "POST", body: one.body, credentials: "same-origin", redirect: "manual",
      headers: { "Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true", "HX-Current-URL": location.href, "X-CSRFToken": token ? token.value : "" },
    });
    if (answer.headers.get("HX-Redirect")) { toast(queue().dataset.signedOut, "error"); return false; }
    if (![200, 409, 422].includes(answer.status)) return answer.status >= 400 && answer.status < 500 && answer.status !== 403;
    const came = document.createElement("template");
    came.innerHTML = await answer.text();
    const fresh = came.content.querySelector("article");
    const old = document.getElementById(`row-${one.row}`);
    if (fresh && old) {
      if (old.getAttribute("aria-current") !== "true") fresh.removeAttribute("aria-current");
      old.replaceWith(fresh);
      htmx.process(fresh);
    }
    const refused = came.content.querySelector(".error-summary, .error");
    if (answer.status === 200) toast(`${one.label} · ${queue().dataset.sent}`);
    else if (refused) toast(refused.textContent.trim(), "error");
    return true;
  }
  let sending = false;
  async function replay() {
    if (sending || !outbox().length) return;
    sending = true;
    const turn = async () => {
      for (const one of outbox()) {
        let settled = false;
        try { settled = await send(one); } catch { break; }
        if (!settled) break;
        store(localStorage, OUTBOX, outbox().filter((other) => other.id !== one.id));
      }
    };
    try {
      if (navigator.locks) await navigator.locks.request("revops-outbox", turn); else await turn();
    } finally { sending = false; showUnsent(); }
  }
  window.addEventListener("online", replay);
  setInterval(replay, 15000);
  unsent.addEventListener("click", replay);
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("form button[type=submit]");
    if (!button) return;
    for (const other of button.form.querySelectorAll("[data-clicked]")) delete other.dataset.clicked;
    button.dataset.clicked = "1";
  }, true);

  // Coming back: the same row, and what was typed into it.
  function comeBack() {
    document.querySelectorAll("form[data-draft]").forEach(restore);
    document.querySelectorAll("form[data-sheet]").forEach(count);
    const row = new URLSearchParams(location.search).has("row") ? null : document.getElementById(stored(sessionStorage, CHOSEN, ""));
    if (row && row.matches("[data-keys-row]")) window.revopsKeys.select(row, { focus: false });
    for (let i = 0; i < sessionStorage.length; i += 1) {
      const key = sessionStorage.key(i);
      if (!key.startsWith(`revops:draft:${member}:`)) continue;
      const draft = stored(sessionStorage, key, {});
      const home = draft.slot && document.getElementById(`row-${draft.row}`);
      const path = key.slice(`revops:draft:${member}:`.length);
      const opener = home && [...home.querySelectorAll("[hx-get]")].find((link) => link.getAttribute("hx-get").startsWith(path));
      if (opener) { window.revopsKeys.select(home, { focus: false }); opener.click(); break; }
    }
    showUnsent();
    replay();
  }
  if (document.readyState === "complete") comeBack(); else window.addEventListener("load", comeBack);
})();
