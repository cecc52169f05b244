"use strict";
// A meeting's screen: follows the room over the stream, moves it by keys, counts the shared timer, keeps what is typed.

(() => {
  const follow = document.getElementById("follow");
  if (!follow) return;

  const POLL = 5000;
  const bar = () => document.getElementById("meeting-bar");
  const head = () => document.getElementById("slide-head");
  const draft = `revops:decision:${follow.dataset.member}:${follow.dataset.meeting}`;
  let newest = Number(bar().dataset.version);
  let isOn = false;

  // A frame names the version of every meeting that runs: what is other than here is fetched, what is typed stays.
  function refresh() { htmx.trigger(follow, "changed"); }
  function hear(kind, data) {
    if (kind === "loss") { isOn = false; return; }
    if (kind === "resync") { refresh(); return; }
    if (kind !== "frame") return;
    isOn = true;
    const version = (JSON.parse(data).meetings || {})[follow.dataset.meeting];
    if (version !== undefined && version > Math.max(newest, Number(bar().dataset.version))) {
      newest = version;
      refresh();
    }
  }
  if (window.revopsLive) window.revopsLive.listen(hear);
  setInterval(() => { if (!isOn && !document.hidden && navigator.onLine) refresh(); }, POLL);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });

  // Who may move the room moves it with the links of the agenda; others look at the slide by themselves. A key that is
  // pressed again before the slide has come goes on from the slide that was asked for.
  // Moves are sent one after another: two at once could arrive the other way round.
  const mover = document.getElementById("mover");
  let asked = null;
  function show(slide) {
    asked = Math.max(1, Math.min(slide, document.querySelectorAll("#agenda-rail li").length));
    const token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
    htmx.ajax("POST", follow.dataset.show, { source: mover, swap: "none", selectOOB: follow.getAttribute("hx-select-oob"), values: { slide: asked, csrfmiddlewaretoken: token } });
  }
  document.addEventListener("htmx:oobAfterSwap", () => { if (Number(head().dataset.slide) === asked) asked = null; });
  document.addEventListener("htmx:sendError", () => { asked = null; });
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("#agenda-rail a");
    if (!link || !follow.dataset.show || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const step = { prev: -1, next: 1 }[link.rel];
    const here = asked ?? Number(head().dataset.slide);
    show(step ? here + step : Number(new URL(link.href).searchParams.get("slide")));
  });

  // Space is the timer and Escape leaves, unless something has the keys for itself.
  const isTyping = (element) => element.matches("input, textarea, select, button, a, summary, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && event.target.matches("input")) { event.target.blur(); return; }
    const pressed = { " ": "Space", Escape: "Escape" }[event.key];
    if (!pressed || isTyping(event.target)) return;
    const target = document.querySelector(`[data-key="${pressed}"]`);
    if (target) { event.preventDefault(); target.click(); }
  });

  // The timer: minutes as the server says them, counted on here.
  let since = performance.now();
  function tick() {
    const timer = bar().querySelector(".timer");
    if (!timer || !("runs" in timer.dataset)) return;
    const left = Number(timer.dataset.left) - Math.floor((performance.now() - since) / 1000);
    const minutes = Math.floor(Math.abs(left) / 60);
    const words = left < 0 ? timer.dataset.wordsOver : timer.dataset.wordsLeft;
    const text = words.replace("{n}", minutes);
    if (timer.textContent !== text) timer.textContent = text;
    timer.classList.toggle("bad", left < 0);
  }
  setInterval(tick, 1000);
  document.addEventListener("htmx:oobAfterSwap", () => { since = performance.now(); });

  // Nothing typed is ever lost: a line waits here until it is sent, and what was sent until it was taken. The line is free
  // for the next decision at once; what could not be taken comes back into it.
  const line = () => document.getElementById("decision");
  if (line()) {
    const sent = `${draft}:sent`;
    const keep = () => (line().value ? localStorage.setItem(draft, line().value) : localStorage.removeItem(draft));
    const putBack = (text) => {
      localStorage.removeItem(sent);
      if (text) line().value = [text, line().value].filter(Boolean).join(" ");
      keep();
    };
    const isTaken = (text) => document.getElementById("decided").textContent.includes(text.normalize("NFKC").split("@")[0].replace(/\s+/g, " ").trim());
    const left = localStorage.getItem(sent);
    // A page that came back with a fault holds the line already.
    if (!line().value) {
      line().value = localStorage.getItem(draft) || "";
      if (left && left !== line().value && !isTaken(left)) putBack(left);
    }
    localStorage.removeItem(sent);
    document.addEventListener("input", (event) => {
      if (event.target !== line()) return;
      line().removeAttribute("aria-invalid");
      keep();
    });
    const isOurs = (event) => event.detail.elt === line().form;
    document.addEventListener("htmx:beforeRequest", (event) => {
      if (!isOurs(event)) return;
      localStorage.setItem(sent, line().value);
      localStorage.removeItem(draft);
      line().value = "";
      line().blur();
    });
    document.addEventListener("htmx:afterRequest", (event) => {
      if (!isOurs(event)) return;
      if (event.detail.xhr && event.detail.xhr.status === 200) { localStorage.removeItem(sent); return; }
      putBack(localStorage.getItem(sent));
      line().setAttribute("aria-invalid", "true");
      line().focus();
    });
  }
})();
